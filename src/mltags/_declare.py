"""From words to a Platform and a Python: a platform tag stands for the machine that it names (R13, R14)."""

from . import _abi, _core, _errors, _local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, NoReturn

    from ._core import Evidence, Glibc, Musl, Platform, Python
    from ._machines import Machine

_FORMS = (
    "expected manylinux_X_Y_<arch>, manylinux2014_<arch>, manylinux2010_<arch>, manylinux1_<arch>, musllinux_X_Y_<arch>, "
    "linux_<arch>, macosx_X_Y_<arch>, win32, win_<arch>, ios_X_Y_<multiarch>, android_N_<abi> or any"
)

#: Short name of an implementation -> its name.
IMPLEMENTATIONS = {"cp": "CPython", "pp": "PyPy", "py": "Python", "ip": "IronPython", "jy": "Jython", "graalpy": "GraalPy"}

#: Long name of an implementation -> its short name.
_LONG_NAMES = {**_core.SHORT_NAMES, "graal": "graalpy", "graalpython": "graalpy"}

#: Other ecosystems' name of an architecture -> its name in wheels for Linux.
LINUX_NAMES = {
    **dict.fromkeys(["amd64", "x64", "x32", "x86-64", "x8664", "x64_86", "x86_64h", "intel64", "em64t", "k8"], "x86_64"),
    **dict.fromkeys(["gnu_x86_64", "musl_x86_64", "amd64p32"], "x86_64"),
    **dict.fromkeys(["x86", "x86_32", "ia32", "i86pc", "i786", "386"], "i686"),
    **dict.fromkeys(["arm64", "armv8", "arm64_v8a", "arm64_v8", "arm64v8", "armv9", "aarch64le", "arm64e"], "aarch64"),
    **dict.fromkeys(["gnu_aarch64", "musl_aarch64"], "aarch64"),
    **dict.fromkeys(
        ["armhf", "armv7", "armv7hl", "armeabi_v7a", "armv7hf", "armv7a", "arm_v7", "arm32v7", "aarch32"], "armv7l"
    ),
    **dict.fromkeys(["armv6", "armv6hl", "arm_v6", "arm32v6"], "armv6l"),
    **dict.fromkeys(["ppc64el", "powerpc64le"], "ppc64le"),
    **dict.fromkeys(["mipsel", "mipsle"], "mips"),
    "mips64el": "mips64",
    **dict.fromkeys(["loong64", "loongarch"], "loongarch64"),
    **dict.fromkeys(["powerpc", "ppc32"], "ppc"),
    "powerpc64": "ppc64",
    **dict.fromkeys(["riscv64gc", "rv64gc", "rv64"], "riscv64"),
}
#: The same for macOS, and for what follows ``win_``; a tag such as ``win_x86`` becomes ``win32``.
_MAC_NAMES = {
    **dict.fromkeys(["aarch64", "arm64e", "armv8"], "arm64"),
    **dict.fromkeys(["amd64", "x64", "x86-64", "64"], "x86_64"),
    **dict.fromkeys(["i686", "x86"], "i386"),
}
_WINDOWS = ("amd64", "arm64", "arm32", "ia64")
_WINDOWS_NAMES = {
    **dict.fromkeys(["x86_64", "x64", "64"], "win_amd64"),
    **dict.fromkeys(["x86", "i386", "i686", "32"], "win32"),
    **dict.fromkeys(["aarch64", "arm64ec"], "win_arm64"),
}

_MACS = ("arm64", "x86_64", "i386", "ppc", "ppc64", "universal2", "universal", "intel", "fat", "fat3", "fat32", "fat64")
_IPHONES = ("arm64_iphoneos", "arm64_iphonesimulator", "x86_64_iphonesimulator")
_IPHONE_NAMES = {"arm64": "arm64_iphoneos", "x86_64": "x86_64_iphonesimulator"}
_ANDROIDS = ("arm64_v8a", "armeabi_v7a", "x86", "x86_64")
_ANDROID_NAMES = {"arm64": "arm64_v8a", "aarch64": "arm64_v8a", "armv7l": "armeabi_v7a", "i686": "x86", "amd64": "x86_64"}


