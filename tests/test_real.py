"""On real things: programs linked against musl, static ones, other interpreters, other machines under qemu.

What a machine lacks is skipped with the reason; what fails, fails.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import packaging.tags
import pytest
import roots
from conftest import forget

import mltags
from mltags import _probe

pytestmark = pytest.mark.real

#: Both lists, and the facts, as one interpreter sees them.
BOTH = """
import json, sys
import mltags
import packaging.tags
platform = mltags.probe()
print(json.dumps({
    "ours": list(mltags.platform_tags()), "theirs": list(packaging.tags.platform_tags()),
    "our_tags": [str(tag) for tag in mltags.sys_tags()], "their_tags": [str(tag) for tag in packaging.tags.sys_tags()],
    "libc": repr(platform.libc), "triples": list(mltags.Target.current().triples),
}))
"""


@functools.cache
def compiled(folder: Path, compiler: str, *flags: str) -> Path:
    """A program compiled here."""
    found = shutil.which(compiler)
    if found is None:
        pytest.skip(f"no {compiler} on this machine (Debian: musl-tools, gcc)")
    (folder / "main.c").write_text("int main(void) { return 0; }\n")
    program = folder / "-".join([compiler, *flags])
    subprocess.run([found, *flags, "-o", program, folder / "main.c"], check=True)
    return program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


def as_executable(monkeypatch: pytest.MonkeyPatch, program: Path, *, glibc: "str | None") -> None:
    """Let *program* stand for the interpreter; a musl one has no confstr name and no glibc function."""

    def confstr(name: str) -> str:
        if glibc is None:
            raise ValueError("unrecognized configuration name")
        return glibc

    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(os, "confstr", confstr)
    if glibc is None:
        import ctypes

        monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    forget()


def test_a_program_of_musl_gets_musllinux(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = compiled(folder, "musl-gcc")
    loader = next(Path("/lib").glob("ld-musl-*.so.1"))
    banner = subprocess.run([loader], capture_output=True, text=True, check=False).stderr
    as_executable(monkeypatch, program, glibc=None)
    monkeypatch.setattr(mltags.LocalHost, "run_loader", None)  # its file says
    platform = mltags.probe()
    assert f"Version {platform.libc}." in banner
    assert list(mltags.platform_tags(platform)) == list(packaging.tags.platform_tags())
    forget()


def test_the_loader_is_run_where_its_file_is_not_to_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = compiled(folder, "musl-gcc")
    as_executable(monkeypatch, program, glibc=None)
    read = mltags.LocalHost.read
    monkeypatch.setattr(
        mltags.LocalHost,
        "read",
        lambda self, path, size, offset=0: b"" if "ld-musl" in path else read(self, path, size, offset),
    )
    platform = mltags.probe()
    assert isinstance(platform.libc, mltags.Musl)
    assert list(mltags.platform_tags(platform)) == list(packaging.tags.platform_tags())
    forget()


def test_a_static_program_on_glibc_keeps_its_tags_and_the_evidence_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = compiled(folder, "gcc", "-static")
    as_executable(monkeypatch, program, glibc="glibc 2.36")
    assert list(mltags.platform_tags()) == list(packaging.tags.platform_tags())
    (found,) = [item for item in _probe.inquire(None, None, thorough=True).evidence if item.fact == "executable"]
    assert found.conclusion.endswith(", statically linked")
    forget()


def test_a_static_program_of_musl_has_plain_tags_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = compiled(folder, "musl-gcc", "-static")
    as_executable(monkeypatch, program, glibc=None)
    assert mltags.platform_tags() == tuple(packaging.tags.platform_tags())
    assert len(mltags.platform_tags()) == 1
    forget()


def test_a_wrapper_script_as_executable_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    expected = mltags.platform_tags()
    monkeypatch.setattr(sys, "executable", str(wrapper))
    assert mltags.platform_tags() == expected
    assert [item.conclusion for item in mltags.probe(mltags.LocalHost()).evidence if item.fact == "executable"] == []


def run_here(*command: str) -> dict:
    done = subprocess.run([*command, "-c", BOTH], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_64_bit_interpreter_under_linux32_keeps_its_own_tags() -> None:
    if shutil.which("setarch") is None or sys.maxsize < 2**32:
        pytest.skip("no setarch on this machine (Debian: util-linux)")
    here = list(mltags.platform_tags())
    there = run_here("setarch", "i686", sys.executable)
    assert there["ours"] == ["linux_i686", *here]
    assert there["theirs"] == ["linux_i686"]  # R6: packaging sees the kernel's word only


def root_of(suite: str, arch: str, *packages: str) -> Path:
    try:
        roots._rule(arch)
        return roots.build(suite, arch, *packages)
    except roots.UnavailableError as reason:
        pytest.skip(str(reason))


def run_in(root: Path, *command: str, **options: Any) -> dict:
    return dict(json.loads(roots.run(root, *command, stdin=BOTH, **options)))


def assert_read_from_outside(root: Path, lists: dict) -> None:
    """What the files show is what is true inside."""
    target = mltags.Target.of_host(mltags.RootHost(root))
    assert list(target.platform_tags) == lists["ours"]
    assert list(target.triples) == lists["triples"]


def test_an_older_release_is_read_as_it_is_inside() -> None:
    root = root_of("bookworm", "amd64", "python3")
    lists = run_in(root, "/usr/bin/python3", "-")
    assert lists["ours"] == lists["theirs"]
    assert_read_from_outside(root, lists)
    assert lists["ours"][1] == "manylinux_2_36_x86_64"


def test_a_big_endian_root_is_read_without_running_it() -> None:
    tags = mltags.Target.of_host(mltags.RootHost(root_of("trixie", "s390x", "python3"))).triples
    assert tags[:2] == ["cp313-cp313-linux_s390x", "cp313-cp313-manylinux_2_41_s390x"]


def test_a_root_of_musl_is_read_without_running_it(folder: Path, tmp_path: Path) -> None:
    program = compiled(folder, "musl-gcc")
    loader = next(Path("/lib").glob("ld-musl-*.so.1"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").mkdir()
    shutil.copy(program, tmp_path / "bin/sh")
    shutil.copy(loader, tmp_path / "lib" / loader.name)
    banner = subprocess.run([loader], capture_output=True, text=True, check=False).stderr
    libc = mltags.probe(mltags.RootHost(tmp_path)).libc
    assert isinstance(libc, mltags.Musl)
    assert f"Version {libc}." in banner


@pytest.mark.parametrize("arch", ["aarch64", "x86_64"])
@pytest.mark.parametrize("project", ["markupsafe", "pyyaml"])
def test_pip_downloads_for_the_machine_that_we_name(project: str, arch: str, tmp_path: Path) -> None:
    declared = ["--platform", f"manylinux_2_28_{arch}", "--python-version", "3.12", "--implementation", "cp"]
    words = subprocess.run(
        [sys.executable, "-m", "mltags", "tags", *declared, "--format", "pip"], capture_output=True, text=True, check=True
    )
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(tmp_path)]
    done = subprocess.run([*command, *words.stdout.split(), project], capture_output=True, text=True, check=False)
    if done.returncode and ("connection" in done.stderr.lower() or "No module named pip" in done.stderr):
        pytest.skip("no package index, or no pip, on this machine")
    assert done.returncode == 0, done.stderr
    (name,) = [path.name for path in tmp_path.iterdir()]
    target = mltags.Target.of(python_version="3.12", implementation="cp", platform=f"manylinux_2_28_{arch}")
    assert target.explain(name)
    assert name.endswith(f"_{arch}.whl")


@pytest.mark.parametrize(
    "options", [{}, {"wrap": "setarch i686"}, {"no_proc": True}], ids=["plain", "linux32", "without /proc"]
)
def test_an_i386_interpreter_on_a_64_bit_kernel_agrees(options: dict) -> None:
    root = root_of("trixie", "i386", "python3")
    lists = run_in(root, "/usr/bin/python3", "-", **options)
    assert lists["ours"] == lists["theirs"]
    assert_read_from_outside(root, lists)
    assert lists["our_tags"] == lists["triples"] == lists["their_tags"]
    assert lists["ours"][:2] == ["linux_i686", "manylinux_2_41_i686"]


@pytest.mark.parametrize(
    ("arch", "first"),
    [
        ("armhf", ["linux_armv7l", "manylinux_2_41_armv7l"]),
        ("armel", ["linux_armv7l"]),
        ("arm64", ["linux_aarch64", "manylinux_2_41_aarch64"]),
    ],
)
def test_a_foreign_interpreter_agrees(arch: str, first: list) -> None:
    root = root_of("trixie", arch, "python3")
    lists = run_in(root, "/usr/bin/python3", "-")
    assert lists["ours"] == lists["theirs"]
    assert_read_from_outside(root, lists)
    assert lists["our_tags"] == lists["triples"] == lists["their_tags"]
    assert lists["ours"][: len(first)] == first
    assert (len(lists["ours"]) == 1) is (len(first) == 1)


def test_pypy_agrees() -> None:
    root = root_of("trixie", "amd64", "pypy3")
    lists = run_in(root, "/usr/bin/pypy3", "-")
    assert_read_from_outside(root, lists)
    assert lists["ours"] == lists["theirs"]
    assert lists["our_tags"] == lists["triples"] == lists["their_tags"]
    assert lists["triples"][0] == "pp311-pypy311_pp73-linux_x86_64"
    assert "pp3-none-any" in lists["triples"]
