"""Refusals: data first, one sentence second; every sentence written out whole, on names of real projects."""

import pytest
from conftest import module
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import Tag
from test_ranks import NAMES, TARGETS

import mltags
from mltags._explain import nearest_first
from mltags.testing import FakeHost, make_elf

PYTHON = {"implementation": "cpython", "version": (3, 12)}


def on(python: "dict | None" = None, max_glibc: "str | None" = None, **machine: object) -> mltags.Target:
    given = {**PYTHON, **(python or {})}
    return mltags.Target.of_host(FakeHost(python=given, **machine), max_glibc=max_glibc)  # type: ignore[arg-type]


OLD = on(glibc="2.17")
FREE = on({"version": (3, 13), "free_threaded": True}, glibc="2.36")
MUSL = on(musl="1.2.5")
PYPY = on({"implementation": "pypy", "version": (3, 11), "ext_suffix": ".pypy311-pp73-x86_64-linux-gnu.so"}, glibc="2.36")
DARWIN = on(system="Darwin", platform_tags=["macosx_13_0_arm64", "macosx_12_0_arm64"])
MAC = on(system="Darwin", machine="macosx-15.3-arm64")
WINDOWS = mltags.Target.of(python_version="3.12", implementation="cp", platform="win_amd64")
LISTED = mltags.Target.from_tags(
    ["cp312-cp312-manylinux_2_28_x86_64", "cp312-abi3-manylinux2014_x86_64", "cp312-cp312-linux_x86_64", "py3-none-any"]
)
HEADER = "only the interpreter's ELF header tells whether armv7l wheels fit, and it could not be read"