class _Numbered(_core.Value):
    """A system whose tags contain a version of *count* numbers, and whose lists packaging makes.

    ``system`` is what ``platform.system()`` calls it, ``name`` what people call it; ``names``: other names of its ``archs``.
    """

    __slots__ = ("system", "name", "count", "example", "oldest", "archs", "names")
    system: "str"
    name: "str"
    count: "int"
    example: "str"
    oldest: "tuple[int, ...]"
    archs: "tuple[str, ...]"
    names: "dict[str, str]"


#: By the first word of the tag.
NUMBERED = {
    "macosx": _Numbered("Darwin", "macOS", 2, "macosx_11_0_arm64", (10, 0), _MACS, _MAC_NAMES),
    "ios": _Numbered("iOS", "iOS", 2, "ios_13_0_arm64_iphoneos", (12, 0), _IPHONES, _IPHONE_NAMES),
    "android": _Numbered("Android", "Android", 1, "android_24_arm64_v8a", (16,), _ANDROIDS, _ANDROID_NAMES),
}

#: Systems without rules, by the first word of their tags: one declared tag is taken as it is. Source of the last three: PEP 783 and
#: the tags that their Pythons report.
UNRULED = {
    "freebsd": "FreeBSD",
    "openbsd": "OpenBSD",
    "netbsd": "NetBSD",
    "dragonfly": "DragonFly",
    "aix": "AIX",
    "haiku": "Haiku",
    "sunos": "SunOS",
    "solaris": "SunOS",
    "cygwin": "Cygwin",
    "pyodide": "Emscripten",
    "pyemscripten": "Emscripten",
    "emscripten": "Emscripten",
    "wasi": "WASI",
}

#: Every system by the first word of its platform tags.
SYSTEMS = {
    **dict.fromkeys(["linux", "manylinux", "musllinux", *_core.ALIASES.values()], "Linux"),
    **dict.fromkeys(["win", "win32"], "Windows"),
    **{word: known.name for word, known in NUMBERED.items()},
    **UNRULED,
}


def parse_platform(tag: "str") -> "Platform":
    """The machine that a platform tag names: the oldest one on which wheels with that tag run.

    Reads nothing but the tag. ``manylinux_2_28_x86_64`` is a machine with glibc 2.28, so older tags and aliases are compatible.

    >>> import mltags
    >>> mltags.parse_platform("manylinux2014_x86_64").libc
    Glibc(2, 17)
    >>> mltags.parse_platform("linux_arm64")
    Traceback (most recent call last):
    mltags.InvalidPlatformTag: invalid platform tag 'linux_arm64': architecture: wheels for Linux use aarch64, not arm64; did you mean linux_aarch64?

    Raises:
        InvalidPlatformTag: no machine has such a tag; the problem says what is expected.
    """
    tag = str(tag)  # not every caller is typed
    part, problem = "platform tag", "there is no such tag"
    try:
        platform = _read(tag)
        if platform is not None:
            return platform
    except _errors.InvalidPlatformTag as error:
        part, problem = error.part, error.problem
    meant = near_tag(tag.lower())
    if meant:
        problem += f"; did you mean {meant}?"
    elif part == "platform tag":
        problem = _no_tag(tag)
    raise _errors.InvalidPlatformTag(tag, part, problem)


def _read(tag: "str") -> "Platform | None":
    """As ``parse_platform``; None if *tag* does not look like a platform tag."""
    text = tag.lower()
    word, _, rest = text.partition("_")
    if not text.isascii() or not ("_" + text).isidentifier():
        return None
    if word == "manylinux":
        (major, minor), arch = _numbers(tag, rest, 2, "manylinux_2_28_x86_64")
        return _glibc(tag, arch, major, minor)
    for minor, alias in _core.ALIASES.items():
        if word == alias:
            return _alias(tag, alias, minor, rest)
    if word == "musllinux":
        (major, minor), arch = _numbers(tag, rest, 2, "musllinux_1_2_x86_64")
        if major < 1:
            _refuse(tag, "version", "must be musl 1.0 or newer")
        _check_arch(tag, arch)
        _check_pinned(tag, arch)
        return _linux(tag, arch, _core.Musl(major, minor))
    if word == "linux":
        if not rest:
            _refuse(tag, "architecture", "is missing; add one: linux_x86_64")
        _check_arch(tag, rest)
        return _linux(tag, rest, None)
    if word in NUMBERED:
        return _numbered(tag, word, rest)
    if word == "win" and rest:
        _check_windows(tag, rest)
    elif text not in {"any", "win32"} and not (word in UNRULED and rest):
        return None
    system = "any" if text == "any" else UNRULED.get(word, "Windows")
    return _core.Platform(system=system, linux_tags="last", explicit_tags=[text], evidence=[_declared(tag, "platform", text)])


