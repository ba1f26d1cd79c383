"""A Target as JSON, to be kept: the schema is documented in the README and has a version."""

import json

from ._facts import Evidence, Glibc, Musl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._explain import Match, Mismatch
    from ._facts import Platform
    from ._target import Target

#: Goes up when a reader of the older schema would misunderstand the newer.
SCHEMA = 1


def to_json(target: "Target") -> "str":
    """Write *target* as one line of JSON: facts, evidence and the tag lists."""
    python, platform = target.python, target.platform
    kept = {
        "mltags": SCHEMA,
        "python": python
        and {
            "implementation": python.implementation,
            "version": list(python.version),
            "abis": list(python.abis),
        },
        "platform": platform and _platform(platform),
        "platform_tags": list(target.platform_tags),
        "tags": list(target.triples),
    }
    return json.dumps(kept)


def _platform(platform: "Platform") -> "dict[str, object]":
    libc, ceiling, override = platform.libc, platform.ceiling, platform.override
    return {
        "system": platform.system,
        "archs": list(platform.archs),
        "ladders": list(platform.ladders),
        "libc": _value(libc),
        "ceiling": ceiling and [ceiling.major, ceiling.minor],
        "override": override
        and {
            "source": override.source,
            "refused": [
                {"version": [version.major, version.minor], "arch": arch, "by": by} for version, arch, by in override.refused
            ],
            "allowed": list(override.allowed),
        },
        "listed": list(platform.listed),
        "evidence": [_evidence(item) for item in platform.evidence],
    }


def _evidence(item: "Evidence") -> "dict[str, str]":
    return {"fact": item.fact, "question": item.question, "answer": item.answer, "conclusion": item.conclusion}


def _value(value: "Glibc | Musl | str | None") -> "object":
    """A version as its family and numbers; text as it is."""
    if isinstance(value, (Glibc, Musl)):
        return {"family": value.family, "version": [value.major, value.minor]}
    return value


def verdicts_to_json(matches: "Sequence[Match]", misses: "Sequence[Mismatch]") -> "str":
    """What ``explain`` says, as one line of JSON; the schema is documented in the README."""
    from ._explain import lowest_glibc

    rows: list[dict[str, object]] = [
        {"name": match.name, "fits": True, "rank": match.rank, "tag": match.tag, "sentence": str(match)} for match in matches
    ]
    rows += [
        {
            "name": miss.name,
            "fits": False,
            "reason": str(miss.reason),
            "case": miss.case,
            "tag": miss.tag,
            "need": _value(miss.need),
            "have": _value(miss.have),
            "evidence": [_evidence(item) for item in miss.evidence],
            "sentence": str(miss),
            "hint": miss.hint,
        }
        for miss in misses
    ]
    counts: dict[str, int] = {}
    for miss in misses:
        counts[str(miss.reason)] = counts.get(str(miss.reason), 0) + 1
    return json.dumps({"mltags": SCHEMA, "wheels": rows, "counts": counts, "lowest_glibc": _value(lowest_glibc(misses))})
