"""Wheel file names: accepted and refused as packaging does, with the deviations named."""

import itertools
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from test_cases import CASES

import mltags
from mltags._wheel import parse_wheel_name

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
        wheel = parse_wheel_name(name)
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
    "foo.rs": ("extension", "'.whl' is accepted, in lower case"),
    "foo-1.0-py3-none-any.WHL": ("extension", "'.whl' is accepted, in lower case"),
    "foo-1.0-py3-none-any.whl ": ("extension", "'.whl' is accepted, in lower case"),
    "foo-1.0-py3-none-any.whl\n": ("characters", "a control character"),
    "foo-1.0.whl": (
        "number of parts",
        (
            "5 or 6 parts joined by '-' are accepted, not 2: "
            "name-version-python-abi-platform.whl, or with a build number behind the version"
        ),
    ),
    "numpy-2.3.2-1-cp313-cp313t-musllinux_1_2_x86_64-x86_64_v3.whl": (
        "number of parts",
        (
            "5 or 6 parts joined by '-' are accepted, not 7: "
            "name-version-python-abi-platform.whl, or with a build number behind the version"
        ),
    ),
    "numpy-2.3.2-cp313-cp313t-musllinux_1_2_x86_64-x86_64_v3.whl": ("build number", "'cp313' does not begin with a digit"),
    "foo__bar-1.0-py3-none-any.whl": ("project name", "letters, digits, '.' and single '_' are accepted"),
    "-1.0-py3-none-any.whl": ("project name", "letters, digits, '.' and single '_' are accepted"),
    "foo bar-1.0-py3-none-any.whl": ("project name", "letters, digits, '.' and single '_' are accepted"),
    "foo-1.x-py3-none-any.whl": ("version", "a version such as '1.0' or '2.1rc1' is accepted (PEP 440)"),
    "foo-1..0-py3-none-any.whl": ("version", "a version such as '1.0' or '2.1rc1' is accepted (PEP 440)"),
    "foo--py3-none-any.whl": ("version", "a version such as '1.0' or '2.1rc1' is accepted (PEP 440)"),
    "foo-1.0-abc-py3-none-any.whl": ("build number", "'abc' does not begin with a digit"),
    "foo-1.0-\u0663-py3-none-any.whl": ("build number", "'\u0663' does not begin with a digit"),
    "foo-1.0--py3-none-any.whl": ("build number", "'' does not begin with a digit"),
    "foo-1.0-" + "9" * 5000 + "-py3-none-any.whl": ("build number", "5000 digits are more than Python reads as a number"),
    "foo-1.0-3-none-any.whl": ("python tag", "'3' is not a name such as 'cp312' or 'py3'"),
    "foo-1.0-py3.2-none-any.whl": ("python tag", "'2' is not a name such as 'cp312' or 'py3'"),
    "foo-1.0--none-any.whl": ("python tag", "an empty tag, or an empty member of a set of tags"),
    "foo-1.0-py3--any.whl": ("abi tag", "an empty tag, or an empty member of a set of tags"),
    "foo-1.0-py3-none-.whl": ("platform tag", "an empty tag, or an empty member of a set of tags"),
    "foo-1.0-py3-none-any..x.whl": ("platform tag", "an empty tag, or an empty member of a set of tags"),
    "dist/foo-1.0-py3-none-any.whl": ("characters", "a path separator; only the last part of a path is a wheel's name"),
    "dist\\foo-1.0-py3-none-any.whl": ("characters", "a path separator; only the last part of a path is a wheel's name"),
    "foo-1.0-py3-none-a\0ny.whl": ("characters", "a control character"),
    "foo-\t1.0-py3-none-any.whl": ("characters", "a control character"),
    "foo-1.0\x85-py3-none-any.whl": ("characters", "a control character"),
}


