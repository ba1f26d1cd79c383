"""What the dynamic loader reads of an ELF file. Each part is read on demand, and never more than the file holds.

    with open(path, "rb") as file:
        elf = ElfFile(file)              # ElfError if it is not an ELF file
        elf.head.machine, elf.type       # the header: an _elf.Elf (bits, order, machine, flags, interpreter, is_static)
        elf.segments                     # program headers
        elf.needed, elf.soname           # texts of the dynamic section; elf.tags has the numbers
        elf.version_needs                # symbol versions: needed (library, version, number, weak) and defined
        elf.symbols.find(b"malloc")      # the table of symbols, through the hash table of the file
        elf.relocations                  # {(type, index of the symbol), ...}
        elf.definitions(b"malloc")       # the same in words, as the loader's model takes it; also elf.references(), elf.image()
        elf.problems                     # what could not be read, in words

Creating the object reads the header and the program headers. Every other part is read when it is first used, and then kept: the
versions and the texts take a few hundred bytes, the symbols take their table, and their names take the table of strings. The file
must stay open while the object is in use. Names of symbols are bytes, and are made one at a time; the columns of ``symbols`` are
arrays. A malformed table is empty or ends early, and ``problems`` says so; the other tables can still be read. Sections are ignored,
because the loader ignores them.

Source: gABI, chapters 4 and 5; the GNU extensions from the Linux Standard Base, chapter 10, and from glibc's ``elf.h``.
"""

from __future__ import annotations

import struct
import sys
from array import array
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .. import _elf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

#: Bytes of one table that are read. TensorFlow's largest has 82 MB; a small archive may inflate to gigabytes of zeros.
MAX_TABLE = 256 << 20
#: Bytes of one text. The kernel accepts no longer path.
MAX_TEXT = 4096
#: A table of strings with more bytes than this is not read whole for single names.
LARGE = 4 << 20
#: Bytes of a symbol's name. Names of C++ templates have tens of thousands.
MAX_SYMBOL = 1 << 16
#: Bytes that are read at a time to find the end of a single name.
_PIECE = 256
#: Bytes of all texts of one file. TensorFlow's have 60,000.
MAX_TEXTS = 4 << 20
#: Program headers, dynamic tags, symbol versions, and properties in notes. Real files have at most a few hundred of each.
MAX_COUNT = 1 << 16
#: Bytes of notes. A real file has a few hundred.
MAX_NOTES = 1 << 20


class ElfError(ValueError):
    """Not an ELF file, or its header is incomplete."""


class Kind(IntEnum):
    """The types of program headers that are used here."""

    LOAD = 1
    DYNAMIC = 2
    NOTE = 4
    GNU_STACK = 0x6474E551
    GNU_PROPERTY = 0x6474E553


class Tag(IntEnum):
    """The dynamic tags that are used here."""

    NEEDED = 1
    PLTRELSZ = 2
    HASH = 4
    STRTAB = 5
    SYMTAB = 6
    RELA = 7
    RELASZ = 8
    STRSZ = 10
    SONAME = 14
    RPATH = 15
    SYMBOLIC = 16
    REL = 17
    RELSZ = 18
    PLTREL = 20
    TEXTREL = 22
    JMPREL = 23
    RUNPATH = 29
    FLAGS = 30
    GNU_HASH = 0x6FFFFEF5
    VERSYM = 0x6FFFFFF0
    FLAGS_1 = 0x6FFFFFFB
    VERDEF = 0x6FFFFFFC
    VERDEFNUM = 0x6FFFFFFD
    VERNEED = 0x6FFFFFFE
    VERNEEDNUM = 0x6FFFFFFF


#: Bits of DT_FLAGS and DT_FLAGS_1, and of p_flags.
DF_SYMBOLIC, DF_TEXTREL = 2, 4
DF_1_GLOBAL, DF_1_NODEFLIB = 2, 0x800
PF_X = 1

