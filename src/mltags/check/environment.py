"""Does an environment load on a target (R17)? Judges the files of each distribution by system, suffix, libraries and symbol versions, and
by what they do to one another in one process."""

from __future__ import annotations

import os
import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from .. import _core, _errors, _interpreter, _local, _probe, _root, _target
from ..audit import checks, findings, loading
from . import folders, installed, loads, report, systems, together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..audit.wheelfile import Binary
    from .folders import Disk, Environment
    from .installed import Distribution
    from .systems import Against, AnyTarget

    Progress = Callable[[str, int, int], None]

Finding = findings.Finding
Kind = findings.Kind
Row = findings.Row

#: The rules in addition to those of an audit, and what each checks.
RULES = {
    "duplicate": "no distribution is installed twice",
    "file": "files can be read",
    "home": "the Python of the environment is there, and is the one that it was made for",
    "link": "links lead somewhere",
    "metadata": "distributions have metadata",
    "missing": "files that RECORD lists are there",
    "private": "no symbol is needed that is another glibc's own",
    "python": "the folder is of the target's version of Python",
    "script": "scripts begin with an interpreter that is there, and is the environment's",
    "size": "files that RECORD lists have their size",
    "suffix": "extension modules have a suffix that the target's Python imports",
    "system": "machine code is for the target's system and processor",
}
#: Findings of one distribution that a sentence of a table holds.
_MAX_SENTENCES = 3


def check_environment(
    path: str | os.PathLike[str] | None = None,
    target: AnyTarget | None = None,
    root: _root.RootHost | None = None,
    *,
    python: str | None = None,
    name: str | None = None,
    progress: Progress | None = None,
) -> report.Report:
    """Say for each distribution of an environment whether its files load, here or on *target*, and what to do if they do not.

    Nothing is run except *python*, and nothing is written.

    >>> import sys, mltags.check
    >>> report = mltags.check.check_environment(sys.prefix)
    >>> report.kind
    'environment'

    Args:
        path: a virtual or conda environment, a site-packages folder, a folder of ``pip install --target``; None: every environment
            of *root*, or the one of the Python that *root* was made for.
        target: a Target, or a Platform to take the environment's own Python; None: this machine, or that of *root*.
        root: a system's root directory. A *path* inside it is an environment of that system; any other is an environment of this
            machine, judged against that system's libraries.
        python: an interpreter, in place of *path*; it is run to ask where it finds packages.
        name: of the report's column.
        progress: called with (name, distributions done, of distributions).

    Raises:
        InvalidSubject: *path* is not an environment.
        ProbeError: *python* cannot be run.
        OverrideError: this machine was probed, and its ``_manylinux`` module failed.
    """
    if python is not None:
        return _of_interpreter(python, target, root, name, progress)
    disk, where, is_of_root = _disk_of(path, root)
    if where is None:
        found = _of_root(disk)
        if not found:
            raise report.InvalidSubject(disk.root.directory, "root", "no environment and no site-packages folder found in it")
        subject = disk.root.directory
    else:
        one = folders.of_path(disk, where, "" if is_of_root and root is not None else str(path))
        if one is None:
            expected = "pyvenv.cfg, conda-meta, lib/python3.*/site-packages or folders *.dist-info in it"
            problem = f"not an environment: expected {expected}" if disk.is_folder(where) else "no such folder"
            raise report.InvalidSubject(str(path), "folder", problem)
        found, subject = [one], str(path)
    against = [systems.Against(name, target, root, is_of_root=is_of_root)]
    return check_all(disk, found, against, subject, progress)


def is_environment(path: str | os.PathLike[str]) -> bool:
    """Whether *path* is a folder of this machine, and an environment."""
    disk = folders.Disk(_root.RootHost("/"))
    return os.path.isdir(path) and folders.of_path(disk, os.path.abspath(path)) is not None


