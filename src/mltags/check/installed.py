"""What is installed in a folder: environments, their distributions, and the files of each; read, never run.

Everything is found inside a root directory (``/``: this machine), whose links are followed in it and never out of it. Only regular
files are opened. What cannot be read is a finding, and the rest is read all the same.
"""

import csv
import os
import posixpath
import re
import stat
import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from packaging.utils import canonicalize_name

from .. import _core, _local, _root
from ..audit import elffile, findings, loader, wheelfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import BinaryIO

    from ..audit.wheelfile import Binary

    Version = tuple[int, ...]

Finding = findings.Finding
Kind = findings.Kind
Row = findings.Row

#: Bytes of METADATA that are read, of RECORD, and of the beginning of a script.
MAX_METADATA = 1 << 18
MAX_RECORD = 64 << 20
MAX_SCRIPT = 1 << 10
#: Files of an environment that are looked at; the largest known have a quarter of a million.
MAX_FILES = 2_000_000
#: Folders of a root that are searched for environments.
MAX_FOLDERS = 500_000
#: Rows that one finding keeps.
MAX_ROWS = 10_000
#: Python files of one distribution that are known by name.
MAX_SOURCES = 4000
#: Bytes at the beginning of a file that show what it is.
_HEAD = 1024

#: Files that hold no machine code, by what follows the last dot of their names.
_TEXTS = frozenset(
    re.findall(
        r"\w+",
        """
    py pyc pyi pyx pxd pxi pth txt md rst json jsonl yaml yml toml cfg ini csv tsv html htm css js mjs map ts xml svg png gif jpg
    jpeg ico webp ttf otf woff woff2 pdf h hh hpp hxx c cc cpp cxx cu cuh f f90 cmake pc typed npy npz mat gz bz2 xz zip tar ipynb
    tmpl jinja jinja2 j2 po mo pot sql sh bat ps1 tcl qm qml proto pem parquet feather wav lock inc
    """,
    )
)
#: Where Python keeps site-packages below a prefix; Windows has one folder, and Debian its own.
SITES = ("site-packages", "dist-packages")
_LIBRARY = re.compile(r"(?:python|pypy)3(?:\.([0-9]{1,3})(t?))?")
#: Where a root has nothing of its own.
_NOT_SEARCHED = frozenset(["/proc", "/sys", "/dev"])
_INFOS = (".dist-info", ".egg-info")
_LFS = b"version https://git-lfs"
_LINKER_SCRIPTS = (b"/* GNU ld script", b"INPUT", b"GROUP", b"OUTPUT_FORMAT")
#: The last lines of what launchers write where the path of an interpreter is too long, or has a space, for a first line.
_LONG_SCRIPT = re.compile(rb"'''exec' \"?([^\"\n]+?)\"? \"\$0\" \"\$@\"")


class Foreign(NamedTuple):
    """A file of machine code that is no ELF file: for which ``system`` and which ``archs``, as wheels name them."""

    path: "str"
    system: "str"
    archs: "tuple[str, ...]"

    @property
    def machine(self) -> "str":
        """System and processors in words."""
        return f"{SYSTEMS.get(self.system, self.system)} {' and '.join(self.archs)}".strip()


SYSTEMS = {"Darwin": "macOS", "Emscripten": "WebAssembly"}


@dataclass
class Environment:
    """A folder of installed distributions, and the Python that it is for.

    * ``path``, ``kind``: where it is, and what it is, in words; all paths are as inside the root.
    * ``sites``: the folders that hold distributions, without links; ``prefix``: the folder that all of its files are in.
    * ``version``, ``is_free_threaded``, ``implementation``: of its Python; ``()`` where nothing shows it.
    * ``interpreter``: the program that runs it, without links; empty where there is none.
    * ``findings``, ``notes``: what is wrong with the environment itself, and what else to know.
    """

    path: "str"
    kind: "str"
    sites: "tuple[str, ...]" = ()
    prefix: "str" = ""
    version: "Version" = ()
    is_free_threaded: "bool" = False
    implementation: "str" = "cpython"
    interpreter: "str" = ""
    findings: "list[findings.Finding]" = field(default_factory=list)
    notes: "list[str]" = field(default_factory=list)


