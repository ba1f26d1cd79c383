"""Another interpreter, run once; and things that are none."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import module

import mltags
from mltags import _interpreter


def pythons() -> "list[str]":
    found = [shutil.which(f"python{version}") for version in ("2.7", "3.6", "3.8", "3.10", "3.11", "3.12", "3.13")]
    usable = [path for path in [sys.executable, shutil.which("python3"), shutil.which("pypy3"), *found] if path]
    return sorted(
        {path for path in usable if not subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode}
    )


INSIDE = (
    "import json, mltags; target = mltags.Target.current(); print(json.dumps([list(target.triples), repr(target.platform)]))"
)


@pytest.mark.parametrize("path", pythons())
def test_it_says_what_mltags_says_inside(path: str, tmp_path: Path) -> None:
    outside = mltags.Target.of_interpreter(path)
    source = str(Path(mltags.__file__).parents[1])
    done = subprocess.run(
        [path, "-c", INSIDE], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": source}
    )
    if done.returncode == 0:
        assert list(outside.triples) == json.loads(done.stdout)[0]
    else:  # too old for mltags, or without packaging
        assert outside.python is not None
        assert outside.platform_tags == mltags.platform_tags()


@pytest.mark.parametrize("path", pythons())
def test_what_it_raises_may_be_in_any_letters_and_of_any_length(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "manylinux_2_17_x86_64" not in mltags.Target.of_interpreter(path).platform_tags:
        pytest.skip("that Python has no manylinux ladder of x86_64")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name in ("x", "xx"):  # so that one of them is cut within a letter
        text = f"# coding: utf-8\nraise RuntimeError('{name}' + '\u00e9' * 100_000)\n".replace("100_000", "100000")
        (tmp_path / "_manylinux.py").write_text(text, encoding="utf-8")
        with pytest.raises(mltags.OverrideError) as caught:
            mltags.Target.of_interpreter(path)
        assert caught.value.problem.startswith(f"importing it raised RuntimeError: {name}\u00e9\u00e9")
        shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
        (tmp_path / "_manylinux.pyc").unlink(missing_ok=True)


@pytest.mark.parametrize("path", [path for path in pythons() if "2.7" not in path])
def test_a_virtual_environment_is_its_own_python(path: str, tmp_path: Path) -> None:
    done = subprocess.run([path, "-m", "venv", "--without-pip", str(tmp_path / "env")], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("that Python makes no virtual environments")
    programs = [place for place in (tmp_path / "env/bin").iterdir() if place.name in {"python3", "pypy3"}]
    if not programs:
        pytest.skip("the environment has no python3")
    program = programs[0]
    assert mltags.Target.of_interpreter(str(program)) == mltags.Target.of_interpreter(path)


def test_its_own_override_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_manylinux.py").write_text("def manylinux_compatible(major, minor, arch): return (major, minor) != (2, 12)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    tags = mltags.Target.of_interpreter(sys.executable).platform_tags
    if "manylinux_2_17_x86_64" not in mltags.platform_tags():
        pytest.skip("this machine has no manylinux ladder of x86_64")
    assert "manylinux2010_x86_64" not in tags
    assert "manylinux_2_17_x86_64" in tags
    (tmp_path / "_manylinux.py").write_text("manylinux2014_compatible = False")
    assert "manylinux2014_x86_64" not in mltags.Target.of_interpreter(sys.executable).platform_tags
    (tmp_path / "_manylinux.py").write_text("def manylinux_compatible(*row): raise KeyError('x' * 100_000)")
    with pytest.raises(mltags.OverrideError, match="manylinux_compatible raised KeyError"):
        mltags.Target.of_interpreter(sys.executable)
    text = "class Bad:\n    def __bool__(self):\n        raise KeyError('bad')\nmanylinux1_compatible = Bad()\n"
    (tmp_path / "_manylinux.py").write_text(text)
    with pytest.raises(mltags.OverrideError, match="KeyError: 'bad'"):
        mltags.Target.of_interpreter(sys.executable)
    top = next(tag for tag in mltags.platform_tags() if tag.startswith("manylinux"))
    for text, problem in {
        "1 / 0": "ZeroDivisionError: division by zero",
        "import sys; sys.exit('no')": "SystemExit: no",
        "(": "SyntaxError: '(' was never closed (_manylinux.py, line 1)",
    }.items():
        (tmp_path / "_manylinux.py").write_text(text)
        with pytest.raises(mltags.OverrideError) as caught:
            mltags.Target.of_interpreter(sys.executable)
        assert (caught.value.source, caught.value.tag) == (str(tmp_path / "_manylinux.py"), top)
        assert str(caught.value).endswith(f"importing it raised {problem}")


def test_what_else_is_printed_there_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = "print('{}'); print('mltags {}', end='')"
    (tmp_path / "_manylinux.py").write_text(noise)
    site = f"import atexit, codecs, sys; atexit.register(print, 'bye'); {noise}; sys.stdout = codecs.getwriter('utf-8')(sys.stdout.buffer)"
    (tmp_path / "sitecustomize.py").write_text(site)
    plain = mltags.Target.of_interpreter(sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # so that what is printed comes last
    noisy = mltags.Target.of_interpreter(sys.executable)
    assert noisy.triples == plain.triples
    assert noisy.platform is not None
    assert noisy.platform.override is not None
    assert noisy.platform.override.source == str(tmp_path / "_manylinux.py")


def answering(program: Path, answers: dict) -> None:
    program.write_text(f"""#!/bin/sh\nprintf '%s%s\\n' "$3" '{json.dumps(answers)}'\n""")
    program.chmod(0o755)


