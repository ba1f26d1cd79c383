"""What a platform tag allows besides the C library: tables of libraries, symbol versions and symbols, and the rules that read them.

Facts as of 2026-11-26. Unless a table names another source, from the policies of auditwheel 6.8.2, which continue PEP 513, 571, 599
and 738; a test compares them with the newest auditwheel. A tag between two policies allows what the lower one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _core

if TYPE_CHECKING:
    from collections.abc import Collection

#: Family of symbol versions -> the minor version of glibc 2 of each generation, and the highest version that it has. If an
#: architecture differs, its name follows the family.
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

#: Minor version of a generation -> the versions with names instead of numbers that it is the first to have.
#: Source for GLIBC_ABI_*: glibc's release notes.
_FIRST_NAMED = {
    17: "CXXABI_TM_1 CXXABI_ARM_1.3.3 CXXABI_LDBL_1.3 GLIBCXX_LDBL_3.4 GLIBCXX_LDBL_3.4.7 GLIBCXX_LDBL_3.4.10",
    24: "CXXABI_FLOAT128 GLIBCXX_LDBL_3.4.21",
    34: "CXXABI_IEEE128_1.3.13 GLIBCXX_LDBL_3.4.29 GLIBCXX_IEEE128_3.4.29",
    35: "GLIBCXX_IEEE128_3.4.30",
    36: "GLIBC_ABI_DT_RELR",
    39: "GLIBCXX_LDBL_3.4.31 GLIBCXX_IEEE128_3.4.31",
    42: "GLIBC_ABI_GNU2_TLS",
    43: "GLIBC_ABI_GNU_TLS GLIBC_ABI_DT_X86_64_PLT",
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
#: Libraries of Android -> the first API level that has them, beside those of its Python (PEP 738). The first four: the NDK's list
#: of stable interfaces, which says from which level on.
ANDROID_LIBRARIES = {
    "libOpenSLES.so": 21,
    "libGLESv3.so": 21,
    "libamidi.so": 29,
    "libbinder_ndk.so": 29,
    **dict.fromkeys(
        (  # noqa: SIM905
            "libandroid.so libc.so libcrypto_python.so libdl.so libEGL.so libGLESv1_CM.so libGLESv2.so libjnigraphics.so liblog.so "
            "libm.so libmediandk.so libOpenMAXAL.so libsqlite3_python.so libssl_python.so libz.so"
        ).split(),
        21,
    ),
    **dict.fromkeys(["libcamera2ndk.so", "libvulkan.so"], 24),
    **dict.fromkeys(["libaaudio.so", "libsync.so"], 26),
    "libneuralnetworks.so": 27,
}
#: Version of bionic's symbols -> the first API level that has it. Source: bionic's libc.map.txt.
BIONIC = {
    "LIBC": 21,
    "LIBC_N": 24,
    "LIBC_O": 26,
    "LIBC_P": 28,
    "LIBC_Q": 29,
    "LIBC_R": 30,
    "LIBC_S": 31,
    "LIBC_T": 33,
    "LIBC_U": 34,
    "LIBC_V": 35,
}
#: Name of an architecture in Android's tags -> its name in Linux.
ANDROID_ARCHS = {"arm64_v8a": "aarch64", "armeabi_v7a": "armv7l", "x86": "i686", "x86_64": "x86_64"}

_ZLIB_INTERNAL = (
    "_dist_code _length_code _tr_align _tr_flush_block _tr_init _tr_stored_block _tr_tally crc32_vpmsum deflate_copyright gzflags "
    "inflate_copyright inflate_fast inflate_table z_errmsg zcalloc zcfree"
)
_ZLIB_UNTIL_36 = (
    "bi_windup crc_fold_512to32 crc_fold_copy crc_fold_init deflate_medium fill_window flush_pending longest_match slide_hash_sse "
    "static_ltree x86_check_features x86_cpu_has_pclmul x86_cpu_has_sse2 x86_cpu_has_sse42"
)
#: Systems that are not judged but whose files are ELF files, with their own names for architectures.
ELF_SYSTEMS = frozenset(["FreeBSD", "OpenBSD", "NetBSD", "DragonFly", "Haiku", "SunOS"])

#: Used in place of a minor version of glibc 2: no version has it.
NEVER = 1000


def _symbols(*rows: tuple[int, str]) -> dict[str, int]:
    return {name: minor for minor, names in rows for name in names.split()}


#: Library -> symbols of it that some systems lack although they have the library -> minor version of the first generation of
#: which all have them.
SYMBOLS = {
    "libc.so.6": _symbols(
        (24, "__cxa_thread_atexit_impl __issignaling __issignalingf __issignalingl"),
        (24, "pthread_getattr_default_np pthread_setattr_default_np"),
    ),
    "libm.so.6": _symbols((24, "__issignaling __issignalingf __issignalingl")),
    "libpthread.so.0": _symbols((24, "pthread_getattr_default_np pthread_setattr_default_np")),
    "libz.so.1": _symbols(
        (34, "uncompress2"),
        (36, _ZLIB_UNTIL_36),
        (37, "crc32_combine_gen crc32_combine_gen64 crc32_combine_op"),
        (NEVER, _ZLIB_INTERNAL),
        (NEVER, "adler32_default crc32_acle crc32_le_vgfm_16 crc32_neon crc32_z_default sse2_slide_hash z_vstring"),
    ),
}
#: The same for musl, no version of which has them.
MUSL_SYMBOLS = {"libz.so.1": frozenset(f"{_ZLIB_INTERNAL} {_ZLIB_UNTIL_36} uncompress2".split())}
#: Symbols of Python that not every build has, so no tag can promise them.
FPE_SYMBOLS = frozenset(["PyFPE_jbuf", "PyFPE_dummy", "PyFPE_counter"])

#: Architecture -> the minor version of the first glibc 2 that supports it, if that is newer than the oldest tag. A file for loongarch64
#: that needs an older one was built for its former ABI ("old world"). Source: glibc's release notes.
FIRST_GLIBC = {"loongarch64": 36, "riscv64": 27}

#: The minor versions of glibc 2 that build images exist for, and their architectures; the same for musl 1. Source: pep600_compliance
#: and the repository of the images.
_IMAGES = {
    17: ("x86_64", "i686", "aarch64", "ppc64le", "s390x"),
    28: ("x86_64", "i686", "aarch64", "ppc64le", "s390x"),
    31: ("armv7l",),
    34: ("x86_64", "i686", "aarch64", "ppc64le", "s390x"),
    39: ("aarch64", "riscv64"),
}
_MUSL_IMAGES = {2: ("x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64")}

#: Libraries that manylinux tags allow -> systems that lack them unless they are installed: (system, minor version of its glibc 2).
#: Source: pep600_compliance, commit 2d70275 of 2026-08-08, which measures images.
_PHOTON = (("Photon OS 4", 32), ("Photon OS 5", 36))
LACKED: dict[str, tuple[tuple[str, int], ...]] = {
    "libnsl.so.1": (("RHEL 8", 28), ("RHEL 9", 34), ("RHEL 10", 39), ("openSUSE 16", 40), ("openSUSE Tumbleweed", 43)),
    **dict.fromkeys(["libGL.so.1", "libICE.so.6", "libSM.so.6", "libX11.so.6", "libXext.so.6", "libXrender.so.1"], _PHOTON),
}


def is_musl(library: str) -> bool:
    """Whether *library* is musl itself, as its two kinds of linkers name it."""
    return library == "libc.so" or library.startswith(("libc.musl-", "ld-musl-"))


def is_loader(library: str) -> bool:
    """Whether *library* is glibc's loader, which is there wherever glibc is."""
    return library.startswith(("ld-linux", "ld64.so.", "ld.so.1"))


