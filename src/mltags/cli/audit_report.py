"""The command ``audit``: wheels' files in, a report for people or JSON out."""

import json
import os
import sys

from .._errors import MltagsError, ProbeError, printable
from .output import complain, show, show_lines
from .._probe import LocalHost, inquire
from .._root import RootHost
from ..audit import Audit, audit_together

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from .._core import Platform
    from .._target import Target
    from ..audit import Finding, Together

#: A wheel with less to be read is done before anybody wonders.
LARGE = 64 << 20


def run(options: "argparse.Namespace", target_of: "Callable[[argparse.Namespace], Target]") -> "int":
    """Judge the wheels that *options* name; 0: all keep their promises and load here, 1: one does not, 2: one cannot be read."""
    target, root = _target(options, target_of)
    progress = _Progress()
    together = audit_together(options.names, target, root=root, progress=progress if progress.is_shown else None)
    progress.clear()
    problems = [wheel for wheel in together.wheels if not isinstance(wheel, Audit)]
    if options.json:
        show(_to_json(options.names, together))
    else:
        lines = []
        for wheel in together.wheels:
            if isinstance(wheel, Audit):
                lines += [str(wheel), *[f"  {'remark: ' * (not finding.kind)}{finding}" for finding in wheel.findings]]
        lines += [f"together: {finding}" for finding in together.conflicts]
        if lines:
            show_lines(lines)
    for problem in problems:
        complain(str(problem))
    return 2 if problems else 0 if together else 1


def _target(
    options: "argparse.Namespace", target_of: "Callable[[argparse.Namespace], Target]"
) -> "tuple[Target | Platform, RootHost | None]":
    """What the options say to judge against, and whose libraries to look at.

    Without a word of a Python the wheels' own Pythons do not count: a wheel for another one is no worse for it.
    """
    words = [options.python, options.python_version, options.implementation, options.abi, options.target]
    is_bare = words.count(None) == len(words)
    if options.platform is not None or options.target is not None:
        target = target_of(options)
        return (target.platform if is_bare and target.platform else target), None
    root = RootHost(options.root or "/") if options.root is not None or sys.platform == "linux" else None
    if options.root is None and is_bare:
        return inquire(LocalHost(), options.max_glibc), root
    try:
        return target_of(options), root
    except ProbeError:
        found = inquire(root, options.max_glibc) if root is not None and is_bare else None
        if found is None or not found.archs:
            raise
        return found, root  # a root directory without a Python


class _Progress:
    """A line on standard error that tells how far a large wheel is read, where a person may be looking at it."""

    def __init__(self) -> "None":
        self.is_shown = sys.stderr is not None and sys.stderr.isatty()
        self._last = ""

    def __call__(self, name: "str", done: "int", total: "int") -> "None":
        if total >= LARGE:
            self._show(f"{printable(name, 60)}: {100 * done // total} %")

    def clear(self) -> "None":
        """Take the line away."""
        if self._last:
            self._show("")

    def _show(self, text: "str") -> "None":
        if text != self._last:
            sys.stderr.write(f"\r{text:{len(self._last)}}" + "\r" * (not text))
            sys.stderr.flush()
            self._last = text


def _to_json(paths: "list[str]", together: "Together") -> "str":
    """The verdicts as one line of JSON; its keys are told in the README."""
    wheels = [_row(path, wheel) for path, wheel in zip(paths, together.wheels, strict=True)]
    return json.dumps({"mltags": 1, "wheels": wheels, "conflicts": [_finding(finding) for finding in together.conflicts]})


def _row(path: "str", wheel: "Audit | MltagsError") -> "dict[str, object]":
    if not isinstance(wheel, Audit):
        return {"name": os.path.basename(path), "error": str(wheel)}
    row = {key: getattr(wheel, key) for key in ("name", "claims", "keeps", "loads")}
    glibc = wheel.glibc and [wheel.glibc.major, wheel.glibc.minor]
    findings = [_finding(finding) for finding in wheel.findings]
    return {**row, "honest": wheel.honest or None, "glibc": glibc, "findings": findings}


def _finding(finding: "Finding") -> "dict[str, str]":
    return {name: str(getattr(finding, name)) for name in finding.__slots__}
