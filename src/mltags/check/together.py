"""What the distributions of an environment do to one another in one process, in any order of import (R18, R19)."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from .. import _wheel
from ..audit import conflicts, findings, wheelfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..audit import loader
    from ..audit.findings import Finding
    from ..audit.loader import Linked
    from ..audit.wheelfile import Binary
    from .installed import Distribution
    from .systems import Files


def found(
    distributions: list[tuple[Distribution, tuple[Binary, ...]]], files: Files, *, has_system: bool, is_musl: bool
) -> Iterator[tuple[Distribution, Finding]]:
    """The conflicts of distributions with these ELF files, each with the distribution that does the harm."""
    wheels: dict[str, wheelfile.Contents] = {}
    owners: dict[str, Distribution] = {}
    for one, binaries in distributions:
        if binaries and one.name:
            contents = _contents(one, binaries)
            wheels.setdefault(contents.filename, contents)
            owners.setdefault(contents.filename, one)
    if not _may_conflict([*wheels.values()]):
        for finding in conflicts.inventory([*wheels.values()]):
            yield _owner(owners, wheels, finding), finding
        return
    system = files if has_system else _StandIn(files)
    done: set[tuple[str, ...]] = set()
    for finding in conflicts.conflicts([*wheels.values()], system, is_musl=is_musl):
        if not isinstance(finding, conflicts.Conflict):
            yield _owner(owners, wheels, finding), finding
        elif finding.rule != "state":
            yield owners[finding.wheels[0]], finding
        elif finding.wheels not in done:
            done.add(finding.wheels)
            for row in _by_themselves(finding, wheels, system, is_musl=is_musl):
                first, later = [owners[name] for name in row.wheels]
                order = f"`import {_import_name(later)}` before `import {_import_name(first)}`"
                is_safe = row.is_safe_back and row.kind is findings.Kind.CONFLICT
                yield first, replace(row, remedy=f"put {order} in every program that uses both") if is_safe else row


def _by_themselves(
    finding: conflicts.Conflict, wheels: dict[str, wheelfile.Contents], system: loader.Files, *, is_musl: bool
) -> list[conflicts.Conflict]:
    """The same finding if only its two wheels, and what the first one requires, are in the process.

    Nothing shows which distribution of an environment is imported first, or that any other was imported.
    """
    first, later = [wheels[name] for name in finding.wheels]
    every = [*wheels.values()]
    projects = [canonicalize_name(one.wheel.project) for one in every]
    required = [every[place] for place in conflicts.required(first, projects) if every[place] not in (first, later)]
    rows = conflicts.conflicts([first, later, *required], system, is_musl=is_musl)
    return [row for row in rows if isinstance(row, conflicts.Conflict) and (row.wheels, row.rule) == (finding.wheels, "state")]


def _owner(owners: dict[str, Distribution], wheels: dict[str, wheelfile.Contents], finding: Finding) -> Distribution:
    """Whose file a finding is about."""
    found = [owners[name] for name, one in wheels.items() if finding.file in {binary.path for binary in one.binaries}]
    return (found or [*owners.values()])[0]


def _may_conflict(wheels: list[wheelfile.Contents]) -> bool:
    """Whether two of *wheels* share a thread-local symbol or a library's name. If not, the model is not needed."""
    defined: dict[bytes, set[int]] = {}
    names: dict[str, set[tuple[int, int]]] = {}
    for place, contents in enumerate(wheels):
        for binary in contents.binaries:
            for symbol in binary.image.defined:
                defined.setdefault(symbol, set()).add(place)
            if binary.soname:
                names.setdefault(binary.soname, set()).add(binary.checksum)
    wanted = ((place, one.name) for place, contents in enumerate(wheels) for b in contents.binaries for one in b.image.wanted)
    return any(defined.get(name, set()) - {place} for place, name in wanted) or any(len(found) > 1 for found in names.values())


def _import_name(one: Distribution) -> str:
    """The package that contains all Python files of a distribution, or else most of them; its name if it has no package."""
    folders = [posixpath.dirname(path[len(one.site) + 1 :]) for path in one.sources]
    common = posixpath.commonpath(folders) if folders else ""
    tops = Counter([folder.partition("/")[0] for folder in folders if folder])
    return common.replace("/", ".") or next((name for name, _ in tops.most_common(1)), one.name)


def _contents(one: Distribution, binaries: tuple[Binary, ...]) -> wheelfile.Contents:
    """A distribution as if it were a wheel whose file is gone."""
    project = re.sub("[^A-Za-z0-9]+", "_", one.name)
    wheel = _wheel.Wheel(project, one.version or "0", (), ["py3"], ["none"], ["any"])
    return wheelfile.Contents(
        path="",
        filename=f"{project}-{re.sub('[^A-Za-z0-9.+!]+', '_', wheel.version)}-py3-none-any.whl",
        wheel=wheel,
        tags=(),
        has_late_tags=False,
        binaries=binaries,
        unlisted=(),
        pure=(),
        is_pure=False,
        requires=one.requires,
        faults=(),
    )


class _StandIn(conflicts.StandIn):
    """The files of an environment, and a stand-in for the libstdc++ of a system that is not at hand."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def real(self, path: str) -> str:
        return super().real(path) or self._files.real(path)

    def linked(self, real: str) -> Linked | None:
        return super().linked(real) if super().real(real) else self._files.linked(real)
