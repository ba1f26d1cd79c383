"""WHAT on the command line: names, paths and URLs of wheels, ``-``, directories, saved pages, and projects on an index."""

import os
import sys

from .. import _errors, _local
from . import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from typing import IO, Any

#: A line longer than this is not a wheel's filename; it is cut, and so malformed.
MAX_LINE = 65536
#: Bytes of a saved page; numpy's has 3 MB.
MAX_PAGE = 64 << 20

#: How names of source archives end.
SDISTS = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".egg", ".exe", ".msi", ".rpm", ".dmg")


class ReadError(_errors.MltagsError):
    """Standard input or a file that cannot be read."""


def wheel_name(text: "str") -> "str":
    """The wheel's filename that a path or a URL stands for: its last part, percent-decoding undone, without query and fragment."""
    is_url = "://" in text or ".whl#" in text or ".whl?" in text
    if is_url:
        text = text.partition("#")[0].partition("?")[0]
    name = text.replace("\\", "/").rpartition("/")[2]
    if is_url and "%" in name:
        from urllib.parse import unquote

        return unquote(name)
    return name


class Names:
    """The wheel filenames that a command is given, one at a time; counts what else there was.

    ``sdists``: source archives and other files that are not wheels, passed over; ``count``: the names given.
    """

    def __init__(self, options: "argparse.Namespace") -> "None":
        self._options = options
        self.sdists = 0
        self.count = 0

    def __iter__(self) -> "Iterator[str]":
        for text in self._texts():
            name = wheel_name(text)
            if name.endswith(SDISTS):
                self.sdists += 1
                continue
            self.count += 1
            yield name

    def report(self) -> "None":
        """Note on standard error what was passed over, or that there was nothing."""
        if self.sdists:
            files = "file that is not a wheel" if self.sdists == 1 else "files that are not wheels"
            output.print_error(f"passed over {self.sdists} {files}")
        elif not self.count:
            output.print_error("no names given")

    def _texts(self) -> "Iterator[str]":
        for word in self._options.names:
            if word == "-":
                yield from _from_stream(sys.stdin)
            elif os.path.isdir(word):
                yield from sorted([entry.name for entry in os.scandir(word) if entry.name.endswith((".whl", *SDISTS))])
            elif word.lower().endswith((".html", ".htm", ".json")) and "://" not in word:
                yield from _from_page(_page(word), word)
            else:
                name = wheel_name(word)
                if not name.endswith((".whl", *SDISTS)) and "-" not in name:
                    problem = "is not a wheel, a directory or a saved page; for a project on an index, use --project NAME"
                    raise output.UsageError(f"'{_errors.printable(word, 60)}' {problem}")
                yield word
        project = getattr(self._options, "project", None)
        if project is not None:
            yield from _from_index(self._options, project)


def _page(path: "str") -> "bytes":
    try:
        return _local.read_regular(path, MAX_PAGE)
    except (OSError, ValueError) as problem:
        raise ReadError(f"cannot read {_errors.printable(path)}: {problem}") from problem


def _from_stream(stream: "IO[str] | None") -> "Iterator[str]":
    """The lines of *stream*; or the files of the page that it holds, HTML (PEP 503) or JSON (PEP 691)."""
    lines = _lines(stream)
    first = next(lines, None)
    if first is None:
        return
    if first.startswith(("<", "{")):
        rest: list[str] = []
        size = len(first)
        for line in lines:
            size += len(line)
            if size > MAX_PAGE:
                raise ReadError(f"the page on standard input is longer than {MAX_PAGE} characters")
            rest.append(line)
        yield from _from_page("\n".join([first, *rest]).encode("utf-8", "surrogateescape"), "standard input")
        return
    yield first
    yield from lines


def _lines(stream: "IO[str] | None") -> "Iterator[str]":
    """The lines of *stream* that are not blank, each cut where it is absurdly long."""
    if stream is None:
        return
    # Bytes that are not text make a malformed name, not a failure; a stand-in for standard input may have no bytes.
    source: Any = getattr(stream, "buffer", stream)
    end = "\n" if source is stream else b"\n"
    while line := _read_line(source):
        rest = line
        is_page = line.lstrip()[:1] in ("<", "{", b"<", b"{")
        while len(rest) == MAX_LINE and not rest.endswith(end):
            rest = _read_line(source)
            # Of a page all is needed; of a name a mark that makes it malformed.
            line = (
                line + rest if is_page and len(line) < MAX_PAGE else line[:MAX_LINE] + (" ..." if source is stream else b" ...")
            )
        text = (line if isinstance(line, str) else line.decode("utf-8", "surrogateescape")).strip().removeprefix("\ufeff")
        if text:
            yield text


def _read_line(source: "Any") -> "Any":
    try:
        return source.readline(MAX_LINE)
    except (OSError, ValueError) as problem:
        raise ReadError(f"cannot read standard input: {problem}") from problem


def _from_page(data: "bytes", source: "str") -> "Iterable[str]":
    raise NotImplementedError


def _from_index(options: "argparse.Namespace", project: "str") -> "Iterable[str]":
    raise NotImplementedError
