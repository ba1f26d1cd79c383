"""What is in a wheel's file: its metadata and its ELF files, read without unpacking it to a folder and without running anything.

The file is untrusted. Everything that it claims about itself is checked against a limit before anything of that size is made; one
ELF file at a time is inflated, into a private temporary file without a name.
"""

import csv
import io
import os
import stat
import struct
import sys
import tempfile
import zipfile
from array import array
from dataclasses import dataclass
from itertools import islice

from .._abi import INTERPRETERS
from .._elf import read_elf
from .._errors import InvalidWheel, MltagsError, said
from .._wheel import parse_wheel_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import IO, Any

    from .._wheel import Wheel

    Progress = Callable[[str, int, int], None]

#: Bytes of the list of a wheel's entries; one with 20,000 entries has 3 MB.
MAX_LIST = 8 << 20
#: Characters of an entry's name, or of a text in an ELF file; no file system takes longer ones.
MAX_NAME = 4096
#: Characters of all that a wheel's ELF files tell of themselves; TensorFlow's tell 60,000.
MAX_TOLD = 4 << 20
#: Bytes of WHEEL and RECORD.
MAX_METADATA = 16 << 20
#: Bytes of one ELF file, and so of the disk that is used; the largest known have 2 GB.
MAX_ELF = 4 << 30
#: Bytes of all entries together; and how much larger than its file a wheel that claims more than SMALL may be.
MAX_TOTAL = 16 << 30
SMALL = 1 << 30
MAX_RATIO = 100
#: Bytes of a table of strings or symbols: TensorFlow's 220 MB library has 12 and 2 MB.
MAX_TABLE = 40 << 20
#: Segments, dynamic tags and versions; real files have tens of each.
MAX_COUNT = 10_000

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Binary:
    """One ELF file of a wheel.

    * ``path``: the name of its entry; ``place``: where it is installed, below site-packages.
    * ``arch``: the architecture whose interpreters load it; ``key``: machine, bits and byte order as in its header.
    * ``checksum``: of all its bytes, and their number.
    * ``soname``, ``needed``, ``folders``: DT_SONAME, DT_NEEDED, and DT_RUNPATH or DT_RPATH.
    * ``versions``: (library, symbol version) that it needs; ``defined``: those that it defines, for a
      library of the system.
    * ``state``: the data of the C++ runtime that it exports, ``proxy`` whether ``__once_proxy`` as well; ``taken``: undefined
      symbols that it takes from ``libstdc++.so.6``.
    """

    path: "str"
    place: "str"
    arch: "str"
    key: "tuple[int, int, str]"
    checksum: "tuple[int, int]"
    soname: "str"
    needed: "tuple[str, ...]"
    folders: "tuple[str, ...]"
    versions: "tuple[tuple[str, str], ...]"
    defined: "frozenset[str]"
    state: "frozenset[str]"
    proxy: "bool"
    taken: "frozenset[str]"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a wheel's file holds: the parts of its ``name``, its metadata's ``tags``, its ``binaries``, and those of them that
    RECORD leaves out (``unlisted``) and that go to purelib (``pure``)."""

    filename: "str"
    wheel: "Wheel"
    tags: "frozenset[str]"
    binaries: "tuple[Binary, ...]"
    unlisted: "tuple[str, ...]"
    pure: "tuple[str, ...]"


def read_wheel(path: "str", wanted: "Collection[bytes]", progress: "Progress | None" = None) -> "Contents":
    """Read a wheel's file. *wanted*: the names of the C++ runtime's state; *progress* is told (file name, bytes read, of bytes).

    Raises:
        InvalidWheel: it cannot be read, or claims what no wheel would.
        InvalidWheelName: its name is none of a wheel.
        MltagsError: pyelftools is missing.
    """
    try:
        import elftools  # noqa: F401
    except ImportError as problem:
        raise MltagsError("pyelftools, which reads the ELF files, is not installed: pip install 'mltags[audit]'") from problem
    filename = os.path.basename(path)
    wheel = parse_wheel_name(filename)
    part = "file"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # nobody waits for a FIFO
            raise InvalidWheel(path, part, "not a regular file")
        with _Frugal(io.FileIO(path)) as file, zipfile.ZipFile(file) as archive, tempfile.TemporaryFile() as room:
            entries = _entries(path, archive, os.fstat(file.fileno()).st_size)
            total = sum([entry.file_size for entry in entries])
            done = told = 0
            binaries = []
            for entry in entries:
                part = entry.filename
                if progress is not None:
                    progress(filename, done, total)
                done += entry.file_size
                if _inflate_elf(archive, entry, room):
                    binaries.append(read_binary(room, entry.filename, wanted, (entry.CRC, entry.file_size)))
                    told += len(repr(binaries[-1]))
                    if told > MAX_TOLD:
                        raise ValueError("the ELF files name more libraries and versions than any need")
            part = "WHEEL"
            folder = _folder(path, archive.namelist())
            fields = _text(archive, f"{folder}/WHEEL").splitlines()
            part = "RECORD"
            listed = _recorded(archive, f"{folder}/RECORD", {binary.path for binary in binaries})
    except MltagsError:
        raise
    except Exception as problem:  # zipfile and pyelftools raise whatever the bytes lead them to
        words = problem.strerror if isinstance(problem, OSError) and problem.strerror else said(problem)
        if isinstance(problem, zipfile.BadZipFile):
            words = f"no zip archive, or a damaged one: {problem}"
        raise InvalidWheel(path, part, f"cannot be read: {words}") from problem
    tags = [line.partition(":")[2].strip() for line in fields if line.lower().startswith("tag:")]
    is_pure = any(line.lower().replace(" ", "") == "root-is-purelib:true" for line in fields)
    unlisted = [binary.path for binary in binaries if binary.path not in listed]
    pure = [binary.path for binary in binaries if _place(binary.path, is_pure=is_pure)[1]]
    return Contents(filename, wheel, frozenset(tags), tuple(binaries), tuple(unlisted), tuple(pure))


class _Frugal(io.BufferedReader):
    """A wheel's file for zipfile, which would read a list of entries as large as the file claims."""

    def read(self, size: "int | None" = -1) -> "bytes":
        data = super().read(MAX_LIST + 1 if size is None or size < 0 else min(size, MAX_LIST + 1))
        if len(data) > MAX_LIST:
            raise ValueError(f"a list of entries of more than {MAX_LIST} bytes")
        return data


