"""The command line: words in, text and an exit code out."""

import argparse
import json
import sys

from .. import __version__
from .._errors import InvalidTarget, InvalidWheelName, ProbeError, printable
from .._saved import MAX_TEXT, floors_to_json, verdicts_to_json
from .output import complain, show, show_lines
from .._probe import LocalHost, inquire, python_of, read_regular
from .._root import RootHost
from .._target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO, Any

PROG = "python -m mltags" if sys.argv[0].endswith("__main__.py") else "mltags"

#: Malformed names that are shown; the others are counted.
SHOWN_MALFORMED = 3
#: A line longer than this is no wheel's name; it is cut, and so malformed.
MAX_LINE = 65536


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
    text, prog, layout = COMMANDS[name][0], f"{PROG} {name}".strip(), argparse.RawDescriptionHelpFormatter
    epilog = f"example:\n  {prog} {EXAMPLES[name]}\n\nexit codes: 0 fits, 1 does not fit, 2 bad input"
    if not name:
        listed = "\n".join([f"  {name:9}{what}" for name, (what, _) in COMMANDS.items() if name])
        epilog = f"commands, to be named first (COMMAND --help tells more):\n{listed}\n\n{epilog}"
    parser = _Parser(prog=prog, description=text, epilog=epilog, allow_abbrev=False, formatter_class=layout)
    add = parser.add_argument
    what = "choose for the machine that this platform tag names, its whole ladder open; several in order of preference"
    add("--platform", metavar="TAG", action="append", help=what)
    add("--python-version", metavar="X.Y", help="choose for this version of Python")
    add("--implementation", metavar="cp|pp|py", help="choose for this implementation of Python")
    add("--abi", metavar="ABI", action="append", help="choose for this ABI; several in order of preference")
    add("--root", metavar="DIR", help="choose for the machine and the Python in this root directory; runs nothing in it")
    add("--python", metavar="EXE", help="choose for this other interpreter, which is run once")
    add("--target", metavar="FILE", help="choose for a target kept as JSON (probe --json), or pex's complete platform")
    add("--max-glibc", metavar="X.Y", help="leave out manylinux tags above this version of glibc")
    what = "where plain linux_<arch> tags go (default: first)"
    add("--native", choices=("first", "last"), default="first", help=what)
    add("--json", action="store_true", help="print JSON")
    if name in {"", "tags"}:
        what = "pip: the options that make pip choose alike"
        add("--format", choices=("lines", "pip"), default="lines", help=what)
    if name in {"rank", "explain", "floor"}:
        what = "wheel names, paths or URLs; '-' reads them from standard input"
        add("names", metavar="NAME", nargs="+", help=what)
    if name == "audit":
        add("names", metavar="WHEEL", nargs="+", help="wheel files, read without unpacking them")
    if name == "rank":
        add("--top", metavar="N", type=_count, help="print the best N only, and keep no more in memory")
    if not name:
        add("--version", action="version", version=f"mltags {__version__}")
    return parser


def _print_list(target: "Target", lines: "list[str]", options: "argparse.Namespace") -> "int":
    if options.format == "pip" and options.json:
        return complain("--format and --json exclude one another; one of them is accepted")
    if options.format == "pip":
        show(" ".join(_pip_words(target)))
    elif options.json:
        show(json.dumps(lines))
    else:
        show_lines(lines)
    return 0


def _wheel_name(text: "str") -> "str":
    """The wheel's name that a path or a URL stands for: its last part, percent-decoding undone, without query and fragment."""
    is_url = "://" in text or ".whl#" in text or ".whl?" in text
    if is_url:
        text = text.partition("#")[0].partition("?")[0]
    name = text.replace("\\", "/").rpartition("/")[2]
    if is_url and "%" in name:
        from urllib.parse import unquote

        return unquote(name)
    return name


def _names(options: "argparse.Namespace") -> "Iterator[str]":
    """The wheel names that a command is given, one at a time; ``-`` is each line of standard input. A note where there are none."""
    name = None
    for word in options.names:
        for name in _lines(sys.stdin) if word == "-" else [word]:
            yield _wheel_name(name)
    if name is None:
        complain("no names on standard input")


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


def _count(text: "str") -> "int":
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"'{printable(text, 60)}' is no whole number from 1 to 99999999")
    return int(text)


def _target(options: "argparse.Namespace", *, thorough: "bool" = False) -> "Target":
    """The target that the options describe; without any, the running interpreter on this machine.

    *thorough*: look at this machine's program, even where it changes nothing. Raises ``InvalidTarget`` for options that exclude
    one another.
    """
    words = {"python_version": options.python_version, "implementation": options.implementation, "abis": options.abi}
    given = {name: word for name, word in words.items() if word is not None}
    placed = [f"--{name}" for name in ("platform", "root", "python", "target") if getattr(options, name) is not None]
    if len(placed) > 1:
        raise InvalidTarget(" ".join(placed), "options", "they exclude one another; one of them is accepted")
    if options.target is not None:
        if given or options.max_glibc is not None or options.native != "first":
            problem = "what is kept is taken as it is; options that change it are not accepted"
            raise InvalidTarget("--target", "options", problem)
        text = _text_of(options.target)
        try:
            return Target.from_json(text)
        except InvalidTarget as refusal:
            raise InvalidTarget(options.target, refusal.part, refusal.problem) from refusal
    common = {"native": options.native, "max_glibc": options.max_glibc}
    if options.python is not None:
        if given:
            raise InvalidTarget("--python", "options", "it says its own version, implementation and ABI")
        return Target.of_interpreter(options.python, **common)
    if options.platform is not None:
        return Target.of(platform=options.platform, **words, **common)
    host = RootHost(options.root) if options.root is not None else LocalHost()
    found = inquire(host, options.max_glibc, thorough=thorough)
    if options.root is not None and not found.archs and not found.listed:
        raise ProbeError(repr(host), "its machine is not known, for it holds no program; the root of a system is accepted")
    try:
        python = python_of(host)
    except ProbeError:
        if options.python_version is None:
            raise
        return Target.of(platform=found, **{"implementation": "cp", **given}, **common)
    if not given:
        return Target(python, found, native=options.native)
    # What the words leave out is the host's own.
    own = {"python_version": python.version, "implementation": python.implementation}
    return Target.of(platform=found, **{**own, **given}, **common)


