"""Words to options, and options to targets."""

from __future__ import annotations

import argparse
import sys

from .. import __version__, _core, _errors, _local, _probe, _root, _saved, _target
from . import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from .._target import Target

PROG = "python -m mltags" if (sys.argv[:1] or [""])[0].endswith("__main__.py") else "mltags"

#: command -> what it does.
COMMANDS = {
    "": "print the platform tags that this machine accepts, one a line, best first",
    "tags": "print the full python-abi-platform tags, one a line, best first",
    "probe": "print what was detected, and how each fact is known",
    "machines": "list the machines that --machine accepts, or those on which wheels install (--fits)",
    "rank": "print the wheels that fit: the newest version first, then the best tag",
    "explain": "explain why wheels do not fit, the nearest miss first",
    "check": "check whether a lock, a directory of wheels, a project or an environment works on each machine",
    "audit": "check whether wheels' tags are correct, whether they load, and whether they conflict",
}

#: command -> an example of its options.
EXAMPLES = {
    "": "--platform manylinux_2_28_aarch64",
    "tags": "--python-version 3.12 --platform manylinux2014_x86_64 --format pip",
    "probe": "--json > target.json",
    "machines": "--fits dist/*.whl",
    "rank": "--machine centos-7 --python-version 3.12 dist/",
    "explain": "numpy-2.3.2-cp312-cp312-manylinux_2_28_x86_64.whl",
    "check": "uv.lock --machine centos-7 --machine alpine-3.20 --python-version 3.12",
    "audit": "--root /mnt/image dist/*.whl",
}

_EXITS = {
    "rank": "0 something fits; 1 nothing does; 2 bad input",
    "explain": "0 every wheel fits; 1 some do not, or there is none; 2 bad input",
    "check": "0 everything fits everywhere; 1 something does not, or nothing could be judged; 2 bad input",
    "audit": "0 tags correct, loads, no conflict; 1 otherwise; 2 bad input",
    "machines": "0 every wheel fits somewhere; 1 at least one fits nowhere; 2 bad input",
}


class _Parser(argparse.ArgumentParser):
    """A parser whose errors look like all our others."""

    def error(self, message: str) -> NoReturn:
        output.print_error(f"{_errors.printable(message)} (see: {self.prog} --help)")
        raise SystemExit(2)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print the help or the version; argparse's own passes over an error, such as a full disk."""
        print(message, end="", file=file)


def split(words: list[str]) -> tuple[str, list[str]]:
    """The command among *words*, wherever it is, and the other words; empty if none is named.

    Raises:
        UsageError: the first word that should be a command is not one.
    """
    known = {option: action.nargs for action in _whole_parser()._actions for option in action.option_strings}
    is_value = False
    for place, word in enumerate(words):
        if not is_value and not word.startswith("-"):
            if word not in COMMANDS:
                commands = ", ".join(filter(None, COMMANDS))
                raise output.UsageError(f"no command '{_errors.printable(word, 60)}'; expected one of {commands}")
            return word, words[:place] + words[place + 1 :]
        # The word after an unknown option may be its value; the parser will reject both.
        is_value = word.startswith("-") and "=" not in word and known.get(word) != 0
    return "", words


def _whole_parser() -> argparse.ArgumentParser:
    """A parser that knows the options of every command."""
    made = argparse.ArgumentParser(conflict_handler="resolve")
    made.add_argument("--version", action="version")
    for add in (_add_target, _add_list, _add_rank, _add_machines, _add_check, _add_audit):
        add(made)
    return made


#: Command -> the name of its arguments in the usage, and what they may be.
_WHEELS = "wheels: filenames, paths, URLs, directories, saved pages of an index; '-' reads standard input"
_NAMES = {
    "rank": ("WHAT", _WHEELS),
    "explain": ("WHAT", _WHEELS),
    "check": (
        "WHAT",
        "a lock, requirements file, directory of wheels, environment or saved page; or filenames; '-' reads standard input",
    ),
    "audit": ("WHEEL", "paths of wheels, or of directories of wheels"),
}


