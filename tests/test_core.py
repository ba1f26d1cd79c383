"""The pure core: values, and the rules from a platform to its tags."""

import copy
import pickle
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mltags
from mltags import _core

SMALL = st.tuples(st.integers(0, 3), st.integers(0, 3))
FAMILIES = {"glibc": mltags.Glibc, "musl": mltags.Musl}


class TestVersions:
    """Versions of a C library are pairs of numbers, ordered within their own family."""

    @given(left=SMALL, right=SMALL, family=st.sampled_from(sorted(FAMILIES)))
    def test_versions_compare_as_their_pairs_of_numbers_do(self, left: tuple, right: tuple, family: str) -> None:
        one, other = FAMILIES[family](*left), FAMILIES[family](*right)
        found = (one < other, one <= other, one > other, one >= other, one == other, one != other)
        assert found == (left < right, left <= right, left > right, left >= right, left == right, left != right)

    def test_an_older_major_is_older_whatever_its_minor(self) -> None:
        assert mltags.Glibc(2, 28) < mltags.Glibc(3, 0)
        assert mltags.Glibc(2, 9) < mltags.Glibc(2, 28)

    def test_equal_versions_have_equal_hashes_and_different_ones_different_hashes(self) -> None:
        assert hash(mltags.Glibc(2, 28)) == hash(mltags.Glibc(2, 28))
        versions = [mltags.Glibc(1, 2), mltags.Musl(1, 2), mltags.Glibc(2, 1), mltags.Glibc(1, 3)]
        assert len({hash(version) for version in versions}) == 4

    def test_versions_of_two_families_are_different_and_have_no_order(self) -> None:
        assert mltags.Glibc(1, 2) != mltags.Musl(1, 2)
        with pytest.raises(TypeError):
            assert mltags.Glibc(1, 2) < mltags.Musl(1, 2)  # type: ignore[operator]
        with pytest.raises(TypeError):
            assert mltags.Musl(1, 2) <= mltags.Glibc(1, 2)  # type: ignore[operator]

    def test_a_version_is_no_text(self) -> None:
        assert mltags.Glibc(2, 28) != "2.28"
        assert str(mltags.Glibc(2, 28)) == "2.28"
        assert repr(mltags.Glibc(2, 28)) == "Glibc(2, 28)"


PLATFORM = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 28))
EVIDENCE = mltags.Evidence("libc", "os.confstr", "'glibc 2.28'", "glibc 2.28")
VALUES: "dict[str, object]" = {
    "Glibc": mltags.Glibc(2, 28),
    "Musl": mltags.Musl(1, 2),
    "Evidence": EVIDENCE,
    "Override": mltags.Override(
        "/x/_manylinux.py", [(mltags.Glibc(2, 17), "x86_64", "manylinux2014_compatible")], ["manylinux1_compatible"]
    ),
    "Platform": PLATFORM,
    "Python": mltags.Python("cp", (3, 12), ["cp312"]),
    "declared Python": mltags.Python("pp", (3, 11), ["pypy311_pp73"], declared=True),
    "Target": mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), PLATFORM),
    "Target of explicit tags": mltags.Target.from_tags(["py3-none-any"]),
}


