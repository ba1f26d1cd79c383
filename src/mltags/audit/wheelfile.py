"""What a wheel's file holds: its metadata and its ELF files, read without unpacking it to a folder and without running anything.

The file is untrusted. What it claims about itself is checked against what it holds before memory of that size is allocated, and one
malformed entry does not spoil the rest.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .. import _abi, _errors, _wheel
from . import archive, elffile, policies

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from typing import IO

    from .. import _elf

    Progress = Callable[[str, int, int], None]

#: Bytes of WHEEL, METADATA and RECORD, and of a Python file.
MAX_METADATA = 64 << 20
MAX_SOURCE = 4 << 20
#: Characters of names that are kept of a wheel, in all its ELF files together. TensorFlow's have 60,000.
MAX_KEPT = 16 << 20
#: Malformed entries that are named.
MAX_FAULTS = 1000

#: Files that the loader never sees: separate debugging information.
_DEBUG = (".debug", ".dwo", ".dwp")
#: Processors to which programs pass code themselves: CUDA, AMDGPU, BPF, VE. Source: gABI, e_machine.
_ACCELERATORS = frozenset([190, 224, 247, 251])
_SHARED = re.compile(r"\.so(\.[0-9]+)*$")
#: How linker scripts begin, which may take the place of a shared library.
_LINKER_SCRIPTS = (b"/* GNU ld script", b"INPUT", b"GROUP", b"OUTPUT_FORMAT")


class Need(NamedTuple):
    """A symbol version that a file needs from a ``library``, and the first few of the ``symbols`` that need it."""

    library: str
    version: str
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """One ELF file of a wheel.

    * ``path``: the name of its entry; ``place``: where it is installed, seen from site-packages.
    * ``head``: its header; ``arch``: the architecture whose interpreters load it, None if it has no name here.
    * ``checksum``: the checksum and the number of its bytes.
    * ``is_program``: it is run, not loaded; ``is_module``: Python can import it.
    * ``soname``, ``needed``, ``rpath``, ``runpath``: those of the dynamic section.
    * ``needs``: the symbol versions that it cannot do without; ``defined``: those that it defines.
    * ``odd_symbols``: (library, symbol) pairs that some systems lack although they have the library.
    * ``isa``: the level of x86-64 that its mark asks for, 1 if it is unmarked; ``api``: the API level of Android that it was built
      for, 0 for none.
    * ``has_stack``, ``has_text_relocations``, ``is_cut``: it asks for an executable stack, makes the loader write to its code, has a
      segment beyond its end; ``alignment``: the smallest of its segments.
    * ``image``: what the loader's model keeps of it.
    * ``problems``: what could not be read.
    """

    path: str
    place: str
    head: _elf.Elf
    arch: str | None
    checksum: tuple[int, int]
    is_program: bool
    is_module: bool
    soname: str
    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    needs: tuple[Need, ...]
    defined: frozenset[str]
    odd_symbols: tuple[tuple[str, str], ...]
    isa: int
    api: int
    has_stack: bool
    has_text_relocations: bool
    is_cut: bool
    alignment: int
    image: elffile.Image
    problems: tuple[str, ...]

    @property
    def key(self) -> tuple[int, int, str]:
        """What must be equal in a program and its libraries: machine, bits and byte order."""
        return self.head.machine, self.head.bits, self.head.order

    @property
    def machine(self) -> str:
        """Its architecture in words."""
        head = self.head
        if self.arch == "armv7l" and not _abi.has_abi_of("armv7l", head):
            return "soft-float ARM or an older ABI of it"
        return self.arch or f"machine {head.machine} ({head.bits} bits, {head.order}-endian)"


class Fault(NamedTuple):
    """A malformed entry: what is wrong with it, by which rule, and whether that breaks something."""

    path: str
    rule: str
    problem: str
    is_serious: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What a wheel's file holds.

    * ``path``: of the file; ``filename`` and its parts, ``wheel``.
    * ``tags``: the Tag lines of WHEEL, as they are; ``has_late_tags``: some come after a blank line, which ends the header.
    * ``binaries``: its ELF files; ``unlisted``: the paths of those that RECORD leaves out; ``pure``: of those that go to purelib;
      ``is_pure``: WHEEL says Root-Is-Purelib.
    * ``requires``: the projects that Requires-Dist names, without those that only an extra needs.
    * ``faults``: malformed entries.
    """

    path: str
    filename: str
    wheel: _wheel.Wheel
    tags: tuple[str, ...]
    has_late_tags: bool
    binaries: tuple[Binary, ...]
    unlisted: tuple[str, ...]
    pure: tuple[str, ...]
    is_pure: bool
    requires: tuple[str, ...]
    faults: tuple[Fault, ...]