@pytest.mark.parametrize("version", [["a", "b"], [[3], 12], [3, 10**9], []])
def test_a_version_that_is_none_is_a_probe_error(version: list, tmp_path: Path) -> None:
    program = tmp_path / "python"
    answers = {"python": [{"implementation": "cpython", "version": version}, None]}
    answering(program, answers)
    with pytest.raises(mltags.ProbeError, match="one or two whole numbers are accepted"):
        mltags.Target.of_interpreter(str(program))


def test_what_an_interpreter_could_not_answer_is_unknown(tmp_path: Path) -> None:
    program = tmp_path / "python"
    known = {"implementation": "cpython", "version": [3, 12]}
    answering(program, {"python": [known, None], "system": [None, "OSError: no"]})
    platform = mltags.Target.of_interpreter(str(program)).platform
    assert platform is not None
    assert (platform.system, platform.archs) == ("", ())


def test_an_override_that_ends_the_process_is_an_override_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "manylinux_2_17_x86_64" not in mltags.platform_tags():
        pytest.skip("this machine has no manylinux ladder of x86_64")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-16")
    for text in ("raise SystemExit(3)", "def manylinux_compatible(*row): raise SystemExit(3)"):
        (tmp_path / "_manylinux.py").write_text(text)
        with pytest.raises(mltags.OverrideError, match="SystemExit: 3"):
            mltags.Target.of_interpreter(sys.executable)


def test_a_stray_module_in_the_current_directory_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_manylinux.py").write_text("raise SystemExit('stray')")
    monkeypatch.chdir(tmp_path)
    assert mltags.Target.of_interpreter(sys.executable) == mltags.Target.current()


NONE = {
    "sleeps": ("sleep 100", "no end within 0.5 seconds; a Python is accepted; it said: ''"),
    "floods": ("while :; do echo flood; done", "more than 1048576 bytes of output; a Python is accepted; it said: "),
    "half a JSON": ('echo "$3"\'{"system": [\'', "did not answer what it was asked for; it said: '{\"system\": ['"),
    "wrong types": ('echo "$3"\'{"system": 7}\'', "did not answer what it was asked for; it said: '{\"system\": 7}'"),
    "a list": ('echo "$3[1]"', "did not answer what it was asked for; it said: '[1]'"),
    "exits 3": ("echo sorry >&2; exit 3", "exit status 3; a Python is accepted; it said: 'sorry'"),
    "says too much": ("echo \"$3\"; echo '{}'", "did not answer what it was asked for; it said: '{}'"),
    "no mark": ("echo '{}'", "did not answer what it was asked for; it said: '{}'"),
    "answers nothing": (
        'echo "$3{}"',
        "its Python is not known; name the version (python_version, --python-version), such as 3.12",
    ),
}


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_python_is_a_probe_error_that_shows_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_interpreter, "SECONDS", 0.5 if name == "sleeps" else 30)
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{NONE[name][0]}\n")
    program.chmod(0o755)
    start = time.monotonic()
    with pytest.raises(mltags.ProbeError) as caught:
        mltags.Target.of_interpreter(str(program))
    assert NONE[name][1] in str(caught.value)
    assert time.monotonic() - start < 25


@pytest.mark.parametrize("path", ["/nonexistent/python", "/", "a\0b"])
def test_what_cannot_be_run_is_a_probe_error(path: str) -> None:
    with pytest.raises(mltags.ProbeError, match="cannot be run"):
        mltags.Target.of_interpreter(path)


def test_it_answers_as_a_host() -> None:
    host = _interpreter.InterpreterHost(sys.executable)
    assert repr(host) == f"InterpreterHost({sys.executable!r})"
    assert host.source("confstr") == f"os.confstr of {sys.executable}"
    assert host.read("/proc/self/exe", 4) == b"\x7fELF"
    assert host.read(sys.executable, 4) == b"\x7fELF"
    assert "linux_" in "".join(host.platform_tags())
    with pytest.raises(OSError, match="not absolute"):
        host.run_loader("loader")
    assert isinstance(module(), type(sys))
    assert host.override() is None


def test_the_script_is_old_enough() -> None:
    # What Python 2.7 cannot read.
    assert 'f"' not in _interpreter.SCRIPT
    assert "->" not in _interpreter.SCRIPT
    compile(_interpreter.SCRIPT, "script", "exec")


def test_a_sheet_without_answers_is_no_host() -> None:
    from mltags._host import Sheet

    with pytest.raises(NotImplementedError):
        Sheet().system()
