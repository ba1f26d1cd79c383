"""Untrusted bytes: ELF headers, loaders, banners. Bounded reads, whatever they claim."""

import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mltags._elf import MAX_OFFSET, Elf, musl_release, read_elf
from mltags.testing import make_elf


class Reader:
    """Bytes that are read, and a count of what was asked for."""

    def __init__(self, data: bytes) -> None:
        self.data, self.asked = data, []  # type: ignore[var-annotated]

    def __call__(self, size: int, offset: int) -> bytes:
        assert size >= 0
        assert 0 <= offset <= MAX_OFFSET
        self.asked.append(size)
        return self.data[offset : offset + size]


def read(data: bytes) -> "Elf | str":
    reader = Reader(data)
    elf = read_elf(reader)
    assert len(reader.asked) <= 3
    assert max(reader.asked) <= 65536 * 2
    return elf


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["little", "big"])
def test_each_class_and_byte_order_is_read(bits: int, order: str) -> None:
    data = make_elf(bits=bits, order=order, e_machine=40, flags=0x05000400, interpreter="/lib/ld-musl.so")
    assert read(data) == Elf(bits, order, 40, 0x05000400, "/lib/ld-musl.so", False)


def test_the_running_interpreter_is_read() -> None:
    with Path(sys.executable).open("rb") as file:
        data = file.read()
    elf = read(data)
    assert isinstance(elf, Elf)
    assert elf.bits in {32, 64}
    assert elf.interpreter is None or elf.interpreter.startswith("/")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "an empty file"),
        (b"#!/bin/sh\n", "not an ELF file"),
        (b"\x7fELF", "an ELF file of no known class or byte order"),
        (b"\x7fELF\x03\x01" + bytes(60), "an ELF file of no known class or byte order"),
        (b"\x7fELF\x02\x03" + bytes(60), "an ELF file of no known class or byte order"),
        (make_elf()[:63], "a truncated ELF file"),
        (make_elf(bits=32)[:51], "a truncated ELF file"),
    ],
)
def test_what_is_no_elf_says_why(data: bytes, problem: str) -> None:
    assert read(data) == problem


def test_a_static_program_has_no_interpreter() -> None:
    elf = read(make_elf(interpreter=None))
    assert isinstance(elf, Elf)
    assert elf.interpreter is None
    assert elf.is_static


def test_a_shared_object_without_an_interpreter_is_not_called_static() -> None:
    data = make_elf(interpreter=None)
    elf = read(data[:16] + b"\3" + data[17:])  # ET_DYN, as a loader is
    assert isinstance(elf, Elf)
    assert not elf.is_static


def patched(at: int, value: bytes) -> bytes:
    data = make_elf()
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize(
    "data",
    [
        make_elf()[:64],
        patched(32, b"\xff" * 8),  # program headers beyond any file
        patched(32, (2**40).to_bytes(8, "little")),
        patched(54, b"\xff\xff\xff\xff"),  # 65,535 program headers of 65,535 bytes
        patched(54, b"\0\0"),
        patched(64 + 32, b"\xff" * 8),  # a path of 16 EiB
        patched(64 + 32, (4097).to_bytes(8, "little")),
        patched(64, b"\1"),  # no PT_INTERP
    ],
)
def test_absurd_program_headers_mean_no_interpreter(data: bytes) -> None:
    elf = read(data)
    assert isinstance(elf, Elf)
    assert elf.interpreter is None


def test_a_path_beyond_the_file_is_empty() -> None:
    elf = read(patched(64 + 8, (2**62).to_bytes(8, "little")))
    assert isinstance(elf, Elf)
    assert elf.interpreter is None
    assert not elf.is_static


