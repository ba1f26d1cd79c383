"""Machines that a test makes up: what they answer, and what a probe makes of it."""

import doctest
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import mltags
import mltags.testing
from mltags.testing import FakeHost, UnscriptedQuestionError, find_host, hosts, make_elf

#: Name -> platform tags, best first.
EXPECTED = {
    name: tags.split()
    for name, _, tags in [
        line.partition(": ") for line in (Path(__file__).parent.parent / "hosts.txt").read_text().splitlines() if line[0] != "#"
    ]
}


def tags_of(host: FakeHost) -> list[str]:
    return list(mltags.platform_tags(mltags.probe(host)))


class TestHosts:
    """Machines that people test for have names."""

    def test_every_one_has_its_expected_tags(self) -> None:
        assert {name: tags_of(host) for name, host in hosts.items()} == EXPECTED

    def test_a_name_or_a_host_is_found(self) -> None:
        assert find_host("centos-7") is hosts["centos-7"]
        host = FakeHost()
        assert find_host(host) is host

    @pytest.mark.parametrize(
        ("name", "machine"),
        [
            ("fedora-43:aarch64", "FakeHost('aarch64', glibc='2.42', musl=None)"),
            ("alpine-3.12:x86", "FakeHost('i686', glibc=None, musl='1.1')"),
            ("raspberry-pi-os-13:armv8l", "FakeHost('aarch64', glibc='2.41', musl=None)"),
            ("macos-26", "FakeHost('macosx-26.0-arm64', glibc=None, musl=None)"),
            ("windows-10:arm64", "FakeHost('win-arm64', glibc=None, musl=None)"),
        ],
    )
    def test_every_machine_with_a_name_is_found(self, name: str, machine: str) -> None:
        host = find_host(name)
        assert repr(host) == machine
        assert mltags.platform_tags(mltags.probe(host), linux_tags="last") == mltags.Target.of_machine(name).platform_tags

    def test_an_unknown_name_is_refused_with_those_that_may_be_meant(self) -> None:
        with pytest.raises(mltags.InvalidTarget) as refusal:
            find_host("centos-5")
        assert str(refusal.value) == (
            "invalid target 'centos-5': host: expected a machine with its C library, such as ('aarch64', glibc='2.28'), or a name "
            "in mltags.testing.hosts or mltags.machines(): expected one of centos-6, centos-7, centos-8"
        )


class TestLinux:
    """A machine's name, its C library and its pointer size make a Linux host."""

    def test_the_machine_is_probed_so_plain_linux_tags_are_first(self) -> None:
        assert mltags.probe(FakeHost(glibc="2.5")).linux_tags == "first"
        assert tags_of(FakeHost(glibc="2.5")) == ["linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"]
        assert tags_of(FakeHost("aarch64", glibc="2.16")) == ["linux_aarch64"]
        assert tags_of(FakeHost(musl="1.1.24")) == ["linux_x86_64", "musllinux_1_1_x86_64", "musllinux_1_0_x86_64"]
        assert tags_of(FakeHost()) == ["linux_x86_64"]

    @pytest.mark.parametrize(
        ("machine", "size", "archs"),
        [
            pytest.param("x86_64", 4, ("i686",), id="i686 on a 64-bit kernel"),
            pytest.param("aarch64", 4, ("armv8l", "armv7l"), id="32-bit ARM on a 64-bit kernel"),
            pytest.param("i686", None, ("i686",), id="i686 has pointers of four bytes"),
            pytest.param("armv7l", None, ("armv7l",), id="armv7l has pointers of four bytes"),
            pytest.param("s390x", None, ("s390x",), id="s390x is big-endian"),
        ],
    )
    @pytest.mark.parametrize("libc", [{"glibc": "2.17"}, {"musl": "1.2"}], ids=["glibc", "musl"])
    def test_the_pointer_size_and_the_program_follow_from_the_machine(
        self, machine: str, size: int | None, archs: tuple[str, ...], libc: dict[str, Any]
    ) -> None:
        found = mltags.probe(FakeHost(machine, pointer_size=size, **libc))
        assert found.archs == found.libc_archs == archs

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64", "i686", "armv7l"])
    def test_with_both_c_libraries_it_is_a_musl_with_a_shim(self, machine: str) -> None:
        host = FakeHost(machine, glibc="2.17", musl="1.2")
        assert mltags.probe(host).libc == mltags.Musl(1, 2)
        assert host.gnu_get_libc_version() == "2.17"

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64", "i686", "armv7l"])
    def test_a_glibc_that_confstr_names_is_decisive_on_every_architecture(self, machine: str) -> None:
        """Report A4: confstr is answered by the process's own C library; a shim answers ctypes only."""
        host = FakeHost(machine, musl="1.2", answers={"confstr": "glibc 2.35"})
        assert mltags.probe(host).libc == mltags.Glibc(2, 35)
        assert tags_of(host)[:2] == [f"linux_{machine}", f"manylinux_2_35_{machine}"]

    @pytest.mark.parametrize(
        "elf", [None, b"", make_elf("armv7l", flags=0x05000000)], ids=["unreadable", "empty", "soft float"]
    )
    def test_the_program_may_be_given(self, elf: bytes | None) -> None:
        assert tags_of(FakeHost("armv7l", glibc="2.17", elf=elf)) == ["linux_armv7l"]