SENTENCES = {
    "a C library that is too old": (
        OLD,
        "numpy-2.3.2-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        mltags.Reason.LIBC_TOO_OLD,
        mltags.Glibc(2, 27),
        mltags.Glibc(2, 17),
        "needs glibc 2.27 or newer (manylinux_2_27_x86_64); this system has glibc 2.17 (os.confstr)",
        "glibc 2.27: Debian 10, Ubuntu 18.04, RHEL 8, Amazon Linux 2023",
    ),
    "glibc 2.28": (
        OLD,
        "demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        mltags.Reason.LIBC_TOO_OLD,
        mltags.Glibc(2, 28),
        mltags.Glibc(2, 17),
        "needs glibc 2.28 or newer (manylinux_2_28_x86_64); this system has glibc 2.17 (os.confstr)",
        "glibc 2.28: Debian 10, Ubuntu 18.10, RHEL 8, Amazon Linux 2023",
    ),
    "a glibc that nobody has yet": (
        OLD,
        "demo-1.0-cp312-cp312-manylinux_3_1_x86_64.whl",
        mltags.Reason.LIBC_TOO_OLD,
        mltags.Glibc(3, 1),
        mltags.Glibc(2, 17),
        "needs glibc 3.1 or newer (manylinux_3_1_x86_64); this system has glibc 2.17 (os.confstr)",
        "",
    ),
    "a musl that is too old": (
        on(musl="1.1.24"),
        "cryptography-45.0.5-cp311-abi3-musllinux_1_2_x86_64.whl",
        mltags.Reason.LIBC_TOO_OLD,
        mltags.Musl(1, 2),
        mltags.Musl(1, 1),
        "needs musl 1.2 or newer (musllinux_1_2_x86_64); this system has musl 1.1 (/lib/ld-musl-x86_64.so.1)",
        "",
    ),
    "another Python": (
        OLD,
        "numpy-2.3.2-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        mltags.Reason.ABI,
        "cp313",
        "cp312",
        "is built for CPython 3.13 only (ABI cp313); this Python is CPython 3.12 (ABI cp312). Also, it needs glibc 2.27 or newer (manylinux_2_27_x86_64); this system has glibc 2.17 (os.confstr)",
        "glibc 2.27: Debian 10, Ubuntu 18.04, RHEL 8, Amazon Linux 2023",
    ),
    "a newer Python's stable ABI": (
        OLD,
        "cryptography-45.0.5-cp313-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        mltags.Reason.PYTHON,
        "cp313",
        "cp312",
        "needs CPython 3.13 or newer (cp313); this Python is CPython 3.12 (cp312)",
        "",
    ),
    "an older Python without an ABI": (
        OLD,
        "demo-1.0-cp310-none-any.whl",
        mltags.Reason.ABI,
        "none",
        "cp312",
        "is for CPython 3.10 only (cp310-none); this Python is CPython 3.12 (ABI cp312)",
        "",
    ),
    "tags of two Pythons": (
        OLD,
        "demo-1.0-cp311-cp312-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp312",
        "cp312",
        "has the tag cp311-cp312, a pair that this Python does not accept; this Python is CPython 3.12 (ABI cp312)",
        "",
    ),
    "a tag that PEP 425 lists and nobody makes": (
        OLD,
        "demo-1.0-cp3-none-any.whl",
        mltags.Reason.ABI,
        "none",
        "cp312",
        "has the python tag cp3, which names no minor version, so no Python accepts it; this Python is CPython 3.12 (cp312)",
        "",
    ),
    "no python tag": (
        OLD,
        "demo-1.0-none-any-any.whl",
        mltags.Reason.PYTHON,
        "none",
        "cp312",
        "has the python tag none, which names no version, so no Python accepts it; this Python is CPython 3.12 (cp312)",
        "",
    ),
    "a python tag without a version": (
        OLD,
        "demo-1.0-py-none-any.whl",
        mltags.Reason.PYTHON,
        "py",
        "cp312",
        "has the python tag py, which names no version, so no Python accepts it; this Python is CPython 3.12 (cp312)",
        "",
    ),
    "an ABI by its implementation's long name": (
        OLD,
        "demo-1.0-cp312-cpython312-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp312-cp312",
        "cp312",
        "is tagged cp312-cpython312, which no Python accepts; cp312-cp312 is the valid form",
        "",
    ),
    "an ABI for a generic Python": (
        mltags.Target.of(python_version="3.12", implementation="py", platform="linux_x86_64"),
        "demo-1.0-py3-cp312-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp312",
        "none",
        "has the tag py3-cp312, a pair that the target does not accept; the target is Python 3.12 (ABI none)",
        "",
    ),
    "PyPy's own tag with any": (
        PYPY,
        "demo-1.0-pp311-none-any.whl",
        mltags.Reason.ABI,
        "none",
        "none",
        "has the tag pp311-none-any, which this Python does not accept; it accepts py3-none-any",
        "",
    ),
    "PyPy's tag for any platform on one": (
        PYPY,
        "demo-1.0-pp3-none-linux_x86_64.whl",
        mltags.Reason.ABI,
        "none",
        "pypy311_pp73",
        "has the tag pp3-none; of pp3, this Python accepts pp3-none-any only",
        "",
    ),
    "CPython's stable ABI on PyPy": (
        PYPY,
        "demo-1.0-cp37-abi3-linux_x86_64.whl",
        mltags.Reason.PYTHON,
        "cp37",
        "pp311",
        "needs CPython 3.7 or newer (cp37); this Python is PyPy 3.11 (pp311)",
        "",
    ),
    "free-threaded tags in a list": (
        mltags.Target.from_tags(["cp313-cp313t-linux_x86_64", "cp313-abi3t-linux_x86_64", "cp313-none-linux_x86_64"]),
        "demo-1.0-cp313-abi3-linux_x86_64.whl",
        mltags.Reason.ABI,
        "abi3",
        "cp313t",
        "uses the stable ABI of ordinary builds (abi3); the target is a free-threaded build (cp313t)",
        "",
    ),
    "another implementation": (
        OLD,
        "lxml-6.0.0-pp311-pypy311_pp73-manylinux_2_26_x86_64.manylinux_2_28_x86_64.whl",
        mltags.Reason.PYTHON,
        "pp311",
        "cp312",
        "needs PyPy 3.11 (pp311); this Python is CPython 3.12 (cp312). Also, it needs glibc 2.26 or newer (manylinux_2_26_x86_64); this system has glibc 2.17 (os.confstr)",
        "glibc 2.26: Debian 10, Ubuntu 17.10, RHEL 8, Amazon Linux 2",
    ),
    "Python 2": (
        OLD,
        "enum34-1.1.10-py2-none-any.whl",
        mltags.Reason.PYTHON,
        "py2",
        "cp312",
        "needs Python 2 (py2); this Python is CPython 3.12 (cp312)",
        "",
    ),
    "an older Python": (
        OLD,
        "tensorflow-2.15.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        mltags.Reason.ABI,
        "cp311",
        "cp312",
        "is built for CPython 3.11 only (ABI cp311); this Python is CPython 3.12 (ABI cp312)",
        "",
    ),
    "a newer Python's ABI": (
        OLD,
        "demo-1.0-py3-cp313-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp313",
        "cp312",
        "is built for CPython 3.13 only (ABI cp313); this Python is CPython 3.12 (ABI cp312)",
        "",
    ),
    "abi3 on a free-threaded build": (
        FREE,
        "cryptography-45.0.5-cp311-abi3-manylinux_2_34_x86_64.whl",
        mltags.Reason.ABI,
        "abi3",
        "cp313t",
        "uses the stable ABI of ordinary builds (abi3); this Python is a free-threaded build (cp313t)",
        "",
    ),
    "abi3t on an ordinary build": (
        OLD,
        "demo-1.0-cp312-abi3t-linux_x86_64.whl",
        mltags.Reason.ABI,
        "abi3t",
        "cp312",
        "uses the stable ABI of free-threaded builds (abi3t); this Python is an ordinary build (cp312)",
        "",
    ),
    "a free-threaded wheel on an ordinary build": (
        on({"version": (3, 13)}, glibc="2.36"),
        "numpy-2.3.2-cp313-cp313t-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        mltags.Reason.ABI,
        "cp313t",
        "cp313",
        "is built for free-threaded CPython 3.13 (ABI cp313t); this Python is an ordinary build (ABI cp313)",
        "",
    ),
    "an ordinary wheel on a free-threaded build": (
        FREE,
        "numpy-2.3.2-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        mltags.Reason.ABI,
        "cp313",
        "cp313t",
        "is built for ordinary CPython 3.13 (ABI cp313); this Python is a free-threaded build (ABI cp313t)",
        "",
    ),
    "a debug wheel": (
        OLD,
        "demo-1.0-cp312-cp312d-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp312d",
        "cp312",
        "is built for a debug build of CPython 3.12 (ABI cp312d); this Python is a release build (ABI cp312)",
        "",
    ),
    "flags of another kind": (
        OLD,
        "demo-1.0-cp312-cp312m-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp312m",
        "cp312",
        "needs the ABI cp312m; this Python is CPython 3.12 (ABI cp312)",
        "",
    ),
    "an unheard-of ABI": (
        OLD,
        "demo-1.0-cp312-foo_1-linux_x86_64.whl",
        mltags.Reason.ABI,
        "foo_1",
        "cp312",
        "needs the ABI foo_1 with CPython 3.12 (cp312-foo_1); this Python is CPython 3.12 (ABI cp312)",
        "",
    ),
    "the invalid cp315t-abi3t": (
        OLD,
        "demo-1.0-cp315t-abi3t-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp315-abi3t",
        "cp312",
        "is tagged cp315t-abi3t, which no Python accepts; cp315-abi3t is the valid form (PEP 803)",
        "",
    ),
    "any with an ABI": (
        OLD,
        "demo-1.0-cp312-cp312-any.whl",
        mltags.Reason.ABI,
        "none",
        "cp312",
        "is tagged for any platform, which is only valid with the ABI none",
        "",
    ),
    "another system": (
        OLD,
        "polars-1.31.0-cp39-abi3-win_amd64.whl",
        mltags.Reason.SYSTEM,
        "Windows",
        "Linux",
        "is for Windows (win_amd64); this system is Linux",
        "",
    ),
    "macOS": (
        OLD,
        "pyarrow-21.0.0-cp312-cp312-macosx_12_0_arm64.whl",
        mltags.Reason.SYSTEM,
        "macOS",
        "Linux",
        "is for macOS (macosx_12_0_arm64); this system is Linux",
        "",
    ),
    "Linux on macOS": (
        DARWIN,
        "polars-1.31.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        mltags.Reason.SYSTEM,
        "Linux",
        "macOS",
        "is for Linux (manylinux_2_17_x86_64); this system is macOS",
        "",
    ),
    "a newer macOS": (
        DARWIN,
        "demo-1.0-cp312-cp312-macosx_14_0_arm64.whl",
        mltags.Reason.SYSTEM_TOO_OLD,
        "macosx_14_0_arm64",
        "macosx_13_0_arm64",
        "needs macOS 14.0 or newer (macosx_14_0_arm64); this system goes up to macosx_13_0_arm64",
        "",
    ),
    "a form of tag that macOS does not take": (
        DARWIN,
        "demo-1.0-cp312-cp312-macosx_12_6_arm64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "macosx_12_6_arm64",
        None,
        "has a platform tag that no system has (macosx_12_6_arm64): since macOS 11 the minor version in tags is 0; did you mean macosx_12_0_arm64?",
        "",
    ),
    "another Windows": (
        on(system="Windows", platform_tags=["win_amd64"]),
        "demo-1.0-cp312-cp312-win32.whl",
        mltags.Reason.ARCH,
        "win32",
        "win_amd64",
        "is for win32; this Python is for win_amd64",
        "",
    ),
    "a declared machine without a C library": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="linux_x86_64"),
        "numpy-2.3.2-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        mltags.Reason.LIBC_UNKNOWN,
        mltags.Glibc(2, 27),
        None,
        "needs glibc 2.27 or newer (manylinux_2_27_x86_64); the C library of the target is unknown: that tag names no C library",
        "",
    ),
    "several platforms under a ceiling": (
        mltags.Target.of(
            python_version="3.12", implementation="cp", platform=["manylinux_2_36_x86_64", "win_amd64"], max_glibc="2.17"
        ),
        "numpy-2.3.2-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        mltags.Reason.ABOVE_MAX_GLIBC,
        mltags.Glibc(2, 27),
        mltags.Glibc(2, 17),
        "needs glibc 2.27 or newer (manylinux_2_27_x86_64); max_glibc is 2.17",
        "",
    ),
    "a list with an alias only": (
        mltags.Target.from_tags(["cp312-cp312-manylinux2014_x86_64", "cp312-cp312-manylinux_2_1000_x86_64"]),
        "demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        mltags.Reason.LIBC_TOO_OLD,
        mltags.Glibc(2, 28),
        mltags.Glibc(2, 17),
        "needs glibc 2.28 or newer (manylinux_2_28_x86_64); the list of tags goes up to 2.17",
        "glibc 2.28: Debian 10, Ubuntu 18.10, RHEL 8, Amazon Linux 2023",
    ),
    "a list of one family": (
        mltags.Target.from_tags(["cp312-cp312-manylinux_2_28_x86_64"]),
        "demo-1.0-cp312-cp312-linux_x86_64.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "linux_x86_64",
        None,
        "is not in the list of tags (linux_x86_64)",
        "",
    ),
    "a target of no system": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="any"),
        "demo-1.0-cp312-cp312-linux_x86_64.whl",
        mltags.Reason.SYSTEM,
        "Linux",
        None,
        "is for Linux (linux_x86_64); this target names no system",
        "",
    ),
    "a version beyond the end of an older major": (
        on(glibc="3.2"),
        "demo-1.0-cp312-cp312-manylinux_2_55_x86_64.whl",
        mltags.Reason.NO_LIBC_TAGS,
        mltags.Glibc(2, 55),
        mltags.Glibc(3, 2),
        "needs glibc 2.55 or newer (manylinux_2_55_x86_64); under glibc 3.2, tags of glibc 2 end at 2.50",
        "",
    ),
    "another machine of a system without rules of its own": (
        on(system="FreeBSD", platform_tags=["freebsd_14_1_release_amd64"]),
        "demo-1.0-cp312-cp312-freebsd_13_2_release_amd64.whl",
        mltags.Reason.SYSTEM,
        "freebsd_13_2_release_amd64",
        "freebsd_14_1_release_amd64",
        "is for another version of FreeBSD (freebsd_13_2_release_amd64); this system is freebsd_14_1_release_amd64",
        "",
    ),
    "another architecture of macOS": (
        DARWIN,
        "demo-1.0-cp312-cp312-macosx_10_9_x86_64.whl",
        mltags.Reason.ARCH,
        "macosx_10_9_x86_64",
        "macosx_13_0_arm64",
        "is for macOS on x86_64 (macosx_10_9_x86_64); this Python is for macosx_13_0_arm64",
        "",
    ),
    "another architecture": (
        OLD,
        "pyarrow-21.0.0-cp312-cp312-manylinux_2_28_aarch64.whl",
        mltags.Reason.ARCH,
        "aarch64",
        "x86_64",
        "is for aarch64 (manylinux_2_28_aarch64); this machine is x86_64",
        "",
    ),
    "musl on glibc": (
        OLD,
        "lxml-6.0.0-cp312-cp312-musllinux_1_2_x86_64.whl",
        mltags.Reason.LIBC_FAMILY,
        "musl",
        "glibc",
        "is for musl (musllinux_1_2_x86_64); this system has glibc 2.17 (os.confstr)",
        "",
    ),
    "glibc on musl": (
        MUSL,
        "lxml-6.0.0-cp312-cp312-manylinux_2_26_x86_64.manylinux_2_28_x86_64.whl",
        mltags.Reason.LIBC_FAMILY,
        "glibc",
        "musl",
        "is for glibc (manylinux_2_26_x86_64); this system has musl 1.2 (/lib/ld-musl-x86_64.so.1)",
        "",
    ),
    "an override that wanted to allow glibc wheels on musl": (
        on(musl="1.2", override=module(manylinux1_compatible=True)),
        "numpy-1.19.0-cp312-cp312-manylinux1_x86_64.whl",
        mltags.Reason.LIBC_FAMILY,
        "glibc",
        "musl",
        "is for glibc (manylinux1_x86_64); this system has musl 1.2 (/lib/ld-musl-x86_64.so.1); manylinux1_compatible = True in /usr/lib/python3/_manylinux.py was ignored: an override can only refuse tags",
        "",
    ),
    "an override that wanted to allow a newer glibc": (
        on(glibc="2.12", override=module(manylinux2014_compatible=True)),
        "numpy-1.26.4-cp312-cp312-manylinux2014_x86_64.whl",
        mltags.Reason.LIBC_TOO_OLD,
        mltags.Glibc(2, 17),
        mltags.Glibc(2, 12),
        "needs glibc 2.17 or newer (manylinux2014_x86_64); this system has glibc 2.12 (os.confstr); manylinux2014_compatible = True in /usr/lib/python3/_manylinux.py was ignored: an override can only refuse tags",
        "glibc 2.17: Debian 8, Ubuntu 13.04, RHEL 7, Amazon Linux 2",
    ),
    "an unknown C library": (
        on(),
        "numpy-1.26.4-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        mltags.Reason.LIBC_UNKNOWN,
        mltags.Glibc(2, 17),
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_x86_64); the C library of this system is unknown: not glibc",
        "",
    ),
    "a soft-float machine": (
        on(machine="armv7l", glibc="2.36", elf=make_elf("armv7l", flags=0x05000200)),
        "demo-1.0-cp312-cp312-manylinux_2_17_armv7l.manylinux2014_armv7l.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "manylinux_2_17_armv7l",
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_armv7l); this machine accepts no such armv7l wheels: the interpreter is not what armv7l wheels are built for: it is not a little-endian, hard-float EABI 5 program",
        "",
    ),
    "x32": (
        on(glibc="2.36", pointer_size=4, elf=make_elf(bits=32)),
        "demo-1.0-cp312-cp312-manylinux_2_17_i686.manylinux2014_i686.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "manylinux_2_17_i686",
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_i686); this machine accepts no such i686 wheels: the interpreter is not what i686 wheels are built for: it is a 32-bit program of machine 62",
        "",
    ),
    "a name that pins no ABI": (
        on(machine="mips64", glibc="2.36"),
        "demo-1.0-cp312-cp312-manylinux_2_17_mips64.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "manylinux_2_17_mips64",
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_mips64); this machine accepts no such mips64 wheels: the name mips64 does not identify the ABI of a wheel (PEP 600)",
        "",
    ),
    "a tag below the floor": (
        OLD,
        "demo-1.0-cp312-cp312-manylinux_2_4_x86_64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "manylinux_2_4_x86_64",
        None,
        "has a platform tag that no system has (manylinux_2_4_x86_64): manylinux tags of x86_64 begin with glibc 2.5",
        "",
    ),
    "a musl tag of another major version": (
        on(musl="2.0.1"),
        "demo-1.0-cp312-cp312-musllinux_1_2_x86_64.whl",
        mltags.Reason.NO_LIBC_TAGS,
        mltags.Musl(1, 2),
        mltags.Musl(2, 0),
        "is for musl 1 (musllinux_1_2_x86_64); this system has musl 2.0",
        "",
    ),
    "a tag that is none": (
        OLD,
        "demo-1.0-cp312-cp312-manylinux_x_y.whl",
        mltags.Reason.NO_SUCH_TAG,
        "manylinux_x_y",
        None,
        "has a platform tag that no system has (manylinux_x_y): its version is missing; expected a tag such as manylinux_2_28_x86_64",
        "",
    ),
    "refused by the function": (
        on(glibc="2.36", override=module(manylinux_compatible=lambda *_: False)),
        "pyarrow-21.0.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        mltags.Reason.REFUSED_BY_OVERRIDE,
        mltags.Glibc(2, 28),
        "/usr/lib/python3/_manylinux.py",
        "needs glibc 2.28 or newer (manylinux_2_28_x86_64), and the override module /usr/lib/python3/_manylinux.py refuses it (manylinux_compatible)",
        "",
    ),
    "refused by a legacy attribute": (
        on(glibc="2.36", override=module(manylinux2014_compatible=False)),
        "tensorflow-2.20.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        mltags.Reason.REFUSED_BY_OVERRIDE,
        mltags.Glibc(2, 17),
        "/usr/lib/python3/_manylinux.py",
        "needs glibc 2.17 or newer (manylinux_2_17_x86_64), and the override module /usr/lib/python3/_manylinux.py refuses it (manylinux2014_compatible); that attribute hides version 2.17 only",
        "",
    ),
    "above the ceiling": (
        on(glibc="2.36", max_glibc="2.17"),
        "pyarrow-21.0.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        mltags.Reason.ABOVE_MAX_GLIBC,
        mltags.Glibc(2, 28),
        mltags.Glibc(2, 17),
        "needs glibc 2.28 or newer (manylinux_2_28_x86_64); max_glibc is 2.17",
        "",
    ),
    "a malformed name": (
        OLD,
        "numpy-2.3.2-cp312-manylinux_2_28_x86_64.whl",
        mltags.Reason.MALFORMED,
        None,
        None,
        "not a valid wheel filename: number of parts: expected 5 or 6 parts joined by '-', found 4: name-version[-build]-python-abi-platform.whl",
        "",
    ),
    "a list that ends before": (
        LISTED,
        "demo-1.0-cp312-cp312-manylinux_2_34_x86_64.whl",
        mltags.Reason.LIBC_TOO_OLD,
        mltags.Glibc(2, 34),
        mltags.Glibc(2, 28),
        "needs glibc 2.34 or newer (manylinux_2_34_x86_64); the list of tags goes up to 2.28",
        "glibc 2.34: Debian 12, Ubuntu 21.10, RHEL 9, Amazon Linux 2023",
    ),
    "a list without the family": (
        LISTED,
        "demo-1.0-cp312-cp312-musllinux_1_2_x86_64.whl",
        mltags.Reason.LIBC_FAMILY,
        "musl",
        None,
        "needs musl 1.2 or newer (musllinux_1_2_x86_64); the list of tags has none for musl on x86_64",
        "",
    ),
    "a list without the tag": (
        LISTED,
        "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "manylinux_2_17_x86_64",
        None,
        "is not in the list of tags (manylinux_2_17_x86_64)",
        "",
    ),
    "a list without the native tag": (
        LISTED,
        "demo-1.0-cp312-abi3-linux_x86_64.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "linux_x86_64",
        None,
        "is not in the list of tags (linux_x86_64)",
        "",
    ),
    "a list without the architecture": (
        LISTED,
        "demo-1.0-cp312-abi3-linux_s390x.whl",
        mltags.Reason.ARCH,
        "s390x",
        "x86_64",
        "is for s390x (linux_s390x); the target is x86_64",
        "",
    ),
    "a list of nothing": (
        mltags.Target.from_tags([]),
        "demo-1.0-py3-none-any.whl",
        mltags.Reason.PYTHON,
        "py3",
        "",
        "needs Python 3 (py3); the list of tags is empty",
        "",
    ),
    "a tag that macOS has had since 11 with minor 0 only": (
        MAC,
        "a-1-cp312-cp312-macosx_15_2_arm64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "macosx_15_2_arm64",
        None,
        "has a platform tag that no system has (macosx_15_2_arm64): since macOS 11 the minor version in tags is 0; did you mean macosx_15_0_arm64?",
        "",
    ),
    "a minor version of macOS 12": (
        MAC,
        "a-1-cp312-cp312-macosx_12_3_x86_64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "macosx_12_3_x86_64",
        None,
        "has a platform tag that no system has (macosx_12_3_x86_64): since macOS 11 the minor version in tags is 0; did you mean macosx_12_0_x86_64?",
        "",
    ),
    "a tag of macOS without a minor version": (
        MAC,
        "a-1-cp312-cp312-macosx_13_arm64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "macosx_13_arm64",
        None,
        "has a platform tag that no system has (macosx_13_arm64): its version is incomplete; expected a tag such as macosx_11_0_arm64; did you mean macosx_13_0_arm64?",
        "",
    ),
    "macOS in compatibility mode": (
        on(system="Darwin", platform_tags=["macosx_10_16_x86_64", "macosx_10_15_x86_64"]),
        "a-1-cp312-cp312-macosx_12_0_x86_64.whl",
        mltags.Reason.SYSTEM_TOO_OLD,
        "macosx_12_0_x86_64",
        "macosx_10_16_x86_64",
        "needs macOS 12.0 or newer (macosx_12_0_x86_64); this system goes up to macosx_10_16_x86_64; macOS 11 and newer report 10.16 in compatibility mode (SYSTEM_VERSION_COMPAT)",
        "",
    ),
    "a 32-bit wheel under linux32": (
        on(machine="i686", glibc="2.36", pointer_size=8, elf=make_elf("x86_64")),
        "a-1-cp312-cp312-manylinux_2_17_i686.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "manylinux_2_17_i686",
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_i686); this machine accepts no such i686 wheels: this interpreter is a 64-bit one, for x86_64",
        "",
    ),
    "a 64-bit wheel on Raspberry Pi OS of 32 bits": (
        on(machine="aarch64", glibc="2.36", pointer_size=4),
        "a-1-cp312-cp312-manylinux_2_17_aarch64.whl",
        mltags.Reason.ARCH,
        "aarch64",
        "armv8l or armv7l",
        "is for aarch64 (manylinux_2_17_aarch64); this is a 32-bit Python on a 64-bit kernel, whose wheels are armv8l or armv7l",
        "",
    ),
    "a 64-bit wheel for a 32-bit Python on x86_64": (
        on(machine="x86_64", glibc="2.36", pointer_size=4),
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
        mltags.Reason.ARCH,
        "x86_64",
        "i686",
        "is for x86_64 (manylinux_2_17_x86_64); this is a 32-bit Python on a 64-bit kernel, whose wheels are i686",
        "",
    ),
    "bionic": (
        on(elf=make_elf(interpreter="/system/bin/linker64")),
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
        mltags.Reason.LIBC_UNKNOWN,
        mltags.Glibc(2, 17),
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_x86_64); this system has Android's C library, bionic",
        "",
    ),
    "bionic in an APEX": (
        on(elf=make_elf(interpreter="/apex/com.android.runtime/bin/linker64")),
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
        mltags.Reason.LIBC_UNKNOWN,
        mltags.Glibc(2, 17),
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_x86_64); this system has Android's C library, bionic",
        "",
    ),
    "uClibc": (
        on(elf=make_elf(interpreter="/lib/ld-uClibc.so.0")),
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
        mltags.Reason.LIBC_UNKNOWN,
        mltags.Glibc(2, 17),
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_x86_64); this system has uClibc, for which there are no wheels",
        "",
    ),
    "an override that refuses whatever it is asked about": (
        on(glibc="2.36", override=module(manylinux_compatible=lambda *_: False)),
        "a-1-cp312-cp312-manylinux_2_40_x86_64.whl",
        mltags.Reason.LIBC_TOO_OLD,
        mltags.Glibc(2, 40),
        mltags.Glibc(2, 36),
        "needs glibc 2.40 or newer (manylinux_2_40_x86_64); this system has glibc 2.36 (os.confstr)",
        "",
    ),
    "py37 with abi3": (
        OLD,
        "demo-1.0-py37-abi3-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp37-abi3",
        "cp312",
        "is tagged py37-abi3, which no Python accepts; cp37-abi3 is the valid form",
        "",
    ),
    "a static program": (
        on(elf=make_elf(interpreter=None)),
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
        mltags.Reason.LIBC_UNKNOWN,
        mltags.Glibc(2, 17),
        None,
        "needs glibc 2.17 or newer (manylinux_2_17_x86_64); this Python is statically linked, and loads no extension modules",
        "",
    ),
    "another architecture of FreeBSD": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="freebsd_14_2_release_amd64"),
        "a-1-cp312-cp312-freebsd_14_2_release_arm64.whl",
        mltags.Reason.ARCH,
        "freebsd_14_2_release_arm64",
        "freebsd_14_2_release_amd64",
        "is for FreeBSD on arm64 (freebsd_14_2_release_arm64); the target is freebsd_14_2_release_amd64",
        "",
    ),
    "another version of AIX": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="aix_7206_1806_64"),
        "a-1-cp312-cp312-aix_7205_1745_64.whl",
        mltags.Reason.SYSTEM,
        "aix_7205_1745_64",
        "aix_7206_1806_64",
        "is for another version of AIX (aix_7205_1745_64); the target is aix_7206_1806_64",
        "",
    ),
    "another processor with AIX": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="aix_7204_2015_64"),
        "a-1-cp312-cp312-aix_7204_2015_32.whl",
        mltags.Reason.ARCH,
        "aix_7204_2015_32",
        "aix_7204_2015_64",
        "is for AIX on 32-bit (aix_7204_2015_32); the target is aix_7204_2015_64",
        "",
    ),
    "another processor with NetBSD": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="netbsd_10_0_amd64"),
        "a-1-cp312-cp312-netbsd_10_0_evbarm.whl",
        mltags.Reason.ARCH,
        "netbsd_10_0_evbarm",
        "netbsd_10_0_amd64",
        "is for NetBSD on evbarm (netbsd_10_0_evbarm); the target is netbsd_10_0_amd64",
        "",
    ),
    "another processor with Solaris": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="solaris_2_11_sun4v_64bit"),
        "a-1-cp312-cp312-solaris_2_11_i86pc_64bit.whl",
        mltags.Reason.ARCH,
        "solaris_2_11_i86pc_64bit",
        "solaris_2_11_sun4v_64bit",
        "is for SunOS on i86pc_64bit (solaris_2_11_i86pc_64bit); the target is solaris_2_11_sun4v_64bit",
        "",
    ),
    "another version of Haiku": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="haiku_1_r1beta4_x86_64"),
        "a-1-cp312-cp312-haiku_1_r1beta5_x86_64.whl",
        mltags.Reason.SYSTEM,
        "haiku_1_r1beta5_x86_64",
        "haiku_1_r1beta4_x86_64",
        "is for another version of Haiku (haiku_1_r1beta5_x86_64); the target is haiku_1_r1beta4_x86_64",
        "",
    ),
    "an API level of Android": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="android_30_x86_64"),
        "a-1-cp312-cp312-android_34_x86_64.whl",
        mltags.Reason.SYSTEM_TOO_OLD,
        "android_34_x86_64",
        "android_30_x86_64",
        "needs Android API level 34 (Android 14) or newer (android_34_x86_64); the target goes up to android_30_x86_64",
        "",
    ),
    "an API level that has no Android yet": (
        mltags.Target.of(python_version="3.12", implementation="cp", platform="android_30_x86_64"),
        "a-1-cp312-cp312-android_99_x86_64.whl",
        mltags.Reason.SYSTEM_TOO_OLD,
        "android_99_x86_64",
        "android_30_x86_64",
        "needs Android API level 99 or newer (android_99_x86_64); the target goes up to android_30_x86_64",
        "",
    ),
    "a slip for Windows": (
        WINDOWS,
        "a-1-cp312-cp312-windows_amd64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "windows_amd64",
        None,
        "has a platform tag that no system has (windows_amd64): did you mean win_amd64?",
        "",
    ),
    "another slip for Windows": (
        WINDOWS,
        "a-1-cp312-cp312-win64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "win64",
        None,
        "has a platform tag that no system has (win64): did you mean win_amd64?",
        "",
    ),
    "another ecosystem's name on Windows": (
        WINDOWS,
        "a-1-cp312-cp312-win_x64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "win_x64",
        None,
        "has a platform tag that no system has (win_x64): wheels for Windows do not use the name x64; did you mean win_amd64?",
        "",
    ),
    "a slip for macOS": (
        MAC,
        "a-1-cp312-cp312-macos_11_0_arm64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "macos_11_0_arm64",
        None,
        "has a platform tag that no system has (macos_11_0_arm64): did you mean macosx_11_0_arm64?",
        "",
    ),
    "an architecture alone": (
        OLD,
        "a-1-cp312-cp312-x86_64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "x86_64",
        None,
        "has a platform tag that no system has (x86_64): did you mean linux_x86_64?",
        "",
    ),
    "an architecture alone on Windows": (
        WINDOWS,
        "a-1-cp312-cp312-x86_64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "x86_64",
        None,
        "has a platform tag that no system has (x86_64): did you mean win_amd64?",
        "",
    ),
    "an architecture alone on macOS": (
        MAC,
        "a-1-cp312-cp312-arm64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "arm64",
        None,
        "has a platform tag that no system has (arm64): did you mean macosx_11_0_arm64?",
        "",
    ),
    "an underscore missing": (
        OLD,
        "a-1-cp312-cp312-manylinux2_28_x86_64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "manylinux2_28_x86_64",
        None,
        "has a platform tag that no system has (manylinux2_28_x86_64): did you mean manylinux_2_28_x86_64?",
        "",
    ),
    "an underscore too many": (
        OLD,
        "a-1-cp312-cp312-manylinux_2014_x86_64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "manylinux_2014_x86_64",
        None,
        "has a platform tag that no system has (manylinux_2014_x86_64): did you mean manylinux2014_x86_64?",
        "",
    ),
    "musl for short": (
        MUSL,
        "a-1-cp312-cp312-musl_1_2_x86_64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "musl_1_2_x86_64",
        None,
        "has a platform tag that no system has (musl_1_2_x86_64): did you mean musllinux_1_2_x86_64?",
        "",
    ),
    "another ecosystem's name on Linux": (
        OLD,
        "a-1-cp312-cp312-linux_amd64.whl",
        mltags.Reason.NO_SUCH_TAG,
        "linux_amd64",
        None,
        "has a platform tag that no system has (linux_amd64): did you mean linux_x86_64?",
        "",
    ),
    "a platform that nobody has heard of": (
        OLD,
        "a-1-cp312-cp312-foo_bar.whl",
        mltags.Reason.NO_SUCH_TAG,
        "foo_bar",
        None,
        "has a platform tag that no system has (foo_bar)",
        "",
    ),
    "a percent-encoded plus": (
        OLD,
        "torch-1.7.1%2Bcu110-cp312-cp312-linux_x86_64.whl",
        mltags.Reason.MALFORMED,
        None,
        None,
        "not a valid wheel filename: version: '1.7.1%2Bcu110' is not a version such as '1.0' or '2.1rc1' (PEP 440); %2B stands for '+', so the name is percent-encoded",
        "",
    ),
    "hyphens that do not break": (
        OLD,
        "a\u20111\u2011cp312\u2011cp312\u2011linux_x86_64.whl",
        mltags.Reason.MALFORMED,
        None,
        None,
        "not a valid wheel filename: number of parts: expected 5 or 6 parts joined by '-', found 1: name-version[-build]-python-abi-platform.whl; U+2011 is not a hyphen",
        "",
    ),
    "a part too many": (
        OLD,
        "a-1-cp312-cp312-linux_amd64-noavx.whl",
        mltags.Reason.MALFORMED,
        None,
        None,
        "not a valid wheel filename: variant label: 'noavx' follows the platform tag: a variant wheel (PEP 825), which mltags does not rank yet",
        "",
    ),
    "a variant wheel with a build number": (
        OLD,
        "a-1-7-cp313-cp313-manylinux_2_28_x86_64-x86_64_v3.whl",
        mltags.Reason.MALFORMED,
        None,
        None,
        "not a valid wheel filename: variant label: 'x86_64_v3' follows the platform tag: a variant wheel (PEP 825), which mltags does not rank yet",
        "",
    ),
    "a browser's second download": (
        OLD,
        "a-1-py3-none-any (1).whl",
        mltags.Reason.NO_SUCH_TAG,
        "any",
        None,
        "ends in ' (1)', as a browser names a second download; rename it",
        "",
    ),
    "a space before the ending": (
        OLD,
        "a-1-cp312-cp312-manylinux_2_5_x86_64 .whl",
        mltags.Reason.NO_SUCH_TAG,
        "manylinux_2_5_x86_64 ",
        None,
        "has a platform tag that no system has (manylinux_2_5_x86_64 ): did you mean manylinux_2_5_x86_64?",
        "",
    ),
    "a semicolon after the tag": (
        OLD,
        "a-1-cp312-cp312-linux_x86_64;.whl",
        mltags.Reason.NO_SUCH_TAG,
        "linux_x86_64;",
        None,
        "has a platform tag that no system has (linux_x86_64;): did you mean linux_x86_64?",
        "",
    ),
    "the long name of a Python": (
        OLD,
        "a-1-python3-none-any.whl",
        mltags.Reason.ABI,
        "py3-none",
        "cp312",
        "is tagged python3-none, which no Python accepts; py3-none is the valid form",
        "",
    ),
    "the long name of CPython": (
        OLD,
        "a-1-cpython312-cpython312-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp312-cp312",
        "cp312",
        "is tagged cpython312-cpython312, which no Python accepts; cp312-cp312 is the valid form",
        "",
    ),
    "the long name of a free-threaded CPython": (
        OLD,
        "a-1-cpython313-cpython313t-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp313-cp313t",
        "cp312",
        "is tagged cpython313-cpython313t, which no Python accepts; cp313-cp313t is the valid form",
        "",
    ),
    "parts in the wrong order": (
        OLD,
        "a-1-abi3-cp39-linux_x86_64.whl",
        mltags.Reason.ABI,
        "cp39-abi3",
        "cp312",
        "is tagged abi3-cp39, which no Python accepts; cp39-abi3 is the valid form",
        "",
    ),
    "a platform tag where the ABI belongs": (
        OLD,
        "a-1-cp313-manylinux_2_28_x86_64-x86_64_v3.whl",
        mltags.Reason.ABI,
        None,
        "cp312",
        "has a platform tag (manylinux_2_28_x86_64) where the ABI tag belongs: the ABI tag is missing. Also, it has a platform tag that no system has (x86_64_v3)",
        "",
    ),
    "a file manager's copy": (
        OLD,
        "a-1-py3-none-any copy.whl",
        mltags.Reason.NO_SUCH_TAG,
        "any",
        None,
        "ends in ' copy', as a file manager names a copy; rename it",
        "",
    ),
    "two causes": (
        mltags.Target.of(python_version="3.11", implementation="cp", platform="manylinux_2_28_x86_64"),
        "a-1-cp312-cp312-manylinux_2_34_aarch64.whl",
        mltags.Reason.ABI,
        "cp312",
        "cp311",
        "is built for CPython 3.12 only (ABI cp312); the target is CPython 3.11 (ABI cp311). Also, it is for aarch64 (manylinux_2_34_aarch64); the target is x86_64",
        "",
    ),
    "three sets of tags": (
        OLD,
        "a-1-cp310.cp311-cp310.cp311-manylinux_2_28_x86_64.musllinux_1_2_x86_64.whl",
        mltags.Reason.ABI,
        "cp311",
        "cp312",
        "is built for CPython 3.11 only (ABI cp311); this Python is CPython 3.12 (ABI cp312). Also, it needs glibc 2.28 or newer (manylinux_2_28_x86_64); this system has glibc 2.17 (os.confstr)",
        "glibc 2.28: Debian 10, Ubuntu 18.10, RHEL 8, Amazon Linux 2023",
    ),
    "an older macOS that is not listed": (
        mltags.Target.from_tags(["cp312-cp312-macosx_14_0_arm64"]),
        "a-1-cp312-cp312-macosx_11_0_arm64.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "macosx_11_0_arm64",
        None,
        "is not in the list of tags (macosx_11_0_arm64)",
        "",
    ),
    "a pair that is listed with another platform": (
        mltags.Target.from_tags(["cp312-cp312-linux_x86_64", "py3-none-linux_aarch64"]),
        "a-1-cp312-cp312-linux_aarch64.whl",
        mltags.Reason.NO_LIBC_TAGS,
        "linux_aarch64",
        None,
        "is not in the list of tags (linux_aarch64)",
        "",
    ),
}


