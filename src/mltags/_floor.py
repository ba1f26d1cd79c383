"""The lowest C library with which one wheel of each project would fit."""

import re
from dataclasses import dataclass

from ._abi import taken_by
from ._core import Glibc, Musl
from ._declare import parse_platform
from ._errors import InvalidPlatformTag, InvalidWheelName, printable
from ._wheel import parse_wheel_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._target import Target


@dataclass(frozen=True, slots=True)
class Floor:
    """For one architecture the lowest ``glibc`` and ``musl`` with which one wheel of each project would fit; None where no version
    of it would do. ``Glibc(0, 0)`` and ``Musl(0, 0)``: any version, for there are wheels without compiled code, or with plain
    ``linux_<arch>`` tags. ``project`` is the one that asks for that glibc, or that has no wheel at all."""

    arch: "str"
    glibc: "Glibc | None"
    musl: "Musl | None"
    project: "str"

    @property
    def fits(self) -> "bool":
        """Whether there is any C library that would do."""
        return self.glibc is not None or self.musl is not None

    def __str__(self) -> "str":
        words = []
        for family, version in (("glibc", self.glibc), ("musl", self.musl)):
            shown = "none" if version is None else "any" if version.major == 0 else f"{version}"
            words.append(f"{family} {shown}")
        return f"{self.arch}: {', '.join(words)} ({printable(self.project)})"


def floors(target: "Target", names: "Iterable[str]") -> "tuple[list[Floor], list[InvalidWheelName]]":
    """The floor of each architecture that the wheels *names* have tags for, and what was malformed among them.

    Only wheels for the Python of *target* count; its platform does not.
    """
    malformed: list[InvalidWheelName] = []
    projects: dict[str, dict[tuple[str, str], tuple[int, int]]] = {}
    tails = [triple.rpartition("-") for triple in target.triples]
    for_any = {pair for pair, _, platform in tails if platform == "any"}
    for_own = {pair for pair, _, platform in tails if platform != "any"}
    if target.python:  # it may have no platform tag at all
        for_own = {f"{python}-{abi}" for python, abi in target.python.pairs}
    for name in names:
        try:
            wheel = parse_wheel_name(name)
        except InvalidWheelName as problem:
            malformed.append(problem)
            continue
        lowest = projects.setdefault(re.sub("[-_.]+", "-", wheel.project.lower()), {})
        is_own, is_for_any = [
            any(f"{python}-{abi}" in pairs for python in wheel.pythons[:999] for abi in wheel.abis[:999])
            for pairs in (for_own, for_any)
        ]
        for key, version in _needs([tag for tag in wheel.platforms if (is_for_any if tag == "any" else is_own)]):
            lowest[key] = min(lowest.get(key, version), version)
    archs = sorted({arch for needs in projects.values() for arch, _ in needs if arch})
    return [_floor(arch, projects) for arch in archs or (["any"] if projects else [])], malformed


def _needs(platforms: "list[str]") -> "Iterable[tuple[tuple[str, str], tuple[int, int]]]":
    """(architecture, family) -> version, for each Linux tag; ``any`` has the architecture ``""``."""
    for platform in platforms:
        if platform == "any" or platform.startswith("linux_"):  # it fits whatever the C library is, though it may not load
            arch = platform.partition("_")[2]
            yield (arch, "glibc"), (0, 0)
            yield (arch, "musl"), (0, 0)
        elif platform.startswith(("manylinux", "musllinux")):
            try:
                known = parse_platform(platform)
            except InvalidPlatformTag:
                continue  # no machine accepts it
            libc = known.libc
            assert libc is not None
            yield (known.archs[0], libc.family), (libc.major, libc.minor)


def _floor(arch: "str", projects: "dict[str, dict[tuple[str, str], tuple[int, int]]]") -> "Floor":
    highest: dict[str, tuple[tuple[int, int], str]] = {}
    lacking: dict[str, str] = {}
    for project, needs in projects.items():
        for family in ("glibc", "musl"):
            found = [needs[name, family] for name in (*taken_by(arch), "") if (name, family) in needs]
            if not found:
                lacking[family] = project
            else:
                highest[family] = max(highest.get(family, ((-1, 0), "")), (min(found), project))
    glibc = None if "glibc" in lacking else Glibc(*highest["glibc"][0])
    musl = None if "musl" in lacking else Musl(*highest["musl"][0])
    return Floor(arch, glibc, musl, lacking.get("glibc") or highest["glibc"][1])
