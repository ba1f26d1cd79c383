"""The command ``check``: a lock, a project or wheels in, a report out."""

import os

from .. import _errors, _root, check
from ..check import environment
from ..check import report as pages
from . import names, options, output, progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from .._target import Target
    from ..check import Report

    Show = Callable[[str, int, int], None]


def run(given: "argparse.Namespace") -> "int":
    """Check what *given* names against every target that it describes; 0: fits everywhere, 1: does not."""
    if given.json:
        given.format = "json"
    with progress.bar("checking") as show:
        found = _of_environment(given, show)
        report = _of_subject(given, show) if found is None else found
    if given.format == "requirements" and len(report.columns) > 1:
        raise output.UsageError("--format requirements needs exactly one target")
    _print(report, given)
    return 0 if report else 1


def _of_environment(given: "argparse.Namespace", show: "Show | None") -> "Report | None":
    """The environments of ``--root``, or the one of ``--python``, where nothing else is named; a folder beside ``--root``."""
    if (given.root is None and given.python is None) or given.project is not None or len(given.names) > 1:
        return None
    path = given.names[0] if given.names else None
    if path is not None and not (given.root is not None and os.path.isdir(path) and environment.is_environment(path)):
        return None
    if given.python is not None:
        return check.check_environment(python=given.python, name=given.python, progress=show)
    root = _root.RootHost(given.root, given.root_python)
    return check.check_environment(path, root=root, name=given.root, progress=show)


def _of_subject(given: "argparse.Namespace", show: "Show | None") -> "Report":
    targets = options.targets_of(given)
    return check.check(
        _subject(given, next(iter(targets.values()))),
        targets,
        project=given.project,
        index=given.index_url or given.index or None,
        only_binary=given.only_binary,
        extras=given.extra,
        groups=given.group,
        progress=None if show is None else lambda done, total: show("", done, total),
    )


def _subject(given: "argparse.Namespace", target: "Target") -> "str | list[str] | None":
    """A path, or names of wheels; None where a project is named instead."""
    words = given.names
    if given.project is not None:
        if words:
            raise output.UsageError("--project cannot be combined with files; use one of them")
        return None
    if not words:
        raise output.UsageError("nothing to check; pass a lock, a directory, wheels or --project NAME")
    if words != ["-"] and all(word.endswith(".whl") for word in words):
        return [names.wheel_name(word) for word in words]
    if words == ["-"]:
        found = names.Names(given, target)
        listed = list(found)
        found.report()
        return listed
    if len(words) > 1:
        raise output.UsageError("pass one lock, directory or saved page, or several wheel filenames")
    if not os.path.exists(words[0]):
        hint = "for a project on an index, use --project NAME"
        raise output.UsageError(f"no such file or directory: '{_errors.printable(words[0], 60)}'; {hint}")
    return str(words[0])


def _print(report: "Report", given: "argparse.Namespace") -> "None":
    if given.format == "text":
        from rich.console import Console

        check.print_report(report, Console(width=output.columns() or 10_000, soft_wrap=False), all=given.all)
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


def _github(report: "Report") -> "str":
    """The report as annotations of a workflow."""
    lines = [pages.annotation("error", row.title, f"{row.target}: {row}") for row in report.rows if not row.fits]
    lines += [pages.annotation("notice", column.name, f"{column.verdict}: {column.details}") for column in report.columns]
    return "\n".join(lines)
