"""The values: made, compared, shown, pickled, and never changed."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mltags
from mltags._facts import leading_version


def test_versions_compare_as_pairs_across_majors() -> None:
    assert mltags.Glibc(2, 28) < mltags.Glibc(3, 0)
    assert mltags.Glibc(2, 9) < mltags.Glibc(2, 28)
    assert mltags.Glibc(2, 28) <= mltags.Glibc(2, 28)
    assert mltags.Glibc(2, 28) > mltags.Glibc(2, 5)
    assert mltags.Glibc(2, 28) >= mltags.Glibc(2, 28)
    assert mltags.Glibc(2, 28) == mltags.Glibc(2, 28)
    assert hash(mltags.Glibc(2, 28)) == hash(mltags.Glibc(2, 28))
    assert mltags.Musl(1, 2).minor == 2


def test_versions_of_two_families_do_not_compare() -> None:
    assert mltags.Glibc(1, 2) != mltags.Musl(1, 2)
    for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
        assert getattr(mltags.Glibc(1, 2), compare)(mltags.Musl(1, 2)) is NotImplemented
    with pytest.raises(TypeError):
        assert mltags.Glibc(1, 2) < mltags.Musl(1, 2)  # type: ignore[operator]


@pytest.mark.parametrize("numbers", [(100, 0), (2, 1000), (-1, 0), (2, -1), ("2", 28), (2, 2.8), (True, 0)])
def test_a_version_beyond_the_bounds_is_refused(numbers: tuple) -> None:
    with pytest.raises(mltags.InvalidTarget, match=r"glibc version: two whole numbers are accepted"):
        mltags.Glibc(*numbers)
    assert mltags.Glibc(99, 999).major == 99


VALUES = [
    mltags.Glibc(2, 28),
    mltags.Musl(1, 2),
    mltags.Evidence("libc", "os.confstr", "'glibc 2.28'", "glibc 2.28"),
    mltags.Override(
        "/x/_manylinux.py", [(mltags.Glibc(2, 17), "x86_64", "manylinux2014_compatible")], ["manylinux1_compatible"]
    ),
    mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 28)),
    mltags.Python("cp", (3, 12), ["cp312"]),
    mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 28))),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_equal_to_its_copies_and_cannot_be_changed(value: object) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert copy.deepcopy(value) == value
    assert hash(copy.copy(value)) == hash(value)
    assert repr(copy.copy(value)) == repr(value)
    assert value != "something else"
    with pytest.raises(AttributeError, match="is immutable"):
        value.major = 3  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="is immutable"):
        del value.major  # type: ignore[attr-defined]
    assert not hasattr(value, "__dict__")


def test_a_subclass_is_a_value_of_its_own() -> None:
    class Mine(mltags.Target):
        pass

    python, platform = mltags.Python("cp", (3, 12), ["cp312"]), mltags.Platform(archs=["x86_64"])
    assert Mine(python, platform) == Mine(python, platform)
    assert Mine(python, platform) != mltags.Target(python, platform)
    assert type(Mine.current()) is Mine


def test_a_repr_can_be_pasted() -> None:
    assert repr(mltags.Glibc(2, 28)) == "Glibc(2, 28)"
    assert str(mltags.Glibc(2, 28)) == "2.28"
    assert repr(mltags.Python("cp", (3, 12), ["cp312"])) == "Python(implementation='cp', version=(3, 12), abis=('cp312',))"
    platform = VALUES[4]
    assert eval(repr(platform), dict(vars(mltags))) == platform


def test_evidence_is_not_compared() -> None:
    known = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 28), evidence=[VALUES[2]])  # type: ignore[list-item]
    assert known == VALUES[4]
    assert hash(known) == hash(VALUES[4])
    assert known.evidence == (VALUES[2],)


def test_a_platform_has_a_ladder_for_each_architecture_unless_told_otherwise() -> None:
    assert mltags.Platform(archs=["a", "b"]).ladders == ("a", "b")
    assert mltags.Platform(archs=["a", "b"], ladders=["b"]).ladders == ("b",)


@given(st.integers(0, 99), st.integers(0, 999), st.sampled_from(["", "-2014.11", ".9000", "abc", "~0", "."]))
def test_a_leading_version_is_read_and_junk_ignored(major: int, minor: int, junk: str) -> None:
    assert leading_version(f"{major}.{minor}{junk}") == (major, minor)
    assert leading_version(f"0{major}.00{minor}{junk}") == (major, minor)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    version = leading_version(text)
    assert version is None or (0 <= version[0] <= 99 and 0 <= version[1] <= 999)


@pytest.mark.parametrize(
    "text", ["", "2", "2.", ".17", "v2.17", "100.1", "2.1000", "2.\u0663", " 2.17", "-2.17", "9" * 5000 + ".1"]
)
def test_what_begins_with_no_version_is_refused(text: str) -> None:
    assert leading_version(text) is None


@pytest.mark.parametrize(
    ("version", "problem"),
    [((), ""), ((3, 12, 1), "3.12.1"), ((3, 1000), "3.1000"), ((100, 0), "100.0"), (("3", 12), "3.12"), ((3, -1), "3.-1")],
)
def test_a_python_version_beyond_the_bounds_is_refused(version: tuple, problem: str) -> None:
    with pytest.raises(mltags.InvalidTarget) as caught:
        mltags.Python("cp", version)
    assert str(caught.value) == (
        f"invalid target '{problem}': Python version: one or two whole numbers are accepted, the first up to 99, the second up to 999"
    )