#: Types of files, bindings and types of symbols, and their visibility.
ET_EXEC, ET_DYN = 2, 3
STB_LOCAL, STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE = 0, 1, 2, 10
STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_COMMON, STT_TLS, STT_GNU_IFUNC = 0, 1, 2, 5, 6, 10
STV_DEFAULT, STV_INTERNAL, STV_HIDDEN, STV_PROTECTED = 0, 1, 2, 3
SHN_ABS = 0xFFF1

#: Flags of versions, and the bit of a symbol's version that hides it from references without one.
VER_FLG_BASE, VER_FLG_WEAK = 1, 2
VERSYM_HIDDEN = 0x8000

_EM_386, _EM_S390, _EM_X86_64, _EM_ALPHA = 3, 22, 62, 0x9026
_NT_GNU_PROPERTY = 5
_X86_ISA_NEEDED = 0xC0008002


#: Tables for ``Symbols.infos.translate``: 1 for a thread-local symbol that is not local to its file; 1 for a symbol that is unique in a
#: process.
THREAD_LOCALS = bytes([info & 15 == STT_TLS and info >> 4 != STB_LOCAL for info in range(256)])
UNIQUES = bytes([info >> 4 == STB_GNU_UNIQUE for info in range(256)])


class Segment(NamedTuple):
    """A program header."""

    kind: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int
    align: int


class VersionNeed(NamedTuple):
    """A symbol version that is needed from a library; ``number``: its index in ``Symbols.versions``."""

    library: str
    version: str
    number: int
    is_weak: bool


class VersionDefinition(NamedTuple):
    """A symbol version that the file defines; the base version is the file's own name."""

    version: str
    number: int
    is_base: bool
    is_weak: bool


class Definition(NamedTuple):
    """A symbol in the hash table: what a reference of that name may bind to.

    * ``version``: its symbol version, empty for none; ``number``: the index of the version; ``is_hidden``: only references that name the
      version bind to it.
    * ``kind``, ``bind``, ``visibility``: as in the table of symbols.
    * ``is_defined``: False for the entry of a program that stands for another file's function; ``has_value``: its address is not 0.
    """

    version: str
    number: int
    is_hidden: bool
    kind: int
    bind: int
    visibility: int
    is_defined: bool
    has_value: bool


class Reference(NamedTuple):
    """A symbol that the loader looks up for a file, and the ``types`` of relocations that ask for it.

    ``version`` and ``library``: the symbol version that is asked for, empty for none; ``bind``, ``visibility``, ``is_defined``: those of
    the file's own entry.
    """

    name: bytes
    version: str
    library: str
    types: frozenset[int]
    bind: int
    visibility: int
    is_defined: bool


class Image(NamedTuple):
    """What the loader's model keeps of a file after it was closed; see :meth:`ElfFile.image`.

    * ``key``: machine, bits and byte order; ``soname``, ``needed``, ``rpath``, ``runpath``, ``is_symbolic``: as of the file;
      ``flags``: DT_FLAGS_1; ``has_versions``: whether its symbols have versions.
    * ``defined``, ``wanted``: its thread-local symbols, those that it defines and those that it looks up.
    """

    key: tuple[int, int, str]
    soname: str
    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    is_symbolic: bool
    flags: int
    has_versions: bool
    defined: dict[bytes, tuple[Definition, ...]]
    wanted: tuple[Reference, ...]


