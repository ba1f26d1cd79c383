"""Machines and interpreters that are named, not asked: a platform tag opens the ladder of the machine it names (R13, R14)."""

from ._abi import is_pinned, taken_by
from ._core import (
    ALIASES,
    FLOOR,
    FLOORS,
    MAX_MAJOR,
    MAX_MINOR,
    SHORT_NAMES,
    Evidence,
    Glibc,
    Musl,
    Platform,
    Python,
    cpython_abis,
    ladder,
    leading_version,
)
from ._errors import InvalidPlatformTag, InvalidTarget, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

_FORMS = (
    "accepted are manylinux_X_Y_<arch>, manylinux2014_<arch>, manylinux2010_<arch>, manylinux1_<arch>, musllinux_X_Y_<arch>, "
    "linux_<arch>, macosx_X_Y_<arch>, win32, win_<arch>, ios_X_Y_<multiarch>, android_N_<abi> and any"
)

#: How short names of implementations read.
IMPLEMENTATIONS = {"cp": "CPython", "pp": "PyPy", "py": "Python", "ip": "IronPython", "jy": "Jython", "graalpy": "GraalPy"}

_MACS = "arm64 x86_64 i386 ppc ppc64 universal2 universal intel fat fat3 fat32 fat64"
#: Systems whose lists packaging makes: the tag's first word -> the system's name, how many numbers follow, an example, the
#: oldest version, and what may stand behind the version.
_NUMBERED = {
    "macosx": ("Darwin", 2, "macosx_11_0_arm64", "10.0", _MACS),
    "ios": ("iOS", 2, "ios_13_0_arm64_iphoneos", "12.0", "arm64_iphoneos arm64_iphonesimulator x86_64_iphonesimulator"),
    "android": ("Android", 1, "android_24_arm64_v8a", "16", "arm64_v8a armeabi_v7a x86 x86_64"),
}


def parse_platform(tag: "str") -> "Platform":
    """The machine that a platform tag names: the oldest one on which wheels with that tag run.

    Reads nothing but the tag. ``manylinux_2_28_x86_64`` is a machine with glibc 2.28, so its own ladder and aliases are open.

    Raises:
        InvalidPlatformTag: no machine has such a tag; the problem says what would be accepted.
    """
    tag = str(tag)  # not every caller is typed
    text = tag.lower()
    word, _, rest = text.partition("_")
    if not text.isascii() or not ("_" + text).isidentifier():
        raise InvalidPlatformTag(tag, "platform tag", _FORMS)
    if word == "manylinux":
        (major, minor), arch = _numbers(tag, rest, 2, "manylinux_2_28_x86_64")
        return _glibc(tag, arch, major, minor)
    for minor, alias in ALIASES.items():
        if word == alias:
            if not rest or (minor != FLOOR and rest not in FLOORS):
                known = " and ".join(FLOORS) if minor != FLOOR else "an architecture"
                meant = f"manylinux_2_{FLOOR}_{rest or 'x86_64'}"
                raise InvalidPlatformTag(tag, "alias", f"{alias} exists for {known} only; {meant} may be meant")
            return _glibc(tag, rest, 2, minor)
    if word == "musllinux":
        (major, minor), arch = _numbers(tag, rest, 2, "musllinux_1_2_x86_64")
        if major < 1:
            raise InvalidPlatformTag(tag, "version", "musl 1.0 or newer is accepted")
        return _linux(tag, arch, Musl(major, minor))
    if word == "linux" and rest:
        return _linux(tag, rest, None)
    if word in _NUMBERED:
        return _listed(tag, word, rest)
    if text in {"any", "win32"} or (word == "win" and rest):
        return Platform(system="Windows" if word != "any" else "any", listed=[text], evidence=[_evidence(tag)])
    raise InvalidPlatformTag(tag, "platform tag", _FORMS)


def platform_below(platform: "Platform", ceiling: "Glibc | None") -> "Platform":
    """As :meth:`mltags.Platform.below`."""
    if ceiling is None or (platform.ceiling is not None and platform.ceiling <= ceiling):
        return platform
    # Of several platforms in words their tags are all that is known.
    named = [(tag, named_in(tag)[0]) for tag in platform.listed]
    fields: dict[str, Any] = {name: getattr(platform, name) for name in platform.__slots__}
    listed = [tag for tag, libc in named if not isinstance(libc, Glibc) or libc <= ceiling]
    note = Evidence("ceiling", "max_glibc", str(ceiling), f"no manylinux tag above glibc {ceiling}")
    return Platform(**{**fields, "ceiling": ceiling, "listed": listed, "evidence": (*platform.evidence, note)})


def named_in(tag: "str") -> "tuple[Glibc | Musl | None, str]":
    """The C library and the architecture that a Linux tag names; None in place of the first where it names none, or wrongly."""
    word, _, rest = tag.partition("_")
    for minor, alias in ALIASES.items():
        if word == alias:
            return Glibc(2, minor), rest
    if word == "linux":
        return None, rest
    numbers = leading_version(rest.replace("_", ".", 1))
    arch = "_".join(rest.split("_")[2:])
    if numbers is None or not rest.startswith(f"{numbers[0]}_{numbers[1]}_"):
        return None, arch
    return Glibc(*numbers) if word == "manylinux" else Musl(*numbers), arch


