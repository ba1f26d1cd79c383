"""A model of the dynamic loader: which files a process loads, in which order, and which definition each reference binds to.

Nothing is run. ``docs/loader.md`` explains the rules; their source is glibc's ``dl-load.c``, ``dl-deps.c``, ``dl-open.c`` and
``dl-lookup.c``, and for musl its ``dynlink.c``. In short:

* What is loaded at the start, the program and its needs breadth first, is the *global scope*.
* A library that is opened later has its own scope: the global one, then the library and its needs, breadth first. Files that are
  loaded with it keep this scope forever. Files that were loaded before keep theirs.
* The first definition in the scope counts, weak or not, if its version fits.

So two libraries opened with RTLD_LOCAL do not see each other. But a third library that both need is loaded once, in the scope of
the first; this is how they meet.

    process = Process(files, "/usr/bin/python3")
    process.open("/site/demo/module.so")
    for binding in process.bindings(process.objects[-1]): ...
"""

from __future__ import annotations

import posixpath
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from . import elffile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import IO

    from .. import _root
    from .elffile import Definition, ElfFile, Image, Reference

    Key = tuple[int, int, str]

#: Steps from a file to one that it needs, in one process. Real processes take a few thousand; in a hostile wheel all files may need
#: each other.
MAX_STEPS = 100_000

#: Length of a chain of files, each loaded for the one before. Real chains have a dozen.
MAX_DEPTH = 100


class TooManyError(ValueError):
    """More files, or more needs between them, than any process has."""


class Files(Protocol):
    """Where a process finds its files."""

    def real(self, path: str) -> str:
        """The file at *path*, with every symbolic link followed; empty if there is none."""
        ...

    def linked(self, real: str) -> Linked | None:
        """What the loader reads of a file; None if the loader would reject it."""
        ...

    def search(self, library: str, key: Key, /) -> str:
        """The path of *library* in the loader's cache or its default folders; empty if they do not have it."""
        ...


class Linked(Protocol):
    """What the loader reads of one file."""

    image: Image

    def definitions(self, name: bytes) -> Sequence[Definition]: ...

    def references(self) -> Iterable[Reference]: ...


class Closed:
    """A file that was closed after its :class:`elffile.Image` was taken: it has thread-local symbols only."""

    def __init__(self, image: Image) -> None:
        self.image = image

    def definitions(self, name: bytes) -> Sequence[Definition]:
        return self.image.defined.get(name, ())

    def references(self) -> Iterable[Reference]:
        return self.image.wanted


def leaf(key: Key, soname: str) -> Closed:
    """A library about which nothing is known except that it exists."""
    return Closed(elffile.Image(key, soname, (), (), (), False, 0, False, {}, ()))


class Opened:
    """A file that stays open: it has all symbols, and looks up each on demand."""

    def __init__(self, elf: ElfFile) -> None:
        self.image: Image = elf.image()
        self._elf = elf

    def definitions(self, name: bytes) -> Sequence[Definition]:
        return self._elf.definitions(name)

    def references(self) -> Iterable[Reference]:
        return self._elf.references()


# Relocations that look symbols up


class Lookup(NamedTuple):
    """What the type of a relocation changes in a lookup: a call, or thread-local storage, takes no undefined entry; a copy takes
    nothing of the program itself."""

    is_call: bool
    is_copy: bool


_CALL, _COPY, _PLAIN = Lookup(True, False), Lookup(False, True), Lookup(False, False)

#: e_machine -> types of relocations: calls and thread-local storage; copies; the others that name a symbol. Sources: the psABI of each
#: architecture; the classes are those of glibc's ``elf_machine_type_class``.
_TYPES: dict[int, tuple[set[int], set[int], set[int]]] = {
    62: ({7, 16, 17, 18, 36}, {5}, {1, 2, 6, 10, 11, 24, 32, 33}),
    3: ({7, 14, 35, 36, 37, 41}, {5}, {1, 2, 6, 38}),
    183: ({1026, 1028, 1029, 1030, 1031}, {1024}, {257, 258, 260, 261, 1025}),
    40: ({13, 17, 18, 19, 22}, {20}, {1, 2, 3, 21}),
    21: ({21, 67, 68, 69, 70, 71, 72, 73, 78}, {19}, {1, 20, 26, 38, 43, 44}),
    20: ({21, 67, 68, 69, 70, 71, 72, 73, 78}, {19}, {1, 10, 20, 26}),
    22: ({11, 54, 55, 56}, {9}, {4, 5, 10, 16, 17, 22}),
    243: ({5, 6, 7, 8, 9, 10, 11, 12}, {4}, {1, 2}),
    258: ({5, 6, 7, 8, 9, 10, 11, 13, 14}, {4}, {1, 2}),
}