def _refuse(tag: "str", part: "str", problem: "str") -> "NoReturn":
    raise _errors.InvalidPlatformTag(tag, part, problem)


def _exists(tag: "str") -> "bool":
    try:
        return _read(tag) is not None
    except _errors.InvalidPlatformTag:
        return False


def _no_tag(tag: "str") -> "str":
    """What to use in place of a text that does not look like a platform tag; it may be the name of a machine."""
    from . import _machines

    names = [] if tag.lower().rstrip("_") == "win" else _machines.near(tag)
    if not names:
        return _FORMS
    named = names[0] if len(names) == 1 else f"one of {', '.join(names)}"
    return f"that is the name of a machine, not a tag; pass it to --machine (Target.of_machine) as {named}"


def _corrected(tag: "str") -> "str":
    """*tag* in the spelling of wheels: ``linux_amd64`` is ``linux_x86_64``, ``macosx_12_3_arm64`` is ``macosx_12_0_arm64``.

    A glibc that is too old for the architecture becomes the oldest one that is not. Any other tag is returned as it is.
    """
    word, _, rest = tag.partition("_")
    if word == "win":
        return _WINDOWS_NAMES.get(rest, tag)
    if word in NUMBERED:
        known, words = NUMBERED[word], rest.split("_")
        numbers = [text for text in words[: known.count] if _core.is_number(text, 3)]
        arch = "_".join(words[len(numbers) :])
        arch = known.names.get(arch, arch)
        numbers += ["0"] * (known.count - len(numbers)) if numbers else []
        if word == "macosx" and numbers and int(numbers[0]) > 10:
            numbers[1:] = ["0"]
        elif word == "macosx" and arch == "arm64":
            numbers = ["11", "0"]
        return "_".join([word, *numbers, arch]) if arch else tag
    if SYSTEMS.get(word) != "Linux":
        return tag
    libc, arch = named_in(tag)
    name = linux_name(arch)
    glibc, oldest = _core.as_glibc(libc), _core.Glibc(2, _core.oldest_minor(name))
    return f"manylinux_{oldest.major}_{oldest.minor}_{name}" if glibc and glibc < oldest else tag.removesuffix(arch) + name


#: Mistakes in a platform tag: (pattern, what is meant). Conda's and Rust's names of platforms are among them.
_SLIPS = (
    (r"muslinux_(.*)", r"musllinux_\1"),
    (r"many_linux_(.*)", r"manylinux_\1"),
    (r"manylinux2([0-9]{2})_(.+)", r"manylinux_2_\1_\2"),
    (r"android([0-9]+)_(.+)", r"android_\1_\2"),
    (r"win(?:[0-9]+_)?(a[a-z]+[0-9]+)", r"win_\1"),
    (r"(.+)_linux", r"linux_\1"),
    (r"win(?:dows)?_?64(?:_.*)?|windows_(?:amd64|x86_64|x64)|windows|(?:x86_64|amd64)(?:_pc)?_windows.*", "win_amd64"),
    (r"win(?:dows)?_?(?:86|x86)|windows_(?:32|i[3-6]86|x86)|i[3-6]86(?:_pc)?_windows.*", "win32"),
    (r"windows_(?:arm64|aarch64)|aarch64(?:_pc)?_windows.*", "win_arm64"),
    (r"(?:macos|osx|mac|darwin)_?([a-z].*|64)|([^_]+|x86_64)(?:_apple)?_darwin.*|(universal2)", r"macosx_11_0_\1\2\3"),
    (r"(?:macos|osx|mac|darwin)_([0-9]+_.+)", r"macosx_\1"),
    (r"linux_?64", "linux_x86_64"),
    (r"linux_?32", "linux_i686"),
    (r"arm_linux_gnueabihf", "manylinux_2_17_armv7l"),
    (r"(.+?)(?:_unknown|_pc|_redhat|_suse)?_linux_gnu(?:eabihf)?", r"manylinux_2_17_\1"),
    (r"(.+?)(?:_unknown|_alpine)?_linux_musl(?:eabihf)?|musl(?:linux)?_([a-z].*)", r"musllinux_1_2_\1\2"),
    (r"(.+)_(manylinux|musllinux)_?([0-9]+_[0-9]+)", r"\2_\3_\1"),
    (r"(.+)_manylinux_?(2014|2010|1)", r"manylinux\2_\1"),
    (r"glibc_?([0-9]+_[0-9]+)", r"manylinux_\1_x86_64"),
    (r"manylinux_(2014|2010|1)_(.+)", r"manylinux\1_\2"),
    (r"manylinux([0-9]+)_([0-9]+)_(.+)", r"manylinux_\1_\2_\3"),
    (r"(?:musl|musllinux)_?([0-9]+)_([0-9]+)_(.+)", r"musllinux_\1_\2_\3"),
)
#: A whole platform tag for an architecture alone, by system.
_BARE = {"Windows": "win_{}", "macOS": "macosx_11_0_{}"}


