"""The shared libraries of a system, as its loader would find them: read from its files, nothing run."""

import io
import os
from fnmatch import fnmatch

from .._abi import INTERPRETERS
from .wheelfile import read_binary
from .._root import MAX_CONFIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .wheelfile import Binary
    from .._root import RootHost

#: A library that is read for the versions it defines; libstdc++ has 2 MB.
MAX_LIBRARY = 32 << 20
#: Files of the loader's configuration that include others.
MAX_FILES = 200

#: Where loaders look without being told (ld.so(8), and musl's own list).
_FOLDERS = ("lib64", "usr/lib64", "lib", "usr/lib", "usr/local/lib")

#: State of the C++ runtime where no libstdc++ is at hand: what ``std::call_once`` passes from one library to another.
STATE = frozenset([b"_ZSt15__once_callable", b"_ZSt11__once_call"])


#: What some systems' libstdc++ has among the data that may change, and what nobody changes: empty classes, a reference.
_CONSTANT = frozenset([b"_ZSt10adopt_lock", b"_ZSt10defer_lock", b"_ZSt11try_to_lock", b"_ZSt15future_category"])


class Libraries:
    """The libraries of the system in a root directory (``/``: this machine). Answers are kept: one object serves one audit.

    *key*: the machine, bits and byte order of the programs that a library is for, as in their ELF header.
    """

    def __init__(self, root: "RootHost") -> "None":
        self._root = root
        self._paths: dict[tuple[str, tuple[int, int, str]], str] = {}
        self._read: dict[str, Binary | None] = {}
        #: folder -> what is in it, so that a wheel with a hundred thousand needs costs no more than one with ten
        self._folders = {folder: frozenset(root._names(folder)) for folder in dict.fromkeys(self._search())}

    def _search(self) -> "list[str]":
        told = os.environ.get("LD_LIBRARY_PATH", "").split(":") if self._root.directory == "/" else []
        names = [name for name in self._root._names("etc") if fnmatch(name, "ld-musl-*.path")]
        return [
            *[folder for folder in told if folder.startswith("/")],
            *[line for name in names for line in self._lines(f"/etc/{name}") if line.startswith("/")],
            *self._configured(),
            *[f"/{folder}" for folder in (*_FOLDERS, *self._root._multiarch())],
        ]

    def _lines(self, path: "str") -> "list[str]":
        try:
            text = self._root.read(path, MAX_CONFIG).decode("utf-8", "replace")
        except (OSError, ValueError):
            return []
        return [line.partition("#")[0].strip() for line in text.replace(":", "\n").splitlines()]

    def _configured(self) -> "list[str]":
        """The folders in ``ld.so.conf`` and in what it includes. Source: ldconfig(8)."""
        files, found = ["/etc/ld.so.conf"], []
        for path in files:  # which grows meanwhile
            for line in self._lines(path):
                if line.startswith("include "):
                    folder, _, pattern = os.path.join("/etc", line[8:].strip()).rpartition("/")
                    names = [f"{folder}/{name}" for name in self._root._names(folder) if fnmatch(name, pattern)]
                    files += [name for name in names if name not in files][: MAX_FILES - len(files)]
                elif line.startswith("/"):
                    found.append(line)
        return found

    def path(self, library: "str", key: "tuple[int, int, str]") -> "str":
        """Where the loader would find *library*; empty where it would not."""
        if (library, key) not in self._paths:
            places = [f"{folder}/{library}" for folder, names in self._folders.items() if library in names]
            found = [place for place in places if (elf := self._root._elf(place)) and (elf.machine, elf.bits, elf.order) == key]
            self._paths[library, key] = "".join(found[:1])
        return self._paths[library, key]

    def defined(self, path: "str") -> "frozenset[str]":
        """The symbol versions that the library at *path* defines; none where it cannot be read or has none."""
        found = self._binary(path)
        return found.defined if found else frozenset()

    def state(self, archs: "Iterable[str]") -> "frozenset[bytes]":
        """The names of the data in the libstdc++ for one of *archs* that may change: what there has to be one of in a process."""
        key = next((key for key, arch in INTERPRETERS.items() if arch in archs), (0, 0, ""))
        found = self._binary(self.path("libstdc++.so.6", key))
        return frozenset([name.encode() for name in found.state]) - _CONSTANT if found else STATE

    def _binary(self, path: "str") -> "Binary | None":
        if path not in self._read:
            try:
                data = self._root.read(path, MAX_LIBRARY)
                self._read[path] = read_binary(io.BytesIO(data), path, None)
            except Exception:  # a library that pyelftools cannot read tells nothing
                self._read[path] = None
        return self._read[path]
