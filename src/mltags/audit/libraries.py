"""The shared libraries that a process would load, found as its loader finds them, in wheels and on a system. Nothing is run."""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

from .. import _root
from . import elffile, loader, policies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .wheelfile import Binary

    Key = tuple[int, int, str]

#: Files of the loader's configuration that include others.
MAX_FILES = 200
#: Needs that are looked up for all extension modules of one wheel. Qt's has 20,000.
MAX_STEPS = 1_000_000

#: Where loaders look by default (ld.so(8), and musl's own list).
_FOLDERS = ("lib64", "usr/lib64", "lib", "usr/lib", "usr/local/lib")


class Libraries:
    """The libraries of the system in a root directory (``/``: this machine). Answers are kept: one object serves one audit.

    *key*: the machine, bits and byte order of the programs that a library is for, as in their ELF header.
    """

    def __init__(self, root: _root.RootHost) -> None:
        self._root = root
        self._paths: dict[tuple[str, Key], str] = {}
        self._defined: dict[str, frozenset[str]] = {}
        #: folder -> the names in it, so that a wheel with a hundred thousand needs costs no more than one with ten
        self._folders = {folder: frozenset(root._names(folder)) for folder in dict.fromkeys(self._search())}

    def _search(self) -> list[str]:
        own = os.environ.get("LD_LIBRARY_PATH", "").split(":") if self._root.directory == "/" else []
        names = [name for name in self._root._names("etc") if fnmatch(name, "ld-musl-*.path")]
        return [
            *[folder for folder in own if folder.startswith("/")],
            *[line for name in names for line in self._lines(f"/etc/{name}") if line.startswith("/")],
            *self._configured(),
            *[f"/{folder}" for folder in (*_FOLDERS, *self._root._multiarch())],
        ]

    def _lines(self, path: str) -> list[str]:
        try:
            text = self._root.read(path, _root.MAX_CONFIG).decode("utf-8", "replace")
        except (OSError, ValueError):
            return []
        return [line.partition("#")[0].strip() for line in text.replace(":", "\n").splitlines()]

    def _configured(self) -> list[str]:
        """The folders in ``ld.so.conf`` and in what it includes. Source: ldconfig(8)."""
        files, found = ["/etc/ld.so.conf"], []
        for path in files:  # which grows while it is walked
            for line in self._lines(path):
                words = line.split(None, 1)
                if len(words) == 2 and words[0] == "include":
                    folder, _, pattern = os.path.join("/etc", words[1]).rpartition("/")
                    names = [f"{folder}/{name}" for name in self._root._names(folder) if fnmatch(name, pattern)]
                    files += [name for name in names if name not in files][: MAX_FILES - len(files)]
                elif line.startswith("/"):
                    found.append(line)
        return found

    def path(self, library: str, key: Key) -> str:
        """Where the loader would find *library* in the system's own folders; empty if it would not."""
        if (library, key) not in self._paths:
            places = [f"{folder}/{library}" for folder, names in self._folders.items() if library in names]
            self._paths[library, key] = next((place for place in places if self.key(place) == key), "")
        return self._paths[library, key]

    def key(self, path: str) -> Key | None:
        """Machine, bits and byte order of the programs that can load the file at *path*; None if it is not an ELF file."""
        elf = self._root._elf(path)
        return (elf.machine, elf.bits, elf.order) if elf else None

    def defined(self, path: str) -> frozenset[str]:
        """The symbol versions that the library at *path* defines; none if it has none or cannot be read."""
        if path not in self._defined:
            self._defined[path] = elffile.defined_versions(lambda: self._root.opened(path))
        return self._defined[path]

    def files(self, *, is_whole: bool = False) -> loader.RootFiles:
        """The same files for the loader's model; *is_whole*: with all their symbols, until they are closed."""
        return loader.RootFiles(self._root, self.path, is_whole=is_whole)


class Leaves(loader.RootFiles):
    """The files of a system as a :class:`Site` needs them: which libraries exist, but not what they need in turn.

    What a library of the system needs is in the system's own folders.
    """

    def __init__(self, system: Libraries) -> None:
        super().__init__(system._root, system.path)
        self._system = system

    def _read(self, real: str) -> loader.Linked | None:
        key = self._system.key(real)
        return loader.leaf(key, posixpath.basename(real)) if key else None


class Missing(NamedTuple):
    """A library that the loader would not find: the file that needs it, and the file of that name in the wheels, if there is one."""

    binary: Binary
    library: str
    bundled: Binary | None


class Site:
    """The files of wheels that are installed side by side, and those of the *system* below them; None: no system is looked at."""

    def __init__(self, binaries: Iterable[Binary], system: loader.Files | None, *, is_musl: bool = False) -> None:
        self._is_musl = is_musl
        self._steps = 0
        self._paths: dict[str, Binary] = {}
        self._names: dict[str, list[Binary]] = {}
        for binary in binaries:
            self._paths[loader.installed(binary.place)] = binary
            for name in {binary.soname, posixpath.basename(binary.place)} - {""}:
                self._names.setdefault(name, []).append(binary)
        images = [(binary.place, binary.image) for binary in self._paths.values()]
        self._files = loader.InstalledFiles(images, Promised(self.has) if system is None else system)

    def named(self, library: str, key: Key) -> Binary | None:
        """A file of that name in the wheels; preferably one for programs with that *key*."""
        found = self._names.get(library, [])
        return next((binary for binary in found if binary.key == key), found[0] if found else None)

    def has(self, library: str) -> bool:
        """Whether there is a file of that name in the wheels."""
        return library in self._names

    def load(self, module: Binary) -> tuple[list[Binary], list[Missing]]:
        """The files of the wheels that are loaded with *module*, and what the loader does not find for them."""
        if self._steps > MAX_STEPS:
            return [module], []
        process = loader.Process(self._files, is_musl=self._is_musl)
        with suppress(loader.TooManyError):
            process.open(loader.installed(module.place))
        self._steps += sum([1 + len(one.image.needed) for one in process.objects])
        loaded = [self._paths[one.path] for one in process.objects if one.path in self._paths]
        lacking = [(self._paths[one.path], library) for one, library in process.missing if one.path in self._paths]
        return loaded, [Missing(binary, library, self.named(library, binary.key)) for binary, library in lacking]


class Promised(loader.Assumed):
    """The files of a system that is not at hand: it has what tags allow, and nothing is known of the rest.

    So a library that no tag allows counts as missing only if it is bundled where the loader does not look.
    """

    def __init__(self, is_bundled: Callable[[str], bool]) -> None:
        self._is_bundled = is_bundled

    def search(self, library: str, key: Key) -> str:
        # What musl's tags allow glibc's do, too.
        is_there = policies.library_since(library, "glibc") < policies.NEVER or not self._is_bundled(library)
        return super().search(library, key) if is_there else ""