def test_the_first_interpreter_counts_at_any_stride() -> None:
    # Two headers 60 bytes apart, the second PT_INTERP, beyond the first read.
    one = make_elf()
    header, program, path = one[:64], one[64:120], one[120:]
    header = header[:32] + (5000).to_bytes(8, "little") + header[40:54] + b"\x3c\0\2\0" + header[58:]
    program = program[:8] + (6000).to_bytes(8, "little") + program[16:]
    data = header.ljust(5000, b"\0") + bytes(60) + program
    data = data.ljust(6000, b"\0") + path
    elf = read(data)
    assert isinstance(elf, Elf)
    assert elf.interpreter == "/lib64/ld-linux-x86-64.so.2"


@given(st.binary(max_size=200))
@example(b"\x7fELF\x02\x01")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert isinstance(read(data), (Elf, str))


@given(
    st.sampled_from([make_elf(), make_elf("armv7l"), make_elf("s390x"), make_elf("ppc64")]),
    st.lists(st.tuples(st.integers(4, 160), st.binary(min_size=1, max_size=8)), max_size=6),
    st.integers(0, 200),
)
def test_a_mutated_header_is_read_or_refused(data: bytes, changes: list, cut: int) -> None:
    for at, value in changes:
        data = data[:at] + value + data[at + len(value) :]
    assert isinstance(read(data[: len(data) - cut]), (Elf, str))


@pytest.mark.parametrize(
    ("flags", "bits", "order", "fits"),
    [
        (0x05000400, 32, "little", True),
        (0x05000600, 32, "little", True),
        (0x05000200, 32, "little", False),
        (0x05000000, 32, "little", False),
        (0x04000400, 32, "little", False),
        (0x05000400, 32, "big", False),
        (0x05000400, 64, "little", False),
    ],
)
def test_hard_float_arm_is_known_by_its_flags(flags: int, bits: int, order: str, *, fits: bool) -> None:
    assert Elf(bits, order, 40, flags, None, False).is_hard_float_arm is fits


BANNER = b"musl libc (x86_64)\nVersion %s\n\0"


@pytest.mark.parametrize(
    ("loader", "release"),
    [
        (BANNER + b"\x001.2.5\x00", "1.2.5"),
        (b"1.1.24\0" + BANNER, "1.1.24"),
        (BANNER + b"\x001.2.5-git-12-gabcdef\x00", "1.2.5-git-12-gabcdef"),
        (BANNER + b"\x001.2.4_git20230717\x00", "1.2.4_git20230717"),
        (BANNER + b"\xff\xe5J*1.2.5\x00", "1.2.5"),  # as on i386, where the linker put it behind code
        (BANNER + b"*1.2.3\0\x001.2.5\x00", "1.2.5"),
        (BANNER + b".1.2.5\0GCC: (GNU) 9.4.0\0", None),  # a compiler's release is not musl's
        (BANNER + b"." * 100_001 + b"\x001.2.5\x00", None),  # no loader is full of dots
        (BANNER + b"\x001.2.5\x00\x001.2.5\x00", "1.2.5"),
        (BANNER + b"\x001.2.5\x00\x001.2.4\x00", None),
        (BANNER + b"\x001.2.5", None),  # it ends with no NUL
        (BANNER + b"\x0011.2.5\x00", "11.2.5"),
        (BANNER + b"\x001111.2.5\x00", None),
        (BANNER + b"\x001.2\x00", None),
        (BANNER + b"\x001.2.\x00", None),
        (BANNER + b"\x001..2\x00", None),
        (BANNER + b"\x001.2.5\x01\x00", None),
        (BANNER + b"\x001.2.5-" + b"x" * 60 + b"\0", None),
        (BANNER + b"\x001.2.5.6\x00", None),
        (BANNER + b"\x00a.b.c\x00", None),
        (b"\x001.2.5\x00", None),  # no loader of musl
        (b"", None),
    ],
)
def test_the_release_is_found_in_the_loader(loader: bytes, release: "str | None") -> None:
    assert musl_release(loader) == release


@given(st.binary(max_size=300))
def test_any_loader_has_a_release_or_none(data: bytes) -> None:
    assert musl_release(BANNER + data) is None or "." in str(musl_release(BANNER + data))
