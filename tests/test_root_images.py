"""Root directories of images as people have them: C libraries of a program's own, static programs, Pythons in unusual places,
virtual environments, wrapper scripts; drawn first, and then real ones made of Debian's packages."""

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import roots

import mltags
from mltags.cli import commands, output
from mltags.testing import make_elf

if TYPE_CHECKING:
    from collections.abc import Callable

LOADER = "/lib64/ld-linux-x86-64.so.2"
MUSL_LOADER = "/lib/ld-musl-x86_64.so.1"
MUSL = b"musl libc (x86_64)\nVersion %s\n\0\x001.2.5\0"

Files = dict[str, "bytes | str"]


def banner(version: str) -> bytes:
    return make_elf(interpreter=None) + f"GNU C Library (GLIBC) stable release version {version}.\n\0".encode()


def draw(root: Path, files: Files) -> Path:
    """Files by their contents; a text that begins with "->" is a symbolic link."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content.removeprefix("->"))
        else:
            path.write_bytes(content)
    return root


def python(prefix: str, version: str, program: "bytes | None" = None) -> Files:
    """A Python under *prefix*, with its standard library."""
    return {
        f"{prefix}/bin/python3": f"->python{version}",
        f"{prefix}/bin/python{version}": make_elf(interpreter=LOADER) if program is None else program,
        f"{prefix}/lib/python{version}/os.py": b"",
    }


#: The C library of the system, where its loader is; and a shell.
SYSTEM: Files = {
    "lib64/ld-linux-x86-64.so.2": "->../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2": make_elf(interpreter=None),
    "lib/x86_64-linux-gnu/libc.so.6": banner("2.31"),
    "bin/sh": make_elf(interpreter=LOADER),
}


def sources(platform: mltags.Platform, fact: str) -> "list[str]":
    return [item.question for item in platform.evidence if item.fact == fact]


class TestOwnLibrary:
    """R7: in a root directory the libc beside PT_INTERP's loader counts first."""

    @pytest.mark.parametrize(
        "where", ["opt/glibc-2.17/lib", "nix/store/abc-glibc-2.17/lib", "gnu/store/abc-glibc/lib", "opt/lib"]
    )
    def test_the_libc_beside_the_programs_own_loader_counts(self, where: str, tmp_path: Path) -> None:
        loader = f"{where}/ld-linux-x86-64.so.2"
        files = {
            **SYSTEM,
            **python("usr/local", "3.12", make_elf(interpreter=f"/{loader}")),
            loader: make_elf(interpreter=None),
            f"{where}/libc.so.6": banner("2.17"),
        }
        found = mltags.probe(mltags.RootHost(draw(tmp_path, files)))
        assert found.libc == mltags.Glibc(2, 17)
        assert sources(found, "libc") == [f"the banner of /{where}/libc.so.6"]

    def test_a_loader_behind_a_link_is_the_one_that_it_leads_to(self, tmp_path: Path) -> None:
        files = {
            **SYSTEM,
            **python("usr", "3.12", make_elf(interpreter="/usr/lib/loader/ld.so")),
            "usr/lib/loader": "->../../nix/store/abc-glibc/lib",
            "nix/store/abc-glibc/lib/ld.so": "->ld-2.38.so",
            "nix/store/abc-glibc/lib/ld-2.38.so": make_elf(interpreter=None),
            "nix/store/abc-glibc/lib/libc.so.6": banner("2.38"),
        }
        found = mltags.probe(mltags.RootHost(draw(tmp_path, files)))
        assert sources(found, "libc") == ["the banner of /nix/store/abc-glibc/lib/libc.so.6"]

    def test_the_systems_loader_has_the_systems_library(self, tmp_path: Path) -> None:
        files = {
            **SYSTEM,
            **python("usr", "3.12"),
            "lib64/libc.so.6": make_elf("i686", interpreter=None) + b" release version 2.3",
        }
        found = mltags.probe(mltags.RootHost(draw(tmp_path, files)))
        assert sources(found, "libc") == ["the banner of /lib/x86_64-linux-gnu/libc.so.6"]

    def test_a_loader_that_is_not_there_still_shows_the_folder(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.12", make_elf(interpreter="/opt/g/ld.so")), "opt/g/libc.so.6": banner("2.19")}
        assert mltags.probe(mltags.RootHost(draw(tmp_path, files))).libc == mltags.Glibc(2, 19)

    def test_a_loader_without_a_libc_beside_it_leaves_the_systems(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.12", make_elf(interpreter="/opt/g/ld.so")), "opt/g/ld.so": make_elf()}
        assert mltags.probe(mltags.RootHost(draw(tmp_path, files))).libc == mltags.Glibc(2, 31)


class TestMusl:
    """R7: one C library; musl where PT_INTERP says so and the loader's file does not say otherwise."""

    def test_musl_beside_a_glibc(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.12", make_elf(interpreter=MUSL_LOADER)), "lib/ld-musl-x86_64.so.1": MUSL}
        assert mltags.probe(mltags.RootHost(draw(tmp_path, files))).libc == mltags.Musl(1, 2)

    def test_a_loader_of_musl_that_is_missing_is_no_glibc(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.12", make_elf(interpreter=MUSL_LOADER))}
        assert mltags.platform_tags(mltags.probe(mltags.RootHost(draw(tmp_path, files)))) == ("linux_x86_64",)

    def test_a_glibc_in_a_folder_with_such_a_name(self, tmp_path: Path) -> None:
        files = {
            **SYSTEM,
            **python("usr", "3.12", make_elf(interpreter="/home/muslim/ld.so")),
            "home/muslim/ld.so": make_elf(interpreter=None),
            "home/muslim/libc.so.6": banner("2.27"),
        }
        assert mltags.probe(mltags.RootHost(draw(tmp_path, files))).libc == mltags.Glibc(2, 27)

    def test_another_loader_with_such_a_name_does_not_use_the_systems_glibc(self, tmp_path: Path) -> None:
        files = {
            **SYSTEM,
            **python("usr", "3.12", make_elf(interpreter="/opt/musl/ld.so")),
            "opt/musl/ld.so": make_elf(interpreter=None),
        }
        assert mltags.probe(mltags.RootHost(draw(tmp_path, files))).libc is None


class TestStatic:
    """R7: a program without PT_INTERP uses no library of the root."""

    @pytest.mark.parametrize("kind", ["static", "static-PIE"])
    def test_a_static_python_has_no_tags_but_plain_ones(self, kind: str, tmp_path: Path) -> None:
        program = bytearray(make_elf(interpreter=None) + b" release version 2.36\0")
        program[16] = 2 if kind == "static" else 3  # ET_EXEC, ET_DYN
        files = {**SYSTEM, **python("usr", "3.12", bytes(program))}
        found = mltags.probe(mltags.RootHost(draw(tmp_path, files)))
        assert mltags.platform_tags(found) == ("linux_x86_64",)
        assert sources(found, "libc") == [
            "/usr/bin/python3 has no loader, so that it uses no library of the root",
            "gnu_get_libc_version",
        ]

    def test_without_a_python_a_dynamic_program_shows_the_library(self, tmp_path: Path) -> None:
        files = {**SYSTEM, "bin/sh": make_elf(interpreter=None), "bin/ls": make_elf(interpreter="/opt/g/ld.so")}
        files["opt/g/libc.so.6"] = banner("2.17")
        assert mltags.probe(mltags.RootHost(draw(tmp_path, files))).libc == mltags.Glibc(2, 17)

    def test_without_a_python_a_static_program_shows_the_machine_only(self, tmp_path: Path) -> None:
        files = {**SYSTEM, "bin/sh": make_elf(interpreter=None)}
        assert mltags.probe(mltags.RootHost(draw(tmp_path, files))).libc == mltags.Glibc(2, 31)


class TestOtherSystems:
    """The loader that a program names shows the system: the root of a BSD is not one of Linux."""

    @pytest.mark.parametrize(
        ("loader", "system"),
        [("/libexec/ld-elf.so.1", "FreeBSD"), ("/usr/libexec/ld.elf_so", "NetBSD"), ("/usr/libexec/ld.so", "OpenBSD")],
    )
    def test_it_has_no_tags_and_is_named(self, loader: str, system: str, tmp_path: Path, capsys: Any) -> None:
        program = make_elf(interpreter=loader)
        root = draw(tmp_path, {**python("usr/local", "3.11", program), "bin/sh": program})
        assert mltags.probe(mltags.RootHost(root)).system == system
        assert mltags.platform_tags(mltags.probe(mltags.RootHost(root))) == ()
        assert output.run(lambda: commands.main(["tags", "--root", str(root)])) == 2
        expected = f"its programs are for {system}; only root directories of Linux can be read"
        assert capsys.readouterr().err == f"mltags: {root}: {expected}\n"


class TestPlaces:
    """B20: a Python is found wherever images keep one."""

    @pytest.mark.parametrize(
        "prefix",
        [
            "var/lang",
            "usr/local",
            "usr",
            "opt/conda",
            "opt/conda/envs/own",
            "opt/rh/rh-python312/root/usr",
            "opt/pyenv/versions/3.12.1",
            "home/user/miniforge3/envs/own",
            "opt",
            "opt/python",
            "opt/venv",
            "opt/python/cp312-cp312",
            "usr/local/python3.12",
            "venv",
            "app/.venv",
            "app/env",
            "srv/site",
            "usr/src/app/.venv",
            "root/miniconda3",
            "home/user/.venv",
            "root/.pyenv/versions/3.12.1",
            "home/user/.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu",
            "nix/var/nix/profiles/default",
            "run/current-system/profile",
            "nix/store/abc-python3-3.12.1",
            "gnu/store/abc-python-3.12.1",
        ],
    )
    def test_the_only_python_is_found(self, prefix: str, tmp_path: Path) -> None:
        host = mltags.RootHost(draw(tmp_path, {**SYSTEM, **python(prefix, "3.12")}))
        assert host.pythons() == [(f"/{prefix}/bin/python3", (3, 12), "cpython")]
        found = mltags.Target.of_host(host)
        assert found.python == mltags.Python("cp", (3, 12), ["cp312"])
        assert found.platform is not None
        assert sources(found.platform, "machine") == ["the ELF header of a program in it"]

    def test_its_environment_markers_are_derived(self, tmp_path: Path) -> None:
        environment = mltags.Target.of_host(mltags.RootHost(draw(tmp_path, {**SYSTEM, **python("usr", "3.12")}))).environment
        assert (environment["python_full_version"], environment["platform_machine"]) == ("3.12.0", "x86_64")

    def test_behind_the_links_of_a_profile(self, tmp_path: Path) -> None:
        files = {
            **SYSTEM,
            **python("gnu/store/abc-python", "3.11"),
            "root/.guix-profile": "->/var/guix/profiles/p",
            "var/guix/profiles/p": "->p-1-link",
            "var/guix/profiles/p-1-link": "->/gnu/store/def-profile",
            "gnu/store/def-profile/bin": "->../abc-python/bin",
        }
        host = mltags.RootHost(draw(tmp_path, files))
        assert host.pythons() == [("/root/.guix-profile/bin/python3", (3, 11), "cpython")]

    def test_pypy_in_a_folder_of_its_own(self, tmp_path: Path) -> None:
        files: Files = {
            **SYSTEM,
            "opt/pypy/bin/pypy3": make_elf(interpreter=LOADER),
            "opt/pypy/lib/pypy3.11/_x.pypy311-pp73-x86_64-linux-gnu.so": b"",
        }
        found = mltags.Target.of_host(mltags.RootHost(draw(tmp_path, files)))
        assert found.python == mltags.Python("pp", (3, 11), ["pypy311_pp73"])

    def test_the_standard_library_of_another_prefix_is_not_its_own(self, tmp_path: Path) -> None:
        files = {**SYSTEM, "usr/lib/python3.12/os.py": b"", "opt/x/bin/python3": make_elf(interpreter=LOADER)}
        assert mltags.RootHost(draw(tmp_path, files)).pythons() == [("/opt/x/bin/python3", None, None)]

    def test_the_override_module_beside_it_is_reported(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("opt/conda", "3.12"), "opt/conda/lib/python3.12/site-packages/_manylinux.py": b""}
        assert mltags.RootHost(draw(tmp_path, files)).source("override") == (
            "/opt/conda/lib/python3.12/site-packages/_manylinux.py, which was found but not imported"
        )


class TestSeveral:
    """Of several Pythons the one counts that a shell would find; the evidence names the others, and any can be chosen."""

    @pytest.fixture
    def image(self, tmp_path: Path) -> Path:
        own = make_elf(interpreter="/opt/conda/lib/ld.so")
        files = {**SYSTEM, **python("usr", "3.11"), **python("opt/conda", "3.13", own)}
        files["opt/conda/lib/ld.so"] = make_elf(interpreter=None)
        files["opt/conda/lib/libc.so.6"] = banner("2.39")
        return draw(tmp_path, files)

    def test_they_are_listed_the_one_that_counts_first(self, image: Path) -> None:
        assert mltags.RootHost(image).pythons() == [
            ("/usr/bin/python3", (3, 11), "cpython"),
            ("/opt/conda/bin/python3", (3, 13), "cpython"),
        ]

    def test_the_evidence_names_those_that_do_not_count(self, image: Path) -> None:
        found = mltags.Target.of_host(mltags.RootHost(image))
        assert found.platform is not None
        assert repr(found) == "<Target cp311 on x86_64, glibc 2.31: 789 tags>"
        (source,) = sources(found.platform, "machine")
        assert source == (
            "the ELF header of a program in it: /usr/bin/python3; there are other Pythons in it: /opt/conda/bin/python3 (3.13); "
            "python (--root-python) chooses one"
        )

    def test_another_is_chosen(self, image: Path) -> None:
        host = mltags.RootHost(image, python="/opt/conda/bin/python3")
        assert repr(host) == f"RootHost({str(image)!r}, python='/opt/conda/bin/python3')"
        found = mltags.Target.of_host(host)
        assert found.platform is not None
        assert (found.python, found.platform.libc) == (mltags.Python("cp", (3, 13), ["cp313"]), mltags.Glibc(2, 39))
        assert sources(found.platform, "machine") == ["the ELF header of a program in it"]
        assert host.pythons()[0] == ("/opt/conda/bin/python3", (3, 13), "cpython")

    @pytest.mark.parametrize("path", ["opt/conda/bin/python3", "/opt/conda/bin/python3.13", "/opt/conda/../conda/bin/python3"])
    def test_it_is_named_by_any_path_in_the_root(self, path: str, image: Path) -> None:
        assert mltags.Target.of_host(mltags.RootHost(image, path)).python == mltags.Python("cp", (3, 13), ["cp313"])

    @pytest.mark.parametrize("path", ["/opt/conda/bin/python3.12", "/usr/lib/python3.11/os.py", "/usr/bin", ""])
    def test_what_is_no_program_in_it_is_an_error(self, path: str, image: Path) -> None:
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.RootHost(image, path)
        shown = path or "/"
        assert caught.value.problem == f"no program {shown} in it; the Pythons there: /usr/bin/python3, /opt/conda/bin/python3"

    def test_a_program_that_is_no_python_is_an_error(self, image: Path) -> None:
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.RootHost(image, "/bin/sh")
        assert caught.value.problem == "/bin/sh is no Python; the Pythons there: /usr/bin/python3, /opt/conda/bin/python3"

    def test_the_error_where_there_is_none_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(mltags.ProbeError, match="no program /usr/bin/python3 in it; the Pythons there: none"):
            mltags.RootHost(draw(tmp_path, SYSTEM), "/usr/bin/python3")

    def test_a_chosen_one_that_is_gone_meanwhile_is_not_replaced_in_silence(self, image: Path) -> None:
        host = mltags.RootHost(image, "/opt/conda/bin/python3.13")
        (image / "opt/conda/bin/python3.13").unlink()
        found = mltags.probe(host)
        assert mltags.platform_tags(found) == ()
        assert found.evidence[-1].answer == "OSError: /opt/conda/bin/python3.13 is not there any more"

    def test_lambdas_own_python_comes_before_the_systems(self, tmp_path: Path) -> None:
        host = mltags.RootHost(draw(tmp_path, {**SYSTEM, **python("usr", "3.9"), **python("var/lang", "3.12")}))
        assert [path for path, _, _ in host.pythons()] == ["/var/lang/bin/python3", "/usr/bin/python3"]

    def test_what_the_shell_finds_comes_before_other_folders_whatever_its_name(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("opt/conda", "3.13"), "usr/bin/python3.11": make_elf(), "usr/lib/python3.11/os.py": b""}
        assert [path for path, _, _ in mltags.RootHost(draw(tmp_path, files)).pythons()] == [
            "/usr/bin/python3.11",
            "/opt/conda/bin/python3",
        ]

    def test_many_are_counted_and_the_unknown_said(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.9"), "opt/pypy/bin/pypy3": make_elf(), "opt/pypy/lib/pypy3.10/x": b""}
        for minor in range(10, 14):
            files.update(python(f"opt/python/{minor}", f"3.{minor}"))
        files["opt/x/bin/python3"] = make_elf()
        files["opt/y/bin/python3"] = make_elf()
        assert mltags.RootHost(draw(tmp_path, files)).source("platform") == (
            "the ELF header of a program in it: /usr/bin/python3; there are other Pythons in it: "
            "/opt/x/bin/python3 (of unknown version), /opt/y/bin/python3 (of unknown version), /opt/python/10/bin/python3 (3.10), "
            "/opt/python/11/bin/python3 (3.11), /opt/python/12/bin/python3 (3.12), 2 more; python (--root-python) chooses one"
        )

    def test_an_implementation_is_named(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.9"), "opt/pypy/bin/pypy3": make_elf(), "opt/pypy/lib/pypy3.10/x": b""}
        assert "/opt/pypy/bin/pypy3 (pypy 3.10)" in mltags.RootHost(draw(tmp_path, files)).source("platform")

    def test_another_name_of_one_program_is_no_other_python(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.9"), "usr/local/bin/python3": "->/usr/bin/python3.9"}
        assert mltags.RootHost(draw(tmp_path, files)).pythons() == [("/usr/local/bin/python3", (3, 9), "cpython")]


class TestScripts:
    """A shell script is no program: the Python that it runs counts, else the next one, and the evidence says so."""

    @pytest.mark.parametrize(
        "script",
        [
            b'#!/bin/sh\nexec /opt/x/bin/python3.9 "$@"\n',
            b'#!/bin/bash\n# comment\nexport A=1\n  exec -a "$0" \'/opt/x/bin/python3.9\' "$@"\n',
            b'#!/bin/sh\nexec env LD_LIBRARY_PATH=/opt/x/lib "/opt/x/bin/python3.9" "$@"\n',
        ],
        ids=["plainly", "under another name", "with a variable"],
    )
    def test_the_program_that_it_runs(self, script: bytes, tmp_path: Path) -> None:
        host = mltags.RootHost(draw(tmp_path, {**SYSTEM, "usr/bin/python3": script, **python("opt/x", "3.9")}))
        assert host.executable() == "/opt/x/bin/python3.9"
        assert host.pythons() == [("/opt/x/bin/python3.9", (3, 9), "cpython")]
        assert host.source("platform") == (
            "the ELF header of a program in it: /opt/x/bin/python3.9; /usr/bin/python3 is a script that runs it"
        )

    def test_a_chosen_script(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.11"), **python("srv/x", "3.9")}
        files["srv/run/python"] = b"#!/bin/sh\nexec /srv/x/bin/python3\n"
        host = mltags.RootHost(draw(tmp_path, files), "srv/run/python")
        assert host.python()["version"] == (3, 9)
        assert host.source("platform") == (
            "the ELF header of a program in it: /srv/x/bin/python3; /srv/run/python is a script that runs it"
        )

    @pytest.mark.parametrize(
        "script",
        [
            b'#!/bin/sh\nexec pyenv exec python3 "$@"\n',
            b"#!/bin/sh\nexec /opt/none/bin/python3\n",
            b"#!/bin/sh\nexec /bin/sh\n",
            b"#!/bin/sh\n\xff\n",
            b"#!/bin/sh\n# exec\necho /opt/x/bin/python3.9\n",
        ],
        ids=["no path", "nothing there", "no Python", "no text", "a path that is not run"],
    )
    def test_one_that_runs_none_is_passed_over(self, script: bytes, tmp_path: Path) -> None:
        host = mltags.RootHost(draw(tmp_path, {**SYSTEM, "usr/bin/python3": script, **python("opt/x", "3.9")}))
        assert host.pythons() == [("/opt/x/bin/python3", (3, 9), "cpython")]
        assert host.source("platform") == (
            "the ELF header of a program in it: /opt/x/bin/python3; /usr/bin/python3 is a script and was skipped"
        )

    def test_it_is_said_where_there_is_no_other(self, tmp_path: Path) -> None:
        files = {**SYSTEM, "usr/bin/python3": b"#!/bin/sh\n", "usr/local/bin": "->/usr/bin"}
        assert mltags.RootHost(draw(tmp_path, files)).source("platform") == (
            "the ELF header of a program in it: /bin/sh; /usr/local/bin/python3 is a script and was skipped"
        )

    def test_a_file_that_is_neither_is_nothing(self, tmp_path: Path) -> None:
        files = {**SYSTEM, "usr/bin/python3": b"exec /opt/x/bin/python3\n", **python("opt/x", "3.9")}
        host = mltags.RootHost(draw(tmp_path, files))
        assert host.source("platform") == "the ELF header of a program in it"


class TestEnvironments:
    """Virtual environments: inside an image they are Pythons like others; as a root they are none."""

    def environment(self, *, copied: bool) -> Files:
        program: bytes | str = make_elf(interpreter=LOADER) if copied else "->/usr/bin/python3"
        return {
            "opt/venv/bin/python3": program,
            "opt/venv/bin/python": "->python3",
            "opt/venv/pyvenv.cfg": b"home = /usr/bin\nversion = 3.12.1\n",
            "opt/venv/lib/python3.12/site-packages/a.py": b"",
        }

    def test_one_whose_python_is_a_link_is_that_python(self, tmp_path: Path) -> None:
        host = mltags.RootHost(draw(tmp_path, {**SYSTEM, **python("usr", "3.12"), **self.environment(copied=False)}))
        assert host.pythons() == [("/usr/bin/python3", (3, 12), "cpython")]
        chosen = mltags.RootHost(tmp_path, "/opt/venv/bin/python")
        assert mltags.Target.of_host(chosen) == mltags.Target.of_host(host)

    def test_one_with_a_copy_says_its_version(self, tmp_path: Path) -> None:
        host = mltags.RootHost(draw(tmp_path, {**SYSTEM, **self.environment(copied=True)}))
        assert host.pythons() == [("/opt/venv/bin/python3", (3, 12), "cpython")]

    def test_the_override_module_in_a_chosen_one(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.12"), **self.environment(copied=False)}
        files["opt/venv/lib/python3.12/site-packages/_manylinux.py"] = b""
        draw(tmp_path, files)
        assert mltags.RootHost(tmp_path).source("override") == "looking for _manylinux"
        assert mltags.RootHost(tmp_path, "/opt/venv/bin/python3").source("override") == (
            "/opt/venv/lib/python3.12/site-packages/_manylinux.py, which was found but not imported"
        )

    @pytest.mark.parametrize("copied", [False, True])
    def test_as_a_root_directory_it_is_refused(self, *, copied: bool, tmp_path: Path) -> None:
        root = draw(tmp_path, self.environment(copied=copied)) / "opt/venv"
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.RootHost(root)
        assert str(caught.value) == (
            f"{root}: that is a virtual environment; pass the root directory of the system, or --python {root}/bin/python"
        )


class TestHostile:
    """Bounded work, whatever the root holds."""

    def test_folders_without_number(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mltags._root.MAX_FOLDERS", 3)
        draw(tmp_path, {**SYSTEM, **{f"opt/{number}/x": b"" for number in range(6)}, **python("opt/5", "3.12")})
        assert mltags.RootHost(tmp_path).pythons() == []
        draw(tmp_path, python("opt/2", "3.11"))
        assert [path for path, _, _ in mltags.RootHost(tmp_path).pythons()] == ["/opt/2/bin/python3"]

    def test_scripts_that_run_each_other(self, tmp_path: Path) -> None:
        files = {**SYSTEM, "usr/bin/python3": b"#!/bin/sh\nexec /usr/bin/python3.9\n", "usr/bin/python3.9": "->python3"}
        assert mltags.RootHost(draw(tmp_path, files)).pythons() == []

    def test_a_loader_with_an_odd_name(self, tmp_path: Path) -> None:
        files = {**SYSTEM, **python("usr", "3.12", make_elf(interpreter="/a\0b/" + "x/" * 900))}
        assert mltags.probe(mltags.RootHost(draw(tmp_path, files))).libc == mltags.Glibc(2, 31)

    def test_a_file_of_the_root_opened_for_reading_here_and_there(self, tmp_path: Path) -> None:
        host = mltags.RootHost(draw(tmp_path, {**SYSTEM, "usr/x": b"0123456789", "y": "->/usr/x"}))
        with host.opened("/y") as file:
            file.seek(4)
            assert file.read(3) == b"456"
        with pytest.raises(OSError, match="is not a regular file"):
            host.opened("/usr")


@pytest.mark.real
class TestReal:
    """Real roots: what is read from their files is what runs inside them say."""

    def agrees(self, root: Path, path: str, host: mltags.RootHost) -> mltags.Target:
        """The target of *host*, which is that of the interpreter at *path* run inside *root*."""
        script = "import mltags; t = mltags.Target.current(); print(*t.platform_tags, *t.python.pairs[0])"
        target = mltags.Target.of_host(host)
        assert target.python is not None
        assert roots.run(root, path, "-c", script).split() == [*target.platform_tags, *target.python.pairs[0]]
        return target

    def test_debootstrap(self) -> None:
        root = made(debootstrapped)
        host = mltags.RootHost(root)
        assert host.pythons() == [("/usr/bin/python3", (3, 11), "cpython")]
        assert repr(self.agrees(root, "/usr/bin/python3", host)) == "<Target cp311 on x86_64, glibc 2.36: 914 tags>"

    def test_a_prefix_as_conda_makes_them(self) -> None:
        """Its own Python and libraries, found by relative paths; the C library of the system."""
        root = made(conda)
        host = mltags.RootHost(root)
        assert host.pythons() == [("/opt/conda/bin/python3", (3, 11), "cpython")]
        assert repr(self.agrees(root, "/opt/conda/bin/python3", host)) == "<Target cp311 on x86_64, glibc 2.41: 1039 tags>"

    def test_a_store_as_nix_has_it(self) -> None:
        """A newer Python that brings its C library, behind the links of a profile, beside the system's own."""
        root = made(store)
        path = "/nix/var/nix/profiles/default/bin/python3"
        assert mltags.RootHost(root).pythons() == [("/usr/bin/python3", (3, 11), "cpython"), (path, (3, 13), "cpython")]
        system = self.agrees(root, "/usr/bin/python3", mltags.RootHost(root))
        assert repr(system) == "<Target cp311 on x86_64, glibc 2.36: 914 tags>"
        own = self.agrees(root, path, mltags.RootHost(root, path))
        assert repr(own) == "<Target cp313 on x86_64, glibc 2.41: 1205 tags>"
        assert own.platform is not None
        assert sources(own.platform, "libc") == ["the banner of /nix/store/abc-glibc/lib/libc.so.6"]

    def test_an_environment_in_an_image(self) -> None:
        root = made(debootstrapped)
        shutil.rmtree(root / "opt/venv", ignore_errors=True)
        roots.run(root, "/usr/bin/python3", "-m", "venv", "--without-pip", "/opt/venv")
        self.agrees(root, "/opt/venv/bin/python", mltags.RootHost(root, "/opt/venv/bin/python"))
        assert mltags.RootHost(root).pythons() == [("/usr/bin/python3", (3, 11), "cpython")]
        with pytest.raises(mltags.ProbeError, match="that is a virtual environment"):
            mltags.RootHost(root / "opt/venv")

    def test_musl(self, tmp_path: Path) -> None:
        """Debian's package of musl beside its glibc, and a program that is linked with it."""
        root = made(lambda: roots.build("trixie", "amd64", "musl"))
        program = compiled(tmp_path, "musl-gcc")
        shutil.copytree(root, tmp_path / "root", symlinks=True)
        shutil.copy(program, tmp_path / "root/usr/bin/python3")
        assert mltags.probe(mltags.RootHost(tmp_path / "root")).libc == mltags.Musl(1, 2)

    @pytest.mark.parametrize("option", ["-static", "-static-pie"])
    def test_a_static_program(self, option: str, tmp_path: Path) -> None:
        root = made(lambda: roots.build("trixie", "amd64", "musl"))
        program = compiled(tmp_path, "gcc", option)
        shutil.copytree(root, tmp_path / "root", symlinks=True)
        assert mltags.probe(mltags.RootHost(tmp_path / "root")).libc == mltags.Glibc(2, 41)
        shutil.copy(program, tmp_path / "root/usr/bin/python3")
        assert mltags.platform_tags(mltags.probe(mltags.RootHost(tmp_path / "root"))) == ("linux_x86_64",)


def made(build: "Callable[[], Path]") -> Path:
    """A root directory, or a skip that says why this machine cannot make it."""
    try:
        return build()
    except roots.UnavailableError as problem:
        pytest.skip(str(problem))


def compiled(folder: Path, compiler: str, *options: str) -> Path:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} on this machine (Debian: gcc, musl-tools)")
    (folder / "main.c").write_text("int main(void) { return 0; }\n")
    subprocess.run([compiler, *options, "-o", folder / "main", folder / "main.c"], check=True)
    return folder / "main"


def debootstrapped() -> Path:
    """Debian 12 with Python, as debootstrap makes it."""
    root = roots.CACHE / "debootstrap-amd64-bookworm"
    if not root.exists():
        if shutil.which("debootstrap") is None:
            raise roots.UnavailableError("no debootstrap on this machine")
        roots._apt("bookworm", "amd64")  # which says so where there is no mirror
        new = root.with_name(root.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        words = ("debootstrap", "--variant=minbase", "--include=python3,python3-venv", "bookworm", new, roots._mirror())
        roots._run(*words, timeout=900)
        (new / "test").mkdir()
        new.rename(root)
    return root


def conda() -> Path:
    """Debian 13 without a Python, and that of Debian 12 with its libraries moved to a prefix of its own."""
    return _with_prefix(
        "conda", roots.build("trixie", "amd64"), roots.build("bookworm", "amd64", "python3"), "opt/conda", "3.11"
    )


def store() -> Path:
    """Debian 12 with its Python, and that of Debian 13 with its libraries and its C library in a store."""
    newer = roots.build("trixie", "amd64", "python3")
    place = "nix/store/abc-python3"
    root = _with_prefix("store", roots.build("bookworm", "amd64", "python3"), newer, place, "3.13", "nix/store/abc-glibc/lib")
    profile = root / "nix/var/nix/profiles/default"
    if not profile.is_symlink():
        profile.parent.mkdir(parents=True)
        profile.symlink_to("/nix/store/abc-python3")
    return root


def _with_prefix(name: str, system: Path, other: Path, prefix: str, version: str, libc: str = "") -> Path:
    """A copy of *system* with the Python of *other* in *prefix*; *libc*: where its own C library goes, if it brings one."""
    root = roots.CACHE / f"images-amd64-{name}"
    if root.exists():
        return root
    if shutil.which("patchelf") is None:
        raise roots.UnavailableError("no patchelf on this machine")
    new = root.with_name(root.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(system, new, symlinks=True)
    place, libraries = new / prefix, other / "usr/lib/x86_64-linux-gnu"
    (place / "bin").mkdir(parents=True)
    shutil.copy(other / f"usr/bin/python{version}", place / "bin")
    (place / "bin/python3").symlink_to(f"python{version}")
    shutil.copytree(other / f"usr/lib/python{version}", place / f"lib/python{version}", symlinks=True)
    for library in libraries.glob("*.so.*"):
        is_of_glibc = library.name.startswith(
            ("libc.", "libm.", "ld-", "libpthread", "libdl.", "librt.", "libutil", "libresolv")
        )
        folder = new / libc if is_of_glibc else place / "lib"
        if not is_of_glibc or libc:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, folder)
    own = [f"/{libc}"] if libc else []
    program = place / f"bin/python{version}"
    roots._run("patchelf", "--force-rpath", "--set-rpath", ":".join(["$ORIGIN/../lib", *own]), program)
    if libc:
        roots._run("patchelf", "--set-interpreter", f"/{libc}/ld-linux-x86-64.so.2", program)
    new.rename(root)
    return root
