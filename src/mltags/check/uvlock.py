"""``uv.lock``: a graph whose roots are the projects of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from . import graphs, locks

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_uv(text: str, subject: str, beside: str | None = None) -> locks.Lock:
    """A ``uv.lock`` of version 1; *beside*: the text of the ``pyproject.toml`` beside it, which names the default groups."""
    lock = graphs.Graph("uv.lock", subject)
    get = locks.Tables(lock)
    table = locks.parse_toml(text, subject)
    if table.get("version") != 1:
        lock.refuse("version", f"expected 1, found {table['version']!r}" if "version" in table else "is missing; expected 1")
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
    defaults = get.get(locks.tool_table(beside, subject, "uv"), "default-groups", object, "") if beside else None
    wanted = sorted(lock.groups) if defaults == "all" else defaults if isinstance(defaults, list) else ["dev"]
    lock.default_groups = tuple([str(group) for group in wanted if group in lock.groups])
    return lock


def _of_uv(get: locks.Tables, entry: Mapping[str, Any]) -> locks.Package:
    name = get.name(entry)
    version = get.version(entry, name)
    source = get.get(entry, "source", dict, name)
    wheels = tuple([get.file(wheel, name) for wheel in get.tables(entry, "wheels", name)])
    sdist = get.get(entry, "sdist", dict, name)
    kind = next((words for key, words in _UV_SOURCES.items() if key in source), "")
    if kind and not wheels:
        return locks.Package(name, version, source=kind)
    return locks.Package(name, version, wheels, (get.file(sdist, name),) if sdist else ())


#: Keys of a package's source in uv.lock whose files are unknown, and the words for them.
_UV_SOURCES = {
    "git": "from git",
    "directory": "from a path",
    "editable": "from a path",
    "virtual": "a project without files",
    "path": "from a path",
    "url": "from a URL",
}


class _UvEdges:
    """The dependencies in a ``uv.lock``, with the places of the packages that serve them."""

    def __init__(
        self, get: locks.Tables, entries: list[dict[str, Any]], sources: list[dict[str, Any]], places: dict[str, list[int]]
    ) -> None:
        self.get, self.entries, self.sources, self.places = get, entries, sources, places

    def of_package(self, place: int) -> dict[str, list[graphs.Edge]]:
        """The dependencies of one package by extra; those of a project's groups are under ``group:NAME``."""
        entry, where = self.entries[place], self.get.lock.packages[place].name
        found = {"": self.of_list(entry, "dependencies", where)}
        for key, prefix in (("optional-dependencies", ""), ("dev-dependencies", "group:")):
            table = self.get.get(entry, key, dict, where)
            found |= {prefix + name: self.of_list(table, name, where) for name in table}
        return found

    def of_list(self, table: Mapping[str, Any], key: str, where: str) -> list[graphs.Edge]:
        """A list of dependencies."""
        return [self._of_entry(entry, where) for entry in self.get.tables(table, key, where)]

    def _of_entry(self, entry: Mapping[str, Any], where: str) -> graphs.Edge:
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
        return graphs.Edge(tuple(places), tuple(extras), self.get.marker(self.get.get(entry, "marker", str, where), where))


def _uv_roots(
    lock: graphs.Graph, get: locks.Tables, edges: _UvEdges, manifest: Mapping[str, Any]
) -> dict[str, list[graphs.Edge]]:
    """The dependencies of the projects in a lock, of a script's requirements and of a workspace's groups."""
    roots: dict[str, list[graphs.Edge]] = {}
    for place in sorted(lock.hidden):
        project = lock.packages[place].name
        roots.setdefault("", []).append(graphs.Edge((place,)))
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
