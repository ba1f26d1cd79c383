"""First uses of mltags, ways in which others put sys.modules back, and checks for afterwards; a program for processes of their own.

``python sys_modules.py USE WAY`` uses mltags for the first time in a region after which the modules it loaded are taken out of
sys.modules, checks everything, and prints what failed.
"""

import contextlib
import importlib
import io
import json
import operator
import os
import pickle
import shutil
import sys
import tempfile
import types
import unittest.mock
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mltags

GLIBC_2_28 = [
    *[f"manylinux_2_{minor}_x86_64" for minor in range(28, 17, -1)],
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    *[f"manylinux_2_{minor}_x86_64" for minor in range(16, 12, -1)],
    "manylinux_2_12_x86_64",
    "manylinux2010_x86_64",
    *[f"manylinux_2_{minor}_x86_64" for minor in range(11, 5, -1)],
    "manylinux_2_5_x86_64",
    "manylinux1_x86_64",
    "linux_x86_64",
]
NAMES = [
    "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
    "a-1-py3-none-any.whl",
    "a-1-2-cp312-cp312-manylinux_2_17_x86_64.whl",
    "a-1-cp312-cp312-manylinux_2_35_x86_64.whl",
    "a-1-cp312-cp312-win32.whl",
    "a-1-nonsense",
]


def declared(platform: str = "manylinux_2_28_x86_64") -> "mltags.Target":
    return mltags.Target.of(python_version="3.12", implementation="cp", platform=platform)


def raised(function: Callable[[], object]) -> BaseException:
    try:
        function()
    except BaseException as problem:
        return problem
    raise AssertionError("nothing was raised")


# First uses


def a_malformed_name() -> None:
    raised(lambda: declared().rank("nonsense"))


def a_fake_with_an_override() -> None:
    from mltags.testing import FakeHost

    mltags.probe(FakeHost(glibc="2.17", override=types.SimpleNamespace(manylinux2014_compatible=False)))


def a_fixture_of_the_plugin() -> None:
    run_pytest(
        "import mltags\n\ndef test_it(fake_glibc):\n"
        "    fake_glibc('2.5')\n    assert mltags.platform_tags()[1:] == ('manylinux_2_5_x86_64', 'manylinux1_x86_64')\n"
    )


def audited(name: str = "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl") -> Any:
    """The audit of a wheel that needs glibc 2.28."""
    import elves

    import mltags.audit

    program = elves.elf(versions={"libc.so.6": ["GLIBC_2.28"]})
    with tempfile.TemporaryDirectory() as folder:
        wheel = elves.wheel(Path(folder), name, {"demo/x.cpython-312-x86_64-linux-gnu.so": program})
        return mltags.audit.audit(str(wheel), declared())


def checked() -> Any:
    """The report on a release whose one wheel needs a newer glibc than CentOS 7 has."""
    import mltags.check

    target = declared("manylinux_2_17_x86_64")
    return mltags.check.check(["demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"], {"centos-7": target})


def run_pytest(source: str) -> None:
    """Run a test in this process, with the plugin and no other."""
    import pytest

    output = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        path = Path(folder, "test_fixture.py")
        path.write_text(source)
        options = ["-p", "mltags.testing.plugin", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={folder}"]
        with unittest.mock.patch.dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"):
            status = pytest.main([*options, str(path)])
        sys.modules.pop("test_fixture", None)
    assert status == 0, output.getvalue()


# The lambdas matter: to name what they call would be its first use.
USES: dict[str, Callable[[], object]] = {
    "platform_tags": lambda: mltags.platform_tags(),  # noqa: PLW0108
    "Target.current": lambda: mltags.Target.current(),  # noqa: PLW0108
    "Target.of": declared,
    "rank of a malformed name": a_malformed_name,
    "explain": lambda: declared().explain(NAMES[3]),
    "JSON": lambda: mltags.Target.from_json(declared().to_json()),
    "root directory": lambda: mltags.probe(mltags.RootHost("/")),
    "fake host with an override": a_fake_with_an_override,
    "another interpreter": lambda: mltags.Target.of_interpreter(sys.executable),
    "fixture of the plugin": a_fixture_of_the_plugin,
    "audit of a wheel": audited,
    "check of names": checked,
    "load": lambda: mltags.load(),  # noqa: PLW0108
}


# Ways to put sys.modules back


@contextlib.contextmanager
def patched() -> Iterator[None]:
    with unittest.mock.patch.dict(sys.modules):
        yield


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """As setuptools' sandbox did."""
    saved = sys.modules.copy()
    yield
    sys.modules.update(saved)
    for name in [name for name in sys.modules if name not in saved and not name.startswith("encodings.")]:
        del sys.modules[name]


@contextlib.contextmanager
def deleted() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.startswith("mltags.")]:
        del sys.modules[name]


