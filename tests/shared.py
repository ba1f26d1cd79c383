"""Shared libraries as a linker would make them, byte by byte: with true hash tables, symbol versions and relocations, for any
machine, without a compiler. ``lies`` sets fields to what they should not be."""

import dataclasses
import struct
from collections.abc import Mapping, Sequence

OBJECT, FUNCTION, TLS = 1, 2, 6
GLOBAL, WEAK, UNIQUE = 1, 2, 10
#: Where what may change is loaded, what the loader makes read-only after relocation; everything else is read-only.
WRITABLE, FIXED = 0x1000100, 0x1000000

MACHINES = {
    "x86_64": (62, 64, "<"),
    "i686": (3, 32, "<"),
    "aarch64": (183, 64, "<"),
    "armv7l": (40, 32, "<"),
    "ppc64le": (21, 64, "<"),
    "s390x": (22, 64, ">"),
    "ppc": (20, 32, ">"),
}
#: The relocation that looks a symbol up, and whether such a machine has DT_RELA.
POINTERS = {"x86_64": (6, True), "i686": (6, False), "aarch64": (1025, True), "armv7l": (21, False)}


@dataclasses.dataclass
class Symbol:
    """A row of the table of symbols; *library* (of the version needed) makes it an undefined one, as does *is_defined*."""

    name: str
    kind: int = FUNCTION
    is_defined: bool = True
    version: str = ""
    library: str = ""
    is_hidden: bool = False
    bind: int = GLOBAL
    visibility: int = 0
    value: int = WRITABLE
    size: int = 8
    is_referenced: bool = True

    def __post_init__(self) -> None:
        self.is_defined = self.is_defined and not self.library


def needs(name: str, library: str = "", version: str = "", **fields: object) -> Symbol:
    """An undefined symbol."""
    return Symbol(name, library=library, version=version, is_defined=False, **fields)  # type: ignore[arg-type]


def _gnu(name: str) -> int:
    number = 5381
    for letter in name.encode():
        number = (33 * number + letter) % (1 << 32)
    return number


def _sysv(name: str) -> int:
    number = 0
    for letter in name.encode():
        number = (number << 4) + letter
        number = (number ^ ((number >> 24) & 0xF0)) & 0x0FFFFFFF
    return number