@pytest.mark.parametrize("on_mac", [False, True], ids=["on Linux", "on a Mac"])
@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ("osx_arm64", "did you mean macosx_11_0_arm64?"),
        ("darwin_arm64", "did you mean macosx_11_0_arm64?"),
        ("mac_arm64", "did you mean macosx_11_0_arm64?"),
        ("linux64", "did you mean linux_x86_64?"),
        ("linux32", "did you mean linux_i686?"),
        ("universal2", "did you mean macosx_11_0_universal2?"),
        ("win_x64", "wheels for Windows do not use the name x64; did you mean win_amd64?"),
        ("macosx_10_15_arm64", "macOS 10.15 never ran on arm64; did you mean macosx_11_0_arm64?"),
        ("manylinux_2.28_x86_64", "'.' separates tags, so it is read as 2 tags; did you mean manylinux_2_28_x86_64?"),
        ("macosx_11.0_arm64", "'.' separates tags, so it is read as 2 tags; did you mean macosx_11_0_arm64?"),
    ],
)
def test_a_tag_that_no_system_has_names_the_one_that_is_meant(tag: str, problem: str, *, on_mac: bool) -> None:
    platform = "macosx_14_0_arm64" if on_mac else "manylinux_2_28_x86_64"
    miss = mltags.Target.of(python_version="3.12", implementation="cp", platform=platform).explain(f"a-1-cp312-cp312-{tag}.whl")
    assert isinstance(miss, mltags.Mismatch)
    assert miss.reason is mltags.Reason.NO_SUCH_TAG
    assert miss.because == f"has a platform tag that no system has ({tag}): {problem}"


