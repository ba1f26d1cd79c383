"""The distributions that are installed in an environment, and the files of each; read, never run.

Everything is looked up inside a root directory (``/``: this machine). Links are followed inside it and never lead out of it. Only
regular files are opened. What cannot be read is a finding, and the rest is still read.
"""

from __future__ import annotations

import csv
import os
import posixpath
import re
import stat
import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from ..audit import elffile, findings, loader, wheelfile
from . import folders

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..audit.wheelfile import Binary

    Version = tuple[int, ...]

Finding = findings.Finding
Kind = findings.Kind
Row = findings.Row

#: Bytes of RECORD.
MAX_RECORD = 64 << 20
#: Files of an environment that are looked at. The largest known have a quarter of a million.
MAX_FILES = 2_000_000
#: Python files of one distribution whose names are kept.
MAX_SOURCES = 4000
#: Bytes at the beginning of a file that are read to see what it is.
_HEAD = 1024

#: Endings of the names of files that hold no machine code.
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


class Foreign(NamedTuple):
    """A file of machine code that is not an ELF file: its ``system`` and its ``archs``, as wheels name them."""

    path: str
    system: str
    archs: tuple[str, ...]

    @property
    def machine(self) -> str:
        """System and processors in words."""
        return f"{SYSTEMS.get(self.system, self.system)} {' and '.join(self.archs)}".strip()


SYSTEMS = {"Darwin": "macOS", "Emscripten": "WebAssembly"}


@dataclass
class Distribution:
    """An installed distribution. One without a name stands for the files that belong to none.

    ``folder``: that of its metadata; ``tags``: the Tag lines of WHEEL; ``binaries``, ``foreign``: its machine code; ``findings``: what
    is wrong with it on every target; ``sources``: its Python files below site-packages; ``lost``: names of files that RECORD lists
    and that are missing; ``is_target``: whether ``pip install --target`` put it there.
    """

    name: str
    version: str = ""
    site: str = ""
    folder: str = ""
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    note: str = ""
    binaries: list[Binary] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)
    findings: list[findings.Finding] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    is_target: bool = False


# Distributions and their files


def read(
    disk: folders.Disk, environment: folders.Environment, progress: Callable[[str, int, int], None] | None = None
) -> list[Distribution]:
    """The distributions of an environment by name, then one without a name if there are files that belong to none.

    *progress* is called with (name, distributions done, of distributions).
    """
    return _Reader(disk, environment).read(progress)


