"""Does a wheel's file keep what its tag promises, and will it load here? Needs the extra ``mltags[audit]``.

Nothing is unpacked to a folder, and nothing in a wheel is run. Rules: PEP 600, with the tables of :mod:`mltags._policies`.
"""

import os
import posixpath
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations, permutations

from ._abi import INTERPRETERS
from ._contents import missing_library, read_wheel
from ._errors import InvalidPlatformTag, InvalidWheel, InvalidWheelName, MltagsError, printable
from ._facts import Glibc, Musl, Platform
from ._ladder import FLOOR, FLOORS
from ._libraries import STATE, Libraries
from ._policies import NEVER, highest, is_libc, is_musl, numbers, promised_since, since

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from ._contents import Binary, Contents
    from ._root import RootHost
    from ._target import Target

    T = TypeVar("T")

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


def audit(
    path: "str | os.PathLike[str]", target: "Target | Platform | None" = None, *, root: "RootHost | None" = None
) -> "Audit":
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
    paths: "Iterable[str | os.PathLike[str]]",
    target: "Target | Platform | None" = None,
    *,
    root: "RootHost | None" = None,
    progress: "Callable[[str, int, int], None] | None" = None,
) -> "Together":
    """Look into several wheels that one process may load, as :func:`audit` does, and for what they do to one another.

    One that cannot be read keeps none of the others from being judged. *progress* is told now and then: (file name, bytes done, of
    bytes).

    Raises:
        OverrideError, MltagsError: as :func:`audit`.
    """
    lacking = missing_library()
    if lacking is not None:
        raise MltagsError(lacking)
    if target is None:
        from ._probe import probe
        from ._root import RootHost

        target = probe()
        root = root or (RootHost("/") if target.system == "Linux" else None)
    around = _Around(target, root)
    verdicts: list[Audit | InvalidWheel | InvalidWheelName] = []
    read: list[Contents] = []
    for path in paths:
        try:
            contents = read_wheel(os.fspath(path), around.state, progress)
        except (InvalidWheel, InvalidWheelName) as problem:
            verdicts.append(problem)
        else:
            read.append(contents)
            verdicts.append(_Judgement(contents, around).verdict())
    return Together(tuple(verdicts), tuple(_conflicts(read)))


class _Around:
    """What wheels are judged against: a target, and the libraries of a system where there is one to look at."""

    def __init__(self, target: "Target | Platform", root: "RootHost | None") -> "None":
        self.target = None if isinstance(target, Platform) else target
        self.platform = target if isinstance(target, Platform) else target.platform
        self._root = root
        self._libraries: dict[tuple[int, int, str], Libraries] = {}
        archs = self.platform.archs if self.platform else ()
        libraries = self.libraries(next((key for key, arch in INTERPRETERS.items() if arch in archs), (0, 0, "")))
        self.state = libraries.state() if libraries else STATE

    def libraries(self, key: "tuple[int, int, str]") -> "Libraries | None":
        """The system's libraries for programs of a kind; None where nobody's are looked at."""
        if self._root is None:
            return None
        if key not in self._libraries:
            self._libraries[key] = Libraries(self._root, key)
        return self._libraries[key]

    def refusal(self, contents: "Contents") -> "str":
        """Why the target refuses a wheel by its name; empty where it does not."""
        from ._python import Python
        from ._target import Target

        target, name = self.target, contents.filename
        if target is None:
            # The Python is left out: any wheel for this platform fits a wheel of Python 3 alone.
            assert self.platform is not None
            target = Target(Python("py", (3,), ()), self.platform)
            name = f"{contents.wheel.project}-{contents.wheel.version}-py3-none-{'.'.join(contents.wheel.platforms)}.whl"
        verdict = target.explain(name)
        return "" if verdict else str(getattr(verdict, "because", ""))


