"""Names of wheels as people have them: paths, URLs, lines of a file."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Any

#: A line longer than this is no wheel's name; it is cut, and so malformed.
MAX_LINE = 65536


def wheel_name(text: "str") -> "str":
    """The wheel's name that a path or a URL stands for: its last part, percent-decoding undone, without query and fragment."""
    is_url = "://" in text or ".whl#" in text or ".whl?" in text
    if is_url:
        text = text.partition("#")[0].partition("?")[0]
    name = text.replace("\\", "/").rpartition("/")[2]
    if is_url and "%" in name:
        from urllib.parse import unquote

        return unquote(name)
    return name


def names_of(words: "Iterable[str]") -> "Iterator[str]":
    """The wheel names that the command line's *words* mean, one at a time; ``-`` is each line of standard input."""
    for word in words:
        if word == "-":
            yield from map(wheel_name, _lines(sys.stdin))
        else:
            yield wheel_name(word)


def _lines(stream: "IO[str] | None") -> "Iterator[str]":
    """The lines of *stream* that are not blank, each cut where it is absurdly long."""
    if stream is None:
        return
    # Bytes that are no text make a malformed name, not a failure; a stand-in for standard input may have no bytes.
    source: Any = getattr(stream, "buffer", stream)
    end = "\n" if source is stream else b"\n"
    while line := source.readline(MAX_LINE):
        rest = line
        while len(rest) == MAX_LINE and not rest.endswith(end):
            rest = source.readline(MAX_LINE)  # read and forgotten, but for a mark that makes the line malformed
            line = line[:MAX_LINE] + (" ..." if source is stream else b" ...")
        text = (line if isinstance(line, str) else line.decode("utf-8", "surrogateescape")).strip()
        if text:
            yield text
