"""Finding environments, and checking an environment itself: its Python, its home, the first lines of its scripts.

Everything is looked up inside a root directory (``/``: this machine). Links are followed inside it and never lead out of it. Only
regular files are opened.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .. import _core, _local, _root
from ..audit import findings

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import BinaryIO

    Version = tuple[int, ...]

Finding = findings.Finding
Kind = findings.Kind
Row = findings.Row

#: Bytes of METADATA that are read, and bytes of a script.
MAX_METADATA = 1 << 18
MAX_SCRIPT = 1 << 10
#: Folders of a root that are searched for environments.
MAX_FOLDERS = 500_000
#: Rows that one finding keeps.
MAX_ROWS = 10_000

#: Names of the folders in which Python keeps packages; the second is Debian's.
SITES = ("site-packages", "dist-packages")
#: How the names of folders of metadata end.
INFOS = (".dist-info", ".egg-info")
_LIBRARY = re.compile(r"(?:python|pypy)3(?:\.([0-9]{1,3})(t?))?")
#: Where uv keeps wheels that it has unpacked, for environments to link to; conda's own is a folder "pkgs" with a file "urls.txt".
_UNPACKED = re.compile(r"archive-v[0-9]+")
#: Folders in which a root has no files of its own.
_NOT_SEARCHED = frozenset(["/proc", "/sys", "/dev"])
#: What launchers write after the first line if the path of an interpreter is too long for it or contains a space.
_LONG_SCRIPT = re.compile(rb"'''exec' \"?([^\"\n]+?)\"? \"\$0\" \"\$@\"")


@dataclass
class Environment:
    """A folder of installed distributions, and the Python that it is for.

    * ``path``, ``kind``: where it is, and what it is, in words; all paths are paths inside the root.
    * ``sites``: the folders that hold distributions, without links; ``prefix``: the folder that contains all its files.
    * ``version``, ``is_free_threaded``, ``implementation``: of its Python; ``()`` if nothing shows the version.
    * ``interpreter``: the program that runs it, without links; empty if there is none.
    * ``findings``, ``notes``: what is wrong with the environment itself, and what else to know.
    """

    path: str
    kind: str
    sites: tuple[str, ...] = ()
    prefix: str = ""
    version: Version = ()
    is_free_threaded: bool = False
    implementation: str = "cpython"
    interpreter: str = ""
    findings: list[findings.Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# Files


class Disk:
    """The files of a root directory. The real path of a folder is looked up once."""

    def __init__(self, root: _root.RootHost) -> None:
        self.root = root
        self._folders: dict[str, str] = {}

    def _folder(self, path: str) -> str:
        """The path on this machine of a folder of the root."""
        if path not in self._folders:
            if len(self._folders) > MAX_FOLDERS:
                self._folders.clear()
            self._folders[path] = self.root._inside(path)
        return self._folders[path]

    def place(self, path: str) -> str:
        """The path on this machine of *path*, which may itself be a link. ``OSError`` if its folder does not exist."""
        folder, _, name = path.rpartition("/")
        return f"{self._folder(folder)}/{name}"

    def real(self, path: str) -> str:
        """The path of the same file in the root without links; empty if there is none."""
        try:
            place = self.place(path)
            if stat.S_ISLNK(os.lstat(place).st_mode):
                place = self.root._inside(path)
        except (OSError, ValueError):
            return ""
        return "/" + os.path.relpath(place, self.root.directory) if self.root.directory != "/" else place

    def opened(self, path: str) -> BinaryIO:
        """The regular file *path*, opened for reading. ``OSError`` if it is not one."""
        try:
            return os.fdopen(_local.open_regular(self.place(path), follow_links=False), "rb", 0)
        except FileNotFoundError:
            raise
        except OSError:  # a link, or not a regular file
            return self.root.opened(path)

    def mode(self, path: str) -> int:
        """The ``st_mode`` of what *path* leads to; 0 if there is nothing."""
        try:
            return os.lstat(self.root._inside(path)).st_mode
        except (OSError, ValueError):
            return 0

    def is_folder(self, path: str) -> bool:
        return stat.S_ISDIR(self.mode(path))

    def names(self, path: str) -> list[str]:
        """The sorted names in a folder, however many there are; none if it cannot be read."""
        try:
            return sorted(os.listdir(self.root._inside(path)))
        except (OSError, ValueError):
            return []

    def text(self, path: str, limit: int = MAX_METADATA) -> str | None:
        """The text of a regular file; None if there is none."""
        data = self.data(path, limit)
        return None if data is None else data.decode("utf-8", "replace")

    def data(self, path: str, limit: int) -> bytes | None:
        """The first bytes of a regular file, at most *limit*; None if there is none."""
        try:
            with self.opened(path) as file:
                return file.read(min(limit, os.fstat(file.fileno()).st_size))
        except (OSError, ValueError):
            return None


# Where environments are


def of_path(disk: Disk, path: str, shown: str = "", python: str = "") -> Environment | None:
    """The environment at *path* of the root, called *shown* in reports; None if it is not one.

    *python*: the name of the program that counts, if there are several.
    """
    if not disk.is_folder(path):
        return None
    names = frozenset(disk.names(path))
    if "pyvenv.cfg" in names:
        return _of_prefix(disk, path, "virtual environment", shown)
    if "conda-meta" in names:
        return _of_prefix(disk, path, "conda environment", shown)
    if posixpath.basename(path) in SITES or _has_infos(names):
        return _of_folder(disk, path, shown)
    found = _of_prefix(disk, path, "prefix of a Python", shown, python)
    return found if found.sites else None


def _has_infos(names: Collection[str]) -> bool:
    """Whether a folder that contains these *names* holds distributions, and is neither a source tree nor a folder of wheels."""
    if any(name.endswith(".whl") for name in names):
        return False
    ends = INFOS[:1] if {"pyproject.toml", "setup.py"} & set(names) else INFOS
    return any(name.lower().endswith(ends) for name in names)


def of_root(disk: Disk) -> list[Environment]:
    """Every environment in the root, sorted by path. Whatever is inside one is a part of it."""
    found: list[Environment] = []
    waiting = ["/"]
    count = 0
    while waiting and count < MAX_FOLDERS:
        folder = waiting.pop()
        count += 1
        base = folder.rstrip("/")
        try:
            with os.scandir(disk.place(f"{base}/.")) as entries:
                rows = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except (OSError, ValueError):
            continue
        names, name = {name for name, _ in rows}, posixpath.basename(folder)
        if _UNPACKED.fullmatch(name) or (name == "pkgs" and "urls.txt" in names):
            continue
        is_site = name in SITES or _has_infos(names)
        if names & {"pyvenv.cfg", "conda-meta"} or is_site:
            environment = of_path(disk, folder)
            if environment is not None and environment.sites:
                found.append(environment)
                if is_site or "pyvenv.cfg" in names:
                    continue
        below = [f"{base}/{name}" for name, is_folder in rows if is_folder]
        sites = {site for one in found for site in one.sites}
        waiting += [path for path in below if path not in _NOT_SEARCHED and path not in sites]
    return _joined(disk, sorted(found, key=lambda one: one.path))


def _joined(disk: Disk, found: list[Environment]) -> list[Environment]:
    """Join folders below one prefix into one environment if there is a Python in that prefix."""
    groups: dict[str, list[Environment]] = {}
    for one in found:
        groups.setdefault(one.prefix if one.kind == "folder" else one.path, []).append(one)
    joined: list[Environment] = []
    for prefix, group in groups.items():
        sites = tuple(dict.fromkeys([site for one in group for site in one.sites]))
        if len(group) == 1 and group[0].kind != "folder":
            joined += group
            continue
        whole = _of_prefix(disk, prefix, "prefix of a Python")
        own = tuple([site for site in sites if site in whole.sites])
        if whole.interpreter and own:
            joined.append(replace(whole, sites=own, notes=[]))
            joined += [one for one in group if not set(one.sites) & set(own)]  # those of other Pythons in the prefix
        else:
            joined += group
    return joined


def _of_folder(disk: Disk, path: str, shown: str) -> Environment:
    """A folder of distributions: site-packages, or one made by ``pip install --target``."""
    real = disk.real(path) or path
    version, is_free_threaded, implementation = _version_of(posixpath.basename(posixpath.dirname(real)))
    words = real.split("/")
    is_site = len(words) > 4 and words[-1] in SITES and words[-3] in {"lib", "lib64"}
    prefix = "/".join(words[:-3]) or "/"
    found = Environment(
        shown or path, "folder", (real,), prefix if is_site else real, version, is_free_threaded, implementation
    )
    if is_site:
        found.interpreter = _interpreter_of(disk, prefix, words[-2])[1]
    return found


def _version_of(folder: str) -> tuple[Version, bool, str]:
    """The Python that a folder in ``lib`` is for, shown by its name, such as ``python3.13t``."""
    match = _LIBRARY.fullmatch(folder)
    version = (3, int(match[1])) if match and match[1] else ()
    return version, bool(match and match[2]), "pypy" if folder.startswith("pypy") else "cpython"


def _interpreter_of(disk: Disk, prefix: str, first: str = "") -> tuple[str, str]:
    """The Python in a prefix: the first of its names, and the program that the names lead to; empty if there is none.

    *first*: the name that has precedence over all others.
    """
    names = disk.names(f"{prefix}/bin")
    known = [first, "python", "python3", *[name for name in names if re.fullmatch(r"python3\.[0-9]+t?|pypy3?", name)], "pypy3"]
    linked = [f"{prefix}/bin/{name}" for name in known if name in names]
    if "python.exe" in disk.names(f"{prefix}/Scripts"):
        linked.append(f"{prefix}/Scripts/python.exe")
    programs = (disk.real(path) for path in linked if stat.S_ISREG(disk.mode(path)))
    return "".join(linked[:1]), next(programs, "")


def _of_prefix(disk: Disk, path: str, kind: str, shown: str = "", python: str = "") -> Environment:
    """An environment with its own folders for libraries and programs."""
    prefix = disk.real(f"{path}/.").removesuffix("/.") or "/"
    found = Environment(shown or path, kind, prefix=prefix)
    sites: dict[str, tuple[Version, bool, str]] = {}
    for parent in ("lib", "lib64"):
        for name in disk.names(f"{prefix}/{parent}"):
            if _LIBRARY.fullmatch(name):
                for site in SITES:
                    folder = disk.real(f"{prefix}/{parent}/{name}/{site}")
                    if folder and disk.is_folder(folder):
                        sites.setdefault(folder, _version_of(name))
    if disk.is_folder(f"{prefix}/Lib/site-packages"):  # made on Windows
        sites[f"{prefix}/Lib/site-packages"] = ((), False, "cpython")
    found.sites = tuple(sites)
    linked, found.interpreter = _interpreter_of(disk, prefix, python)
    # If a prefix has several Pythons, the one that a shell finds counts. Debian's folder "python3" is for every version.
    runs = _version_of(posixpath.basename(found.interpreter))
    own = [site for site, one in sites.items() if one == runs or (not one[0] and one[2] == runs[2])]
    known = [runs] if own and runs[0] else [one for one in sites.values() if one[0]]
    if known:
        found.version, found.is_free_threaded, found.implementation = max(known)
    if kind == "virtual environment":
        _check_environment(disk, found, linked)
    elif own and runs[0]:
        found.sites = tuple(own)
        found.notes += [f"{site} belongs to another Python; check it by its own path" for site in sites if site not in own]
    return found


# What may be wrong with an environment itself


def _check_environment(disk: Disk, found: Environment, linked: str) -> None:
    """Check a virtual environment against what it records about itself and about the Python that made it."""
    text = disk.text(f"{found.prefix}/pyvenv.cfg") or ""
    values = {key.strip().lower(): value.strip() for key, _, value in [line.partition("=") for line in text.splitlines()]}
    home = values.get("home", "")
    recorded = _core.leading_version(values.get("version") or values.get("version_info") or "") or ()
    found.implementation = values.get("implementation", found.implementation).lower()
    own = [site for site in found.sites if _version_of(posixpath.basename(posixpath.dirname(site)))[0] in ((), recorded)]
    found.version = recorded or found.version
    python = f"python{'.'.join(map(str, found.version))}" if found.version else "python"
    again = f"make it again here: `{python} -m venv --clear {found.path}`, then install its packages with pip"
    shown = posixpath.relpath(linked, found.prefix) if linked else "bin/python"
    if linked and not disk.mode(linked):
        leads = leads_to(disk, linked)
        text = f"is a broken link: it leads to {leads}, which is not there, so this environment's programs do not start"
        found.findings.append(Finding(Kind.LOAD, "home", (Row(shown, leads),), home, text, again))
    elif not linked:
        text = "is not there: the environment has no Python of its own"
        found.findings.append(Finding(Kind.LOAD, "home", (Row(shown),), home, text, again))
    elif home and not _is_windows(home) and not disk.is_folder(home):
        text = "names {need} as the home of its Python, and that folder is not there"
        found.findings.append(Finding(Kind.LOAD, "home", (Row("pyvenv.cfg", home),), home, text, again))
    runs = _version_of(posixpath.basename(found.interpreter))[0]
    if runs and recorded and runs != recorded:
        text = f"is Python {dotted(runs)}, and the environment was made for {{need}}: that one's packages are not found"
        row = Row(shown, f"Python {dotted(recorded)}")
        found.findings.append(Finding(Kind.LOAD, "home", (row,), dotted(runs), text, again))
    for site in found.sites:
        if site not in own:
            text = f"is a folder of another Python than the environment's, {dotted(found.version)}, which does not look there"
            shown = posixpath.relpath(site, found.prefix)
            found.findings.append(Finding(Kind.REMARK, "home", (Row(shown),), dotted(found.version), text))
    found.sites = tuple(own or found.sites)
    if values.get("include-system-site-packages", "").lower() == "true":
        found.notes.append(f"{found.path} also uses the packages of the system ({home}), which are not looked at")
    _check_scripts(disk, found, again)


def dotted(version: Version) -> str:
    """A version as text."""
    return ".".join(map(str, version))


def _is_windows(path: str) -> bool:
    return path[1:2] == ":" or "\\" in path


def leads_to(disk: Disk, path: str) -> str:
    """The end of a chain of links that leads nowhere."""
    for _ in range(_root.MAX_LINKS):
        try:
            target = os.readlink(disk.place(path))
        except (OSError, ValueError):
            break
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return path


def interpreter_in(data: bytes) -> str:
    """The interpreter that a script names in its first line, or in a launcher's line; empty if it names none."""
    first = data.partition(b"\n")[0]
    if not first.startswith(b"#!"):
        return ""
    long = _LONG_SCRIPT.search(data)
    path = long[1] if long else first[2:].strip().partition(b" ")[0]
    if b"python" not in path.rpartition(b"/")[2].lower() and b"pypy" not in path.rpartition(b"/")[2].lower():
        return ""  # a script for another program
    text = path.decode("utf-8", "replace")
    return text if text.startswith("/") else ""


