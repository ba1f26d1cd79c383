"""Verdicts on wheels: on one, on several in one process, or on many separately."""

from __future__ import annotations

import concurrent.futures
import os
from collections import deque
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING

from .. import _core, _errors, _probe, _root, _target
from . import captures, checks, conflicts, demands, findings, libraries, loading, wheelfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .findings import Audit, Error
    from .wheelfile import Contents, Progress

    PathLike = str | os.PathLike[str]
    AnyTarget = _target.Target | _core.Platform

Kind = findings.Kind
Row = findings.Row

#: Wheels that are submitted to an executor ahead of time: for each process of a pool, and in total if an executor does not show how
#: many it has.
PENDING_EACH = 8
MAX_PENDING = 1000


def audit(path: PathLike, target: AnyTarget | None = None, *, root: _root.RootHost | None = None) -> Audit:
    """Look into the wheel at *path*: are its tags correct, and will it load on *target*?

    Nothing is unpacked to a folder, and nothing in a wheel is run.

    >>> import mltags.audit
    >>> mltags.audit.audit("missing-1.0-py3-none-any.whl")
    Traceback (most recent call last):
    mltags.InvalidWheel: invalid wheel 'missing-1.0-py3-none-any.whl': file: cannot be read: No such file or directory

    Args:
        path: a wheel's file.
        target: a Target, or a Platform to leave the Python out; None: this machine's platform.
        root: whose libraries are looked at; None: this machine's where *target* is None, nobody's otherwise.

    Raises:
        InvalidWheel, InvalidWheelName: it cannot be read, or is not a wheel.
        OverrideError: this machine was probed, and its ``_manylinux`` module failed.
    """
    verdict = audit_together([path], target, root=root).wheels[0]
    if isinstance(verdict, _errors.MltagsError):
        raise verdict
    return verdict


def audit_together(
    paths: Iterable[PathLike],
    target: AnyTarget | None = None,
    *,
    root: _root.RootHost | None = None,
    progress: Progress | None = None,
    list_captures: bool = False,
) -> findings.Together:
    """Look into several wheels that are installed side by side, as :func:`audit` does, and for what they do to one another.

    The libraries of one serve the others. One that cannot be read does not keep the others from being judged. *progress* is called
    now and then with (filename, bytes done, of bytes). *list_captures*: also list references that bind to another wheel's file and do
    no harm; this reads every symbol.

    >>> import mltags.audit
    >>> mltags.audit.audit_together([]).wheels
    ()

    Raises:
        InvalidWheelName: *paths* is a single path.
        OverrideError: as :func:`audit`.
    """
    _check_list(paths)
    place = _Place(target, root)
    read: list[Contents | Error] = []
    for path in paths:
        try:
            read.append(wheelfile.read_wheel(os.fspath(path), progress))
        except (_errors.InvalidWheel, _errors.InvalidWheelName) as problem:
            read.append(problem)
    contents = [one for one in read if isinstance(one, wheelfile.Contents)]
    verdicts = [judge(one, place, contents) if isinstance(one, wheelfile.Contents) else one for one in read]
    files = place.system.files() if place.system else None
    rows = conflicts.conflicts(contents, files, is_musl=place.is_musl) if len(contents) > 1 else []
    captured = _captured(contents, place) if list_captures else []
    return findings.Together(tuple(verdicts), tuple(rows), tuple(captured))


def _captured(contents: list[Contents], place: _Place) -> list[findings.Finding]:
    if place.system is None:
        return captures.captures(contents, None, is_musl=place.is_musl)
    with closing(place.system.files(is_whole=True)) as files:
        return captures.captures(contents, files, is_musl=place.is_musl)


def _check_list(paths: object) -> None:
    """Refuse a single path in place of a list, because a text would be read letter by letter."""
    if isinstance(paths, (str, bytes, os.PathLike)):
        raise _errors.InvalidWheelName(os.fsdecode(paths), "paths", "expected a list of paths; put a single one into a list")


class _Place:
    """What wheels are judged against: the target, the libraries of its system, and its description."""

    def __init__(self, target: AnyTarget | None, root: _root.RootHost | None) -> None:
        if target is None:
            target = _probe.probe()
            root = root or (_root.RootHost("/") if target.system == "Linux" else None)
        self.target = target
        self.system: libraries.Libraries | None = libraries.Libraries(root) if root else None
        self.leaves: libraries.Leaves | None = libraries.Leaves(self.system) if self.system else None
        self.is_here: bool = root is not None and root.directory == "/"
        self.words: str = "" if self.is_here else loading.describe(target)
        platform = loading.platform_of(target)
        self.system_name: str = platform.system if platform else ""
        self.is_musl: bool = platform is not None and isinstance(platform.libc, _core.Musl)


