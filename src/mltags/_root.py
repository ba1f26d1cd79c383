"""A root directory as a host: everything read from its files, nothing run, nothing outside it opened."""

import os
import stat

from . import _abi, _core, _elf, _errors, _local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ._elf import Elf

#: As the kernel: more links than that are a loop.
MAX_LINKS = 40
#: Entries of one directory that are looked at.
MAX_ENTRIES = 20_000
MAX_CONFIG = 65536
#: A statically linked Python holds its C library's banner somewhere.
MAX_STATIC = 64 * 1024 * 1024

#: Where interpreters, C libraries and standard libraries are, in the order in which a shell or a loader would look.
_PROGRAMS = ("usr/local/bin", "usr/bin", "bin", "opt/python/bin")
_LIBRARIES = ("lib64", "usr/lib64", "lib", "usr/lib", "lib32", "usr/lib32")
_STANDARD = ("usr/local/lib", "usr/lib", "lib", "usr/lib64", "usr/local/lib64", "opt/python/lib")
#: Any program shows the machine of a root that has no Python.
_ORDINARY = ("bin/sh", "usr/bin/env", "bin/busybox", "bin/ls", "sbin/ldconfig")


class RootHost:
    """The machine and the Python of a root directory (an image, a chroot, a mounted disk), as a :class:`mltags.Host`.

    Symbolic links are followed inside the directory and never out of it; only regular files are opened; reads are bounded.
    Nothing is run: a ``_manylinux`` module is reported as evidence but never imported. Every question reads anew.

    >>> import mltags
    >>> mltags.Target.of_host(mltags.RootHost("/")).platform.system
    'Linux'

    Raises:
        ProbeError: *directory* is not a directory.
    """

    __slots__ = ("directory",)
    __module__ = __package__

    def __init__(self, directory: "str | os.PathLike[str]") -> "None":
        try:
            self.directory: str = os.path.abspath(os.fspath(directory))
        except OSError as problem:  # a relative path, where the current directory is gone
            raise _errors.ProbeError(os.fspath(directory), f"not a directory: {problem}") from problem
        if not os.path.isdir(self.directory):
            raise _errors.ProbeError(self.directory, "not a directory; pass the root directory of a system")

    def __repr__(self) -> "str":
        return f"RootHost({self.directory!r})"

    def system(self) -> "str":
        return "Linux"

    def platform(self) -> "str":
        return f"linux-{self._arch()}"

    def declared_platform(self) -> "str | None":
        return None

    def pointer_size(self) -> "int":
        return self._program()[1].bits // 8

    def confstr(self, name: "str") -> "str | None":  # noqa: ARG002 -- there is one name
        path, version = self._glibc()
        return f"glibc {version}" if path else None

    def gnu_get_libc_version(self) -> "str | bytes | None":
        return None  # nothing is run, and the file has been asked already

    def executable(self) -> "str | None":
        return self._program()[0]

    def read(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        # A link that somebody has put there meanwhile might lead out.
        return _local.read_regular(self._inside(path), size, offset, follow_links=False)

    def run_loader(self, path: "str") -> "str":  # noqa: ARG002
        raise OSError("nothing in a root directory is run")

    def override(self) -> "object | None":
        return None

    def python(self) -> "Mapping[str, object]":
        return self._of_library() or self._of_environment()

    def markers(self) -> "Mapping[str, str]":
        return {}  # nothing is run, so they are derived

    def platform_tags(self) -> "Iterable[str]":
        return ()

    def source(self, question: "str") -> "str":
        if question == "confstr":
            path, version = self._glibc()
            return f"the banner of {path}{self._defined(path, version)}" if path else "libc.so.6"
        if question == "override":
            found = next(self._overrides(), None)
            return f"{found}, which was found but not imported" if found else "looking for _manylinux"
        return {
            "system": "a root directory is assumed to be Linux",
            "platform": "the ELF header of a program in it",
            "pointer_size": "the ELF header of a program in it",
            "executable": "a program in it",
            "read": "the file",
            "run_loader": "nothing is run",
        }.get(question, question)

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

    def _names(self, folder: "str") -> "list[str]":
        """The sorted names in a folder of the root; none where it is none."""
        try:
            with os.scandir(self._inside(folder)) as entries:
                return sorted([entry.name for entry, _ in zip(entries, range(MAX_ENTRIES), strict=False)])
        except (OSError, ValueError):
            return []

    def _multiarch(self) -> "list[str]":
        """The folders that Debian has for the libraries of each of its architectures."""
        return [f"{folder}/{name}" for folder in ("lib", "usr/lib") for name in self._names(folder) if "-linux-" in name]

    def _elf(self, path: "str") -> "Elf | None":
        def read(size: "int", offset: "int") -> "bytes":
            try:
                return self.read(path, size, offset)
            except (OSError, ValueError, OverflowError):
                return b""

        elf = _elf.read_elf(read)
        return None if isinstance(elf, str) else elf

    def _interpreters(self) -> "Iterator[str]":
        """Paths of Pythons, the one that a shell would run first; then the newest."""
        found = [(name, f"/{folder}/{name}") for folder in _PROGRAMS for name in self._names(folder)]
        yield from [path for name, path in found if name == "python3"]
        for head in ("python", "pypy"):
            numbered = [(-minor, path) for name, path in found if (minor := _minor(name, head)) is not None]
            yield from [path for _, path in sorted(numbered)]
        yield from [path for name, path in found if name == "pypy3"]

    def _program(self) -> "tuple[str, Elf]":
        """A program that shows the machine: the Python where there is one, else any."""
        for path in [*self._interpreters(), *[f"/{name}" for name in _ORDINARY]]:
            elf = self._elf(path)
            if elf is not None:
                return path, elf
        raise OSError("no Python and no other program was found in it")

    def _arch(self) -> "str":
        elf = self._program()[1]
        found = _abi.arch_of(elf) or _abi.KERNELS.get(elf.machine)
        if found is None:
            raise OSError(f"a {elf.bits}-bit program of unknown machine {elf.machine}")
        return found

    def _glibc(self) -> "tuple[str, str]":
        """The C library that the program loads: its path and what its banner says; two empty texts where it is no glibc."""
        program, own = self._program()
        if own.interpreter is not None and "musl" in own.interpreter:
            return "", ""  # whatever else is in the root
        for folder in [*_LIBRARIES, *self._multiarch()]:
            path = f"/{folder}/libc.so.6"
            elf = self._elf(path)
            if elf is None or (elf.machine, elf.bits, elf.order) != (own.machine, own.bits, own.order):
                continue
            is_soft_float = own.is_hard_float_arm and not elf.is_hard_float_arm
            version = None if is_soft_float else _elf.banner_of_glibc(self.read(path, _elf.MAX_LOADER))
            if version:
                return path, version
        version = _elf.glibc_in_program(self.read(program, MAX_STATIC)) if own.is_static else None
        return (program, version) if version else ("", "")

    def _defined(self, path: "str", version: "str") -> "str":
        """A note where the banner is below the highest version that the file defines."""
        data = self.read(path, _elf.MAX_LOADER)
        numbers = [part[:3].split(b"\0")[0] for part in data.split(b"\0GLIBC_2.")[1:]]
        highest = max([int(number) for number in numbers if number.isdigit()], default=0)
        said = int(version.partition(".")[2]) if version.startswith("2.") else highest
        return f" (which is below GLIBC_2.{highest}, defined in the same file)" if said < highest else ""

    def _of_library(self) -> "dict[str, object]":
        """What the standard library's folder and the extension modules in it show of the Python."""
        place = next((self._inside(path) for path in self._interpreters() if self._elf(path)), self.directory)
        words = os.path.relpath(place, self.directory).split(os.sep)
        name, prefix = words[-1], "/".join(words[:-2])
        head = "pypy" if name.startswith("pypy") else "python"
        wanted = _minor(name, head)
        folders = []
        for parent in sorted(_STANDARD, key=lambda parent: not parent.startswith(f"{prefix}/lib")):
            for folder in self._names(parent):
                minor = _minor(folder, head)
                if minor is not None and wanted in (None, minor):
                    folders.append((folder != name, -minor, folder, f"{parent}/{folder}"))
        for _, minor, folder, library in sorted(folders, key=lambda row: row[:3]):
            if "os.py" in self._names(library) or head == "pypy":
                return self._of_suffix(library, -minor, folder, head)
        return {}

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

    def _of_environment(self) -> "dict[str, object]":
        """What ``pyvenv.cfg`` records, where the directory is a virtual environment."""
        try:
            text = self.read("/pyvenv.cfg", MAX_CONFIG).decode("utf-8", "replace")
        except (OSError, ValueError):
            return {}
        values = {key.strip().lower(): value.strip() for key, _, value in [line.partition("=") for line in text.splitlines()]}
        version = _core.leading_version(values.get("version") or values.get("version_info") or "")
        return {"implementation": values.get("implementation", "CPython").lower(), "version": version} if version else {}

    def _overrides(self) -> "Iterator[str]":
        """Where an interpreter of the root would find its override module."""
        folders = [
            f"{parent}/{name}" for parent in _STANDARD for name in self._names(parent) if name.startswith(("python3", "pypy3"))
        ]
        for place in [f"{folder}{below}" for folder in folders for below in ("", "/site-packages", "/dist-packages")]:
            yield from [f"/{place}/{name}" for name in self._names(place) if name.split(".")[0] == "_manylinux"]


def _minor(name: "str", head: "str") -> "int | None":
    """The minor version in the name of a program or a folder: 13 in ``python3.13t``; None in any other."""
    number = name.removeprefix(f"{head}3.").rstrip("td") if name.startswith(f"{head}3.") else ""
    return int(number) if _core.is_number(number, 3) else None


def _flags(suffix: "str") -> "str":
    """The flags in a suffix of extension modules: ``t`` in ``cpython-313t-x86_64-linux-gnu.so``."""
    return suffix.split("-")[1].lstrip("0123456789") if suffix.startswith("cpython-") else ""
