"""The checks of a single wheel: its files against its tags, and the archive against its own metadata.

Rules: PEP 425, 427, 600, 656, 738, 3149, and the tables of :mod:`policies`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from .. import _core
from . import conflicts, demands, findings, policies, wheelfile

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from .demands import Claim, Demand, Demands
    from .wheelfile import Binary, Contents

Kind = findings.Kind
Row = findings.Row

#: The minor version of the first glibc 2 that refuses libraries which ask for an executable stack. Source: its release notes.
NO_STACK_SINCE = 41
NO_STACK = f"asks for an executable stack, which glibc 2.{NO_STACK_SINCE} and newer refuse"
IS_CUT = "has a segment that ends beyond the end of the file"
#: The alignment that 64-bit Android devices with large pages need. Source: Android's guide to page sizes.
LARGE_PAGE = 0x4000
#: ABI tags whose modules any newer Python of their kind loads (PEP 384, PEP 803).
_STABLE = ("abi3", "abi3t")
#: How many requirements a remedy names, and how many are compared with a library's name.
_MAX_NAMED = 3
_MAX_REQUIRES = 100


class Judgement:
    """Collects the findings on one wheel. A hostile wheel may cause any number of them, so rows are limited."""

    #: Rows of one kind that are kept.
    LIMIT = 5000

    def __init__(self) -> None:
        self.findings: list[findings.Finding] = []
        self._count: dict[Kind, int] = {}

    def add(self, kind: Kind, rule: str, rows: Iterable[Row], text: str, *, have: str = "", remedy: str = "") -> None:
        """Add one finding with all *rows*, the worst first."""
        kept = []
        for row in rows:
            self._count[kind] = self._count.get(kind, 0) + 1
            if self._count[kind] <= self.LIMIT:
                kept.append(row)
        if kept:
            self.findings.append(findings.Finding(kind, rule, tuple(kept), have, text, remedy))

    def add_parted(
        self, rule: str, rows: Sequence[Row], text: str, loaded: Container[str], *, have: str = "", remedy: str = ""
    ) -> None:
        """Add a finding for the files that must be *loaded*, and a remark for the others."""
        self.add(Kind.LOAD, rule, [row for row in rows if row.file in loaded], text, have=have, remedy=remedy)
        self.add(Kind.REMARK, rule, [row for row in rows if row.file not in loaded], text, have=have, remedy=remedy)

    def is_full(self, kind: Kind) -> bool:
        """Whether no more rows of a kind are kept."""
        return self._count.get(kind, 0) >= self.LIMIT

    def add_each(self, kind: Kind, rule: str, rows: Iterable[Row], text: str, *, have: str = "", remedy: str = "") -> None:
        """Add a finding for each need among *rows*, with all its files; ``{need}`` in *remedy* too."""
        grouped: dict[str, list[Row]] = {}
        for row in rows:
            grouped.setdefault(row.need, []).append(row)
        for need, group in grouped.items():
            self.add(kind, rule, group, text, have=have, remedy=remedy.replace("{need}", need))


def check_tags(found: Judgement, contents: Contents, needs: Demands, lowest: str) -> None:
    """Check each claimed tag by itself: its architecture, its C library, and what else it allows."""
    platforms = contents.wheel.platforms
    if "any" in platforms:
        rows = [Row(binary.path, binary.machine) for binary in needs.binaries]
        found.add_each(Kind.TAG, "any", rows, "is for {need}, and the tag says any", have="any")
    claims = [claim for claim in needs.claims if claim.system != "any"]
    _check_archs(found, needs.binaries, claims)
    machines: dict[tuple[str, str, int, bool], list[Claim]] = {}
    for claim in claims:
        if claim.family:
            machines.setdefault((claim.family, claim.arch, claim.limit, claim.libc is None), []).append(claim)
    for same in machines.values():
        _check_claim(found, needs, same, lowest)
    _check_libraries(found, contents, needs, [claim for claim in claims if claim.family], lowest)
    for binary in needs.old_world if any(claim.family == "glibc" for claim in claims) else ():
        text = "is for the ABI that loongarch64 had before glibc 2.36 (old world); wheels are for the present one"
        found.add(Kind.TAG, "arch", [Row(binary.path, "old-world loongarch64")], text)
    if any(claim.family or claim.system == "Linux" for claim in claims):
        promised = [binary for binary in needs.binaries if binary.isa > 1]
        rows = [Row(binary.path, f"{binary.arch}-v{binary.isa}") for binary in sorted(promised, key=lambda b: -b.isa)]
        has = "the tag allows the baseline of its architecture"
        remedy = "build it for the baseline (without -march=), or mark code that is chosen at run time as such"
        kind = Kind.TAG if any(claim.family for claim in claims) else Kind.REMARK
        found.add(kind, "isa", rows, f"is marked to need {{need}}; {has}", have="baseline", remedy=remedy)


def _check_archs(found: Judgement, binaries: tuple[Binary, ...], claims: list[Claim]) -> None:
    if not claims or not binaries or any(claim.system in policies.ELF_SYSTEMS for claim in claims):
        return
    tag = ".".join([claim.tag for claim in claims])
    fitting = {claim: {binary.path for binary in binaries if _fits(binary, claim)} for claim in claims}
    strangers = [binary for binary in binaries if not any(binary.path in paths for paths in fitting.values())]
    rows = [Row(binary.path, binary.machine) for binary in strangers]
    what = "is for" if any(claim.system in {"Linux", "Android"} for claim in claims) else "is an ELF file for"
    found.add_each(Kind.TAG, "arch", rows, f"{what} {{need}}, and the tag says {tag}", have=tag)
    if len(strangers) < len(binaries):
        empty = [claim.tag for claim in claims if not fitting[claim]]
        text = "the tag says {need}, and no file in the wheel is for it"
        found.add_each(Kind.TAG, "arch", [Row("", one) for one in empty], text)


def _fits(binary: Binary, claim: Claim) -> bool:
    return demands.is_of(binary, claim.archs, is_android=claim.system == "Android")


def _check_claim(found: Judgement, needs: Demands, same: list[Claim], lowest: str) -> None:
    """Check tags that name the same machine."""
    claim, tag = same[0], ".".join([claim.tag for claim in same])
    strangers = [
        Row(binary.path, kind)
        for binary in needs.binaries
        if (kind := needs.families[binary.path]) not in {"", claim.family} and _fits(binary, claim)
    ]
    found.add_each(Kind.TAG, "libc", strangers, f"needs {{need}}, and the tag says {tag}", have=claim.family)
    rows = needs.of(claim)
    versions = [row for row in rows if row.since > claim.limit and row.rule not in {"library", "symbol"}]
    for rule in dict.fromkeys([row.rule for row in versions]):
        worst = worst_first([row for row in versions if row.rule == rule])
        if rule == "glibc":
            has = f"GLIBC_{claim.libc}"
        elif rule == "android":
            has = f"Android's API level {claim.api}"
        else:
            has = policies.highest(rule.upper(), claim.arch, claim.limit)
        most = f"{has} at most" if has else f"no {rule.upper()}"
        found.add(Kind.TAG, rule, worst, f"needs {{need}}; {tag} allows {most}", have=has, remedy=_rename(lowest, same))
    lacked = [row for row in rows if claim.family == "glibc" and row.rule == "library" and row.since <= claim.limit]
    for need in dict.fromkeys([row.need for row in lacked]):
        if systems := policies.lacking(need, claim.limit):
            text = f"needs {{need}}, which {tag} allows, but which is not installed by default on {', '.join(systems)}"
            found.add(Kind.REMARK, "lacks", [Row(row.binary.path, need) for row in lacked if row.need == need], text)


def _check_libraries(found: Judgement, contents: Contents, needs: Demands, claims: list[Claim], lowest: str) -> None:
    """Libraries and symbols that tags do not allow: one finding for all such tags."""
    groups: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}
    for claim in claims:
        for row in needs.of(claim):
            if row.rule in {"library", "symbol"} and row.since > claim.limit:
                files, tags = groups.setdefault((row.rule, row.need), ({}, {}))
                files[row.binary.path] = tags[claim.tag] = None
    for (rule, need), (files, tags) in groups.items():
        if found.is_full(Kind.TAG):
            return
        tag, rows = ".".join(tags), [Row(file, need) for file in files]
        if rule == "library":
            is_android = any(claim.family == "bionic" for claim in claims)
            remedy = library_remedy(contents, need, is_android=is_android)
            found.add(
                Kind.TAG, rule, rows, f"needs {{need}}, which is neither in the wheel nor allowed by {tag}", remedy=remedy
            )
        else:
            text = f"needs the symbol {{need}}, which some systems of {tag} lack"
            found.add(Kind.TAG, rule, rows, text, remedy=_rename(lowest, [claim for claim in claims if claim.tag in tags]))


def worst_first(rows: list[Demand]) -> Iterator[Row]:
    """The highest need of each file, the worst file first."""
    worst: dict[str, Demand] = {}
    for row in rows:
        before = worst.get(row.binary.path)
        if before is None or (row.since, policies.numbers(row.need)) > (before.since, policies.numbers(before.need)):
            worst[row.binary.path] = row
    # The sort is stable, so the first of equals stays first.
    for row in sorted(worst.values(), key=lambda row: (row.since, policies.numbers(row.need)), reverse=True):
        yield Row(row.binary.path, row.need, row.symbol)


def renaming(tag: str) -> str:
    """The command that changes a wheel's platform tag."""
    return f"`python -m wheel tags --platform-tag {tag} --remove FILE` renames it"


