"""From raw answers to a Platform: decisions, evidence, and no exception whatever a machine answers."""

import dataclasses
import itertools
import sys

import pytest
from conftest import module
from hypothesis import given
from hypothesis import strategies as st

import mltags
from mltags._abi import is_pinned
from mltags._probe import inquire
from mltags.cli.report import report, why_no_ladder
from mltags.testing import FakeHost, UnscriptedQuestionError, make_elf

LOADER = "/lib/ld-musl-x86_64.so.1"


def facts(platform: mltags.Platform, fact: str) -> list:
    return [(item.question, item.answer, item.conclusion) for item in platform.evidence if item.fact == fact]


def test_every_fact_has_its_question_answer_and_conclusion() -> None:
    platform = mltags.probe(FakeHost(glibc="2.17"))
    assert platform.evidence == (
        mltags.Evidence("system", "platform.system()", "'Linux'", "Linux"),
        mltags.Evidence("machine", "sysconfig.get_platform()", "'linux-x86_64'", "x86_64"),
        mltags.Evidence("pointers", 'struct.calcsize("P")', "8", "64-bit"),
        mltags.Evidence("libc", "os.confstr", "'glibc 2.17'", "glibc 2.17"),
        mltags.Evidence("override", "import _manylinux", "None", "no override module"),
    )
    assert platform == mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 17))


def test_the_program_is_not_opened_where_it_cannot_change_the_answer() -> None:
    def read(*arguments: object) -> bytes:
        raise AssertionError(arguments)

    platform = mltags.probe(FakeHost(glibc="2.17", answers={"read": read, "executable": AssertionError}))
    assert facts(platform, "executable") == []


