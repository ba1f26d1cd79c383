"""A machine at the operating-system boundary: every library sees it while it is in place, and nobody afterwards."""

import asyncio
import ctypes
import functools
import importlib
import os
import pkgutil
import platform
import struct
import sys
import sysconfig
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import packaging
import packaging._elffile
import packaging._manylinux
import packaging.tags
import pytest
from conftest import module

import mltags
from mltags.testing import FakeHost, UnscriptedQuestionError, boundary, hosts, make_elf, using_host


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
    assert boundary._in_place == []


class TestEverybodySeesIt:
    """The standard library, packaging and mltags see the same machine."""

    @pytest.mark.parametrize("name", hosts)
    def test_a_host_by_name_has_the_tags_of_its_probe(self, name: str) -> None:
        expected = mltags.platform_tags(mltags.probe(hosts[name]))
        with using_host(name) as host:
            assert host is hosts[name]
            assert mltags.platform_tags() == expected
            assert tuple(packaging.tags.platform_tags()) == expected
            assert tuple(tag.platform for tag in mltags.Target.current().tags[: len(expected)]) == expected

    def test_the_standard_library_sees_a_linux(self) -> None:
        with using_host(FakeHost("aarch64", glibc="2.28")):
            assert os.confstr("CS_GNU_LIBC_VERSION") == "glibc 2.28"
            assert ctypes.CDLL(None).gnu_get_libc_version() == b"2.28"
            assert platform.libc_ver() == ("glibc", "2.28")
            assert (platform.system(), platform.machine(), platform.uname().machine) == ("Linux", "aarch64", "aarch64")
            assert sysconfig.get_platform() == "linux-aarch64"
            assert Path(sys.executable).read_bytes()[:5] == b"\x7fELF\x02"
            assert sys.modules["_manylinux"] is None

    def test_the_standard_library_sees_pointers_of_four_bytes(self) -> None:
        with using_host("debian-12-i386"):
            assert struct.calcsize("P") == struct.calcsize("@P") == sysconfig.get_config_var("SIZEOF_VOID_P") == 4
            assert platform.architecture() == ("32bit", "ELF")
            assert sysconfig.get_config_var("EXT_SUFFIX") is not None
            assert platform.architecture(__file__, bits="any") == ("any", "")
            assert struct.calcsize("<I") == 4

    def test_the_standard_library_sees_other_systems(self) -> None:
        with using_host("windows-11"):
            assert (platform.system(), platform.machine()) == ("Windows", "AMD64")
            assert platform.architecture() == ("64bit", "WindowsPE")
        with using_host("windows-32"):
            assert (platform.machine(), struct.calcsize("P")) == ("x86", 4)
        with using_host("macos-14"):
            assert platform.mac_ver() == ("14.0", ("", "", ""), "arm64")

    @pytest.mark.skipif(not hasattr(os, "confstr"), reason="no confstr here")
    def test_other_questions_are_answered_by_this_machine(self) -> None:
        answer = os.confstr("CS_PATH")
        with using_host("centos-7"):
            assert os.confstr("CS_PATH") == answer
            assert os.confstr(os.confstr_names.get("CS_GNU_LIBC_VERSION", "CS_GNU_LIBC_VERSION")) == "glibc 2.17"
            assert ctypes.CDLL(None).getpid() == os.getpid()

    def test_ctypes_fails_as_on_that_machine(self) -> None:
        with using_host(FakeHost(answers={"gnu_get_libc_version": OSError("no handle")})):
            with pytest.raises(OSError, match="no handle"):
                ctypes.CDLL(None)
            assert ctypes.CDLL("libm.so.6").sqrt is not None
        with using_host(FakeHost(answers={"gnu_get_libc_version": RuntimeError("no answer")})):
            function = ctypes.CDLL(None).gnu_get_libc_version
            with pytest.raises(RuntimeError, match="no answer"):
                function()
        with using_host(FakeHost(musl="1.2")), pytest.raises(AttributeError, match="undefined symbol"):
            ctypes.CDLL(None).gnu_get_libc_version  # noqa: B018

    @pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="no glibc here")
    def test_a_library_that_is_named_is_this_machines(self) -> None:
        version = ctypes.CDLL("libc.so.6").gnu_get_libc_version
        version.restype = ctypes.c_char_p
        with using_host("centos-7"):
            named = ctypes.CDLL("libc.so.6").gnu_get_libc_version
            named.restype = ctypes.c_char_p
            assert named() == version()
            assert ctypes.CDLL(None).gnu_get_libc_version() == b"2.17"

    def test_a_loader_can_be_run_and_prints_its_version(self) -> None:
        with using_host(FakeHost(musl="1.2.5")):
            with open(sys.executable, "rb") as file:
                interpreter = packaging._elffile.ELFFile(file).interpreter
            assert interpreter is not None
            assert mltags.LocalHost().run_loader(interpreter) == "musl libc (x86_64)\nVersion 1.2.5\nDynamic Program Loader\n"

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64", "i686", "armv7l"])
    def test_a_musl_with_a_shim_is_musl(self, machine: str) -> None:
        with using_host(FakeHost(machine, glibc="2.17", musl="1.2")):
            assert mltags.probe().libc == mltags.Musl(1, 2)

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64", "i686", "armv7l"])
    def test_a_glibc_that_confstr_names_is_decisive(self, machine: str) -> None:
        with using_host(FakeHost(machine, musl="1.2", answers={"confstr": "glibc 2.35"})):
            assert mltags.probe().libc == mltags.Glibc(2, 35)

    def test_markers_of_packaging_are_those_of_the_machine(self) -> None:
        from packaging.markers import default_environment

        before = default_environment()["platform_machine"], platform.platform()
        with using_host("debian-12-arm64"):
            assert default_environment()["platform_machine"] == "aarch64"
            assert "aarch64" in platform.platform()
        assert (default_environment()["platform_machine"], platform.platform()) == before


