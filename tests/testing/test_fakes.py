"""Fake machines: what they answer, and that every library sees them while they are in place, and nobody afterwards."""

import ctypes
import os
import platform
import struct
import sys
import sysconfig
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import packaging._elffile
import packaging.tags
import pytest
from conftest import module

import mltags
from mltags.testing import boundary as _boundary, fakes as testing
from mltags.testing import FakeHost, hosts, using_host

#: Name -> platform tags, best first.
EXPECTED = {
    name: tags.split()
    for name, _, tags in [
        line.partition(": ") for line in (Path(__file__).parent.parent / "hosts.txt").read_text().splitlines() if line[0] != "#"
    ]
}


def seen() -> dict[str, object]:
    """Everything that a fake machine may have touched."""
    functions = {
        "uname": platform.uname,
        "system": platform.system,
        "machine": platform.machine,
        "mac_ver": platform.mac_ver,
        "get_platform": sysconfig.get_platform,
        "architecture": platform.architecture,
        "get_config_var": sysconfig.get_config_var,
        "calcsize": struct.calcsize,
        "confstr": getattr(os, "confstr", None),
        "CDLL": (ctypes.CDLL.__init__, ctypes.CDLL.__getattr__),
        "read": mltags.LocalHost.read,
        "packaging": (packaging.tags._linux_platforms.__defaults__, packaging.tags._mac_arch.__defaults__),
    }
    values = {
        "executable": sys.executable,
        "environment": {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        "modules": {name: sys.modules.get(name, "absent") for name in ("_manylinux", "ctypes")},
        "finders": list(sys.meta_path),
        "tags": (mltags.platform_tags(), tuple(packaging.tags.platform_tags())),
    }
    return {**functions, **values}


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    before = seen()
    yield
    assert seen() == before


def test_every_recorded_host_has_its_expected_tags() -> None:
    assert list(EXPECTED) == list(hosts)
    assert len(hosts) > 30


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_host_has_the_same_tags_for_everybody(name: str) -> None:
    assert list(mltags.probe(hosts[name]).listed or mltags.platform_tags(mltags.probe(hosts[name]))) == EXPECTED[name]
    with using_host(name):
        assert list(mltags.platform_tags()) == EXPECTED[name]
        assert list(packaging.tags.platform_tags()) == EXPECTED[name]
        assert [tag.platform for tag in mltags.Target.current().tags][: len(EXPECTED[name])] == EXPECTED[name]


def test_the_standard_library_sees_the_machine() -> None:
    with using_host(FakeHost("aarch64", glibc="2.28")):
        assert os.confstr("CS_GNU_LIBC_VERSION") == "glibc 2.28"
        assert ctypes.CDLL(None).gnu_get_libc_version() == b"2.28"
        assert platform.libc_ver() == ("glibc", "2.28")
        assert (platform.system(), platform.machine(), platform.uname().machine) == ("Linux", "aarch64", "aarch64")
        assert sysconfig.get_platform() == "linux-aarch64"
        assert Path(sys.executable).read_bytes()[:5] == b"\x7fELF\x02"
        assert sys.modules["_manylinux"] is None
    with using_host("debian-12-i386"):
        assert struct.calcsize("P") == struct.calcsize("@P") == sysconfig.get_config_var("SIZEOF_VOID_P") == 4
        assert platform.architecture() == ("32bit", "ELF")
        assert sysconfig.get_config_var("EXT_SUFFIX") is not None
        assert platform.architecture(__file__, bits="any") == ("any", "")
        assert struct.calcsize("<I") == 4
    with using_host("windows-11"):
        assert (platform.system(), platform.machine()) == ("Windows", "AMD64")
    with using_host("windows-32"):
        assert (platform.machine(), struct.calcsize("P")) == ("x86", 4)
    with using_host("macos-14"):
        assert platform.mac_ver() == ("14.0", ("", "", ""), "arm64")


@pytest.mark.skipif(not hasattr(os, "confstr"), reason="no confstr here")
def test_other_questions_are_answered_by_this_machine() -> None:
    answer = os.confstr("CS_PATH")
    with using_host("centos-7"):
        assert os.confstr("CS_PATH") == answer
        assert os.confstr(os.confstr_names.get("CS_GNU_LIBC_VERSION", "CS_GNU_LIBC_VERSION")) == "glibc 2.17"
        assert ctypes.CDLL(None).getpid() == os.getpid()


def test_a_loader_can_be_run_and_says_its_version() -> None:
    with using_host(FakeHost(musl="1.2.5")):
        with open(sys.executable, "rb") as file:
            interpreter = packaging._elffile.ELFFile(file).interpreter
        assert interpreter is not None
        assert mltags.LocalHost().run_loader(interpreter) == "musl libc (x86_64)\nVersion 1.2.5\nDynamic Program Loader\n"


ODD: dict[str, tuple[FakeHost, tuple[str, ...]]] = {
    "confstr raises": (FakeHost(glibc="2.5", answers={"confstr": OSError("no")}), ("linux", "2_5", "manylinux1")),
    "ctypes is absent": (
        FakeHost(answers={"confstr": ValueError(), "gnu_get_libc_version": ImportError("no ctypes")}),
        ("linux",),
    ),
    "no program can be opened": (
        FakeHost(answers={"confstr": ValueError(), "gnu_get_libc_version": OSError("static")}),
        ("linux",),
    ),
    "the function raises": (FakeHost(answers={"confstr": ValueError(), "gnu_get_libc_version": lambda: 1 // 0}), ("linux",)),
    "only ctypes answers": (FakeHost(answers={"gnu_get_libc_version": "2.5-2014.11"}), ("linux", "2_5", "manylinux1")),
    "a loader that prints nonsense": (FakeHost(musl="?", answers={"run_loader": "nonsense\n\0'%d\\\n"}), ("linux",)),
    "a loader that cannot be run": (FakeHost(musl="?", answers={"run_loader": PermissionError("not executable")}), ("linux",)),
    "a loader that says what its file hides": (
        FakeHost(musl="?", answers={"run_loader": "musl libc (x86_64)\nVersion 1.0.3\n"}),
        ("linux", "musllinux_1_0"),
    ),
    "an unreadable program": (FakeHost("i686", glibc="2.5", elf=None), ("linux",)),
    "an empty program": (FakeHost("i686", glibc="2.5", elf=b""), ("linux",)),
    "no program": (FakeHost("i686", glibc="2.5", answers={"executable": None}), ("linux",)),
    "a program behind /proc": (
        FakeHost("i686", glibc="2.5", answers={"executable": "", "read": lambda *_: testing.make_elf("i686")}),
        ("linux", "2_5", "manylinux1"),
    ),
    "soft float": (FakeHost("armv7l", glibc="2.17", elf=testing.make_elf("armv7l", flags=0x05000000)), ("linux",)),
    "a declared platform": (
        FakeHost(glibc="2.5", answers={"declared_platform": "linux-x86_64"}),
        ("linux", "2_5", "manylinux1"),
    ),
    "neither libc": (FakeHost(), ("linux",)),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_answers_are_the_same_in_place(case: str) -> None:
    host, heads = ODD[case]
    tags = mltags.platform_tags(mltags.probe(host))
    assert [tag.rpartition("_x86_64")[0] or tag.rpartition("_i686")[0] or tag.rpartition("_armv7l")[0] for tag in tags] == [
        f"manylinux_{head}" if head[0].isdigit() else head for head in heads
    ]
    with using_host(host):
        assert mltags.platform_tags() == tags


@pytest.mark.parametrize("machine", ["x86_64", "aarch64", "i686", "armv7l"])
def test_musl_with_a_shim_of_glibc_is_musl(machine: str) -> None:
    host = FakeHost(machine, glibc="2.17", musl="1.2")
    assert mltags.probe(host).libc == mltags.Musl(1, 2)
    assert host.gnu_get_libc_version() == "2.17"
    assert host.mltags_id == f"{machine}-musl-1.2"
    with using_host(host):
        assert mltags.probe().libc == mltags.Musl(1, 2)


def test_a_missing_loader_is_missing() -> None:
    program = testing.make_elf(interpreter="/lib/ld-musl-x86_64.so.1")
    host = FakeHost(elf=program, answers={"run_loader": FileNotFoundError("no loader")})
    with using_host(host):
        assert mltags.platform_tags() == ("linux_x86_64",)
        with pytest.raises(FileNotFoundError):
            list(packaging.tags.platform_tags())


def test_an_unscripted_question_is_named() -> None:
    host = FakeHost(elf=testing.make_elf(interpreter="/lib/ld-musl-x86_64.so.1"))
    with (
        pytest.raises(testing.UnscriptedQuestionError, match=r"was asked 'run_loader' with .*, which its test did not script"),
        using_host(host),
    ):
        raise AssertionError
    with pytest.raises(testing.UnscriptedQuestionError, match="'platform_tags'"):
        mltags.probe(FakeHost("arm64", system="Darwin"))


REFUSING = module(manylinux_compatible=lambda major, minor, arch: (major, minor) != (2, 17))


@pytest.mark.parametrize(
    "override", [REFUSING, module(manylinux2014_compatible=False), types.SimpleNamespace(manylinux1_compatible=0)]
)
def test_an_override_is_imported_by_everybody(override: object) -> None:
    host = FakeHost(glibc="2.17", override=override)
    with using_host(host):
        tags = mltags.platform_tags()
        assert tags == tuple(packaging.tags.platform_tags()) == mltags.platform_tags(mltags.probe(host))
        assert len(tags) < 17
        assert __import__("_manylinux") is override


def test_an_override_that_raises_does_so_for_everybody() -> None:
    with using_host(FakeHost(glibc="2.17", override=RuntimeError("broken"))):
        with pytest.raises(mltags.OverrideError, match="broken"):
            mltags.platform_tags()
        with pytest.raises(RuntimeError, match="broken"):
            list(packaging.tags.platform_tags())
        sys.modules.pop("colorsys", None)
        assert __import__("colorsys").ONE_THIRD  # other modules are found


@st.composite
def machines(draw: st.DrawFn) -> FakeHost:
    """Machines of which packaging and the rules think alike."""
    machine = draw(
        st.sampled_from(["x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x", "riscv64", "loongarch64"])
    )
    version = f"{draw(st.integers(2, 3))}.{draw(st.integers(0, 60))}"
    pointer_size = draw(st.sampled_from([None, 4])) if machine in ("x86_64", "aarch64") else None
    if draw(st.booleans()):
        return FakeHost(machine, musl=f"1.{draw(st.integers(0, 9))}.{draw(st.integers(0, 30))}", pointer_size=pointer_size)
    override = None
    if draw(st.booleans()):
        refused = draw(st.sets(st.integers(0, 60)))
        override = module(manylinux_compatible=lambda major, minor, arch: minor not in refused)
    return FakeHost(machine, glibc=version, override=override, pointer_size=pointer_size)


@hypothesis.given(machines())
def test_everybody_sees_the_same_machine(host: FakeHost) -> None:
    expected = mltags.platform_tags(mltags.probe(host))
    with using_host(host):
        assert mltags.platform_tags() == expected
        assert tuple(packaging.tags.platform_tags()) == expected


@pytest.fixture(params=["this machine", "alpine-3.20", "debian-12-i386", "macos-14", "windows-11"])
def outside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machines on which such tests are run; but for this one, as they answer."""
    if request.param == "this machine":
        yield request.param
        return
    with using_host(request.param):
        if request.param == "windows-11":
            monkeypatch.delattr(os, "confstr", raising=False)
            monkeypatch.delattr(os, "confstr_names", raising=False)
        yield request.param
        monkeypatch.undo()


@pytest.mark.parametrize("name", ["centos-7", "alpine-3.20-arm64", "debian-12-armhf", "macos-14", "windows-32"])
def test_a_fake_is_the_same_on_every_machine(outside: str, name: str) -> None:
    before = seen()
    with using_host(name):
        assert list(mltags.platform_tags()) == list(packaging.tags.platform_tags()) == EXPECTED[name]
        if outside == "windows-11":
            with pytest.raises(ValueError, match="unrecognized configuration name"):
                os.confstr("CS_PATH")
    assert seen() == before
    if outside in EXPECTED:
        assert list(mltags.platform_tags()) == EXPECTED[outside]


def test_a_system_without_program_handles(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(library: object, name: object, *_: object) -> None:
        raise TypeError(name)

    with monkeypatch.context() as patch:
        patch.setattr(ctypes.CDLL, "__init__", refuse)
        with using_host(FakeHost(glibc="2.17", answers={"confstr": ValueError()})):
            assert mltags.platform_tags()[1] == "manylinux_2_17_x86_64"
            with pytest.raises(TypeError):
                ctypes.CDLL("some.dll")
        with using_host(FakeHost()), pytest.raises(AttributeError):
            ctypes.CDLL(None).gnu_get_libc_version()


def test_machines_may_be_nested() -> None:
    with using_host("debian-12"):
        with using_host("alpine-3.20"):
            assert list(packaging.tags.platform_tags()) == EXPECTED["alpine-3.20"]
        assert list(packaging.tags.platform_tags()) == EXPECTED["debian-12"] == list(mltags.platform_tags())


def test_a_failure_inside_leaves_nothing_behind() -> None:
    with pytest.raises(ZeroDivisionError), using_host("debian-12-i386"):
        raise ZeroDivisionError


def test_a_failure_on_the_way_in_leaves_nothing_behind() -> None:
    with pytest.raises(RecursionError), using_host(FakeHost(answers={"declared_platform": RecursionError()})):
        raise AssertionError


def test_functions_kept_from_a_fake_machine_are_this_machines_again() -> None:
    with using_host(FakeHost("i686", glibc="2.17")):
        kept = sysconfig.get_platform, struct.calcsize, platform.system, platform.uname, os.confstr, mltags.LocalHost.read
    assert kept[0]() == sysconfig.get_platform()
    assert kept[1]("P") == struct.calcsize("P")
    assert kept[2]() == platform.system()
    assert kept[3]() == platform.uname()
    assert kept[4]("CS_PATH") == os.confstr("CS_PATH")
    assert kept[5](mltags.LocalHost(), __file__, 3) == b'"""'


def test_what_another_put_back_late_is_swept_away() -> None:
    boundary = _boundary.HostBoundary(hosts["debian-12-i386"])
    patch = pytest.MonkeyPatch()
    with boundary:
        patch.setattr(os, "confstr", lambda name: name)
        patch.setattr(sys, "executable", "/another")
        patch.setitem(sys.modules, "_manylinux", module())
    assert sys.executable != "/another"
    patch.undo()
    assert sys.executable.endswith("python3")
    assert not Path(sys.executable).exists()
    boundary.sweep()
    # The fixture of this module checks the rest.


def test_a_copy_of_packaging_that_was_loaded_under_a_fake_has_this_machines_pointers_afterwards() -> None:
    def platforms(is_32bit: bool = struct.calcsize("P") == 8) -> bool:  # noqa: FBT001
        return is_32bit

    copy = types.ModuleType("installer._vendor.packaging.tags")
    vars(copy)["_mac_arch"] = platforms
    try:
        with using_host("debian-12-i386"):
            sys.modules[copy.__name__] = copy
        assert platforms() is (struct.calcsize("P") == 4)
        with using_host("debian-12-i386"):
            assert platforms() is True
        assert platforms() is (struct.calcsize("P") == 4)
    finally:
        del sys.modules[copy.__name__]


def test_what_others_remember_is_forgotten() -> None:
    from packaging.markers import default_environment

    before = default_environment()["platform_machine"], platform.platform()
    with using_host("debian-12-arm64"):
        assert default_environment()["platform_machine"] == "aarch64"
        assert "aarch64" in platform.platform()
    assert (default_environment()["platform_machine"], platform.platform()) == before


def test_a_function_may_be_decorated() -> None:
    @using_host("centos-7")
    def first() -> str:
        return mltags.platform_tags()[1]

    assert first() == first() == "manylinux_2_17_x86_64"


def test_an_unknown_question_is_refused() -> None:
    with pytest.raises(
        mltags.InvalidTarget, match=r"'conf_str': question: those of mltags.Host are accepted: system, platform, "
    ):
        FakeHost(answers={"conf_str": "glibc 2.17"})


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(mltags.InvalidTarget, match=r"'centos-5'.*centos-6, centos-7, amazon-linux-2"):
        using_host("centos-5")


@pytest.mark.parametrize("libc", [{"glibc": 2.30}, {"musl": 1.2}, {"glibc": (2, 17)}])
def test_a_version_that_is_no_text_is_refused(libc: dict[str, Any]) -> None:
    with pytest.raises(mltags.InvalidTarget, match=r"a text such as '2\.17' is accepted"):
        FakeHost(**libc)


def test_the_running_python_is_the_fakes_too_unless_said_otherwise() -> None:
    assert FakeHost().python()["version"] == sys.version_info[:2]
    assert FakeHost(python={"implementation": "cpython", "version": (3, 8)}).python()["version"] == (3, 8)
