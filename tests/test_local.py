"""The running machine, and programs run on it."""

import os
import platform
import struct
import subprocess
import sys
import sysconfig
import textwrap
import time
from pathlib import Path

import pytest

import mltags
from mltags._process import run

#: What a fresh process answers without loading what it need not; the modules' own answers beside it.
FRESH = """
import sys
from mltags._probe import LocalHost
host = LocalHost()
answers = [host.system(), host.platform(), host.pointer_size(), dict(host.python())]
loaded = {"platform", "sysconfig", "struct"} & set(sys.modules)
import platform, struct, sysconfig
again = [host.system(), host.platform(), host.pointer_size(), dict(host.python())]
again[3].pop("ext_suffix", None)
answers[3].pop("ext_suffix", None)
assert answers == again, (answers, again)
print(sorted(loaded), answers[1])
"""


def fresh(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return done.stdout.strip()


def test_what_is_not_loaded_is_answered_from_elsewhere_just_the_same() -> None:
    printed = fresh(FRESH)
    if sys.implementation.name == "cpython":
        assert printed == f"[] {sysconfig.get_platform()}"


def test_a_declared_platform_is_heard_either_way() -> None:
    assert fresh(FRESH, _PYTHON_HOST_PLATFORM="linux-mips64").endswith(" linux-mips64")


def test_the_cheaper_sources_answer_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.implementation.name != "cpython" or sys.platform != "linux":
        pytest.skip("other interpreters ask the modules always")
    host = mltags.LocalHost()

    def answers() -> list:
        python = dict(host.python())
        return [host.system(), host.platform(), host.pointer_size(), python["debug"], python["free_threaded"]]

    expected = answers()
    monkeypatch.delenv("_PYTHON_HOST_PLATFORM", raising=False)
    for name in ("platform", "sysconfig", "struct"):
        monkeypatch.delitem(sys.modules, name)
    assert answers() == expected
    monkeypatch.setenv("_PYTHON_HOST_PLATFORM", "linux-mips64")
    assert host.platform() == "linux-mips64"
    assert not {"platform", "sysconfig", "struct"} & set(sys.modules)


def test_answers_come_through_the_modules_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    host = mltags.LocalHost()
    monkeypatch.setattr(os, "confstr", lambda name: f"{name} 1.2")
    monkeypatch.setattr(sys, "executable", "/x")
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "linux-x")
    monkeypatch.setattr(struct, "calcsize", lambda code: 3)
    monkeypatch.setattr(platform, "system", lambda: "Plan 9")
    answers = (host.confstr("CS"), host.executable(), host.platform(), host.pointer_size(), host.system())
    assert answers == ("CS 1.2", "/x", "linux-x", 3, "Plan 9")
    monkeypatch.delattr(os, "confstr")
    with pytest.raises(AttributeError):
        host.confstr("CS")


def test_flags_of_the_build_come_from_sysconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict = {"Py_DEBUG": 1, "Py_GIL_DISABLED": 1, "EXT_SUFFIX": ".x.so"}
    monkeypatch.setattr(sysconfig, "get_config_var", settings.get)
    python = mltags.LocalHost().python()
    assert (python["debug"], python["free_threaded"], python["ext_suffix"]) == (True, True, ".x.so")
    settings.clear()
    python = mltags.LocalHost().python()
    assert (python["debug"], python["free_threaded"], python["ext_suffix"]) == (hasattr(sys, "gettotalrefcount"), False, None)


def test_the_c_library_answers_for_itself() -> None:
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("this machine has no glibc")
    assert mltags.LocalHost().gnu_get_libc_version() == os.confstr("CS_GNU_LIBC_VERSION").split()[1].encode()  # type: ignore[union-attr]