LINUX_ONLY = ("linux_x86_64",)
ODD: dict[str, tuple[FakeHost, tuple[str, ...]]] = {
    "confstr raises": (
        FakeHost(glibc="2.5", answers={"confstr": OSError("no")}),
        ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"),
    ),
    "ctypes is absent": (
        FakeHost(answers={"confstr": ValueError(), "gnu_get_libc_version": ImportError("no ctypes")}),
        LINUX_ONLY,
    ),
    "no program can be opened": (
        FakeHost(answers={"confstr": ValueError(), "gnu_get_libc_version": OSError("static")}),
        LINUX_ONLY,
    ),
    "the function raises": (FakeHost(answers={"confstr": ValueError(), "gnu_get_libc_version": lambda: 1 // 0}), LINUX_ONLY),
    "only ctypes answers": (
        FakeHost(answers={"gnu_get_libc_version": "2.5-2014.11"}),
        ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"),
    ),
    "a loader that prints nonsense": (FakeHost(musl="?", answers={"run_loader": "nonsense\n\0'%d\\\n"}), LINUX_ONLY),
    "a loader that cannot be run": (FakeHost(musl="?", answers={"run_loader": PermissionError("not executable")}), LINUX_ONLY),
    "a loader that prints what its file hides": (
        FakeHost(musl="?", answers={"run_loader": "musl libc (x86_64)\nVersion 1.0.3\n"}),
        ("linux_x86_64", "musllinux_1_0_x86_64"),
    ),
    "an unreadable program": (FakeHost("i686", glibc="2.5", elf=None), ("linux_i686",)),
    "an empty program": (FakeHost("i686", glibc="2.5", elf=b""), ("linux_i686",)),
    "no program": (FakeHost("i686", glibc="2.5", answers={"executable": None}), ("linux_i686",)),
    "a program behind /proc": (
        FakeHost("i686", glibc="2.5", answers={"executable": "", "read": lambda *_: make_elf("i686")}),
        ("linux_i686", "manylinux_2_5_i686", "manylinux1_i686"),
    ),
    "soft float": (FakeHost("armv7l", glibc="2.17", elf=make_elf("armv7l", flags=0x05000000)), ("linux_armv7l",)),
    "a declared platform": (
        FakeHost(glibc="2.5", answers={"declared_platform": "linux-x86_64"}),
        ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"),
    ),
    "neither C library": (FakeHost(), LINUX_ONLY),
}


class TestOddAnswers:
    """Odd answers come out of the boundary as they went in."""

    @pytest.mark.parametrize("case", ODD)
    def test_the_machine_in_place_has_the_tags_of_the_host(self, case: str) -> None:
        host, tags = ODD[case]
        assert mltags.platform_tags(mltags.probe(host)) == tags
        with using_host(host):
            assert mltags.platform_tags() == tags

    def test_a_missing_loader_is_missing(self) -> None:
        program = make_elf(interpreter="/lib/ld-musl-x86_64.so.1")
        host = FakeHost(elf=program, answers={"run_loader": FileNotFoundError("no loader")})
        with using_host(host):
            assert mltags.platform_tags() == ("linux_x86_64",)
            with pytest.raises(FileNotFoundError):
                list(packaging.tags.platform_tags())

    def test_an_unscripted_question_is_named_on_the_way_in(self) -> None:
        host = FakeHost(elf=make_elf(interpreter="/lib/ld-musl-x86_64.so.1"))
        with pytest.raises(UnscriptedQuestionError, match=r"was asked 'run_loader' about '/lib/ld-musl-x86_64\.so\.1'"):
            using_host(host).__enter__()

    @pytest.mark.parametrize(
        "host", [FakeHost("AMD64", system="Windows"), FakeHost("arm64", system="Darwin")], ids=["Windows", "macOS"]
    )
    def test_another_system_needs_its_name_in_sysconfig(self, host: FakeHost) -> None:
        with pytest.raises(
            mltags.InvalidTarget, match=r"expected its name in sysconfig, such as '(win-amd64|macosx-14\.0-arm64)'"
        ):
            using_host(host).__enter__()

    def test_a_system_without_program_handles_has_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
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


REFUSING = module(manylinux_compatible=lambda major, minor, arch: (major, minor) != (2, 17))


class TestOverride:
    """The host's ``_manylinux`` module is what everybody imports."""

    @pytest.mark.parametrize(
        "override",
        [REFUSING, module(manylinux2014_compatible=False), types.SimpleNamespace(manylinux1_compatible=0)],
        ids=["a function", "an attribute", "an object that is no module"],
    )
    def test_everybody_imports_it(self, override: object) -> None:
        host = FakeHost(glibc="2.17", override=override)
        with using_host(host):
            tags = mltags.platform_tags()
            assert tags == tuple(packaging.tags.platform_tags()) == mltags.platform_tags(mltags.probe(host))
            assert len(tags) < 17
            assert __import__("_manylinux") is override

    def test_one_that_raises_does_so_for_everybody(self) -> None:
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


def all_tags() -> list[str]:
    """What everybody agrees on."""
    tags = list(mltags.platform_tags())
    assert tags == list(packaging.tags.platform_tags())
    return tags


def tags_of(name: str) -> list[str]:
    return list(mltags.platform_tags(mltags.probe(hosts[name])))


class TestNesting:
    """Machines may be nested, in each other and in themselves; the innermost counts, and each undoes itself (report A13)."""

    @pytest.mark.parametrize("name", ["centos-7", "alpine-3.20-arm64", "debian-12-armhf", "macos-14", "windows-32"])
    def test_a_fake_is_the_same_on_every_machine(self, outside: str, name: str) -> None:
        before = seen()
        with using_host(name):
            assert all_tags() == tags_of(name)
            if outside == "windows-11":
                with pytest.raises(ValueError, match="unrecognized configuration name"):
                    os.confstr("CS_PATH")
        assert seen() == before
        if outside in hosts:
            assert all_tags() == tags_of(outside)

    def test_one_context_manager_may_be_entered_inside_itself(self) -> None:
        host = using_host(FakeHost("i686", glibc="2.17", override=module(manylinux1_compatible=False)))
        before = seen()
        with host:
            expected = all_tags()
            with host:
                assert all_tags() == expected
                with using_host("alpine-3.20"), host:
                    assert all_tags() == expected
            assert all_tags() == expected
        assert seen() == before
        with host:
            assert all_tags() == expected

    def test_a_decorated_function_may_call_itself(self) -> None:
        @using_host("debian-12-i386")
        def count(depth: int) -> int:
            assert all_tags() == tags_of("debian-12-i386")
            return 1 + count(depth - 1) if depth else 0

        before = seen()
        assert (count(3), count(0)) == (3, 0)
        assert seen() == before

    def test_coroutines_that_leave_in_another_order_leave_nothing_behind(self) -> None:
        async def use(name: str, first: float, then: float) -> list[str]:
            await asyncio.sleep(first)
            with using_host(name):
                await asyncio.sleep(then)
                return all_tags()

        async def both() -> tuple[list[str], list[str]]:
            return await asyncio.gather(use("alpine-3.20", 0, 0.02), use("debian-12-i386", 0.01, 0.03))

        before = seen()
        # The second came later and is in place until it leaves; the first is undone with it.
        first, second = asyncio.run(both())
        assert first == second == tags_of("debian-12-i386")
        assert seen() == before


class TestThreads:
    """The machine is the whole process's, so one thread at a time puts one in place (report A13)."""

    @staticmethod
    def in_thread(function: Callable[[], object]) -> object:
        found: list[object] = []

        def run() -> None:
            try:
                found.append(function())
            except Exception as problem:
                found.append(problem)

        thread = threading.Thread(target=run, name="the other one")
        thread.start()
        thread.join()
        return found[0]

    def test_other_threads_see_it(self) -> None:
        with using_host("centos-7"):
            assert self.in_thread(all_tags) == tags_of("centos-7")

    def test_another_thread_is_refused_until_it_is_gone(self) -> None:
        @using_host("alpine-3.20")
        def elsewhere() -> list[str]:
            return all_tags()

        with using_host("centos-7"):
            before = seen()
            problem = self.in_thread(elsewhere)
            assert seen() == before
        assert isinstance(problem, mltags.MltagsError)
        assert str(problem) == (
            f"using_host: a machine is in place already, in the thread '{threading.current_thread().name}'; it is in place for "
            "every thread, so use one at a time, or a process for each"
        )
        assert self.in_thread(elsewhere) == tags_of("alpine-3.20")


class TestUndoing:
    """Nothing is left behind, whatever happens inside."""

    def test_a_failure_inside(self) -> None:
        with pytest.raises(ZeroDivisionError), using_host("debian-12-i386"):
            raise ZeroDivisionError

    def test_a_failure_on_the_way_in(self) -> None:
        with pytest.raises(RecursionError):
            using_host(FakeHost(answers={"declared_platform": RecursionError()})).__enter__()

    def test_functions_kept_from_a_fake_machine_are_this_machines_again(self) -> None:
        with using_host(FakeHost("i686", glibc="2.17")):
            kept = sysconfig.get_platform, struct.calcsize, platform.system, platform.uname, os.confstr, mltags.LocalHost.read
        assert kept[0]() == sysconfig.get_platform()
        assert kept[1]("P") == struct.calcsize("P")
        assert kept[2]() == platform.system()
        assert kept[3]() == platform.uname()
        assert kept[4]("CS_PATH") == os.confstr("CS_PATH")
        assert kept[5](mltags.LocalHost(), __file__, 3) == b'"""'

    def test_what_another_put_back_late_is_swept_away(self) -> None:
        machine = boundary.HostBoundary(hosts["debian-12-i386"])
        patch = pytest.MonkeyPatch()
        with machine:
            patch.setattr(os, "confstr", lambda name: name)
            patch.setattr(sys, "executable", "/another")
            patch.setitem(sys.modules, "_manylinux", module())
        assert sys.executable != "/another"
        patch.undo()
        assert sys.executable.endswith("python3")
        assert not Path(sys.executable).exists()
        machine.sweep()
        # The fixture of this module checks the rest.


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], types.ModuleType]:
    """Puts an empty module of that name among the loaded ones."""

    def make(name: str) -> types.ModuleType:
        made = types.ModuleType(name)
        monkeypatch.setitem(sys.modules, name, made)
        return made

    return make


class TestPackagingsOwn:
    """What packaging keeps is cleared, in every copy of it; what others keep is theirs (report A14)."""

    @staticmethod
    def cached(name: str, module: types.ModuleType) -> "functools._lru_cache_wrapper[int]":
        @functools.lru_cache
        def function() -> int:
            return 1

        vars(module)[name] = function
        function()
        return function

    def test_every_function_of_packaging_that_keeps_an_answer_is_known(self) -> None:
        for part in pkgutil.iter_modules(packaging.__path__):
            own = vars(importlib.import_module(f"packaging.{part.name}"))
            kept = {
                name for name, value in own.items() if hasattr(value, "cache_clear") and value.__module__ == own["__name__"]
            }
            assert kept <= set(boundary._CACHED.get(part.name, ())), part.name

    def test_the_caches_of_packaging_and_of_its_copies_are_cleared(self, foreign: Callable[[str], types.ModuleType]) -> None:
        copy = self.cached("_get_glibc_version", foreign("pip._vendor.packaging._manylinux"))
        musl = self.cached("_get_musl_version", foreign("installer.packaging._musllinux"))
        packaging._manylinux._get_glibc_version()
        with using_host("centos-7"):
            assert [function.cache_info().currsize for function in (copy, musl)] == [0, 0]
            assert packaging._manylinux._get_glibc_version()[:2] == (2, 17)
            copy()
        assert copy.cache_info().currsize == packaging._manylinux._get_glibc_version.cache_info().currsize == 0

    @pytest.mark.parametrize(
        ("module", "function"),
        [
            pytest.param("acme.packaging.store", "load", id="a module of another package called packaging"),
            pytest.param("acme.packaging._manylinux", "load", id="another function in a module with a name of packaging's"),
            pytest.param("acme.repackaging._manylinux", "_get_glibc_version", id="a package whose name ends alike"),
            pytest.param("packaging_tools._manylinux", "_get_glibc_version", id="a package whose name begins alike"),
            pytest.param("acme.packaging.store._manylinux", "_get_glibc_version", id="a package inside one called packaging"),
        ],
    )
    def test_the_caches_of_others_are_not(self, foreign: Callable[[str], types.ModuleType], module: str, function: str) -> None:
        kept = self.cached(function, foreign(module))
        with using_host("centos-7"):
            pass
        assert kept.cache_info().currsize == 1

    def test_nothing_else_in_such_a_module_is_even_looked_at(self, foreign: Callable[[str], types.ModuleType]) -> None:
        class Touchy:
            def __getattribute__(self, name: str) -> object:
                raise RuntimeError(name)

        for name in ("acme.packaging.store", "acme.packaging.tags", "acme.packaging._manylinux"):
            vars(foreign(name))["touchy"] = Touchy()
        vars(foreign("acme.packaging._musllinux"))["_get_musl_version"] = len  # which keeps nothing
        sys.modules["acme.packaging.gone"] = None  # type: ignore[assignment]
        try:
            with using_host("debian-12-i386"):
                assert all_tags() == tags_of("debian-12-i386")
        finally:
            del sys.modules["acme.packaging.gone"]

    def test_a_strangers_function_keeps_its_defaults(self, foreign: Callable[[str], types.ModuleType]) -> None:
        def two(first: int = 1, second: int = 2) -> int:
            return first + second

        vars(foreign("acme.packaging.tags")).update(_linux_platforms=two, _mac_arch=len)
        with using_host("debian-12-i386"):
            assert two.__defaults__ == (1, 2)

    def test_a_copy_that_was_loaded_under_a_fake_has_this_machines_pointers_afterwards(self) -> None:
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


class TestUse:
    """``using_host`` takes a name or a host, and may decorate a function."""

    def test_a_function_may_be_decorated(self) -> None:
        @using_host("centos-7")
        def first() -> str:
            return mltags.platform_tags()[1]

        assert first() == first() == "manylinux_2_17_x86_64"

    def test_an_unknown_name_is_refused_before_anything_is_replaced(self) -> None:
        with pytest.raises(mltags.InvalidTarget, match=r"'centos-5'.*expected one of centos-6, centos-7, centos-8"):
            using_host("centos-5")
