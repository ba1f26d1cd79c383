"""The commands: each takes its options and returns an exit code."""

from __future__ import annotations

import json

from .. import _errors, _explain, _target, _wheel
from .. import _machines as _machine_table
from . import names, options, output, report

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from .._target import Target

#: Malformed names that are shown; the others are counted.
_SHOWN_MALFORMED = 3


def main(words: list[str]) -> int:
    """Run the command that *words* name; its exit code."""
    try:
        command, rest = options.split(words)
        return _COMMANDS[command](options.parser(command).parse_args(rest))
    except SystemExit as done:  # how argparse ends --help and its errors
        return done.code if isinstance(done.code, int) else 2


def _platform_tags(given: argparse.Namespace) -> int:
    if given.root is not None and given.python_version is None and given.format == "lines":
        given.python_version = "3"  # platform tags do not depend on the Python, and an image may have none
    target = options.target_of(given)
    return _print_tags(target, list(target.platform_tags), given)


def _tags(given: argparse.Namespace) -> int:
    target = options.target_of(given)
    return _print_tags(target, list(target.triples), given)


def _print_tags(target: Target, lines: list[str], given: argparse.Namespace) -> int:
    if given.format != "lines" and given.json:
        raise output.UsageError("--format and --json cannot be combined; use one of them")
    if given.format != "lines":
        output.print_text(options.FORMATS[given.format](target))
    elif given.json:
        output.print_text(json.dumps(lines))
    else:
        output.print_lines(lines)
    return 0


def _probe(given: argparse.Namespace) -> int:
    target = options.target_of(given, thorough=True)
    output.print_text(target.to_json() if given.json else report.describe(target, output.columns()))
    return 0


def _machines(given: argparse.Namespace) -> int:
    if given.python_version is not None and given.fits is None:
        raise output.UsageError("--python-version needs --fits")
    if given.fits is None:
        known = list(_machine_table.machines().values())
        output.print_text(report.machines_to_json(known) if given.json else report.describe_machines(known, output.columns()))
        return 0
    wheels = [names.wheel_name(word) for word in given.fits]
    fitting = _target.machines_fitting(wheels, given.python_version)
    if given.json:
        output.print_text(report.fitting_to_json(wheels, fitting))
    else:
        output.print_lines(report.describe_fitting(wheels, fitting))
    return 0 if all(any(wheel in found for found in fitting.values()) for wheel in wheels) else 1


def _check_names(given: argparse.Namespace) -> None:
    if not given.names and getattr(given, "project", None) is None:
        raise output.UsageError("no wheels given; pass filenames, or '-' to read them from standard input")
    if given.index_url is not None and given.project is None:
        raise output.UsageError("--index-url needs --project")


def _rank(given: argparse.Namespace) -> int:
    _check_names(given)
    target = options.target_of(given)
    found = names.Names(given, target)
    best = _Best(target, given.top)
    malformed: list[_errors.InvalidWheelName] = []
    refused = 0
    for name in found:
        try:
            rank = target.rank(name)
        except _errors.InvalidWheelName as problem:
            refused += 1
            if refused <= _SHOWN_MALFORMED:
                malformed.append(problem)
            continue
        if rank is not None:
            best.add(name, rank)
    rows = best.rows()
    if given.json:
        triples = target.triples
        output.print_text(json.dumps([{"name": name, "rank": rank, "tag": triples[rank]} for name, rank in rows]))
    else:
        output.print_lines([name for name, _ in rows])
    found.report()
    _report_malformed(malformed, refused, found.count)
    if rows:
        return 0
    return 2 if refused == found.count and refused else 1


def _report_malformed(problems: Iterable[_errors.InvalidWheelName], refused: int, count: int) -> None:
    if refused:
        output.print_error(f"invalid wheel filenames: {refused} of {count}; for example:")
        for problem in problems:
            output.print_error(f"  {problem}")


class _Best:
    """The wheels that fit, in the order of an installer: project by project, the newest version first, then the best tag.

    Pre-releases come after all final releases, which installers prefer. Only the best *top* are kept; None: all.
    """

    def __init__(self, target: Target, top: int | None) -> None:
        self._target, self._top = target, top
        self._rows: list[tuple[str, int]] = []
        #: project -> its place in the order of their first names
        self._projects: dict[str, int] = {}
        self._count = 0

    def add(self, name: str, rank: int) -> None:
        self._rows.append((name, rank))
        project = _normal(name)
        if project not in self._projects:
            self._projects[project] = self._count = self._count + 1
        if self._top is not None and len(self._rows) >= 2 * self._top + 1000:
            self._rows = self.rows()
            kept = {_normal(name) for name, _ in self._rows}
            self._projects = {name: place for name, place in self._projects.items() if name in kept}

    def rows(self) -> list[tuple[str, int]]:
        """(name, rank), the best first."""
        from packaging.version import Version

        def order(row: tuple[str, int]) -> tuple[int, bool, Version]:
            version = Version(row[0].split("-")[1])
            return -self._projects[_normal(row[0])], not version.is_prerelease, version

        # Stable sorts, the least important first. For one version and tag, the higher build number comes first.
        rows = sorted(self._rows, key=lambda row: _wheel.build_of(row[0]), reverse=True)
        rows.sort(key=lambda row: row[1])
        rows.sort(key=order, reverse=True)
        return rows[: self._top]


def _normal(name: str) -> str:
    """The project of a wheel's filename, normalized."""
    from packaging.utils import canonicalize_name

    return canonicalize_name(name.partition("-")[0])


def _explain_names(given: argparse.Namespace) -> int:
    _check_names(given)
    judge = _explain.Judge(options.target_of(given))
    found = names.Names(given, judge.target)
    verdicts = [judge.judge(name) for name in found]
    misses = _explain.nearest_first([verdict for verdict in verdicts if isinstance(verdict, _explain.Mismatch)])
    matches = [verdict for verdict in verdicts if isinstance(verdict, _explain.Match)]
    matches.sort(key=lambda match: match.rank)
    if given.json:
        output.print_text(report.verdicts_to_json(matches, misses, judge.target))
    else:
        lines = [str(match) for match in matches]
        for miss in misses:
            lines += [str(miss), *([f"  {miss.hint}"] if miss.hint else [])]
        if len(misses) > 1 and not matches:
            lines += ["", report.summary(misses, judge.target)]
        output.print_lines(lines)
    found.report()
    if not misses:
        return 0 if matches else 1
    return 1 if matches or misses[0].reason is not _explain.Reason.MALFORMED else 2


def _check(given: argparse.Namespace) -> int:
    from . import checking

    return checking.run(given)


def _audit(given: argparse.Namespace) -> int:
    from . import auditing

    return auditing.run(given)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "": _platform_tags,
    "tags": _tags,
    "probe": _probe,
    "machines": _machines,
    "rank": _rank,
    "explain": _explain_names,
    "check": _check,
    "audit": _audit,
}
