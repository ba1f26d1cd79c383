"""ELF files and wheels made up for the tests, byte by byte, so that no compiler is needed and any of them can lie."""

import csv
import dataclasses
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from mltags.audit.elffile import gnu_hash

#: Addresses of symbols: what may change while the program runs, what the loader makes read-only, and what is read-only anyway.
WRITABLE = 0x100200
FIXED = 0x100010
READ_ONLY = 0x10

MACHINES = {
    "x86_64": (62, 64, "<"),
    "i686": (3, 32, "<"),
    "aarch64": (183, 64, "<"),
    "armv7l": (40, 32, "<"),
    "s390x": (22, 64, ">"),
    "loongarch64": (258, 64, "<"),
    "mips64": (8, 64, "<"),
}
#: The flags that wheels' files have: ARM's EABI 5 with hard floats, and the object ABI 1 of loongarch64 with double floats.
FLAGS = {"armv7l": 0x05000400, "loongarch64": 0x43}
OBJECT, FUNCTION, TLS = 1, 2, 6
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP, _PT_NOTE = 1, 2, 3, 4
_PT_GNU_STACK, _PT_GNU_RELRO = 0x6474E551, 0x6474E552
ET_REL, ET_EXEC, ET_DYN = 1, 2, 3


@dataclasses.dataclass
class Symbol:
    """A row of the symbol table; ``library``, ``version`` for an undefined one."""

    name: str
    kind: int = OBJECT
    is_defined: bool = True
    address: int = WRITABLE
    library: str = ""
    version: str = ""
    bind: int = 1
    visibility: int = 0


