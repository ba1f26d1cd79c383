"""An interpreter's raw answers, its value, and its ordered pairs: what stands here is written out; test_oracle asks packaging."""

import types
from typing import Any

import packaging.tags
import pytest

import mltags
from mltags._core import cpython_abis
from mltags._probe import python_from, python_of
from mltags.testing import FakeHost


def test_letters_are_lowered_and_doubles_left_out() -> None:
    python = mltags.Python("CP", [3, 12], ["CP312", "cp312", "ABI3"])
    assert (python.implementation, python.version, python.abis) == ("cp", (3, 12), ("cp312", "abi3"))
    assert python.tag == "cp312"


def test_the_largest_and_the_smallest_versions_are_accepted() -> None:
    assert mltags.Python("cp", (99, 999)).tag == "cp99999"
    assert mltags.Python("cp", (0, 0)).pure == ("cp00", "py00", "py0")


#: (implementation, version, ABIs) -> the pairs and the python tags of none-any.
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
    "free-threaded, told by the stable ABI alone": (
        ("cp", (3, 3), ["none", "abi3t"]),
        "cp33-abi3t cp33-none cp32-abi3t py33-none py3-none py32-none py31-none py30-none",
        "cp33 py33 py3 py32 py31 py30",
    ),
    "free-threaded, told by the second": (
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
    "an ABI of somebody else with a t": (
        ("cp", (3, 2), ["xx3t"]),
        "cp32-xx3t cp32-abi3 cp32-none py32-none py3-none py31-none py30-none",
        "cp32 py32 py3 py31 py30",
    ),
    "a major version alone": (("cp", (3,), ["cp3"]), "cp3-cp3 cp3-none py3-none", "cp3 py3"),
    "PyPy": (("pp", (3, 1), ["pypy31_pp73"]), "pp31-pypy31_pp73 pp31-none py31-none py3-none py30-none", "pp3 py31 py3 py30"),
    "any Python": (("py", (3, 1), []), "py31-none py3-none py30-none", "py31 py3 py30"),
    "another implementation": (("jy", (2, 0), []), "jy20-none py20-none py2-none", "py20 py2"),
}


@pytest.mark.parametrize("name", ORDERS)
def test_the_order_of_pairs(name: str) -> None:
    arguments, pairs, pure = ORDERS[name]
    python = mltags.Python(*arguments)
    assert " ".join(["-".join(pair) for pair in python.pairs]) == pairs
    assert " ".join(python.pure) == pure
    assert python.order() == (python.pairs, python.pure)


def test_the_order_of_pairs_asks_no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaging.tags, "platform_tags", lambda: 1 / 0)
    assert mltags.Python("jy", (2, 0)).pairs == (("jy20", "none"), ("py20", "none"), ("py2", "none"))


@pytest.mark.parametrize(
    ("version", "flags", "abis"),
    [
        ((3, 13), {}, ["cp313"]),
        ((3, 13), {"free_threaded": True}, ["cp313t"]),
        ((3, 12), {"free_threaded": True}, ["cp312"]),
        ((3, 13), {"free_threaded": True, "debug": True}, ["cp313td", "cp313t"]),
        ((3, 8), {"debug": True, "pymalloc": True, "wide_unicode": True}, ["cp38d", "cp38"]),
        ((3, 7), {}, ["cp37m"]),
        ((3, 7), {"debug": True}, ["cp37dm"]),
        ((3, 7), {"pymalloc": False, "wide_unicode": True}, ["cp37"]),
        ((3, 3), {"wide_unicode": True}, ["cp33m"]),
        ((3, 2), {}, ["cp32mu"]),
        ((3, 2), {"wide_unicode": False}, ["cp32m"]),
        ((2, 7), {"debug": True, "pymalloc": False}, ["cp27du"]),
        ((3,), {"debug": True}, []),
        ((3, 12, 1), {}, ["cp312"]),
    ],
)
def test_flags_of_the_build_make_the_abi(version: tuple, flags: dict, abis: list) -> None:
    assert cpython_abis(version, flags) == abis


@pytest.mark.parametrize(
    ("implementation", "short"),
    [("cpython", "cp"), ("pypy", "pp"), ("python", "py"), ("ironpython", "ip"), ("jython", "jy"), ("graalpy", "graalpy")],
)
def test_short_names(implementation: str, short: str) -> None:
    answers = {"implementation": implementation, "version": (3, 11), "ext_suffix": ".so"}
    assert python_from(answers, "a fake") == mltags.Python(short, (3, 11), ["cp311"])


