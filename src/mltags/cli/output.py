"""The streams: text to standard output, notes to standard error, and never a traceback.

Plain ``python -m mltags`` needs nothing more; any argument loads the commands.
"""

import os
import sys

from .. import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


#: What extras bring: the top-level module -> the extra.
_EXTRAS = {"pypi_simple": "check", "requests": "check", "tomli": "check", "rich": "audit"}


class UsageError(_errors.MltagsError):
    """Words on the command line that do not go together, or that are missing."""


def run(command: "Callable[[], int]") -> "int":
    """Run *command* and report whatever stops it as one line; the exit code."""
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
    except BrokenPipeError:  # the reader has seen enough
        _silence(1)
        return 0
    except KeyboardInterrupt:
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("\n")  # whatever stood on the line, the shell's prompt begins a new one
        return 130
    except OSError as problem:  # a full disk, a closed stream
        _silence(1)
        return print_error(f"cannot write: {problem}")
    return code


def _silence(descriptor: "int") -> "None":
    """Lead a stream nowhere: what is still buffered must not fail again when the interpreter ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    except OSError:  # it was closed before we started
        sys.stdout = None


def print_text(text: "str") -> "None":
    """Print *text* on standard output, whatever the stream's encoding can hold."""
    try:
        print(text)  # noqa: T201 -- a command's output
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        print(text.encode(encoding, "backslashreplace").decode(encoding))  # noqa: T201


def print_lines(lines: "Iterable[str]") -> "None":
    """Print *lines* of data, each on a line of its own whatever it holds."""
    lines = list(lines)
    if not "".join(lines).isprintable():
        lines = [_errors.printable(line, None) for line in lines]
    if lines:
        print_text("\n".join(lines))


def print_error(text: "str") -> "int":
    """Print *text* as a note on standard error; the exit code for bad input."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(f"mltags: {text}\n")  # this stream escapes what its encoding cannot hold
            sys.stderr.flush()
    except OSError:  # stderr is unusable; avoid a second flush at exit
        sys.stderr = None
    return 2


def columns() -> "int | None":
    """The width of the terminal that standard output is; None where it is not one."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns
