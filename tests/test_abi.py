"""What only the interpreter's own program shows: its ABI, and whether its C library is musl."""

import pytest

import mltags
from mltags import _abi
from mltags._elf import Elf
from mltags.testing import FakeHost, make_elf

LOADER = "/lib/ld-musl-x86_64.so.1"

UNREADABLE = "only the interpreter's ELF header shows whether {} wheels fit, and it could not be read"
NOT_BUILT_FOR = "the interpreter is not what {} wheels are built for: "
NOT_HARD_FLOAT = NOT_BUILT_FOR + "it is not a little-endian, hard-float EABI 5 program"
CROSS = "a cross target; the C library is that of this machine"
UNPINNED = "the name {} does not identify the ABI of a wheel (PEP 600)"


def facts(platform: mltags.Platform, fact: str) -> "list[tuple[str, str, str]]":
    return [(item.question, item.answer, item.conclusion) for item in platform.evidence if item.fact == fact]


def check(host: FakeHost, archs: "tuple[str, ...]", libc_archs: "tuple[str, ...]", why: "str | None") -> None:
    """Whether *host* has these architectures, tags of a C library for those, and *why* as the only reason in its evidence."""
    platform = mltags.probe(host)
    assert (platform.archs, platform.libc_archs) == (archs, libc_archs)
    assert facts(platform, "libc_tags") == ([] if why is None else [("architecture", archs[0], why)])


def cases(rows: "dict[str, tuple[FakeHost, tuple[str, ...], tuple[str, ...], str | None]]") -> pytest.MarkDecorator:
    """Rows by their names: the host, its architectures, those with tags of a C library, why not the others."""
    params = [pytest.param(*row, id=name) for name, row in rows.items()]
    return pytest.mark.parametrize(("host", "archs", "libc_archs", "why"), params)


