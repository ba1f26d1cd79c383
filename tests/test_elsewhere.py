"""Systems other than Linux, whose platform tags are packaging's, and the ABIs of other implementations."""

import itertools

import pytest

import mltags
from mltags import _elsewhere, _probe
from mltags.testing import FakeHost


def facts(platform: mltags.Platform, fact: str) -> "list[tuple[str, str, str]]":
    return [(item.question, item.answer, item.conclusion) for item in platform.evidence if item.fact == fact]


class TestR11OtherSystems:
    """On systems other than Linux the platform tags are those that packaging lists, in that order."""

    @pytest.mark.parametrize(
        ("tags", "explicit"),
        [
            pytest.param(
                ["macosx_11_0_arm64", "macosx_11_0_universal2", "macosx_11_0_arm64"],
                ("macosx_11_0_arm64", "macosx_11_0_universal2"),
                id="a list with a duplicate",
            ),
            pytest.param([], (), id="an empty list"),
            pytest.param(OSError("no"), (), id="an error"),
            pytest.param(7, (), id="a number"),
            pytest.param("macosx", (), id="a text"),
        ],
    )
    def test_the_list_is_the_hosts(self, tags: object, explicit: "tuple[str, ...]") -> None:
        platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": tags}))
        assert (platform.system, platform.explicit_tags, platform.archs) == ("Darwin", explicit, ())
        assert mltags.platform_tags(platform) == explicit

    def test_the_evidence_has_the_number_of_tags(self) -> None:
        platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": [7, "a", "7"]}))
        assert platform.explicit_tags == ("7", "a")
        assert facts(platform, "tags") == [("packaging.tags.platform_tags()", "2", "number of platform tags")]

    def test_a_failure_is_evidence(self) -> None:
        platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": OSError("no")}))
        assert facts(platform, "tags") == [("packaging.tags.platform_tags()", "OSError: no", "no platform tags")]

    def test_a_list_that_ends_in_an_exit_has_no_tags(self) -> None:
        def tags() -> object:
            yield "macosx_11_0_arm64"
            raise SystemExit("enough")

        platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": tags}))
        assert platform.explicit_tags == ()
        assert facts(platform, "tags") == [("packaging.tags.platform_tags()", "SystemExit: enough", "no platform tags")]

    def test_a_machine_that_cannot_name_its_system_is_of_none(self) -> None:
        platform = mltags.probe(FakeHost(answers={"system": OSError("no"), "platform_tags": ["x"]}))
        assert (platform.system, platform.explicit_tags) == ("", ("x",))
        assert facts(platform, "system") == [("platform.system()", "OSError: no", "unknown")]

    @pytest.mark.parametrize(
        ("system", "tags"),
        [
            ("Emscripten", ["pyemscripten_2026_0_wasm32", "emscripten_4_0_9_wasm32"]),
            ("AIX", ["aix_7206_1806_64"]),
            ("FreeBSD", ["freebsd_15_1_release_amd64"]),
        ],
    )
    def test_a_large_number_in_a_name_without_ranges_is_part_of_the_name(self, system: str, tags: "list[str]") -> None:
        assert mltags.platform_tags(mltags.probe(FakeHost(system=system, platform_tags=tags))) == tuple(tags)

    def test_probing_asks_for_the_list_of_that_system(self) -> None:
        platform = mltags.probe(FakeHost("macosx-12.0-arm64"))
        assert mltags.platform_tags(platform)[:4] == (
            "macosx_12_0_arm64",
            "macosx_12_0_universal2",
            "macosx_11_0_arm64",
            "macosx_11_0_universal2",
        )
        assert mltags.platform_tags(mltags.probe(FakeHost("win-amd64"))) == ("win_amd64",)


