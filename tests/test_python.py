"""An interpreter's raw answers, its value, and its ordered pairs: what stands here is written out; test_oracle asks packaging."""

import types
from typing import Any

import packaging.tags
import pytest

import mltags
from mltags import _core, _probe
from mltags.testing import FakeHost

#: (implementation, version, ABIs) -> the pairs, and the python tags of none-any.
ORDERS: dict[str, tuple] = {
    "CPython": (
        ("cp", (3, 4), ["cp34m"]),
        "cp34-cp34m cp34-abi3 cp34-none cp33-abi3 cp32-abi3 py34-none py3-none py33-none py32-none py31-none py30-none",
        "cp34 py34 py3 py33 py32 py31 py30",
    ),
    "the first with a stable ABI": (
        ("cp", (3, 2), ["cp32mu"]),
        "cp32-cp32mu cp32-abi3 cp32-none py32-none py3-none py31-none py30-none",
        "cp32 py32 py3 py31 py30",
    ),
    "the last without": (
        ("cp", (3, 1), ["cp31mu"]),
        "cp31-cp31mu cp31-none py31-none py3-none py30-none",
        "cp31 py31 py3 py30",
    ),
    "free-threaded": (
        ("cp", (3, 3), ["cp33t"]),
        "cp33-cp33t cp33-abi3t cp33-none cp32-abi3t py33-none py3-none py32-none py31-none py30-none",
        "cp33 py33 py3 py32 py31 py30",
    ),
    "free-threaded and debug, the stable ABIs named": (
        ("cp", (3, 3), ["cp33td", "abi3", "abi3t", "none"]),
        "cp33-cp33td cp33-abi3t cp33-none cp32-abi3t py33-none py3-none py32-none py31-none py30-none",
        "cp33 py33 py3 py32 py31 py30",
    ),
    "free-threaded, its ABI of one digit": (
        ("cp", (3, 2), ["cp3t"]),
        "cp32-cp3t cp32-abi3t cp32-none py32-none py3-none py31-none py30-none",
        "cp32 py32 py3 py31 py30",
    ),
    "free-threaded, identified by the stable ABI alone": (
        ("cp", (3, 3), ["none", "abi3t"]),
        "cp33-abi3t cp33-none cp32-abi3t py33-none py3-none py32-none py31-none py30-none",
        "cp33 py33 py3 py32 py31 py30",
    ),
    "free-threaded, identified by the second ABI": (
        ("cp", (3, 3), ["none", "cp33t", "cp33"]),
        "cp33-cp33t cp33-cp33 cp33-abi3t cp33-none cp32-abi3t py33-none py3-none py32-none py31-none py30-none",
        "cp33 py33 py3 py32 py31 py30",
    ),
    "not free-threaded, and abi3t named": (
        ("cp", (3, 2), ["cp32", "abi3t", "abi3", "none"]),
        "cp32-cp32 cp32-abi3t cp32-abi3 cp32-none py32-none py3-none py31-none py30-none",
        "cp32 py32 py3 py31 py30",
    ),
    "names that only look free-threaded": (
        ("cp", (3, 2), ["cpt", "cp32d"]),
        "cp32-cpt cp32-cp32d cp32-abi3 cp32-none py32-none py3-none py31-none py30-none",
        "cp32 py32 py3 py31 py30",
    ),
    "an ABI of another implementation with a t": (
        ("cp", (3, 2), ["xx3t"]),
        "cp32-xx3t cp32-abi3 cp32-none py32-none py3-none py31-none py30-none",
        "cp32 py32 py3 py31 py30",
    ),
    "a major version alone": (("cp", (3,), ["cp3"]), "cp3-cp3 cp3-none py3-none", "cp3 py3"),
    "PyPy": (("pp", (3, 1), ["pypy31_pp73"]), "pp31-pypy31_pp73 pp31-none py31-none py3-none py30-none", "pp3 py31 py3 py30"),
    "any Python": (("py", (3, 1), []), "py31-none py3-none py30-none", "py31 py3 py30"),
    "any Python, none named": (("py", (3, 1), ["none"]), "py31-none py3-none py30-none", "py31 py3 py30"),
    "another implementation": (("jy", (2, 0), []), "jy20-none py20-none py2-none", "py20 py2"),
}


