"""Small ELF files: what the probe reads in them is what was asked for."""

import pytest

from mltags import _abi, _elf
from mltags.testing import make_elf


def read(program: bytes) -> _elf.Elf:
    elf = _elf.read_elf(lambda size, offset: program[offset : offset + size])
    assert isinstance(elf, _elf.Elf), elf
    return elf


class TestIdentity:
    """A program has the ELF identity of the interpreters on its machine."""

    @pytest.mark.parametrize("arch", sorted(set(_abi.INTERPRETERS.values())))
    def test_a_program_of_an_architecture_is_one_of_that_architecture(self, arch: str) -> None:
        assert _abi.arch_of(read(make_elf(arch))) == arch

    @pytest.mark.parametrize(
        ("machine", "arch"),
        [
            pytest.param("i386", "i686", id="i386 runs i686 programs"),
            pytest.param("i586", "i686", id="i586 runs i686 programs"),
            pytest.param("armv6l", "armv7l", id="one header stands for every 32-bit ARM"),
            pytest.param("armv8l", "armv7l", id="a 32-bit ARM on a 64-bit kernel"),
            pytest.param("armeb", "armeb", id="a big-endian ARM is its own"),
            pytest.param("vax", "x86_64", id="a machine nobody knows"),
        ],
    )
    def test_a_machine_has_the_programs_of_its_family(self, machine: str, arch: str) -> None:
        assert _abi.arch_of(read(make_elf(machine))) == arch

    def test_a_32_bit_arm_program_has_hard_float(self) -> None:
        assert read(make_elf("armv7l")).is_hard_float_arm
        assert not read(make_elf("armv7l", flags=0x05000200)).is_hard_float_arm
        assert read(make_elf("aarch64")).flags == 0


class TestOverrides:
    """What is given takes precedence over the machine."""

    def test_every_field_may_be_given(self) -> None:
        program = make_elf("x86_64", bits=32, order="big", e_machine=20, flags=7, interpreter="/lib/ld.so.1")
        assert read(program) == _elf.Elf(32, "big", 20, 7, "/lib/ld.so.1", False)

    def test_without_an_interpreter_it_is_statically_linked(self) -> None:
        assert read(make_elf(interpreter=None)) == _elf.Elf(64, "little", 62, 0, None, True)
