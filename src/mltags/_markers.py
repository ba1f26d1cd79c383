"""The environment markers of a target (PEP 508, R15): those that follow from a Python and a Platform, and those that words set."""

from . import _core, _declare, _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._core import Platform, Python

#: The environment markers of PEP 508; those in ``OF_PYTHON`` describe the interpreter, the others the machine.
NAMES = (
    "implementation_name",
    "implementation_version",
    "os_name",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "python_version",
    "sys_platform",
)
OF_PYTHON = tuple([name for name in NAMES if "python" in name or name.startswith("implementation")])

#: ``platform.system()`` -> ``sys.platform``, if it is not the same in lower case.
_SYS_PLATFORMS = {"Windows": "win32", "SunOS": "sunos5"}
#: Systems whose ``sys.platform`` ends in the major version (CPython's ``configure``), and the first Python where it does not.
_WITH_VERSION = {"FreeBSD": (3, 14), "OpenBSD": (99,), "NetBSD": (99,), "DragonFly": (99,), "Haiku": (99,)}
#: Name of an architecture in wheels -> ``platform.machine()``, for systems with other names.
_MACHINES = {
    "Windows": {"amd64": "AMD64", "arm64": "ARM64", "arm32": "ARM", "ia64": "IA64", "win32": "x86"},
    "Darwin": {
        "universal2": "arm64",
        "intel": "x86_64",
        "fat64": "x86_64",
        "universal": "i386",
        "fat": "i386",
        "fat32": "i386",
    },
    "iOS": {"arm64_iphoneos": "arm64", "arm64_iphonesimulator": "arm64", "x86_64_iphonesimulator": "x86_64"},
    "Android": {"arm64_v8a": "aarch64", "armeabi_v7a": "armv7l", "x86": "i686"},
}


def of(python: "Python | None", platform: "Platform | None") -> "dict[str, str]":
    """All environment markers (PEP 508) of a Python on a Platform; those that a declaration leaves open are empty (R15).

    ``python_full_version`` is X.Y.0, for the patch release is unknown.
    """
    name = {"py": "cp"}.get(python.implementation, python.implementation) if python else "cp"
    numbers = python.version if python else ()
    short = ".".join([str(number) for number in numbers])
    full = ".".join([str(number) for number in (*numbers, 0, 0)[:3]]) if numbers else ""
    system, machine = _system_and_machine(platform)
    return {
        "implementation_name": next((long for long, known in _core.SHORT_NAMES.items() if known == name), name),
        "implementation_version": full,
        "os_name": "" if not system else "nt" if system == "Windows" else "posix",
        "platform_machine": machine,
        "platform_python_implementation": _declare.IMPLEMENTATIONS.get(name, name),
        "platform_release": "",
        "platform_system": system,
        "platform_version": "",
        "python_full_version": full,
        "python_version": short,
        "sys_platform": _sys_platform(system, numbers, next(iter(platform.explicit_tags), "") if platform else ""),
    }


def _sys_platform(system: "str", version: "tuple[int, ...]", tag: "str") -> "str":
    """The ``sys.platform`` of a Python of that *version* on *system*."""
    if system == "Linux" and version[:1] == (2,):
        return "linux2"
    has_number = system in _WITH_VERSION and version < _WITH_VERSION[system]
    number = tag.partition("_")[2].partition("_")[0] if has_number else ""
    return _SYS_PLATFORMS.get(system, system.lower()) + number


def _system_and_machine(platform: "Platform | None") -> "tuple[str, str]":
    """The answers of ``platform.system()`` and ``platform.machine()`` on *platform*; empty if unknown."""
    if platform is None or platform.system in {"", "any"}:
        return "", ""
    if platform.archs:
        return platform.system, platform.archs[0]
    tag = platform.explicit_tags[0] if platform.explicit_tags else ""
    if platform.system == "Linux":
        return "Linux", _declare.named_in(tag)[1]
    word, _, rest = tag.partition("_")
    count = _declare.NUMBERED[word].count if word in _declare.NUMBERED else 0
    arch = rest.split("_", count)[-1] if rest else word
    if word in _declare.UNRULED:  # AIX names the machine itself
        arch = "" if word == "aix" else _declare.unruled_arch(tag).removesuffix("_64bit")
    return platform.system, _MACHINES.get(platform.system, {}).get(arch, arch)


def of_tags(triples: "Sequence[str]") -> "dict[str, str]":
    """The environment markers that an ordered list of tags implies: those of its first Python and its first platform."""
    python = platform = None
    for triple in triples:
        word, _, tag = triple.split("-")
        name = word.rstrip("0123456789")
        digits = word[len(name) :]
        if python is None and digits:
            python = _core.Python(name, [int(number) for number in (digits[:1], digits[1:4]) if number])
        if platform is None and tag != "any":
            try:
                platform = _declare.parse_platform(tag)
            except _errors.InvalidPlatformTag:
                continue
    return of(python, platform)


def checked(markers: "Mapping[str, str]") -> "tuple[tuple[str, str], ...]":
    """*markers* as pairs; ``InvalidTarget`` for a marker that does not exist or whose value is not a text."""
    for name, value in markers.items():
        if name not in NAMES:
            import difflib

            near = difflib.get_close_matches(str(name), NAMES, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise _errors.InvalidTarget(str(name), "environment", f"expected one of {', '.join(NAMES)}{hint}")
        if not isinstance(value, str):
            raise _errors.InvalidTarget(repr(value), f"environment marker {name}", "expected a text")
    return tuple(markers.items())


def declared(version: "str | Sequence[int] | None", environment: "Mapping[str, str] | None") -> "tuple[tuple[str, str], ...]":
    """The markers that are declared: those of a *version* X.Y.Z, and those that *environment* sets."""
    words = version.split(".") if isinstance(version, str) else list(version or ())
    full = ".".join([str(int(word)) for word in words])  # they were parsed as a version before
    markers = {"python_full_version": full, "implementation_version": full} if len(words) == 3 else {}
    return checked({**markers, **(environment or {})})