@contextlib.contextmanager
def reloaded() -> Iterator[None]:
    yield
    importlib.reload(mltags)


WAYS: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "patch.dict": patched,
    "snapshot": snapshot,
    "deletion": deleted,
    "reload": reloaded,
}


# What is held from the region, and checks


def loaded_names() -> dict[str, object]:
    """The public names that are loaded by now, those of the testing wing included."""
    names = {name: vars(mltags)[name] for name in mltags.__all__ if name in vars(mltags)}
    testing = vars(mltags).get("testing")
    if "fakes" in vars(testing or mltags):
        names |= {f"testing.{name}": getattr(testing, name) for name in ("FakeHost", "UnscriptedQuestionError", "hosts")}
    for wing in ("audit", "check"):
        loaded = vars(mltags).get(wing)
        if loaded is not None:
            names |= {f"{wing}.{name}": getattr(loaded, name) for name in loaded.__all__}
    return names


class Held:
    """The public names and some values of a program that has used mltags before."""

    def __init__(self, names: "dict[str, object] | None" = None) -> None:
        self.names = loaded_names() if names is None else names
        self.target = declared()
        self.platform = self.target.platform
        self.error = raised(lambda: declared().rank("nonsense"))
        self.json = self.target.to_json()
        self.pickle = pickle.dumps([self.target, self.error])


def check_declared_tags(held: Held) -> None:
    assert list(declared().platform_tags) == GLIBC_2_28
    assert list(held.target.platform_tags) == GLIBC_2_28
    assert len(GLIBC_2_28) == 28


def check_musl_tags(_: Held) -> None:
    assert declared("musllinux_1_1_x86_64").platform_tags == ("musllinux_1_1_x86_64", "musllinux_1_0_x86_64", "linux_x86_64")


def check_rank(held: Held) -> None:
    for target in (declared(), held.target):
        assert [target.rank(name) for name in NAMES[:5]] == [11, 758, 11, None, None]


def check_best(held: Held) -> None:
    assert declared().best(NAMES) == held.target.best(NAMES) == NAMES[2]


def check_sort(held: Held) -> None:
    assert declared().sort(NAMES) == held.target.sort(NAMES) == [NAMES[2], NAMES[0], NAMES[1]]


def check_closest(held: Held) -> None:
    for target in (declared(), held.target):
        assert [miss.reason.name for miss in target.closest(NAMES)] == ["LIBC_TOO_OLD", "SYSTEM", "MALFORMED"]


def check_explain(held: Held) -> None:
    for target in (declared(), held.target):
        miss = target.explain(NAMES[3])
        assert isinstance(miss, mltags.Mismatch)
        assert miss.reason is mltags.Reason.LIBC_TOO_OLD
        assert (miss.need, miss.have) == (mltags.Glibc(2, 35), mltags.Glibc(2, 28))
        assert isinstance(target.explain(NAMES[0]), mltags.Match)


def check_explain_malformed(_: Held) -> None:
    miss = declared().explain("nonsense")
    assert isinstance(miss, mltags.Mismatch)
    assert miss.reason is mltags.Reason.MALFORMED


def check_explicit_tags(_: Held) -> None:
    target = mltags.Target.from_tags(["cp312-cp312-linux_x86_64", "py3-none-any"])
    assert target.rank("a-1-py3-none-any.whl") == 1
    assert target == mltags.Target.from_json(target.to_json())


def check_json(held: Held) -> None:
    for target in (declared(), held.target, mltags.Target.current()):
        assert mltags.Target.from_json(target.to_json()) == target
    assert declared() == held.target == mltags.Target.from_json(held.json)


