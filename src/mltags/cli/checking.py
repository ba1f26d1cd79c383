"""The command ``check``: a lock, a project or wheels in, a report out."""

from __future__ import annotations

import os
import sys

from .. import _errors, _root, check
from ..check import environment, pages
from ..check import report as reports
from . import names, options, output, progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import NoReturn

    from rich.console import Console

    from ..check import Report
    from ..check.locks import Lock

    Show = Callable[[str, int, int], None]


def run(given: argparse.Namespace) -> int:
    """Check what *given* names against every target that it describes. 0: everything fits everywhere; 1: something does not."""
    options.merge_json(given)
    if given.index_url is not None and given.project is None and not given.index:
        raise output.UsageError("--index-url needs --index or --project")
    with progress.bar() as show:
        found = _of_environment(given, show)
        report = _of_subject(given, show) if found is None else found
    if given.format == "requirements" and len(report.columns) > 1:
        raise output.UsageError("--format requirements needs exactly one target")
    _print(report, given)
    return 0 if report else 1


def _of_environment(given: argparse.Namespace, show: Show | None) -> Report | None:
    """Check the environments of ``--root`` or of ``--python`` if nothing else is named, or a folder against ``--root``."""
    if (given.root is None and given.python is None) or given.project is not None or len(given.names) > 1:
        return None
    path = given.names[0] if given.names else None
    if path is not None and not (given.root is not None and environment.is_environment(path)):
        return None
    _refuse_options_of_locks(given)
    if given.python is not None:
        return check.check_environment(python=given.python, name=given.python, progress=show)
    root = _root.RootHost(str(given.root), given.root_python)
    return check.check_environment(path, root=root, name=given.root, progress=show)


def _refuse_options_of_locks(given: argparse.Namespace) -> None:
    """Refuse options that have no effect on an environment."""
    for name in ("index", "only_binary", "extra", "group"):
        if getattr(given, name):
            raise output.UsageError(f"--{name.replace('_', '-')} cannot be combined with an environment")


def _of_subject(given: argparse.Namespace, show: Show | None) -> Report:
    targets = options.targets_of(given)
    if given.project is None and len(given.names) == 1 and environment.is_environment(given.names[0]):
        _refuse_options_of_locks(given)
        is_chosen = any(word is not None for word in (given.python_version, given.implementation, given.abi))
        return environment.check_targets(given.names[0], targets.items(), show, is_chosen=is_chosen)
    return check.check(
        _subject(given),
        targets,
        project=given.project,
        index=(given.index_url or True) if given.index else given.index_url,
        only_binary=given.only_binary,
        extras=given.extra,
        groups=given.group,
        progress=None if show is None else lambda done, total: show("", done, total),
    )


def _subject(given: argparse.Namespace) -> str | Lock | None:
    """A path, or the wheels that names or standard input list; None if a project is named instead."""
    words = given.names
    if given.project is not None:
        if words:
            raise output.UsageError("--project cannot be combined with files; use one of them")
        return None
    if not words:
        raise output.UsageError("nothing to check; pass a lock, a directory, wheels or --project NAME")
    if words == ["-"]:
        page, lines = names.page_or_lines(sys.stdin)
        if page is not None:
            return pages.read_page(page, "standard input")
        return pages.read_list([names.wheel_name(line) for line in lines], "standard input")
    files = [names.wheel_name(word) for word in words]
    if all(name.endswith((".whl", *names.SDISTS)) for name in files) and not os.path.isdir(words[0]):
        return pages.read_list(files)
    if len(words) > 1:
        raise output.UsageError(
            "pass one lock, directory, environment or saved page, or several filenames of wheels and source distributions"
        )
    if not os.path.exists(words[0]):
        hint = "for a project on an index, use --project NAME"
        raise output.UsageError(f"no such file or directory: '{_errors.printable(words[0], 60)}'; {hint}")
    return str(words[0])


def _print(report: Report, given: argparse.Namespace) -> None:
    if given.format == "text":
        check.print_report(report, _console(), all=given.all)
        return
    if given.format == "requirements":
        output.print_text(report.requirements(report.columns[0].name).rstrip("\n"))
        return
    makers: dict[str, Callable[[], str]] = {
        "json": report.to_json,
        "markdown": report.to_markdown,
        "html": report.to_html,
        "github": lambda: _github(report),
    }
    output.print_text(makers[given.format]())


def _console() -> Console:
    """A console for the report. If its reader has gone, it raises the error with which all commands end."""
    from rich.console import Console

    class Ours(Console):
        def on_broken_pipe(self) -> NoReturn:
            raise BrokenPipeError

    return Ours(width=output.columns() or 10_000, soft_wrap=False)


def _github(report: Report) -> str:
    """The report as annotations of a workflow."""
    lines = [reports.annotation("error", row.title, f"{row.target}: {row}") for row in report.rows if not row.fits]
    lines += [reports.annotation("notice", column.name, f"{column.verdict}: {column.details}") for column in report.columns]
    return "\n".join(lines)
