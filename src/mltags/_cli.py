"""The command line: words in, text and an exit code out."""

import argparse
import json
import sys

from . import __version__
from ._errors import printable
from ._output import complain, show, show_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PROG = "python -m mltags" if sys.argv[0].endswith("__main__.py") else "mltags"

COMMANDS: "dict[str, tuple[str, Callable[[argparse.Namespace], int]]]" = {}


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints look like all our others."""

    def error(self, message: "str") -> "None":  # type: ignore[override]
        complain(f"{printable(message)} (see: {self.prog} --help)")
        raise SystemExit(2)


def main(arguments: "list[str]") -> "int":
    """Run the command that *arguments* name; its exit code."""
    name = arguments[0] if arguments and not arguments[0].startswith("-") else ""
    if name not in COMMANDS:
        return complain(f"no command '{printable(name)}'; there are: {', '.join(filter(None, COMMANDS))}")
    try:
        return COMMANDS[name][1](_parser(name).parse_args(arguments[1:] if name else arguments))
    except SystemExit as done:  # argparse ends --help and its complaints so
        return done.code if isinstance(done.code, int) else 2


def _parser(name: "str") -> "_Parser":
    text = COMMANDS[name][0]
    epilog = ""
    if not name:
        listed = "\n".join([f"  {name:9}{what}" for name, (what, _) in COMMANDS.items() if name])
        epilog = f"commands, to be named first:\n{listed}\n\nexit codes: 0 fits, 1 does not fit, 2 bad input"
    parser = _Parser(
        prog=f"{PROG} {name}".strip(),
        description=text,
        epilog=epilog,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--max-glibc", metavar="X.Y", help="leave out manylinux tags above this version of glibc")
    parser.add_argument(
        "--native", choices=("first", "last"), default="first", help="where plain linux_<arch> tags go (default: first)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    if not name:
        parser.add_argument("--version", action="version", version=f"mltags {__version__}")
    return parser


def _print_list(lines: "list[str]", *, as_json: "bool") -> "int":
    if as_json:
        show(json.dumps(lines))
    else:
        show_lines(lines)
    return 0


def _platform_tags(options: "argparse.Namespace") -> "int":
    from ._ladder import ladder
    from ._probe import probe

    tags = ladder(probe(max_glibc=options.max_glibc), native=options.native)
    return _print_list(list(tags), as_json=options.json)


def _tags(options: "argparse.Namespace") -> "int":
    from ._target import Target

    target = Target.current(native=options.native, max_glibc=options.max_glibc)
    return _print_list(list(target.triples), as_json=options.json)


def _probe(options: "argparse.Namespace") -> "int":
    from ._local import LocalHost
    from ._probe import inquire
    from ._python import python_of
    from ._target import Target

    host = LocalHost()
    python, platform = python_of(host), inquire(host, options.max_glibc, thorough=True)
    target = Target(python, platform, native=options.native)
    if options.json:
        from ._kept import to_json

        show(to_json(target))
    else:
        from ._report import report

        show(report(python, platform, target.platform_tags, host.source("python")))
    return 0


COMMANDS.update(
    {
        "": ("print the platform tags that this machine accepts, one a line, best first", _platform_tags),
        "tags": ("print the full python-abi-platform tags, one a line, best first", _tags),
        "probe": ("print what was detected, and how each fact is known", _probe),
    }
)
