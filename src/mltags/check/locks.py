"""What a lock says: its packages with their files, and which of them an environment needs (R16).

Locks are other people's text: sizes are bounded, and whatever is wrong is an ``InvalidSubject`` that names the package and the part.
Nothing that a lock refers to is contacted or opened, but for requirement files that include others beside them.
"""

import os
import re
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote

from packaging.markers import Marker
from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from .. import _local
from . import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from packaging.pylock import Package as LockedPackage

    from .._target import Target

    #: Whether something holds; None: it does on some patch releases of the target's Python only.
    Truth = bool | None

#: Largest file that is read as a lock. The largest in public repositories are a tenth of it.
MAX_LOCK = 32 << 20
#: Most files that a requirement file may include.
MAX_INCLUDES = 100

_HASH = re.compile(r"[a-z0-9_]+:[0-9a-fA-F]+")


@dataclass(frozen=True, slots=True)
class File:
    """A wheel or a source distribution, by its name; ``requires_python`` and ``yanked`` are what an index says."""

    name: "str"
    hashes: "tuple[str, ...]" = ()
    requires_python: "str" = ""
    yanked: "bool" = False


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a lock.

    * ``version``: empty where the files are of several versions; then the newest that fits is chosen, as pip does.
    * ``source``: why its files are not known (git, a path, a pin without an index); empty where they are.
    * ``marker``, ``requires_python``: those of the package itself; empty where there are none. Alternatives of the latter are
      separated by ``||``.
    * ``wanted``: the versions that a requirement file allows, and ``allowed``: the hashes; empty where any will do.
    * ``missing``: why an index has no files for it, where more can be said than that.
    """

    name: "str"
    version: "str" = ""
    wheels: "tuple[File, ...]" = ()
    sdists: "tuple[File, ...]" = ()
    source: "str" = ""
    marker: "str" = ""
    requires_python: "str" = ""
    wanted: "str" = ""
    allowed: "tuple[str, ...]" = ()
    missing: "str" = ""
    names: "tuple[str, ...]" = field(init=False, compare=False)

    def __post_init__(self) -> "None":
        object.__setattr__(self, "names", tuple([wheel.name for wheel in self.wheels]))


@lru_cache(1024)
def _parse_marker(text: "str") -> "Marker":
    return Marker(text)


@lru_cache(1024)
def parse_specifiers(text: "str") -> "SpecifierSet":
    """*text* as specifiers of versions; each is read once."""
    return SpecifierSet(text)


#: A marker that uv writes for extras that exclude each other, such as ``extra == 'extra-4-demo-cpu'``; poetry's are plain names.
_EXTRA = re.compile(r"""extra\s*(==|!=)\s*(["'])([^"']*)\2""")
#: What is always true, and what never is, as a marker.
_CONSTANT = {True: "python_version >= '0'", False: "python_version < '0'"}


def constant_extras(marker: "str", active: "set[str]") -> "str":
    """*marker* with what it asks about extras answered: those named *active* are wanted."""
    return _EXTRA.sub(lambda found: _CONSTANT[(found[3] in active) is (found[1] == "==")], marker)


class Markers:
    """The environment markers of a target, asked about texts; remembers its answers (R15)."""

    def __init__(self, target: "Target", extras: "Iterable[str]" = (), groups: "Iterable[str]" = ()) -> "None":
        self.environment: "dict[str, str]" = target.environment
        self.extras: frozenset[str] = frozenset(extras)
        self.groups: frozenset[str] = frozenset(groups)
        #: How markers name the active extras.
        self.extra_names: set[str] = set(self.extras)
        self.full: str = self.environment["python_full_version"].removesuffix("+")
        self.short: "str" = self.environment["python_version"]
        if "." not in self.short:
            self.full = ""  # of a list of tags for py3 nobody knows it
        asked = getattr(target, "_asked", {})
        #: A declared Python is X.Y.0 for want of a better; one that was asked knows its patch release.
        self._is_exact = (not callable(asked) and "python_full_version" in asked) or self.full != f"{self.short}.0"
        #: Markers that cannot be evaluated; they count as if they held.
        self.unknown: set[str] = set()
        self._memo: dict[tuple[str, str], Truth] = {}

    def holds(self, marker: "str") -> "Truth":
        """Whether *marker* holds; True where nobody can say, and then it is ``unknown``."""
        return self._ask("marker", marker, self._evaluate) if marker else True

    def takes(self, specifiers: "str") -> "Truth":
        """Whether this Python is among *specifiers*, alternatives of which are separated by ``||``."""
        return self._ask("python", specifiers, self._is_taken) if specifiers else True

    def _ask(self, kind: "str", text: "str", ask: "Callable[[str, str], bool]") -> "Truth":
        if (kind, text) not in self._memo:
            answers = {ask(text, full) for full in self._patches(text)}
            self._memo[kind, text] = answers.pop() if len(answers) == 1 else None
        return self._memo[kind, text]

    def _patches(self, text: "str") -> "Iterator[str]":
        """The full versions to try: the target's own; where its patch release is unknown, also those around the ones named."""
        yield self.full
        if not self._is_exact and f"{self.short}." in text:
            named = {int(number) for number in re.findall(rf"\b{re.escape(self.short)}\.(\d{{1,3}})\b", text)}
            for number in sorted({near for patch in named for near in (patch - 1, patch, patch + 1)} | {999}):
                if number > 0:
                    yield f"{self.short}.{number}"

    def _evaluate(self, marker: "str", full: "str") -> "bool":
        text = constant_extras(marker, self.extra_names)
        known: dict[str, Any] = dict(self.environment)
        if full != self.full:
            known |= {"python_full_version": full, "implementation_version": full}
        known |= {"extras": self.extras, "dependency_groups": self.groups}
        try:
            return _parse_marker(text).evaluate(known, context="lock_file")
        except Exception:  # whatever a marker of somebody's own making provokes
            self.unknown.add(marker)
            return True

    def _is_taken(self, specifiers: "str", full: "str") -> "bool":
        return not full or any(parse_specifiers(text).contains(full, prereleases=True) for text in specifiers.split("||"))


@dataclass
class Lock:
    """A lock that was read. ``requires_python`` and ``environments`` are about the whole of it; *problem* makes its errors."""

    kind: "str"
    subject: "str"
    packages: "list[Package]" = field(default_factory=list)
    notes: "list[str]" = field(default_factory=list)
    requires_python: "str" = ""
    environments: "tuple[str, ...]" = ()
    extras: "frozenset[str] | None" = None
    groups: "frozenset[str] | None" = None
    default_groups: "tuple[str, ...]" = ()

    def needed(self, markers: "Markers") -> "Iterator[Truth]":
        """Of each package whether that environment needs it."""
        for package in self.packages:
            yield markers.holds(package.marker)

    def refuse(self, part: "str", problem: "str") -> "NoReturn":
        """Raise the error that *part* of this lock is wrong."""
        raise report.InvalidSubject(report.redact(self.subject), report.redact(part), report.shown(problem, 500))

    def markers(self, target: "Target", extras: "Iterable[str]", groups: "Iterable[str] | None") -> "Markers":
        """The environment of *target* with the extras and groups that are wanted of this lock; None: its default groups."""
        wanted = {canonicalize_name(extra) for extra in extras}
        chosen = set(self.default_groups if groups is None else groups)
        for part, names, known in (("extra", wanted, self.extras), ("group", chosen, self.groups)):
            unknown = sorted(names - known) if known is not None else []
            if unknown:
                self.refuse(f"{part} {unknown[0]}", f"expected one of: {', '.join(sorted(known or ())) or 'none'}")
        return Markers(target, wanted, chosen)


def refuse(subject: "str", part: "str", problem: "str") -> "NoReturn":
    """As :meth:`Lock.refuse`, where there is none yet."""
    Lock("", subject).refuse(part, problem)


def project_name(text: "str") -> "str":
    """The normalized name of the project that somebody calls *text*; ``InvalidSubject`` where no project can have that name."""
    try:
        return canonicalize_name(text, validate=True)
    except ValueError:
        refuse(text, "project", "not the name of a project")


# Reading files and TOML


def read_text(path: "str", limit: "int" = MAX_LOCK) -> "str":
    """The text of a regular file; ``InvalidSubject`` where it is none, too large, or no UTF-8."""
    try:
        data = _local.read_regular(path, limit + 1)
        if len(data) > limit:
            refuse(path, "file", f"larger than {limit >> 20} MiB")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(path, "file", "not a text in UTF-8")
    except OSError as problem:
        refuse(path, "file", problem.strerror or "not a regular file")


def parse_toml(text: "str", subject: "str") -> "dict[str, Any]":
    """*text* as TOML, with an error that says where it is none."""
    # A key of n parts costs n * n, and no lock has one of more than a few.
    if any(line.partition("=")[0].count(".") > 100 for line in text.splitlines()):
        refuse(subject, "TOML", "a key has more than 100 parts")
    if sys.version_info >= (3, 11):
        import tomllib
    else:  # pragma: no cover -- the one of the two that this Python has
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except RecursionError:
        refuse(subject, "TOML", "nested too deeply")
    except ValueError as problem:  # a TOMLDecodeError, or more digits than Python reads as a number
        refuse(subject, "TOML", str(problem))


class _Tables:
    """Values out of TOML tables, checked: an error names the package and the key."""

    def __init__(self, lock: "Lock") -> "None":
        self.lock = lock

    def get(self, table: "Mapping[str, Any]", key: "str", kind: "type[Any]", where: "str") -> "Any":
        """The value of *key*, an empty one of its *kind* where there is none."""
        value = table.get(key)
        if value is None:
            return kind()
        if not isinstance(value, kind):
            self.lock.refuse(f"{where}: {key}" if where else key, f"expected {_KINDS[kind]}")
        return value

    def tables(self, table: "Mapping[str, Any]", key: "str", where: "str") -> "list[dict[str, Any]]":
        """A list of tables."""
        values = self.get(table, key, list, where)
        for value in values:
            if not isinstance(value, dict):
                self.lock.refuse(f"{where}: {key}" if where else key, "expected a list of tables")
        return list(values)

    def name(self, table: "Mapping[str, Any]", where: "str" = "") -> "str":
        """The normalized name of a package."""
        text = self.get(table, "name", str, where)
        try:
            return canonicalize_name(text, validate=True)
        except ValueError:
            self.lock.refuse(where or "package", f"name: '{report.shown(text)}' is not the name of a package")

    def version(self, table: "Mapping[str, Any]", where: "str") -> "str":
        """The version of a package, empty where it has none."""
        text: str = self.get(table, "version", str, where)
        try:
            return str(Version(text)) if text else ""
        except ValueError:
            self.lock.refuse(where, f"version: '{report.shown(text)}' is not a version")

    def marker(self, text: "str", where: "str") -> "str":
        """A marker that is well-formed."""
        try:
            if text:
                _parse_marker(_EXTRA.sub(_CONSTANT[True], text))
            return text
        except (ValueError, RecursionError):  # an InvalidMarker
            self.lock.refuse(where, f"marker: '{report.shown(text)}' is not an environment marker")

    def specifiers(self, text: "str", where: "str") -> "str":
        """Specifiers of versions that are well-formed."""
        try:
            parse_specifiers(text)
            return text
        except ValueError:  # an InvalidSpecifier, or a number that is too long
            self.lock.refuse(where, f"'{report.shown(text)}' is not a list of versions such as '>=3.9'")

    def file(self, table: "Mapping[str, Any]", where: "str") -> "File":
        """A file, by whichever key names it."""
        for key in ("name", "filename", "file", "path", "url"):
            if key in table:
                location = self.get(table, key, str, where)
                return File(last_part(location), hashes_of([self.get(table, "hash", str, where)]))
        return File("")


_KINDS = {str: "a text", list: "a list", dict: "a table", bool: "true or false"}


def last_part(location: "str") -> "str":
    """The file's name that a path or a URL ends with; nothing of a URL but that."""
    if "://" in location:
        location = re.split(r"[?#]", location, maxsplit=1)[0].rpartition("/")[2]
        return last_part(unquote(location)) if "%" in location else location
    return location.replace("\\", "/").rpartition("/")[2]


def hashes_of(texts: "Iterable[str]") -> "tuple[str, ...]":
    """Those of *texts* that are hashes such as ``sha256:...``."""
    return tuple([text for text in texts if _HASH.fullmatch(text)])


def _direct(location: "str", source: "str") -> "dict[str, Any]":
    """The fields of a package that is one file or one place: the name of a wheel tells whether it fits, nothing else does."""
    name = last_part(location)
    return {"wheels": (File(name),)} if name.endswith(".whl") else {"source": source}


# pylock.toml (PEP 751)


def read_pylock(text: "str", subject: "str", beside: "str | None" = None) -> "Lock":  # noqa: ARG001 -- one signature for all kinds
    """A ``pylock.toml``, as packaging validates it."""
    lock = Lock("pylock.toml", subject)
    table = parse_toml(text, subject)
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
    lock.requires_python = str(known.requires_python or "")
    lock.environments = tuple([str(marker) for marker in known.environments or ()])
    lock.extras, lock.default_groups = frozenset(known.extras or ()), tuple(known.default_groups or ())
    lock.groups = frozenset([*(known.dependency_groups or ()), *lock.default_groups])
    return lock


def _of_pylock(package: "LockedPackage") -> "Package":
    files: dict[str, Any]
    if package.vcs is not None:
        files = {"source": f"from {package.vcs.type}"}
    elif package.directory is not None:
        files = {"source": "from a path"}
    elif package.archive is not None:
        archive = package.archive
        files = _direct(archive.path or archive.url or "", "from a URL" if archive.url else "from a path")
        if "wheels" in files:
            files["wheels"] = (File(files["wheels"][0].name, _pylock_hashes(archive.hashes)),)
    else:
        files = {"wheels": tuple([File(wheel.filename, _pylock_hashes(wheel.hashes)) for wheel in package.wheels or ()])}
        if package.sdist:
            files["sdists"] = (File(package.sdist.filename, _pylock_hashes(package.sdist.hashes)),)
    return Package(
        package.name,
        str(package.version or ""),
        marker=str(package.marker or ""),
        requires_python=str(package.requires_python or ""),
        **files,
    )


def _pylock_hashes(hashes: "Mapping[str, str]") -> "tuple[str, ...]":
    return hashes_of([f"{name}:{value}" for name, value in hashes.items()])


# Graphs: uv.lock, and poetry.lock as it was


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependency: which packages may serve it (their places), with which of their extras, and under which marker."""

    places: "tuple[int, ...]"
    extras: "tuple[str, ...]" = ()
    marker: "str" = ""


@dataclass
class Graph(Lock):
    """A lock that is walked from its roots.

    * ``edges``: of each package its dependencies by extra, those without one under ``""``.
    * ``roots``: dependencies of the project itself, by ``""``, ``extra:NAME`` or ``group:NAME``.
    * ``hidden``: the places of packages that are the project itself.
    """

    edges: "list[dict[str, list[Edge]]]" = field(default_factory=list)
    roots: "dict[str, list[Edge]]" = field(default_factory=dict)
    hidden: "frozenset[int]" = frozenset()
    #: Whether nobody knows the roots, so that every package is judged, in all its versions.
    has_no_roots: "bool" = False
    #: How markers name an extra or a group: ("extra" or "group", name) -> the texts.
    marker_names: "dict[tuple[str, str], list[str]]" = field(default_factory=dict)

    def needed(self, markers: "Markers") -> "Iterator[Truth]":
        """Of each package whether a walk from the roots comes to it."""
        if self.has_no_roots:
            yield from [True] * len(self.packages)
            return
        for kind, names in (("extra", markers.extras), ("group", markers.groups)):
            for name in names:
                markers.extra_names.update(self.marker_names.get((kind, name), ()))
        banned = self._unsuitable(markers)
        while True:
            found, passed = self._walk(markers, banned)
            more = self._superseded(found, passed) - banned
            if not more:
                break
            banned |= more
        for place in range(len(self.packages)):
            yield found.get(place, False)

    def _walk(self, markers: "Markers", banned: "set[int]") -> "tuple[dict[int, Truth], list[Edge]]":
        """The places that are reached, True where on every patch release of Python; and the edges that were passed."""
        wanted = ["", *[f"extra:{name}" for name in markers.extras], *[f"group:{name}" for name in markers.groups]]
        queue = [(edge, True) for root in wanted for edge in self.roots.get(root, ())]
        found: dict[tuple[int, str], bool] = {}
        passed = []
        while queue:
            edge, is_certain = queue.pop()
            truth = markers.holds(edge.marker)
            if truth is False:
                continue
            passed.append(edge)
            is_certain = is_certain and truth is True
            for place in edge.places:
                for extra in () if place in banned else ("", *edge.extras):
                    if found.get((place, extra), False) or ((place, extra) in found and not is_certain):
                        continue
                    found[place, extra] = is_certain
                    queue += [(after, is_certain) for after in self.edges[place].get(extra, ())]
        return {place: is_certain or None for (place, extra), is_certain in found.items() if not extra}, passed

    def _superseded(self, found: "Mapping[int, Truth]", passed: "list[Edge]") -> "set[int]":
        """Of packages that are there in several versions, the places that not every dependency on them allows."""
        allowed: dict[str, set[int]] = {}
        for edge in passed:
            name = self.packages[edge.places[0]].name
            allowed[name] = allowed.get(name, set(edge.places)) & set(edge.places)
        return {place for place in found if (left := allowed[self.packages[place].name]) and place not in left}

    def _unsuitable(self, markers: "Markers") -> "set[int]":
        """Places that are not for this Python, where another version of the same package is."""
        suits: dict[str, list[int]] = {}
        for place, package in enumerate(self.packages):
            if markers.takes(package.requires_python) is not False:
                suits.setdefault(package.name, []).append(place)
        return {place for place, package in enumerate(self.packages) if place not in suits.get(package.name, (place,))}

    def place_names(self) -> "dict[str, list[int]]":
        """By name the places of its versions."""
        places: dict[str, list[int]] = {}
        for place, package in enumerate(self.packages):
            places.setdefault(package.name, []).append(place)
        return places


def read_uv(text: "str", subject: "str", beside: "str | None" = None) -> "Lock":
    """A ``uv.lock`` of version 1; *beside*: the text of the ``pyproject.toml`` beside it, which names the default groups."""
    lock = Graph("uv.lock", subject)
    get = _Tables(lock)
    table = parse_toml(text, subject)
    if table.get("version") != 1:
        lock.refuse("version", f"expected 1, found {table.get('version')!r}")
    entries = get.tables(table, "package", "")
    lock.requires_python = get.specifiers(get.get(table, "requires-python", str, ""), "requires-python")
    supported = get.get(table, "supported-markers", list, "")
    lock.environments = tuple([get.marker(str(text), "supported-markers") for text in supported])
    lock.packages = [_of_uv(get, entry) for entry in entries]
    sources = [get.get(entry, "source", dict, lock.packages[place].name) for place, entry in enumerate(entries)]
    found = _UvEdges(get, entries, sources, lock.place_names())
    lock.edges = [found.of_package(place) for place in range(len(entries))]
    manifest = get.get(table, "manifest", dict, "")
    members = {canonicalize_name(str(name)) for name in get.get(manifest, "members", list, "manifest")}
    hidden = [place for place, source in enumerate(sources) if source.get("virtual", source.get("editable")) == "."]
    lock.hidden = frozenset(hidden if not members else [p for p, known in enumerate(lock.packages) if known.name in members])
    lock.roots = _uv_roots(lock, get, found, manifest)
    lock.extras = frozenset([root[6:] for root in lock.roots if root.startswith("extra:")])
    lock.groups = frozenset([root[6:] for root in lock.roots if root.startswith("group:")])
    defaults = get.get(_tool(beside, subject, "uv"), "default-groups", object, "") if beside else None
    wanted = sorted(lock.groups) if defaults == "all" else defaults if isinstance(defaults, list) else ["dev"]
    lock.default_groups = tuple([str(group) for group in wanted if group in lock.groups])
    return lock


def _of_uv(get: "_Tables", entry: "Mapping[str, Any]") -> "Package":
    name = get.name(entry)
    version = get.version(entry, name)
    source = get.get(entry, "source", dict, name)
    wheels = tuple([get.file(wheel, name) for wheel in get.tables(entry, "wheels", name)])
    sdist = get.get(entry, "sdist", dict, name)
    kind = next((words for key, words in _UV_SOURCES.items() if key in source), "")
    if kind and not wheels:
        return Package(name, version, source=kind)
    return Package(name, version, wheels, (get.file(sdist, name),) if sdist else ())


#: Keys of a package's source in uv.lock whose files are not known, and what is said of them.
_UV_SOURCES = {
    "git": "from git",
    "directory": "from a path",
    "editable": "from a path",
    "virtual": "a project without files",
    "path": "from a path",
    "url": "from a URL",
}


class _UvEdges:
    """The dependencies in a ``uv.lock``, by the place of the package that serves each."""

    def __init__(
        self, get: "_Tables", entries: "list[dict[str, Any]]", sources: "list[dict[str, Any]]", places: "dict[str, list[int]]"
    ) -> "None":
        self.get, self.entries, self.sources, self.places = get, entries, sources, places

    def of_package(self, place: "int") -> "dict[str, list[Edge]]":
        """Those of one package by extra; of a project's groups under ``group:NAME``."""
        entry, where = self.entries[place], self.get.lock.packages[place].name
        found = {"": self.of_list(entry, "dependencies", where)}
        for key, prefix in (("optional-dependencies", ""), ("dev-dependencies", "group:")):
            table = self.get.get(entry, key, dict, where)
            found |= {prefix + name: self.of_list(table, name, where) for name in table}
        return found

    def of_list(self, table: "Mapping[str, Any]", key: "str", where: "str") -> "list[Edge]":
        """A list of dependencies."""
        return [self._of_entry(entry, where) for entry in self.get.tables(table, key, where)]

    def _of_entry(self, entry: "Mapping[str, Any]", where: "str") -> "Edge":
        name = self.get.name(entry, where)
        version, source = self.get.version(entry, where), entry.get("source")
        places = [
            place
            for place in self.places.get(name, ())
            if (not version or self.get.lock.packages[place].version == version)
            and (source is None or self.sources[place] == source)
        ]
        if not places:
            self.get.lock.refuse(where, f"its dependency {name} {version} is not in the lock".replace("  ", " "))
        extras = [str(extra) for extra in self.get.get(entry, "extra", list, where)]
        return Edge(tuple(places), tuple(extras), self.get.marker(self.get.get(entry, "marker", str, where), where))


def _uv_roots(lock: "Graph", get: "_Tables", edges: "_UvEdges", manifest: "Mapping[str, Any]") -> "dict[str, list[Edge]]":
    """The dependencies of the projects in a lock, of a script's requirements and of a workspace's groups."""
    roots: dict[str, list[Edge]] = {}
    for place in sorted(lock.hidden):
        project = lock.packages[place].name
        roots.setdefault("", []).append(Edge((place,)))
        for name in [name for name in lock.edges[place] if name]:
            kind, group = ("group", name[6:]) if name.startswith("group:") else ("extra", name)
            roots.setdefault(f"{kind}:{group}", []).extend(lock.edges[place][name])
            lock.marker_names.setdefault((kind, group), []).append(f"{kind}-{len(project)}-{project}-{group}")
    roots.setdefault("", []).extend(edges.of_list(manifest, "requirements", "manifest"))
    groups = get.get(manifest, "dependency-groups", dict, "manifest")
    for group in groups:
        roots.setdefault(f"group:{group}", []).extend(edges.of_list(groups, group, "manifest"))
    if not any(roots.values()) and lock.packages:
        lock.notes.append("the lock does not say which packages are the project's own, so every package is judged")
        lock.has_no_roots = True
    return roots


def _tool(text: "str | None", subject: "str", tool: "str") -> "dict[str, Any]":
    """The table ``tool.NAME`` of a pyproject.toml."""
    table = parse_toml(text, f"pyproject.toml beside {subject}") if text else {}
    for key in ("tool", tool):
        table = table.get(key) or {}
        if not isinstance(table, dict):
            refuse(f"pyproject.toml beside {subject}", key, "expected a table")
    return table


# poetry.lock


def read_poetry(text: "str", subject: "str", beside: "str | None" = None) -> "Lock":
    """A ``poetry.lock``; *beside*: the text of the ``pyproject.toml`` beside it, which has the roots where the lock has none."""
    lock = Graph("poetry.lock", subject)
    get = _Tables(lock)
    table = parse_toml(text, subject)
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
    get: "_Tables", entry: "Mapping[str, Any]", older_files: "Mapping[str, Any]", *, has_groups: "bool"
) -> "Package":
    name = get.name(entry)
    version = get.version(entry, name)
    source = get.get(entry, "source", dict, name)
    kind = get.get(source, "type", str, name)
    python = _poetry_range(get.get(entry, "python-versions", str, name))
    if kind in {"git", "directory", "file", "url"}:
        files = _direct(get.get(source, "url", str, name), _POETRY_SOURCES[kind])
        return Package(name, version, requires_python=python, **files)
    # Before 1.2 the files of all versions of a package stand together under metadata.
    listed = get.tables(entry, "files", name) or get.tables(older_files, name, name)
    found = [get.file(table, name) for table in listed]
    of_version = _spellings(name, version) if name in older_files else None
    if of_version:
        found = [file for file in found if of_version.match(file.name)]
    wheels = tuple([file for file in found if file.name.endswith(".whl")])
    sdists = tuple([file for file in found if file.name.endswith((".tar.gz", ".zip", ".tar.bz2"))])
    if not found:
        return Package(name, version, source="the lock does not name its files", requires_python=python)
    return Package(name, version, wheels, sdists, requires_python="" if has_groups else python)


_POETRY_SOURCES = {"git": "from git", "directory": "from a path", "file": "from a path", "url": "from a URL"}


def _spellings(name: "str", version: "str") -> "re.Pattern[str]":
    """How the names of the files of a version begin."""
    project = re.escape(name).replace(r"\-", "[-_.]+")
    return re.compile(rf"{project}-v?{re.escape(version)}(-|\.(tar|zip))", re.IGNORECASE)


@dataclass
class _Grouped(Lock):
    """A lock whose packages say for themselves in which groups they are, and under which marker in each."""

    of_groups: "list[dict[str, str]]" = field(default_factory=list)

    def needed(self, markers: "Markers") -> "Iterator[Truth]":
        """Of each package whether a group that is wanted needs it."""
        for known in self.of_groups:
            truths = [markers.holds(marker) for group, marker in known.items() if group in markers.groups]
            yield True if True in truths else None if None in truths else False


def _with_markers(plain: "Lock", get: "_Tables", entries: "list[dict[str, Any]]") -> "Lock":
    """A poetry.lock from 2.1 on."""
    known = {name: getattr(plain, name) for name in Lock.__dataclass_fields__}
    lock = _Grouped(**known)
    for entry, package in zip(entries, lock.packages, strict=True):
        groups = [str(group) for group in get.get(entry, "groups", list, package.name)] or ["main"]
        markers = entry.get("markers", "")
        table = markers if isinstance(markers, dict) else dict.fromkeys(groups, markers)
        texts = {group: get.get(table, group, str, package.name) for group in groups}
        lock.of_groups.append({group: get.marker(text, package.name) for group, text in texts.items()})
    return lock


#: One condition of poetry's own syntax: an operator or none, and a version.
_CONDITION = re.compile(r"(\^|~=|~|===|==|!=|<=|>=|<|>)?\s*v?([^\s,|<>=!~^]+)")


def _poetry_range(text: "str") -> "str":
    """A range of versions in poetry's syntax (``^3.9``, ``~2.7 || >=3.6``) as specifiers, alternatives separated by ``||``.

    What cannot be read allows everything: the lock's own tool has checked it.
    """
    found = []
    for alternative in re.split(r"\s*\|\|?\s*", text):
        conditions = [_poetry_condition(*match.groups()) for match in _CONDITION.finditer(alternative)]
        specifiers = ",".join([condition for condition in conditions if condition])
        try:
            parse_specifiers(specifiers)
        except ValueError:  # an InvalidSpecifier
            return ""
        if not specifiers:
            return ""
        found.append(specifiers)
    return "||".join(found)


def _poetry_condition(operator: "str | None", version: "str") -> "str":
    if version == "*":
        return ""
    numbers = re.match(r"\d{1,9}(\.\d{1,9})*", version)
    if operator not in {"^", "~"} or numbers is None:
        return f"{operator or '=='}{version}"
    parts = [int(number) for number in numbers[0].split(".")]
    # "^" holds the first number that is not zero, "~" the second where there is one.
    held = (
        next((place for place, number in enumerate(parts) if number), len(parts) - 1)
        if operator == "^"
        else min(1, len(parts) - 1)
    )
    above = [*parts[:held], parts[held] + 1]
    return f">={version},<{'.'.join([str(number) for number in above])}"


class _PoetryEdges:
    """The dependencies in a ``poetry.lock`` before 2.1 and in pyproject.toml."""

    def __init__(self, get: "_Tables", places: "dict[str, list[int]]") -> "None":
        self.get, self.places = get, places

    def of_package(self, entry: "Mapping[str, Any]", where: "str") -> "dict[str, list[Edge]]":
        """Those of one package, by extra."""
        table = self.get.get(entry, "dependencies", dict, where)
        found = {"": self.of_table(table, where)}
        for extra, texts in self.get.get(entry, "extras", dict, where).items():
            names = {canonicalize_name(re.split(r"[^\w.-]", str(text).strip())[0]) for text in texts}
            wanted = {name: known for name, known in table.items() if canonicalize_name(name) in names}
            found[canonicalize_name(extra)] = self.of_table(wanted, where, extra=canonicalize_name(extra))
        return found

    def of_table(self, table: "Mapping[str, Any]", where: "str", *, extra: "str" = "") -> "list[Edge]":
        """A table of name to version, to a table of conditions, or to a list of these; optional ones where *extra* has them."""
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

    def _of_condition(self, name: "str", known: "Mapping[str, Any]", where: "str", extra: "str") -> "Edge | None":
        allowed = _poetry_range(self.get.get(known, "version", str, where))
        places = self.places.get(name, [])
        packages = self.get.lock.packages
        fitting = [place for place in places if not allowed or _is_among(packages[place].version, allowed)]
        texts = [f"({text})" for text in (self.get.get(known, "markers", str, where), *_poetry_shorthands(known)) if text]
        # The package's own extra is chosen already; the project's have nothing to do with it.
        marker = self.get.marker(constant_extras(" and ".join(texts), {extra}), where)
        extras = [canonicalize_name(str(extra)) for extra in self.get.get(known, "extras", list, where)]
        # A lock may leave out what its own tool found superfluous.
        return Edge(tuple(fitting or places), tuple(extras), marker) if places else None


def _is_among(version: "str", alternatives: "str") -> "bool":
    return any(parse_specifiers(text).contains(version, prereleases=True) for text in alternatives.split("||"))


def _poetry_shorthands(known: "Mapping[str, Any]") -> "Iterator[str]":
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
        yield f"sys_platform == '{re.sub(r'[^a-z0-9]', '', known['platform'])}'"


class _PoetryProject:
    """What a ``pyproject.toml`` says to poetry."""

    def __init__(self, text: "str | None", subject: "str") -> "None":
        self.table = _tool(text, subject, "poetry")
        groups = self.table.get("group")
        self.groups = (
            {str(name): group for name, group in groups.items() if isinstance(group, dict)} if isinstance(groups, dict) else {}
        )
        #: Groups that are installed only where somebody asks for them.
        self.optional_groups = {name for name, group in self.groups.items() if group.get("optional") is True}

    def roots(self, edges: "_PoetryEdges") -> "dict[str, list[Edge]]":
        """The project's own dependencies, by extra and group; nothing where the file says nothing."""
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


# Requirement files


NO_INDEX = "a pin names no files; ask an index for them (--index)"
UNPINNED = "it is not pinned"
#: Options that name another file or a project; the others say where files come from and how they are built.
_OPTION = re.compile(r"(--requirement|--constraint|--editable|-r|-c|-e)(?:\s*=\s*|\s*)(.+)")


@dataclass
class _Requirements:
    """Requirement files as they are read: one and what it includes, locally and below its own folder."""

    lock: "Lock"
    folder: "str | None"
    found: "list[tuple[Requirement, tuple[str, ...], str]]" = field(default_factory=list)
    constraints: "dict[str, SpecifierSet]" = field(default_factory=dict)
    read: "int" = 0

    def add(self, text: "str", path: "str", above: "tuple[str, ...]" = (), *, is_constraint: "bool" = False) -> "None":
        """Add what the file *path* with that *text* says; *above*: the files that include it."""
        for number, line in _logical_lines(text):
            where = f"{os.path.basename(path)}, line {number}"
            option = _OPTION.match(line)
            if option and option[1] in {"-e", "--editable"}:
                self.lock.packages.append(Package(_editable_name(option[2]), source="an editable project"))
            elif option:
                self._include(option[2], path, where, above, is_constraint=is_constraint or "c" in option[1][:3])
            elif not line.startswith("-"):
                self._add_line(line, where, is_constraint=is_constraint)

    def _include(self, name: "str", path: "str", where: "str", above: "tuple[str, ...]", *, is_constraint: "bool") -> "None":
        name = name.strip("\"'")
        if "://" in name:
            self.lock.refuse(where, "files elsewhere are not fetched; include a local file")
        if self.folder is None:
            self.lock.refuse(where, "a text in hand cannot include files")
        wanted = os.path.realpath(os.path.join(os.path.dirname(path), name))
        if not wanted.startswith(self.folder + os.sep):
            self.lock.refuse(where, f"'{name}' is not below the folder of the first file")
        if wanted in (*above, os.path.realpath(path)):
            self.lock.refuse(where, f"'{name}' includes itself")
        self.read += 1
        if self.read > MAX_INCLUDES:
            self.lock.refuse(where, f"more than {MAX_INCLUDES} files are included")
        self.add(read_text(wanted), wanted, (*above, os.path.realpath(path)), is_constraint=is_constraint)

    def _add_line(self, line: "str", where: "str", *, is_constraint: "bool") -> "None":
        text, *options = re.split(r"\s(?=--)", line)
        hashes = hashes_of([option.removeprefix("--hash").lstrip("= ").strip() for option in options])
        if "://" in text.partition("@")[0] or text.startswith((".", "/", "~")) or text.endswith((".whl", ".tar.gz", ".zip")):
            known = _direct(text.partition(";")[0].strip(), "from a URL" if "://" in text else "from a path")
            name = known["wheels"][0].name.split("-")[0] if "wheels" in known else last_part(text) or "unnamed"
            self.lock.packages.append(Package(canonicalize_name(name), **known))
            return
        try:
            requirement = Requirement(text)
        except (InvalidRequirement, RecursionError):
            self.lock.refuse(where, f"'{report.shown(text)}' is not a requirement such as 'demo==1.0'")
        if is_constraint:
            name = canonicalize_name(requirement.name)
            self.constraints[name] = self.constraints.get(name, SpecifierSet()) & requirement.specifier
        else:
            self.found.append((requirement, hashes, where))

    def packages(self) -> "list[Package]":
        """The packages that the lines name, in their order; lines of one project and marker are one package."""
        found: list[Package] = []
        places: dict[tuple[str, str], int] = {}
        for requirement, hashes, where in self.found:
            name = canonicalize_name(requirement.name)
            wanted = requirement.specifier & self.constraints.get(name, SpecifierSet())
            marker = str(requirement.marker or "")
            if requirement.url:
                found.append(Package(name, marker=marker, **_direct(requirement.url, "from a URL")))
                continue
            place = places.setdefault((name, marker), len(found))
            if place < len(found):
                both = self._merged(found[place], wanted, hashes, where)
                if both is not None:
                    found[place] = both
                    continue
            found.append(self._package(name, wanted, marker, hashes, where))
        return found

    def _package(
        self, name: "str", wanted: "SpecifierSet", marker: "str", hashes: "tuple[str, ...]", where: "str"
    ) -> "Package":
        pins = _pins(wanted)
        source = NO_INDEX if pins else UNPINNED
        version = _Tables(self.lock).version({"version": pins[0]}, where) if pins else ""
        return Package(name, version, source=source, marker=marker, wanted=str(wanted), allowed=hashes)

    def _merged(self, first: "Package", wanted: "SpecifierSet", hashes: "tuple[str, ...]", where: "str") -> "Package | None":
        """*first* and another line about it as one package, as with pip; None where they pin different versions."""
        both = parse_specifiers(first.wanted) & wanted
        if len({Version(_Tables(self.lock).version({"version": pin}, where)) for pin in _pins(both)}) > 1:
            return None
        common = tuple([value for value in first.allowed if value in hashes]) if first.allowed and hashes else ()
        if first.allowed and hashes and not common:
            self.lock.refuse(where, f"no hash of '{first.name}' is also in the line before that names it")
        return self._package(first.name, both, first.marker, common or first.allowed or hashes, where)


def _pins(wanted: "SpecifierSet") -> "list[str]":
    return sorted([pin.version for pin in wanted if pin.operator in {"==", "==="} and not pin.version.endswith(".*")])


def _logical_lines(text: "str") -> "Iterator[tuple[int, str]]":
    """The lines of a requirement file with their numbers: continued ones joined, comments and blank ones dropped."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start if joined else number
        # A comment begins a line or follows a blank; it is never continued.
        plain = re.sub(r"(^|\s)#.*$", "", line)
        if plain == line and line.endswith("\\"):
            joined += line[:-1] + " "
            continue
        whole = (joined + plain).strip()
        joined = ""
        if whole:
            yield start, whole
    if joined.strip():
        yield start, joined.strip()


def _editable_name(location: "str") -> "str":
    found = re.search(r"#egg=([\w.-]+)", location)
    name = found[1] if found else last_part(location.rstrip("/\\"))
    return canonicalize_name(re.sub(r"[^\w.-]", "", name)) or "unnamed"


def read_requirements(text: "str", subject: "str", beside: "str | None" = None) -> "Lock":
    """A requirement file; *beside*: its path, so that its ``-r`` and ``-c`` can be followed. ``${VAR}`` stays as it is."""
    lock = Lock("requirements", subject)
    reader = _Requirements(lock, None if beside is None else os.path.dirname(os.path.realpath(beside)))
    reader.add(text, beside or subject)
    lock.packages += reader.packages()
    return lock


# Telling them apart

READERS: "dict[str, Callable[..., Lock]]" = {
    "pylock.toml": read_pylock,
    "uv.lock": read_uv,
    "poetry.lock": read_poetry,
    "requirements": read_requirements,
}


def kind_of(name: "str", text: "str") -> "str":
    """Which kind of lock *text* is, by its file's name, else by its content; ``"page"`` for a page of an index."""
    if re.fullmatch(r"pylock(\.[^.]+)?\.toml", name):
        return "pylock.toml"
    if name in READERS:
        return name
    start = text[:200].lstrip()
    if name.endswith((".html", ".htm", ".json")) or start.startswith(("<", "{")):
        return "page"
    if name.endswith((".lock", ".toml")):
        table = parse_toml(text, name)
        if "packages" in table and "lock-version" in table:
            return "pylock.toml"
        if "package" in table:
            return "poetry.lock" if "metadata" in table else "uv.lock"
        refuse(name, "file", "expected a pylock.toml, a uv.lock or a poetry.lock")
    return "requirements"
