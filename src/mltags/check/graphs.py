"""Locks that are graphs, walked from the project's own dependencies to whatever an environment needs (R16)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import locks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .locks import Markers, Truth


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependency: the places of the packages that may serve it, their extras that it wants, and its marker."""

    places: tuple[int, ...]
    extras: tuple[str, ...] = ()
    marker: str = ""


@dataclass
class Graph(locks.Lock):
    """A lock that is walked from its roots.

    * ``edges``: for each package, its dependencies by extra; those without an extra are under ``""``.
    * ``roots``: dependencies of the project itself, under ``""``, ``extra:NAME`` or ``group:NAME``.
    * ``hidden``: the places of packages that are the project itself.
    """

    edges: list[dict[str, list[Edge]]] = field(default_factory=list)
    roots: dict[str, list[Edge]] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    #: Whether the roots are unknown, so that every package is judged, in all its versions.
    has_no_roots: bool = False
    #: How markers name an extra or a group: ("extra" or "group", name) -> the texts.
    marker_names: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def needed(self, markers: Markers) -> Iterator[Truth]:
        """For each package, whether a walk from the roots reaches it."""
        if self.has_no_roots:
            yield from [True] * len(self.packages)
            return
        for kind, names in (("extra", markers.extras), ("group", markers.groups)):
            for name in names:
                markers.extra_names.update(self.marker_names.get((kind, name), ()))
        banned = self._unsuitable(markers)
        found, passed = self._walk(markers, banned)
        while more := self._superseded(found, passed) - banned:
            banned |= more
            found, passed = self._walk(markers, banned)
        for place in range(len(self.packages)):
            yield found.get(place, False)

    def _walk(self, markers: Markers, banned: set[int]) -> tuple[dict[int, Truth], list[Edge]]:
        """The places that are reached (True: on every patch release of Python), and the edges that were passed."""
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

    def _superseded(self, found: Mapping[int, Truth], passed: list[Edge]) -> set[int]:
        """If a package has several versions, the places of those that not every dependency on it allows."""
        allowed: dict[str, set[int]] = {}
        for edge in passed:
            name = self.packages[edge.places[0]].name
            allowed[name] = allowed.get(name, set(edge.places)) & set(edge.places)
        return {place for place in found if (left := allowed[self.packages[place].name]) and place not in left}

    def _unsuitable(self, markers: Markers) -> set[int]:
        """The places of packages that are not for this Python, if another version of the package is."""
        suits: dict[str, list[int]] = {}
        for place, package in enumerate(self.packages):
            if markers.takes(package.requires_python) is not False:
                suits.setdefault(package.name, []).append(place)
        return {place for place, package in enumerate(self.packages) if place not in suits.get(package.name, (place,))}

    def place_names(self) -> dict[str, list[int]]:
        """The places of the versions of each package, by name."""
        places: dict[str, list[int]] = {}
        for place, package in enumerate(self.packages):
            places.setdefault(package.name, []).append(place)
        return places