class TestValues:
    """Values are compared, shown and pickled by their fields, and never change."""

    @pytest.mark.parametrize("name", VALUES)
    def test_a_value_equals_its_copies(self, name: str) -> None:
        value = VALUES[name]
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            assert pickle.loads(pickle.dumps(value, protocol)) == value
        assert copy.deepcopy(value) == value
        assert hash(copy.copy(value)) == hash(value)
        assert repr(copy.copy(value)) == repr(value)
        assert value != "something else"

    @pytest.mark.parametrize("name", VALUES)
    def test_a_value_has_room_for_nothing_else(self, name: str) -> None:
        assert not hasattr(VALUES[name], "__dict__")
        with pytest.raises(AttributeError, match="is immutable: cannot set 'other'"):
            VALUES[name].other = 3  # type: ignore[attr-defined]

    def test_a_field_can_be_neither_set_nor_deleted(self) -> None:
        version = mltags.Glibc(2, 28)
        with pytest.raises(AttributeError, match=r"^Glibc is immutable: cannot set 'major'$"):
            version.major = 3
        with pytest.raises(AttributeError, match=r"^Glibc is immutable: cannot delete 'major'$"):
            del version.major
        assert version == mltags.Glibc(2, 28)

    def test_a_pickle_with_other_fields_is_refused(self) -> None:
        function, (kind, fields) = cast("tuple[Any, tuple[Any, tuple]]", mltags.Glibc(2, 28).__reduce__())
        assert function(kind, fields) == mltags.Glibc(2, 28)
        for wrong in (fields[:1], (*fields, 1)):
            with pytest.raises(ValueError, match="zip"):
                function(kind, wrong)

    def test_a_subclass_is_a_value_of_its_own(self) -> None:
        class Mine(mltags.Target):
            pass

        python = mltags.Python("cp", (3, 12), ["cp312"])
        assert Mine(python, PLATFORM) == Mine(python, PLATFORM)
        assert Mine(python, PLATFORM) != mltags.Target(python, PLATFORM)
        assert type(Mine.current()) is Mine

    def test_a_repr_can_be_pasted(self) -> None:
        assert repr(VALUES["Python"]) == ("Python(implementation='cp', version=(3, 12), abis=('cp312',), declared=False)")
        assert repr(mltags.Evidence("a", "b", "c'", "d")) == "Evidence('a', 'b', \"c'\", 'd')"
        assert repr(PLATFORM) == (
            "Platform(system='Linux', archs=('x86_64',), libc_archs=('x86_64',), libc=Glibc(2, 28), max_glibc=None, "
            "linux_tags='first', override=None, explicit_tags=(), evidence=())"
        )
        for name in ("Python", "declared Python", "Platform", "Override", "Evidence"):
            assert eval(repr(VALUES[name]), dict(vars(mltags))) == VALUES[name]

    def test_evidence_is_kept_and_not_compared(self) -> None:
        known = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 28), evidence=[EVIDENCE])
        assert known == PLATFORM
        assert hash(known) == hash(PLATFORM)
        assert known.evidence == (EVIDENCE,)
        assert pickle.loads(pickle.dumps(known)).evidence == (EVIDENCE,)

    @pytest.mark.parametrize(
        "changed",
        [
            {"system": "Other"},
            {"archs": ["a", "b"]},
            {"libc_archs": []},
            {"libc": mltags.Musl(1, 2)},
            {"max_glibc": mltags.Glibc(2, 17)},
            {"linux_tags": "last"},
            {"override": mltags.Override("x")},
            {"explicit_tags": ["x"]},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_every_other_field_of_a_platform_is_compared(self, changed: dict) -> None:
        fields = {"archs": ["x86_64"], "libc": mltags.Glibc(2, 28)}
        assert mltags.Platform(**{**fields, **changed}) != mltags.Platform(**fields)  # type: ignore[arg-type]

    def test_a_platform_has_libc_tags_for_all_its_architectures_unless_given(self) -> None:
        assert mltags.Platform(archs=["a", "b"]).libc_archs == ("a", "b")
        assert mltags.Platform(archs=["a", "b"], libc_archs=["b"]).libc_archs == ("b",)


class TestLists:
    """A list holds each item once, at its first place; a text where a list is meant is one item, never its letters."""

    def test_the_first_of_equal_architectures_counts(self) -> None:
        platform = mltags.Platform(archs=["x86_64", "i686", "x86_64"], libc=mltags.Glibc(2, 5))
        assert platform.archs == platform.libc_archs == ("x86_64", "i686")
        assert mltags.platform_tags(platform) == (
            "linux_x86_64",
            "linux_i686",
            "manylinux_2_5_x86_64",
            "manylinux1_x86_64",
            "manylinux_2_5_i686",
            "manylinux1_i686",
        )
        assert mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), platform).rank("a-1-cp312-cp312-linux_x86_64.whl") == 0

    def test_the_first_of_equal_tags_and_abis_counts(self) -> None:
        assert mltags.Platform(explicit_tags=["b", "a", "b"]).explicit_tags == ("b", "a")
        assert mltags.Platform(archs="a", libc_archs=["b", "a", "b"]).libc_archs == ("b", "a")
        assert mltags.Python("cp", (3, 12), ["cp312", "abi3", "CP312"]).abis == ("cp312", "abi3")

    def test_one_text_is_one_item(self) -> None:
        platform = mltags.Platform(archs="x86_64", explicit_tags="win32")
        assert (platform.archs, platform.libc_archs, platform.explicit_tags) == (("x86_64",), ("x86_64",), ("win32",))
        assert mltags.Platform(archs=["a"], libc_archs="x86_64").libc_archs == ("x86_64",)
        assert mltags.Python("cp", (3, 12), "cp312").abis == ("cp312",)
        assert mltags.Override("x", allowed="manylinux1_compatible").allowed == ("manylinux1_compatible",)