#: suffix of extension modules -> the ABI of an implementation that is not CPython.
SUFFIXES = {
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


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_suffix_of_extension_modules_names_the_abi(suffix: str) -> None:
    answers = {"implementation": "other", "version": [3, 11], "ext_suffix": suffix}
    assert python_from(answers, "a fake").abis == tuple(SUFFIXES[suffix])


@pytest.mark.parametrize("suffix", ["", None, 7, "invalid", "a.b", "a.b.so", ".cpython.so", ".cpython-.so", ".cpythonx.so"])
def test_a_suffix_that_names_no_abi_is_a_probe_error(suffix: object) -> None:
    answers = {"implementation": "pypy", "version": (3, 11), "ext_suffix": suffix}
    with pytest.raises(mltags.ProbeError) as caught:
        python_from(answers, "a fake")
    assert str(caught.value) == (
        f"a fake: its ABI is not known (suffix of extension modules: {suffix!r}); name it (abis, --abi), such as pypy311_pp73"
    )


@pytest.mark.parametrize(
    "answers",
    [{"implementation": None, "version": (3, 12)}, {"implementation": "cpython", "version": "3.12"}, {}],
    ids=["no name", "a version that is text", "nothing"],
)
def test_a_host_that_does_not_know_its_python(answers: dict) -> None:
    with pytest.raises(mltags.ProbeError) as caught:
        python_of(FakeHost(python=answers))
    assert str(caught.value) == (
        "FakeHost('x86_64', glibc=None, musl=None): its Python is not known; name the version (python_version, --python-version), such as 3.12"
    )


class Unreadable(dict):
    def __iter__(self) -> "Any":
        raise ZeroDivisionError

    def keys(self) -> "Any":
        raise ZeroDivisionError


@pytest.mark.parametrize("answer", [None, [1], "cpython", 7, dict, Unreadable(version=(3, 12)), types.SimpleNamespace(get=5)])
def test_an_answer_that_is_no_mapping_is_a_probe_error(answer: object) -> None:
    with pytest.raises(mltags.ProbeError, match="its Python is not known; name the version"):
        mltags.Target.of_host(FakeHost(glibc="2.17", answers={"python": answer}))


@pytest.mark.parametrize("problem", [RuntimeError("why"), OSError("why"), SystemExit("why")])
def test_a_host_whose_python_cannot_be_asked(problem: BaseException) -> None:
    with pytest.raises(mltags.ProbeError) as caught:
        mltags.Target.of_host(FakeHost(glibc="2.17", answers={"python": problem}))
    assert str(caught.value) == (
        f"FakeHost('x86_64', glibc='2.17', musl=None): its Python could not be asked: {type(problem).__name__}: why"
    )


def test_a_host_that_cannot_be_shown_is_asked_all_the_same() -> None:
    class Shy(FakeHost):
        def __repr__(self) -> str:
            raise RuntimeError("not me")

    assert mltags.Target.of_host(Shy(glibc="2.17")).python is not None
    with pytest.raises(mltags.ProbeError) as caught:
        mltags.Target.of_host(Shy(glibc="2.17", answers={"python": None}))
    assert str(caught.value).startswith("RuntimeError: not me: its Python is not known")


def test_a_hosts_own_complaint_about_its_python_passes() -> None:
    own = mltags.ProbeError("a disk", "it was pulled out")
    with pytest.raises(mltags.ProbeError) as caught:
        mltags.Target.of_host(FakeHost(glibc="2.17", answers={"python": own}))
    assert caught.value is own


@pytest.mark.parametrize("version", [(3, 12, 1), (3, 12, 1, "final", 0)])
def test_of_a_longer_version_the_first_two_numbers_count(version: tuple) -> None:
    assert python_from({"implementation": "cpython", "version": version}, "a fake") == mltags.Python("cp", (3, 12), ["cp312"])


def test_a_version_beyond_the_bounds_is_the_hosts_fault() -> None:
    with pytest.raises(mltags.ProbeError) as caught:
        python_from({"implementation": "cpython", "version": (3, 1000)}, "a fake")
    assert str(caught.value) == (
        "a fake: invalid target '3.1000': Python version: one or two whole numbers are accepted,"
        " the first up to 99, the second up to 999"
    )
