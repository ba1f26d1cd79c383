"""Files by their names: lists of wheels, directories of them, and the pages of an index (PEP 503, PEP 691)."""

from __future__ import annotations

import json
import os
import re
import warnings
from typing import TYPE_CHECKING
from urllib.parse import unquote

from packaging.utils import canonicalize_name, parse_sdist_filename

from .. import _wheel
from . import locks, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Longest filename that is looked at. No file system has longer ones.
MAX_NAME = 255
#: How the names of source distributions end that installers accept.
SDISTS = (".tar.gz", ".zip")
#: What a project's folder may hold that can be checked.
_OF_PROJECTS = ("pylock.toml", "uv.lock", "poetry.lock", "requirements.txt", ".venv", "venv")
#: How many names a note repeats.
_MAX_NOTED = 3

#: The most files of a project. The largest projects have a fifth of this.
MAX_FILES = 100_000
#: The opening tag of a link, of bounded length, as a page of PEP 503 has it.
_LINK = re.compile(r"""<a\s(?:[^<>"']|"[^"]{0,4096}"|'[^']{0,4096}'){0,4096}>""", re.IGNORECASE)

Files = list[locks.File]


def parse_page(text: str, subject: str) -> Files:
    """The files on a page of an index, HTML (PEP 503) or JSON (PEP 691), read with pypi-simple.

    Raises:
        InvalidSubject: it is neither, or it names more files than any project has.
    """
    start = text[:200].lstrip()[:1]
    if start not in {"{", "<"}:
        locks.refuse(subject, "page", "expected a page of HTML (PEP 503) or JSON (PEP 691)")
    return _of_json(text, subject) if start == "{" else _of_html(text, subject)


def _of_json(text: str, subject: str) -> Files:
    from pypi_simple import ProjectPage, UnsupportedRepoVersionError

    try:
        table = json.loads(text)
        if not isinstance(table.get("files"), list):
            locks.refuse(subject, "files", "expected a list of files, as on a page of an index (PEP 691)")
        # Parsing a long name takes more time than its length suggests.
        table["files"] = [
            file
            for file in table["files"]
            if isinstance(file, dict) and isinstance(file.get("filename"), str) and len(file["filename"]) <= MAX_NAME
        ]
        _check_count(table["files"], subject)
        with warnings.catch_warnings():  # about a newer minor version of the format, which is compatible
            warnings.simplefilter("ignore")
            found = ProjectPage.from_json_data(table).packages
    except UnsupportedRepoVersionError as problem:
        locks.refuse(subject, "version", str(problem))
    except RecursionError:
        locks.refuse(subject, "JSON", "nested too deeply")
    except (ValueError, TypeError) as problem:  # JSON, a validation of pydantic's, a version
        if isinstance(problem, report.InvalidSubject):
            raise
        # Where pydantic found something wrong, it says so in a list.
        places = [".".join(map(str, error["loc"])) for error in getattr(problem, "errors", list)()]
        wrong = f"missing or malformed: {', '.join(places[:5])} (PEP 691)" if places else str(problem).partition("\n")[0]
        locks.refuse(subject, "JSON", wrong)

    return [
        locks.File(
            package.filename,
            locks.hashes_of([f"{name}:{value}" for name, value in package.digests.items()]),
            package.requires_python or "",
            package.is_yanked,
        )
        for package in found
    ]


def _of_html(text: str, subject: str) -> Files:
    from pypi_simple import parse_links_stream

    # Only the tags are parsed, so the time is in proportion to their length, whatever else is on the page.
    tags = [f"{tag[0]}</a>" for tag in _LINK.finditer(text)]
    _check_count(tags, subject)
    try:
        links = list(parse_links_stream(tags))
    except ValueError as problem:  # a malformed address
        locks.refuse(subject, "link", str(problem))
    found = []
    for link in links:
        location, _, fragment = link.url.partition("#")
        name = locks.last_part(unquote(location.partition("?")[0]))  # as pip; the link's text may be cut
        if 0 < len(name) <= MAX_NAME:
            hashes = locks.hashes_of([fragment.replace("=", ":", 1)])
            attributes = link.attrs
            found.append(locks.File(name, hashes, str(attributes.get("data-requires-python", "")), "data-yanked" in attributes))
    return found


def _check_count(files: Sequence[object], subject: str) -> None:
    if len(files) > MAX_FILES:
        locks.refuse(subject, "page", f"names more than {MAX_FILES:,} files")


