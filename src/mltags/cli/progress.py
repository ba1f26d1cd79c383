"""A progress bar on standard error, if that is a terminal."""

from __future__ import annotations

import contextlib
import sys

from .. import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def bar(*, is_bytes: bool = False) -> Iterator[Callable[[str, int, int], None] | None]:
    """A function of (what, done, total) that moves a bar; None if standard error is not a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars
    from rich.console import Console
    from rich.table import Column

    amounts = [bars.DownloadColumn(), bars.TransferSpeedColumn()] if is_bytes else [bars.MofNCompleteColumn()]
    # What is read takes the room that the numbers leave.
    what_column = bars.TextColumn("{task.fields[what]}", markup=False, table_column=Column(ratio=1, no_wrap=True))
    columns = [bars.BarColumn(16), *amounts, bars.TimeRemainingColumn(), what_column]
    with bars.Progress(*columns, console=Console(stderr=True), transient=True, expand=True) as made:
        task = made.add_task("", total=None, what="")

        def show(what: str, done: int, total: int) -> None:
            made.update(task, completed=done, total=total, what=_errors.printable(what))

        yield show
