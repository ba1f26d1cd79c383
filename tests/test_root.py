"""Root directories: everything read from files, nothing outside opened, nothing run; hostile ones too."""

import builtins
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

import mltags
from mltags import _process
from mltags.testing import make_elf

BANNER = b"GNU C Library (Debian GLIBC 2.41-12) stable release version 2.41.\n\0"
MUSL = b"musl libc (x86_64)\nVersion %s\n\0\x001.2.5\0"
MUSL_LOADER = "/lib/ld-musl-x86_64.so.1"

Files = dict[str, "bytes | str"]


def make(root: Path, files: Files) -> mltags.RootHost:
    """Files by their contents; a text that begins with "->" is a symbolic link."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content.removeprefix("->"))
        else:
            path.write_bytes(content)
    return mltags.RootHost(root)


def debian(machine: str = "x86_64", libc: bytes = BANNER) -> Files:
    return {
        "usr/bin/python3": "->python3.13",
        "usr/bin/python3.13": make_elf(machine),
        "usr/lib/x-linux-gnu/libc.so.6": make_elf(machine, interpreter=None) + libc,
        "usr/lib/python3.13/os.py": b"",
        "usr/lib/python3.13/lib-dynload/_x.cpython-313-x86_64-linux-gnu.so": b"",
        "lib": "->usr/lib",
    }


def without_libc(program: bytes, **more: "bytes | str") -> Files:
    """Debian's files without a glibc; its Python is *program*."""
    files = debian()
    del files["usr/lib/x-linux-gnu/libc.so.6"]
    return {**files, "usr/bin/python3.13": program, **more}


def target(host: mltags.RootHost) -> mltags.Target:
    return mltags.Target.of_host(host)


def sources(platform: mltags.Platform, fact: str) -> "list[str]":
    return [item.question for item in platform.evidence if item.fact == fact]


class TestMachine:
    """The machine of a root directory, from the ELF header of a program in it."""

    def test_machine_library_and_python_are_read_from_files(self, tmp_path: Path) -> None:
        found = target(make(tmp_path, debian()))
        assert found.python == mltags.Python("cp", (3, 13), ["cp313"])
        assert found.platform == mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 41))
        assert found.platform is not None
        assert found.platform.evidence == (
            mltags.Evidence(
                "system", "the loader that a program in it names; Linux unless it is another system's", "'Linux'", "Linux"
            ),
            mltags.Evidence("machine", "the ELF header of a program in it", "'linux-x86_64'", "x86_64"),
            mltags.Evidence("pointers", "the ELF header of a program in it", "8", "64-bit"),
            mltags.Evidence("libc", "the banner of /lib/x-linux-gnu/libc.so.6", "'glibc 2.41'", "glibc 2.41"),
            mltags.Evidence("override", "looking for _manylinux", "None", "no override module"),
        )

    @pytest.mark.parametrize("machine", ["aarch64", "armv7l", "i686", "ppc64le", "s390x", "riscv64"])
    def test_any_architecture_on_any(self, machine: str, tmp_path: Path) -> None:
        found = target(make(tmp_path, debian(machine)))
        assert found.platform_tags[:2] == (f"linux_{machine}", f"manylinux_2_41_{machine}")

    def test_an_x32_root_has_no_tags_of_a_c_library(self, tmp_path: Path) -> None:
        host = make(tmp_path, {**debian(), "usr/bin/python3.13": make_elf(bits=32)})
        assert mltags.platform_tags(mltags.probe(host)) == ("linux_i686",)

    def test_a_machine_without_a_name_has_no_tags(self, tmp_path: Path) -> None:
        platform = mltags.probe(make(tmp_path, {"bin/sh": make_elf(e_machine=999)}))
        assert mltags.platform_tags(platform) == ()
        assert platform.evidence[-1].answer == "OSError: a 64-bit program of unknown machine 999"

    def test_an_empty_root_has_no_tags(self, tmp_path: Path) -> None:
        platform = mltags.probe(mltags.RootHost(tmp_path))
        assert mltags.platform_tags(platform) == ()
        assert platform.evidence[-1].answer == "OSError: no Python and no other program was found in it"


