"""Judges each package of a lock on each target. The steps are those of ``Pylock.select``, which itself stops at the first failure
(R16)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.utils import InvalidSdistFilename, parse_sdist_filename
from packaging.version import InvalidVersion, Version

from .. import _abi, _core, _declare, _errors, _explain, _target
from . import environment, formats, graphs, locks, pages, report, requirements
from . import index as _index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .._explain import Mismatch
    from .._target import Target
    from .index import Index
    from .locks import File, Lock, Markers, Package, Truth

    Targets = Target | Mapping[str, Target] | Iterable[Target | tuple[str, Target]]
    Subject = str | os.PathLike[str] | Iterable[str] | Lock


def check(
    subject: Subject | None = None,
    targets: Targets = (),
    *,
    project: str | None = None,
    index: Index | str | bool | None = None,
    only_binary: bool = False,
    extras: Iterable[str] = (),
    groups: Iterable[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> report.Report:
    """Say for each package of *subject*, and for each target, whether it fits, and if not, why not.

    >>> import mltags, mltags.check
    >>> alpine = mltags.Target.of(python_version="3.12", implementation="cp", platform="musllinux_1_2_x86_64")
    >>> names = ["demo-1.0-cp312-cp312-musllinux_1_2_x86_64.whl", "demo-1.1-cp312-cp312-manylinux_2_28_x86_64.whl"]
    >>> mltags.check.check(names, {"alpine": alpine}).rows[0].wheel
    'demo-1.0-cp312-cp312-musllinux_1_2_x86_64.whl'

    Args:
        subject: the path of a lock, a saved page, a wheel, a directory of wheels or an environment; or names of wheels.
        targets: targets by name, or (name, target) pairs, or targets without names, or a single target.
        project: the name of a project, in place of *subject*; an index is asked for its page.
        index: an :class:`mltags.check.Index`, the URL of one, or True for the one in pip's configuration. It supplies the files for a
            requirement file's pins, and for each refused package the newest version that would fit.
        only_binary: whether a package counts as refused if only an sdist is left.
        extras: the extras of the lock that are wanted.
        groups: its dependency groups that are wanted; None: the default ones, which the lock's own tool installs.
        progress: called with (pages that the index has answered, pages that were asked for).

    Raises:
        InvalidSubject: *subject* cannot be read, or the index does not answer.
        InvalidWheelName: a name is not the name of a wheel.
    """
    if project is None and isinstance(subject, (str, os.PathLike)) and environment.is_environment(subject):
        show = None if progress is None else lambda _, done, total: progress(done, total)
        return environment.check_targets(subject, _named(targets), show)
    lock = _lock_of(subject, project)
    asked = _index_of(index, is_wanted=project is not None)
    return _check(lock, targets, asked, project, only_binary, extras, groups, progress)


def check_lock(
    text: str,
    *,
    kind: str,
    targets: Targets,
    subject: str | None = None,
    pyproject: str | None = None,
    index: Index | str | bool | None = None,
    only_binary: bool = False,
    extras: Iterable[str] = (),
    groups: Iterable[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> report.Report:
    """As :func:`mltags.check.check`, for the *text* of a lock; reads no file.

    >>> import mltags, mltags.check
    >>> report = mltags.check.check_lock("demo==1.0", kind="requirements", targets=[mltags.Target.from_tags(["py3-none-any"])])
    >>> print(report.rows[0])
    demo 1.0: a pin names no files; ask an index for them (--index)

    * ``kind``: ``"pylock.toml"``, ``"uv.lock"``, ``"poetry.lock"`` or ``"requirements"``.
    * ``subject``: its name in errors and in the report; by default its kind.
    * ``pyproject``: the text of the ``pyproject.toml`` that goes with it, for the roots of an older poetry.lock.

    Raises:
        InvalidSubject: the text is not of that kind, or the index does not answer.
    """
    if kind not in formats.READERS:
        locks.refuse(str(kind), "kind", f"expected one of {', '.join(formats.READERS)}")
    lock = formats.READERS[kind](text, subject or kind, None if kind == "requirements" else pyproject)
    return _check(lock, targets, _index_of(index), None, only_binary, extras, groups, progress)


def _lock_of(subject: Subject | None, project: str | None) -> Lock:
    """Read *subject*, whatever it is."""
    if project is not None:
        return locks.Lock("page", locks.project_name(project))
    if isinstance(subject, locks.Lock):  # one that the command line has read
        return subject
    if subject is None:
        locks.refuse("None", "subject", "expected a path, names of wheels, or a project")
    if not isinstance(subject, (str, os.PathLike)):
        return pages.read_names(subject)
    path = os.fspath(subject)
    if os.path.isdir(path):
        return pages.read_folder(path)
    if path.endswith(".whl"):
        return pages.read_names([os.path.basename(path)])
    text = locks.read_text(path)
    kind = formats.kind_of(os.path.basename(path), text)
    if kind == "page":
        return pages.read_page(text, path)
    if kind == "requirements":
        return requirements.read_requirements(text, path, path)
    beside = os.path.join(os.path.dirname(path), "pyproject.toml")
    return formats.READERS[kind](
        text, path, locks.read_text(beside) if kind != "pylock.toml" and os.path.isfile(beside) else None
    )


def _index_of(index: Index | str | bool | None, *, is_wanted: bool = False) -> Index | None:  # noqa: FBT001 -- True stands for the index of pip's configuration
    if isinstance(index, _index.Index):
        return index
    if not index and not is_wanted:
        return None
    return _index.Index.of_pip(index if isinstance(index, str) else None)


def _named(targets: Targets) -> list[tuple[str, Target]]:
    """Targets with unique names for their columns."""
    if isinstance(targets, _target.Target):
        targets = [targets]
    found: dict[str, Target] = {}
    for item in targets.items() if isinstance(targets, Mapping) else targets:
        if isinstance(item, tuple):
            name, target = str(item[0]), item[1]
        else:
            name, target = item.title, item
        unique, number = name, 1
        while unique in found:
            number += 1
            unique = f"{name} ({number})"
        found[unique] = target
    return list(found.items())


def _check(
    lock: Lock,
    targets: Targets,
    index: Index | None,
    project: str | None,
    only_binary: bool,  # noqa: FBT001 -- passed on as it came
    extras: Iterable[str],
    groups: Iterable[str] | None,
    progress: Callable[[int, int], None] | None,
) -> report.Report:
    extras, groups = tuple(extras), None if groups is None else tuple(groups)
    if index is not None:
        if project is not None:
            _add_project(lock, index, progress)
        lock.packages = list(_with_files(lock.packages, index, progress))
    judges = [
        _Judge(name, target, lock.markers(target, extras, groups), only_binary=only_binary) for name, target in _named(targets)
    ]
    columns = [judge.rows(lock) for judge in judges]
    if index is not None and project is None:
        _add_newest(lock, judges, columns, index, progress)
    rows = tuple([row for of_package in zip(*columns, strict=True) for row in of_package])
    unknown = {text: None for judge in judges for text in judge.markers.unknown} if isinstance(lock, graphs.Graph) else {}
    lock.notes += [f"a marker cannot be evaluated, so what it is for is judged: {text}" for text in unknown]
    found = tuple([judge.column(lock, of_target) for judge, of_target in zip(judges, columns, strict=True)])
    return report.Report(lock.subject, lock.kind, found, rows, (*lock.notes, *(index.notes if index else ())))


# What an index adds


def _add_project(lock: Lock, index: Index, progress: Callable[[int, int], None] | None) -> None:
    files = index.project_files(lock.subject, progress)
    pages.group([file for file in files if not file.yanked], lock, lock.subject)


def _with_files(packages: Sequence[Package], index: Index, progress: Callable[[int, int], None] | None) -> Iterator[Package]:
    """*packages*, with files from *index* for those that a requirement file names without files."""
    wanted = [package.name for package in packages if _is_to_be_found(package)]
    found = index.files(wanted, progress)
    for package in packages:
        if not _is_to_be_found(package):
            yield package
            continue
        known = locks.parse_specifiers(package.wanted)
        versions = [
            file
            for file in found[package.name]
            if (version := version_of(file.name)) is not None and known.contains(version, prereleases=True)
        ]
        files = [file for file in versions if not package.allowed or set(package.allowed) & set(file.hashes)]
        # PEP 592: a yanked file counts only if a pin leaves no other.
        kept = [file for file in files if not file.yanked] or (files if package.version else [])
        lock = locks.Lock("", package.name)
        pages.group(kept, lock, package.name)
        grouped = lock.packages[0] if lock.packages else locks.Package(package.name)
        is_other = bool(versions) and not files
        missing = package.missing or f"no file of {package.version or 'it'} on the index has one of the hashes" * is_other
        yield replace(grouped, version=package.version, marker=package.marker, wanted=package.wanted, missing=missing)


def _is_to_be_found(package: Package) -> bool:
    return bool(package.wanted) or package.source == requirements.UNPINNED


def _add_newest(
    lock: Lock, judges: list[_Judge], columns: list[list[report.Row]], index: Index, progress: Callable[[int, int], None] | None
) -> None:
    """Add a note to each refused row: the newest version that would fit."""
    # If the files exist but have other hashes, another version does not help.
    settled = {(package.name, package.missing) for package in lock.packages if package.missing}
    refused = [
        row.package
        for rows in columns
        for row in rows
        if not row.fits and row.verdict in {report.Verdict.REFUSED, report.Verdict.SDIST}
    ]
    try:
        found = index.files(refused, progress)
    except report.InvalidSubject as problem:  # the lock is judged all the same
        lock.notes.append(f"no newest versions: {problem}")
        return
    for judge, rows in zip(judges, columns, strict=True):
        for place, row in enumerate(rows):
            if row.fits or row.package not in found or (row.package, row.sentence) in settled:
                continue
            pool = locks.Lock("", row.package)
            pages.group([file for file in found[row.package] if not file.yanked], pool, row.package)
            other = judge.newest(pool.packages[0]) if pool.packages else None
            word = (
                f"newest version that would fit: {other.version}"
                if other and other.fits
                else "no version on the index would fit"
            )
            rows[place] = replace(row, note=f"{row.note}; {word}" if row.note else word)


# The judgement


@lru_cache(4096)
def version_of(name: str) -> Version | None:
    """The version in the filename of a wheel or a source distribution; None if there is none."""
    try:
        return Version(name.split("-", 2)[1]) if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidVersion, InvalidSdistFilename, IndexError, ValueError):
        return None


class _Judge:
    """Judges packages on one target."""

    def __init__(self, name: str, target: Target, markers: Markers, *, only_binary: bool) -> None:
        self.name, self.target, self.markers, self.only_binary = name, target, markers, only_binary
        #: Explains refusals and remembers the explanation of each tag; created for the first wheel that does not fit.
        self._explainer: _explain.Judge | None = None
        #: The packages that are needed, to find the lowest C library.
        self.needed: list[Package] = []

    def rows(self, lock: Lock) -> list[report.Row]:
        """A row for each package of *lock*, in its order; the project itself has none."""
        hidden, has_no_roots = (lock.hidden, lock.has_no_roots) if isinstance(lock, graphs.Graph) else (frozenset(), False)
        found: list[report.Row] = []
        chosen: dict[str, int] = {}
        for place, (package, truth) in enumerate(zip(lock.packages, lock.needed(self.markers), strict=True)):
            if place in hidden:
                continue
            row = self.judge(package, truth)
            is_chosen = truth is True and row.verdict is not report.Verdict.NOT_NEEDED
            if is_chosen and not has_no_roots and (package.version or package.source):
                first = found[chosen[package.name]] if package.name in chosen else None
                # Two requirements for one project conflict only if they pin two versions.
                is_same = lock.kind == "requirements" and first is not None and _is_compatible(first.version, row.version)
                if first is not None and not is_same:
                    versions = [first.version or first.text, row.version or row.text]
                    sentence = f"two versions are selected for this target: {versions[0]} and {versions[1]}"
                    if versions[0] == versions[1]:
                        sentence = "it has two entries for this target"
                    row = replace(
                        row, verdict=report.Verdict.REFUSED, fits=False, sentence=sentence, wheel="", sdist="", hashes=()
                    )
                chosen.setdefault(package.name, len(found))
            found.append(row)
        return found

    def _row(
        self,
        package: Package,
        verdict: report.Verdict,
        sentence: str,
        file: File | None = None,
        note: str = "",
        mismatch: Mismatch | None = None,
    ) -> report.Row:
        """Make a row; *file*: the chosen file, which shows the version if the package has several."""
        is_wheel = verdict is report.Verdict.WHEEL
        fits = verdict is not report.Verdict.REFUSED and not (self.only_binary and verdict is report.Verdict.SDIST)
        name, hashes = (file.name, file.hashes) if file else ("", ())
        version = package.version or str((name and version_of(name)) or "")
        files = (name, "") if is_wheel else ("", name)
        return report.Row(package.name, version, self.name, verdict, fits, *files, mismatch, sentence, note, hashes)

    def judge(self, package: Package, truth: Truth) -> report.Row:
        """The row of *package*; *truth*: whether it is needed; None: on some patch releases of Python only."""
        if truth is False:
            why = f"not needed there ({package.marker})" if package.marker else "not needed there"
            return self._row(package, report.Verdict.NOT_NEEDED, why)
        notes = [] if truth else [f"needed on some patch releases of Python {self.markers.short} only"]
        if package.marker in self.markers.unknown:
            return self._row(package, report.Verdict.NOT_JUDGED, f"its marker cannot be evaluated ({package.marker})")
        if package.source:
            return self._row(package, report.Verdict.NOT_JUDGED, package.source, note="; ".join(notes))
        taken = self.markers.takes(package.requires_python)
        if taken is False:
            why = self._other_python(package.requires_python)
            return self._row(package, report.Verdict.REFUSED, why, note="; ".join(notes))
        if taken is None:
            notes.append(self._patch_note(package.requires_python))
        self.needed.append(package)
        row = self._of_one_version(package) if package.version and not package.wanted else self.newest(package)
        return replace(row, note="; ".join([*notes, row.note] if row.note else notes)) if notes else row

    def _of_one_version(self, package: Package) -> report.Row:
        """The best wheel of a locked package, or else its sdist: the last steps of ``Pylock.select``."""
        best = self.target.best(package.names) if package.names else None
        if best is not None:
            return self._row(package, report.Verdict.WHEEL, best, package.wheels[package.names.index(best)])
        return self._without_wheel(package, package.sdists[0] if package.sdists else None, package.names)

    def _without_wheel(self, package: Package, sdist: File | None, names: Sequence[str], note: str = "") -> report.Row:
        """The row if none of the wheels *names* fits."""
        nearest = self._nearest(names)
        none = "there are no wheels of it" if sdist else package.missing or "there are no files of it"
        why = none if nearest is None else str(nearest)
        if sdist:
            sentence = f"{why}; it would be built from {sdist.name}"
            return self._row(package, report.Verdict.SDIST, sentence, sdist, note, nearest)
        return self._row(package, report.Verdict.REFUSED, why, None, note, nearest)

    def _nearest(self, names: Iterable[str]) -> Mismatch | None:
        """The first of :meth:`mltags.Target.closest`."""
        if self._explainer is None:
            self._explainer = _explain.Judge(self.target)
        return next(iter(self._explainer.closest(names)), None)

    def _other_python(self, specifiers: str) -> str:
        return f"needs Python {specifiers.replace('||', ' or ')}; the target has {self.markers.full}"

    def _patch_note(self, specifiers: str) -> str:
        """The note that an answer depends on Python's patch release."""
        return f"needs Python {specifiers.replace('||', ' or ')}; that depends on the patch release of {self.markers.short}"

    def newest(self, package: Package) -> report.Row:
        """The best file of the newest version that fits, chosen as pip does among all files of an index."""
        pythons = {file.name: self.markers.takes_file(file.requires_python) for file in (*package.wheels, *package.sdists)}
        names = [name for name in package.names if pythons[name] is not False]
        place = {name: rank for rank, name in enumerate(self.target.sort(names))}
        sdists = [file for file in package.sdists if pythons[file.name] is not False]
        files = [file for file in package.wheels if file.name in place] + ([] if self.only_binary else sdists)
        best = max(files, key=lambda file: (*_newness(file), -place.get(file.name, len(place))), default=None)
        if best is None:
            others = [file for file in package.wheels if pythons[file.name] is False]
            if others and not names:
                why = self._other_python(max(others, key=_newness).requires_python)
                return self._row(package, report.Verdict.REFUSED, why)
            return self._without_wheel(package, max(sdists, key=_newness, default=None), names)
        notes = ["yanked"] * best.yanked
        if pythons[best.name] is None:
            notes.append(self._patch_note(best.requires_python))
        if best.name in place:
            return self._row(package, report.Verdict.WHEEL, best.name, best, "; ".join(notes))
        version = version_of(best.name)
        return self._without_wheel(package, best, [name for name in names if version_of(name) == version], "; ".join(notes))

    def column(self, lock: Lock, rows: list[report.Row]) -> report.Column:
        """The verdict on the whole lock."""
        problems = []
        taken = self.markers.takes(lock.requires_python)
        if taken is False:
            problems.append(f"the lock {self._other_python(lock.requires_python)}")
        holds = [self.markers.holds(marker) for marker in lock.environments]
        if holds and not any(truth is not False for truth in holds):
            problems.append(f"the lock is for other environments: {' or '.join(lock.environments)}")
        counts = report.counted(rows)
        judged = [row for row in rows if row.verdict not in {report.Verdict.NOT_JUDGED, report.Verdict.NOT_NEEDED}]
        is_judged = judged or problems or not any(row.verdict is report.Verdict.NOT_JUDGED for row in rows)
        fits = all(judged) and not problems if is_judged else None
        return report.Column(self.name, repr(self.target)[1:-1], fits, tuple(problems), counts, self._needs())

    def _needs(self) -> report.Needs | None:
        """The lowest C libraries with which every needed package would fit; None if the target is not Linux."""
        platform = self.target.platform
        archs = platform.libc_archs or platform.archs if platform else ()
        if platform is None or platform.system != "Linux" or not archs or self.target.python is None:
            return None
        fronts = _Fronts(self.target.python.pairs, self.target.python.pure)
        accepted = frozenset(_abi.accepted_archs(archs[0]))
        highest = {"glibc": ((0, 0), ""), "musl": ((0, 0), "")}
        lacking: dict[str, str] = {}
        wheels = [(package, names) for package in self.needed if (names := self._offered(package))]
        if not wheels:
            return None
        for package, names in wheels:
            found = fronts.lowest(names, accepted)
            title = f"{package.name} {package.version}".strip()
            for family in highest:
                if family not in found:
                    lacking.setdefault(family, title)
                elif found[family] > highest[family][0]:
                    highest[family] = found[family], title
        glibc, musl = _core.Glibc(*highest["glibc"][0]), _core.Musl(*highest["musl"][0])
        return report.Needs(
            archs[0],
            None if "glibc" in lacking else glibc,
            lacking.get("glibc", highest["glibc"][1]),
            None if "musl" in lacking else musl,
            lacking.get("musl", highest["musl"][1]),
        )

    def _offered(self, package: Package) -> list[str]:
        """The wheels of *package* that its index offers to this Python. Yanked ones are included only if they are pinned."""
        return [wheel.name for wheel in package.wheels if self.markers.takes_file(wheel.requires_python) is not False]


