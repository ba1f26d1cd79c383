"""Untrusted bytes: ELF headers, loaders, banners. Bounded reads, whatever they claim."""

import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mltags import _elf
from mltags._elf import Elf
from mltags.testing import make_elf


class Reader:
    """Bytes that are read, and a count of what was asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.asked: list[int] = []

    def __call__(self, size: int, offset: int) -> bytes:
        assert size >= 0
        assert 0 <= offset <= _elf.MAX_OFFSET
        self.asked.append(size)
        return self.data[offset : offset + size]


def read(data: bytes) -> "Elf | str":
    reader = Reader(data)
    elf = _elf.read_elf(reader)
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
        pytest.param(b"", "an empty file", id="nothing"),
        pytest.param(b"#!/bin/sh\n", "not an ELF file", id="a script"),
        pytest.param(b"\x7fELF", "an ELF file of unknown class or byte order", id="the magic alone"),
        pytest.param(b"\x7fELF\x03\x01" + bytes(60), "an ELF file of unknown class or byte order", id="an unknown class"),
        pytest.param(b"\x7fELF\x02\x03" + bytes(60), "an ELF file of unknown class or byte order", id="an unknown byte order"),
        pytest.param(make_elf()[:63], "a truncated ELF file", id="half a 64-bit header"),
        pytest.param(make_elf(bits=32)[:51], "a truncated ELF file", id="half a 32-bit header"),
    ],
)
def test_what_is_not_a_program_is_named(data: bytes, problem: str) -> None:
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
        pytest.param(make_elf()[:64], id="a header alone"),
        pytest.param(patched(32, b"\xff" * 8), id="program headers beyond any file"),
        pytest.param(patched(32, (2**40).to_bytes(8, "little")), id="program headers beyond this file"),
        pytest.param(patched(54, b"\xff\xff\xff\xff"), id="65,535 program headers of 65,535 bytes"),
        pytest.param(patched(54, b"\0\0"), id="program headers of no size"),
        pytest.param(patched(64 + 32, b"\xff" * 8), id="a path of 16 EiB"),
        pytest.param(patched(64 + 32, (4097).to_bytes(8, "little")), id="a path longer than any"),
        pytest.param(patched(64, b"\1"), id="no PT_INTERP"),
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
        pytest.param(0x05000400, 32, "little", True, id="EABI 5, hard float"),
        pytest.param(0x05000600, 32, "little", True, id="both floats claimed"),
        pytest.param(0x05000200, 32, "little", False, id="soft float"),
        pytest.param(0x05000000, 32, "little", False, id="no float named"),
        pytest.param(0x04000400, 32, "little", False, id="EABI 4"),
        pytest.param(0x05000400, 32, "big", False, id="big-endian"),
        pytest.param(0x05000400, 64, "little", False, id="64-bit"),
    ],
)
def test_hard_float_arm_is_recognized_by_its_flags(flags: int, bits: int, order: str, *, fits: bool) -> None:
    assert Elf(bits, order, 40, flags, None, False).is_hard_float_arm is fits


def test_hard_float_arm_is_arm() -> None:
    assert not Elf(32, "little", 3, 0x05000400, None, False).is_hard_float_arm


BANNER = b"musl libc (x86_64)\nVersion %s\n\0"


class TestR9MuslRelease:
    """The musl version is read out of the loader's file: its release stands there as text that ends with a NUL."""

    @pytest.mark.parametrize(
        ("loader", "release"),
        [
            pytest.param(BANNER + b"\x001.2.5\x00", "1.2.5", id="after the banner"),
            pytest.param(b"1.1.24\0" + BANNER, "1.1.24", id="at the beginning"),
            pytest.param(BANNER + b"\x001.2.5-git-12-gabcdef\x00", "1.2.5-git-12-gabcdef", id="built from a repository"),
            pytest.param(BANNER + b"\x001.2.4_git20230717\x00", "1.2.4_git20230717", id="a distribution's snapshot"),
            pytest.param(BANNER + b"\xff\xe5J*1.2.5\x00", "1.2.5", id="behind code, as on i386"),
            pytest.param(BANNER + b"*1.2.3\0\x001.2.5\x00", "1.2.5", id="one after a NUL and one behind code"),
            pytest.param(BANNER + b".1.2.5\0GCC: (GNU) 9.4.0\0", None, id="a compiler's release"),
            pytest.param(BANNER + b"." * 100_001 + b"\x001.2.5\x00", None, id="more dots than any loader has"),
            pytest.param(BANNER + b"\x001.2.5\x00\x001.2.5\x00", "1.2.5", id="the same twice"),
            pytest.param(BANNER + b"\x001.2.5\x00\x001.2.4\x00", None, id="two different ones"),
            pytest.param(BANNER + b"\x001.2.5", None, id="no NUL at its end"),
            pytest.param(BANNER + b"\x0011.2.5\x00", "11.2.5", id="a major version of two digits"),
            pytest.param(BANNER + b"\x001111.2.5\x00", None, id="a major version of four digits"),
            pytest.param(BANNER + b"\x001.2\x00", None, id="two numbers"),
            pytest.param(BANNER + b"\x001.2.\x00", None, id="an empty third number"),
            pytest.param(BANNER + b"\x001..2\x00", None, id="an empty second number"),
            pytest.param(BANNER + b"\x001.2.5\x01\x00", None, id="a control character"),
            pytest.param(BANNER + b"\x001.2.5-" + b"x" * 60 + b"\0", None, id="longer than any release"),
            pytest.param(BANNER + b"\x001.2.5.6\x00", None, id="four numbers"),
            pytest.param(BANNER + b"\x00a.b.c\x00", None, id="letters"),
            pytest.param(b"\x001.2.5\x00", None, id="not a loader of musl"),
            pytest.param(b"", None, id="an empty file"),
        ],
    )
    def test_the_release_is_found_in_the_loader(self, loader: bytes, release: "str | None") -> None:
        assert _elf.musl_release(loader) == release

    @given(st.binary(max_size=300))
    def test_any_loader_has_a_release_or_none(self, data: bytes) -> None:
        release = _elf.musl_release(BANNER + data)
        assert release is None or release.encode("latin-1") in data

    @pytest.mark.parametrize(
        ("banner", "version"),
        [
            pytest.param("musl libc (x86_64)\nVersion 1.2.5\nDynamic Program Loader\n", "1.2.5", id="what a loader prints"),
            pytest.param("\n\n  musl libc\n\n  Version 1.1.24  \n", "1.1.24", id="blank lines and blanks"),
            pytest.param("musl\nVersion ", None, id="no version"),
            pytest.param("musl libc (x86_64) Version 1.2.5\n", None, id="one line"),
            pytest.param("warning\nmusl libc\nVersion 1.2.5\n", None, id="another line first"),
            pytest.param("musl libc\nversion 1.2.5\n", None, id="in lower case"),
            pytest.param("", None, id="nothing"),
        ],
    )
    def test_the_banner_that_a_loader_prints_is_read(self, banner: str, version: "str | None") -> None:
        assert _elf.banner_version(banner) == version


@pytest.mark.parametrize(
    ("banner", "version"),
    [
        pytest.param(b"GNU C Library (Debian GLIBC 2.41-12) stable release version 2.41.\n\0", "2.41", id="Debian's"),
        pytest.param(b"stable release version 2.17, by Roland McGrath et al.\n", "2.17", id="an old one"),
        pytest.param(b"development release version 2.40.9000.\n", "2.40", id="a development release"),
        pytest.param(b" release version 2.5\0", "2.5", id="nothing behind it"),
        pytest.param(b" release version x", None, id="no number"),
        pytest.param(b" release version 2.x", None, id="one number"),
        pytest.param(b"nothing", None, id="no banner"),
    ],
)
def test_the_banner_of_glibc_is_read_whatever_follows(banner: bytes, version: "str | None") -> None:
    assert _elf.banner_of_glibc(b"\0\0" + banner) == version