def lookups(machine: int, types: Iterable[int]) -> tuple[set[Lookup], set[int]]:
    """How symbols are looked up for relocations of these *types*, and the types that are unknown here."""
    call, copy, plain = _TYPES.get(machine, (set(), set(), set()))
    found: set[Lookup] = set()
    unknown: set[int] = set()
    for kind in types:
        if kind in call:
            found.add(_CALL)
        elif kind in copy:
            found.add(_COPY)
        elif kind in plain:
            found.add(_PLAIN)
        else:
            unknown.add(kind)
    return found, unknown


# A process


@dataclass(eq=False, slots=True)
class Object:
    """A file in a process.

    * ``path``: where it was found; ``real``: the file that this is; ``linked``: what the loader reads of it.
    * ``loader``: the object whose need loaded it, None for what was opened; ``needs``: the objects that serve its DT_NEEDED.
    * ``scope``: where its references are looked up, in order; ``shared``: that of all that was loaded with it.
    """

    path: str
    real: str
    linked: Linked
    loader: Object | None = None
    needs: list[Object] = field(default_factory=list)
    shared: tuple[Object, ...] = ()
    is_first: bool = False

    @property
    def scope(self) -> tuple[Object, ...]:
        return (self, *[one for one in self.shared if one is not self]) if self.is_first else self.shared

    @property
    def image(self) -> Image:
        return self.linked.image

    def __repr__(self) -> str:
        return f"Object({self.path!r})"


class Binding(NamedTuple):
    """A reference of an object, and the definition that it binds to; ``target`` is None if there is none."""

    object: Object
    name: bytes
    version: str
    target: Object | None
    definition: Definition | None


