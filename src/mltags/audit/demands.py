"""What the files of a wheel need from a system, what its platform tags claim, and the lowest tag that would be correct."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .. import _abi, _core, _declare, _errors
from . import policies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .libraries import Site
    from .wheelfile import Binary

#: Systems whose wheels are judged, by the first word of their tags, and ``any``.
_JUDGED = ("Linux", "Android", "any")
#: The bit of e_flags that marks files for the present ABI of loongarch64. Source: the psABI, EF_LOONGARCH_OBJABI_V1.
_NEW_OBJECTS = 0x40


class Claim(NamedTuple):
    """A platform tag of a wheel, read: its ``system``; ``arch`` as Linux names it; ``libc``, or ``api``, the level of Android.

    ``family``: of the C library, ``glibc``, ``musl`` or ``bionic``; empty for a plain ``linux_*``.
    """

    tag: str
    system: str
    arch: str = ""
    libc: _core.Glibc | _core.Musl | None = None
    api: int = 0

    @property
    def family(self) -> str:
        return "bionic" if self.system == "Android" else self.libc.family if self.libc else ""

    @property
    def is_judged(self) -> bool:
        return self.system in _JUDGED

    @property
    def limit(self) -> int:
        """What the claim allows, as a number: the minor version of glibc 2, or the API level."""
        if self.system == "Android":
            return self.api
        libc = _core.as_glibc(self.libc)
        return libc.minor if libc is not None and libc.major == 2 else policies.NEVER - 1

    @property
    def archs(self) -> tuple[str, ...]:
        return _abi.accepted_archs(self.arch)


def read_claim(tag: str) -> Claim | _errors.InvalidPlatformTag:
    """Read a platform tag of a wheel; returns the error if no machine has that tag."""
    try:
        platform = _declare.parse_platform(tag)
    except _errors.InvalidPlatformTag as problem:
        return problem
    if platform.system == "Android":
        level, _, abi = tag.removeprefix("android_").partition("_")
        return Claim(tag, "Android", policies.ANDROID_ARCHS.get(abi, abi), api=int(level))
    return Claim(tag, platform.system, "".join(platform.archs[:1]), platform.libc)


class Demand(NamedTuple):
    """Something that a file needs from the system. ``since``: the first C library that has it, as a number of the file's family.

    ``need``: a symbol version, a library or a symbol; ``rule``: the rule that looks at it; ``symbol``: which needs the version.
    """

    rule: str
    need: str
    since: int
    binary: Binary
    symbol: str = ""


def family(binary: Binary, claims: Iterable[Claim]) -> str:
    """The C library that a file needs: ``glibc``, ``musl``, ``bionic``; empty for none."""
    versions = [need.version for need in binary.needs]
    if binary.api or not policies.BIONIC.keys().isdisjoint(versions):
        return "bionic"
    if any(policies.is_musl(library) for library in binary.needed):
        return "bionic" if any(claim.system == "Android" for claim in claims) else "musl"
    return "glibc" if "libc.so.6" in binary.needed or any(version.startswith("GLIBC_") for version in versions) else ""


def is_of(binary: Binary, archs: Iterable[str], *, is_android: bool = False) -> bool:
    """Whether a file is for one of *archs* and has the ABI of its wheels. Android's 32-bit ARM is soft-float."""
    if not _abi.is_for(binary.arch, archs):
        return False
    return is_android or binary.arch not in _abi.CHECKED or _abi.has_abi_of(binary.arch, binary.head)