@pytest.mark.parametrize("machine", ["x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"])
def test_the_ordinary_machine_loads_nothing_for_the_others(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_abi", "_elf", "_override", "_errors"):
        monkeypatch.setitem(sys.modules, f"mltags.{name}", None)  # importing it is an error then
    assert mltags.probe(FakeHost(machine, glibc="2.17"), max_glibc="2.16").archs == (machine,)


@pytest.mark.parametrize(
    "host",
    [
        FakeHost("i686", glibc="2.17"),
        FakeHost("x86_64", glibc="2.17", pointer_size=4),
        FakeHost("armv8l", glibc="2.17"),
        FakeHost("s390", glibc="2.17", pointer_size=8),
        FakeHost(musl="1.2"),
        FakeHost(glibc="2.17", answers={"confstr": None}),
    ],
    ids=repr,
)
def test_the_program_is_opened_where_it_can(host: FakeHost) -> None:
    assert "executable" in [item.fact for item in mltags.probe(host).evidence]


@pytest.mark.parametrize("machine", ["legv8le", "aarch64_be", "mips64", "sparc64"])
def test_the_program_of_an_architecture_without_a_rule_is_not_opened(machine: str) -> None:
    host = FakeHost(machine, glibc="2.17", pointer_size=8, answers={"executable": AssertionError})
    assert facts(mltags.probe(host), "executable") == []


@pytest.mark.parametrize(
    ("machine", "size", "program"),
    [
        ("riscv64", 4, "32-bit, little-endian, machine 243"),
        ("ppc64le", 4, "32-bit, little-endian, machine 20"),
        ("armv6l", 8, "64-bit, little-endian, machine 183"),
        ("x86_64", 4, "32-bit, little-endian, machine 3"),
        ("foo64", 4, "64-bit, little-endian, machine 62"),
    ],
)
def test_a_fakes_program_matches_its_pointers(machine: str, size: int, program: str) -> None:
    platform = mltags.probe(FakeHost(machine, glibc="2.17", pointer_size=size))
    assert facts(platform, "executable")[0][2] == f"{program}, loaded by /lib/ld-linux.so.2"


def test_thorough_opens_it_always() -> None:
    host = FakeHost(glibc="2.17", elf=make_elf(interpreter=None))
    platform = inquire(host, None, thorough=True)
    assert platform == mltags.probe(host)
    assert facts(platform, "executable") == [
        ("sys.executable", "'/usr/bin/python3'", "64-bit, little-endian, machine 62, statically linked")
    ]


class TestLibc:
    """One C library per host (R7), and its version (R8, R9)."""

    def test_confstr_is_asked_first(self) -> None:
        host = FakeHost(glibc="2.17", answers={"gnu_get_libc_version": AssertionError})
        assert mltags.probe(host).libc == mltags.Glibc(2, 17)

    @pytest.mark.parametrize(
        ("confstr", "answer"),
        [
            (OSError(5, "Input/output error"), "OSError: [Errno 5] Input/output error"),
            (KeyError("x"), "KeyError: 'x'"),
            (SystemExit("enough"), "SystemExit: enough"),
            (None, "None"),
            ("glibc", "'glibc'"),
            ("glibc 2.17 x", "'glibc 2.17 x'"),
            (b"glibc 2.17", "b'glibc 2.17'"),
            (17, "17"),
        ],
        ids=repr,
    )
    def test_ctypes_is_asked_where_confstr_fails(self, confstr: object, answer: str) -> None:
        platform = mltags.probe(FakeHost(glibc="2.31", answers={"confstr": confstr}))
        assert platform.libc == mltags.Glibc(2, 31)
        assert facts(platform, "libc") == [
            ("os.confstr", answer, "does not name glibc and its version"),
            ("ctypes gnu_get_libc_version", "'2.31'", "glibc 2.31"),
        ]

    @pytest.mark.parametrize(
        ("answer", "said", "conclusion"),
        [
            (OSError("dlopen"), "OSError: dlopen", "not glibc"),
            (ImportError("No module named '_ctypes'"), "ImportError: No module named '_ctypes'", "not glibc"),
            (None, "None", "not glibc"),
            (7, "7", "not glibc"),
            (
                b"2.\xff",
                "UnicodeDecodeError: 'ascii' codec can't decode byte 0xff in position 2: ordinal not in range(128)",
                "not glibc",
            ),
            (b"", "''", "glibc, version unknown: no <number>.<number>, or beyond any real one"),
            ("100.1", "'100.1'", "glibc, version unknown: no <number>.<number>, or beyond any real one"),
        ],
    )
    def test_every_failure_of_ctypes_is_evidence(self, answer: object, said: str, conclusion: str) -> None:
        platform = mltags.probe(FakeHost(answers={"gnu_get_libc_version": answer}))
        assert platform.libc is None
        assert facts(platform, "libc")[-1] == ("ctypes gnu_get_libc_version", said, conclusion)

    @pytest.mark.parametrize("version", ["garbage", "99999999999.1", "2.1000", "2"])
    def test_two_words_without_a_version_are_unknown_and_final(self, version: str) -> None:
        platform = mltags.probe(FakeHost(glibc=version, answers={"gnu_get_libc_version": AssertionError}))
        assert platform.libc is None
        assert mltags.platform_tags(platform) == ("linux_x86_64",)

    def test_musl_is_read_out_of_the_loader_without_running_it(self) -> None:
        platform = mltags.probe(FakeHost(musl="1.2.5"))
        assert platform.libc == mltags.Musl(1, 2)
        assert facts(platform, "libc") == [("the file", f"'{LOADER}'", "musl 1.2, from the loader's own text '1.2.5'")]

    def test_musl_wins_over_a_glibc_shim(self) -> None:
        host = FakeHost(musl="1.2", answers={"gnu_get_libc_version": "2.8"})
        assert mltags.probe(host).libc == mltags.Musl(1, 2)

    @staticmethod
    def muslim(**answers: object) -> FakeHost:
        """An interpreter whose loader has musl in its path and no musl in its file."""
        elf = make_elf(interpreter="/home/muslim/ld-linux.so.2")

        def read(path: str, size: int, offset: int = 0) -> bytes:
            return (elf if path == "/usr/bin/python3" else b"GNU ld.so")[offset : offset + size]

        return FakeHost(answers={"read": read, **answers})

    def test_a_path_with_musl_in_it_is_not_musl_where_glibc_answers(self) -> None:
        assert mltags.probe(self.muslim(gnu_get_libc_version="2.36")).libc == mltags.Glibc(2, 36)

    def test_a_confstr_that_names_musl_is_no_glibc_there(self) -> None:
        host = self.muslim(confstr="musl 1.2", run_loader="musl libc\nVersion 1.1.24\n")
        assert mltags.probe(host).libc == mltags.Musl(1, 1)

    def test_a_confstr_that_names_glibc_is_heard_there(self) -> None:
        host = self.muslim(confstr="glibc 2.30", gnu_get_libc_version="2.36", pointer_size=4)
        assert mltags.probe(host).libc == mltags.Glibc(2, 30)

    def test_a_loader_that_cannot_be_read_is_run(self) -> None:
        def read(path: str, size: int, offset: int = 0) -> bytes:
            if path == LOADER:
                raise PermissionError("no")
            return make_elf(interpreter=LOADER)[offset : offset + size]

        platform = mltags.probe(FakeHost(musl="1.2", answers={"read": read}))
        assert platform.libc == mltags.Musl(1, 2)
        assert facts(platform, "libc") == [
            ("the file", "PermissionError: no", "the loader's file shows no musl version"),
            ("os.confstr", "ValueError: unrecognized configuration name", "does not name glibc and its version"),
            ("ctypes gnu_get_libc_version", "AttributeError: undefined symbol: gnu_get_libc_version", "not glibc"),
            ("running the loader", "'musl libc (x86_64)\\nVersion 1.2.0\\nDynamic Program Loader\\n'", "musl 1.2"),
        ]

    def test_the_loader_is_run_where_its_file_tells_nothing(self) -> None:
        host = self.muslim(run_loader=lambda path: f"musl libc ({path})\nVersion 1.1.24\n")
        platform = mltags.probe(host)
        assert platform.libc == mltags.Musl(1, 1)
        assert facts(platform, "libc")[-1] == (
            "running the loader",
            "'musl libc (/home/muslim/ld-linux.so.2)\\nVersion 1.1.24\\n'",
            "musl 1.1",
        )

    @pytest.mark.parametrize("banner", ["", "nonsense", "musl\nVersion 100.1", None, OSError(8, "Exec format error"), 7])
    def test_a_loader_that_does_not_say_is_unknown(self, banner: object) -> None:
        platform = mltags.probe(self.muslim(run_loader=banner))
        assert platform.libc is None
        assert facts(platform, "libc")[0][:2] == ("the file", "'/home/muslim/ld-linux.so.2'")
        assert facts(platform, "libc")[-1][0] == "running the loader"
        assert facts(platform, "libc")[-1][2] == "musl, version unknown: /home/muslim/ld-linux.so.2 did not say it"
        assert mltags.platform_tags(platform) == ("linux_x86_64",)

    def test_a_release_beyond_the_bounds_is_unknown(self) -> None:
        host = FakeHost(musl="100.1.1", answers={"run_loader": "nothing"})
        assert mltags.probe(host).libc is None


class TestProgram:
    """The interpreter's ELF file: sys.executable, else /proc/self/exe (R7)."""

    @pytest.mark.parametrize(
        ("executable", "said", "conclusion"),
        [
            ("", "''", "names no program"),
            (None, "None", "names no program"),
            ("/usr/bin/wrapper", "'/usr/bin/wrapper'", "not an ELF file"),
            ("/usr/bin/missing", "KeyError: '/usr/bin/missing'", "cannot be read"),
            (7, "7", "names no program"),
            (OSError("gone"), "OSError: gone", "names no program"),
        ],
        ids=repr,
    )
    def test_the_process_itself_is_asked_where_the_executable_is_no_program(
        self, executable: object, said: str, conclusion: str
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
            ("sys.executable", said, conclusion),
            ("the file", "'/proc/self/exe'", "32-bit, little-endian, machine 40, loaded by /lib/ld.so"),
        ]

    def test_where_neither_can_be_read_both_are_told(self) -> None:
        assert facts(mltags.probe(FakeHost("armv7l", glibc="2.17", elf=None)), "executable") == [
            ("sys.executable", "FileNotFoundError: no such file: /usr/bin/python3", "cannot be read"),
            ("the file", "FileNotFoundError: no such file: /proc/self/exe", "cannot be read"),
        ]

    def test_a_program_whose_loader_was_not_found_is_not_called_static(self) -> None:
        elf = make_elf("armv7l", interpreter=None)
        library = elf[:16] + b"\x03" + elf[17:]  # ET_DYN, as a loader is
        platform = mltags.probe(FakeHost("armv7l", glibc="2.17", elf=library))
        assert facts(platform, "executable")[0][2] == "32-bit, little-endian, machine 40, no loader found in it"

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

    @pytest.mark.parametrize(("size", "ladders"), [(8, ()), (4, ("i686",)), (None, ("i686",))])
    def test_a_32_bit_header_is_that_of_an_interpreter_without_64_bit_pointers(self, size: object, ladders: tuple) -> None:
        host = FakeHost("i686", glibc="2.17", elf=make_elf("i686"), answers={"pointer_size": size})
        assert mltags.probe(host).ladders == ladders


@pytest.mark.parametrize(
    ("answer", "shown", "conclusion"),
    [
        (4, "4", "32-bit"),
        (8, "8", "64-bit"),
        (2, "2", "unknown"),
        (0, "0", "unknown"),
        (8.0, "8.0", "unknown"),
        ("8", "'8'", "unknown"),
        (OSError("no"), "OSError: no", "unknown"),
    ],
    ids=repr,
)
def test_pointers_are_told(answer: object, shown: str, conclusion: str) -> None:
    platform = mltags.probe(FakeHost("ppc64le", glibc="2.17", answers={"pointer_size": answer}))
    assert facts(platform, "pointers") == [('struct.calcsize("P")', shown, conclusion)]


HEADER = "only the interpreter's ELF header tells whether {} wheels fit, and it could not be read"
BUILT = "the interpreter is not what {} wheels are built for: "
ARCHITECTURES = {
    # each row: the host, its architectures, those with a ladder, why not the others
    "armv7l, soft float": (
        FakeHost("armv7l", glibc="2.17", elf=make_elf("armv7l", flags=0x05000200)),
        ("armv7l",),
        (),
        BUILT.format("armv7l") + "it is no little-endian, hard-float EABI 5 program",
    ),
    "armv8l": (FakeHost("armv8l", glibc="2.17"), ("armv8l", "armv7l"), ("armv8l", "armv7l"), None),
    "armv7l, unreadable": (FakeHost("armv7l", glibc="2.17", elf=None), ("armv7l",), (), HEADER.format("armv7l")),
    "x32": (
        FakeHost(glibc="2.17", pointer_size=4, elf=make_elf(bits=32)),
        ("i686",),
        (),
        BUILT.format("i686") + "it is a 32-bit program of machine 62",
    ),
    "x32 on musl": (
        FakeHost(musl="1.2", pointer_size=4, elf=make_elf(bits=32, interpreter=LOADER)),
        ("i686",),
        (),
        BUILT.format("i686") + "it is a 32-bit program of machine 62",
    ),
    "s390 on s390x": (
        FakeHost("s390x", glibc="2.17", pointer_size=4, elf=make_elf("s390")),
        ("s390x",),
        (),
        BUILT.format("s390x") + "it is a 32-bit program of machine 22",
    ),
    "s390 on s390x, unreadable": (FakeHost("s390x", glibc="2.17", pointer_size=4, elf=None), ("s390x",), ("s390x",), None),
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
    "armv7l name, aarch64 program": (
        FakeHost("armv7l", glibc="2.17", pointer_size=8, elf=make_elf("aarch64")),
        ("armv7l", "aarch64"),
        ("aarch64",),
        None,
    ),
    "aarch64 with 32 bits": (
        FakeHost("aarch64", glibc="2.17", pointer_size=4, elf=make_elf("aarch64", bits=32)),
        ("armv8l", "armv7l"),
        (),
        BUILT.format("armv8l") + "it is a 32-bit program of machine 183",
    ),
    "ppcle program on a big-endian name": (
        FakeHost("ppc", glibc="2.17", elf=make_elf("ppcle")),
        ("ppc",),
        (),
        BUILT.format("ppc") + "it is a 32-bit program of machine 20",
    ),
    "i386 on musl keeps packaging's answer": (FakeHost("i386", musl="1.2"), ("i386",), ("i386",), None),
    "armv6l on musl keeps packaging's answer": (FakeHost("armv6l", musl="1.2"), ("armv6l",), ("armv6l",), None),
    "armv6l": (
        FakeHost("armv6l", glibc="2.17"),
        ("armv6l",),
        (),
        "the name 'armv6l' does not tell which ABI a wheel would need (PEP 600)",
    ),
    "a declared cross target": (
        FakeHost("aarch64", glibc="2.17", answers={"declared_platform": "linux-aarch64"}),
        ("aarch64",),
        ("aarch64",),
        "a cross target was declared; the C library is this machine's",
    ),
    "a declared cross target with a header of its own": (
        FakeHost("i686", glibc="2.17", pointer_size=8, elf=make_elf("x86_64"), answers={"declared_platform": "linux-i686"}),
        ("i686",),
        (),
        "a cross target was declared; the C library is this machine's, and the interpreter no i686 program",
    ),
    "a cross target on musl keeps packaging's answer": (
        FakeHost("armv7l", musl="1.1", pointer_size=8, elf=make_elf("x86_64", interpreter="/lib/ld-musl-armv7l.so.1")),
        ("armv7l",),
        ("armv7l",),
        "a cross target was declared; the C library is this machine's",
    ),
    "a cross target that packaging does not know": (
        FakeHost("legv8le", glibc="2.17", answers={"declared_platform": "linux-legv8le"}),
        ("legv8le",),
        (),
        "a cross target was declared; the C library is this machine's, and legv8le has no manylinux tags",
    ),
    "legv8le": (FakeHost("legv8le", glibc="2.17"), ("legv8le",), ("legv8le",), None),
    "foo64 with 4-byte pointers": (
        FakeHost("foo64", glibc="2.17", pointer_size=4),
        ("foo64",),
        (),
        "the name 'foo64' does not tell which ABI a wheel would need (PEP 600)",
    ),
    "sparc64 with 4-byte pointers": (
        FakeHost("sparc64", glibc="2.17", pointer_size=4, elf=None),
        ("sparc64",),
        (),
        "the name 'sparc64' does not tell which ABI a wheel would need (PEP 600)",
    ),
    "mips64": (
        FakeHost("mips64", glibc="2.17"),
        ("mips64",),
        (),
        "the name 'mips64' does not tell which ABI a wheel would need (PEP 600)",
    ),
    "no name at all": (
        FakeHost("", glibc="2.17"),
        ("",),
        (),
        "the name '' does not tell which ABI a wheel would need (PEP 600)",
    ),
    "a name that is no name": (
        FakeHost("x;y", glibc="2.17"),
        ("x;y",),
        (),
        "the name 'x;y' does not tell which ABI a wheel would need (PEP 600)",
    ),
    "legv8le, whose program has to be read": (
        FakeHost("legv8le", glibc="2.17", answers={"confstr": None}),
        ("legv8le",),
        ("legv8le",),
        None,
    ),
    "a big-endian ARM of another name, on musl": (
        FakeHost("armv7b", musl="1.2", pointer_size=4, elf=make_elf("armeb", interpreter=LOADER)),
        ("armv7b",),
        ("armv7b",),
        None,
    ),
    "ppc64le program on a big-endian name": (
        FakeHost("ppc64", glibc="2.17", elf=make_elf("ppc64le"), answers={"confstr": None}),
        ("ppc64",),
        (),
        BUILT.format("ppc64") + "it is a 64-bit program of machine 21",
    ),
    "i686 program on x86_64, unknown pointers": (
        FakeHost("x86_64", glibc="2.17", elf=make_elf("i686"), answers={"confstr": None, "pointer_size": None}),
        ("x86_64",),
        (),
        BUILT.format("x86_64") + "it is a 32-bit program of machine 3",
    ),
    "unknown pointers": (FakeHost("x86_64", glibc="2.17", answers={"pointer_size": None}), ("x86_64",), ("x86_64",), None),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_architectures_follow_the_interpreter(name: str) -> None:
    host, archs, ladders, why = ARCHITECTURES[name]
    platform = mltags.probe(host)
    assert (platform.archs, platform.ladders) == (archs, ladders)
    assert facts(platform, "ladder") == ([] if why is None else [("architecture", archs[0], why)])


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


def running(machine: str, e_machine: int, bits: int, order: str, **libc: object) -> mltags.Platform:
    """What is found out where the kernel says *machine*, and the interpreter is such a program."""
    elf = make_elf(e_machine=e_machine, bits=bits, order=order, interpreter=LOADER if "musl" in libc else "/lib/ld.so")
    return mltags.probe(FakeHost(machine, pointer_size=bits // 8, elf=elf, **libc))  # type: ignore[arg-type]


@pytest.mark.parametrize(("machine", "e_machine", "bits", "order"), OWN)
def test_a_program_of_its_own_machine_has_the_ladder(machine: str, e_machine: int, bits: int, order: str) -> None:
    platform = running(machine, e_machine, bits, order, musl="1.2")
    assert (platform.archs, platform.ladders) == ((machine,), (machine,))
    assert facts(platform, "ladder") == []


@pytest.mark.parametrize(("machine", "bits"), sorted({(machine, bits) for machine, _, bits, _ in OWN}))
def test_a_program_of_another_family_is_a_cross_target(machine: str, bits: int) -> None:
    platform = running(machine, 8, bits, "big", musl="1.2")
    assert (platform.archs, platform.ladders) == ((machine,), (machine,))
    why = "a cross target was declared; the C library is this machine's"
    assert facts(platform, "ladder") == [("architecture", machine, why)]


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
def test_a_64_bit_interpreter_that_is_told_a_32_bit_name(machine: str, e_machine: int, order: str, interpreter: str) -> None:
    platform = running(machine, e_machine, 64, order, glibc="2.17")
    assert (platform.archs, platform.ladders) == ((machine, interpreter), (interpreter,))


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
def test_a_32_bit_interpreter_that_is_told_a_64_bit_name(machine: str, e_machine: int, order: str) -> None:
    platform = running(machine, e_machine, 32, order, musl="1.2")
    assert (platform.archs, platform.ladders) == ((machine,), ())
    why = f"{BUILT.format(machine)}it is a 32-bit program of machine {e_machine}"
    assert facts(platform, "ladder") == [("architecture", machine, why)]


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
        ("sparc64", 8, True),
        ("sparc64", 4, False),
        ("sparc", 4, True),
        ("mips", 4, False),
        ("mips64", 8, False),
        ("foo64", 8, True),
        ("foo64", 4, False),
        ("foo", 4, True),
        ("7up", 4, True),
        ("f\N{LATIN SMALL LETTER O WITH DIAERESIS}", 8, False),
        ("foo bar", 8, False),
        ("", 8, False),
    ],
)
def test_a_name_tells_the_abi_or_does_not(arch: str, size: int, pinned: object) -> None:
    assert is_pinned(arch, size) is pinned


@pytest.mark.parametrize(
    "machine", ["x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64", "i686", "armv7l", "armv8l"]
)
def test_a_declared_target_that_packaging_knows_keeps_its_ladder(machine: str) -> None:
    host = FakeHost(machine, glibc="2.17", answers={"declared_platform": f"linux-{machine}"})
    assert f"manylinux_2_17_{machine}" in mltags.platform_tags(mltags.probe(host))


def test_a_host_that_is_asked_the_unscripted_fails_the_test() -> None:
    with pytest.raises(UnscriptedQuestionError, match=r"FakeHost\('x86_64', glibc=None, musl=None\) was asked 'platform_tags'"):
        mltags.probe(FakeHost(system="Darwin"))


@pytest.mark.parametrize(
    ("tags", "listed"),
    [
        (["macosx_11_0_arm64", "macosx_11_0_universal2", "macosx_11_0_arm64"], ("macosx_11_0_arm64", "macosx_11_0_universal2")),
        ([], ()),
        (OSError("no"), ()),
        (7, ()),
        ("macosx", ()),
    ],
)
def test_another_system_is_listed_as_its_host_says(tags: object, listed: tuple) -> None:
    platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": tags}))
    assert (platform.system, platform.listed) == ("Darwin", listed)
    if isinstance(tags, OSError):
        assert facts(platform, "tags") == [("packaging.tags.platform_tags()", "OSError: no", "no platform tags")]
    assert mltags.platform_tags(platform) == listed


@pytest.mark.parametrize(
    "tag", ["macosx_99_999_arm64", "ios_99_999_arm64_iphoneos", "android_999_arm64_v8a", "macosx_x_arm64", "aix_7206_64"]
)
def test_a_version_of_another_system_at_the_bounds_is_kept(tag: str) -> None:
    assert mltags.probe(FakeHost(system="Other", platform_tags=[tag])).listed == (tag,)


@pytest.mark.parametrize(
    "tag",
    [
        "macosx_100_0_arm64",
        "MacOSX_100_0_arm64",
        "macosx_10_1000_arm64",
        "macosx_0010_0_arm64",
        "ios_100_0_arm64_iphoneos",
        "android_1000_x86",
    ],
)
def test_a_version_of_another_system_beyond_the_bounds_is_unknown(tag: str) -> None:
    assert mltags.probe(FakeHost(system="Other", platform_tags=[tag])).listed == ()


def test_tags_of_another_system_are_told_by_their_number_and_kept_as_text() -> None:
    platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": [7, "a", "7"]}))
    assert platform.listed == ("7", "a")
    assert facts(platform, "tags") == [("packaging.tags.platform_tags()", "2", "so many platform tags, in that order")]


def test_another_system_whose_list_ends_in_an_exit_has_no_tags() -> None:
    def tags() -> object:
        yield "macosx_11_0_arm64"
        raise SystemExit("enough")

    platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": tags}))
    assert platform.listed == ()
    assert facts(platform, "tags") == [("packaging.tags.platform_tags()", "SystemExit: enough", "no platform tags")]


def test_a_machine_that_cannot_name_its_system_is_of_none() -> None:
    platform = mltags.probe(FakeHost(answers={"system": OSError("no"), "platform_tags": ["x"]}))
    assert (platform.system, platform.listed) == ("", ("x",))
    assert facts(platform, "system")[0][2] == "unknown"


@pytest.mark.parametrize(
    ("name", "listed", "row"),
    [
        (None, (), ("None", "unknown, so no platform tags")),
        (
            "isilon onefs-9.x",
            ("isilon_onefs_9_x",),
            ("'isilon onefs-9.x'", "not a Linux platform: its own name is its only tag"),
        ),
        ("linux", ("linux",), ("'linux'", "not a Linux platform: its own name is its only tag")),
    ],
    ids=["no name", "a name of something else", "a name without an architecture"],
)
def test_a_platform_that_is_not_linux_is_its_own_tag(name: "str | None", listed: tuple, row: tuple) -> None:
    platform = mltags.probe(FakeHost(glibc="2.17", answers={"platform": name}))
    assert mltags.platform_tags(platform) == listed
    assert facts(platform, "machine") == [("sysconfig.get_platform()", *row)]


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("x" * 298, "'" + "x" * 298 + "'"),
        ("x" * 301, "'" + "x" * 300 + "'..."),
        (b"x" * 301, "b'" + "x" * 300 + "'..."),
        (["x" * 301], "['" + "x" * 298),
    ],
    ids=["a text that just fits", "a text beyond", "bytes", "anything else"],
)
def test_a_long_answer_is_cut(answer: object, shown: str) -> None:
    assert facts(mltags.probe(FakeHost(answers={"confstr": answer})), "libc")[0][1] == shown