@dataclass
class Distribution:
    """What is installed of one distribution; one without a name stands for the files that belong to none.

    ``folder``: of its metadata; ``tags``: the Tag lines of WHEEL; ``binaries``, ``foreign``: its machine code; ``findings``: what is
    wrong with it on every target; ``sources``: its Python files.
    """

    name: "str"
    version: "str" = ""
    site: "str" = ""
    folder: "str" = ""
    tags: "tuple[str, ...]" = ()
    requires: "tuple[str, ...]" = ()
    note: "str" = ""
    binaries: "list[Binary]" = field(default_factory=list)
    foreign: "list[Foreign]" = field(default_factory=list)
    findings: "list[findings.Finding]" = field(default_factory=list)
    sources: "list[str]" = field(default_factory=list)


# Files


class Disk:
    """The files of a root directory; where a folder really is, is found out once."""

    def __init__(self, root: "_root.RootHost") -> "None":
        self.root = root
        self._folders: dict[str, str] = {}

    def _folder(self, path: "str") -> "str":
        """Where a folder of the root is on this machine."""
        if path not in self._folders:
            if len(self._folders) > MAX_FOLDERS:
                self._folders.clear()
            self._folders[path] = self.root._inside(path)
        return self._folders[path]

    def place(self, path: "str") -> "str":
        """Where *path* is on this machine; it may itself be a link. ``OSError`` where its folder is not there."""
        folder, _, name = path.rpartition("/")
        return f"{self._folder(folder)}/{name}"

    def real(self, path: "str") -> "str":
        """The path of the same file in the root with no link in it; empty where there is none."""
        try:
            place = self.place(path)
            if stat.S_ISLNK(os.lstat(place).st_mode):
                place = self.root._inside(path)
        except (OSError, ValueError):
            return ""
        return "/" + os.path.relpath(place, self.root.directory) if self.root.directory != "/" else place

    def opened(self, path: "str") -> "BinaryIO":
        """The regular file *path*, opened for reading here and there. ``OSError`` where it is none."""
        try:
            return os.fdopen(_local.open_regular(self.place(path), follow_links=False), "rb", 0)
        except FileNotFoundError:
            raise
        except OSError:  # a link, or none
            return self.root.opened(path)

    def mode(self, path: "str") -> "int":
        """What *path* leads to, as ``st_mode`` has it; 0 where there is nothing."""
        try:
            return os.lstat(self.root._inside(path)).st_mode
        except (OSError, ValueError):
            return 0

    def is_folder(self, path: "str") -> "bool":
        return stat.S_ISDIR(self.mode(path))

    def names(self, path: "str") -> "list[str]":
        """The sorted names in a folder, whatever their number; none where it cannot be read."""
        try:
            return sorted(os.listdir(self.root._inside(path)))
        except (OSError, ValueError):
            return []

    def text(self, path: "str", limit: "int" = MAX_METADATA) -> "str | None":
        """The text of a regular file; None where there is none."""
        data = self.data(path, limit)
        return None if data is None else data.decode("utf-8", "replace")

    def data(self, path: "str", limit: "int") -> "bytes | None":
        """The first bytes of a regular file, *limit* at the most; None where there is none."""
        try:
            with self.opened(path) as file:
                return file.read(min(limit, os.fstat(file.fileno()).st_size))
        except (OSError, ValueError):
            return None


# Where environments are


def of_path(disk: "Disk", path: "str", shown: "str" = "") -> "Environment | None":
    """The environment at *path* of the root, which is called *shown*; None where that is none."""
    names = frozenset(disk.names(path))
    if "pyvenv.cfg" in names:
        return _of_prefix(disk, path, "virtual environment", shown)
    if "conda-meta" in names:
        return _of_prefix(disk, path, "conda environment", shown)
    if posixpath.basename(path) in SITES or _has_infos(names):
        return _of_folder(disk, path, shown)
    found = _of_prefix(disk, path, "prefix of a Python", shown)
    return found if found.sites else None


