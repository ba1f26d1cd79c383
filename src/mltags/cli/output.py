"""Output: text to standard output, notes to standard error, and never a traceback.

Plain ``python -m mltags`` needs no other module of this package; any argument imports the commands.
"""

import os
import sys

from .. import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


#: Top-level module -> the extra that installs it.
_EXTRAS = {"pypi_simple": "check", "requests": "check", "tomli": "check", "rich": "audit"}


class UsageError(_errors.MltagsError):
    """Arguments that cannot be combined, or that are missing."""


def run(command: "Callable[[], int]") -> "int":
    """Run *command* and return its exit code; an error is reported in one line."""
    try:
        code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except _errors.MltagsError as problem:
        return print_error(str(problem))
    except ModuleNotFoundError as problem:
        extra = _EXTRAS.get((problem.name or "").partition(".")[0])
        if extra is None:
            raise
        return print_error(f"this needs {problem.name}, which is not installed: pip install 'mltags[{extra}]'")
    except BrokenPipeError:  # the reader has closed the pipe
        _silence(1)
        return 0
    except KeyboardInterrupt:
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("\n")  # so that the shell's prompt begins a new line
        return 130
    except FileNotFoundError as problem:  # a relative path, and the current directory is gone
        return print_error(f"cannot read: {problem}")
    except OSError as problem:  # a full disk, a closed stream
        _silence(1)
        return print_error(f"cannot write: {problem}")
    return code


def _silence(descriptor: "int") -> "None":
    """Send a stream to nowhere, so that what is still buffered does not fail again when the interpreter exits."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    except OSError:  # the stream was closed before we started
        sys.stdout = None


def print_text(text: "str") -> "None":
    """Print *text* on standard output, whatever the stream's encoding can hold."""
    try:
        print(text)  # noqa: T201 -- a command's output
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        print(text.encode(encoding, "backslashreplace").decode(encoding))  # noqa: T201


def print_lines(lines: "Iterable[str]") -> "None":
    """Print *lines* of data, one on each line, whatever characters they contain."""
    lines = list(lines)
    if not "".join(lines).isprintable():
        lines = [_errors.printable(line, None) for line in lines]
    if lines:
        print_text("\n".join(lines))


def print_error(text: "str") -> "int":
    """Print *text* as a note on standard error, and return the exit code for bad input."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(f"mltags: {text}\n")  # this stream escapes what its encoding lacks
            sys.stderr.flush()
    except OSError:  # stderr is unusable; avoid a second flush at exit
        sys.stderr = None
    return 2


def columns() -> "int | None":
    """The width of the terminal on standard output; None if it is not a terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns
