"""Which extension modules are loaded when a wheel's package is imported, as far as its source shows. Nothing is run.

Only imports that are certain to run count: those at the top level of a module, and in a ``try`` or ``with`` there. Imports under an
``if``, in a function, or by any other means are not seen.
"""

from __future__ import annotations

import ast
import io
import posixpath
import warnings
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

from . import archive, wheelfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .wheelfile import Binary, Contents

#: Bytes of one module, and of all modules of a package, that are read; parsing them takes some seconds. What comes later is not seen.
MAX_SOURCE = 2 << 20
MAX_SOURCES = 8 << 20


def loaded(contents: Contents, limit: int = MAX_SOURCES) -> list[Binary]:
    """The extension modules that ``import`` of a wheel's own package is sure to load, in order; none where that cannot be seen.

    *limit*: bytes of Python modules that are looked at.
    """
    # Errors in the file were reported when it was first read.
    with suppress(OSError, ValueError, zipfile.BadZipFile, archive.EntryError), io.FileIO(contents.path) as file:
        return _Package(contents, archive.Archive(file)).loaded(limit)
    return []


class _Package:
    """The modules of a wheel by their dotted names."""

    def __init__(self, contents: Contents, opened: archive.Archive) -> None:
        self._archive, self._project = opened, contents.wheel.project
        self._sources: dict[str, zipfile.ZipInfo] = {}
        for entry in opened.entries:
            place = wheelfile._place(entry.filename)[0]
            if place.endswith(".py") and entry.file_size <= MAX_SOURCE:
                words = place[:-3].split("/")
                self._sources[".".join(words[: -1 if words[-1] == "__init__" else None])] = entry
        self._binaries: dict[str, Binary] = {}
        for binary in contents.binaries:
            if binary.is_module:
                folder = posixpath.dirname(binary.place).replace("/", ".")
                self._binaries[f"{folder}.{wheelfile.module_name(binary.place)}".lstrip(".")] = binary

    def _top(self) -> str:
        """The name that is imported: that of the project, or else the only one there is."""
        names = {name.partition(".")[0] for name in (*self._sources, *self._binaries)}
        own = [name for name in names if name.lower() == self._project.lower()]
        return "".join(own or names) if len(own or names) == 1 else ""

    def loaded(self, limit: int) -> list[Binary]:
        found: list[Binary] = []
        seen: set[str] = set()
        waiting: list[Iterator[str]] = [iter([self._top()])]
        size = 0
        while waiting and size < limit:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
            elif name not in seen:
                seen.add(name)
                if name in self._binaries:
                    found.append(self._binaries[name])
                elif name in self._sources:
                    size += self._sources[name].file_size
                    waiting.append(self._imports(name))
        return found

    def _imports(self, name: str) -> Iterator[str]:
        """The modules that a module imports, in order, each after the packages that contain it."""
        entry = self._sources[name]
        package = name.split(".")
        if not entry.filename.endswith("/__init__.py"):
            package = package[:-1]
        for node in _statements(_parsed(self._archive.read(entry, MAX_SOURCE))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from _parents(alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) + 1 - node.level] if node.level else []
                whole = ".".join([*base, *(node.module or "").split(".")]).strip(".")
                yield from _parents(whole)
                for alias in node.names:
                    yield f"{whole}.{alias.name}"


def _parents(name: str) -> list[str]:
    words = name.split(".")
    return [".".join(words[: count + 1]) for count in range(len(words))]


def _parsed(source: bytes) -> list[ast.stmt]:
    """The statements of a module; none if this Python cannot parse it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source).body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return []


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that always run when a module is imported."""
    waiting = [iter(body)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
        elif isinstance(node, ast.Try):
            waiting += [iter(node.finalbody), iter(node.orelse), iter(node.body)]
        elif isinstance(node, ast.With):
            waiting.append(iter(node.body))
        else:
            yield node