@pytest.mark.parametrize("name", SENTENCES)
def test_a_refusal_is_data_first_and_one_sentence_second(name: str) -> None:
    target, wheel, reason, need, have, because, hint = SENTENCES[name]
    miss = target.explain(wheel)
    assert isinstance(miss, mltags.Mismatch)
    assert not miss
    assert (miss.name, miss.reason, miss.need, miss.have) == (wheel, reason, need, have)
    assert str(miss) == f"{wheel}: {because}"
    assert miss.hint == hint
    assert target.rank(wheel) is None if reason is not mltags.Reason.MALFORMED else miss.tag == ""
    assert miss.reason is miss.causes[0].reason
    assert miss.case is miss.causes[0].case


def test_every_reason_has_a_sentence() -> None:
    assert {row[2] for row in SENTENCES.values()} == set(mltags.Reason)


def test_a_match_has_its_rank_and_tag() -> None:
    name = "numpy-1.26.4-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    match = OLD.explain(name)
    assert bool(match) is True
    assert isinstance(match, mltags.Match)
    assert (match.rank, match.tag) == (1, "cp312-cp312-manylinux_2_17_x86_64")
    assert str(match) == f"{name}: fits (cp312-cp312-manylinux_2_17_x86_64, rank 1)"


def test_the_evidence_is_that_of_what_we_have() -> None:
    miss = OLD.explain("demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl")
    assert isinstance(miss, mltags.Mismatch)
    assert miss.evidence == (mltags.Evidence("libc", "os.confstr", "'glibc 2.17'", "glibc 2.17"),)