def read_wheel(path: str, progress: Progress | None = None) -> Contents:
    """Read a wheel's file. *progress* is called with (filename, bytes read, of bytes).

    Raises:
        InvalidWheel: it cannot be read, or claims what no wheel would.
        InvalidWheelName: its name is not a valid wheel filename.
    """
    filename = os.path.basename(path)
    wheel = _wheel.parse_wheel_name(filename)
    part = "file"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # nobody waits for a FIFO
            raise _errors.InvalidWheel(path, part, "not a regular file")
        with io.FileIO(path) as file:
            opened = archive.Archive(file)
            reader = _Reader(opened)
            binaries = tuple(reader.binaries(partial(progress, filename) if progress else None))
            part = "WHEEL"
            entries = {entry.filename: entry for entry in opened.entries}
            folder = _folder(path, [*entries])
            tags, late, is_pure = _read_tags(_text(opened, entries[f"{folder}/WHEEL"]))
            listed = _recorded(reader.text(entries.get(f"{folder}/RECORD")), {binary.path for binary in binaries})
            requires = required(header(reader.text(entries.get(f"{folder}/METADATA"))).get("requires-dist", []))
    except _errors.MltagsError:
        raise
    except Exception as problem:  # malformed bytes make zipfile raise almost anything
        words = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        if isinstance(problem, zipfile.BadZipFile):
            words = "not a zip archive, or cut off" if "not a zip" in str(problem) else f"a damaged zip archive: {problem}"
        elif not isinstance(problem, (OSError, ValueError, archive.EntryError)):
            words = _errors.exception_text(problem)
        raise _errors.InvalidWheel(path, part, f"cannot be read: {words}") from problem
    unlisted = tuple([binary.path for binary in binaries if binary.path not in listed])
    pure = tuple([binary.path for binary in binaries if _place(binary.path)[1]])
    faults = tuple(reader.faults[:MAX_FAULTS])
    return Contents(path, filename, wheel, tags, late, binaries, unlisted, pure, is_pure, requires, faults)


def sources(path: str, words: Collection[str]) -> Iterator[str]:
    """The texts of the Python files in a wheel that contain one of *words*; none if they cannot be read."""
    wanted = re.compile("|".join([re.escape(word) for word in words]).encode())
    # Errors in the file were reported when it was first read.
    with suppress(OSError, ValueError, zipfile.BadZipFile, archive.EntryError), io.FileIO(path) as file:
        opened = archive.Archive(file)
        for entry in opened.entries:
            if entry.filename.endswith(".py") and entry.file_size < MAX_SOURCE:
                data = opened.read(entry, MAX_SOURCE)
                if wanted.search(data):
                    yield data.decode("utf-8", "replace")


class _Reader:
    """The ELF files of an archive; ``faults``: what is wrong with its entries."""

    def __init__(self, opened: archive.Archive) -> None:
        self._archive = opened
        self._kept = 0
        self.faults = [Fault(name, "entry", problem, is_serious=True) for name, problem in opened.odd[:MAX_FAULTS]]

    def _fault(self, path: str, problem: str, *, is_serious: bool) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(path, "elf", problem, is_serious=is_serious))

    def binaries(self, progress: Callable[[int, int], object] | None) -> Iterator[Binary]:
        """The ELF files, in order."""
        done = 0
        for entry in self._archive.entries:
            if progress is not None:
                progress(done, self._archive.size)
            done += entry.file_size
            is_shared = _SHARED.search(entry.filename) is not None
            try:
                head = self._archive.begin(entry, 200 if is_shared else 4)
                if head.startswith(b"\x7fELF"):
                    file = self._archive.open(entry)
                    binary = read_binary(file, entry.filename, (entry.CRC, entry.file_size))
                    if binary is not None:
                        self._kept += binary_size(binary)
                        yield binary
                elif problem := misnamed(entry.filename, head):
                    self._fault(entry.filename, problem, is_serious=True)
            except (elffile.ElfError, archive.EntryError) as problem:
                self._fault(entry.filename, f"cannot be read: {problem}", is_serious=is_shared)
            if self._kept > MAX_KEPT:
                raise ValueError("the ELF files name more libraries and versions than any need")

    def text(self, entry: zipfile.ZipInfo | None) -> str:
        """The text of an entry of the metadata; empty if there is none, or if it cannot be read."""
        if entry is None:
            return ""
        try:
            return _text(self._archive, entry)
        except archive.EntryError as problem:
            self._fault(entry.filename, f"cannot be read: {problem}", is_serious=True)
            return ""


