"""Environments made up for the tests of this folder: files on a disk, and whole roots."""

import csv
import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import wheels
from elves import elf

import mltags
from mltags.check import Report, Row, check_environment
from mltags.testing import make_elf

#: A target that files of the tests fit.
NEW = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_40_x86_64")
#: How long folders are called.
SITE = "lib/python3.12/site-packages"
MODULE = "demo/x.cpython-312-x86_64-linux-gnu.so"

Files = Mapping[str, "bytes | str"]


def write(folder: Path, files: Files) -> Path:
    """Files by their contents; a text that begins with "->" is a symbolic link."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str) and content.startswith("->"):
            path.symlink_to(content[2:])
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def distribution(
    name: str = "demo",
    files: "Files | None" = None,
    *,
    version: str = "1.0",
    tags: Sequence[str] = ("py3-none-any",),
    record: "Sequence[Sequence[str]] | None" = None,
    requires: Sequence[str] = (),
) -> "dict[str, bytes | str]":
    """The files of a distribution below site-packages, with its metadata; *record*: rows in place of the true ones."""
    files = dict(files or {})
    info = f"{name}-{version}.dist-info"
    rows = [(path, "", str(len(data))) for path, data in files.items()] if record is None else record
    text = io.StringIO()
    csv.writer(text).writerows([*rows, (f"{info}/METADATA", "", ""), (f"{info}/RECORD", "", "")])
    lines = [f"Requires-Dist: {requirement}\n" for requirement in requires]
    return {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{''.join(lines)}\nName: of the text\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\n" + "".join([f"Tag: {tag}\n" for tag in tags]),
        f"{info}/RECORD": text.getvalue(),
    }


def below(folder: str, files: Files) -> "dict[str, bytes | str]":
    return {f"{folder}/{name}": data for name, data in files.items()}


def virtual(
    folder: Path, *distributions: Files, cfg: "str | None" = None, python: "str | bytes | None" = None, version: str = "3.12"
) -> Path:
    """A virtual environment whose Python stands beside it."""
    home = folder.parent / "python"
    write(home, {"bin/python" + version: make_elf("x86_64")} if not (home / "bin").exists() else {})
    text = f"home = {home}/bin\nimplementation = CPython\nversion_info = {version}.1.final.0\n" if cfg is None else cfg
    files: dict[str, bytes | str] = {"pyvenv.cfg": text, "bin/python": python or f"->{home}/bin/python{version}"}
    (folder / f"lib/python{version}/site-packages").mkdir(parents=True)
    for one in distributions:
        files |= below(f"lib/python{version}/site-packages", one)
    return write(folder, files)


def folder_of(folder: Path, *distributions: Files) -> Path:
    """What ``pip install --target`` makes."""
    for one in distributions:
        write(folder, one)
    return folder


def checked(path: Path, target: Any = NEW, **options: Any) -> Report:
    return check_environment(path, target, **options)


def row(report: Report, name: str = "demo") -> Row:
    (found,) = [one for one in report.rows if one.package == name]
    return found


def found(report: Report, name: str = "demo") -> "list[tuple[str, str, str]]":
    """(kind, rule, sentence) of each finding of a distribution, the worst first."""
    return [(str(finding.kind), finding.rule, str(finding)) for finding in row(report, name).findings]


def remedies(report: Report, name: str = "demo") -> "list[str]":
    return [finding.remedy for finding in row(report, name).findings]


def needing(*versions: str, library: str = "libc.so.6", **options: Any) -> bytes:
    """A library that needs symbol versions."""
    return elf(versions={library: versions}, **options)


# Real ones, kept from one run to the next beside the tests' wheels

#: What the issue names, in versions that are there for CPython 3.11 to 3.13.
CURRENT = (
    "numpy==2.4.6",
    "scipy==1.17.1",
    "pandas==3.1.1",
    "pyarrow==26.0.1",
    "lxml==6.1.3",
    "cryptography==50.0.2",
    "cffi==2.1.1",
    "psycopg2-binary==2.9.13",
    "PyQt6==6.11.0",
    "PyQt6-Qt6==6.11.2",
    "PyQt6_sip==13.13.0",
)
#: The two of the old thread.
THREAD = ("pyarrow==0.14.0", "tensorflow==1.13.1", "numpy<1.17", "protobuf<3.20")
#: With what they require, more than a hundred distributions.
HUNDRED = (*CURRENT, "matplotlib", "scikit-learn", "jupyterlab", "requests", "sqlalchemy", "aiohttp", "grpcio", "pillow")


def installed_in(name: str, python: str, *requirements: str) -> Path:
    """A virtual environment of *python* with *requirements*; made once. ``UnavailableError`` where the index cannot be asked."""
    folder = wheels.CACHE / f"env-{name}"
    if not (folder / "done").exists():
        wheels._run(python, "-m", "venv", "--clear", folder)
        wheels._run(folder / "bin/python", "-m", "pip", "install", "-q", "--only-binary", ":all:", *requirements)
        (folder / "done").touch()
    return folder


def hundred() -> Path:
    return installed_in("hundred", sys.executable, *HUNDRED)


def site_of(environment: Path) -> Path:
    (found,) = environment.glob("lib/python3.*/site-packages")
    return found


def target_folder(name: str, *words: str) -> Path:
    """A folder that ``pip install --target`` filled with these words; made once."""
    folder = wheels.CACHE / f"folder-{name}"
    if not folder.exists():
        new = folder.with_name(f"{folder.name}.{os.getpid()}")
        wheels._run(
            sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary", ":all:", "--target", new, *words
        )
        new.rename(folder)
    return folder
