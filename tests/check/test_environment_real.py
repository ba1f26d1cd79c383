"""Real environments: what is predicted of each file is what ``ldd``, ``dlopen`` and ``import`` do; what crashes, crashes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import environments
import pytest
import roots
import wheels
from environments import CURRENT, THREAD, below, distribution, found, remedies, row, site_of, write

import mltags
from mltags import RootHost
from mltags.audit import demands, wheelfile
from mltags.check import Report, check_environment, folders, installed, loads, systems

pytestmark = [pytest.mark.real, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the loader is that of Linux")]

_SEGMENTATION_FAULT = -11
_MACOS = ("numpy==2.4.6", "--platform", "macosx_11_0_arm64", "--python-version", "3.11")
_MUSL = ("numpy==2.4.6", "--platform", "musllinux_1_2_x86_64", "--python-version", "3.11")
_OLD = (
    "psycopg2==2.7.3",
    "--platform",
    "manylinux1_x86_64",
    "--python-version",
    "3.6",
    "--implementation",
    "cp",
    "--abi",
    "cp36m",
)


def python(version: str) -> str:
    """The Python of a version; the test is skipped where there is none."""
    folders = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    known = [shutil.which(f"python{version}"), *map(str, sorted(folders.glob(f"{version}*/bin/python{version}")))]
    for path in filter(None, known):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    pytest.skip(f"no Python {version}")


def environment(name: str, version: str, *requirements: str) -> Path:
    try:
        return environments.installed_in(name, python(version), *requirements)
    except wheels.UnavailableError as problem:
        pytest.skip(str(problem))


def folder(name: str, *words: str) -> Path:
    try:
        return environments.target_folder(name, *words)
    except wheels.UnavailableError as problem:
        pytest.skip(str(problem))


def broken(report: Report) -> "set[str]":
    return {one.package for one in report.rows if not one.fits}


def rules(report: Report) -> "set[str]":
    return {finding.rule for one in report.rows for finding in one.findings if finding.kind.name != "REMARK"}


@pytest.fixture(scope="module")
def current() -> Path:
    return environment("current", "3.11", *CURRENT)


class TestCurrent:
    """Numpy, scipy, pandas, pyarrow, lxml, cryptography, psycopg2-binary and PyQt6 in one virtual environment."""

    def test_here_nothing_is_wrong(self, current: Path) -> None:
        report = check_environment(current)
        problems = [text for one in report.rows if not one.fits for text in [one.text]]
        # What Qt needs of the system is told as it is: ldd says the same, below.
        assert [text for text in problems if "which this machine does not have" not in text] == []
        assert {one.package for one in report.rows} >= {"numpy", "scipy", "pandas", "pyarrow", "lxml", "cryptography", "PyQt6"}

    def test_an_old_system(self, current: Path) -> None:
        report = check_environment(current, mltags.Target.of_machine("centos-7", "3.11"))
        names = {"cryptography", "lxml", "numpy", "pandas", "pyarrow", "PyQt6", "PyQt6-Qt6", "scipy"}
        assert (broken(report), rules(report)) == (names, {"glibc", "version"})
        assert found(report, "cryptography")[0][2] == (
            "cryptography/hazmat/bindings/_rust.abi3.so needs GLIBC_2.34 (dlopen@GLIBC_2.34), a newer C library than the target has: "
            "glibc 2.17"
        )

    def test_another_c_library(self, current: Path) -> None:
        report = check_environment(current, mltags.Target.of_machine("alpine-3.20", "3.11"))
        assert rules(report) == {"libc"}
        assert "PyQt6_sip" in broken(report)
        assert row(report, "tzdata").fits

    def test_another_processor(self, current: Path) -> None:
        report = check_environment(current, mltags.Target.of_machine("debian-12:aarch64", "3.11"))
        assert rules(report) == {"system"}
        assert len(broken(report)) == len(CURRENT)
        (finding,) = [one for one in row(report, "lxml").findings if one.rule == "system"]
        assert len(finding.files) == 7
        assert str(finding).endswith(" is for Linux x86_64; the target is Linux aarch64")

    def test_another_python(self, current: Path) -> None:
        report = check_environment(current, mltags.Target.of_machine("debian-12", "3.12"))
        assert rules(report) >= {"python", "suffix"}
        assert row(report, "cryptography").fits  # the stable ABI


@pytest.fixture(scope="module")
def judged(current: Path) -> "tuple[loads.Loads, dict[str, wheelfile.Binary]]":
    disk = folders.Disk(RootHost("/"))
    one = folders.of_path(disk, str(current))
    assert one is not None
    distributions = installed.read(disk, one)
    paper = loads.Loads(disk, one, distributions, systems.Against(None, None, None, is_of_root=True))
    binaries = {installed.real_place(binary): binary for each in distributions for binary in each.binaries}
    assert len(binaries) > 400
    for binary in binaries.values():
        paper._opened(binary)
    return paper, binaries


class TestEquality:
    """For each module and library: what is missing is what ``ldd`` misses, and what loads is what ``dlopen`` and import take."""

    def test_ldd(self, judged: "tuple[loads.Loads, dict[str, wheelfile.Binary]]") -> None:
        paper, binaries = judged
        different = {}
        for path, binary in binaries.items():
            printed = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
            theirs = set(re.findall(r"^\s*(\S+) => not found", printed, re.MULTILINE))
            if theirs != set(paper.missing[binary.path]):
                different[binary.path] = theirs, paper.missing[binary.path]
        assert different == {}

    def test_dlopen(self, current: Path, judged: "tuple[loads.Loads, dict[str, wheelfile.Binary]]") -> None:
        """Each in a process of its own, every symbol bound at once."""
        code = """
