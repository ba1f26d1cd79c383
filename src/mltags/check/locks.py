"""What a lock says: its packages with their files, and which packages an environment needs (R16).

Locks are untrusted text: sizes are bounded, and whatever is wrong is an ``InvalidSubject`` that names the package and the part. Nothing
that a lock refers to is contacted or opened, except files that a requirement file includes.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from .. import _local, _saved
from . import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .._target import Target

    #: Whether something holds; None: it does on some patch releases of the target's Python only.
    Truth = bool | None

#: Largest file that is read as a lock. The largest in public repositories have a tenth of this size.
MAX_LOCK = 32 << 20

#: A number that Python may refuse to read or to write.
_LONG_NUMBER = re.compile("[0-9]{1000}")
_HASH = re.compile(r"[a-z0-9_]+:[0-9a-fA-F]+")


@dataclass(frozen=True, slots=True)
class File:
    """A wheel or a source distribution, by its name; ``requires_python`` and ``yanked`` are what an index says."""

    name: str
    hashes: tuple[str, ...] = ()
    requires_python: str = ""
    yanked: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a lock.

    * ``version``: empty if the files are of several versions; then the newest that fits is chosen, as pip does.
    * ``source``: why its files are unknown (git, a path, a pin without an index); empty if they are known.
    * ``marker``, ``requires_python``: those of the package itself; empty if there are none. Alternatives of the latter are separated by
      ``||``.
    * ``wanted``: the versions that a requirement file allows; ``allowed``: the hashes; empty if any will do.
    * ``missing``: why an index has no files for it, if there is a special reason.
    """

    name: str
    version: str = ""
    wheels: tuple[File, ...] = ()
    sdists: tuple[File, ...] = ()
    source: str = ""
    marker: str = ""
    requires_python: str = ""
    wanted: str = ""
    allowed: tuple[str, ...] = ()
    missing: str = ""
    names: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple([wheel.name for wheel in self.wheels]))


@lru_cache(1024)
def _parse_marker(text: str) -> Marker:
    return Marker(text)


@lru_cache(1024)
def parse_specifiers(text: str) -> SpecifierSet:
    """*text* as version specifiers; each text is parsed once."""
    # Making a set may not read its versions yet, so a long number would fail later.
    if _LONG_NUMBER.search(text):
        raise InvalidSpecifier("a version has a number of more than 1,000 digits")
    return SpecifierSet(text)


#: Conditions on extras. uv writes ``extra == 'extra-4-demo-cpu'`` for extras that exclude each other; poetry writes plain names.
_EXTRA = re.compile(r"""extra\s*(==|!=)\s*(["'])([^"']*)\2""")
#: A marker that is always true, and one that never is.
_CONSTANT = {True: "python_version >= '0'", False: "python_version < '0'"}


def constant_extras(marker: str, active: set[str]) -> str:
    """*marker* with its conditions on extras replaced by their answers; the extras in *active* are wanted."""
    return _EXTRA.sub(lambda found: _CONSTANT[(found[3] in active) is (found[1] == "==")], marker)


