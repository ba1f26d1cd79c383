"""The pytest plugin, as those who write tests with it see it."""

import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import packaging.tags
import pytest

import mltags
from mltags.testing import FakeHost, hosts, plugin
from mltags.testing.plugin import HostFixture

CENTOS_7 = ["linux_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_16_x86_64"]


def heads() -> list[str]:
    """The first platform tags, on which everybody agrees."""
    tags = list(mltags.platform_tags())
    assert tags == list(packaging.tags.platform_tags())
    return tags[:4]


@pytest.mark.mltags_host(glibc="2.17")
class TestMarkedClass:
    def test_a_marked_class_is_on_that_machine(self) -> None:
        assert heads() == CENTOS_7

    @pytest.mark.mltags_host("armv7l", glibc="2.17")
    def test_the_nearest_marker_counts(self) -> None:
        assert heads() == ["linux_armv7l", "manylinux_2_17_armv7l", "manylinux2014_armv7l"]


#: Tests of somebody else, each with what pytest says of it.
FOREIGN = """
import os, sys
import mltags, packaging.tags, pytest
from mltags.testing import FakeHost, hosts

REAL = sys.executable

@pytest.mark.parametrize("mltags_host", ["centos-7", "alpine-3.20", FakeHost("aarch64", glibc="2.28")], indirect=True)
def test_many(mltags_host):
    assert list(packaging.tags.platform_tags()) == list(mltags.platform_tags())

@pytest.mark.parametrize("host", [FakeHost(musl="1.2"), FakeHost("s390x"), FakeHost])
def test_plain(host):
    assert isinstance(host, type) or mltags.probe(host)

@pytest.mark.mltags_host("centos-5")
def test_unknown():
    pass

@pytest.mark.mltags_host(glib="2.17")
def test_misspelt():
    pass

def test_both(mltags_host):
    mltags_host("centos-7", glibc="2.17")

def test_number(mltags_host):
    mltags_host(glibc=2.17)

@pytest.fixture
def early(monkeypatch):
    return monkeypatch

def test_interleaved(early, mltags_host):
    mltags_host("debian-12-i386")
    early.setattr(sys, "executable", "/other")
    early.setattr(os, "confstr", None)
    early.setenv("_PYTHON_HOST_PLATFORM", "linux-aarch64")

def test_failing(mltags_host):
    mltags_host("debian-12-i386")
    assert sys.executable == REAL

def test_afterwards():
    assert sys.executable == REAL
    assert "_PYTHON_HOST_PLATFORM" not in os.environ
    assert os.confstr("CS_PATH")
    assert mltags.platform_tags() == tuple(packaging.tags.platform_tags())
    assert packaging.tags._linux_platforms.__defaults__ == (False,) or sys.maxsize < 2**32

import unittest
@pytest.mark.mltags_host("centos-7")
class TestOld(unittest.TestCase):
    def test_old(self):
        self.assertEqual(mltags.platform_tags()[1], "manylinux_2_17_x86_64")
"""

REPORT = [
    "test_foreign.py::test_many[[]centos-7] PASSED*",
    "test_foreign.py::test_many[[]alpine-3.20] PASSED*",
    "test_foreign.py::test_many[[]aarch64-glibc-2.28] PASSED*",
    "test_foreign.py::test_plain[[]x86_64-musl-1.2] PASSED*",
    "test_foreign.py::test_plain[[]s390x-linux] PASSED*",
    "test_foreign.py::test_unknown ERROR*",
    "test_foreign.py::test_misspelt ERROR*",
    "test_foreign.py::test_both FAILED*",
    "test_foreign.py::test_number FAILED*",
    "test_foreign.py::test_interleaved PASSED*",
    "test_foreign.py::test_failing FAILED*",
    "test_foreign.py::test_afterwards PASSED*",
    "test_foreign.py::TestOld::test_old PASSED*",
]

MESSAGES = [
    "mltags_host: invalid target 'centos-5': host: expected a machine with its C library, such as ('aarch64', *centos-7, *",
    "mltags_host: *unexpected keyword argument 'glib'*",
    "mltags_host: 'centos-7' is a whole host; leave out glibc",
    "mltags_host: invalid target '2.17': glibc version: expected a text such as '2.17'",
]

OLDEST = "7.0"