class _Judgement:
    """One wheel judged: each method one part of the rules, which adds its findings."""

    def __init__(self, contents: "Contents", around: "_Around") -> "None":
        self.contents = contents
        self.around = around
        self.binaries = contents.binaries
        self.findings: list[Finding] = []
        self._count: dict[Kind, int] = {}
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
        self, kind: "Kind", rule: "str", files: "Iterable[str]", text: "str", need: "str" = "", promise: "str" = ""
    ) -> "None":
        first = next(iter(files), "")
        self._count[kind] = self._count.get(kind, 0) + 1
        if self._count[kind] <= MAX_FINDINGS:
            self.findings.append(Finding(kind, rule, first, need, promise, f"{_some(files)} {text}".strip()))

    def _claim(self, tag: "str") -> "Platform | None":
        """The machine that a platform tag names; None for ``any``, and for one that no machine has."""
        try:
            return None if tag == "any" else Platform.parse(tag)
        except InvalidPlatformTag as problem:
            self._add(Kind.PROMISE, "tag", [], str(problem), tag)
            return None

    def _machines(self) -> "None":
        """Whether there may be ELF files at all, and whether they are for the machines that the tag names."""
        paths = [binary.path for binary in self.binaries]
        if "any" in self.contents.wheel.platforms and paths:
            self._add(Kind.PROMISE, "any", paths, "is for one machine, and the tag says any", self.binaries[0].arch, "any")
        archs = {arch for claim in self.claims for arch in claim.archs}
        for arch, files in _grouped([(binary.arch, binary.path) for binary in self.binaries]).items():
            if self.claims and not _is_of(arch, archs):
                self._add(Kind.PROMISE, "arch", files, f"is for {arch}, and the tag says {self.tag}", arch, self.tag)
        families = {libc.family for libc in self.libcs}
        for family, files in _grouped([(family, path) for path, family in self.families.items()]).items():
            if family and families and family not in families:
                self._add(Kind.PROMISE, "libc", files, f"needs {family}, and the tag says {self.tag}", family, self.tag)

    def _promises(self) -> "None":
        """Whether symbol versions and libraries are those of the oldest system that the tag names."""
        if not self.libcs:
            return  # linux_* promises the machine alone
        least = min([libc for libc in self.libcs if isinstance(libc, Glibc)], default=None)
        limit = least.minor if least is not None and least.major == 2 else NEVER - 1
        rows = [row for row in self.asked if row[0] > limit]
        for family, kept in _grouped([(row[1].partition("_")[0], row) for row in rows]).items():
            _, version, binary = max(kept, key=lambda row: (row[0], numbers(row[1])))
            has = f"GLIBC_{least}" if family == "GLIBC" else highest(family, binary.arch, limit)
            text = f"needs {version}; {self.tag} promises {f'{has} at most' if has else f'no {family}'}{_exceed(kept)}"
            self._add(Kind.PROMISE, family.lower(), [binary.path], text, version, has)
        for library, files in _grouped([(need, b.path) for minor, need, b in self.outside if minor > limit]).items():
            text = f"needs {library}, which is neither in the wheel nor promised by {self.tag}"
            self._add(Kind.PROMISE, "library", files, text, library)

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
        said = _grouped([(_abi(binary.place), binary.path) for binary in self.binaries])
        if promised == ["none"] and len(said.keys() - {""}) > 1:
            return  # one module for each of several Pythons
        for abi, files in said.items():
            if abi not in {"", *promised, *_STABLE}:
                text = f"says ABI {abi}, and the tag says {'.'.join(promised)}"
                self._add(Kind.PROMISE, "abi", files, text, abi, ".".join(promised))

    def _file(self) -> "None":
        """The wheel's name against its metadata (PEP 427), RECORD, and purelib."""
        wheel = self.contents.wheel
        named = {f"{p}-{a}-{s}" for p in wheel.pythons for a in wheel.abis for s in wheel.platforms}
        told = {tag.lower() for tag in self.contents.tags}
        if named != told:
            lacking, extra = ", ".join(sorted(named - told)), ", ".join(sorted(told - named))
            text = f"the Tag lines of WHEEL lack {lacking or 'nothing'} of the name, and add {extra or 'nothing'}"
            self._add(Kind.FILE, "tags", [], text, extra, lacking)
        if self.contents.unlisted:
            self._add(Kind.FILE, "record", self.contents.unlisted, "is not in RECORD")
        if self.contents.pure and "any" not in wheel.platforms:
            self._add(Kind.PROMISE, "purelib", self.contents.pure, "is in purelib, which is for files of any platform")

    def _remarks(self) -> "None":
        """State of the C++ runtime that is exported; libraries of the wheel that a file needs, and does not find along its own
        DT_RUNPATH or DT_RPATH."""
        for binary in filter(_exports_state, self.binaries):
            text = f"exports {_told(binary, binary.state)}, state of the C++ runtime that other wheels may take from the system"
            self._add(Kind.REMARK, "state", [binary.path], text, ", ".join(sorted(binary.state)))
        places = {binary.place for binary in self.binaries}
        hidden = []
        for binary in self.binaries:
            origin = f"./{posixpath.dirname(binary.place)}"
            folders = [folder.replace("{", "").replace("}", "").replace("$ORIGIN", origin) for folder in binary.folders[:100]]
            hidden += [
                (name, binary.path)
                for name in sorted(self.names.intersection(binary.needed))
                if not any(posixpath.normpath(f"{folder}/{name}") in places for folder in folders)
            ]
        for name, files in _grouped(hidden).items():
            self._add(Kind.REMARK, "rpath", files, f"finds {name} of this wheel only where it is loaded already", name)

    def _load(self) -> "None":
        """Whether the target loads it: by its name, its architecture, its C library, and the system's libraries."""
        refusal = self.around.refusal(self.contents)
        if refusal:
            self._add(Kind.LOAD, "target", [], f"the wheel {refusal}")
        platform = self.around.platform
        if platform is None:
            return
        ours = [binary for binary in self.binaries if _is_of(binary.arch, set(platform.archs))]
        if self.binaries and not ours and not refusal:
            files = [binary.path for binary in self.binaries]
            text = f"is for {self.binaries[0].arch}; the target is {' '.join(platform.archs) or platform.system}"
            self._add(Kind.LOAD, "arch", files, text, self.binaries[0].arch, " ".join(platform.archs))
        have = platform.libc
        if isinstance(have, Glibc) and platform.ceiling is not None:
            have = min(have, platform.ceiling)
        wrong = [binary.path for binary in ours if have and self.families[binary.path] not in {"", have.family}]
        if wrong and have and not refusal:
            self._add(Kind.LOAD, "libc", wrong, f"needs another C library than the target's {have.family}", "", have.family)
        if isinstance(have, Glibc) and have.major == 2:
            rows = [row for row in self.asked if row[1].startswith("GLIBC_") and have.minor < row[0] < NEVER]
            rows = [row for row in rows if _is_of(row[2].arch, set(platform.archs))]
            if rows:
                _, version, binary = max(rows, key=lambda row: row[:2])
                text = f"needs {version}; the target has glibc {have}{_exceed(rows)}"
                self._add(Kind.LOAD, "glibc", [binary.path], text, version, str(have))
        self._libraries(ours)

    def _libraries(self, ours: "list[Binary]") -> "None":
        """Whether the system has the libraries that the wheel takes from it, and their versions."""
        lacking, wanting = [], []
        for binary in ours:
            libraries = self.around.libraries(binary.key)
            if libraries is None:
                return
            outside = [library for library in binary.needed if library not in self.names and not is_libc(library)]
            lacking += [(library, binary.path) for library in outside if not libraries.path(library)]
            wanting += [
                (library, (version, binary.path))
                for library, version in binary.versions
                if library in outside and libraries.path(library)
                # Those of glibc have been compared with the target's, which may be older than the one in its files.
                if not version.startswith("GLIBC_") or since(version, binary.arch) == NEVER
                if version not in libraries.defined(library)
            ]
        for library, files in _grouped(lacking).items():
            text = f"needs {library}, which is neither in the wheel nor on the target's library path"
            self._add(Kind.LOAD, "library", files, text, library)
        for library, rows in _grouped(wanting).items():
            version, file = max(rows, key=lambda row: numbers(row[0]))
            text = f"needs {version}, which the target's {library} does not define"
            self._add(Kind.LOAD, "version", [file], text, version, library)


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