def _entries(path: "str", archive: "zipfile.ZipFile", size: "int") -> "list[zipfile.ZipInfo]":
    """The files in a wheel; ``InvalidWheel`` for what no wheel has."""
    entries = archive.infolist()
    names: set[str] = set()
    for entry in entries:
        name = entry.filename
        words = name.rstrip("/").split("/")
        if len(name) > MAX_NAME or "\\" in name or not name.isprintable() or {"", ".", ".."} & set(words):
            raise InvalidWheel(path, name, "a relative path without '..', '\\' and control characters is accepted")
        if name in names:
            raise InvalidWheel(path, name, "two entries have this name; which of them would be installed is not told")
        if entry.flag_bits & 0x1:
            raise InvalidWheel(path, name, "it is encrypted; plain entries are accepted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidWheel(path, name, f"compression method {entry.compress_type}; stored and deflated are accepted")
        if entry.file_size > MAX_ELF:
            raise InvalidWheel(path, name, f"it claims {entry.file_size} bytes; up to {MAX_ELF} are accepted")
        names.add(name)
    total = sum([entry.file_size for entry in entries])
    if total > min(MAX_TOTAL, max(SMALL, MAX_RATIO * size)):
        raise InvalidWheel(path, "size", f"its entries claim {total} bytes, out of a file of {size}")
    return [entry for entry in entries if not entry.is_dir()]


def _inflate_elf(archive: "zipfile.ZipFile", entry: "zipfile.ZipInfo", room: "IO[bytes]") -> "bool":
    """Inflate an entry to *room*, in place of what is there, where it is an ELF file; whether it is."""
    with archive.open(entry) as stream:
        data = stream.read(4)
        if data != b"\x7fELF":
            return False
        room.seek(0)
        room.truncate()
        while data:
            room.write(data)
            data = stream.read(_CHUNK)
    room.flush()
    return True


def _folder(path: "str", names: "list[str]") -> "str":
    found = [name for name in names if name.endswith(".dist-info/WHEEL") and name.count("/") == 1]
    if len(found) != 1:
        raise InvalidWheel(path, "WHEEL", f"one folder '*.dist-info' with it is accepted, not {len(found)}")
    return found[0].rpartition("/")[0]


def _text(archive: "zipfile.ZipFile", name: "str") -> "str":
    with archive.open(name) as stream:
        data = stream.read(MAX_METADATA + 1)
    if len(data) > MAX_METADATA:
        raise ValueError(f"it is larger than {MAX_METADATA} bytes")
    return data.decode("utf-8", "replace")


def _recorded(archive: "zipfile.ZipFile", name: "str", paths: "set[str]") -> "set[str]":
    """Those of *paths* that RECORD lists; none where there is no RECORD."""
    if name not in archive.namelist():
        return set()
    return {row[0] for row in csv.reader(_text(archive, name).splitlines()) if row and row[0] in paths}


def _place(path: "str", *, is_pure: "bool" = False) -> "tuple[str, bool]":
    """Where an entry is installed, below site-packages (what goes elsewhere keeps its name), and whether that is purelib."""
    words = path.split("/")
    if words[0].endswith(".data") and len(words) > 2:
        return ("/".join(words[2:]) if words[1] in {"purelib", "platlib"} else path), words[1] == "purelib"
    return path, is_pure


def read_binary(
    file: "IO[bytes]", path: "str", wanted: "Collection[bytes] | None", checksum: "tuple[int, int]" = (0, 0)
) -> "Binary":
    """Read an ELF file. *wanted*: the names of the data that counts as the C++ runtime's state; None: all of them.

    Raises whatever the bytes lead pyelftools to, and ``ValueError`` for what is beyond the limits.
    """

    def read(size: "int", offset: "int") -> "bytes":
        file.seek(offset)
        return file.read(size)

    head = read_elf(read)
    if isinstance(head, str):
        raise ValueError(head)
    key = head.machine, head.bits, head.order
    arch = INTERPRETERS.get(key, f"machine {head.machine} ({head.bits} bits, {head.order}-endian)")
    dynamic = _Dynamic(file, head.order)
    soname, needed = "".join(dynamic.texts("DT_SONAME")[:1]), tuple(dynamic.texts("DT_NEEDED"))
    folders = tuple(":".join(dynamic.texts("DT_RUNPATH") or dynamic.texts("DT_RPATH")).split(":"))
    needs = dynamic.needs()
    versions = tuple(dict.fromkeys([(library, version) for library, version, _ in needs]))
    defined = frozenset(dynamic.defines() if wanted is None else ())
    exports = dynamic.symbols(wanted, needs)
    if head.interpreter is not None:  # a program has copies of what it uses, and is a process of its own
        exports = frozenset(), exports[1], frozenset()
    return Binary(path, _place(path)[0], arch, key, checksum, soname, needed, folders, versions, defined, *exports)


class _Dynamic:
    """What the loader reads of an ELF file: the tables that its dynamic segment names. Sections are not asked; the loader
    does not ask them either."""

    def __init__(self, file: "IO[bytes]", order: "str") -> "None":
        from elftools.common.utils import struct_parse
        from elftools.elf.dynamic import Dynamic
        from elftools.elf.elffile import ELFFile

        self._file = file
        self._mark = "<" if order == "little" else ">"
        self._elf = ELFFile(file)
        start, size, count = [self._elf[name] for name in ("e_phoff", "e_phentsize", "e_phnum")]
        if count > MAX_COUNT:
            raise ValueError(f"it claims {count} segments")
        segments = [struct_parse(self._elf.structs.Elf_Phdr, file, start + n * size) for n in range(count)]
        self._loaded = [segment for segment in segments if segment.p_type == "PT_LOAD"]
        self._fixed = [segment for segment in segments if segment.p_type == "PT_GNU_RELRO"]
        self._tags: dict[str | int, list[int]] = {}
        self._strings = b""
        strings: Any = self
        for segment in [segment for segment in segments if segment.p_type == "PT_DYNAMIC"][:1]:
            tags = Dynamic(file, self._elf, strings, segment.p_offset, segment.p_filesz == 0).iter_tags()
            for tag in _bounded(tags, "dynamic tags"):
                self._tags.setdefault(tag.entry.d_tag, []).append(tag.entry.d_val)
        self._strings = self._table("DT_STRTAB", self._number("DT_STRSZ"))

    def get_string(self, offset: "int") -> "str":
        """The text at an offset of the string table, as pyelftools asks for it; cut where it is absurdly long."""
        return self._strings[offset : offset + MAX_NAME].partition(b"\0")[0].decode("utf-8", "backslashreplace")

    def texts(self, tag: "str") -> "list[str]":
        """The texts that the dynamic tags of a kind name, in order."""
        return [self.get_string(offset) for offset in self._tags.get(tag, [])]

    def _number(self, tag: "str") -> "int":
        return self._tags.get(tag, [0])[0]

    def _offset(self, tag: "str") -> "int":
        """Where in the file the table is that *tag* names; -1 where it is nowhere."""
        address = self._number(tag)
        for header in self._loaded:
            if address and header.p_vaddr <= address < header.p_vaddr + header.p_filesz:
                return int(address - header.p_vaddr + header.p_offset)
        return -1

    def _table(self, tag: "str", size: "int", offset: "int" = 0) -> "bytes":
        """What stands *offset* bytes behind the beginning of a table; nothing where there is no such table."""
        start = self._offset(tag)
        if start < 0:
            return b""
        if size > MAX_TABLE:
            raise ValueError(f"the table of {tag} claims {size} bytes; up to {MAX_TABLE} are read")
        self._file.seek(start + offset)
        data = self._file.read(size)
        if len(data) < size:
            raise ValueError(f"the table of {tag} is cut off by the end of the file")
        return data

    def _numbers(self, tag: "str", count: "int", offset: "int" = 0, code: "str" = "I") -> "array[int]":
        found = array(code)
        found.frombytes(self._table(tag, found.itemsize * count, offset))
        if self._mark != "<>"[sys.byteorder == "big"]:
            found.byteswap()
        return found

    def _versions(self, kind: "str", tag: "str") -> "list[tuple[Any, Any]]":
        from elftools.elf import gnuversions

        offset = self._offset(tag)
        if offset < 0:
            return []
        header = {"sh_offset": offset, "sh_info": self._number(f"{tag}NUM"), "sh_flags": 0, "sh_size": 0, "sh_addralign": 0}
        section = getattr(gnuversions, kind)(header, "", self._elf, self)
        return _bounded(((version, part) for version, parts in section.iter_versions() for part in parts), "symbol versions")

    def needs(self) -> "list[tuple[str, str, int]]":
        """The symbol versions that are needed: (library, version, index)."""
        rows = self._versions("GNUVerNeedSection", "DT_VERNEED")
        return [(version.name, part.name, part["vna_other"]) for version, part in rows if not part["vna_flags"] & _WEAK]

    def defines(self) -> "set[str]":
        """The symbol versions that are defined."""
        return {part.name for _, part in self._versions("GNUVerDefSection", "DT_VERDEF")}

    def symbols(
        self, wanted: "Collection[bytes] | None", versions: "list[tuple[str, str, int]]"
    ) -> "tuple[frozenset[str], bool, frozenset[str]]":
        """The state that is exported, whether ``__once_proxy`` as well, and what is taken from ``libstdc++.so.6``.

        pyelftools takes 39 microseconds for a symbol, and a library may have a hundred thousand, so the raw table is walked.
        Source: gABI, chapter 4.
        """
        is_wide = self._elf.elfclass == 64
        layout = struct.Struct(self._mark + ("IBBHQQ" if is_wide else "IIIBBH"))
        count = self._count(8 if is_wide else 4)
        table = self._table("DT_SYMTAB", layout.size * count)
        marks = self._numbers("DT_VERSYM", count, code="H") if "DT_VERSYM" in self._tags else bytes(count)
        runtime = {index for library, _, index in versions if library == "libstdc++.so.6"}
        strings = self._strings
        state: set[bytes] = set()
        taken: set[bytes] = set()
        proxy = False
        for place, (name, *rest) in enumerate(layout.iter_unpack(table)):
            info, other, section, value = rest[:4] if is_wide else (rest[2], rest[3], rest[4], rest[0])
            if info >> 4 not in _GLOBAL or other & 3 not in _VISIBLE:
                continue
            if section == 0:
                if marks[place] in runtime:
                    text = strings[name : strings.find(b"\0", name)]
                    if wanted is None or text in wanted:
                        taken.add(text)
            elif strings.startswith(b"__once_proxy\0", name):
                proxy = True
            elif info & 15 == _TLS or (info & 15 == _OBJECT and self._is_writable(value)):
                text = strings[name : strings.find(b"\0", name)]
                if wanted is None or text in wanted:
                    state.add(text)
        return frozenset([_decoded(name) for name in state]), proxy, frozenset([_decoded(name) for name in taken])

    def _is_writable(self, address: "int") -> "bool":
        """Whether what is at *address* may change while the program runs: tables of virtual functions, for one, may not."""
        if any(header.p_vaddr <= address < header.p_vaddr + header.p_memsz for header in self._fixed):
            return False
        return any(h.p_flags & 2 and h.p_vaddr <= address < h.p_vaddr + h.p_memsz for h in self._loaded)

    def _count(self, word: "int") -> "int":
        """The number of symbols, which only the hash tables tell. Source: gABI, chapter 5; for DT_GNU_HASH the GNU linker."""
        if "DT_GNU_HASH" not in self._tags:
            is_odd = self._elf["e_machine"] == "EM_S390" and word == 8  # its words are longer than everybody else's
            return self._numbers("DT_HASH", 2, code="Q" if is_odd else "I")[1] if "DT_HASH" in self._tags else 0
        buckets, first, words, _ = self._numbers("DT_GNU_HASH", 4)
        start = 16 + words * word
        last = max(self._numbers("DT_GNU_HASH", buckets, start), default=0)
        if last < first:
            return first
        chain = start + 4 * (buckets - first)
        for place in range(last, last + MAX_COUNT):
            if self._numbers("DT_GNU_HASH", 1, chain + 4 * place)[0] & 1:
                return place + 1
        raise ValueError("the table of DT_GNU_HASH has no end")


#: STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE; STV_DEFAULT, STV_PROTECTED; STT_OBJECT, STT_TLS. Source: gABI, chapter 4.
_GLOBAL = (1, 2, 10)
_VISIBLE = (0, 3)
_OBJECT = 1
_TLS = 6


#: VER_FLG_WEAK: the loader does without such a version.
_WEAK = 2


def _bounded(items: "Iterable[Any]", what: "str") -> "list[Any]":
    found = list(islice(items, MAX_COUNT + 1))
    if len(found) > MAX_COUNT:
        raise ValueError(f"more than {MAX_COUNT} {what}")
    return found


def _decoded(name: "bytes") -> "str":
    return name.decode("utf-8", "backslashreplace")