class TestR13OtherSystems:
    """A version that opens a range of tags has a limit; a list longer than any real one is not read to its end."""

    @pytest.mark.parametrize(
        "tag", ["macosx_99_999_arm64", "ios_99_999_arm64_iphoneos", "android_999_arm64_v8a", "macosx_x_arm64", "aix_7206_64"]
    )
    def test_a_version_within_the_limit_is_kept(self, tag: str) -> None:
        assert mltags.probe(FakeHost(system="Other", platform_tags=[tag])).explicit_tags == (tag,)

    @pytest.mark.parametrize(
        "tag",
        [
            "macosx_100_0_arm64",
            "MacOSX_100_0_arm64",
            "macosx_10_1000_arm64",
            "macosx_0010_0_arm64",
            "ios_100_0_arm64_iphoneos",
            "android_1000_x86",
        ],
    )
    def test_a_version_beyond_the_limit_is_unknown(self, tag: str) -> None:
        platform = mltags.probe(FakeHost(system="Other", platform_tags=[tag]))
        assert platform.explicit_tags == ()
        problem = f"ValueError: a version beyond any real one: {tag}"
        assert facts(platform, "tags") == [("packaging.tags.platform_tags()", problem, "no platform tags")]

    def test_an_absurd_version_opens_no_range(self) -> None:
        def tags() -> object:
            for major in range(300_000, 0, -1):
                yield f"macosx_{major}_0_arm64"
            raise AssertionError

        platform = mltags.probe(FakeHost(system="Darwin", answers={"platform_tags": tags}))
        assert platform.explicit_tags == ()
        assert facts(platform, "tags")[0][1] == "ValueError: a version beyond any real one: macosx_300000_0_arm64"

    def test_a_list_without_end_is_not_read_to_its_end(self) -> None:
        read = []

        def tags() -> object:
            for number in range(1_000_000):
                read.append(number)
                yield f"x_{number}"

        platform = mltags.probe(FakeHost(system="Other", answers={"platform_tags": tags}))
        assert platform.explicit_tags == ()
        assert facts(platform, "tags")[0][1] == "ValueError: more than 10000 platform tags"
        assert len(read) == 10_001

    def test_nor_is_one_of_the_same_tag_again_and_again(self) -> None:
        platform = mltags.probe(FakeHost(system="Other", answers={"platform_tags": lambda: itertools.repeat("x_1")}))
        assert platform.explicit_tags == ()

    def test_a_list_of_the_longest_length_is_kept(self) -> None:
        several = [f"x_{number}" for number in range(10_000)]
        assert mltags.probe(FakeHost(system="Other", platform_tags=several)).explicit_tags == tuple(several)


UNKNOWN = "its ABI is unknown (suffix of extension modules: {!r}); pass abis (--abi), such as pypy311_pp73"


class TestR11OtherImplementations:
    """The ABI of an implementation other than CPython stands in the file suffix of its extension modules (PEP 3149)."""

    @pytest.mark.parametrize(
        ("suffix", "abis"),
        [
            pytest.param(".pypy311-pp73-x86_64-linux-gnu.so", ["pypy311_pp73"], id="PyPy"),
            pytest.param(".graalpy242-312-native-x86_64-linux.so", ["graalpy242_312_native"], id="GraalPy"),
            pytest.param(".cpython-312-x86_64-linux-gnu.so", ["cp312"], id="CPython's"),
            pytest.param(".cpython-313t-x86_64-linux-gnu.so", ["cp313t"], id="CPython's, free-threaded"),
            pytest.param(".cp312-win_amd64.pyd", ["cp312"], id="CPython's on Windows"),
            pytest.param(".other-1 x-y.so", ["other_1_x_y"], id="an unknown one, whole"),
            pytest.param(".so", ["cp312"], id="one that names no ABI"),
        ],
    )
    def test_a_suffix_that_names_the_abi(self, suffix: str, abis: "list[str]") -> None:
        assert _elsewhere.abis_elsewhere((3, 12), {"ext_suffix": suffix}, "fake") == abis

    def test_a_suffix_of_nothing_has_no_abi(self) -> None:
        assert _elsewhere.abis_elsewhere((3, 12), {"ext_suffix": "..so"}, "fake") == []

    @pytest.mark.parametrize(
        "suffix",
        [
            pytest.param(None, id="none"),
            pytest.param(7, id="a number"),
            pytest.param("so", id="no dot"),
            pytest.param("x.y.so", id="no dot in front"),
            pytest.param(".cpython-.so", id="CPython's without a version"),
            pytest.param(".cpython.so", id="CPython's without anything"),
        ],
    )
    def test_a_suffix_that_does_not_is_an_error_that_says_what_to_pass(self, suffix: object) -> None:
        answers = {"implementation": "pypy", "version": (3, 11), "ext_suffix": suffix}
        with pytest.raises(mltags.ProbeError) as caught:
            _probe.python_from(answers, "fake")
        assert (caught.value.source, caught.value.problem) == ("fake", UNKNOWN.format(suffix))

    def test_a_probed_pypy(self) -> None:
        answers = {"implementation": "pypy", "version": (3, 11), "ext_suffix": ".pypy311-pp73-x86_64-linux-gnu.so"}
        target = mltags.Target.of_host(FakeHost(glibc="2.17", python=answers))
        assert target.python == mltags.Python("pp", (3, 11), ["pypy311_pp73"])
        assert target.triples[0] == "pp311-pypy311_pp73-linux_x86_64"