def test_a_name_is_escaped_in_the_sentence_only() -> None:
    miss = OLD.explain("x\x1b-1.whl")
    assert isinstance(miss, mltags.Mismatch)
    assert miss.name == "x\x1b-1.whl"
    assert str(miss).startswith(r"x\x1b-1.whl: not a valid wheel filename: characters: contains a control character")


ALL = {**TARGETS, "old": OLD, "free": FREE, "musl": MUSL, "darwin": DARWIN, "list": LISTED}


@given(target=st.sampled_from(sorted(ALL)), names=st.lists(st.one_of(NAMES, st.text(max_size=20)), max_size=8))
def test_explain_matches_exactly_when_rank_gives_a_number(target: str, names: list) -> None:
    chosen = ALL[target]
    for name in names:
        verdict = chosen.explain(name)
        try:
            rank = chosen.rank(name)
        except mltags.InvalidWheelName:
            assert isinstance(verdict, mltags.Mismatch)
            assert verdict.reason is mltags.Reason.MALFORMED
            continue
        assert bool(verdict) is (rank is not None)
        if isinstance(verdict, mltags.Match):
            assert verdict.rank == rank
            assert str(chosen.tags[verdict.rank]) == verdict.tag
        else:
            assert verdict.tag.count("-") >= 2
            assert verdict.because.isprintable()
    misses = chosen.closest(names)
    assert [miss.reason for miss in misses] == sorted([miss.reason for miss in misses], reverse=True)
    assert sorted(miss.name for miss in misses) == sorted(name for name in names if not chosen.explain(name))