def judge(contents: Contents, place: _Place, together: list[Contents]) -> Audit:
    """The verdict on one wheel that is installed *together* with others, itself among them."""
    found = checks.Judgement()
    claims = []
    for tag in contents.wheel.platforms:
        claim = demands.read_claim(tag)
        if isinstance(claim, demands.Claim):
            claims.append(claim)
        else:
            found.add(Kind.TAG, "tag", [Row("", tag)], str(claim))
    site = libraries.Site([binary for one in together for binary in one.binaries], place.leaves, is_musl=place.is_musl)
    needs = demands.Demands(contents.binaries, claims, site)
    lowest, image = needs.lowest_tag()
    checks.check_tags(found, contents, needs, lowest)
    checks.check_abis(found, contents)
    checks.check_metadata(found, contents)
    checks.check_entries(found, contents, claims)
    checks.check_files(found, needs)
    checks.check_linux(found, claims, lowest, image)
    judged = [claim for claim in claims if claim.is_judged]
    is_judged = bool(judged or not claims)
    # A wheel for Android is never meant to load "here", on this machine.
    is_elsewhere = place.is_here and bool(judged) and all(claim.system == "Android" != place.system_name for claim in judged)
    if is_judged:
        if not is_elsewhere:
            loading.Loading(found, contents, needs, place.target, place.system, site).check()
        others = ".".join([claim.tag for claim in claims if not claim.is_judged])
        found.add(Kind.REMARK, "judged", [Row("", others)] * bool(others), "tags that are not judged: {need}")
    return findings.Audit(
        contents.filename,
        tuple(contents.wheel.platforms),
        lowest,
        needs.glibc,
        tuple(sorted(found.findings, key=lambda finding: -finding.kind)),
        image,
        is_judged,
        not is_elsewhere,
        place.words,
    )


def audit_many(
    paths: Iterable[PathLike],
    target: AnyTarget | None = None,
    *,
    root: _root.RootHost | None = None,
    executor: concurrent.futures.Executor | None = None,
) -> Iterator[Audit | Error]:
    """Judge many wheels separately. Yields a verdict, or an error if a wheel cannot be read, for each path in order.

    The verdict on one wheel is a pure function of a path and a target, which pickles. *executor* runs it: a process pool of the
    standard library, or that of any engine for distributed work; None: one after another in this process. A wheel that ends the
    process which reads it is reported as such, and costs none of the others its verdict.

    >>> import mltags.audit
    >>> [type(verdict).__name__ for verdict in mltags.audit.audit_many(["missing-1.0-py3-none-any.whl", "x"])]
    ['InvalidWheel', 'InvalidWheelName']

    Raises:
        InvalidWheelName: *paths* is a single path.
        OverrideError: as :func:`audit`.
    """
    _check_list(paths)
    _place.cache_clear()  # files of the system may have changed
    place = _Place(target, root)
    # Each process reads the root itself; its libraries are not sent around.
    directory = root.directory if root else "/" if target is None and place.system else None
    job = _Job(place.target, directory)
    names = (os.fspath(path) for path in paths)
    return map(job, names) if executor is None else _spread(job, names, executor)


class _Job:
    """Judging one wheel, as it is sent to another process."""

    def __init__(self, target: AnyTarget, directory: str | None) -> None:
        self._target, self._directory = target, directory

    def __call__(self, path: str) -> Audit | Error:
        try:
            place = _place(self._target, self._directory)
            contents = wheelfile.read_wheel(path)
            return judge(contents, place, [contents])
        except (_errors.InvalidWheel, _errors.InvalidWheelName) as problem:
            return problem
        except Exception as problem:  # one wheel must not end the work on the others
            return _errors.InvalidWheel(path, "file", f"cannot be judged: {_errors.exception_text(problem)}")


@lru_cache(maxsize=1)
def _place(target: AnyTarget, directory: str | None) -> _Place:
    return _Place(target, _root.RootHost(directory) if directory else None)


def _spread(job: _Job, names: Iterator[str], executor: concurrent.futures.Executor) -> Iterator[Audit | Error]:
    """The verdicts in order; enough wheels are submitted ahead to keep an executor busy.

    If a process of a pool dies, the pool is broken: every pending wheel is judged again, in a process of its own.
    """
    pending: deque[tuple[str, concurrent.futures.Future[Audit | Error]]] = deque()
    pools: list[concurrent.futures.Executor] = []
    count = getattr(executor, "_max_workers", None)
    limit = PENDING_EACH * count if isinstance(count, int) else MAX_PENDING
    try:
        while True:
            while len(pending) < limit and (name := next(names, None)) is not None:
                try:
                    future = (pools or [executor])[-1].submit(job, name)
                except concurrent.futures.BrokenExecutor:
                    pools.append(concurrent.futures.ProcessPoolExecutor(count))
                    future = pools[-1].submit(job, name)
                pending.append((name, future))
            if not pending:
                return
            yield _result(job, *pending.popleft())
    finally:
        for _, future in pending:
            future.cancel()
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)


def _result(job: _Job, name: str, future: concurrent.futures.Future[Audit | Error]) -> Audit | Error:
    try:
        return future.result()
    except concurrent.futures.BrokenExecutor:
        return _alone(job, name)
    except Exception as problem:  # other executors have their own errors for a worker that died
        return _dead(name, _errors.exception_text(problem))


def _alone(job: _Job, name: str) -> Audit | Error:
    """Judge one wheel in a process of its own, after its pool broke."""
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        try:
            return pool.submit(job, name).result()
        except concurrent.futures.BrokenExecutor:
            return _dead(name, "it may need more memory than there is")


def _dead(name: str, why: str) -> Error:
    return _errors.InvalidWheel(name, "process", f"the process that read it died: {why}")
