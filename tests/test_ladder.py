"""The rules from a platform to its tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mltags

X86 = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 17))


def test_the_order_is_native_then_high_to_low_with_each_alias_behind_its_version() -> None:
    assert mltags.platform_tags(X86) == (
        "linux_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
        "manylinux_2_16_x86_64",
        "manylinux_2_15_x86_64",
        "manylinux_2_14_x86_64",
        "manylinux_2_13_x86_64",
        "manylinux_2_12_x86_64",
        "manylinux2010_x86_64",
        "manylinux_2_11_x86_64",
        "manylinux_2_10_x86_64",
        "manylinux_2_9_x86_64",
        "manylinux_2_8_x86_64",
        "manylinux_2_7_x86_64",
        "manylinux_2_6_x86_64",
        "manylinux_2_5_x86_64",
        "manylinux1_x86_64",
    )


def test_native_last_moves_only_the_native_tags() -> None:
    both = mltags.Platform(archs=["armv8l", "armv7l"], libc=mltags.Glibc(2, 17))
    assert mltags.platform_tags(both, native="last") == (
        "manylinux_2_17_armv8l",
        "manylinux2014_armv8l",
        "manylinux_2_17_armv7l",
        "manylinux2014_armv7l",
        "linux_armv8l",
        "linux_armv7l",
    )


@pytest.mark.parametrize(("native", "shown"), [("middle", "middle"), ("", ""), (None, "None")])
def test_native_elsewhere_is_refused(native: "str | None", shown: str) -> None:
    with pytest.raises(mltags.InvalidTarget) as caught:
        mltags.platform_tags(X86, native=native)  # type: ignore[arg-type]
    assert str(caught.value) == f"invalid target '{shown}': native: 'first' and 'last' are accepted"


def test_musl_goes_down_to_minor_0_of_its_own_major() -> None:
    platform = mltags.Platform(archs=["x86_64"], libc=mltags.Musl(2, 1))
    assert mltags.platform_tags(platform) == ("linux_x86_64", "musllinux_2_1_x86_64", "musllinux_2_0_x86_64")


def test_glibc_3_has_no_aliases_and_ends_where_2_50_begins() -> None:
    tags = mltags.platform_tags(mltags.Platform(archs=["aarch64"], libc=mltags.Glibc(3, 17)))
    assert tags[:3] == ("linux_aarch64", "manylinux_3_17_aarch64", "manylinux_3_16_aarch64")
    assert tags[18:21] == ("manylinux_3_0_aarch64", "manylinux_2_50_aarch64", "manylinux_2_49_aarch64")
    assert tags[-2:] == ("manylinux_2_17_aarch64", "manylinux2014_aarch64")
    assert len(tags) == 1 + 18 + 34 + 1


@pytest.mark.parametrize(
    ("libc", "ceiling", "first", "count"),
    [
        ((2, 36), (2, 17), "manylinux_2_17_x86_64", 17),
        ((2, 12), (2, 17), "manylinux_2_12_x86_64", 11),
        ((2, 36), (3, 0), "manylinux_2_36_x86_64", 36),
        ((3, 2), (2, 99), "manylinux_2_50_x86_64", 50),
        ((3, 2), (3, 1), "manylinux_3_1_x86_64", 52),
        ((2, 36), (2, 4), None, 1),
        ((2, 36), (1, 5), None, 1),
    ],
)
def test_the_ceiling_cuts_what_is_above_it(libc: tuple, ceiling: tuple, first: "str | None", count: int) -> None:
    limit = mltags.Glibc(*ceiling)
    tags = mltags.platform_tags(mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(*libc), ceiling=limit))
    assert [*tags, None][1] == first
    assert len(tags) == count


def version_of(tag: str) -> tuple:
    return tuple(int(number) for number in tag.split("_")[1:3])


GLIBC = st.builds(mltags.Glibc, st.integers(0, 5), st.integers(0, 60))
ARCHS = st.lists(st.sampled_from(["x86_64", "i686", "aarch64", "armv8l", "armv7l"]), unique=True, min_size=1)


@given(archs=ARCHS, libc=GLIBC, native=st.sampled_from(["first", "last"]))
def test_no_duplicates_and_the_own_version_leads(archs: list, libc: mltags.Glibc, native: str) -> None:
    tags = mltags.platform_tags(mltags.Platform(archs=archs, libc=libc), native=native)
    assert len(set(tags)) == len(tags)
    natives = tuple(f"linux_{arch}" for arch in archs)
    assert (tags[: len(archs)] if native == "first" else tags[-len(archs) :]) == natives
    for arch in archs:
        own = [version_of(tag) for tag in tags if tag.startswith("manylinux_") and tag.endswith(f"_{arch}")]
        assert own == sorted(own, reverse=True)
        assert not own or own[0] == (libc.major, libc.minor)


@given(arch=st.sampled_from(["x86_64", "aarch64"]), older=GLIBC, newer=GLIBC)
def test_a_newer_glibc_accepts_a_superset_in_the_same_order(arch: str, older: mltags.Glibc, newer: mltags.Glibc) -> None:
    older, newer = sorted([older, newer])
    less = mltags.platform_tags(mltags.Platform(archs=[arch], libc=older))
    more = mltags.platform_tags(mltags.Platform(archs=[arch], libc=newer))
    if older.major >= 2 and (older.major == newer.major or older.minor <= 50):
        assert [tag for tag in more if tag in less] == list(less)


@given(
    libc=GLIBC, refused=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 60)), max_size=8), limit=st.one_of(st.none(), GLIBC)
)
def test_a_refusal_takes_the_version_and_its_alias_and_nothing_else(
    libc: mltags.Glibc, refused: set, limit: "mltags.Glibc | None"
) -> None:
    override = mltags.Override("x", [(mltags.Glibc(*version), "x86_64", "f") for version in refused])
    aliases = {(2, 17): "manylinux2014_x86_64", (2, 12): "manylinux2010_x86_64", (2, 5): "manylinux1_x86_64"}
    gone = {f"manylinux_{major}_{minor}_x86_64" for major, minor in refused} | {
        aliases[version] for version in refused if version in aliases
    }
    whole = mltags.platform_tags(mltags.Platform(archs=["x86_64"], libc=libc, ceiling=limit))
    left = mltags.platform_tags(mltags.Platform(archs=["x86_64"], libc=libc, ceiling=limit, override=override))
    assert list(left) == [tag for tag in whole if tag not in gone]
