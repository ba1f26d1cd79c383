"""What is wrong with a malformed wheel filename, and what was probably meant. Loaded only for such a name."""

from . import _core, _errors

FORM = "name-version[-build]-python-abi-platform.whl"

#: Characters that look like a hyphen.
_DASHES = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"

#: How Windows and browsers name a copy, and what may follow a wheel's name.
_COPY = " - Copy.whl"
_ENDINGS = {
    ".metadata": "the metadata of a wheel (PEP 658)",
    **dict.fromkeys([".part", ".crdownload", ".download"], "a download that has not finished"),
}

#: How platform tags begin -> how they end.
_ARCHS = {
    **dict.fromkeys(
        ["linux", "manylinux", "musllinux"], tuple(["_" + arch for arch in (*sorted(_core.PLAIN), "i686", "armv7l")])
    ),
    "win": ("_amd64", "_arm64"),
    "macosx": ("_arm64", "_x86_64", "_universal2"),
}
_EVERY_ARCH = tuple([arch for archs in _ARCHS.values() for arch in archs])


def invalid(name: "str", part: "str", problem: "str") -> "_errors.InvalidWheelName":
    """The error that a *part* of *name* is wrong, with a hint if the name shows what happened to it."""
    parts = name.removesuffix(".whl").split("-")
    hint = ""
    if part == "extension":
        hint = next((f"; {ending} is {what}" for ending, what in _ENDINGS.items() if name.endswith(f".whl{ending}")), "")
        if name.partition(".whl.")[2].isdecimal():
            hint = "; wget names a second download like this; rename it"
    elif part in ("project name", "version", "build number") and "%" in name:
        stands = "%2B stands for '+', so " if "%2b" in parts[1].lower() else ""
        hint = f"; {stands}the name is percent-encoded"
    elif part == "version":
        hint = _long_name(parts)
    elif part == "python tag" and any(text.isdecimal() for text in parts[-3].split(".")[1:]):
        hint = "; '.' separates tags"
    dash = next((c for c in name if c in _DASHES), "")
    hint += f"; U+{ord(dash):04X} is not a hyphen" if dash else ""
    return _errors.InvalidWheelName(name, part, _errors.printable(problem) + hint)


def of_parts(name: "str", parts: "list[str]") -> "tuple[str, str] | None":
    """What is wrong if *name* has too many or too few parts: a part of it, and the problem. None if it may be well-formed."""
    more = max(len(parts) - (6 if parts[2:3] and parts[2][:1].isdecimal() else 5), 0)
    if more and name.endswith(_COPY):
        return "extension", f"ends in '{_COPY[:-4]}', as a file manager names a copy; rename it"
    split = _with_underscores(parts, more) if more else ""
    if split:
        return "platform tag", split
    label = _after_platform(parts)
    if label.isdecimal() and len(label) < 4:
        return "extension", f"ends in '-{label}', as a browser names a second download; rename it"
    if 0 < len(label) <= 16 and not label.strip("abcdefghijklmnopqrstuvwxyz0123456789._"):
        problem = f"'{label}' follows the platform tag: a variant wheel (PEP 825), which mltags does not rank yet"
        return "variant label", problem
    if label:
        return "number of parts", f"'{label}' follows the platform tag: {FORM}"
    if len(parts) not in (5, 6):
        return "number of parts", f"expected 5 or 6 parts joined by '-', found {len(parts)}: {FORM}{_long_name(parts)}"
    return None


def _with_underscores(parts: "list[str]", more: "int") -> "str":
    """What is wrong if the platform tag, and the *more* parts after it, have ``-`` in place of ``_``; empty for any other name."""
    first, *rest = parts[-more - 1 :]
    joined = "_".join([first, *[part.replace(".", "_") if part.replace(".", "").isdecimal() else part for part in rest]])
    archs = next((archs for word, archs in _ARCHS.items() if joined.startswith(word)), ())
    if not archs or not joined.endswith(_EVERY_ARCH) or first.endswith(_EVERY_ARCH):
        return ""
    meant = f"; did you mean {'-'.join([*parts[: -more - 1], joined])}.whl?" if joined.endswith(archs) else ""
    return f"has '-' in place of '_'{meant}"


def _long_name(parts: "list[str]") -> "str":
    """A hint if the project's name seems to contain a hyphen."""
    starts = [part[:1].isdecimal() for part in parts[1:-3]]
    return "" if starts[:1] != [False] or True not in starts else "; '-' in a project's name is '_' in a wheel's filename"


def _after_platform(parts: "list[str]") -> "str":
    """The part after the platform tag, such as the label of a variant wheel (PEP 825, draft); empty for any other name.

    Such a name has a part more, so that its python tag stands where a build number would, or one later.
    """
    if len(parts) not in (6, 7):
        return ""
    build, (python, abi, platform, label) = parts[2:-4], parts[-4:]
    is_build = all(text[:1].isdecimal() for text in build)
    has_tags = all(text.replace(".", "_").isidentifier() for text in (python, abi))
    return label if is_build and has_tags and ("_" in platform or platform in ("any", "win32")) else ""
