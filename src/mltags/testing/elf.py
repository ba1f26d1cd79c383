"""Writes small ELF files: programs that a probe can read but that cannot be run."""

from __future__ import annotations

import struct

from .. import _abi

#: e_flags of a 32-bit ARM program: EABI 5 and hard float. Source: AAELF32.
_HARD_FLOAT = 0x05000400

_PT_LOAD, _PT_INTERP = 1, 3
_ET_EXEC = 2


def interpreter_of(machine: str, size: int | None = None) -> tuple[int, int, str]:
    """The e_machine, bits and byte order of the interpreters on *machine*; those of x86_64 if it is unknown.

    *size*: bytes of a pointer; it counts if interpreters of that processor family may have this size.
    """
    rows = _abi.INTERPRETERS
    exact = [row for row, arch in rows.items() if arch == machine]
    alike = [row for row, arch in rows.items() if _abi.family(arch) == _abi.family(machine) != (None, 0)]
    own = [*exact, *alike][0] if exact or alike else interpreter_of("x86_64")
    shape = (8 * (size or 0), own[2])
    return next((row for row in rows if row[1:] == shape and _abi.MACHINES[row[0]] == _abi.MACHINES[own[0]]), own)


def make_elf(
    machine: str = "x86_64",
    *,
    bits: int | None = None,
    order: str | None = None,
    e_machine: int | None = None,
    flags: int | None = None,
    interpreter: str | None = "/lib64/ld-linux-x86-64.so.2",
) -> bytes:
    """Make the smallest ELF program of *machine* that a probe can read; it cannot be run.

    >>> from mltags.testing import FakeHost, make_elf
    >>> import mltags
    >>> soft_float = make_elf("armv7l", flags=0x05000000)
    >>> mltags.platform_tags(mltags.probe(FakeHost("armv7l", glibc="2.36", elf=soft_float)))
    ('linux_armv7l',)

    Args:
        machine: as in ``os.uname().machine``; the other arguments follow from it unless given.
        bits: 32 or 64.
        order: ``"little"`` or ``"big"``.
        e_machine: the number of the processor.
        flags: e_flags; for 32-bit ARM those of EABI 5 and hard float unless given.
        interpreter: the path of its loader (PT_INTERP); None for a statically linked program.
    """
    known = interpreter_of(machine)
    e_machine = known[0] if e_machine is None else e_machine
    bits = known[1] if bits is None else bits
    mark = ">" if (order or known[2]) == "big" else "<"
    if flags is None:
        flags = _HARD_FLOAT if bits == 32 and _abi.MACHINES.get(e_machine) == "arm" else 0
    path = b"" if interpreter is None else interpreter.encode() + b"\0"
    kind = _PT_LOAD if interpreter is None else _PT_INTERP
    ident = b"\x7fELF" + bytes([bits // 32, 2 if mark == ">" else 1, 1]) + bytes(9)
    if bits == 64:
        header = struct.pack(mark + "HHIQQQIHHHHHH", _ET_EXEC, e_machine, 1, 0, 64, 0, flags, 64, 56, 1, 64, 0, 0)
        program = struct.pack(mark + "IIQQQQQQ", kind, 4, 120, 0, 0, len(path), len(path), 1)
    else:
        header = struct.pack(mark + "HHIIIIIHHHHHH", _ET_EXEC, e_machine, 1, 0, 52, 0, flags, 52, 32, 1, 40, 0, 0)
        program = struct.pack(mark + "IIIIIIII", kind, 84, 0, 0, len(path), len(path), 4, 1)
    return ident + header + program + path
