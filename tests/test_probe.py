"""From a host's raw answers to a Platform and a Python: decisions, evidence, and no exception whatever a machine answers."""

import dataclasses
import subprocess
import sys

import pytest
from conftest import module
from hypothesis import given
from hypothesis import strategies as st

import mltags
from mltags import _host, _probe
from mltags.testing import FakeHost, UnscriptedQuestionError, make_elf


def facts(platform: mltags.Platform, fact: str) -> "list[tuple[str, str, str]]":
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


class TestR7TheProgramIsReadWhereItCounts:
    """The interpreter's program is opened only where it can change the answer: confstr does not name glibc, pointers are 4 bytes,
    or the machine's name is a 32-bit one."""

    @pytest.mark.parametrize(
        "machine", ["x86_64", "aarch64", "ppc64le", "s390x", "riscv64", "legv8le", "aarch64_be", "mips64", "sparc64"]
    )
    def test_it_is_not_opened_elsewhere(self, machine: str) -> None:
        def read(*arguments: object) -> bytes:
            raise AssertionError(arguments)

        answers = {"read": read, "executable": AssertionError}
        platform = mltags.probe(FakeHost(machine, glibc="2.17", pointer_size=8, answers=answers))
        assert facts(platform, "executable") == []
        assert platform.libc == mltags.Glibc(2, 17)

    @pytest.mark.parametrize(
        "host",
        [
            pytest.param(FakeHost("i686", glibc="2.17"), id="a 32-bit name"),
            pytest.param(FakeHost("armv8l", glibc="2.17"), id="another 32-bit name"),
            pytest.param(FakeHost("x86_64", glibc="2.17", pointer_size=4), id="4-byte pointers"),
            pytest.param(FakeHost("s390", glibc="2.17", pointer_size=8), id="a 32-bit name with 8-byte pointers"),
            pytest.param(FakeHost(musl="1.2"), id="musl"),
            pytest.param(FakeHost(glibc="2.17", answers={"confstr": None}), id="confstr does not answer"),
        ],
    )
    def test_it_is_opened_there(self, host: FakeHost) -> None:
        assert "executable" in [item.fact for item in mltags.probe(host).evidence]

    @pytest.mark.parametrize(
        ("machine", "size", "program"),
        [
            ("riscv64", 4, "32-bit, little-endian, riscv32"),
            ("ppc64le", 4, "32-bit, little-endian, ppcle"),
            ("armv6l", 8, "64-bit, little-endian, aarch64"),
            ("x86_64", 4, "32-bit, little-endian, i686"),
        ],
    )
    def test_the_evidence_describes_it(self, machine: str, size: int, program: str) -> None:
        platform = mltags.probe(FakeHost(machine, glibc="2.17", pointer_size=size))
        assert facts(platform, "executable")[0] == (
            "sys.executable",
            "'/usr/bin/python3'",
            f"{program}, loaded by /lib/ld-linux.so.2",
        )

    def test_a_thorough_inquiry_always_opens_it(self) -> None:
        host = FakeHost(glibc="2.17", elf=make_elf(interpreter=None))
        platform = _probe.inquire(host, None, thorough=True)
        assert platform == mltags.probe(host)
        assert facts(platform, "executable") == [
            ("sys.executable", "'/usr/bin/python3'", "64-bit, little-endian, x86_64, statically linked")
        ]

    def test_a_thorough_inquiry_does_not_open_it_twice(self) -> None:
        platform = _probe.inquire(FakeHost("i686", glibc="2.17"), None, thorough=True)
        assert len(facts(platform, "executable")) == 1

    @pytest.mark.parametrize(
        "elf",
        [
            pytest.param(make_elf("ppc64"), id="another byte order"),
            pytest.param(make_elf("ppc64le", interpreter="/lib/ld-musl-ppc64le.so.1"), id="musl's loader"),
            pytest.param(None, id="unreadable"),
        ],
    )
    def test_a_thorough_inquiry_never_changes_the_answer(self, elf: "bytes | None") -> None:
        host = FakeHost("ppc64le", glibc="2.17", elf=elf)
        assert _probe.inquire(host, None, thorough=True) == mltags.probe(host)