def misnamed(path: str, head: bytes, what: str = "not an ELF file") -> str:
    """What is wrong with a file that begins with *head* and is not machine code, if its name is that of a shared library.

    Linker scripts are in order. *what*: what to say of any other file.
    """
    if not _SHARED.search(path) or head.lstrip().startswith(_LINKER_SCRIPTS):
        return ""
    if head.startswith(b"version https://git-lfs"):
        what = "a pointer of Git LFS, without the file itself"
    return f"is named as a shared library and is {what if head else 'empty'}"


def binary_size(binary: Binary) -> int:
    """Characters of all names in what is kept of an ELF file."""
    texts = [binary.path, binary.soname, *binary.needed, *binary.rpath, *binary.runpath, *binary.defined, *binary.problems]
    texts += [text for need in binary.needs for text in (need.library, need.version, *need.symbols)]
    names = [*binary.image.defined, *[reference.name for reference in binary.image.wanted]]
    return sum(map(len, texts)) + sum(map(len, names)) + 40 * (len(binary.needs) + len(names))


def _folder(path: str, names: list[str]) -> str:
    found = [name for name in names if name.endswith(".dist-info/WHEEL") and name.count("/") == 1]
    if len(found) != 1:
        raise _errors.InvalidWheel(path, "WHEEL", f"expected one folder '*.dist-info' with a file WHEEL, found {len(found)}")
    return found[0].rpartition("/")[0]


def _text(opened: archive.Archive, entry: zipfile.ZipInfo) -> str:
    return opened.read(entry, MAX_METADATA).decode("utf-8", "replace")


def _read_tags(text: str) -> tuple[tuple[str, ...], bool, bool]:
    """The Tag lines of WHEEL, whether some of them come after a blank line, and whether the root is purelib."""
    fields, every = header(text), header(text, ends=False)
    tags = every.get("tag", [])
    is_pure = "true" in [value.lower() for value in fields.get("root-is-purelib", [])]
    return tuple(dict.fromkeys(tags)), len(fields.get("tag", [])) < len(tags), is_pure


