"""Ranks: equal to the plain definition, for every kind of target; the order of pages; memory that stays bounded."""

import copy
import gc
import pickle
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.tags import Tag, create_compatible_tags_selector, mac_platforms
from packaging.utils import parse_wheel_filename
from test_cases import rows

import mltags
from mltags import _ranks


def plain(target: mltags.Target, name: str) -> "int | None":
    """The definition."""
    wanted = parse_wheel_filename(name)[3]
    return min((rank for rank, tag in enumerate(target.tags) if tag in wanted), default=None)


def on(python: mltags.Python, *platforms: str) -> mltags.Target:
    return mltags.Target(python, mltags.Platform(system="other", explicit_tags=platforms))


LINUX = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 20))
TARGETS = {
    "CPython": mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), LINUX),
    "free-threaded": mltags.Target(mltags.Python("cp", (3, 15), ["cp315t"]), LINUX),
    "debug": mltags.Target(mltags.Python("cp", (3, 12), ["cp312d", "cp312"]), LINUX),
    "2.7": mltags.Target(mltags.Python("cp", (2, 7), ["cp27mu"]), LINUX),
    "PyPy": mltags.Target(mltags.Python("pp", (3, 11), ["pypy311_pp73"]), LINUX),
    "declared PyPy": mltags.Target(mltags.Python("pp", (3, 11), ["pypy311_pp73"], declared=True), LINUX),
    "generic": mltags.Target(mltags.Python("py", (3, 4)), LINUX),
    "linux tags last": mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), LINUX, linux_tags="last"),
    "macOS": on(mltags.Python("cp", (3, 12), ["cp312"]), *mac_platforms((12, 0), "arm64")),
    "Windows": on(mltags.Python("cp", (3, 12), ["cp312"]), "win_amd64"),
    "dotted platforms": on(mltags.Python("cp", (3, 3), ["cp33m", ""]), "a.b", "x.", "win_amd64", "c.any"),
    "any, of PyPy": on(mltags.Python("pp", (3, 3), ["pypy33_pp73"]), "any", "win_amd64", "Linux_X"),
    "any, of CPython": on(mltags.Python("cp", (3, 3), ["cp33m"]), "win_amd64", "any"),
    "no platform": on(mltags.Python("cp", (3, 3), ["cp33m"])),
    "odd platforms": on(mltags.Python("cp", (3, 3), ["cp33m"]), "a.b", "a/b", "a\nb", "", "a-b", "x y", "\u0130"),
    "explicit": mltags.Target.from_tags(
        ["py3-none-any", "cp312-abi3-linux_x86_64", "py3-none-any", "foo-bar-baz", "py2-none-any"]
    ),
    "explicit Tag objects": mltags.Target.from_tags(
        [Tag("PY3", "none", "any"), Tag("cp312", "abi3.abi4", "x"), Tag("py2", "none", "any")]
    ),
    "no tags": mltags.Target.from_tags([]),
}


def fresh(name: str) -> mltags.Target:
    """A target that has ranked nothing yet."""
    return copy.deepcopy(TARGETS[name])


PYTHONS = st.sampled_from(
    "cp312 cp315 cp311 cp32 cp27 cp33 pp311 pp3 pp33 py3 py2 py312 py34 foo CP312 Py3 x1".split()  # noqa: SIM905 -- one line
)
ABIS = st.sampled_from("cp312 cp315t cp312d abi3 abi3t none NONE cp27mu cp33m pypy311_pp73 bar abi4".split())  # noqa: SIM905
PLATFORMS = st.sampled_from(
    [
        "linux_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
        "manylinux_2_28_x86_64",
        "MANYLINUX1_x86_64",
        "win_amd64",
        "Win_AMD64",
        "macosx_11_0_arm64",
        "macosx_10_9_universal2",
        "any",
        "Any",
        "a",
        "b",
        "x y",
        "linux_x",
        "x",
        "baz",
    ]
)


