"""What environments are judged against: a target, the libraries of its system, and the files that its Python imports."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .. import _core, _errors, _local, _probe, _root, _target
from ..audit import demands, elffile, libraries, loader, loading, wheelfile
from . import folders, installed

if TYPE_CHECKING:
    from typing import BinaryIO

    from ..audit.loader import Linked
    from ..audit.wheelfile import Binary
    from .folders import Disk, Environment
    from .installed import Distribution, Foreign

    AnyTarget = _target.Target | _core.Platform
    Key = tuple[int, int, str]

#: The beginnings of tags that most wheels have; a remedy advises pip to take one of them.
_ADVISED = ("manylinux2014", "musllinux_1_2", "macosx_11_0", "win")
#: Level of x86-64 -> what /proc/cpuinfo calls its instructions. Source: the psABI, table 3.1; Linux, cpufeatures.h.
LEVELS = {
    2: "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3",
    3: "avx avx2 bmi1 bmi2 f16c fma abm movbe xsave",
    4: "avx512f avx512bw avx512cd avx512dq avx512vl",
}


class Against:
    """What environments are judged against: a platform, its Python if one was named, and the libraries of its system."""

    def __init__(self, name: str | None, target: AnyTarget | None, root: _root.RootHost | None, *, is_of_root: bool) -> None:
        here = _probe.probe() if root is None else None
        if target is None:
            target = here or _probe.inquire(root, None)
        platform = loading.platform_of(target)
        self.is_here: bool = (platform is not None and platform == here) or (root is not None and root.directory == "/")
        if self.is_here and root is None and platform is not None and platform.system == "Linux":
            root = _root.RootHost("/")
        self.platform = platform
        self.python: _core.Python | None = target.python if isinstance(target, _target.Target) else None
        self.root = root
        self.libraries: libraries.Libraries | None = libraries.Libraries(root) if root is not None else None
        #: Whether the environments are on the system whose libraries these are.
        self.is_at_home: bool = root is not None and (self.is_here or is_of_root)
        self.words = "this machine" if self.is_here else "the target"
        self.described: str = loading.describe(target)
        self.name: str = name or ("this machine" if self.is_here else root.directory if root else self.described)
        self.is_musl: bool = platform is not None and isinstance(platform.libc, _core.Musl)
        self.level: int = level_here() if self.is_here else 0

    @property
    def machine(self) -> str:
        """System and processor in words."""
        platform = self.platform
        assert platform is not None
        archs = platform.archs or platform.explicit_tags
        return f"{installed.SYSTEMS.get(platform.system, platform.system)} {archs[0]}" if archs else platform.system

    def python_for(self, environment: Environment) -> _core.Python:
        """The Python that counts: the target's, or else the environment's own, or else the root's, or the running one."""
        if self.python is not None:
            return self.python
        if environment.version:
            name = _core.SHORT_NAMES.get(environment.implementation, environment.implementation)
            flags = {"free_threaded": environment.is_free_threaded, "implementation": name, "version": environment.version}
            return _core.Python(
                name, environment.version, _core.cpython_abis(environment.version, flags) if name == "cp" else ()
            )
        try:
            return _probe.python_of(self.root if self.root is not None and not self.is_here else _local.LocalHost())
        except _errors.ProbeError:
            return _probe.python_of(_local.LocalHost())

    def is_of_other_libc(self, binary: Binary) -> bool:
        """Whether an ELF file is built for another C library than the target's."""
        family = self.platform.libc.family if self.platform is not None and self.platform.libc else ""
        return bool(family) and demands.family(binary, []) not in {"", family}

    def ours(self, binaries: list[Binary]) -> list[Binary]:
        """The ELF files that are for the target's system and processor."""
        platform = self.platform
        if platform is None or platform.system != "Linux":
            return []
        return [binary for binary in binaries if demands.is_of(binary, platform.archs or (binary.arch or "",))]

    def anew(self, one: Distribution, python: _core.Python, *, is_pinned: bool = True) -> str:
        """How to get a distribution that the target accepts: with pip on that machine, or with pip's options for another machine."""
        if self.is_at_home or not one.name or self.platform is None:
            return installed.reinstalling(one)
        tags = _core.tags_of(self.platform)
        known = [tag for tag in tags if tag.startswith(_ADVISED)] or [*tags, ""]
        words = f"--platform {known[0]} --python-version {folders.dotted(python.version)} --only-binary=:all:"
        named = f"{one.name}=={one.version}" if is_pinned else one.name
        return f"get one for that machine: `python -m pip install --target DIR {words} {named}`"

    def older(self, one: Distribution, python: _core.Python) -> str:
        """How to get a version of a distribution that was built for older systems."""
        if self.is_at_home and one.name:
            command = f"python -m pip install --force-reinstall --only-binary=:all: {one.name}"
            return f"let pip choose a version for this system: `{command}`"
        return self.anew(one, python, is_pinned=False)


def level_here() -> int:
    """The level of x86-64 of this machine's processor; 0 if nothing shows it."""
    try:
        text = _local.read_regular("/proc/cpuinfo", 1 << 14).decode("utf-8", "replace")
    except OSError:
        return 0
    found = re.search(r"(?m)^flags\s*:(.*)$", text)
    if found is None:
        return 0
    flags, level = set(found[1].split()), 1
    while level + 1 in LEVELS and flags >= set(LEVELS[level + 1].split()):
        level += 1
    return level