def _rename(lowest: str, same: list[Claim]) -> str:
    """What helps if a tag allows less than the wheel needs."""
    words = [renaming(lowest)] if lowest and not lowest.startswith("linux_") else []
    claim = same[0]
    image = policies.image_below(claim.limit, claim.arch) if claim.family == "glibc" else ""
    if image:
        words.append(f"to keep {claim.tag}, build in the {image} image")
    return "; ".join(words)


@lru_cache(maxsize=2 * _MAX_REQUIRES)
def _threes(name: str) -> frozenset[str]:
    """Every sequence of three letters in a name."""
    text = name[:100].lower()
    return frozenset([text[place : place + 3] for place in range(len(text) - 2)])


def library_remedy(contents: Contents, library: str, *, is_android: bool = False) -> str:
    """What helps if a library is missing: bundling it, or a requirement that may bring it, found by comparing names."""
    words = [f"bundle {library} in the wheel" if is_android else f"bundle {library} with `auditwheel repair`"]
    if contents.requires:
        wanted = _threes(library.partition(".")[0].removeprefix("lib"))
        common = [(len(wanted & _threes(name)), name) for name in contents.requires[:_MAX_REQUIRES]]
        alike = [name for count, name in sorted(common, key=lambda row: -row[0]) if count] or [name for _, name in common]
        words.append(f"or it comes with a requirement ({', '.join(alike[:_MAX_NAMED])}): audit the wheels together")
    return "; ".join(words)


