"""WHAT on the command line: names, paths and URLs of wheels, ``-``, directories, saved pages, and projects on an index."""

from __future__ import annotations

import io
import itertools
import os
import sys

from .. import _errors, _local, _saved
from . import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO, Any

    from .._target import Target
    from ..check.locks import File

#: A longer line is not a wheel's filename; it is truncated, and so malformed.
MAX_LINE = 65536
#: Bytes of a saved page. numpy's has 3 MB.
MAX_PAGE = 64 << 20

#: How the names of files end that are not wheels, but may be given along with them.
SDISTS = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".egg", ".exe", ".msi", ".rpm", ".dmg")


class ReadError(_errors.MltagsError):
    """Standard input or a file that cannot be read."""


def wheel_name(text: str) -> str:
    """The wheel's filename in a path or a URL: its last part, without query and fragment, percent-decoded."""
    is_url = "://" in text or ".whl#" in text or ".whl?" in text
    if is_url:
        text = text.partition("#")[0].partition("?")[0]
    name = text.replace("\\", "/").rpartition("/")[2]
    if is_url and "%" in name:
        from urllib.parse import unquote

        return unquote(name)
    return name


class Names:
    """Yields the wheel filenames that a command is given, and counts what it passes over.

    ``count``: the names given; ``sdists``: source archives and other files that are not wheels; ``yanked``: yanked files of a page;
    ``excluded``: files of a page whose ``Requires-Python`` excludes the *target*.
    """

    def __init__(self, options: argparse.Namespace, target: Target) -> None:
        self._options = options
        self._target = target
        self.count: int = 0
        self.sdists: int = 0
        self.yanked: int = 0
        self.excluded: int = 0

    def __iter__(self) -> Iterator[str]:
        for text in self._texts():
            name = wheel_name(text)
            if name.endswith(SDISTS):
                self.sdists += 1
                continue
            self.count += 1
            yield name

    def report(self) -> None:
        """Note on standard error what was passed over, or that there was nothing."""
        rows = [
            (self.sdists, "file that is not a wheel", "files that are not wheels"),
            (self.yanked, "yanked file", "yanked files"),
            (self.excluded, "file for another version of Python", "files for other versions of Python"),
        ]
        words = [f"{count} {one if count == 1 else several}" for count, one, several in rows if count]
        if words:
            output.print_error(f"skipped {', '.join(words)}")
        elif not self.count:
            output.print_error("no names given")

    def _texts(self) -> Iterator[str]:
        for word in self._options.names:
            if word == "-":
                yield from self._from_stream(sys.stdin)
            elif os.path.isdir(word):
                found = sorted([entry.name for entry in os.scandir(word) if entry.name.endswith((".whl", *SDISTS))])
                if not found:
                    raise output.UsageError(f"'{_errors.printable(word, 60)}' holds no wheels and no source distributions")
                yield from found
            elif wheel_name(word).lower().endswith((".whl", *SDISTS)):
                yield word
            elif _is_page(word):
                yield from self._from_page(_page(word), word)
            else:
                problem = "is not a wheel, a directory or a saved page; for a project on an index, use --project NAME"
                raise output.UsageError(f"'{_errors.printable(word, 60)}' {problem}")
        project = getattr(self._options, "project", None)
        if project is not None:
            yield from self._files(_index_files(project, self._options.index_url))

    def _from_stream(self, stream: IO[str] | None) -> Iterator[str]:
        page, lines = page_or_lines(stream)
        yield from lines if page is None else self._from_page(page, "standard input")

    def _from_page(self, text: str, source: str) -> Iterator[str]:
        from ..check import pages

        return self._files(pages.parse_page(text, source))

    def _files(self, files: Iterable[File]) -> Iterator[str]:
        """The names of those *files* that an installer would look at."""
        from ..check import locks

        markers = locks.Markers(self._target)
        for file in files:
            if file.yanked:
                self.yanked += 1
            elif markers.takes_file(file.requires_python) is False:
                self.excluded += 1
            else:
                yield file.name


def page_or_lines(stream: IO[str] | None) -> tuple[str | None, Iterator[str]]:
    """The page in *stream*, HTML (PEP 503) or JSON (PEP 691), and no lines; or else None and its lines."""
    lines = _lines(stream)
    first = next(lines, "")
    if not first.startswith(("<", "{")):
        return None, itertools.chain([first] if first else [], lines)
    found = [first]
    size = len(first)
    for line in lines:
        size += len(line)
        if size > MAX_PAGE:
            raise ReadError(f"the page on standard input is longer than {MAX_PAGE} characters")
        found.append(line)
    return "\n".join(found), iter(())


def _is_page(word: str) -> bool:
    """Whether *word* is the path of a saved page, judged by its ending or its first bytes."""
    if "://" in word:
        return False
    if word.lower().endswith((".html", ".htm", ".json")):
        return True
    try:
        start = _local.read_regular(word, 200)
    except (OSError, ValueError):  # not there, or a FIFO, or no path at all
        return False
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<", b"{"))


def _page(path: str) -> str:
    try:
        return _saved.decoded(_local.read_regular(path, MAX_PAGE), "replace")
    except (OSError, ValueError) as problem:
        raise ReadError(f"cannot read {_errors.printable(path)}: {problem}") from problem


def _index_files(project: str, index_url: str | None) -> Iterable[File]:
    from ..check import index

    return index.Index.of_pip(index_url).project_files(project)


def _lines(stream: IO[str] | None) -> Iterator[str]:
    """The lines of *stream* that are not blank; absurdly long ones are truncated."""
    if stream is None:
        return
    # Bytes that are not text make a malformed name, not an error. A stand-in for standard input may have no buffer.
    source: Any = getattr(stream, "buffer", stream)
    is_file = isinstance(source, io.BufferedReader)
    if is_file and _read(source.peek, 2).startswith(_saved.UTF_16_MARKS):
        stream = source = io.TextIOWrapper(source, "utf-16", "replace")
    end = "\n" if source is stream else b"\n"
    while line := _read(source.readline, MAX_LINE):
        rest = line
        is_page = line.lstrip()[:1] in ("<", "{", b"<", b"{")
        while len(rest) == MAX_LINE and not rest.endswith(end):
            rest = _read(source.readline, MAX_LINE)
            # A page is needed whole. A name gets a mark that makes it malformed.
            line = (
                line + rest if is_page and len(line) < MAX_PAGE else line[:MAX_LINE] + (" ..." if source is stream else b" ...")
            )
        text = (line if isinstance(line, str) else line.decode("utf-8", "surrogateescape")).strip().removeprefix("\ufeff")
        if text:
            yield text


def _read(read: Callable[[int], Any], size: int) -> Any:
    try:
        return read(size)
    except (OSError, ValueError) as problem:
        raise ReadError(f"cannot read standard input: {problem}") from problem
