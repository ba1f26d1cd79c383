"""Prints a report on environments for people: what is wrong, with which distributions, and what to do next, on one screen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..audit import findings
from . import report as _report

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ..audit.findings import Finding
    from .report import Column, Report, Row

#: How many groups of findings are shown, and how many names in a group, unless all are asked for.
MAX_GROUPS = 8
MAX_NAMES = 5


@dataclass
class _Group:
    """Rows of a report that have the same finding, and the finding of each."""

    finding: Finding
    rows: list[Row] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)

    @property
    def remedy(self) -> str:
        """The remedy. If its command names a distribution, it names all of them."""
        remedy = self.finding.remedy
        names = [_requirement(row) for row in self.rows]
        if f" {names[0]}`" not in remedy:
            names = [row.package for row in self.rows]
        shown = " ".join(names[:MAX_NAMES]) + (" ..." if len(names) > MAX_NAMES else "")
        return remedy.replace(f" {names[0]}`", f" {shown}`")

    @property
    def sentence(self) -> str:
        """The sentence of the first finding, and the number of other files in the group."""
        others = sum([len(finding.files) for finding in self.found]) - len(self.finding.files)
        more = f"; likewise {others} other file{'s' * (others != 1)}" if others else ""
        return f"{self.finding}{more}"


def print_report(report: Report, console: Console, *, all: bool = False) -> None:  # noqa: A002 -- as the option
    """Print *report* for people: what does not fit (everything if *all*), why, what to do, and a line for each target.

    >>> import mltags.check, rich.console
    >>> report = mltags.check.check_lock("demo==1.0", kind="requirements", targets={})
    >>> mltags.check.print_report(report, rich.console.Console())

    Every text of the report reaches rich as ``Text``, never as markup.
    """
    if report.kind != "environment":
        _report.print_report(report, console, all=all)
        return
    from rich.text import Text

    for column in report.columns:
        rows = [row for row in report.rows if row.target == column.name]
        for folder in dict.fromkeys([row.folder for row in rows]):
            chosen = [row for row in rows if row.folder == folder]
            _print_groups(console, folder, chosen, show_all=all)
        _print_column(console, column)
    for note in report.notes:
        _print(console, Text(f"note: {_report.shown(note, None)}"))


def _print_groups(console: Console, folder: str, rows: list[Row], *, show_all: bool) -> None:
    from rich.text import Text

    groups = _grouped(rows, show_all=show_all)
    notes = [row for row in rows if row.note]
    if folder and (groups or notes):
        _print(console, Text(_report.shown(folder), style="bold underline"))
    for group in groups if show_all else groups[:MAX_GROUPS]:
        mark, colour = ("·", "dim") if group.finding.kind is findings.Kind.REMARK else ("✗", "red")
        names = [row.title for row in group.rows]
        more = len(names) - MAX_NAMES
        shown = ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
        _print(console, Text.assemble((mark, colour), " ", (shown, "bold")))
        _print(console, Text(group.sentence), 4)
        if group.remedy:
            _print(console, Text.assemble(("→ ", "green"), _report.shown(group.remedy, None)), 4)
    if not show_all and len(groups) > MAX_GROUPS:
        _print(console, Text(f"{len(groups) - MAX_GROUPS} more findings; --all shows them"))
    for row in notes:
        _print(console, Text.assemble(("· ", "dim"), (row.title, "bold"), ": ", _report.shown(row.note, None)))
    if show_all:
        for row in rows:
            if not row.findings:
                _print(console, Text.assemble((f"{row.shape} ", "green"), (row.title, "bold"), ": ", row.text))


def _print_column(console: Console, column: Column) -> None:
    from rich.text import Text

    verdict = {True: "everything loads", False: "something is broken", None: column.verdict}[column.fits]
    _print(console, Text.assemble((_report.shown(column.name), "bold"), ": ", (verdict, column.looks[1]), ": ", column.details))


def _requirement(row: Row) -> str:
    return f"{row.package}=={row.version}"


def _grouped(rows: list[Row], *, show_all: bool) -> list[_Group]:
    """The findings of *rows*, grouped if they say the same: the worst kind first, then those of most distributions."""
    groups: dict[tuple[object, ...], _Group] = {}
    for row in rows:
        for finding in row.findings:
            if finding.kind > findings.Kind.REMARK or show_all:
                key = _key(row, finding)
                group = groups.setdefault(key, _Group(finding))
                if row not in group.rows:
                    group.rows.append(row)
                group.found.append(finding)
    order = list(groups.values())
    return sorted(order, key=lambda group: (-group.finding.kind, not _is_environment(group, rows), -len(group.rows)))


def _is_environment(group: _Group, rows: list[Row]) -> bool:
    return group.rows[0] is rows[0]


def _key(row: Row, finding: Finding) -> tuple[object, ...]:
    """What findings of several distributions must have in common to be shown as one: everything but files, versions and names."""
    remedy = finding.remedy
    for word in (_requirement(row), row.package):
        remedy = re.sub(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])", "", remedy) if word else remedy
    return finding.kind, finding.rule, finding.text, finding.have, remedy


def _print(console: Console, text: Text, indent: int = 0) -> None:
    """Print *text*: wrapped on a terminal, whole otherwise."""
    from rich.text import Text

    for line in text.wrap(console, max(console.width - indent, 20)) if console.is_terminal else [text]:
        line.rstrip()
        console.print(Text.assemble(" " * indent, line), soft_wrap=True)