def check_root_of_errors(_: Held) -> None:
    try:
        declared().rank("nonsense")
    except mltags.MltagsError as problem:
        assert type(problem) is mltags.InvalidWheelName  # noqa: PT017


def check_errors_by_name(_: Held) -> None:
    for function, kind in [
        (lambda: mltags.parse_platform("nonsense"), mltags.InvalidPlatformTag),
        (lambda: mltags.Glibc(2, 1000), mltags.InvalidTarget),
        (lambda: mltags.RootHost("/no/such/folder"), mltags.ProbeError),
        (lambda: declared().best("a-1-py3-none-any.whl"), mltags.InvalidWheelName),
    ]:
        problem = raised(function)
        assert type(problem) is kind, problem
        assert isinstance(problem, mltags.MltagsError)


def check_held_errors(held: Held) -> None:
    problem = raised(lambda: declared().rank("nonsense"))
    assert type(problem) is type(held.error) is mltags.InvalidWheelName


def check_held_names(held: Held) -> None:
    for name, value in held.names.items():
        assert operator.attrgetter(name)(mltags) is value or name == "load", name
    assert sorted(dir(mltags)) == sorted(mltags.__all__)
    for name in mltags.__all__:
        getattr(mltags, name)


def check_held_values(held: Held) -> None:
    assert isinstance(held.target, mltags.Target)
    assert isinstance(held.platform, mltags.Platform)
    assert held.platform == mltags.parse_platform("manylinux_2_28_x86_64")
    assert hash(held.platform) == hash(mltags.parse_platform("manylinux_2_28_x86_64"))
    assert mltags.platform_tags(held.platform) == held.target.platform_tags
    libc: Any = held.platform.libc
    assert mltags.Glibc(2, 17) < libc <= mltags.Glibc(2, 28)


def public_values() -> list[object]:
    target = declared()
    values: list[object] = [
        mltags.Glibc(2, 28),
        mltags.Musl(1, 2),
        mltags.Evidence("libc", "os.confstr", "'glibc 2.28'", "glibc 2.28"),
        mltags.Override("/_manylinux.py", [(mltags.Glibc(2, 17), "x86_64", "manylinux2014_compatible")]),
        target,
        target.python,
        target.platform,
        target.explain(NAMES[0]),
        target.explain(NAMES[3]),
        mltags.Reason.ABI,
        mltags.Reason.SYSTEM,
        next(iter(mltags.machines().values())),
    ]
    return values


def check_pickles_of_values(held: Held) -> None:
    for value in public_values():
        again = pickle.loads(pickle.dumps(value))
        assert type(again) is type(value), value
        assert again == value
    assert pickle.loads(held.pickle)[0] == declared()


def check_pickles_of_errors(held: Held) -> None:
    for problem in [
        mltags.InvalidPlatformTag("a", "b", "c"),
        mltags.InvalidTarget("a", "b", "c"),
        mltags.InvalidWheel("a", "b", "c"),
        mltags.InvalidWheelName("a", "b", "c"),
        mltags.OverrideError("a", "b", "c"),
        mltags.ProbeError("a", "b"),
    ]:
        again = pickle.loads(pickle.dumps(problem))
        assert (type(again), str(again)) == (type(problem), str(problem))
    assert type(pickle.loads(held.pickle)[1]) is mltags.InvalidWheelName


def old_host() -> Any:
    """This machine with an old glibc."""

    class OldHost(mltags.LocalHost):
        def system(self) -> str:
            return "Linux"

        def platform(self) -> str:
            return "linux-x86_64"

        def pointer_size(self) -> int:
            return 8

        def declared_platform(self) -> None:
            return None

        def confstr(self, name: str) -> str:
            return "glibc 2.17"

    return OldHost()


def check_override(_: Held) -> None:
    module = types.SimpleNamespace(manylinux_compatible=lambda major, minor, arch: minor == 12)
    with unittest.mock.patch.dict(sys.modules, {"_manylinux": module}):
        found = mltags.probe(old_host())
    assert mltags.platform_tags(found) == ("linux_x86_64", "manylinux_2_12_x86_64", "manylinux2010_x86_64")
    assert type(found.override) is mltags.Override