class TestRead:
    """Regular files only, bounded, without waiting."""

    def test_a_part_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"0123456789")
        read = mltags.LocalHost().read
        assert read(str(tmp_path / "file"), 4) == b"0123"
        assert read(str(tmp_path / "file"), 4, 8) == b"89"
        assert read(str(tmp_path / "file"), 4, 10**6) == b""

    def test_what_is_no_regular_file_is_refused_at_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        (tmp_path / "link").symlink_to(tmp_path / "link")
        for path in (tmp_path, tmp_path / "fifo", tmp_path / "link", tmp_path / "missing", "/dev/zero", "a\0b"):
            start = time.monotonic()
            with pytest.raises((OSError, ValueError)):
                mltags.LocalHost().read(str(path), 10)
            assert time.monotonic() - start < 5

    @pytest.mark.parametrize("kind", ["fifo", "directory", "empty", "device"])
    def test_an_odd_executable_neither_hangs_nor_crashes_the_probe(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / kind
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "directory":
            path.mkdir()
        elif kind == "empty":
            path.touch()
        else:
            path.symlink_to("/dev/zero")
        monkeypatch.setattr(sys, "executable", str(path))
        monkeypatch.setattr(sysconfig, "get_platform", lambda: "linux-armv7l")
        monkeypatch.setattr(struct, "calcsize", lambda code: 4)
        assert mltags.platform_tags() == ("linux_armv7l",)


def script(folder: Path, text: str) -> str:
    path = folder / "program"
    path.write_text("#!/bin/sh\n" + textwrap.dedent(text))
    path.chmod(0o755)
    return str(path)


class TestRun:
    """Programs, bounded in time and output."""

    def test_both_streams_and_the_status_come_back(self, tmp_path: Path) -> None:
        result = run([script(tmp_path, "echo out; echo err >&2; exit 3")], environment={}, seconds=20, limit=100)
        assert (result.status, result.stdout, result.stderr, result.problem) == (3, "out\n", "err\n", None)

    def test_a_flood_is_stopped(self, tmp_path: Path) -> None:
        result = run([script(tmp_path, "while :; do echo flood >&2; done")], environment=None, seconds=20, limit=1000)
        assert result.problem == "more than 1000 bytes of output"
        assert len(result.stderr) == 1000
        assert result.status < 0

    def test_a_sleeper_is_stopped_with_what_it_started(self, tmp_path: Path) -> None:
        start = time.monotonic()
        result = run([script(tmp_path, "sleep 100 & sleep 100")], environment=None, seconds=0.3, limit=100)
        assert result.problem == "no end within 0.3 seconds"
        assert time.monotonic() - start < 20

    def test_a_sleeper_that_closed_its_streams_is_stopped(self, tmp_path: Path) -> None:
        result = run([script(tmp_path, "exec >&- 2>&-; sleep 100")], environment=None, seconds=0.3, limit=100)
        assert result.problem == "no end within 0.3 seconds"

    def test_what_outlives_a_program_that_ended_is_ended_too(self, tmp_path: Path) -> None:
        left = script(tmp_path, "sleep 100 >/dev/null 2>&1 & echo $!")
        pid = run([left], environment=None, seconds=20, limit=100).stdout.strip()
        for _ in range(100):
            state = Path(f"/proc/{pid}/stat")
            if not state.exists() or " Z " in state.read_text():
                return
            time.sleep(0.05)
        raise AssertionError("it is still there")

    def test_an_interrupt_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        started = []

        def read(process: subprocess.Popen, *_: object) -> None:
            started.append(process)
            raise KeyboardInterrupt

        monkeypatch.setattr("mltags._process._read", read)
        with pytest.raises(KeyboardInterrupt):
            run([script(tmp_path, "sleep 100")], environment=None, seconds=20, limit=100)
        assert started[0].returncode == -9

    def test_a_group_that_cannot_be_ended_is_no_reason_to_wait(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def killpg(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "killpg", killpg)
        result = run([script(tmp_path, "exec sleep 100")], environment=None, seconds=0.3, limit=100)
        assert result.status == -9

    def test_the_environment_is_empty(self, tmp_path: Path) -> None:
        result = run([script(tmp_path, 'echo "[$HOME]"')], environment={}, seconds=20, limit=100)
        assert result.stdout == "[]\n"

    @pytest.mark.parametrize("path", ["/nonexistent/loader", "loader"])
    def test_a_loader_that_cannot_be_run_is_an_error_of_the_system(self, path: str) -> None:
        with pytest.raises(OSError, match=r"No such file|not absolute"):
            mltags.LocalHost().run_loader(path)


def test_it_shows_itself() -> None:
    assert repr(mltags.LocalHost()) == "LocalHost()"
    assert mltags.LocalHost().source("confstr") == "os.confstr"