class Process:
    """A process and what is loaded into it.

    *program*: what is run, empty to leave it out; *library_path*: the folders of LD_LIBRARY_PATH; *is_musl*: follow musl's rules.
    ``objects``: in the order in which they were loaded; ``steps``: how many that took; ``missing``: the needs (object, library) that no
    file serves; ``unknown``: the types of relocations (machine, type) that are unknown here.
    """

    def __init__(self, files: Files, program: str = "", *, library_path: Iterable[str] = (), is_musl: bool = False) -> None:
        self._files, self._library_path, self._is_musl = files, tuple(library_path), is_musl
        self.objects: list[Object] = []
        self.scope: list[Object] = []
        self.missing: list[tuple[Object, str]] = []
        self.unknown: set[tuple[int, int]] = set()
        self._unique: dict[bytes, tuple[Object, Definition]] = {}
        self._real: dict[str, Object] = {}
        self._names: dict[str, Object] = {}
        self.steps: int = 0
        self.program: Object | None = None
        if program:
            self.open(program, is_global=True)
            self.program = self.objects[0] if self.objects else None

    def open(self, path: str, *, is_global: bool = False) -> list[Object]:
        """Load the file at *path* and what it needs, as ``dlopen`` does. Returns the new objects, in order."""
        count = len(self.objects)
        real = self._files.real(path)
        root = self._real.get(real)
        if root is None:
            linked = self._files.linked(real) if real else None
            if linked is None:
                return []
            root = self._map(path, real, linked, None)
        group = self._group(root)
        new = self.objects[count:]
        shared = tuple(dict.fromkeys([*self.scope, *group]))
        for one in new:
            one.shared, one.is_first = shared, one.image.is_symbolic and not self._is_musl
        if is_global or root.image.flags & elffile.DF_1_GLOBAL:
            self.scope = [*dict.fromkeys([*self.scope, *group])]
        return new

    def _group(self, root: Object) -> list[Object]:
        """*root* and what it needs, breadth first. What was not loaded yet is loaded now."""
        group = {root: None}
        queue = [root]
        for one in queue:  # which grows while it is walked
            if not one.needs:
                for library in one.image.needed:
                    found = self._need(library, one)
                    if found is None:
                        self.missing.append((one, library))
                    elif found not in one.needs:
                        one.needs.append(found)
            self.steps += 1 + len(one.needs)
            if self.steps > MAX_STEPS:
                raise TooManyError(f"more than {MAX_STEPS} needs in one process")
            fresh = [found for found in one.needs if found not in group]
            group.update(dict.fromkeys(fresh))
            queue += fresh
        return queue

    def _map(self, path: str, real: str, linked: Linked, loader: Object | None) -> Object:
        found = Object(path, real, linked, loader)
        self.objects.append(found)
        self._real[real] = found
        if not self._is_musl:
            self._names.setdefault(linked.image.soname, found)  # the first object of a name keeps it
        return found

    # Where files are found

    def _need(self, library: str, loader: Object) -> Object | None:
        """The object that serves a need of *loader*: one that was loaded under that name, or else the file that is found."""
        if library in self._names:
            return self._names[library]
        for path in self._candidates(library, loader):
            real = self._files.real(path)
            if not real:
                continue
            found = self._real.get(real)
            if found is None:
                linked = self._files.linked(real)
                if linked is None or linked.image.key != loader.image.key:
                    continue  # for another machine, or not a library: the search goes on
                found = self._map(path, real, linked, loader)
            self._names.setdefault(library, found)
            return found
        return None

    def _candidates(self, library: str, loader: Object) -> Iterator[str]:
        """Where the loader would look for *library*, in order. Source: ld.so(8)."""
        if "/" in library:
            yield expanded(library, loader.path)
            return
        chain = [loader]
        while chain[-1].loader is not None:
            chain.append(chain[-1].loader)
            if len(chain) > MAX_DEPTH:
                raise TooManyError(f"more than {MAX_DEPTH} files, each loaded for the one before")
        if self._is_musl:
            # musl treats both kinds of paths alike, and they also count for whatever is loaded through a file.
            yield from self._in(self._library_path, loader, library)
            for one in chain:
                yield from self._in(one.image.runpath or one.image.rpath, one, library)
        else:
            if not loader.image.runpath:
                if self.program is not None and self.program not in chain:
                    chain.append(self.program)
                for one in chain:
                    yield from self._in(() if one.image.runpath else one.image.rpath, one, library)
            yield from self._in(self._library_path, loader, library)
            yield from self._in(loader.image.runpath, loader, library)
        if not loader.image.flags & elffile.DF_1_NODEFLIB:
            yield self._files.search(library, loader.image.key)

    def _in(self, folders: Iterable[str], origin: Object, library: str) -> Iterator[str]:
        for folder in folders:
            if place := expanded(folder, origin.path):
                yield f"{place}/{library}"

    # What binds to what

    def in_order(self, objects: Sequence[Object]) -> list[Object]:
        """*objects* in the order in which they are relocated: each after those that it needs, unless they form a circle."""
        found: dict[Object, None] = {}
        wanted = set(objects)
        for one in reversed(objects):
            waiting = [(one, False)]
            seen = {one}
            while waiting:
                top, is_done = waiting.pop()
                if is_done:
                    found[top] = None
                elif top not in found:
                    waiting.append((top, True))
                    fresh = [need for need in top.needs if need not in seen and need in wanted]
                    seen.update(fresh)
                    waiting += [(need, False) for need in fresh]
        return list(found)

    def bindings(self, one: Object, names: Callable[[bytes], bool] | None = None) -> Iterator[Binding]:
        """What the references of an object bind to; *names*: which references to look at. Call this in the order of :meth:`in_order`."""
        for reference in one.linked.references():
            if names is not None and not names(reference.name):
                continue
            kinds, unknown = lookups(one.image.key[0], reference.types)
            self.unknown |= {(one.image.key[0], kind) for kind in unknown}
            if not reference.types:
                kinds = {_CALL}  # a thread-local symbol of a file that has been closed
            if reference.bind == elffile.STB_LOCAL or reference.visibility in {elffile.STV_HIDDEN, elffile.STV_INTERNAL}:
                continue  # bound within the file, without a lookup
            for kind in sorted(kinds):
                yield self._binding(one, reference, kind)

    def _binding(self, one: Object, reference: Reference, kind: Lookup) -> Binding:
        found = self._look_up(one.scope, reference, kind)
        if reference.visibility == elffile.STV_PROTECTED and found is not None and found[0] is not one:
            other = found if kind.is_call else self._look_up(one.scope, reference, _COPY)
            if other is not None and other[0] is not one:
                own = [row for row in one.linked.definitions(reference.name) if row.is_defined]
                found = (one, own[0]) if own else None
        target, definition = found or (None, None)
        return Binding(one, reference.name, reference.version, target, definition)

    def _look_up(self, scope: Iterable[Object], reference: Reference, kind: Lookup) -> tuple[Object, Definition] | None:
        for one in scope:
            if kind.is_copy and one is self.program:
                continue
            row = self._match(one, reference, kind)
            if row is None:
                continue
            if row.bind == elffile.STB_GNU_UNIQUE and not self._is_musl:
                return self._unique.setdefault(reference.name, (one, row))
            return one, row
        return None

    def _match(self, one: Object, reference: Reference, kind: Lookup) -> Definition | None:
        """The definition of an object that a reference binds to. Source: ``check_match`` of glibc's ``dl-lookup.c``."""
        versioned = []
        for row in one.linked.definitions(reference.name):
            is_local = row.bind not in _VISIBLE or row.visibility in {elffile.STV_HIDDEN, elffile.STV_INTERNAL}
            is_empty = not row.has_value and row.kind != elffile.STT_TLS
            if row.kind not in _KINDS or is_empty or (kind.is_call and not row.is_defined):
                continue
            if not one.image.has_versions:
                fits = True
            elif self._is_musl:
                fits = not row.is_hidden
            elif reference.version:
                fits = row.version == reference.version or (not row.version and not row.is_hidden)
            else:
                # A reference without a version takes the oldest definition, or the only newer one that is not hidden.
                fits = row.number < 3
                versioned += [row] if not fits and not row.is_hidden else []
            if fits:
                return None if is_local else row
        return versioned[0] if len(versioned) == 1 else None