#: An ordinary machine, probed by a process that has loaded nothing else; then what it has loaded.
ORDINARY = """
import sys
import mltags
class Ordinary(mltags.LocalHost):
    def platform(self): return "linux-" + sys.argv[1]
    def system(self): return "Linux"
    def pointer_size(self): return 8
    def declared_platform(self): return None
    def confstr(self, name): return "glibc 2.17"
    def override(self): return None
platform = mltags.probe(Ordinary(), max_glibc="2.16")
assert platform.archs == (sys.argv[1],)
names = sorted(name.partition(".")[2] for name in sys.modules if name.startswith("mltags."))
print(*names)
"""


@pytest.mark.parametrize("machine", ["x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"])
def test_the_ordinary_machine_loads_nothing_for_the_others(machine: str) -> None:
    done = subprocess.run([sys.executable, "-c", ORDINARY, machine], capture_output=True, text=True, check=True)
    assert done.stdout == "_core _local _probe\n"


@pytest.mark.parametrize(
    ("answer", "shown", "conclusion"),
    [
        pytest.param(4, "4", "32-bit", id="four bytes"),
        pytest.param(8, "8", "64-bit", id="eight bytes"),
        pytest.param(2, "2", "unknown", id="two bytes"),
        pytest.param(0, "0", "unknown", id="no bytes"),
        pytest.param(8.0, "8.0", "unknown", id="a float"),
        pytest.param("8", "'8'", "unknown", id="a text"),
        pytest.param(OSError("no"), "OSError: no", "unknown", id="an error"),
    ],
)
def test_the_size_of_pointers_is_evidence(answer: object, shown: str, conclusion: str) -> None:
    platform = mltags.probe(FakeHost("ppc64le", glibc="2.17", answers={"pointer_size": answer}))
    assert facts(platform, "pointers") == [('struct.calcsize("P")', shown, conclusion)]


@pytest.mark.parametrize(
    ("name", "explicit", "row"),
    [
        pytest.param(None, (), ("None", "unknown, so there are no platform tags"), id="no name"),
        pytest.param(OSError("no"), (), ("OSError: no", "unknown, so there are no platform tags"), id="an error"),
        pytest.param(
            "isilon onefs-9.x",
            ("isilon_onefs_9_x",),
            ("'isilon onefs-9.x'", "not a Linux platform: its own name is its only tag"),
            id="a name of something else",
        ),
        pytest.param(
            "linux",
            ("linux",),
            ("'linux'", "not a Linux platform: its own name is its only tag"),
            id="a name without an architecture",
        ),
    ],
)
def test_a_platform_that_is_not_linux_is_its_own_tag(name: object, explicit: "tuple[str, ...]", row: "tuple[str, str]") -> None:
    platform = mltags.probe(FakeHost(glibc="2.17", answers={"platform": name}))
    assert mltags.platform_tags(platform) == explicit
    assert facts(platform, "machine") == [("sysconfig.get_platform()", *row)]


def test_the_machines_name_is_normalized_as_in_tags() -> None:
    assert mltags.probe(FakeHost(glibc="2.17", answers={"platform": "linux-foo.bar baz"})).archs == ("foo_bar_baz",)