def sets(members: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(members, min_size=1, max_size=4).map(".".join)


NAMES = st.builds(
    lambda build, python, abi, platform: "-".join(filter(None, ["foo", "1.0", build, python, abi, platform])) + ".whl",
    st.sampled_from(["", "", "1", "2", "10", "10a", "10b"]),
    sets(PYTHONS),
    sets(ABIS),
    sets(PLATFORMS),
)


class TestR12Ranks:
    """``rank`` is the index of a wheel's best tag; ``best`` and ``sort`` compare rank, then build number, then the order of input,
    and never versions. A malformed name is an error for ``rank`` and passed over by the others."""

    @given(target=st.sampled_from(sorted(TARGETS)), names=st.lists(NAMES, min_size=1, max_size=12))
    @example(target="any, of PyPy", names=["foo-1.0-pp3-none-win_arm64.any.whl", "foo-1.0-pp3.pp33-none-win_amd64.any.whl"])
    @example(
        target="PyPy",
        names=["foo-1.0-pp3-none-linux_x86_64.any.whl", "foo-1.0-pp3-none-any.whl", "foo-1.0-pp3.py3-none-any.whl"],
    )
    @example(target="dotted platforms", names=["foo-1.0-cp33-cp33m-a.b.whl", "foo-1.0-cp33-none-c.any.whl"])
    @example(target="dotted platforms", names=["foo-1.0-py3-none-c.any.whl", "foo-1.0-cp33-none-A.b.win_amd64.whl"])
    @example(target="any, of PyPy", names=["foo-1.0-pp3-none-any.whl", "foo-1.0-pp33-none-any.whl"])
    def test_rank_best_and_sort_are_what_the_definition_says(self, target: str, names: list) -> None:
        chosen = TARGETS[target]
        new = fresh(target)
        expected = {name: plain(chosen, name) for name in names}
        for name in [*names, *names]:
            assert chosen.rank(name) == expected[name]
            assert chosen.rank(parse_wheel_filename(name)[3]) == expected[name]
        fitting = [name for name in names if expected[name] is not None]
        # Best first: a stable sort by build, the higher first, then a stable sort by rank.
        fitting.sort(key=lambda name: parse_wheel_filename(name)[2], reverse=True)
        fitting.sort(key=lambda name: expected[name] or 0)
        for judge in (new, new, chosen):
            assert judge.sort(names) == fitting
            assert judge.best(names) == (fitting[0] if fitting else None)

    #: The end of a name -> its rank. 0 to 3: the pairs cp312-cp312 and cp312-none with the platforms a1 and b2; 4: py3-none-any.
    FITTING = (
        ("cp312-cp312-a1.whl", 0),
        ("cp312-cp312-b2.whl", 1),
        ("cp312-none-b2.whl", 3),
        ("py3-none-any.whl", 4),
        ("cp312-cp312-b2.a1.whl", 0),
        ("cp312-cp312-b2.c3.whl", 1),
        ("cp311.cp312-cp312-a1.whl", 0),
        ("cp312-cp311.cp312-b2.whl", 1),
        ("py2.py3-none-any.whl", 4),
        ("py3-abi3.none-any.whl", 4),
        ("7-cp312-cp312-a1.whl", 0),
        ("7-py3-none-any.whl", 4),
        ("CP312-cp312-a1.whl", 0),
        ("cp312-CP312-b2.whl", 1),
        ("cp312-cp312-A1.whl", 0),
        ("cp312-cp312-C3.B2.whl", 1),
        ("PY2.Py3-None-ANY.whl", 4),
        ("cp312-cp312-\u212a.b2.whl", 1),
        ("cp312.\u212a-cp312-b2.whl", 1),
        ("cp312-cp312-a1.any.whl", 0),
        ("py3-none-c3.any.whl", 4),
        ("cp312-cp312-x y.b2.whl", 1),
        ("cp312-cp312.x y-b2.whl", 1),
        ("cp312-cp312-plat\u00e9.b2.whl", 1),
    )
    UNFITTING = (
        "7-cp311-cp312-a1.whl",
        "7-cp311-none-any.whl",
        "cp312-cp312-c3.whl",
        "cp312-cp312-c3.d4.whl",
        "cp312-cp312-C3.whl",
        "7-cp312-cp312-C3.whl",
        "CP311-cp312-a1.whl",
        "cp312-cp312-plat\u00e9.whl",
        "cp311\u00e9-cp312-a1.whl",
        "cp311-cp312-a1.whl",
        "cp311.cp310-cp312-a1.whl",
        "foo.baz-bar-a1.whl",
        "py2-none-any.whl",
        "py3-cp312-any.whl",
    )
    MALFORMED = (
        "cp312-cp312-c3.txt",
        "cp312-cp312-b2.WHL",
        "cp312-cp312-b2.txt",
        "cp312-cp312-any.WHL",
        "cp312-cp312-b2whl",
        "cp312-cp312-a1..b2.whl",
        "cp312-cp312-a1.b2..whl",
        "cp312-cp312-a1\x07.b2.whl",
        "cp312-cp312..cp311-a1.whl",
        "cp312-cp312.-a1.whl",
        "cp312.1-cp312-a1.whl",
        "cp312.-cp312-a1.whl",
        "cp312-cp312.x\x07-a1.whl",
        "x-cp312-cp312-a1.whl",
        "cp312-a1.whl",
        "c3..d4-cp312-c3.whl",
        "7-cp311..-cp312-a1.whl",
    )

    def small(self) -> _ranks.Ranks:
        return _ranks.Ranks(_ranks.OrderedTags([("cp312", "cp312"), ("cp312", "none")], ["a1", "b2"], ["py3"]))

    @pytest.mark.parametrize("head", ["demo-1..0", "demo-x", "de!mo-1.0", "-1.0", "demo--1.0"])
    def test_a_malformed_project_or_version_among_names_that_fit_is_passed_over(self, head: str) -> None:
        good, bad = "demo-1.0-cp312-cp312-b2.whl", f"{head}-cp312-cp312-a1.whl"
        ranks = self.small()
        assert ranks.fitting([bad, good]) == {1: [good]}
        assert ranks.fitting([bad]) == {}

    @pytest.mark.parametrize(("tail", "rank"), FITTING, ids=[ascii(tail) for tail, _ in FITTING])
    def test_a_name_that_fits_has_the_rank_of_its_best_tag(self, tail: str, rank: int) -> None:
        ranks = self.small()
        for _ in range(2):  # the second time it is remembered
            assert ranks.of_name(f"demo-1-{tail}") == rank
            assert ranks.fitting([f"demo-1-{tail}"]) == {rank: [f"demo-1-{tail}"]}

    @pytest.mark.parametrize("tail", UNFITTING, ids=ascii)
    def test_a_name_that_does_not_fit_has_none(self, tail: str) -> None:
        ranks = self.small()
        for _ in range(2):
            assert ranks.of_name(f"demo-1-{tail}") is None
            assert ranks.fitting([f"demo-1-{tail}"]) == {}

    @pytest.mark.parametrize("tail", MALFORMED, ids=ascii)
    def test_a_malformed_name_is_an_error_although_tags_in_it_fit(self, tail: str) -> None:
        ranks = self.small()
        for _ in range(2):
            with pytest.raises(mltags.InvalidWheelName):
                ranks.of_name(f"demo-1-{tail}")
            assert ranks.fitting([f"demo-1-{tail}"]) == {}

    @pytest.mark.parametrize("target", ["CPython", "explicit"])
    @pytest.mark.parametrize("head", ["a__b-1", "a-x", "-1", "a b-1", "a-", "a-1..2"], ids=lambda head: head or "nothing")
    def test_a_malformed_head_is_an_error_although_the_tags_fit(self, target: str, head: str) -> None:
        chosen = fresh(target)
        for tail in ("py3-none-any.whl", "cp312-abi3-linux_x86_64.whl", "cp311-cp311-win32.whl"):
            with pytest.raises(mltags.InvalidWheelName):
                chosen.rank(f"{head}-{tail}")
            assert chosen.sort([f"{head}-{tail}", f"demo-1-{tail}"]) == chosen.sort([f"demo-1-{tail}"])
            assert chosen.best([f"{head}-{tail}"]) is None

    def test_a_malformed_name_never_aborts_a_page(self) -> None:
        page = [
            "",
            "-",
            "a-b",
            "x-y-z",
            "any.whl",
            "1.0-linux_x86_64.whl",
            "a-1-any.whl",
            "a-1-py3-none-any.whl",
            "bad name-1-cp312-cp312-linux_x86_64.whl",
            "a-x.y-cp312-cp312-linux_x86_64.whl",
            "a-1-cp312-cp312-linux_x86_64.manylinux..x.whl",
            "a-1-x-cp312-cp312-linux_x86_64.whl",
            "a-1-cp312-cp312-linux_x86_64.whl\n",
            "a-1.0rc1-cp312-abi3-linux_x86_64.whl",
            "a-1-2cp312.cp312-cp312-linux_x86_64.whl",
        ]
        target = fresh("CPython")
        assert target.sort(page) == ["a-1.0rc1-cp312-abi3-linux_x86_64.whl", "a-1-py3-none-any.whl"]
        assert target.best(page) == "a-1.0rc1-cp312-abi3-linux_x86_64.whl"
        assert target.best([]) is None
        assert target.best(iter(page[:7])) is None

    @pytest.mark.parametrize(
        "bad",
        [
            "p__q-1-py3-none-any.whl",
            "-1-py3-none-any.whl",
            "p-1..2-py3-none-any.whl",
            "p-1-rc-py3-none-any.whl",
            "p--py3-none-any.whl",
        ],
    )
    def test_one_malformed_name_among_thousands_is_passed_over(self, bad: str) -> None:
        names = [f"p{number}-1.{number}-py3-none-any.whl" for number in range(3000)]
        assert TARGETS["CPython"].sort([*names[:1000], bad, *names[1000:]]) == names

    def test_odd_but_valid_heads_stand_among_plain_ones(self) -> None:
        valid = [
            "a-1.0.post1-py3-none-any.whl",
            "a.b_c-1.0rc1.dev2+local.7-py3-none-any.whl",
            "3to2-1!2.0-py3-none-any.whl",
            "p\N{LATIN SMALL LETTER E WITH ACUTE}-v1.0alpha-py3-none-any.whl",
            "_a-1-py3-none-any.whl",
        ]
        assert TARGETS["CPython"].sort(valid) == valid
        assert [TARGETS["CPython"].rank(name) for name in valid] == [542] * 5

    def test_a_higher_build_wins_among_equals_only(self) -> None:
        page = [
            "a-1-py3-none-any.whl",
            "a-1-9-py3-none-any.whl",
            "a-1-10-py3-none-any.whl",
            "a-1-10a-py3-none-any.whl",
            "a-1-10b-py3-none-any.whl",
            "a-1-cp312-cp312-linux_x86_64.whl",
            "b-1-cp312-cp312-linux_x86_64.whl",
        ]
        assert TARGETS["CPython"].sort(page) == [*page[5:], *page[4::-1]]
        assert TARGETS["CPython"].sort(page[::-1]) == [*page[:4:-1], *page[4::-1]]
        assert TARGETS["CPython"].best(page[:5]) == "a-1-10b-py3-none-any.whl"

    def test_equals_stay_in_the_order_of_input_however_they_are_spelt(self) -> None:
        page = [
            "a-1-cp312-cp312-linux_x86_64.whl",
            "a-1-CP312-cp312-linux_x86_64.whl",
            "a-1-cp312-cp312-Linux_X86_64.whl",
            "a-1-cp312-cp312-linux_x86_64.any.whl",
        ]
        for names in (page, page[::-1]):
            assert fresh("CPython").sort(names) == names
            assert fresh("CPython").sort([*names, "a-1-1-cp312-cp312-Linux_X86_64.whl"])[1:] == names

    def test_versions_are_not_compared(self) -> None:
        page = ["a-1.0-py3-none-any.whl", "a-2.0-py3-none-any.whl", "a-1.5-py3-none-any.whl"]
        assert TARGETS["CPython"].sort(page) == page

    def test_a_page_is_ordered_as_packagings_selector_orders_it(self) -> None:
        target = mltags.Target.current()
        page = [f"numpy-1.0-{triple}.whl" for triple in list(target.triples)[::-7]] + ["numpy-1.0-cp39-cp39-win_amd64.whl"]
        selector = create_compatible_tags_selector(target.tags)
        assert target.sort(page) == list(selector((name, parse_wheel_filename(name)[3]) for name in page))

    def test_a_single_name_in_place_of_a_list_is_refused(self) -> None:
        name = "demo-1.0-py3-none-any.whl"
        for ask in (TARGETS["CPython"].best, TARGETS["CPython"].sort, TARGETS["CPython"].closest):
            with pytest.raises(mltags.InvalidWheelName) as refusal:
                ask(name)
            assert str(refusal.value) == (
                "invalid wheel filename 'demo-1.0-py3-none-any.whl': names: expected a list of names; put a single one into a list"
            )

    @pytest.mark.parametrize("case", rows("wheel_supported", "best_rank"))
    def test_cases_of_ranks_agree(self, case: dict) -> None:
        rank = mltags.Target.from_tags(case["input"]["supported"]).rank(case["input"]["filename"])
        assert (rank is not None if case["kind"] == "wheel_supported" else rank) == case["expected"]

    @pytest.mark.parametrize("case", rows("select"))
    def test_cases_of_selections_agree(self, case: dict) -> None:
        target = mltags.Target.from_tags(case["input"]["supported"])
        names = [f"f-1-{thing}.whl" for thing in case["input"]["things"]]
        assert target.sort(names) == [f"f-1-{thing}.whl" for thing in case["expected"]]

    @pytest.mark.parametrize("case", rows("rank_files"))
    def test_cases_of_files_agree(self, case: dict) -> None:
        # Versions are not ours to compare: one release after the other, the newest first.
        target, files = mltags.Target.from_tags(case["input"]["supported"]), case["input"]["files"]
        versions = sorted({name.split("-")[1] for name in files}, reverse=True)
        releases = [[name for name in files if name.split("-")[1] == version] for version in versions]
        assert [name for release in releases for name in target.sort(release)] == case["expected"]


class Counted(list):
    """A list that counts how often somebody goes through it."""

    turns = 0

    def __iter__(self) -> "Iterator[str]":
        self.turns += 1
        return super().__iter__()


class TestCompressedSets:
    """A compressed set of tags has the rank of its best one, in time and memory in proportion to its length."""

    MANY = tuple(f"q{number}" for number in range(1000))

    @pytest.mark.parametrize("target", ["CPython", "explicit"])
    @pytest.mark.parametrize("lengths", [(300, 300, 300), (300, 300, 1), (300, 1, 300), (1, 300, 300)], ids=str)
    def test_each_set_is_gone_through_a_few_times(self, target: str, lengths: tuple) -> None:
        pythons, abis, platforms = [Counted(f"q{number}" for number in range(length)) for length in lengths]
        platforms.append("linux_x86_64")
        assert TARGETS[target]._index().of_sets(pythons, abis, platforms) is None
        assert max(pythons.turns, abis.turns, platforms.turns) <= 2

    @pytest.mark.parametrize(
        ("pythons", "abis", "rank"),
        [
            (["cp312"], ["cp312"], 0),
            (["cp311"], ["abi3", "cp312"], 60),
            (["py3", "cp312"], ["none"], 40),
            (["cp312"], ["foo"], None),
            (["foo"], ["cp312"], None),
            (["cp31"], ["abi3"], None),
            (["cp312"], ["abi"], None),
        ],
        ids=["the first pair", "two ABIs", "two Pythons", "another ABI", "another Python", "half a Python", "half an ABI"],
    )
    def test_a_large_set_has_the_rank_of_a_small_one(self, pythons: list, abis: list, rank: "int | None") -> None:
        index = TARGETS["CPython"]._index()
        assert index.of_sets(pythons, abis, ["linux_x86_64"]) == rank
        assert index.of_sets([*pythons, *self.MANY], abis, ["linux_x86_64"]) == rank
        assert index.of_sets([*self.MANY, *pythons], [*self.MANY, *abis], ["p", "linux_x86_64"]) == rank

    @pytest.mark.parametrize(("target", "rank"), [("CPython", 20), ("explicit", 1)])
    def test_a_large_set_is_not_taken_for_parts_of_one(self, target: str, rank: int) -> None:
        index = TARGETS[target]._index()
        assert index.of_sets(["q", "cp312"], ["p", "abi3"], ["r", "linux_x86_64"]) == rank
        assert index.of_sets(["cp312", *self.MANY], ["abi3", *self.MANY], ["linux_x86_64", *self.MANY]) == rank
        assert index.of_sets(["cp312", *self.MANY], ["abi3", *self.MANY], ["linux", *self.MANY]) is None

    @pytest.mark.parametrize(("target", "rank"), [("CPython", 20), ("explicit", 1), ("macOS", None)])
    def test_the_last_of_a_thousand_python_tags_counts(self, target: str, rank: "int | None") -> None:
        name = f"a-1-{'.'.join(self.MANY)}.cp312-abi3-linux_x86_64.whl"
        assert fresh(target).rank(name) == plain(TARGETS[target], name) == rank
        assert fresh(target).sort([name]) == ([] if rank is None else [name])

    def test_the_last_of_a_thousand_platforms_counts(self) -> None:
        target = fresh("CPython")
        long = ".".join([*self.MANY, "linux_x86_64"])
        for name in (f"a-1-cp312-cp312-{long}.whl", f"a-1-{long}.cp312-cp312-linux_x86_64.whl"):
            assert target.rank(name) == target.rank(name) == 0
            assert target.sort([name, name]) == [name, name]
        assert target.rank(f"a-1-py3.{long}-none-any.whl") == 542

    def test_of_an_explicit_list_the_best_tag_counts(self) -> None:
        assert TARGETS["explicit"].rank("a-1-py2.py3-none-any.whl") == 0
        assert TARGETS["explicit"].rank("a-1-py2-none-any.whl") == 3


class TestOddTargets:
    """Odd names of platforms and ABIs are ranked by the definition too."""

    @pytest.mark.parametrize(
        "name", ["a-1-cp312-cp312-win_amd64.whl", "a-1-foo-bar-linux_x86_64.whl", "a-1-foo-bar-win_amd64.whl"]
    )
    def test_a_name_that_does_not_fit_spoils_no_other(self, name: str) -> None:
        target = fresh("CPython")
        assert [target.rank(name), target.rank(name), target.rank(name)] == [None, None, None]
        assert target.rank("a-1-cp312-cp312-linux_x86_64.whl") == 0
        assert target.rank("a-1-py3-none-any.whl") == 542

    def test_without_platform_tags_the_first_rank_is_that_of_any(self) -> None:
        target = fresh("no platform")
        assert target.rank("a-1-cp33-none-any.whl") == 0
        assert target.rank("a-1-cp32.cp33-none-any.whl") == 0
        assert target.rank("a-1-cp33-cp33m-linux_x86_64.whl") is None
        pypy = on(mltags.Python("pp", (3, 11), ["pypy311_pp73"]))
        assert pypy.rank("a-1-pp3-none-any.whl") == 0
        assert pypy.rank("a-1-pp2.pp3-none-any.whl") == 0

    def test_a_platform_that_no_filename_may_hold_fits_nothing(self) -> None:
        target = fresh("odd platforms")
        for platform in ("a/b", "a\nb"):
            with pytest.raises(mltags.InvalidWheelName):
                target.rank(f"a-1-cp33-cp33m-{platform}.whl")
        assert target.sort(["a-1-cp33-cp33m-a/b.whl", "a-1-cp33-cp33m-x y.whl"]) == ["a-1-cp33-cp33m-x y.whl"]

    def test_an_abi_with_a_dot_is_read_as_two(self) -> None:
        target = mltags.Target(mltags.Python("cp", (3, 12), ["a.b", "a"]), LINUX)
        name = "a-1-cp312-a.b-linux_x86_64.whl"
        assert target.rank(name) == plain(target, name) == 20

    def test_an_empty_abi_fits_nothing(self) -> None:
        target = fresh("dotted platforms")
        name = "a-1-cp33--win_amd64.whl"
        for _ in range(2):
            with pytest.raises(mltags.InvalidWheelName):
                target.rank(name)
        assert target.sort([name]) == []

    def test_any_among_the_platforms_repeats_no_tag(self) -> None:
        target = mltags.Target.of(python_version="3.12", implementation="cp", platform=["win_amd64", "any"])
        assert len(target.triples) == len(set(target.triples)) == 54
        assert target.rank("a-1-py3-none-any.whl") == list(target.triples).index("py3-none-any")

    def test_any_among_the_platforms_does_not_hide_the_pure_tags(self) -> None:
        ranks = _ranks.Ranks(_ranks.OrderedTags([("cp312", "cp312")], ["a1", "any"], ["py3"]))
        assert ranks.of_name("a-1-cp312-cp312-any.whl") == 1
        assert ranks.of_name("a-1-py3-none-any.whl") == 2


class TestExplicitTags:
    """Any ordered list of single tags is a target; the first of equals counts."""

    @given(
        lines=st.lists(st.builds("{}-{}-{}".format, PYTHONS, ABIS, PLATFORMS), max_size=12), names=st.lists(NAMES, max_size=6)
    )
    def test_any_ordered_list_of_tags_is_a_target(self, lines: list, names: list) -> None:
        target = mltags.Target.from_tags(lines)
        assert [str(tag) for tag in target.tags] == list(dict.fromkeys(line.lower() for line in lines)) == list(target.triples)
        assert (target.python, target.platform) == (None, None)
        for name in names:
            assert target.rank(name) == plain(target, name)
        assert mltags.Target.from_tags(target.tags) == target

    @pytest.mark.parametrize(
        "line",
        [
            pytest.param("2-none-any", id="a python tag that begins with a digit"),
            pytest.param("py 3-none-any", id="a blank"),
            pytest.param("py3-none-a\x00", id="a control character"),
            pytest.param("", id="nothing"),
            pytest.param("py3", id="one part"),
            pytest.param("py3-none", id="two parts"),
            pytest.param("py3-none-any-x", id="four parts"),
            pytest.param("py3--any", id="an empty ABI"),
            pytest.param("py2.py3-none-any", id="a compressed set"),
            pytest.param("-none-any", id="an empty python tag"),
            pytest.param("3-none-any\n-x-y", id="two lines"),
        ],
    )
    def test_a_line_that_is_no_single_tag_is_refused(self, line: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Target.from_tags(["py3-none-any", line])
        assert (caught.value.text, caught.value.part) == (line, "tag")
        assert caught.value.problem == "expected one tag a line, such as 'cp312-abi3-linux_x86_64'"

    @pytest.mark.parametrize("line", [b"py3-none-any", None, 5], ids=["bytes", "None", "a number"])
    def test_a_line_that_is_neither_text_nor_tag_is_refused(self, line: object) -> None:
        for given_lines in ([line], line):
            with pytest.raises(mltags.InvalidTarget) as caught:
                mltags.Target.from_tags(given_lines)  # type: ignore[arg-type]
            assert caught.value.text == str(line)

    def test_lines_of_a_file_are_tags(self) -> None:
        assert mltags.Target.from_tags(["py3-none-any\n", " cp312-abi3-linux_x86_64 "]).triples == (
            "py3-none-any",
            "cp312-abi3-linux_x86_64",
        )

    def test_one_text_is_one_line(self) -> None:
        assert mltags.Target.from_tags("py3-none-any").triples == ("py3-none-any",)


def test_an_ordered_set_of_another_kind_has_to_say_what_a_set_ranks() -> None:
    with pytest.raises(NotImplementedError):
        _ranks.Tags().of_sets(["py3"], ["none"], ["any"])


class TestTriples:
    """All tags of a target are a lazy sequence of texts, best first."""

    @pytest.mark.parametrize("name", ["CPython", "no platform", "any, of PyPy", "any, of CPython", "explicit"])
    def test_triples_are_the_tags_as_texts(self, name: str) -> None:
        triples = TARGETS[name].triples
        texts = [str(tag) for tag in TARGETS[name].tags]
        assert list(triples) == texts
        assert len(triples) == len(texts)
        assert [triples[place] for place in range(-len(texts), len(texts))] == texts * 2
        assert list(triples[1:5]) == texts[1:5]
        assert list(reversed(triples)) == texts[::-1]
        assert texts[3] in triples
        assert triples.index(texts[3]) == 3
        with pytest.raises(IndexError):
            triples[len(texts)]

    def test_triples_compare_as_lists_and_tuples_do(self) -> None:
        triples = TARGETS["no platform"].triples
        texts = list(triples)
        assert triples == texts
        assert triples == tuple(texts)  # type: ignore[comparison-overlap]
        assert triples == fresh("no platform").triples
        assert triples != texts[1:]
        assert triples != 7  # type: ignore[comparison-overlap]
        assert hash(triples) == hash(tuple(texts))
        assert repr(triples) == "<6 triples>"


class TestMemory:
    """Whatever names come, an index stays small, and threads may share it."""

    @pytest.mark.parametrize("target", ["CPython", "explicit"])
    def test_memory_is_bounded_whatever_names_come(self, target: str) -> None:
        chosen = fresh(target)

        def page(start: int) -> Iterator[str]:
            for number in range(start, start + 2500):
                yield f"a-1-cp{number}-none-linux_x86_64.whl"
                yield f"a-1-py3-none-p{number}.whl"
                yield f"a-1-py3-none-any.q{number}.whl"
                yield f"a-1-cp312-cp312-linux_x86_64.any.p{number}.whl"

        for name in page(0):
            chosen.rank(name)
        gc.collect()
        tracemalloc.start()
        try:
            for name in page(10_000):
                chosen.rank(name)
            gc.collect()
            grown, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        # 10,000 names and what is known of them would take some 5 MB.
        assert grown < 1_000_000

    def test_a_long_name_is_not_kept(self) -> None:
        chosen = fresh("CPython")
        gc.collect()
        tracemalloc.start()
        try:
            for number in range(100):
                assert chosen.rank(f"a-1-{'x' * 100_000}{number}-none-any.whl") is None
                assert chosen.rank(f"a-1-py3-none-{'x' * 100_000}{number}.whl") is None
            gc.collect()
            grown, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert grown < 1_000_000

    def in_threads(self, work: Callable[[int], None], starts: "list[int]") -> "list[BaseException]":
        """Run *work* in a thread for each start, switching between them as often as can be; what they raised."""
        failures: list[BaseException] = []

        def attempt(start: int) -> None:
            try:
                work(start)
            except BaseException as problem:
                failures.append(problem)

        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            threads = [threading.Thread(target=attempt, args=(start,)) for start in starts]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(interval)
        return failures

    def test_threads_that_forget_what_others_need_do_no_harm(self) -> None:
        target = fresh("CPython")

        def work(start: int) -> None:
            for number in range(start, start + 1500):
                assert target.rank(f"a-1-{number}-cp312-cp312-linux_x86_64.p{number}.whl") == 0

        assert self.in_threads(work, [number * 1000 for number in range(6)]) == []

    def test_one_target_serves_many_threads(self) -> None:
        target = fresh("CPython")
        names = [f"a-1-cp{number}-abi3-p{number}.linux_x86_64.whl" for number in range(25, 45)]
        names += [f"a-1-cp312-cp312-q{number}.linux_x86_64.whl" for number in range(500)]
        expected = [plain(target, name) for name in names]

        def work(start: int) -> None:
            for _ in range(6):
                assert [target.rank(name) for name in names[start:] + names[:start]] == expected[start:] + expected[:start]
                target.sort(names)

        assert self.in_threads(work, [start * 60 for start in range(8)]) == []

    def test_an_index_does_not_travel(self) -> None:
        target = fresh("CPython")
        size = len(pickle.dumps(target))
        target.sort(["a-1-cp312-cp312-linux_x86_64.whl"])
        assert len(pickle.dumps(target)) == size
        assert pickle.loads(pickle.dumps(target)).rank("a-1-cp312-cp312-linux_x86_64.whl") == 0
