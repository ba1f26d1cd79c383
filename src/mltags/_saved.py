"""A Target as JSON, to be kept: the schema is documented in the README and has a version."""

import json
from collections import Counter

from ._core import Evidence, Glibc, Musl, Platform, Python, Value
from ._errors import InvalidTarget
from ._override import Override

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from ._explain import Match, Mismatch
    from ._floor import Floor
    from ._target import Target

    Item = TypeVar("Item")
    Kept = TypeVar("Kept", bound=Target)

#: Goes up when a reader of the older schema would misunderstand the newer.
SCHEMA = 1
#: A real target has some 100 KB and a few thousand tags.
MAX_TEXT = 16 * 1024 * 1024
MAX_ITEMS = 100_000
#: Each opens a ladder; no machine has more than two.
MAX_ARCHS = 16

_FAMILIES: "dict[str, type[Glibc | Musl]]" = {"glibc": Glibc, "musl": Musl}


def to_json(target: "Target") -> "str":
    """Write *target* as one line of JSON: facts, evidence and the tag lists."""
    kept = {
        "mltags": SCHEMA,
        "python": target.python,
        "platform": target.platform,
        "platform_tags": target.platform_tags,
        "tags": list(target.triples),
    }
    return json.dumps(kept, default=_plain)


def _plain(value: "Value") -> "dict[str, object]":
    """A value by its fields, as JSON has it; a version by its family and numbers."""
    if isinstance(value, (Glibc, Musl)):
        return {"family": value.family, "version": _pair(value)}
    fields = {name: getattr(value, name) for name in value.__slots__}
    if isinstance(value, Platform):
        fields["ceiling"] = _pair(value.ceiling)
    if isinstance(value, Override):
        fields["refused"] = [{"version": _pair(version), "arch": arch, "by": by} for version, arch, by in value.refused]
    return fields


def from_json(kind: "type[Kept]", text: "str") -> "Kept":
    """The inverse of ``to_json``; *kind* is the class to make. Reads pex's complete platform (``compatible_tags``) as well."""
    if len(text) > MAX_TEXT:
        raise InvalidTarget(text[:100], "JSON", f"{len(text)} characters; up to {MAX_TEXT} are accepted")
    try:
        kept = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise InvalidTarget(text[:100], "JSON", f"it cannot be read: {problem}") from problem
    if not isinstance(kept, dict):
        raise _wrong("JSON", kept, "an object")
    if "mltags" not in kept and "compatible_tags" in kept:
        return kind.from_tags(_texts(kept, "compatible_tags"))
    schema = kept.get("mltags")
    if schema != SCHEMA or isinstance(schema, bool):
        newer = type(schema) is int and schema > SCHEMA
        hint = "it is newer: a newer mltags reads it" if newer else "to_json writes it"
        raise InvalidTarget(str(schema)[:100], "schema", f"{SCHEMA} is accepted; {hint}")
    if kept.get("python") is None and kept.get("platform") is None:
        from packaging.tags import Tag

        triples = [triple.split("-", 2) for triple in _texts(kept, "tags")]
        if not all(len(words) == 3 for words in triples):
            raise _wrong("tags", kept["tags"], "a list of py-abi-plat texts")
        return kind.from_tags([Tag(*words) for words in triples])
    known, tags = _object(kept, "python"), _texts(kept, "platform_tags")
    python = Python(_text(known, "implementation"), _list(known, "version", int), _texts(known, "abis"))
    platform = _platform_from(_object(kept, "platform"))
    for native in ("first", "last"):
        target = kind(python, platform, native=native)
        if target.platform_tags == tuple(tags):
            return target
    # Several platforms in words: their tags are all that is known.
    return kind(python, Platform(system=platform.system, listed=tags, evidence=platform.evidence))