def _has_infos(names: "Collection[str]") -> "bool":
    """Whether a folder with these *names* in it holds distributions, and is neither a source tree nor a folder of wheels."""
    if any(name.endswith(".whl") for name in names):
        return False
    ends = _INFOS[:1] if {"pyproject.toml", "setup.py"} & set(names) else _INFOS
    return any(name.lower().endswith(ends) for name in names)


def of_root(disk: "Disk") -> "list[Environment]":
    """Every environment in the root, sorted by path. What is inside of one is a part of it."""
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
        names = {name for name, _ in rows}
        is_site = posixpath.basename(folder) in SITES or _has_infos(names)
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


def _joined(disk: "Disk", found: "list[Environment]") -> "list[Environment]":
    """Folders below one prefix made one environment, where a Python is in that prefix."""
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
        joined += [replace(whole, sites=sites)] if whole.interpreter else group
    return joined


def _of_folder(disk: "Disk", path: "str", shown: "str") -> "Environment":
    """A folder of distributions: site-packages, or what ``pip install --target`` made."""
    real = disk.real(path) or path
    version, is_free_threaded, implementation = _version_of(posixpath.basename(posixpath.dirname(real)))
    words = real.split("/")
    is_site = len(words) > 4 and words[-1] in SITES and words[-3] in {"lib", "lib64"}
    prefix = "/".join(words[:-3]) or "/"
    found = Environment(
        shown or path, "folder", (real,), prefix if is_site else real, version, is_free_threaded, implementation
    )
    if is_site:
        found.interpreter = _interpreter_of(disk, prefix)[1]
    return found


def _version_of(folder: "str") -> "tuple[Version, bool, str]":
    """The Python that the name of its folder in ``lib`` shows: ``python3.13t``."""
    match = _LIBRARY.fullmatch(folder)
    version = (3, int(match[1])) if match and match[1] else ()
    return version, bool(match and match[2]), "pypy" if folder.startswith("pypy") else "cpython"


def _interpreter_of(disk: "Disk", prefix: "str") -> "tuple[str, str]":
    """The Python in a prefix: the first of its names, and the program that one of them leads to; empty where there is none."""
    names = disk.names(f"{prefix}/bin")
    known = ["python", "python3", *[name for name in names if re.fullmatch(r"python3\.[0-9]+t?|pypy3?", name)], "pypy3"]
    linked = [f"{prefix}/bin/{name}" for name in known if name in names]
    if "python.exe" in disk.names(f"{prefix}/Scripts"):
        linked.append(f"{prefix}/Scripts/python.exe")
    programs = (disk.real(path) for path in linked if stat.S_ISREG(disk.mode(path)))
    return "".join(linked[:1]), next(programs, "")


def _of_prefix(disk: "Disk", path: "str", kind: "str", shown: "str" = "") -> "Environment":
    """An environment with folders of its own for libraries and programs."""
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
    known = [one for one in sites.values() if one[0]]
    if known:
        found.version, found.is_free_threaded, found.implementation = max(known)
    linked, found.interpreter = _interpreter_of(disk, prefix)
    if kind == "virtual environment":
        _check_environment(disk, found, linked)
    return found


# What may be wrong with an environment itself


def _check_environment(disk: "Disk", found: "Environment", linked: "str") -> "None":
    """A virtual environment against what it records of itself, and of the Python that it was made of."""
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
        leads = _leads_to(disk, linked)
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


def dotted(version: "Version") -> "str":
    """A version as it is written."""
    return ".".join(map(str, version))


def _is_windows(path: "str") -> "bool":
    return path[1:2] == ":" or "\\" in path


def _leads_to(disk: "Disk", path: "str") -> "str":
    """Where a chain of links ends that leads nowhere."""
    for _ in range(_root.MAX_LINKS):
        try:
            target = os.readlink(disk.place(path))
        except (OSError, ValueError):
            break
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return path


def interpreter_in(data: "bytes") -> "str":
    """The interpreter that a script names in its first line, or in that of a launcher; empty where it names none."""
    first = data.partition(b"\n")[0]
    if not first.startswith(b"#!"):
        return ""
    long = _LONG_SCRIPT.search(data)
    path = long[1] if long else first[2:].strip().partition(b" ")[0]
    if b"python" not in path.rpartition(b"/")[2].lower() and b"pypy" not in path.rpartition(b"/")[2].lower():
        return ""  # another program's script
    text = path.decode("utf-8", "replace")
    return text if text.startswith("/") else ""


