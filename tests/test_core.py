"""The values: made, compared, shown, pickled, and never changed."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mltags
from mltags._core import _restored, leading_version


def test_versions_compare_as_pairs_across_majors() -> None:
    assert mltags.Glibc(2, 28) < mltags.Glibc(3, 0)
    assert mltags.Glibc(2, 9) < mltags.Glibc(2, 28)
    assert mltags.Glibc(2, 28) <= mltags.Glibc(2, 28)
    assert mltags.Glibc(2, 28) > mltags.Glibc(2, 5)
    assert mltags.Glibc(2, 28) >= mltags.Glibc(2, 28)
    assert mltags.Glibc(2, 28) == mltags.Glibc(2, 28)
    assert hash(mltags.Glibc(2, 28)) == hash(mltags.Glibc(2, 28))
    assert mltags.Musl(1, 2).minor == 2


SMALL = st.tuples(st.integers(0, 3), st.integers(0, 3))


@given(left=SMALL, right=SMALL, kind=st.sampled_from([mltags.Glibc, mltags.Musl]))
def test_versions_compare_as_their_numbers_do(left: tuple, right: tuple, kind: type) -> None:
    one, other = kind(*left), kind(*right)
    found = (one < other, one <= other, one > other, one >= other, one == other, one != other)
    assert found == (left < right, left <= right, left > right, left >= right, left == right, left != right)
    assert one.__lt__(other) is (left < right)
    assert one.__le__(other) is (left <= right)


def test_equality_is_left_to_the_other_where_it_is_something_else() -> None:
    assert mltags.Glibc(2, 28).__eq__("2.28") is NotImplemented
    assert mltags.Glibc(2, 28) != "2.28"


def test_different_values_have_different_hashes() -> None:
    versions = [mltags.Glibc(1, 2), mltags.Musl(1, 2), mltags.Glibc(2, 1), mltags.Glibc(1, 3)]
    assert len({hash(version) for version in versions}) == 4


def test_versions_of_two_families_do_not_compare() -> None:
    assert mltags.Glibc(1, 2) != mltags.Musl(1, 2)
    for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
        assert getattr(mltags.Glibc(1, 2), compare)(mltags.Musl(1, 2)) is NotImplemented
    with pytest.raises(TypeError):
        assert mltags.Glibc(1, 2) < mltags.Musl(1, 2)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((100, 0), "100.0"),
        ((2, 1000), "2.1000"),
        ((-1, 0), "-1.0"),
        ((2, -1), "2.-1"),
        (("2", 28), "'2'.28"),
        ((2, 2.8), "2.2.8"),
        ((True, 0), "True.0"),
    ],
)
def test_a_version_beyond_the_bounds_is_refused(numbers: tuple, shown: str) -> None:
    for kind, family in ((mltags.Glibc, "glibc"), (mltags.Musl, "musl")):
        with pytest.raises(mltags.InvalidTarget) as caught:
            kind(*numbers)
        assert str(caught.value) == (
            f"invalid target '{shown}': {family} version: two whole numbers are accepted,"
            " the first up to 99, the second up to 999"
        )


def test_a_version_at_the_bounds_is_accepted() -> None:
    assert (mltags.Glibc(99, 999).major, mltags.Glibc(99, 999).minor) == (99, 999)
    assert (mltags.Musl(0, 0).major, mltags.Musl(0, 0).minor) == (0, 0)


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


def test_what_cannot_be_done_to_a_value_is_said() -> None:
    version = mltags.Glibc(2, 28)
    with pytest.raises(AttributeError, match=r"^Glibc is immutable: 'major' cannot be set$"):
        version.major = 3
    with pytest.raises(AttributeError, match=r"^Glibc is immutable: 'major' cannot be deleted$"):
        del version.major
    assert version == mltags.Glibc(2, 28)


def test_a_pickle_with_other_fields_is_refused() -> None:
    for numbers in ((2,), (2, 28, 1)):
        with pytest.raises(ValueError, match="zip"):
            _restored(mltags.Glibc, numbers)


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
    assert repr(mltags.Evidence("a", "b", "c'", "d")) == "Evidence('a', 'b', \"c'\", 'd')"
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


FULL = mltags.Platform(
    system="Other",
    archs=["a", "b"],
    ladders=["a"],
    libc=mltags.Glibc(2, 28),
    override=mltags.Override("x"),
    listed=["y"],
    evidence=[mltags.Evidence("libc", "q", "a", "c")],
)


def test_below_a_ceiling_everything_else_stays() -> None:
    lower = FULL.below(mltags.Glibc(2, 17))
    assert [getattr(lower, name) for name in lower.__slots__] == [
        "Other",
        ("a", "b"),
        ("a",),
        mltags.Glibc(2, 28),
        mltags.Glibc(2, 17),
        mltags.Override("x"),
        ("y",),
        (
            mltags.Evidence("libc", "q", "a", "c"),
            mltags.Evidence("ceiling", "max_glibc", "2.17", "no manylinux tag above glibc 2.17"),
        ),
    ]
    assert lower.below(mltags.Glibc(2, 12)).ceiling == mltags.Glibc(2, 12)


def test_a_ceiling_never_rises() -> None:
    lower = FULL.below(mltags.Glibc(2, 17))
    assert FULL.below(None) is FULL
    assert lower.below(None) is lower
    assert lower.below(mltags.Glibc(2, 17)) is lower
    assert lower.below(mltags.Glibc(2, 28)) is lower


@given(st.integers(0, 99), st.integers(0, 999), st.sampled_from(["", "-2014.11", ".9000", "abc", "~0", "."]))
def test_a_leading_version_is_read_and_junk_ignored(major: int, minor: int, junk: str) -> None:
    assert leading_version(f"{major}.{minor}{junk}") == (major, minor)
    assert leading_version(f"0{major}.00{minor}{junk}") == (major, minor)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.17", (2, 17)),
        ("0.0", (0, 0)),
        ("0000.0000", (0, 0)),
        ("99.999", (99, 999)),
        ("2.17.5", (2, 17)),
        ("0002.0009", (2, 9)),
    ],
)
def test_a_leading_version_is_two_numbers(text: str, version: tuple) -> None:
    assert leading_version(text) == version


def test_zeros_in_front_are_read_as_far_as_any_sane_version_has_them() -> None:
    assert leading_version(f"2.{'0' * 40}17") == (2, 17)
    assert leading_version(f"{'0' * 40}2.17") == (2, 17)
    for zeros in (49, 60, 100, 10**6):
        assert leading_version(f"2.{'0' * zeros}17") is None
        assert leading_version(f"{'0' * zeros}2.17") is None


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    version = leading_version(text)
    assert version is None or (0 <= version[0] <= 99 and 0 <= version[1] <= 999)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "2.",
        ".17",
        "v2.17",
        "100.1",
        "2.1000",
        "2.\u0663",
        " 2.17",
        "-2.17",
        "2:17",
        "2x.17",
        "9" * 5000 + ".1",
        "0" * 5000 + "2.17",
    ],
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