class _Segments:
    """The header of an ELF file and its program headers: how it is loaded into memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size: int = file.seek(0, 2)
        self.problems: list[str] = []
        head = _elf.read_elf(self.read)
        if isinstance(head, str):
            raise ElfError(head)
        self.head = head
        self.is_wide: bool = head.bits == 64
        self._mark = "<" if head.order == "little" else ">"
        self._is_swapped = head.order != sys.byteorder
        layout = struct.Struct(f"{self._mark}16xHHI{'QQQ' if self.is_wide else 'III'}IHHH")
        self.type: int
        self.type, _, _, _, start, _, _, _, size, count = layout.unpack(self.read(layout.size, 0))
        self.segments: tuple[Segment, ...] = self._read_segments(start, size, count)

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def read(self, size: int, offset: int) -> bytes:
        """Up to *size* bytes at *offset*; fewer at the end of the file."""
        if not 0 <= offset < self.size:
            return b""
        self._file.seek(offset)
        return self._file.read(min(size, self.size - offset))

    def _read_segments(self, start: int, size: int, count: int) -> tuple[Segment, ...]:
        layout = struct.Struct(self._mark + ("IIQQQQQQ" if self.is_wide else "IIIIIIII"))
        if count and size != layout.size:
            self._note(f"a program header claims {size} bytes, not {layout.size}")
            return ()
        data = self.read(size * count, start)
        if len(data) < size * count:
            self._note(f"{count} program headers are claimed, and the file holds {len(data) // layout.size}")
            data = data[: len(data) // layout.size * layout.size]
        rows = layout.iter_unpack(data)
        if self.is_wide:
            return tuple([Segment(k, f, o, a, s, m, n) for k, f, o, a, _, s, m, n in rows])
        return tuple([Segment(k, f, o, a, s, m, n) for k, o, a, _, s, m, f, n in rows])

    def of_kind(self, kind: int) -> list[Segment]:
        """The program headers of a type, in order."""
        return [segment for segment in self.segments if segment.kind == kind]

    def offset(self, address: int) -> int | None:
        """The place in the file of what is loaded at *address*; None if the file does not hold it."""
        for segment in self.segments:
            if segment.kind == Kind.LOAD and segment.address <= address < segment.address + segment.file_size:
                return address - segment.address + segment.offset
        return None

    def notes(self) -> Iterator[tuple[bytes, int, bytes]]:
        """The notes (owner, type, contents) of the PT_GNU_PROPERTY and PT_NOTE segments."""
        layout = struct.Struct(self._mark + "III")
        for segment in self.of_kind(Kind.GNU_PROPERTY) + self.of_kind(Kind.NOTE):
            data = self.read(min(segment.file_size, MAX_NOTES), segment.offset)
            step = 8 if segment.align == 8 else 4
            place = 0
            while place + layout.size <= len(data):
                name, size, kind = layout.unpack_from(data, place)
                start = place + layout.size
                content = start + name + -(start + name) % step
                if content + size > len(data):
                    break  # harmless: patchelf leaves such notes behind
                yield data[start : start + name].rstrip(b"\0"), kind, data[content : content + size]
                place = content + size + -size % step

    @property
    def isa_needed(self) -> int:
        """GNU_PROPERTY_X86_ISA_1_NEEDED, the levels of x86-64 that are needed, as bits: 1 baseline, 2 v2, 4 v3, 8 v4; 0: unmarked."""
        if self.head.machine not in {_EM_386, _EM_X86_64}:
            return 0
        step = 8 if self.is_wide else 4
        for owner, kind, data in self.notes():
            place = 0
            while (owner, kind) == (b"GNU", _NT_GNU_PROPERTY) and place + 8 <= len(data):
                property_, size = struct.unpack_from(self._mark + "II", data, place)
                if property_ == _X86_ISA_NEEDED and size == 4 and place + 12 <= len(data):
                    return int.from_bytes(data[place + 8 : place + 12], "little")
                place += 8 + size + -size % step
        return 0

    def _numbers(self, code: str, data: bytes) -> array[int]:
        found = array(code, data)
        if self._is_swapped:
            found.byteswap()
        return found

    def table(self, name: str, address: int | None, size: int) -> bytes:
        """The table that is loaded at *address*, as much of it as the file holds; ``problems`` call it *name*."""
        start = None if address is None else self.offset(address)
        if start is None:
            if size:
                self._note(f"{name} is nowhere in the file")
            return b""
        if start + size > self.size:
            self._note(f"{name} claims {size} bytes and is cut off by the end of the file")
        elif size > MAX_TABLE:
            self._note(f"{name} claims {size} bytes; {MAX_TABLE} are read")
        return self.read(min(size, MAX_TABLE), start)


class ElfFile(_Segments):
    """An ELF file in a seekable binary *file*, which stays open while parts of it are asked for.

    Raises:
        ElfError: it is not an ELF file, or its header is cut off.
        OSError: it cannot be read. Every part may raise this.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._texts: dict[int, str] = {}
        self._long = 0

    # The dynamic section

    @cached_property
    def tags(self) -> dict[int, list[int]]:
        """The dynamic section: the values of each tag, in order; empty if there is none."""
        found: dict[int, list[int]] = {}
        code = "Q" if self.is_wide else "I"
        for segment in self.of_kind(Kind.DYNAMIC)[:1]:
            step = 2 * array(code).itemsize
            if segment.offset + segment.file_size > self.size:
                self._note("the dynamic section is cut off by the end of the file")
            data = self.read(min(segment.file_size, MAX_COUNT * step), segment.offset)
            numbers = self._numbers(code, data[: len(data) // step * step])
            for tag, value in zip(numbers[::2], numbers[1::2], strict=True):
                if tag == 0:
                    break
                found.setdefault(tag, []).append(value)
            else:
                self._note("the dynamic section has no end")
        return found

    def value(self, tag: int, default: int = 0) -> int:
        """The value of a dynamic tag. If it occurs more than once, the last counts, as it does for the loader."""
        return self.tags.get(tag, [default])[-1]

    def texts(self, tag: int) -> tuple[str, ...]:
        """The texts that dynamic tags of one kind point to, in order."""
        return tuple([self._text(offset) for offset in self.tags.get(tag, [])])

    @property
    def soname(self) -> str:
        """DT_SONAME; empty if there is none."""
        return "".join(self.texts(Tag.SONAME)[-1:])

    @property
    def needed(self) -> tuple[str, ...]:
        """The libraries of DT_NEEDED."""
        return self.texts(Tag.NEEDED)

    @property
    def rpath(self) -> tuple[str, ...]:
        """The folders of DT_RPATH, which the loader ignores if there is a DT_RUNPATH."""
        return tuple("".join(self.texts(Tag.RPATH)[-1:]).split(":")) if Tag.RPATH in self.tags else ()

    @property
    def runpath(self) -> tuple[str, ...]:
        """The folders of DT_RUNPATH."""
        return tuple("".join(self.texts(Tag.RUNPATH)[-1:]).split(":")) if Tag.RUNPATH in self.tags else ()

    @property
    def is_symbolic(self) -> bool:
        """Whether references bind to the file's own definitions first (DT_SYMBOLIC, DF_SYMBOLIC)."""
        return Tag.SYMBOLIC in self.tags or bool(self.value(Tag.FLAGS) & DF_SYMBOLIC)

    @property
    def has_text_relocations(self) -> bool:
        """Whether the loader writes to the code (DT_TEXTREL, DF_TEXTREL)."""
        return Tag.TEXTREL in self.tags or bool(self.value(Tag.FLAGS) & DF_TEXTREL)

    @cached_property
    def _strings_at(self) -> tuple[int, int]:
        """Where the table of strings is, and how many of its bytes the file holds."""
        start, size = self.offset(self.value(Tag.STRTAB, -1)), self.value(Tag.STRSZ)
        if start is None:
            return 0, 0
        if start + size > self.size:
            self._note(f"the table of strings claims {size} bytes and is cut off by the end of the file")
        return start, min(size, self.size - start)

    def _text(self, offset: int) -> str:
        """The text at an offset of the table of strings; truncated if it is absurdly long."""
        if offset not in self._texts:
            start, size = self._strings_at
            text = self.read(max(0, min(MAX_TEXT, size - offset)), start + offset).partition(b"\0")[0]
            self._long += len(text) + 1
            if self._long > MAX_TEXTS:
                self._note("it names more libraries and versions than any file needs")
                return ""
            self._texts[offset] = text.decode("utf-8", "backslashreplace")
        return self._texts[offset]

    @cached_property
    def strings(self) -> bytes:
        """The whole table of strings, in which names of symbols are looked up."""
        return self.table("the table of strings", self.value(Tag.STRTAB, -1), self.value(Tag.STRSZ))

    # Symbol versions

    def _rows(self, layout: str, start: int, count: int, what: str) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The rows of a linked list, each with its place in the file. The last field of a row is the distance to the next row."""
        row = struct.Struct(self._mark + layout)
        for _ in range(min(count, MAX_COUNT)):
            data = self.read(row.size, start)
            if len(data) < row.size:
                self._note(f"{what} are cut off by the end of the file")
                return
            fields = row.unpack(data)
            yield start, fields
            if not fields[-1]:
                return
            start += fields[-1]
        if count > MAX_COUNT:
            self._note(f"{count} {what} are claimed; {MAX_COUNT} are read")

    @cached_property
    def version_needs(self) -> tuple[VersionNeed, ...]:
        """The symbol versions that the file needs (DT_VERNEED)."""
        found: list[VersionNeed] = []
        start, count = self.offset(self.value(Tag.VERNEED, -1)), self.value(Tag.VERNEEDNUM)
        if start is None:
            return ()
        for place, (version, parts, library, first, _) in self._rows("HHIII", start, count, "needs of symbol versions"):
            if version != 1:
                self._note(f"needs of symbol versions are of the unknown revision {version}")
                break
            for _, (_, flags, index, name, _) in self._rows("IHHII", place + first, parts, "needs of symbol versions"):
                weak = bool(flags & VER_FLG_WEAK)
                found.append(VersionNeed(self._text(library), self._text(name), index & ~VERSYM_HIDDEN, weak))
            if len(found) > MAX_COUNT:
                self._note(f"more than {MAX_COUNT} symbol versions are needed")
                break
        return tuple(found)

    @cached_property
    def version_definitions(self) -> tuple[VersionDefinition, ...]:
        """The symbol versions that the file defines (DT_VERDEF), its own name first where it has a base version."""
        found: list[VersionDefinition] = []
        start, count = self.offset(self.value(Tag.VERDEF, -1)), self.value(Tag.VERDEFNUM)
        if start is None:
            return ()
        for place, fields in self._rows("HHHHIII", start, count, "definitions of symbol versions"):
            version, flags, index, parts, _, first, _ = fields
            if version != 1:
                self._note(f"definitions of symbol versions are of the unknown revision {version}")
                break
            for _, (name, _) in self._rows("II", place + first, min(parts, 1), "definitions of symbol versions"):
                base, weak = bool(flags & VER_FLG_BASE), bool(flags & VER_FLG_WEAK)
                found.append(VersionDefinition(self._text(name), index & ~VERSYM_HIDDEN, base, weak))
        return tuple(found)

    # Symbols and relocations

    @cached_property
    def symbols(self) -> Symbols:
        """The dynamic symbols."""
        return Symbols(self)

    @cached_property
    def relocations(self) -> frozenset[tuple[int, int]]:
        """What the loader looks up: (type of relocation, index of the symbol), without duplicates. Relative ones have index 0.

        Read from DT_REL, DT_RELA and DT_JMPREL. DT_RELR holds nothing but relative relocations.
        """
        found: set[int] = set()
        code = "Q" if self.is_wide else "I"
        word = array(code).itemsize
        is_long = self.value(Tag.PLTREL) == Tag.RELA
        tables = ((Tag.RELA, Tag.RELASZ, 3), (Tag.REL, Tag.RELSZ, 2), (Tag.JMPREL, Tag.PLTRELSZ, 2 + is_long))
        for tag, size, step in tables:
            if tag in self.tags:
                data = self.table(f"the table of DT_{tag.name}", self.value(tag), self.value(size))
                found.update(self._numbers(code, data[: len(data) // (step * word) * step * word])[1::step])
        if self.is_wide:
            return frozenset([(info & 0xFFFFFFFF, info >> 32) for info in found])
        return frozenset([(info & 0xFF, info >> 8) for info in found])

    @cached_property
    def _versions(self) -> dict[int, tuple[str, str]]:
        """Index of a symbol version -> (version, library that it is needed from). The base version does not count."""
        found = {row.number: (row.version, "") for row in self.version_definitions if not row.is_base}
        return found | {row.number: (row.version, row.library) for row in self.version_needs}

    def definitions(self, name: bytes) -> tuple[Definition, ...]:
        """The definitions of *name*, in the order in which the loader would find them."""
        return tuple([self._definition(index) for index in self.symbols.find(name)])

    def defined(self, names: Iterable[bytes]) -> Iterator[tuple[bytes, tuple[Definition, ...]]]:
        """Those of many *names* that are defined here, with their definitions."""
        self.strings  # noqa: B018 -- read once, not in pieces for each name
        for name in names:
            if rows := self.definitions(name):
                yield name, rows

    def _definition(self, index: int) -> Definition:
        table = self.symbols
        number = table.versions[index] if table.versions else 0
        version = self._versions.get(number & ~VERSYM_HIDDEN, ("", ""))[0]
        info, visibility = table.infos[index], table.others[index] & 3
        section = table.sections[index]
        has_value = bool(table.values[index]) or section == SHN_ABS
        plain = number & ~VERSYM_HIDDEN
        return Definition(
            version, plain, bool(number & VERSYM_HIDDEN), info & 15, info >> 4, visibility, section != 0, has_value
        )

    def references(self) -> list[Reference]:
        """Everything that the loader looks up for the file: each symbol that a relocation names."""
        types: dict[int, set[int]] = {}
        for kind, index in self.relocations:
            if 0 < index < len(self.symbols):
                types.setdefault(index, set()).add(kind)
        return [self._reference(index, frozenset(types[index]), self.symbols.name(index)) for index in sorted(types)]

    def _reference(self, index: int, types: frozenset[int], name: bytes) -> Reference:
        table = self.symbols
        number = table.versions[index] & ~VERSYM_HIDDEN if table.versions else 0
        version, library = self._versions.get(number, ("", ""))
        info, visibility = table.infos[index], table.others[index] & 3
        return Reference(name, version, library, types, info >> 4, visibility, table.sections[index] != 0)

    def image(self, *, is_shared: bool = False, marks: bytes = THREAD_LOCALS) -> Image:
        """What the loader's model keeps of the file: its names, its paths, and its thread-local symbols.

        *is_shared*: also list, as ``wanted``, the lookups of symbols that it defines itself; this reads its relocations. *marks*: which
        symbols to keep instead of the thread-local ones.
        """
        table = self.symbols
        found: dict[bytes, list[Definition]] = {}
        wanted: list[Reference] = []
        types: dict[int, set[int]] = {}
        marked = table.infos.translate(marks)
        for kind, index in self.relocations if is_shared else ():
            if index < len(marked) and marked[index]:
                types.setdefault(index, set()).add(kind)
        index = marked.find(1)
        while index >= 0:
            if table.sections[index]:
                found.setdefault(table.single_name(index), []).append(self._definition(index))
            if index in types or not table.sections[index]:
                wanted.append(self._reference(index, frozenset(types.get(index, ())), table.single_name(index)))
            if len(found) + len(wanted) > MAX_COUNT:
                self._note(f"more than {MAX_COUNT} symbols of one kind")
                break
            index = marked.find(1, index + 1)
        defined = {name: tuple(rows) for name, rows in found.items()}
        head = self.head
        key, flags, has_versions = (head.machine, head.bits, head.order), self.value(Tag.FLAGS_1), Tag.VERSYM in self.tags
        paths = (self.soname, self.needed, self.rpath, self.runpath)
        return Image(key, *paths, self.is_symbolic, flags, has_versions, defined, tuple(wanted))


def defined_versions(opened: Callable[[], IO[bytes]]) -> frozenset[str]:
    """The symbol versions that a file defines; none if it has none or cannot be read. *opened* opens the file."""
    try:
        with opened() as file:
            return frozenset([one.version for one in ElfFile(file).version_definitions])
    except (OSError, ValueError):
        return frozenset()


class Symbols:
    """The dynamic symbols of an ELF file as columns, each with one entry for every symbol.

    * ``names``: offsets of their names in the table of strings; :meth:`name` makes one.
    * ``infos``: type (lower four bits) and binding; ``others``: visibility (lower two bits).
    * ``sections``: 0 where the symbol is not defined in the file; ``values``: addresses, ``sizes``: bytes.
    * ``versions``: indexes of symbol versions, with :data:`VERSYM_HIDDEN`; empty where the file has no versions.
    """

    def __init__(self, elf: ElfFile) -> None:
        self._elf = elf
        self._wide = elf.is_wide
        self._row = 24 if elf.is_wide else 16
        self._count: int = 0
        self._buckets: array[int] = array("I")
        self._chains: array[int] = array("I")
        self._read_hashes()
        if not self._chains or self._is_sysv is None:
            # If there is no hash table, or nothing is defined and so nothing is hashed, the relocations show the rest.
            self._count = max(self._count, 1 + max([index for _, index in elf.relocations], default=-1))
        self._data = elf.table("the table of symbols", elf.tags.get(Tag.SYMTAB, [None])[-1], self._row * self._count)
        self._count = len(self._data) // self._row
        self._data = self._data[: self._count * self._row]

    def __len__(self) -> int:
        return self._count

    def _read_hashes(self) -> None:
        """Read the hash table, the only place that shows how many symbols there are. GNU's has precedence, as in glibc."""
        elf = self._elf
        self._is_sysv: bool | None = None
        self._first = 0
        if Tag.GNU_HASH in elf.tags:
            self._is_sysv = False
            place = elf.value(Tag.GNU_HASH)
            header = self._words("DT_GNU_HASH", place, 4)
            if len(header) < 4:
                return
            buckets, self._first, words, _ = header
            place += 16 + words * (8 if self._wide else 4)
            self._buckets = self._words("DT_GNU_HASH", place, buckets)
            last = max(self._buckets, default=0)
            self._count = self._first
            if last >= self._first and len(self._buckets) == buckets:
                self._chains = self._read_chains(place + 4 * buckets, last - self._first)
                self._count += len(self._chains)
        elif Tag.HASH in elf.tags:
            self._is_sysv = True
            # The words are longer on 64-bit s390x and on Alpha.
            code = "Q" if self._wide and elf.head.machine in {_EM_S390, _EM_ALPHA} else "I"
            place = elf.value(Tag.HASH)
            header = self._words("DT_HASH", place, 2, code)
            if len(header) < 2:
                return
            buckets, self._count = header
            numbers = self._words("DT_HASH", place + 2 * header.itemsize, buckets + self._count, code)
            self._buckets, self._chains = numbers[:buckets], numbers[buckets:]
            self._count = min(self._count, elf.size // self._row)

    def _words(self, name: str, address: int, count: int, code: str = "I") -> array[int]:
        data = self._elf.table(f"the table of {name}", address, count * array(code).itemsize)
        return self._elf._numbers(code, data[: len(data) // array(code).itemsize * array(code).itemsize])

    def _read_chains(self, address: int, last: int) -> array[int]:
        """The chains of DT_GNU_HASH, up to and including the one that begins at *last*. An odd number ends a chain."""
        start = self._elf.offset(address)
        held = 0 if start is None else min(self._elf.size - start, MAX_TABLE) // 4
        size = last + 64
        while True:
            chains = self._words("DT_GNU_HASH", address, min(size, held))
            end = next((place + 1 for place in range(last, len(chains)) if chains[place] & 1), None)
            if end is not None:
                return chains[:end]
            if size >= held:
                self._elf._note("the table of DT_GNU_HASH has no end")
                return chains[:0]
            last, size = len(chains), size * 4

    def _column(self, code: str, wide: tuple[int, int], narrow: tuple[int, int]) -> array[int]:
        """A column of the table: (first, step) in 64-bit files, and in 32-bit files."""
        first, step = wide if self._wide else narrow
        return self._elf._numbers(code, self._data)[first::step]

    @cached_property
    def names(self) -> array[int]:
        return self._column("I", (0, 6), (0, 4))

    @cached_property
    def infos(self) -> bytes:
        return self._data[4::24] if self._wide else self._data[12::16]

    @cached_property
    def others(self) -> bytes:
        return self._data[5::24] if self._wide else self._data[13::16]

    @cached_property
    def sections(self) -> array[int]:
        return self._column("H", (3, 12), (7, 8))

    @cached_property
    def values(self) -> array[int]:
        return self._column("Q", (1, 3), (0, 1)) if self._wide else self._column("I", (0, 1), (1, 4))

    @cached_property
    def sizes(self) -> array[int]:
        return self._column("Q", (2, 3), (0, 1)) if self._wide else self._column("I", (0, 1), (2, 4))

    @cached_property
    def versions(self) -> array[int]:
        if Tag.VERSYM not in self._elf.tags:
            return array("H")
        found = self._words("DT_VERSYM", self._elf.value(Tag.VERSYM), self._count, "H")
        return found + array("H", bytes(2 * (self._count - len(found))))

    def name(self, index: int) -> bytes:
        """The name of a symbol, truncated if it is absurdly long; empty if it is outside the table of strings.

        A large table is not read whole. To read many names of one, ask in the order of ``names``.
        """
        if "strings" not in self._elf.__dict__ and self._elf.value(Tag.STRSZ) > LARGE:
            return self.single_name(index)
        offset, strings = self.names[index], self._elf.strings
        end = strings.find(b"\0", offset, offset + MAX_SYMBOL)
        return strings[offset : end if end >= 0 else offset + MAX_SYMBOL]

    def single_name(self, index: int) -> bytes:
        """As :meth:`name`, but never reads the whole table of strings: for callers that need few names."""
        start, size = self._elf._strings_at
        place, end = self.names[index], min(self.names[index] + MAX_SYMBOL, size)
        found = b""
        while b"\0" not in found and place < end:
            data = self._elf.read(min(_PIECE, end - place), start + place)
            found, place = found + data, place + _PIECE
        return found.partition(b"\0")[0]

    def is_named(self, index: int, name: bytes) -> bool:
        """Whether a symbol has that name. Reads no more than the name, unless the table of strings was read before."""
        start, size = self._elf._strings_at
        offset = self.names[index]
        if "strings" in self._elf.__dict__:
            return self._elf.strings.startswith(name + b"\0", offset)
        return offset + len(name) < size and self._elf.read(len(name) + 1, start + offset) == name + b"\0"

    def find(self, name: bytes) -> Iterator[int]:
        """The symbols of that name in the hash table, in the order in which the loader would find them.

        DT_GNU_HASH holds defined symbols only; DT_HASH holds undefined ones as well.
        """
        if not self._buckets:
            return
        if self._is_sysv:
            index = self._buckets[sysv_hash(name) % len(self._buckets)]
            for _ in range(self._count):  # a hostile chain may be a circle
                if not 0 < index < min(self._count, len(self._chains)):
                    return
                if self.is_named(index, name):
                    yield index
                index = self._chains[index]
            return
        wanted = gnu_hash(name)
        place = self._buckets[wanted % len(self._buckets)] - self._first
        while 0 <= place < min(len(self._chains), self._count - self._first):
            found = self._chains[place]
            if (found ^ wanted) < 2 and self.is_named(place + self._first, name):
                yield place + self._first
            if found & 1:
                return
            place += 1


@lru_cache(maxsize=1 << 12)  # a name is looked up in one library after another
def gnu_hash(name: bytes) -> int:
    """The hash of a symbol's name in DT_GNU_HASH."""
    number = 5381
    for byte in name:
        number = (number * 33 + byte) & 0xFFFFFFFF
    return number


@lru_cache(maxsize=1 << 12)
def sysv_hash(name: bytes) -> int:
    """The hash of a symbol's name in DT_HASH. Source: gABI, chapter 5."""
    number = 0
    for byte in name:
        number = (number << 4) + byte
        high = number & 0xF0000000
        number = (number ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return number