def _check_scripts(disk: Disk, found: Environment, again: str) -> None:
    """Find scripts whose first line names a missing interpreter, or another environment's: the folder was moved or copied."""
    gone: dict[str, list[Row]] = {}
    strange: dict[str, list[Row]] = {}
    for name in disk.names(f"{found.prefix}/bin"):
        path = f"{found.prefix}/bin/{name}"
        named = interpreter_in(disk.data(path, MAX_SCRIPT) or b"")
        if not named:
            continue
        folder = posixpath.dirname(posixpath.dirname(named))
        if not disk.mode(named):
            gone.setdefault(named, []).append(Row(f"bin/{name}", named))
        elif disk.real(f"{folder}/.").removesuffix("/.") != found.prefix and disk.mode(f"{folder}/pyvenv.cfg"):
            strange.setdefault(named, []).append(Row(f"bin/{name}", named))
    moved = f"run programs as `python -m NAME`, or {again}"
    for program, rows in gone.items():
        before = posixpath.dirname(posixpath.dirname(program))
        text = f"begins with #!{{need}}, which is not there, so it does not start: was the environment moved from {before}?"
        found.findings.append(Finding(Kind.FILE, "script", tuple(rows[:MAX_ROWS]), program, text, moved))
    for program, rows in strange.items():
        text = "begins with #!{need}, and so uses another environment's packages: is this a copy of that one?"
        found.findings.append(Finding(Kind.FILE, "script", tuple(rows[:MAX_ROWS]), program, text, moved))


def unreadable(path: str, problem: Exception) -> findings.Finding:
    """The finding that a file or a folder cannot be read."""
    return Finding(Kind.FILE, "file", (Row(path),), "", f"cannot be read: {words_of(problem)}")


def words_of(problem: Exception) -> str:
    """Why something cannot be read."""
    return problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
