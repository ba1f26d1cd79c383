"""Wheel filenames: what PEP 427 allows, read in the same way as by ``packaging.utils.parse_wheel_filename`` of packaging 26.3.

Deviation: path separators and control characters are refused, wherever they stand. Plain names never load packaging.
"""

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from . import _errors


class Wheel(_core.Value):
    """The parts of a wheel's filename, as far as choosing one needs them.

    ``project`` and ``version`` as they came; ``build``: ``()`` or ``(number, rest)``; ``pythons``, ``abis``, ``platforms``: the
    members of the compressed tag sets, lower-case, in the order of the name.
    """

    __slots__ = ("project", "version", "build", "pythons", "abis", "platforms")
    project: "str"
    version: "str"
    build: "tuple[()] | tuple[int, str]"
    pythons: "list[str]"
    abis: "list[str]"
    platforms: "list[str]"


def parse_wheel_name(name: "str") -> "Wheel":
    """Read a wheel's filename; time and memory in proportion to its length.

    Raises:
        InvalidWheelName: which part is wrong, and what is expected.
    """
    _refuse_separators(name)
    if not name.endswith(".whl"):
        raise _invalid(name, "extension", "must end in '.whl'")
    parts = name[:-4].split("-")
    if len(parts) != 5 and not (len(parts) == 6 and parts[2][:1].isdecimal()):
        from . import _mistakes

        mistake = _mistakes.of_parts(name, parts)
        if mistake:
            raise _invalid(name, *mistake)
    _check_head(name, parts)
    build = _read_build(name, parts[2]) if len(parts) == 6 else ()
    pythons, abis, platforms = [
        _members(name, *field) for field in zip(("python", "abi", "platform"), parts[-3:], strict=False)
    ]
    for python in pythons:
        if not python.isidentifier():
            raise _invalid(name, "python tag", f"'{python}' is not a tag such as 'cp312' or 'py3'")
    return Wheel(parts[0], parts[1], build, pythons, abis, platforms)


def parsed_or_none(name: "str") -> "Wheel | None":
    """The parts of a wheel's filename; None if it is malformed."""
    try:
        return parse_wheel_name(name)
    except ValueError:  # an InvalidWheelName
        return None


def build_of(name: "str") -> "tuple[()] | tuple[int, str]":
    """The build number of a well-formed *name*; ``()``, which sorts before every other, if it has none."""
    return _read_build(name, name.split("-")[2]) if name.count("-") == 5 else ()


def are_plain_heads(projects: "Collection[str]", versions: "Collection[str]") -> "bool":
    """Whether all these projects and versions are certainly well-formed, as nearly all are; False where only a longer look can
    tell. Looks at all of them at once."""
    text = f".{'.'.join(projects)}."
    if ".." in text or "__" in text or not text.isascii() or not text.replace(".", "_").isidentifier():
        return False
    releases = [_release_of(version) if version.strip(_RELEASE) else version for version in versions]
    text = f".{'.'.join(releases)}."
    return ".." not in text and not text.strip(_RELEASE) and max([len(version) for version in versions]) < _LONG


#: What a release consists of; and a length at which a version may have more digits than Python turns into a number.
_RELEASE = "0123456789."
_LONG = 100


def _release_of(version: "str") -> "str":
    """The release that *version* begins with, if what follows is what PEP 440 puts there, in its normal spelling
    (``1.0rc1.post2.dev3+local.4`` is of ``1.0``); otherwise nothing, or text that is not a release."""
    release, plus, local = version.partition("+")
    if plus and not (local.isascii() and local.replace(".", "").isalnum() and "" not in local.split(".")):
        return ""
    for mark in (".dev", ".post", "rc" if "rc" in release else "b" if "b" in release else "a"):
        before, found, number = release.rpartition(mark)
        if found:
            if not (number.isascii() and number.isdigit()):
                return ""
            release = before
    return release


def _check_head(name: "str", parts: "list[str]") -> "None":
    """Check the parts of *name* before its tags; ``InvalidWheelName`` where one is wrong."""
    project, version = parts[:2]
    if are_plain_heads([project], [version]):
        return
    # The word characters of any script, as in packaging.
    if "__" in project or not project or not all(c.isalnum() or c in "._" for c in project):
        raise _invalid(name, "project name", "may hold letters, digits, '.' and single '_' only")
    from packaging.version import Version

    try:
        Version(version)
    except ValueError as problem:  # InvalidVersion, or more digits than Python turns into a number
        raise _invalid(name, "version", f"'{version}' is not a version such as '1.0' or '2.1rc1' (PEP 440)") from problem


def _read_build(name: "str", build: "str") -> "tuple[int, str]":
    """The build number of *name*: its leading digits as a number, and the rest."""
    digits = len(build) - len(build.lstrip("0123456789"))
    if digits == 0:
        raise _invalid(name, "build number", f"'{build}' does not begin with a digit")
    try:
        return int(build[:digits]), build[digits:]
    except ValueError as problem:  # more digits than Python turns into a number
        raise _invalid(name, "build number", f"{digits} digits are more than Python reads as a number") from problem


def _members(name: "str", part: "str", field: "str") -> "list[str]":
    # Each member by itself: how a letter is lowered may depend on its neighbours.
    members = [member.lower() for member in field.split(".")]
    if "" in members:
        raise _invalid(name, f"{part} tag", "is empty, or has an empty member")
    return members


def _refuse_separators(name: "str") -> "None":
    if "/" in name or "\\" in name:
        raise _invalid(name, "characters", "contains a path separator; pass the last part of the path only")
    if not name.isprintable() and any(c < " " or "\x7f" <= c <= "\x9f" for c in name):
        raise _invalid(name, "characters", "contains a control character")


def check_text(name: "object") -> "None":
    """Raise ``InvalidWheelName`` unless *name* is a text."""
    if not isinstance(name, str):
        raise _invalid(str(name), "type", "expected a filename as text (of a path, its name)")


def _invalid(name: "str", part: "str", problem: "str") -> "_errors.InvalidWheelName":
    from . import _mistakes

    return _mistakes.invalid(name, part, problem)
