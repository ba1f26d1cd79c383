"""What wheels do to one another in one process: state of the C++ runtime, and libraries of one SONAME (PEP 600)."""

import re
from itertools import combinations, permutations

from . import findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .checks import Judgement
    from .wheelfile import Binary, Contents

Kind, Row = findings.Kind, findings.Row


def find_conflicts(wheels: "list[Contents]") -> "list[findings.Finding]":
    """The conflicts of every pair of *wheels*."""
    found = [finding for one, other in permutations(wheels, 2) for finding in _state_taken(one, other)]
    return found + [finding for one, other in combinations(wheels, 2) for finding in _same_names(one, other)]


def check_state(found: "Judgement", contents: "Contents") -> "None":
    """State of the C++ runtime that is exported, in whatever company."""
    for binary in filter(_exports_state, contents.binaries):
        names = _names(binary, binary.state)
        text = f"exports {names}, state of the C++ runtime that other wheels may take from the system"
        found.add(Kind.REMARK, "state", [Row(binary.path, ", ".join(sorted(binary.state)))], text)


def _state_taken(one: "Contents", other: "Contents") -> "list[findings.Finding]":
    """The state of the C++ runtime that a library of *one* exports, and that *other* takes from the system's libstdc++."""
    if "libstdc++.so.6" in {binary.soname for binary in other.binaries}:
        return []  # it brings its own
    found = []
    for binary in filter(_exports_state, one.binaries):
        users = [user for user in other.binaries if binary.state & user.taken]
        if not users:
            continue
        symbols = sorted(binary.state & {symbol for user in users for symbol in user.taken})
        likely = "each may see the other's value, or none"
        if any("once_call" in symbol for symbol in symbols):
            likely = "std::call_once of the one then finds the other's state empty, and likely crashes the process"
        more = f" (and {len(users) - 1} more)" if len(users) > 1 else ""
        text = (
            f"of {one.filename} exports {_names(binary, symbols)}, state of the C++ runtime that {users[0].path}{more} of "
            f"{other.filename} takes from the system's libstdc++.so.6: where both are imported, {likely}"
        )
        rows = (Row(binary.path, ", ".join(symbols)),)
        found.append(findings.Finding(Kind.CONFLICT, "state", rows, "libstdc++.so.6", text))
    return found


def _exports_state(binary: "Binary") -> "bool":
    """Whether a file exports state of the C++ runtime; a whole copy of libstdc++ does so for its own wheel alone."""
    return bool(binary.state) and not binary.soname.startswith("libstdc++")


def _names(binary: "Binary", symbols: "Iterable[str]") -> "str":
    return ", ".join([_plain(symbol) for symbol in sorted(symbols)]) + " (and the function __once_proxy)" * binary.proxy


def _same_names(one: "Contents", other: "Contents") -> "list[findings.Finding]":
    """Libraries that two wheels bundle under one SONAME, and that are not the same bytes."""
    found = []
    others = {binary.soname: binary for binary in _bundled(other)}
    for mine in _bundled(one):
        theirs = others.get(mine.soname, mine)
        if mine.checksum != theirs.checksum and not _is_unique(mine.soname):
            text = (
                f"of {one.filename} and {theirs.path} of {other.filename} are different libraries of one SONAME, "
                f"{mine.soname}: where both are imported, the first to be loaded serves both"
            )
            rows = (Row(mine.path, mine.soname),)
            found.append(findings.Finding(Kind.CONFLICT, "soname", rows, theirs.path, text))
    return found


def _bundled(wheel: "Contents") -> "list[Binary]":
    """The libraries in a wheel that other files in it need."""
    needed = {library for binary in wheel.binaries for library in binary.needed}
    return [binary for binary in wheel.binaries if binary.soname in needed]


def _is_unique(soname: "str") -> "bool":
    """Whether *soname* has what auditwheel puts into it to make it unique: a part of a checksum, ``libz-7f57503f.so.1.2.11``."""
    mark = soname.partition(".")[0].rpartition("-")[2]
    return len(mark) >= 8 and not mark.strip("0123456789abcdef")


def _plain(symbol: "str") -> "str":
    """A symbol in C++'s own words where it is a plain name of its standard library."""
    found = re.fullmatch("_ZSt([0-9]{1,4})([^0-9].*)", symbol)
    return f"std::{found[2]}" if found and int(found[1]) == len(found[2]) else symbol
