"""Locks that the real tools wrote, judged as the real tools judge them. ``data/README.md`` says what they are of."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from packaging.pylock import Pylock, PylockSelectError

import mltags
from mltags.check import Verdict, check, locks

DATA = Path(__file__).parent / "data"
PLATFORMS = (
    "manylinux2014_x86_64",
    "manylinux_2_36_x86_64",
    "musllinux_1_2_x86_64",
    "manylinux_2_36_armv7l",
    "win_amd64",
    "macosx_14_0_arm64",
)
TARGETS = {
    f"{platform} {version}": mltags.Target.of(python_version=version, implementation="cp", platform=platform)
    for platform in PLATFORMS
    for version in ("3.9", "3.11.7", "3.13")
}
PYLOCKS = sorted(path.relative_to(DATA).as_posix() for path in DATA.glob("*/pylock*.toml"))
#: uv's names of platforms, and its Pythons, as targets.
UV_PLATFORMS = {
    "x86_64-manylinux2014 3.11": ("manylinux2014_x86_64", "3.11.7"),
    "x86_64-unknown-linux-musl 3.12": ("musllinux_1_2_x86_64", "3.12.1"),
    "aarch64-manylinux_2_28 3.13": ("manylinux_2_28_aarch64", "3.13.0"),
    "x86_64-pc-windows-msvc 3.11": ("win_amd64", "3.11.7"),
}
UV_OPTIONS: dict[str, dict[str, Any]] = {"extras": {"extras": ["old"]}, "science": {"groups": []}}
UV_SYNC = json.loads((DATA / "uv_sync.json").read_text(encoding="utf-8"))
#: Where uv and we differ: it refuses to build them, we do not judge them.
FROM_ELSEWHERE = {"sources": ["gitdep", "pathdep"]}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def uv_lock(name: Any) -> Any:
    return DATA / name.replace("net-old-uv", "net-0.4") / ("tool.py.lock" if name == "script" else "uv.lock")


class TestPylock:
    """The files chosen are those of ``Pylock.select`` wherever that succeeds; where it fails, something does not fit."""

    @pytest.mark.parametrize("path", PYLOCKS)
    def test_files_equal_those_of_packaging(self, path: Any) -> None:
        report = check(DATA / path, TARGETS)
        lock: Any = Pylock.from_dict(locks.parse_toml((DATA / path).read_text(encoding="utf-8"), "lock"))
        succeeded = 0
        for name, target in TARGETS.items():
            rows = [row for row in report.rows if row.target == name]
            try:
                chosen = list(lock.select(environment=target.environment, tags=target.tags))
            except PylockSelectError:
                assert report.column(name).fits is False
                continue
            succeeded += 1
            theirs = {package.name: file.filename for package, file in chosen if hasattr(file, "filename")}
            assert {row.package: row.wheel or row.sdist for row in rows if row.wheel or row.sdist} == theirs
            elsewhere = [row.package for row in rows if row.verdict is Verdict.NOT_JUDGED]
            assert elsewhere == FROM_ELSEWHERE.get(path.partition("/")[0], [])
        assert len(PYLOCKS) == 10
        assert succeeded >= 1

    def test_hashes_are_those_of_the_files_chosen(self) -> None:
        target = TARGETS["manylinux2014_x86_64 3.11.7"]
        report = check(DATA / "net/pylock.uv.toml", {"centos-7": target})
        lock: Any = Pylock.from_dict(locks.parse_toml((DATA / "net/pylock.uv.toml").read_text(encoding="utf-8"), "lock"))
        theirs = [
            f"{package.name}=={package.version} \\\n    --hash=sha256:{file.hashes['sha256']}\n"
            for package, file in lock.select(environment=target.environment, tags=target.tags)
        ]
        assert report.requirements("centos-7") == "".join(theirs)


class TestUvLock:
    """uv.lock is walked from its roots with their markers; the wheels are those that ``uv sync`` installed."""

    @pytest.mark.parametrize("name", UV_SYNC)
    @pytest.mark.parametrize("platform", UV_PLATFORMS)
    def test_wheels_equal_those_of_uv(self, name: Any, platform: Any) -> None:
        tag, version = UV_PLATFORMS[platform]
        target = mltags.Target.of(python_version=version, implementation="cp", platform=tag)
        report = check(uv_lock(name), {"there": target}, only_binary=True, **UV_OPTIONS.get(name, {}))
        ours = {row.package: [row.version, expanded(row.wheel)] for row in report.rows if row.wheel}
        theirs = UV_SYNC[name][platform]
        assert ours == theirs["wheels"]
        refused = sorted(row.package for row in report.rows if not row.fits)
        assert refused == sorted({package for package, _ in theirs["refused"]} - set(FROM_ELSEWHERE.get(name, [])))
        elsewhere = [row.package for row in report.rows if row.verdict is Verdict.NOT_JUDGED]
        assert elsewhere == FROM_ELSEWHERE.get(name, [])
        assert len(UV_SYNC) == 10


def expanded(wheel: Any) -> Any:
    pythons, abis, platforms = [part.split(".") for part in wheel[:-4].split("-")[-3:]]
    return sorted(f"{python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms)


#: What ``poetry install --dry-run`` of that version said on CPython 3.11.7, Linux, x86_64.
POETRY = {
    "poetry-1.1": (
        "certifi 2026.10.19.post1, charset-normalizer 3.5.3, docopt 0.6.2, idna 3.15, iniconfig 2.1.0, markupsafe 3.0.4, "
        "pysocks 1.7.1, requests 2.32.4, urllib3 2.2.3"
    ),
    "poetry-1.8": (
        "certifi 2026.10.19.post1, charset-normalizer 3.5.3, docopt 0.6.2, idna 3.20, iniconfig 2.1.0, numpy 2.2.6, "
        "packaging 26.3, pluggy 1.6.0, pygments 2.21.0, pysocks 1.7.1, pytest 8.4.2, requests 2.32.5, urllib3 2.6.3, "
        "uvloop 0.23.0"
    ),
    "poetry-2.2": (
        "cffi 2.1.1, cryptography 50.0.2, iniconfig 2.3.1, numpy 2.2.6, packaging 26.4, pluggy 1.7.0, psycopg 3.3.9, "
        "psycopg-binary 3.3.9, pycparser 3.11, pygments 2.21.0, pytest 9.2.0, typing-extensions 4.16.0, uvloop 0.23.0"
    ),
}


class TestPoetryLock:
    """poetry.lock: markers and groups of its own from 2.1 on, those of pyproject.toml before."""

    @pytest.mark.parametrize("folder", POETRY)
    def test_packages_equal_those_of_poetry(self, folder: Any) -> None:
        report = check(DATA / folder / "poetry.lock", {"here": TARGETS["manylinux2014_x86_64 3.11.7"]})
        assert ", ".join(row.title for row in report.rows if row.verdict is not Verdict.NOT_NEEDED) == POETRY[folder]
        assert report.notes == ()

    def test_an_extra_and_an_optional_group_are_there_for_who_asks(self) -> None:
        report = check(
            DATA / "poetry-2.2/poetry.lock",
            {"here": TARGETS["manylinux2014_x86_64 3.11.7"]},
            extras=["DB"],
            groups=["main", "docs"],
        )
        names = [row.package for row in report.rows if row.verdict is not Verdict.NOT_NEEDED]
        assert "pyodbc" in names
        assert "lxml" in names
        assert "pytest" not in names

    def test_older_lock_without_pyproject_is_judged_whole(self, tmp_path: Any) -> None:
        (tmp_path / "poetry.lock").write_bytes((DATA / "poetry-1.1/poetry.lock").read_bytes())
        report = check(tmp_path / "poetry.lock", {"here": TARGETS["manylinux2014_x86_64 3.11.7"]})
        assert report.notes == (
            "this lock has no markers and there is no pyproject.toml beside it, so every package is judged",
        )
        assert len(report.rows) == 12
        assert report.columns[0].counts == ((Verdict.WHEEL, 11), (Verdict.SDIST, 1))

    def test_extra_of_an_older_project(self) -> None:
        report = check(
            DATA / "poetry-1.1/poetry.lock",
            {"here": TARGETS["manylinux2014_x86_64 3.11.7"]},
            extras=["compat"],
            groups=["main"],
        )
        names = [row.package for row in report.rows if row.verdict is not Verdict.NOT_NEEDED]
        assert "six" in names
        assert "iniconfig" not in names


class TestLowest:
    """The lowest C libraries that would take every package, and which package asks for it."""

    def test_of_a_real_lock(self) -> None:
        report = check(DATA / "web/uv.lock", {"centos-7": TARGETS["manylinux2014_x86_64 3.11.7"]})
        assert str(report.columns[0]) == (
            "centos-7: fits: 27 wheels, 1 sdist only, 48 not needed; "
            "lowest for wheels only: glibc 2.24 (pyodbc 5.5.0); musl 1.2 (ast-serialize 0.13.1)"
        )
        assert [row.text for row in report.rows if row.verdict is Verdict.SDIST] == [
            (
                "pyodbc-5.5.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl: needs glibc 2.24 or newer "
                "(manylinux_2_24_x86_64); the target has glibc 2.17 (declared); it would be built from pyodbc-5.5.0.tar.gz"
            )
        ]

    def test_nothing_is_said_of_other_systems(self) -> None:
        report = check(DATA / "web/uv.lock", {"windows": TARGETS["win_amd64 3.11.7"]})
        assert report.columns[0].needs is None
