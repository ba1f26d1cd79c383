"""The rules from a Platform to its ordered platform tags. Pure: arguments in, tags out."""

from ._facts import Glibc, Musl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._facts import Platform

#: Minor version of glibc 2 -> the alias that stands for it (PEP 600), oldest first. No other major version has any.
ALIASES = {
    5: "manylinux1",  # CentOS 5, PEP 513
    12: "manylinux2010",  # CentOS 6, PEP 571
    17: "manylinux2014",  # CentOS 7, PEP 599
}

#: Oldest glibc 2 minor version with a manylinux tag. PEP 600 knows no floor; these are packaging's, where the first
#: manylinux wheels of the architecture began.
FLOORS = {
    "x86_64": 5,  # PEP 513
    "i686": 5,  # PEP 513
}
FLOOR = 17  # PEP 599, and everything since

#: The last minor version that an older major version is assumed to have had, once glibc has moved on to the next.
#: The number is packaging's guess; no such glibc exists yet.
LAST_MINOR = 50


#: Architectures whose name tells a 64-bit interpreter's ABI, so that nobody has to look at its ELF header; those of packaging.
PLAIN = frozenset(["x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"])


def glibc_versions(libc: "Glibc", arch: "str", ceiling: "Glibc | None" = None) -> "list[tuple[int, range]]":
    """The versions that the manylinux tags of *arch* may name under *libc*, highest first, none above *ceiling*.

    A row ``(major, minors)`` for each major version. Source: PEP 600 (a newer glibc runs what an older one does, across
    majors as well); floors as in ``FLOORS``.
    """
    rows = []
    for major in range(libc.major, min(libc.major, 2) - 1, -1):
        highest = libc.minor if major == libc.major else LAST_MINOR
        if ceiling is not None and major >= ceiling.major:
            highest = min(highest, ceiling.minor) if major == ceiling.major else -1
        lowest = FLOORS.get(arch, FLOOR) if major == 2 else 0  # floors count for glibc 2 only
        rows.append((major, range(highest, lowest - 1, -1)))
    return rows


def ladder(platform: "Platform", *, native: "str" = "first") -> "tuple[str, ...]":
    """List the platform tags that *platform* accepts, best first, without duplicates.

    Every native ``linux_<arch>`` tag comes first (last with ``native="last"``, as packaging before 26.3 and uv have it);
    then, an architecture at a time, the manylinux tags from the machine's glibc down to the floor, an alias directly
    after the version it stands for; or the musllinux tags from the machine's musl down to minor 0.

    Raises:
        InvalidTarget: *native* is neither ``"first"`` nor ``"last"``.

    Source: PEP 600 and PEP 656; the place of ``linux_<arch>`` is that of packaging 26.3.
    """
    if native not in ("first", "last"):
        from ._errors import InvalidTarget

        raise InvalidTarget(str(native), "native", "'first' and 'last' are accepted")
    natives = ["linux_" + arch for arch in platform.archs]
    tags = [*platform.listed]
    libc, override = platform.libc, platform.override
    if type(libc) is Glibc:
        refused = {(version.major, version.minor, arch) for version, arch, _ in override.refused} if override else ()
        for arch in platform.ladders:
            for major, minors in glibc_versions(libc, arch, platform.ceiling):
                kept = [minor for minor in minors if (major, minor, arch) not in refused] if refused else minors
                head, tail = f"manylinux_{major}_", f"_{arch}"
                rungs = [f"{head}{minor}{tail}" for minor in kept]
                if major == 2:
                    for minor, alias in ALIASES.items():  # oldest first, so that those before it keep their places
                        if minor in kept:
                            rungs.insert(kept.index(minor) + 1, f"{alias}_{arch}")
                tags += rungs
    elif type(libc) is Musl:
        for arch in platform.ladders:
            tags += [f"musllinux_{libc.major}_{minor}_{arch}" for minor in range(libc.minor, -1, -1)]
    return tuple(natives + tags if native == "first" else tags + natives)