def _exceed(rows: "list[tuple[int, str, Binary]]") -> "str":
    """How many files there are beside the one that is named."""
    count = len({binary.path for _, _, binary in rows}) - 1
    return f"; {count} more {'file exceeds' if count == 1 else 'files exceed'} that" if count else ""


def _some(files: "Iterable[str]") -> "str":
    first, *rest = [*files] or [""]
    return f"{first} (and {len(rest)} more)" if rest else first


def _conflicts(wheels: "list[Contents]") -> "list[Finding]":
    """What wheels do to one another in one process (PEP 600)."""
    found = [finding for one, other in permutations(wheels, 2) for finding in _state_taken(one, other)]
    return found + [finding for one, other in combinations(wheels, 2) for finding in _same_names(one, other)]


def _state_taken(one: "Contents", other: "Contents") -> "list[Finding]":
    """The state of the C++ runtime that a library of *one* exports, and that *other* takes from the system's libstdc++."""
    found: "list[Finding]" = []
    if "libstdc++.so.6" in {binary.soname for binary in other.binaries}:
        return found  # it brings its own
    for binary in one.binaries:
        users = {user.path: binary.state & user.taken for user in other.binaries if binary.state & user.taken}
        if not users or not _exports_state(binary):
            continue
        symbols = sorted(frozenset().union(*users.values()))
        likely = "each may see the other's value, or none"
        if any("once_call" in symbol for symbol in symbols):
            likely = "std::call_once of the one then finds the other's state empty, and likely crashes the process"
        text = (
            f"{binary.path} of {one.filename} exports {_told(binary, symbols)}, state of the C++ runtime that "
            f"{_some(users)} of "
            f"{other.filename} takes from the system's libstdc++.so.6: where both are imported, {likely}"
        )
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
    rest = symbol.removeprefix("_ZSt")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    name = rest[len(digits) :]
    return f"std::{name}" if digits and symbol != rest and int(digits[:4]) == len(name) else symbol