def _check_scripts(disk: "Disk", found: "Environment", again: "str") -> "None":
    """First lines that name an interpreter which is not there, or another environment's: those of a copy, or of a moved folder."""
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


# Distributions and their files


def read(
    disk: "Disk", environment: "Environment", progress: "Callable[[str, int, int], None] | None" = None
) -> "list[Distribution]":
    """The distributions of an environment by name, then one without a name where there are files that belong to none.

    *progress* is called with (name, distributions done, of distributions).
    """
    return _Reader(disk, environment).read(progress)


class _Reader:
    """Reads the distributions and files of one environment."""

    def __init__(self, disk: "Disk", environment: "Environment") -> "None":
        self._disk, self._environment = disk, environment
        self._is_target = environment.kind == "folder" and environment.prefix in environment.sites
        self.found: list[Distribution] = []
        self._nobody = Distribution("")
        #: path -> whose it is; and the names below a site of distributions that have no list of their files
        self._owners: dict[str, Distribution] = {}
        self._tops: dict[str, Distribution] = {}
        self._outside: list[tuple[str, Distribution]] = []
        self._count = 0
        self._rows: dict[tuple[str, Kind, str, str, str, str], list[Row]] = {}

    def read(self, progress: "Callable[[str, int, int], None] | None") -> "list[Distribution]":
        folders = [
            (site, name)
            for site in self._environment.sites
            for name in self._listing(site)
            if name.lower().endswith(_INFOS) or name.endswith((".pth", ".egg-link"))
        ]
        for done, (site, name) in enumerate(folders):
            if progress:
                progress(name.partition("-")[0], done, len(folders))
            if name.endswith((".pth", ".egg-link")):
                self._name_path(site, name)
            else:
                self._distribution(site, name)
        for site in self._environment.sites:
            self._walk(site)
        for path, owner in self._outside:
            self._look(path, owner)
        self._find_duplicates()
        for (folder, kind, rule, text, remedy, _), rows in self._rows.items():
            owner = next((one for one in self.found if one.folder == folder), self._nobody)
            owner.findings.append(Finding(kind, rule, tuple(rows), "", text, remedy))
        ordered = sorted(self.found, key=lambda one: (canonicalize_name(one.name), one.version))
        nobody = self._nobody
        return [*ordered, nobody] if nobody.binaries or nobody.foreign or nobody.findings else ordered

    def _listing(self, site: "str") -> "list[str]":
        try:
            return sorted(os.listdir(self._disk.place(f"{site}/.")))
        except (OSError, ValueError) as problem:
            self._environment.findings.append(_unreadable(self._shown(site), problem))
            return []

    def _shown(self, path: "str") -> "str":
        """A path as it is named: seen from its site-packages, or else from the environment."""
        for site in self._environment.sites:
            if path.startswith(f"{site}/"):
                return path[len(site) + 1 :]
        return path.removeprefix(self._environment.prefix.rstrip("/") + "/")

    def _add(self, owner: "Distribution", kind: "Kind", rule: "str", row: "Row", text: "str", remedy: "str" = "") -> "None":
        rows = self._rows.setdefault((owner.folder, kind, rule, text, remedy, row.need), [])
        if len(rows) < MAX_ROWS:
            rows.append(row)

    # Metadata

    def _name_path(self, site: "str", name: "str") -> "None":
        """Name what a ``.pth`` file or an ``.egg-link`` adds to ``sys.path``; it is not followed."""
        lines = [line.strip() for line in (self._disk.text(f"{site}/{name}") or "").splitlines()]
        added = [line for line in lines if line and not line.startswith(("#", "import ", "import\t")) and line != "."]
        if name.endswith(".egg-link"):
            added = added[:1]
        if added:
            shown = ", ".join(added[:3]) + (f" and {len(added) - 3} more" if len(added) > 3 else "")
            self._environment.notes.append(f"{name} adds {shown} to sys.path, which is not looked at")

    def _distribution(self, site: "str", name: "str") -> "None":
        folder = f"{site}/{name}"
        is_folder = self._disk.is_folder(folder)
        if name.startswith("~"):
            text = "is what an interrupted pip left behind; it may be deleted"
            self._environment.findings.append(Finding(Kind.REMARK, "metadata", (Row(name),), "", text))
            return
        files = ("METADATA", "PKG-INFO") if name.lower().endswith(".dist-info") else ("PKG-INFO", "METADATA")
        texts = [self._disk.text(f"{folder}/{file}") for file in files] if is_folder else [self._disk.text(folder)]
        fields = _header(next((text for text in texts if text), ""))
        stem = name.rpartition(".")[0].split("-")
        project, version = "".join(fields.get("name", [])[:1]), "".join(fields.get("version", [])[:1])
        found = Distribution(project or stem[0], version or "".join(stem[1:2]), site, folder)
        self.found.append(found)
        if not project:
            text = f"has no {files[0]} with a name in it, so tools do not see that it is installed"
            self._add(found, Kind.FILE, "metadata", Row(name), text, reinstalling(found))
        wheel = _header(self._disk.text(f"{folder}/WHEEL") or "", ends=False)
        found.tags = tuple(dict.fromkeys(wheel.get("tag", [])))
        found.requires = tuple(dict.fromkeys([
            match[0] for line in fields.get("requires-dist", []) if "extra" not in line and (match := re.match(r"[\w.-]+", line))
        ]))  # fmt: skip
        direct = self._disk.text(f"{folder}/direct_url.json") or ""
        if re.search(r'"editable":\s*true', direct):
            url = re.search(r'"url":\s*"([^"]*)"', direct)
            found.note = f"an editable install of {url[1] if url else 'another folder'}, which is not looked at"
        record = self._disk.text(f"{folder}/RECORD", MAX_RECORD) if is_folder else None
        if record is not None:
            self._record(found, record)
        else:
            self._guess_files(found)

    def _guess_files(self, found: "Distribution") -> "None":
        """Whose files are whose, where there is no RECORD: an egg's own list, or the names of its top-level packages."""
        listed = self._disk.text(f"{found.folder}/installed-files.txt", MAX_RECORD)
        for line in (listed or "").splitlines():
            self._own(found, posixpath.normpath(f"{found.folder}/{line.strip()}"))
        if listed is None:
            named = (self._disk.text(f"{found.folder}/top_level.txt") or found.name.replace("-", "_")).split()
            for top in named:
                for name in (f"{found.site}/{top}", top):  # Debian has a part of one in another folder
                    self._tops.setdefault(name.lower(), found)

    def _own(self, found: "Distribution", path: "str") -> "None":
        self._count += 1
        if self._count <= MAX_FILES:
            self._owners[path] = found
            if not path.startswith(f"{found.site}/"):
                self._outside.append((path, found))

    def _record(self, found: "Distribution", text: "str") -> "None":
        """Each file of RECORD: whose it is, and whether it is there in the size that it had."""
        remedy = reinstalling(found)
        try:
            rows = list(csv.reader(text.splitlines()))
        except csv.Error as problem:
            self._add(found, Kind.FILE, "record", Row(self._shown(f"{found.folder}/RECORD")), f"is no list: {problem}", remedy)
            return
        for row in rows:
            if not row or not row[0] or row[0].endswith(".pyc"):
                continue
            path = f"{found.site}/{row[0]}"
            if ".." in row[0] or row[0][0] in "/." or "//" in row[0] or "\\" in row[0]:
                named = row[0].replace("\\", "/")
                if self._is_target:  # where pip has written what it would be in another folder
                    named = named.replace("../", "")
                path = posixpath.normpath(posixpath.join(found.site, named))
            self._own(found, path)
            if path.endswith(".py") and len(found.sources) < MAX_SOURCES:
                found.sources.append(path)
            try:
                status = os.lstat(self._disk.place(path))
                if stat.S_ISLNK(status.st_mode):
                    status = os.lstat(self._disk.root._inside(path))
            except (OSError, ValueError) as problem:
                self._missing(found, path, problem, remedy)
                continue
            size = row[2] if len(row) > 2 else ""
            if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
                self._add(found, Kind.FILE, "file", Row(self._shown(path)), "is not a regular file", remedy)
            elif size.isdecimal() and len(size) < 19 and int(size) != status.st_size and stat.S_ISREG(status.st_mode):
                text = "has another size than RECORD says: it was changed after it was installed (stripped, patched or edited)"
                self._add(found, Kind.REMARK, "size", Row(self._shown(path)), text)

    def _missing(self, found: "Distribution", path: "str", problem: "Exception", remedy: "str") -> "None":
        """A file of RECORD that cannot be had; without tests and documents everything works."""
        words = self._shown(path).split("/")
        row = Row(self._shown(path))
        is_module = words[-1].endswith((".py", ".so", ".pyd", ".dll", ".dylib")) or ".so." in words[-1]
        is_needed = is_module and not {"test", "tests", "testing", "examples", "docs"} & set(words)
        if isinstance(problem, (FileNotFoundError, NotADirectoryError)):
            kind = Kind.FILE if is_needed else Kind.REMARK
            self._add(found, kind, "missing", row, "is listed in RECORD and is not there", remedy if is_needed else "")
        else:
            self._add(found, Kind.FILE, "file", row, f"cannot be read: {_words(problem)}")

    def _find_duplicates(self) -> "None":
        names: dict[tuple[str, str], list[Distribution]] = {}
        for one in self.found:
            names.setdefault((one.site, canonicalize_name(one.name)), []).append(one)
        for same in names.values():
            for one in same[1:]:
                text = f"is there beside {posixpath.basename(same[0].folder)}: the same distribution is installed twice"
                remedy = f"`python -m pip uninstall {one.name}` until there is none, then install it again"
                # Distributors ship the metadata of one version in two forms.
                kind = Kind.REMARK if one.version == same[0].version else Kind.FILE
                self._add(one, kind, "duplicate", Row(posixpath.basename(one.folder)), text, remedy)

    # Machine code

    def _walk(self, site: "str") -> "None":
        """Look at every file below a site that may be machine code; links to folders are not followed."""
        waiting = [site]
        while waiting and self._count <= 2 * MAX_FILES:
            folder = waiting.pop()
            try:
                with os.scandir(self._disk.place(f"{folder}/.")) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
                self._count += len(entries)
                for entry in entries:
                    self._entry(f"{folder}/{entry.name}", entry, waiting)
            except (OSError, ValueError) as problem:
                row = Row(self._shown(folder))
                self._add(self._owner(f"{folder}/x"), Kind.FILE, "file", row, f"cannot be read: {_words(problem)}")

    def _entry(self, path: "str", entry: "os.DirEntry[str]", waiting: "list[str]") -> "None":
        if entry.is_symlink():
            mode = self._disk.mode(path)
            if not mode:
                leads = _leads_to(self._disk, path)
                text = "is a broken link: it leads to {need}, which is not there"
                self._add(self._owner(path), Kind.FILE, "link", Row(self._shown(path), leads), text)
            elif stat.S_ISREG(mode):
                self._look(path, self._owner(path))
        elif entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                waiting.append(path)
        elif not entry.is_file(follow_symlinks=False):
            if path not in self._owners:  # else RECORD has named it
                self._add(self._owner(path), Kind.REMARK, "file", Row(self._shown(path)), "is not a regular file")
        elif entry.name.rpartition(".")[2].lower() not in _TEXTS:
            self._look(path, self._owner(path))

    def _owner(self, path: "str") -> "Distribution":
        found = self._owners.get(path)
        if found is not None or not self._tops:
            return found or self._nobody
        site = next(site for site in self._environment.sites if path.startswith(f"{site}/"))
        top = path[len(site) + 1 :].partition("/")[0].partition(".")[0]
        return self._tops.get(f"{site}/{top}".lower(), self._tops.get(top.lower(), self._nobody))

    def _look(self, path: "str", owner: "Distribution") -> "None":
        """Read a file if it is machine code."""
        shown = self._shown(path)
        try:
            with self._disk.opened(path) as file:
                head = file.read(_HEAD)
                if head[:4] == b"\x7fELF":
                    # The first bytes hold the sizes of everything, and mostly the build's own number.
                    binary = wheelfile.read_binary(file, shown, (zlib.crc32(head), file.seek(0, 2)))
                    if binary is not None:
                        owner.binaries.append(replace(binary, place=placed(self._disk.real(path))))
                    return
        except FileNotFoundError:
            return  # RECORD has named it
        except (elffile.ElfError, OSError, ValueError) as problem:
            self._add(owner, Kind.FILE, "file", Row(shown), f"cannot be read: {_words(problem)}", reinstalling(owner))
            return
        foreign = read_foreign(head, shown)
        if foreign is not None:
            owner.foreign.append(foreign)
        elif re.search(r"\.so(\.[0-9]+)*$", shown) and not head.lstrip().startswith(_LINKER_SCRIPTS):
            what = "a pointer of Git LFS, without the file itself" if head.startswith(_LFS) else "no machine code"
            text = f"is named as a shared library and is {what if head else 'empty'}"
            self._add(owner, Kind.FILE, "elf", Row(shown), text, reinstalling(owner))


