"""The command ``audit``: wheels in, verdicts out, as text or in the formats of other tools."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import sys

from .. import _errors, _local, _probe, _root, audit
from ..check import report as pages
from . import names, options, output, progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from .._core import Platform
    from .._target import Target
    from ..audit import Audit, Finding

    Verdict = Audit | _errors.InvalidWheel | _errors.InvalidWheelName

#: Bytes of a wheel from which on progress is shown; smaller ones are read at once.
_LARGE = 64 << 20


def run(given: argparse.Namespace) -> int:
    """Judge the wheels that *given* names. 0: nothing is wrong; 1: something is; 2: a wheel cannot be read."""
    options.merge_json(given)
    _check_names(given)
    if not given.names:
        return output.print_error("no wheels found")
    try:
        is_ignored = audit.ignoring(given.ignore)
    except _errors.InvalidTarget as problem:
        raise output.UsageError(f"--ignore '{_errors.printable(problem.text, 60)}': {problem.problem}") from problem
    target, root = _target(given)
    if given.jobs > 1 or given.resume is not None or any(os.path.isdir(name) for name in given.names):
        return _run_each(given, target, root, is_ignored)
    return _run_together(given, target, root, is_ignored)


def _check_names(given: argparse.Namespace) -> None:
    """Refuse what is for another command, and leave out files that are not wheels."""
    if not given.names:
        raise output.UsageError("no wheels given; pass paths of wheels or directories")
    others = [name for name in given.names if name.endswith(names.SDISTS) and not os.path.isdir(name)]
    if others:
        words = "file that is not a wheel" if len(others) == 1 else "files that are not wheels"
        output.print_error(f"skipped {len(others)} {words}")
        given.names = [name for name in given.names if name not in others]
    for name in given.names:
        if "://" in name:
            raise output.UsageError(f"'{_errors.printable(name, 60)}' is a URL; audit reads files, so download it first")
        if os.path.isdir(name) and _is_environment(name):
            raise output.UsageError(f"'{_errors.printable(name)}' is an environment; 'mltags check' looks into environments")


def _run_together(
    given: argparse.Namespace, target: Target | Platform, root: _root.RootHost | None, is_ignored: Callable[[str, str], bool]
) -> int:
    """Judge wheels that are installed side by side."""
    with progress.bar(is_bytes=True) as show:
        judged = audit.audit_together(given.names, target, root=root, progress=_large_only(show), list_captures=given.all)
    rows = [(path, _strip(verdict, is_ignored)) for path, verdict in zip(given.names, judged.wheels, strict=True)]
    conflicts, ignored = audit.without(judged.conflicts, is_ignored)
    captures, left_out = audit.without(judged.captures, is_ignored)
    serious = [conflict for conflict in conflicts if conflict.kind is not audit.Kind.REMARK]
    output.print_text(_FORMATS[given.format](rows, [*conflicts, *captures] if given.all else serious))
    _report_ignored([*ignored, *left_out, *[finding for _, (_, others) in rows for finding in others]])
    code = max([_code(verdict, strict=given.strict) for _, (verdict, _) in rows], default=0)
    return max(code, int(bool(conflicts if given.strict else serious)))


def _is_environment(path: str) -> bool:
    from ..check import environment  # needed for directories only

    return environment.is_environment(path)


def _large_only(show: Callable[[str, int, int], None] | None) -> Callable[[str, int, int], None] | None:
    if show is None:
        return None
    return lambda name, done, total: show(name, done, total) if total >= _LARGE else None


def _strip(verdict: Verdict, is_ignored: Callable[[str, str], bool]) -> tuple[Verdict, tuple[Finding, ...]]:
    """A verdict without the ignored findings, and the ignored findings."""
    if not isinstance(verdict, audit.Audit):
        return verdict, ()
    return verdict.without(is_ignored)


def _code(verdict: Verdict, *, strict: bool) -> int:
    if not isinstance(verdict, audit.Audit):
        return 2
    return 0 if verdict.is_clean(strict=strict) else 1


def _report_ignored(findings: Iterable[Finding]) -> None:
    """Note which rules were ignored, and how many times."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    if counts:
        output.print_error(f"ignored: {', '.join([f'{rule} ({count})' for rule, count in sorted(counts.items())])}")