import ctypes, os, sys
for path in sys.stdin.read().split():
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            ctypes.CDLL(path, os.RTLD_NOW)
        except OSError as problem:
            os.write(1, ("%s %s\\n" % (path, problem)).encode())
        os._exit(0)
    os.waitpid(child, 0)
"""
        paper, binaries = judged
        paths = [path for path, binary in binaries.items() if not binary.is_program]
        done = subprocess.run(
            [current / "bin/python", "-c", code], input="\n".join(paths), capture_output=True, text=True, check=True
        )
        refused = {line.split(" ", 1)[0]: line for line in done.stdout.splitlines()}
        theirs = {path for path, line in refused.items() if "cannot open shared object file" in line}
        assert theirs == {path for path in paths if paper.missing[binaries[path].path]}
        # Libraries are looked up here, and versions, but not each symbol: Qt's stub of OpenSSL lacks some.
        rest = {os.path.basename(path) for path in refused if path not in theirs}
        assert rest == {"libavcodec.so.61", "libavutil.so.59", "libswresample.so.5", "libswscale.so.8"}
        assert all(
            "undefined symbol: RAND_bytes, version OPENSSL_3.0.0" in refused[path] for path in refused if path not in theirs
        )

    def test_import(self, current: Path, judged: "tuple[loads.Loads, dict[str, wheelfile.Binary]]") -> None:
        """Every module of every package whose files load can be found by import, as far as its loader is concerned."""
        code = """
import importlib, os, sys
for name in sys.stdin.read().split():
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            importlib.import_module(name)
        except ImportError as problem:
            os.write(1, ("%s %s\\n" % (name, problem)).encode())
        except BaseException:
            pass
        os._exit(0)
    os.waitpid(child, 0)
