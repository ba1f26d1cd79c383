"""Does a wheel's file keep what its tag promises, and will it load here? Needs the extra ``mltags[audit]``.

Nothing is unpacked to a folder, and nothing in a wheel is run. Rules: PEP 600, with the tables of :mod:`mltags._policies`.
"""

import os
import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations, permutations

from .wheelfile import read_wheel
from .._core import FLOOR, FLOORS, Glibc, Musl, Platform, Python
from .._errors import InvalidPlatformTag, InvalidWheel, InvalidWheelName, MltagsError, printable
from .._explain import Mismatch
from .libraries import STATE, Libraries
from .policies import NEVER, highest, is_libc, is_musl, numbers, promised_since, since
from .._probe import probe
from .._root import RootHost
from .._target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    from .wheelfile import Binary, Contents, Progress

    T = TypeVar("T")
    PathLike = str | os.PathLike[str]

__all__ = ["Audit", "Finding", "InvalidWheel", "Kind", "Together", "audit", "audit_together"]


#: Findings of one kind that are kept; a hostile wheel may give cause for any number.
MAX_FINDINGS = 1000


class Kind(IntEnum):
    """What a finding is about. Larger is worse; a remark breaks nothing."""

    REMARK = 0
    FILE = 1
    PROMISE = 2
    LOAD = 3
    CONFLICT = 4

    def __str__(self) -> "str":
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a wheel; as text it is one sentence.

    * ``kind``: what it is about; ``rule``: which check, in a word.
    * ``file``: an entry of the wheel, empty where it is about all of it.
    * ``need``: what the contents need: a symbol version, a library, symbols, an architecture; ``promise``: what the tag or the
      target has in its place.
    """

    kind: "Kind"
    rule: "str"
    file: "str"
    need: "str"
    promise: "str"
    sentence: "str"

    def __str__(self) -> "str":
        return printable(self.sentence, 1000)


@dataclass(frozen=True, slots=True)
class Audit:
    """The verdict on one wheel. Truthy where it keeps its promise and loads; as text it is one line.

    * ``name``: its file name; ``claims``: its platform tags.
    * ``honest``: the platform tag that its contents would bear; empty where no single one would do.
    * ``glibc``: the highest version of glibc that it needs, None where it needs none.
    * ``findings``: worst first.
    """

    name: "str"
    claims: "tuple[str, ...]"
    honest: "str"
    glibc: "Glibc | None"
    findings: "tuple[Finding, ...]"

    @property
    def keeps(self) -> "bool":
        """Whether the contents keep what the name and the metadata promise."""
        return not any(finding.kind in {Kind.FILE, Kind.PROMISE} for finding in self.findings)

    @property
    def loads(self) -> "bool":
        """Whether the target can load it."""
        return not any(finding.kind is Kind.LOAD for finding in self.findings)

    def __bool__(self) -> "bool":
        return self.keeps and self.loads

    def __str__(self) -> "str":
        keeps = "keeps its promise" if self.keeps else "does not keep its promise"
        needs = f", needs glibc {self.glibc}" if self.glibc else ""
        honest = f", honest tag {self.honest}" if self.honest else ", no single honest tag"
        loads = "loads here" if self.loads else "does not load here"
        return f"{printable(self.name)}: {keeps} (claims {printable('.'.join(self.claims))}{needs}{honest}); {loads}"


@dataclass(frozen=True, slots=True)
class Together:
    """The verdicts on several wheels, in the order given (an error in place of one that cannot be read), and their conflicts."""

    wheels: "tuple[Audit | InvalidWheel | InvalidWheelName, ...]"
    conflicts: "tuple[Finding, ...]"

    def __bool__(self) -> "bool":
        return not self.conflicts and all(isinstance(wheel, Audit) and wheel for wheel in self.wheels)


def audit(path: "PathLike", target: "Target | Platform | None" = None, *, root: "RootHost | None" = None) -> "Audit":
    """Look into the wheel at *path*: does it keep what its tag promises, and will it load on *target*?

    Args:
        path: a wheel's file.
        target: a Target, or a Platform to leave the Python out; None: this machine's platform.
        root: whose libraries are looked at; None: this machine's where *target* is None, nobody's otherwise.

    Raises:
        InvalidWheel, InvalidWheelName: it cannot be read, or is no wheel.
        OverrideError: this machine was probed, and its ``_manylinux`` module misbehaved.
        MltagsError: pyelftools is missing.
    """
    verdict = audit_together([path], target, root=root).wheels[0]
    if isinstance(verdict, MltagsError):
        raise verdict
    return verdict


def audit_together(
    paths: "Iterable[PathLike]",
    target: "Target | Platform | None" = None,
    *,
    root: "RootHost | None" = None,
    progress: "Progress | None" = None,
) -> "Together":
    """Look into several wheels that one process may load, as :func:`audit` does, and for what they do to one another.

    One that cannot be read keeps none of the others from being judged. *progress* is told now and then: (file name, bytes done, of
    bytes).

    Raises:
        OverrideError, MltagsError: as :func:`audit`.
    """
    if target is None:
        target = probe()
        root = root or (RootHost("/") if target.system == "Linux" else None)
    platform = target if isinstance(target, Platform) else target.platform
    system = Libraries(root) if root else None
    state = system.state(platform.archs if platform else ()) if system else STATE
    verdicts: list[Audit | InvalidWheel | InvalidWheelName] = []
    read: list[Contents] = []
    for path in paths:
        try:
            contents = read_wheel(os.fspath(path), state, progress)
        except (InvalidWheel, InvalidWheelName) as problem:
            verdicts.append(problem)
        else:
            read.append(contents)
            verdicts.append(_Judgement(contents, target, system).verdict())
    return Together(tuple(verdicts), tuple(_conflicts(read)))


class _Judgement:
    """One wheel judged: each method one part of the rules, which adds its findings.

    *system*: the libraries of the target, None where nobody's are looked at.
    """

    def __init__(self, contents: "Contents", target: "Target | Platform", system: "Libraries | None") -> "None":
        self.contents, self.target, self.system = contents, target, system
        self.binaries = contents.binaries
        self.findings: list[Finding] = []
        self._count: Counter[Kind] = Counter()
        self.tag = ".".join(contents.wheel.platforms)
        self.claims = [claim for claim in map(self._claim, contents.wheel.platforms) if claim]
        self.libcs = [claim.libc for claim in self.claims if claim.libc]
        self.families = {binary.path: _family(binary) for binary in self.binaries}
        self.names = {name for binary in self.binaries for name in (binary.soname, posixpath.basename(binary.place))}
        #: what has to come from the system: (minor version of the first glibc 2 that has it, need, file)
        self.asked = [
            (since(version, binary.arch), version, binary)
            for binary in self.binaries
            for library, version in binary.versions
            if library not in self.names
        ]
        self.outside = [
            (promised_since(library, is_for_musl=self.families[binary.path] == "musl"), library, binary)
            for binary in self.binaries
            for library in binary.needed
            if library not in self.names
        ]

    def verdict(self) -> "Audit":
        self._machines()
        self._promises()
        self._abis()
        self._file()
        self._remarks()
        self._load()
        glibcs = [numbers(need)[:2] for _, need, _ in self.asked if need.startswith("GLIBC_2.")]
        glibc = max([Glibc(*pair) for pair in glibcs if len(pair) > 1 and max(pair) < NEVER], default=None)
        findings = tuple(sorted(self.findings, key=lambda finding: -finding.kind))
        return Audit(self.contents.filename, tuple(self.contents.wheel.platforms), self._honest(), glibc, findings)

    def _add(
        self, kind: "Kind", rule: "str", rows: "Iterable[tuple[str, str]]", text: "str", *, promise: "str" = "", **words: "str"
    ) -> "None":
        """Add a finding for each need in *rows* of (need, file); *text*, about its files, is a format of what else is given."""
        for need, files in _grouped(rows).items():
            self._count[kind] += 1
            if self._count[kind] <= MAX_FINDINGS:
                sentence = f"{_some(files)} {text.format(need=need, promise=promise, tag=self.tag, **words)}".strip()
                self.findings.append(Finding(kind, rule, files[0], need, promise, sentence))

    def _claim(self, tag: "str") -> "Platform | None":
        """The machine that a platform tag names; None for ``any``, and for one that no machine has."""
        try:
            return None if tag == "any" else Platform.parse(tag)
        except InvalidPlatformTag as problem:
            self._add(Kind.PROMISE, "tag", [(tag, "")], "{problem}", problem=str(problem))
            return None

    def _machines(self) -> "None":
        """Whether there may be ELF files at all, and whether they are for the machines that the tag names."""
        if "any" in self.contents.wheel.platforms:
            rows = [(self.binaries[0].arch, binary.path) for binary in self.binaries]
            self._add(Kind.PROMISE, "any", rows, "is for one machine, and the tag says any", promise="any")
        if self.claims:
            archs = {arch for claim in self.claims for arch in claim.archs}
            rows = [(binary.arch, binary.path) for binary in self.binaries if not _is_of(binary.arch, archs)]
            self._add(Kind.PROMISE, "arch", rows, "is for {need}, and the tag says {tag}", promise=self.tag)
        if self.libcs:
            families = {"", *[libc.family for libc in self.libcs]}
            rows = [(family, path) for path, family in self.families.items() if family not in families]
            self._add(Kind.PROMISE, "libc", rows, "needs {need}, and the tag says {tag}", promise=self.tag)

    def _promises(self) -> "None":
        """Whether symbol versions and libraries are those of the oldest system that the tag names."""
        if not self.libcs:
            return  # linux_* promises the machine alone
        least = min([libc for libc in self.libcs if isinstance(libc, Glibc)], default=None)
        limit = least.minor if least is not None and least.major == 2 else NEVER - 1
        exceeding = [(row[1].partition("_")[0], row) for row in self.asked if row[0] > limit]
        for family, rows in _grouped(exceeding).items():
            version, binary, more = _worst(rows)
            has = f"GLIBC_{least}" if family == "GLIBC" else highest(family, binary.arch, limit)
            most = f"{has} at most" if has else f"no {family}"
            text = "needs {need}; {tag} promises {most}{more}"
            self._add(Kind.PROMISE, family.lower(), [(version, binary.path)], text, promise=has, most=most, more=more)
        lacking = [(library, binary.path) for minor, library, binary in self.outside if minor > limit]
        self._add(Kind.PROMISE, "library", lacking, "needs {need}, which is neither in the wheel nor promised by {tag}")

    def _honest(self) -> "str":
        """The platform tag that the contents would bear: ``any`` without ELF files, empty where no single one would do."""
        archs = {binary.arch for binary in self.binaries}
        if len(archs) != 1 or " " in "".join(archs):
            return "" if archs else "any"
        arch = archs.pop()
        families = set(self.families.values()) - {""} or {libc.family for libc in self.libcs}
        minor = max([FLOORS.get(arch, FLOOR), *[row[0] for row in (*self.asked, *self.outside)]])
        # musl has no symbol versions, so that nothing tells another version than the tag does.
        kept = min([libc for libc in self.libcs if isinstance(libc, Musl)], default=None)
        if minor < NEVER and families == {"musl"} and kept is not None:
            return f"musllinux_{kept.major}_{kept.minor}_{arch}"
        return f"manylinux_2_{minor}_{arch}" if minor < NEVER and "musl" not in families else f"linux_{arch}"

    def _abis(self) -> "None":
        """Extension modules whose file names say another ABI than the tag (PEP 3149, PEP 425)."""
        promised = self.contents.wheel.abis
        said = [(_abi(binary.place), binary.path) for binary in self.binaries]
        if promised == ["none"] and len({abi for abi, _ in said} - {""}) > 1:
            return  # one module for each of several Pythons
        rows = [(abi, path) for abi, path in said if abi not in {"", *promised, *_STABLE}]
        self._add(Kind.PROMISE, "abi", rows, "says ABI {need}, and the tag says {promise}", promise=".".join(promised))

    def _file(self) -> "None":
        """The wheel's name against its metadata (PEP 427), RECORD, and purelib."""
        wheel = self.contents.wheel
        named = {f"{p}-{a}-{s}" for p in wheel.pythons for a in wheel.abis for s in wheel.platforms}
        told = {tag.lower() for tag in self.contents.tags}
        if named != told:
            lack, add = ", ".join(sorted(named - told)), ", ".join(sorted(told - named))
            text = "the Tag lines of WHEEL lack {lack} of the name, and add {add}"
            self._add(Kind.FILE, "tags", [(add, "")], text, promise=lack, lack=lack or "nothing", add=add or "nothing")
        self._add(Kind.FILE, "record", [("", path) for path in self.contents.unlisted], "is not in RECORD")
        if "any" not in wheel.platforms:
            rows = [("", path) for path in self.contents.pure]
            self._add(Kind.PROMISE, "purelib", rows, "is in purelib, which is for files of any platform")

    def _remarks(self) -> "None":
        """State of the C++ runtime that is exported; libraries of the wheel that a file needs, and does not find along its own
        DT_RUNPATH or DT_RPATH."""
        places = {binary.place for binary in self.binaries}
        hidden = []
        for binary in self.binaries:
            if _exports_state(binary):
                rows = [(", ".join(sorted(binary.state)), binary.path)]
                text = "exports {told}, state of the C++ runtime that other wheels may take from the system"
                self._add(Kind.REMARK, "state", rows, text, told=_told(binary, binary.state))
            origin = f"./{posixpath.dirname(binary.place)}"
            folders = [folder.replace("{", "").replace("}", "").replace("$ORIGIN", origin) for folder in binary.folders[:100]]
            hidden += [
                (name, binary.path)
                for name in sorted(self.names.intersection(binary.needed))
                if not any(posixpath.normpath(f"{folder}/{name}") in places for folder in folders)
            ]
        self._add(Kind.REMARK, "rpath", hidden, "finds {need} of this wheel only where it is loaded already")

    def _refusal(self) -> "str":
        """Why the target refuses the wheel by its name; empty where it does not."""
        target, name, wheel = self.target, self.contents.filename, self.contents.wheel
        if isinstance(target, Platform):
            # The Python is left out: any wheel for this platform fits a wheel of Python 3 alone.
            target = Target(Python("py", (3,), ()), target)
            name = f"{wheel.project}-{wheel.version}-py3-none-{self.tag}.whl"
        verdict = target.explain(name)
        return verdict.because if isinstance(verdict, Mismatch) else ""

    def _load(self) -> "None":
        """Whether the target loads it: by its name, its architecture, its C library, and the system's libraries."""
        refusal = self._refusal()
        platform = self.target if isinstance(self.target, Platform) else self.target.platform
        if refusal:
            self._add(Kind.LOAD, "target", [("", "")], "the wheel {refusal}", refusal=refusal)
        if platform is None:
            return
        archs, have = " ".join(platform.archs), platform.libc
        if isinstance(have, Glibc):
            have = min(have, platform.ceiling or have)
        ours = [binary for binary in self.binaries if _is_of(binary.arch, set(platform.archs))]
        if not ours and not refusal:
            rows = [(self.binaries[0].arch, binary.path) for binary in self.binaries]
            here = archs or platform.system
            self._add(Kind.LOAD, "arch", rows, "is for {need}; the target is {here}", promise=archs, here=here)
        if have and not refusal:
            rows = [("", binary.path) for binary in ours if self.families[binary.path] not in {"", have.family}]
            self._add(Kind.LOAD, "libc", rows, "needs another C library than the target's {promise}", promise=have.family)
        if isinstance(have, Glibc) and have.major == 2:
            needs = [row for row in self.asked if row[1].startswith("GLIBC_") and _is_of(row[2].arch, set(platform.archs))]
            exceeding = [row for row in needs if have.minor < row[0] < NEVER]
            if exceeding:
                version, binary, more = _worst(exceeding)
                text = "needs {need}; the target has glibc {promise}{more}"
                self._add(Kind.LOAD, "glibc", [(version, binary.path)], text, promise=str(have), more=more)
        if self.system is not None:
            self._libraries(self.system, ours)

    def _libraries(self, system: "Libraries", ours: "list[Binary]") -> "None":
        """Whether the system has the libraries that the wheel takes from it, and their versions."""
        lacking, wanting = [], []
        for binary in ours:
            needed = [library for library in binary.needed if library not in self.names and not is_libc(library)]
            places = {library: system.path(library, binary.key) for library in needed}
            lacking += [(library, binary.path) for library in needed if not places[library]]
            wanting += [
                (library, (version, binary.path))
                for library, version in binary.versions
                # Those of glibc have been compared with the target's, which may be older than the one in its files.
                if not version.startswith("GLIBC_") or since(version, binary.arch) == NEVER
                if places.get(library) and version not in system.defined(places[library])
            ]
        text = "needs {need}, which is neither in the wheel nor on the target's library path"
        self._add(Kind.LOAD, "library", lacking, text)
        for library, rows in _grouped(wanting).items():
            worst = max(rows, key=lambda row: numbers(row[0]))
            text = "needs {need}, which the target's {promise} does not define"
            self._add(Kind.LOAD, "version", [worst], text, promise=library)