@dataclasses.dataclass
class Rude:
    """An answer that can neither be shown nor used."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


class RudeError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


ANSWERS: "list[object]" = [
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
ASKED = sorted(set(_host.QUESTIONS) - {"override", "python", "markers"})


class TestHostileHosts:
    """Whatever a machine answers, there is a Platform; what a host itself complains of passes."""

    @given(
        st.dictionaries(st.sampled_from(ASKED), st.sampled_from(ANSWERS)),
        st.sampled_from(["x86_64", "i686", "armv7l"]),
        st.sampled_from([{"glibc": "2.17"}, {"musl": "1.2"}, {}]),
    )
    def test_whatever_a_machine_answers_there_is_a_platform(
        self, answers: "dict[str, object]", machine: str, libc: "dict[str, str]"
    ) -> None:
        answers = {"run_loader": "", "platform_tags": [], **answers}
        platform = mltags.probe(FakeHost(machine, answers=answers, **libc))  # type: ignore[arg-type]
        tags = mltags.platform_tags(platform)
        assert len(set(tags)) == len(tags)
        rows = [(item.fact, item.question, item.answer, item.conclusion) for item in platform.evidence]
        assert all(type(text) is str for row in rows for text in row)
        assert max(len(answer) for _, _, answer, _ in rows) < 400

    def test_keyboard_interrupt_passes(self) -> None:
        with pytest.raises(KeyboardInterrupt):
            mltags.probe(FakeHost(answers={"confstr": KeyboardInterrupt}))

    def test_an_error_of_mltags_is_the_hosts_own_complaint_and_passes(self) -> None:
        with pytest.raises(mltags.ProbeError, match="the image is locked"):
            mltags.probe(FakeHost(answers={"confstr": mltags.ProbeError("image", "the image is locked")}))

    def test_a_question_that_a_fake_does_not_expect_fails_the_test(self) -> None:
        with pytest.raises(UnscriptedQuestionError, match=r"FakeHost\('x86_64', glibc=None, musl=None\) was asked"):
            mltags.probe(FakeHost(system="Darwin"))

    def test_what_is_not_a_host_is_refused(self) -> None:
        for ask in (mltags.probe, mltags.Target.of_host):
            with pytest.raises(mltags.InvalidTarget) as caught:
                ask("centos-7")  # type: ignore[arg-type]
            assert str(caught.value) == (
                "invalid target 'centos-7': host: expected an object that answers the questions of mltags.Host"
            )

    def test_a_source_that_is_an_error_is_the_questions_name(self) -> None:
        class Nameless(FakeHost):
            def source(self, question: str) -> str:
                raise KeyError(question)

        asked = mltags.probe(Nameless(glibc="2.17", override=module(manylinux_compatible=lambda *_: True)))
        assert facts(asked, "override") == [("override", "/usr/lib/python3/_manylinux.py", "refuses 0 of 13 versions")]

    def test_an_unanswered_question_of_a_sheet_is_not_implemented(self) -> None:
        with pytest.raises(NotImplementedError):
            _host.Sheet().system()
        with pytest.raises(AttributeError, match="'Sheet' object has no attribute 'colour'"):
            _host.Sheet().colour  # type: ignore[attr-defined]  # noqa: B018

    @pytest.mark.parametrize("question", [*_host.QUESTIONS, "source"])
    def test_a_host_has_to_answer_itself(self, question: str) -> None:
        class Silent(mltags.Host):
            pass

        arguments: dict[str, list[object]] = {"confstr": ["x"], "read": ["x", 1], "run_loader": ["x"], "source": ["x"]}
        with pytest.raises(NotImplementedError):
            getattr(Silent(), question)(*arguments.get(question, []))


class TestMaxGlibc:
    """``max_glibc`` leaves out newer manylinux tags, as if the machine's glibc were no newer."""

    @pytest.mark.parametrize("limit", ["2.12", (2, 12), mltags.Glibc(2, 12)], ids=["a text", "a pair", "a Glibc"])
    def test_it_is_given_in_three_forms(self, limit: "mltags.Glibc | str | tuple[int, int]") -> None:
        platform = mltags.probe(FakeHost(glibc="2.17"), max_glibc=limit)
        assert platform.max_glibc == mltags.Glibc(2, 12)
        assert mltags.platform_tags(platform)[:3] == ("linux_x86_64", "manylinux_2_12_x86_64", "manylinux2010_x86_64")
        assert facts(platform, "max_glibc") == [("max_glibc", "2.12", "no manylinux tag above glibc 2.12")]

    @pytest.mark.parametrize(
        "limit", ["", "2", "2.x", "2.28.1", "02.28", " 2.28", "100.0", "2.1000", 2.28, b"2.28", (2,), object], ids=repr
    )
    def test_anything_else_is_refused(self, limit: object) -> None:
        with pytest.raises(mltags.InvalidTarget, match=r"max_glibc: expected a text such as '2\.28', up to 99\.999$"):
            mltags.probe(FakeHost(glibc="2.17"), max_glibc=limit)  # type: ignore[arg-type]

    def test_a_pair_beyond_the_limits_is_refused(self) -> None:
        with pytest.raises(mltags.InvalidTarget, match=r"glibc version: expected two whole numbers, up to 99 and 999$"):
            mltags.probe(FakeHost(glibc="2.17"), max_glibc=(2, 1000))

    @pytest.mark.parametrize("libc", [{"glibc": "2.17"}, {"glibc": "2.28"}, {"musl": "1.2"}, {}], ids=str)
    def test_a_limit_that_changes_nothing_leaves_no_evidence(self, libc: "dict[str, str]") -> None:
        platform = mltags.probe(FakeHost(**libc), max_glibc="2.28")  # type: ignore[arg-type]
        assert facts(platform, "max_glibc") == []
        assert platform.max_glibc == mltags.Glibc(2, 28)


