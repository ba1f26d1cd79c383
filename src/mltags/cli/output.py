"""The way out of every command: text to the streams, an exit code to the shell, and never a traceback.

Plain ``python -m mltags`` needs nothing more, so that it starts at once; any argument loads the command line.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def run(arguments: "list[str]") -> "int":
    """Run the command that *arguments* name; its exit code: 0 fits, 1 does not fit, 2 bad input."""
    from .._errors import MltagsError

    try:
        code = 0
        if arguments:
            from .commands import main

            code = main(arguments)
        else:
            from .._probe import platform_tags

            show_lines(platform_tags())
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except MltagsError as problem:
        return complain(str(problem))
    except BrokenPipeError:
        # The reader has seen enough. What is still buffered must not fail again when the interpreter ends.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        return 130
    except OSError as problem:  # a full disk, a closed stream
        return complain(f"cannot write: {problem}")


def show(text: "str") -> "None":
    """Print *text* on standard output, whatever the stream's encoding can hold."""
    try:
        print(text)  # noqa: T201 -- a command's output
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        print(text.encode(encoding, "backslashreplace").decode(encoding))  # noqa: T201


def show_lines(lines: "Iterable[str]") -> "None":
    """Print *lines* of data, each on a line of its own whatever it holds."""
    lines = list(lines)
    if not "".join(lines).isprintable():
        from .._errors import printable

        lines = [printable(line, None) for line in lines]
    show("\n".join(lines))


def complain(text: "str") -> "int":
    """Print *text* as a note on standard error; the exit code for bad input."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(f"mltags: {text}\n")  # this stream escapes what its encoding cannot hold
            sys.stderr.flush()
    except OSError:  # nobody can be told, and the interpreter shall not try again when it ends
        sys.stderr = None
    return 2