PAGE = [
    "demo-1.0-cp312-cp312-win_amd64.whl",
    "demo-1.0.whl",
    "demo-1.0-cp312-cp312-manylinux_2_34_x86_64.whl",
    "demo-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    "demo-1.0-cp312-cp312-musllinux_1_2_x86_64.whl",
    "demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
    "demo-1.0-cp313-cp313-manylinux_2_28_x86_64.whl",
    "demo-1.0-cp312-cp312-macosx_11_0_arm64.whl",
    "demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl",
]


def test_the_nearest_miss_comes_first_and_malformed_names_last() -> None:
    assert [miss.name for miss in OLD.closest(PAGE)] == [PAGE[place] for place in (5, 2, 4, 8, 0, 7, 3, 6, 1)]
    assert OLD.closest(["demo-1.0-py3-none-any.whl"]) == []


def test_of_wheels_for_other_versions_of_python_the_nearest_version_comes_first() -> None:
    target = mltags.Target.of(python_version="3.9", implementation="cp", platform="manylinux_2_28_x86_64")
    pythons = ["cp314-cp314t", "pp310-pypy310_pp73", "cp27-cp27m", "cp310-cp310", "cp311-abi3", "cp312-none", "cp37-cp37m"]
    misses = target.closest([f"demo-1.0-{python}-manylinux_2_17_x86_64.whl" for python in pythons])
    nearest = ["cp310-cp310", "cp311-abi3", "cp37-cp37m", "cp312-none", "cp314-cp314t", "cp27-cp27m", "pp310-pypy310_pp73"]
    assert [miss.name[9:-26] for miss in misses] == nearest
    odd = target.explain(f"demo-1.0-cp3{'9' * 5000}-abi3-manylinux_2_17_x86_64.whl")
    assert isinstance(odd, mltags.Mismatch)
    assert odd.causes[0].nearness == (mltags.Reason.PYTHON, -99, 0)


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        ("linux", "its architecture is missing; add one: linux_x86_64"),
        ("manylinux2014", "its architecture is missing; add one: manylinux2014_x86_64"),
        ("musllinux_1_2", "its architecture is missing; expected a tag such as musllinux_1_2_x86_64"),
        ("linux__x86_64", "did you mean linux_x86_64?"),
        ("manylinux_2_28_x86_64_v3", "did you mean manylinux_2_28_x86_64?"),
        ("manylinux_2_17_9x", "'9x' begins with '9', and no architecture does"),
    ],
)
def test_a_linux_tag_without_an_architecture(tag: str, why: str) -> None:
    miss = OLD.explain(f"demo-1.0-cp312-cp312-{tag}.whl")
    assert miss.because == f"has a platform tag that no system has ({tag}): {why}"  # type: ignore[union-attr]