def check_failing_override(_: Held) -> None:
    with unittest.mock.patch.dict(sys.modules, {"_manylinux": types.SimpleNamespace(manylinux_compatible=7)}):
        assert type(raised(lambda: mltags.probe(old_host()))) is mltags.OverrideError


def check_limits(_: Held) -> None:
    target = mltags.Target.of(python_version="3.12", platform="manylinux_2_28_x86_64", linux_tags="first", max_glibc="2.5")
    assert target.platform_tags == ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")
    assert mltags.probe(old_host(), max_glibc=(2, 5)).max_glibc == mltags.Glibc(2, 5)


def check_root_directory(_: Held) -> None:
    assert type(mltags.probe(mltags.RootHost("/"))) is mltags.Platform


def check_current(_: Held) -> None:
    assert mltags.Target.current().platform_tags == mltags.platform_tags()
    assert list(mltags.sys_tags()) == list(mltags.Target.current().tags)


def check_environment(held: Held) -> None:
    assert declared().environment == held.target.environment
    assert declared("win_amd64").environment["platform_machine"] == "AMD64"
    assert mltags.Target.current().environment["python_version"] == f"{sys.version_info[0]}.{sys.version_info[1]}"


def check_machines_by_name(_: Held) -> None:
    assert mltags.Target.of_machine("centos-7", python_version="3.9").rank("a-1-cp39-cp39-manylinux2014_x86_64.whl") is not None


def check_suggestions(_: Held) -> None:
    for wrong in (
        lambda: mltags.Target.of_machine("centoss-7", python_version="3.9"),
        lambda: mltags.Target.of(python_version="3.12", platform="win_amd64", environment={"os_nam": "nt"}),
    ):
        problem = raised(wrong)
        assert type(problem) is mltags.InvalidTarget
        assert "did you mean" in str(problem)


def check_odd_text(_: Held) -> None:
    assert "'a\\u202e\\x00'" in str(raised(lambda: declared().rank("a\u202e\0")))


def check_running_a_loader(_: Held) -> None:
    assert mltags.LocalHost().run_loader(sys.executable) == ""  # it reads no input, and ends


CORE: dict[str, Callable[[Held], None]] = {
    name.removeprefix("check_").replace("_", " "): check for name, check in list(globals().items()) if name.startswith("check_")
}


def check_fake_hosts(_: Held) -> None:
    from mltags.testing import FakeHost, find_host, hosts

    assert type(find_host("centos-7")) is type(hosts["alpine-3.20"]) is FakeHost
    assert mltags.probe(FakeHost(musl="1.2")).libc == mltags.Musl(1, 2)
    assert mltags.platform_tags(mltags.probe(FakeHost(glibc="2.5")))[1:] == ("manylinux_2_5_x86_64", "manylinux1_x86_64")
    assert mltags.platform_tags(mltags.probe(FakeHost("win-amd64"))) == ("win_amd64",)
    assert mltags.platform_tags(mltags.probe(FakeHost("macosx-15.3-arm64")))[0] == "macosx_15_0_arm64"


def check_unscripted_question(_: Held) -> None:
    import mltags.testing

    problem = raised(lambda: mltags.probe(mltags.testing.FakeHost("arm64", system="Darwin")))
    assert type(problem) is mltags.testing.UnscriptedQuestionError
    assert isinstance(problem, mltags.MltagsError)
    assert type(pickle.loads(pickle.dumps(problem))) is mltags.testing.UnscriptedQuestionError


def check_using_host(_: Held) -> None:
    from mltags.testing import using_host

    before = mltags.platform_tags()
    with using_host("alpine-3.20"), using_host("centos-7"):
        assert mltags.platform_tags()[1] == "manylinux_2_17_x86_64"
        assert mltags.probe().libc == mltags.Glibc(2, 17)
    with using_host("debian-12-i386"):
        assert mltags.platform_tags()[1] == "manylinux_2_36_i686"
    assert mltags.platform_tags() == before


