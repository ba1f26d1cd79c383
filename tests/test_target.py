"""A target: a Python on a platform, probed, declared, or an explicit list of tags."""

import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import packaging.markers
import packaging.tags
import pytest
from conftest import module

import mltags
from mltags.testing import FakeHost, hosts

CP312 = mltags.Python("cp", (3, 12), ["cp312"])


def of(platform: object, **words: object) -> mltags.Target:
    """A declared target of CPython 3.12."""
    return mltags.Target.of(python_version="3.12", implementation="cp", platform=platform, **words)  # type: ignore[arg-type]


class TestProbed:
    """A target of this machine, or of any host."""

    def test_the_current_target_is_that_of_the_local_host(self) -> None:
        assert mltags.Target.current() == mltags.Target.of_host(mltags.LocalHost())
        assert mltags.Target.current().platform == mltags.probe()

    def test_a_host_gives_both_its_python_and_its_machine(self) -> None:
        python = {"implementation": "cpython", "version": (3, 9)}
        target = mltags.Target.of_host(FakeHost("aarch64", glibc="2.18", python=python))
        assert target.python == mltags.Python("cp", (3, 9), ["cp39"])
        assert target.platform_tags == (
            "linux_aarch64",
            "manylinux_2_18_aarch64",
            "manylinux_2_17_aarch64",
            "manylinux2014_aarch64",
        )
        assert target.explicit is None

    def test_max_glibc_leaves_newer_tags_out(self) -> None:
        target = mltags.Target.of_host(hosts["debian-12"], max_glibc="2.5")
        assert target.platform_tags == ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")

    @pytest.mark.parametrize("ask", [mltags.Target.of_host, mltags.probe], ids=["of_host", "probe"])
    def test_a_text_is_no_host(self, ask: Callable[[object], object]) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            ask("centos-7")
        assert (caught.value.text, caught.value.part) == ("centos-7", "host")
        assert caught.value.problem == "expected an object that answers the questions of mltags.Host"

    def test_an_override_module_that_fails_is_an_error(self) -> None:
        host = FakeHost(glibc="2.17", override=module(manylinux_compatible=5))
        with pytest.raises(mltags.OverrideError):
            mltags.Target.of_host(host)


class TestR2PlaceOfLinuxTags:
    """Plain ``linux_<arch>`` comes first where the machine was probed, last where it was declared."""

    NAMES = ("demo-1.0-cp312-cp312-linux_x86_64.whl", "demo-1.0-cp312-cp312-manylinux2014_x86_64.whl")
    FIRST = ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")
    LAST = ("manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64")

    def test_for_a_declared_machine_the_manylinux_wheel_is_better(self) -> None:
        assert of("manylinux2014_x86_64").best(self.NAMES) == "demo-1.0-cp312-cp312-manylinux2014_x86_64.whl"
        assert of("manylinux1_x86_64").platform_tags == self.LAST
        assert of(mltags.parse_platform("manylinux1_x86_64")).platform_tags == self.LAST

    def test_for_a_probed_machine_the_plain_wheel_is_better(self) -> None:
        python = {"implementation": "cpython", "version": (3, 12)}
        target = mltags.Target.of_host(FakeHost(glibc="2.17", python=python))
        assert target.best(self.NAMES) == "demo-1.0-cp312-cp312-linux_x86_64.whl"
        assert mltags.Target.of(platform=mltags.probe(FakeHost(glibc="2.5"))).platform_tags == self.FIRST

    def test_linux_tags_says_otherwise(self) -> None:
        assert of("manylinux1_x86_64", linux_tags="first").platform_tags == self.FIRST
        assert mltags.Target.of_host(FakeHost(glibc="2.5"), linux_tags="last").platform_tags == self.LAST
        platform = mltags.probe(FakeHost(glibc="2.5"))
        assert mltags.Target(CP312, platform, linux_tags="last").platform_tags == self.LAST
        assert mltags.Target(CP312, platform).platform_tags == self.FIRST

    def test_the_place_is_a_part_of_the_platform(self) -> None:
        last = mltags.Target(CP312, mltags.probe(FakeHost(glibc="2.5")), linux_tags="last")
        assert last.platform is not None
        assert last.platform.linux_tags == "last"
        assert last != mltags.Target(CP312, mltags.probe(FakeHost(glibc="2.5")))

    @pytest.mark.parametrize("place", ["middle", "", 7])
    def test_another_place_is_refused(self, place: object) -> None:
        asks: list[Callable[[], object]] = [
            lambda: of("linux_x86_64", linux_tags=place),
            lambda: of(mltags.Platform(archs="x86_64"), linux_tags=place),
            lambda: mltags.Target.current(linux_tags=place),  # type: ignore[arg-type]
            lambda: mltags.platform_tags(linux_tags=place),  # type: ignore[arg-type]
        ]
        for ask in asks:
            with pytest.raises(mltags.InvalidTarget) as caught:
                ask()
            assert str(caught.value) == f"invalid target '{place}': linux_tags: must be 'first' or 'last'"