def near_tag(tag: "str", system: "str" = "Linux") -> "str":
    """The platform tag that is probably meant by one that does not exist; empty if there is no good guess.

    *system*: the one that an architecture alone is meant for.
    """
    import re

    candidates = []
    words = re.split("[-/]", tag)
    whole = re.sub("[^a-z0-9]+", "_", re.split("[(;,]", tag)[0]).strip("_")
    for text in (whole, "" if words[0] in UNRULED else words[-1]):
        candidates += [re.sub(pattern, meant, text) for pattern, meant in _SLIPS if re.fullmatch(pattern, text)]
        candidates.append(text)
        if text in _abi.FAMILIES or text in LINUX_NAMES or text == "armv7l":
            candidates.append(_BARE.get(system, "linux_{}").format(text))
    found = [_corrected(candidate) for candidate in candidates]
    return next((candidate for candidate in found if _is_likely(candidate) and _exists(candidate)), "")


def _is_likely(tag: "str") -> "bool":
    """Whether *tag*, if it exists, is worth suggesting: a Linux tag if its architecture is known, that of a system without rules
    if it has a version."""
    word, _, rest = tag.partition("_")
    if SYSTEMS.get(word) == "Linux":
        return named_in(tag)[1] in {*_abi.FAMILIES, *_abi.CHECKED, *LINUX_NAMES.values()}
    return tag != "any" and (word not in UNRULED or rest[:1].isdecimal())


def _declared(tag: "str", fact: "str", conclusion: "str") -> "Evidence":
    return _core.Evidence(fact, "declared", repr(tag), conclusion)


def _numbers(tag: "str", rest: "str", count: "int", example: "str") -> "tuple[list[int], str]":
    """The *count* numbers at the start of *rest*, and what follows them."""
    words = rest.split("_", count)
    numbers: list[int] = []
    for word, limit in zip(words[:count], (_core.MAX_MAJOR, _core.MAX_MINOR)[-count:], strict=False):
        if not _core.is_number(word, 3) or (word[0] == "0" and word != "0") or int(word) > limit:
            problem = "is incomplete" if numbers else "is missing"
            if word[:1].isdecimal():
                wrong = "begins with 0" if word[0] == "0" else f"is not a whole number up to {limit}"
                problem = f"'{_errors.printable(word)}' {wrong}"
            _refuse(tag, "version", f"{problem}; expected a tag such as {example}")
        numbers.append(int(word))
    if len(words) <= count or not words[count]:
        _refuse(tag, "architecture", f"is missing; expected a tag such as {example}")
    return numbers, words[count]


def linux_name(arch: "str") -> "str":
    """What wheels for Linux call the architecture *arch*, which may have a level (``x86_64_v3``); *arch* itself if unknown."""
    if arch not in _abi.FAMILIES and arch not in LINUX_NAMES:
        arch = next((name for name in (*_abi.FAMILIES, "amd64") if arch.startswith(f"{name}_")), arch)
    return LINUX_NAMES.get(arch, arch)


