"""Root directories: everything read from files, nothing outside opened, nothing run; hostile ones too."""

import builtins
import os
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

import mltags
from mltags._elf import banner_of_glibc
from mltags.testing import make_elf

BANNER = b"GNU C Library (Debian GLIBC 2.41-12) stable release version 2.41.\n\0"


def make(root: Path, files: "dict[str, bytes | str]") -> mltags.RootHost:
    """Files by their contents; a text that begins with "->" is a symbolic link."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content.removeprefix("->"))
        else:
            path.write_bytes(content)
    return mltags.RootHost(root)


def debian(machine: str = "x86_64", libc: bytes = BANNER, **more: Any) -> "dict[str, bytes | str]":
    files: dict[str, bytes | str] = {
        "usr/bin/python3": "->python3.13",
        "usr/bin/python3.13": make_elf(machine),
        "usr/lib/x-linux-gnu/libc.so.6": make_elf(machine, interpreter=None) + libc,
        "usr/lib/python3.13/os.py": b"",
        "usr/lib/python3.13/lib-dynload/_x.cpython-313-x86_64-linux-gnu.so": b"",
        "lib": "->usr/lib",
    }
    return {**files, **more}


def target(host: mltags.RootHost) -> mltags.Target:
    return mltags.Target.of_host(host)


def test_machine_library_and_python_are_read_from_files(tmp_path: Path) -> None:
    found = target(make(tmp_path, debian()))
    assert found.python == mltags.Python("cp", (3, 13), ["cp313"])
    assert found.platform == mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 41))
    assert found.platform is not None
    assert [item for item in found.platform.evidence if item.fact == "libc"] == [
        mltags.Evidence("libc", "the banner of /lib/x-linux-gnu/libc.so.6", "'glibc 2.41'", "glibc 2.41")
    ]


@pytest.mark.parametrize("machine", ["aarch64", "armv7l", "i686", "ppc64le", "s390x", "riscv64"])
def test_any_architecture_on_any(machine: str, tmp_path: Path) -> None:
    found = target(make(tmp_path, debian(machine)))
    assert found.platform_tags[:2] == (f"linux_{machine}", f"manylinux_2_41_{machine}")


def test_the_library_of_another_machine_is_passed_over(tmp_path: Path) -> None:
    files = debian()
    files["usr/lib/a-linux-gnu/libc.so.6"] = make_elf("i686", interpreter=None) + BANNER.replace(b"41", b"17")
    files["lib64/libc.so.6"] = make_elf(interpreter=None) + b"no banner"
    assert mltags.probe(make(tmp_path, files)).libc == mltags.Glibc(2, 41)


def test_a_soft_float_library_is_not_that_of_a_hard_float_python(tmp_path: Path) -> None:
    files = debian("armv7l")
    files["usr/lib/a-linux-gnueabi/libc.so.6"] = make_elf("armv7l", flags=0x05000200, interpreter=None) + BANNER
    found = mltags.probe(make(tmp_path, files))
    assert [item.question for item in found.evidence if item.fact == "libc"] == ["the banner of /lib/x-linux-gnu/libc.so.6"]


@pytest.mark.parametrize(
    ("banner", "version"),
    [
        (BANNER, "2.41"),
        (b"stable release version 2.17, by Roland McGrath et al.\n", "2.17"),
        (b"development release version 2.40.9000.\n", "2.40"),
        (b" release version 2.5\0", "2.5"),
        (b" release version x", None),
        (b" release version 2.x", None),
        (b"nothing", None),
    ],
)
def test_the_banner_is_read_whatever_follows(banner: bytes, version: "str | None") -> None:
    assert banner_of_glibc(b"\0\0" + banner) == version


def test_a_banner_below_what_the_file_defines_is_noted(tmp_path: Path) -> None:
    host = make(tmp_path, debian(libc=BANNER.replace(b"2.41.", b"2.17.") + b"\0GLIBC_2.4\0\0GLIBC_2.38\0\0GLIBC_2.x\0"))
    assert mltags.probe(host).libc == mltags.Glibc(2, 17)
    assert host.source("confstr") == (
        "the banner of /lib/x-linux-gnu/libc.so.6 (which is below GLIBC_2.38, defined in the same file)"
    )


def test_musl_is_read_from_its_loader(tmp_path: Path) -> None:
    loader = "/lib/ld-musl-x86_64.so.1"
    files = debian()
    del files["usr/lib/x-linux-gnu/libc.so.6"]
    files["usr/bin/python3.13"] = make_elf(interpreter=loader)
    files["usr/lib/ld-musl-x86_64.so.1"] = b"musl libc (x86_64)\nVersion %s\n\0" + b"\x001.2.5\0"
    assert target(make(tmp_path, files)).platform_tags[:2] == ("linux_x86_64", "musllinux_1_2_x86_64")


def test_a_loader_that_tells_nothing_is_not_run(tmp_path: Path) -> None:
    files = debian()
    del files["usr/lib/x-linux-gnu/libc.so.6"]
    files["usr/bin/python3.13"] = make_elf(interpreter="/lib/ld-musl-x86_64.so.1")
    files["usr/lib/ld-musl-x86_64.so.1"] = b"#!/bin/sh\necho run\n"
    platform = mltags.probe(make(tmp_path, files))
    assert platform.libc is None
    assert platform.evidence[-2].answer == "OSError: nothing in a root directory is run"


def test_a_static_python_holds_its_own_banner(tmp_path: Path) -> None:
    files = debian()
    del files["usr/lib/x-linux-gnu/libc.so.6"]
    files["usr/bin/python3.13"] = make_elf(interpreter=None) + BANNER
    assert mltags.probe(make(tmp_path, files)).libc == mltags.Glibc(2, 41)


def test_a_static_python_may_hold_confstrs_answer_only(tmp_path: Path) -> None:
    files = debian()
    del files["usr/lib/x-linux-gnu/libc.so.6"]
    files["usr/bin/python3.13"] = make_elf(interpreter=None) + b"\0glibc 2.41\0"
    assert mltags.probe(make(tmp_path, files)).libc == mltags.Glibc(2, 41)


def test_a_python_of_musl_has_no_glibc_whatever_else_lies_there(tmp_path: Path) -> None:
    files = debian()
    files["usr/bin/python3.13"] = make_elf(interpreter="/lib/ld-musl-x86_64.so.1")
    files["usr/lib/ld-musl-x86_64.so.1"] = b"musl libc (x86_64)\nVersion %s\n\0" + b"\x001.2.5\0"
    assert mltags.probe(make(tmp_path, files)).libc == mltags.Musl(1, 2)


def test_the_override_is_reported_and_not_executed(tmp_path: Path) -> None:
    files = debian("x86_64", BANNER, **{"usr/lib/python3.13/site-packages/_manylinux.py": b"raise SystemExit('run')"})
    platform = mltags.probe(make(tmp_path, files))
    assert platform.override is None
    assert [item.question for item in platform.evidence if item.fact == "override"] == [
        "/usr/lib/python3.13/site-packages/_manylinux.py, which was found and not executed"
    ]


PYTHONS: dict[str, tuple] = {
    "free-threaded": (
        {"usr/lib/python3.13t/os.py": b"", "usr/lib/python3.13t/lib-dynload/_x.cpython-313t-x.so": b""},
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
    "odd digits": ({"usr/bin/python3.\u00b2": make_elf(), "usr/lib/python3.\u00b2/os.py": b"", "bin/sh": make_elf()}, None),
    "of its own name": (
        {"usr/bin/python3.12": make_elf(), "usr/lib/python3.12/os.py": b""},
        mltags.Python("cp", (3, 12), ["cp312"]),
    ),
    "debug": ({"usr/lib/python3.13d/os.py": b"", "usr/bin/python3": "->python3.13d", "usr/bin/python3.13d": make_elf()}, None),
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
    "a nameless one": ({"bin/sh": make_elf(), "pyvenv.cfg": b"version = three\n"}, None),
    "none": ({"bin/sh": make_elf()}, None),
    "another's library": (
        {"usr/bin/python3.12": make_elf(), "usr/lib/python3.11/os.py": b"", "usr/lib/python3.x/os.py": b""},
        None,
    ),
    "a broken link": ({"usr/bin/python3": "->/nowhere", "bin/sh": make_elf()}, None),
    "a wrapper": (
        {
            "usr/bin/python3": b"#!/bin/sh\n",
            "usr/bin/python3.12": make_elf(),
            "usr/lib/python3.12/os.py": b"",
            "usr/lib/python3.12/lib-dynload/README": b"",
            "usr/lib/python3.12/lib-dynload/x.cpython-312-x.so": b"",
        },
        mltags.Python("cp", (3, 12), ["cp312"]),
    ),
    "an empty library": ({"usr/bin/python3.12": make_elf(), "usr/lib/python3.12/x": b""}, None),
}


@pytest.mark.parametrize("name", PYTHONS)
def test_the_python_is_found_or_said_to_be_unknown(name: str, tmp_path: Path) -> None:
    files, python = PYTHONS[name]
    if name == "free-threaded":
        files = {"usr/bin/python3": "->python3.13", "usr/bin/python3.13": make_elf(), **files}
    host = make(tmp_path, dict(files))
    if name == "debug":
        assert target(host).python == mltags.Python("cp", (3, 13), ["cp313d", "cp313"])
    elif python is None:
        with pytest.raises(mltags.ProbeError, match="its Python is not known; name the version"):
            target(host)
    else:
        assert target(host).python == python


class TestHostile:
    """Clear outcomes, bounded time and memory, nothing outside the root opened."""

    @pytest.fixture(autouse=True)
    def _inside(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = tmp_path / "root"
        self.root.mkdir()
        opened = os.open

        def guard(path: str, *rest: object) -> int:
            assert os.path.realpath(path).startswith(str(self.root)), path
            return opened(path, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(os, "open", guard)
        monkeypatch.setattr(builtins, "open", None)
        self.start = time.monotonic()

    def bounded(self) -> None:
        assert time.monotonic() - self.start < 20

    @pytest.mark.parametrize(
        "link", ["->/", "->..", "->/usr/bin/python3", "->../../../../etc/passwd", "->/proc/self/exe", "->python3"]
    )
    def test_links_stay_inside(self, link: str) -> None:
        (self.root.parent / "python3").write_bytes(make_elf("s390x"))
        host = make(self.root, {"usr/bin/python3": link})
        assert mltags.platform_tags(mltags.probe(host)) == ()
        self.bounded()

    def test_links_that_climb_resolve_at_the_root(self) -> None:
        files = debian("x86_64", BANNER, **{"usr/bin/python3": "->../../../../usr/./bin/python3.13"})
        assert mltags.probe(make(self.root, files)).libc == mltags.Glibc(2, 41)

    def test_a_long_chain_of_links_is_a_loop(self) -> None:
        files: dict[str, bytes | str] = {f"usr/bin/l{number}": f"->l{number + 1}" for number in range(60)}
        files["usr/bin/l60"] = make_elf()
        files["usr/bin/python3"] = "->l0"
        host = make(self.root, files)
        with pytest.raises(OSError, match="too many symbolic links"):
            host.read("/usr/bin/python3", 4)

    @pytest.mark.parametrize("kind", ["fifo", "device", "directory", "sparse", "absurd"])
    def test_an_odd_library_is_no_library(self, kind: str) -> None:
        files = debian()
        libc = self.root / str(next(name for name in files if name.endswith("libc.so.6")))
        content = files.pop("usr/lib/x-linux-gnu/libc.so.6")
        host = make(self.root, files)
        libc.parent.mkdir(parents=True)
        if kind == "fifo":
            os.mkfifo(libc)
        elif kind == "device":
            libc.symlink_to("/dev/zero")
        elif kind == "directory":
            libc.mkdir()
        elif kind == "sparse":
            libc.write_bytes(content[:300] if isinstance(content, bytes) else b"")
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

    def test_a_machine_without_a_name_has_no_tags(self) -> None:
        host = make(self.root, {"bin/sh": make_elf(e_machine=999)})
        platform = mltags.probe(host)
        assert mltags.platform_tags(platform) == ()
        assert platform.evidence[-1].answer == "OSError: a 64-bit program of machine 999, which has no name here"

    def test_an_x32_root_gets_no_ladder(self) -> None:
        host = make(self.root, {**debian(), "usr/bin/python3.13": make_elf(bits=32)})
        assert mltags.platform_tags(mltags.probe(host)) == ("linux_i686",)


def test_a_root_has_to_be_a_directory(tmp_path: Path) -> None:
    with pytest.raises(mltags.ProbeError, match="not a directory; the root of a system is accepted"):
        mltags.RootHost(tmp_path / "missing")


def test_it_answers_every_question_of_a_host(tmp_path: Path) -> None:
    host = make(tmp_path, debian())
    assert (host.system(), host.declared_platform(), host.gnu_get_libc_version()) == ("Linux", None, None)
    assert (tuple(host.platform_tags()), host.executable(), repr(host)) == (
        (),
        "/usr/bin/python3",
        f"RootHost({str(tmp_path)!r})",
    )
    assert host.source("confstr") == "the banner of /lib/x-linux-gnu/libc.so.6"
    assert make(tmp_path / "x", {"y/bin/x": b""}).source("override") == "looking for _manylinux"
    with pytest.raises(OSError, match="not a regular file"):
        host.read("/usr/bin", 10)
