"""Wheel filenames: read and refused as packaging does, with the deviations named."""

import itertools
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from test_cases import rows

import mltags
from mltags import _wheel

WIDE = mltags.Target.from_tags(["py3-none-any"])


def packagings(name: str) -> "tuple | None":
    """What packaging reads; None where it refuses, or lets Python's limit of digits leak."""
    try:
        _, _, build, tags = parse_wheel_filename(name)
    except ValueError:
        return None
    return build, tags


def deviates(name: str) -> bool:
    return any(c in "/\\" or c < " " or "\x7f" <= c <= "\x9f" for c in name)


def ours(name: str) -> "tuple | None":
    from packaging.tags import Tag

    try:
        wheel = _wheel.parse_wheel_name(name)
    except mltags.InvalidWheelName as refusal:
        problem = refusal
    else:
        tags = {Tag(p, a, s) for p in wheel.pythons for a in wheel.abis for s in wheel.platforms}
        return wheel.build, frozenset(tags)
    assert problem.text == name
    assert str(problem).isprintable()
    return None


def agree(name: str) -> None:
    if deviates(name):
        assert ours(name) is None
    else:
        assert ours(name) == packagings(name)


REFUSED = {
    # name -> (part, problem)
    "foo.rs": ("extension", "must end in '.whl'"),
    "foo-1.0-py3-none-any.WHL": ("extension", "must end in '.whl'"),
    "foo-1.0-py3-none-any.whl ": ("extension", "must end in '.whl'"),
    "foo-1.0-py3-none-any.whl\n": ("characters", "contains a control character"),
    "foo-1.0.whl": (
        "number of parts",
        "expected 5 or 6 parts joined by '-', found 2: name-version[-build]-python-abi-platform.whl",
    ),
    "numpy-2.3.2-1-cp313-cp313t-musllinux_1_2_x86_64-x86_64_v3.whl": (
        "variant label",
        "'x86_64_v3' follows the platform tag: a variant wheel (PEP 825), which mltags does not rank yet",
    ),
    "numpy-2.3.2-cp313-cp313t-musllinux_1_2_x86_64-x86_64_v3.whl": (
        "variant label",
        "'x86_64_v3' follows the platform tag: a variant wheel (PEP 825), which mltags does not rank yet",
    ),
    "foo-1.0-cp312-cp312-linux_x86-64.whl": (
        "platform tag",
        "has '-' in place of '_'; did you mean foo-1.0-cp312-cp312-linux_x86_64.whl?",
    ),
    "foo-1.0-cp312-cp312-manylinux_2_28-x86_64.whl": (
        "platform tag",
        "has '-' in place of '_'; did you mean foo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl?",
    ),
    "foo-1.0-1-cp312-cp312-manylinux-2-28-x86-64.whl": (
        "platform tag",
        "has '-' in place of '_'; did you mean foo-1.0-1-cp312-cp312-manylinux_2_28_x86_64.whl?",
    ),
    "foo-1.0-cp312-cp312-win-amd64.whl": (
        "platform tag",
        "has '-' in place of '_'; did you mean foo-1.0-cp312-cp312-win_amd64.whl?",
    ),
    "foo-1.0-cp312-cp312-win-x86_64.whl": ("platform tag", "has '-' in place of '_'"),
    "foo-1.0-cp312-cp312-linux-amd64.whl": ("platform tag", "has '-' in place of '_'"),
    "foo-1.0-cp312-cp312-macosx-10.9-x86_64.whl": (
        "platform tag",
        "has '-' in place of '_'; did you mean foo-1.0-cp312-cp312-macosx_10_9_x86_64.whl?",
    ),
    "foo-1.0-cp312-cp312-manylinux-2.17-x86_64.manylinux2014-x86_64.whl": (
        "platform tag",
        "has '-' in place of '_'; did you mean foo-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl?",
    ),
    "foo-1.0-py3-none-any-2.whl": ("extension", "ends in '-2', as a browser names a second download; rename it"),
    "foo-1.0-1-cp312-cp312-win_amd64-1.whl": ("extension", "ends in '-1', as a browser names a second download; rename it"),
    "foo-1.0-py3-none-any - Copy.whl": ("extension", "ends in ' - Copy', as a file manager names a copy; rename it"),
    "foo-1.0-py3-none-any.whl.metadata": ("extension", "must end in '.whl'; .metadata is the metadata of a wheel (PEP 658)"),
    "foo-1.0-py3-none-any.whl.part": ("extension", "must end in '.whl'; .part is a download that has not finished"),
    "foo-1.0-py3-none-any.whl.crdownload": ("extension", "must end in '.whl'; .crdownload is a download that has not finished"),
    "my-package-1.0-py3-none-any.whl": (
        "version",
        "'package' is not a version such as '1.0' or '2.1rc1' (PEP 440); '-' in a project's name is '_' in a wheel's filename",
    ),
    "my-own-package-1.0-py3-none-any.whl": (
        "number of parts",
        (
            "expected 5 or 6 parts joined by '-', found 7: name-version[-build]-python-abi-platform.whl; "
            "'-' in a project's name is '_' in a wheel's filename"
        ),
    ),
    "foo-1.0-cp312-cp312-linux_x86_64-too_long_for_a_label.whl": (
        "number of parts",
        "'too_long_for_a_label' follows the platform tag: name-version[-build]-python-abi-platform.whl",
    ),
    "foo-1.0-py3-none-any-NULL.whl": (
        "number of parts",
        "'NULL' follows the platform tag: name-version[-build]-python-abi-platform.whl",
    ),
    "foo-1.0-py3-none-any-1-2.whl": (
        "number of parts",
        "expected 5 or 6 parts joined by '-', found 7: name-version[-build]-python-abi-platform.whl",
    ),
    "foo\u20111.0\u2011py3\u2011none\u2011any.whl": (
        "number of parts",
        ("expected 5 or 6 parts joined by '-', found 1: name-version[-build]-python-abi-platform.whl; U+2011 is not a hyphen"),
    ),
    "torch-1.7.1%2Bcu110-cp38-cp38-linux_x86_64.whl": (
        "version",
        "'1.7.1%2Bcu110' is not a version such as '1.0' or '2.1rc1' (PEP 440); %2B stands for '+', so the name is percent-encoded",
    ),
    "foo__bar-1.0-py3-none-any.whl": ("project name", "may hold letters, digits, '.' and single '_' only"),
    "-1.0-py3-none-any.whl": ("project name", "may hold letters, digits, '.' and single '_' only"),
    "foo bar-1.0-py3-none-any.whl": ("project name", "may hold letters, digits, '.' and single '_' only"),
    "foo-1.x-py3-none-any.whl": ("version", "'1.x' is not a version such as '1.0' or '2.1rc1' (PEP 440)"),
    "foo-1..0-py3-none-any.whl": ("version", "'1..0' is not a version such as '1.0' or '2.1rc1' (PEP 440)"),
    "foo--py3-none-any.whl": ("version", "'' is not a version such as '1.0' or '2.1rc1' (PEP 440)"),
    "foo-1.0-abc-py3-none-any.whl": ("build number", "'abc' does not begin with a digit"),
    "foo-1.0-\u0663-py3-none-any.whl": ("build number", "'\u0663' does not begin with a digit"),
    "foo-1.0--py3-none-any.whl": ("build number", "'' does not begin with a digit"),
    "foo-1.0-" + "9" * 5000 + "-py3-none-any.whl": ("build number", "5000 digits are more than Python reads as a number"),
    "foo-1.0-3-none-any.whl": ("python tag", "'3' is not a tag such as 'cp312' or 'py3'"),
    "foo-1.0-py3.2-none-any.whl": ("python tag", "'2' is not a tag such as 'cp312' or 'py3'; '.' separates tags"),
    "foo-1.0\u20111-py3-none-any.whl": (
        "version",
        "'1.0\u20111' is not a version such as '1.0' or '2.1rc1' (PEP 440); U+2011 is not a hyphen",
    ),
    "foo\u2013bar-1.0-py3-none-any.whl": (
        "project name",
        "may hold letters, digits, '.' and single '_' only; U+2013 is not a hyphen",
    ),
    "my%20foo-1.0-py3-none-any.whl": (
        "project name",
        "may hold letters, digits, '.' and single '_' only; the name is percent-encoded",
    ),
    "foo-1.0-py3-none-any.whl.1": ("extension", "must end in '.whl'; wget names a second download like this; rename it"),
    "foo-1.0-py3-none-any-0123.whl": (
        "variant label",
        "'0123' follows the platform tag: a variant wheel (PEP 825), which mltags does not rank yet",
    ),
    "foo-1.0-py3-none-any-999.whl": ("extension", "ends in '-999', as a browser names a second download; rename it"),
    "foo-1.0--none-any.whl": ("python tag", "is empty, or has an empty member"),
    "foo-1.0-py3--any.whl": ("abi tag", "is empty, or has an empty member"),
    "foo-1.0-py3-none-.whl": ("platform tag", "is empty, or has an empty member"),
    "foo-1.0-py3-none-any..x.whl": ("platform tag", "is empty, or has an empty member"),
    "dist/foo-1.0-py3-none-any.whl": ("characters", "contains a path separator; pass the last part of the path only"),
    "dist\\foo-1.0-py3-none-any.whl": ("characters", "contains a path separator; pass the last part of the path only"),
    "foo-1.0-py3-none-a\0ny.whl": ("characters", "contains a control character"),
    "foo-\t1.0-py3-none-any.whl": ("characters", "contains a control character"),
    "foo-1.0\x85-py3-none-any.whl": ("characters", "contains a control character"),
}


