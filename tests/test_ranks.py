"""Ranks: equal to the plain definition, for every kind of target; the order of pages; bounded memos."""

import copy
import pickle
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.tags import Tag, create_compatible_tags_selector, mac_platforms
from packaging.utils import parse_wheel_filename
from test_cases import CASES

import mltags
from mltags import _core, _ranks as _listed, _target, _wheel


def plain(target: mltags.Target, name: str) -> "int | None":
    """The definition."""
    wanted = parse_wheel_filename(name)[3]
    return min((rank for rank, tag in enumerate(target.tags) if tag in wanted), default=None)


def on(python: mltags.Python, *platforms: str) -> mltags.Target:
    return mltags.Target(python, mltags.Platform(system="other", listed=platforms))


LINUX = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 20))
TARGETS = {
    "CPython": mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), LINUX),
    "free-threaded": mltags.Target(mltags.Python("cp", (3, 15), ["cp315t"]), LINUX),
    "debug": mltags.Target(mltags.Python("cp", (3, 12), ["cp312d", "cp312"]), LINUX),
    "2.7": mltags.Target(mltags.Python("cp", (2, 7), ["cp27mu"]), LINUX),
    "PyPy": mltags.Target(mltags.Python("pp", (3, 11), ["pypy311_pp73"]), LINUX),
    "generic": mltags.Target(mltags.Python("py", (3, 4)), LINUX),
    "macOS": on(mltags.Python("cp", (3, 12), ["cp312"]), *mac_platforms((12, 0), "arm64")),
    "Windows": on(mltags.Python("cp", (3, 12), ["cp312"]), "win_amd64"),
    "dotted platforms": on(mltags.Python("cp", (3, 3), ["cp33m", ""]), "a.b", "x.", "win_amd64", "c.any"),
    "any": on(mltags.Python("pp", (3, 3), ["pypy33_pp73"]), "any", "win_amd64", "Linux_X"),
    "any of CPython": on(mltags.Python("cp", (3, 3), ["cp33m"]), "win_amd64", "any"),
    "no platform": on(mltags.Python("cp", (3, 3), ["cp33m"])),
    "odd platforms": on(mltags.Python("cp", (3, 3), ["cp33m"]), "a.b", "a/b", "a\nb", "", "a-b", "x y", "\u0130"),
    "listed": mltags.Target.from_tags(
        ["py3-none-any", "cp312-abi3-linux_x86_64", "py3-none-any", "foo-bar-baz", "py2-none-any"]
    ),
    "listed tags": mltags.Target.from_tags(
        [Tag("PY3", "none", "any"), Tag("cp312", "abi3.abi4", "x"), Tag("py2", "none", "any")]
    ),
    "empty list": mltags.Target.from_tags([]),
}

PYTHONS = st.sampled_from(
    [
        "cp312",
        "cp315",
        "cp311",
        "cp32",
        "cp27",
        "cp33",
        "pp311",
        "pp3",
        "py3",
        "py2",
        "py312",
        "py34",
        "foo",
        "CP312",
        "Py3",
        "x1",
    ]
)
ABIS = st.sampled_from(["cp312", "cp315t", "cp312d", "abi3", "abi3t", "none", "NONE", "cp27mu", "pypy311_pp73", "bar", "abi4"])
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


