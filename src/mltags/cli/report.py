"""Reports as text and as JSON: what was detected, why wheels do not fit, which machines there are."""

from __future__ import annotations

import json
import textwrap
from collections import Counter

from .. import _abi, _core, _declare, _errors, _explain, _machines, _saved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .._core import Glibc, Platform
    from .._explain import Cause, Match, Mismatch
    from .._machines import Machine
    from .._target import Target

#: Version of the JSON documents. It goes up when a reader of the old version would misunderstand the new one.
SCHEMA = 1


def table(rows: Sequence[Sequence[str]], width: int | None) -> str:
    """Rows of cells in aligned columns. On a terminal of *width* columns, a row that is too long is wrapped below its first cell."""
    shown = [[_errors.printable(cell) for cell in row] for row in rows]
    widths = [min(40, max([len(row[place]) for row in shown])) for place in range(len(shown[0]) - 1)]
    lines = []
    for first, *cells in shown:
        line = "  ".join([*[f"{cell:{size}}" for cell, size in zip([first, *cells], widths, strict=False)], cells[-1]]).rstrip()
        if width is None or len(line) <= width:
            lines.append(line)
            continue
        indent = " " * (widths[0] + 2)
        for number, cell in enumerate(filter(None, cells)):
            start = indent if number or not first else f"{first:{widths[0]}}  "
            lines += textwrap.wrap(cell, max(width, widths[0] + 12), initial_indent=start, subsequent_indent=indent)
    return "\n".join(lines)


def describe(target: Target, width: int | None) -> str:
    """What is known about *target*, and how, in aligned lines."""
    python, platform, tags = target.python, target.platform, target.platform_tags
    if python is None or platform is None:
        return f"tags  {len(target.triples)} explicit tags"
    name = _declare.IMPLEMENTATIONS.get(python.implementation, python.implementation)
    version = ".".join([str(n) for n in python.version])
    rows = [("python", f"{name} {version}", ", ".join(python.abis) or "no ABI")]
    for known in platform.evidence:
        source = f"{known.question}: {known.answer}" if known.answer else known.question
        rows.append((known.fact, known.conclusion, source))
        if known.conclusion.endswith(_abi.STATIC):
            rows.append(("", "it cannot load extension modules, whatever the tags are", "statically linked"))
    count = f"{len(tags)} platform tag{'s' if len(tags) != 1 else ''}"
    rows.append(("tags", count, f"{tags[0]} ... {tags[-1]}" if len(tags) > 1 else "".join(tags)))
    missing = why_no_libc_tags(platform)
    if missing:
        rows.append(("", missing, ""))
    return table(rows, width)


def why_no_libc_tags(platform: Platform) -> str:
    """Why *platform* has neither manylinux nor musllinux tags; empty if it has some, or is not Linux."""
    if platform.explicit_tags or platform.system != "Linux" or len(_core.tags_of(platform)) > len(platform.archs):
        return ""
    known = {item.fact: item.conclusion for item in platform.evidence}
    if not platform.archs:
        return "no tags at all: the machine's architecture is unknown"
    if platform.libc is None:
        return f"no manylinux or musllinux tags: the C library is unknown ({known.get('libc', 'not probed')})"
    if not platform.libc_archs:
        return f"no manylinux or musllinux tags: {known.get('libc_tags', 'the architecture has none')}"
    arch = platform.libc_archs[0]
    oldest = _core.Glibc(2, _core.oldest_minor(arch))
    for version, what in ((_core.as_glibc(platform.libc), "glibc"), (platform.max_glibc, "max_glibc")):
        if version is not None and version < oldest:
            return f"no manylinux tags: {what} {version} is older than the oldest of {arch}, {oldest}"
    return "no manylinux tags: the override module refuses them all"


_COUNTED = {
    _explain.Reason.MALFORMED: "malformed",
    _explain.Reason.PYTHON: "for other Pythons",
    _explain.Reason.ABI: "for other ABIs",
    _explain.Reason.SYSTEM: "for other systems",
    _explain.Reason.ARCH: "for other architectures",
    _explain.Reason.NO_SUCH_TAG: "with tags that no system has",
    _explain.Reason.SYSTEM_TOO_OLD: "for newer systems",
    _explain.Reason.NO_LIBC_TAGS: "with tags that this machine does not have",
    _explain.Reason.LIBC_UNKNOWN: "for a C library whose version is unknown here",
    _explain.Reason.REFUSED_BY_OVERRIDE: "refused by the override module",
    _explain.Reason.ABOVE_MAX_GLIBC: "above max_glibc",
}


def summary(misses: Sequence[Mismatch], target: Target) -> str:
    """A summary of wheels none of which fits: counts by reason, most frequent first, and the lowest glibc that would help."""
    counts = Counter([_counted(miss) for miss in misses]).most_common()
    words = [f"{count} {what if count == 1 else what.replace('needs', 'need', 1)}" for what, count in counts]
    text = f"{'1 wheel' if len(misses) == 1 else f'{len(misses)} wheels'}: {', '.join(words)}"
    lowest = lowest_glibc(misses, target)
    return f"{text}; with glibc {lowest} one would fit" if lowest else text