class _Reader:
    """Reads the distributions and files of one environment."""

    def __init__(self, disk: folders.Disk, environment: folders.Environment) -> None:
        self.disk, self.environment = disk, environment
        self._is_target = environment.kind == "folder" and environment.prefix in environment.sites
        self.found: list[Distribution] = []
        self.nobody = Distribution("")
        #: path -> its distribution; name below a site -> the distribution, if that has no list of its files
        self.owners: dict[str, Distribution] = {}
        self.tops: dict[str, Distribution] = {}
        self.outside: list[tuple[str, Distribution]] = []
        self._count = 0
        self._rows: dict[tuple[str, Kind, str, str, str, str], list[Row]] = {}

    def read(self, progress: Callable[[str, int, int], None] | None) -> list[Distribution]:
        listed = [
            (site, name)
            for site in self.environment.sites
            for name in self._listing(site)
            if name.lower().endswith(folders.INFOS) or name.endswith((".pth", ".egg-link"))
        ]
        for done, (site, name) in enumerate(listed):
            if progress:
                progress(name.partition("-")[0], done, len(listed))
            if name.endswith((".pth", ".egg-link")):
                self._name_path(site, name)
            else:
                self._distribution(site, name)
        _Walk(self).walk()
        self._find_duplicates()
        for (folder, kind, rule, text, remedy, _), rows in self._rows.items():
            owner = next((one for one in self.found if one.folder == folder), self.nobody)
            owner.findings.append(Finding(kind, rule, tuple(rows), "", text, remedy))
        ordered = sorted(self.found, key=lambda one: (canonicalize_name(one.name), one.version))
        nobody = self.nobody
        return [*ordered, nobody] if nobody.binaries or nobody.foreign or nobody.findings else ordered

    def _listing(self, site: str) -> list[str]:
        try:
            return sorted(os.listdir(self.disk.place(f"{site}/.")))
        except (OSError, ValueError) as problem:
            self.environment.findings.append(folders.unreadable(self.shown(site), problem))
            return []

    def shown(self, path: str) -> str:
        """A path as findings show it: relative to its site-packages, or else to the environment."""
        for site in self.environment.sites:
            if path.startswith(f"{site}/"):
                return path[len(site) + 1 :]
        return path.removeprefix(self.environment.prefix.rstrip("/") + "/")

    def add(self, owner: Distribution, kind: Kind, rule: str, row: Row, text: str, remedy: str = "") -> None:
        rows = self._rows.setdefault((owner.folder, kind, rule, text, remedy, row.need), [])
        if len(rows) < folders.MAX_ROWS:
            rows.append(row)

    # Metadata

    def _name_path(self, site: str, name: str) -> None:
        """Note what a ``.pth`` file or an ``.egg-link`` adds to ``sys.path``; it is not followed."""
        lines = [line.strip() for line in (self.disk.text(f"{site}/{name}") or "").splitlines()]
        added = [line for line in lines if line and not line.startswith(("#", "import ", "import\t")) and line != "."]
        if name.endswith(".egg-link"):
            added = added[:1]
        if added:
            shown = ", ".join(added[:3]) + (f" and {len(added) - 3} more" if len(added) > 3 else "")
            self.environment.notes.append(f"{name} adds {shown} to sys.path, which is not looked at")

    def _distribution(self, site: str, name: str) -> None:
        folder = f"{site}/{name}"
        is_folder = self.disk.is_folder(folder)
        if name.startswith("~"):
            text = "is what an interrupted pip left behind; it may be deleted"
            self.environment.findings.append(Finding(Kind.REMARK, "metadata", (Row(name),), "", text))
            return
        files = ("METADATA", "PKG-INFO") if name.lower().endswith(".dist-info") else ("PKG-INFO", "METADATA")
        texts = [self.disk.text(f"{folder}/{file}") for file in files] if is_folder else [self.disk.text(folder)]
        fields = wheelfile.header(next((text for text in texts if text), ""))
        stem = name.rpartition(".")[0].split("-")
        project, version = "".join(fields.get("name", [])[:1]), "".join(fields.get("version", [])[:1])
        found = Distribution(project or stem[0], version or "".join(stem[1:2]), site, folder, is_target=self._is_target)
        self.found.append(found)
        if not project:
            text = f"has no {files[0]} with a name in it, so tools do not see that it is installed"
            self.add(found, Kind.FILE, "metadata", Row(name), text, reinstalling(found))
        wheel = wheelfile.header(self.disk.text(f"{folder}/WHEEL") or "", ends=False)
        found.tags = tuple(dict.fromkeys(wheel.get("tag", [])))
        found.requires = wheelfile.required(fields.get("requires-dist", []))
        direct = self.disk.text(f"{folder}/direct_url.json") or ""
        if re.search(r'"editable":\s*true', direct):
            url = re.search(r'"url":\s*"([^"]*)"', direct)
            found.note = f"an editable install of {url[1] if url else 'another folder'}, which is not looked at"
        record = self.disk.text(f"{folder}/RECORD", MAX_RECORD) if is_folder else None
        if record is not None:
            self._record(found, record)
        else:
            self._guess_files(found)

    def _guess_files(self, found: Distribution) -> None:
        """Find the files of a distribution without RECORD: from an egg's own list, or by the names of its top-level packages."""
        listed = self.disk.text(f"{found.folder}/installed-files.txt", MAX_RECORD)
        for line in (listed or "").splitlines():
            self._own(found, posixpath.normpath(f"{found.folder}/{line.strip()}"))
        if listed is None:
            named = (self.disk.text(f"{found.folder}/top_level.txt") or found.name.replace("-", "_")).split()
            for top in named:
                for name in (f"{found.site}/{top}", top):  # Debian keeps parts of a package in another folder
                    self.tops.setdefault(name.lower(), found)

    def _own(self, found: Distribution, path: str) -> None:
        self._count += 1
        if self._count <= MAX_FILES:
            self.owners[path] = found
            if not path.startswith(f"{found.site}/"):
                self.outside.append((path, found))

    def _record(self, found: Distribution, text: str) -> None:
        """Read RECORD: note the owner of each file, and whether the file is there with the size that it had."""
        remedy = reinstalling(found)
        try:
            rows = list(csv.reader(text.splitlines()))
        except csv.Error as problem:
            self.add(found, Kind.FILE, "record", Row(self.shown(f"{found.folder}/RECORD")), f"is no list: {problem}", remedy)
            return
        for row in rows:
            if not row or not row[0] or row[0].endswith(".pyc"):
                continue
            path = place = f"{found.site}/{row[0]}"
            if ".." in row[0] or row[0][0] in "/." or "//" in row[0] or "\\" in row[0]:
                named = row[0].replace("\\", "/")
                if self._is_target:  # pip writes the paths that the files would have in another folder
                    named = named.replace("../", "")
                path = posixpath.normpath(posixpath.join(found.site, named))
            self._own(found, path)
            if path.endswith(".py") and path == place and len(found.sources) < MAX_SOURCES:
                found.sources.append(path)
            try:
                status = os.lstat(self.disk.place(path))
                if stat.S_ISLNK(status.st_mode):
                    status = os.lstat(self.disk.root._inside(path))
            except (OSError, ValueError) as problem:
                self._missing(found, path, problem, remedy)
                continue
            size = row[2] if len(row) > 2 else ""
            if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
                self.add(found, Kind.FILE, "file", Row(self.shown(path)), "is not a regular file", remedy)
            elif size.isdecimal() and len(size) < 19 and int(size) != status.st_size and stat.S_ISREG(status.st_mode):
                text = "has another size than RECORD says: it was changed after it was installed (stripped, patched or edited)"
                self.add(found, Kind.REMARK, "size", Row(self.shown(path)), text)

    def _missing(self, found: Distribution, path: str, problem: Exception, remedy: str) -> None:
        """A file of RECORD that is missing or cannot be read. Tests and documents are not needed."""
        words = self.shown(path).split("/")
        row = Row(self.shown(path))
        is_module = words[-1].endswith((".py", ".so", ".pyd", ".dll", ".dylib")) or ".so." in words[-1]
        is_needed = is_module and not {"test", "tests", "testing", "examples", "docs"} & set(words)
        if isinstance(problem, (FileNotFoundError, NotADirectoryError)):
            kind = Kind.FILE if is_needed else Kind.REMARK
            found.lost.add(words[-1])
            self.add(found, kind, "missing", row, "is listed in RECORD, but is missing", remedy if is_needed else "")
        else:
            self.add(found, Kind.FILE, "file", row, f"cannot be read: {folders.words_of(problem)}")

    def _find_duplicates(self) -> None:
        names: dict[tuple[str, str], list[Distribution]] = {}
        for one in self.found:
            names.setdefault((one.site, canonicalize_name(one.name)), []).append(one)
        for same in names.values():
            for one in same[1:]:
                text = f"is there beside {posixpath.basename(same[0].folder)}: the same distribution is installed twice"
                remedy = f"`python -m pip uninstall {one.name}` until there is none, then install it again"
                # Linux distributions ship the metadata of one version in two forms.
                kind = Kind.REMARK if one.version == same[0].version else Kind.FILE
                self.add(one, kind, "duplicate", Row(posixpath.basename(one.folder)), text, remedy)