def _check_arch(tag: "str", arch: "str") -> "None":
    """Refuse another ecosystem's name for an architecture of Linux, and an architecture of another system."""
    system, _, rest = arch.partition("_")
    if arch in {"any", "none", "noarch", "unknown", "wasm32"}:
        _refuse(tag, "architecture", f"'{arch}' is not an architecture of Linux; expected one such as x86_64")
    if (system in SYSTEMS and rest) or arch == "win32":
        _refuse(tag, "architecture", f"'{arch}' is a platform tag of its own; did you mean {arch} alone?")
    if arch in NUMBERED["macosx"].archs and arch not in {*_abi.FAMILIES, *LINUX_NAMES}:
        _refuse(tag, "architecture", f"{arch} is an architecture of macOS")
    name = linux_name(arch)
    if name != arch:
        _refuse(tag, "architecture", f"wheels for Linux use {name}, not {arch}")
    if not arch[0].isalpha():
        _refuse(tag, "architecture", f"'{arch}' begins with '{arch[0]}', and no architecture does")


def _check_pinned(tag: "str", arch: "str") -> "None":
    if not _abi.is_pinned(arch, 8):
        problem = f"the name {arch} does not identify the ABI of a wheel, so it has no such tags (PEP 600)"
        meant = f"did you mean {tag.lower().removesuffix(arch)}i686?" if _abi.family(arch)[0] == "x86" else f"use linux_{arch}"
        _refuse(tag, "architecture", f"{problem}; {meant}")


def _alias(tag: "str", alias: "str", minor: "int", arch: "str") -> "Platform":
    if not arch:
        _refuse(tag, "architecture", f"is missing; add one: {alias}_x86_64")
    _check_arch(tag, arch)
    archs = _core.alias_archs(minor)
    _check_pinned(tag, arch)
    if archs and arch not in archs:
        _refuse(tag, "alias", f"{alias} exists for {' and '.join(archs)} only")
    return _glibc(tag, arch, 2, minor)


def _glibc(tag: "str", arch: "str", major: "int", minor: "int") -> "Platform":
    _check_arch(tag, arch)
    oldest = _core.oldest_minor(arch)
    if (major, minor) < (2, oldest):
        _refuse(tag, "version", f"must be glibc 2.{oldest} or newer on {arch}")
    _check_pinned(tag, arch)
    return _linux(tag, arch, _core.Glibc(major, minor))


def _linux(tag: "str", arch: "str", libc: "Glibc | Musl | None") -> "Platform":
    conclusion = f"{libc.family} {libc}" if libc else "that tag names no C library"
    evidence = [_declared(tag, "machine", arch), _declared(tag, "libc", conclusion)]
    return _core.Platform(archs=_abi.accepted_archs(arch), libc=libc, linux_tags="last", evidence=evidence)


def _check_windows(tag: "str", arch: "str") -> "None":
    if arch in _WINDOWS_NAMES:
        _refuse(tag, "architecture", f"wheels for Windows do not use the name {arch}")
    if arch not in _WINDOWS:
        _refuse(tag, "architecture", f"expected win32, win_{', win_'.join(_WINDOWS[:-1])} or win_{_WINDOWS[-1]}")


def _numbered(tag: "str", word: "str", rest: "str") -> "Platform":
    known = NUMBERED[word]
    numbers, arch = _numbers(tag, rest, known.count, known.example)
    if tuple(numbers) < known.oldest:
        oldest = ("API level " if word == "android" else "") + ".".join([str(number) for number in known.oldest])
        _refuse(tag, "version", f"must be {known.name} {oldest} or newer")
    if arch not in known.archs:
        if meant := known.names.get(arch):
            _refuse(tag, "architecture", f"wheels for {known.name} use {meant}, not {arch}")
        _refuse(tag, "architecture", f"expected one of {known.name}: {', '.join(known.archs)}")
    if word == "macosx" and numbers[0] > 10 and numbers[1]:
        _refuse(tag, "version", "since macOS 11 the minor version in tags is 0")
    version, listed = "_".join([str(number) for number in numbers]), numbered_tags(word, numbers, arch)
    if f"{word}_{version}_{arch}" not in listed or (word == "macosx" and arch == "arm64" and numbers[0] < 11):
        _refuse(tag, "version", f"{known.name} {version.replace('_', '.')} never ran on {arch}")
    return _core.Platform(
        system=known.system, linux_tags="last", explicit_tags=listed, evidence=[_declared(tag, "platform", tag.lower())]
    )


def numbered_tags(word: "str", numbers: "Sequence[int]", arch: "str") -> "tuple[str, ...]":
    """The platform tags of a macOS, iOS or Android of that version, best first, as packaging lists them."""
    from packaging import tags

    if word == "android":
        return tuple(dict.fromkeys(tags.android_platforms(numbers[0], arch)))
    platforms = tags.mac_platforms if word == "macosx" else tags.ios_platforms
    return tuple(dict.fromkeys(platforms((numbers[0], numbers[1]), arch)))