class TestShown:
    """A target is shown in one line."""

    @pytest.mark.parametrize(
        ("target", "shown"),
        [
            pytest.param(of("manylinux_2_20_x86_64"), "<Target cp312 on x86_64, glibc 2.20: 555 tags>", id="glibc"),
            pytest.param(of("musllinux_1_2_x86_64"), "<Target cp312 on x86_64, musl 1.2: 123 tags>", id="musl"),
            pytest.param(of("win_amd64"), "<Target cp312 on win_amd64: 42 tags>", id="Windows"),
            pytest.param(mltags.Target.from_tags(["py3-none-any"]), "<Target of 1 explicit tag>", id="an explicit tag"),
            pytest.param(mltags.Target.from_tags(["py3-none-any", "py2-none-any"]), "<Target of 2 explicit tags>", id="tags"),
        ],
    )
    def test_it_names_the_python_and_the_machine(self, target: mltags.Target, shown: str) -> None:
        assert repr(target) == shown

    def test_tags_are_packagings(self) -> None:
        target = of("win_amd64")
        assert target.tags[0] == packaging.tags.Tag("cp312", "cp312", "win_amd64")
        assert [str(tag) for tag in target.tags] == list(target.triples)


class TestRankOfTags:
    """``rank`` takes a set of packaging's tags as well."""

    def test_the_best_tag_of_a_set_counts(self) -> None:
        tags = packaging.tags.parse_tag("cp312.cp311-abi3.cp312-win_amd64.win32")
        assert of("win_amd64").rank(tags) == 0
        assert of("win32").rank(packaging.tags.parse_tag("cp311-abi3-win32")) == 3

    @pytest.mark.parametrize("given", [None, Path("a-1-py3-none-any.whl"), ["py3-none-any"]], ids=["None", "a path", "texts"])
    def test_what_is_neither_a_text_nor_a_set_of_tags_is_refused(self, given: object) -> None:
        with pytest.raises(mltags.InvalidWheelName) as caught:
            of("win_amd64").rank(given)  # type: ignore[arg-type]
        problem = "expected a filename (of a path, its name), or a set of tags"
        assert (caught.value.text, caught.value.part, caught.value.problem) == (str(given), "type", problem)

    @pytest.mark.parametrize("name", [None, 1, b"a-1-py3-none-any.whl", Path("a-1-py3-none-any.whl")], ids=repr)
    def test_a_name_that_is_not_a_text_is_refused(self, name: object) -> None:
        target = of("win_amd64")
        asked: list[Callable[[], object]] = [
            lambda: target.best([name]),  # type: ignore[list-item]
            lambda: target.sort(["a-1-py3-none-any.whl", name]),  # type: ignore[list-item]
            lambda: target.explain(name),  # type: ignore[arg-type]
            lambda: target.closest([name]),  # type: ignore[list-item]
        ]
        for ask in asked:
            with pytest.raises(mltags.InvalidWheelName) as caught:
                ask()
            problem = "expected a filename as text (of a path, its name)"
            assert (caught.value.text, caught.value.part, caught.value.problem) == (str(name), "type", problem)

    def test_an_error_of_the_caller_s_own_names_is_left_as_it_is(self) -> None:
        def names() -> Iterator[str]:
            yield "a-1-py3-none-any.whl"
            raise TypeError("mine")

        with pytest.raises(TypeError, match=r"^mine$"):
            of("win_amd64").best(names())

    def test_a_set_that_does_not_fit_has_no_rank(self) -> None:
        assert of("win_amd64").rank(packaging.tags.parse_tag("cp312-cp312-win32")) is None
        assert of("win_amd64").rank(frozenset()) is None


class TestSysTags:
    """``sys_tags`` is a drop-in for packaging's."""

    @pytest.mark.parametrize("warn", [False, True])
    def test_it_yields_the_tags_of_the_current_target(self, warn: bool) -> None:  # noqa: FBT001
        tags = mltags.sys_tags(warn=warn)
        assert next(tags) == mltags.Target.current().tags[0]
        assert (*tags,) == mltags.Target.current().tags[1:]

    def test_a_python_that_is_not_known_is_a_system_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mltags.LocalHost, "python", lambda _: {})
        with pytest.raises(SystemError) as caught:
            next(mltags.sys_tags())
        assert str(caught.value) == (
            "LocalHost(): its Python version is unknown; pass python_version (--python-version), such as 3.12"
        )
        assert type(caught.value.__cause__) is mltags.ProbeError

    def test_an_override_module_that_fails_is_an_override_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mltags.LocalHost, "confstr", lambda *_: "glibc 2.17")
        monkeypatch.setitem(sys.modules, "_manylinux", module(manylinux_compatible=5))
        with pytest.raises(mltags.OverrideError):
            next(mltags.sys_tags())