class _Writer:
    def __init__(self, arch: str) -> None:
        self.machine, self.bits, self.mark = MACHINES[arch]
        self.word = "Q" if self.bits == 64 else "I"
        self.strings = bytearray(b"\0")

    def text(self, value: str) -> int:
        place = len(self.strings)
        self.strings += value.encode() + b"\0"
        return place

    def pack(self, layout: str, *fields: int) -> bytes:
        return struct.pack(self.mark + layout.replace("W", self.word), *fields)

    def symbol(self, row: Symbol) -> bytes:
        section, info = 7 * row.is_defined, row.bind << 4 | row.kind
        name, value = self.text(row.name), row.value * row.is_defined
        if self.bits == 64:
            return self.pack("IBBHQQ", name, info, row.visibility, section, value, row.size)
        return self.pack("IIIBBH", name, value, row.size, info, row.visibility, section)

    def versions(self, rows: Sequence[Symbol], soname: str, defined: Sequence[str]) -> tuple[bytes, bytes, bytes, int, int]:
        """DT_VERSYM, DT_VERNEED, DT_VERDEF and the numbers of the last two."""
        numbers = {("", version): place + 2 for place, version in enumerate(defined)}
        wanted: dict[str, dict[str, bool]] = {}
        for row in rows:
            if not row.is_defined and row.version:
                wanted.setdefault(row.library, {})[row.version] = row.bind == WEAK
        need = b""
        for place, (library, versions) in enumerate(wanted.items()):
            follows = 0 if place + 1 == len(wanted) else 16 + 16 * len(versions)
            need += self.pack("HHIII", 1, len(versions), self.text(library), 16, follows)
            for number, (version, is_weak) in enumerate(versions.items()):
                numbers[library, version] = len(numbers) + 2
                follows = 0 if number + 1 == len(versions) else 16
                need += self.pack("IHHII", 0, 2 * is_weak, numbers[library, version], self.text(version), follows)
        definition = b""
        if defined:
            for place, version in enumerate([soname or "base", *defined]):
                follows = 0 if place == len(defined) else 28
                definition += self.pack("HHHHIII", 1, int(place == 0), place + 1, 1, _sysv(version), 20, follows)
                definition += self.pack("II", self.text(version), 0)
        marks = self.pack("H", 0)
        for row in rows:
            number = numbers[row.library, row.version] if row.version else 1
            marks += self.pack("H", number | 0x8000 * row.is_hidden)
        return marks if numbers else b"", need, definition, len(wanted), len(defined) + 1

    def gnu(self, rows: Sequence[Symbol], first: int, buckets: int, lies: Mapping[str, int]) -> bytes:
        """DT_GNU_HASH of rows that stand in the order of their buckets."""
        heads = [0] * buckets
        chain = b""
        for place, row in enumerate(rows):
            bucket = _gnu(row.name) % buckets
            heads[bucket] = heads[bucket] or first + place
            is_last = place + 1 == len(rows) or _gnu(rows[place + 1].name) % buckets != bucket
            chain += self.pack("I", _gnu(row.name) & ~1 | (is_last and "endless_chain" not in lies))
        head = self.pack("IIIIW", lies.get("gnu_buckets", buckets), lies.get("gnu_first", first), 1, 0, 0)
        return head + self.pack(f"{buckets}I", *heads) + chain

    def sysv(self, rows: Sequence[Symbol], buckets: int, lies: Mapping[str, int]) -> bytes:
        heads, chain = [0] * buckets, [0] * (len(rows) + 1)
        for place, row in enumerate(rows):
            bucket = _sysv(row.name) % buckets
            chain[place + 1], heads[bucket] = heads[bucket], place + 1
        if "circle" in lies:
            chain[-1] = len(rows)
        code = "Q" if (self.machine, self.bits) == (22, 64) else "I"
        numbers = [buckets, lies.get("sysv_count", len(chain)), *heads, *chain]
        return self.pack(f"{len(numbers)}{code}", *numbers)


def note(owner: bytes, kind: int, data: bytes, mark: str = "<", step: int = 8) -> bytes:
    """A note of an ELF file."""
    owner += b"\0"
    head = struct.pack(mark + "III", len(owner), len(data), kind) + owner
    head += bytes(-len(head) % step)
    return head + data + bytes(-len(data) % step)