def check_audit(_: Held) -> None:
    import mltags.audit

    found = audited()
    assert type(found) is mltags.audit.Audit
    assert (found.correct, found.loads, found.lowest_tag) == (False, True, "manylinux_2_28_x86_64")
    assert [finding.kind for finding in found.findings] == [mltags.audit.Kind.TAG]
    again = pickle.loads(pickle.dumps(found))
    assert type(again) is mltags.audit.Audit
    assert again == found
    assert type(raised(lambda: mltags.audit.audit("/no/such/a-1-py3-none-any.whl"))) is mltags.InvalidWheel


def check_reports(_: Held) -> None:
    import mltags.check

    report = checked()
    assert type(report) is mltags.check.Report
    assert (bool(report), [type(row) for row in report.rows]) == (False, [mltags.check.Row])
    again = pickle.loads(pickle.dumps(report))
    assert type(again) is mltags.check.Report
    assert [row.sentence for row in again.rows] == [row.sentence for row in report.rows]


def check_fixtures(_: Held) -> None:
    a_fixture_of_the_plugin()


def check_another_interpreter(_: Held) -> None:
    assert mltags.Target.of_interpreter(sys.executable).triples == mltags.Target.current().triples


def check_wings_are_the_same(_: Held) -> None:
    import mltags.audit
    import mltags.check
    import mltags.testing

    assert mltags.testing is sys.modules["mltags.testing"] is vars(mltags)["testing"]
    assert mltags.audit is sys.modules["mltags.audit"] is vars(mltags)["audit"]
    assert mltags.check is sys.modules["mltags.check"] is vars(mltags)["check"]


CHECKS: dict[str, Callable[[Held], None]] = {
    name.removeprefix("check_").replace("_", " "): check for name, check in list(globals().items()) if name.startswith("check_")
}


def failures(held: Held, checks: dict[str, Callable[[Held], None]], when: str) -> list[str]:
    found = []
    for name, check in checks.items():
        try:
            check(held)
        except BaseException as problem:
            trace, lines = problem.__traceback__, []
            while trace is not None:
                lines.append(trace.tb_lineno)
                trace = trace.tb_next
            found.append(f"{when}: {name}, lines {lines}: {problem!r}")
    return found


def after(use: Callable[[], object], way: Callable[[], contextlib.AbstractContextManager[None]]) -> list[str]:
    assert not [name for name in sys.modules if name.startswith("mltags.")]
    with way():
        use()
        names = loaded_names()
    # Values are made by what the first use has loaded, and by what is loaded anew.
    held = Held(names)
    found = failures(held, CHECKS, "afterwards")
    with way():
        found += failures(held, CORE, "within once more")
    return found + failures(held, CORE, "after the second time")


# Installers


def files_deleted() -> list[str]:
    """The package's files are gone after ``load``; this process runs a copy."""
    package = Path(mltags.__file__).parent
    assert package.parent != Path(__file__).parent.parent / "src", "a copy is deleted, and nothing else"
    shutil.rmtree(package)
    importlib.invalidate_caches()
    return failures(Held(), CORE, "with the files gone")


def imports_blocked() -> list[str]:
    """Every import raises after ``load``, as while pip 26.3 installs."""
    tried: list[str] = []

    def block(name: str) -> None:
        tried.append(name)
        # pip raises again what its own import of this one raised; any other import is an error of its own kind.
        raise ImportError(name) if name == "_manylinux" else RuntimeError(f"blocked: {name}")

    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            block(name)

    def hook(event: str, arguments: Sequence[Any]) -> None:
        if event == "import":
            block(arguments[0])

    sys.meta_path.insert(0, Finder())
    sys.addaudithook(hook)
    found = failures(Held(), CORE, "with imports blocked")
    return found + [f"imported: {name}" for name in sorted(set(tried) - {"_manylinux"})]


INSTALLERS = {"files deleted": files_deleted, "imports blocked": imports_blocked}


def install(way: str, loaded: set[str]) -> None:
    """Check as an installer would use mltags: *loaded* are the modules that a process has after ``import mltags; mltags.load()``."""
    for name in sys.modules.keys() - loaded - {__name__}:
        del sys.modules[name]  # so that mltags does not find what only this program has imported
    print(json.dumps(INSTALLERS[way](), indent=1))  # noqa: T201


def main(use: str, way: str) -> None:
    print(json.dumps(after(USES[use], WAYS[way]), indent=1))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