class Files:
    """The files of a process: those of an environment on its disk, and those of the target's system.

    If no system is at hand, it is taken to have what tags allow, and nothing is known of other libraries.
    """

    def __init__(self, disk: Disk, environment: Environment, against: Against) -> None:
        self._disk = disk
        areas = {environment.prefix, *environment.sites} - {""}
        self._areas = tuple([f"{area.rstrip('/')}/" for area in areas])
        self._root = against.root
        self._system = against.libraries.files() if against.libraries is not None else None
        self._is_at_home = against.is_at_home
        self._own = loader.RootFiles(disk.root, lambda library, key: "")  # noqa: ARG005 -- it has no folders of its own
        #: names of libraries that are installed
        self.names: frozenset[str] = frozenset()
        self._assumed = libraries.Promised(lambda name: name in self.names)
        self._real: dict[str, str] = {}

    def real(self, path: str) -> str:
        if path not in self._real:
            self._real[path] = self._find(path)
        return self._real[path]

    def _find(self, path: str) -> str:
        if self._assumed.real(path):
            return path
        if self._is_at_home or path.startswith(self._areas):
            return self._disk.real(path)
        return self._system.real(path) if self._system is not None else ""

    def linked(self, real: str) -> Linked | None:
        if self._assumed.real(real):
            return self._assumed.linked(real)
        if self._system is None or self._is_on_disk(real):
            return self._own.linked(real)
        return self._system.linked(real)

    def defined(self, real: str) -> frozenset[str]:
        """The symbol versions that a file outside the distributions defines; none if it cannot be read."""
        return elffile.defined_versions(lambda: self.opened(real))

    def opened(self, real: str) -> BinaryIO:
        """A file, opened for reading. ``OSError`` if there is none."""
        return self._disk.opened(real) if self._root is None or self._is_on_disk(real) else self._root.opened(real)

    def _is_on_disk(self, real: str) -> bool:
        """Whether a file is on the environment's disk, and not on that of the target's system."""
        return not self._is_at_home and real.startswith(self._areas)

    def search(self, library: str, key: Key) -> str:
        return (self._system or self._assumed).search(library, key)


# Names of extension modules


def _triplets(platform: _core.Platform) -> str:
    """What follows the ABI in suffixes, as a pattern; on musl, Pythons name either C library. Source: CPython's configure.ac."""
    if platform.system == "Darwin":
        return "-darwin"
    names = [_TRIPLETS.get(arch, arch) for arch in platform.archs[:1]] or ["*"]
    return f"-{names[0]}-linux-{'*' if isinstance(platform.libc, _core.Musl) else 'gnu*'}"


#: Architecture -> its name in CPython's triplets, if that differs.
_TRIPLETS = {"i686": "i386", "armv7l": "arm", "armv8l": "arm", "armv6l": "arm", "ppc64le": "powerpc64le", "ppc64": "powerpc64"}


def suffixes(python: _core.Python, platform: _core.Platform) -> tuple[str, ...]:
    """What follows a module's name in files that a Python can use, as patterns.

    Source: CPython's dynload_shlib.c; PEP 3149 and 803. Before 3.15 a free-threaded Python finds files of ``abi3``, and crashes.
    """
    is_windows = platform.system == "Windows"
    if python.implementation != "cp":
        own = [abi.replace("_", "-", 1) for abi in python.abis] or [python.implementation.replace("pp", "pypy")]
        return tuple([f".{abi}*.{'pyd' if is_windows else 'so'}" for abi in own])
    digits = [abi.removeprefix("cp") for abi in python.abis if abi.startswith("cp")]
    digits = digits or ["".join(map(str, python.version))]
    if is_windows:
        return (*[f".cp{number}-*.pyd" for number in digits], ".pyd")
    triplet = _triplets(platform)
    abis = [] if any("t" in number for number in digits) else ["abi3"]
    stable = [f".{abi}.so" for abi in abis]
    if python.version >= (3, 15):
        abis.append("abi3t")
        stable = [f".{abi}{tail}" for abi in abis for tail in (".so", f"{triplet}.so")]
    return (*[f".cpython-{number}{triplet}.so" for number in digits], *stable, ".so")


def is_extension(path: str) -> bool:
    """Whether a file is named as an extension module of some Python."""
    return bool(wheelfile.named_abi(path)) or path.endswith(".pyd")


def suffix_of(path: str) -> str:
    """What follows the module's name in a file's name."""
    return posixpath.basename(path).partition(".")[2]


def module_of(path: str, suffixes: tuple[str, ...]) -> str:
    """The module that a Python with *suffixes*, patterns, imports from a file, as a path without a suffix; empty for none."""
    stem, _, rest = posixpath.basename(path).partition(".")
    is_imported = any(fnmatchcase(f".{rest}", suffix) for suffix in suffixes)
    return posixpath.join(posixpath.dirname(path), stem) if is_imported else ""


def is_served(path: str, imported: set[str]) -> bool:
    """Whether another file serves the module of this one."""
    return posixpath.join(posixpath.dirname(path), posixpath.basename(path).partition(".")[0]) in imported


def is_native(foreign: Foreign, platform: _core.Platform) -> bool:
    """Whether a file that is not an ELF file is for the system and a processor of *platform*."""
    if foreign.system != platform.system:
        return False
    plain = [tag for tag in _core.tags_of(platform) if not tag.endswith("universal2")]
    return not plain or any(tag.endswith(foreign.archs) for tag in plain)