class TestR4NamesThatIdentifyTheAbi:
    """A name that does not identify the ABI of its wheels has no manylinux tags (PEP 600); musllinux keeps packaging's answer."""

    @pytest.mark.parametrize(
        ("arch", "size", "pinned"),
        [
            ("x86_64", 8, True),
            ("riscv64", 4, True),
            ("i686", 4, True),
            ("i586", 4, False),
            ("i486", 4, False),
            ("i386", 4, False),
            ("armv8l", 4, True),
            ("armv7l", 4, True),
            ("armv6l", 4, False),
            ("armeb", 4, False),
            ("sparc64", 8, True),
            ("sparc64", 4, False),
            ("sparc", 4, True),
            ("mips", 4, False),
            ("mips64", 8, False),
            ("mips64el", 8, False),
            ("e2k", 8, False),
            ("e2kv4", 8, False),
            ("foo64", 8, True),
            ("foo64", 4, False),
            ("foo", 4, True),
            ("7up", 4, True),
            pytest.param("f\N{LATIN SMALL LETTER O WITH DIAERESIS}", 8, False, id="a letter beyond ASCII"),
            pytest.param("foo bar", 8, False, id="a blank"),
            pytest.param("", 8, False, id="no name"),
        ],
    )
    def test_a_name_identifies_the_abi_or_does_not(self, arch: str, size: int, *, pinned: bool) -> None:
        assert _abi.is_pinned(arch, size) is pinned

    @cases(
        {
            "armv6l": (FakeHost("armv6l", glibc="2.17"), ("armv6l",), (), UNPINNED.format("armv6l")),
            "i386": (FakeHost("i386", glibc="2.17"), ("i386",), (), UNPINNED.format("i386")),
            "mips": (FakeHost("mips", glibc="2.36"), ("mips",), (), UNPINNED.format("mips")),
            "mips64": (FakeHost("mips64", glibc="2.17"), ("mips64",), (), UNPINNED.format("mips64")),
            "e2k": (FakeHost("e2k", glibc="2.29", pointer_size=8), ("e2k",), (), UNPINNED.format("e2k")),
            "foo64 with 4-byte pointers": (
                FakeHost("foo64", glibc="2.17", pointer_size=4),
                ("foo64",),
                (),
                UNPINNED.format("foo64"),
            ),
            "sparc64 with 4-byte pointers": (
                FakeHost("sparc64", glibc="2.17", pointer_size=4, elf=None),
                ("sparc64",),
                (),
                UNPINNED.format("sparc64"),
            ),
            "no name": (FakeHost("", glibc="2.17"), ("",), (), UNPINNED.format("")),
            "a name that is not one": (FakeHost("x;y", glibc="2.17"), ("x;y",), (), UNPINNED.format("x;y")),
            "i386 on musl": (FakeHost("i386", musl="1.2"), ("i386",), ("i386",), None),
            "armv6l on musl": (FakeHost("armv6l", musl="1.2"), ("armv6l",), ("armv6l",), None),
            "mips on musl": (
                FakeHost("mips", musl="1.2", pointer_size=4, elf=make_elf("mips", interpreter="/lib/ld-musl-mips.so.1")),
                ("mips",),
                ("mips",),
                None,
            ),
            "mips64 on musl": (
                FakeHost("mips64", musl="1.2", elf=make_elf("mips64", interpreter="/lib/ld-musl-mips64.so.1")),
                ("mips64",),
                ("mips64",),
                None,
            ),
            "e2k on musl": (FakeHost("e2k", musl="1.2", pointer_size=8), ("e2k",), ("e2k",), None),
            "legv8le on glibc": (FakeHost("legv8le", glibc="2.17"), ("legv8le",), ("legv8le",), None),
            "legv8le, whose program has to be read": (
                FakeHost("legv8le", glibc="2.17", answers={"confstr": None}),
                ("legv8le",),
                ("legv8le",),
                None,
            ),
        }
    )
    def test_a_probed_machine(
        self, host: FakeHost, archs: "tuple[str, ...]", libc_archs: "tuple[str, ...]", why: "str | None"
    ) -> None:
        check(host, archs, libc_archs, why)

    def test_the_tags_of_such_a_machine(self) -> None:
        assert mltags.platform_tags(mltags.probe(FakeHost("e2k", glibc="2.29", pointer_size=8))) == ("linux_e2k",)
        assert mltags.platform_tags(mltags.probe(FakeHost("e2k", musl="1.1", pointer_size=8))) == (
            "linux_e2k",
            "musllinux_1_1_e2k",
            "musllinux_1_0_e2k",
        )
        assert mltags.platform_tags(mltags.probe(FakeHost("legv8le", glibc="2.18"))) == (
            "linux_legv8le",
            "manylinux_2_18_legv8le",
            "manylinux_2_17_legv8le",
            "manylinux2014_legv8le",
        )


