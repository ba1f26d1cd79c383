"""Environments: what is installed in a folder, whether it loads on a target, and what to do where it does not (R17)."""

import importlib.metadata
import io
import json
import os
import re
import shutil
import sys
import tracemalloc
import venv
from pathlib import Path
from typing import Any

import pytest
from elves import Symbol, elf
from environments import (
    MODULE,
    NEW,
    SITE,
    Files,
    below,
    checked,
    distribution,
    folder_of,
    found,
    needing,
    remedies,
    row,
    virtual,
    write,
)
from rich.console import Console
from shared import Symbol as Full
from shared import library, needs

import mltags
from mltags import RootHost, _interpreter, _local
from mltags.audit import RULES, elffile, loader
from mltags.check import (
    InvalidSubject,
    Report,
    Verdict,
    check,
    check_environment,
    environment,
    folders,
    installed,
    print_report,
    systems,
)
from mltags.testing import FakeHost, make_elf

PINNED = "install it again: `python -m pip install --target DIR --upgrade --no-deps demo==1.0`"
THERE = "get one for that machine: `python -m pip install --target DIR --platform manylinux2014_x86_64 --python-version 3.12 --only-binary=:all: "


def target(platform: str, version: str = "3.12") -> mltags.Target:
    return mltags.Target.of(python_version=version, implementation="cp", platform=platform)


def demo(data: bytes, path: str = MODULE, **options: Any) -> "dict[str, bytes | str]":
    return distribution(files={path: data, "demo/__init__.py": b""}, **options)