ODD = {
    # name -> (build, number of tags)
    "foo-1.0-py3-none-any.whl": ((), 1),
    "foo-1.0-1000-py3-none-any.whl": ((1000, ""), 1),
    "foo-1.0-1_a.b-py3-none-any.whl": ((1, "_a.b"), 1),
    "foo-1.0-007abc!-py3-none-any.whl": ((7, "abc!"), 1),
    "foo-1.0-py3-none-any.whl.whl": ((), 2),
    "FOO-1.0-PY3-NONE-ANY.whl": ((), 1),
    "f.o_o.-1!2.0.post1.dev2+local_1-py3-none-any.whl": ((), 1),
    "foo-v1.0-py3-none-any.whl": ((), 1),
    "foo- 1.0 -py3-none-any.whl": ((), 1),
    "2to3-1.0-py3-none-any.whl": ((), 1),
    "foo_b\u00e1r-1.0-py3-none-any.whl": ((), 1),
    "\u65e5\u672c-1.0-py3-none-any.whl": ((), 1),
    "foo-1.0-py2.py3-none.abi3-b.a.c.whl": ((), 12),
    "foo-1.0-py3.py3-none-any.whl": ((), 1),
    "foo-1.0-py3-un known!-target:stream.whl": ((), 1),
    "foo-1.0-_custom-none-any.whl": ((), 1),
    "foo-1.0-gr\u00e4lpy311-none-any.whl": ((), 1),
    "foo-1.0-" + "9" * 4000 + "-py3-none-any.whl": ((int("9" * 4000), ""), 1),
    "foo-" + ".".join("1" * 200) + "-py3-none-any.whl": ((), 1),
}


