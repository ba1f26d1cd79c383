"""Real wheels from the package index, kept from one run to the next in ``$MLTAGS_TEST_WHEELS`` (default: the user's cache)."""

import os
import subprocess
import sys
import venv
from pathlib import Path

CACHE = Path(os.environ.get("MLTAGS_TEST_WHEELS") or Path.home() / ".cache" / "mltags-test-wheels")


class UnavailableError(Exception):
    """The index cannot be asked, or does not have it; the text says why."""


def _run(*command: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise UnavailableError(f"{command[2:5]} failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def download(requirement: str, python: str, abi: str, *platforms: str) -> Path:
    """The wheel of *requirement* for a CPython and *platforms*; downloaded once."""
    folder = CACHE / "-".join([requirement.replace("==", "-"), python, platforms[0]])
    if not folder.is_dir():
        new = folder.with_name(f"{folder.name}.{os.getpid()}")
        words = [word for platform in platforms for word in ("--platform", platform)]
        words += ["--python-version", python, "--implementation", "cp", "--abi", abi, "--abi", "abi3", "--abi", "none"]
        _run(
            sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", new, *words, requirement
        )
        new.rename(folder)
    return next(folder.glob("*.whl"))


def tool(requirement: str) -> Path:
    """The program of a package of that name, in an environment of its own; ``requirement`` may pin its version."""
    folder = CACHE / requirement.replace("==", "-")
    if not (folder / "done").exists():
        venv.create(folder, with_pip=True, clear=True)
        _run(folder / "bin/python", "-m", "pip", "install", "-q", requirement)
        (folder / "done").touch()
    return folder / "bin" / requirement.partition("==")[0]


def auditwheel() -> Path:
    """The program ``auditwheel``."""
    return tool("auditwheel==6.8.2")