class Markers:
    """Evaluates markers and version specifiers for a target, and remembers the answers (R15)."""

    def __init__(self, target: Target, extras: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
        self.environment: dict[str, str] = target.environment
        self.extras: frozenset[str] = frozenset(extras)
        self.groups: frozenset[str] = frozenset(groups)
        #: How markers name the active extras.
        self.extra_names: set[str] = set(self.extras)
        self.full: str = self.environment["python_full_version"].removesuffix("+")
        self.short: str = self.environment["python_version"]
        if "." not in self.short:
            self.full = ""  # unknown if the target is a list of tags for py3
        asked = getattr(target, "_asked", {})
        #: A declared Python is X.Y.0 for want of better knowledge; a Python that was asked knows its patch release.
        self._is_exact = (not callable(asked) and "python_full_version" in asked) or self.full != f"{self.short}.0"
        #: Markers that cannot be evaluated; they count as if they held.
        self.unknown: set[str] = set()
        self._memo: dict[tuple[str, str], Truth] = {}

    def holds(self, marker: str) -> Truth:
        """Whether *marker* holds. If it cannot be evaluated, it is added to ``unknown``, and the answer is True."""
        return self._ask("marker", marker, self._evaluate) if marker else True

    def takes(self, specifiers: str) -> Truth:
        """Whether this Python is among *specifiers*, alternatives of which are separated by ``||``."""
        return self._ask("python", specifiers, self._is_taken) if specifiers else True

    def takes_file(self, requires_python: str) -> Truth:
        """As :meth:`takes`, of the Requires-Python of a file on an index; one that is malformed excludes nothing, as with pip."""
        try:
            parse_specifiers(requires_python)
        except ValueError:  # an InvalidSpecifier, or a number that is too long
            return True
        return self.takes(requires_python)

    def _ask(self, kind: str, text: str, ask: Callable[[str, str], bool]) -> Truth:
        if (kind, text) not in self._memo:
            answers = {ask(text, full) for full in self._patches(text)}
            self._memo[kind, text] = answers.pop() if len(answers) == 1 else None
        return self._memo[kind, text]

    def _patches(self, text: str) -> Iterator[str]:
        """The full versions to try: the target's own; if its patch release is unknown, also those next to the versions that *text* names."""
        yield self.full
        if not self._is_exact and f"{self.short}." in text:
            named = {int(number) for number in re.findall(rf"\b{re.escape(self.short)}\.(\d{{1,3}})\b", text)}
            for number in sorted({near for patch in named for near in (patch - 1, patch, patch + 1)} | {999}):
                if number > 0:
                    yield f"{self.short}.{number}"

    def _evaluate(self, marker: str, full: str) -> bool:
        text = constant_extras(marker, self.extra_names)
        known: dict[str, Any] = dict(self.environment)
        if full != self.full:
            known |= {"python_full_version": full, "implementation_version": full}
        known |= {"extras": self.extras, "dependency_groups": self.groups}
        try:
            return _parse_marker(text).evaluate(known, context="lock_file")
        except Exception:  # a hostile marker may cause almost any error
            self.unknown.add(marker)
            return True

    def _is_taken(self, specifiers: str, full: str) -> bool:
        release = re.match(r"\d+(\.\d+)*", full)  # to installers 3.15.0a1 is 3.15.0
        return release is None or any(parse_specifiers(text).contains(release[0]) for text in specifiers.split("||"))


@dataclass
class Lock:
    """A lock that was read. ``requires_python`` and ``environments`` concern the whole lock."""

    kind: str
    subject: str
    packages: list[Package] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requires_python: str = ""
    environments: tuple[str, ...] = ()
    extras: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    default_groups: tuple[str, ...] = ()

    def needed(self, markers: Markers) -> Iterator[Truth]:
        """For each package, whether that environment needs it."""
        for package in self.packages:
            yield markers.holds(package.marker)

    def refuse(self, part: str, problem: str) -> NoReturn:
        """Raise the error that *part* of this lock is wrong."""
        raise report.InvalidSubject(report.redact(self.subject), report.redact(part), report.shown(problem, 500))

    def markers(self, target: Target, extras: Iterable[str], groups: Iterable[str] | None) -> Markers:
        """The environment of *target* with the extras and groups that are wanted of this lock; None: its default groups."""
        wanted = {canonicalize_name(extra) for extra in extras}
        chosen = set(self.default_groups if groups is None else groups)
        for part, names, known in (("extra", wanted, self.extras), ("group", chosen, self.groups)):
            unknown = sorted(names - known) if known is not None else []
            if unknown:
                problem = f"expected one of {', '.join(sorted(known))}" if known else f"it has no {part}s"
                self.refuse(f"{part} {unknown[0]}", problem)
        return Markers(target, wanted, chosen)


def refuse(subject: str, part: str, problem: str) -> NoReturn:
    """As :meth:`Lock.refuse`, before there is a lock."""
    Lock("", subject).refuse(part, problem)


def project_name(text: str) -> str:
    """The normalized form of a project's name; ``InvalidSubject`` if no project can have that name."""
    try:
        return canonicalize_name(text, validate=True)
    except ValueError:
        refuse(text, "project", "not the name of a project")


# Reading files and TOML


def read_text(path: str, limit: int = MAX_LOCK) -> str:
    """The text of a regular file; ``InvalidSubject`` if it is not a regular file, too large, or not text."""
    data = b""
    try:
        data = _local.read_regular(path, limit + 1)
        if len(data) > limit:
            refuse(path, "file", f"larger than {limit >> 20} MiB")
        return _saved.decoded(data)
    except UnicodeDecodeError:
        program = "; for a Python, use --python (check_environment)" if data.startswith((b"\x7fELF", b"MZ")) else ""
        refuse(path, "file", f"not a text in UTF-8 or UTF-16{program}")
    except OSError as problem:
        refuse(path, "file", problem.strerror or "not a regular file")


def parse_toml(text: str, subject: str) -> dict[str, Any]:
    """*text* parsed as TOML; the error says where it is malformed."""
    # A key of n parts takes time in proportion to n * n, and keys of locks have a few.
    if any(line.partition("=")[0].count(".") > 100 for line in text.splitlines()):
        refuse(subject, "TOML", "a key has more than 100 parts")
    # Python parses numbers of any length, and then cannot print them.
    if re.search("0[xob][0-9a-fA-F_]{1000}", text):
        refuse(subject, "TOML", "a number has more than 1,000 digits")
    if sys.version_info >= (3, 11):
        import tomllib
    else:  # pragma: no cover -- the one of the two that this Python has
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except RecursionError:
        refuse(subject, "TOML", "nested too deeply")
    except ValueError as problem:  # a TOMLDecodeError, or more digits than Python reads as a number
        refuse(subject, "TOML", str(problem))


class Tables:
    """Reads values from TOML tables and checks them; errors name the package and the key."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock

    def get(self, table: Mapping[str, Any], key: str, kind: type[Any], where: str) -> Any:
        """The value of *key*; an empty value of its *kind* if there is none."""
        value = table.get(key)
        if value is None:
            return kind()
        if not isinstance(value, kind):
            self.lock.refuse(f"{where}: {key}" if where else key, f"expected {_KINDS[kind]}")
        return value

    def tables(self, table: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
        """A list of tables."""
        values = self.get(table, key, list, where)
        for value in values:
            if not isinstance(value, dict):
                self.lock.refuse(f"{where}: {key}" if where else key, "expected a list of tables")
        return list(values)

    def name(self, table: Mapping[str, Any], where: str = "") -> str:
        """The normalized name of a package."""
        text = self.get(table, "name", str, where)
        try:
            return canonicalize_name(text, validate=True)
        except ValueError:
            self.lock.refuse(where or "package", f"name: '{report.shown(text)}' is not the name of a package")

    def version(self, table: Mapping[str, Any], where: str) -> str:
        """The version of a package; empty if it has none."""
        text: str = self.get(table, "version", str, where)
        try:
            return str(Version(text)) if text else ""
        except ValueError:
            self.lock.refuse(where, f"version: '{report.shown(text)}' is not a version")

    def marker(self, text: str, where: str) -> str:
        """*text*, if it is a well-formed marker."""
        try:
            if text:
                _parse_marker(_EXTRA.sub(_CONSTANT[True], text))
            return text
        except (ValueError, RecursionError):  # an InvalidMarker
            self.lock.refuse(where, f"marker: '{report.shown(text)}' is not an environment marker")

    def specifiers(self, text: str, where: str) -> str:
        """*text*, if it is a well-formed list of version specifiers."""
        try:
            parse_specifiers(text)
            return text
        except ValueError:  # an InvalidSpecifier, or a number that is too long
            self.lock.refuse(where, f"'{report.shown(text)}' is not a list of versions such as '>=3.9'")

    def file(self, table: Mapping[str, Any], where: str) -> File:
        """A file, named by the first of several possible keys."""
        for key in ("name", "filename", "file", "path", "url"):
            if key in table:
                location = self.get(table, key, str, where)
                return File(last_part(location), hashes_of([self.get(table, "hash", str, where)]))
        return File("")


_KINDS = {str: "a text", list: "a list", dict: "a table", bool: "true or false"}


def last_part(location: str) -> str:
    """The file's name at the end of a path or a URL."""
    if "://" in location:
        location = re.split(r"[?#]", location, maxsplit=1)[0].rpartition("/")[2]
        return last_part(unquote(location)) if "%" in location else location
    return location.replace("\\", "/").rpartition("/")[2]


def hashes_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Those of *texts* that are hashes such as ``sha256:...``."""
    return tuple([text for text in texts if _HASH.fullmatch(text)])


def direct_files(location: str, source: str) -> dict[str, Any]:
    """The fields of a package that is a single file or place. Only a wheel's filename shows whether it fits."""
    name = last_part(location)
    source = "from git" if location.startswith("git+") and source == "from a URL" else source
    return {"wheels": (File(name),)} if name.endswith(".whl") else {"source": source}


def tool_table(text: str | None, subject: str, tool: str) -> dict[str, Any]:
    """The table ``tool.NAME`` of a pyproject.toml."""
    table = parse_toml(text, f"pyproject.toml beside {subject}") if text else {}
    for key in ("tool", tool):
        table = table.get(key) or {}
        if not isinstance(table, dict):
            refuse(f"pyproject.toml beside {subject}", key, "expected a table")
    return table