class TestOtherSystems:
    """A platform's name in sysconfig makes a macOS or a Windows."""

    @pytest.mark.parametrize(
        ("name", "first"),
        [
            pytest.param("macosx-15.3-arm64", "macosx_15_0_arm64", id="since macOS 11 the minor version in tags is 0"),
            pytest.param("macosx-14-arm64", "macosx_14_0_arm64", id="a name without a minor version"),
            pytest.param("macosx-10.15-x86_64", "macosx_10_15_x86_64", id="before macOS 11 the minor version counts"),
        ],
    )
    def test_a_mac_has_the_tags_of_its_version(self, name: str, first: str) -> None:
        found = mltags.probe(FakeHost(name))
        assert (found.system, found.linux_tags) == ("Darwin", "first")
        assert mltags.platform_tags(found)[0] == first

    @pytest.mark.parametrize(("name", "tag"), [("win-amd64", "win_amd64"), ("win-arm64", "win_arm64"), ("win32", "win32")])
    def test_a_windows_has_its_one_tag(self, name: str, tag: str) -> None:
        assert mltags.probe(FakeHost(name)).system == "Windows"
        assert tags_of(FakeHost(name)) == [tag]

    def test_the_tags_may_be_given(self) -> None:
        assert tags_of(FakeHost("arm64", system="Darwin", platform_tags=["macosx_11_0_arm64"])) == ["macosx_11_0_arm64"]

    @pytest.mark.parametrize("name", ["macosx-arm64", "macosx-14.0", "macosx-x.y-arm64"])
    def test_a_mac_without_a_version_or_an_architecture_is_refused(self, name: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as refusal:
            FakeHost(name)
        assert str(refusal.value) == f"invalid target '{name}': machine: expected a name such as 'macosx-14.0-arm64'"


class TestAnswers:
    """Raw answers may be scripted one by one; a question without an answer names itself."""

    def test_an_exception_is_raised_and_a_callable_called(self) -> None:
        host = FakeHost(answers={"confstr": OSError("no"), "gnu_get_libc_version": lambda: "2.5", "executable": None})
        with pytest.raises(OSError, match=r"^no$"):
            host.confstr("CS_GNU_LIBC_VERSION")
        assert (host.gnu_get_libc_version(), host.executable()) == ("2.5", None)
        with pytest.raises(KeyError):
            FakeHost(answers={"system": KeyError}).system()

    def test_an_override_module_is_never_called(self) -> None:
        assert FakeHost(override=print).override() is print

    def test_only_its_own_files_can_be_read(self) -> None:
        host = FakeHost(musl="1.2")
        assert host.read("/usr/bin/python3", 3, 1) == b"ELF"
        with pytest.raises(FileNotFoundError, match=r"^no such file: /etc/passwd$"):
            host.read("/etc/passwd", 10)

    def test_the_running_python_is_the_hosts_unless_another_is_given(self) -> None:
        assert FakeHost().python()["version"] == sys.version_info[:2]
        assert FakeHost(python={"implementation": "cpython", "version": (3, 8)}).python()["version"] == (3, 8)

    def test_markers_follow_from_the_machine_unless_they_are_scripted(self) -> None:
        target = mltags.Target.of_host(hosts["debian-12-arm64"])
        assert (target.environment["platform_machine"], target.environment["sys_platform"]) == ("aarch64", "linux")
        scripted = FakeHost(glibc="2.17", answers={"markers": {"platform_release": "3.10.0-1160.el7"}})
        assert mltags.Target.of_host(scripted).environment["platform_release"] == "3.10.0-1160.el7"

    def test_an_unscripted_question_is_named(self) -> None:
        with pytest.raises(UnscriptedQuestionError) as problem:
            mltags.probe(FakeHost("arm64", system="Darwin"))
        assert str(problem.value) == (
            "FakeHost('arm64', glibc=None, musl=None) was asked 'platform_tags', which its test did not script"
        )
        with pytest.raises(mltags.MltagsError, match=r"was asked 'run_loader' about '/lib/ld.so', which"):
            FakeHost().run_loader("/lib/ld.so")
        assert issubclass(UnscriptedQuestionError, AssertionError)

    def test_it_says_where_a_real_answer_would_come_from(self) -> None:
        assert FakeHost().source("confstr") == "os.confstr"

    def test_pytest_finds_a_readable_name_for_it(self) -> None:
        names = [FakeHost("aarch64", glibc="2.28").__name__, FakeHost(musl="1.2").__name__, FakeHost("win32").__name__]
        assert names == ["aarch64-glibc-2.28", "x86_64-musl-1.2", "win32-windows"]


class TestArguments:
    """An argument that is not what is expected is refused where it is passed."""

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            pytest.param(
                {"glibc": 2.30}, "invalid target '2.3': glibc version: expected a text such as '2.17'", id="glibc a number"
            ),
            pytest.param(
                {"musl": 1.2}, "invalid target '1.2': musl version: expected a text such as '2.17'", id="musl a number"
            ),
            pytest.param({"pointer_size": 16}, "invalid target '16': pointer size: must be 4 or 8", id="odd pointer size"),
            pytest.param(
                {"answers": {"conf_str": "glibc 2.17"}},
                "invalid target 'conf_str': question: expected one of those of mltags.Host: system, platform, declared_platform, "
                "pointer_size, confstr, gnu_get_libc_version, executable, read, run_loader, override, python, markers, "
                "platform_tags",
                id="misspelt question",
            ),
        ],
    )
    def test_the_refusal_says_what_is_expected(self, given: dict[str, Any], problem: str) -> None:
        with pytest.raises(mltags.InvalidTarget) as refusal:
            FakeHost(**given)
        assert str(refusal.value) == problem