class _Walk:
    """Looks for machine code below the sites of an environment, and in files that RECORD lists elsewhere."""

    def __init__(self, reader: _Reader) -> None:
        self._reader, self._disk, self._environment = reader, reader.disk, reader.environment
        self._count = 0

    def walk(self) -> None:
        """Give each file of machine code to its owner."""
        for site in self._environment.sites:
            self._walk(site)
        for path, owner in self._reader.outside:
            self._look(path, owner)

    def _walk(self, site: str) -> None:
        """Look at every file below a site that may be machine code. Links to folders are not followed."""
        waiting = [site]
        while waiting and self._count <= MAX_FILES:
            folder = waiting.pop()
            try:
                with os.scandir(self._disk.place(f"{folder}/.")) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
                self._count += len(entries)
                for entry in entries:
                    self._entry(f"{folder}/{entry.name}", entry, waiting)
            except (OSError, ValueError) as problem:
                row = Row(self._reader.shown(folder))
                self._reader.add(
                    self._owner(f"{folder}/x"), Kind.FILE, "file", row, f"cannot be read: {folders.words_of(problem)}"
                )

    def _entry(self, path: str, entry: os.DirEntry[str], waiting: list[str]) -> None:
        if entry.is_symlink():
            mode = self._disk.mode(path)
            if not mode:
                leads = folders.leads_to(self._disk, path)
                text = "is a broken link: it leads to {need}, which is not there"
                self._reader.add(self._owner(path), Kind.FILE, "link", Row(self._reader.shown(path), leads), text)
            elif stat.S_ISREG(mode):
                self._look(path, self._owner(path))
        elif entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                waiting.append(path)
        elif not entry.is_file(follow_symlinks=False):
            if path not in self._reader.owners:  # otherwise RECORD has named it
                self._reader.add(self._owner(path), Kind.REMARK, "file", Row(self._reader.shown(path)), "is not a regular file")
        elif entry.name.rpartition(".")[2].lower() not in _TEXTS:
            self._look(path, self._owner(path))

    def _owner(self, path: str) -> Distribution:
        found = self._reader.owners.get(path)
        if found is not None or not self._reader.tops:
            return found or self._reader.nobody
        site = next(site for site in self._environment.sites if path.startswith(f"{site}/"))
        top = path[len(site) + 1 :].partition("/")[0].partition(".")[0]
        return self._reader.tops.get(f"{site}/{top}".lower(), self._reader.tops.get(top.lower(), self._reader.nobody))

    def _look(self, path: str, owner: Distribution) -> None:
        """Read a file if it is machine code."""
        shown = self._reader.shown(path)
        try:
            with self._disk.opened(path) as file:
                head = file.read(_HEAD)
                if head[:4] == b"\x7fELF":
                    # The first bytes hold the sizes of everything, and usually the build ID.
                    binary = wheelfile.read_binary(file, shown, (zlib.crc32(head), file.seek(0, 2)))
                    if binary is not None:
                        owner.binaries.append(replace(binary, place=placed(self._disk.real(path))))
                    return
        except FileNotFoundError:
            return  # RECORD has named it
        except (elffile.ElfError, OSError, ValueError) as problem:
            self._reader.add(
                owner, Kind.FILE, "file", Row(shown), f"cannot be read: {folders.words_of(problem)}", reinstalling(owner)
            )
            return
        foreign = read_foreign(head, shown)
        if foreign is not None:
            owner.foreign.append(foreign)
        elif text := wheelfile.misnamed(shown, head, "not machine code"):
            self._reader.add(owner, Kind.FILE, "elf", Row(shown), text, reinstalling(owner))


