"""Targets as JSON: saved and read again, on whatever machine; wrong ones refused."""

import json

import pytest
from conftest import module
from hypothesis import given
from hypothesis import strategies as st
from test_ranks import TARGETS

import mltags
from mltags import _saved
from mltags.testing import FakeHost


def on(**machine: object) -> mltags.Target:
    python = {"implementation": "cpython", "version": (3, 12)}
    return mltags.Target.of_host(FakeHost(python=python, **machine), max_glibc="2.36")  # type: ignore[arg-type]


def declared(platform: object, **words: object) -> mltags.Target:
    return mltags.Target.of(python_version="3.12", implementation="cp", platform=platform, **words)  # type: ignore[arg-type]


SAVED = {
    **TARGETS,
    "refused by an override": on(glibc="2.20", override=module(manylinux2014_compatible=False, manylinux1_compatible=True)),
    "musl": on(musl="1.2"),
    "no C library": on(machine="mips64"),
    "declared": declared("manylinux_2_28_x86_64"),
    "linux tags first": declared("manylinux_2_28_x86_64", linux_tags="first"),
    "several platforms": declared(["win_amd64", "any"]),
    "max_glibc": declared("manylinux_2_28_x86_64", max_glibc="2.17"),
    "another implementation": mltags.Target.of(python_version="3", implementation="fk", abis=["fk3"], platform="linux_x86_64"),
    "markers": declared("linux_x86_64", environment={"platform_release": "6.1", "python_full_version": "3.12.4"}),
}


class TestRoundTrip:
    """What was saved is the same target again: all its values, its tags in their order, its evidence and markers."""

    @pytest.mark.parametrize("name", SAVED)
    def test_a_target_is_the_same_again(self, name: str) -> None:
        target = SAVED[name]
        again = mltags.Target.from_json(target.to_json())
        assert again == target
        assert list(again.triples) == list(target.triples)
        assert again.environment == target.environment
        if target.platform is not None and again.platform is not None:
            assert again.platform.evidence == target.platform.evidence

    @pytest.mark.parametrize("name", SAVED)
    def test_a_target_ranks_as_before(self, name: str) -> None:
        again = mltags.Target.from_json(SAVED[name].to_json())
        for triple in list(SAVED[name].triples)[::50]:
            python, abi, platform = triple.split("-", 2)
            if python.isidentifier() and abi.isidentifier() and platform.isidentifier():
                wheel = f"demo-1.0-{triple}.whl"
                assert again.rank(wheel) == SAVED[name].rank(wheel)

    def test_linux_tags_are_saved(self) -> None:
        for place in ("first", "last"):
            saved = json.loads(declared("linux_x86_64", linux_tags=place).to_json())
            assert saved["platform"]["linux_tags"] == place
            again = mltags.Target.from_json(json.dumps(saved))
            assert again.platform is not None
            assert again.platform.linux_tags == place

    def test_a_subclass_reads_its_own(self) -> None:
        class Mine(mltags.Target):
            pass

        assert type(Mine.from_json(declared("win32").to_json())) is Mine

    def test_one_line_holds_all(self) -> None:
        assert json.loads(declared("win32", environment={"platform_release": "11"}).to_json()) == {
            "mltags": 1,
            "python": {"implementation": "cp", "version": [3, 12], "abis": ["cp312"], "declared": False},
            "platform": {
                "system": "Windows",
                "archs": [],
                "libc_archs": [],
                "libc": None,
                "max_glibc": None,
                "linux_tags": "last",
                "override": None,
                "explicit_tags": ["win32"],
                "evidence": [{"fact": "platform", "question": "declared", "answer": "'win32'", "conclusion": "win32"}],
            },
            "environment": {
                "implementation_name": "cpython",
                "implementation_version": "3.12.0",
                "os_name": "nt",
                "platform_machine": "x86",
                "platform_python_implementation": "CPython",
                "platform_release": "11",
                "platform_system": "Windows",
                "platform_version": "",
                "python_full_version": "3.12.0",
                "python_version": "3.12",
                "sys_platform": "win32",
            },
            "platform_tags": ["win32"],
            "tags": [
                "cp312-cp312-win32",
                "cp312-abi3-win32",
                "cp312-none-win32",
                *[f"cp3{minor}-abi3-win32" for minor in range(11, 1, -1)],
                "py312-none-win32",
                "py3-none-win32",
                *[f"py3{minor}-none-win32" for minor in range(11, -1, -1)],
                "cp312-none-any",
                "py312-none-any",
                "py3-none-any",
                *[f"py3{minor}-none-any" for minor in range(11, -1, -1)],
            ],
        }

    def test_versions_and_overrides_are_saved_by_their_numbers(self) -> None:
        saved = json.loads(SAVED["refused by an override"].to_json())["platform"]
        assert saved["libc"] == {"family": "glibc", "version": [2, 20]}
        assert saved["max_glibc"] == [2, 36]
        assert saved["override"] == {
            "source": "/usr/lib/python3/_manylinux.py",
            "refused": [{"version": [2, 17], "arch": "x86_64", "by": "manylinux2014_compatible"}],
            "allowed": ["manylinux1_compatible"],
        }