class TestLinuxTags:
    """Plain ``linux_<arch>`` tags are first where a machine was probed, last where it was declared, unless said otherwise."""

    @pytest.mark.parametrize(
        ("linux_tags", "tags"),
        [
            (None, ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")),
            ("first", ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")),
            ("last", ("manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64")),
        ],
    )
    def test_of_a_probed_machine(self, linux_tags: "str | None", tags: "tuple[str, ...]") -> None:
        assert mltags.platform_tags(mltags.probe(FakeHost(glibc="2.5")), linux_tags=linux_tags) == tags

    @pytest.mark.parametrize(
        ("linux_tags", "tags"),
        [
            (None, ("manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64")),
            ("first", ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")),
            ("last", ("manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64")),
        ],
    )
    def test_of_a_declared_machine(self, linux_tags: "str | None", tags: "tuple[str, ...]") -> None:
        assert mltags.platform_tags(mltags.parse_platform("manylinux1_x86_64"), linux_tags=linux_tags) == tags

    def test_any_other_place_is_refused(self) -> None:
        with pytest.raises(mltags.InvalidTarget, match="linux_tags: must be 'first' or 'last'"):
            mltags.platform_tags(mltags.probe(FakeHost(glibc="2.5")), linux_tags="middle")

    def test_what_is_not_a_platform_is_refused(self) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.platform_tags("manylinux_2_28_x86_64")  # type: ignore[arg-type]
        assert str(caught.value) == (
            "invalid target 'manylinux_2_28_x86_64': platform: "
            "expected a Platform, such as that of probe() or parse_platform(tag)"
        )


class TestPython:
    """The Python of a host, from its raw answers."""

    @pytest.mark.parametrize(
        ("answers", "python"),
        [
            pytest.param(
                {"implementation": "cpython", "version": (3, 12)}, mltags.Python("cp", (3, 12), ["cp312"]), id="CPython"
            ),
            pytest.param(
                {"implementation": "cpython", "version": [3, 12, 4], "debug": True},
                mltags.Python("cp", (3, 12), ["cp312d", "cp312"]),
                id="a debug build, by its whole version",
            ),
            pytest.param(
                {"implementation": "cpython", "version": (3, 13), "free_threaded": True},
                mltags.Python("cp", (3, 13), ["cp313t"]),
                id="free-threaded",
            ),
            pytest.param(
                {"implementation": "pypy", "version": (3, 11), "ext_suffix": ".pypy311-pp73-x86_64-linux-gnu.so"},
                mltags.Python("pp", (3, 11), ["pypy311_pp73"]),
                id="PyPy",
            ),
            pytest.param(
                {"implementation": "other", "version": (3, 11), "ext_suffix": ".so"},
                mltags.Python("other", (3, 11), ["cp311"]),
                id="one without a short name",
            ),
        ],
    )
    def test_it_follows_from_the_answers(self, answers: "dict[str, object]", python: mltags.Python) -> None:
        assert _probe.python_of(FakeHost(python=answers)) == python

    @pytest.mark.parametrize(
        "answers",
        [
            pytest.param({}, id="nothing"),
            pytest.param({"implementation": "cpython"}, id="no version"),
            pytest.param({"version": (3, 12)}, id="no implementation"),
            pytest.param({"implementation": "cpython", "version": "3.12"}, id="a version as text"),
            pytest.param(7, id="a number"),
            pytest.param(iter([Rude()]), id="what cannot be read"),
        ],
    )
    def test_an_unknown_version_is_an_error_that_says_what_to_pass(self, answers: object) -> None:
        with pytest.raises(mltags.ProbeError) as caught:
            _probe.python_from(answers, "fake")
        assert str(caught.value) == (
            "fake: its Python version is unknown; pass python_version (--python-version), such as 3.12"
        )

    @pytest.mark.parametrize("version", [["a", "b"], [[3], 12], [3, 10**9], []], ids=str)
    def test_a_version_that_is_not_one_is_an_error(self, version: "list[object]") -> None:
        answers = {"implementation": "cpython", "version": version}
        with pytest.raises(mltags.ProbeError, match="expected one or two whole numbers, up to 99 and 999"):
            _probe.python_from(answers, "fake")

    def test_a_host_that_cannot_be_asked_is_an_error(self) -> None:
        with pytest.raises(mltags.ProbeError) as caught:
            _probe.python_of(FakeHost(answers={"python": OSError("gone")}))
        assert str(caught.value) == ("FakeHost('x86_64', glibc=None, musl=None): its Python could not be asked: OSError: gone")
