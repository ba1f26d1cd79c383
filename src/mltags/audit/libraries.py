"""The shared libraries that a process would load, as its loader finds them: those of wheels, and those of a system, whose files are
read and never run."""

import io
import os
import posixpath
from fnmatch import fnmatch
from typing import NamedTuple

from .. import _abi, _root
from . import policies, wheelfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .wheelfile import Binary

    Key = tuple[int, int, str]

#: Files of the loader's configuration that include others.
MAX_FILES = 200
#: Needs that are looked up for one wheel, all its extension modules together; Qt's has 20,000.
MAX_STEPS = 1_000_000
#: Bytes of a library of the system that is read for the versions it defines; libstdc++ has 2 MB.
MAX_LIBRARY = 64 << 20

#: Where loaders look without being configured (ld.so(8), and musl's own list).
_FOLDERS = ("lib64", "usr/lib64", "lib", "usr/lib", "usr/local/lib")

#: State of the C++ runtime where no libstdc++ is at hand: what ``std::call_once`` passes from one library to another.
STATE = frozenset([b"_ZSt15__once_callable", b"_ZSt11__once_call"])
#: What some systems' libstdc++ has among the data that may change, and what nobody changes: empty classes, a reference.
_CONSTANT = frozenset([b"_ZSt10adopt_lock", b"_ZSt10defer_lock", b"_ZSt11try_to_lock", b"_ZSt15future_category"])


class Libraries:
    """The libraries of the system in a root directory (``/``: this machine). Answers are kept: one object serves one audit.

    *key*: the machine, bits and byte order of the programs that a library is for, as in their ELF header.
    """

    def __init__(self, root: "_root.RootHost") -> "None":
        self._root = root
        self._paths: dict[tuple[str, Key], str] = {}
        self._read: dict[str, Binary | None] = {}
        #: folder -> what is in it, so that a wheel with a hundred thousand needs costs no more than one with ten
        self._folders = {folder: frozenset(root._names(folder)) for folder in dict.fromkeys(self._search())}

    def _search(self) -> "list[str]":
        own = os.environ.get("LD_LIBRARY_PATH", "").split(":") if self._root.directory == "/" else []
        names = [name for name in self._root._names("etc") if fnmatch(name, "ld-musl-*.path")]
        return [
            *[folder for folder in own if folder.startswith("/")],
            *[line for name in names for line in self._lines(f"/etc/{name}") if line.startswith("/")],
            *self._configured(),
            *[f"/{folder}" for folder in (*_FOLDERS, *self._root._multiarch())],
        ]

    def _lines(self, path: "str") -> "list[str]":
        try:
            text = self._root.read(path, _root.MAX_CONFIG).decode("utf-8", "replace")
        except (OSError, ValueError):
            return []
        return [line.partition("#")[0].strip() for line in text.replace(":", "\n").splitlines()]

    def _configured(self) -> "list[str]":
        """The folders in ``ld.so.conf`` and in what it includes. Source: ldconfig(8)."""
        files, found = ["/etc/ld.so.conf"], []
        for path in files:  # which grows meanwhile
            for line in self._lines(path):
                words = line.split(None, 1)
                if len(words) == 2 and words[0] == "include":
                    folder, _, pattern = os.path.join("/etc", words[1]).rpartition("/")
                    names = [f"{folder}/{name}" for name in self._root._names(folder) if fnmatch(name, pattern)]
                    files += [name for name in names if name not in files][: MAX_FILES - len(files)]
                elif line.startswith("/"):
                    found.append(line)
        return found

    def path(self, library: "str", key: "Key") -> "str":
        """Where the loader would find *library* in the system's own folders; empty where it would not."""
        if (library, key) not in self._paths:
            places = [f"{folder}/{library}" for folder, names in self._folders.items() if library in names]
            self._paths[library, key] = next((place for place in places if self.is_for(place, key)), "")
        return self._paths[library, key]

    def is_for(self, path: "str", key: "Key") -> "bool":
        """Whether there is a library for such programs at *path*."""
        elf = self._root._elf(path)
        return elf is not None and (elf.machine, elf.bits, elf.order) == key

    def defined(self, path: "str") -> "frozenset[str]":
        """The symbol versions that the library at *path* defines; none where it cannot be read or has none."""
        found = self._binary(path)
        return found.defined if found else frozenset()

    def state(self, archs: "Iterable[str]") -> "frozenset[bytes]":
        """The names of the data in the libstdc++ for one of *archs* that may change: what there has to be one of in a process."""
        key = next((key for key, arch in _abi.INTERPRETERS.items() if arch in archs), (0, 0, ""))
        found = self._binary(self.path("libstdc++.so.6", key))
        return frozenset([name.encode() for name in found.state]) - _CONSTANT if found else STATE

    def _binary(self, path: "str") -> "Binary | None":
        if path not in self._read:
            self._read[path] = None  # a library that cannot be read shows nothing
            try:
                data = self._root.read(path, MAX_LIBRARY)
                self._read[path] = wheelfile.read_binary(io.BytesIO(data), path, None)
            except (OSError, ValueError):
                pass
        return self._read[path]


