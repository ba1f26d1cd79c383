"""What a manylinux tag promises beside glibc: versions of the other libraries that every system of its generation has.

Facts as of 2026-11-22, all from the policies of auditwheel 6.8.2 (``manylinux-policy.json``), which continue PEP 513, 571 and
599; a test compares them where auditwheel is installed. A tag between two policies promises what the one below it has.
"""

from .._core import FLOOR, FLOORS

#: family of symbol versions -> minor version of glibc 2 of a generation, and the highest version that it has. Where an
#: architecture differs, its name stands behind the family.
_HIGHEST = {
    "GLIBCXX": "5 3.4.8, 12 3.4.13, 17 3.4.19, 24 3.4.22, 26 3.4.24, 31 3.4.28, 34 3.4.29, 35 3.4.30, 39 3.4.33",
    "GLIBCXX x86_64": "5 3.4.8, 12 3.4.13, 17 3.4.19, 24 3.4.22, 27 3.4.24, 31 3.4.28, 34 3.4.29, 35 3.4.30, 39 3.4.33",
    "GLIBCXX loongarch64": "36 3.4.30, 39 3.4.32, 40 3.4.33",
    "CXXABI": "5 1.3.1, 12 1.3.3, 17 1.3.7, 24 1.3.10, 26 1.3.11, 31 1.3.12, 34 1.3.13, 39 1.3.15",
    "CXXABI x86_64": "5 1.3.1, 12 1.3.3, 17 1.3.7, 24 1.3.10, 27 1.3.11, 31 1.3.12, 34 1.3.13, 39 1.3.15",
    "GCC": "17 4.7.0, 26 7.0.0, 39 14.0.0",
    "GCC x86_64": "5 4.2.0, 12 4.3.0, 17 4.8.0, 27 7.0.0, 35 12.0.0, 39 14.0.0",
    "GCC i686": "5 4.2.0, 12 4.5.0, 17 4.8.0, 26 7.0.0, 35 12.0.0, 39 14.0.0",
    "GCC aarch64": "17 4.7.0, 26 7.0.0, 34 11.0, 39 14.0.0",
    "GCC ppc64": "17 4.8.0",
    "ZLIB": "12 1.2.2.4, 17 1.2.5.2, 26 1.2.9, 37 1.2.12",
    "ZLIB x86_64": "12 1.2.2.4, 17 1.2.5.2, 27 1.2.9, 37 1.2.12",
    "ZLIB aarch64": "17 1.2.5.2, 27 1.2.9, 37 1.2.12",
    "ZLIB i686": "12 1.2.2.4, 17 1.2.5.2, 26 1.2.9, 36 1.2.12",
    "LIBATOMIC": "17 1.0, 24 1.2",
    "LIBATOMIC x86_64": "24 1.2",
    "LIBATOMIC s390x": "24 1.2",
}

#: Minor version of a generation -> the versions that are no plain numbers which it is the first to have, where they exist.
_FIRST_NAMED = {
    17: "CXXABI_TM_1 CXXABI_ARM_1.3.3 CXXABI_LDBL_1.3 GLIBCXX_LDBL_3.4 GLIBCXX_LDBL_3.4.7 GLIBCXX_LDBL_3.4.10",
    24: "CXXABI_FLOAT128 GLIBCXX_LDBL_3.4.21",
    34: "CXXABI_IEEE128_1.3.13 GLIBCXX_LDBL_3.4.29 GLIBCXX_IEEE128_3.4.29",
    35: "GLIBCXX_IEEE128_3.4.30",
    36: "GLIBC_ABI_DT_RELR",
    39: "GLIBCXX_LDBL_3.4.31 GLIBCXX_IEEE128_3.4.31",
}
_NAMED = {name: minor for minor, names in _FIRST_NAMED.items() for name in names.split()}

#: Libraries that a manylinux wheel may take from the system -> minor version of the first generation that has them. PEP 513
#: also names libncursesw.so.5 and libpanelw.so.5, which PEP 571 and auditwheel have dropped since.
LIBRARIES = {
    **dict.fromkeys(
        (  # noqa: SIM905 -- a row each would tell no more
            "libatomic.so.1 libgcc_s.so.1 libstdc++.so.6 libm.so.6 libanl.so.1 libdl.so.2 librt.so.1 libc.so.6 libnsl.so.1 "
            "libutil.so.1 libpthread.so.0 libX11.so.6 libXext.so.6 libXrender.so.1 libICE.so.6 libSM.so.6 libGL.so.1 "
            "libgobject-2.0.so.0 libgthread-2.0.so.0 libglib-2.0.so.0 libresolv.so.2 libz.so.1"
        ).split(),
        0,
    ),
    "libexpat.so.1": 12,
    "libmvec.so.1": 24,
}
#: In place of the minor version of glibc 2 that has something: none has it.
NEVER = 1000


def is_musl(library: "str") -> "bool":
    """Whether *library* is musl itself, as its two kinds of linkers name it."""
    return library == "libc.so" or library.startswith(("libc.musl-", "ld-musl-"))


def is_libc(library: "str") -> "bool":
    """Whether *library* is musl, or glibc's loader: what is there wherever there is that C library."""
    return is_musl(library) or library.startswith(("ld-linux", "ld64.so."))


def promised_since(library: "str", *, is_for_musl: "bool") -> "int":
    """The minor version of the first glibc 2 whose generation has *library*; for musl 0 or ``NEVER``."""
    if is_libc(library) or (is_for_musl and library == "libz.so.1"):  # auditwheel's musllinux policies
        return 0
    return NEVER if is_for_musl else LIBRARIES.get(library, NEVER)


def numbers(version: "str") -> "tuple[int, ...]":
    """The numbers of a symbol version ``GLIBC_2.17``; none where it is not made of them."""
    words = version.partition("_")[2].split(".")
    return tuple([int(word) for word in words]) if all(w.isascii() and w.isdigit() and len(w) < 10 for w in words) else ()


def _generations(family: "str", arch: "str") -> "list[tuple[int, str]]":
    rows = [row.split(" ") for row in _HIGHEST.get(f"{family} {arch}", _HIGHEST[family]).split(", ")]
    return [(int(first), version) for first, version in rows]


def highest(family: "str", arch: "str", minor: "int") -> "str":
    """The highest version of *family* that the generation of glibc 2.*minor* has on *arch*; empty where it has none."""
    found = [version for first, version in _generations(family, arch) if first <= minor]
    return f"{family}_{found[-1]}" if found else ""


def since(version: "str", arch: "str") -> "int":
    """The minor version of the first glibc 2 whose generation has the symbol *version* on *arch*; ``NEVER`` where none has.

    0 for a family of which nothing is promised, because the lists of libraries tell of it.
    """
    family = version.partition("_")[0]
    if version in _NAMED:
        return _NAMED[version]
    need = numbers(version)
    if family == "GLIBC":
        return min(need[1], NEVER) if len(need) > 1 and need[0] == 2 else NEVER  # GLIBC_PRIVATE is for glibc's own libraries
    if family not in _HIGHEST:
        return 0
    for first, has in _generations(family, arch):
        if need and need <= numbers(f"_{has}"):
            return max(first, FLOORS.get(arch, FLOOR))
    return NEVER