def check_linux(found: Judgement, claims: list[Claim], lowest: str, image: str) -> None:
    """Plain ``linux_*`` tags, which the index does not accept."""
    plain = [claim.tag for claim in claims if claim.system == "Linux" and not claim.family]
    remedy = renaming(lowest) if lowest and not lowest.startswith("linux_") else "build it in a manylinux or musllinux image"
    if image:
        remedy += f"; {image} would do as well"
    text = "the wheel is tagged {need}; the Python Package Index does not take such wheels"
    found.add_each(Kind.REMARK, "linux", [Row("", tag) for tag in plain], text, remedy=remedy)


def module_abi(place: str) -> str:
    """The ABI tag in an extension module's file name: ``cp36m`` for ``x.cpython-36m-x86_64-linux-gnu.so``; empty for none."""
    first, _, rest = wheelfile.named_abi(place).partition("-")
    second = rest.partition("-")[0]
    if first == "cpython":
        return f"cp{second}"
    if first.startswith("pypy") and second:
        return f"{first}_{second}"
    return first if first in _STABLE else ""


def check_abis(found: Judgement, contents: Contents) -> None:
    """Extension modules whose file names have another ABI than the tag (PEP 3149, PEP 425)."""
    claimed = contents.wheel.abis
    named = [(module_abi(binary.place), binary.path) for binary in contents.binaries]
    if claimed == ["none"] and len({abi for abi, _ in named} - {""}) > 1:
        return  # a module for each of several Pythons
    rows = [Row(path, abi) for abi, path in named if abi not in {"", *claimed, *_STABLE}]
    tag = ".".join(claimed)
    found.add_each(Kind.TAG, "abi", rows, f"is named for ABI {{need}}, and the tag says {tag}", have=tag)