class Missing(NamedTuple):
    """A library that the loader would not find: the file that needs it, and the file of that name in the wheel, where there is one."""

    binary: "Binary"
    library: "str"
    bundled: "Binary | None"


class Site:
    """The files of wheels that are installed side by side, and the system that they are on (None: nobody's files are looked at).

    Source: ld.so(8) and glibc's ``dl-load.c``; musl inherits both kinds of paths.
    """

    def __init__(self, binaries: "Iterable[Binary]", system: "Libraries | None", *, is_musl: "bool" = False) -> "None":
        self._system, self._is_musl = system, is_musl
        self._places: dict[str, Binary] = {}
        self._names: dict[str, list[Binary]] = {}
        self._steps = 0
        for binary in binaries:
            self._places[posixpath.normpath(binary.place)] = binary
            for name in {binary.soname, posixpath.basename(binary.place)} - {""}:
                self._names.setdefault(name, []).append(binary)

    def named(self, library: "str", key: "Key | None" = None) -> "Binary | None":
        """A file of that name in the wheels, one for such programs first."""
        found = self._names.get(library, [])
        return next((binary for binary in found if key in (None, binary.key)), found[0] if found else None)

    def has(self, library: "str") -> "bool":
        """Whether there is a file of that name in the wheels."""
        return library in self._names

    def load(self, module: "Binary") -> "tuple[list[Binary], list[Missing]]":
        """The files of the wheels that are loaded with *module*, itself first, and what is not found for them."""
        loaded: set[str] = {module.soname, posixpath.basename(module.place)}
        queue: list[tuple[Binary, tuple[Binary, ...]]] = [(module, ())]
        missing: list[Missing] = []
        for binary, loaders in queue:  # which grows meanwhile: breadth first, as ld.so
            for library in binary.needed:
                self._steps += 1
                if library in loaded or self._steps > MAX_STEPS:
                    continue
                found = self._find(library, binary, loaders)
                if found is None:
                    missing.append(Missing(binary, library, self.named(library, binary.key)))
                    continue
                loaded.add(library)
                if found is not True and found.soname not in loaded:
                    loaded.add(found.soname)
                    queue.append((found, (binary, *loaders)))
                elif found is not True and not any(found is one for one, _ in queue):
                    queue.append((found, (binary, *loaders)))
        return [binary for binary, _ in queue], missing

    def _find(self, library: "str", binary: "Binary", loaders: "tuple[Binary, ...]") -> "Binary | bool | None":
        """The file that serves a need of *binary*; True for one of the system's, None where there is none."""
        if "/" in library:
            return self._at(_expanded(library, binary), binary.key)
        for one in (binary, *loaders):
            # DT_RPATH counts for all that is loaded through a file, DT_RUNPATH for its own needs; where both are, DT_RPATH does not
            # count.
            if self._is_musl:
                folders = one.runpath or one.rpath
            else:
                folders = () if binary.runpath or one.runpath else one.rpath
            if found := self._in(folders, one, library, binary.key):
                return found
        if not self._is_musl and (found := self._in(binary.runpath, binary, library, binary.key)):
            return found
        if policies.is_loader(library) or policies.is_musl(library):
            return True  # there wherever there is that C library
        if self._system is not None:
            return True if self._system.path(library, binary.key) else None
        # Without a system's files: what every system has is there, and of the rest only what is bundled can be judged.
        is_promised = policies.library_since(library, "musl" if self._is_musl else "glibc") != policies.NEVER
        return True if is_promised or not self.has(library) else None

    def _in(self, folders: "Iterable[str]", origin: "Binary", library: "str", key: "Key") -> "Binary | bool | None":
        for folder in folders:
            if found := self._at(f"{_expanded(folder, origin)}/{library}", key):
                return found
        return None

    def _at(self, path: "str", key: "Key") -> "Binary | bool | None":
        if path.startswith("/"):
            return True if self._system is not None and self._system.is_for(path, key) else None
        found = self._places.get(posixpath.normpath(path))
        return found if found is not None and found.key == key else None


def _expanded(folder: "str", binary: "Binary") -> "str":
    """A folder of a search path, seen from site-packages. A relative one depends on where the process was started: no file is there."""
    origin = posixpath.dirname(binary.place) or "."
    for word in ("$ORIGIN", "${ORIGIN}"):
        if folder == word or folder.startswith(f"{word}/"):
            return origin + folder[len(word) :]
    return folder if folder.startswith("/") else "/dev/null"