class TestSubjects:
    """What an environment is: a virtual one, a conda one, site-packages, a folder of ``pip install --target``, a Python's prefix."""

    @pytest.mark.parametrize(
        ("prefix", "more"),
        [
            pytest.param(
                f"{SITE}/", {"pyvenv.cfg": "version = 3.12.1\n", "bin/python": make_elf("x86_64")}, id="virtual environment"
            ),
            pytest.param(f"{SITE}/", {"conda-meta/history": ""}, id="conda environment"),
            pytest.param(f"{SITE}/", {}, id="prefix of a Python"),
            pytest.param("Lib/site-packages/", {"pyvenv.cfg": "", "Scripts/python.exe": b"MZ"}, id="made on Windows"),
            pytest.param("", {}, id="folder of pip install --target"),
            pytest.param("lib/pypy3.10/site-packages/", {}, id="PyPy"),
        ],
    )
    def test_its_distributions_are_listed(self, prefix: str, more: "dict[str, bytes | str]", tmp_path: Path) -> None:
        write(tmp_path, {**below(prefix.rstrip("/") or ".", distribution("pure", {"pure.py": b""})), **more})
        report = checked(tmp_path)
        assert [one.package for one in report.rows] == [str(tmp_path), "pure"]
        assert (report.kind, report.subject) == ("environment", str(tmp_path))

    def test_site_packages_alone(self, tmp_path: Path) -> None:
        virtual(tmp_path / "venv", distribution("pure"))
        report = checked(tmp_path / "venv" / SITE)
        assert [one.package for one in report.rows][1:] == ["pure"]

    def test_lib64_that_is_a_link_is_not_looked_at_twice(self, tmp_path: Path) -> None:
        virtual(tmp_path / "venv", distribution("pure"))
        write(tmp_path / "venv", {"lib64": "->lib"})
        assert [one.package for one in checked(tmp_path / "venv").rows][1:] == ["pure"]

    @pytest.mark.parametrize(
        "files",
        [
            pytest.param({"a.txt": ""}, id="no distributions"),
            pytest.param({"demo-1.0-py3-none-any.whl": "", "old-1.dist-info/METADATA": ""}, id="wheels"),
            pytest.param({"demo.egg-info/PKG-INFO": "", "pyproject.toml": ""}, id="a source tree"),
        ],
    )
    def test_what_is_none(self, files: Files, tmp_path: Path) -> None:
        write(tmp_path, files)
        with pytest.raises(InvalidSubject) as caught:
            checked(tmp_path)
        assert str(caught.value) == (
            f"cannot check '{tmp_path}': folder: not an environment: expected pyvenv.cfg, conda-meta, "
            "lib/python3.*/site-packages or folders *.dist-info in it"
        )
        assert not environment.is_environment(tmp_path)
        with pytest.raises(InvalidSubject):
            environment.check_targets(tmp_path, [])

    def test_the_same_distributions_as_importlib_metadata(self) -> None:
        site = os.path.dirname(os.path.dirname(pytest.__file__))
        mine = sorted((one.package, one.version) for one in checked(Path(site)).rows[1:] if one.package != "(no distribution)")
        theirs = sorted((one.metadata["Name"], one.version) for one in importlib.metadata.distributions(path=[site]))
        assert mine == theirs

    def test_links_of_pth_files_and_eggs_are_named(self, tmp_path: Path) -> None:
        files = {
            "a.pth": "# a comment\nimport sys; sys.exit()\n/one\n/two\n/three\n/four\n",
            "b.egg-link": "/five\n../\n",
            "c.pth": "import site\n.\n",
        }
        report = checked(folder_of(tmp_path, distribution("pure"), files))
        assert report.notes == (
            "a.pth adds /one, /two, /three and 1 more to sys.path, which is not looked at",
            "b.egg-link adds /five to sys.path, which is not looked at",
        )

    def test_an_editable_install_is_named(self, tmp_path: Path) -> None:
        direct = {"demo-1.0.dist-info/direct_url.json": '{"dir_info": {"editable": true}, "url": "file:///src/demo"}'}
        report = checked(folder_of(tmp_path, distribution(), direct))
        assert row(report).note == "an editable install of file:///src/demo, which is not looked at"
        write(tmp_path, {"demo-1.0.dist-info/direct_url.json2": ""})
        (tmp_path / "demo-1.0.dist-info/direct_url.json").write_text('{"dir_info": {"editable": true}}')
        assert row(checked(tmp_path)).note == "an editable install of another folder, which is not looked at"

    def test_python_asked_for_its_own_path(self) -> None:
        report = check_environment(python=sys.executable)
        assert report.subject == sys.executable
        assert {"packaging", "pytest"} <= {one.package for one in report.rows}
        assert "json" not in {one.package for one in report.rows}

    def test_python_that_does_not_say(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Silent(_interpreter.InterpreterHost):
            def __init__(self, executable: str) -> None:
                super().__init__(executable)
                del self._answers["sys_path"], self._answers["executable"]

        monkeypatch.setattr(_interpreter, "InterpreterHost", Silent)
        report = check_environment(python=sys.executable)
        assert [one.package for one in report.rows] == [sys.executable]

    def test_this_very_environment(self) -> None:
        report = check_environment(sys.prefix)
        assert report.columns[0].name == "this machine"
        assert row(report, "packaging").fits


BANNER = b"GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n\0"
FOLDER = "usr/lib/x86_64-linux-gnu"


def image(folder: Path, *, arch: str = "x86_64", libc: bytes = BANNER) -> RootHost:
    """A root with a Python 3.12, glibc 2.36 and a libstdc++."""
    write(
        folder,
        {
            "usr/bin/python3.12": make_elf(arch),
            "usr/bin/python3": "->python3.12",
            "usr/lib/python3.12/os.py": "",
            f"{FOLDER}/libc.so.6": elf(soname="libc.so.6", needed=(), defines=["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_PRIVATE"])
            + libc,
            f"{FOLDER}/libstdc++.so.6": elf(soname="libstdc++.so.6", defines=["GLIBCXX_3.4.19"]),
            f"{FOLDER}/libplain.so.1": elf(soname="libplain.so.1", needed=()),
            "lib": "->usr/lib",
        },
    )
    return RootHost(folder)


class TestInterpreters:
    """The environment of an interpreter, which is asked for its path."""

    def made(self, folder: Path, script: str = "") -> str:
        """A virtual environment with the packages of the running Python and one of its own; the path of a program that runs it."""
        venv.create(folder / "venv", system_site_packages=True, symlinks=True)
        (site,) = (folder / "venv/lib").glob("python3.*/site-packages")
        write(site, demo(elf("s390x"), path="demo/x.abi3.so"))
        write(folder / "venv", {"bin/tool": "#!/no/such/python\n"})
        program = folder / "venv/bin/run"
        program.write_text(f'#!/bin/sh\n{script}\nexec {folder}/venv/bin/python "$@"\n')
        program.chmod(0o755)
        return str(program)

    def test_its_path_is_the_one_that_it_has(self, tmp_path: Path) -> None:
        write(tmp_path / "more", distribution("more"))
        program = self.made(tmp_path, f"PYTHONPATH={tmp_path}/more:/no/such/folder:$PYTHONPATH; export PYTHONPATH")
        report = check_environment(python=program)
        packages = {one.package for one in report.rows}
        assert packages >= {program, "demo", "more"}
        assert "(no distribution)" not in {one.package for one in report.rows if one.findings}
        assert not any("lib-dynload" in finding.file for one in report.rows for finding in one.findings)
        assert not any("also uses the packages of the system" in note for note in report.notes)

    def test_what_is_hidden_by_an_earlier_folder_is_not_judged(self, tmp_path: Path) -> None:
        write(tmp_path / "more", distribution("Demo", {"demo/x.abi3.so": elf()}, version="2.0"))
        program = self.made(tmp_path, f"PYTHONPATH={tmp_path}/more; export PYTHONPATH")
        (site,) = (tmp_path / "venv/lib").glob("python3.*/site-packages")
        report = check_environment(python=program)
        assert [one.title for one in report.rows if one.package.lower() == "demo"] == ["Demo 2.0"]
        assert f"demo 1.0 in {site} is hidden by 2.0 in {tmp_path}/more" in report.notes

    def test_the_environment_itself_is_looked_at(self, tmp_path: Path) -> None:
        program = self.made(tmp_path)
        report = check_environment(python=program)
        assert [rule for _, rule, _ in found(report, program)] == ["script"]
        assert report.columns[0].counts[-1] == (Verdict.BROKEN, 2)
        assert (report.subject, report.columns[0].fits) == (program, False)

    def test_its_own_machine_counts(self, tmp_path: Path) -> None:
        program = self.made(tmp_path, "_PYTHON_HOST_PLATFORM=linux-s390x; export _PYTHON_HOST_PLATFORM")
        assert [rule for _, rule, _ in found(check_environment(python=program), "demo") if rule == "system"] == []
        platform = mltags.parse_platform("manylinux_2_40_aarch64")
        assert [rule for _, rule, _ in found(check_environment(python=program, target=platform), "demo")] == ["system"]
        assert [rule for _, rule, _ in found(check_environment(python=self.made(tmp_path / "b")), "demo")] == ["system"]


class TestRoots:
    """A root directory: every environment in it, or the one of a Python that is named."""

    def test_every_environment_is_found(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        write(
            tmp_path,
            below("opt/app/.venv", {"pyvenv.cfg": "version = 3.11.2\nhome = /usr/bin\n", "bin/python": "->/usr/bin/python3"}),
        )
        write(tmp_path, below(f"opt/app/.venv/{SITE}", distribution("inner")))
        write(tmp_path, below(f"opt/conda/{SITE}", distribution("snake")) | {"opt/conda/conda-meta/history": ""})
        write(tmp_path, below("usr/lib/python3/dist-packages", distribution("system")))
        write(tmp_path, below("usr/local/lib/python3.12/dist-packages", distribution("local")))
        write(tmp_path, below("var/task", distribution("lambda")))
        write(tmp_path, below("proc/1/root", distribution("never")))
        report = check_environment(root=root)
        assert [(one.folder, one.package) for one in report.rows if one.package != one.folder] == [
            ("/opt/app/.venv", "inner"),
            ("/opt/conda", "snake"),
            ("/usr", "system"),
            ("/usr/local/lib/python3.12/dist-packages", "local"),
            ("/var/task", "lambda"),
        ]
        assert (report.subject, report.columns[0].name) == (str(tmp_path), str(tmp_path))

    def test_two_folders_of_one_python(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        egg: Files = {"old.egg-info/PKG-INFO": "Name: old\nVersion: 1\n", "old/x.abi3.so": elf()}
        write(tmp_path, below("usr/lib/python3/dist-packages", egg))
        write(tmp_path, below("usr/lib/python3.12/dist-packages", distribution("new") | {"old/y.abi3.so": elf()}))
        report = check_environment(root=root)
        assert [(one.package, one.text) for one in report.rows] == [
            ("/usr", "nothing is in the way"),
            ("new", "nothing is in the way"),
            ("old", "2 files of machine code"),
        ]

    def test_lib_and_lib64_are_one_environment(self, tmp_path: Path) -> None:
        write(tmp_path, {"usr/bin/python3.12": make_elf("x86_64"), f"{FOLDER}/libc.so.6": BANNER})
        write(tmp_path, below("usr/lib/python3.12/site-packages", distribution("pure")))
        write(tmp_path, below("usr/lib64/python3.12/site-packages", distribution("fast")))
        assert [one.package for one in check_environment(root=RootHost(tmp_path)).rows] == ["/usr", "fast", "pure"]
        write(tmp_path, below("usr/lib64/odd/site-packages", distribution("odd")))
        assert [one.package for one in check_environment(tmp_path / "usr", root=RootHost(tmp_path)).rows] == [
            "/usr",
            "fast",
            "pure",
        ]

    def pythons(self, folder: Path) -> RootHost:
        """A root with three Pythons in one prefix, as RHEL and Debian have them, each with a module of its own."""
        root = image(folder)
        write(folder, {"usr/bin/python3.9": make_elf("x86_64"), "usr/bin/pypy3.9": make_elf("x86_64")})
        for name, tail in (("python3", "cpython-312"), ("python3.9", "cpython-39"), ("pypy3.9", "pypy39-pp73")):
            files = {f"{name[:4]}/x.{tail}-x86_64-linux-gnu.so": elf()}
            write(folder, below(f"usr/lib/{name}/dist-packages", distribution(f"of-{name}", files)))
        return root

    @pytest.mark.parametrize(("place", "verdict"), [("../../../bin/tool", Verdict.BROKEN), ("demo/data/tool", Verdict.LOADS)])
    def test_a_command_is_needed_and_a_program_within_a_package_is_not(
        self, place: str, verdict: Verdict, tmp_path: Path
    ) -> None:
        root = image(tmp_path)
        program = elf(needed=["libodd.so.1"], interpreter="/lib64/ld-linux-x86-64.so.2")
        files = {MODULE: elf(needed=["libc.so.6"]), place: program}
        write(tmp_path, below("usr/local/lib/python3.12/dist-packages", distribution("demo", files)))
        (judged,) = [one for one in check_environment(root=root).rows if one.package == "demo"]
        assert judged.verdict is verdict
        assert [finding.need for finding in judged.findings if finding.rule == "library"] == ["libodd.so.1"]

    def test_each_python_of_a_prefix_has_packages_of_its_own(self, tmp_path: Path) -> None:
        report = check_environment(root=self.pythons(tmp_path))
        assert [(one.folder, one.package, one.text) for one in report.rows if one.package != one.folder] == [
            ("/usr", "of-python3", "1 file of machine code"),
            ("/usr/lib/pypy3.9/dist-packages", "of-pypy3.9", "1 file of machine code"),
            ("/usr/lib/python3.9/dist-packages", "of-python3.9", "1 file of machine code"),
        ]
        assert (report.notes, bool(report)) == ((), True)

    def test_a_prefix_by_its_path_is_of_the_python_that_a_shell_finds(self, tmp_path: Path) -> None:
        report = check_environment(tmp_path / "usr", root=self.pythons(tmp_path))
        assert [one.package for one in report.rows if one.package != "/usr"] == ["of-python3"]
        assert report.notes == tuple(
            f"/usr/lib/{name}/dist-packages belongs to another Python; check it by its own path"
            for name in ("pypy3.9", "python3.9")
        )
        assert report

    @pytest.mark.parametrize(
        ("name", "rows"),
        [
            ("python3", {"of-python3": True}),
            ("python3.9", {"of-python3": False, "of-python3.9": True}),
            ("pypy3.9", {"of-pypy3.9": True}),
        ],
    )
    def test_a_python_of_a_prefix_that_is_named(self, name: str, rows: "dict[str, bool]", tmp_path: Path) -> None:
        """Debian's python3/dist-packages serves every CPython of its prefix, also where their suffixes differ."""
        self.pythons(tmp_path)
        report = check_environment(root=RootHost(tmp_path, f"/usr/bin/{name}"))
        assert {one.package: one.fits for one in report.rows if one.package != "/usr"} == rows

    def test_the_environment_of_a_python_that_is_named(self, tmp_path: Path) -> None:
        image(tmp_path)
        write(tmp_path, below(f"opt/x/{SITE}", distribution("other")) | {"opt/x/bin/python3.12": make_elf("x86_64")})
        write(tmp_path, {"opt/bare/bin/python3.12": make_elf("x86_64")})
        report = check_environment(root=RootHost(tmp_path, "/opt/x/bin/python3.12"))
        assert [one.package for one in report.rows] == ["/opt/x", "other"]
        with pytest.raises(InvalidSubject, match=r"/opt/bare/bin/python3.12: has no site-packages beside it"):
            check_environment(root=RootHost(tmp_path, "/opt/bare/bin/python3.12"))

    def test_what_is_inside_of_an_environment_is_a_part_of_it(self, tmp_path: Path) -> None:
        vendored = {"demo/_vendor/inner-1.dist-info/METADATA": "Name: inner\nVersion: 1\n"}
        write(tmp_path, below(f"usr/{SITE}", distribution(files={"demo/__init__.py": ""}) | vendored))
        virtual(tmp_path / "venv", distribution("own"))
        write(tmp_path, below("venv/share/more", distribution("more")))
        write(tmp_path, below(f"opt/conda/{SITE}", distribution("base")) | {"opt/conda/conda-meta/history": ""})
        write(
            tmp_path, below(f"opt/conda/envs/one/{SITE}", distribution("one")) | {"opt/conda/envs/one/conda-meta/history": ""}
        )
        rows = check_environment(root=RootHost(tmp_path)).rows
        assert [(one.folder, one.package) for one in rows if one.package != one.folder] == [
            ("/opt/conda", "base"),
            ("/opt/conda/envs/one", "one"),
            (f"/usr/{SITE}", "demo"),
            ("/venv", "own"),
        ]

    @pytest.mark.parametrize(
        ("path", "more"),
        [
            pytest.param(f"opt/conda/pkgs/demo-1.0-0/{SITE}", {"opt/conda/pkgs/urls.txt": ""}, id="conda's"),
            pytest.param("root/.cache/uv/archive-v0/Qp-4", {"root/.cache/uv/CACHEDIR.TAG": ""}, id="uv's"),
        ],
    )
    def test_caches_of_unpacked_packages_are_passed_over(self, path: str, more: Files, tmp_path: Path) -> None:
        write(tmp_path, below(path, distribution()) | below("opt/lib", distribution("own")))
        folders_ = {one.folder for one in check_environment(root=RootHost(tmp_path)).rows}
        if "conda" in path:
            assert folders_ == {f"/{path}", "/opt/lib"}
        write(tmp_path, more)
        assert {one.folder or one.package for one in check_environment(root=RootHost(tmp_path)).rows} == {"/opt/lib", "own"}

    def test_what_has_no_packages_is_passed_over(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        write(tmp_path, {"opt/a/pyvenv.cfg": "", "opt/b/conda-meta/history": ""} | below("opt/c", distribution()))
        assert [one.folder for one in check_environment(root=root).rows] == ["", ""]

    def test_a_root_without_any(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidSubject, match=r"root: no environment and no site-packages folder found in it"):
            check_environment(root=image(tmp_path))

    @pytest.mark.parametrize("path", ["/opt/venv", "{root}/opt/venv"])
    def test_a_path_inside(self, path: str, tmp_path: Path) -> None:
        root = image(tmp_path)
        write(
            tmp_path,
            below("opt/venv", {"pyvenv.cfg": "home = /usr/bin\nversion = 3.12.1\n", "bin/python": "->/usr/bin/python3"}),
        )
        write(tmp_path, below(f"opt/venv/{SITE}", demo(needing("GLIBC_2.34"))))
        report = check_environment(path.format(root=tmp_path), root=root)
        assert [one.verdict.value for one in report.rows] == ["loads", "loads"]

    def test_an_environment_of_this_machine_against_a_root(self, tmp_path: Path) -> None:
        root = image(tmp_path / "image")
        folder = folder_of(tmp_path / "folder", demo(needing("GLIBC_2.38")))
        report = check_environment(folder, root=root)
        assert found(report) == [
            ("load", "glibc", f"{MODULE} needs GLIBC_2.38, a newer C library than the target has: glibc 2.36")
        ]

    def test_its_libraries_are_those_of_the_root(self, tmp_path: Path) -> None:
        root = image(tmp_path / "image")
        defines = ["ROOT_1", "GLIBC_PRIVATE"]
        write(
            tmp_path / "image",
            {
                f"{FOLDER}/libroot.so.1": elf(soname="libroot.so.1", needed=["libdeep.so.1"], defines=defines),
                f"{FOLDER}/libdeep.so.1": elf(soname="libdeep.so.1", needed=()),
            },
        )
        data = elf(needed=["libroot.so.1"], versions={"libroot.so.1": ["ROOT_1"]})
        folder = folder_of(tmp_path / "folder", demo(data))
        assert found(check_environment(folder, root=root)) == []
        (tmp_path / "folder" / MODULE).write_bytes(elf(needed=["libroot.so.1"], versions={"libroot.so.1": ["ROOT_2"]}))
        assert found(check_environment(folder, root=root)) == [
            ("load", "version", f"{MODULE} needs ROOT_2, which the target's libroot.so.1 does not define")
        ]
        wanted = needs("__libc_early_init", "libroot.so.1", "GLIBC_PRIVATE")
        (tmp_path / "folder" / MODULE).write_bytes(library([wanted], needed=["libroot.so.1"]))
        assert [rule for kind, rule, _ in found(check_environment(folder, root=root)) if kind == "load"] == ["private"]

    def test_its_search_paths_lead_into_the_root(self, tmp_path: Path) -> None:
        root = image(tmp_path / "image")
        folder = folder_of(tmp_path / "folder", demo(elf(needed=["libown.so.1"], runpath=f"{tmp_path}/other")))
        write(tmp_path / "other", {"libown.so.1": elf(soname="libown.so.1", needed=())})
        assert found(check_environment(folder, root=root)) == [
            ("load", "library", f"{MODULE} needs libown.so.1, which the target does not have")
        ]
        write(tmp_path / f"image/{tmp_path}/other", {"libown.so.1": elf(soname="libown.so.1", needed=())})
        assert found(check_environment(folder, root=root)) == []

    def test_a_path_that_is_here_and_in_the_root_is_the_one_here(self, tmp_path: Path) -> None:
        root = image(tmp_path / "image")
        folder_of(tmp_path / "folder", distribution("here"))
        write(tmp_path / f"image/{tmp_path}/folder", distribution("there"))
        report = check_environment(tmp_path / "folder", root=root)
        assert [one.package for one in report.rows][1:] == ["here"]
        for where in (None, root):
            with pytest.raises(InvalidSubject, match=r"cannot check '/no/such/folder': folder: no such folder$"):
                check_environment("/no/such/folder", root=where)

    def test_the_root_itself_is_a_prefix(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        write(tmp_path, below(SITE, distribution("odd")))
        assert [one.package for one in check_environment(tmp_path, root=root).rows] == ["/", "odd"]


class TestOwnPython:
    """The environment itself: its interpreter, its home, its version, the first lines of its scripts."""

    AGAIN = "make it again here: `python3.12 -m venv --clear {path}`, then install its packages with pip"

    def findings(self, path: Path, target: Any = NEW) -> "list[tuple[str, str, str]]":
        return found(checked(path, target), str(path))

    def test_a_sound_one(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv")
        report = checked(path)
        assert (found(report, str(path)), bool(report)) == ([], True)
        assert row(report, str(path)).text == "nothing is in the way"

    def test_its_python_is_gone(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv")
        shutil.rmtree(tmp_path / "python")
        assert self.findings(path) == [
            (
                "load",
                "home",
                (
                    f"bin/python is a broken link: it leads to {tmp_path}/python/bin/python3.12, which is not there, so this "
                    "environment's programs do not start"
                ),
            )
        ]
        assert remedies(checked(path), str(path)) == [self.AGAIN.format(path=path)]

    def test_a_chain_of_links_that_never_ends(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv", python="->python3")
        write(path, {"bin/python3": "->python"})
        assert "bin/python is a broken link: it leads to " in self.findings(path)[0][2]

    def test_it_has_none(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv")
        (path / "bin/python").unlink()
        assert self.findings(path) == [("load", "home", "bin/python is not there: the environment has no Python of its own")]

    def test_none_of_its_programs_is_one(self, tmp_path: Path) -> None:
        path = write(virtual(tmp_path / "venv"), {"bin/pip": "#!/bin/sh\n", "bin/python3-config": "#!/bin/sh\n"})
        (path / "bin/python").unlink()
        assert [sentence.partition(" ")[2] for _, _, sentence in self.findings(path)] == [
            "is not there: the environment has no Python of its own"
        ]

    @pytest.mark.parametrize("name", ["bin/python3", "bin/python3.12", "bin/python3.12t", "bin/pypy3", "Scripts/python.exe"])
    def test_names_of_its_python(self, name: str, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv")
        (path / "bin/python").unlink()
        write(path, {name: make_elf("x86_64")})
        assert self.findings(path) == []

    def test_its_home_is_gone_and_its_python_a_copy(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv", python=make_elf("x86_64"), cfg="home = /no/such/bin\nversion = 3.12.1\n")
        assert self.findings(path) == [
            ("load", "home", "pyvenv.cfg names /no/such/bin as the home of its Python, and that folder is not there")
        ]

    @pytest.mark.parametrize("home", ["C:\\Python312", "", "\\\\server\\python"])
    def test_a_home_of_windows_is_not_looked_for(self, home: str, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv", cfg=f"home = {home}\nversion = 3.12.1\n")
        assert self.findings(path) == []

    def test_the_python_was_upgraded(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv", cfg="version = 3.11.2\n")
        assert self.findings(path, target("manylinux_2_40_x86_64", "3.11")) == [
            (
                "load",
                "home",
                "bin/python is Python 3.12, and the environment was made for Python 3.11: that one's packages are not found",
            ),
            (
                "remark",
                "home",
                "lib/python3.12/site-packages is a folder of another Python than the environment's, 3.11, which does not look there",
            ),
        ]

    def test_the_target_has_another_python(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv")
        report = checked(path, target("manylinux_2_40_x86_64", "3.13"))
        assert found(report, str(path)) == [
            ("load", "python", f"{path}/{SITE} is for Python 3.12, and the target has Python 3.13, which does not look there")
        ]
        assert remedies(report, str(path)) == ["make the environment with Python 3.13, or run it with Python 3.12"]
        assert (
            self.findings(path, mltags.Target.of(python_version="3", implementation="py", platform="manylinux_2_40_x86_64"))
            == []
        )
        assert self.findings(path, mltags.parse_platform("manylinux_2_40_x86_64")) == []

    def test_packages_of_the_system_are_named(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv", cfg="include-system-site-packages = true\nversion = 3.12.1\nhome = /usr/bin\n")
        assert checked(path).notes == (f"{path} also uses the packages of the system (/usr/bin), which are not looked at",)

    @pytest.mark.parametrize(
        ("script", "named"),
        [
            pytest.param("#!/old/venv/bin/python\n", "/old/venv/bin/python", id="pip's"),
            pytest.param("#!/old/venv/bin/python3.12 -I\n", "/old/venv/bin/python3.12", id="with options"),
            pytest.param(
                "#!/bin/sh\n'''exec' \"/old/my venv/bin/python\" \"$0\" \"$@\"\n' '''\n", "/old/my venv/bin/python", id="long"
            ),
            pytest.param("#!/bin/sh\n'''exec' /old/venv/bin/pypy3 \"$0\" \"$@\"\n' '''\n", "/old/venv/bin/pypy3", id="of uv"),
        ],
    )
    def test_scripts_of_an_environment_that_was_moved(self, script: str, named: str, tmp_path: Path) -> None:
        path = write(virtual(tmp_path / "venv"), {"bin/pip": script, "bin/tool": script})
        before = os.path.dirname(os.path.dirname(named))
        if named.count(" -"):
            named = named.partition(" -")[0]
        ((kind, rule, sentence),) = self.findings(path)
        assert (kind, rule) == ("file", "script")
        assert sentence == (
            f"bin/pip (and 1 more) begins with #!{named}, which is not there, so it does not start: was the environment moved from "
            f"{before}?"
        )
        assert remedies(checked(path), str(path)) == [f"run programs as `python -m NAME`, or {self.AGAIN.format(path=path)}"]

    @pytest.mark.parametrize(
        "script",
        ["#!/bin/sh\n", "#!/usr/bin/env python\n", "#!/usr/bin/env python3 -I\n", "#!/gone/perl\n", "#!python\n", "text", ""],
    )
    def test_scripts_that_name_no_interpreter_of_an_environment(self, script: str, tmp_path: Path) -> None:
        path = write(virtual(tmp_path / "venv"), {"bin/tool": script, "bin/folder/x": ""})
        assert self.findings(path) == []

    def test_scripts_of_a_copy(self, tmp_path: Path) -> None:
        virtual(tmp_path / "old")
        path = virtual(tmp_path / "venv")
        own, other = f"#!{path}/bin/python\n", f"#!{tmp_path}/old/bin/python\n"
        write(path, {"bin/own": own, "bin/tool": other, "bin/home": f"#!{tmp_path}/python/bin/python3.12\n"})
        assert self.findings(path) == [
            (
                "file",
                "script",
                (
                    f"bin/tool begins with #!{tmp_path}/old/bin/python, and so uses another environment's packages: is this a copy of "
                    "that one?"
                ),
            )
        ]


class TestSystems:
    """System, processor and suffix of each binary, read as far as their headers."""

    def verdict(self, folder: Path, files: Files, wanted: Any = NEW) -> "list[tuple[str, str, str]]":
        return found(checked(folder_of(folder, distribution(files=files)), wanted))

    @pytest.mark.parametrize(
        ("path", "data", "machine"),
        [
            pytest.param("x.cpython-312-darwin.so", b"\xcf\xfa\xed\xfe\x0c\0\0\x01" + bytes(64), "macOS arm64", id="Mach-O"),
            pytest.param("x.cpython-312-darwin.so", b"\xfe\xed\xfa\xce\0\0\0\x12" + bytes(64), "macOS ppc", id="old Mach-O"),
            pytest.param(
                "x.cpython-312-darwin.so",
                b"\xca\xfe\xba\xbe\0\0\0\x02" + b"\x01\0\0\x07" + bytes(16) + b"\x01\0\0\x0c" + bytes(16),
                "macOS x86_64 and arm64",
                id="universal Mach-O",
            ),
            pytest.param(
                "x.cp312-win_amd64.pyd", b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86", "Windows win_amd64", id="PE"
            ),
            pytest.param("x.pyd", b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x01\x02", "Windows machine 0x201", id="odd PE"),
            pytest.param("x.cpython-312-wasm32-emscripten.so", b"\0asm\x01\0\0\0", "WebAssembly wasm32", id="WebAssembly"),
            pytest.param("x.cpython-312-aarch64-linux-gnu.so", elf("aarch64"), "Linux aarch64", id="another processor"),
            pytest.param("x.abi3.so", elf("armv7l", flags=0), "Linux soft-float ARM or an older ABI of it", id="another ABI"),
        ],
    )
    def test_modules_of_another_one(self, path: str, data: bytes, machine: str, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, distribution(files={f"demo/{path}": data})))
        assert found(report) == [("load", "system", f"demo/{path} is for {machine}; the target is Linux x86_64")]
        assert remedies(report) == [f"{THERE}demo==1.0`"]
        assert not report

    def test_here_pip_installs_it_again(self, tmp_path: Path) -> None:
        folder_of(tmp_path, demo(elf("s390x")))
        report = check_environment(tmp_path)
        assert remedies(report)[0] == PINNED
        assert "; this machine is Linux " in found(report)[0][2]

    def test_libraries_where_nothing_else_is_there(self, tmp_path: Path) -> None:
        files = {
            "demo/lib.dylib": b"\xcf\xfa\xed\xfe\x07\0\0\x01",
            "demo/lib.dll": b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x4c\x01",
        }
        assert self.verdict(tmp_path, files) == [
            ("load", "system", "demo/lib.dll is for Windows win32; the target is Linux x86_64"),
            ("load", "system", "demo/lib.dylib is for macOS x86_64; the target is Linux x86_64"),
        ]

    def test_spare_files_for_others_are_remarks(self, tmp_path: Path) -> None:
        files = {MODULE: elf(), "demo/x.pyd": b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86", "demo/lib.so": elf("aarch64")}
        assert self.verdict(tmp_path, files) == [
            ("remark", "system", "demo/lib.so is for Linux aarch64; the target is Linux x86_64"),
            ("remark", "system", "demo/x.pyd is for Windows win_amd64; the target is Linux x86_64"),
        ]

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("t64.exe", b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86"),
            ("old.com", b"MZ" + bytes(64)),
            ("X.class", b"\xca\xfe\xba\xbe\0\0\0\x34"),
            ("tool", elf("aarch64", interpreter="/lib/ld.so")),
            ("x.o", elf(kind=1)),
        ],
    )
    def test_what_is_no_business_of_python(self, name: str, data: bytes, tmp_path: Path) -> None:
        assert self.verdict(tmp_path, {f"demo/{name}": data}) == []

    def test_modules_on_macos_are_for_it(self, tmp_path: Path) -> None:
        mach = b"\xcf\xfa\xed\xfe\x0c\0\0\x01"
        folder_of(tmp_path, distribution(files={"demo/x.cpython-312-darwin.so": mach, "demo/y.so": mach}))
        report = checked(tmp_path, target("macosx_14_0_arm64"))
        assert [(one.verdict.value, one.fits) for one in report.rows] == [("loads", True), ("not judged", True)]
        assert row(report).text == "whether its machine code loads is judged on Linux only"
        assert found(checked(tmp_path, target("macosx_14_0_x86_64"))) == [
            ("load", "system", "demo/x.cpython-312-darwin.so is for macOS arm64; the target is macOS macosx_14_0_x86_64"),
            ("remark", "system", "demo/y.so is for macOS arm64; the target is macOS macosx_14_0_x86_64"),
        ]

    @pytest.mark.parametrize(
        ("platform", "archs", "is_native"),
        [
            ("macosx_14_0_arm64", b"\x01\0\0\x07", False),
            ("macosx_14_0_arm64", b"\x01\0\0\x0c", True),
            ("macosx_14_0_universal2", b"\x01\0\0\x07", True),
        ],
    )
    def test_universal_files(self, platform: str, archs: bytes, is_native: object, tmp_path: Path) -> None:
        files = {"demo/x.cpython-312-darwin.so": b"\xca\xfe\xba\xbe\0\0\0\1" + archs + bytes(16)}
        assert (self.verdict(tmp_path, files, target(platform)) == []) is is_native

    def test_modules_on_a_macos_that_was_probed(self, tmp_path: Path) -> None:
        folder_of(tmp_path, distribution(files={"demo/x.so": b"\xcf\xfa\xed\xfe\x0c\0\0\x01"}))
        machines = {arch: mltags.probe(FakeHost(f"macosx-14.0-{arch}")) for arch in ("arm64", "x86_64")}
        assert [rule for arch in machines for _, rule, _ in found(checked(tmp_path, machines[arch]))] == ["system"]

    def test_modules_on_windows_are_for_it(self, tmp_path: Path) -> None:
        data = b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86"
        modules = dict.fromkeys(["w.pyd", "x.cp312-win_amd64.pyd", "y.cp311-win_amd64.pyd"], data)
        folder_of(tmp_path, distribution(files={**modules, "z.so": elf()}))
        assert found(checked(tmp_path, target("win_amd64"))) == [
            (
                "load",
                "suffix",
                "y.cp311-win_amd64.pyd is named for cp311-win_amd64.pyd, which Python 3.12 of the target cannot use",
            ),
            ("remark", "system", "z.so is for Linux x86_64; the target is Windows win_amd64"),
        ]

    @pytest.mark.parametrize(
        ("suffix", "wanted", "is_imported"),
        [
            ("cpython-312-x86_64-linux-gnu.so", NEW, True),
            ("abi3.so", NEW, True),
            ("so", NEW, True),
            ("cpython-311-x86_64-linux-gnu.so", NEW, False),
            ("cpython-312d-x86_64-linux-gnu.so", NEW, False),
            ("cpython-312-x86_64-linux-musl.so", NEW, False),
            ("cpython-312-i386-linux-gnu.so", NEW, False),
            ("pypy310-pp73-x86_64-linux-gnu.so", NEW, False),
            ("cpython-312-x86_64-linux-musl.so", target("musllinux_1_2_x86_64"), True),
            ("cpython-312-x86_64-linux-gnu.so", target("musllinux_1_2_x86_64"), True),
            ("cpython-37m-x86_64-linux-gnu.so", target("manylinux_2_17_x86_64", "3.7"), True),
            ("abi3.so", mltags.Target.of(python_version="3.13", implementation="cp", abis="cp313t", platform="manylinux_2_17_x86_64"), False),
            ("cpython-313t-x86_64-linux-gnu.so", mltags.Target.of(python_version="3.13", implementation="cp", abis="cp313t", platform="manylinux_2_17_x86_64"), True),
            ("cpython-312-x86_64-linux-gnu.so", mltags.Target.of(python_version="3.12", implementation="cp", abis="abi3", platform="manylinux_2_17_x86_64"), True),
            ("pypy39-pp73-x86_64-linux-gnu.so", mltags.Target.of(python_version="3.10", implementation="pp", abis="pypy310_pp73", platform="manylinux_2_17_x86_64"), False),
            ("abi3-x86_64-linux-gnu.so", NEW, False),
            ("abi3t.so", NEW, False),
            ("abi3.so", target("manylinux_2_17_x86_64", "3.15"), True),
            ("abi3-x86_64-linux-gnu.so", target("manylinux_2_17_x86_64", "3.15"), True),
            ("abi3-aarch64-linux-gnu.so", target("manylinux_2_17_x86_64", "3.15"), False),
            ("abi3t.so", target("manylinux_2_17_x86_64", "3.15"), True),
            ("abi3t-x86_64-linux-gnu.so", target("manylinux_2_17_x86_64", "3.16"), True),
            ("abi3t.so", mltags.Target.of(python_version="3.15", implementation="cp", abis=["cp315t", "abi3t"], platform="manylinux_2_17_x86_64"), True),
            ("abi3t-x86_64-linux-gnu.so", mltags.Target.of(python_version="3.15", implementation="cp", abis="cp315t", platform="manylinux_2_17_x86_64"), True),
            ("abi3.so", mltags.Target.of(python_version="3.15", implementation="cp", abis="cp315t", platform="manylinux_2_17_x86_64"), False),
            ("abi3-x86_64-linux-gnu.so", mltags.Target.of(python_version="3.15", implementation="cp", abis="cp315t", platform="manylinux_2_17_x86_64"), False),
            ("abi3t.so", mltags.Target.of(python_version="3.14", implementation="cp", abis="cp314t", platform="manylinux_2_17_x86_64"), False),
            ("pypy310-pp73-x86_64-linux-gnu.so", mltags.Target.of(python_version="3.10", implementation="pp", abis="pypy310_pp73", platform="manylinux_2_17_x86_64"), True),
            ("abi3.so", mltags.Target.of(python_version="3.10", implementation="pp", abis="pypy310_pp73", platform="manylinux_2_17_x86_64"), False),
        ],
    )  # fmt: skip
    def test_suffixes(self, suffix: str, wanted: mltags.Target, is_imported: object, tmp_path: Path) -> None:
        libc = "libc.musl-x86_64.so.1" if "musllinux" in "".join(wanted.platform_tags) else "libc.so.6"
        rules = [rule for _, rule, _ in self.verdict(tmp_path, {f"demo/x.{suffix}": elf(needed=[libc])}, wanted)]
        assert ("suffix" not in rules) is is_imported

    def test_an_environment_of_pypy(self, tmp_path: Path) -> None:
        files = {f"demo/x.{suffix}.so": elf() for suffix in ("pypy310-pp73-x86_64-linux-gnu", "cpython-310-x86_64-linux-gnu")}
        files["demo/y.cpython-310-x86_64-linux-gnu.so"] = elf()
        write(tmp_path, below("lib/pypy3.10/site-packages", distribution(files=files)))
        assert [sentence.partition(" ")[0] for _, _, sentence in found(checked(tmp_path, NEW.platform))] == [
            "demo/y.cpython-310-x86_64-linux-gnu.so"
        ]

    def test_a_module_of_another_python(self, tmp_path: Path) -> None:
        path = "demo/x.cpython-311-x86_64-linux-gnu.so"
        report = checked(folder_of(tmp_path, distribution(files={path: elf()})))
        assert found(report) == [
            (
                "load",
                "suffix",
                f"{path} is named for cpython-311-x86_64-linux-gnu.so, which Python 3.12 of the target cannot use",
            )
        ]
        assert remedies(report) == [f"{THERE}demo==1.0`"]

    def test_a_module_of_each_python(self, tmp_path: Path) -> None:
        files = {f"demo/x.cpython-{digits}-x86_64-linux-gnu.so": elf() for digits in ("311", "312")}
        assert self.verdict(tmp_path, files) == []

    def test_a_target_of_an_unknown_processor(self, tmp_path: Path) -> None:
        folder_of(tmp_path, demo(elf("aarch64", needed=()), "demo/x.abi3.so"))
        report = checked(tmp_path, mltags.Platform(system="Linux"))
        assert [one.verdict.value for one in report.rows] == ["loads", "loads"]
        report = checked(
            folder_of(tmp_path, distribution(files={"y.pyd": b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86"})),
            mltags.Platform(system="Linux"),
        )
        assert "; the target is Linux" in found(report)[0][2]

    def test_a_target_that_is_a_list_of_tags(self, tmp_path: Path) -> None:
        folder_of(tmp_path, demo(elf("aarch64")), distribution("pure"))
        report = checked(tmp_path, mltags.Target.from_tags(["cp312-cp312-linux_x86_64"]))
        assert [one.verdict.value for one in report.rows] == ["loads", "not judged", "loads"]
        assert report.columns[0].fits is True


class TestLoading:
    """C library, libraries, symbol versions: what the loader would say, here, on a root, or on a target that is described."""

    def at(self, folder: Path, files: Files, **options: Any) -> Report:
        """A folder of these files inside a root, against that root."""
        root = image(folder)
        write(folder, below("opt/lib", distribution(files=files, **options)))
        return check_environment("/opt/lib", root=root)

    def test_everything_is_there(self, tmp_path: Path) -> None:
        report = self.at(tmp_path, {MODULE: needing("GLIBC_2.34", "GLIBC_PRIVATE", needed=["libc.so.6", "libplain.so.1"])})
        assert (found(report), row(report).text, bool(report)) == ([], "1 file of machine code", True)

    def test_two_files_are_counted(self, tmp_path: Path) -> None:
        report = self.at(tmp_path, {MODULE: elf(), "demo/y.abi3.so": elf()})
        assert row(report).text == "2 files of machine code"

    def test_a_newer_c_library_is_needed(self, tmp_path: Path) -> None:
        report = self.at(tmp_path, {MODULE: needing("GLIBC_2.35", "GLIBC_2.38"), "demo/y.abi3.so": needing("GLIBC_2.37")})
        assert found(report) == [
            (
                "load",
                "glibc",
                f"{MODULE} needs GLIBC_2.38, a newer C library than the target has: glibc 2.36; 1 more file exceeds that",
            )
        ]
        command = "python -m pip install --force-reinstall --only-binary=:all: demo"
        assert remedies(report) == [f"let pip choose a version for this system: `{command}`"]

    def test_a_newer_libstdcxx_is_needed(self, tmp_path: Path) -> None:
        symbols = [Symbol("_ZNSt3x", 2, is_defined=False, library="libstdc++.so.6", version="GLIBCXX_3.4.32")]
        data = needing("GLIBCXX_3.4.19", "GLIBCXX_3.4.32", library="libstdc++.so.6", needed=["libstdc++.so.6"], symbols=symbols)
        assert found(self.at(tmp_path, {MODULE: data})) == [
            (
                "load",
                "version",
                f"{MODULE} needs GLIBCXX_3.4.32 (_ZNSt3x@GLIBCXX_3.4.32), which the target's libstdc++.so.6 does not define",
            )
        ]

    def test_versions_of_a_library_without_any_are_no_matter(self, tmp_path: Path) -> None:
        data = needing("PLAIN_1", library="libplain.so.1", needed=["libplain.so.1"])
        assert found(self.at(tmp_path, {MODULE: data})) == []

    def test_versions_of_a_library_that_is_missing_are_no_matter(self, tmp_path: Path) -> None:
        data = needing("ODD_1", library="libodd.so.1", needed=["libodd.so.1"])
        assert [rule for _, rule, _ in found(self.at(tmp_path, {MODULE: data}))] == ["library"]

    def test_a_bundled_library_is_gone(self, tmp_path: Path) -> None:
        """Its distribution is to be installed again; no package of the system has it."""
        rows = [(MODULE, "", ""), ("demo.libs/libx-040039e1.so.5", "", "")]
        report = self.at(tmp_path, {MODULE: elf(needed=["libx-040039e1.so.5"])}, record=rows)
        assert found(report) == [
            ("load", "library", f"{MODULE} needs libx-040039e1.so.5, which demo should bring"),
            ("file", "missing", "demo.libs/libx-040039e1.so.5 is listed in RECORD, but is missing"),
        ]
        assert remedies(report) == [PINNED, PINNED]

    def test_a_library_is_missing(self, tmp_path: Path) -> None:
        report = self.at(
            tmp_path, {MODULE: elf(needed=["libGL.so.1", "libodd.so.2"]), "demo/y.abi3.so": elf(needed=["libGL.so.1"])}
        )
        assert found(report) == [
            ("load", "library", f"{MODULE} (and 1 more) needs libGL.so.1, which the target does not have"),
            ("load", "library", f"{MODULE} needs libodd.so.2, which the target does not have"),
        ]
        assert remedies(report) == [
            "install it: `apt install libgl1` on Debian and Ubuntu, `dnf install libglvnd-glx` on Fedora",
            "install the system's package that has libodd.so.2 (`apt-file search libodd.so.2`, `dnf provides '*/libodd.so.2'`)",
        ]

    def test_a_library_of_another_distribution_is_found_by_search_path_only(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        own = distribution("own", {"own/libown.so.1": elf(soname="libown.so.1")})
        good = distribution("good", {"good/x.abi3.so": elf(needed=["libown.so.1"], runpath="$ORIGIN/../own")})
        bad = distribution("bad", {"bad/x.abi3.so": elf(needed=["libown.so.1"])})
        write(tmp_path, below("opt/lib", own | good | bad))
        report = check_environment("/opt/lib", root=root)
        assert [(one.package, one.fits) for one in report.rows][1:] == [("bad", False), ("good", True), ("own", True)]
        assert found(report, "bad") == [
            ("load", "library", "bad/x.abi3.so needs libown.so.1, and has no search path that leads to own/libown.so.1")
        ]

    def test_a_library_that_the_package_loads_first_is_a_remark(self, tmp_path: Path) -> None:
        files = {
            MODULE: elf(needed=["libown.so.1"]),
            "demo/libown.so.1": elf(soname="libown.so.1"),
            "demo/__init__.py": b"import ctypes\nctypes.CDLL('libown.so.1')\n",
        }
        assert [kind for kind, _, _ in found(self.at(tmp_path, files))] == ["remark"]

    def test_a_library_of_another_machine(self, tmp_path: Path) -> None:
        files = {MODULE: elf(needed=["libown.so.1"], runpath="$ORIGIN"), "demo/libown.so.1": elf("i686", soname="libown.so.1")}
        assert ("load", "library", f"{MODULE} needs libown.so.1, and demo/libown.so.1 is for i686") in found(
            self.at(tmp_path, files)
        )

    def test_links_to_libraries_are_followed(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        files = {MODULE: elf(needed=["libown.so"], runpath="$ORIGIN"), "demo/libown-1.2.so": elf(soname="libown.so.1")}
        write(tmp_path, below("opt/lib", distribution(files=files)) | {"opt/lib/demo/libown.so": "->libown-1.2.so"})
        assert found(check_environment("/opt/lib", root=root)) == []

    def test_libraries_of_a_conda_prefix_are_found(self, tmp_path: Path) -> None:
        data = elf(needed=["libown.so.1"], runpath="$ORIGIN/../../..", versions={"libown.so.1": ["OWN_1"]})
        write(tmp_path / "env", below(SITE, demo(data)) | {"conda-meta/history": ""})
        write(tmp_path / "env", {"lib/libown.so.1": elf(soname="libown.so.1", defines=["OWN_1"])})
        platform = mltags.parse_platform("manylinux_2_40_x86_64")
        for root in (None, image(tmp_path / "image")):
            assert found(check_environment(tmp_path / "env", platform, root)) == []
        (tmp_path / "env/lib/libown.so.1").write_bytes(elf(soname="libown.so.1", defines=["OWN_2"]))
        for root in (None, image(tmp_path / "again")):
            assert found(check_environment(tmp_path / "env", platform, root)) == [
                ("load", "version", f"{MODULE} needs OWN_1, which the target's libown.so.1 does not define")
            ]

    def test_a_module_that_the_package_does_without(self, tmp_path: Path) -> None:
        files = {
            "demo/fast.abi3.so": elf(needed=["libfast.so.1"]),
            "demo/__init__.py": b"import os\ntry:\n    from demo import fast\nexcept ImportError:\n    fast = None\n",
            "demo/other.py": b"# fast\n",
        }
        assert found(self.at(tmp_path, files)) == [
            ("remark", "library", "demo/fast.abi3.so needs libfast.so.1, which the target does not have")
        ]
        write(tmp_path / "opt/lib", {"demo/a.py": b"from demo import fast\n"})
        with (tmp_path / "opt/lib/demo-1.0.dist-info/RECORD").open("a") as record:
            record.write("demo/a.py,,\n")
        assert found(check_environment("/opt/lib", root=RootHost(tmp_path)))[0][0] == "load"

    def test_a_module_whose_sources_cannot_be_read(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        write(tmp_path, below("opt/lib", demo(elf(needed=["libodd.so.1"]))))
        (tmp_path / "opt/lib/demo/__init__.py").unlink()
        os.mkfifo(tmp_path / "opt/lib/demo/__init__.py")
        assert ("load", "library", f"{MODULE} needs libodd.so.1, which the target does not have") in found(
            check_environment("/opt/lib", root=root)
        )

    def test_plugins_beside_modules_are_remarks(self, tmp_path: Path) -> None:
        files = {MODULE: elf(), "demo/plugins/libq.so": elf(needed=["libodd.so.1"])}
        assert found(self.at(tmp_path, files)) == [
            ("remark", "library", "demo/plugins/libq.so needs libodd.so.1, which the target does not have")
        ]

    def test_a_library_that_others_use_has_plugins_too(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        qt = distribution("qt", {"qt/libqt.so.6": elf(soname="libqt.so.6"), "qt/plugins/libq.so": elf(needed=["libodd.so.1"])})
        write(tmp_path, below("opt/lib", qt | demo(elf(needed=["libqt.so.6"], runpath="$ORIGIN/../qt"))))
        assert [(kind, rule) for kind, rule, _ in found(check_environment("/opt/lib", root=root), "qt")] == [
            ("remark", "library")
        ]
        (tmp_path / "opt/lib" / MODULE).unlink()
        assert [(kind, rule) for kind, rule, _ in found(check_environment("/opt/lib", root=root), "qt")] == [
            ("load", "library")
        ]

    def test_commands_have_to_load(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        rows = [("../../../bin/tool", "", ""), ("../../../bin/odd", "", "")]
        write(tmp_path, below(f"opt/x/{SITE}", distribution(record=rows)))
        write(tmp_path, {"opt/x/bin/tool": elf(needed=["libodd.so.1"], interpreter="/lib64/ld.so"), "opt/x/bin/odd": "text"})
        assert found(check_environment("/opt/x", root=root)) == [
            ("load", "library", "bin/tool needs libodd.so.1, which the target does not have")
        ]

    def test_symbols_that_glibc_keeps_for_itself(self, tmp_path: Path) -> None:
        symbols = [
            Symbol(name, 2, is_defined=False, library="libc.so.6", version="GLIBC_PRIVATE") for name in ("__gone", "__there")
        ]

        wanted = [needs(one.name, "libc.so.6", "GLIBC_PRIVATE") for one in symbols]
        root = image(tmp_path)
        libc = library([Full("__there", version="GLIBC_PRIVATE")], soname="libc.so.6", defines=["GLIBC_2.2.5"]) + BANNER
        (tmp_path / FOLDER / "libc.so.6").write_bytes(libc)
        write(tmp_path, below("opt/lib", demo(library(wanted, needed=["libc.so.6"]))))
        report = check_environment("/opt/lib", root=root)
        assert found(report) == [
            (
                "load",
                "private",
                (
                    f"{MODULE} needs GLIBC_PRIVATE (__gone@GLIBC_PRIVATE), which the target's libc.so.6 has no more: a part of glibc itself "
                    "was bundled"
                ),
            )
        ]
        assert remedies(report) == [
            "install a newer version of demo, or build it here: `python -m pip install --no-binary demo demo`"
        ]

    def test_symbols_of_glibc_that_a_bundled_copy_has(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        own = library([Full("__there", version="GLIBC_PRIVATE")], soname="libown.so.1")
        files = {MODULE: library([needs("__there", "libown.so.1", "GLIBC_PRIVATE")], needed=["libown.so.1"], runpath="$ORIGIN")}
        folder = folder_of(tmp_path, distribution(files={**files, "demo/libown.so.1": own}))
        assert found(checked(folder)) == []

        def gone(_: object) -> object:
            raise OSError

        monkeypatch.setattr(elffile.ElfFile, "references", gone)
        assert found(checked(folder)) == []

    def test_a_library_that_goes_away_meanwhile_defines_nothing(self, tmp_path: Path) -> None:
        one = folders.Environment(str(tmp_path), "folder", (str(tmp_path),))
        against = systems.Against(None, NEW, None, is_of_root=True)
        assert systems.Files(folders.Disk(RootHost("/")), one, against).defined("/no/such/file") == frozenset()

    def test_another_c_library(self, tmp_path: Path) -> None:
        report = self.at(tmp_path, {MODULE: elf(needed=["libc.musl-x86_64.so.1"])})
        assert found(report) == [
            ("load", "libc", f"{MODULE} is built for musl, and the target has glibc: it is for another kind of Linux")
        ]
        folder = folder_of(tmp_path / "other", demo(elf()))
        report = checked(folder, target("musllinux_1_2_x86_64"))
        assert found(report) == [
            ("load", "libc", f"{MODULE} is built for glibc, and the target has musl: it is for another kind of Linux")
        ]
        words = "--platform musllinux_1_2_x86_64 --python-version 3.12 --only-binary=:all: demo==1.0"
        assert remedies(report) == [f"get one for that machine: `python -m pip install --target DIR {words}`"]

    def test_an_executable_stack(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, demo(elf(stack=7)))
        text = f"{MODULE} asks for an executable stack, which glibc 2.41 and newer refuse"
        assert found(checked(folder)) == [("remark", "stack", text)]
        assert found(checked(folder, target("manylinux_2_41_x86_64"))) == [("load", "stack", text)]
        assert found(checked(folder, target("linux_x86_64")))[0][0] == "remark"

    def test_a_file_that_was_cut_off(self, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, demo(elf(beyond=4096))))
        assert found(report) == [
            (
                "load",
                "truncated",
                f"{MODULE} has a segment that ends beyond the end of the file: it was cut off when it was copied",
            )
        ]
        assert remedies(report) == [PINNED]

    def test_a_level_of_the_processor(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = folder_of(tmp_path, demo(elf(isa=4)))
        assert found(checked(folder)) == [("remark", "isa", f"{MODULE} is marked to need x86_64-v3")]
        monkeypatch.setattr(systems, "level_here", lambda: 2)
        here = mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), mltags.probe())
        assert [one for one in found(checked(folder, here)) if one[1] == "isa"] == [
            ("load", "isa", f"{MODULE} is marked to need x86_64-v3; this machine's processor has x86_64-v2")
        ]

    @pytest.mark.parametrize(
        ("flags", "level"),
        [
            ("fpu sse2", 1),
            ("cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3", 2),
            (" ".join(systems.LEVELS.values()), 4),
            (None, 0),
        ],
    )
    def test_the_level_of_this_machine(self, flags: "str | None", level: int, monkeypatch: pytest.MonkeyPatch) -> None:
        text = "processor : 0\n" + ("" if flags is None else f"flags\t\t: {flags}\n")
        monkeypatch.setattr(_local, "read_regular", lambda *_: text.encode())
        assert systems.level_here() == level

    def test_no_file_shows_the_level(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> bytes:
            raise OSError

        monkeypatch.setattr(_local, "read_regular", refuse)
        assert systems.level_here() == 0

    def test_a_target_that_is_described(self, tmp_path: Path) -> None:
        """Libraries that tags allow are there, and of others nothing is known."""
        symbols = [Symbol("fcntl64", 2, is_defined=False, library="libc.so.6", version="GLIBC_2.28")]
        needed = ["libc.so.6", "libstdc++.so.6", "libodd.so.1"]
        versions = {"libc.so.6": ["GLIBC_2.28"], "libstdc++.so.6": ["GLIBCXX_3.4.21"], "libodd.so.1": ["ODD_1"]}
        folder = folder_of(tmp_path, demo(elf(needed=needed, versions=versions, symbols=symbols)))
        assert found(checked(folder)) == []
        report = checked(folder, target("manylinux_2_17_x86_64"))
        assert found(report) == [
            (
                "load",
                "glibc",
                f"{MODULE} needs GLIBC_2.28 (fcntl64@GLIBC_2.28), a newer C library than the target has: glibc 2.17",
            ),
            ("load", "version", f"{MODULE} needs GLIBCXX_3.4.21, which the target's libstdc++.so.6 does not define"),
        ]
        assert remedies(report) == [f"{THERE}demo`"] * 2
        assert found(checked(folder, target("linux_x86_64"))) == []

    def test_a_limit_of_glibc_counts(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, demo(needing("GLIBC_2.28")))
        limited = mltags.Target.of(
            python_version="3.12", implementation="cp", platform="manylinux_2_40_x86_64", max_glibc="2.20"
        )
        assert [rule for _, rule, _ in found(checked(folder, limited))] == ["glibc"]

    def test_a_library_that_is_bundled_where_nobody_looks(self, tmp_path: Path) -> None:
        files = {MODULE: elf(needed=["libown.so.1"]), "demo.libs/libown.so.1": elf(soname="libown.so.1")}
        assert found(checked(folder_of(tmp_path, distribution(files=files)))) == [
            ("load", "library", f"{MODULE} needs libown.so.1, and has no search path that leads to demo.libs/libown.so.1")
        ]

    def test_files_that_all_need_each_other(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loader, "MAX_STEPS", 2)
        needed = [f"lib{number}.so" for number in range(9)]
        files = {f"demo/{name}": elf(needed=needed, soname=name, runpath="$ORIGIN") for name in needed}
        assert found(checked(folder_of(tmp_path, distribution(files=files)))) == []

    def test_where_libraries_are_when_it_is_run(self, tmp_path: Path) -> None:
        """DT_RPATH of the program counts for what it loads."""
        root = image(tmp_path)
        program = elf(interpreter="/lib64/ld-linux-x86-64.so.2", rpath="$ORIGIN/../libs", needed=["libc.so.6"])
        write(tmp_path, below(f"opt/x/{SITE}", demo(elf(needed=["libown.so.1"]))))
        write(tmp_path, {"opt/x/bin/python3.12": program, "opt/x/libs/libown.so.1": elf(soname="libown.so.1")})
        assert found(check_environment("/opt/x", root=root)) == []


class TestRecord:
    """Files of RECORD that are missing or changed, metadata that is missing, distributions that are there twice, files of nobody."""

    def test_files_that_are_missing(self, tmp_path: Path) -> None:
        rows = [
            ("demo/gone.py", "", "5"),
            ("demo/gone.so.1", "", ""),
            ("demo/gone.txt", "", ""),
            ("demo/tests/gone.py", "", ""),
            ("demo/__pycache__/gone.cpython-312.pyc", "", ""),
            ("demo/here.py/gone.py", "", ""),
            ("demo/here.py", "", "0"),
            (),
        ]
        report = checked(folder_of(tmp_path, distribution(record=rows), {"demo/here.py": b""}))
        assert found(report) == [
            ("file", "missing", "demo/gone.py (and 2 more) is listed in RECORD, but is missing"),
            ("remark", "missing", "demo/gone.txt (and 1 more) is listed in RECORD, but is missing"),
        ]
        assert remedies(report) == [PINNED, ""]

    def test_the_text_after_the_header_says_nothing(self, tmp_path: Path) -> None:
        folder_of(tmp_path, distribution(requires=["numpy>=1", "extra-things"]))
        with (tmp_path / "demo-1.0.dist-info/METADATA").open("a") as file:
            file.write("Requires-Dist: of-the-text\n")
        disk = folders.Disk(RootHost("/"))
        environment_ = folders.of_path(disk, str(tmp_path))
        assert environment_ is not None
        assert [(one.name, one.requires) for one in installed.read(disk, environment_)] == [("demo", ("numpy", "extra-things"))]

    def test_files_that_have_another_size(self, tmp_path: Path) -> None:
        rows = [("a.py", "", "5"), ("b.py", "", "x"), ("c.py", "", "9" * 30), ("d.py",), ("./e.py", "", "0")]
        files: dict[str, bytes | str] = {f"{name}.py": b"" for name in "abcde"}
        report = checked(folder_of(tmp_path, distribution(record=rows), files))
        assert found(report) == [
            (
                "remark",
                "size",
                "a.py has another size than RECORD says: it was changed after it was installed (stripped, patched or edited)",
            )
        ]
        assert row(report).fits

    def test_files_outside_site_packages(self, tmp_path: Path) -> None:
        rows = [
            ("../../../bin/gone.py", "", ""),
            ("..\\..\\..\\bin\\there.py", "", ""),
            ("/no/such/file.py", "", ""),
            ("a//b.py", "", ""),
        ]
        path = write(virtual(tmp_path / "venv", distribution(record=rows)), {"bin/there.py": "", f"{SITE}/a/b.py": ""})
        assert found(checked(path)) == [("file", "missing", "bin/gone.py (and 1 more) is listed in RECORD, but is missing")]

    def test_scripts_beside_what_pip_put_into_a_target(self, tmp_path: Path) -> None:
        rows = [("../../bin/there", "", ""), ("../../bin/gone.py", "", "")]
        report = checked(folder_of(tmp_path, distribution(record=rows), {"bin/there": ""}))
        assert found(report) == [("file", "missing", "bin/gone.py is listed in RECORD, but is missing")]

    def test_a_record_that_is_no_list(self, tmp_path: Path) -> None:
        folder_of(tmp_path, distribution())
        (tmp_path / "demo-1.0.dist-info/RECORD").write_text("x" * 200_000)
        assert found(checked(tmp_path)) == [
            ("file", "record", "demo-1.0.dist-info/RECORD is no list: field larger than field limit (131072)")
        ]

    def test_metadata_that_is_missing(self, tmp_path: Path) -> None:
        report = checked(write(tmp_path, {"demo-1.0.dist-info/RECORD": "", "odd.dist-info/METADATA": "Name odd\n x: y\n"}))
        assert [(one.package, one.version) for one in report.rows][1:] == [("demo", "1.0"), ("odd", "")]
        assert found(report) == [
            (
                "file",
                "metadata",
                "demo-1.0.dist-info has no METADATA with a name in it, so tools do not see that it is installed",
            )
        ]
        assert remedies(report, "odd") == ["install it again: `python -m pip install --target DIR --upgrade --no-deps odd`"]

    def test_what_an_interrupted_pip_left(self, tmp_path: Path) -> None:
        folder_of(tmp_path, distribution(), {"~emo-1.0.dist-info/METADATA": ""})
        assert found(checked(tmp_path), str(tmp_path)) == [
            ("remark", "metadata", "~emo-1.0.dist-info is what an interrupted pip left behind; it may be deleted")
        ]

    def test_a_distribution_that_is_there_twice(self, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, distribution("a.b"), distribution("A_B", version="2.0")))
        text = "A_B-2.0.dist-info is there beside a.b-1.0.dist-info: the same distribution is installed twice"
        names = [one.package for one in report.rows if one.findings]
        assert len(names) == 1
        assert [sentence for _, _, sentence in found(report, names[0])] in (
            [text],
            ["a.b-1.0.dist-info is there beside A_B-2.0.dist-info: the same distribution is installed twice"],
        )
        assert not report

    def test_two_forms_of_the_metadata_of_one_version(self, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, distribution(), {"demo.egg-info/PKG-INFO": "Name: demo\nVersion: 1.0\n"}))
        assert [one.findings[0].kind.name for one in report.rows if one.findings] == ["REMARK"]

    def test_eggs_list_their_files(self, tmp_path: Path) -> None:
        files: Files = {
            "one.egg-info/PKG-INFO": "Name: one\nVersion: 1\n",
            "one.egg-info/installed-files.txt": "../one/x.so\nPKG-INFO\n",
            "one/x.so": elf(),
            "two.egg-info/PKG-INFO": "Name: two\nVersion: 2\n",
            "two.egg-info/top_level.txt": "deux\n_deux\n",
            "deux/x.so": elf(),
            "_deux.abi3.so": elf(),
            "three-3.egg-info": "Name: three\nVersion: 3\n",
            "three/x.so": elf(),
            "four/x.so": elf(),
        }
        report = checked(write(tmp_path, files))
        assert [(one.package, one.version, one.text) for one in report.rows][1:] == [
            ("one", "1", "1 file of machine code"),
            ("three", "3", "1 file of machine code"),
            ("two", "2", "2 files of machine code"),
            ("(no distribution)", "", "1 file of machine code"),
        ]

    def test_files_of_nobody_are_judged_by_themselves(self, tmp_path: Path) -> None:
        report = checked(
            folder_of(
                tmp_path, distribution(), {"stray.abi3.so": elf("aarch64", stack=7), "old.abi3.so": needing("GLIBC_2.41")}
            )
        )
        assert found(report, "(no distribution)") == [
            ("load", "system", "stray.abi3.so is for Linux aarch64; the target is Linux x86_64"),
            ("load", "glibc", "old.abi3.so needs GLIBC_2.41, a newer C library than the target has: glibc 2.40"),
        ]
        assert remedies(report, "(no distribution)") == ["", ""]
        assert row(report).fits


class TestHostile:
    """Nothing is waited for, nothing outside is opened, nothing ends the work; what cannot be read is a finding."""

    def test_a_fifo_in_place_of_each_file(self, tmp_path: Path) -> None:
        folder_of(tmp_path, distribution(files={"demo.so": elf(), "data.bin": b"x"}))
        for path in ("demo.so", "data.bin", "demo-1.0.dist-info/METADATA", "demo-1.0.dist-info/WHEEL"):
            (tmp_path / path).unlink()
            os.mkfifo(tmp_path / path)
        os.mkfifo(tmp_path / "stray.so")
        os.mkfifo(tmp_path / "demo-1.0.dist-info/direct_url.json")
        os.mkfifo(tmp_path / "x.pth")
        report = checked(tmp_path)
        assert [(kind, rule) for kind, rule, _ in found(report)] == [("file", "metadata"), ("file", "file")]
        assert found(report)[1][2] == "demo.so (and 2 more) is not a regular file"
        assert found(report, "(no distribution)") == [("remark", "file", "stray.so (and 3 more) is not a regular file")]

    def test_a_record_that_is_a_fifo_is_none(self, tmp_path: Path) -> None:
        folder_of(tmp_path, distribution(files={"demo.so": elf()}))
        (tmp_path / "demo-1.0.dist-info/RECORD").unlink()
        os.mkfifo(tmp_path / "demo-1.0.dist-info/RECORD")
        assert row(checked(tmp_path)).text == "1 file of machine code"

    def test_no_link_leads_out_of_the_root(self, tmp_path: Path) -> None:
        root = image(tmp_path / "image")
        write(tmp_path, {"secret": "Name: secret\nVersion: 9\n", "secret.so": elf("aarch64")})
        files: dict[str, bytes | str] = {
            MODULE: elf(),
            "demo-1.0.dist-info/METADATA": f"->{tmp_path}/secret",
            "demo/y.abi3.so": f"->{tmp_path}/secret.so",
        }
        write(tmp_path / "image", below("opt/lib", files))
        report = check_environment("/opt/lib", root=root)
        assert [one.title for one in report.rows][1:] == ["demo 1.0", "(no distribution)"]
        assert [rule for _, rule, _ in found(report)] == ["metadata", "link"]
        assert [rule for _, rule, _ in found(report, "(no distribution)")] == ["link"]

    def test_links(self, tmp_path: Path) -> None:
        loop = {
            "a": "->b",
            "b": "->a",
            "self": "->.",
            "up": "->..",
            "demo/gone.so": "->/no/such/lib.so",
            "demo/dev.so": "->/dev/zero",
        }
        folder_of(
            tmp_path,
            distribution(record=[("demo/gone.so", "", "")]),
            loop,
            {"good.so": "->demo/real.so", "demo/real.so": elf()},
        )
        report = checked(tmp_path)
        assert ("file", "link", "demo/gone.so is a broken link: it leads to /no/such/lib.so, which is not there") in found(
            report
        )
        assert [rule for _, rule, _ in found(report, "(no distribution)")] == ["link"] * 2
        assert row(report, "(no distribution)").version == ""

    def test_links_that_lead_out_of_a_root(self, tmp_path: Path) -> None:
        root = image(tmp_path / "image")
        write(tmp_path, {"secret.so": elf("aarch64")})
        write(
            tmp_path / "image", below("opt/lib", distribution(files={"demo.so": elf()}) | {"out.so": f"->{tmp_path}/secret.so"})
        )
        report = check_environment("/opt/lib", root=root)
        assert found(report, "(no distribution)") == [
            ("file", "link", f"out.so is a broken link: it leads to {tmp_path}/secret.so, which is not there")
        ]

    def test_files_that_cannot_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder_of(tmp_path, distribution(files={MODULE: elf(), "demo/y.abi3.so": elf(), "demo/sub/z.abi3.so": elf()}))
        opened, scanned, listed, status = os.open, os.scandir, os.listdir, os.lstat

        def refuse(path: Any, *rest: Any, **options: Any) -> Any:
            if os.fspath(path).endswith("y.abi3.so"):
                raise PermissionError(13, "Permission denied")
            return opened(path, *rest, **options)

        def scan(path: Any) -> Any:
            if "sub" in str(path):
                raise PermissionError(13, "Permission denied")
            return scanned(path)

        monkeypatch.setattr(os, "open", refuse)
        monkeypatch.setattr(os, "scandir", scan)
        assert found(checked(tmp_path)) == [("file", "file", "demo/y.abi3.so cannot be read: Permission denied")]
        assert found(checked(tmp_path), "(no distribution)") == [("file", "file", "demo/sub cannot be read: Permission denied")]

        def stat(path: Any, *rest: Any, **options: Any) -> Any:
            if os.fspath(path).endswith("y.abi3.so"):
                raise PermissionError(13, "Permission denied")
            return status(path, *rest, **options)

        monkeypatch.setattr(os, "lstat", stat)
        assert ("file", "file", "demo/y.abi3.so cannot be read: Permission denied") in found(checked(tmp_path))

        def listing(path: Any = ".") -> Any:
            if str(path).endswith("/."):
                raise PermissionError(13, "Permission denied")
            return listed(path)

        monkeypatch.setattr(os, "listdir", listing)
        assert found(checked(tmp_path), str(tmp_path))[0][:2] == ("file", "file")

    def test_a_folder_of_a_root_that_cannot_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        root = image(tmp_path)
        write(tmp_path, below("opt/x", distribution("good")) | below("opt/y", distribution("bad")))
        scanned = os.scandir

        def scan(path: Any) -> Any:
            if str(path).endswith("opt/y/."):
                raise PermissionError(13, "Permission denied")
            return scanned(path)

        monkeypatch.setattr(os, "scandir", scan)
        assert [one.package for one in check_environment(root=root).rows if one.version] == ["good"]

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            pytest.param(b"\x7fELF", "cannot be read: ", id="four bytes"),
            pytest.param(b"", "is named as a shared library and is empty", id="nothing"),
            pytest.param(b"version https://git-lfs.github.com/spec/v1\n", "is named as a shared library and is a pointer of Git LFS, without the file itself", id="Git LFS"),
            pytest.param(b"text", "is named as a shared library and is not machine code", id="text"),
            pytest.param(b"/* GNU ld script */ INPUT(x)", "", id="a script of the linker"),
        ],
    )  # fmt: skip
    def test_files_that_are_none(self, data: bytes, problem: str, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, demo(data, "demo/x.so.1")))
        sentences = [sentence for _, _, sentence in found(report)]
        assert [sentence.startswith(f"demo/x.so.1 {problem}") for sentence in sentences] == [True] * bool(problem)
        assert remedies(report) == [PINNED] * bool(problem)

    def test_a_hundred_thousand_files_in_bounded_memory(self, tmp_path: Path) -> None:
        count = 20_000
        rows = [(f"demo/f{number}.py", "", "0") for number in range(count)]
        folder_of(tmp_path, distribution(record=rows))
        tracemalloc.start()
        report = checked(tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found(report) == [
            ("file", "missing", f"demo/f0.py (and {folders.MAX_ROWS - 1} more) is listed in RECORD, but is missing")
        ]
        assert peak < 1200 * count

    def test_more_files_than_any_environment_has(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(installed, "MAX_FILES", 2)
        monkeypatch.setattr(folders, "MAX_FOLDERS", 2)
        folder_of(tmp_path, distribution(files={f"demo/{number}/x.so": elf() for number in range(9)}))
        assert len(checked(tmp_path).rows) >= 2

    def test_hostile_names_go_through_every_format(self, tmp_path: Path) -> None:
        name = "<script>[link](x)\x1b[31m|`@me`"
        files = {f"{name}.so": elf("aarch64")}
        info = {"demo-1.0.dist-info/METADATA": f"Name: {name}\nVersion: [bold]1\n"}
        report = checked(folder_of(tmp_path, files, info))
        for text in (report.to_html(), report.to_markdown(), printed(report), report.to_json()):
            assert "\x1b[31m" not in text
        assert "<script>" not in report.to_html()
        assert "<script>" not in report.to_markdown().replace("\\<script\\>", "")
        assert "[bold]1" in printed(report)


def printed(report: Report, *, width: int = 10_000, is_terminal: bool = False, **options: Any) -> str:
    stream = io.StringIO()
    print_report(
        report, Console(file=stream, width=width, force_terminal=is_terminal, no_color=True, highlight=False), **options
    )
    return stream.getvalue()


class TestConflicts:
    """What distributions do to one another in one process, in whichever order they are imported (R18, R19)."""

    def pair(self, first: str, later: str, runpath: str = "$ORIGIN", **options: Any) -> "list[dict[str, bytes | str]]":
        state = [Symbol("_ZSt11__once_call", 6, version="", library=""), Symbol("_ZSt11__once_call", 6, is_defined=False)]
        harm = elf(needed=["libstate.so", "libstdc++.so.6"], runpath=runpath)
        owner = elf(needed=["libc.so.6"], soname="libstate.so", symbols=state[:1])
        victim = elf(
            needed=["libstdc++.so.6"],
            symbols=[Symbol("_ZSt11__once_call", 6, is_defined=False, library="libstdc++.so.6", version="GLIBCXX_3.4.11")],
            versions={"libstdc++.so.6": ["GLIBCXX_3.4.11"]},
        )
        return [
            distribution(
                first, {f"{first}/x.abi3.so": harm, f"{first}/libstate.so": owner, f"{first}/__init__.py": b""}, **options
            ),
            distribution(later, {f"{later}/sub/y.abi3.so": victim, f"{later}/sub/__init__.py": b"", f"{later}/z.py": b""}),
        ]

    @pytest.mark.parametrize(("first", "later"), [("alpha", "beta"), ("beta", "alpha")])
    def test_the_order_that_crashes_and_what_helps(self, first: str, later: str, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, *self.pair(first, later)))
        ((kind, rule, sentence),) = found(report, first)
        assert (kind, rule) == ("conflict", "state")
        assert f"crashes Python when {first} is imported before {later}" in sentence
        assert remedies(report, first) == [f"put `import {later}` before `import {first}` in every program that uses both"]
        assert (row(report, later).fits, bool(report)) == (True, False)

    def test_what_is_imported_under_another_name(self, tmp_path: Path) -> None:
        """As cv2 of opencv-python; sources outside site-packages do not count."""
        first, later = self.pair("alpha", "beta")
        renamed = {path.replace("beta-1.0", "py_beta-1.0"): data for path, data in later.items()}
        info = "py_beta-1.0.dist-info"
        renamed[f"{info}/METADATA"] = "Name: py.beta\nVersion: 1.0\n"
        renamed[f"{info}/RECORD"] = "beta/sub/y.abi3.so,,\nbeta/sub/__init__.py,,\nbeta/z.py,,\n../../../bin/beta.py,,\n"
        report = checked(folder_of(tmp_path, first, renamed))
        assert remedies(report, "alpha") == ["put `import beta` before `import alpha` in every program that uses both"]
        ((_, _, sentence),) = found(report, "alpha")
        assert "crashes Python when alpha is imported before py_beta" in sentence

    @pytest.mark.parametrize(
        ("sources", "name"),
        [
            ([], "beta"),
            (["one.py"], "beta"),
            (["pkg/__init__.py"], "pkg"),
            (["pkg/sub/__init__.py", "pkg/sub/a/b.py"], "pkg.sub"),
            (["tests/a.py", "pkg/__init__.py", "pkg/sub/a.py", "one.py"], "pkg"),
            (["pkg/__init__.py", "../../../bin/tool.py", "/opt/else/where.py"], "pkg"),
        ],
    )
    def test_import_names(self, sources: "list[str]", name: str, tmp_path: Path) -> None:
        first, later = self.pair("alpha", "beta")
        later = {path: data for path, data in later.items() if not path.endswith(".py")} | dict.fromkeys(sources, "")
        later["beta-1.0.dist-info/RECORD"] = "".join([f"{path},,\n" for path in ["beta/sub/y.abi3.so", *sources]])
        later = {path: data for path, data in later.items() if not path.startswith((".", "/"))}
        report = checked(folder_of(tmp_path, first, later))
        assert remedies(report, "alpha") == [f"put `import {name}` before `import alpha` in every program that uses both"]

    @pytest.mark.parametrize("folder", ["/usr/lib/x86_64-linux-gnu", "/system/lib64", "assumed"])
    def test_a_search_path_into_a_system_that_is_not_at_hand(self, folder: str, tmp_path: Path) -> None:
        pair = self.pair("alpha", "beta", f"$ORIGIN:{folder}")
        ((kind, rule, _),) = found(checked(folder_of(tmp_path, *pair)), "alpha")
        assert (kind, rule) == ("conflict", "state")

    def test_with_the_libraries_of_a_root(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        state = Full("_ZSt11__once_call", 6, version="GLIBCXX_3.4.11")
        (tmp_path / FOLDER / "libstdc++.so.6").write_bytes(library([state], soname="libstdc++.so.6"))
        write(tmp_path, below("opt/lib", {k: v for one in self.pair("alpha", "beta") for k, v in one.items()}))
        assert [(kind, rule) for kind, rule, _ in found(check_environment("/opt/lib", root=root), "alpha")] == [
            ("conflict", "state")
        ]

    def test_two_builds_of_one_library(self, tmp_path: Path) -> None:
        def one(name: str, needed: str) -> "dict[str, bytes | str]":
            files = {
                f"{name}/x.abi3.so": elf(needed=["libown.so.1"], runpath="$ORIGIN"),
                f"{name}/libown.so.1": elf(needed=[needed], soname="libown.so.1"),
                f"{name}/{needed}": elf(soname=needed),
            }
            return distribution(name, files)

        report = checked(folder_of(tmp_path, one("alpha", "libz-1.so"), one("beta", "libz-2.so")))
        assert [(kind, rule) for kind, rule, _ in found(report, "alpha") if kind == "conflict"] == [("conflict", "soname")]

    @pytest.mark.parametrize("extra", [False, True])
    def test_several_runtimes_are_a_remark(self, extra: object, tmp_path: Path) -> None:
        files = [
            distribution(name, {f"{name}.libs/libgomp-{name}.so.1": elf(soname=f"libgomp-{name}.so.1", needed=needed)})
            for name, needed in (("alpha", ["libc.so.6"]), ("beta", ["libc.so.6", "libm.so.6"]))
        ]
        more = self.pair("a1", "a2") if extra else []
        report = checked(folder_of(tmp_path, *files, *more))
        assert [(kind, rule) for kind, rule, _ in found(report, "alpha")] == [("remark", "runtime")]
        if extra:
            assert [(kind, rule) for kind, rule, _ in found(report, "a1")] == [("conflict", "state")]

    @pytest.mark.parametrize(
        ("later", "requires", "fits"),
        [("beta", "beta>=1", True), ("extra-beta", "extra-beta[extra]", True), ("beta", "beta; extra == 'x'", False)],
    )
    def test_requirements_count(self, later: str, requires: str, fits: object, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, *self.pair("alpha", later, requires=[requires, "gamma; extra == 'x'"])))
        assert row(report, "alpha").fits is fits

    def test_two_libraries_and_what_is_required(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        for name, symbol in (("libstdc++.so.6", "_ZSt11__once_call"), ("libthird.so.1", "_third")):
            data = library([Full(symbol, 6, version="V_1")], soname=name)
            (tmp_path / FOLDER / name).write_bytes(data)
        symbols = {"libstdc++.so.6": "_ZSt11__once_call", "libthird.so.1": "_third"}
        wanted = [Symbol(name, 6, is_defined=False, library=where, version="V_1") for where, name in symbols.items()]
        victim = elf(needed=[*symbols], symbols=wanted, versions={name: ["V_1"] for name in symbols})
        files = {
            "alpha/x.abi3.so": elf(needed=["libstate.so", *symbols], runpath="$ORIGIN"),
            "alpha/libstate.so": elf(soname="libstate.so", symbols=[Symbol(name, 6) for name in symbols.values()]),
        }
        for one in (
            distribution("alpha", files, requires=["gamma"]),
            distribution("beta", {"beta/x.abi3.so": victim}),
            distribution("gamma", {"gamma/x.abi3.so": victim}),
        ):
            write(tmp_path, below("opt/lib", one))
        report = check_environment("/opt/lib", root=root)
        assert [rule for _, rule, _ in found(report, "alpha")] == ["state"] * 4

    def test_an_import_name_of_several_packages(self, tmp_path: Path) -> None:
        first, later = self.pair("alpha", "beta")
        later = {k: v for k, v in later.items() if not k.endswith(".py")}
        later["beta-1.0.dist-info/RECORD"] = "beta/sub/y.abi3.so,,\n"
        report = checked(folder_of(tmp_path, first, later))
        assert remedies(report, "alpha") == ["put `import beta` before `import alpha` in every program that uses both"]


class TestTags:
    """The Tag lines of WHEEL are evidence: a remark where none is the target's, whatever old builders wrote."""

    @pytest.mark.parametrize(
        ("tags", "sentences"),
        [
            (["cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64"], []),
            (["cp311-cp311-linux_x86_64", "cp312-cp312-linux_x86_64"], []),
            (
                ["cp311-cp311-linux_x86_64"],
                ["demo-1.0.dist-info/WHEEL says cp311-cp311-linux_x86_64, which the target does not accept"],
            ),
            (["a tag"], []),
            ([], []),
        ],
    )
    def test_lines(self, tags: "list[str]", sentences: "list[str]", tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, distribution(tags=tags)))
        assert found(report) == [("remark", "tags", sentence) for sentence in sentences]
        assert row(report).fits


class TestOutput:
    """One screen for people, and the formats of every report; exit status by whether anything is broken."""

    def broken(self, folder: Path) -> Path:
        many = [distribution(f"many{number}", {f"many{number}/x.abi3.so": elf("aarch64")}) for number in range(7)]
        newer = demo(needing("GLIBC_2.41"))
        editable = {"edit-1.0.dist-info/direct_url.json": '{"dir_info": {"editable": true}, "url": "file:///src"}'}
        return folder_of(folder, *many, newer, distribution("pure"), distribution("edit") | editable, {"x.pth": "/extra\n"})

    def test_the_same_of_several_distributions_is_said_once(self, tmp_path: Path) -> None:
        text = printed(checked(self.broken(tmp_path)))
        command = "python -m pip install --target DIR --platform manylinux2014_x86_64 --python-version 3.12 --only-binary=:all:"
        several = "many0==1.0 many1==1.0 many2==1.0 many3==1.0 many4==1.0 ..."
        assert text == (
            "✗ many0 1.0, many1 1.0, many2 1.0, many3 1.0, many4 1.0 and 2 more\n"
            "    many0/x.abi3.so is for Linux aarch64; the target is Linux x86_64; likewise 6 other files\n"
            f"    → get one for that machine: `{command} {several}`\n"
            "✗ demo 1.0\n"
            f"    {MODULE} needs GLIBC_2.41, a newer C library than the target has: glibc 2.40\n"
            f"    → get one for that machine: `{command} demo`\n"
            "· edit 1.0: an editable install of file:///src, which is not looked at\n"
            "x86_64 with glibc 2.40 (cp312): something is broken: 2 load, 8 broken\n"
            "note: x.pth adds /extra to sys.path, which is not looked at\n"
        )

    def test_all_of_it(self, tmp_path: Path) -> None:
        text = printed(checked(self.broken(tmp_path)), all=True)
        assert "✓ pure 1.0: nothing is in the way\n" in text
        assert f"✓ {tmp_path}: nothing is in the way\n" in text

    def test_lines_are_broken_for_people(self, tmp_path: Path) -> None:
        """Between words, with an indent, in colour."""
        editable = {"edit-1.0.dist-info/direct_url.json": '{"dir_info": {"editable": true}, "url": "file:///src"}'}
        folder_of(tmp_path, demo(elf("aarch64")), distribution("edit") | editable)
        stream = io.StringIO()
        console = Console(file=stream, width=44, force_terminal=True, highlight=False, color_system="standard")
        print_report(checked(tmp_path, name="here"), console)
        assert re.sub("\x1b\\[([0-9]+)m", r"{\1}", stream.getvalue()) == (
            "{31}✗{0} {1}demo 1.0{0}\n"
            "    demo/x.cpython-312-x86_64-linux-gnu.so\n"
            "    is for Linux aarch64; the target is\n"
            "    Linux x86_64\n"
            "    {32}→ {0}get one for that machine: `python -m\n"
            "    pip install --target DIR --platform\n"
            "    manylinux2014_x86_64 --python-version\n"
            "    3.12 --only-binary=:all: demo==1.0`\n"
            "{2}· {0}{1}edit 1.0{0}: an editable install of\n"
            "file:///src, which is not looked at\n"
            "{1}here{0}: {31}something is broken{0}: 1 loads, 1 broken\n"
        )

    def test_everything_in_colour(self, tmp_path: Path) -> None:
        folder_of(tmp_path, distribution("pure"))
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=True, highlight=False, color_system="standard")
        print_report(checked(tmp_path, name="here"), console, all=True)
        assert stream.getvalue().splitlines()[-2:] == [
            "\x1b[32m✓ \x1b[0m\x1b[1mpure 1.0\x1b[0m: nothing is in the way",
            "\x1b[1mhere\x1b[0m: \x1b[32meverything loads\x1b[0m: 1 package",
        ]

    def test_words_longer_than_the_terminal_are_cut(self, tmp_path: Path) -> None:
        path = f"demo/{'x' * 70}.cpython-312-x86_64-linux-gnu.so"
        text = printed(checked(folder_of(tmp_path, distribution(files={path: elf("aarch64")}))), width=10, is_terminal=True)
        lines = re.sub("\x1b\\[[0-9]+m", "", text).splitlines()
        assert "    " + "x" * 20 in lines
        assert max(map(len, lines)) == 24

    def test_two_findings_of_one_distribution_and_no_remedy(self, tmp_path: Path) -> None:
        files: dict[str, bytes | str] = {
            "lib.dylib": b"\xcf\xfa\xed\xfe\x07\0\0\x01",
            "lib.dll": b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x4c\x01",
        }
        report = checked(folder_of(tmp_path, files, {"pure-1.dist-info/METADATA": "Name: pure\nVersion: 1\n"}))
        assert printed(report, all=True).splitlines() == [
            "✗ (no distribution)",
            "    lib.dll is for Windows win32; the target is Linux x86_64; likewise 1 other file",
            f"✓ {tmp_path}: nothing is in the way",
            "✓ pure 1: nothing is in the way",
            "x86_64 with glibc 2.40 (cp312): something is broken: 1 loads, 1 broken",
        ]
        stack = folder_of(tmp_path / "stack", demo(elf(stack=7)))
        assert "demo 1.0" not in printed(checked(stack))
        assert printed(checked(stack), all=True).startswith("· demo 1.0\n    demo/x")

    def test_only_so_many_kinds_are_shown(self, tmp_path: Path) -> None:
        names = [f"lib{number}.so.1" for number in range(10)]
        data = elf(needed=names)
        root = image(tmp_path)
        write(tmp_path, below("opt/lib", distribution(files={MODULE: data})))
        report = check_environment("/opt/lib", root=root)
        lines = printed(report).splitlines()
        assert lines[-2] == "2 more findings; --all shows them"
        assert len([line for line in lines if line.startswith("✗ demo")]) == 8
        assert "lib9.so.1" in printed(report, all=True)

    def test_several_environments(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        write(
            tmp_path,
            below("opt/a", demo(elf("aarch64"))) | below("opt/b", demo(elf("aarch64"))) | below("opt/c", distribution()),
        )
        text = printed(check_environment(root=root))
        assert [line for line in text.splitlines() if line.startswith("/opt")] == ["/opt/a", "/opt/b"]
        assert text.count("demo/x.cpython-312-x86_64-linux-gnu.so is for Linux aarch64") == 2
        shutil.rmtree(tmp_path / "opt/c")
        assert [one.folder for one in check_environment(root=root).rows] == ["/opt/a", "/opt/a", "/opt/b", "/opt/b"]

    def test_other_reports_are_printed_as_before(self) -> None:
        report = check(["demo-1.0-py3-none-any.whl"], {"pure": mltags.Target.from_tags(["py3-none-any"])})
        assert printed(report) == "pure: fits: 1 wheel\n"

    def test_json_markdown_and_html(self, tmp_path: Path) -> None:
        report = checked(self.broken(tmp_path))
        document = json.loads(report.to_json())
        assert (document["kind"], document["fits"]) == ("environment", False)
        assert [package["folder"] for package in document["packages"]] == [""] * 11
        (one,) = [package for package in document["packages"] if package["package"] == "demo"]
        assert (one["verdict"], one["findings"][0]["rule"], one["findings"][0]["files"]) == ("broken", "glibc", [MODULE])
        assert "✗ broken" in report.to_markdown()
        assert "needs GLIBC_2.41" in report.to_html()
        assert report.to_markdown().count("likewise") == 0

    def test_more_findings_than_a_sentence_holds(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        write(tmp_path, below("opt/lib", demo(elf(needed=[f"lib{number}.so.1" for number in range(5)]))))
        command = "(`apt-file search lib{0}.so.1`, `dnf provides '*/lib{0}.so.1'`)"
        sentence = "demo/x.cpython-312-x86_64-linux-gnu.so needs lib{0}.so.1, which the target does not have: "
        sentence += f"install the system's package that has lib{{0}}.so.1 {command}"
        parts = [sentence.format(number) for number in range(3)]
        assert row(check_environment("/opt/lib", root=root)).text == "; ".join([*parts, "2 more findings"])
        write(tmp_path, below("opt/lib", demo(elf(needed=[f"lib{number}.so.1" for number in range(3)]))))
        assert row(check_environment("/opt/lib", root=root)).text == "; ".join(parts)

    def test_a_finding_without_a_remedy_is_a_sentence(self, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, distribution(files={"a.so": b"version https://git-lfs\n"}) | {"stray.so": ""}))
        assert row(report, "(no distribution)").text == "stray.so is named as a shared library and is empty"

    def test_there_is_no_list_to_install_from(self, tmp_path: Path) -> None:
        report = checked(folder_of(tmp_path, distribution()), name="new")
        with pytest.raises(InvalidSubject, match="new: files that are installed cannot be chosen; `pip freeze` lists them"):
            report.requirements("new")

    def test_it_is_called_as_it_was_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        virtual(tmp_path / ".venv")
        shutil.rmtree(tmp_path / "python")
        monkeypatch.chdir(tmp_path)
        for report in (checked(Path(".venv")), check(".venv", {"new": NEW})):
            assert printed(report).startswith("✗ .venv\n    bin/python is a broken link")
            assert remedies(report, ".venv") == [TestOwnPython.AGAIN.format(path=".venv")]

    def test_rules_are_described(self) -> None:
        assert not set(environment.RULES) & set(RULES)


class TestTargets:
    """Against this machine, or any target; several at once; a Python that nobody chose is the environment's own."""

    def test_several_targets(self, tmp_path: Path) -> None:
        folder_of(tmp_path, demo(needing("GLIBC_2.28")))
        calls: list[tuple[int, int]] = []
        targets = {"old": target("manylinux_2_17_x86_64"), "new": NEW}
        report = check(tmp_path, targets, progress=lambda *words: calls.append(words))
        assert [(one.target, one.fits) for one in report.rows] == [("old", True), ("new", True), ("old", False), ("new", True)]
        assert [(column.name, column.fits) for column in report.columns] == [("old", False), ("new", True)]
        assert calls == [(0, 1)]
        assert bool(check(str(tmp_path), {"new": NEW})) is True

    def test_the_python_that_runs_this_is_nobodys_choice(self, tmp_path: Path) -> None:
        path = virtual(tmp_path / "venv", version="3.9")
        here = mltags.Target.current()
        assert bool(check(path, {"this machine": here})) is True
        other = mltags.Target.of(python_version="3.8", implementation="cp", platform=here.platform)
        assert bool(check(path, {"this machine": other})) is False
        assert bool(check(path, {"tags": mltags.Target.from_tags(["py3-none-any"])})) is True
        assert bool(environment.check_targets(path, [("this machine", here)], None, is_chosen=True)) is False

    def test_without_targets_nothing_fits(self, tmp_path: Path) -> None:
        path = folder_of(tmp_path, distribution())
        assert check(path, {"new": NEW})
        assert not check(path, {})
        assert not check(["demo-1.0-py3-none-any.whl"], [])

    def test_progress_names_distributions(self, tmp_path: Path) -> None:
        calls: list[tuple[str, int, int]] = []
        checked(folder_of(tmp_path, distribution("one"), distribution("two")), progress=lambda *words: calls.append(words))
        assert calls == [("one", 0, 2), ("two", 1, 2)]

    def test_a_name_for_the_column(self, tmp_path: Path) -> None:
        assert checked(folder_of(tmp_path, distribution()), name="mine").columns[0].name == "mine"

    def test_free_threaded_environments(self, tmp_path: Path) -> None:
        files = {"demo/x.cpython-313t-x86_64-linux-gnu.so": elf(), "demo/y.cpython-313-x86_64-linux-gnu.so": elf()}
        write(tmp_path, below("lib/python3.13t/site-packages", distribution(files=files)))
        platform = mltags.parse_platform("manylinux_2_40_x86_64")
        write(tmp_path / "plain", below("lib/python3.13/site-packages", distribution(files=files)))
        assert found(checked(tmp_path / "plain", platform))[0][2].endswith("which Python 3.13 of the target cannot use")
        assert found(checked(tmp_path / "plain", platform))[0][2].startswith("demo/x.cpython-313t")
        report = checked(tmp_path, platform)
        assert found(report) == [
            (
                "load",
                "suffix",
                "demo/y.cpython-313-x86_64-linux-gnu.so is named for cpython-313-x86_64-linux-gnu.so, which Python 3.13t of the target cannot use",
            )
        ]

    def test_a_folder_without_a_version_has_the_roots_python(self, tmp_path: Path) -> None:
        root = image(tmp_path)
        write(tmp_path, below("opt/lib", demo(elf())))
        assert found(check_environment("/opt/lib", root=root)) == []
        shutil.rmtree(tmp_path / "usr/bin")
        shutil.rmtree(tmp_path / "usr/lib/python3.12")
        write(tmp_path, {"bin/sh": make_elf("x86_64")})
        here = "".join(map(str, sys.version_info[:2]))
        write(tmp_path, below("opt/two", distribution("two", {f"x.cpython-{here}-x86_64-linux-gnu.so": elf()})))
        assert found(check_environment("/opt/two", root=RootHost(tmp_path)), "two") == []

    def test_a_limit_that_a_machine_sets(self, tmp_path: Path) -> None:
        assert (
            checked(folder_of(tmp_path, distribution()), mltags.parse_platform("win_amd64")).columns[0].description
            == "win_amd64"
        )