class Demands:
    """What the *binaries* of a wheel need from a system: whatever is not in *site*, the wheels installed beside it."""

    def __init__(self, binaries: Iterable[Binary], claims: list[Claim], site: Site) -> None:
        self.binaries: tuple[Binary, ...] = tuple(binaries)
        self.claims = claims
        self.families: dict[str, str] = {binary.path: family(binary, claims) for binary in self.binaries}
        self.rows: list[Demand] = []
        for binary in self.binaries:
            self._add(binary, site)

    def _add(self, binary: Binary, site: Site) -> None:
        kind = self.families[binary.path]
        arch = binary.arch or ""
        for library, version, symbols in binary.needs:
            if site.has(library):
                continue
            symbol = "".join(symbols[:1])
            if kind == "bionic":
                since = policies.BIONIC.get(version, policies.NEVER if version.startswith("LIBC") else 0)
                self.rows.append(Demand("android", version, since, binary, symbol))
            else:
                rule = version.partition("_")[0].lower()
                self.rows.append(Demand(rule, version, policies.version_since(version, arch, symbols), binary, symbol))
        for library in binary.needed:
            if not site.has(library):
                self.rows.append(Demand("library", library, policies.library_since(library, kind), binary))
        for library, symbol in binary.odd_symbols:
            if not (library and site.has(library)):
                self.rows.append(Demand("symbol", symbol, policies.symbol_since(library, symbol, kind), binary))

    def of(self, claim: Claim) -> list[Demand]:
        """What the files for the architecture and the C library of *claim* need."""
        kinds = {"", claim.family}
        return [
            row for row in self.rows if self.families[row.binary.path] in kinds and _abi.is_for(row.binary.arch, claim.archs)
        ]

    @property
    def glibc(self) -> _core.Glibc | None:
        """The highest version of glibc that is needed."""
        found = [row.since for row in self.rows if row.rule == "glibc" and row.since < policies.NEVER]
        return _core.Glibc(2, min(max(found), _core.MAX_MINOR)) if found else None

    @property
    def old_world(self) -> list[Binary]:
        """The files for the ABI that loongarch64 had before glibc 2.36.

        Symbol versions decide; if there are none, the flags do.
        """
        found = []
        for binary in self.binaries:
            if binary.arch != "loongarch64" or self.families[binary.path] not in {"", "glibc"}:
                continue
            minors = [policies.numbers(need.version)[1:2] for need in binary.needs if need.version.startswith("GLIBC_2.")]
            first = policies.FIRST_GLIBC["loongarch64"]
            if min(minors, default=(first,)) < (first,) or not (minors or binary.head.flags & _NEW_OBJECTS):
                found.append(binary)
        return found

    def lowest_tag(self) -> tuple[str, str]:
        """The platform tag of the oldest system that the files run on, and the next tag with build images; empty if there is none.

        :func:`mltags.parse_platform` accepts both.
        """
        judged = [claim for claim in self.claims if claim.is_judged]
        if not self.binaries:
            return ("any", "") if judged or not self.claims else ("", "")
        archs = {binary.arch for binary in self.binaries}
        arch = archs.pop()
        if archs or arch is None:
            return "", ""
        # Files that show no family are taken to be of the tags' family.
        shown = set(self.families.values()) - {""}
        kinds = shown or {claim.family for claim in judged} - {""}
        since = max([policies.FIRST_GLIBC.get(arch, 0), *[row.since for row in self.rows]])
        if "bionic" in kinds:
            return self._android_tag(arch, since), ""
        if not all(is_of(binary, [arch]) for binary in self.binaries):
            return "", ""
        found = image = ""
        if since < policies.NEVER and not self.old_world and all(binary.isa <= 1 for binary in self.binaries):
            if kinds == {"musl"}:
                found, image = self._musl_tag(arch)
            elif "musl" not in shown:
                minor = max(_core.oldest_minor(arch), since)
                found, image = f"manylinux_2_{minor}_{arch}", policies.image_tag("glibc", minor, arch)
        is_tag = found and isinstance(read_claim(found), Claim)
        return (found, image) if is_tag else (f"linux_{arch}", "")

    def _musl_tag(self, arch: str) -> tuple[str, str]:
        """The claimed version: musl has no symbol versions, so nothing else shows one."""
        oldest = min(
            [claim.libc for claim in self.claims if claim.is_judged and isinstance(claim.libc, _core.Musl)], default=None
        )
        if oldest is None:
            return "", ""
        image = policies.image_tag("musl", oldest.minor, arch) if oldest.major == 1 else ""
        return f"musllinux_{oldest.major}_{oldest.minor}_{arch}", image

    def _android_tag(self, arch: str, since: int) -> str:
        """The claimed level, or else the one that the files were built for; newer if a symbol or a library needs it."""
        claimed = [claim.api for claim in self.claims if claim.api]
        built = [binary.api for binary in self.binaries if binary.api]
        level = max(min(claimed or built or [0]), since, min(policies.BIONIC.values()))
        abi = next((abi for abi, name in policies.ANDROID_ARCHS.items() if name == arch), "")
        return f"android_{level}_{abi}" if level < policies.NEVER and abi else ""