@given(target=st.sampled_from(sorted(TARGETS)), names=st.lists(NAMES, min_size=1, max_size=12))
@example(target="any", names=["foo-1.0-pp3-none-win_arm64.any.whl", "foo-1.0-pp3.pp33-none-win_amd64.any.whl"])
@example(
    target="PyPy", names=["foo-1.0-pp3-none-linux_x86_64.any.whl", "foo-1.0-pp3-none-any.whl", "foo-1.0-pp3.py3-none-any.whl"]
)
@example(target="dotted platforms", names=["foo-1.0-cp33-cp33m-a.b.whl", "foo-1.0-cp33-none-c.any.whl"])
@example(target="dotted platforms", names=["foo-1.0-py3-none-c.any.whl", "foo-1.0-cp33-none-A.b.win_amd64.whl"])
@example(target="any", names=["foo-1.0-pp3-none-any.whl", "foo-1.0-pp33-none-any.whl"])
def test_rank_best_and_sort_are_what_the_definition_says(target: str, names: list) -> None:
    chosen = TARGETS[target]
    fresh = copy.deepcopy(chosen)
    expected = {name: plain(chosen, name) for name in names}
    for name in [*names, *names]:  # the second time from the memo
        assert chosen.rank(name) == expected[name]
        assert chosen.rank(parse_wheel_filename(name)[3]) == expected[name]
    fitting = [name for name in names if expected[name] is not None]
    # Best first: a stable sort by build, the higher first, then a stable sort by rank.
    fitting.sort(key=lambda name: parse_wheel_filename(name)[2], reverse=True)
    fitting.sort(key=lambda name: expected[name] or 0)
    for judge in (fresh, fresh, chosen):
        assert judge.sort(names) == fitting
        assert judge.best(names) == (fitting[0] if fitting else None)


@given(lines=st.lists(st.builds("{}-{}-{}".format, PYTHONS, ABIS, PLATFORMS), max_size=12), names=st.lists(NAMES, max_size=6))
def test_any_ordered_list_of_tags_is_a_target(lines: list, names: list) -> None:
    target = mltags.Target.from_tags(lines)
    assert [str(tag) for tag in target.tags] == list(dict.fromkeys(line.lower() for line in lines)) == list(target.triples)
    assert (target.python, target.platform) == (None, None)
    for name in names:
        assert target.rank(name) == plain(target, name)
    assert mltags.Target.from_tags(target.tags) == target


@pytest.mark.parametrize(
    "line",
    [
        "2-none-any",
        "py 3-none-any",
        "py3-none-a\x00",
        "",
        "py3",
        "py3-none",
        "py3-none-any-x",
        "py3--any",
        "py2.py3-none-any",
        "-none-any",
        "3-none-any\n-x-y",
    ],
)
def test_a_line_that_is_no_single_tag_is_refused(line: str) -> None:
    with pytest.raises(mltags.InvalidTarget) as caught:
        mltags.Target.from_tags(["py3-none-any", line])
    assert caught.value.text == line
    assert caught.value.problem == "one tag a line is accepted, such as 'cp312-abi3-linux_x86_64'"


def test_lines_of_a_file_are_tags() -> None:
    assert mltags.Target.from_tags(["py3-none-any\n", " cp312-abi3-linux_x86_64 "]).triples == (
        "py3-none-any",
        "cp312-abi3-linux_x86_64",
    )


def test_a_wheel_tagged_for_many_ends_beyond_the_memo_is_ranked() -> None:
    target = TARGETS["CPython"]
    long = ".".join(["linux_x86_64", *[f"p{number}" for number in range(100)]])
    for name in (f"a-1-cp312-cp312-{long}.whl", f"a-1-cp312.{long}-cp312-linux_x86_64.whl"):
        assert target.rank(name) == target.rank(name) == 0
        assert target.sort([name, name]) == [name, name]
        assert target.sort([f"a-1-py3.{long}-none-any.whl"])


def test_memos_are_bounded_whatever_comes() -> None:
    listed = mltags.Target.from_tags(["py3-none-any"])
    long = "x" * _core.MEMO_LENGTH
    for target in (copy.deepcopy(TARGETS["CPython"]), listed):
        index = target._index()
        slots = {*_core.Ranks.__slots__, *index.__slots__}
        memos = [memo for memo in [getattr(index, name) for name in slots] if isinstance(memo, dict)]
        assert len(memos) == (7 if target is listed else 5)
        for number in range(3 * _core.MEMO_ENTRIES):
            target.sort(
                [f"a-1-cp{number}-none-linux_x86_64.whl", f"a-1-py3-none-p{number}.whl", f"a-1-py3-none-any.q{number}.whl"]
            )
            assert target.rank(f"a-1-cp312-cp312-linux_x86_64.any.p{number}.whl") == (None if target is listed else 0)
            assert max([len(memo) for memo in memos]) <= _core.MEMO_ENTRIES
        assert target.rank(f"a-1-{long}-none-any.whl") is target.rank(f"a-1-py3-none-{long}.whl") is None
        assert max(len(text) for memo in memos for text in memo) <= _core.MEMO_LENGTH