class TestR7TheRootsLibrary:
    """The C library of a root is that of its Python: a glibc of the same machine, or the musl that PT_INTERP names."""

    def test_the_library_of_another_machine_is_passed_over(self, tmp_path: Path) -> None:
        files = debian()
        files["usr/lib/a-linux-gnu/libc.so.6"] = make_elf("i686", interpreter=None) + BANNER.replace(b"41", b"17")
        files["lib64/libc.so.6"] = make_elf(interpreter=None) + b"no banner"
        assert mltags.probe(make(tmp_path, files)).libc == mltags.Glibc(2, 41)

    def test_a_soft_float_library_is_not_that_of_a_hard_float_python(self, tmp_path: Path) -> None:
        files = debian("armv7l")
        files["usr/lib/a-linux-gnueabi/libc.so.6"] = make_elf("armv7l", flags=0x05000200, interpreter=None) + BANNER
        found = mltags.probe(make(tmp_path, files))
        assert sources(found, "libc") == ["the banner of /lib/x-linux-gnu/libc.so.6"]

    def test_a_banner_below_what_the_file_defines_is_noted(self, tmp_path: Path) -> None:
        host = make(tmp_path, debian(libc=BANNER.replace(b"2.41.", b"2.17.") + b"\0GLIBC_2.4\0\0GLIBC_2.38\0\0GLIBC_2.x\0"))
        assert mltags.probe(host).libc == mltags.Glibc(2, 17)
        assert host.source("confstr") == (
            "the banner of /lib/x-linux-gnu/libc.so.6 (which is below GLIBC_2.38, defined in the same file)"
        )

    def test_musl_is_read_from_its_loader(self, tmp_path: Path) -> None:
        files = without_libc(make_elf(interpreter=MUSL_LOADER))
        files["usr/lib/ld-musl-x86_64.so.1"] = MUSL
        assert target(make(tmp_path, files)).platform_tags == (
            "linux_x86_64",
            "musllinux_1_2_x86_64",
            "musllinux_1_1_x86_64",
            "musllinux_1_0_x86_64",
        )

    def test_a_loader_that_does_not_say_is_not_run(self, tmp_path: Path) -> None:
        files = without_libc(make_elf(interpreter=MUSL_LOADER))
        files["usr/lib/ld-musl-x86_64.so.1"] = b"#!/bin/sh\necho run\n"
        platform = mltags.probe(make(tmp_path, files))
        assert platform.libc is None
        assert platform.evidence[-2] == mltags.Evidence(
            "libc",
            "nothing is run",
            "OSError: nothing in a root directory is run",
            f"musl of unknown version: {MUSL_LOADER} did not print one",
        )

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"", id="without a version in it"),
            pytest.param(BANNER, id="with glibc's banner in it"),
            pytest.param(b"\0glibc 2.41\0", id="with confstr's answer in it"),
        ],
    )
    def test_a_static_python_uses_no_library_of_the_root(self, text: bytes, tmp_path: Path) -> None:
        host = make(tmp_path, {**debian(), "usr/bin/python3.13": make_elf(interpreter=None) + text})
        assert mltags.platform_tags(mltags.probe(host)) == ("linux_x86_64",)

    def test_a_python_of_musl_has_no_glibc_whatever_else_is_there(self, tmp_path: Path) -> None:
        files = debian()
        files["usr/bin/python3.13"] = make_elf(interpreter=MUSL_LOADER)
        files["usr/lib/ld-musl-x86_64.so.1"] = MUSL
        files["usr/lib/libc.so.6"] = make_elf() + BANNER
        assert mltags.probe(make(tmp_path, files)).libc == mltags.Musl(1, 2)


class TestR10TheRootsOverride:
    """The override module of a root is reported and never imported."""

    @pytest.mark.parametrize(
        "place", ["usr/lib/python3.13", "usr/lib/python3.13/site-packages", "usr/lib/python3/dist-packages"]
    )
    def test_it_is_reported(self, place: str, tmp_path: Path) -> None:
        files = {**debian(), f"{place}/_manylinux.py": b"raise SystemExit('run')"}
        platform = mltags.probe(make(tmp_path, files))
        assert platform.override is None
        assert platform.libc == mltags.Glibc(2, 41)
        assert sources(platform, "override") == [f"/{place}/_manylinux.py, which was found but not imported"]


