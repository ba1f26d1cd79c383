"""A Target as JSON, to be kept: the schema is documented in the README and has a version."""

import json

from ._facts import Musl

TYPE_CHECKING = False
if TYPE_CHECKING:
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
        "libc": libc and {"family": "musl" if type(libc) is Musl else "glibc", "version": [libc.major, libc.minor]},
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
        "evidence": [
            {"fact": item.fact, "question": item.question, "answer": item.answer, "conclusion": item.conclusion}
            for item in platform.evidence
        ],
    }