UNFITTING = {
    "another platform": "a-1-cp312-cp312-win_amd64.whl",
    "another Python": "a-1-foo-bar-linux_x86_64.whl",
    "another Python, a set": "a-1-foo.baz-bar-linux_x86_64.whl",
    "both": "a-1-foo-bar-win_amd64.whl",
}


@pytest.mark.parametrize("name", UNFITTING.values(), ids=UNFITTING)
def test_a_name_that_does_not_fit_is_read_once_and_spoils_no_other(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = copy.deepcopy(TARGETS["CPython"])
    read = []
    whole = _wheel.parse_wheel_name

    def reader(name: str) -> _wheel.Wheel:
        read.append(name)
        return whole(name)

    monkeypatch.setattr(_wheel, "parse_wheel_name", reader)
    assert [target.rank(name), target.rank(name), target.rank(name)] == [None, None, None]
    assert read == [name]
    assert target.rank("a-1-cp312-cp312-linux_x86_64.whl") == 0
    assert target.rank("a-1-py3-none-any.whl") == 542


#: The end of a name -> its rank under SMALL, and whether the whole name had to be read for it.
NAMED = {
    # ranks 0 to 3: the pairs cp312-cp312 and cp312-none with the platforms a1 and b2; 4: py3-none-any
    "cp312-cp312-a1.whl": (0, False),
    "cp312-cp312-b2.whl": (1, False),
    "cp312-none-b2.whl": (3, False),
    "py3-none-any.whl": (4, False),
    "cp312-cp312-b2.a1.whl": (0, False),
    "cp312-cp312-b2.c3.whl": (1, False),
    "cp311.cp312-cp312-a1.whl": (0, False),
    "cp312-cp311.cp312-b2.whl": (1, False),
    "py2.py3-none-any.whl": (4, False),
    "py3-abi3.none-any.whl": (4, False),
    "7-cp312-cp312-a1.whl": (0, True),
    "7-py3-none-any.whl": (4, True),
    "7-cp311-cp312-a1.whl": (_core.UNFIT, True),
    "7-cp311-none-any.whl": (_core.UNFIT, True),
    "CP312-cp312-a1.whl": (0, False),
    "cp312-CP312-b2.whl": (1, False),
    "cp312-cp312-A1.whl": (0, False),
    "cp312-cp312-C3.B2.whl": (1, False),
    "PY2.Py3-None-ANY.whl": (4, False),
    "cp312-cp312-\u212a.b2.whl": (1, True),
    "cp312.\u212a-cp312-b2.whl": (1, True),
    "cp312-cp312-a1.any.whl": (0, True),
    "py3-none-c3.any.whl": (4, True),
    "cp312-cp312-x y.b2.whl": (1, True),
    "cp312-cp312.x y-b2.whl": (1, True),
    # for another machine; whether they are well-formed is left open
    "cp312-cp312-c3.whl": (_core.UNCHECKED, False),
    "cp312-cp312-c3.d4.whl": (_core.UNCHECKED, False),
    "cp312-cp312-c3.txt": (_core.UNCHECKED, False),
    "cp312-cp312-C3.whl": (_core.UNCHECKED, False),
    "7-cp312-cp312-C3.whl": (_core.UNCHECKED, True),
    "CP311-cp312-a1.whl": (_core.UNCHECKED, False),
    "cp312-cp312-plat\u00e9.whl": (_core.UNCHECKED, False),
    "cp311\u00e9-cp312-a1.whl": (_core.UNCHECKED, False),
    "cp312-cp312-plat\u00e9.b2.whl": (1, False),
    "cp311-cp312-a1.whl": (_core.UNCHECKED, False),
    "cp311.cp310-cp312-a1.whl": (_core.UNCHECKED, False),
    "py2-none-any.whl": (_core.UNCHECKED, False),
    # malformed, although tags in them fit
    "cp312-cp312-b2.WHL": (_core.UNCHECKED, False),
    "cp312-cp312-b2.txt": (_core.UNCHECKED, False),
    "cp312-cp312-any.WHL": (_core.UNCHECKED, False),
    "cp312-cp312-b2whl": (_core.UNCHECKED, False),
    "cp312-cp312-a1..b2.whl": (_core.UNCHECKED, True),
    "cp312-cp312-a1.b2..whl": (_core.UNCHECKED, True),
    "cp312-cp312-a1\x07.b2.whl": (_core.UNCHECKED, True),
    "cp312-cp312..cp311-a1.whl": (_core.UNCHECKED, True),
    "cp312-cp312.-a1.whl": (_core.UNCHECKED, True),
    "cp312.1-cp312-a1.whl": (_core.UNCHECKED, True),
    "cp312.-cp312-a1.whl": (_core.UNCHECKED, True),
    "cp312-cp312.x\x07-a1.whl": (_core.UNCHECKED, True),
    "x-cp312-cp312-a1.whl": (_core.UNCHECKED, True),
    "cp312-a1.whl": (_core.UNCHECKED, True),
}


@pytest.mark.parametrize("tail", NAMED)
def test_the_whole_name_is_read_where_its_tags_are_odd_and_nowhere_else(tail: str) -> None:
    read: list[str] = []

    def reader(name: str) -> "_wheel.Wheel | None":
        read.append(name)
        try:
            return _wheel.parse_wheel_name(name)
        except mltags.InvalidWheelName:
            return None

    small = _core.Ranks([("cp312", "cp312"), ("cp312", "none")], ["a1", "b2"], ["py3"], 2, reader)
    rank, is_read = NAMED[tail]
    found = small.of_name(f"demo-1-{tail}")
    assert (type(found), found) == (int, rank)
    assert bool(read) == is_read
    assert small.of_name(f"demo-1-{tail}") == rank  # out of the memos
    assert small.fitting([f"demo-1-{tail}"]) == (
        {} if rank < 0 else {rank - 0.5 if tail[0] == "7" else rank: [f"demo-1-{tail}"]}
    )


def test_a_list_of_tags_reads_no_tail_twice() -> None:
    read: list[str] = []

    def reader(name: str) -> "_wheel.Wheel | None":
        read.append(name)
        return _target._read(name)

    ranks = _listed.ListedRanks(["py3-none-any", "cp312-abi3-a1"], reader)
    for name in ("a-1-cp312-abi3-a1.whl", "b-2-py3-none-any.whl", "c-3-cp312-abi3-a1.whl", "d-4-py3-none-any.whl"):
        assert ranks.of_name(name) == (1 if "abi3" in name else 0)
    assert read == ["a-1-cp312-abi3-a1.whl", "a-1-py3-none-any.whl"]


def test_memos_keep_more_than_the_last_name() -> None:
    index = copy.deepcopy(TARGETS["CPython"])._index()
    for name in ("a-1-cp312-cp312-linux_x86_64.whl", "a-1-py3-none-any.whl", "a-1-foo-bar-baz.whl"):
        index.of_name(name)
    assert index._ends == {"linux_x86_64.whl": 0, "any.whl": _core.ANY, "baz.whl": _core.UNCHECKED}
    assert index._fronts == {"cp312-cp312": (0, -1), "py3-none": (280, 542), "foo-bar": (-2, -2)}


def test_where_a_machine_has_no_platform_tags_the_first_rank_is_that_of_any() -> None:
    target = copy.deepcopy(TARGETS["no platform"])
    assert target.rank("a-1-cp33-none-any.whl") == 0
    assert target.rank("a-1-cp32.cp33-none-any.whl") == 0
    assert target.rank("a-1-cp33-cp33m-linux_x86_64.whl") is None
    pypy = on(mltags.Python("pp", (3, 11), ["pypy311_pp73"]))
    assert pypy.rank("a-1-pp3-none-any.whl") == 0
    assert pypy.rank("a-1-pp2.pp3-none-any.whl") == 0


def test_a_platform_that_is_no_identifier_is_never_taken_as_it_stands() -> None:
    target = copy.deepcopy(TARGETS["odd platforms"])
    for platform in ("a/b", "a\nb"):
        with pytest.raises(mltags.InvalidWheelName):
            target.rank(f"a-1-cp33-cp33m-{platform}.whl")
    assert target.sort(["a-1-cp33-cp33m-a/b.whl", "a-1-cp33-cp33m-x y.whl"]) == ["a-1-cp33-cp33m-x y.whl"]


def test_an_abi_with_a_dot_is_never_taken_as_it_stands() -> None:
    target = mltags.Target(mltags.Python("cp", (3, 12), ["a.b", "a"]), LINUX)
    name = "a-1-cp312-a.b-linux_x86_64.whl"
    assert target.rank(name) == plain(target, name) == 20


@pytest.mark.parametrize("line", [b"py3-none-any", None, 5])
def test_a_line_that_is_neither_text_nor_tag_is_refused(line: object) -> None:
    with pytest.raises(mltags.InvalidTarget, match="one tag a line is accepted"):
        mltags.Target.from_tags([line])  # type: ignore[list-item]
    with pytest.raises(mltags.InvalidTarget) as caught:
        mltags.Target.from_tags(line)  # type: ignore[arg-type]
    assert caught.value.text == str(line)


def test_an_empty_abi_is_nobodys() -> None:
    target = copy.deepcopy(TARGETS["dotted platforms"])
    name = "a-1-cp33--win_amd64.whl"
    for _ in range(2):
        with pytest.raises(mltags.InvalidWheelName):
            target.rank(name)
    assert target.sort([name]) == []
    assert not target.explain(name)


def test_any_among_the_platforms_does_not_hide_the_tail() -> None:
    ranks = _core.Ranks([("cp312", "cp312")], ["a1", "any"], ["py3"], 2, _target._read)
    assert ranks.of_name("a-1-cp312-cp312-any.whl") == 1
    assert ranks.of_name("a-1-py3-none-any.whl") == 2


@pytest.mark.parametrize(
    ("pythons", "abis", "rank"),
    [
        (["cp312"], ["cp312"], 0),
        (["cp311"], ["abi3", "cp312"], 60),
        (["py3", "cp312"], ["none"], 40),
        (["cp312"], ["foo"], -1),
        (["foo"], ["cp312"], -1),
    ],
)
def test_sets_larger_than_the_list_have_the_same_rank(pythons: list, abis: list, rank: int) -> None:
    index = copy.deepcopy(TARGETS["CPython"])._index()
    many = [f"q{number}" for number in range(100)]
    assert index.of_tags(pythons, abis, ["linux_x86_64"]) == rank
    assert index.of_tags(pythons + many, abis, ["linux_x86_64"]) == rank
    assert index.of_tags(many + pythons, many + abis, ["p", "linux_x86_64"]) == rank


class Counted(list):
    """A list that counts how often somebody goes through it."""

    turns = 0

    def __iter__(self) -> "Iterator[str]":
        self.turns += 1
        return super().__iter__()


@pytest.mark.parametrize("target", ["CPython", "listed"])
def test_sets_are_gone_through_in_linear_time(target: str) -> None:
    index = copy.deepcopy(TARGETS[target])._index()
    for lengths in ((30, 30, 31), (30, 30, 1), (30, 1, 30), (1, 30, 30)):
        pythons, abis, platforms = [Counted(f"q{number}" for number in range(length)) for length in lengths]
        platforms.append("linux_x86_64")
        assert index.of_tags(pythons, abis, platforms) == _core.UNFIT
        assert max(pythons.turns, abis.turns, platforms.turns) <= 2
    assert index.of_tags(["q", "cp312"], ["p", "abi3"], ["r", "linux_x86_64"]) == {"CPython": 20, "listed": 1}[target]
    many = [f"q{number}" for number in range(100)]
    assert index.of_tags(["cp312", *many], ["abi3", *many], ["linux_x86_64", *many]) == {"CPython": 20, "listed": 1}[target]
    for sets in (
        (["cp31"], ["abi3"], ["linux_x86_64"]),
        (["cp312"], ["abi"], ["linux_x86_64"]),
        (["cp312"], ["abi3"], ["linux"]),
    ):
        assert index.of_tags(*[[*members, *many] for members in sets]) == _core.UNFIT


def test_of_a_list_the_best_tag_counts() -> None:
    assert TARGETS["listed"].rank("a-1-py2.py3-none-any.whl") == 0
    assert TARGETS["listed"].rank("a-1-py2-none-any.whl") == 3


def test_a_list_of_tags_takes_no_malformed_head() -> None:
    page = ["a__b-1-py3-none-any.whl", "a-x-py3-none-any.whl", "a-1-py3-none-any.whl", "-1-py3-none-any.whl"]
    assert TARGETS["listed"].sort(page) == ["a-1-py3-none-any.whl"]
    assert TARGETS["listed"].best(page[:2]) is None


def test_a_name_without_a_build_number_stands_in_the_order_of_input_however_it_is_spelt() -> None:
    page = [
        "a-1-cp312-cp312-linux_x86_64.whl",
        "a-1-CP312-cp312-linux_x86_64.whl",
        "a-1-cp312-cp312-Linux_X86_64.whl",
        "a-1-cp312-cp312-linux_x86_64.any.whl",
    ]
    for names in (page, page[::-1]):
        assert copy.deepcopy(TARGETS["CPython"]).sort(names) == names
        assert copy.deepcopy(TARGETS["CPython"]).sort([*names, "a-1-1-cp312-cp312-Linux_X86_64.whl"])[1:] == names


HEADS = {
    # certainly good
    "plain": (["demo"], ["1.0"], True),
    "several": (["demo", "a.b_c", "3to2"], ["1", "2.0", "10.20.30"], True),
    "a digit in front": (["3to2"], ["1"], True),
    "a candidate": (["demo"], ["1.0rc1"], True),
    "a beta": (["demo"], ["1.0b2"], True),
    "an alpha": (["demo"], ["1.0a3"], True),
    "all there is": (["demo"], ["1.0rc1.post2.dev3+local.4"], True),
    "letters and digits behind the plus": (["demo"], ["1+ubuntu20.cu118"], True),
    "one digit short of a hundred": (["demo"], ["1" * 99], True),
    # perhaps good, and perhaps not
    "an empty project": ([""], ["1"], False),
    "an empty project among others": (["a", "", "b"], ["1"], False),
    "two underscores": (["a__b"], ["1"], False),
    "two dots": (["a..b"], ["1"], False),
    "a dot in front": ([".a"], ["1"], False),
    "a dot at the end": (["a."], ["1"], False),
    "a blank": (["a b"], ["1"], False),
    "a middle dot, which may be in identifiers": (["a\N{MIDDLE DOT}b"], ["1"], False),
    "one bad project of many": (["a", "a b", "c"], ["1"], False),
    "an empty version": (["demo"], [""], False),
    "a version that begins with a dot": (["demo"], [".1"], False),
    "a version that ends with one": (["demo"], ["1."], False),
    "a version with two": (["demo"], ["1..2"], False),
    "one bad version of many": (["demo"], ["1", "x", "2"], False),
    "an epoch": (["demo"], ["1!2.0"], False),
    "a long spelling": (["demo"], ["1.0alpha1"], False),
    "a mark without a number": (["demo"], ["1.0rc"], False),
    "a number that is no digit": (["demo"], ["1.0rc\N{SUPERSCRIPT TWO}"], False),
    "a number of another script": (["demo"], ["1.0rc\N{ARABIC-INDIC DIGIT TWO}"], False),
    "a release of another script": (["demo"], ["1.\N{ARABIC-INDIC DIGIT TWO}"], False),
    "nothing before the mark": (["demo"], ["rc1"], False),
    "marks in another order": (["demo"], ["1.0.dev1.post1"], False),
    "two marks of a kind": (["demo"], ["1.0a1b2"], False),
    "a mark and nothing": (["demo"], ["1.0.dev"], False),
    "nothing behind the plus": (["demo"], ["1+"], False),
    "a dash behind it": (["demo"], ["1+a_b"], False),
    "two dots behind it": (["demo"], ["1+a..b"], False),
    "a dot directly behind it": (["demo"], ["1+.a"], False),
    "a dot at the end behind it": (["demo"], ["1+a."], False),
    "two pluses": (["demo"], ["1+a+b"], False),
    "a letter of another script behind it": (["demo"], ["1+\N{LATIN SMALL LETTER E WITH ACUTE}"], False),
    "a hundred digits": (["demo"], ["1" * 100], False),
    "many digits behind a mark": (["demo"], ["1rc" + "1" * 5000], False),
    "many digits among short ones": (["demo"], ["1", "1" * 5000, "2"], False),
}


@pytest.mark.parametrize("name", HEADS)
def test_heads_that_are_certainly_good(name: str) -> None:
    projects, versions, plain_heads = HEADS[name]
    assert _core.are_plain_heads(projects, versions) is plain_heads


def test_malformed_names_never_abort_a_page() -> None:
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
    target = TARGETS["CPython"]
    assert target.sort(page) == ["a-1.0rc1-cp312-abi3-linux_x86_64.whl", "a-1-py3-none-any.whl"]
    assert target.best(page) == "a-1.0rc1-cp312-abi3-linux_x86_64.whl"
    assert target.best([]) is None
    assert target.best(iter(page[:7])) is None


def test_a_higher_build_wins_among_equals_only() -> None:
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


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["kind"] in {"wheel_supported", "best_rank"}], ids=lambda case: case["id"]
)
def test_cases_of_ranks_agree(case: dict) -> None:
    rank = mltags.Target.from_tags(case["input"]["supported"]).rank(case["input"]["filename"])
    assert (rank is not None if case["kind"] == "wheel_supported" else rank) == case["expected"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["kind"] in {"select", "rank_files"}], ids=lambda case: case["id"]
)
def test_cases_of_pages_agree(case: dict) -> None:
    target = mltags.Target.from_tags(case["input"]["supported"])
    if case["kind"] == "select":
        names = [f"f-1-{thing}.whl" for thing in case["input"]["things"]]
        assert target.sort(names) == [f"f-1-{thing}.whl" for thing in case["expected"]]
    else:
        # Versions are not ours to compare: one release after the other, the newest first.
        files = case["input"]["files"]
        versions = sorted({name.split("-")[1] for name in files}, reverse=True)
        ordered = [
            name for version in versions for name in target.sort([name for name in files if name.split("-")[1] == version])
        ]
        assert ordered == case["expected"]