def library(  # noqa: PLR0915 -- one file, from its beginning to its end
    symbols: Sequence[Symbol] = (),
    *,
    arch: str = "x86_64",
    kind: int = 3,
    soname: str = "",
    needed: Sequence[str] = (),
    rpath: str = "",
    runpath: str = "",
    defines: Sequence[str] = (),
    tags: Sequence[tuple[int, int]] = (),
    relocations: Sequence[tuple[int, str]] | None = None,
    hashing: str = "gnu",
    buckets: int = 3,
    interpreter: str = "",
    segments: Sequence[tuple[int, int, bytes]] = (),
    lies: Mapping[str, int] | None = None,
    base: int = 0,
) -> bytes:
    """A shared library, or with *interpreter* a program.

    *defines*: versions beside those of the symbols; *tags*: further dynamic tags; *relocations*: (type, name of a symbol) in
    place of a pointer to each symbol that is referenced; *segments*: further ones, (type, flags, contents); *base*: the address
    that the file is loaded at.
    """
    out, lies = _Writer(arch), dict(lies or {})
    wide = out.bits == 64
    rows = [row for row in symbols if not row.is_defined]
    first = len(rows) + 1
    found = [row for row in symbols if row.is_defined]
    rows += sorted(found, key=lambda row: _gnu(row.name) % buckets) if hashing == "gnu" else found
    numbers = [(1, out.text(name)) for name in needed] + [(14, out.text(soname))] * bool(soname)
    numbers += [(15, out.text(rpath))] * bool(rpath) + [(29, out.text(runpath))] * bool(runpath)
    table = bytes(24 if wide else 16) + b"".join([out.symbol(row) for row in rows])
    marks, need, definition, need_count, definition_count = out.versions(
        rows, soname, [*dict.fromkeys([*[row.version for row in found if row.version], *defines])]
    )
    pointer, is_long = POINTERS.get(arch, (1, True))
    places = {row.name: place for place, row in reversed([*enumerate(rows, 1)])}
    if relocations is None:
        relocations = [(pointer, row.name) for row in rows if row.is_referenced]
    infos = [(places.get(name, 0) << 32 | code) if wide else places.get(name, 0) << 8 | code for code, name in relocations]
    lines = [out.pack("WWW" if is_long else "WW", WRITABLE, info, *([0] * is_long)) for info in infos]
    half = len(lines) // 2  # the one half stands in DT_RELA or DT_REL, the other in DT_JMPREL
    parts = {6: table, 5: b"", 7 if is_long else 17: b"".join(lines[:half]), 23: b"".join(lines[half:])}
    parts |= {0x6FFFFFF0: marks} if marks else {}
    parts |= {0x6FFFFFFE: need} if need else {}
    parts |= {0x6FFFFFFC: definition} if definition else {}
    if hashing == "gnu":
        parts[0x6FFFFEF5] = out.gnu(found and rows[first - 1 :], first, buckets, lies)
    elif hashing == "sysv":
        parts[4] = out.sysv(rows, buckets, lies)
    numbers += [(2, lies.get("pltrelsz", len(parts[23]))), (20, 7 if is_long else 17)]
    numbers += [(8 if is_long else 18, lies.get("relsz", len(parts[7 if is_long else 17])))]
    numbers += [(9, 24 if wide else 12)] if is_long else [(19, 16 if wide else 8)]
    numbers += [(10, lies.get("strsz", len(out.strings)))]
    numbers += [(0x6FFFFFFF, lies.get("verneednum", need_count))] * bool(need)
    numbers += [(0x6FFFFFFD, lies.get("verdefnum", definition_count))] * bool(definition)
    numbers += [*tags]
    parts[5] = bytes(out.strings)
    header, entry = (64, 56) if wide else (52, 32)
    count = 4 + bool(interpreter) + len(segments)
    body = b""
    for tag, data in parts.items():
        body += bytes(-len(body) % 8)
        numbers.append((tag, lies.get(f"at_{tag}", base + header + entry * count + len(body))))
        body += data
    dynamic = b"".join([out.pack("WW", *pair) for pair in [*numbers, (0, 0)]])
    if "endless" in lies:
        dynamic = dynamic[: -16 if wide else -8]
    body += bytes(-len(body) % 8)
    place = header + entry * count + len(body)
    body += dynamic

    def segment(kind: int, flags: int, start: int, address: int, filled: int, total: int, align: int = 8) -> bytes:
        if wide:
            return out.pack("IIQQQQQQ", kind, flags, start, address, address, filled, total, align)
        return out.pack("IIIIIIII", kind, start, address, address, filled, total, flags, align)

    extra = [*segments, *([(3, 4, interpreter.encode() + b"\0")] if interpreter else [])]
    heads = b""
    for number, flags, data in extra:
        body += bytes(-len(body) % 8)
        start = header + entry * count + len(body)
        heads += segment(number, flags, start, start, len(data), len(data), 8 if wide else 4)
        body += data
    size = header + entry * count + len(body)
    heads = segment(1, 5, 0, base, size, size) + segment(1, 6, 0, FIXED, 0, 0x1000) + heads
    heads += segment(2, 6, place, base + place, lies.get("dynsz", len(dynamic)), len(dynamic))
    heads += segment(0x6474E552, 4, 0, FIXED, 0, 0x100)
    ident = b"\x7fELF" + bytes([out.bits // 32, 1 if out.mark == "<" else 2, 1]) + bytes(9)
    fields = (kind, out.machine, 1, 0, header, 0, 0, header, lies.get("phentsize", entry), lies.get("phnum", count), 64, 0, 0)
    return ident + out.pack("HHIWWWIHHHHHH", *fields) + heads + body