def _target(given: argparse.Namespace) -> tuple[Target | Platform, _root.RootHost | None]:
    """The target to judge against, and the root whose libraries to look at.

    If no option names a Python, the wheels' Pythons do not count: a wheel for another Python is not refused.
    """
    words = [given.python, given.python_version, given.implementation, given.abi, given.target, given.root_python]
    is_bare = words.count(None) == len(words)
    if given.platform is not None or given.target is not None or given.machine is not None:
        target = options.target_of(given)
        return (target.platform if is_bare and target.platform else target), None
    root = _root.RootHost(given.root or "/", given.root_python) if given.root is not None or sys.platform == "linux" else None
    if given.root is None and is_bare:
        return _probe.inquire(_local.LocalHost(), given.max_glibc), root
    try:
        return options.target_of(given), root
    except _errors.ProbeError:
        found = _probe.inquire(root, given.max_glibc) if root is not None and is_bare else None
        if found is None or not found.archs:
            raise
        return found, root  # the root directory has no Python


# Many wheels separately


def _run_each(
    given: argparse.Namespace, target: Target | Platform, root: _root.RootHost | None, is_ignored: Callable[[str, str], bool]
) -> int:
    """Judge the wheels separately and print each verdict at once, as JSON Lines or text."""
    if given.format not in {"text", "json"}:
        raise output.UsageError("--jobs, --resume and directories cannot be combined with --format markdown, html or github")
    done = _done_before(given.resume)
    found = [path for name in given.names for path in _wheels_in(name, is_recursive=given.recursive)]
    known = [(path, *_identity(path)) for path in found]
    waiting = [(path, size, digest) for path, size, digest in known if (os.path.basename(path), size, digest) not in done]
    if len(waiting) < len(found):
        output.print_error(f"{len(found) - len(waiting)} of {len(found)} wheels have their verdicts in {given.resume}")
    total, read, code = sum([size for _, size, _ in waiting]), 0, 0
    left_out: list[Finding] = []
    pool = concurrent.futures.ProcessPoolExecutor(given.jobs) if given.jobs > 1 else None
    try:
        verdicts = audit.audit_many([path for path, _, _ in waiting], target, root=root, executor=pool)
        with progress.bar(is_bytes=True) as show:
            for (path, size, digest), whole in zip(waiting, verdicts, strict=True):
                verdict, ignored = _strip(whole, is_ignored)
                left_out += ignored
                code = max(code, _code(verdict, strict=given.strict))
                if given.format == "json":
                    output.print_text(json.dumps({**_row(path, verdict), "path": path, "size": size, "sha256": digest}))
                else:
                    output.print_lines(_lines(path, verdict))
                read += size
                if show:
                    show(os.path.basename(path), read, total)
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
    _report_ignored(left_out)
    if not found:
        output.print_error("no wheels found")
        return 2
    return code


def _wheels_in(name: str, *, is_recursive: bool) -> Iterator[str]:
    """The wheel that *name* is, or the wheels in that directory, in order."""
    if not os.path.isdir(name):
        yield name
        return
    for folder, below, files in os.walk(name):
        below.sort()
        if not is_recursive:
            below.clear()
        yield from [os.path.join(folder, file) for file in sorted(files) if file.endswith(".whl")]


def _identity(path: str) -> tuple[int, str]:
    """The size and the hash of a file; 0 and an empty text if it cannot be read, which its verdict will say."""
    digest = hashlib.sha256()
    size = 0
    try:
        with open(path, "rb") as file:
            while data := file.read(1 << 20):
                digest.update(data)
                size += len(data)
    except OSError:
        return 0, ""
    return size, digest.hexdigest()


def _done_before(path: str | None) -> set[tuple[str, int, str]]:
    """The (name, size, hash) of the wheels that have a verdict in a file of JSON Lines; truncated lines are ignored."""
    done: set[tuple[str, int, str]] = set()
    if path is None:
        return done
    if not os.path.exists(path):
        output.print_error(f"{_errors.printable(path)} does not exist, so every wheel is judged")
        return done
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    row = json.loads(line)
                    done.add((str(row["name"]), int(row["size"]), str(row["sha256"])))
                except (ValueError, KeyError, TypeError):
                    continue
    except OSError as problem:
        raise names.ReadError(f"cannot read {_errors.printable(path)}: {problem.strerror}") from problem
    return done


# Formats


def _row(path: str, verdict: Verdict) -> dict[str, object]:
    if isinstance(verdict, audit.Audit):
        return verdict.as_dict()
    return {"name": os.path.basename(path), "error": str(verdict)}


def _to_json(rows: list[tuple[str, tuple[Verdict, tuple[Finding, ...]]]], conflicts: list[Finding]) -> str:
    wheels = [_row(path, verdict) for path, (verdict, _) in rows]
    return json.dumps({"mltags": 1, "wheels": wheels, "conflicts": [finding.as_dict() for finding in conflicts]})