class TestR11Pairs:
    """The pairs of python tag and ABI tag follow from a rule of ours, for CPython and for other implementations."""

    @pytest.mark.parametrize("name", ORDERS)
    def test_the_order_of_pairs(self, name: str) -> None:
        arguments, pairs, pure = ORDERS[name]
        python = mltags.Python(*arguments)
        assert " ".join(["-".join(pair) for pair in python.pairs]) == pairs
        assert " ".join(python.pure) == pure
        assert python.order() == (python.pairs, python.pure)

    def test_the_order_of_pairs_asks_no_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packaging.tags, "platform_tags", lambda: 1 / 0)
        assert mltags.Python("jy", (2, 0)).pairs == (("jy20", "none"), ("py20", "none"), ("py2", "none"))

    @pytest.mark.parametrize(
        ("python", "pure"),
        [
            pytest.param(mltags.Python("fk", (3,), ["fk3"], declared=True), ("fk3", "py3"), id="an unknown implementation"),
            pytest.param(
                mltags.Python("pp", (3, 1), ["pypy31_pp73"], declared=True), ("pp31", "pp3", "py31", "py3", "py30"), id="PyPy"
            ),
            pytest.param(mltags.Python("py", (3, 0), declared=True), ("py30", "py3"), id="any Python"),
            pytest.param(mltags.Python("cp", (3, 0), declared=True), ("cp30", "py30", "py3"), id="CPython"),
        ],
    )
    def test_a_declared_implementation_accepts_its_own_pure_tag(self, python: mltags.Python, pure: tuple) -> None:
        assert python.pure == pure

    def test_a_declared_implementation_has_the_pairs_of_a_running_one(self) -> None:
        running = mltags.Python("fk", (3,), ["fk3"])
        declared = mltags.Python("fk", (3,), ["fk3"], declared=True)
        assert declared.pairs == running.pairs == (("fk3", "fk3"), ("fk3", "none"), ("py3", "none"))
        assert running.pure == ("py3",)
        assert declared != running

    def test_letters_are_lowered(self) -> None:
        python = mltags.Python("CP", [3, 12], ["CP312", "ABI3"])
        assert (python.implementation, python.version, python.abis) == ("cp", (3, 12), ("cp312", "abi3"))
        assert python.tag == "cp312"


@pytest.mark.parametrize(
    ("version", "flags", "abis"),
    [
        pytest.param((3, 13), {}, ["cp313"], id="an ordinary build"),
        pytest.param((3, 13), {"free_threaded": True}, ["cp313t"], id="free-threaded"),
        pytest.param((3, 12), {"free_threaded": True}, ["cp312"], id="free-threaded before there was such a build"),
        pytest.param((3, 13), {"free_threaded": True, "debug": True}, ["cp313td", "cp313t"], id="free-threaded and debug"),
        pytest.param((3, 8), {"debug": True, "pymalloc": True, "wide_unicode": True}, ["cp38d", "cp38"], id="debug 3.8"),
        pytest.param((3, 7), {}, ["cp37m"], id="3.7"),
        pytest.param((3, 7), {"debug": True}, ["cp37dm"], id="debug 3.7"),
        pytest.param((3, 7), {"pymalloc": False, "wide_unicode": True}, ["cp37"], id="3.7 without pymalloc"),
        pytest.param((3, 3), {"wide_unicode": True}, ["cp33m"], id="3.3"),
        pytest.param((3, 2), {}, ["cp32mu"], id="3.2"),
        pytest.param((3, 2), {"wide_unicode": False}, ["cp32m"], id="3.2 with narrow Unicode"),
        pytest.param((2, 7), {"debug": True, "pymalloc": False}, ["cp27du"], id="debug 2.7 without pymalloc"),
        pytest.param((3,), {"debug": True}, [], id="a major version alone"),
        pytest.param((3, 12, 1), {}, ["cp312"], id="three numbers"),
    ],
)
def test_flags_of_the_build_make_the_abi_of_cpython(version: tuple, flags: dict, abis: list) -> None:
    assert _core.cpython_abis(version, flags) == abis


@pytest.mark.parametrize(
    ("implementation", "short"),
    [("cpython", "cp"), ("pypy", "pp"), ("python", "py"), ("ironpython", "ip"), ("jython", "jy"), ("graalpy", "graalpy")],
)
def test_implementations_have_short_names(implementation: str, short: str) -> None:
    answers = {"implementation": implementation, "version": (3, 11), "ext_suffix": ".so"}
    assert _probe.python_from(answers, "a fake") == mltags.Python(short, (3, 11), ["cp311"])