def _is_compatible(one: str, other: str) -> bool:
    """Whether one version can meet two pins; a pin is empty if any version will do."""
    return not one or not other or Version(one) == Version(other)


def _newness(file: File) -> tuple[bool, Version]:
    """A key: newer versions are greater; pre-releases are less than all others, as with pip."""
    version = version_of(file.name) or _NO_VERSION
    return not version.is_prerelease, version


_NO_VERSION = Version("0.dev0")


class _Fronts:
    """Which wheels are for a Python, whatever their platform, and what their platforms need."""

    def __init__(self, pairs: Iterable[tuple[str, str]], pure: Iterable[str]) -> None:
        self._own = {f"{python}-{abi}" for python, abi in pairs}
        self._pure = frozenset(pure)
        self._memo: dict[str, tuple[bool, bool]] = {}

    def lowest(self, names: Iterable[str], archs: frozenset[str]) -> dict[str, tuple[int, int]]:
        """By family, the lowest version with which one of *names* fits; ``(0, 0)`` if any version will do."""
        found: dict[str, tuple[int, int]] = {}
        for name in names:
            parts = name[:-4].rsplit("-", 3)
            if len(parts) != 4:
                continue
            front = f"{parts[1]}-{parts[2]}".lower()
            if front not in self._memo:
                self._memo[front] = self._of_front(front)
            is_own, is_pure = self._memo[front]
            if is_own or is_pure:
                for family, arch, version in needs_of(parts[3].lower()):
                    if (is_pure if arch == "any" else is_own and arch in archs) and version < found.get(family, (999, 0)):
                        found[family] = version
        return found

    def _of_front(self, front: str) -> tuple[bool, bool]:
        pythons, abis = [part.split(".")[:99] for part in front.split("-")]
        is_own = any(f"{python}-{abi}" in self._own for python in pythons for abi in abis)
        return is_own, "none" in abis and not self._pure.isdisjoint(pythons)


@lru_cache(1024)
def needs_of(platforms: str) -> tuple[tuple[str, str, tuple[int, int]], ...]:
    """(family, architecture, version) of each Linux tag in a compressed set; ``any`` counts as an architecture."""
    found: list[tuple[str, str, tuple[int, int]]] = []
    for platform in platforms.split(".")[:99]:
        arch = "any" if platform == "any" else platform.removeprefix("linux_")
        if platform == "any" or platform.startswith("linux_"):  # it fits whatever the C library is
            found += [("glibc", arch, (0, 0)), ("musl", arch, (0, 0))]
        elif platform.startswith(("manylinux", "musllinux")):
            try:
                libc = _declare.parse_platform(platform).libc
            except _errors.InvalidPlatformTag:
                continue  # no machine accepts it
            assert libc is not None
            found.append((libc.family, _declare.named_in(platform)[1], (libc.major, libc.minor)))
    return tuple(found)