class TestWing:
    """The wing loads nothing by itself."""

    def test_public_names_load_on_demand(self) -> None:
        code = (
            "import sys, mltags.testing as t; before = [n for n in sys.modules if n.startswith('mltags.')];"
            "t.make_elf; print(before, [n for n in sys.modules if n.startswith('mltags.testing.')], 'struct' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "['mltags.testing'] ['mltags.testing.elf'] True\n"

    @pytest.mark.parametrize("name", ["FakeHost", "UnscriptedQuestionError", "find_host", "make_elf", "using_host"])
    def test_the_examples_of_a_docstring_run(self, name: str) -> None:
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        test = doctest.DocTestParser().get_doctest(getattr(mltags.testing, name).__doc__, {}, name, None, None)
        assert test.examples
        assert runner.run(test).failed == 0

    def test_every_public_name_is_there_and_nothing_else(self) -> None:
        names = ["FakeHost", "UnscriptedQuestionError", "find_host", "hosts", "make_elf", "using_host"]
        assert dir(mltags.testing) == mltags.testing.__all__ == names
        for name in names:
            assert getattr(mltags.testing, name) is mltags.testing.__getattr__(name)
        with pytest.raises(AttributeError, match=r"^module 'mltags\.testing' has no attribute 'nonsense'$"):
            mltags.testing.nonsense  # noqa: B018
