"""The ``_manylinux`` module: what it may say, in which order it is asked, and every way in which it can misbehave."""

import sys
import types
from pathlib import Path

import pytest
from conftest import module

import mltags
from mltags.testing import FakeHost, make_elf


def probe(override: object, machine: str = "x86_64", glibc: str = "2.17", **options: str) -> mltags.Platform:
    return mltags.probe(FakeHost(machine, glibc=glibc, override=override), **options)


def refused(platform: mltags.Platform) -> list:
    assert platform.override is not None
    return [(str(version), arch, by) for version, arch, by in platform.override.refused]


def test_the_function_is_asked_once_per_version_and_architecture_high_to_low() -> None:
    calls: list[tuple] = []
    probe(module(manylinux_compatible=lambda *row: calls.append(row)), "armv8l", "2.18")
    assert calls == [(2, 18, "armv8l"), (2, 17, "armv8l"), (2, 18, "armv7l"), (2, 17, "armv7l")]


def test_the_function_is_not_asked_above_the_ceiling() -> None:
    calls: list[tuple] = []
    probe(module(manylinux_compatible=lambda *row: calls.append(row)), glibc="2.36", max_glibc="2.6")
    assert calls == [(2, 6, "x86_64"), (2, 5, "x86_64")]


@pytest.mark.parametrize(
    ("verdict", "refuses"),
    [(None, False), (True, False), (1, False), ("no", False), (False, True), (0, True), ("", True), ([], True)],
    ids=repr,
)
def test_none_is_compatible_and_else_the_truth_value_counts(verdict: object, *, refuses: bool) -> None:
    platform = probe(module(manylinux_compatible=lambda major, minor, arch: verdict), glibc="2.5")
    assert refused(platform) == ([("2.5", "x86_64", "manylinux_compatible")] if refuses else [])
    assert ("manylinux1_x86_64" in mltags.platform_tags(platform)) is not refuses


def test_legacy_attributes_count_for_exactly_their_version() -> None:
    platform = probe(
        module(manylinux1_compatible=True, manylinux2010_compatible=None, manylinux2014_compatible=False), glibc="2.18"
    )
    assert refused(platform) == [("2.12", "x86_64", "manylinux2010_compatible"), ("2.17", "x86_64", "manylinux2014_compatible")]
    assert platform.override is not None
    assert platform.override.allowed == ("manylinux1_compatible",)
    tags = mltags.platform_tags(platform)
    assert "manylinux_2_17_x86_64" not in tags
    assert "manylinux2014_x86_64" not in tags
    assert "manylinux_2_16_x86_64" in tags


def test_the_function_hides_the_legacy_attributes() -> None:
    platform = probe(module(manylinux_compatible=lambda *_: None, manylinux2014_compatible=False))
    assert refused(platform) == []


def test_an_empty_module_refuses_nothing() -> None:
    platform = probe(module())
    assert platform.override == mltags.Override("/usr/lib/python3/_manylinux.py")
    assert mltags.platform_tags(platform) == mltags.platform_tags(probe(None))


@pytest.mark.parametrize(
    ("override", "source"),
    [
        (types.ModuleType("_manylinux"), "_manylinux"),
        (types.SimpleNamespace(), "_manylinux (SimpleNamespace)"),
        (types.SimpleNamespace(__file__=7, __name__="x"), "x"),
    ],
)
def test_a_module_without_a_file_is_named(override: object, source: str) -> None:
    platform = probe(override)
    assert platform.override is not None
    assert platform.override.source == source


