"""The tables of what a manylinux tag promises: single facts as literals, and all of them against auditwheel's own file."""

import json
from typing import Any

import pytest
import wheels

import mltags
from mltags.audit import policies
from mltags.audit.policies import NEVER, highest, library_since, numbers, symbol_since, version_since


@pytest.mark.parametrize(
    ("version", "arch", "minor"),
    [
        pytest.param("GLIBC_2.17", "x86_64", 17, id="glibc is its own measure"),
        pytest.param("GLIBC_2.2.5", "x86_64", 2, id="glibc with a patch level"),
        pytest.param("GLIBC_2.99999", "x86_64", NEVER, id="absurd glibc"),
        pytest.param("GLIBC_3.0", "x86_64", NEVER, id="glibc 3"),
        pytest.param("GLIBC_PRIVATE", "x86_64", NEVER, id="glibc's own"),
        pytest.param("GLIBC_ABI_DT_RELR", "x86_64", 36, id="a named version of glibc"),
        pytest.param("GLIBC_ABI_GNU2_TLS", "x86_64", 42, id="a newer named version of glibc"),
        pytest.param("GLIBCXX_3.4.19", "x86_64", 17, id="of GCC 4.8"),
        pytest.param("GLIBCXX_3.4.20", "x86_64", 24, id="between two generations: the newer"),
        pytest.param("GLIBCXX_3.4.23", "x86_64", 27, id="later on x86_64"),
        pytest.param("GLIBCXX_3.4.23", "aarch64", 26, id="sooner on aarch64"),
        pytest.param("GLIBCXX_3.4.99", "x86_64", NEVER, id="newer than every generation"),
        pytest.param("GLIBCXX_3.4", "aarch64", 17, id="old, on an architecture whose tags begin later"),
        pytest.param("GLIBCXX_LDBL_3.4.21", "s390x", 24, id="a named version of libstdc++"),
        pytest.param("GLIBCXX_DEBUG_MESSAGE", "x86_64", NEVER, id="a named version that is on no list"),
        pytest.param("ZLIB_1.2.0", "x86_64", 12, id="versions of zlib begin with CentOS 6"),
        pytest.param("CXXABI_1.3.7", "x86_64", 17, id="C++ ABI"),
        pytest.param("GCC_4.5.0", "i686", 12, id="libgcc on i686"),
        pytest.param("GCC_4.5.0", "x86_64", 17, id="libgcc on x86_64"),
        pytest.param("LIBATOMIC_1.0", "armv7l", 17, id="libatomic"),
        pytest.param("OPENSSL_1_1_0", "x86_64", 0, id="a family that the lists of libraries speak of"),
    ],
)
def test_versions(version: str, arch: str, minor: int) -> None:
    assert version_since(version, arch) == minor


@pytest.mark.parametrize(
    ("family", "arch", "minor", "version"),
    [
        pytest.param("GLIBCXX", "x86_64", 5, "GLIBCXX_3.4.8", id="manylinux1"),
        pytest.param("GLIBCXX", "x86_64", 16, "GLIBCXX_3.4.13", id="between two policies: the one below"),
        pytest.param("ZLIB", "x86_64", 5, "", id="none"),
        pytest.param("CXXABI", "x86_64", NEVER - 1, "CXXABI_1.3.15", id="newer than every policy"),
        pytest.param("GCC", "ppc64", 40, "GCC_4.8.0", id="an architecture with one policy"),
    ],
)
def test_highest(family: str, arch: str, minor: int, version: str) -> None:
    assert highest(family, arch, minor) == version


def test_profiled_code_on_aarch64() -> None:
    assert version_since("GLIBC_2.18", "aarch64", ["_mcount"]) == 17
    assert version_since("GLIBC_2.18", "aarch64", ["_mcount", "f"]) == 18
    assert version_since("GLIBC_2.18", "x86_64", ["_mcount"]) == 18


@pytest.mark.parametrize(
    ("library", "family", "first"),
    [
        pytest.param("libc.so.6", "glibc", 0, id="glibc itself"),
        pytest.param("ld-linux-x86-64.so.2", "glibc", 0, id="its loader"),
        pytest.param("ld64.so.2", "", 0, id="its loader on ppc64le"),
        pytest.param("libexpat.so.1", "glibc", 12, id="since CentOS 6"),
        pytest.param("libmvec.so.1", "", 24, id="of a file without a C library"),
        pytest.param("libssl.so.3", "glibc", NEVER, id="on no list"),
        pytest.param("libz.so.1", "musl", 0, id="zlib on musl"),
        pytest.param("libc.musl-x86_64.so.1", "musl", 0, id="musl itself"),
        pytest.param("libstdc++.so.6", "musl", NEVER, id="libstdc++ on musl"),
        pytest.param("libaaudio.so", "bionic", 26, id="Android"),
        pytest.param("libpython3.13.so", "bionic", 21, id="Python on Android"),
        pytest.param("libc++_shared.so", "bionic", NEVER, id="on no list of Android"),
    ],
)
def test_libraries(library: str, family: str, first: int) -> None:
    assert library_since(library, family) == first


def test_symbols() -> None:
    assert symbol_since("libz.so.1", "uncompress2", "glibc") == 34
    assert symbol_since("libz.so.1", "inflate_table", "glibc") == symbol_since("libz.so.1", "inflate_table", "musl") == NEVER
    assert symbol_since("libz.so.1", "inflate", "glibc") == symbol_since("libz.so.1", "crc32_combine_op", "musl") == 0
    assert symbol_since("libz.so.1", "inflate_table", "bionic") == 0
    assert symbol_since("", "PyFPE_jbuf", "") == NEVER


