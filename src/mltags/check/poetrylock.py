"""``poetry.lock``: from 2.1 on, packages say which groups need them; before that, it is a graph whose roots are in pyproject.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from . import graphs, locks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .locks import Markers, Truth


def read_poetry(text: str, subject: str, beside: str | None = None) -> locks.Lock:
    """A ``poetry.lock``; *beside*: the text of the ``pyproject.toml`` beside it, which has the roots if the lock has none."""
    lock = graphs.Graph("poetry.lock", subject)
    get = locks.Tables(lock)
    table = locks.parse_toml(text, subject)
    entries, metadata = get.tables(table, "package", ""), get.get(table, "metadata", dict, "")
    if not metadata:
        lock.refuse("metadata", "expected a table, as poetry writes it")
    format_version = get.get(metadata, "lock-version", str, "metadata")
    lock.requires_python = _poetry_range(get.get(metadata, "python-versions", str, "metadata"))
    files: dict[str, Any] = {
        canonicalize_name(str(name)): found for name, found in get.get(metadata, "files", dict, "metadata").items()
    }
    has_groups = any("groups" in entry for entry in entries)
    lock.packages = [_of_poetry(get, entry, files, has_groups=has_groups) for entry in entries]
    pyproject = _PoetryProject(beside, subject)
    lock.extras = frozenset([canonicalize_name(str(name)) for name in get.get(table, "extras", dict, "")])
    if format_version.split(".") >= ["2", "1"] or has_groups:
        found = {str(group) for entry in entries for group in get.get(entry, "groups", list, "package")}
        lock.groups = frozenset({"main"} | found)
        lock.default_groups = tuple(sorted(lock.groups - pyproject.optional_groups))
        return _with_markers(lock, get, entries)
    edges = _PoetryEdges(get, lock.place_names())
    lock.edges = [edges.of_package(entry, lock.packages[place].name) for place, entry in enumerate(entries)]
    lock.roots = pyproject.roots(edges)
    if lock.roots:
        lock.groups = frozenset([root[6:] for root in lock.roots if root.startswith("group:")])
        lock.default_groups = tuple(sorted(lock.groups - pyproject.optional_groups))
    else:
        lock.notes.append("this lock has no markers and there is no pyproject.toml beside it, so every package is judged")
        lock.has_no_roots = True
    return lock


def _of_poetry(
    get: locks.Tables, entry: Mapping[str, Any], older_files: Mapping[str, Any], *, has_groups: bool
) -> locks.Package:
    name = get.name(entry)
    version = get.version(entry, name)
    source = get.get(entry, "source", dict, name)
    kind = get.get(source, "type", str, name)
    # Locks with groups have markers that say the same.
    python = "" if has_groups else _poetry_range(get.get(entry, "python-versions", str, name))
    if kind in {"git", "directory", "file", "url"}:
        files = locks.direct_files(get.get(source, "url", str, name), _POETRY_SOURCES[kind])
        return locks.Package(name, version, requires_python=python, **files)
    # Before 1.2, the files of all versions of a package are together under metadata.
    listed = get.tables(entry, "files", name) or get.tables(older_files, name, name)
    found = [get.file(table, name) for table in listed]
    of_version = _spellings(name, version) if name in older_files else None
    if of_version:
        found = [file for file in found if of_version.match(file.name)]
    wheels = tuple([file for file in found if file.name.endswith(".whl")])
    sdists = tuple([file for file in found if file.name.endswith((".tar.gz", ".zip", ".tar.bz2"))])
    if not found:
        return locks.Package(name, version, source="the lock does not name its files", requires_python=python)
    return locks.Package(name, version, wheels, sdists, requires_python=python)


_POETRY_SOURCES = {"git": "from git", "directory": "from a path", "file": "from a path", "url": "from a URL"}


def _spellings(name: str, version: str) -> re.Pattern[str]:
    """A pattern for the start of the names of a version's files."""
    project = re.escape(name).replace(r"\-", "[-_.]+")
    return re.compile(rf"{project}-v?{re.escape(version)}(-|\.(tar|zip))", re.IGNORECASE)


@dataclass
class _Grouped(locks.Lock):
    """A lock whose packages say which groups they are in, and under which marker in each."""

    of_groups: list[dict[str, str]] = field(default_factory=list)

    def needed(self, markers: Markers) -> Iterator[Truth]:
        """For each package, whether a wanted group needs it."""
        for known in self.of_groups:
            truths = [markers.holds(marker) for group, marker in known.items() if group in markers.groups]
            yield True if True in truths else None if None in truths else False


def _with_markers(plain: locks.Lock, get: locks.Tables, entries: list[dict[str, Any]]) -> locks.Lock:
    """A poetry.lock from 2.1 on."""
    known = {name: getattr(plain, name) for name in locks.Lock.__dataclass_fields__}
    lock = _Grouped(**known)
    for entry, package in zip(entries, lock.packages, strict=True):
        groups = [str(group) for group in get.get(entry, "groups", list, package.name)] or ["main"]
        markers = entry.get("markers", "")
        table = markers if isinstance(markers, dict) else dict.fromkeys(groups, markers)
        texts = {group: get.get(table, group, str, package.name) for group in groups}
        lock.of_groups.append({group: get.marker(text, package.name) for group, text in texts.items()})
    return lock


#: One condition in poetry's own syntax: an optional operator, and a version.
_CONDITION = re.compile(r"(\^|~=|~|===|==|!=|<=|>=|<|>)?\s*v?([^\s,|<>=!~^]+)")