def markers(**known: str) -> "dict[str, str]":
    """All eleven environment markers: those of CPython 3.12 on an unnamed Linux machine, but for the *known* ones."""
    return {
        "implementation_name": "cpython",
        "implementation_version": "3.12.0",
        "os_name": "posix",
        "platform_machine": "",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": "3.12.0",
        "python_version": "3.12",
        "sys_platform": "linux",
        **known,
    }


WINDOWS = {"os_name": "nt", "platform_system": "Windows", "sys_platform": "win32"}
DARWIN = {"platform_system": "Darwin", "sys_platform": "darwin"}
NOWHERE = {"os_name": "", "platform_system": "", "sys_platform": ""}


class TestR15Environment:
    """All eleven environment markers, always: from the host where it was probed, from the words where it was declared."""

    @pytest.mark.parametrize(
        ("platform", "known"),
        [
            ("manylinux_2_28_x86_64", {"platform_machine": "x86_64"}),
            ("linux_armv8l", {"platform_machine": "armv8l"}),
            (["musllinux_1_2_aarch64", "linux_x86_64"], {"platform_machine": "aarch64"}),
            ("win_amd64", {"platform_machine": "AMD64", **WINDOWS}),
            ("win32", {"platform_machine": "x86", **WINDOWS}),
            ("macosx_11_0_arm64", {"platform_machine": "arm64", **DARWIN}),
            ("macosx_10_9_universal2", {"platform_machine": "arm64", **DARWIN}),
            ("ios_13_0_arm64_iphoneos", {"platform_machine": "arm64", "platform_system": "iOS", "sys_platform": "ios"}),
            ("android_24_arm64_v8a", {"platform_machine": "aarch64", "platform_system": "Android", "sys_platform": "android"}),
            (
                "freebsd_14_1_release_amd64",
                {"platform_machine": "amd64", "platform_system": "FreeBSD", "sys_platform": "freebsd14"},
            ),
            ("any", NOWHERE),
        ],
        ids=str,
    )
    def test_words_say_what_the_machine_is(self, platform: object, known: dict) -> None:
        assert of(platform).environment == markers(**known)

    @pytest.mark.parametrize(
        ("words", "known"),
        [
            pytest.param(
                {"python_version": "3.12.7"},
                {"python_full_version": "3.12.7", "implementation_version": "3.12.7"},
                id="a patch release",
            ),
            pytest.param(
                {"python_version": (3, 12, 7)},
                {"python_full_version": "3.12.7", "implementation_version": "3.12.7"},
                id="three numbers",
            ),
            pytest.param(
                {"python_version": "3"},
                {"python_full_version": "3.0.0", "implementation_version": "3.0.0", "python_version": "3"},
                id="a major version alone",
            ),
            pytest.param(
                {"implementation": "pp", "abis": "pypy312_pp73"},
                {"implementation_name": "pypy", "platform_python_implementation": "PyPy"},
                id="PyPy",
            ),
            pytest.param({"implementation": "py"}, {}, id="any Python"),
            pytest.param(
                {"implementation": "fk", "abis": "fk3"},
                {"implementation_name": "fk", "platform_python_implementation": "fk"},
                id="an unknown implementation",
            ),
            pytest.param(
                {"environment": {"platform_release": "6.1", "python_full_version": "3.12.9"}},
                {"platform_release": "6.1", "python_full_version": "3.12.9"},
                id="single markers",
            ),
        ],
    )
    def test_words_say_what_the_python_is(self, words: dict, known: dict) -> None:
        given = {"python_version": "3.12", "implementation": "cp", "platform": "linux_x86_64", **words}
        assert mltags.Target.of(**given).environment == markers(platform_machine="x86_64", **known)

    @pytest.mark.parametrize(
        ("words", "full"),
        [
            ({"python_version": "3.9"}, "3.9.0"),
            ({"implementation": "py"}, f"{sys.version_info[0]}.{sys.version_info[1]}.0"),
            ({}, packaging.markers.default_environment()["python_full_version"]),
        ],
        ids=["a version", "an implementation", "neither"],
    )
    def test_a_python_that_words_describe_is_not_the_one_that_runs(self, words: dict, full: str) -> None:
        found = mltags.Target.of(**words).environment
        machine = packaging.markers.default_environment()["platform_machine"]
        assert (found["python_full_version"], found["platform_machine"]) == (full, machine)

    def test_of_a_list_the_first_of_each_counts(self) -> None:
        lines = ["cp312-cp312-win_amd64", "cp311-cp311-win32", "py3-none-manylinux_2_17_aarch64"]
        found = mltags.Target.from_tags(lines).environment
        assert (found["python_version"], found["platform_machine"], found["platform_system"]) == ("3.12", "AMD64", "Windows")

    def test_this_machine_has_packagings(self) -> None:
        default = packaging.markers.default_environment()
        assert mltags.Target.current().environment == default
        assert mltags.Target.of().environment == default

    def test_what_is_given_counts_more_than_what_this_machine_answers(self) -> None:
        default = packaging.markers.default_environment()
        assert mltags.Target.of(environment={"platform_release": "6.1"}).environment == {**default, "platform_release": "6.1"}

    def test_another_python_on_this_machine_keeps_the_machines(self) -> None:
        found = mltags.Target.of(python_version="3.12", implementation="cp").environment
        default = packaging.markers.default_environment()
        assert found["python_full_version"] == "3.12.0"
        for name in ("platform_machine", "platform_release", "platform_version", "os_name", "sys_platform"):
            assert found[name] == default[name]

    @pytest.mark.parametrize(
        "answer",
        [RuntimeError("why"), SystemExit(), {}, None, {"platform_machine": 5, "nonsense": "x"}],
        ids=["an error", "an exit", "nothing", "None", "odd ones"],
    )
    def test_what_a_host_does_not_answer_is_derived(self, answer: object) -> None:
        python = {"implementation": "cpython", "version": (3, 12)}
        host = FakeHost(glibc="2.17", python=python, answers={"markers": answer})
        assert mltags.Target.of_host(host).environment == markers(platform_machine="x86_64")

    def test_a_host_is_asked_once(self) -> None:
        asked = []

        def answer() -> "dict[str, str]":
            asked.append(1)
            return {"platform_release": "6.1"}

        python = {"implementation": "cpython", "version": (3, 12)}
        target = mltags.Target.of_host(FakeHost(glibc="2.17", python=python, answers={"markers": answer}))
        assert not asked
        for _ in range(2):
            assert target.environment == markers(platform_machine="x86_64", platform_release="6.1")
        assert len(asked) == 1

    @pytest.mark.parametrize(
        ("lines", "known"),
        [
            pytest.param(["cp312-cp312-win_amd64", "py3-none-any"], {"platform_machine": "AMD64", **WINDOWS}, id="Windows"),
            pytest.param(
                ["cp312-none-any", "cp311-none-manylinux_2_17_x86_64"], {"platform_machine": "x86_64"}, id="any first"
            ),
            pytest.param(
                ["cp312-cp312-nonsense", "cp312-cp312-linux_x86_64"],
                {"platform_machine": "x86_64"},
                id="an unknown platform first",
            ),
            pytest.param(["foo-bar-nonsense", "cp312-none-any"], NOWHERE, id="no platform that is known"),
            pytest.param(
                [], {"implementation_version": "", "python_full_version": "", "python_version": "", **NOWHERE}, id="no tags"
            ),
        ],
    )
    def test_explicit_tags_say_what_their_first_python_and_platform_are(self, lines: list, known: dict) -> None:
        assert mltags.Target.from_tags(lines).environment == markers(**known)

    def test_a_marker_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            of("linux_x86_64", environment={"platform_releases": "6.1"})
        assert (caught.value.text, caught.value.part) == ("platform_releases", "environment")
        assert caught.value.problem == (
            "expected one of implementation_name, implementation_version, os_name, platform_machine, "
            "platform_python_implementation, platform_release, platform_system, platform_version, python_full_version, "
            "python_version, sys_platform; did you mean platform_release?"
        )
        with pytest.raises(mltags.InvalidTarget) as caught:
            of("linux_x86_64", environment={7: "6.1"})
        assert caught.value.problem.endswith("python_version, sys_platform")

    def test_a_marker_that_is_no_text_is_refused(self) -> None:
        with pytest.raises(mltags.InvalidTarget) as caught:
            of("linux_x86_64", environment={"platform_release": 6.1})
        assert str(caught.value) == "invalid target '6.1': environment marker platform_release: expected a text"

    def test_markers_travel_and_are_not_compared(self) -> None:
        target = of("linux_x86_64", environment={"platform_release": "6.1"})
        again = pickle.loads(pickle.dumps(target))
        assert again == target == of("linux_x86_64")
        assert again.environment == target.environment
        current = mltags.Target.current()
        assert pickle.loads(pickle.dumps(current)).environment == current.environment