class Leaving:
    def __repr__(self) -> str:
        raise SystemExit("enough")


def test_an_answer_that_cannot_be_shown_is_told_by_its_failure() -> None:
    for answer, shown in ((Leaving(), "SystemExit: enough"), (Rude(), "RuntimeError: no")):
        assert facts(mltags.probe(FakeHost(answers={"confstr": answer})), "libc")[0][1] == shown


@dataclasses.dataclass
class Rude:
    """An answer that can neither be shown nor used."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


class RudeError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


QUESTIONS = (
    "system",
    "platform",
    "declared_platform",
    "pointer_size",
    "confstr",
    "gnu_get_libc_version",
    "executable",
    "read",
    "run_loader",
    "platform_tags",
)
ANSWERS: list = [
    None,
    "",
    "x" * 5000,
    b"\x7fELF",
    7,
    -1,
    4,
    8,
    1.5,
    [],
    ["x"],
    {},
    Rude(),
    OSError("no"),
    RudeError(),
    KeyError,
    SystemError,
]


@given(
    st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(ANSWERS)),
    st.sampled_from(["x86_64", "i686", "armv7l"]),
    st.sampled_from([{"glibc": "2.17"}, {"musl": "1.2"}, {}]),
)
def test_whatever_a_machine_answers_there_is_a_platform(answers: dict, machine: str, libc: dict) -> None:
    answers = {"run_loader": "", "platform_tags": [], **answers}
    platform = mltags.probe(FakeHost(machine, **libc, answers=answers))
    tags = mltags.platform_tags(platform)
    assert len(set(tags)) == len(tags)
    assert all(type(text) is str for item in platform.evidence for text in item._compared())
    assert max(len(item.answer) for item in platform.evidence) < 400
    assert isinstance(why_no_ladder(platform), str)


class RudeHost(FakeHost):
    problem: BaseException = KeyError("source")

    def source(self, question: str) -> str:
        raise self.problem


class LeavingHost(RudeHost):
    problem = SystemExit()


@pytest.mark.parametrize("kind", [RudeHost, LeavingHost], ids=["an error", "an exit"])
def test_a_host_that_cannot_name_its_sources_is_probed_all_the_same(kind: type) -> None:
    platform = mltags.probe(kind(glibc="2.17"))
    assert platform == mltags.probe(FakeHost(glibc="2.17"))
    assert facts(platform, "libc") == [("confstr", "'glibc 2.17'", "glibc 2.17")]
    asked = mltags.probe(kind(glibc="2.17", override=module(manylinux_compatible=lambda *_: True)))
    assert facts(asked, "override") == [("override", "/usr/lib/python3/_manylinux.py", "refuses 0 of 13 versions")]


def test_thorough_does_not_look_twice() -> None:
    assert len(facts(inquire(FakeHost("i686", glibc="2.17"), None, thorough=True), "executable")) == 1


def test_thorough_never_changes_the_answer() -> None:
    # Of another byte order, or loaded by musl: what ordinary probing does not look at is told, not obeyed.
    for elf in (make_elf("ppc64"), make_elf("ppc64le", interpreter="/lib/ld-musl-ppc64le.so.1"), None):
        host = FakeHost("ppc64le", glibc="2.17", elf=elf)
        assert inquire(host, None, thorough=True) == mltags.probe(host)


@pytest.mark.parametrize(
    ("machine", "size", "natives"),
    [
        ("x86_64", 4, ["linux_i686"]),
        ("aarch64", 4, ["linux_armv8l", "linux_armv7l"]),
        ("i686", 8, ["linux_i686", "linux_x86_64"]),
    ],
)
def test_a_fake_of_the_other_size_is_the_usual_machine_of_that_kind(machine: str, size: int, natives: list) -> None:
    tags = mltags.platform_tags(mltags.probe(FakeHost(machine, glibc="2.17", pointer_size=size)))
    assert list(tags[: len(natives)]) == natives
    assert len(tags) > len(natives)


def test_an_absurd_version_of_another_system_opens_no_ladder() -> None:
    def tags() -> object:
        for major in range(300_000, 0, -1):
            yield f"macosx_{major}_0_arm64"
        raise AssertionError

    platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": tags}))
    assert platform.listed == ()
    assert facts(platform, "tags")[0][1] == "ValueError: a version beyond any real one: macosx_300000_0_arm64"


@pytest.mark.parametrize(
    ("system", "tags"),
    [
        ("Emscripten", ["pyemscripten_2026_0_wasm32", "emscripten_4_0_9_wasm32"]),
        ("AIX", ["aix_7206_1806_64"]),
        ("FreeBSD", ["freebsd_15_1_release_amd64"]),
    ],
)
def test_a_large_number_in_the_name_of_a_system_without_ranges_is_just_a_name(system: str, tags: list) -> None:
    assert mltags.platform_tags(mltags.probe(FakeHost(system=system, platform_tags=tags))) == tuple(tags)


def test_a_list_without_end_is_not_read_to_its_end() -> None:
    read = []

    def tags() -> object:
        for number in range(1_000_000):
            read.append(number)
            yield f"x_{number}"

    platform = mltags.probe(FakeHost(system="Other", answers={"platform_tags": tags}))
    assert platform.listed == ()
    assert facts(platform, "tags")[0][1] == "ValueError: more than 10000 platform tags"
    assert len(read) == 10_001
    again = mltags.probe(FakeHost(system="Other", answers={"platform_tags": lambda: itertools.repeat("x_1")}))
    assert again.listed == ()
    several = [f"x_{number}" for number in range(10_000)]
    assert len(mltags.probe(FakeHost(system="Other", platform_tags=several)).listed) == 10_000


def test_keyboard_interrupt_passes() -> None:
    with pytest.raises(KeyboardInterrupt):
        mltags.probe(FakeHost(answers={"confstr": KeyboardInterrupt}))


@pytest.mark.parametrize("ceiling", ["2.12", (2, 12), mltags.Glibc(2, 12)])
def test_max_glibc_is_taken_in_three_forms(ceiling: object) -> None:
    platform = mltags.probe(FakeHost(glibc="2.17"), max_glibc=ceiling)  # type: ignore[arg-type]
    assert platform.ceiling == mltags.Glibc(2, 12)
    assert mltags.platform_tags(platform)[1] == "manylinux_2_12_x86_64"
    assert facts(platform, "ceiling") == [("max_glibc", "2.12", "no manylinux tag above glibc 2.12")]


@pytest.mark.parametrize(
    "ceiling", ["", "2", "2.x", "2.28.1", "02.28", " 2.28", "100.0", "2.1000", 2.28, b"2.28", (2,), object]
)
def test_any_other_max_glibc_is_refused(ceiling: object) -> None:
    with pytest.raises(mltags.InvalidTarget, match=r"max_glibc: a text such as '2\.28' is accepted, up to 99\.999"):
        mltags.probe(FakeHost(glibc="2.17"), max_glibc=ceiling)  # type: ignore[arg-type]
    with pytest.raises(mltags.InvalidTarget):
        mltags.probe(FakeHost(glibc="2.17"), max_glibc=(2, 1000))


@pytest.mark.parametrize("libc", [{"glibc": "2.17"}, {"glibc": "2.28"}, {"musl": "1.2"}, {}], ids=repr)
def test_a_ceiling_that_cuts_nothing_is_not_worth_a_word(libc: dict) -> None:
    assert facts(mltags.probe(FakeHost(**libc), max_glibc="2.28"), "ceiling") == []


NO_LADDER = {
    "musl of unknown version": (
        FakeHost(musl="x.y.z", answers={"run_loader": "?"}),
        None,
        f"no manylinux or musllinux tags: the C library is unknown (musl, version unknown: {LOADER} did not say it)",
    ),
    "neither C library": (FakeHost(), None, "no manylinux or musllinux tags: the C library is unknown (not glibc)"),
    "soft float": (
        FakeHost("armv7l", glibc="2.17", elf=make_elf("armv7l", flags=0)),
        None,
        f"no manylinux or musllinux tags: {BUILT.format('armv7l')}it is no little-endian, hard-float EABI 5 program",
    ),
    "glibc below the floor": (
        FakeHost(glibc="2.4"),
        None,
        "no manylinux tags: glibc 2.4 is older than the oldest of x86_64, 2.5",
    ),
    "a ceiling below the floor": (
        FakeHost("aarch64", glibc="2.31"),
        "2.16",
        "no manylinux tags: the ceiling 2.16 is older than the oldest of aarch64, 2.17",
    ),
    "an override that refuses all": (
        FakeHost(glibc="2.17", override=module(manylinux_compatible=lambda *_: False)),
        None,
        "no manylinux tags: the override module refuses them all",
    ),
    "an unknown platform": (
        FakeHost(answers={"platform": None}),
        None,
        "no tags at all: the machine could not be asked what it is",
    ),
    "an ordinary machine": (FakeHost(glibc="2.17"), None, ""),
    "another system": (FakeHost(system="Windows", platform_tags=["win_amd64"]), None, ""),
}


@pytest.mark.parametrize("name", NO_LADDER)
def test_there_is_a_word_for_each_way_to_have_no_ladder(name: str) -> None:
    host, ceiling, words = NO_LADDER[name]
    platform = mltags.probe(host, max_glibc=ceiling)
    assert why_no_ladder(platform) == words
    target = mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), platform)
    assert words in report(target)


def test_the_report_is_aligned_and_says_how_each_fact_is_known() -> None:
    host = FakeHost(glibc="2.5", elf=make_elf(interpreter=None))
    target = mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), inquire(host, None, thorough=True))
    assert report(target) == (
        """\