def _platform_from(known: "dict[str, object]") -> "Platform":
    libc: Glibc | Musl | None = None
    if known.get("libc") is not None:
        given = _object(known, "libc")
        family, version = _FAMILIES.get(_text(given, "family")), _list(given, "version", int)
        if family is None or len(version) != 2:
            raise _wrong("libc", given, "a family (glibc or musl) and a version of two numbers")
        libc = family(*version)
    override = None
    if known.get("override") is not None:
        given = _object(known, "override")
        rows = _list(given, "refused", dict)
        refused = [(_glibc(row, "version"), _text(row, "arch"), _text(row, "by")) for row in rows]
        override = Override(_text(given, "source"), refused, _texts(given, "allowed"))
    archs, ladders = _texts(known, "archs"), _texts(known, "ladders")
    if len(archs) > MAX_ARCHS or len(ladders) > MAX_ARCHS:
        raise _wrong("archs", [len(archs), len(ladders)], f"up to {MAX_ARCHS} architectures")
    evidence = [Evidence(*[_text(row, name) for name in Evidence.__slots__]) for row in _list(known, "evidence", dict)]
    return Platform(
        system=_text(known, "system"),
        archs=archs,
        ladders=ladders,
        libc=libc,
        ceiling=None if known.get("ceiling") is None else _glibc(known, "ceiling"),
        override=override,
        listed=_texts(known, "listed"),
        evidence=evidence,
    )


def _wrong(part: "str", given: "object", wanted: "str") -> "InvalidTarget":
    return InvalidTarget(repr(given)[:100], part, f"{wanted} is accepted there")


def _one(kept: "dict[str, object]", key: "str", kind: "type[Item]", wanted: "str") -> "Item":
    value = kept.get(key)
    if not isinstance(value, kind):
        raise _wrong(key, value, wanted)
    return value


def _object(kept: "dict[str, object]", key: "str") -> "dict[str, object]":
    return _one(kept, key, dict, "an object")


def _text(kept: "dict[str, object]", key: "str") -> "str":
    return _one(kept, key, str, "a text")


def _list(kept: "dict[str, object]", key: "str", kind: "type[Item]") -> "list[Item]":
    value = kept.get(key)
    if not isinstance(value, list) or len(value) > MAX_ITEMS or not all(type(item) is kind for item in value):
        raise _wrong(key, value, f"a list of up to {MAX_ITEMS} items, each of type {kind.__name__},")
    return value


def _texts(kept: "dict[str, object]", key: "str") -> "list[str]":
    return _list(kept, key, str)


def _glibc(kept: "dict[str, object]", key: "str") -> "Glibc":
    numbers = _list(kept, key, int)
    if len(numbers) != 2:
        raise _wrong(key, numbers, "two numbers")
    return Glibc(*numbers)


def _pair(version: "Glibc | Musl | None") -> "list[int] | None":
    return None if version is None else [version.major, version.minor]


def verdicts_to_json(matches: "Sequence[Match]", misses: "Sequence[Mismatch]", target: "Target") -> "str":
    """What ``explain`` says, as one line of JSON; the schema is documented in the README."""
    from ._explain import lowest_glibc

    rows: list[dict[str, object]] = [
        {"name": match.name, "fits": True, "rank": match.rank, "tag": match.tag, "sentence": str(match)} for match in matches
    ]
    plain = ("name", "case", "tag", "need", "have", "evidence", "hint")
    rows += [
        {**{key: getattr(miss, key) for key in plain}, "fits": False, "reason": str(miss.reason), "sentence": str(miss)}
        for miss in misses
    ]
    counts = Counter([str(miss.reason) for miss in misses])
    told = {"mltags": SCHEMA, "wheels": rows, "counts": counts, "lowest_glibc": lowest_glibc(misses, target)}
    return json.dumps(told, default=_plain)


def floors_to_json(rows: "Sequence[Floor]") -> "str":
    """What ``floor`` says, as one line of JSON; the schema is documented in the README."""
    return json.dumps(
        [{"arch": row.arch, "glibc": _pair(row.glibc), "musl": _pair(row.musl), "project": row.project} for row in rows]
    )