def is_libpython(library: str) -> bool:
    """Whether *library* is Python's own, which extension modules for Android need (PEP 738)."""
    return library.startswith("libpython") and ".so" in library


def library_since(library: str, family: str) -> int:
    """The first version that has *library*, by *family* of C library; ``NEVER`` if none has it.

    For glibc the minor version of glibc 2 of its generation, for bionic the API level, for musl 0.
    """
    if family == "bionic":
        return 21 if is_libpython(library) else ANDROID_LIBRARIES.get(library, NEVER)
    if is_musl(library) or is_loader(library):
        return 0
    if family == "musl":
        return 0 if library == "libz.so.1" else NEVER
    return LIBRARIES.get(library, NEVER)


def symbol_since(library: str, symbol: str, family: str) -> int:
    """The first version that has a *symbol* of *library*; 0 if nothing is known about it."""
    if symbol in FPE_SYMBOLS:
        return NEVER
    if family == "musl":
        return NEVER if symbol in MUSL_SYMBOLS.get(library, ()) else 0
    return SYMBOLS.get(library, {}).get(symbol, 0) if family != "bionic" else 0


def lacking(library: str, minor: int) -> list[str]:
    """The systems with glibc 2.*minor* or newer that lack *library* unless it is installed."""
    return [system for system, has in LACKED.get(library, ()) if has >= minor]


