"""Targets as JSON: kept and read again, on whatever machine; wrong ones refused."""

import json

import pytest
from conftest import module
from hypothesis import given
from hypothesis import strategies as st
from test_rank import TARGETS

import mltags
from mltags.testing import FakeHost


def on(**machine: object) -> mltags.Target:
    python = {"implementation": "cpython", "version": (3, 12)}
    return mltags.Target.of_host(FakeHost(python=python, **machine), max_glibc=machine and "2.36")  # type: ignore[arg-type]


KEPT = {
    **TARGETS,
    "refused": on(glibc="2.20", override=module(manylinux2014_compatible=False, manylinux1_compatible=True)),
    "musl": on(musl="1.2"),
    "unknown": on(machine="mips64"),
    "native last": mltags.Target.of(
        python_version="3.12", platform="manylinux_2_28_x86_64", implementation="cp", native="last"
    ),
    "several": mltags.Target.of(python_version="3.12", platform=["win_amd64", "any"], implementation="cp"),
    "ceiling": mltags.Target.of(python_version="3.12", platform="manylinux_2_28_x86_64", implementation="cp", max_glibc="2.17"),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_was_kept_ranks_and_explains_alike(name: str) -> None:
    target = KEPT[name]
    again = mltags.Target.from_json(target.to_json())
    assert again == target
    assert list(again.triples) == list(target.triples)
    if target.platform is not None and again.platform is not None:
        assert again.platform.evidence == target.platform.evidence
    wheel = "demo-1.0-cp312-cp312-manylinux_2_40_x86_64.whl"
    assert again.rank(wheel) == target.rank(wheel)
    assert str(again.explain(wheel)) == str(target.explain(wheel))


def test_a_list_of_tags_that_is_not_the_machines_own_is_taken_as_it_is() -> None:
    kept = json.loads(KEPT["musl"].to_json())
    kept["platform_tags"] = ["linux_x86_64", "x"]
    assert mltags.Target.from_json(json.dumps(kept)).platform_tags == ("linux_x86_64", "x")


def test_pexs_complete_platform_is_read() -> None:
    text = json.dumps({"marker_environment": {}, "compatible_tags": ["cp312-cp312-linux_x86_64", "py3-none-any"]})
    assert mltags.Target.from_json(text) == mltags.Target.from_tags(["cp312-cp312-linux_x86_64", "py3-none-any"])


def changed(path: str, value: object) -> str:
    kept = json.loads(KEPT["refused"].to_json())
    place = kept
    *parents, last = path.split(".")
    for word in parents:
        place = place[int(word) if word.isdigit() else word]
    place[last] = value
    return json.dumps(kept)


WRONG = {
    "": ("JSON", "it cannot be read: Expecting value: line 1 column 1 (char 0)"),
    "[1]": ("JSON", "an object is accepted there"),
    "{}": ("schema", "1 is accepted; to_json writes it"),
    '{"mltags": true}': ("schema", "1 is accepted; to_json writes it"),
    '{"mltags": 2}': ("schema", "1 is accepted; it is newer: a newer mltags reads it"),
    '{"compatible_tags": 7}': ("compatible_tags", "a list of up to 100000 items, each of type str, is accepted there"),
    '{"compatible_tags": ["x"]}': ("tag", "one tag a line is accepted, such as 'cp312-abi3-linux_x86_64'"),
    '{"mltags": 1}': ("tags", "a list of up to 100000 items, each of type str, is accepted there"),
    '{"mltags": 1, "tags": ["x"]}': ("tags", "a list of py-abi-plat texts is accepted there"),
    changed("python", 7): ("python", "an object is accepted there"),
    changed("python.version", ["3"]): ("version", "a list of up to 100000 items, each of type int, is accepted there"),
    changed("python.version", [3, 1000]): (
        "Python version",
        "one or two whole numbers are accepted, the first up to 99, the second up to 999",
    ),
    changed("python.implementation", None): ("implementation", "a text is accepted there"),
    changed("platform", None): ("platform", "an object is accepted there"),
    changed("platform.libc", {"family": "bionic", "version": [1, 2]}): (
        "libc",
        "a family (glibc or musl) and a version of two numbers is accepted there",
    ),
    changed("platform.libc", {"family": "glibc", "version": [2]}): (
        "libc",
        "a family (glibc or musl) and a version of two numbers is accepted there",
    ),
    changed("platform.libc", {"family": "glibc", "version": [2, 10**9]}): (
        "glibc version",
        "two whole numbers are accepted, the first up to 99, the second up to 999",
    ),
    changed("platform.ceiling", [2]): ("ceiling", "two numbers is accepted there"),
    changed("platform.override", {"source": "x", "refused": [{"version": [2]}]}): ("version", "two numbers is accepted there"),
    changed("platform.archs", ["a"] * 17): ("archs", "up to 16 architectures is accepted there"),
    changed("platform.evidence", [{"fact": 7}]): ("fact", "a text is accepted there"),
    changed("platform_tags", [7]): ("platform_tags", "a list of up to 100000 items, each of type str, is accepted there"),
    changed("platform_tags", ["x"] * 100_001): (
        "platform_tags",
        "a list of up to 100000 items, each of type str, is accepted there",
    ),
    " " * (16 * 1024 * 1024 + 1): ("JSON", "16777217 characters; up to 16777216 are accepted"),
}


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_what_is_wrong_is_named(number: int) -> None:
    text, (part, problem) = list(WRONG.items())[number]
    with pytest.raises(mltags.InvalidTarget) as caught:
        mltags.Target.from_json(text)
    assert (caught.value.part, caught.value.problem) == (part, problem)
    assert len(caught.value.text) <= 100


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(mltags.InvalidTarget, match="JSON: it cannot be read"):
        mltags.Target.from_json("[" * 200_000)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(
                st.sampled_from(["mltags", "python", "platform", "tags", "libc", "version", "platform_tags"]), inner
            ),
        ),
        max_leaves=12,
    ),
    st.sampled_from(["python", "platform", "platform_tags", "platform.libc", "platform.override", "platform.archs", "mltags"]),
)
def test_any_json_is_a_target_or_refused(value: object, path: str) -> None:
    for text in (json.dumps(value), changed(path, value)):
        try:
            target = mltags.Target.from_json(text)
        except (mltags.InvalidTarget, mltags.MltagsError):
            continue
        assert isinstance(target, mltags.Target)