def _poetry_range(text: str) -> str:
    """A range of versions in poetry's syntax (``^3.9``, ``~2.7 || >=3.6``) as specifiers, alternatives separated by ``||``.

    A range that cannot be parsed allows everything, because poetry itself has checked it.
    """
    found = []
    for alternative in re.split(r"\s*\|\|?\s*", text):
        conditions = [_poetry_condition(*match.groups()) for match in _CONDITION.finditer(alternative)]
        specifiers = ",".join([condition for condition in conditions if condition])
        try:
            locks.parse_specifiers(specifiers)
        except ValueError:  # an InvalidSpecifier
            return ""
        if not specifiers:
            return ""
        found.append(specifiers)
    return "||".join(found)


def _poetry_condition(operator: str | None, version: str) -> str:
    if version == "*":
        return ""
    numbers = re.match(r"\d{1,9}(\.\d{1,9})*", version)
    if operator not in {"^", "~"} or numbers is None:
        return f"{operator or '=='}{version}"
    parts = [int(number) for number in numbers[0].split(".")]
    last = len(parts) - 1
    held = min(1, last)  # "~" keeps the second number if there is one, "^" the first that is not zero
    if operator == "^":
        held = next((place for place, number in enumerate(parts) if number), last)
    above = [*parts[:held], parts[held] + 1]
    return f">={version},<{'.'.join([str(number) for number in above])}"


class _PoetryEdges:
    """The dependencies in a ``poetry.lock`` before 2.1 and in pyproject.toml."""

    def __init__(self, get: locks.Tables, places: dict[str, list[int]]) -> None:
        self.get, self.places = get, places

    def of_package(self, entry: Mapping[str, Any], where: str) -> dict[str, list[graphs.Edge]]:
        """The dependencies of one package, by extra."""
        table = self.get.get(entry, "dependencies", dict, where)
        found = {"": self.of_table(table, where)}
        for extra, texts in self.get.get(entry, "extras", dict, where).items():
            names = {canonicalize_name(re.split(r"[^\w.-]", str(text).strip())[0]) for text in texts}
            wanted = {name: known for name, known in table.items() if canonicalize_name(name) in names}
            found[canonicalize_name(extra)] = self.of_table(wanted, where, extra=canonicalize_name(extra))
        return found

    def of_table(self, table: Mapping[str, Any], where: str, *, extra: str = "") -> list[graphs.Edge]:
        """The dependencies in a table: name -> version, conditions, or a list of conditions. Optional ones count only for an *extra*."""
        found = []
        for name, value in table.items():
            for condition in value if isinstance(value, list) else [value]:
                known = condition if isinstance(condition, dict) else {"version": condition}
                if known.get("optional") is True and not extra:
                    continue
                edge = self._of_condition(canonicalize_name(name), known, where, extra)
                if edge:
                    found.append(edge)
        return found

    def _of_condition(self, name: str, known: Mapping[str, Any], where: str, extra: str) -> graphs.Edge | None:
        allowed = _poetry_range(self.get.get(known, "version", str, where))
        places = self.places.get(name, [])
        packages = self.get.lock.packages
        fitting = [place for place in places if not allowed or _is_among(packages[place].version, allowed)]
        texts = [f"({text})" for text in (self.get.get(known, "markers", str, where), *_poetry_shorthands(known)) if text]
        # The package's extra is chosen already, and the project's extras do not matter here.
        marker = self.get.marker(locks.constant_extras(" and ".join(texts), {extra}), where)
        extras = [canonicalize_name(str(extra)) for extra in self.get.get(known, "extras", list, where)]
        # Poetry may leave superfluous packages out of the lock.
        return graphs.Edge(tuple(fitting or places), tuple(extras), marker) if places else None


def _is_among(version: str, alternatives: str) -> bool:
    return any(locks.parse_specifiers(text).contains(version, prereleases=True) for text in alternatives.split("||"))


def _poetry_shorthands(known: Mapping[str, Any]) -> Iterator[str]:
    """``python`` and ``platform`` of a dependency, as markers."""
    python = known.get("python")
    alternatives = _poetry_range(python).split("||") if isinstance(python, str) else [""]
    if alternatives != [""]:
        conditions = [
            [re.sub(r"^([<>=!~]+)(.*)$", r"python_full_version \1 '\2'", part) for part in text.split(",")]
            for text in alternatives
        ]
        yield " or ".join([f"({' and '.join(texts)})" for texts in conditions])
    if isinstance(known.get("platform"), str):
        yield f"sys_platform == '{re.sub(r'[^A-Za-z0-9]', '', known['platform'])}'"


class _PoetryProject:
    """The table for poetry in a ``pyproject.toml``."""

    def __init__(self, text: str | None, subject: str) -> None:
        self.table = locks.tool_table(text, subject, "poetry")
        groups = self.table.get("group")
        self.groups = (
            {str(name): group for name, group in groups.items() if isinstance(group, dict)} if isinstance(groups, dict) else {}
        )
        #: Groups that are installed only on request.
        self.optional_groups = {name for name, group in self.groups.items() if group.get("optional") is True}

    def roots(self, edges: _PoetryEdges) -> dict[str, list[graphs.Edge]]:
        """The project's own dependencies, by extra and group; empty if the file has none."""
        where, get = "pyproject.toml", edges.get
        main = get.get(self.table, "dependencies", dict, where)
        if not main:
            return {}
        roots = {"group:main": edges.of_table(main, where)}
        for extra, names in get.get(self.table, "extras", dict, where).items():
            wanted = {name: main[name] for name in names if name in main}
            roots[f"extra:{canonicalize_name(extra)}"] = edges.of_table(wanted, where, extra=canonicalize_name(extra))
        development = {**self.groups, "dev": {"dependencies": get.get(self.table, "dev-dependencies", dict, where)}}
        if "dev" in self.groups:
            development["dev"] = self.groups["dev"]
        for name, group in development.items():
            roots[f"group:{name}"] = edges.of_table(get.get(group, "dependencies", dict, where), where)
        return roots