def _lines(path: str, verdict: Verdict) -> list[str]:
    """One wheel as text: the verdict, then its findings and remedies."""
    if not isinstance(verdict, audit.Audit):
        return [f"{_errors.printable(os.path.basename(path))}: {verdict}"]
    return [str(verdict), *[line for finding in verdict.findings for line in _finding(finding)]]


def _finding(finding: Finding) -> list[str]:
    mark = "remark: " if finding.kind is audit.Kind.REMARK else ""
    remedy = [f"    {_errors.printable(finding.remedy, None)}"] if finding.remedy else []
    return [f"  {mark}{finding} [{finding.rule}]", *remedy]


def _to_text(rows: list[tuple[str, tuple[Verdict, tuple[Finding, ...]]]], conflicts: list[Finding]) -> str:
    lines = [line for path, (verdict, _) in rows for line in _lines(path, verdict)]
    if conflicts:
        lines += ["together", *[line for finding in conflicts for line in _finding(finding)]]
    return "\n".join(lines)


def _to_markdown(rows: list[tuple[str, tuple[Verdict, tuple[Finding, ...]]]], conflicts: list[Finding]) -> str:
    text = pages.markdown_text
    lines = ["| wheel | tags | loads | lowest tag |", "|---|---|---|---|"]
    marks = {True: "✓", False: "✗", None: "not judged"}
    below: list[str] = []
    for path, (verdict, _) in rows:
        if isinstance(verdict, audit.Audit):
            lowest = verdict.lowest_tag or ("not judged" if verdict.correct is None else "none")
            lines.append(f"| {text(verdict.name)} | {marks[verdict.correct]} | {marks[verdict.loads]} | {text(lowest)} |")
            below += [f"- {text(verdict.name)}: {_words(finding, text)}" for finding in verdict.findings]
        else:
            lines.append(f"| {text(os.path.basename(path))} | ✗ | ✗ | {text(str(verdict))} |")
    below += [f"- together: {_words(finding, text)}" for finding in conflicts]
    return "\n".join([*lines, *([""] * bool(below)), *below])


def _words(finding: Finding, text: Callable[[str], str]) -> str:
    mark = "remark: " if finding.kind is audit.Kind.REMARK else ""
    remedy = f" {text(finding.remedy)}" if finding.remedy else ""
    return f"{mark}{text(str(finding))} ({finding.rule}).{remedy}"


def _to_html(rows: list[tuple[str, tuple[Verdict, tuple[Finding, ...]]]], conflicts: list[Finding]) -> str:
    text = pages.html_text
    parts = ["<ul>"]
    for path, (verdict, _) in rows:
        is_good = isinstance(verdict, audit.Audit) and bool(verdict)
        words = str(verdict) if isinstance(verdict, audit.Audit) else f"{os.path.basename(path)}: {verdict}"
        found = verdict.findings if isinstance(verdict, audit.Audit) else ()
        shape = '<span aria-hidden="true">{}</span>'.format("✓" if is_good else "✗")
        smalls = "".join([f"<small>{_words(finding, text)}</small>" for finding in found])
        parts.append(f'<li class="{"good" if is_good else "bad"}"><div class="mark">{shape}{text(words)}</div>{smalls}</li>')
    serious = [finding for finding in conflicts if finding.kind is not audit.Kind.REMARK]
    row = '<li class="{}"><small>together: {}</small></li>'
    parts += [row.format("bad" if finding in serious else "good", _words(finding, text)) for finding in conflicts]
    is_clean = not serious and all(isinstance(verdict, audit.Audit) and verdict for _, (verdict, _) in rows)
    return pages.html_page(f"audit: {'no problems found' if is_clean else 'problems found'}", [*parts, "</ul>"])


def _to_github(rows: list[tuple[str, tuple[Verdict, tuple[Finding, ...]]]], conflicts: list[Finding]) -> str:
    lines = []
    for path, (verdict, _) in rows:
        if not isinstance(verdict, audit.Audit):
            lines.append(pages.annotation("error", os.path.basename(path), str(verdict)))
            continue
        lines += [_annotation(verdict.name, finding) for finding in verdict.findings]
    lines += [_annotation("together", finding) for finding in conflicts]
    return "\n".join(lines or [pages.annotation("notice", "audit", "no problems found")])


def _annotation(title: str, finding: Finding) -> str:
    level = "notice" if finding.kind is audit.Kind.REMARK else "error"
    remedy = f". {finding.remedy}" if finding.remedy else ""
    return pages.annotation(level, title, f"{finding} [{finding.rule}]{remedy}")


_FORMATS = {"text": _to_text, "json": _to_json, "markdown": _to_markdown, "html": _to_html, "github": _to_github}
