"""Reads the bytes of a program or a loader. Pure, bounded, and without :mod:`struct`, whose import takes half a millisecond."""

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Bytes of the first read. In every program seen so far they hold the header, the program headers and the interpreter's path.
HEAD = 4096
#: The kernel runs no program whose program headers take more than 64 KiB or whose interpreter path is longer than PATH_MAX,
#: so neither is worth reading.
MAX_PROGRAM_HEADERS = 65536
MAX_PATH = 4096
MAX_OFFSET = 2**63 - 1  # the largest offset in a file
#: Bytes of a musl loader that are searched for its version. Real loaders have 0.5 to 4 MB.
MAX_LOADER = 8 * 1024 * 1024
#: Dots in a loader that are looked at. A real loader has a few thousand.
MAX_DOTS = 100_000

_PT_INTERP = 3
_ET_EXEC = 2

#: e_ident[EI_CLASS] -> offsets and sizes of e_phoff, e_flags, e_phentsize, e_phnum; length of the header;
#: offsets and sizes of p_offset and p_filesz. Source: gABI, chapters 4 and 5.
_LAYOUTS = {
    1: ((28, 4), (36, 4), (42, 2), (44, 2), 52, (4, 4), (16, 4), 32),
    2: ((32, 8), (48, 4), (54, 2), (56, 2), 64, (8, 8), (32, 8), 56),
}
_ORDERS = {1: "little", 2: "big"}


class Elf(_core.Value):
    """A program's ELF header: ``bits`` (32 or 64), ``order`` ("little" or "big"), ``machine`` (e_machine), ``flags``, the path of
    its ``interpreter`` (PT_INTERP), None where none was found; and whether it ``is_static``, certainly without one."""

    __slots__ = ("bits", "order", "machine", "flags", "interpreter", "is_static")
    bits: "int"
    order: "str"
    machine: "int"
    flags: "int"
    interpreter: "str | None"
    is_static: "bool"

    @property
    def is_hard_float_arm(self) -> "bool":
        """Whether this is what armhf wheels need: 32-bit, little-endian, EABI 5, hard float. Source: AAELF32."""
        return (self.bits, self.order, self.machine) == (32, "little", 40) and (
            self.flags & 0xFF000000 == 0x05000000 and self.flags & 0x400 != 0
        )


def read_elf(read: "Callable[[int, int], bytes]") -> "Elf | str":
    """Read an ELF header through ``read(size, offset)``; returns a text that says what is wrong if it cannot be read.

    At most three reads of at most 64 KiB, whatever the file claims. Program headers that cannot be read mean no interpreter.
    """
    head = read(HEAD, 0)
    if head[:4] != b"\x7fELF":
        return "not an ELF file" if head else "an empty file"
    if len(head) < 6 or head[4] not in _LAYOUTS or head[5] not in _ORDERS:
        return "an ELF file of unknown class or byte order"
    layout, order = _LAYOUTS[head[4]], _ORDERS[head[5]]
    phoff_at, flags_at, phentsize_at, phnum_at, length, offset_at, filesz_at, entry = layout
    if len(head) < length:
        return "a truncated ELF file"

    def number(data: "bytes", place: "tuple[int, int]", start: "int" = 0) -> "int":
        at = start + place[0]
        return int.from_bytes(data[at : at + place[1]], order)  # type: ignore[arg-type]

    def part(size: "int", offset: "int") -> "bytes":
        if offset + size <= len(head):
            return head[offset : offset + size]
        return read(size, offset) if offset <= MAX_OFFSET else b""

    phentsize, phnum = number(head, phentsize_at), number(head, phnum_at)
    interpreter = None
    is_static = False
    if 0 < phentsize * phnum <= MAX_PROGRAM_HEADERS:
        # The last entry counts although a stride shorter than an entry leaves it beyond phentsize * phnum.
        table = part(phentsize * (phnum - 1) + entry, number(head, phoff_at))
        # A loader has no loader either, but it is not a program; its type is ET_DYN.
        is_static = number(head, (16, 2)) == _ET_EXEC and len(table) >= phentsize * phnum
        for start in range(0, phentsize * phnum, phentsize):
            if start + entry <= len(table) and number(table, (0, 4), start) == _PT_INTERP:
                is_static = False
                size = number(table, filesz_at, start)
                if size <= MAX_PATH:
                    path = part(size, number(table, offset_at, start))
                    interpreter = path.decode("utf-8", "surrogateescape").strip("\0")
                break
    return Elf(32 * head[4], order, number(head, (18, 2)), number(head, flags_at), interpreter or None, is_static)


#: The most bytes of a release of musl.
MAX_RELEASE = 40
_DIGITS = b"0123456789"


def musl_release(loader: "bytes") -> "str | None":
    """Find the release (``"1.2.5"``) in the bytes of musl's loader; None where there is none, or more than one.

    A musl loader holds the format of its banner, and its release as text that ends with a NUL. The release begins after a NUL
    too, except where the linker put it behind code (i386), so such a one counts where no other is to be found.
    """
    if b"musl libc (" not in loader:
        return None
    delimited: set[str] = set()
    loose: set[str] = set()
    dot = loader.find(b".", 1)
    for _ in range(MAX_DOTS):
        if dot < 0:
            break
        start = dot
        while start and dot - start < 3 and loader[start - 1] in _DIGITS:
            start -= 1
        before = loader[start - 1] if start else 0
        if start < dot and before not in b" .0123456789":  # after a space it is the release of a compiler
            text, end, _ = loader[start : start + MAX_RELEASE].partition(b"\0")
            if end and _is_release(text.decode("latin-1")):
                (loose if before else delimited).add(text.decode("latin-1"))
        dot = loader.find(b".", dot + 1)
    found = delimited or loose
    return found.pop() if len(found) == 1 else None


def _is_release(text: "str") -> "bool":
    """Whether *text* is X.Y.Z, perhaps with the suffix of a build from a repository (``1.2.5-git-12-gabcdef``)."""
    parts = text.split("-")[0].split("_")[0].split(".")
    return len(parts) == 3 and all(_core.is_number(part, 3) for part in parts) and text.isascii() and text.isprintable()


def banner_version(banner: "str") -> "str | None":
    """Find the version in the banner of musl's loader: a first line that begins with ``musl``, a second ``Version <version>``.

    Source: PEP 656.
    """
    lines = [line for line in [line.strip() for line in banner.splitlines()] if line]
    if len(lines) > 1 and lines[0].startswith("musl") and lines[1].startswith("Version "):
        return lines[1][len("Version ") :]
    return None


def banner_of_glibc(library: "bytes") -> "str | None":
    """Find ``2.41`` in the bytes of ``libc.so.6``: what follows ``release version`` in its banner; None without one."""
    version = _core.leading_version(library.partition(b" release version ")[2][:20].decode("latin-1"))
    return f"{version[0]}.{version[1]}" if version else None