class Rude:
    """An override whose every attribute is an error."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


class NoTruth:
    def __bool__(self) -> bool:
        raise RuntimeError("neither true nor false")


def raising(problem: BaseException) -> object:
    def manylinux_compatible(major: int, minor: int, arch: str) -> None:
        raise problem

    return module(manylinux_compatible=manylinux_compatible)


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise SystemExit


class Exiting:
    """An override that ends the process whatever it is asked about itself."""

    manylinux1_compatible = False

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise SystemExit(name)
        raise AttributeError(name)


def test_a_module_that_cannot_be_named_is_asked_all_the_same() -> None:
    platform = probe(Exiting())
    assert refused(platform) == [("2.5", "x86_64", "manylinux1_compatible")]


MISBEHAVING = {
    "the function raises the unspeakable": (raising(UnspeakableError()), "manylinux_compatible raised UnspeakableError"),
    "the function raises": (raising(KeyError("x")), "manylinux_compatible raised KeyError: 'x'"),
    "the function raises ImportError": (raising(ImportError("x")), "manylinux_compatible raised ImportError: x"),
    "the function ends the process": (raising(SystemExit(3)), "manylinux_compatible raised SystemExit: 3"),
    "the function is none": (
        module(manylinux_compatible=True),
        "manylinux_compatible raised TypeError: 'bool' object is not callable",
    ),
    "the function is None": (
        module(manylinux_compatible=None),
        "manylinux_compatible raised TypeError: 'NoneType' object is not callable",
    ),
    "the verdict has no truth value": (
        module(manylinux_compatible=lambda *_: NoTruth()),
        "manylinux_compatible raised RuntimeError: neither true nor false",
    ),
    "the function takes no arguments": (
        module(manylinux_compatible=dict),
        "manylinux_compatible raised TypeError: dict expected at most 1 argument, got 3",
    ),
}


@pytest.mark.parametrize("name", MISBEHAVING)
def test_a_misbehaving_function_is_an_error_that_names_it(name: str) -> None:
    override, problem = MISBEHAVING[name]
    with pytest.raises(mltags.OverrideError) as caught:
        probe(override)
    assert caught.value.source == "/usr/lib/python3/_manylinux.py"
    assert caught.value.tag == "manylinux_2_17_x86_64"
    assert caught.value.problem == problem
    assert isinstance(caught.value.__cause__, BaseException)


def test_misbehaving_attributes_are_errors_that_name_them() -> None:
    with pytest.raises(mltags.OverrideError) as caught:
        probe(Rude())
    assert str(caught.value) == (
        "override module _manylinux (Rude), asked about manylinux_2_17_x86_64: "
        "manylinux_compatible raised RuntimeError: manylinux_compatible"
    )
    with pytest.raises(mltags.OverrideError) as caught:
        probe(module(manylinux2010_compatible=NoTruth()))
    assert caught.value.tag == "manylinux_2_12_x86_64"


def test_a_legacy_attribute_that_no_version_hangs_on_may_misbehave() -> None:
    platform = probe(module(manylinux2014_compatible=NoTruth()), glibc="2.12")
    assert platform.override is not None
    assert platform.override.refused == ()


@pytest.mark.parametrize("problem", [ImportError("none"), ModuleNotFoundError("none"), ImportError])
def test_an_import_error_means_that_there_is_none(problem: object) -> None:
    platform = mltags.probe(FakeHost(glibc="2.5", override=problem))
    assert platform.override is None
    assert mltags.platform_tags(platform) == ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")
    assert platform.evidence[-1].conclusion == "no override module"
    assert "Error" in platform.evidence[-1].answer  # as it came


@pytest.mark.parametrize("problem", [RuntimeError("x"), SystemExit(1), SyntaxError("x", ("/lib/_manylinux.py", 1, 1, ""))])
def test_an_error_on_import_is_an_override_error(problem: BaseException) -> None:
    host = FakeHost(glibc="2.17", answers={"override": problem})
    with pytest.raises(mltags.OverrideError) as caught:
        mltags.probe(host)
    assert caught.value.tag == "manylinux_2_17_x86_64"
    assert caught.value.__cause__ is problem
    assert caught.value.source == ("/lib/_manylinux.py" if isinstance(problem, SyntaxError) else "_manylinux")


@pytest.mark.parametrize("where", ["import", "function", "attribute", "truth"])
def test_keyboard_interrupt_passes(where: str) -> None:
    def interrupt(*_: object) -> bool:
        raise KeyboardInterrupt

    attribute = type("Module", (), {"__getattr__": interrupt})()
    truth = module(manylinux1_compatible=type("Truth", (), {"__bool__": interrupt})())
    answers = {
        "import": KeyboardInterrupt,
        "function": module(manylinux_compatible=interrupt),
        "attribute": attribute,
        "truth": truth,
    }
    with pytest.raises(KeyboardInterrupt):
        mltags.probe(FakeHost(glibc="2.17", answers={"override": answers[where]}))


@pytest.mark.parametrize(
    "host",
    [{"musl": "1.2"}, {}, {"glibc": "2.4"}, {"machine": "armv7l", "glibc": "2.17", "elf": make_elf("armv7l", flags=0)}],
    ids=str,
)
def test_without_a_manylinux_ladder_it_is_not_asked(host: dict) -> None:
    def manylinux_compatible(*row: object) -> bool:
        raise AssertionError(row)

    override = module(manylinux_compatible=manylinux_compatible)
    platform = mltags.probe(FakeHost(**host, override=override))
    assert platform.override == mltags.Override("/usr/lib/python3/_manylinux.py")
    assert mltags.probe(FakeHost(**host, answers={"override": RuntimeError("broken")})).override is None
    assert mltags.probe(FakeHost(**host, override=Rude())).override == mltags.Override("_manylinux (Rude)")
    hopeful = mltags.probe(FakeHost(**host, override=module(manylinux1_compatible=True))).override
    assert hopeful is not None
    assert hopeful.allowed == ("manylinux1_compatible",)


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

    def tags(self) -> tuple:
        try:
            return mltags.platform_tags()
        finally:
            sys.modules.pop("_manylinux", None)

    def test_a_module_put_in_place_after_the_first_call_counts_in_the_next(self) -> None:
        assert "manylinux2014_x86_64" in self.tags()
        self.file.write_text("manylinux2014_compatible = False")
        import importlib

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

    def test_a_module_that_is_no_python_is_named_by_its_file(self) -> None:
        self.file.write_text("def (")
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

    def test_every_finder_is_asked(self) -> None:
        from mltags._probe import _is_found

        self.patch.setattr(sys, "meta_path", [type("Finder", (), {"find_spec": lambda self, *_: None})()])
        assert not _is_found("_manylinux")
        assert mltags.LocalHost().override() is None
        self.patch.setattr(sys, "meta_path", [object()])  # of the old kind, which import itself has to ask
        assert _is_found("_manylinux")

    def test_a_module_that_fails_in_what_it_imports_is_named_itself(self, tmp_path: Path) -> None:
        (tmp_path / "helper_of_manylinux.py").write_text("1 / 0")
        self.file.write_text("import helper_of_manylinux")
        with pytest.raises(mltags.OverrideError) as caught:
            self.tags()
        assert caught.value.source == str(self.file)

    def test_an_import_function_put_in_place_is_asked(self) -> None:
        import builtins

        original = builtins.__import__

        def importing(name: str, *rest: object) -> object:
            if name == "_manylinux":
                return module(manylinux2014_compatible=False)
            return original(name, *rest)  # type: ignore[arg-type]

        self.patch.setattr(builtins, "__import__", importing)
        assert "manylinux2014_x86_64" not in mltags.platform_tags()
