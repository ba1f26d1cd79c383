"""Wheel file names: what PEP 427 allows, as ``packaging.utils.parse_wheel_filename`` of packaging 26.3 reads it.

Deviation: path separators and control characters are refused, wherever they stand. Plain names never load packaging.
"""

from ._core import Value, are_plain_heads

_HINT = "name-version-python-abi-platform.whl, or with a build number behind the version"


class Wheel(Value):
    """The parts of a wheel's file name, as far as choosing one needs them.

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
    """Read a wheel's file name; time and memory in proportion to its length.

    Raises:
        InvalidWheelName: which part is wrong, and what would be right.
    """
    _no_separators(name)
    if not name.endswith(".whl"):
        raise _invalid(name, "extension", "'.whl' is accepted, in lower case")
    parts = name[:-4].split("-")
    if len(parts) not in (5, 6):
        raise _invalid(name, "number of parts", f"5 or 6 parts joined by '-' are accepted, not {len(parts)}: {_HINT}")
    check_head(name, parts[0], parts[1])
    build = read_build(name, parts[2]) if len(parts) == 6 else ()
    pythons, abis, platforms = [
        _members(name, *field) for field in zip(("python", "abi", "platform"), parts[-3:], strict=False)
    ]
    for python in pythons:
        if not python.isidentifier():
            raise _invalid(name, "python tag", f"'{python}' is not a name such as 'cp312' or 'py3'")
    return Wheel(parts[0], parts[1], build, pythons, abis, platforms)


def check_head(name: "str", project: "str", version: "str") -> "None":
    """Check the parts of *name* before its tags; ``InvalidWheelName`` where one is wrong."""
    if are_plain_heads([project], [version]):
        return
    _no_separators(name)  # packaging takes line ends around a version for white space
    # The word characters of any script, as in packaging.
    if "__" in project or not project or not all(c.isalnum() or c in "._" for c in project):
        raise _invalid(name, "project name", "letters, digits, '.' and single '_' are accepted")
    from packaging.version import Version

    try:
        Version(version)
    except ValueError as problem:  # InvalidVersion, or more digits than Python turns into a number
        raise _invalid(name, "version", "a version such as '1.0' or '2.1rc1' is accepted (PEP 440)") from problem


def build_of(name: "str") -> "tuple[int, str]":
    """The build number of a well-formed *name* that has one."""
    return read_build(name, name.split("-")[2])


def read_build(name: "str", build: "str") -> "tuple[int, str]":
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
        raise _invalid(name, f"{part} tag", "an empty tag, or an empty member of a set of tags")
    return members


def _no_separators(name: "str") -> "None":
    if "/" in name or "\\" in name:
        raise _invalid(name, "characters", "a path separator; only the last part of a path is a wheel's name")
    if not name.isprintable() and any(c < " " or "\x7f" <= c <= "\x9f" for c in name):
        raise _invalid(name, "characters", "a control character")


def _invalid(name: "str", part: "str", problem: "str") -> "Exception":
    from ._errors import InvalidWheelName, printable

    return InvalidWheelName(name, part, printable(problem))