_VISIBLE = frozenset([elffile.STB_GLOBAL, elffile.STB_WEAK, elffile.STB_GNU_UNIQUE])
_KINDS = frozenset(
    [elffile.STT_NOTYPE, elffile.STT_OBJECT, elffile.STT_FUNC, elffile.STT_COMMON, elffile.STT_TLS, elffile.STT_GNU_IFUNC]
)


def expanded(folder: str, path: str) -> str:
    """A folder of a search path, or a library's path, expanded for the file at *path*; empty if it is unknown.

    Relative folders depend on where the process was started; $LIB and $PLATFORM depend on the distribution.
    """
    folder = folder.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", posixpath.dirname(path))
    return posixpath.normpath(folder) if folder.startswith("/") and "$" not in folder else ""


# Where files are


class RootFiles:
    """The files of a root directory; *search* finds a library in its loader's folders.

    *is_whole*: files have all their symbols, and stay open until :meth:`close`; otherwise they have thread-local symbols only.
    """

    def __init__(self, root: _root.RootHost, search: Callable[[str, Key], str], *, is_whole: bool = False) -> None:
        self._root, self._is_whole = root, is_whole
        self.search: Callable[[str, Key], str] = search
        self._linked: dict[str, Linked | None] = {}
        self._places: dict[str, str] = {}
        self._files: list[IO[bytes]] = []

    def real(self, path: str) -> str:
        if path not in self._places:
            self._places[path] = ""
            with suppress(OSError, ValueError):  # there is no such file
                self._places[path] = "/" + posixpath.relpath(self._root._inside(path), self._root.directory)
        return self._places[path]

    def linked(self, real: str) -> Linked | None:
        if real not in self._linked:
            self._linked[real] = None
            with suppress(OSError, ValueError):  # the loader would reject it
                self._linked[real] = self._read(real)
        return self._linked[real]

    def _read(self, real: str) -> Linked | None:
        file = self._root.opened(real)
        if not self._is_whole:
            with file:
                return Closed(elffile.ElfFile(file).image(is_shared=True))
        self._files.append(file)  # even if the loader would reject it, so that it is closed with the others
        return Opened(elffile.ElfFile(file))

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


#: Made-up paths for the libraries of a system that is not at hand. Search paths are absolute, so none leads there.
ASSUMED = "assumed:"


class Assumed:
    """The files of a system that is not at hand: it has every library that anything asks for, without needs or symbols."""

    def real(self, path: str) -> str:
        return path if path.startswith(ASSUMED) else ""

    def linked(self, real: str) -> Linked | None:
        machine, bits, order, library = real.removeprefix(ASSUMED).split("/", 3)
        return leaf((int(machine), int(bits), order), library)

    def search(self, library: str, key: Key) -> str:
        return f"{ASSUMED}{key[0]}/{key[1]}/{key[2]}/{library}"


#: Where the model installs wheels: site-packages of a prefix, below which their scripts and data go as well.
SITE = "/wheels/lib/python3/site-packages"
PREFIX = "/wheels/"


def installed(place: str) -> str:
    """The path of a wheel's file that is installed at *place*, seen from site-packages."""
    return posixpath.normpath(f"{SITE}/{place}")


class InstalledFiles:
    """The files of wheels as if they were installed side by side, and those of a *system*; None: the wheels' files only.

    *images*: (where it is installed below site-packages, its image).
    """

    def __init__(self, images: Iterable[tuple[str, Image]], system: Files | None) -> None:
        self._images = {installed(place): Closed(image) for place, image in images}
        self._system = system

    def real(self, path: str) -> str:
        if path in self._images:
            return path
        return self._system.real(path) if self._system is not None and not path.startswith(PREFIX) else ""

    def linked(self, real: str) -> Linked | None:
        return self._images.get(real) or (self._system.linked(real) if self._system is not None else None)

    def search(self, library: str, key: Key) -> str:
        return self._system.search(library, key) if self._system is not None else ""