PIECES = st.text(st.sampled_from("aZ09._-+! \u00e9\u0663/\\\0\n\u0130\u03a3"), max_size=8)
PART = st.one_of(
    PIECES, st.sampled_from(["foo", "1.0", "1", "py3", "cp312", "none", "abi3", "any", "linux_x86_64", "py2.py3", "2", ""])
)


HEADS = {
    # certainly well-formed
    "plain": (["demo"], ["1.0"], True),
    "several": (["demo", "a.b_c", "3to2"], ["1", "2.0", "10.20.30"], True),
    "a digit in front": (["3to2"], ["1"], True),
    "a candidate": (["demo"], ["1.0rc1"], True),
    "a beta": (["demo"], ["1.0b2"], True),
    "an alpha": (["demo"], ["1.0a3"], True),
    "all there is": (["demo"], ["1.0rc1.post2.dev3+local.4"], True),
    "letters and digits after the plus": (["demo"], ["1+ubuntu20.cu118"], True),
    "one digit short of a hundred": (["demo"], ["1" * 99], True),
    # for a longer look to tell
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
    "nothing after the plus": (["demo"], ["1+"], False),
    "a dash after it": (["demo"], ["1+a_b"], False),
    "two dots after it": (["demo"], ["1+a..b"], False),
    "a dot directly after it": (["demo"], ["1+.a"], False),
    "a dot at the end after it": (["demo"], ["1+a."], False),
    "two pluses": (["demo"], ["1+a+b"], False),
    "a letter of another script after it": (["demo"], ["1+\N{LATIN SMALL LETTER E WITH ACUTE}"], False),
    "a hundred digits": (["demo"], ["1" * 100], False),
    "many digits after a mark": (["demo"], ["1rc" + "1" * 5000], False),
    "many digits among short ones": (["demo"], ["1", "1" * 5000, "2"], False),
}


class TestParts:
    """A refusal names the part that is wrong, and says what is expected there."""

    @pytest.mark.parametrize("name", REFUSED, ids=lambda name: ascii(name)[:60])
    def test_a_refusal_names_the_part_and_says_why(self, name: str) -> None:
        agree(name)
        with pytest.raises(mltags.InvalidWheelName) as caught:
            WIDE.rank(name)
        assert (caught.value.text, caught.value.part, caught.value.problem) == (name, *REFUSED[name])
        assert WIDE.sort([name]) == []
        assert WIDE.best([name]) is None

    @pytest.mark.parametrize("name", ODD, ids=lambda name: ascii(name)[:60])
    def test_an_odd_name_is_valid(self, name: str) -> None:
        agree(name)
        build, count = ODD[name]
        found = ours(name)
        assert found is not None
        assert (found[0], len(found[1])) == (build, count)
        WIDE.rank(name)

    def test_each_part_is_where_it_belongs(self) -> None:
        wheel = _wheel.parse_wheel_name("De_mo-1.0.post2-12X3-cp312.CP313-abi3-linux_x86_64.any.whl")
        assert (wheel.project, wheel.version, wheel.build) == ("De_mo", "1.0.post2", (12, "X3"))
        assert (wheel.pythons, wheel.abis, wheel.platforms) == (["cp312", "cp313"], ["abi3"], ["linux_x86_64", "any"])


