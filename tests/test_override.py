"""The ``_manylinux`` module: what it may say, in which order it is asked, and every way in which it can misbehave."""

import importlib
import sys
import types
from pathlib import Path

import pytest
from conftest import module

import mltags
from mltags import _local, _override
from mltags.testing import FakeHost, make_elf


def probe(override: object, machine: str = "x86_64", glibc: str = "2.17", **options: str) -> mltags.Platform:
    return mltags.probe(FakeHost(machine, glibc=glibc, override=override), **options)


def refused(platform: mltags.Platform) -> "list[tuple[str, str, str]]":
    assert platform.override is not None
    return [(str(version), arch, by) for version, arch, by in platform.override.refused]


class Rude:
    """An override whose every attribute is an error."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


class NoTruth:
    """A value that is neither true nor false."""

    def __bool__(self) -> bool:
        raise RuntimeError("neither true nor false")


class Exiting:
    """An override that ends the process whatever it is asked about itself."""

    manylinux1_compatible = False

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise SystemExit(name)
        raise AttributeError(name)


class UnspeakableError(Exception):
    """An error that ends the process when it is shown."""

    def __str__(self) -> str:
        raise SystemExit


def raising(problem: BaseException) -> object:
    """An override whose function raises *problem*."""

    def manylinux_compatible(major: int, minor: int, arch: str) -> None:
        raise problem

    return module(manylinux_compatible=manylinux_compatible)


MISBEHAVING = [
    pytest.param(raising(KeyError("x")), "manylinux_compatible raised KeyError: 'x'", id="the function raises"),
    pytest.param(raising(ImportError("x")), "manylinux_compatible raised ImportError: x", id="the function raises ImportError"),
    pytest.param(raising(SystemExit(3)), "manylinux_compatible raised SystemExit: 3", id="the function ends the process"),
    pytest.param(raising(UnspeakableError()), "manylinux_compatible raised UnspeakableError", id="the error cannot be shown"),
    pytest.param(
        module(manylinux_compatible=True),
        "manylinux_compatible raised TypeError: 'bool' object is not callable",
        id="the function is a truth value",
    ),
    pytest.param(
        module(manylinux_compatible=None),
        "manylinux_compatible raised TypeError: 'NoneType' object is not callable",
        id="the function is None",
    ),
    pytest.param(
        module(manylinux_compatible=lambda *_: NoTruth()),
        "manylinux_compatible raised RuntimeError: neither true nor false",
        id="the verdict has no truth value",
    ),
    pytest.param(
        module(manylinux_compatible=dict),
        "manylinux_compatible raised TypeError: dict expected at most 1 argument, got 3",
        id="the function takes other arguments",
    ),
]


class TestR10OverrideModule:
    """``_manylinux`` can refuse and never add; it is asked once for each version and architecture, high to low; whatever else it
    does is an OverrideError."""

    def test_the_function_is_asked_once_for_each_version_and_architecture_high_to_low(self) -> None:
        calls: list[tuple[object, ...]] = []
        probe(module(manylinux_compatible=lambda *row: calls.append(row)), "armv8l", "2.18")
        assert calls == [(2, 18, "armv8l"), (2, 17, "armv8l"), (2, 18, "armv7l"), (2, 17, "armv7l")]

    def test_the_function_is_not_asked_above_max_glibc(self) -> None:
        calls: list[tuple[object, ...]] = []
        probe(module(manylinux_compatible=lambda *row: calls.append(row)), glibc="2.36", max_glibc="2.6")
        assert calls == [(2, 6, "x86_64"), (2, 5, "x86_64")]

    def test_it_is_asked_about_each_major_version(self) -> None:
        calls: list[tuple[int, int]] = []
        probe(module(manylinux_compatible=lambda major, minor, _: calls.append((major, minor))), glibc="3.1", machine="s390x")
        assert calls == [(3, 1), (3, 0), *[(2, minor) for minor in range(50, 16, -1)]]

    @pytest.mark.parametrize(
        ("verdict", "refuses"),
        [
            pytest.param(None, False, id="None"),
            pytest.param(True, False, id="true"),
            pytest.param(1, False, id="one"),
            pytest.param("no", False, id="any text"),
            pytest.param(False, True, id="false"),
            pytest.param(0, True, id="zero"),
            pytest.param("", True, id="an empty text"),
            pytest.param([], True, id="an empty list"),
        ],
    )
    def test_none_is_compatible_and_else_the_truth_value_counts(self, verdict: object, *, refuses: bool) -> None:
        platform = probe(module(manylinux_compatible=lambda major, minor, arch: verdict), glibc="2.5")
        assert refused(platform) == ([("2.5", "x86_64", "manylinux_compatible")] if refuses else [])
        plain = ("linux_x86_64",)
        assert mltags.platform_tags(platform) == (plain if refuses else (*plain, "manylinux_2_5_x86_64", "manylinux1_x86_64"))

    def test_legacy_attributes_count_for_exactly_their_version(self) -> None:
        override = module(manylinux1_compatible=True, manylinux2010_compatible=None, manylinux2014_compatible=False)
        platform = probe(override, glibc="2.18")
        assert refused(platform) == [
            ("2.12", "x86_64", "manylinux2010_compatible"),
            ("2.17", "x86_64", "manylinux2014_compatible"),
        ]
        assert platform.override is not None
        assert platform.override.allowed == ("manylinux1_compatible",)
        assert mltags.platform_tags(platform)[:4] == (
            "linux_x86_64",
            "manylinux_2_18_x86_64",
            "manylinux_2_16_x86_64",
            "manylinux_2_15_x86_64",
        )
        assert "manylinux_2_12_x86_64" not in mltags.platform_tags(platform)
        assert platform.evidence[-1].conclusion == "refuses 2 of 14 versions"

    def test_a_legacy_attribute_refuses_its_version_on_an_older_machine_as_well(self) -> None:
        platform = probe(module(manylinux2014_compatible=False), glibc="2.12")
        assert refused(platform) == [("2.17", "x86_64", "manylinux2014_compatible")]
        assert mltags.platform_tags(platform) == mltags.platform_tags(probe(None, glibc="2.12"))
        assert platform.evidence[-1].conclusion == "refuses 0 of 8 versions"

    def test_the_function_hides_the_legacy_attributes(self) -> None:
        platform = probe(module(manylinux_compatible=lambda *_: None, manylinux2014_compatible=False))
        assert refused(platform) == []

    def test_an_empty_module_refuses_nothing(self) -> None:
        platform = probe(module())
        assert platform.override == mltags.Override("/usr/lib/python3/_manylinux.py")
        assert mltags.platform_tags(platform) == mltags.platform_tags(probe(None))

    def test_it_never_adds_a_tag(self) -> None:
        platform = probe(module(manylinux2014_compatible=True, manylinux_compatible=lambda *_: True), glibc="2.5")
        assert mltags.platform_tags(platform) == ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")

    @pytest.mark.parametrize(
        ("override", "source"),
        [
            pytest.param(types.ModuleType("_manylinux"), "_manylinux", id="a module"),
            pytest.param(types.SimpleNamespace(), "_manylinux (SimpleNamespace)", id="an object without a name"),
            pytest.param(types.SimpleNamespace(__file__=7, __name__="x"), "x", id="a file that is not text"),
            pytest.param(types.SimpleNamespace(__file__="x" * 5000), "x" * 4096, id="a file of a very long name"),
            pytest.param(Exiting(), "_manylinux (Exiting)", id="an object that does not say"),
        ],
    )
    def test_a_module_without_a_file_is_named_otherwise(self, override: object, source: str) -> None:
        platform = probe(override)
        assert platform.override is not None
        assert platform.override.source == source

    def test_a_module_that_cannot_be_named_is_asked_all_the_same(self) -> None:
        assert refused(probe(Exiting())) == [("2.5", "x86_64", "manylinux1_compatible")]

    @pytest.mark.parametrize(("override", "problem"), MISBEHAVING)
    def test_a_misbehaving_function_is_an_error_that_names_it(self, override: object, problem: str) -> None:
        with pytest.raises(mltags.OverrideError) as caught:
            probe(override)
        assert caught.value.source == "/usr/lib/python3/_manylinux.py"
        assert caught.value.tag == "manylinux_2_17_x86_64"
        assert caught.value.problem == problem
        assert isinstance(caught.value.__cause__, BaseException)

    def test_a_misbehaving_attribute_is_an_error_that_names_it(self) -> None:
        with pytest.raises(mltags.OverrideError) as caught:
            probe(Rude())
        assert str(caught.value) == (
            "override module _manylinux (Rude), asked about manylinux_2_17_x86_64: "
            "manylinux_compatible raised RuntimeError: manylinux_compatible"
        )
        with pytest.raises(mltags.OverrideError) as caught:
            probe(module(manylinux2010_compatible=NoTruth()))
        assert caught.value.tag == "manylinux_2_12_x86_64"
        assert caught.value.problem == "manylinux2010_compatible raised RuntimeError: neither true nor false"

    def test_an_attribute_that_no_version_depends_on_may_misbehave(self) -> None:
        platform = probe(module(manylinux2014_compatible=NoTruth()), glibc="2.12")
        assert refused(platform) == []

    @pytest.mark.parametrize(
        "problem",
        [
            pytest.param(ImportError("none"), id="ImportError"),
            pytest.param(ModuleNotFoundError("none"), id="ModuleNotFoundError"),
            pytest.param(ImportError, id="the class"),
        ],
    )
    def test_an_import_error_means_that_there_is_none(self, problem: object) -> None:
        platform = mltags.probe(FakeHost(glibc="2.5", override=problem))
        assert platform.override is None
        assert mltags.platform_tags(platform) == ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")
        assert platform.evidence[-1].conclusion == "no override module"
        assert "Error" in platform.evidence[-1].answer  # as it came

    @pytest.mark.parametrize(
        ("problem", "source", "shown"),
        [
            pytest.param(RuntimeError("x"), "_manylinux", "importing it raised RuntimeError: x", id="an error"),
            pytest.param(SystemExit(1), "_manylinux", "importing it raised SystemExit: 1", id="an exit"),
            pytest.param(
                SyntaxError("x", ("/lib/_manylinux.py", 1, 1, "")),
                "/lib/_manylinux.py",
                "importing it raised SyntaxError: x (_manylinux.py, line 1)",
                id="not Python",
            ),
        ],
    )
    def test_an_error_on_import_is_an_override_error(self, problem: BaseException, source: str, shown: str) -> None:
        with pytest.raises(mltags.OverrideError) as caught:
            mltags.probe(FakeHost(glibc="2.17", answers={"override": problem}))
        assert (caught.value.source, caught.value.tag) == (source, "manylinux_2_17_x86_64")
        assert caught.value.problem == shown
        assert caught.value.__cause__ is problem

    @pytest.mark.parametrize("where", ["import", "function", "attribute", "truth"])
    def test_keyboard_interrupt_passes(self, where: str) -> None:
        def interrupt(*_: object) -> bool:
            raise KeyboardInterrupt

        answers = {
            "import": KeyboardInterrupt,
            "function": module(manylinux_compatible=interrupt),
            "attribute": type("Module", (), {"__getattr__": interrupt})(),
            "truth": module(manylinux1_compatible=type("Truth", (), {"__bool__": interrupt})()),
        }
        with pytest.raises(KeyboardInterrupt):
            mltags.probe(FakeHost(glibc="2.17", answers={"override": answers[where]}))


class TestR10NothingToRefuse:
    """Without manylinux tags there is nothing to refuse, so the module is not asked, and may misbehave."""

    HOSTS = pytest.mark.parametrize(
        "host",
        [
            pytest.param({"musl": "1.2"}, id="musl"),
            pytest.param({}, id="no C library"),
            pytest.param({"glibc": "2.4"}, id="too old a glibc"),
            pytest.param({"machine": "armv7l", "glibc": "2.17", "elf": make_elf("armv7l", flags=0)}, id="another ABI"),
            pytest.param({"machine": "e2k", "glibc": "2.29"}, id="a name without an ABI"),
        ],
    )

    @HOSTS
    def test_it_is_not_asked(self, host: "dict[str, str]") -> None:
        def manylinux_compatible(*row: object) -> bool:
            raise AssertionError(row)

        override = module(manylinux_compatible=manylinux_compatible)
        platform = mltags.probe(FakeHost(override=override, **host))  # type: ignore[arg-type]
        assert platform.override == mltags.Override("/usr/lib/python3/_manylinux.py")
        assert platform.evidence[-1].conclusion == "not asked: there are no manylinux tags to refuse"

    @HOSTS
    def test_one_that_cannot_be_imported_counts_as_none(self, host: "dict[str, str]") -> None:
        answers: dict[str, object] = {"override": RuntimeError("broken")}
        platform = mltags.probe(FakeHost(answers=answers, **host))  # type: ignore[arg-type]
        assert platform.override is None
        assert platform.evidence[-1] == mltags.Evidence(
            "override", "import _manylinux", "RuntimeError: broken", "not asked: there are no manylinux tags to refuse"
        )

    @HOSTS
    def test_one_whose_attributes_raise_refuses_nothing(self, host: "dict[str, str]") -> None:
        platform = mltags.probe(FakeHost(override=Rude(), **host))  # type: ignore[arg-type]
        assert platform.override == mltags.Override("_manylinux (Rude)")

    @HOSTS
    def test_attributes_that_are_true_are_reported(self, host: "dict[str, str]") -> None:
        override = mltags.probe(FakeHost(override=module(manylinux1_compatible=True), **host)).override  # type: ignore[arg-type]
        assert override is not None
        assert override.allowed == ("manylinux1_compatible",)


def test_a_module_elsewhere_has_to_answer_itself() -> None:
    with pytest.raises(NotImplementedError):
        _override.RemoteModule().ask([])


class TestImported:
    """The real import, of real files."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "_manylinux", raising=False)
        monkeypatch.setattr("os.confstr", lambda name: "glibc 2.17")
        monkeypatch.setattr("sysconfig.get_platform", lambda: "linux-x86_64")
        monkeypatch.setattr("struct.calcsize", lambda code: 8)
        self.file = tmp_path / "_manylinux.py"
        self.patch = monkeypatch

    def tags(self) -> "tuple[str, ...]":
        try:
            return mltags.platform_tags()
        finally:
            sys.modules.pop("_manylinux", None)

    def test_a_module_put_in_place_after_the_first_call_counts_in_the_next(self) -> None:
        assert "manylinux2014_x86_64" in self.tags()
        self.file.write_text("manylinux2014_compatible = False")
        importlib.invalidate_caches()  # two writes within one tick of the file system's clock
        assert "manylinux2014_x86_64" not in self.tags()
        self.file.unlink()
        importlib.invalidate_caches()
        assert "manylinux2014_x86_64" in self.tags()

    def test_a_module_that_fails_is_named_by_its_file(self) -> None:
        self.file.write_text("1 / 0")
        with pytest.raises(mltags.OverrideError) as caught:
            self.tags()
        assert str(caught.value) == (
            f"override module {self.file}, asked about manylinux_2_17_x86_64: "
            "importing it raised ZeroDivisionError: division by zero"
        )

    def test_a_module_that_is_not_python_is_named_by_its_file(self) -> None:
        self.file.write_text("def (")
        with pytest.raises(mltags.OverrideError) as caught:
            self.tags()
        assert caught.value.source == str(self.file)

    def test_a_module_that_fails_in_what_it_imports_is_named_itself(self, tmp_path: Path) -> None:
        (tmp_path / "helper_of_manylinux.py").write_text("1 / 0")
        self.file.write_text("import helper_of_manylinux")
        with pytest.raises(mltags.OverrideError) as caught:
            self.tags()
        assert caught.value.source == str(self.file)

    def test_a_module_that_raises_import_error_is_absent(self) -> None:
        self.file.write_text("raise ImportError('not here')")
        assert "manylinux2014_x86_64" in self.tags()

    def test_none_in_sys_modules_is_absent(self) -> None:
        self.file.write_text("1 / 0")
        self.patch.setitem(sys.modules, "_manylinux", None)
        assert "manylinux2014_x86_64" in mltags.platform_tags()

    def test_a_function_of_the_modules_own_getattr_counts(self) -> None:
        self.file.write_text(
            "def __getattr__(name):\n    if name == 'manylinux_compatible': return lambda *_: False\n    raise AttributeError(name)\n"
        )
        assert self.tags() == ("linux_x86_64",)

    def test_every_finder_is_asked(self) -> None:
        silent = type("Finder", (), {"find_spec": lambda self, *_: None})()
        self.patch.setattr(sys, "meta_path", [silent])
        assert not _local._is_found("_manylinux")
        assert mltags.LocalHost().override() is None
        self.patch.setattr(sys, "meta_path", [silent, object()])  # of the old kind, which import itself has to ask
        assert _local._is_found("_manylinux")

    def test_an_import_function_put_in_place_is_asked(self) -> None:
        import builtins

        original = builtins.__import__

        def importing(name: str, *rest: object) -> object:
            if name == "_manylinux":
                return module(manylinux2014_compatible=False)
            return original(name, *rest)  # type: ignore[arg-type]

        self.patch.setattr(builtins, "__import__", importing)
        assert "manylinux2014_x86_64" not in mltags.platform_tags()