def check_metadata(found: Judgement, contents: Contents) -> None:
    """The wheel's name against its metadata (PEP 427), RECORD, and purelib."""
    wheel = contents.wheel
    named = {f"{p}-{a}-{s}" for p in wheel.pythons for a in wheel.abis for s in wheel.platforms}
    lines = {tag.lower() for tag in contents.tags}
    listed = {tag for line in lines for tag in _expand(line)}
    if contents.has_late_tags:
        text = "WHEEL has Tag lines behind a blank line, which ends its header: nobody reads them"
        found.add(Kind.FILE, "tags", [Row("", "")], text, remedy="write the header without blank lines")
    if named != listed:
        lack, add = ", ".join(sorted(named - listed)), ", ".join(sorted(listed - named))
        text = f"the Tag lines of WHEEL differ from the filename: they lack {lack or 'nothing'} and add {{need}}"
        found.add(Kind.FILE, "tags", [Row("", add or "nothing")], text, have=lack)
    elif lines != listed:
        text = (
            "the Tag lines of WHEEL hold a compressed set of tags; there should be a line for each (installers read the name)"
        )
        found.add(Kind.REMARK, "tags", [Row("")], text)
    found.add(Kind.FILE, "record", [Row(path) for path in contents.unlisted], "is not in RECORD")
    if "any" not in wheel.platforms:
        text = "is in purelib, which is for files of any platform"
        found.add(Kind.TAG, "purelib", [Row(path) for path in contents.pure], text)
        if contents.is_pure:
            text = "is machine code, and WHEEL says Root-Is-Purelib: true"
            found.add(Kind.REMARK, "purelib", [Row(binary.path) for binary in contents.binaries], text)


def _expand(line: str) -> list[str]:
    """The tags of a compressed set; the line itself if it is not one."""
    parts = [part.split(".") for part in line.split("-")]
    if len(parts) != 3 or len(parts[0]) * len(parts[1]) * len(parts[2]) > 1000:
        return [line]
    return ["-".join(tag) for tag in product(*parts)]


def check_entries(found: Judgement, contents: Contents, claims: list[Claim]) -> None:
    """Malformed entries of the archive, and ELF files that cannot be read."""
    has_elf = any(claim.system in {"Linux", "Android"} for claim in claims)
    for path, rule, problem, is_serious in contents.faults:
        if rule != "elf" or has_elf:
            found.add(Kind.FILE if is_serious else Kind.REMARK, rule, [Row(path)], problem)
    for binary in contents.binaries:
        for problem in binary.problems[:10]:
            found.add(Kind.REMARK, "elf", [Row(binary.path)], f"is odd: {problem}")
        if binary.is_cut:
            found.add(Kind.FILE, "truncated", [Row(binary.path)], IS_CUT)


def check_files(found: Judgement, needs: Demands) -> None:
    """What is wrong with a file whatever its tag is: search paths, relocations in code, alignment, exported state."""
    for is_absolute, what in (
        (True, "the absolute folder {need}"),
        (False, "a folder that depends on where it is started ('{need}')"),
    ):
        rows = [
            Row(binary.path, folder)
            for binary in needs.binaries
            for folder in (binary.runpath or binary.rpath)
            if not folder.startswith(("$ORIGIN", "${ORIGIN}")) and folder.startswith("/") is is_absolute
        ]
        found.add_each(Kind.REMARK, "rpath", rows, f"has {what} in its search path", remedy="use $ORIGIN")
    rows = [Row(binary.path) for binary in needs.binaries if binary.has_text_relocations]
    found.add(Kind.REMARK, "textrel", rows, "has relocations in its code (DT_TEXTREL)", remedy="compile with -fPIC")
    rows = [
        Row(binary.path, f"{binary.alignment} bytes")
        for binary in needs.binaries
        if needs.families[binary.path] == "bionic" and binary.head.bits == 64 and 0 < binary.alignment < LARGE_PAGE
    ]
    text = "is aligned to {need}; devices with pages of 16 KiB cannot load it"
    found.add_each(Kind.REMARK, "alignment", rows, text, remedy="link with -Wl,-z,max-page-size=16384")
    for binary in needs.binaries:
        names = sorted([name.decode("utf-8", "backslashreplace") for name in binary.image.defined if name.startswith(b"_ZSt")])
        # A complete copy of libstdc++ serves its own wheel.
        if names and not binary.is_program and not binary.soname.startswith("libstdc++"):
            shown = ", ".join([conflicts.plain(name) for name in names[:_MAX_NAMED]])
            text = f"exports {shown}, state of the C++ runtime that other wheels may take from the system"
            found.add(Kind.REMARK, "state", [Row(binary.path, ", ".join(names))], text)


def stack_rows(binaries: Iterable[Binary]) -> list[Row]:
    """The libraries that ask for an executable stack; programs may."""
    return [Row(binary.path) for binary in binaries if binary.has_stack and not binary.is_program]


def refuses_stack(glibc: _core.Glibc | None) -> bool:
    """Whether a C library refuses an executable stack."""
    return glibc is not None and glibc >= _core.Glibc(2, NO_STACK_SINCE)


def glibc_of(platform: _core.Platform | None) -> _core.Glibc | None:
    """The glibc of a target, or the older one that it is limited to; None if it has another C library."""
    have = _core.as_glibc(platform.libc) if platform else None
    return min(have, platform.max_glibc or have) if platform and have else None