def test_a_tag_that_no_system_has_is_named_on_every_architecture() -> None:
    assert OLD.explain("demo-1.0-cp312-cp312-manylinux1_aarch64.whl").because == (  # type: ignore[union-attr]
        "has a platform tag that no system has (manylinux1_aarch64): manylinux tags of aarch64 begin with glibc 2.17"
    )


def test_of_no_misses_none_is_nearest() -> None:
    assert nearest_first([]) == []


def test_a_hostile_set_is_explained_in_linear_time() -> None:
    many = ".".join(f"x{number}" for number in range(5000))
    for name in (f"a-1-{many}-{many}-{many}.whl", f"a-1-cp312.{many}-{many}-x.whl", f"a-1-cp312-cp312-{many}.whl"):
        miss = OLD.explain(name)
        assert isinstance(miss, mltags.Mismatch)
        assert len(str(miss)) < 3000


@pytest.mark.parametrize("abis", [["abi3t"], ["none", "cp313t"], ["cp313t"]])
def test_a_free_threaded_build_is_known_by_the_abi_that_tells(abis: list) -> None:
    target = mltags.Target.of(python_version="3.13", implementation="cp", abis=abis, platform="manylinux_2_28_x86_64")
    assert target.explain("a-1-cp313-abi3t-manylinux_2_17_x86_64.whl")
    own = "abi3t" if abis == ["abi3t"] else "cp313t"
    assert str(target.explain("a-1-cp313-abi3-manylinux_2_17_x86_64.whl")) == (
        "a-1-cp313-abi3-manylinux_2_17_x86_64.whl: uses the stable ABI of ordinary builds (abi3);"
        f" the target is a free-threaded build ({own})"
    )
    assert str(target.explain("a-1-cp313-cp313-manylinux_2_17_x86_64.whl")) == (
        "a-1-cp313-cp313-manylinux_2_17_x86_64.whl: is built for ordinary CPython 3.13 (ABI cp313);"
        f" the target is a free-threaded build (ABI {own})"
    )


@pytest.mark.parametrize(
    ("platforms", "ceiling", "tag", "reason"),
    [
        (["manylinux_2_28_x86_64", "manylinux_2_28_aarch64"], "2.16", "manylinux_2_17_aarch64", "above_max_glibc"),
        (["manylinux_2_28_x86_64", "manylinux_2_28_aarch64"], "2.20", "manylinux_2_24_aarch64", "above_max_glibc"),
        (["manylinux_2_17_x86_64", "manylinux_2_17_aarch64"], "2.30", "manylinux_2_34_x86_64", "libc_too_old"),
        (["manylinux_2_17_x86_64", "manylinux_2_17_aarch64"], "2.30", "manylinux_2_28_x86_64", "libc_too_old"),
        (["musllinux_1_2_x86_64", "win_amd64"], "2.20", "manylinux_2_28_x86_64", "libc_family"),
        (["musllinux_1_2_x86_64", "win_amd64"], "2.20", "manylinux_2_17_x86_64", "libc_family"),
        (["linux_x86_64", "win_amd64"], "2.20", "manylinux_2_17_x86_64", "libc_family"),
    ],
)
def test_a_ceiling_over_a_list_is_blamed_for_what_it_cut(platforms: list, ceiling: str, tag: str, reason: str) -> None:
    target = mltags.Target.of(python_version="3.12", implementation="cp", platform=platforms, max_glibc=ceiling)
    miss = target.explain(f"a-1-py3-none-{tag}.whl")
    assert isinstance(miss, mltags.Mismatch)
    assert str(miss.reason) == reason


@pytest.mark.parametrize(
    ("tags", "because"),
    [
        ("py3-none", "has the tag py3-none-any, which is not in the list of tags"),
        ("cp312-none", "has the tag cp312-none, which is not in the list of tags"),
    ],
)
def test_a_pair_that_a_list_does_not_have(tags: str, because: str) -> None:
    target = mltags.Target.from_tags(["cp312-cp312-linux_x86_64", "py3-none-linux_x86_64"])
    miss = target.explain(f"a-1-{tags}-any.whl")
    assert str(miss) == f"a-1-{tags}-any.whl: {because}"


@pytest.mark.parametrize("platform", ["macosx", "macosx_arm64", "macosx_11_arm64", "macosx_x_y_arm64", "macosx_1111_0_arm64"])
def test_a_list_may_hold_tags_that_no_system_has(platform: str) -> None:
    target = mltags.Target.from_tags([f"py3-none-{platform}"])
    assert str(target.explain("a-1-py3-none-macosx_13_0_arm64.whl")) == (
        "a-1-py3-none-macosx_13_0_arm64.whl: is for macOS on arm64 (macosx_13_0_arm64); the target is " + platform
    )


@pytest.mark.parametrize("platforms", ["any.win_amd64", "win_amd64.any"])
def test_any_beside_a_platform_does_not_go_with_an_abi(platforms: str) -> None:
    miss = OLD.explain(f"a-1-cp312-cp312-{platforms}.whl")
    assert isinstance(miss, mltags.Mismatch)
    assert (miss.reason, miss.tag) == (mltags.Reason.SYSTEM, "cp312-cp312-win_amd64")
    assert miss.because == "is for Windows (win_amd64); this system is Linux"


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("a-1-cp312-cp312-linux_x86_64-x86_64_v3.whl", mltags.Case.VARIANT),
        ("a-1-2b-cp312-cp312-linux_x86_64-x86_64_v3.whl", mltags.Case.VARIANT),
        ("a-1-cp312-cp312-win32-noavx.whl", mltags.Case.VARIANT),
        ("a-1-py2.py3-none.abi3-any-null.whl", mltags.Case.VARIANT),
        ("a-1-py3-none-any-abc0123456789._x.whl", mltags.Case.VARIANT),
        ("a-1-py3-none-any-abc0123456789._xy.whl", mltags.Case.NONE),
        ("a-1-py3-none-any-NULL.whl", mltags.Case.NONE),
        ("a-1-py3-none-any-a+b.whl", mltags.Case.NONE),
        ("a-1-py3-none-any-.whl", mltags.Case.NONE),
        ("a-1-b2-cp312-cp312-linux_x86_64-x86_64_v3.whl", mltags.Case.NONE),
        ("a-1-cp312-cp+312-linux_x86_64-x86_64_v3.whl", mltags.Case.NONE),
        ("a-1-cp312-cp312-linux-x86_64_v3.whl", mltags.Case.NONE),
        ("a-1-py3-none-any-1.whl", mltags.Case.NONE),
        ("a-1.whl", mltags.Case.NONE),
    ],
)
def test_which_malformed_names_are_variants(name: str, case: mltags.Case) -> None:
    miss = OLD.explain(name)
    assert isinstance(miss, mltags.Mismatch)
    assert (miss.reason, miss.case) == (mltags.Reason.MALFORMED, case)