def placed(real: str) -> str:
    """A path of the root as a place in the loader's model: relative to where the model puts site-packages."""
    return "../" * loader.SITE.count("/") + real.lstrip("/")


def real_place(binary: Binary) -> str:
    """The path in the root of an ELF file."""
    return "/" + binary.place.removeprefix("../" * loader.SITE.count("/"))


def reinstalling(found: Distribution) -> str:
    """The command that installs a distribution again; empty for files that belong to none."""
    if not found.name:
        return ""
    version = f"=={found.version}" if found.version else ""
    where = "--target DIR --upgrade" if found.is_target else "--force-reinstall"
    return f"install it again: `python -m pip install {where} --no-deps {found.name}{version}`"


# Headers of machine code for other systems

#: cputype of Mach-O, Machine of PE -> the architecture as wheels for that system name it. Sources: mach/machine.h; PE format, 3.3.1.
_MACH = {7: "i386", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64", 18: "ppc", 0x01000012: "ppc64"}
_PE = {0x014C: "win32", 0x8664: "win_amd64", 0xAA64: "win_arm64", 0x01C4: "win_arm32"}


def read_foreign(head: bytes, path: str) -> Foreign | None:
    """What the first bytes of a file show about its machine code; None if it is not machine code, or is a program for Windows, which
    wheels contain as a template for scripts."""
    magic = head[:4]
    if magic in {b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf"}:
        mark = "<" if magic[1:] == b"\xfa\xed\xfe" else ">"
        return Foreign(path, "Darwin", (_arch(_MACH, *struct.unpack_from(f"{mark}I", head.ljust(8, b"\0"), 4)),))
    if magic == b"\xca\xfe\xba\xbe":
        count = int.from_bytes(head[4:8], "big")
        if not 0 < count < 20:  # a Java class begins with the same bytes, then the version of its format
            return None
        types = [int.from_bytes(head[8 + 20 * i : 12 + 20 * i], "big") for i in range(count) if len(head) >= 12 + 20 * i]
        return Foreign(path, "Darwin", tuple(dict.fromkeys([_arch(_MACH, kind) for kind in types])))
    if magic[:2] == b"MZ" and not path.lower().endswith(".exe"):
        start = int.from_bytes(head[0x3C:0x40], "little")
        if head[start : start + 4] == b"PE\0\0":
            return Foreign(path, "Windows", (_arch(_PE, int.from_bytes(head[start + 4 : start + 6], "little")),))
        return None
    return Foreign(path, "Emscripten", ("wasm32",)) if magic == b"\0asm" else None


def _arch(table: dict[int, str], number: int) -> str:
    return table.get(number, f"machine {number:#x}")