def test_a_page_is_ordered_as_packagings_selector_orders_it() -> None:
    target = mltags.Target.current()
    page = [f"numpy-1.0-{triple}.whl" for triple in list(target.triples)[::-7]] + ["numpy-1.0-cp39-cp39-win_amd64.whl"]
    selector = create_compatible_tags_selector(target.tags)
    assert target.sort(page) == list(selector((name, parse_wheel_filename(name)[3]) for name in page))


def in_threads(work: Callable[[int], None], starts: "list[int]") -> None:
    """Run *work* in a thread for each start, switching between them as often as can be."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(start,)) for start in starts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)


def test_memos_that_are_cleared_by_others_are_no_error() -> None:
    target = copy.deepcopy(TARGETS["CPython"])
    failures: list[BaseException] = []

    def work(start: int) -> None:
        try:
            for number in range(start, start + 1500):
                assert target.rank(f"a-1-{number}-cp312-cp312-linux_x86_64.p{number}.whl") == 0
        except BaseException as problem:
            failures.append(problem)

    in_threads(work, [number * 1000 for number in range(6)])
    assert failures == []


def test_one_target_serves_many_threads() -> None:
    target = copy.deepcopy(TARGETS["CPython"])
    names = [f"a-1-cp{number}-abi3-p{number}.linux_x86_64.whl" for number in range(25, 45)]
    names += [f"a-1-cp312-cp312-q{number}.linux_x86_64.whl" for number in range(500)]
    expected = [plain(target, name) for name in names]
    wrong: list[object] = []

    def work(start: int) -> None:
        for _ in range(6):
            ranks = [target.rank(name) for name in names[start:] + names[:start]]
            if ranks != expected[start:] + expected[:start]:
                wrong.append(ranks)
            target.sort(names)

    in_threads(work, [start * 60 for start in range(8)])
    assert wrong == []


def test_targets_compare_hash_pickle_and_print() -> None:
    target = TARGETS["CPython"]
    again = pickle.loads(pickle.dumps(target))
    assert again == target
    assert hash(again) == hash(target)
    assert again.rank("a-1-cp312-cp312-linux_x86_64.whl") == 0
    assert repr(target) == "<Target cp312 on x86_64, glibc 2.20: 555 tags>"
    assert repr(TARGETS["listed"]) == "<Target of 4 listed tags>"
    assert repr(TARGETS["Windows"]) == "<Target cp312 on other: 42 tags>"
    assert target != TARGETS["debug"]


@pytest.mark.parametrize("name", ["CPython", "no platform", "any", "listed"])
def test_triples_are_a_lazy_sequence(name: str) -> None:
    triples = TARGETS[name].triples
    listed = [str(tag) for tag in TARGETS[name].tags]
    assert list(triples) == listed
    assert len(triples) == len(listed)
    assert [triples[place] for place in range(-len(listed), len(listed))] == listed * 2
    assert list(triples[1:5]) == listed[1:5]
    assert list(reversed(triples)) == listed[::-1]
    assert listed[3] in triples
    assert triples.index(listed[3]) == 3
    if name != "listed":  # which is a tuple
        assert triples == listed
        assert triples == TARGETS[name].triples
        assert not hasattr(triples, "__dict__")
    assert triples != listed[1:]
    assert triples == tuple(listed)
    assert hash(triples) == hash(tuple(listed))
    assert triples != 7  # type: ignore[comparison-overlap]
    with pytest.raises(IndexError):
        triples[len(listed)]
    assert repr(TARGETS["CPython"].triples) == "<555 triples>"


def test_one_malformed_name_among_thousands_is_passed_over() -> None:
    names = [f"p{number}-1.{number}-py3-none-any.whl" for number in range(3000)]
    for bad in (
        "p__q-1-py3-none-any.whl",
        "-1-py3-none-any.whl",
        "p-1..2-py3-none-any.whl",
        "p-1-rc-py3-none-any.whl",
        "p--py3-none-any.whl",
    ):
        page = [*names[:1000], bad, *names[1000:]]
        assert TARGETS["CPython"].sort(page) == names, bad
        assert TARGETS["CPython"].best([bad]) is None, bad


def test_odd_but_good_names_stand_among_plain_ones() -> None:
    good = [
        "a-1.0.post1-py3-none-any.whl",
        "a.b_c-1.0rc1.dev2+local.7-py3-none-any.whl",
        "3to2-1!2.0-py3-none-any.whl",
        "p\N{LATIN SMALL LETTER E WITH ACUTE}-v1.0alpha-py3-none-any.whl",
        "_a-1-py3-none-any.whl",
    ]
    assert TARGETS["CPython"].sort(good) == good


def test_a_single_name_in_place_of_a_list_is_refused() -> None:
    name = "demo-1.0-py3-none-any.whl"
    for ask in (TARGETS["CPython"].best, TARGETS["CPython"].sort, TARGETS["CPython"].closest):
        with pytest.raises(mltags.InvalidWheelName) as refusal:
            ask(name)
        assert str(refusal.value) == (
            "invalid wheel name 'demo-1.0-py3-none-any.whl': names: a list of names is accepted; put a single one into a list"
        )
    assert mltags.Target.from_tags("py3-none-any").triples == ("py3-none-any",)
