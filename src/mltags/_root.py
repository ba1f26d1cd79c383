"""A root directory as a host: everything read from its files, nothing run, nothing outside it opened."""

import os
import stat
from fnmatch import fnmatchcase
from itertools import islice

from . import _abi, _core, _elf, _errors, _local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO

    from ._elf import Elf

#: More links than this are a loop, as for the kernel.
MAX_LINKS = 40
#: The most entries of a directory that are looked at.
MAX_ENTRIES = 20_000
#: The most folders that a pattern stands for.
MAX_FOLDERS = 1_000
MAX_CONFIG = 65536
#: The most bytes of a script that are looked at.
MAX_SCRIPT = 4096
#: The most other Pythons that the evidence names.
MAX_NAMED = 5

#: Where interpreters are, in the order in which a shell would look: the PATH of ordinary systems. AWS Lambda puts its own folder,
#: which nobody else has, in front of it.
_PROGRAMS = ("var/lang/bin", "usr/local/bin", "usr/bin", "bin")
#: Where else they are. The first three: conda's images, manylinux and others, Entware. Then what users and distributors choose,
#: virtual environments, pyenv and uv; the profiles of Nix and Guix; and their stores, which nothing may point to.
_OTHER_PROGRAMS = (
    *("opt/conda/bin", "opt/python/bin", "opt/bin", "opt/*/bin", "opt/*/*/bin", "usr/local/*/bin", "opt/rh/*/root/usr/bin"),
    *("opt/conda/envs/*/bin", "root/*/envs/*/bin", "home/*/*/envs/*/bin", "opt/pyenv/versions/*/bin"),
    *("*/bin", "*/.venv/bin", "*/venv/bin", "app/*/bin", "srv/*/bin", "usr/src/*/.venv/bin", "root/*/bin", "home/*/*/bin"),
    *("root/.pyenv/versions/*/bin", "home/*/.pyenv/versions/*/bin"),
    *("root/.local/share/uv/python/*/bin", "home/*/.local/share/uv/python/*/bin"),
    *("run/current-system/sw/bin", "run/current-system/profile/bin", "nix/var/nix/profiles/default/bin"),
    *("nix/store/*python3*/bin", "gnu/store/*python*/bin"),
)
_LIBRARIES = ("lib64", "usr/lib64", "lib", "usr/lib", "lib32", "usr/lib32")
#: Where standard libraries are, of Pythons in the folders of the system; every other has its own prefix.
_STANDARD = ("usr/local/lib", "usr/lib", "lib", "usr/lib64", "usr/local/lib64", "opt/python/lib")
_SYSTEM_PREFIXES = ("", "usr", "usr/local", "opt/python")
#: The names of Pythons hold one of these.
_NAMES = ("python", "pypy", "graalpy")
#: Any program shows the machine of a root that has no Python.
_ORDINARY = ("bin/sh", "usr/bin/env", "bin/busybox", "bin/ls", "sbin/ldconfig")


#: The loaders of other systems' programs. Source: their rtld sources.
_LOADERS = {"/libexec/ld-elf.so.1": "FreeBSD", "/usr/libexec/ld.elf_so": "NetBSD", "/usr/libexec/ld.so": "OpenBSD"}


class _Program(_core.Value):
    """A program of the root: its ``path``, its ``elf`` header, whether it ``is_python``; and the ``script`` that runs it, if any."""

    __slots__ = ("path", "elf", "is_python", "script")
    path: "str"
    elf: "Elf"
    is_python: "bool"
    script: "str"


