"""A Target as JSON, and files of other tools. ``docs/json.md`` has the schema and its version."""

import json

from . import _core, _errors, _markers, _override

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from ._core import Glibc, Musl, Platform, Python, Value
    from ._override import Override
    from ._target import Target

    Item = TypeVar("Item")
    Saved = TypeVar("Saved", bound=Target)

#: Goes up when a reader of the old schema would misunderstand the new one.
SCHEMA = 1
#: The most bytes and tags. A real target has about 100 KB and a few thousand tags.
MAX_TEXT = 16 * 1024 * 1024
MAX_ITEMS = 100_000
#: The byte order marks of UTF-16, which PowerShell writes.
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: The most architectures. Each has hundreds of tags; no machine has more than two.
MAX_ARCHS = 16

_WRITERS = "`mltags probe --json` and `Target.to_json` write such a file"
_FAMILIES: "dict[str, type[Glibc | Musl]]" = {kind.family: kind for kind in (_core.Glibc, _core.Musl)}


def to_json(target: "Target") -> "str":
    """Write *target* as one line of JSON: facts, evidence and the tag lists."""
    saved = {
        "mltags": SCHEMA,
        "python": target.python,
        "platform": target.platform,
        "environment": target.environment,
        "platform_tags": target.platform_tags,
        "tags": list(target.triples),
    }
    return json.dumps(saved, default=plain)


def plain(value: "Value") -> "dict[str, object]":
    """A value as a JSON object of its fields; a version as its family and numbers."""
    if isinstance(value, (_core.Glibc, _core.Musl)):
        return {"family": value.family, "version": _pair(value)}
    fields = {name: getattr(value, name) for name in value.__slots__}
    if isinstance(value, _core.Platform):
        fields["max_glibc"] = _pair(value.max_glibc)
    if isinstance(value, _override.Override):
        fields["refused"] = [{"version": _pair(version), "arch": arch, "by": by} for version, arch, by in value.refused]
    return fields


def from_json(kind: "type[Saved]", text: "str") -> "Saved":
    """The inverse of ``to_json``; *kind* is the class to make. Reads pex's complete platform (``compatible_tags``) as well."""
    if len(text) > MAX_TEXT:
        raise _errors.InvalidTarget(text[:100], "JSON", f"has {len(text)} characters; the limit is {MAX_TEXT}")
    try:
        saved = json.loads(text.removeprefix("\ufeff"))  # RFC 8259 lets readers ignore a byte order mark
    except (ValueError, RecursionError) as problem:
        raise _errors.InvalidTarget(text[:100], "JSON", f"cannot be read: {problem}; {_WRITERS}") from problem
    if not isinstance(saved, dict):
        raise _wrong("JSON", saved, f"an object; {_WRITERS}")
    if "mltags" not in saved and "compatible_tags" in saved:
        return _with_markers(kind.from_tags(_texts(saved, "compatible_tags")), saved.get("marker_environment"))
    if "mltags" not in saved and "marker_environment" in saved:
        hint = "is missing; `pex3 interpreter inspect --markers --tags` writes a file with it"
        raise _errors.InvalidTarget(text[:100], "compatible_tags", hint)
    schema = saved.get("mltags")
    if schema != SCHEMA or isinstance(schema, bool):
        hint = "it was written by a newer mltags" if type(schema) is int and schema > SCHEMA else _WRITERS
        raise _errors.InvalidTarget((text if schema is None else str(schema))[:100], "schema", f"expected {SCHEMA}; {hint}")
    if saved.get("python") is None and saved.get("platform") is None:
        from packaging.tags import Tag

        triples = [triple.split("-", 2) for triple in _texts(saved, "tags")]
        if not all(len(words) == 3 for words in triples):
            raise _wrong("tags", saved["tags"], "a list of py-abi-plat texts")
        return _with_markers(kind.from_tags([Tag(*words) for words in triples]), saved.get("environment"))
    target = kind(_python_from(_object(saved, "python")), _platform_from(_object(saved, "platform")))
    return _with_markers(target, saved.get("environment"))


def _with_markers(target: "Saved", given: "object") -> "Saved":
    """*target* with the environment markers of a file; pex writes null for markers that it does not know."""
    if given is None:
        return target
    if not isinstance(given, dict):
        raise _wrong("environment", given, "an object")
    known = {name: value for name, value in given.items() if value is not None}
    return target._replace(markers=_markers.checked(known))


