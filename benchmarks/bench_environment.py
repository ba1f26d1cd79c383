"""Checking an environment of 100 distributions, beside ``ldd`` on each of its ELF files, one after the other.

The environment is made once, by pip, in the folder of the tests' wheels.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import measure

from mltags import RootHost
from mltags.audit import wheelfile
from mltags.check import check_environment, folders, installed

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests/check"))
import environments

RUNS = 3


def _elf_files(path: Path) -> list[str]:
    disk = folders.Disk(RootHost("/"))
    found = folders.of_path(disk, str(path))
    assert found is not None
    return [installed.real_place(binary) for one in installed.read(disk, found) for binary in one.binaries]


def _ldd(files: list[str]) -> float:
    start = time.perf_counter()
    for file in files:
        subprocess.run(["ldd", file], capture_output=True, check=False)
    return time.perf_counter() - start


def _command(path: Path) -> float:
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "mltags", "check", path], capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return time.perf_counter() - start


def _read(files: list[str]) -> float:
    start = time.perf_counter()
    for file in files:
        with open(file, "rb", 0) as stream:
            wheelfile.read_binary(stream, file)
    return time.perf_counter() - start


def rows() -> Iterator[measure.Row]:
    path = environments.hundred()
    files = _elf_files(path)
    count = len([name for name in os.listdir(environments.site_of(path)) if name.endswith(".dist-info")])
    check_environment(path)
    both = [(_command(path), _read(files), _ldd(files)) for _ in range(RUNS)]
    what = f"environment of {count} distributions with {len(files)} ELF files"
    yield measure.row(f"check of an {what}, the whole command, beside ldd on each", 0.4, [(ours, ldd) for ours, _, ldd in both])
    yield measure.row(f"reading the ELF files of an {what}, beside ldd on each", 0.1, [(ours, ldd) for _, ours, ldd in both])