def _text_of(path: "str") -> "str":
    """The text of a kept target; ``InvalidTarget`` where it cannot be read."""
    try:
        return read_regular(path, MAX_TEXT + 1).decode("utf-8")
    except (OSError, ValueError) as problem:
        raise InvalidTarget(path, "--target", f"a readable JSON file is accepted: {problem}") from problem


def _pip_words(target: "Target") -> "list[str]":
    """The options that make pip choose for *target*; ``InvalidTarget`` where a word would not be safe in a shell."""
    python = target.python
    if python is None:
        raise InvalidTarget(repr(target), "--format pip", "a list of tags names no Python; a target with one is accepted")
    words = [("--platform", tag) for tag in target.platform_tags]
    words += [("--python-version", ".".join([str(number) for number in python.version]))]
    words += [("--implementation", python.implementation), *[("--abi", abi) for abi in python.abis]]
    for option, word in words:
        if not word or not word.isascii() or not word.replace("_", "").replace(".", "").isalnum():
            raise InvalidTarget(word, option, "letters, digits, '_' and '.' are accepted in pip's words")
    return [part for pair in words for part in pair]


def _platform_tags(options: "argparse.Namespace") -> "int":
    if options.root is not None and options.python_version is None and options.format == "lines":
        options.python_version = "3"  # they are the same for every Python, and an image may have none
    target = _target(options)
    return _print_list(target, list(target.platform_tags), options)


def _tags(options: "argparse.Namespace") -> "int":
    target = _target(options)
    return _print_list(target, list(target.triples), options)


def _probe(options: "argparse.Namespace") -> "int":
    from .report import report

    target = _target(options, thorough=True)
    show(target.to_json() if options.json else report(target))
    return 0


def _rank(options: "argparse.Namespace") -> "int":
    target = _target(options)
    fitting: list[str] = []
    malformed: list[InvalidWheelName] = []
    count = refused = 0
    for count, name in enumerate(_names(options), 1):  # noqa: B007 -- counted
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
        complain(f"malformed: {refused} of {count} names; the first:")
        for problem in malformed:
            complain(f"  {problem}")
    if best:
        return 0
    return 2 if refused == count and refused else 1


def _explain(options: "argparse.Namespace") -> "int":
    from .._explain import Judge, Mismatch, Reason, nearest_first, summary

    judge = Judge(_target(options))
    verdicts = [judge.judge(name) for name in _names(options)]
    misses = nearest_first([verdict for verdict in verdicts if isinstance(verdict, Mismatch)], judge.target)
    matches = [verdict for verdict in verdicts if not isinstance(verdict, Mismatch)]
    if options.json:
        show(verdicts_to_json(matches, misses, judge.target))
    else:
        lines = [str(match) for match in sorted(matches, key=lambda match: match.rank)]
        for miss in misses:
            lines += [str(miss), *([f"  {miss.hint}"] if miss.hint else [])]
        if len(misses) > 1 and not matches:
            lines += ["", summary(misses, judge.target)]
        if lines:
            show_lines(lines)
    if not misses:
        return 0 if matches else 1
    return 1 if matches or misses[0].reason is not Reason.MALFORMED else 2


def _floor(options: "argparse.Namespace") -> "int":
    from .._floor import floors

    found, malformed = floors(_target(options), _names(options))
    if options.json:
        show(floors_to_json(found))
    elif found:
        show_lines([str(row) for row in found])
    for problem in malformed[:SHOWN_MALFORMED]:
        complain(str(problem))
    if not found:
        return 2 if malformed else 1
    return 0 if all(row.fits for row in found) else 1


def _audit(options: "argparse.Namespace") -> "int":
    from .audit_report import run

    return run(options, _target)


#: name -> what it does, and the function that does it.
COMMANDS: "dict[str, tuple[str, Callable[[argparse.Namespace], int]]]" = {
    "": ("print the platform tags that this machine accepts, one a line, best first", _platform_tags),
    "tags": ("print the full python-abi-platform tags, one a line, best first", _tags),
    "rank": ("print the compatible ones of some wheels, best first", _rank),
    "explain": ("say of each wheel whether it fits and why not, the nearest miss first", _explain),
    "floor": ("print the lowest glibc and musl with which one wheel of each project would fit", _floor),
    "audit": ("look into wheels: do they keep what their tags promise, and will they load here", _audit),
    "probe": ("print what was detected, and how each fact is known", _probe),
}

#: name -> words to try it with.
EXAMPLES = {
    "": "--platform manylinux_2_28_aarch64",
    "tags": "--python-version 3.12 --platform manylinux2014_x86_64 --format pip",
    "rank": "dist/*.whl",
    "explain": "numpy-2.3.2-cp312-cp312-manylinux_2_28_x86_64.whl",
    "floor": "--python-version 3.12 - < names.txt",
    "audit": "--root /mnt/image dist/*.whl",
    "probe": "--json > target.json",
}