def check_targets(
    path: str | os.PathLike[str],
    targets: Iterable[tuple[str, AnyTarget]],
    progress: Progress | None = None,
    *,
    is_chosen: bool = False,
) -> report.Report:
    """As :func:`mltags.check.check_environment`, for several targets by name; the files are read once.

    If a target's Python is the running one, the environment's own counts, unless somebody has chosen it (*is_chosen*).
    """
    disk, where, is_of_root = _disk_of(path, None)
    found = folders.of_path(disk, where or "/", str(path))
    if found is None:
        raise report.InvalidSubject(str(path), "folder", "not an environment")
    own = _probe.python_of(_local.LocalHost())
    against = []
    for name, target in targets:
        python, platform = getattr(target, "python", None), loading.platform_of(target)
        counts = is_chosen or python != own or platform is None
        against.append(systems.Against(name, target if counts else platform, None, is_of_root=is_of_root))
    return check_all(disk, [found], against, str(path), progress)


def _disk_of(path: str | os.PathLike[str] | None, root: _root.RootHost | None) -> tuple[Disk, str | None, bool]:
    """The disk that has the files, the path on it, and whether *root* is the system that the environment is on."""
    if path is None:
        return folders.Disk(root or _root.RootHost("/")), None, True
    whole = os.path.abspath(path)
    if root is None or root.directory == "/":
        return folders.Disk(_root.RootHost("/")), whole, True
    if whole == root.directory or whole.startswith(f"{root.directory}/"):
        return folders.Disk(root), "/" + os.path.relpath(whole, root.directory).lstrip("."), True
    inside = folders.Disk(root)
    if not os.path.isdir(whole) and inside.is_folder(os.fspath(path)):
        return inside, posixpath.normpath(f"/{os.fspath(path)}"), True
    return folders.Disk(_root.RootHost("/")), whole, False


def _of_root(disk: Disk) -> list[Environment]:
    if not disk.root.chosen:
        return folders.of_root(disk)
    prefix = posixpath.dirname(posixpath.dirname(disk.root.chosen)) or "/"
    found = folders.of_path(disk, prefix, python=posixpath.basename(disk.root.chosen))
    if found is None:
        raise report.InvalidSubject(disk.root.directory, disk.root.chosen, "has no site-packages beside it")
    return [found]


def _of_interpreter(
    python: str, target: AnyTarget | None, root: _root.RootHost | None, name: str | None, progress: Progress | None
) -> report.Report:
    host = _interpreter.InterpreterHost(python)
    paths = host._answers.get("sys_path", (None, None))[0]
    disk = folders.Disk(_root.RootHost("/"))
    listed = [disk.real(f"{path}/.").removesuffix("/.") for path in paths or () if isinstance(path, str)]  # type: ignore[attr-defined]
    standard = tuple([f"{folder}/" for folder in listed if folder and "os.py" in disk.names(folder)])
    sites = [
        folder
        for folder in dict.fromkeys(listed)
        if folder and (not f"{folder}/".startswith(standard) or posixpath.basename(folder) in folders.SITES)
    ]
    own = _probe.python_of(host)
    program = str(host._answers.get("executable", (python, None))[0] or python)
    prefix = posixpath.dirname(posixpath.dirname(program))
    found = folders.of_path(disk, prefix, python=posixpath.basename(program)) or folders.Environment(
        prefix, "prefix of a Python"
    )
    # The notes would be about sites that are not looked at, but the interpreter has named them all.
    found = replace(found, path=python, sites=tuple(sites), interpreter=disk.real(program), version=own.version, notes=[])
    against = systems.Against(name, target or _target.Target.of_host(host), root, is_of_root=target is None)
    return check_all(disk, [found], [against], python, progress, is_path=True)


def _visible(environment: Environment, distributions: list[Distribution]) -> list[Distribution]:
    """Those that Python would find: of several versions of a project, the one that is first on its path."""
    found: dict[str, Distribution] = {}
    places = {site: place for place, site in enumerate(environment.sites)}
    for one in sorted(distributions, key=lambda one: places.get(one.site, -1)):
        first = found.setdefault(canonicalize_name(one.name), one)
        if one.version != first.version and one.site != first.site:
            text = f"{one.name} {one.version} in {one.site} is hidden by {first.version} in {first.site}"
            environment.notes.append(text)
    return [one for one in distributions if one.site == found[canonicalize_name(one.name)].site]


