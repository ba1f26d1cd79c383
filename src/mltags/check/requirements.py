"""Requirement files, and what they include."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from . import locks, pages, report

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The most files that a requirement file may include.
MAX_INCLUDES = 100


NO_INDEX = "a pin names no files; ask an index for them (--index)"
UNPINNED = "it is not pinned"
#: Options that choose among files and are not followed -> what to use in their place. The rest concerns downloads and builds.
_PASSED = {
    **dict.fromkeys(
        ["--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--no-index"],
        "is not followed; --index asks the index of pip's configuration or of --index-url",
    ),
    "--only-binary": "is not followed; pass it to check as --only-binary",
    "--no-binary": "is not followed, so that wheels count",
}
_CHOOSING = re.compile(r"-[if]|--[a-z-]+")
#: Options that name another file or a project.
_OPTION = re.compile(r"(--requirement|--constraint|--editable|-r|-c|-e)(?:\s*=\s*|\s*)(.+)")
#: The start of a line that names a place instead of a project: a URL, or a path that cannot be a name.
_PLACE = re.compile(r"[A-Za-z][\w+.-]*://|[./~\\]|[A-Za-z]:[/\\]")


@dataclass
class _Requirements:
    """A requirement file and the local files below its folder that it includes, while they are being read."""

    lock: locks.Lock
    folder: str | None
    found: list[tuple[Requirement, tuple[str, ...], str]] = field(default_factory=list)
    constraints: dict[str, SpecifierSet] = field(default_factory=dict)
    read: int = 0

    def add(self, text: str, path: str, above: tuple[str, ...] = (), *, is_constraint: bool = False) -> None:
        """Add the lines of *text*, the content of the file *path*; *above*: the files that include it."""
        for number, line in _logical_lines(text):
            where = f"{os.path.basename(path)}, line {number}"
            option = _OPTION.match(line)
            if option and option[1] in {"-e", "--editable"}:
                if not is_constraint:
                    self._add_place(*_parted(option[2]), "an editable project", where)
            elif option:
                self._include(option[2], path, where, above, is_constraint=is_constraint or "c" in option[1][:3])
            elif not line.startswith("-"):
                self._add_line(line, where, is_constraint=is_constraint)
            elif (found := _CHOOSING.match(line)) and found[0] in _PASSED:
                self.lock.notes.append(f"{where}: {found[0]} {_PASSED[found[0]]}")

    def _include(self, name: str, path: str, where: str, above: tuple[str, ...], *, is_constraint: bool) -> None:
        name = name.strip("\"'")
        if "://" in name:
            self.lock.refuse(where, "files elsewhere are not fetched; include a local file")
        if self.folder is None:
            self.lock.refuse(where, "a text in hand cannot include files")
        wanted = os.path.realpath(os.path.join(os.path.dirname(path), name))
        if not wanted.startswith(self.folder + os.sep):
            self.lock.refuse(where, f"'{name}' is not below the folder of the first file")
        if wanted in (*above, os.path.realpath(path)):
            self.lock.refuse(where, f"'{name}' includes itself")
        self.read += 1
        if self.read > MAX_INCLUDES:
            self.lock.refuse(where, f"more than {MAX_INCLUDES} files are included")
        self.add(locks.read_text(wanted), wanted, (*above, os.path.realpath(path)), is_constraint=is_constraint)

    def _add_line(self, line: str, where: str, *, is_constraint: bool) -> None:
        text, *options = re.split(r"\s(?=--)", line)
        values = [option.removeprefix("--hash").lstrip("= ").strip() for option in options if option.startswith("--hash")]
        hashes = locks.hashes_of(values)
        if len(hashes) < len(values):
            self.lock.refuse(where, f"expected hashes such as --hash=sha256:0123, found '{report.shown(' '.join(values), 80)}'")
        location, marker = _parted(text)
        if _PLACE.match(location) or (location.endswith((".whl", *pages.SDISTS)) and "@" not in location):
            if not is_constraint:
                self._add_place(location, marker, "from a URL" if "://" in location else "from a path", where)
            return
        try:
            requirement = Requirement(text)
            locks.parse_specifiers(str(requirement.specifier))
        except (InvalidRequirement, InvalidSpecifier, RecursionError):
            self.lock.refuse(where, f"'{report.shown(text)}' is not a requirement such as 'demo==1.0'")
        if is_constraint:
            name = canonicalize_name(requirement.name)
            self.constraints[name] = self.constraints.get(name, SpecifierSet()) & requirement.specifier
        else:
            self.found.append((requirement, hashes, where))

    def _add_place(self, location: str, marker: str, source: str, where: str) -> None:
        """Add a path or a URL. A wheel is judged by its filename."""
        try:
            marker = str(Marker(marker)) if marker else ""
        except (InvalidMarker, RecursionError):
            self.lock.refuse(where, f"'{report.shown(marker)}' is not an environment marker")
        self.lock.packages.append(locks.Package(_project_at(location), marker=marker, **locks.direct_files(location, source)))
        # As pip does, look in the working directory. A text in hand may come from another machine.
        if self.folder is not None and "://" not in location and location.endswith(".whl") and not os.path.exists(location):
            self.lock.notes.append(f"{where}: there is no file {report.shown(location, 80)}, so pip would stop")

    def packages(self) -> list[locks.Package]:
        """The packages that the lines name, in order. Lines with the same project and marker make one package."""
        found: list[locks.Package] = []
        places: dict[tuple[str, str], int] = {}
        for requirement, hashes, where in self.found:
            name = canonicalize_name(requirement.name)
            wanted = requirement.specifier & self.constraints.get(name, SpecifierSet())
            marker = str(requirement.marker or "")
            if requirement.url:
                found.append(locks.Package(name, marker=marker, **locks.direct_files(requirement.url, "from a URL")))
                continue
            place = places.setdefault((name, marker), len(found))
            if place < len(found):
                both = self._merged(found[place], wanted, hashes, where)
                if both is not None:
                    found[place] = both
                    continue
            found.append(self._package(name, wanted, marker, hashes, where))
        return found

    def _package(self, name: str, wanted: SpecifierSet, marker: str, hashes: tuple[str, ...], where: str) -> locks.Package:
        pins = _pins(wanted)
        version = locks.Tables(self.lock).version({"version": pins[0]}, where) if pins else ""
        is_contradicted = bool(version) and not wanted.contains(version, prereleases=True)
        missing = f"its requirements contradict one another: {wanted}" if is_contradicted else ""
        source = "" if missing else NO_INDEX if pins else UNPINNED
        return locks.Package(name, version, (), (), source, marker, wanted=str(wanted), allowed=hashes, missing=missing)

    def _merged(self, first: locks.Package, wanted: SpecifierSet, hashes: tuple[str, ...], where: str) -> locks.Package | None:
        """*first* and another line about it as one package, as pip does; None if they pin different versions."""
        both = locks.parse_specifiers(first.wanted) & wanted
        if len({Version(locks.Tables(self.lock).version({"version": pin}, where)) for pin in _pins(both)}) > 1:
            return None
        common = tuple([value for value in first.allowed if value in hashes]) if first.allowed and hashes else ()
        if first.allowed and hashes and not common:
            self.lock.refuse(where, f"no hash of '{first.name}' is also in the line before that names it")
        return self._package(first.name, both, first.marker, common or first.allowed or hashes, where)


def _pins(wanted: SpecifierSet) -> list[str]:
    return sorted([pin.version for pin in wanted if pin.operator in {"==", "==="} and not pin.version.endswith(".*")])


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a requirement file with their numbers: continued lines are joined, comments and blank lines dropped."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start if joined else number
        # A comment starts a line or follows white space, and is never continued.
        plain = re.sub(r"(^|\s)#.*$", "", line)
        if plain == line and line.endswith("\\"):
            joined += line[:-1] + " "
            continue
        whole = (joined + plain).strip()
        joined = ""
        if whole:
            yield start, whole
    if joined.strip():
        yield start, joined.strip()


def _parted(text: str) -> tuple[str, str]:
    """A place and its marker. After a URL, which may contain semicolons, the separating one must be next to a space, as with pip."""
    location, *marker = re.split(r"\s+;|;\s+" if "://" in text else ";", text, maxsplit=1)
    return location.strip(), "".join(marker).strip()


def _project_at(location: str) -> str:
    """A name for a place: that of its ``#egg=``, or that of the archive, or its last part."""
    named = re.search(r"#egg=([\w.-]+)", location)
    if named:
        return canonicalize_name(named[1])
    path = re.sub(r"\[[^]]*\]$", "", location)
    if "://" in path:  # leave out credentials, and the revision of a repository
        path = unquote(re.sub(r"[?#].*", "", path.partition("://")[2].partition("/")[2]))
        path = (path.rpartition("@")[0] or path).rstrip("/").removesuffix(".git")
    name = locks.last_part(path.rstrip("/\\"))
    if name.endswith(".whl"):
        name = name.partition("-")[0]
    elif name.endswith(pages.SDISTS):
        name = pages.project_of(name) or name.removesuffix(".zip").removesuffix(".tar.gz")
    return canonicalize_name(re.sub(r"[^\w.-]", "", name).strip("._-")) or "unnamed"


def read_requirements(text: str, subject: str, beside: str | None = None) -> locks.Lock:
    """A requirement file; *beside*: its path, so that its ``-r`` and ``-c`` can be followed. ``${VAR}`` stays as it is."""
    lock = locks.Lock("requirements", subject)
    reader = _Requirements(lock, None if beside is None else os.path.dirname(os.path.realpath(beside)))
    reader.add(text, beside or subject)
    lock.packages += reader.packages()
    return lock