def elf(  # noqa: PLR0915 -- one file, from its beginning to its end
    arch: str = "x86_64",
    *,
    needed: Sequence[str] = ("libc.so.6",),
    versions: Mapping[str, Sequence[str]] | None = None,
    soname: str = "",
    runpath: str = "",
    rpath: str = "",
    defines: Sequence[str] = (),
    symbols: Sequence[Symbol] = (),
    hashing: str = "gnu",
    interpreter: str = "",
    weak: Sequence[str] = (),
    dynamic: bool = True,
    lies: Mapping[str, int] | None = None,
    flags: int | None = None,
    kind: int = ET_DYN,
    stack: int | None = None,
    isa: int = 0,
    api: int = 0,
    textrel: bool = False,
    align: int = 0x1000,
    beyond: int = 0,
) -> bytes:
    """A shared library. *lies*: fields of its tables set to what they should not be: ``verneednum``, ``vn_next``, ``strsz`` ...

    *kind*: e_type; *stack*: the flags of PT_GNU_STACK; *isa*: the bits of GNU_PROPERTY_X86_ISA_1_NEEDED; *api*: the API level in
    Android's note; *align*: of the segments; *beyond*: bytes that the first one claims and the file does not hold.
    """
    machine, bits, mark = MACHINES[arch]
    lies = dict(lies or {})
    wide = bits == 64
    word = "Q" if wide else "I"
    strings = bytearray(b"\0")

    def text(value: str) -> int:
        place = len(strings)
        strings.extend(value.encode() + b"\0")
        return place

    def pack(layout: str, *fields: int | bytes) -> bytes:
        return struct.pack(mark + layout, *fields)

    versions = dict(versions or {})
    rows = sorted(symbols, key=lambda symbol: symbol.is_defined)
    index: dict[tuple[str, str], int] = {}
    needs = b""
    for number, (library, names) in enumerate(versions.items()):
        last = number + 1 == len(versions)
        needs += pack("HHIII", 1, len(names), text(library), 16, lies.get("vn_next", 0 if last else 16 + 16 * len(names)))
        for place, name in enumerate(names):
            index[library, name] = len(index) + 2
            follows = 0 if place + 1 == len(names) else 16
            needs += pack("IHHII", 0, 2 * (name in weak), index[library, name], text(name), lies.get("vna_next", follows))
    defined = b""
    for number, name in enumerate(defines):
        defined += pack("HHHHIII", 1, 0, 100 + number, 1, 0, 20, 0 if number + 1 == len(defines) else 28)
        defined += pack("II", text(name), 0)
    table = bytes(24 if wide else 16)
    marks = pack("H", 0)
    for row in rows:
        info, section = row.bind << 4 | row.kind, 7 * row.is_defined
        fields = (text(row.name), info, row.visibility, section, row.address * row.is_defined, 8)
        table += pack("IBBHQQ", *fields) if wide else pack("IIIBBH", fields[0], fields[4], 8, info, row.visibility, section)
        marks += pack("H", index.get((row.library, row.version), 1))
    hidden = 1 + sum(not row.is_defined for row in rows)
    count = len(rows) + 1
    if hashing == "gnu":
        hashed = pack("IIII", lies.get("buckets", 1), hidden, 1, 0) + bytes(8 if wide else 4)
        hashes = [gnu_hash(row.name.encode()) & ~1 for row in rows if row.is_defined]
        if hashes and "chain" not in lies:
            hashes[-1] |= 1
        hashed += pack("I", hidden if hashes else 0) + b"".join([pack("I", number) for number in hashes])
        hashed += bytes(lies.get("chain", 0))
    else:
        # s390x has longer words there than everybody else.
        one = "Q" if arch == "s390x" else "I"
        hashed = pack(one * 3, 1, lies.get("nchain", count), int(count > 1)) + pack(one, 0)
        hashed += b"".join([pack(one, (place + 1) % count) for place in range(1, count)])
    notes = b""
    if isa:
        notes += pack("III4sIIII", 4, 16, 5, b"GNU\0", 0xC0008002, 4, isa, 0)
    if api:
        notes += pack("III8sI", 8, 4, 1, b"Android\0", api)
    numbers = [(22, 0)] * textrel
    numbers += [(1, text(name)) for name in needed] + [(14, text(soname))] * bool(soname)
    numbers += [(29, text(runpath))] * bool(runpath) + [(15, text(rpath))] * bool(rpath)
    parts = {6: table, 0x6FFFFFF0: marks, 0x6FFFFEF5 if hashing == "gnu" else 4: hashed, 5: bytes(strings)}
    parts |= {0x6FFFFFFE: needs} if needs else {}
    parts |= {0x6FFFFFFC: defined} if defined else {}
    if not hashing:
        del parts[4]
    header, entry, step = (64, 56, 16) if wide else (52, 32, 8)
    segments = 4 + bool(interpreter) + (stack is not None) + bool(notes)
    offset = header + entry * segments
    body = interpreter.encode() + b"\0" if interpreter else b""
    note = offset + len(body)
    body += notes
    for tag, data in parts.items():
        numbers.append((tag, offset + len(body)))
        body += data
    numbers += [(10, lies.get("strsz", len(strings)))]
    numbers += [(0x6FFFFFFF, lies.get("verneednum", len(versions)))] * bool(needs)
    numbers += [(0x6FFFFFFD, len(defines))] * bool(defined) + [(0, 0)] * ("endless" not in lies)
    place = offset + len(body)
    body += b"".join(pack(word * 2, *pair) for pair in numbers) * lies.get("endless", 1)
    size = offset + len(body)

    def segment(kind: int, flags: int, start: int, address: int, filled: int, total: int) -> bytes:
        if wide:
            return pack("IIQQQQQQ", kind, flags, start, address, address, filled, total, align)
        return pack("IIIIIIII", kind, start, address, address, filled, total, flags, align)

    headers = segment(_PT_LOAD, 5, 0, 0, size + beyond, size + beyond) + segment(_PT_LOAD, 6, 0, 0x100000, 0, 0x1000)
    headers += segment(_PT_DYNAMIC if dynamic else 0, 6, place, place, step * len(numbers), step * len(numbers))
    headers += segment(_PT_GNU_RELRO, 4, 0, 0x100000, 0, 0x100)
    if stack is not None:
        headers += segment(_PT_GNU_STACK, stack, 0, 0, 0, 0)
    if notes:
        headers += segment(_PT_NOTE, 4, note, note, len(notes), len(notes))
    if interpreter:
        headers += segment(_PT_INTERP, 4, offset, offset, len(interpreter) + 1, len(interpreter) + 1)
    ident = b"\x7fELF" + bytes([bits // 32, 1 if mark == "<" else 2, 1]) + bytes(9)
    flags = FLAGS.get(arch, 0) if flags is None else flags
    head = (kind, machine, 1, 0, header, lies.get("shoff", 0), flags, header, entry, lies.get("phnum", segments), 64, 0, 0)
    return ident + pack(f"HHI{word * 3}IHHHHHH", *head) + headers + body


def wheel(
    folder: Path,
    name: str,
    files: Mapping[str, bytes],
    *,
    tags: Sequence[str] | None = None,
    record: Sequence[str] | None = None,
    is_pure: bool = False,
    requires: Sequence[str] = (),
    wheel_text: str | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """A wheel of *files*, well-formed but for what is asked: other *tags* in WHEEL, or all of its text, other names in *record*."""
    path = folder / name
    project, version, *_, python, abi, platform = name[:-4].split("-")
    if tags is None:
        tags = [f"{p}-{a}-{s}" for p in python.split(".") for a in abi.split(".") for s in platform.split(".")]
    info = f"{project}-{version}.dist-info"
    lines = ["Wheel-Version: 1.0", f"Root-Is-Purelib: {str(is_pure).lower()}", *[f"Tag: {tag}" for tag in tags]]
    listing = io.StringIO()
    csv.writer(listing).writerows([(file, "", "") for file in ([*files] if record is None else record)])
    with zipfile.ZipFile(path, "w", compression) as archive:
        for file, data in files.items():
            archive.writestr(file, data)
        archive.writestr(f"{info}/WHEEL", "\n".join(lines) + "\n" if wheel_text is None else wheel_text)
        metadata = "".join([f"Requires-Dist: {requirement}\n" for requirement in requires])
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project}\n{metadata}\nA text.\n")
        archive.writestr(f"{info}/RECORD", listing.getvalue())
    return path