class TestAbiOfOtherImplementations:
    """The ABI of an implementation other than CPython is in the suffix of its extension modules."""

    SUFFIXES = types.MappingProxyType(
        {
            ".so": ["cp311"],
            ".pyd": ["cp311"],
            ".cpython-312-x86_64-linux-gnu.so": ["cp312"],
            ".cp310-win_amd64.pyd": ["cp310"],
            ".pypy311-pp73-x86_64-linux-gnu.so": ["pypy311_pp73"],
            ".graalpy242-311-native-x86_64-linux.so": ["graalpy242_311_native"],
            ".pyston-23-x86_64-linux-gnu.so": ["pyston_23_x86_64_linux_gnu"],
            ".7pypy-1-2.so": ["7pypy_1_2"],
            ".foo bar.so": ["foo_bar"],
            "..so": [],
        }
    )

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_the_suffix_names_it(self, suffix: str) -> None:
        answers = {"implementation": "other", "version": [3, 11], "ext_suffix": suffix}
        assert _probe.python_from(answers, "a fake").abis == tuple(self.SUFFIXES[suffix])

    @pytest.mark.parametrize("suffix", ["", None, 7, "invalid", "a.b", "a.b.so", ".cpython.so", ".cpython-.so", ".cpythonx.so"])
    def test_a_suffix_that_names_none_is_a_probe_error(self, suffix: object) -> None:
        answers = {"implementation": "pypy", "version": (3, 11), "ext_suffix": suffix}
        with pytest.raises(mltags.ProbeError) as caught:
            _probe.python_from(answers, "a fake")
        assert str(caught.value) == (
            f"a fake: its ABI is unknown (suffix of extension modules: {suffix!r}); pass abis (--abi), such as pypy311_pp73"
        )


class Unreadable(dict):
    def __iter__(self) -> "Any":
        raise ZeroDivisionError

    def keys(self) -> "Any":
        raise ZeroDivisionError


UNKNOWN = "its Python version is unknown; pass python_version (--python-version), such as 3.12"


class TestAnswersOfHosts:
    """A Python that is not known is a ProbeError, which names the host and what to pass."""

    @pytest.mark.parametrize(
        "answers",
        [
            pytest.param({"implementation": None, "version": (3, 12)}, id="no name"),
            pytest.param({"implementation": "cpython", "version": "3.12"}, id="a version that is text"),
            pytest.param({"implementation": "cpython"}, id="no version"),
            pytest.param({}, id="nothing"),
            pytest.param(None, id="None"),
            pytest.param([1], id="a list"),
            pytest.param("cpython", id="text"),
            pytest.param(7, id="a number"),
            pytest.param(Unreadable(version=(3, 12)), id="a mapping that cannot be read"),
            pytest.param(types.SimpleNamespace(get=5), id="an object"),
        ],
    )
    def test_an_unknown_python(self, answers: object) -> None:
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.Target.of_host(FakeHost(glibc="2.17", answers={"python": answers}))
        assert str(caught.value) == f"FakeHost('x86_64', glibc='2.17', musl=None): {UNKNOWN}"

    @pytest.mark.parametrize(
        "problem", [RuntimeError("why"), OSError("why"), SystemExit("why")], ids=lambda one: type(one).__name__
    )
    def test_a_host_whose_python_cannot_be_asked(self, problem: BaseException) -> None:
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.Target.of_host(FakeHost(glibc="2.17", answers={"python": problem}))
        assert str(caught.value) == (
            f"FakeHost('x86_64', glibc='2.17', musl=None): its Python could not be asked: {type(problem).__name__}: why"
        )
        assert caught.value.__cause__ is problem

    def test_a_host_that_cannot_be_shown_is_asked_all_the_same(self) -> None:
        class Shy(FakeHost):
            def __repr__(self) -> str:
                raise RuntimeError("not me")

        assert mltags.Target.of_host(Shy(glibc="2.17")).python is not None
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.Target.of_host(Shy(glibc="2.17", answers={"python": None}))
        assert str(caught.value) == f"RuntimeError: not me: {UNKNOWN}"

    def test_a_hosts_own_complaint_about_its_python_passes(self) -> None:
        own = mltags.ProbeError("a disk", "it was pulled out")
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.Target.of_host(FakeHost(glibc="2.17", answers={"python": own}))
        assert caught.value is own

    @pytest.mark.parametrize("version", [(3, 12, 1), (3, 12, 1, "final", 0)], ids=["three", "five"])
    def test_of_a_longer_version_the_first_two_numbers_count(self, version: tuple) -> None:
        answers = {"implementation": "cpython", "version": version}
        assert _probe.python_from(answers, "a fake") == mltags.Python("cp", (3, 12), ["cp312"])

    def test_a_major_version_alone_has_no_abi(self) -> None:
        assert _probe.python_from({"implementation": "cpython", "version": [3]}, "a fake") == mltags.Python("cp", (3,))

    def test_a_version_beyond_the_bounds_is_the_hosts_fault(self) -> None:
        with pytest.raises(mltags.ProbeError) as caught:
            _probe.python_from({"implementation": "cpython", "version": (3, 1000)}, "a fake")
        assert str(caught.value) == (
            "a fake: invalid target '3.1000': Python version: expected one or two whole numbers, up to 99 and 999"
        )