def changed(path: str, value: object) -> str:
    """A saved target with one value in it changed."""
    saved = json.loads(SAVED["refused by an override"].to_json())
    place = saved
    *parents, last = path.split(".")
    for word in parents:
        place = place[int(word) if word.isdigit() else word]
    place[last] = value
    return json.dumps(saved)


class TestReading:
    """Other tools' files, and those that somebody wrote by hand or saved in another encoding."""

    def test_equal_architectures_count_once(self) -> None:
        target = mltags.Target.from_json(changed("platform.archs", ["x86_64", "x86_64"]))
        assert target.platform is not None
        assert target.platform.archs == ("x86_64",)
        assert target.rank("a-1-cp312-cp312-linux_x86_64.whl") == 0
        assert len(set(target.triples)) == len(target.triples)

    def test_tags_follow_from_the_facts(self) -> None:
        target = mltags.Target.from_json(changed("platform_tags", ["x"]))
        assert target.platform_tags == SAVED["refused by an override"].platform_tags

    def test_pexs_complete_platform_is_read(self) -> None:
        saved = {
            "marker_environment": {"python_full_version": "3.12.4", "platform_release": None},
            "compatible_tags": ["cp312-cp312-linux_x86_64", "py3-none-any"],
        }
        target = mltags.Target.from_json(json.dumps(saved))
        assert target == mltags.Target.from_tags(["cp312-cp312-linux_x86_64", "py3-none-any"])
        assert target.environment["python_full_version"] == "3.12.4"
        assert target.environment["platform_release"] == ""

    def test_pex_is_given_what_it_reads(self) -> None:
        saved = json.loads(_saved.to_pex(SAVED["markers"]))
        assert saved == {
            "path": None,
            "marker_environment": SAVED["markers"].environment,
            "compatible_tags": list(SAVED["markers"].triples),
        }
        again = mltags.Target.from_json(json.dumps(saved))
        assert again.triples == SAVED["markers"].triples
        assert again.environment == SAVED["markers"].environment

    def test_a_target_without_markers_is_read(self) -> None:
        saved = json.loads(SAVED["markers"].to_json())
        del saved["environment"]
        assert mltags.Target.from_json(json.dumps(saved)) == SAVED["markers"]
        assert mltags.Target.from_json(json.dumps(saved)).environment["platform_release"] == ""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le with a mark", "utf-16-be with a mark"])
    @pytest.mark.parametrize("name", ["musl", "odd platforms"])
    def test_bytes_are_read_in_each_encoding_that_shells_write(self, name: str, encoding: str) -> None:
        text = SAVED[name].to_json()
        if encoding.endswith("with a mark"):
            data = f"\ufeff{text}\r\n".encode(encoding.removesuffix(" with a mark"))
        else:
            data = f"{text}\r\n".encode(encoding)
        assert _saved.from_bytes(mltags.Target, data) == SAVED[name]

    def test_a_text_may_begin_with_a_byte_order_mark(self) -> None:
        assert mltags.Target.from_json("\ufeff" + SAVED["musl"].to_json()) == SAVED["musl"]

    @pytest.mark.parametrize(
        ("data", "problem"),
        [(b"\xfe\xff\xd8\x00", "unexpected end of data"), (b"{}\xff", "can't decode byte 0xff")],
        ids=["UTF-16 cut off", "not UTF-8"],
    )
    def test_bytes_in_no_encoding_are_refused(self, data: bytes, problem: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            _saved.from_bytes(mltags.Target, data)
        assert (caught.value.text, caught.value.part) == (repr(data), "JSON")
        assert caught.value.problem.startswith("cannot be read: 'utf-")
        assert problem in caught.value.problem


TEXTS = "expected a list of up to 100000 items of type str"
WRITERS = "`mltags probe --json` and `Target.to_json` write such a file"
LIBC = "expected a family (glibc or musl) and a version of two numbers"
WRONG = {
    "nothing": ("", "JSON", f"cannot be read: Expecting value: line 1 column 1 (char 0); {WRITERS}"),
    "a list": ("[1]", "JSON", f"expected an object; {WRITERS}"),
    "no schema": ("{}", "schema", f"expected 1; {WRITERS}"),
    "true as the schema": ('{"mltags": true}', "schema", f"expected 1; {WRITERS}"),
    "an older schema": ('{"mltags": 0}', "schema", f"expected 1; {WRITERS}"),
    "a newer schema": ('{"mltags": 2}', "schema", "expected 1; it was written by a newer mltags"),
    "pex's tags as a number": ('{"compatible_tags": 7}', "compatible_tags", TEXTS),
    "pex's tag that is none": (
        '{"compatible_tags": ["x"]}',
        "tag",
        "expected one tag a line, such as 'cp312-abi3-linux_x86_64'",
    ),
    "pex's markers as a list": ('{"compatible_tags": [], "marker_environment": [1]}', "environment", "expected an object"),
    "pex's markers without its tags": (
        '{"marker_environment": {}}',
        "compatible_tags",
        "is missing; `pex3 interpreter inspect --markers --tags` writes a file with it",
    ),
    "neither facts nor tags": ('{"mltags": 1}', "tags", f"is missing; {TEXTS}"),
    "a tag that is none": ('{"mltags": 1, "tags": ["x"]}', "tags", "expected a list of py-abi-plat texts"),
    "a Python that is no object": (changed("python", 7), "python", "expected an object"),
    "a version of text": (changed("python.version", ["3"]), "version", "expected a list of up to 100000 items of type int"),
    "a version of truth values": (
        changed("python.version", [True]),
        "version",
        "expected a list of up to 100000 items of type int",
    ),
    "a Python beyond the bounds": (
        changed("python.version", [3, 1000]),
        "Python version",
        "expected one or two whole numbers, up to 99 and 999",
    ),
    "no implementation": (changed("python.implementation", None), "implementation", "expected text"),
    "declared that is no truth value": (changed("python.declared", 1), "declared", "expected true or false"),
    "no platform": (changed("platform", None), "platform", "expected an object"),
    "an unknown C library": (changed("platform.libc", {"family": "bionic", "version": [1, 2]}), "libc", LIBC),
    "a C library of one number": (changed("platform.libc", {"family": "glibc", "version": [2]}), "libc", LIBC),
    "a C library beyond the bounds": (
        changed("platform.libc", {"family": "glibc", "version": [2, 10**9]}),
        "glibc version",
        "expected two whole numbers, up to 99 and 999",
    ),
    "max_glibc of one number": (changed("platform.max_glibc", [2]), "max_glibc", "expected two numbers"),
    "linux_tags in the middle": (changed("platform.linux_tags", "middle"), "linux_tags", "must be 'first' or 'last'"),
    "no linux_tags": (changed("platform.linux_tags", None), "linux_tags", "expected text"),
    "a refusal of one number": (
        changed("platform.override", {"source": "x", "refused": [{"version": [2]}]}),
        "version",
        "expected two numbers",
    ),
    "seventeen architectures": (
        changed("platform.archs", [f"a{number}" for number in range(17)]),
        "archs",
        "expected up to 16 architectures",
    ),
    "seventeen architectures of a C library": (
        changed("platform.libc_archs", [f"a{number}" for number in range(17)]),
        "archs",
        "expected up to 16 architectures",
    ),
    "evidence of a number": (changed("platform.evidence", [{"fact": 7}]), "fact", "expected text"),
    "explicit tags of numbers": (changed("platform.explicit_tags", [7]), "explicit_tags", TEXTS),
    "too many explicit tags": (changed("platform.explicit_tags", ["x"] * 100_001), "explicit_tags", TEXTS),
    "a marker that is no text": (changed("environment.os_name", 7), "environment marker os_name", "expected a text"),
    "too long a text": (" " * (16 * 1024 * 1024 + 1), "JSON", "has 16777217 characters; the limit is 16777216"),
}


class TestRefusals:
    """What is wrong in a file is named, and what is expected there; no file makes a list in proportion to a number in it."""

    @pytest.mark.parametrize("name", WRONG)
    def test_what_is_wrong_is_named(self, name: str) -> None:
        text, part, problem = WRONG[name]
        with pytest.raises(mltags.InvalidTarget) as caught:
            mltags.Target.from_json(text)
        assert (caught.value.part, caught.value.problem) == (part, problem)
        assert len(caught.value.text) <= 100

    def test_what_is_missing_is_shown_with_the_file(self) -> None:
        for text, shown in (("{}", "{}"), ('{"mltags": 1}', "{'mltags': 1}"), ('{"mltags": 2}', "2")):
            with pytest.raises(mltags.InvalidTarget) as caught:
                mltags.Target.from_json(text)
            assert caught.value.text == shown

    def test_deep_nesting_is_refused(self) -> None:
        with pytest.raises(mltags.InvalidTarget, match="JSON: cannot be read"):
            mltags.Target.from_json("[" * 200_000)

    @given(
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=4),
                st.dictionaries(
                    st.sampled_from(["mltags", "python", "platform", "tags", "libc", "version", "environment"]), inner
                ),
            ),
            max_leaves=12,
        ),
        st.sampled_from(
            ["python", "platform", "environment", "platform.libc", "platform.override", "platform.archs", "mltags"]
        ),
    )
    def test_any_json_is_a_target_or_refused(self, value: object, path: str) -> None:
        for text in (json.dumps(value), changed(path, value)):
            try:
                target = mltags.Target.from_json(text)
            except mltags.InvalidTarget:
                continue
            assert mltags.Target.from_json(target.to_json()) == target