@pytest.mark.parametrize("name", REFUSED, ids=lambda name: ascii(name)[:60])
def test_a_refusal_names_the_part_and_says_why(name: str) -> None:
    agree(name)
    with pytest.raises(mltags.InvalidWheelName) as caught:
        WIDE.rank(name)
    assert (caught.value.text, caught.value.part, caught.value.problem) == (name, *REFUSED[name])
    assert WIDE.sort([name]) == []
    assert WIDE.best([name]) is None


ACCEPTED = {
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


@pytest.mark.parametrize("name", ACCEPTED, ids=lambda name: ascii(name)[:60])
def test_an_odd_name_is_accepted(name: str) -> None:
    agree(name)
    build, count = ACCEPTED[name]
    found = ours(name)
    assert found is not None
    assert (found[0], len(found[1])) == (build, count)
    WIDE.rank(name)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["kind"] == "parse_wheel_filename"], ids=lambda case: case["id"]
)
def test_cases_agree(case: dict) -> None:
    name, expected = case["input"]["filename"], case["expected"]
    # The order of the members of a set is checked by packaging on request only, and never by us.
    if "error" in expected and not case["input"].get("validate_order") and not deviates(name):
        with pytest.raises(mltags.InvalidWheelName):
            parse_wheel_name(name)
    elif "error" not in expected and not deviates(name):
        wheel = parse_wheel_name(name)
        assert list(wheel.build) == expected["build"]
    agree(name)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["kind"] == "uv_wheel_filename_valid"], ids=lambda case: case["id"]
)
def test_uvs_cases_agree_where_packaging_does(case: dict) -> None:
    if (packagings(case["input"]) is not None) is case["expected"]:
        assert (ours(case["input"]) is not None) is case["expected"]


PIECES = st.text(st.sampled_from("aZ09._-+! \u00e9\u0663/\\\0\n\u0130\u03a3"), max_size=8)
PART = st.one_of(
    PIECES, st.sampled_from(["foo", "1.0", "1", "py3", "cp312", "none", "abi3", "any", "linux_x86_64", "py2.py3", "2", ""])
)


@given(st.lists(PART, min_size=1, max_size=8), st.sampled_from([".whl", ".WHL", "", ".whl\n"]))
@example(["foo", "1.0", "py3", "none", "\u03a3.a"], ".whl")
def test_made_up_names_agree(parts: list, suffix: str) -> None:
    agree("-".join(parts) + suffix)


@given(st.text(max_size=40))
def test_any_text_agrees(text: str) -> None:
    agree(text)
    agree(text + "-1.0-py3-none-any.whl")
    agree("foo-" + text + "-py3-none-any.whl")
    agree("foo-1.0-" + text + ".whl")


def test_mutated_names_agree() -> None:
    names = [*ACCEPTED, *REFUSED, "numpy-2.0.0rc1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"]
    chance = random.Random(1)
    for _ in range(3000):
        name = chance.choice(names)
        at = chance.randrange(len(name))
        name = (
            name[:at] + chance.choice(["", "-", ".", "_", "1", "a", " ", "\u2028", "\u200b"]) + name[at + chance.randrange(3) :]
        )
        agree(name)


def test_versions_of_every_spelling_agree() -> None:
    pieces = [
        ["1", "1.0", "01.2", "1..2", ".1", "", "v1", "1!1"],
        ["", "a1", "b2", "rc3", "a", "1a1rc2", "rc1a1", "b1a1", "alpha1", "c1"],
        ["", ".post1", ".post", "post1", "-1", ".post1.post2"],
        ["", ".dev2", ".dev", ".dev1.dev2", ".dev\u0663"],
        ["", "+abc", "+a.1", "+", "+a..b", "+a_b", "+A", "+\u00e4"],
    ]
    for parts in itertools.product(*pieces):
        agree(f"foo-{''.join(parts).replace('-', '_')}-py3-none-any.whl")


def test_packaging_itself_refuses_with_its_own_error() -> None:
    with pytest.raises(InvalidWheelFilename):
        parse_wheel_filename("foo.whl")


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