PIPS_VIEW = """
import sys
import pytest
import mltags, packaging.tags
from mltags.testing import hosts
from pip._internal.utils.compatibility_tags import get_supported

def seen():
    return [str(tag) for tag in get_supported()]

BEFORE = seen()

@pytest.mark.parametrize("name", hosts)
def test_pip_sees_the_same(mltags_host, name):
    mltags_host(name)
    assert seen() == list(mltags.Target.current().triples) == [str(tag) for tag in packaging.tags.sys_tags()]

def test_afterwards():
    assert seen() == BEFORE == list(mltags.Target.current().triples)
"""


class TestFixtures:
    """The fixtures change the machine of a test, as often as it likes."""

    def test_the_fixture_takes_a_name_a_host_or_what_makes_one(self, mltags_host: HostFixture) -> None:
        host = mltags_host("centos-7")
        assert repr(host) == "FakeHost('x86_64', glibc='2.17', musl=None)"
        assert heads() == CENTOS_7
        assert mltags_host(glibc="2.5") is not host
        assert heads() == ["linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"]
        mltags_host("aarch64", glibc="2.18")
        assert heads() == ["linux_aarch64", "manylinux_2_18_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"]
        fake = FakeHost(musl="1.1.24")
        assert mltags_host(fake) is fake
        assert heads() == ["linux_x86_64", "musllinux_1_1_x86_64", "musllinux_1_0_x86_64"]

    @pytest.mark.parametrize("mltags_host", [{"glibc": "2.17"}, {"host": "x86_64", "glibc": "2.17"}], ids=repr, indirect=True)
    def test_a_parameter_may_hold_what_makes_a_host(self, mltags_host: HostFixture) -> None:
        assert heads() == CENTOS_7

    def test_fake_glibc(self, fake_glibc: Callable[..., object]) -> None:
        fake_glibc("2.17")
        assert heads() == CENTOS_7
        fake_glibc("2.17", "aarch64")
        assert heads() == ["linux_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"]

    def test_fake_manylinux(self, fake_glibc: Callable[..., object], fake_manylinux: Callable[..., object]) -> None:
        fake_glibc("2.17")
        fake_manylinux(manylinux2014_compatible=False)
        assert heads() == ["linux_x86_64", "manylinux_2_16_x86_64", "manylinux_2_15_x86_64", "manylinux_2_14_x86_64"]
        fake_manylinux(manylinux_compatible=lambda major, minor, arch: minor < 6)
        assert heads() == ["linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"]
        fake_glibc("2.5")
        fake_manylinux(manylinux1_compatible=False)
        assert heads() == ["linux_x86_64"]

    def test_a_module_stays_on_the_next_machine(self, mltags_host: HostFixture, fake_manylinux: Callable[..., object]) -> None:
        module = fake_manylinux(manylinux2014_compatible=False)
        assert isinstance(module, types.ModuleType)
        for host in ("centos-7", FakeHost(glibc="2.17")):
            mltags_host(host)
            assert heads()[1] == "manylinux_2_16_x86_64"
        own = types.SimpleNamespace(manylinux_compatible=lambda *_: False)
        mltags_host(glibc="2.17", override=own)
        assert heads() == ["linux_x86_64"]
        mltags_host(glibc="2.17", override=ImportError("absent"))  # raised by the import: absent, but of its own
        assert heads()[1] == "manylinux_2_17_x86_64"

    @pytest.mark.parametrize(
        ("given", "made", "problem"),
        [
            (None, {}, "name a machine, as in mltags_host('centos-7') or mltags_host(glibc='2.17')"),
            ((2, 17), {}, "expected a name, a Host, or the arguments of FakeHost, not (2, 17)"),
            ("x86_64", {"pointer_size": 16}, "invalid target '16': pointer size: must be 4 or 8"),
            (FakeHost(), {"glibc": "2.17"}, "FakeHost('x86_64', glibc=None, musl=None) is a whole host; leave out glibc"),
            (
                "AMD64",
                {"system": "Windows"},
                "invalid target 'AMD64': platform of Windows: expected its name in sysconfig, such as 'win-amd64'",
            ),
            (
                "arm64",
                {"system": "Darwin"},
                "invalid target 'arm64': platform of Darwin: expected its name in sysconfig, such as 'macosx-14.0-arm64'",
            ),
        ],
    )
    def test_what_makes_no_host_is_refused(
        self, mltags_host: HostFixture, given: Any, made: dict[str, object], problem: str
    ) -> None:
        with pytest.raises(pytest.fail.Exception) as refusal:
            mltags_host(given, **made)
        assert str(refusal.value) == f"mltags_host: {problem}"


