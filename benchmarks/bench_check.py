"""Checking a lock of 1,000 packages on ten targets, beside ``Pylock.select`` for each of them; both have read the lock before.

Where one package in six is refused, the peer's lock has an sdist of it, for ``select`` ends at the first that does not fit.
"""

from collections.abc import Iterator
from typing import Any

import measure
from packaging.pylock import Pylock

import mltags
from mltags.check import locks, pylock, report, verdict

PLATFORMS = (
    "manylinux2014_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_39_aarch64",
    "musllinux_1_2_x86_64",
    "macosx_14_0_arm64",
)
ENDS = (
    "macosx_10_9_x86_64",
    "macosx_11_0_arm64",
    "manylinux2014_aarch64.manylinux_2_17_aarch64",
    "manylinux2014_x86_64.manylinux_2_17_x86_64",
    "musllinux_1_2_aarch64",
    "musllinux_1_2_x86_64",
    "win_amd64",
)
#: What a package has that is refused on most of the targets.
NEWER = tuple(end.replace("manylinux2014", "manylinux_2_41").replace("2_17", "2_40") for end in ENDS if "musl" not in end)


def _package(number: int, *, is_refused: bool, has_sdist: bool) -> dict[str, Any]:
    name, version = f"package{number}", f"{number % 7}.{number % 11}"
    if number % 3 == 1 and not is_refused:
        ends = ["py3-none-any"]
    else:
        ends = [f"{python}-{python}-{end}" for python in ("cp311", "cp312", "cp313") for end in (NEWER if is_refused else ENDS)]
    found: dict[str, Any] = {
        "name": name,
        "version": version,
        "wheels": [{"url": f"https://example.org/{name}-{version}-{end}.whl", "hashes": {"sha256": "0" * 64}} for end in ends],
    }
    if number % 10 == 0:
        found["marker"] = "sys_platform == 'win32'" if number % 20 else "python_version >= '3.9'"
    if has_sdist:
        found["sdist"] = {"url": f"https://example.org/{name}-{version}.tar.gz", "hashes": {"sha256": "0" * 64}}
    return found


def _lock(*, every: int, has_sdist: bool) -> dict[str, Any]:
    packages = [
        _package(number, is_refused=number % every == every - 1, has_sdist=has_sdist and number % every == every - 1)
        for number in range(1000)
    ]
    return {"lock-version": "1.0", "created-by": "a benchmark", "packages": packages}


def _ours(table: dict[str, Any]) -> locks.Lock:
    lock = locks.Lock("pylock.toml", "pylock.toml")
    lock.packages = [pylock._of_pylock(package) for package in Pylock.from_dict(table).packages]
    return lock


def _check(lock: locks.Lock, targets: dict[str, mltags.Target]) -> report.Report:
    return verdict._check(lock, targets, None, None, False, (), None, None)


def rows() -> Iterator[measure.Row]:
    targets = {
        f"{platform} {version}": mltags.Target.of(python_version=version, implementation="cp", platform=platform)
        for platform in PLATFORMS
        for version in ("3.11", "3.13")
    }
    tags = {name: (target.environment, target.tags) for name, target in targets.items()}
    for work, bound, every in (("all fit", 0.3, 10_000), ("one package in six refused, sentences made", 0.6, 6)):
        lock = _ours(_lock(every=every, has_sdist=False))
        peer = Pylock.from_dict(_lock(every=every, has_sdist=True))

        def select(peer: Pylock = peer) -> list[list[Any]]:
            return [list(peer.select(environment=environment, tags=known)) for environment, known in tags.values()]  # type: ignore[arg-type]

        found = _check(lock, targets)
        assert bool(found) is (every > 1000)
        taken = {row.wheel for row in found.rows if row.wheel}
        assert taken == {file.filename for chosen in select() for _, file in chosen if file.filename.endswith(".whl")}
        yield measure.warm(
            f"check of 1,000 packages on 10 targets, {work}", bound, lambda lock=lock: _check(lock, targets), select, seconds=20
        )
