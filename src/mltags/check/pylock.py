"""``pylock.toml`` (PEP 751), validated by packaging."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

from . import locks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.pylock import Package as LockedPackage


def read_pylock(text: str, subject: str, beside: str | None = None) -> locks.Lock:  # noqa: ARG001 -- one signature for all kinds
    """A ``pylock.toml``, validated by packaging."""
    lock = locks.Lock("pylock.toml", subject)
    table = locks.parse_toml(text, subject)
    try:
        known = Pylock.from_dict(table)
    except PylockUnsupportedVersionError as problem:
        lock.refuse("lock-version", str(problem))
    except PylockValidationError as problem:
        place = re.match(r"packages\[(\d+)\]", problem.context or "")
        entry = table["packages"][int(place[1])] if place else None
        named = entry.get("name") if isinstance(entry, dict) else ""
        lock.refuse(f"{named}: {problem.context}" if named else problem.context or "lock", problem.message)
    lock.packages = [_of_pylock(package) for package in known.packages]
    get = locks.Tables(lock)  # packaging may not have parsed the versions yet
    for package in lock.packages:
        get.specifiers(package.requires_python, package.name)
    lock.requires_python = get.specifiers(str(known.requires_python or ""), "requires-python")
    lock.environments = tuple([str(marker) for marker in known.environments or ()])
    lock.extras, lock.default_groups = frozenset(known.extras or ()), tuple(known.default_groups or ())
    lock.groups = frozenset([*(known.dependency_groups or ()), *lock.default_groups])
    return lock


def _of_pylock(package: LockedPackage) -> locks.Package:
    files: dict[str, Any]
    if package.vcs is not None:
        files = {"source": f"from {package.vcs.type}"}
    elif package.directory is not None:
        files = {"source": "from a path"}
    elif package.archive is not None:
        archive = package.archive
        files = locks.direct_files(archive.path or archive.url or "", "from a URL" if archive.url else "from a path")
        if "wheels" in files:
            files["wheels"] = (locks.File(files["wheels"][0].name, _pylock_hashes(archive.hashes)),)
    else:
        files = {"wheels": tuple([locks.File(wheel.filename, _pylock_hashes(wheel.hashes)) for wheel in package.wheels or ()])}
        if package.sdist:
            files["sdists"] = (locks.File(package.sdist.filename, _pylock_hashes(package.sdist.hashes)),)
    return locks.Package(
        package.name,
        str(package.version or ""),
        marker=str(package.marker or ""),
        requires_python=str(package.requires_python or ""),
        **files,
    )


def _pylock_hashes(hashes: Mapping[str, str]) -> tuple[str, ...]:
    return locks.hashes_of([f"{name}:{value}" for name, value in hashes.items()])