class TestMarker:
    """The marker puts a machine in place for tests that name no fixture."""

    @pytest.mark.mltags_host("centos-7")
    def test_the_marker_needs_no_fixture(self) -> None:
        assert heads() == CENTOS_7

    @pytest.mark.parametrize("mltags_host", ["centos-7", FakeHost(glibc="2.17")], indirect=True)
    @pytest.mark.mltags_host("alpine-3.20")
    def test_a_parameter_counts_before_the_marker(self, mltags_host: HostFixture) -> None:
        assert heads() == CENTOS_7
        mltags_host(musl="1.0")
        assert heads() == ["linux_x86_64", "musllinux_1_0_x86_64"]

    def test_the_machine_is_in_place_after_wider_fixtures_and_before_the_tests_own(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import sys
            import pytest

            REAL = sys.executable

            @pytest.fixture(scope="module")
            def wide():
                return sys.executable

            @pytest.fixture
            def own():
                return sys.executable

            @pytest.mark.mltags_host("centos-7")
            def test_marked(own, wide):
                assert wide == REAL
                assert own == sys.executable != REAL

            @pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.mltags_host("centos-7"))])
            def test_one_of_two(number, own):
                assert (own == REAL) is (number == 1)

            def test_unmarked(own, wide):
                assert own == wide == sys.executable == REAL
            """
        )
        pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=4)

    def test_a_marker_may_be_added_while_tests_are_collected(self, pytester: pytest.Pytester) -> None:
        pytester.makeconftest(
            """
            import pytest

            def pytest_collection_modifyitems(items):
                for item in items:
                    item.add_marker(pytest.mark.mltags_host("centos-7"))
            """
        )
        pytester.makepyfile(
            "import mltags\n\ndef test_it():\n    assert mltags.platform_tags()[1] == 'manylinux_2_17_x86_64'\n",
            test_documented="def test_it():\n    pass\n",
        )
        pytester.maketxtfile(test_text=">>> 1\n1\n")  # a doctest takes no fixtures of ours
        pytester.runpytest_inprocess("--doctest-glob=*.txt").assert_outcomes(passed=3)

    @pytest.mark.mltags_host
    @pytest.mark.xfail(reason="a marker has to name a machine", strict=True)
    def test_a_bare_marker_is_refused(self) -> None:
        pass


class TestOtherProjects:
    """What those who write tests with the plugin see."""

    def test_what_others_see(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(test_foreign=FOREIGN)
        result = pytester.runpytest_inprocess("-v", "--strict-markers", "-p", "no:cacheprovider")
        result.assert_outcomes(passed=9, failed=3, errors=2)
        result.stdout.fnmatch_lines(REPORT)
        result.stdout.fnmatch_lines(MESSAGES)
        result.stdout.no_fnmatch_line("During handling of the above*")

    @pytest.mark.parametrize("options", [["-n", "2"], ["-p", "no:randomly", "-p", "no:xdist"]])
    def test_in_processes_of_their_own(self, pytester: pytest.Pytester, options: list[str]) -> None:
        pytester.makepyfile(test_foreign=FOREIGN)
        result = pytester.runpytest_subprocess("--strict-markers", *options)
        result.assert_outcomes(passed=9, failed=3, errors=2)

    def test_the_plugin_can_be_switched_off(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile("def test_it(mltags_host): pass")
        result = pytester.runpytest_subprocess("-p", "no:mltags")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*fixture 'mltags_host' not found*"])

    def test_the_plugin_can_be_asked_for(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        pytester.makepyfile("def test_it(mltags_host): mltags_host('centos-7')")
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        pytester.runpytest_subprocess().assert_outcomes(errors=1)
        pytester.runpytest_subprocess("-p", "mltags").assert_outcomes(passed=1)
        pytester.runpytest_subprocess("-p", "mltags.testing.plugin").assert_outcomes(passed=1)

    def test_the_marker_and_the_fixtures_are_listed(self, pytester: pytest.Pytester) -> None:
        pytester.runpytest_inprocess("--markers").stdout.fnmatch_lines(
            ["@pytest.mark.mltags_host(host, **made): run the test on *"]
        )
        shown = pytester.runpytest_inprocess("--fixtures").stdout
        for fixture in ("mltags_host", "fake_glibc", "fake_manylinux"):
            shown.fnmatch_lines([f"{fixture} -- *"])

    @pytest.mark.real
    @pytest.mark.parametrize("requirement", [f"pytest=={OLDEST}", "pytest"], ids=["the oldest pytest", "the newest pytest"])
    def test_with_another_pytest(self, pytester: pytest.Pytester, tmp_path: Path, requirement: str) -> None:
        if requirement.endswith(OLDEST) and sys.version_info >= (3, 12):
            pytest.skip(f"pytest {OLDEST} does not run here")
        site = tmp_path / "site"
        install = [sys.executable, "-m", "pip", "install", "-q", "--target", str(site), requirement]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{requirement} cannot be had: {done.stderr.strip().splitlines()[-1]}")
        pytester.makepyfile(test_foreign=FOREIGN)
        source = str(Path(mltags.__file__).parent.parent)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), source]), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "mltags.testing.plugin", "-q", "-c", os.devnull, "--rootdir", "."],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "3 failed, 9 passed" in done.stdout, done.stdout + done.stderr
        assert "2 errors" in done.stdout

    @pytest.mark.real
    def test_pips_own_copy_of_packaging_sees_the_same(
        self, pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site = tmp_path / "site"
        install = [sys.executable, "-m", "pip", "install", "-q", "--target", str(site), "pip>=26.3"]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"pip 26.3 cannot be had: {done.stderr.strip().splitlines()[-1]}")
        pytester.makepyfile(PIPS_VIEW)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
        pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=len(hosts) + 1)


class TestCost:
    """A project that does not use the plugin pays nothing for it, and none of its objects is touched (report A15)."""

    def test_what_is_not_asked_for_is_not_loaded(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import sys

            def test_it():
                assert "mltags.testing.plugin" in sys.modules
                loaded = {name for name in sys.modules if name.startswith("mltags.")}
                assert loaded == {"mltags.testing", "mltags.testing.plugin"}
            """
        )
        pytester.runpytest_subprocess().assert_outcomes(passed=1)

    def test_importing_mltags_loads_neither_pytest_nor_testing(self) -> None:
        code = (
            "import mltags, sys; mltags.Target.current(); print([n for n in ('pytest', 'mltags.testing') if n in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"

    def test_the_documented_way_measures_a_package_that_the_plugin_loads(
        self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """``coverage run -m pytest`` begins before any plugin is loaded, so that even mltags itself is measured from its first line."""
        pytest.importorskip("coverage")
        monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
        pytester.makepyfile("def test_it(mltags_host): mltags_host('centos-7')")
        source = Path(mltags.__file__).parent
        options = ["--data-file=own", f"--include={source}/testing/plugin.py"]
        subprocess.run(
            [sys.executable, "-m", "coverage", "run", *options, "-m", "pytest", "-q"], check=True, capture_output=True
        )
        shown = subprocess.run(
            [sys.executable, "-m", "coverage", "report", "--data-file=own", "--precision=0"],
            check=True,
            capture_output=True,
            text=True,
        )
        assert int(shown.stdout.split()[-1].rstrip("%")) > 60, shown.stdout

    def test_parameters_that_cannot_be_asked_for_attributes_are_left_alone(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import pytest

            class Touchy:
                def __getattribute__(self, name):
                    if name.startswith("__"):  # pytest itself asks for those
                        return object.__getattribute__(self, name)
                    raise RuntimeError(name)

            @pytest.mark.parametrize("value", [Touchy(), Touchy()])
            def test_it(value):
                pass
            """
        )
        result = pytester.runpytest_inprocess("-v")
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines(["*::test_it[[]value0] PASSED*", "*::test_it[[]value1] PASSED*"])

    def test_no_fixture_and_two_hooks_are_run(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile("def test_it(request): assert not request.config.pluginmanager.has_plugin('mltags-users')")
        result = pytester.runpytest_inprocess("--setup-show", "-p", "no:randomly")
        result.assert_outcomes(passed=1)
        result.stdout.no_fnmatch_line("*mltags_*")
        hooks = {name for name in vars(plugin) if name.startswith("pytest_")}
        assert hooks == {"pytest_configure", "pytest_collection_finish"}