def test_a_match_is_shown_as_safely_as_a_mismatch() -> None:
    target = mltags.Target.from_tags([Tag("py3", "none", "\u202eany")])
    assert str(target.explain("a-1-py3-none-\u202eany.whl")) == (
        "a-1-py3-none-\\u202eany.whl: fits (py3-none-\\u202eany, rank 0)"
    )


def test_an_override_that_refuses_what_is_too_new_anyway_is_a_cause_as_well() -> None:
    held = on(glibc="2.12", override=module(manylinux2014_compatible=False))
    miss = held.explain("a-1-cp312-cp312-manylinux_2_17_x86_64.whl")
    assert isinstance(miss, mltags.Mismatch)
    assert [cause.reason for cause in miss.causes] == [mltags.Reason.LIBC_TOO_OLD, mltags.Reason.REFUSED_BY_OVERRIDE]
    assert miss.hint == ""
    assert miss.because == (
        "needs glibc 2.17 or newer (manylinux_2_17_x86_64); this system has glibc 2.12 (os.confstr). Also, it needs glibc 2.17 or "
        "newer (manylinux_2_17_x86_64), and the override module /usr/lib/python3/_manylinux.py refuses it "
        "(manylinux2014_compatible); that attribute hides version 2.17 only"
    )


def test_of_wheels_for_another_python_those_for_this_platform_come_first() -> None:
    target = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_28_x86_64")
    names = [
        f"demo-1.0-cp311-cp311-{platform}.whl"
        for platform in ("macosx_11_0_arm64", "win_amd64", "manylinux_2_17_aarch64", "manylinux_2_17_x86_64")
    ]
    assert [miss.name for miss in target.closest(names)] == [names[3], *names[:3]]


def of(version: str, abis: "str | None" = None, implementation: str = "cp") -> mltags.Target:
    return mltags.Target.of(python_version=version, implementation=implementation, abis=abis, platform="manylinux_2_28_x86_64")


SEVERAL = mltags.Target.from_tags(["py3-none-manylinux_2_17_x86_64", "py3-none-manylinux_2_28_aarch64"])


class TestWhichRuleDecides:
    """Sentences that are one word away from others."""

    @pytest.mark.parametrize(
        ("target", "tags", "case", "because"),
        [
            pytest.param(
                of("3.12"),
                "cp311.cp312-cp310-linux_x86_64",
                mltags.Case.OLDER_PYTHON,
                "is built for CPython 3.10 only (ABI cp310); the target is CPython 3.12 (ABI cp312)",
                id="of several Pythons, the target's own",
            ),
            pytest.param(
                of("3.12"),
                "cp313-cp313-linux_x86_64",
                mltags.Case.NEWER_PYTHON,
                "is built for CPython 3.13 only (ABI cp313); the target is CPython 3.12 (ABI cp312)",
                id="a newer Python",
            ),
            pytest.param(
                of("3.11"),
                "cp312-cp313-linux_x86_64",
                mltags.Case.NONE,
                "needs CPython 3.12 (cp312); the target is CPython 3.11 (cp311)",
                id="an ABI of yet another Python",
            ),
            pytest.param(
                of("3.10", "pypy310_pp73", "pp"),
                "cp310-cp310-linux_x86_64",
                mltags.Case.NONE,
                "needs CPython 3.10 (cp310); the target is PyPy 3.10 (pp310)",
                id="CPython's wheel on PyPy",
            ),
            pytest.param(
                of("3.12"),
                "cp312d-cp312d-linux_x86_64",
                mltags.Case.INVALID_PAIR,
                "is tagged cp312d-cp312d, which no Python accepts; cp312-cp312d is the valid form",
                id="the flag of a debug build in the python tag",
            ),
            pytest.param(
                of("3.12"),
                "pp311-pypy311_pp73-linux_x86_64",
                mltags.Case.NONE,
                "needs PyPy 3.11 (pp311); the target is CPython 3.12 (cp312)",
                id="PyPy's wheel on CPython",
            ),
            pytest.param(
                of("3.12"),
                "py314-none-any",
                mltags.Case.NONE,
                "needs Python 3.14 or newer (py314); the target is CPython 3.12 (cp312)",
                id="a pure wheel for newer Pythons",
            ),
            pytest.param(
                of("3.12"),
                "py2-none-any",
                mltags.Case.NONE,
                "needs Python 2 (py2); the target is CPython 3.12 (cp312)",
                id="a pure wheel for older Pythons",
            ),
            pytest.param(
                mltags.Target.from_tags(["cp312-cp312-linux_x86_64"]),
                "cp312-abi3-linux_x86_64",
                mltags.Case.NONE,
                "needs the ABI abi3 with CPython 3.12 (cp312-abi3); the target is CPython 3.12 (ABI cp312)",
                id="abi3 on an ordinary build that does not list it",
            ),
            pytest.param(
                mltags.Target.from_tags(["cp313-cp313t-linux_x86_64"]),
                "cp313-abi3t-linux_x86_64",
                mltags.Case.NONE,
                "needs the ABI abi3t with CPython 3.13 (cp313-abi3t); the target is CPython 3.13 (ABI cp313t)",
                id="abi3t on a free-threaded build that does not list it",
            ),
            pytest.param(
                of("3.13", "cp313t"),
                "cp313-cp313td-linux_x86_64",
                mltags.Case.DEBUG_WHEEL,
                "is built for a debug build of CPython 3.13 (ABI cp313td); the target is a release build (ABI cp313t)",
                id="a debug build, both free-threaded",
            ),
            pytest.param(
                of("3.13", "cp313td"),
                "cp313-cp313t-linux_x86_64",
                mltags.Case.NONE,
                "needs the ABI cp313t; the target is CPython 3.13 (ABI cp313td)",
                id="a release build on a debug build",
            ),
            pytest.param(
                on(glibc="2.36", max_glibc="2.20", override=module(manylinux2014_compatible=False)),
                "py3-none-manylinux_2_28_x86_64",
                mltags.Case.NONE,
                "needs glibc 2.28 or newer (manylinux_2_28_x86_64); max_glibc is 2.20",
                id="an override that refuses another version",
            ),
            pytest.param(
                SEVERAL,
                "py3-none-manylinux_2_20_x86_64",
                mltags.Case.NONE,
                "needs glibc 2.20 or newer (manylinux_2_20_x86_64); the list of tags goes up to 2.17",
                id="a list with newer tags of another architecture",
            ),
            pytest.param(
                SEVERAL,
                "py3-none-musllinux_1_1_x86_64",
                mltags.Case.NONE,
                "needs musl 1.1 or newer (musllinux_1_1_x86_64); the list of tags has none for musl on x86_64",
                id="a list without that C library",
            ),
        ],
    )
    def test_sentence(self, target: mltags.Target, tags: str, case: mltags.Case, because: str) -> None:
        miss = target.explain(f"a-1-{tags}.whl")
        assert isinstance(miss, mltags.Mismatch)
        assert (miss.because, miss.case) == (because, case)