class TestR5CheckedAbis:
    """armv7l and armv8l need a 32-bit, little-endian, hard-float EABI 5 program, i686 an i386 one; armv8l takes armv7l's wheels."""

    @cases(
        {
            "armv7l": (FakeHost("armv7l", glibc="2.17"), ("armv7l",), ("armv7l",), None),
            "armv8l": (FakeHost("armv8l", glibc="2.17"), ("armv8l", "armv7l"), ("armv8l", "armv7l"), None),
            "i686": (FakeHost("i686", glibc="2.17"), ("i686",), ("i686",), None),
            "armv7l on musl": (FakeHost("armv7l", musl="1.2"), ("armv7l",), ("armv7l",), None),
            "armv7l, soft float": (
                FakeHost("armv7l", glibc="2.17", elf=make_elf("armv7l", flags=0x05000200)),
                ("armv7l",),
                (),
                NOT_HARD_FLOAT.format("armv7l"),
            ),
            "armv7l, soft float on musl": (
                FakeHost("armv7l", musl="1.2", elf=make_elf("armv7l", flags=0x05000200, interpreter=LOADER)),
                ("armv7l",),
                (),
                NOT_HARD_FLOAT.format("armv7l"),
            ),
            "armv8l, EABI 4": (
                FakeHost("armv8l", glibc="2.17", elf=make_elf("armv7l", flags=0x04000400)),
                ("armv8l", "armv7l"),
                (),
                NOT_HARD_FLOAT.format("armv8l"),
            ),
            "armv7l, big-endian": (
                FakeHost("armv7l", glibc="2.17", elf=make_elf("armeb")),
                ("armv7l",),
                (),
                NOT_HARD_FLOAT.format("armv7l"),
            ),
            "armv7l, unreadable": (FakeHost("armv7l", glibc="2.17", elf=None), ("armv7l",), (), UNREADABLE.format("armv7l")),
            "armv8l, unreadable": (
                FakeHost("armv8l", glibc="2.17", elf=None),
                ("armv8l", "armv7l"),
                (),
                UNREADABLE.format("armv8l"),
            ),
            "i686, unreadable": (FakeHost("i686", glibc="2.17", elf=None), ("i686",), (), UNREADABLE.format("i686")),
        }
    )
    def test_a_probed_machine(
        self, host: FakeHost, archs: "tuple[str, ...]", libc_archs: "tuple[str, ...]", why: "str | None"
    ) -> None:
        check(host, archs, libc_archs, why)

    def test_an_armv8l_has_its_own_tags_first(self) -> None:
        assert mltags.platform_tags(mltags.probe(FakeHost("armv8l", glibc="2.18"))) == (
            "linux_armv8l",
            "linux_armv7l",
            "manylinux_2_18_armv8l",
            "manylinux_2_17_armv8l",
            "manylinux2014_armv8l",
            "manylinux_2_18_armv7l",
            "manylinux_2_17_armv7l",
            "manylinux2014_armv7l",
        )

    @pytest.mark.parametrize(
        ("elf", "fits"),
        [
            pytest.param(None, {"armv7l": False, "armv8l": False, "i686": False, "x86_64": True}, id="unreadable"),
            pytest.param(
                Elf(32, "little", 40, 0x05000400, None, False),
                {"armv7l": True, "armv8l": True, "i686": False, "x86_64": True},
                id="hard-float ARM",
            ),
            pytest.param(
                Elf(32, "little", 3, 0, None, False),
                {"armv7l": False, "armv8l": False, "i686": True, "x86_64": True},
                id="i386",
            ),
        ],
    )
    def test_the_header_decides_for_these_three_only(self, elf: "Elf | None", fits: "dict[str, bool]") -> None:
        assert {arch: _abi.has_abi_of(arch, elf) for arch in fits} == fits


#: (name, e_machine, bits, byte order): what gABI and the kernel call the same thing.
OWN = [
    ("x86_64", 62, 64, "little"),
    ("i686", 3, 32, "little"),
    ("aarch64", 183, 64, "little"),
    ("aarch64_be", 183, 64, "big"),
    ("armv7l", 40, 32, "little"),
    ("armeb", 40, 32, "big"),
    ("ppc64", 21, 64, "big"),
    ("ppc64le", 21, 64, "little"),
    ("ppc", 20, 32, "big"),
    ("ppcle", 20, 32, "little"),
    ("s390x", 22, 64, "big"),
    ("s390", 22, 32, "big"),
    ("riscv64", 243, 64, "little"),
    ("riscv32", 243, 32, "little"),
    ("loongarch64", 258, 64, "little"),
    ("loongarch32", 258, 32, "little"),
    ("sparc64", 43, 64, "big"),
    ("sparc", 2, 32, "big"),
    ("sparc", 18, 32, "big"),
]


