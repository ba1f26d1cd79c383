"""Runs another program, with limits on time and output, and never leaves it behind."""

import os
import selectors
import signal
import subprocess
import sys
import time

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO


class Result(_core.Value):
    """What a program printed and how it ended: ``status`` (negative: the signal), ``stdout`` and ``stderr``, each cut at the
    limit, and ``problem``: None, or why it was stopped."""

    __slots__ = ("status", "stdout", "stderr", "problem")
    status: "int"
    stdout: "str"
    stderr: "str"
    problem: "str | None"


def run(command: "list[str]", *, environment: "dict[str, str] | None", seconds: "float", limit: "int") -> "Result":
    """Run *command* with no input, and stop it with all it started when *seconds* are over or either output passes *limit* bytes.

    *environment*: None is that of this process. Raises ``OSError`` or ``ValueError`` where it cannot be started at all.
    """
    if sys.platform == "win32":
        raise OSError("running another program is not supported on Windows")  # whose pipes no selector can wait for
    process = subprocess.Popen(  # noqa: S603 -- the caller names a program of its own choice
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    texts = {process.stdout: b"", process.stderr: b""}
    try:
        with process.stdout, process.stderr:
            problem = _read(process, texts, seconds, limit)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)  # what it started shares its session, and may outlive it
        except (AttributeError, ProcessLookupError, PermissionError):
            process.kill()
        process.wait()
    out, err = (text[:limit].decode("utf-8", "replace") for text in texts.values())
    return Result(process.returncode, out, err, problem)


def _read(process: "subprocess.Popen[bytes]", texts: "dict[IO[bytes], bytes]", seconds: "float", limit: "int") -> "str | None":
    """Read both streams into *texts* until the process ends, or until the problem that is returned."""
    deadline = time.monotonic() + seconds
    late = f"no end within {seconds:g} seconds"
    with selectors.DefaultSelector() as waiting:
        for stream in texts:
            waiting.register(stream, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select(max(0.0, deadline - time.monotonic())):
                data = os.read(key.fd, 65536)
                texts[key.fileobj] += data  # type: ignore[index]
                if not data:
                    waiting.unregister(key.fileobj)
            if any(len(text) > limit for text in texts.values()):
                return f"more than {limit} bytes of output"
            if time.monotonic() > deadline:
                return late
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return late
    return None