def header(text: str, *, ends: bool = True) -> dict[str, list[str]]:
    """The fields of a header by lower-case name, up to the first empty line; of all lines if *ends* is False."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if ends and not line.strip():
            break
        name, colon, value = line.partition(":")
        if colon and not line.startswith((" ", "\t")):
            found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


def _recorded(text: str, paths: set[str]) -> set[str]:
    """Those of *paths* that RECORD lists, up to the first line that is not CSV."""
    found: set[str] = set()
    with suppress(csv.Error):
        for row in csv.reader(text.splitlines()):
            found.update(paths.intersection(row[:1]))
    return found


def required(lines: Iterable[str]) -> tuple[str, ...]:
    """The projects that lines of Requires-Dist name, without those that only an extra needs."""
    rows = [(re.match(r"\s*([A-Za-z0-9._-]{1,200})", line), line.partition(";")[2]) for line in lines]
    return tuple(dict.fromkeys([name[1] for name, marker in rows if name and not re.search(r"\bextra\b", marker)]))


#: Where the folders under ``*.data`` go, seen from the site-packages of an ordinary prefix.
_SCHEMES = {"purelib": "", "platlib": "", "data": "../../../", "scripts": "../../../bin/"}


def _place(path: str) -> tuple[str, bool]:
    """Where an entry is installed, seen from site-packages, and whether it is in a folder for files of any platform."""
    words = path.split("/")
    if words[0].endswith(".data") and len(words) > 2 and words[1] in _SCHEMES:
        return _SCHEMES[words[1]] + "/".join(words[2:]), words[1] == "purelib"
    return path, False


def read_binary(file: IO[bytes], path: str, checksum: tuple[int, int] = (0, 0)) -> Binary | None:
    """Read an ELF file; None for one that the loader never sees: an object, a core, code for an accelerator.

    Raises:
        ElfError: it is not an ELF file, or its header is cut off.
    """
    elf = elffile.ElfFile(file)
    if elf.type not in (elffile.ET_EXEC, elffile.ET_DYN) or elf.head.machine in _ACCELERATORS or path.endswith(_DEBUG):
        return None
    place = _place(path)[0]
    is_program = elf.head.interpreter is not None or elf.type == elffile.ET_EXEC
    undefined = _Undefined(elf)
    needs = tuple(dict.fromkeys([
        Need(need.library, need.version, undefined.of_version(need.number))
        for need in elf.version_needs
        if not need.is_weak  # the loader can do without it
    ]))  # fmt: skip
    loaded = elf.of_kind(elffile.Kind.LOAD)
    return Binary(
        path=path,
        place=place,
        head=elf.head,
        arch=_abi.arch_of(elf.head),
        checksum=checksum,
        is_program=is_program,
        is_module=not is_program and _is_module(elf, place),
        soname=elf.soname,
        needed=elf.needed,
        rpath=elf.rpath,
        runpath=elf.runpath,
        needs=needs,
        defined=frozenset([one.version for one in elf.version_definitions]),
        odd_symbols=undefined.odd(elf.needed),
        isa=elf.isa_needed.bit_length(),
        api=_android_api(elf),
        has_stack=any(segment.flags & elffile.PF_X for segment in elf.of_kind(elffile.Kind.GNU_STACK)),
        has_text_relocations=elf.has_text_relocations,
        is_cut=any(segment.offset + segment.file_size > elf.size for segment in loaded),
        alignment=min([segment.align for segment in loaded], default=0),
        image=elf.image(),
        problems=tuple(elf.problems),
    )


_GLOBAL = (elffile.STB_GLOBAL, elffile.STB_WEAK, elffile.STB_GNU_UNIQUE)
#: A table of strings with fewer bytes than this is searched for several names at once.
_SMALL = 1 << 20
#: Symbols of one version that are kept.
_MAX_SYMBOLS = 3


class _Undefined:
    """The symbols that a file takes from other files."""

    def __init__(self, elf: elffile.ElfFile) -> None:
        self._elf = elf
        symbols = elf.symbols
        self._places = [i for i, section in enumerate(symbols.sections) if section == 0 and symbols.infos[i] >> 4 in _GLOBAL]
        self._names: dict[int, bytes] = {}
        if elf.value(elffile.Tag.STRSZ) > elffile.LARGE:
            self._names = {i: symbols.name(i) for i in sorted(self._places, key=symbols.names.__getitem__)}
        self._versions: dict[int, list[int]] = {}
        if len(symbols.versions):
            for place in self._places:
                self._versions.setdefault(symbols.versions[place] & ~elffile.VERSYM_HIDDEN, []).append(place)

    def _name(self, place: int) -> bytes:
        return self._names[place] if self._names else self._elf.symbols.name(place)

    def of_version(self, number: int) -> tuple[str, ...]:
        """The first symbols that need a version."""
        return tuple([_decoded(self._name(i)) for i in self._versions.get(number, [])[:_MAX_SYMBOLS]])

    def odd(self, needed: Collection[str]) -> tuple[tuple[str, str], ...]:
        """The (library, symbol) pairs that some systems lack."""
        libraries = [library for library in needed if library in policies.SYMBOLS]
        rows = [(library, name, name.encode()) for library in libraries for name in policies.SYMBOLS[library]]
        rows += [("", name, name.encode()) for name in sorted(policies.FPE_SYMBOLS)]
        if self._elf.value(elffile.Tag.STRSZ) < _SMALL:  # cheaper than looking at every symbol
            strings = self._elf.strings
            rows = [row for row in rows if row[2] in strings]
        infos = self._elf.symbols.infos
        # The loader can do without weak symbols.
        names = {self._name(i) for i in self._places if infos[i] >> 4 != elffile.STB_WEAK} if rows else ()
        return tuple([(library, text) for library, text, name in rows if name in names])


#: File names of extension modules: the module's name, and what names its ABI, or nothing (PEP 3149, PEP 803).
_MODULE = re.compile(r"(\w+)(?:\.((?:cpython-|pypy|graalpy|cp(?=\d)|abi3)[\w-]*))?\.(?:so|pyd)")


def module_name(place: str) -> str:
    """The name by which Python would import the extension module in a file; empty if its file name is not one of a module."""
    found = _MODULE.fullmatch(place.rpartition("/")[2])
    return found[1] if found else ""


def named_abi(place: str) -> str:
    """What names the ABI in an extension module's file name: ``cpython-312-x86_64-linux-gnu``; empty for none."""
    found = _MODULE.fullmatch(place.rpartition("/")[2])
    return (found[2] or "") if found else ""


def _is_module(elf: elffile.ElfFile, place: str) -> bool:
    """Whether Python can import a file, judged by its suffix or by the function that Python would call.

    A plain ``.so`` without that function is a library or a plugin. One that defines nothing at all may be either.
    """
    name = module_name(place).encode()
    if not name or named_abi(place):
        return bool(name)
    if any(True for function in (b"PyInit_", b"init") for _ in elf.symbols.find(function + name)):
        return True
    return not name.startswith(b"lib") and not any(elf.symbols.sections)


def _android_api(elf: elffile.ElfFile) -> int:
    for owner, kind, data in elf.notes():
        if owner == b"Android" and kind == 1 and len(data) >= 4:
            return int.from_bytes(data[:4], "little")
    return 0


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