def limited(platform: "Platform", max_glibc: "Glibc | None") -> "Platform":
    """The same machine without the manylinux tags above *max_glibc*; *platform* itself if that is None."""
    if max_glibc is None or (platform.max_glibc is not None and platform.max_glibc <= max_glibc):
        return platform
    # If several platforms are declared, nothing but their tags is known.
    kept = [tag for tag in platform.explicit_tags if not (libc := _core.as_glibc(named_in(tag)[0])) or libc <= max_glibc]
    note = _core.Evidence("max_glibc", "max_glibc", str(max_glibc), f"no manylinux tag above glibc {max_glibc}")
    return platform._replace(max_glibc=max_glibc, explicit_tags=tuple(kept), evidence=(*platform.evidence, note))


def named_in(tag: "str") -> "tuple[Glibc | Musl | None, str]":
    """The C library and the architecture that a Linux tag names; the first is None if the tag names none, or a malformed one."""
    word, _, rest = tag.partition("_")
    for minor, alias in _core.ALIASES.items():
        if word == alias:
            return _core.Glibc(2, minor), rest
    if word == "linux":
        return None, rest
    numbers = _core.leading_version(rest.replace("_", ".", 1))
    arch = "_".join(rest.split("_")[2:])
    if numbers is None or not rest.startswith(f"{numbers[0]}_{numbers[1]}_") or word not in {"manylinux", "musllinux"}:
        return None, arch
    return _core.Glibc(*numbers) if word == "manylinux" else _core.Musl(*numbers), arch


def unruled_arch(tag: "str") -> "str":
    """The architecture in the tag of a system without rules: what follows its version."""
    words = tag.split("_")[1:]
    # 14, release, p3 and r1beta4 are versions; the last word is never one.
    while len(words) > 1 and (words[0].lstrip("rp")[:1].isdecimal() or words[0] in {"release", "stable", "current"}):
        del words[0]
    return "_".join(words)


def parse_platforms(tags: "Sequence[str]", *, linux_tags: "str | None", max_glibc: "Glibc | None") -> "Platform":
    """The machines that *tags* name, as one: their platform tags in the order given, the first of equals kept."""
    platforms = [limited(parse_platform(tag), max_glibc) for tag in tags]
    if not platforms:
        raise _errors.InvalidTarget("[]", "platform", "expected at least one platform tag; None probes this machine")
    if linux_tags is not None:
        _core.check_linux_tags(linux_tags)
        platforms = [platform._replace(linux_tags=linux_tags) for platform in platforms]
    first, *others = platforms
    if not others:
        return first
    listed = [tag for platform in platforms for tag in _core.tags_of(platform)]
    return _core.Platform(
        system=first.system,
        linux_tags=first.linux_tags,
        explicit_tags=listed,
        max_glibc=max_glibc,
        evidence=[item for platform in platforms for item in platform.evidence],
    )


def named_machine(name: "str") -> "tuple[Machine, str]":
    """The machine that ``NAME`` or ``NAME:ARCH`` names, and the architecture; its first one if none is named.

    Raises:
        InvalidTarget: there is no such machine, or it does not have the architecture.
    """
    from . import _machines

    if str(name).lower().rpartition("/")[2].partition("_")[0] in SYSTEMS:
        problem = "that is a platform tag; pass it to --platform (Target.of(platform=...))"
        raise _errors.InvalidTarget(str(name), "machine", problem)
    machine, word = _machines.find(name)
    arch = _arch_of(machine, word) if word else machine.archs[0]
    if arch not in machine.archs:
        raise _errors.InvalidTarget(str(name), "architecture", _machines.known_archs(machine))
    return machine, arch


def machine_platform(machine: "Machine", arch: "str") -> "Platform":
    """The Platform of a named machine with one of its architectures."""
    if machine.system == "Linux":
        archs = _abi.accepted_archs(arch)
        platform = _core.Platform(
            archs=archs,
            libc_archs=[known for known in archs if _abi.is_pinned(known, _abi.family(known)[1])],
            libc=machine.libc,
            linux_tags="last",
        )
    elif machine.system == "Windows":
        platform = parse_platform(arch if arch == "win32" else f"win_{arch}")
    else:
        platform = parse_platform(f"macosx_{machine.version}_0_{arch}")
    shown = f"{machine.name}:{arch}"
    evidence = [_declared(shown, "machine", arch)]
    if machine.libc is not None:
        evidence.append(_declared(shown, "libc", f"{machine.libc.family} {machine.libc}"))
    return platform._replace(evidence=tuple(evidence))