def image_tag(family: str, minor: int, arch: str) -> str:
    """The next platform tag, above a version, for which build images exist; empty if there is none, or if they exist for that version."""
    images = _MUSL_IMAGES if family == "musl" else _IMAGES
    found = next((first for first, archs in images.items() if first >= minor and arch in archs), None)
    if found in {None, minor}:
        return ""
    if family == "musl":
        return f"musllinux_1_{found}_{arch}"
    return f"{_core.ALIASES[found]}_{arch}" if found in _core.ALIASES else f"manylinux_2_{found}_{arch}"


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a symbol version such as ``GLIBC_2.17``; none if it has other parts."""
    words = version.partition("_")[2].split(".")
    return tuple([int(word) for word in words]) if all(w.isascii() and w.isdigit() and len(w) < 10 for w in words) else ()


def _generations(family: str, arch: str) -> list[tuple[int, str]]:
    rows = [row.split(" ") for row in _HIGHEST.get(f"{family} {arch}", _HIGHEST[family]).split(", ")]
    return [(int(first), version) for first, version in rows]


def highest(family: str, arch: str, minor: int) -> str:
    """The highest version of *family* that the generation of glibc 2.*minor* has on *arch*; empty if it has none."""
    found = [version for first, version in _generations(family, arch) if first <= minor]
    return f"{family}_{found[-1]}" if found else ""


def version_since(version: str, arch: str, symbols: Collection[str] = ()) -> int:
    """The minor version of the first glibc 2 whose generation has the symbol *version* on *arch*; ``NEVER`` if none has it.

    0 for a family that no policy mentions, because the lists of libraries decide about it. *symbols*: those that need it.
    """
    family = version.partition("_")[0]
    if version in _NAMED:
        return _NAMED[version]
    need = numbers(version)
    if family == "GLIBC":
        if (arch, version, *symbols) == ("aarch64", "GLIBC_2.18", "_mcount"):
            return 17  # profiled code; the systems of that generation have it
        return min(need[1], NEVER) if len(need) > 1 and need[0] == 2 else NEVER  # GLIBC_PRIVATE is for glibc's own libraries
    if family not in _HIGHEST:
        return 0
    for first, has in _generations(family, arch):
        if need and need <= numbers(f"_{has}"):
            return max(first, _core.oldest_minor(arch))
    return NEVER


def image_below(minor: int, arch: str) -> str:
    """The newest build image whose wheels run on glibc 2.*minor*; empty if there is none."""
    found = [first for first, archs in _IMAGES.items() if first <= minor and arch in archs]
    return (_core.ALIASES.get(found[-1]) or f"manylinux_2_{found[-1]}") if found else ""