def decoded(data: "bytes", errors: "str" = "strict") -> "str":
    """The text of a file in UTF-8 or UTF-16, without its byte order mark; ``UnicodeDecodeError`` if it is neither."""
    return data.decode("utf-16" if data.startswith(UTF_16_MARKS) else "utf-8", errors).removeprefix("\ufeff")


def from_bytes(kind: "type[Saved]", data: "bytes") -> "Saved":
    """As ``from_json``, from the bytes of a file."""
    try:
        text = decoded(data)
    except ValueError as problem:
        raise _errors.InvalidTarget(repr(data[:100]), "JSON", f"cannot be read: {problem}") from problem
    return from_json(kind, text)


def to_pex(target: "Target") -> "str":
    """*target* as pex's complete platform (``pex --complete-platform FILE``)."""
    known = {"marker_environment": target.environment, "compatible_tags": list(target.triples)}
    return json.dumps({"path": None, **known})


def _python_from(known: "dict[str, object]") -> "Python":
    numbers, abis = _list(known, "version", int), _texts(known, "abis")
    return _core.Python(_text(known, "implementation"), numbers, abis, declared=_one(known, "declared", bool, "true or false"))


def _platform_from(known: "dict[str, object]") -> "Platform":
    archs, libc_archs = _texts(known, "archs"), _texts(known, "libc_archs")
    if len(archs) > MAX_ARCHS or len(libc_archs) > MAX_ARCHS:
        raise _wrong("archs", [len(archs), len(libc_archs)], f"up to {MAX_ARCHS} architectures")
    fields = _core.Evidence.__slots__
    return _core.Platform(
        system=_text(known, "system"),
        archs=archs,
        libc_archs=libc_archs,
        libc=None if known.get("libc") is None else _libc_from(_object(known, "libc")),
        max_glibc=None if known.get("max_glibc") is None else _glibc(known, "max_glibc"),
        linux_tags=_text(known, "linux_tags"),
        override=None if known.get("override") is None else _override_from(_object(known, "override")),
        explicit_tags=_texts(known, "explicit_tags"),
        evidence=[_core.Evidence(*[_text(row, name) for name in fields]) for row in _list(known, "evidence", dict)],
    )


def _libc_from(given: "dict[str, object]") -> "Glibc | Musl":
    family, version = _FAMILIES.get(_text(given, "family")), _list(given, "version", int)
    if family is None or len(version) != 2:
        raise _wrong("libc", given, "a family (glibc or musl) and a version of two numbers")
    return family(*version)


def _override_from(given: "dict[str, object]") -> "Override":
    rows = _list(given, "refused", dict)
    refused = [(_glibc(row, "version"), _text(row, "arch"), _text(row, "by")) for row in rows]
    return _override.Override(_text(given, "source"), refused, _texts(given, "allowed"))


def _wrong(part: "str", given: "object", wanted: "str") -> "_errors.InvalidTarget":
    return _errors.InvalidTarget(repr(given)[:100], part, f"expected {wanted}")


def _refused(saved: "dict[str, object]", key: "str", wanted: "str") -> "_errors.InvalidTarget":
    if key in saved:
        return _wrong(key, saved[key], wanted)
    return _errors.InvalidTarget(repr(saved)[:100], key, f"is missing; expected {wanted}")


def _one(saved: "dict[str, object]", key: "str", kind: "type[Item]", wanted: "str") -> "Item":
    value = saved.get(key)
    if not isinstance(value, kind):
        raise _refused(saved, key, wanted)
    return value


def _object(saved: "dict[str, object]", key: "str") -> "dict[str, object]":
    return _one(saved, key, dict, "an object")


def _text(saved: "dict[str, object]", key: "str") -> "str":
    return _one(saved, key, str, "text")


def _list(saved: "dict[str, object]", key: "str", kind: "type[Item]") -> "list[Item]":
    value = saved.get(key)
    if not isinstance(value, list) or len(value) > MAX_ITEMS or not all(type(item) is kind for item in value):
        raise _refused(saved, key, f"a list of up to {MAX_ITEMS} items of type {kind.__name__}")
    return value


def _texts(saved: "dict[str, object]", key: "str") -> "list[str]":
    return _list(saved, key, str)


def _glibc(saved: "dict[str, object]", key: "str") -> "Glibc":
    numbers = _list(saved, key, int)
    if len(numbers) != 2:
        raise _wrong(key, numbers, "two numbers")
    return _core.Glibc(*numbers)


def _pair(version: "Glibc | Musl | None") -> "list[int] | None":
    return None if version is None else [version.major, version.minor]
