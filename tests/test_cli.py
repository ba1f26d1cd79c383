"""The command line: streams, exit codes, and never a traceback."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import packaging.tags
import pytest

import mltags
from mltags import _cli, _output
from mltags.__main__ import main


def run(*arguments: str) -> int:
    return _output.run(list(arguments))


def spawn(*arguments: str, **options: Any) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "mltags", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_main_job_prints_platform_tags_one_a_line() -> None:
    done = spawn()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == list(packaging.tags.platform_tags())


def test_the_main_job_loads_nothing_heavy() -> None:
    code = "import sys; from mltags.__main__ import main; main(); print(*sys.modules, file=sys.stderr)"
    before = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    after = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(after.stderr.split()) - set(before.stdout.split())
    heavy = {"packaging", "argparse", "subprocess", "ctypes", "re", "typing", "dataclasses", "enum", "functools", "contextlib"}
    heavy |= {"logging", "platform", "json", "pathlib", "importlib", "__future__", "typing_extensions", "struct", "sysconfig"}
    if sys.implementation.name == "cpython":
        assert not loaded & heavy


def test_lists_agree_with_the_library(capsys: pytest.CaptureFixture) -> None:
    assert run() == 0
    assert capsys.readouterr().out.splitlines() == list(mltags.platform_tags())
    assert run("--native", "last") == 0
    assert capsys.readouterr().out.splitlines() == list(mltags.platform_tags(native="last"))
    assert run("tags") == 0
    assert capsys.readouterr().out.splitlines() == [str(tag) for tag in mltags.sys_tags()]
    assert run("tags", "--json", "--max-glibc", "2.17") == 0
    assert json.loads(capsys.readouterr().out) == list(mltags.Target.current(max_glibc="2.17").triples)


def test_probe_says_what_was_detected_and_how(capsys: pytest.CaptureFixture) -> None:
    assert run("probe") == 0
    out = capsys.readouterr().out
    assert "platform.system(): 'Linux'" in out
    assert run("probe", "--json") == 0
    kept = json.loads(capsys.readouterr().out)
    assert kept["mltags"] == 1
    assert kept["platform_tags"] == list(mltags.platform_tags())
    assert kept["tags"] == list(mltags.Target.current().triples)
    assert {"fact", "question", "answer", "conclusion"} == set(kept["platform"]["evidence"][0])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("nonsense",), "mltags: no command 'nonsense'; there are: tags, probe"),
        (("--max-glibc", "2"), "mltags: invalid target '2': max_glibc: a text such as '2.28' is accepted, up to 99.999"),
        (("tags", "--native", "middle"), "mltags: argument --native: invalid choice: 'middle' (choose from "),
        (("tags", "--bogus\x1b"), r"mltags: unrecognized arguments: --bogus\x1b (see: "),
        (("--max", "2.17"), "mltags: unrecognized arguments: --max 2.17 (see: "),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_2(arguments: tuple, problem: str, capsys: pytest.CaptureFixture) -> None:
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(problem[:60])
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", _cli.COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture) -> None:
    assert run(*filter(None, [command, "--help"])) == 0
    assert _cli.COMMANDS[command][0] in " ".join(capsys.readouterr().out.split())


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"mltags {mltags.__version__}\n"


def test_a_misbehaving_override_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setitem(sys.modules, "_manylinux", type("Module", (), {"manylinux_compatible": 7, "__file__": "/x\n.py"}))
    assert run() == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("mltags: override module /x\\n.py, asked about manylinux_")


def test_a_closed_pipe_is_quiet() -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; time.sleep(.3); import sys; sys.argv = ['m']; from mltags.__main__ import main; main()",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_full_disk_is_said_in_a_line() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this machine")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mltags", "tags"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "mltags: cannot write: [Errno 28] No space left on device\n"


def test_a_stream_of_notes_that_fails_is_no_error_of_its_own() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this machine")
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "mltags", "nonsense"], stderr=full, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


def test_an_odd_tag_stays_on_its_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr("sysconfig.get_platform", lambda: "linux-x\x1b[31m\nfoo" + "o" * 400)
    for arguments in ((), ("--native", "first")):
        assert run(*arguments) == 0
        assert capsys.readouterr().out == "linux_x\\x1b[31m\\nfoo" + "o" * 400 + "\n"


def test_streams_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run() == 0
    assert run("nonsense") == 2


def broken(problem: BaseException) -> object:
    def show(text: str) -> None:
        raise problem

    return show


def test_each_way_to_fail_has_its_exit_code(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture) -> None:
    for problem, code in ((KeyboardInterrupt(), 130), (OSError(28, "full"), 2)):
        monkeypatch.setattr(_output, "show", broken(problem))
        assert run() == code
    assert capfd.readouterr().err == "mltags: cannot write: [Errno 28] full\n"
    saved = os.dup(1)
    try:
        monkeypatch.setattr(_output, "show", broken(BrokenPipeError()))
        assert run() == 0
    finally:
        os.dup2(saved, 1)


def test_an_encoding_that_cannot_hold_the_text_gets_it_escaped() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from mltags._output import show; show('t\\xe4g')"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == b"t\\xe4g\n"


def test_text_is_escaped_on_a_narrow_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    _output.show("t\xe4g")
    assert raw.getvalue() == b"t\\xe4g\n"


class TestStray:
    """A ``_manylinux.py`` that lies in the current directory is not this machine's."""

    @pytest.fixture(autouse=True)
    def _stray(self, tmp_path: Path) -> None:
        (tmp_path / "_manylinux.py").write_text("raise SystemExit('stray')")

    def test_it_is_not_run(self, tmp_path: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(mltags.__file__).parents[1])}
        for command in ((), ("tags",), ("probe",)):
            done = spawn(*command, cwd=tmp_path, env=environment)
            assert (done.returncode, done.stderr) == (0, "")

    @pytest.mark.parametrize("first", ["", "here", "elsewhere"])
    def test_only_the_current_directory_is_taken_off(
        self, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        monkeypatch.chdir(tmp_path)
        path = {"": "", "here": str(tmp_path), "elsewhere": "/elsewhere"}[first]
        monkeypatch.setattr(sys, "path", [path, str(tmp_path), *sys.path])
        monkeypatch.setattr(sys, "argv", ["mltags", "--version"])
        assert main() == 0
        assert (sys.path[0] == path) is (first == "elsewhere")
        assert str(tmp_path) not in sys.path
        assert capsys.readouterr().out

    def test_a_directory_that_is_gone_is_no_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        monkeypatch.setattr(sys, "argv", ["mltags", "--version"])
        monkeypatch.setattr(sys, "path", ["/elsewhere"])
        assert main() == 0

    def test_an_isolated_interpreter_keeps_its_path(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["mltags", "--version"])
        monkeypatch.setattr(sys, "path", [])
        assert main() == 0