class TestR8VersionReading:
    """Of a C library's version the leading ``<int>.<int>`` counts, and junk after it is ignored; anything else is unknown, never
    a number that stands for it, and never an exception."""

    @given(st.integers(0, 99), st.integers(0, 999), st.sampled_from(["", "-2014.11", ".9000", "abc", "~0", "."]))
    def test_junk_behind_the_two_numbers_is_ignored(self, major: int, minor: int, junk: str) -> None:
        assert _core.leading_version(f"{major}.{minor}{junk}") == (major, minor)
        assert _core.leading_version(f"0{major}.00{minor}{junk}") == (major, minor)

    @pytest.mark.parametrize(
        ("text", "version"),
        [
            ("2.17", (2, 17)),
            ("0.0", (0, 0)),
            ("0000.0000", (0, 0)),
            ("99.999", (99, 999)),
            ("2.17.5", (2, 17)),
            ("0002.0009", (2, 9)),
            ("2.20-2014.11", (2, 20)),
            ("2.40.9000", (2, 40)),
            ("2.31rc1", (2, 31)),
        ],
    )
    def test_two_numbers_are_read(self, text: str, version: tuple) -> None:
        assert _core.leading_version(text) == version

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="nothing"),
            pytest.param("2", id="one number"),
            pytest.param("2.", id="no minor number"),
            pytest.param(".17", id="no major number"),
            pytest.param("v2.17", id="a letter in front"),
            pytest.param("100.1", id="a major number beyond 99"),
            pytest.param("2.1000", id="a minor number beyond 999"),
            pytest.param("2.\u0663", id="a digit of another script"),
            pytest.param(" 2.17", id="a blank in front"),
            pytest.param("-2.17", id="a minus"),
            pytest.param("2:17", id="a colon"),
            pytest.param("2x.17", id="a letter between"),
            pytest.param("9" * 5000 + ".1", id="five thousand digits"),
            pytest.param("0" * 5000 + "2.17", id="five thousand zeros"),
        ],
    )
    def test_everything_else_is_unknown(self, text: str) -> None:
        assert _core.leading_version(text) is None

    def test_zeros_in_front_are_read_as_far_as_any_sane_version_has_them(self) -> None:
        assert _core.leading_version(f"2.{'0' * 40}17") == (2, 17)
        assert _core.leading_version(f"{'0' * 40}2.17") == (2, 17)
        for zeros in (49, 60, 100, 10**6):
            assert _core.leading_version(f"2.{'0' * zeros}17") is None
            assert _core.leading_version(f"{'0' * zeros}2.17") is None

    @given(st.text())
    def test_any_text_is_a_version_within_the_bounds_or_unknown(self, text: str) -> None:
        version = _core.leading_version(text)
        assert version is None or (0 <= version[0] <= 99 and 0 <= version[1] <= 999)