def _counted(miss: Mismatch) -> str:
    """The words in a summary for wheels that were refused for the same reason as this one."""
    if miss.reason is _explain.Reason.LIBC_TOO_OLD and isinstance(miss.need, (_core.Glibc, _core.Musl)):
        return f"needs {miss.need.family} {miss.need}"
    return f"for {miss.need}" if miss.reason is _explain.Reason.LIBC_FAMILY else _COUNTED[miss.reason]


def lowest_glibc(misses: Iterable[Mismatch], target: Target) -> Glibc | None:
    """The lowest glibc with which one of *misses* would fit if nothing else changed; None if no glibc would help."""
    platform = target.platform or _core.Platform()
    refused = platform.override.refused if platform.override else ()
    if any(by == "manylinux_compatible" for _, _, by in refused):
        return None  # unknown: the function was not asked about other versions
    hidden = {(version, arch) for version, arch, _ in refused}
    needed = []
    for miss in misses:
        arch = _declare.named_in(miss.tag.rpartition("-")[2])[1]
        if (
            miss.reason is _explain.Reason.LIBC_TOO_OLD
            and isinstance(miss.need, _core.Glibc)
            and (miss.need, arch) not in hidden
        ):
            needed.append(miss.need)
    return min([need for need in needed if platform.max_glibc is None or need <= platform.max_glibc], default=None)


def verdicts_to_json(matches: Sequence[Match], misses: Sequence[Mismatch], target: Target) -> str:
    """The verdicts of ``explain`` as one line of JSON; ``docs/json.md`` has the schema."""
    rows: list[dict[str, object]] = [
        {"name": match.name, "fits": True, "rank": match.rank, "tag": match.tag, "sentence": str(match)} for match in matches
    ]
    rows += [
        {
            "name": miss.name,
            "fits": False,
            "tag": miss.tag,
            **_cause(miss.causes[0]),
            "causes": [_cause(cause) for cause in miss.causes],
            "sentence": str(miss),
        }
        for miss in misses
    ]
    counts = Counter([str(miss.reason) for miss in misses])
    found = {"mltags": SCHEMA, "wheels": rows, "counts": counts, "lowest_glibc": lowest_glibc(misses, target)}
    return json.dumps(found, default=_saved.plain)


def _cause(cause: Cause) -> dict[str, object]:
    fields = {name: getattr(cause, name) for name in ("need", "have", "evidence", "because", "hint")}
    return {"reason": str(cause.reason), "case": cause.case.value, **fields}


def describe_machines(machines: Sequence[Machine], width: int | None) -> str:
    """The named machines, in aligned lines."""
    head = ("name", "C library", "Python", "end of life", "architectures")
    rows = [
        (machine.name, _libc(machine), machine.python_version or "-", machine.end_of_life or "-", " ".join(machine.archs))
        for machine in machines
    ]
    return table([head, *rows], width)


def _libc(machine: Machine) -> str:
    return f"{machine.libc.family} {machine.libc}" if machine.libc else machine.system


def machines_to_json(machines: Sequence[Machine]) -> str:
    """The named machines as one line of JSON; ``docs/json.md`` has the schema."""
    return json.dumps({"mltags": SCHEMA, "machines": machines}, default=_saved.plain)


def describe_fitting(wheels: Sequence[str], fitting: Mapping[str, Sequence[str]]) -> list[str]:
    """On which machines each of *wheels*, and all of them, would install; *fitting*: ``NAME:ARCH`` -> the wheels that fit."""
    lines = []
    for wheel in wheels:
        lines += [wheel, *_places([place for place, found in fitting.items() if wheel in found])]
    if len(wheels) > 1:
        lines += [
            f"all {len(wheels)} wheels",
            *_places([place for place, found in fitting.items() if set(wheels) <= set(found)]),
        ]
    return lines


def _places(places: Sequence[str]) -> list[str]:
    """A line for each machine, with its architectures and its end of life."""
    archs: dict[str, list[str]] = {}
    for place in places:
        name, _, arch = place.partition(":")
        archs.setdefault(name, []).append(arch)
    known = _machines.machines()
    rows = [("", name, " ".join(found), _end(known[name].end_of_life)) for name, found in archs.items()]
    return table(rows, None).splitlines() if rows else ["  fits no known machine with that Python"]


def _end(day: str) -> str:
    return f"end of life {day}" if day[:1].isdigit() else day


def fitting_to_json(wheels: Sequence[str], fitting: Mapping[str, Sequence[str]]) -> str:
    """The result of ``describe_fitting`` as one line of JSON; ``docs/json.md`` has the schema."""
    known = _machines.machines()

    def row(place: str) -> dict[str, str]:
        name, _, arch = place.partition(":")
        return {"name": name, "arch": arch, "end_of_life": known[name].end_of_life}

    rows = [{"name": wheel, "machines": [row(place) for place, found in fitting.items() if wheel in found]} for wheel in wheels]
    everywhere = [row(place) for place, found in fitting.items() if set(wheels) <= set(found)]
    return json.dumps({"mltags": SCHEMA, "wheels": rows, "all": everywhere})