def _arch_of(machine: "Machine", word: "str") -> "str":
    """The architecture that *word* means: people also write arm64 and amd64 for Linux."""
    if machine.system == "Linux":
        if word == "x32" or (word == "armhf" and isinstance(machine.libc, _core.Musl)):  # other ABIs; Alpine's armhf is ARMv6
            return word
        # Debian's i386 is i686, and containers' linux/arm64/v8 is aarch64.
        return "i686" if word == "i386" else linux_name(word.removeprefix("linux/").replace("/", "_"))
    if machine.system == "Windows":
        return _WINDOWS_NAMES.get(word, word).removeprefix("win_")
    return _MAC_NAMES.get(word, word)


def declared_python(
    version: "str | Sequence[int] | None", implementation: "str | None", abis: "str | Iterable[str] | None"
) -> "Python":
    """The interpreter that pip's ``--python-version``, ``--implementation`` and ``--abi`` describe.

    Without a version or an implementation: those of the running interpreter, but never the flags of its build.

    Raises:
        InvalidTarget: what is wrong or missing, and what to pass.
    """
    running = _local.LocalHost().python()
    if implementation is None:
        name = str(running["implementation"])
        implementation = _core.SHORT_NAMES.get(name, name)
    _check_word(implementation, "implementation", "cp, pp or py")
    implementation = implementation.lower()
    word = implementation.rstrip("0123456789")
    short = _LONG_NAMES.get(word) or (word if word != implementation and word in IMPLEMENTATIONS else "")
    if short:
        problem = f"expected the short name of {word}: {short}"
        if word != implementation:
            problem = f"expected {short}; pass the version as python_version (--python-version)"
        raise _errors.InvalidTarget(implementation, "implementation", problem)
    numbers = tuple(running["version"]) if version is None else _version(version)  # type: ignore[arg-type]
    if abis is None:
        if implementation == "cp":
            abis = _core.cpython_abis(numbers, {})
        elif implementation == "py":
            abis = []
        else:
            given = f"{implementation} {'.'.join([str(number) for number in numbers])}"
            problem = "only CPython's follows from the version; pass abis (--abi), such as pypy311_pp73"
            raise _errors.InvalidTarget(given, "ABI", problem)
    words: list[Any] = list(abis) if not isinstance(abis, (str, bytes)) and hasattr(abis, "__iter__") else [abis]
    for abi in words:
        _check_word(abi, "ABI", "cp312, abi3 or none")
    return _core.Python(implementation, numbers, words, declared=implementation != "cp")


def _check_word(text: "object", part: "str", examples: "str") -> "None":
    if not isinstance(text, str) or not text.isascii() or not ("_" + text).isidentifier() or not text:
        raise _errors.InvalidTarget(str(text), part, f"may hold letters, digits and '_' only, such as {examples}")


def _version(version: "str | Sequence[int]") -> "tuple[int, ...]":
    """``"3.12"``, ``"312"``, ``"3"`` or ``"3.12.1"``, as pip reads them; or the numbers themselves."""
    if not isinstance(version, (str, tuple, list)):
        raise _errors.InvalidTarget(repr(version), "Python version", "expected a text such as '3.12' or a pair such as (3, 12)")
    if not isinstance(version, str):
        return _core.Python("py", tuple(version)[:2]).version
    words = version.split(".")
    if len(words) == 1:
        words = [version[:1], version[1:]] if len(version) > 1 else [version]
    if len(words) > 3 or not all(_core.is_number(word, 3) for word in words):
        number = version.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")
        plain = number.rstrip("t")
        hint = f"; did you mean {plain}?" if plain != version and _core.is_number(plain.replace(".", "", 1), 4) else ""
        if hint and number != plain:
            hint += f" Its free-threaded build is the ABI cp{plain.replace('.', '')}t (abis, --abi)."
        raise _errors.InvalidTarget(version, "Python version", f"expected a version such as '3.12', '312' or '3'{hint}")
    return _core.Python("py", [int(word) for word in words[:2]]).version