class TestR13Bounds:
    """A version opens no range of tags beyond 99.999; what claims more is refused."""

    @pytest.mark.parametrize("family", FAMILIES)
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
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_version_of_a_c_library_beyond_the_bounds_is_refused(self, family: str, numbers: tuple, shown: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            FAMILIES[family](*numbers)
        assert str(caught.value) == f"invalid target '{shown}': {family} version: expected two whole numbers, up to 99 and 999"

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_version_of_a_c_library_may_be_at_the_bounds(self, family: str) -> None:
        for numbers in ((99, 999), (0, 0)):
            version = FAMILIES[family](*numbers)
            assert (version.major, version.minor) == numbers

    @pytest.mark.parametrize(
        ("version", "shown"),
        [
            ((), ""),
            ("3.12", "3.12"),
            ((3, 12, 1), "3.12.1"),
            ((3, 1000), "3.1000"),
            ((100, 0), "100.0"),
            (("3", 12), "3.12"),
            ((3, -1), "3.-1"),
        ],
        ids=["no number", "a text alone", "three numbers", "minor beyond 999", "major beyond 99", "text", "negative"],
    )
    def test_a_python_version_beyond_the_bounds_is_refused(self, version: tuple, shown: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Python("cp", version)
        assert str(caught.value) == (
            f"invalid target '{shown}': Python version: expected one or two whole numbers, up to 99 and 999"
        )

    @pytest.mark.parametrize("given", [b"x86", b"", ""], ids=["bytes", "no bytes", "no text"])
    def test_a_list_of_bytes_and_an_empty_text_are_refused(self, given: "str | bytes") -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Platform(archs=given)  # type: ignore[arg-type]
        assert str(caught.value) == f"invalid target '{given!r}': list of texts: expected texts that are not empty"

    def test_a_max_glibc_that_is_no_version_is_refused(self) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Platform(libc=mltags.Glibc(2, 17), max_glibc="2.10")  # type: ignore[arg-type]
        assert str(caught.value) == "invalid target '2.10': max_glibc: must be a Glibc, such as Glibc(2, 28), or None"

    def test_a_python_version_may_be_at_the_bounds(self) -> None:
        assert mltags.Python("cp", (99, 999)).tag == "cp99999"
        assert mltags.Python("cp", (0, 0)).pure == ("cp00", "py00", "py0")


X86 = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 17))
GLIBC = st.builds(mltags.Glibc, st.integers(0, 5), st.integers(0, 60))
PAIRS = st.tuples(st.integers(0, 5), st.integers(0, 60))
ARCHS = st.lists(st.sampled_from(["x86_64", "i686", "aarch64", "armv8l", "armv7l"]), unique=True, min_size=1)


def version_of(tag: str) -> tuple:
    return tuple(int(number) for number in tag.split("_")[1:3])


class TestR1Fit:
    """A tag fits iff the machine's glibc is of that version or newer, compared as a pair, across majors; of the same architecture;
    and the override does not refuse it."""

    @given(libc=GLIBC, asked=st.tuples(st.just(2), st.integers(5, 50)), arch=st.sampled_from(["x86_64", "i686"]))
    def test_a_version_fits_iff_it_is_not_newer_than_the_machines(self, libc: mltags.Glibc, asked: tuple, arch: str) -> None:
        tags = mltags.platform_tags(mltags.Platform(archs=["x86_64"], libc=libc))
        assert ("manylinux_{}_{}_{}".format(*asked, arch) in tags) is (asked <= (libc.major, libc.minor) and arch == "x86_64")

    @given(arch=st.sampled_from(["x86_64", "aarch64"]), older=GLIBC, newer=GLIBC)
    def test_a_newer_glibc_accepts_a_superset_in_the_same_order(
        self, arch: str, older: mltags.Glibc, newer: mltags.Glibc
    ) -> None:
        older, newer = sorted([older, newer])
        less = mltags.platform_tags(mltags.Platform(archs=[arch], libc=older))
        more = mltags.platform_tags(mltags.Platform(archs=[arch], libc=newer))
        # Nothing is older than glibc 2, and no older major has more than 50 (R3).
        if older.major >= 2 and (older.major == newer.major or older.minor <= 50):
            assert [tag for tag in more if tag in less] == list(less)

    @given(libc=GLIBC, refused=st.sets(PAIRS, max_size=8), limit=st.one_of(st.none(), GLIBC))
    def test_a_refusal_takes_the_version_and_its_alias_and_nothing_else(
        self, libc: mltags.Glibc, refused: set, limit: "mltags.Glibc | None"
    ) -> None:
        override = mltags.Override("x", [(mltags.Glibc(*version), "x86_64", "f") for version in refused])
        aliases = {(2, 17): "manylinux2014_x86_64", (2, 12): "manylinux2010_x86_64", (2, 5): "manylinux1_x86_64"}
        gone = {f"manylinux_{major}_{minor}_x86_64" for major, minor in refused} | {
            aliases[version] for version in refused if version in aliases
        }
        whole = mltags.platform_tags(mltags.Platform(archs=["x86_64"], libc=libc, max_glibc=limit))
        left = mltags.platform_tags(mltags.Platform(archs=["x86_64"], libc=libc, max_glibc=limit, override=override))
        assert list(left) == [tag for tag in whole if tag not in gone]

    def test_a_refusal_for_one_architecture_leaves_the_other_alone(self) -> None:
        override = mltags.Override("x", [(mltags.Glibc(2, 17), "armv8l", "manylinux_compatible")])
        platform = mltags.Platform(archs=["armv8l", "armv7l"], libc=mltags.Glibc(2, 18), override=override)
        assert mltags.platform_tags(platform) == (
            "linux_armv8l",
            "linux_armv7l",
            "manylinux_2_18_armv8l",
            "manylinux_2_18_armv7l",
            "manylinux_2_17_armv7l",
            "manylinux2014_armv7l",
        )

    @pytest.mark.parametrize(
        ("libc", "limit", "first", "count"),
        [
            ((2, 36), (2, 17), "manylinux_2_17_x86_64", 17),
            ((2, 12), (2, 17), "manylinux_2_12_x86_64", 11),
            ((2, 36), (3, 0), "manylinux_2_36_x86_64", 36),
            ((3, 2), (2, 99), "manylinux_2_50_x86_64", 50),
            ((3, 2), (3, 1), "manylinux_3_1_x86_64", 52),
            ((2, 36), (2, 4), None, 1),
            ((2, 36), (1, 5), None, 1),
        ],
        ids=[
            "an older one",
            "a newer one than the machine's",
            "of the next major",
            "of the last major",
            "of the same newer major",
            "below every tag",
            "of a major without tags",
        ],
    )
    def test_max_glibc_cuts_what_is_above_it(self, libc: tuple, limit: tuple, first: "str | None", count: int) -> None:
        platform = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(*libc), max_glibc=mltags.Glibc(*limit))
        tags = mltags.platform_tags(platform)
        assert [*tags, None][1] == first
        assert len(tags) == count


