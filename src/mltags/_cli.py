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

    from ._facts import Platform
    from ._target import Target

PROG = "python -m mltags" if sys.argv[0].endswith("__main__.py") else "mltags"

#: Malformed names that are shown; the others are counted.
SHOWN_MALFORMED = 3

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
    parser.add_argument(
        "--platform",
        metavar="TAG",
        action="append",
        help="choose for the machine that this platform tag names, its whole ladder open; several in order of preference",
    )
    parser.add_argument("--python-version", metavar="X.Y", help="choose for this version of Python")
    parser.add_argument("--implementation", metavar="cp|pp|py", help="choose for this implementation of Python")
    parser.add_argument("--abi", metavar="ABI", action="append", help="choose for this ABI; several in order of preference")
    parser.add_argument("--max-glibc", metavar="X.Y", help="leave out manylinux tags above this version of glibc")
    parser.add_argument(
        "--native", choices=("first", "last"), default="first", help="where plain linux_<arch> tags go (default: first)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    if name in {"rank", "explain"}:
        parser.add_argument(
            "names", metavar="NAME", nargs="+", help="wheel names, paths or URLs; '-' reads them from standard input"
        )
    if name == "rank":
        parser.add_argument("--top", metavar="N", type=_count, help="print the best N only, and keep no more in memory")
    if not name:
        parser.add_argument("--version", action="version", version=f"mltags {__version__}")
    return parser


def _print_list(lines: "list[str]", *, as_json: "bool") -> "int":
    if as_json:
        show(json.dumps(lines))
    else:
        show_lines(lines)
    return 0


def _count(text: "str") -> "int":
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) < 10**8 or len(text) > 8:
        raise argparse.ArgumentTypeError(f"'{printable(text, 60)}' is no whole number from 1 to 99999999")
    return int(text)


def _target(options: "argparse.Namespace", here: "Platform | None" = None) -> "Target":
    """The target that the options describe; without any, the running interpreter on this machine, *here* if probed already."""
    from ._target import Target

    words = {
        "python_version": options.python_version,
        "implementation": options.implementation,
        "abis": options.abi,
    }
    if options.platform or any(words.values()):
        platform = options.platform or here
        return Target.of(platform=platform, native=options.native, max_glibc=options.max_glibc, **words)
    if here is None:
        return Target.current(native=options.native, max_glibc=options.max_glibc)
    from ._local import LocalHost
    from ._python import python_of

    return Target(python_of(LocalHost()), here, native=options.native)


def _platform_tags(options: "argparse.Namespace") -> "int":
    return _print_list(list(_target(options).platform_tags), as_json=options.json)


def _tags(options: "argparse.Namespace") -> "int":
    return _print_list(list(_target(options).triples), as_json=options.json)


def _probe(options: "argparse.Namespace") -> "int":
    here = None
    if not options.platform:
        from ._probe import inquire

        # With a look at the interpreter's program, even where it changes nothing.
        here = inquire(None, options.max_glibc, thorough=True)
    target = _target(options, here)
    if options.json:
        from ._kept import to_json

        show(to_json(target))
    else:
        from ._report import report

        show(report(target))
    return 0


def _rank(options: "argparse.Namespace") -> "int":
    from ._errors import InvalidWheelName
    from ._names import names_of

    target = _target(options)
    fitting: list[str] = []
    malformed: list[InvalidWheelName] = []
    count = refused = 0
    for count, name in enumerate(names_of(options.names), 1):  # noqa: B007 -- counted
        try:
            if target.rank(name) is None:
                continue
        except InvalidWheelName as refusal:
            refused += 1
            if refused <= SHOWN_MALFORMED:
                malformed.append(refusal)
            continue
        fitting.append(name)
        if options.top is not None and len(fitting) >= 2 * options.top + 1000:
            fitting = target.sort(fitting)[: options.top]
    best = target.sort(fitting)[: options.top]
    if options.json:
        triples = target.triples
        ranks = [target.rank(name) or 0 for name in best]
        rows = [{"name": name, "rank": rank, "tag": triples[rank]} for name, rank in zip(best, ranks, strict=True)]
        show(json.dumps(rows))
    elif best:
        show_lines(best)
    if refused:
        complain(f"{refused} malformed of {count} names; the first:")
        for problem in malformed:
            complain(f"  {problem}")
    if best:
        return 0
    return 2 if refused == count and refused else 1


def _explain(options: "argparse.Namespace") -> "int":
    from ._explain import Judge, Mismatch, Reason, nearest_first, summary
    from ._names import names_of

    judge = Judge(_target(options))
    verdicts = [judge.judge(name) for name in names_of(options.names)]
    misses = nearest_first([verdict for verdict in verdicts if isinstance(verdict, Mismatch)])
    matches = [verdict for verdict in verdicts if not isinstance(verdict, Mismatch)]
    if options.json:
        from ._kept import verdicts_to_json

        show(verdicts_to_json(matches, misses))
    else:
        lines = [str(match) for match in sorted(matches, key=lambda match: match.rank)]
        for miss in misses:
            lines += [str(miss), *([f"  {miss.hint}"] if miss.hint else [])]
        if len(misses) > 1 and not matches:
            lines += ["", summary(misses)]
        show_lines(lines)
    if not misses:
        return 0 if matches else 2
    return 1 if matches or misses[0].reason is not Reason.MALFORMED else 2


COMMANDS.update(
    {
        "": ("print the platform tags that this machine accepts, one a line, best first", _platform_tags),
        "tags": ("print the full python-abi-platform tags, one a line, best first", _tags),
        "rank": ("print the compatible ones of some wheels, best first", _rank),
        "explain": ("say of each wheel whether it fits and why not, the nearest miss first", _explain),
        "probe": ("print what was detected, and how each fact is known", _probe),
    }
)