class TestAgreementWithPackaging:
    """A filename is valid iff packaging takes it for one; but path separators and control characters are refused, wherever they
    stand."""

    @pytest.mark.parametrize("case", rows("parse_wheel_filename"))
    def test_cases_agree(self, case: dict) -> None:
        name, expected = case["input"]["filename"], case["expected"]
        # The order of the members of a set is checked by packaging on request only, and never by us.
        if "error" in expected and not case["input"].get("validate_order") and not deviates(name):
            with pytest.raises(mltags.InvalidWheelName):
                _wheel.parse_wheel_name(name)
        elif "error" not in expected and not deviates(name):
            wheel = _wheel.parse_wheel_name(name)
            assert list(wheel.build) == expected["build"]
        agree(name)

    @pytest.mark.parametrize("case", rows("uv_wheel_filename_valid"))
    def test_uvs_cases_agree_where_packaging_does(self, case: dict) -> None:
        if (packagings(case["input"]) is not None) is case["expected"]:
            assert (ours(case["input"]) is not None) is case["expected"]

    @given(st.lists(PART, min_size=1, max_size=8), st.sampled_from([".whl", ".WHL", "", ".whl\n"]))
    @example(["foo", "1.0", "py3", "none", "\u03a3.a"], ".whl")
    def test_made_up_names_agree(self, parts: list, suffix: str) -> None:
        agree("-".join(parts) + suffix)

    @given(st.text(max_size=40))
    def test_any_text_agrees(self, text: str) -> None:
        agree(text)
        agree(text + "-1.0-py3-none-any.whl")
        agree("foo-" + text + "-py3-none-any.whl")
        agree("foo-1.0-" + text + ".whl")

    def test_mutated_names_agree(self) -> None:
        names = [*ODD, *REFUSED, "numpy-2.0.0rc1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"]
        chance = random.Random(1)
        for _ in range(3000):
            name = chance.choice(names)
            at = chance.randrange(len(name))
            name = (
                name[:at]
                + chance.choice(["", "-", ".", "_", "1", "a", " ", "\u2028", "\u200b"])
                + name[at + chance.randrange(3) :]
            )
            agree(name)

    def test_versions_of_every_spelling_agree(self) -> None:
        pieces = [
            ["1", "1.0", "01.2", "1..2", ".1", "", "v1", "1!1"],
            ["", "a1", "b2", "rc3", "a", "1a1rc2", "rc1a1", "b1a1", "alpha1", "c1"],
            ["", ".post1", ".post", "post1", "-1", ".post1.post2"],
            ["", ".dev2", ".dev", ".dev1.dev2", ".dev\u0663"],
            ["", "+abc", "+a.1", "+", "+a..b", "+a_b", "+A", "+\u00e4"],
        ]
        for parts in itertools.product(*pieces):
            agree(f"foo-{''.join(parts).replace('-', '_')}-py3-none-any.whl")

    def test_packaging_itself_refuses_with_its_own_error(self) -> None:
        with pytest.raises(InvalidWheelFilename):
            parse_wheel_filename("foo.whl")


class TestPlainHeads:
    """Projects and versions that are certainly well-formed are seen as such all at once, without packaging; of the others only a
    longer look can tell."""

    @pytest.mark.parametrize("name", HEADS)
    def test_heads_that_are_certainly_well_formed(self, name: str) -> None:
        projects, versions, plain_heads = HEADS[name]
        assert _wheel.are_plain_heads(projects, versions) is plain_heads

    @given(st.lists(PIECES, min_size=1, max_size=3), st.lists(PIECES, min_size=1, max_size=3))
    def test_what_is_certainly_well_formed_is_valid(self, projects: list, versions: list) -> None:
        if _wheel.are_plain_heads(projects, versions):
            for project, version in itertools.product(projects, versions):
                assert packagings(f"{project}-{version}-py3-none-any.whl") is not None


def test_a_hostile_name_is_read_in_linear_time_and_memory() -> None:
    import tracemalloc

    many = ".".join(f"x{number}" for number in range(10_000))
    name = f"a-1-{many}-{many}-{many}.whl"
    targets = [mltags.Target.current(), mltags.Target.from_tags(["x1-x2-x3", "py3-none-any"])]
    tracemalloc.start()
    try:
        assert targets[0].rank(name) is None
        assert targets[1].rank(name) == 0
        assert targets[0].rank(f"a-1-{many}.py3-{many}.none-{many}.any.whl") is not None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * len(name)