class TestR2Order:
    """Plain ``linux_<arch>`` first or last; between, an architecture at a time, glibc from high to low, a legacy alias directly after
    the version it stands for; or musl from high to low."""

    def test_glibc_runs_from_high_to_low_with_each_alias_behind_its_version(self) -> None:
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

    def test_musl_runs_from_high_to_low(self) -> None:
        platform = mltags.Platform(archs=["x86_64"], libc=mltags.Musl(1, 2))
        assert mltags.platform_tags(platform) == (
            "linux_x86_64",
            "musllinux_1_2_x86_64",
            "musllinux_1_1_x86_64",
            "musllinux_1_0_x86_64",
        )

    def test_linux_tags_last_moves_only_the_plain_tags(self) -> None:
        both = mltags.Platform(archs=["armv8l", "armv7l"], libc=mltags.Glibc(2, 17))
        last = (
            "manylinux_2_17_armv8l",
            "manylinux2014_armv8l",
            "manylinux_2_17_armv7l",
            "manylinux2014_armv7l",
            "linux_armv8l",
            "linux_armv7l",
        )
        assert mltags.platform_tags(both, linux_tags="last") == last
        assert mltags.platform_tags(both) == last[4:] + last[:4]

    def test_a_platform_keeps_the_place_of_its_plain_tags(self) -> None:
        last = mltags.Platform(archs=["aarch64"], libc=mltags.Glibc(2, 17), linux_tags="last")
        assert mltags.platform_tags(last) == ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64")
        assert mltags.platform_tags(last, linux_tags="first")[0] == "linux_aarch64"

    def test_explicit_tags_precede_those_that_rules_make(self) -> None:
        platform = mltags.Platform(archs=["x"], explicit_tags=["b", "a"], libc=mltags.Musl(1, 0))
        assert mltags.platform_tags(platform) == ("linux_x", "b", "a", "musllinux_1_0_x")

    @pytest.mark.parametrize(
        ("place", "shown"), [("middle", "middle"), ("", ""), (7, "7")], ids=["a word", "nothing", "a number"]
    )
    def test_another_place_is_refused(self, place: str, shown: str) -> None:
        problem = f"invalid target '{shown}': linux_tags: must be 'first' or 'last'"
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.platform_tags(X86, linux_tags=place)
        assert str(caught.value) == problem
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Platform(linux_tags=place)
        assert str(caught.value) == problem

    @given(archs=ARCHS, libc=GLIBC, place=st.sampled_from(["first", "last"]))
    def test_there_are_no_duplicates_and_the_own_version_leads(self, archs: list, libc: mltags.Glibc, place: str) -> None:
        tags = mltags.platform_tags(mltags.Platform(archs=archs, libc=libc), linux_tags=place)
        assert len(set(tags)) == len(tags)
        plain = tuple(f"linux_{arch}" for arch in archs)
        assert (tags[: len(archs)] if place == "first" else tags[-len(archs) :]) == plain
        for arch in archs:
            own = [version_of(tag) for tag in tags if tag.startswith("manylinux_") and tag.endswith(f"_{arch}")]
            assert own == sorted(own, reverse=True)
            assert not own or own[0] == (libc.major, libc.minor)