class _Tree:
    """The files of a directory, seen from inside: links never lead out of it."""

    __slots__ = ("directory",)
    directory: "str"

    def read(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        # A link that was put there in the meantime might lead out.
        return _local.read_regular(self._inside(path), size, offset, follow_links=False)

    def opened(self, path: "str") -> "BinaryIO":
        """The regular file *path*, opened for reading."""
        return os.fdopen(_local.open_regular(self._inside(path), follow_links=False), "rb", 0)

    def _inside(self, path: "str") -> "str":
        """The real place of *path*, every symbolic link resolved as it would be inside the root."""
        waiting = [part for part in reversed(path.split("/")) if part not in {"", "."}]
        found: list[str] = []
        links = 0
        while waiting:
            part = waiting.pop()
            if part == "..":
                del found[-1:]  # the root is its own parent
                continue
            place = os.path.join(self.directory, *found, part)
            if stat.S_ISLNK(os.lstat(place).st_mode):
                links += 1
                if links > MAX_LINKS:
                    raise OSError(f"too many symbolic links in {path!r}")
                target = os.readlink(place)
                if target.startswith("/"):
                    found = []
                waiting += [word for word in reversed(target.split("/")) if word not in {"", "."}]
            else:
                found.append(part)
        return os.path.join(self.directory, *found)

    def _real(self, path: "str") -> "str":
        """The path of the same file in the root without links; *path* itself if there is no such file."""
        try:
            return "/" + os.path.relpath(self._inside(path), self.directory)
        except (OSError, ValueError):
            return path

    def _names(self, folder: "str") -> "list[str]":
        """The sorted names in a folder of the root; none if it is not a folder."""
        try:
            with os.scandir(self._inside(folder)) as entries:
                return sorted([entry.name for entry in islice(entries, MAX_ENTRIES)])
        except (OSError, ValueError):
            return []

    def _folders(self, pattern: "str") -> "list[str]":
        """The folders that *pattern* may stand for; not all of them need exist."""
        found = [""]
        for part in pattern.split("/"):
            if "*" in part:
                matching = (f"{folder}/{name}" for folder in found for name in self._names(folder) if fnmatchcase(name, part))
                found = list(islice(matching, MAX_FOLDERS))
            else:
                found = [f"{folder}/{part}" for folder in found]
        return found

    def _multiarch(self) -> "list[str]":
        """Debian's folders for the libraries of each of its architectures."""
        return [f"{folder}/{name}" for folder in ("lib", "usr/lib") for name in self._names(folder) if "-linux-" in name]

    def _bytes(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        """As ``read``; no bytes if it cannot be read."""
        try:
            return self.read(path, size, offset)
        except (OSError, ValueError, OverflowError):
            return b""

    def _elf(self, path: "str") -> "Elf | None":
        elf = _elf.read_elf(lambda size, offset: self._bytes(path, size, offset))
        return None if isinstance(elf, str) else elf


class _Pythons(_Tree):
    """The Pythons in a directory, and what their files show about them."""

    __slots__ = ("chosen",)
    #: The path of the Python that counts; empty where that follows from the places.
    chosen: "str"

    def _program_at(self, path: "str") -> "_Program | None":
        """The Python at *path*; where that is a script, the program that it runs. None where there is neither."""
        elf = self._elf(path)
        if elf is not None:
            return _Program(path, elf, True, "")
        ran = _executed(self._bytes(path, MAX_SCRIPT))
        elf = self._elf(ran) if ran else None
        return _Program(ran, elf, True, path) if elf is not None else None

    def _candidates(self) -> "Iterator[_Program]":
        """The Pythons, the one that counts first; the same Python may occur again under another name."""
        if self.chosen:
            chosen = self._program_at(self.chosen)
            if chosen is None:
                raise OSError(f"{self.chosen} is not there any more")
            yield chosen
        for patterns in (_PROGRAMS, _OTHER_PROGRAMS):
            folders = dict.fromkeys([folder for pattern in patterns for folder in self._folders(pattern)])
            found = [(name, f"{folder}/{name}") for folder in folders for name in self._names(folder)]
            paths = [path for name, path in found if name == "python3"]
            for head in ("python", "pypy"):
                numbered = [(-minor, path) for name, path in found if (minor := _minor(name, head)) is not None]
                paths += [path for _, path in sorted(numbered, key=lambda row: row[0])]
            for path in [*paths, *[path for name, path in found if name == "pypy3"]]:
                program = self._program_at(path)
                if program is not None:
                    yield program

    def _interpreters(self) -> "list[_Program]":
        """The Pythons without duplicates, the one that counts first."""
        found: dict[str, _Program] = {}
        for program in self._candidates():
            found.setdefault(self._real(program.path), program)
        return list(found.values())

    def _program(self) -> "_Program":
        """A program that shows the machine: the Python if there is one, otherwise any program, preferably one that uses a C library."""
        for program in self._candidates():
            return program
        ordinary = [(f"/{name}", elf) for name in _ORDINARY if (elf := self._elf(f"/{name}"))]
        for path, elf in sorted(ordinary, key=lambda row: row[1].interpreter is None):
            return _Program(path, elf, False, "")
        raise OSError("no Python and no other program was found in it")

    def _answers(self, program: "_Program | None") -> "dict[str, object]":
        """What the standard library's folder, the extension modules in it, or a virtual environment show about a Python."""
        place = self._real(program.path) if program else ""
        name, prefix = os.path.basename(place), _prefix(place)
        head = "pypy" if name.startswith("pypy") else "python"
        wanted = _minor(name, head)
        folders = []
        for parent in self._library_parents(place):
            for folder in self._names(parent):
                minor = _minor(folder, head)
                if minor is not None and wanted in (None, minor):
                    folders.append((folder != name, -minor, folder, f"{parent}/{folder}"))
        for _, minor, folder, library in sorted(folders, key=lambda row: row[:3]):
            if "os.py" in self._names(library) or head == "pypy":
                return self._of_suffix(library, -minor, folder, head)
        return self._of_environment(prefix) if prefix else {}  # the program may be a copy in an environment

    def _library_parents(self, place: "str") -> "list[str]":
        """The folders that may hold the standard library of the program at *place*, the most likely first."""
        prefix = _prefix(place)
        own = [f"{prefix}/lib".strip("/"), f"{prefix}/lib64".strip("/")] if place else []
        return list(dict.fromkeys([*own, *(_STANDARD if prefix in _SYSTEM_PREFIXES else ())]))

    def _of_suffix(self, library: "str", minor: "int", folder: "str", head: "str") -> "dict[str, object]":
        flags = folder[len(folder.rstrip("td")) :]
        answers: dict[str, object] = {"implementation": "cpython" if head == "python" else head, "version": (3, minor)}
        names = [name for place in ("lib-dynload", "lib_pypy", "") for name in self._names(f"{library}/{place}")]
        suffixes = [name.partition(".")[2] for name in names if name.endswith(".so")]
        known = [suffix for suffix in suffixes if suffix.startswith(("cpython-3", "pypy3"))]
        if known:
            # Debian keeps the modules of its debug build beside the others.
            suffix = min(known, key=lambda suffix: (_flags(suffix).count("d"), suffix))
            answers["ext_suffix"] = f".{suffix}"
            flags = _flags(suffix) or ("d" if "d" in flags else "")
        return {**answers, "free_threaded": "t" in flags, "debug": "d" in flags}

    def _of_environment(self, prefix: "str") -> "dict[str, object]":
        """What the ``pyvenv.cfg`` of a virtual environment records."""
        text = self._bytes(f"{prefix}/pyvenv.cfg", MAX_CONFIG).decode("utf-8", "replace")
        values = {key.strip().lower(): value.strip() for key, _, value in [line.partition("=") for line in text.splitlines()]}
        version = _core.leading_version(values.get("version") or values.get("version_info") or "")
        return {"implementation": values.get("implementation", "CPython").lower(), "version": version} if version else {}


class RootHost(_Pythons):
    """The machine and a Python of a root directory (an image, a chroot, a mounted disk), as a :class:`mltags.Host`.

    Symbolic links are followed inside the directory and never out of it; only regular files are opened; reads are bounded.
    Nothing is run: a ``_manylinux`` module is reported as evidence but never imported. Every question reads anew.

    Of several Pythons the one counts that a shell would find; the evidence names the others, and :meth:`pythons` lists them all.

    >>> import mltags
    >>> mltags.Target.of_host(mltags.RootHost("/")).platform.system
    'Linux'

    Args:
        directory: the root directory of a system.
        python: the path of one of its Pythons, as inside the root: ``"/opt/conda/bin/python3"``.

    Raises:
        ProbeError: *directory* is not a directory, or a virtual environment; or *python* is no Python in it.
    """

    __slots__ = ()
    __module__ = str(__package__)
    directory: "str"
    chosen: "str"

    def __init__(self, directory: "str | os.PathLike[str]", python: "str | None" = None) -> "None":
        try:
            self.directory = os.path.abspath(os.fspath(directory))
        except OSError as problem:  # a relative path, where the current directory is gone
            raise _errors.ProbeError(os.fspath(directory), f"not a directory: {problem}") from problem
        if not os.path.isdir(self.directory):
            raise _errors.ProbeError(self.directory, "not a directory; pass the root directory of a system")
        self.chosen = ""
        if "pyvenv.cfg" in self._names("") and not any(self._elf(path) for path in _ORDINARY):
            own = os.path.join(self.directory, "bin", "python")
            message = f"that is a virtual environment; pass the root directory of the system, or --python {own}"
            raise _errors.ProbeError(self.directory, message)
        if python is not None:
            path = "/" + os.fspath(python).lstrip("/")
            program = self._program_at(path)
            names = [os.path.basename(place) for place in (program.path, self._real(program.path))] if program else []
            if not any(word in name for name in names for word in _NAMES):
                what = f"{path} is no Python" if program else f"no program {path} in it"
                known = ", ".join([path for path, _, _ in self.pythons()[:MAX_NAMED]]) or "none"
                raise _errors.ProbeError(self.directory, f"{what}; the Pythons there: {known}")
            self.chosen = path

    def __repr__(self) -> "str":
        return f"RootHost({self.directory!r}{f', python={self.chosen!r}' if self.chosen else ''})"

    def pythons(self) -> "list[tuple[str, tuple[int, int] | None, str | None]]":
        """The Pythons of the root, the one that counts first: (path, version, implementation), None for what is unknown.

        Links to one and the same program are one Python, and so is a virtual environment with the Python that it was made of.

        >>> import mltags
        >>> all(path.startswith("/") for path, version, implementation in mltags.RootHost("/").pythons())
        True
        """
        rows = []
        for program in self._interpreters():
            answers = self._answers(program)
            rows.append((program.path, answers.get("version"), answers.get("implementation")))
        return rows  # type: ignore[return-value]

    def system(self) -> "str":
        try:
            loader = self._program().elf.interpreter or ""
        except (OSError, ValueError):  # no program: other questions say so
            loader = ""
        return _LOADERS.get(loader, "Linux")

    def platform(self) -> "str":
        elf = self._program().elf
        found = _abi.arch_of(elf) or _abi.KERNELS.get(elf.machine)
        if found is None:
            raise OSError(f"a {elf.bits}-bit program of unknown machine {elf.machine}")
        return f"linux-{found}"

    def declared_platform(self) -> "str | None":
        return None

    def pointer_size(self) -> "int":
        return self._program().elf.bits // 8

    def confstr(self, name: "str") -> "str | None":  # noqa: ARG002 -- there is one name
        path, version = self._glibc()
        return f"glibc {version}" if path else None

    def gnu_get_libc_version(self) -> "str | bytes | None":
        return None  # nothing is run, and the file was read before

    def executable(self) -> "str | None":
        return self._program().path

    def run_loader(self, path: "str") -> "str":  # noqa: ARG002
        raise OSError("nothing in a root directory is run")

    def override(self) -> "object | None":
        return None

    def python(self) -> "Mapping[str, object]":
        program = next(self._candidates(), None)
        return self._answers(program) or self._of_environment("")

    def markers(self) -> "Mapping[str, str]":
        return {}  # nothing is run, so markers are derived

    def platform_tags(self) -> "Iterable[str]":
        return ()

    def source(self, question: "str") -> "str":
        if question == "confstr":
            path, version = self._glibc()
            if path:
                return f"the banner of {path}{self._defined(path, version)}"
            program = self._program()
            is_static = program.is_python and program.elf.interpreter is None
            return f"{program.path} has no loader, so that it uses no library of the root" if is_static else "libc.so.6"
        if question == "override":
            found = next(self._overrides(), None)
            return f"{found}, which was found but not imported" if found else "looking for _manylinux"
        if question == "platform":
            return f"the ELF header of a program in it{self._noted()}"
        return {
            "system": "the loader that a program in it names; Linux unless it is another system's",
            "pointer_size": "the ELF header of a program in it",
            "executable": "a program in it",
            "read": "the file",
            "run_loader": "nothing is run",
        }.get(question, question)

    def _noted(self) -> "str":
        """What the evidence adds if it is not obvious which Python counts."""
        pythons = self._interpreters()
        notes = [f"{program.script} is a script that runs it" for program in pythons[:1] if program.script]
        if not self.chosen:
            others = [f"{program.path} ({_shown(self._answers(program))})" for program in pythons[1:]]
            more = [f"{len(others) - MAX_NAMED} more"] if len(others) > MAX_NAMED else []
            if others:
                named = ", ".join([*others[:MAX_NAMED], *more])
                notes.append(f"there are other Pythons in it: {named}; python (--root-python) chooses one")
            paths = [f"/{folder}/python3" for folder in reversed(_PROGRAMS)]
            # Those that run no program of the root.
            scripts = {self._real(path): path for path in paths if self._bytes(path, 2) == b"#!" and not self._program_at(path)}
            notes += [f"{path} is a script and was skipped" for path in reversed(scripts.values())]
        return f": {self._program().path}; {'; '.join(notes)}" if notes else ""

    def _glibc(self) -> "tuple[str, str]":
        """The C library that the program loads: its path and what its banner says; two empty texts where it is no glibc."""
        program = self._program()
        own, loader = program.elf, program.elf.interpreter
        folders = [*_LIBRARIES, *self._multiarch()]
        if loader is not None:
            # ld.so finds the libraries of its own prefix; the system's ld.so finds those of the system.
            beside = [os.path.dirname(path).strip("/") for path in (self._real(loader), loader)]
            folders = [*dict.fromkeys([*beside, *folders])]
            if "musl" in loader:
                data = self._bytes(loader, _elf.MAX_LOADER)
                if not data or b"musl libc (" in data:
                    return "", ""  # whatever else the root contains
                folders = beside  # a glibc in a place with such a name: /home/muslim
        elif program.is_python:
            return "", ""  # a static program uses no library of the root
        for folder in folders:
            path = f"/{folder}/libc.so.6"
            elf = self._elf(path)
            if elf is None or (elf.machine, elf.bits, elf.order) != (own.machine, own.bits, own.order):
                continue
            is_soft_float = own.is_hard_float_arm and not elf.is_hard_float_arm
            version = None if is_soft_float else _elf.banner_of_glibc(self.read(path, _elf.MAX_LOADER))
            if version:
                return path, version
        return "", ""

    def _defined(self, path: "str", version: "str") -> "str":
        """A note if the version in the banner is below the highest that the file defines."""
        data = self.read(path, _elf.MAX_LOADER)
        numbers = [part[:3].split(b"\0")[0] for part in data.split(b"\0GLIBC_2.")[1:]]
        highest = max([int(number) for number in numbers if number.isdigit()], default=0)
        said = int(version.partition(".")[2]) if version.startswith("2.") else highest
        return f" (which is below GLIBC_2.{highest}, defined in the same file)" if said < highest else ""

    def _overrides(self) -> "Iterator[str]":
        """The places where an interpreter of the root would find its override module."""
        program = next(self._candidates(), None)
        path = program.path if program else ""
        parents = [*self._library_parents(path), *self._library_parents(self._real(path) if path else "")]
        folders = [
            f"{parent}/{name}"
            for parent in dict.fromkeys(parents)
            for name in self._names(parent)
            if name.startswith(("python3", "pypy3"))
        ]
        for place in [f"{folder}{below}" for folder in folders for below in ("", "/site-packages", "/dist-packages")]:
            yield from [f"/{place}/{name}" for name in self._names(place) if name.split(".")[0] == "_manylinux"]


def _prefix(path: "str") -> "str":
    """The folder above that of a program, without a leading slash: ``usr/local`` of ``/usr/local/bin/python3``."""
    return os.path.dirname(os.path.dirname(path)).strip("/")


def _executed(data: "bytes") -> "str":
    """The Python that a shell script runs in its place (``exec /opt/x/bin/python3.9 "$@"``); empty if it runs none."""
    if not data.startswith(b"#!"):
        return ""
    for line in data.decode("utf-8", "replace").splitlines():
        words = line.replace('"', " ").replace("'", " ").split()
        for word in words[1:] if words[:1] == ["exec"] else []:
            if word.startswith("/") and os.path.basename(word).startswith(("python", "pypy")):
                return word
    return ""


def _shown(answers: "Mapping[str, object]") -> "str":
    """A Python in words, for the evidence."""
    version = answers.get("version")
    if not isinstance(version, tuple):
        return "of unknown version"
    return f"{'' if answers['implementation'] == 'cpython' else answers['implementation']} {version[0]}.{version[1]}".strip()


def _minor(name: "str", head: "str") -> "int | None":
    """The minor version in the name of a program or a folder: 13 in ``python3.13t``; None in any other."""
    number = name.removeprefix(f"{head}3.").rstrip("td") if name.startswith(f"{head}3.") else ""
    return int(number) if _core.is_number(number, 3) else None


def _flags(suffix: "str") -> "str":
    """The flags in a suffix of extension modules: ``t`` in ``cpython-313t-x86_64-linux-gnu.so``."""
    return suffix.split("-")[1].lstrip("0123456789") if suffix.startswith("cpython-") else ""