#: ABI tags whose modules any newer Python of their kind loads (PEP 384, PEP 803).
_STABLE = ("abi3", "abi3t")


def _abi(place: "str") -> "str":
    """The ABI tag that an extension module's file name says: ``cp36m`` for ``x.cpython-36m-x86_64-linux-gnu.so``; empty for none."""
    words = posixpath.basename(place).split(".")
    word = words[-2] if len(words) > 2 and words[-1] == "so" else ""
    parts = word.split("-")
    if parts[0] == "cpython" and len(parts) > 1:
        return f"cp{parts[1]}"
    if parts[0].startswith("pypy") and len(parts) > 1:
        return f"{parts[0]}_{parts[1]}"
    return word if word in _STABLE else ""


def _family(binary: "Binary") -> "str":
    """The C library that a file needs: ``glibc``, ``musl``, or none."""
    if any(is_musl(library) for library in binary.needed):
        return "musl"
    return "glibc" if "libc.so.6" in binary.needed or any(v.startswith("GLIBC_") for _, v in binary.versions) else ""


def _is_of(arch: "str", archs: "set[str]") -> "bool":
    """Whether a file for *arch* is for one of *archs*; a 32-bit ARM header does not tell its version."""
    return arch in archs or (arch == "armv7l" and any(other.startswith("armv") for other in archs))