def test_kinds_of_musl() -> None:
    names = ["libc.so", "ld-musl-x86_64.so.1", "libc.musl-x86_64.so.1", "libc.so.6", "ld-linux.so.2"]
    assert [policies.is_musl(name) for name in names] == [True, True, True, False, False]


def test_systems_that_lack_a_library() -> None:
    assert policies.lacking("libX11.so.6", 17) == ["Photon OS 4", "Photon OS 5"]
    assert policies.lacking("libX11.so.6", 36) == ["Photon OS 5"]
    assert policies.lacking("libX11.so.6", 40) == policies.lacking("libz.so.1", 5) == []


@pytest.mark.parametrize(
    ("family", "minor", "arch", "above", "below"),
    [
        pytest.param("glibc", 14, "x86_64", "manylinux2014_x86_64", "", id="before the oldest image"),
        pytest.param("glibc", 28, "x86_64", "", "manylinux_2_28", id="the image's own"),
        pytest.param("glibc", 18, "aarch64", "manylinux_2_28_aarch64", "manylinux2014", id="between two"),
        pytest.param("glibc", 17, "armv7l", "manylinux_2_31_armv7l", "", id="the only one for 32-bit ARM"),
        pytest.param("glibc", 40, "x86_64", "", "manylinux_2_34", id="after the newest"),
        pytest.param("musl", 1, "x86_64", "musllinux_1_2_x86_64", "", id="musl"),
    ],
)  # fmt: skip
def test_images(family: str, minor: int, arch: str, above: str, below: str) -> None:
    assert policies.image_tag(family, minor, arch) == above
    if family == "glibc":
        assert policies.image_below(minor, arch) == below
    for tag in filter(None, [above]):
        mltags.parse_platform(tag)


def test_numbers() -> None:
    assert numbers("GLIBC_2.2.5") == (2, 2, 5)
    assert numbers("GLIBC_PRIVATE") == numbers("GLIBC") == numbers("GLIBC_2.1234567890") == numbers("GLIBC_2.²") == ()


def policy(kind: str) -> "list[Any]":
    """A policy of the newest auditwheel on the index, without its first row, which allows everything."""
    try:
        folder = wheels.tool("auditwheel").parent.parent
    except wheels.UnavailableError as problem:
        pytest.skip(str(problem))
    (file,) = folder.glob(f"lib/python*/site-packages/auditwheel/policy/{kind}-policy.json")
    rows: list[Any] = json.loads(file.read_text())[1:]
    return rows


def minor_of(row: "dict[str, Any]") -> int:
    return int(row["name"].split("_")[2])


@pytest.mark.real
class TestAuditwheel:
    """The tables are those of the newest auditwheel; a new one with other tables fails here."""

    def test_versions(self) -> None:
        rows = policy("manylinux")
        assert len(rows) == 16
        compared = 0
        differences: set[tuple[str, str, int]] = set()
        for row in rows:
            minor = minor_of(row)
            for arch, families in row["symbol_versions"].items():
                for family, has in families.items():
                    for other in rows:
                        for version in other["symbol_versions"].get(arch, families).get(family, []):
                            name = f"{family}_{version}"
                            if (version_since(name, arch) <= minor) != (version in has):
                                differences.add((name, arch, minor))
                            compared += 1
                    plain = [version for version in has if f"{family}_{version}" not in policies._NAMED]
                    if family != "GLIBC":
                        top = max(plain, key=lambda text: [int(number) for number in text.split(".")], default="")
                        assert highest(family, arch, minor) == (top and f"{family}_{top}")
        assert compared > 10_000
        assert differences == {
            # CentOS 7 on aarch64 has this one for _mcount alone; glibc 2.17 as released has not, and the tag is for both.
            ("GLIBC_2.18", "aarch64", 17),
            # Debian 12 has no riscv64, and glibc 2.36 as released has it everywhere.
            ("GLIBC_ABI_DT_RELR", "riscv64", 36),
            ("GLIBC_ABI_DT_RELR", "riscv64", 37),
        }

    def test_libraries(self) -> None:
        for row in policy("manylinux"):
            assert set(row["lib_whitelist"]) == {name for name, first in policies.LIBRARIES.items() if first <= minor_of(row)}
        for row in policy("musllinux"):
            assert row["lib_whitelist"] == ["libc.so", "libz.so.1"]
        ours = {name: first for name, first in policies.ANDROID_LIBRARIES.items() if first <= 27}
        for row in policy("android"):
            assert set(row["lib_whitelist"]) == {
                name for name, first in ours.items() if first <= int(row["name"].split("_")[1])
            } - {"libGLESv3.so"}

    def test_symbols(self) -> None:
        for row in policy("manylinux"):
            minor = minor_of(row)
            ours = {
                library: {name for name, first in names.items() if first > minor} for library, names in policies.SYMBOLS.items()
            }
            assert {library: set(names) for library, names in row["blacklist"].items()} == {k: v for k, v in ours.items() if v}
        for row in policy("musllinux"):
            assert {library: set(names) for library, names in row["blacklist"].items()} == policies.MUSL_SYMBOLS

    def test_architectures_begin_where_their_glibc_does(self) -> None:
        first = {
            arch: min(minor_of(row) for row in policy("manylinux") if arch in row["symbol_versions"])
            for arch in policies.FIRST_GLIBC
        }
        assert first == {"loongarch64": 36, "riscv64": 31}
