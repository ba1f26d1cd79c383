"""Wheels made up and judged, for the tests of this folder."""

from pathlib import Path
from typing import Any

from elves import elf, wheel

import mltags
from mltags.audit import Audit, Kind, audit

NEW = mltags.parse_platform("manylinux_2_40_x86_64")
TAGS = "cp312-cp312-manylinux_2_17_x86_64"
OURS = "demo/x.cpython-312-x86_64-linux-gnu.so"


def judged(folder: Path, data: "bytes | dict[str, bytes]", tags: str = TAGS, *, target: Any = NEW, **options: Any) -> Audit:
    """The verdict on a wheel with one extension module, or with these files."""
    files = data if isinstance(data, dict) else {OURS: data}
    root = options.pop("root", None)
    return audit(wheel(folder, f"demo-1.0-{tags}.whl", files, **options), target, root=root)


def found(verdict: Audit, *kinds: Kind) -> list[tuple[str, str, str]]:
    """(kind, rule, sentence) of each finding, or of those of some kinds."""
    chosen = [finding for finding in verdict.findings if not kinds or finding.kind in kinds]
    return [(str(finding.kind), finding.rule, str(finding)) for finding in chosen]


def sentences(verdict: Audit, *kinds: Kind) -> list[str]:
    return [sentence for _, _, sentence in found(verdict, *kinds)]


def needing(*versions: str, arch: str = "x86_64", **options: Any) -> bytes:
    """A library that needs versions of glibc's symbols."""
    return elf(arch, versions={"libc.so.6": versions}, **options)