def _grouped(rows: "Iterable[tuple[str, T]]") -> "dict[str, list[T]]":
    """Rows by their first member, in the order in which it came."""
    found: dict[str, list[T]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found


def _worst(rows: "list[tuple[int, str, Binary]]") -> "tuple[str, Binary, str]":
    """The highest version, its file, and in words how many files there are beside that one."""
    _, version, binary = max(rows, key=lambda row: (row[0], numbers(row[1])))
    count = len({binary.path for _, _, binary in rows}) - 1
    return version, binary, f"; {count} more {'file exceeds' if count == 1 else 'files exceed'} that" if count else ""


def _some(files: "Iterable[str]") -> "str":
    first, *rest = [*files] or [""]
    return f"{first} (and {len(rest)} more)" if rest else first


def _conflicts(wheels: "list[Contents]") -> "list[Finding]":
    """What wheels do to one another in one process (PEP 600)."""
    found = [finding for one, other in permutations(wheels, 2) for finding in _state_taken(one, other)]
    return found + [finding for one, other in combinations(wheels, 2) for finding in _same_names(one, other)]


def _state_taken(one: "Contents", other: "Contents") -> "list[Finding]":
    """The state of the C++ runtime that a library of *one* exports, and that *other* takes from the system's libstdc++."""
    found: list[Finding] = []
    if "libstdc++.so.6" in {binary.soname for binary in other.binaries}:
        return found  # it brings its own
    for binary in filter(_exports_state, one.binaries):
        users = [user for user in other.binaries if binary.state & user.taken]
        symbols = sorted(binary.state & {symbol for user in users for symbol in user.taken})
        likely = "each may see the other's value, or none"
        if any("once_call" in symbol for symbol in symbols):
            likely = "std::call_once of the one then finds the other's state empty, and likely crashes the process"
        text = (
            f"{binary.path} of {one.filename} exports {_told(binary, symbols)}, state of the C++ runtime that "
            f"{_some([user.path for user in users])} of {other.filename} takes from the system's libstdc++.so.6: where both are "
            f"imported, {likely}"
        )
        if users:
            found.append(Finding(Kind.CONFLICT, "state", binary.path, ", ".join(symbols), "libstdc++.so.6", text))
    return found


def _exports_state(binary: "Binary") -> "bool":
    """Whether a file exports state of the C++ runtime; a whole copy of libstdc++ does so for its own wheel alone."""
    return bool(binary.state) and not binary.soname.startswith("libstdc++")


def _told(binary: "Binary", symbols: "Iterable[str]") -> "str":
    return ", ".join([_plain(symbol) for symbol in sorted(symbols)]) + " (and the function __once_proxy)" * binary.proxy


def _same_names(one: "Contents", other: "Contents") -> "list[Finding]":
    """Libraries that two wheels bundle under one SONAME, and that are not the same bytes."""
    found = []
    others = {binary.soname: binary for binary in _bundled(other)}
    for mine in _bundled(one):
        theirs = others.get(mine.soname, mine)
        if mine.checksum != theirs.checksum and not _is_unique(mine.soname):
            text = (
                f"{mine.path} of {one.filename} and {theirs.path} of {other.filename} are different libraries of one SONAME, "
                f"{mine.soname}: where both are imported, the first to be loaded serves both"
            )
            found.append(Finding(Kind.CONFLICT, "soname", mine.path, mine.soname, theirs.path, text))
    return found


def _bundled(wheel: "Contents") -> "list[Binary]":
    """The libraries in a wheel that other files in it need."""
    needed = {library for binary in wheel.binaries for library in binary.needed}
    return [binary for binary in wheel.binaries if binary.soname in needed]


def _is_unique(soname: "str") -> "bool":
    """Whether *soname* has what auditwheel puts into it to make it unique: a part of a checksum, ``libz-7f57503f.so.1.2.11``."""
    mark = soname.partition(".")[0].rpartition("-")[2]
    return len(mark) >= 8 and not mark.strip("0123456789abcdef")


def _plain(symbol: "str") -> "str":
    """A symbol in C++'s own words where it is a plain name of its standard library."""
    found = re.fullmatch("_ZSt([0-9]{1,4})([^0-9].*)", symbol)
    return f"std::{found[2]}" if found and int(found[1]) == len(found[2]) else symbol
