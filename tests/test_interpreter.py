"""Another interpreter, run to answer for itself; and programs that are no interpreter."""

import json
import os
import runpy
import shutil
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import packaging
import pytest

import mltags
from mltags import _interpreter
from mltags import _question as untyped

#: In the syntax of Python 2.7, which has no annotations.
_question: Any = untyped

VERSIONS = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


def version_of(path: str) -> "tuple[int, ...]":
    """The version of the Python *path*; empty where it does not run."""
    code = "import sys; print('%d %d' % sys.version_info[:2])"
    done = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else ()


def pythons() -> "dict[str, str]":
    """The Pythons of this machine, by their names."""
    names = ["python3", "pypy3", *[f"python{version}" for version in VERSIONS]]
    found = {"this Python": sys.executable, **{name: shutil.which(name) or "" for name in names}}
    return {name: path for name, path in found.items() if path and version_of(path)}


PYTHONS = pythons()
each_python = pytest.mark.parametrize("path", [pytest.param(path, id=name) for name, path in PYTHONS.items()])

#: Those whose first platform tags are manylinux tags of x86_64; the others have nothing to refuse.
needs_manylinux = pytest.mark.skipif(
    "manylinux_2_17_x86_64" not in mltags.platform_tags(), reason="this machine has no manylinux tags of x86_64"
)

INSIDE = (
    "import json, mltags; target = mltags.Target.current(); print(json.dumps([list(target.triples), repr(target.platform)]))"
)


def own_tags(path: str) -> "tuple[str, ...]":
    return mltags.Target.of_interpreter(path).platform_tags


