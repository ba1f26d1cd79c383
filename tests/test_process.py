"""Programs that are run: bounded in time and output, and never left behind."""

import os
import signal
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from mltags import _process


def script(folder: Path, text: str) -> str:
    """A shell script as a program."""
    path = folder / "program"
    path.write_text("#!/bin/sh\n" + textwrap.dedent(text))
    path.chmod(0o755)
    return str(path)


def run(program: str, *, seconds: float = 20, limit: int = 100, environment: "dict[str, str] | None" = None) -> _process.Result:
    return _process.run([program], environment=environment, seconds=seconds, limit=limit)


def test_both_streams_and_the_status_come_back(tmp_path: Path) -> None:
    result = run(script(tmp_path, "echo out; echo err >&2; exit 3"))
    assert result == _process.Result(3, "out\n", "err\n", None)


def test_the_environment_is_the_one_given(tmp_path: Path) -> None:
    program = script(tmp_path, 'echo "[$HOME] [$GREETING]"')
    assert run(program, environment={}).stdout == "[] []\n"
    assert run(program, environment={"GREETING": "hello"}).stdout == "[] [hello]\n"


def test_without_one_the_environment_is_that_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREETING", "hello")
    assert run(script(tmp_path, 'echo "$GREETING"')).stdout == "hello\n"


def test_there_is_no_input(tmp_path: Path) -> None:
    assert run(script(tmp_path, "cat; echo end")).stdout == "end\n"


def test_output_that_is_not_utf_8_is_still_text(tmp_path: Path) -> None:
    assert run(script(tmp_path, r"printf '\377ok'")).stdout == "\ufffdok"


@pytest.mark.parametrize("stream", ["1", "2"], ids=["standard output", "standard error"])
def test_a_flood_is_stopped(stream: str, tmp_path: Path) -> None:
    result = run(script(tmp_path, f"while :; do echo flood >&{stream}; done"), limit=1000)
    assert result.problem == "more than 1000 bytes of output"
    assert len(result.stdout + result.stderr) == 1000
    assert result.status < 0  # the signal that ended it: a write to a closed pipe may come first


def test_a_sleeper_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    start = time.monotonic()
    result = run(script(tmp_path, "sleep 100 & sleep 100"), seconds=0.3)
    assert result.problem == "no end within 0.3 seconds"
    assert time.monotonic() - start < 20


def test_a_sleeper_that_closed_its_streams_is_stopped(tmp_path: Path) -> None:
    assert run(script(tmp_path, "exec >&- 2>&-; sleep 100"), seconds=0.3).problem == "no end within 0.3 seconds"


def is_running(pid: str) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and " Z " not in state.read_text()


def test_what_a_program_leaves_behind_is_ended(tmp_path: Path) -> None:
    pid = run(script(tmp_path, "sleep 100 >/dev/null 2>&1 & echo $!")).stdout.strip()
    assert pid.isdigit()
    deadline = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []

    def interrupted(process: object, *_: object) -> None:
        started.append(process)
        raise KeyboardInterrupt

    monkeypatch.setattr(_process, "_read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(script(tmp_path, "sleep 100"))
    assert started[0].returncode == -signal.SIGKILL


@pytest.mark.parametrize("problem", [PermissionError, ProcessLookupError], ids=["not allowed", "no such group"])
def test_a_group_that_cannot_be_ended_does_not_keep_the_program(
    problem: "type[OSError]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killpg(*_: object) -> None:
        raise problem

    monkeypatch.setattr(os, "killpg", killpg)
    assert run(script(tmp_path, "exec sleep 100"), seconds=0.3).status == -signal.SIGKILL


def test_without_process_groups_the_program_itself_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "killpg")
    assert run(script(tmp_path, "echo out")) == _process.Result(0, "out\n", "", None)
    result = run(script(tmp_path, "exec sleep 100"), seconds=0.3)
    assert (result.status, result.problem) == (-signal.SIGKILL, "no end within 0.3 seconds")


def test_a_program_that_cannot_be_started_is_an_error_of_the_system() -> None:
    with pytest.raises(FileNotFoundError):
        run("/nonexistent/loader")
    with pytest.raises(ValueError, match="null byte"):
        run("a\0b")


def test_on_windows_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = script(tmp_path, "touch ran")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match=r"^running another program is not supported on Windows$"):
        run(program)
    assert not (tmp_path / "ran").exists()