def parse_platforms(tags: "Sequence[str]", *, native: "str", limit: "Glibc | None") -> "Platform":
    """The machines that *tags* name, as one: their platform tags in the order given, the first of equals kept."""
    platforms = [parse_platform(tag).below(limit) for tag in tags]
    if not platforms:
        raise InvalidTarget("[]", "platform", "one platform tag at least is accepted; None probes this machine")
    if len(platforms) == 1:
        return platforms[0]
    listed = [tag for platform in platforms for tag in ladder(platform, native=native)]
    evidence = [item for platform in platforms for item in platform.evidence]
    return Platform(system=platforms[0].system, listed=dict.fromkeys(listed), ceiling=limit, evidence=evidence)


def _evidence(tag: "str", fact: "str" = "platform") -> "Evidence":
    return Evidence(fact, "declared", repr(tag), "taken at its word")


def _numbers(tag: "str", rest: "str", count: "int", example: "str") -> "tuple[list[int], str]":
    """The *count* numbers that *rest* begins with, and what follows them."""
    words = rest.split("_", count)
    numbers = []
    for word, limit in zip(words[:count], (MAX_MAJOR, MAX_MINOR)[-count:], strict=False):
        if not word.isdigit() or (word[0] == "0" and word != "0") or len(word) > 3 or int(word) > limit:
            problem = f"'{printable(word)}' is no whole number up to {limit}"
            raise InvalidPlatformTag(tag, "version", f"{problem}; a tag such as {example} is accepted")
        numbers.append(int(word))
    if len(words) <= count or not words[count]:
        raise InvalidPlatformTag(tag, "architecture", f"none is named; a tag such as {example} is accepted")
    return numbers, words[count]


def _glibc(tag: "str", arch: "str", major: "int", minor: "int") -> "Platform":
    floor = FLOORS.get(arch, FLOOR)
    if (major, minor) < (2, floor):
        raise InvalidPlatformTag(tag, "version", f"glibc 2.{floor} or newer is accepted on {arch}")
    if not is_pinned(arch, 8):
        problem = f"the name {arch} does not tell which ABI a wheel would need, so it has no manylinux tags (PEP 600)"
        raise InvalidPlatformTag(tag, "architecture", f"{problem}; linux_{arch} is accepted")
    return _linux(tag, arch, Glibc(major, minor))


def _linux(tag: "str", arch: "str", libc: "Glibc | Musl | None") -> "Platform":
    archs = taken_by(arch)
    named = _evidence(tag, "libc") if libc else Evidence("libc", "declared", repr(tag), "that tag names no C library")
    return Platform(archs=archs, libc=libc, evidence=[_evidence(tag, "machine"), named])


def _listed(tag: "str", word: "str", rest: "str") -> "Platform":
    from packaging import tags

    system, count, example, oldest, archs = _NUMBERED[word]
    numbers, arch = _numbers(tag, rest, count, example)
    if word == "android":
        listed = dict.fromkeys(tags.android_platforms(numbers[0], arch))
    else:
        platforms = tags.mac_platforms if word == "macosx" else tags.ios_platforms
        listed = dict.fromkeys(platforms((numbers[0], numbers[1]), arch))
    if not listed or arch not in archs.split():
        raise InvalidPlatformTag(tag, "version", f"{system} {oldest} or newer is accepted, on an architecture that it has")
    return Platform(system=system, listed=listed, evidence=[_evidence(tag)])


def declared_python(
    version: "str | Sequence[int] | None", implementation: "str | None", abis: "str | Iterable[str] | None"
) -> "Python":
    """The interpreter that pip's ``--python-version``, ``--implementation`` and ``--abi`` describe.

    Without a version or an implementation: those of the running interpreter, but never the flags of its build.

    Raises:
        InvalidTarget: what is wrong or missing, and what to pass.
    """
    from ._probe import LocalHost

    running = LocalHost().python()
    if implementation is None:
        name = str(running["implementation"])
        implementation = SHORT_NAMES.get(name, name)
    _word(implementation, "implementation", "cp, pp or py")
    implementation = implementation.lower()
    numbers = tuple(running["version"]) if version is None else _version(version)  # type: ignore[arg-type]
    if abis is None:
        if implementation == "cp":
            abis = cpython_abis(numbers, {})
        elif implementation == "py":
            abis = []
        else:
            given = f"{implementation} {'.'.join([str(number) for number in numbers])}"
            raise InvalidTarget(
                given, "ABI", "it follows from the version for CPython only; name it (abis, --abi), such as pypy311_pp73"
            )
    words: list[Any] = list(abis) if not isinstance(abis, (str, bytes)) and hasattr(abis, "__iter__") else [abis]
    for abi in words:
        _word(abi, "ABI", "cp312, abi3 or none")
    return Python(implementation, numbers, words)


def _word(text: "object", part: "str", examples: "str") -> "None":
    if not isinstance(text, str) or not text.isascii() or not ("_" + text).isidentifier() or not text:
        raise InvalidTarget(str(text), part, f"letters, digits and '_' are accepted, such as {examples}")


def _version(version: "str | Sequence[int]") -> "tuple[int, ...]":
    """``"3.12"``, ``"312"``, ``"3"`` or ``"3.12.1"``, as pip reads them; or the numbers themselves."""
    if not isinstance(version, (str, tuple, list)):
        raise InvalidTarget(repr(version), "Python version", "a text such as '3.12' or a pair such as (3, 12) is accepted")
    if not isinstance(version, str):
        return Python("py", tuple(version)[:2]).version
    words = version.split(".")
    if len(words) == 1:
        words = [version[:1], version[1:]] if len(version) > 1 else [version]
    if len(words) > 3 or not all(word.isascii() and word.isdigit() and len(word) < 4 for word in words):
        raise InvalidTarget(version, "Python version", "a version such as '3.12', '312' or '3' is accepted")
    return Python("py", [int(word) for word in words[:2]]).version