@pytest.mark.real
class TestEveryPython:
    """Each Python of this machine answers for itself, old ones too."""

    @each_python
    def test_it_answers_what_mltags_answers_inside(self, path: str, tmp_path: Path) -> None:
        outside = mltags.Target.of_interpreter(path)
        assert outside.python is not None
        assert outside.python.version == version_of(path)
        if version_of(path) < (3, 10):  # where mltags does not run
            assert outside.platform_tags == mltags.platform_tags()
            return
        for package in (mltags, packaging):
            source = Path(str(package.__file__)).parent
            (tmp_path / source.name).symlink_to(source)
        done = subprocess.run(
            [path, "-c", INSIDE], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path)}
        )
        assert done.returncode == 0, done.stderr
        assert list(outside.triples) == json.loads(done.stdout)[0]

    @each_python
    def test_it_is_asked_from_a_directory_that_was_deleted(
        self, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = mltags.Target.of_interpreter(path)
        monkeypatch.chdir(tmp_path)
        tmp_path.rmdir()
        with pytest.raises(FileNotFoundError):
            os.getcwd()
        assert mltags.Target.of_interpreter(path) == before

    @needs_manylinux
    @each_python
    def test_what_it_raises_may_be_in_any_letters_and_of_any_length(
        self, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if "manylinux_2_17_x86_64" not in own_tags(path):
            pytest.skip("that Python has no manylinux tags of x86_64")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        for name in ("x", "xx"):  # so that one of them is cut within a letter
            text = f"# coding: utf-8\nraise RuntimeError('{name}' + '\u00e9' * 100000)\n"
            (tmp_path / "_manylinux.py").write_text(text, encoding="utf-8")
            with pytest.raises(mltags.OverrideError) as caught:
                mltags.Target.of_interpreter(path)
            assert caught.value.problem.startswith(f"importing it raised RuntimeError: {name}\u00e9\u00e9")

    @each_python
    def test_a_virtual_environment_is_its_own_python(self, path: str, tmp_path: Path) -> None:
        if version_of(path) < (3,):
            pytest.skip("Python 2 has no venv")
        done = subprocess.run([path, "-m", "venv", "--without-pip", str(tmp_path / "env")], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("that Python makes no virtual environments")
        programs = [place for place in (tmp_path / "env/bin").iterdir() if place.name in {"python3", "pypy3"}]
        if not programs:
            pytest.skip("the environment has no python3")
        assert mltags.Target.of_interpreter(str(programs[0])) == mltags.Target.of_interpreter(path)


#: Run at start-up: another C library for whoever asks.
SITE = """
import ctypes, os
def version():
    return b"2.36"
class Library(object):
    def __init__(self, *names):
        self.gnu_get_libc_version = version
ctypes.CDLL = Library
os.confstr = lambda name: {confstr!r}
"""
#: Refuses everything, and writes down what it was asked.
REFUSING = """
import os
def manylinux_compatible(*row):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "asked"), "a") as file:
        file.write("%d %d %s\\n" % row)
    return False
"""


@pytest.mark.real
@needs_manylinux
class TestR10OverrideElsewhere:
    """The versions that the override module of another interpreter is asked about follow from the rules here: it is run a second
    time, and its script decides nothing."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        self.folder = tmp_path
        self.file = tmp_path / "_manylinux.py"

    def asked(self) -> "list[str]":
        return (self.folder / "asked").read_text().splitlines()

    @each_python
    @pytest.mark.parametrize(
        ("confstr", "minor"),
        [
            pytest.param("glibc 2.31 stable", 36, id="confstr of three words, and ctypes"),
            pytest.param("glibc 2.31rc1", 31, id="a release candidate"),
            pytest.param("glibc 2.31", 31, id="an ordinary answer"),
        ],
    )
    def test_a_module_that_refuses_everything(self, path: str, confstr: str, minor: int) -> None:
        if "manylinux_2_17_x86_64" not in own_tags(path):
            pytest.skip("that Python has no manylinux tags of x86_64")
        (self.folder / "sitecustomize.py").write_text(SITE.format(confstr=confstr))
        self.file.write_text(REFUSING)
        target = mltags.Target.of_interpreter(path)
        assert target.platform is not None
        assert target.platform.libc == mltags.Glibc(2, minor)
        assert target.platform_tags == ("linux_x86_64",)
        assert self.asked() == [f"2 {number} x86_64" for number in range(minor, 4, -1)]

    def test_versions_of_several_majors_are_asked_for(self) -> None:
        (self.folder / "sitecustomize.py").write_text(SITE.format(confstr="glibc 3.1"))
        self.file.write_text(REFUSING)
        assert own_tags(sys.executable) == ("linux_x86_64",)
        assert self.asked()[:4] == ["3 1 x86_64", "3 0 x86_64", "2 50 x86_64", "2 49 x86_64"]
        assert len(self.asked()) == 48

    @pytest.mark.parametrize(
        ("text", "gone", "kept"),
        [
            pytest.param(
                "def manylinux_compatible(major, minor, arch): return (major, minor) != (2, 12)",
                "manylinux2010_x86_64",
                "manylinux_2_17_x86_64",
                id="the function refuses one version",
            ),
            pytest.param(
                "def manylinux_compatible(major, minor, arch): return None if minor > 5 else ''",
                "manylinux1_x86_64",
                "manylinux_2_6_x86_64",
                id="None is compatible",
            ),
            pytest.param(
                "manylinux2014_compatible = False", "manylinux2014_x86_64", "manylinux_2_12_x86_64", id="an attribute"
            ),
            pytest.param(
                "def __getattr__(name):\n"
                "    if name == 'manylinux_compatible': return lambda *row: row[1] != 17\n"
                "    raise AttributeError(name)\n",
                "manylinux_2_17_x86_64",
                "manylinux_2_16_x86_64",
                id="a function of the module's own __getattr__",
            ),
        ],
    )
    def test_what_it_refuses_is_gone(self, text: str, gone: str, kept: str) -> None:
        self.file.write_text(text)
        assert {gone, kept} & set(own_tags(sys.executable)) == {kept}

    NO_TRUTH = "class Bad:\n    def __bool__(self): raise KeyError('bad')\n"

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            pytest.param("1 / 0", "importing it raised ZeroDivisionError: division by zero", id="it raises"),
            pytest.param("import sys; sys.exit('no')", "importing it raised SystemExit: no", id="it ends the process"),
            pytest.param(
                "(", "importing it raised SyntaxError: '(' was never closed (_manylinux.py, line 1)", id="it is not Python"
            ),
            pytest.param(
                "def manylinux_compatible(*row): raise SystemExit(3)",
                "manylinux_compatible raised SystemExit: 3",
                id="its function ends the process",
            ),
            pytest.param(
                "manylinux_compatible = True",
                "manylinux_compatible raised TypeError: 'bool' object is not callable",
                id="its function is a truth value",
            ),
            pytest.param(
                NO_TRUTH + "def manylinux_compatible(*row): return Bad()",
                "manylinux_compatible raised KeyError: 'bad'",
                id="its verdict has no truth value",
            ),
            pytest.param(
                NO_TRUTH + "manylinux1_compatible = Bad()",
                "manylinux1_compatible raised KeyError: 'bad'",
                id="its attribute has no truth value",
            ),
            pytest.param(
                "def __getattr__(name):\n    if name.endswith('_compatible'): raise KeyError(name)\n    raise AttributeError(name)",
                "manylinux_compatible raised KeyError: 'manylinux_compatible'",
                id="its attribute raises",
            ),
            pytest.param(
                "import os\nif os.path.exists('__FILE__ran'): raise RuntimeError('again')\n"
                "open('__FILE__ran', 'w').close()\nmanylinux1_compatible = False",
                "importing it raised RuntimeError: again",
                id="it fails the second time",
            ),
        ],
    )
    def test_what_fails_there_is_an_override_error_here(self, text: str, problem: str) -> None:
        self.file.write_text(text.replace("__FILE__", f"{self.folder}/"))
        with pytest.raises(mltags.OverrideError) as caught:
            mltags.Target.of_interpreter(sys.executable)
        assert (caught.value.source, caught.value.problem) == (str(self.file), problem)

    def test_the_error_is_cut(self) -> None:
        self.file.write_text("def manylinux_compatible(*row): raise KeyError('x' * 100_000)")
        with pytest.raises(mltags.OverrideError) as caught:
            mltags.Target.of_interpreter(sys.executable)
        assert caught.value.problem == "manylinux_compatible raised KeyError: '" + "x" * 289

    def test_what_else_is_printed_there_does_not_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        noise = "print('{}'); print('mltags {}', end='')"
        site = f"import atexit, codecs, sys; atexit.register(print, 'bye'); {noise}; "
        site += "sys.stdout = codecs.getwriter('utf-8')(sys.stdout.buffer)"
        (self.folder / "sitecustomize.py").write_text(site)
        self.file.write_text(noise)
        monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # so that what is printed comes last
        monkeypatch.setenv("PYTHONIOENCODING", "utf-16")
        noisy = mltags.Target.of_interpreter(sys.executable)
        monkeypatch.delenv("PYTHONPATH")
        assert noisy.triples == mltags.Target.of_interpreter(sys.executable).triples
        assert noisy.platform is not None
        assert noisy.platform.override is not None
        assert noisy.platform.override.source == str(self.file)

    def test_a_stray_module_in_the_current_directory_does_not_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file.write_text("raise SystemExit('stray')")
        monkeypatch.delenv("PYTHONPATH")
        monkeypatch.chdir(self.folder)
        assert mltags.Target.of_interpreter(sys.executable) == mltags.Target.current()


PYTHON: "dict[str, object]" = {"implementation": "cpython", "version": [3, 12]}
#: Raw answers of a machine with glibc 2.5.
MACHINE: "dict[str, object]" = {
    "python": [PYTHON, None],
    "system": ["Linux", None],
    "platform": ["linux-x86_64", None],
    "declared_platform": [None, None],
    "pointer_size": [8, None],
    "confstr": ["glibc 2.5", None],
}


def program(folder: Path, text: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def answering(folder: Path, answers: "dict[str, object]") -> str:
    """A program that gives these answers whenever it is run."""
    (folder / "answers").write_text(json.dumps(answers))
    return program(folder, f"""printf '%s' "$3"; cat '{folder}/answers'; echo""")


class TestAnswers:
    """What a program answers is not trusted: each answer is unknown, or an error that names the program."""

    def test_an_ordinary_machine(self, tmp_path: Path) -> None:
        target = mltags.Target.of_interpreter(answering(tmp_path, MACHINE))
        assert target.python == mltags.Python("cp", (3, 12), ["cp312"])
        assert target.platform_tags == ("linux_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64")

    def test_what_could_not_be_answered_is_unknown(self, tmp_path: Path) -> None:
        path = answering(tmp_path, {"python": [PYTHON, None], "system": [None, "OSError: no"]})
        platform = mltags.Target.of_interpreter(path).platform
        assert platform is not None
        assert (platform.system, platform.archs) == ("", ())
        assert platform.evidence[0] == mltags.Evidence(
            "system", f"platform.system() of {path}", "OSError: OSError: no", "unknown"
        )

    @pytest.mark.parametrize("version", [["a", "b"], [[3], 12], [3, 10**9], []], ids=str)
    def test_a_version_that_is_not_one_is_a_probe_error(self, version: "list[object]", tmp_path: Path) -> None:
        path = answering(tmp_path, {"python": [{"implementation": "cpython", "version": version}, None]})
        with pytest.raises(mltags.ProbeError, match="expected one or two whole numbers, up to 99 and 999"):
            mltags.Target.of_interpreter(path)

    @pytest.mark.parametrize("python", [None, 7, "text", []], ids=repr)
    def test_a_python_that_is_not_described_is_a_probe_error(self, python: object, tmp_path: Path) -> None:
        path = answering(tmp_path, {**MACHINE, "python": [python, None]})
        with pytest.raises(mltags.ProbeError, match="its Python version is unknown; pass python_version"):
            mltags.Target.of_interpreter(path)

    @pytest.mark.parametrize(
        ("answer", "tags"),
        [
            pytest.param([None, None], ("manylinux_2_5_x86_64", "manylinux1_x86_64"), id="no module"),
            pytest.param(["text", None], ("manylinux_2_5_x86_64", "manylinux1_x86_64"), id="a text"),
            pytest.param([{"file": 7}, None], ("manylinux_2_5_x86_64", "manylinux1_x86_64"), id="nothing about it"),
            pytest.param([{"attributes": {"manylinux1_compatible": [False, None]}}, None], (), id="an attribute that refuses"),
            pytest.param(
                [{"attributes": {"manylinux1_compatible": None}}, None],
                ("manylinux_2_5_x86_64", "manylinux1_x86_64"),
                id="an attribute that is not there",
            ),
            pytest.param(
                [{"attributes": {"manylinux_compatible": [True, None]}, "verdicts": [[2, 5, "x86_64", False, None]]}, None],
                (),
                id="a function that refuses",
            ),
        ],
    )
    def test_an_override_module(self, answer: "list[object]", tags: "tuple[str, ...]", tmp_path: Path) -> None:
        target = mltags.Target.of_interpreter(answering(tmp_path, {**MACHINE, "override": answer}))
        assert target.platform_tags == ("linux_x86_64", *tags)

    def test_a_module_without_a_file_is_named_as_in_process(self, tmp_path: Path) -> None:
        platform = mltags.Target.of_interpreter(answering(tmp_path, {**MACHINE, "override": [{}, None]})).platform
        assert platform is not None
        assert platform.override == mltags.Override("_manylinux")

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            pytest.param([None, "OSError: no"], "importing it raised OSError: no", id="no answer"),
            pytest.param([{"failed": 7, "file": 7}, None], "importing it raised 7", id="a failure in numbers"),
            pytest.param(
                [{"attributes": {"manylinux_compatible": [True, None]}, "verdicts": [[2, 5]]}, None],
                "manylinux_compatible raised KeyError: (2, 5, 'x86_64')",
                id="no verdict",
            ),
            pytest.param(
                [{"attributes": {"manylinux1_compatible": [None, "KeyError: 'bad'"]}}, None],
                "manylinux1_compatible raised KeyError: 'bad'",
                id="an attribute that raised",
            ),
            pytest.param(
                [{"attributes": {"manylinux1_compatible": 7}}, None],
                "manylinux1_compatible raised TypeError: cannot unpack non-iterable int object",
                id="an attribute in numbers",
            ),
        ],
    )
    def test_an_override_module_that_failed(self, answer: "list[object]", problem: str, tmp_path: Path) -> None:
        with pytest.raises(mltags.OverrideError) as caught:
            mltags.Target.of_interpreter(answering(tmp_path, {**MACHINE, "override": answer}))
        assert (caught.value.source, caught.value.problem) == ("_manylinux", problem)
        assert caught.value.tag == "manylinux_2_5_x86_64"

    def test_an_override_module_that_fails_the_second_time(self, tmp_path: Path) -> None:
        answers = [{**MACHINE, "override": [answer, None]} for answer in ({}, {"failed": "OSError: no", "file": "/m.py"})]
        for name, answer in zip(("first", "second"), answers, strict=True):
            (tmp_path / name).write_text(json.dumps(answer))
        text = f"""cd '{tmp_path}'; printf '%s' "$3"; cat first; echo; mv second first 2>/dev/null || true"""
        with pytest.raises(mltags.OverrideError) as caught:
            mltags.Target.of_interpreter(program(tmp_path, text))
        assert (caught.value.source, caught.value.problem) == ("/m.py", "importing it raised OSError: no")

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param({"attributes": 7}, id="attributes in numbers"),
            pytest.param({"attributes": ["x"]}, id="attributes without values"),
            pytest.param({"verdicts": 7}, id="verdicts in numbers"),
            pytest.param({"verdicts": [[[2], 5, "x86_64", True, None]]}, id="a version that is a list"),
        ],
    )
    def test_an_answer_about_the_module_that_is_not_one(self, answer: object, tmp_path: Path) -> None:
        path = answering(tmp_path, {**MACHINE, "override": [answer, None]})
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.Target.of_interpreter(path)
        assert str(caught.value) == (f"InterpreterHost({path!r}): does not answer as a Python does about its override module")

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            pytest.param("sleep 100", "not a working Python: no end within 0.5 seconds; it printed: ''", id="sleeps"),
            pytest.param(
                "while :; do echo flood; done",
                "not a working Python: more than 1048576 bytes of output; it printed: ",
                id="floods",
            ),
            pytest.param(
                'echo "$3"\'{"system": [\'',
                "does not answer as a Python does; it printed: '{\"system\": ['",
                id="half a document",
            ),
            pytest.param(
                'echo "$3"\'{"system": 7}\'', "does not answer as a Python does; it printed: '{\"system\": 7}'", id="a number"
            ),
            pytest.param('echo "$3[1]"', "does not answer as a Python does; it printed: '[1]'", id="a list"),
            pytest.param(
                'printf "%s" "$3"; head -c 200000 /dev/zero | tr "\\0" "["',
                "does not answer as a Python does; it printed: '[[[",
                id="lists within lists",
            ),
            pytest.param(
                "echo sorry >&2; exit 3", "not a working Python: exit status 3; it printed: 'sorry'", id="exits with an error"
            ),
            pytest.param(
                "echo \"$3\"; echo '{}'", "does not answer as a Python does; it printed: '{}'", id="answers on another line"
            ),
            pytest.param("echo '{}'", "does not answer as a Python does; it printed: '{}'", id="leaves out the mark"),
            pytest.param(
                'echo "$3{}"',
                "its Python version is unknown; pass python_version (--python-version), such as 3.12",
                id="answers nothing",
            ),
        ],
    )
    def test_a_program_that_is_no_python_is_a_probe_error_that_shows_it(
        self, text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_interpreter, "SECONDS", 0.5 if text.startswith("sleep") else 30)
        start = time.monotonic()
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.Target.of_interpreter(program(tmp_path, text))
        assert problem in str(caught.value)
        assert time.monotonic() - start < 25

    @pytest.mark.parametrize(
        "path",
        [
            pytest.param("/nonexistent/python", id="a missing program"),
            pytest.param("/", id="a directory"),
            pytest.param("a\0b", id="not a path"),
        ],
    )
    def test_what_cannot_be_run_is_a_probe_error(self, path: str) -> None:
        with pytest.raises(mltags.ProbeError, match="cannot be run: "):
            mltags.Target.of_interpreter(path)


class TestSystems:
    """Systems without the calls of POSIX, and Windows."""

    def test_without_process_groups_and_flags_of_open_it_works(self, monkeypatch: pytest.MonkeyPatch) -> None:
        expected = mltags.Target.of_interpreter(sys.executable)
        for name in ("killpg", "O_NOFOLLOW", "O_NONBLOCK"):
            monkeypatch.delattr(os, name)
        assert mltags.Target.of_interpreter(sys.executable) == expected

    def test_on_windows_it_is_a_probe_error_in_plain_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "win32")
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.Target.of_interpreter(r"C:\Python312\python.exe")
        assert caught.value.problem == "cannot be run: running another program is not supported on Windows"


def test_it_answers_as_a_host() -> None:
    host = _interpreter.InterpreterHost(sys.executable)
    assert repr(host) == f"InterpreterHost({sys.executable!r})"
    assert host.source("confstr") == f"os.confstr of {sys.executable}"
    assert host.read("/proc/self/exe", 4) == b"\x7fELF"
    assert host.read(sys.executable, 4) == b"\x7fELF"
    assert "linux_" in "".join(host.platform_tags())
    with pytest.raises(OSError, match="not absolute"):
        host.run_loader("loader")
    assert host.override() is None


class TestQuestion:
    """The script that another interpreter runs, run in this one: raw answers, and no decisions."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
        monkeypatch.delitem(sys.modules, "_manylinux", raising=False)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        self.file = tmp_path / "_manylinux.py"
        self.patch = monkeypatch

    def ask(self, *versions: object) -> object:
        words = ["manylinux_compatible", ["manylinux1_compatible", "manylinux2014_compatible"], list(versions)]
        self.patch.setattr(sys, "argv", ["-c", "mark:", json.dumps(words)])
        try:
            return _question.override()
        finally:
            sys.modules.pop("_manylinux", None)

    def test_it_prints_every_answer_behind_its_mark(self, capfd: "pytest.CaptureFixture[str]") -> None:
        self.patch.setattr(sys, "argv", ["-c", "mark:", json.dumps(["manylinux_compatible", [], []])])
        runpy.run_path(_question.__file__, run_name="__main__")
        printed = capfd.readouterr().out
        assert printed[:5] == "mark:"
        answers = json.loads(printed[5:])
        host = mltags.LocalHost()
        expected = {
            "system": [host.system(), None],
            "platform": [host.platform(), None],
            "declared_platform": [host.declared_platform(), None],
            "pointer_size": [host.pointer_size(), None],
            "executable": [sys.executable, None],
            "image": [os.readlink("/proc/self/exe"), None],
            "override": [None, None],
        }
        assert {question: answers[question] for question in expected} == expected
        assert answers["python"][0]["version"] == [*sys.version_info[:2]]
        assert answers["python"][0]["implementation"] == sys.implementation.name
        assert "" not in sys.path

    def test_an_answer_that_fails_is_a_text(self) -> None:
        def fail() -> None:
            raise KeyError("x" * 400)

        assert _question.attempt(fail) == [None, "KeyError: '" + "x" * 289]
        assert _question.attempt(int, "7") == [7, None]

    def test_an_exit_is_an_answer_too(self) -> None:
        assert _question.attempt(sys.exit, "enough") == [None, "SystemExit: enough"]

    def test_the_version_of_glibc_is_text(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import ctypes

        library = types.SimpleNamespace(gnu_get_libc_version=type("Function", (), {"__call__": lambda self: b"2.36"})())
        monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
        assert _question.gnu_get_libc_version() == "2.36"

    def test_the_environment_markers_are_those_of_packaging(self) -> None:
        import packaging.markers

        assert _question.markers() == packaging.markers.default_environment()

    def test_a_python_2_has_no_version_of_its_implementation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        expected = {**_question.markers(), "implementation_name": "", "implementation_version": "0"}
        monkeypatch.delattr(sys, "implementation")
        assert _question.markers() == expected

    @pytest.mark.parametrize(
        ("level", "serial", "version"),
        [
            pytest.param("final", 0, "3.15.1", id="a release"),
            pytest.param("alpha", 2, "3.15.1a2", id="an alpha"),
            pytest.param("candidate", 1, "3.15.1c1", id="a candidate"),
        ],
    )
    def test_the_version_of_an_implementation(
        self, level: str, serial: int, version: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        numbers = types.SimpleNamespace(major=3, minor=15, micro=1, releaselevel=level, serial=serial)
        monkeypatch.setattr(sys, "implementation", types.SimpleNamespace(name="cpython", version=numbers, cache_tag="x"))
        assert _question.markers()["implementation_version"] == version

    def test_without_a_module_there_is_none(self) -> None:
        assert self.ask() is None

    @pytest.mark.parametrize(
        ("text", "failed", "has_file"),
        [
            pytest.param("1 / 0", "ZeroDivisionError: division by zero", True, id="it raises"),
            pytest.param(
                "import helper_of_manylinux", "ZeroDivisionError: division by zero", True, id="what it imports raises"
            ),
            pytest.param("raise SystemExit(3)", "SystemExit: 3", True, id="it ends the process"),
            pytest.param("(", "SyntaxError: '(' was never closed (_manylinux.py, line 1)", True, id="it is not Python"),
        ],
    )
    def test_a_module_that_fails_is_named_by_its_file(self, text: str, failed: str, *, has_file: bool) -> None:
        self.file.with_name("helper_of_manylinux.py").write_text("1 / 0")
        self.file.write_text(text)
        assert self.ask() == {"failed": failed, "file": str(self.file) if has_file else None}
        sys.modules.pop("helper_of_manylinux", None)

    def test_attributes_and_verdicts_are_raw(self) -> None:
        self.file.write_text(
            "manylinux1_compatible = 1\n"
            "class Bad:\n    def __bool__(self): raise KeyError('bad')\n"
            "answers = {19: None, 18: 'no', 17: 0}\n"
            "def manylinux_compatible(major, minor, arch): return answers.get(minor, Bad())\n"
        )
        assert self.ask(["x86_64", 2, 19, 16]) == {
            "file": str(self.file),
            "attributes": {
                "manylinux_compatible": [True, None],
                "manylinux1_compatible": [True, None],
                "manylinux2014_compatible": None,
            },
            "verdicts": [
                [2, 19, "x86_64", None, None],
                [2, 18, "x86_64", True, None],
                [2, 17, "x86_64", False, None],
                [2, 16, "x86_64", None, "KeyError: 'bad'"],
            ],
        }

    def test_without_a_function_there_are_no_verdicts(self) -> None:
        self.file.write_text("manylinux1_compatible = False")
        assert self.ask(["x86_64", 2, 5, 5]) == {
            "file": str(self.file),
            "attributes": {
                "manylinux_compatible": None,
                "manylinux1_compatible": [False, None],
                "manylinux2014_compatible": None,
            },
            "verdicts": [],
        }

    def test_attributes_that_raise_are_answers(self) -> None:
        self.file.write_text("def __getattr__(name):\n    raise KeyError(name) if 'compat' in name else AttributeError(name)")
        assert self.ask(["x86_64", 2, 5, 5]) == {
            "file": str(self.file),
            "attributes": {
                "manylinux_compatible": [None, "KeyError: 'manylinux_compatible'"],
                "manylinux1_compatible": [None, "KeyError: 'manylinux1_compatible'"],
                "manylinux2014_compatible": [None, "KeyError: 'manylinux2014_compatible'"],
            },
            "verdicts": [],
        }