"""
        paper, binaries = judged
        names = {
            binary.path.partition(".")[0].replace("/", "."): binary
            for binary in binaries.values()
            if binary.is_module and re.search(r"\.(cpython-|abi3)", binary.path) and not binary.path.startswith("scipy/")
        }
        done = subprocess.run(
            [current / "bin/python", "-c", code], input="\n".join(names), capture_output=True, text=True, check=True
        )
        refused = {line.split(" ", 1)[0]: line for line in done.stdout.splitlines()}
        theirs = {name for name, line in refused.items() if "cannot open shared object file" in line}
        assert theirs <= {name for name, binary in names.items() if paper.missing[binary.path]}


class TestThread:
    """Pyarrow 0.14.0 and tensorflow 1.13.1: the crash, in the order that crashes."""

    def test_the_crash_is_predicted_and_happens(self) -> None:
        path = environment("thread", "3.7", *THREAD)
        report = check_environment(path)
        advice = "put `import tensorflow` before `import pyarrow` in every program that uses both"
        assert broken(report) == {"pyarrow"}
        assert {one.kind.name for one in row(report, "pyarrow").findings if one.rule == "state"} >= {"CONFLICT"}
        assert advice in remedies(report, "pyarrow")
        for order, status in (("pyarrow, tensorflow", _SEGMENTATION_FAULT), ("tensorflow, pyarrow", 0)):
            done = subprocess.run(
                [path / "bin/python", "-W", "ignore", "-c", f"import {order}"], capture_output=True, check=False
            )
            assert done.returncode == status


class TestOthers:
    """Folders that were moved, filled for another system, or built with another C library."""

    def test_an_environment_that_was_moved(self, tmp_path: Path) -> None:
        before, after = tmp_path / "before", tmp_path / "after"
        subprocess.run([sys.executable, "-m", "venv", before], check=True, capture_output=True)
        assert check_environment(before)
        before.rename(after)
        report = check_environment(after)
        assert [rule for _, rule, _ in found(report, str(after))] == ["script"]
        assert f"begins with #!{before}/bin/" in found(report, str(after))[0][2]
        with pytest.raises(FileNotFoundError):
            subprocess.run([after / "bin/pip", "--version"], check=True)

    def test_an_environment_whose_python_is_gone(self, tmp_path: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
        link = tmp_path / "venv/bin/python"
        base = os.readlink(link)
        link.unlink()
        link.symlink_to(f"{base}-gone")
        (tmp_path / "venv/bin/python3").unlink()
        report = check_environment(tmp_path / "venv")
        assert [rule for _, rule, _ in found(report, str(tmp_path / "venv"))] == ["home"]

    def test_a_folder_for_a_serverless_runtime_full_of_macos(self) -> None:
        report = check_environment(folder("numpy-macos", *_MACOS), mltags.Target.of_machine("amazonlinux-2023", "3.11"))
        assert rules(report) == {"system"}
        assert found(report, "numpy")[0][2].endswith("is for macOS arm64; the target is Linux x86_64")
        command = "--platform manylinux2014_x86_64 --python-version 3.11 --only-binary=:all: numpy==2.4.6`"
        assert remedies(report, "numpy")[0].endswith(command)

    def test_on_macos_the_same_folder_is_right(self) -> None:
        target = mltags.Target.of(python_version="3.11", implementation="cp", platform="macosx_14_0_arm64")
        report = check_environment(folder("numpy-macos", *_MACOS), target)
        assert (broken(report), row(report, "numpy").verdict.value) == (set(), "not judged")

    def test_musl_on_glibc(self) -> None:
        path = folder("numpy-musl", *_MUSL)
        try:
            root = RootHost(roots.build("bookworm", "amd64", "python3"))
        except roots.UnavailableError as problem:
            pytest.skip(str(problem))
        report = check_environment(path, root=root)
        assert rules(report) == {"libc"}
        assert found(report, "numpy")[0][2].endswith(
            "is built for musl, and the target has glibc: it is for another kind of Linux"
        )
        fine = check_environment(path, mltags.Target.of_machine("alpine-3.20", "3.11"))
        assert rules(fine) == set()

    def test_glibc_on_musl(self, current: Path) -> None:
        try:
            root = RootHost(roots.compile_python("musl"))
        except roots.UnavailableError as problem:
            pytest.skip(str(problem))
        report = check_environment(site_of(current), root=root)
        assert "libc" in rules(report)
        assert all(finding.rule == "libc" for finding in row(report, "lxml").findings if finding.kind.name == "LOAD")

    def test_parts_of_glibc_that_were_bundled(self) -> None:
        path = folder("psycopg2-2.7.3", *_OLD)
        own = mltags.Target(mltags.Python("cp", (3, 6), ["cp36m"]), mltags.probe())
        report = check_environment(path, own)
        done = subprocess.run(
            [python("3.6"), "-c", "import psycopg2"],
            env={**os.environ, "PYTHONPATH": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )
        symbol = re.search(r"undefined symbol: (\w+), version GLIBC_PRIVATE", done.stderr)
        assert (symbol is not None) is not bool(report)
        if symbol is not None:
            assert f"({symbol[1]}@GLIBC_PRIVATE)" in found(report, "psycopg2")[0][2]

    def test_debians_own_packages(self) -> None:
        try:
            root = roots.build("bookworm", "amd64", "python3", "python3-numpy", "python3-lxml")
        except roots.UnavailableError as problem:
            pytest.skip(str(problem))
        report = check_environment(root=RootHost(root))
        assert [one.package for one in report.rows] == ["/usr", "lxml", "numpy"]
        # Links of update-alternatives are made by scripts of the packages, which have not been run.
        assert broken(report) == {"numpy"}
        needs = {finding.need for finding in row(report, "numpy").findings if finding.kind.name == "LOAD"}
        assert needs == {"libblas.so.3", "liblapack.so.3"}

    def test_a_root_with_a_foreign_environment_in_it(self, tmp_path: Path) -> None:
        try:
            root = roots.build("bookworm", "amd64", "python3")
        except roots.UnavailableError as problem:
            pytest.skip(str(problem))
        shutil.copytree(root, tmp_path / "root", symlinks=True, ignore=shutil.ignore_patterns("proc", "dev"))
        shutil.copytree(folder("numpy-macos", *_MACOS), tmp_path / "root/var/task")
        write(
            tmp_path / "root",
            below("srv/venv", {"pyvenv.cfg": "home = /gone\nversion = 3.11.2\n", "bin/python": "->/gone/python3"}),
        )
        write(tmp_path / "root", below("srv/venv/lib/python3.11/site-packages", distribution("pure")))
        report = check_environment(root=RootHost(tmp_path / "root"))
        assert broken(report) == {"numpy", "/srv/venv"}


def test_families_are_those_of_the_files(current: Path) -> None:
    disk = folders.Disk(RootHost("/"))
    one = folders.of_path(disk, str(current))
    assert one is not None
    binaries = [binary for each in installed.read(disk, one) for binary in each.binaries]
    assert {demands.family(binary, []) for binary in binaries} <= {"glibc", ""}