class TestR3Range:
    """Tags range from the C library's own version down to glibc 2.5 on x86_64 and i686, to 2.17 elsewhere; an older major is assumed
    to have ended at minor 50. musl ranges down to minor 0 of its own major."""

    @pytest.mark.parametrize(("arch", "oldest"), [("x86_64", 5), ("i686", 5), ("aarch64", 17), ("legv8le", 17)])
    def test_the_oldest_version_depends_on_the_architecture(self, arch: str, oldest: int) -> None:
        assert _core.oldest_minor(arch) == oldest
        below = mltags.Platform(archs=[arch], libc=mltags.Glibc(2, oldest - 1))
        assert mltags.platform_tags(below) == (f"linux_{arch}",)
        at = mltags.Platform(archs=[arch], libc=mltags.Glibc(2, oldest))
        assert mltags.platform_tags(at)[1] == f"manylinux_2_{oldest}_{arch}"

    def test_glibc_3_has_no_aliases_and_ends_where_2_50_begins(self) -> None:
        tags = mltags.platform_tags(mltags.Platform(archs=["aarch64"], libc=mltags.Glibc(3, 17)))
        assert tags[:3] == ("linux_aarch64", "manylinux_3_17_aarch64", "manylinux_3_16_aarch64")
        assert tags[18:21] == ("manylinux_3_0_aarch64", "manylinux_2_50_aarch64", "manylinux_2_49_aarch64")
        assert tags[-2:] == ("manylinux_2_17_aarch64", "manylinux2014_aarch64")
        assert len(tags) == 1 + 18 + 34 + 1

    def test_musl_ends_at_minor_0_of_its_own_major(self) -> None:
        platform = mltags.Platform(archs=["x86_64"], libc=mltags.Musl(2, 1))
        assert mltags.platform_tags(platform) == ("linux_x86_64", "musllinux_2_1_x86_64", "musllinux_2_0_x86_64")

    def test_aliases_exist_where_their_pep_names_the_architecture(self) -> None:
        assert _core.alias_archs(5) == _core.alias_archs(12) == ("x86_64", "i686")
        assert _core.alias_archs(17) == ()  # for every one


class TestClassesOfCLibraries:
    """A rule that meets a C library of an unknown class raises: none passes it over in silence."""

    class Strange:
        """As another copy of the class would be."""

        family = "glibc"
        major, minor = 2, 28

        def __repr__(self) -> str:
            return "Strange(2, 28)"

    def test_the_known_classes(self) -> None:
        assert _core.as_glibc(mltags.Glibc(2, 28)) == mltags.Glibc(2, 28)
        assert _core.as_glibc(mltags.Musl(1, 2)) is None
        assert _core.as_glibc(None) is None

    @pytest.mark.parametrize(
        "libc", [Strange(), "glibc 2.28", (2, 28), False], ids=["another class", "text", "a pair", "False"]
    )
    def test_another_class_is_a_type_error(self, libc: object) -> None:
        with pytest.raises(TypeError) as caught:
            mltags.platform_tags(mltags.Platform(archs=["x86_64"], libc=libc))  # type: ignore[arg-type]
        assert str(caught.value) == f"libc must be a Glibc, a Musl or None, not {libc!r}"
