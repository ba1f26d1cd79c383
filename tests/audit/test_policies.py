"""The tables of what a manylinux tag promises: single facts as literals, and all of them against auditwheel's own file."""

import json
from typing import Any

import pytest
import wheels

from mltags.audit.policies import _NAMED, LIBRARIES, NEVER, highest, is_libc, is_musl, numbers, promised_since, since


@pytest.mark.parametrize(
    ("version", "arch", "minor"),
    [
        pytest.param("GLIBC_2.17", "x86_64", 17, id="glibc is its own measure"),
        pytest.param("GLIBC_2.2.5", "x86_64", 2, id="glibc with a patch level"),
        pytest.param("GLIBC_2.99999", "x86_64", NEVER, id="absurd glibc"),
        pytest.param("GLIBC_3.0", "x86_64", NEVER, id="glibc 3"),
        pytest.param("GLIBC_PRIVATE", "x86_64", NEVER, id="glibc's own"),
        pytest.param("GLIBC_ABI_DT_RELR", "x86_64", 36, id="a named version of glibc"),
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
def test_since(version: str, arch: str, minor: int) -> None:
    assert since(version, arch) == minor


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


def test_libraries() -> None:
    assert promised_since("libc.so.6", is_for_musl=False) == 0
    assert promised_since("libexpat.so.1", is_for_musl=False) == 12
    assert promised_since("libmvec.so.1", is_for_musl=False) == 24
    assert promised_since("libssl.so.3", is_for_musl=False) == NEVER
    assert promised_since("libz.so.1", is_for_musl=True) == 0
    assert promised_since("libstdc++.so.6", is_for_musl=True) == NEVER
    assert [is_libc(name) for name in ("ld-linux-x86-64.so.2", "ld64.so.2", "libc.musl-x86_64.so.1", "libc.so.6")] == [
        1,
        1,
        1,
        0,
    ]
    assert [is_musl(name) for name in ("libc.so", "ld-musl-x86_64.so.1", "libc.so.6", "ld-linux.so.2")] == [1, 1, 0, 0]


def test_numbers() -> None:
    assert numbers("GLIBC_2.2.5") == (2, 2, 5)
    assert numbers("GLIBC_PRIVATE") == numbers("GLIBC") == numbers("GLIBC_2.1234567890") == numbers("GLIBC_2.²") == ()


@pytest.mark.real
def test_the_tables_are_auditwheels() -> None:
    try:
        folder = wheels.auditwheel().parent.parent
    except wheels.UnavailableError as problem:
        pytest.skip(str(problem))
    (file,) = folder.glob("lib/python*/site-packages/auditwheel/policy/manylinux-policy.json")
    policies: list[Any] = json.loads(file.read_text())[1:]
    assert len(policies) == 16
    compared = 0
    differences: set[tuple[str, str, int]] = set()
    for policy in policies:
        minor = int(policy["name"].split("_")[2])
        assert set(policy["lib_whitelist"]) == {name for name, first in LIBRARIES.items() if first <= minor}
        for arch, families in policy["symbol_versions"].items():
            for family, has in families.items():
                for other in policies:
                    for version in other["symbol_versions"].get(arch, families).get(family, []):
                        name = f"{family}_{version}"
                        if (since(name, arch) <= minor) != (version in has):
                            differences.add((name, arch, minor))
                        compared += 1
                plain = [version for version in has if f"{family}_{version}" not in _NAMED]
                if family != "GLIBC":
                    top = max(plain, key=lambda text: [int(number) for number in text.split(".")], default="")
                    assert highest(family, arch, minor) == (top and f"{family}_{top}")
    assert compared > 10_000
    assert differences == {
        # CentOS 7 on aarch64 has this one; glibc 2.17 as released has not, and the tag is for both.
        ("GLIBC_2.18", "aarch64", 17),
        # Debian 12 has no riscv64, and glibc 2.36 as released has it everywhere.
        ("GLIBC_ABI_DT_RELR", "riscv64", 36),
        ("GLIBC_ABI_DT_RELR", "riscv64", 37),
    }