def running(machine: str, e_machine: int, bits: int, order: str, *, glibc: "str | None" = None) -> FakeHost:
    """The kernel calls it *machine*, and the interpreter is such a program, of musl 1.2 unless *glibc* is given."""
    loader = "/lib/ld.so" if glibc else LOADER
    elf = make_elf(e_machine=e_machine, bits=bits, order=order, interpreter=loader)
    return FakeHost(machine, pointer_size=bits // 8, elf=elf, glibc=glibc, musl=None if glibc else "1.2")


class TestR6TheInterpreterDecides:
    """Within one processor family the tags follow the interpreter, not the kernel's name; another family is a cross target."""

    @cases(
        {
            "a cross target": (
                FakeHost("aarch64", glibc="2.17", answers={"declared_platform": "linux-aarch64"}),
                ("aarch64",),
                ("aarch64",),
                CROSS,
            ),
            "a cross target on musl": (
                FakeHost("armv7l", musl="1.1", pointer_size=8, elf=make_elf("x86_64", interpreter="/lib/ld-musl-armv7l.so.1")),
                ("armv7l",),
                ("armv7l",),
                CROSS,
            ),
            "a cross target without a C library": (
                FakeHost("ppc64le", elf=make_elf("x86_64")),
                ("ppc64le",),
                ("ppc64le",),
                CROSS,
            ),
            "a cross target that packaging does not know": (
                FakeHost("legv8le", glibc="2.17", answers={"declared_platform": "linux-legv8le"}),
                ("legv8le",),
                (),
                CROSS + ", and legv8le has no manylinux tags",
            ),
            "a cross target whose interpreter has another ABI": (
                FakeHost(
                    "i686", glibc="2.17", pointer_size=8, elf=make_elf("x86_64"), answers={"declared_platform": "linux-i686"}
                ),
                ("i686",),
                (),
                CROSS + ", and the interpreter is not an i686 program",
            ),
            "a cross target whose interpreter cannot be read": (
                FakeHost("armv8l", glibc="2.17", elf=None, answers={"declared_platform": "linux-armv8l"}),
                ("armv8l", "armv7l"),
                (),
                CROSS + ", and the interpreter is not an armv8l program",
            ),
            "unreadable": (FakeHost("s390x", glibc="2.17", pointer_size=4, elf=None), ("s390x",), ("s390x",), None),
            "unreadable, and its ABI counts": (
                FakeHost("armv7l", glibc="2.17", elf=None),
                ("armv7l",),
                (),
                UNREADABLE.format("armv7l"),
            ),
            "the machine's own": (FakeHost("s390", glibc="2.17"), ("s390",), ("s390",), None),
            "the machine's own, of another ABI": (
                FakeHost("armv7l", glibc="2.17", elf=make_elf("armv7l", flags=0x05000200)),
                ("armv7l",),
                (),
                NOT_HARD_FLOAT.format("armv7l"),
            ),
            "a 64-bit interpreter under linux32": (
                FakeHost("i686", glibc="2.17", pointer_size=8, elf=make_elf("x86_64")),
                ("i686", "x86_64"),
                ("x86_64",),
                None,
            ),
            "an interpreter of another ABI in the same family": (
                FakeHost("ppc64", glibc="2.17", elf=make_elf("ppc64le"), answers={"confstr": None}),
                ("ppc64",),
                (),
                NOT_BUILT_FOR.format("ppc64") + "it is a 64-bit program of machine 21",
            ),
        }
    )
    def test_each_row_of_the_table(
        self, host: FakeHost, archs: "tuple[str, ...]", libc_archs: "tuple[str, ...]", why: "str | None"
    ) -> None:
        check(host, archs, libc_archs, why)

    @cases(
        {
            "x32": (
                FakeHost(glibc="2.17", pointer_size=4, elf=make_elf(bits=32)),
                ("i686",),
                (),
                NOT_BUILT_FOR.format("i686") + "it is a 32-bit program of machine 62",
            ),
            "x32 on musl": (
                FakeHost(musl="1.2", pointer_size=4, elf=make_elf(bits=32, interpreter=LOADER)),
                ("i686",),
                (),
                NOT_BUILT_FOR.format("i686") + "it is a 32-bit program of machine 62",
            ),
            "s390 on s390x": (
                FakeHost("s390x", glibc="2.17", pointer_size=4, elf=make_elf("s390")),
                ("s390x",),
                (),
                NOT_BUILT_FOR.format("s390x") + "it is a 32-bit program of machine 22",
            ),
            "s390x under linux32": (
                FakeHost("s390", glibc="2.17", pointer_size=8, elf=make_elf("s390x")),
                ("s390", "s390x"),
                ("s390x",),
                None,
            ),
            "ppc64 under linux32": (
                FakeHost("ppc", glibc="2.17", pointer_size=8, elf=make_elf("ppc64")),
                ("ppc", "ppc64"),
                ("ppc64",),
                None,
            ),
            "x86_64 under linux32, on musl": (
                FakeHost("i686", musl="1.2", pointer_size=8, elf=make_elf("x86_64", interpreter="/lib/ld-musl-i686.so.1")),
                ("i686", "x86_64"),
                ("x86_64",),
                None,
            ),
            "aarch64 under the name armv8l": (
                FakeHost("armv8l", glibc="2.17", pointer_size=8, elf=make_elf("aarch64")),
                ("armv8l", "armv7l", "aarch64"),
                ("aarch64",),
                None,
            ),
            "aarch64 with 32 bits": (
                FakeHost("aarch64", glibc="2.17", pointer_size=4, elf=make_elf("aarch64", bits=32)),
                ("armv8l", "armv7l"),
                (),
                NOT_BUILT_FOR.format("armv8l") + "it is a 32-bit program of machine 183",
            ),
            "a 32-bit Python on a 64-bit kernel": (
                FakeHost("aarch64", glibc="2.17", pointer_size=4),
                ("armv8l", "armv7l"),
                ("armv8l", "armv7l"),
                None,
            ),
            "a ppcle program on ppc": (
                FakeHost("ppc", glibc="2.17", elf=make_elf("ppcle")),
                ("ppc",),
                (),
                NOT_BUILT_FOR.format("ppc") + "it is a 32-bit program of machine 20",
            ),
            "a big-endian ARM of another name, on musl": (
                FakeHost("armv7b", musl="1.2", pointer_size=4, elf=make_elf("armeb", interpreter=LOADER)),
                ("armv7b",),
                ("armv7b",),
                None,
            ),
            "an i686 program on x86_64, unknown pointers": (
                FakeHost("x86_64", glibc="2.17", elf=make_elf("i686"), answers={"confstr": None, "pointer_size": None}),
                ("x86_64",),
                (),
                NOT_BUILT_FOR.format("x86_64") + "it is a 32-bit program of machine 3",
            ),
            "unknown pointers": (
                FakeHost("x86_64", glibc="2.17", answers={"pointer_size": None}),
                ("x86_64",),
                ("x86_64",),
                None,
            ),
            "a 32-bit header under 64-bit pointers": (
                FakeHost("i686", glibc="2.17", elf=make_elf("i686"), answers={"pointer_size": 8}),
                ("i686",),
                (),
                UNREADABLE.format("i686"),
            ),
            "a 32-bit header under unknown pointers": (
                FakeHost("i686", glibc="2.17", elf=make_elf("i686"), answers={"pointer_size": None}),
                ("i686",),
                ("i686",),
                None,
            ),
        }
    )
    def test_machines_with_two_sizes_of_pointers(
        self, host: FakeHost, archs: "tuple[str, ...]", libc_archs: "tuple[str, ...]", why: "str | None"
    ) -> None:
        check(host, archs, libc_archs, why)

    @pytest.mark.parametrize(
        ("machine", "e_machine", "bits", "order"), [pytest.param(*row, id=f"{row[0]}, machine {row[1]}") for row in OWN]
    )
    def test_a_program_of_the_machines_own_architecture(self, machine: str, e_machine: int, bits: int, order: str) -> None:
        check(running(machine, e_machine, bits, order), (machine,), (machine,), None)

    @pytest.mark.parametrize(("machine", "bits"), sorted({(machine, bits) for machine, _, bits, _ in OWN}))
    def test_a_program_of_another_family_is_a_cross_target(self, machine: str, bits: int) -> None:
        check(running(machine, 8, bits, "big"), (machine,), (machine,), CROSS)

    @pytest.mark.parametrize(
        ("machine", "e_machine", "order", "interpreter"),
        [
            ("i686", 62, "little", "x86_64"),
            ("i586", 62, "little", "x86_64"),
            ("i486", 62, "little", "x86_64"),
            ("i386", 62, "little", "x86_64"),
            ("armv7l", 183, "little", "aarch64"),
            ("armeb", 183, "big", "aarch64_be"),
            ("ppc", 21, "big", "ppc64"),
            ("ppcle", 21, "little", "ppc64le"),
            ("s390", 22, "big", "s390x"),
            ("riscv32", 243, "little", "riscv64"),
            ("loongarch32", 258, "little", "loongarch64"),
            ("sparc", 43, "big", "sparc64"),
        ],
    )
    def test_a_64_bit_interpreter_under_a_32_bit_name(self, machine: str, e_machine: int, order: str, interpreter: str) -> None:
        check(running(machine, e_machine, 64, order, glibc="2.17"), (machine, interpreter), (interpreter,), None)

    @pytest.mark.parametrize(
        ("machine", "e_machine", "order"),
        [
            ("aarch64_be", 40, "big"),
            ("ppc64", 20, "big"),
            ("ppc64le", 20, "little"),
            ("s390x", 22, "big"),
            ("riscv64", 243, "little"),
            ("loongarch64", 258, "little"),
            ("sparc64", 2, "big"),
            ("sparc64", 18, "big"),
        ],
    )
    def test_a_32_bit_interpreter_under_a_64_bit_name(self, machine: str, e_machine: int, order: str) -> None:
        why = f"{NOT_BUILT_FOR.format(machine)}it is a 32-bit program of machine {e_machine}"
        check(running(machine, e_machine, 32, order), (machine,), (), why)

    @pytest.mark.parametrize(
        "machine", ["x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64", "i686", "armv7l", "armv8l"]
    )
    def test_a_cross_target_that_packaging_knows_keeps_its_tags(self, machine: str) -> None:
        host = FakeHost(machine, glibc="2.17", answers={"declared_platform": f"linux-{machine}"})
        assert f"manylinux_2_17_{machine}" in mltags.platform_tags(mltags.probe(host))

    @pytest.mark.parametrize(
        ("arch", "archs", "fits"),
        [
            pytest.param("x86_64", ("x86_64",), True, id="the same"),
            pytest.param("armv7l", ("armv6l",), True, id="a 32-bit ARM header for any 32-bit ARM"),
            pytest.param("armv7l", ("aarch64",), False, id="not for a 64-bit one"),
            pytest.param("i686", ("x86_64",), False, id="another size"),
            pytest.param(None, ("x86_64",), False, id="an unknown machine"),
        ],
    )
    def test_a_file_is_for_an_architecture_or_not(self, arch: "str | None", archs: "tuple[str, ...]", *, fits: bool) -> None:
        assert _abi.is_for(arch, archs) is fits


def muslim(**answers: object) -> FakeHost:
    """An interpreter whose loader has musl in its path and no musl in its file."""
    elf = make_elf(interpreter="/home/muslim/ld-linux.so.2")

    def read(path: str, size: int, offset: int = 0) -> bytes:
        return (elf if path == "/usr/bin/python3" else b"GNU ld.so")[offset : offset + size]

    return FakeHost(answers={"read": read, **answers})


class TestR7OneFamily:
    """One C library for each host: a glibc that confstr names is decisive on every architecture; elsewhere PT_INTERP decides,
    of the interpreter's program or of the process's own image."""

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64", "i686", "armv7l", "ppc64le", "s390x", "riscv64"])
    def test_confstr_is_decisive_on_every_architecture(self, machine: str) -> None:
        host = FakeHost(machine, musl="1.2", answers={"confstr": "glibc 2.18"})
        platform = mltags.probe(host)
        assert platform.libc == mltags.Glibc(2, 18)
        assert mltags.platform_tags(platform)[:2] == (f"linux_{machine}", f"manylinux_2_18_{machine}")
        assert not [tag for tag in mltags.platform_tags(platform) if tag.startswith("musllinux")]

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64", "i686", "armv7l", "ppc64le", "s390x", "riscv64"])
    def test_a_shim_that_answers_ctypes_is_not(self, machine: str) -> None:
        host = FakeHost(machine, musl="1.2", answers={"gnu_get_libc_version": "2.8"})
        assert mltags.probe(host).libc == mltags.Musl(1, 2)
        assert mltags.platform_tags(mltags.probe(host)) == (
            f"linux_{machine}",
            f"musllinux_1_2_{machine}",
            f"musllinux_1_1_{machine}",
            f"musllinux_1_0_{machine}",
        )

    def test_a_path_with_musl_in_it_is_not_musl_where_glibc_answers(self) -> None:
        assert mltags.probe(muslim(gnu_get_libc_version="2.36")).libc == mltags.Glibc(2, 36)

    def test_a_confstr_that_names_musl_is_not_glibc_there(self) -> None:
        host = muslim(confstr="musl 1.2", run_loader="musl libc\nVersion 1.1.24\n")
        assert mltags.probe(host).libc == mltags.Musl(1, 1)

    def test_a_confstr_that_names_glibc_counts_there(self) -> None:
        host = muslim(confstr="glibc 2.30", gnu_get_libc_version="2.36", pointer_size=4)
        assert mltags.probe(host).libc == mltags.Glibc(2, 30)

    def test_a_host_with_neither_has_plain_tags_only(self) -> None:
        platform = mltags.probe(FakeHost())
        assert platform.libc is None
        assert mltags.platform_tags(platform) == ("linux_x86_64",)

    @pytest.mark.parametrize(
        ("executable", "shown", "conclusion"),
        [
            pytest.param("", "''", "names no program", id="an empty name"),
            pytest.param(None, "None", "names no program", id="no name"),
            pytest.param("/usr/bin/wrapper", "'/usr/bin/wrapper'", "not an ELF file", id="a wrapper script"),
            pytest.param("/usr/bin/missing", "KeyError: '/usr/bin/missing'", "cannot be read", id="a missing file"),
            pytest.param(7, "7", "names no program", id="a number"),
            pytest.param(OSError("gone"), "OSError: gone", "names no program", id="an error"),
        ],
    )
    def test_the_process_itself_is_read_where_the_executable_is_not_a_program(
        self, executable: object, shown: str, conclusion: str
    ) -> None:
        files = {"/proc/self/exe": make_elf("armv7l", interpreter="/lib/ld.so"), "/usr/bin/wrapper": b"#!/bin/sh\n"}
        host = FakeHost(
            "armv7l",
            glibc="2.17",
            answers={"executable": executable, "read": lambda path, size, offset: files[path][offset : offset + size]},
        )
        platform = mltags.probe(host)
        assert "manylinux_2_17_armv7l" in mltags.platform_tags(platform)
        assert facts(platform, "executable") == [
            ("sys.executable", shown, conclusion),
            ("the file", "'/proc/self/exe'", "32-bit, little-endian, armv7l, loaded by /lib/ld.so"),
        ]

    def test_where_neither_can_be_read_the_evidence_names_both(self) -> None:
        assert facts(mltags.probe(FakeHost("armv7l", glibc="2.17", elf=None)), "executable") == [
            ("sys.executable", "FileNotFoundError: no such file: /usr/bin/python3", "cannot be read"),
            ("the file", "FileNotFoundError: no such file: /proc/self/exe", "cannot be read"),
        ]

    def test_a_program_whose_loader_was_not_found_is_not_called_static(self) -> None:
        elf = make_elf("armv7l", interpreter=None)
        library = elf[:16] + b"\x03" + elf[17:]  # ET_DYN, as a loader is
        platform = mltags.probe(FakeHost("armv7l", glibc="2.17", elf=library))
        assert facts(platform, "executable")[0][2] == "32-bit, little-endian, armv7l, no loader found in it"

    def test_a_static_program_on_glibc_keeps_its_tags(self) -> None:
        platform = mltags.probe(FakeHost("i686", glibc="2.5", elf=make_elf("i686", interpreter=None)))
        assert facts(platform, "executable")[0][2] == "32-bit, little-endian, i686, statically linked"
        assert mltags.platform_tags(platform) == ("linux_i686", "manylinux_2_5_i686", "manylinux1_i686")

    def test_an_answer_longer_than_asked_for_is_cut(self) -> None:
        data = make_elf("armv7l")
        host = FakeHost("armv7l", glibc="2.17", answers={"read": lambda path, size, offset: data})
        assert "manylinux_2_17_armv7l" in mltags.platform_tags(mltags.probe(host))

    def test_a_header_of_another_size_is_not_the_interpreters_but_its_loader_counts(self) -> None:
        host = FakeHost("x86_64", musl="1.2", pointer_size=4, elf=make_elf("x86_64", interpreter=LOADER))
        platform = mltags.probe(host)
        assert platform.libc == mltags.Musl(1, 2)
        assert mltags.platform_tags(platform) == ("linux_i686",)
        assert facts(platform, "executable")[-1] == (
            "sys.executable",
            "'64-bit'",
            "not the interpreter itself: pointers have another size",
        )


class TestR9MuslVersion:
    """The musl version is read out of the loader's file; only where that is inconclusive the loader is run, and one that does
    not say is unknown."""

    def test_it_is_read_without_running_the_loader(self) -> None:
        platform = mltags.probe(FakeHost(musl="1.2.5", answers={"run_loader": AssertionError}))
        assert platform.libc == mltags.Musl(1, 2)
        assert facts(platform, "libc") == [("the file", f"'{LOADER}'", "musl 1.2, from the loader's own text '1.2.5'")]

    def test_a_loader_that_cannot_be_read_is_run(self) -> None:
        def read(path: str, size: int, offset: int = 0) -> bytes:
            if path == LOADER:
                raise PermissionError("no")
            return make_elf(interpreter=LOADER)[offset : offset + size]

        platform = mltags.probe(FakeHost(musl="1.2", answers={"read": read}))
        assert platform.libc == mltags.Musl(1, 2)
        assert facts(platform, "libc") == [
            ("the file", "PermissionError: no", "no musl version in the loader's file"),
            ("os.confstr", "ValueError: unrecognized configuration name", "does not name glibc and its version"),
            ("ctypes gnu_get_libc_version", "AttributeError: undefined symbol: gnu_get_libc_version", "not glibc"),
            ("running the loader", "'musl libc (x86_64)\\nVersion 1.2.0\\nDynamic Program Loader\\n'", "musl 1.2"),
        ]

    def test_a_loader_whose_file_does_not_say_is_run(self) -> None:
        host = muslim(run_loader=lambda path: f"musl libc ({path})\nVersion 1.1.24\n")
        platform = mltags.probe(host)
        assert platform.libc == mltags.Musl(1, 1)
        assert facts(platform, "libc")[-1] == (
            "running the loader",
            "'musl libc (/home/muslim/ld-linux.so.2)\\nVersion 1.1.24\\n'",
            "musl 1.1",
        )

    @pytest.mark.parametrize(
        ("banner", "shown"),
        [
            pytest.param("", "''", id="nothing"),
            pytest.param("nonsense", "'nonsense'", id="nonsense"),
            pytest.param("musl\nVersion 100.1", "'musl\\nVersion 100.1'", id="a version beyond the limit"),
            pytest.param(None, "None", id="no text"),
            pytest.param(7, "7", id="a number"),
            pytest.param(OSError(8, "Exec format error"), "OSError: [Errno 8] Exec format error", id="an error"),
        ],
    )
    def test_a_loader_that_does_not_say_is_unknown(self, banner: object, shown: str) -> None:
        platform = mltags.probe(muslim(run_loader=banner))
        assert platform.libc is None
        assert facts(platform, "libc")[0] == (
            "the file",
            "'/home/muslim/ld-linux.so.2'",
            "no musl version in the loader's file",
        )
        assert facts(platform, "libc")[-1] == (
            "running the loader",
            shown,
            "musl of unknown version: /home/muslim/ld-linux.so.2 did not print one",
        )
        assert mltags.platform_tags(platform) == ("linux_x86_64",)

    def test_a_release_beyond_the_limit_is_unknown(self) -> None:
        assert mltags.probe(FakeHost(musl="100.1.1", answers={"run_loader": "nothing"})).libc is None