PYTHONS: "dict[str, tuple[Files, mltags.Python | None]]" = {
    "free-threaded": (
        {
            "usr/bin/python3": "->python3.13",
            "usr/bin/python3.13": make_elf(),
            "usr/lib/python3.13t/os.py": b"",
            "usr/lib/python3.13t/lib-dynload/_x.cpython-313t-x.so": b"",
        },
        mltags.Python("cp", (3, 13), ["cp313t"]),
    ),
    "ordinary beside free-threaded": (
        {
            "usr/bin/python3": "->python3.13",
            "usr/bin/python3.13": make_elf(),
            "usr/bin/python3.13t": make_elf(),
            "usr/lib64/python3.13/os.py": b"",
            "usr/lib64/python3.13t/os.py": b"",
        },
        mltags.Python("cp", (3, 13), ["cp313"]),
    ),
    "the newest by number": (
        {
            "usr/bin/python3.9": make_elf(),
            "usr/bin/python3.13": make_elf(),
            "usr/lib/python3.9/os.py": b"",
            "usr/lib/python3.13/os.py": b"",
        },
        mltags.Python("cp", (3, 13), ["cp313"]),
    ),
    "the one that a shell would run": (
        {
            "usr/local/bin/python3.9": make_elf(),
            "usr/bin/python3": make_elf(),
            "usr/local/lib/python3.9/os.py": b"",
            "usr/lib/python3.13/os.py": b"",
        },
        mltags.Python("cp", (3, 13), ["cp313"]),
    ),
    "a debug build by its modules": (
        {
            "usr/bin/python3.12": make_elf(),
            "usr/lib/python3.12/os.py": b"",
            "usr/lib/python3.12/lib-dynload/x.cpython-312d-x.so": b"",
        },
        mltags.Python("cp", (3, 12), ["cp312d", "cp312"]),
    ),
    "a debug build's modules beside the release's": (
        {
            "usr/bin/python3.12": make_elf(),
            "usr/lib/python3.12/os.py": b"",
            "usr/lib/python3.12/lib-dynload/a.cpython-312d-x.so": b"",
            "usr/lib/python3.12/lib-dynload/b.cpython-312-x.so": b"",
        },
        mltags.Python("cp", (3, 12), ["cp312"]),
    ),
    "a debug build by its folder": (
        {"usr/lib/python3.13d/os.py": b"", "usr/bin/python3": "->python3.13d", "usr/bin/python3.13d": make_elf()},
        mltags.Python("cp", (3, 13), ["cp313d", "cp313"]),
    ),
    "by its name alone": (
        {"usr/bin/python3.12": make_elf(), "usr/lib/python3.12/os.py": b""},
        mltags.Python("cp", (3, 12), ["cp312"]),
    ),
    "PyPy": (
        {"usr/bin/pypy3": make_elf(), "usr/lib/pypy3.11/lib_pypy/_x.pypy311-pp73-x86_64-linux-gnu.so": b""},
        mltags.Python("pp", (3, 11), ["pypy311_pp73"]),
    ),
    "a virtual environment": (
        {"bin/sh": make_elf(), "pyvenv.cfg": b"home = /usr/bin\nversion = 3.12.1\nx\n"},
        mltags.Python("cp", (3, 12), ["cp312"]),
    ),
    "virtualenv's": (
        {"bin/sh": make_elf(), "pyvenv.cfg": b"implementation = CPython\nversion_info = 3.11.7.final.0\n"},
        mltags.Python("cp", (3, 11), ["cp311"]),
    ),
    "a wrapper script": (
        {
            "usr/bin/python3": b"#!/bin/sh\n",
            "usr/bin/python3.12": make_elf(),
            "usr/lib/python3.12/os.py": b"",
            "usr/lib/python3.12/lib-dynload/README": b"",
            "usr/lib/python3.12/lib-dynload/x.cpython-312-x.so": b"",
        },
        mltags.Python("cp", (3, 12), ["cp312"]),
    ),
    "digits that are none": (
        {"usr/bin/python3.\u00b2": make_elf(), "usr/lib/python3.\u00b2/os.py": b"", "bin/sh": make_elf()},
        None,
    ),
    "a virtual environment without a version": ({"bin/sh": make_elf(), "pyvenv.cfg": b"version = three\n"}, None),
    "none": ({"bin/sh": make_elf()}, None),
    "another version's library": (
        {"usr/bin/python3.12": make_elf(), "usr/lib/python3.11/os.py": b"", "usr/lib/python3.x/os.py": b""},
        None,
    ),
    "a broken link": ({"usr/bin/python3": "->/nowhere", "bin/sh": make_elf()}, None),
    "an empty library": ({"usr/bin/python3.12": make_elf(), "usr/lib/python3.12/x": b""}, None),
}