def parser(command: str) -> argparse.ArgumentParser:
    """The parser of a command's options."""
    prog = f"{PROG} {command}".strip()
    exits = _EXITS.get(command, "0 success; 2 bad input")
    epilog = f"example:\n  {prog} {EXAMPLES[command]}\n\nexit status: {exits}"
    if not command:
        listed = "\n".join([f"  {name:9}{what}" for name, what in COMMANDS.items() if name])
        epilog = f"commands (COMMAND --help shows more):\n{listed}\n\n{epilog}"
    made = _Parser(
        prog=prog,
        usage=None if command else f"{PROG} [COMMAND] [OPTION ...]",
        description=COMMANDS[command],
        epilog=epilog,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if command in _NAMES:
        metavar, what = _NAMES[command]
        made.add_argument("names", metavar=metavar, nargs="*", help=what)
    if command != "machines":
        _add_target(made)
    _ADDERS.get(command, lambda _: None)(made)
    if not command:
        made.add_argument("--version", action="version", version=_versions())
    return made


def _versions() -> str:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    try:
        packaging = version("packaging")
    except PackageNotFoundError:  # vendored without its metadata
        packaging = "unknown"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"mltags {__version__} (packaging {packaging}, {python})"


def _add_target(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("target (default: the running Python on this machine)")
    add = group.add_argument
    what = "a machine described by a platform tag, such as manylinux_2_28_x86_64; repeat in order of preference"
    add("--platform", metavar="TAG", action="append", help=what)
    add("--python-version", metavar="X.Y", help="Python version of the target")
    add("--implementation", metavar="cp|pp|py", help="Python implementation of the target")
    add("--abi", metavar="ABI", action="append", help="ABI of the target; repeat in order of preference")
    what = "a machine by name, such as centos-7 or debian-12:aarch64; check compares several machines and targets"
    add("--machine", metavar="NAME[:ARCH]", action="append", help=what)
    add("--root", metavar="DIR", help="the machine and the Python in this root directory; runs nothing in it")
    add("--root-python", metavar="PATH", help="which Python in the root directory, where it has several")
    add("--python", metavar="EXE", help="another Python interpreter; it is run to query it")
    add("--target", metavar="FILE", action="append", help="a target saved as JSON (probe --json), or pex's complete platform")
    add("--max-glibc", metavar="X.Y", help="leave out manylinux tags above this version of glibc")
    what = "position of plain linux_<arch> tags (default: first for a probed machine, last for a declared one)"
    add("--linux-tags", choices=("first", "last"), help=what)
    made.add_argument("--json", action="store_true", help="print JSON")


def _add_list(made: argparse.ArgumentParser) -> None:
    what = "pip, uv: the options that make that tool choose for this target; pex: its complete platform (default: lines)"
    made.add_argument("--format", choices=("lines", "pip", "uv", "pex"), default="lines", help=what)


def _add_index(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("index (used only with these options)")
    group.add_argument("--project", metavar="NAME", help="the files of this project on the index")
    group.add_argument("--index-url", metavar="URL", help="index URL (default: from pip's configuration)")


def _add_rank(made: argparse.ArgumentParser) -> None:
    made.add_argument("--top", metavar="N", type=count, help="print only the best N, and keep no more in memory")
    _add_index(made)


def _add_machines(made: argparse.ArgumentParser) -> None:
    made.add_argument("--fits", metavar="WHEEL", nargs="+", help="list the machines on which these wheels install")
    made.add_argument("--python-version", metavar="X.Y", help="with --fits: the Python version (default: the machine's own)")
    made.add_argument("--json", action="store_true", help="print JSON")


def _add_check(made: argparse.ArgumentParser) -> None:
    made.add_argument("--all", action="store_true", help="show packages that fit, too")
    made.add_argument("--extra", metavar="NAME", action="append", default=[], help="include this extra of the lock; repeatable")
    what = "include this dependency group (default: those that the lock's own tool installs)"
    made.add_argument("--group", metavar="NAME", action="append", help=what)
    made.add_argument("--only-binary", action="store_true", help="treat packages without a fitting wheel as failures")
    formats = ("text", "json", "markdown", "html", "github", "requirements")
    made.add_argument("--format", choices=formats, default="text", help="how to print the report (default: text)")
    _add_index(made)
    made.add_argument("--index", action="store_true", help="ask the index which files a pin has, and which version would fit")


def _add_audit(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    formats = ("text", "json", "markdown", "html", "github")
    add("--format", choices=formats, default="text", help="how to print the verdicts (default: text)")
    add("--strict", action="store_true", help="treat remarks as failures")
    what = "ignore RULE, or only for files matching the glob PATTERN"
    add("--ignore", metavar="RULE[:PATTERN]", action="append", default=[], help=what)
    add("--recursive", action="store_true", help="look for wheels in directories below those given")
    what = "judge wheels separately, in N processes; with --json, print JSON Lines"
    add("--jobs", metavar="N", type=count, default=1, help=what)
    add("--resume", metavar="FILE", help="skip wheels that already have a verdict in FILE (JSON Lines)")
    add("--all", action="store_true", help="also list harmless overlaps with other wheels and shared libraries")


_ADDERS = {
    "": _add_list,
    "tags": _add_list,
    "machines": _add_machines,
    "rank": _add_rank,
    "explain": _add_index,
    "check": _add_check,
    "audit": _add_audit,
}


def count(text: str) -> int:
    """A whole number from 1 up."""
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"'{_errors.printable(text, 60)}' is not a whole number from 1 to 99999999")
    return int(text)


def merge_json(given: argparse.Namespace) -> None:
    """``--json`` is a format; two formats are an error."""
    if given.json and given.format not in {"text", "json"}:
        raise output.UsageError("--format and --json cannot be combined; use one of them")
    if given.json:
        given.format = "json"


# Options to targets

_PLACES = ("platform", "machine", "root", "python", "target")


def target_of(options: argparse.Namespace, *, thorough: bool = False) -> Target:
    """The one target that the options describe; without any, the running interpreter on this machine.

    *thorough*: read this machine's program, even where it changes nothing. Raises ``UsageError`` for options that exclude one
    another.
    """
    placed = [f"--{name}" for name in _PLACES if getattr(options, name) is not None]
    if len(placed) > 1:
        raise output.UsageError(f"{' and '.join(placed)} cannot be combined; use one of them")
    for name in ("machine", "target"):
        if len(getattr(options, name) or ()) > 1:
            raise output.UsageError(f"--{name} was given more than once; only check compares several targets")
    if options.root_python is not None and options.root is None:
        raise output.UsageError("--root-python needs --root")
    return _one(options, thorough=thorough)


def targets_of(options: argparse.Namespace) -> dict[str, Target]:
    """Every target that the options describe, by the name of its column."""
    machines, targets = options.machine or [], options.target or []
    if len(machines) + len(targets) < 2:
        name = (machines or targets or options.platform or [options.root or options.python or "this machine"])[0]
        return {name: target_of(options)}
    for name in ("max_glibc", "linux_tags"):
        if targets and getattr(options, name) is not None:
            raise output.UsageError(f"--{name.replace('_', '-')} cannot be combined with --target")
    found = {}
    for key, words in (("machine", machines), ("target", targets)):
        for word in words:
            one = argparse.Namespace(**{**vars(options), "machine": None, "target": None, key: [word]})
            if key == "target":  # it is saved with its Python; the options are for the machines
                one.python_version = one.implementation = one.abi = None
            found[word] = target_of(one)
    return found


def _one(options: argparse.Namespace, *, thorough: bool) -> Target:
    words = {"python_version": options.python_version, "implementation": options.implementation, "abis": options.abi}
    given = {name: word for name, word in words.items() if word is not None}
    common = {"linux_tags": options.linux_tags, "max_glibc": options.max_glibc}
    if options.target is not None:
        if given or any(value is not None for value in common.values()):
            raise output.UsageError("--target cannot be combined with other target options")
        return _saved_target(options.target[0])
    if options.python is not None:
        if given:
            raise output.UsageError("--python cannot be combined with --python-version, --implementation or --abi")
        return _target.Target.of_interpreter(options.python, **common)
    if options.platform is not None:
        return _target.Target.of(platform=options.platform, **words, **common)
    if options.machine is not None:
        return _target.Target.of_machine(options.machine[0], **given, **common)
    if options.root is not None:
        return _rooted(_root.RootHost(options.root, options.root_python), given, common)
    if given:
        running = {"python_version": _local.LocalHost().python()["version"], "implementation": None}
        return _target.Target.of(**{**running, **given}, **common)
    target = _target.Target.current(**common)
    if not thorough:
        return target
    found = _probe.inquire(_local.LocalHost(), options.max_glibc, thorough=True)
    return target._replace(platform=_probe.placed(found, options.linux_tags))


def _rooted(host: _root.RootHost, given: dict[str, object], common: dict[str, str | None]) -> Target:
    """The target of a root directory; what the options leave out comes from the root."""
    found = _probe.inquire(host, common["max_glibc"])
    if found.system != "Linux":
        problem = f"its programs are for {found.system}; only root directories of Linux can be read"
        raise _errors.ProbeError(host.directory, problem)
    if not found.archs and not found.explicit_tags:
        raise _errors.ProbeError(host.directory, "no program found in it; pass the root directory of a system")
    try:
        python = _probe.python_of(host)
    except _errors.ProbeError:
        if "python_version" not in given:
            raise
        return _target.Target.of(platform=found, **{"implementation": "cp", **given}, **common)  # type: ignore[arg-type]
    if not given:
        return _target.Target.of_host(host, **common)
    own = {"python_version": python.version, "implementation": python.implementation}
    return _target.Target.of(platform=found, **{**own, **given}, **common)  # type: ignore[arg-type]


def _saved_target(path: str) -> Target:
    try:
        data = _local.read_regular(path, _saved.MAX_TEXT + 1)
        return _saved.from_bytes(_target.Target, data)
    except OSError as problem:
        raise _errors.InvalidTarget(path, "--target", f"cannot be read: {problem}") from problem
    except _errors.InvalidTarget as problem:
        raise _errors.InvalidTarget(path, problem.part, problem.problem) from problem


# Targets to other tools' options


def pip_words(target: Target) -> list[str]:
    """The options that make pip choose for *target*; ``InvalidTarget`` if a word would not be safe in a shell."""
    python = target.python
    if python is None:
        raise _errors.InvalidTarget(target.title, "--format pip", "a list of tags names no Python; pass a target with one")
    words = [("--platform", tag) for tag in target.platform_tags]
    words += [("--python-version", ".".join([str(number) for number in python.version]))]
    words += [("--implementation", python.implementation), *[("--abi", abi) for abi in python.abis]]
    for option, word in words:
        if not word or not word.isascii() or not word.replace("_", "").replace(".", "").isalnum():
            raise _errors.InvalidTarget(word, option, "may hold letters, digits, '_' and '.' only, to be safe in a shell")
    return [part for pair in words for part in pair]


#: The versions of glibc for which uv has a platform on x86_64 and aarch64, and uv's names by best platform tag.
_UV_GLIBC = (17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)
_UV_ARCHS = ("x86_64", "aarch64")
_UV_NAMES = {
    "win_amd64": "x86_64-pc-windows-msvc",
    "win_arm64": "aarch64-pc-windows-msvc",
    "win32": "i686-pc-windows-msvc",
    "macosx_13_0_arm64": "aarch64-apple-darwin",
    "macosx_13_0_x86_64": "x86_64-apple-darwin",
    **{f"musllinux_1_2_{arch}": f"{arch}-unknown-linux-musl" for arch in _UV_ARCHS},
    **{f"manylinux_2_{minor}_{arch}": f"{arch}-manylinux_2_{minor}" for arch in _UV_ARCHS for minor in _UV_GLIBC},
}


def uv_words(target: Target) -> list[str]:
    """The options that make uv choose for *target*; ``InvalidTarget`` if uv has no name for it."""
    python = target.python
    if python is None or python.implementation != "cp" or list(python.abis) != _core.cpython_abis(python.version, {}):
        raise _errors.InvalidTarget(target.title, "--format uv", "uv can be asked for released versions of CPython only")
    best = next((tag for tag in target.platform_tags if not tag.startswith("linux_")), target.title)
    if best not in _UV_NAMES:
        known = ", ".join([f"2.{minor}" for minor in _UV_GLIBC])
        problem = f"uv has no name for {best}; it has glibc {known} and musl 1.2 on x86_64 and aarch64, Windows and macOS 13"
        raise _errors.InvalidTarget(target.title, "--format uv", problem)
    version = ".".join([str(number) for number in python.version])
    return ["--python-platform", _UV_NAMES[best], "--python-version", version]


#: --format -> the text for a target.
FORMATS: dict[str, Callable[[Target], str]] = {
    "pip": lambda target: " ".join(pip_words(target)),
    "uv": lambda target: " ".join(uv_words(target)),
    "pex": _saved.to_pex,
}