def placed(real: "str") -> "str":
    """A path of the root as the loader's model has it: seen from where it puts site-packages."""
    return "../" * loader.SITE.count("/") + real.lstrip("/")


def real_place(binary: "Binary") -> "str":
    """The path in the root of an ELF file."""
    return "/" + binary.place.removeprefix("../" * loader.SITE.count("/"))


def reinstalling(found: "Distribution") -> "str":
    """The command that installs a distribution anew; nothing for files that belong to none."""
    if not found.name:
        return ""
    version = f"=={found.version}" if found.version else ""
    return f"install it again: `python -m pip install --force-reinstall --no-deps {found.name}{version}`"


def _unreadable(path: "str", problem: "Exception") -> "findings.Finding":
    return Finding(Kind.FILE, "file", (Row(path),), "", f"cannot be read: {_words(problem)}")


def _words(problem: "Exception") -> "str":
    return problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)


def _header(text: "str", *, ends: "bool" = True) -> "dict[str, list[str]]":
    """The fields of a header by name in lower case, up to the first empty line, or with *ends* False of all lines."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if ends and not line.strip():
            break
        name, colon, value = line.partition(":")
        if colon and not line.startswith((" ", "\t")):
            found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


# Headers of machine code for other systems

#: cputype of Mach-O, Machine of PE -> the architecture as wheels for that system name it. Sources: mach/machine.h; PE format, 3.3.1.
_MACH = {7: "i386", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64", 18: "ppc", 0x01000012: "ppc64"}
_PE = {0x014C: "win32", 0x8664: "win_amd64", 0xAA64: "win_arm64", 0x01C4: "win_arm32"}


def read_foreign(head: "bytes", path: "str") -> "Foreign | None":
    """What the first bytes of a file of machine code show; None where it is none, or a program of Windows, which wheels bring along
    as a template of their scripts."""
    magic = head[:4]
    if magic in {b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf"}:
        mark = "<" if magic[1:] == b"\xfa\xed\xfe" else ">"
        return Foreign(path, "Darwin", (_arch(_MACH, *struct.unpack_from(f"{mark}I", head.ljust(8, b"\0"), 4)),))
    if magic == b"\xca\xfe\xba\xbe":
        count = int.from_bytes(head[4:8], "big")
        if not 0 < count < 20:  # a class of Java begins so, too, with the version of its format
            return None
        types = [int.from_bytes(head[8 + 20 * i : 12 + 20 * i], "big") for i in range(count) if len(head) >= 12 + 20 * i]
        return Foreign(path, "Darwin", tuple(dict.fromkeys([_arch(_MACH, kind) for kind in types])))
    if magic[:2] == b"MZ" and not path.lower().endswith(".exe"):
        start = int.from_bytes(head[0x3C:0x40], "little")
        if head[start : start + 4] == b"PE\0\0":
            return Foreign(path, "Windows", (_arch(_PE, int.from_bytes(head[start + 4 : start + 6], "little")),))
        return None
    return Foreign(path, "Emscripten", ("wasm32",)) if magic == b"\0asm" else None


def _arch(table: "dict[int, str]", number: "int") -> "str":
    return table.get(number, f"machine {number:#x}")