class TestPython:
    """The Python of a root, from its standard library's folder and the extension modules in it."""

    @pytest.mark.parametrize(
        ("files", "python"), [pytest.param(*row, id=name) for name, row in PYTHONS.items() if row[1] is not None]
    )
    def test_it_is_found(self, files: Files, python: mltags.Python, tmp_path: Path) -> None:
        assert target(make(tmp_path, files)).python == python

    @pytest.mark.parametrize("files", [pytest.param(row[0], id=name) for name, row in PYTHONS.items() if row[1] is None])
    def test_it_is_unknown(self, files: Files, tmp_path: Path) -> None:
        with pytest.raises(mltags.ProbeError) as caught:
            target(make(tmp_path, files))
        assert caught.value.problem == "its Python version is unknown; pass python_version (--python-version), such as 3.12"


class TestHostile:
    """Clear outcomes, bounded time and memory, nothing outside the root opened."""

    @pytest.fixture(autouse=True)
    def _inside(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = tmp_path / "root"
        self.root.mkdir()
        opened = os.open

        def guard(path: str, *rest: int) -> int:
            assert os.path.realpath(path).startswith(str(self.root)), path
            return opened(path, *rest)

        monkeypatch.setattr(os, "open", guard)
        monkeypatch.setattr(builtins, "open", None)
        self.start = time.monotonic()

    def bounded(self) -> None:
        assert time.monotonic() - self.start < 20

    @pytest.mark.parametrize(
        "link",
        [
            "->/",
            "->..",
            "->/usr/bin/python3",
            "->../../../../etc/passwd",
            "->../../../python3",
            "->/proc/self/exe",
            "->python3",
        ],
    )
    def test_links_stay_inside(self, link: str) -> None:
        (self.root.parent / "python3").write_bytes(make_elf("s390x"))
        host = make(self.root, {"usr/bin/python3": link})
        assert mltags.platform_tags(mltags.probe(host)) == ()
        self.bounded()

    def test_paths_that_climb_end_at_the_root(self) -> None:
        (self.root.parent / "secret").write_bytes(b"outside")
        host = make(self.root, {"usr/secret": b"inside", "usr/up": "->..", "usr/here": "->./secret/../secret"})
        assert host.read("/../usr//./secret", 9) == host.read("/usr/up/usr/secret", 9) == host.read("/usr/here", 9) == b"inside"
        for path in ("/../secret", "/usr/../../secret", "/usr/up/../secret"):
            with pytest.raises(FileNotFoundError):
                host.read(path, 9)

    def test_a_link_that_was_put_there_in_the_meantime(self, monkeypatch: pytest.MonkeyPatch) -> None:
        (self.root.parent / "secret").write_bytes(b"outside")
        host = make(self.root, {"usr/secret": f"->{self.root.parent}/secret"})
        monkeypatch.setattr(mltags.RootHost, "_inside", lambda host, path: f"{host.directory}{path}")
        for act in (lambda: host.read("/usr/secret", 9), lambda: host.opened("/usr/secret")):
            with pytest.raises(OSError, match="is not a regular file"):
                act()

    def test_links_that_climb_resolve_at_the_root(self) -> None:
        files = {**debian(), "usr/bin/python3": "->../../../../usr/./bin/python3.13"}
        assert mltags.probe(make(self.root, files)).libc == mltags.Glibc(2, 41)

    def test_a_link_to_an_absolute_path_is_one_inside(self) -> None:
        files = {**debian(), "usr/bin/python3": "->/usr/bin/python3.13"}
        assert mltags.probe(make(self.root, files)).libc == mltags.Glibc(2, 41)

    def test_a_long_chain_of_links_is_a_loop(self) -> None:
        files: Files = {f"usr/bin/l{number}": f"->l{number + 1}" for number in range(60)}
        files["usr/bin/l60"] = make_elf()
        files["usr/bin/python3"] = "->l0"
        host = make(self.root, files)
        with pytest.raises(OSError, match="too many symbolic links in '/usr/bin/python3'"):
            host.read("/usr/bin/python3", 4)

    @pytest.mark.parametrize("kind", ["fifo", "device", "directory", "sparse", "absurd"])
    def test_an_odd_library_is_no_library(self, kind: str) -> None:
        files = debian()
        libc = self.root / "usr/lib/x-linux-gnu/libc.so.6"
        content = files.pop("usr/lib/x-linux-gnu/libc.so.6")
        assert isinstance(content, bytes)
        host = make(self.root, files)
        libc.parent.mkdir(parents=True)
        if kind == "fifo":
            os.mkfifo(libc)
        elif kind == "device":
            libc.symlink_to("/dev/zero")
        elif kind == "directory":
            libc.mkdir()
        elif kind == "sparse":
            libc.write_bytes(content[:300])
            os.truncate(libc, 2**32)
        else:
            libc.write_bytes(make_elf()[:40] + b"\xff" * 80)
        tracemalloc.start()
        try:
            platform = mltags.probe(host)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 64 * 1024 * 1024
        assert platform.libc == (mltags.Glibc(2, 41) if kind == "sparse" else None)
        self.bounded()

    def test_a_huge_configuration_is_read_in_part(self) -> None:
        host = make(self.root, {"bin/sh": make_elf(), "pyvenv.cfg": b"version = 3.12\n"})
        os.truncate(self.root / "pyvenv.cfg", 2**30)
        assert host.python() == {"implementation": "cpython", "version": (3, 12)}
        self.bounded()

    def test_nothing_is_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(subprocess, "Popen", None)
        monkeypatch.setattr(_process, "run", None)
        host = make(self.root, debian())
        assert target(host).python == mltags.Python("cp", (3, 13), ["cp313"])
        with pytest.raises(OSError, match="nothing in a root directory is run"):
            host.run_loader("/lib/ld.so")


class TestSystems:
    """The running system does not matter, as far as it can be told."""

    def test_without_the_flags_of_open_it_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        host = make(tmp_path, debian())
        expected = target(host)
        for name in ("killpg", "O_NOFOLLOW", "O_NONBLOCK"):
            monkeypatch.delattr(os, name)
        assert target(host) == expected

    def test_on_windows_it_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        host = make(tmp_path, debian())
        expected = target(host)
        monkeypatch.setattr(sys, "platform", "win32")
        assert target(host) == expected

    def test_a_root_has_to_be_a_directory(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for path in (tmp_path / "missing", tmp_path / "file", f"{tmp_path}/a\0b"):
            with pytest.raises(mltags.ProbeError) as caught:
                mltags.RootHost(path)
            assert caught.value.source == str(path)
            assert caught.value.problem == "not a directory; pass the root directory of a system"

    def test_a_path_from_a_directory_that_was_deleted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        host = make(tmp_path / "root", debian())
        expected = target(host)
        (tmp_path / "gone").mkdir()
        monkeypatch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        assert target(mltags.RootHost(tmp_path / "root")) == expected
        with pytest.raises(mltags.ProbeError) as caught:
            mltags.RootHost("root")
        assert str(caught.value) == "root: not a directory: [Errno 2] No such file or directory"


def test_it_answers_every_question_of_a_host(tmp_path: Path) -> None:
    host = make(tmp_path, debian())
    assert (host.system(), host.declared_platform(), host.gnu_get_libc_version()) == ("Linux", None, None)
    assert (host.executable(), host.pointer_size(), host.platform()) == ("/usr/bin/python3", 8, "linux-x86_64")
    assert (tuple(host.platform_tags()), host.override()) == ((), None)
    assert repr(host) == f"RootHost({str(tmp_path)!r})"
    assert host.source("confstr") == "the banner of /lib/x-linux-gnu/libc.so.6"
    assert host.source("gnu_get_libc_version") == "gnu_get_libc_version"
    empty = mltags.RootHost(tmp_path / "usr/lib/python3.13")
    assert empty.source("override") == "looking for _manylinux"
    with pytest.raises(OSError, match="not a regular file"):
        host.read("/usr/bin", 10)


def test_a_root_without_a_glibc_says_what_was_looked_for(tmp_path: Path) -> None:
    assert make(tmp_path, without_libc(make_elf())).source("confstr") == "libc.so.6"