def check_all(
    disk: Disk,
    found: list[Environment],
    against: list[Against],
    subject: str,
    progress: Progress | None,
    *,
    is_path: bool = False,
) -> report.Report:
    """The report on environments of one disk, judged against several targets; *is_path*: their sites are in the order of a path."""
    groups: list[tuple[report.Row, ...]] = []
    for environment in found:
        distributions = installed.read(disk, environment, progress)
        if is_path:
            distributions = _visible(environment, distributions)
        columns = [list(_Judge(disk, environment, distributions, one).rows(len(found) > 1)) for one in against]
        groups += zip(*columns, strict=True)
    paths = {environment.path for environment in found}
    columns_ = [_column(one, [group[place] for group in groups], paths) for place, one in enumerate(against)]
    notes = tuple(dict.fromkeys([note for environment in found for note in environment.notes]))
    return report.Report(subject, "environment", tuple(columns_), tuple([row for group in groups for row in group]), notes)


def _column(against: Against, rows: list[report.Row], paths: set[str]) -> report.Column:
    counted = [row for row in rows if row.package not in paths or not row.fits]  # a sound environment is no package
    return report.Column(against.name, against.described, all(row.fits for row in rows), (), report.counted(counted), None)


# The judgement


class _Judge:
    """One environment on one target."""

    def __init__(self, disk: Disk, environment: Environment, distributions: list[Distribution], against: Against) -> None:
        self._environment, self._distributions, self._against = environment, distributions, against
        self._python = against.python_for(environment)
        self.loads = loads.Loads(disk, environment, distributions, against)

    def rows(self, is_one_of_many: bool) -> Iterator[report.Row]:  # noqa: FBT001 -- how it is shown
        """The row of the environment itself, then one for each distribution."""
        judged = [(one, self._of(one)) for one in self._distributions]
        has_system, is_musl = self._against.libraries is not None, self._against.is_musl
        ours = [(one, tuple(self._against.ours(one.binaries))) for one, _ in judged]
        for owner, finding in together.found(ours, self.loads.files, has_system=has_system, is_musl=is_musl):
            next(found for one, found in judged if one is owner).append(finding)
        folder = self._environment.path if is_one_of_many else ""
        yield self._row(self._environment.path, "", self._of_environment(), folder, "", is_judged=True)
        for one, found in judged:
            is_judged = self._is_judged(one)
            yield self._row(one.name or "(no distribution)", one.version, found, folder, one.note, is_judged=is_judged, one=one)

    def _is_judged(self, one: Distribution) -> bool:
        platform = self._against.platform
        return not (one.binaries or one.foreign) or (platform is not None and platform.system == "Linux")

    def _row(
        self,
        name: str,
        version: str,
        found: list[findings.Finding],
        folder: str,
        note: str,
        *,
        is_judged: bool,
        one: Distribution | None = None,
    ) -> report.Row:
        worst = sorted(found, key=lambda finding: -finding.kind)
        serious = [finding for finding in worst if finding.kind > Kind.REMARK]
        if serious:
            verdict = report.Verdict.BROKEN
            texts = [f"{finding}: {finding.remedy}" if finding.remedy else str(finding) for finding in serious[:_MAX_SENTENCES]]
            more = len(serious) - _MAX_SENTENCES
            sentence = "; ".join([*texts, *([f"{more} more findings"] if more > 0 else [])])
        elif not is_judged:
            verdict, sentence = report.Verdict.NOT_JUDGED, "whether its machine code loads is judged on Linux only"
        else:
            count = len(one.binaries) if one is not None else 0
            verdict = report.Verdict.LOADS
            sentence = f"{count} file{'s' * (count != 1)} of machine code" if count else "nothing is in the way"
        return report.Row(
            name,
            version,
            self._against.name,
            verdict,
            fits=not serious,
            sentence=sentence,
            note=note,
            findings=tuple(worst),
            folder=folder,
        )

    def _of_environment(self) -> list[findings.Finding]:
        found = list(self._environment.findings)
        version, python = self._environment.version, self._python
        if version and python.version[: len(version)] != version and len(python.version) > 1:
            theirs, ours = folders.dotted(python.version), folders.dotted(version)
            text = f"is for Python {{need}}, and {self._against.words} has Python {theirs}, which does not look there"
            site = self._environment.sites[0] if self._environment.sites else self._environment.path
            remedy = f"make the environment with Python {theirs}, or run it with Python {ours}"
            found.append(Finding(Kind.LOAD, "python", (Row(site, ours),), theirs, text, remedy))
        return found

    def _of(self, one: Distribution) -> list[findings.Finding]:
        judgement = checks.Judgement()
        judgement.findings += one.findings
        platform = self._against.platform
        if platform is not None:
            ours = self._check_systems(judgement, one, platform)
            if platform.system == "Linux":
                self.loads.check(judgement, one, ours, platform)
            self._check_tags(judgement, one, platform)
        return judgement.findings

    def _check_systems(self, found: checks.Judgement, one: Distribution, platform: _core.Platform) -> list[Binary]:
        """Check system, processor and suffix of each file; returns the ELF files that are for the target."""
        against = self._against
        ours = against.ours(one.binaries)
        others = [(b.path, f"Linux {b.machine}") for b in one.binaries if b not in ours and not b.is_program]
        others += [(foreign.path, foreign.machine) for foreign in one.foreign if not systems.is_native(foreign, platform)]
        strangers = dict(others)
        paths = [b.path for b in ours] + [foreign.path for foreign in one.foreign if foreign.path not in strangers]
        suffixes = systems.suffixes(self._python, platform)
        imported = {systems.module_of(path, suffixes) for path in paths} - {""}
        unserved = {
            path for path in (*paths, *strangers) if systems.is_extension(path) and not systems.is_served(path, imported)
        }
        if not any(against.is_of_other_libc(binary) for binary in ours):  # otherwise only the C library matters
            rows = [Row(path, systems.suffix_of(path)) for path in paths if path in unserved]
            text = f"is named for {{need}}, which Python {self._python_words} of {against.words} cannot use"
            remedy = against.anew(one, self._python)
            found.add_each(Kind.LOAD, "suffix", rows, text, have=self._python.tag, remedy=remedy)
        # If nothing is for the target, everything is in the wrong place; otherwise files for other systems do no harm.
        needed = [Row(*row) for row in others if row[0] in unserved or (not paths and not unserved)]
        text, have = f"is for {{need}}; {against.words} is {against.machine}", against.machine
        found.add_each(Kind.LOAD, "system", needed, text, have=have, remedy=against.anew(one, self._python))
        serious = {row.file for row in needed}
        rest = [Row(*row) for row in others if row[0] not in serious]
        found.add_each(Kind.REMARK, "system", rest, text, have=have)
        return ours

    @property
    def _python_words(self) -> str:
        return folders.dotted(self._python.version) + ("t" if any("t" in abi for abi in self._python.abis) else "")

    def _check_tags(self, found: checks.Judgement, one: Distribution, platform: _core.Platform) -> None:
        """Check the Tag lines of WHEEL. They are only evidence, because builders have often written them wrongly."""
        target = _target.Target(self._python, platform)
        names = [f"x-1-{tag}.whl" for tag in one.tags]
        try:
            fits = [target.rank(name) is not None for name in names]
        except _errors.InvalidWheelName:
            fits = [True]  # it is not a tag, so it shows nothing
        if fits and not any(fits):
            text = f"says {{need}}, which {self._against.words} does not accept"
            found.add(Kind.REMARK, "tags", [Row(f"{posixpath.basename(one.folder)}/WHEEL", one.tags[0])], text)