def group(files: Iterable[locks.File], lock: locks.Lock, project: str | None = None) -> None:
    """Add a package to *lock* for each project among *files*, or for *project* only.

    Each package holds all versions. A note counts malformed names.
    """
    wheels: dict[str, Files] = {}
    sdists: dict[str, Files] = {}
    malformed = []
    for file in files:
        known = project_of(file.name)
        if known is None:
            malformed.append(file.name)
        elif known and (project is None or known == project):
            wheels.setdefault(known, [])
            (wheels if file.name.endswith(".whl") else sdists).setdefault(known, []).append(file)
    for name, found in wheels.items():
        lock.packages.append(locks.Package(name, wheels=tuple(found), sdists=tuple(sdists.get(name, ()))))
    _note(lock, "malformed", malformed)


def _note(lock: locks.Lock, what: str, names: list[str]) -> None:
    """Note the files that were passed over, if there are any."""
    if names:
        shown = ", ".join([report.shown(name, 80) for name in names[:_MAX_NOTED]])
        more = f" and {len(names) - _MAX_NOTED} more" if len(names) > _MAX_NOTED else ""
        lock.notes.append(f"passed over, {what}: {shown}{more}")


def project_of(name: str) -> str | None:
    """The normalized name of a file's project; None: malformed; empty: neither a wheel nor a source distribution."""
    if len(name) > MAX_NAME:
        return None
    if name.endswith(".whl"):
        wheel = _wheel.parsed_or_none(name)
        return None if wheel is None else canonicalize_name(wheel.project)
    if name.endswith(SDISTS):
        try:
            return parse_sdist_filename(name)[0]
        except ValueError:
            return None
    return ""


def read_names(names: Iterable[str], subject: str = "") -> locks.Lock:
    """Names of wheels and source distributions.

    Raises:
        InvalidWheelName: one is neither.
    """
    files = [locks.File(str(name)) for name in names]
    lock = locks.Lock("wheels", subject or (files[0].name if len(files) == 1 else f"{len(files)} files"))
    for file in files:
        if not project_of(file.name):
            _wheel.parse_wheel_name(file.name)  # which says what is wrong
    group(files, lock)
    return lock


def read_list(names: Iterable[str], subject: str = "") -> locks.Lock:
    """As :func:`read_names`, but other names are only noted, as for a directory.

    Raises:
        InvalidWheelName, InvalidSubject: there are no wheels and no source distributions.
    """
    found = list(names)
    known = {name: project_of(name) for name in found}
    good = [name for name in found if known[name] != ""]
    if not any(known.values()):
        odd = [name for name in found if known[name] is None] or ([] if subject else found)
        if odd and odd[0].endswith(".whl"):
            _wheel.parse_wheel_name(odd[0])
        if odd:
            locks.refuse(odd[0], "filename", "not the name of a wheel or a source distribution, such as demo-1.0.tar.gz")
        locks.refuse(subject or "names", "file", "holds no names of wheels or source distributions")
    lock = locks.Lock("wheels", subject or (good[0] if len(good) == 1 else f"{len(good)} files"))
    group([locks.File(name) for name in good], lock)
    _note(lock, "neither wheels nor source distributions", [name for name in found if known[name] == ""])
    return lock


def read_folder(path: str) -> locks.Lock:
    """The wheels and source distributions in a directory, but not in those below it."""
    lock = locks.Lock("wheels", path)
    try:
        names = sorted(os.listdir(path))
    except OSError as problem:
        locks.refuse(path, "directory", problem.strerror or "cannot be read")
    group([locks.File(name) for name in names if len(name) <= MAX_NAME], lock)
    if not lock.packages:
        other = next((f"; did you mean {os.path.join(path, name)}?" for name in _OF_PROJECTS if name in names), "")
        locks.refuse(path, "directory", f"holds no wheels and no source distributions{other}")
    return lock


def read_page(text: str, subject: str) -> locks.Lock:
    """A saved page of an index. Yanked files are passed over, because nothing pins them."""
    lock = locks.Lock("page", subject)
    files = parse_page(text, subject)
    group([file for file in files if not file.yanked], lock)
    if not lock.packages and any(file.yanked for file in files):
        locks.refuse(subject, "page", "all its files are yanked")
    if not lock.packages:
        locks.refuse(subject, "page", "names no wheels and no source distributions")
    return lock