python      CPython 3.12                              cp312
system      Linux                                     platform.system(): 'Linux'
machine     x86_64                                    sysconfig.get_platform(): 'linux-x86_64'
pointers    64-bit                                    struct.calcsize("P"): 8
libc        glibc 2.5                                 os.confstr: 'glibc 2.5'
executable  64-bit, little-endian, machine 62, statically linked  sys.executable: '/usr/bin/python3'
            it cannot load extension modules, whatever the tags say  statically linked
override    no override module                        import _manylinux: None
tags        3 platform tags                           linux_x86_64 ... manylinux1_x86_64"""
    )


def test_a_target_of_listed_tags_has_little_to_report() -> None:
    assert report(mltags.Target.from_tags(["py3-none-any"])) == "tags  1 listed tags"


def test_what_is_no_host_and_no_platform_is_refused() -> None:
    for ask in (mltags.probe, mltags.Target.of_host):
        with pytest.raises(
            mltags.InvalidTarget, match=r"centos-7.*: host: an object that answers the questions of mltags.Host is"
        ):
            ask("centos-7")  # type: ignore[arg-type]
    with pytest.raises(mltags.InvalidTarget, match=r"platform: a Platform is accepted, such as that of probe\(\) or Platform"):
        mltags.platform_tags("manylinux_2_28_x86_64")  # type: ignore[arg-type]
