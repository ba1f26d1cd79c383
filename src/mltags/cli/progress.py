"""A progress bar on standard error, if that is a terminal."""

from __future__ import annotations

import contextlib
import sys

from .. import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def bar(title: str, *, is_bytes: bool = False) -> Iterator[Callable[[str, int, int], None] | None]:
    """A function of (what, done, total) that moves a bar; None if standard error is not a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars
    from rich.console import Console
    from rich.text import Text

    amounts = [bars.DownloadColumn(), bars.TransferSpeedColumn()] if is_bytes else [bars.MofNCompleteColumn()]
    columns = [bars.BarColumn(), *amounts, bars.TimeRemainingColumn(), bars.TextColumn("{task.fields[what]}", markup=False)]
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as made:
        task = made.add_task(title, total=None, what="")

        def show(what: str, done: int, total: int) -> None:
            made.update(task, completed=done, total=total, what=Text(_errors.printable(what, 40)).plain)

        yield show
