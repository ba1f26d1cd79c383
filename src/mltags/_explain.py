"""Why a wheel does not fit: data first, one sentence second.

A name is judged by its rank before anything else, so that this module and ``rank`` cannot disagree. Of the tags of a compressed
set the one that came nearest speaks for the wheel.
"""

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from ._core import ALIASES, FLOOR, FLOORS, Glibc, Musl, Platform, leading_version, telling_abi
from ._declare import IMPLEMENTATIONS, named_in
from ._errors import InvalidWheelName, printable
from ._wheel import parse_wheel_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._core import Evidence
    from ._target import Target
    from ._wheel import Wheel

    Side = Glibc | Musl | str | None


class Reason(IntEnum):
    """Where a wheel was refused. Larger is nearer to a match."""

    MALFORMED = 0
    PYTHON = 1
    ABI = 2
    SYSTEM = 3
    ARCH = 4
    SYSTEM_TOO_OLD = 5
    LIBC_FAMILY = 6
    NO_LADDER = 7
    LIBC_UNKNOWN = 8
    LIBC_TOO_OLD = 9
    REFUSED_BY_OVERRIDE = 10
    ABOVE_CEILING = 11

    def __str__(self) -> "str":
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Match:
    """A wheel that fits: the ``rank`` of its best ``tag``. Truthy."""

    name: "str"
    rank: "int"
    tag: "str"

    def __str__(self) -> "str":
        return f"{printable(self.name)}: fits ({printable(self.tag)}, rank {self.rank})"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A wheel that does not fit. Falsy; as text it is one sentence.

    * ``reason``: where it was refused; ``case`` tells special cases of one reason apart, in a word or two.
    * ``tag``: the tag that came nearest, as ``py-abi-plat``; empty for a malformed name.
    * ``need``, ``have``: what that tag needs, and what the target has in its place: a :class:`mltags.Glibc`,
      a :class:`mltags.Musl`, or text.
    * ``evidence``: how ``have`` is known.
    * ``because``: the sentence without the name; ``hint``: a second one that helps, or nothing.
    """

    name: "str"
    reason: "Reason"
    case: "str"
    tag: "str"
    need: "Glibc | Musl | str | None"
    have: "Glibc | Musl | str | None"
    evidence: "tuple[Evidence, ...]"
    because: "str"
    hint: "str" = ""

    def __bool__(self) -> "bool":
        return False

    def __str__(self) -> "str":
        return f"{printable(self.name)}: {self.because}"


#: Systems by the first word of their platform tags.
SYSTEMS = {
    **dict.fromkeys(["linux", "manylinux", "musllinux", *ALIASES.values()], "Linux"),
    "macosx": "macOS",
    "win32": "Windows",
    "win": "Windows",
    "ios": "iOS",
    "android": "Android",
    "pyodide": "Pyodide",
    "pyemscripten": "Emscripten",
    "emscripten": "Emscripten",
    "wasi": "WASI",
}

#: When common distributions reached a version of glibc, as of November 2026: (minor version of glibc 2):(release), oldest first.
#: Source: their own package archives and release notes.
RELEASES = {
    "Debian": "13:7 19:8 24:9 28:10 31:11 36:12 41:13",
    "Ubuntu": "15:12.04 17:13.04 19:14.04 21:15.04 23:16.04 24:16.10 26:17.10 27:18.04 28:18.10 29:19.04 30:19.10 31:20.04 "
    "32:20.10 33:21.04 34:21.10 35:22.04 36:22.10 37:23.04 38:23.10 39:24.04 40:24.10 41:25.04 42:25.10",
    "RHEL": "5:5 12:6 17:7 28:8 34:9 39:10",
    "Amazon Linux": "26:2 34:2023",
}


def _system(tag: "str") -> "str":
    word = tag.partition("_")[0]
    return SYSTEMS.get(word, word)


def _plain(tag: "str") -> "str":
    """A python tag in plain words: ``cp312`` is CPython 3.12."""
    name = tag.rstrip("0123456789")
    digits = tag[len(name) :]
    version = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{IMPLEMENTATIONS.get(name, name)} {version}".strip()


def _is_newer(tag: "str", than: "str") -> "bool":
    """Whether a python tag, or its digits, stand for a newer version than another's."""
    one, other = tag.lstrip("cpy"), than.lstrip("cpy")
    return (one[:1], len(one), one) > (other[:1], len(other), other)


def _of_version(tag: "str") -> "tuple[str, str]":
    """The digits and the flags of a tag of one CPython version: 313 and t of ``cp313t``; two empty texts for any other."""
    if not tag.startswith("cp") or not tag[2:3].isdigit():
        return "", ""
    digits = tag[2:].rstrip("tdmu")
    return digits, tag[2 + len(digits) :]


def first_with(libc: "Glibc | Musl") -> "str":
    """The first release of each distribution with *libc* or newer; empty where none has it yet, and for musl, of which nobody asks."""
    if not isinstance(libc, Glibc) or libc.major > 2:
        return ""
    found = []
    for name, releases in RELEASES.items():
        rows = [row.split(":") for row in releases.split()]
        release = next((release for minor, release in rows if int(minor) >= libc.minor), None)
        if release:
            found.append(f"{name} {release}")
    return f"glibc {libc}: {', '.join(found)}" if found else ""


class Judge:
    """Says of each name whether it fits a target, and why not."""

    def __init__(self, target: "Target") -> "None":
        self.target = target
        self.ranks, self.triples = target._index(), target.triples
        pairs = target.python.pairs if target.python else [tuple(triple.split("-")[:2]) for triple in self.triples]
        self.abis: dict[str, dict[str, None]] = {}
        for python, abi in pairs:
            self.abis.setdefault(python, {})[abi] = None
        self.pure = frozenset(target.python.pure if target.python else ())
        self.tag = target.python.tag if target.python else next(iter(self.abis), "")
        abis = [*(target.python.abis if target.python else self.abis.get(self.tag, ())), "none"]
        self.own = telling_abi(abis) or abis[0]
        self.platform = target.platform or Platform()
        self.of_system: dict[str, dict[str, None]] = {}
        for tag in target.platform_tags:
            if tag != "any":
                self.of_system.setdefault(_system(tag.lower()), {})[tag.lower()] = None
        self.evidence: dict[str, list[Evidence]] = {}
        for item in self.platform.evidence:
            self.evidence.setdefault(item.fact, []).append(item)
        self.memo: dict[str, Mismatch] = {}

    def judge(self, name: "str") -> "Match | Mismatch":
        """One verdict on *name*."""
        try:
            wheel = parse_wheel_name(name)
        except InvalidWheelName as problem:
            because = f"not a wheel's name: {problem.part}: {problem.problem}"
            return Mismatch(name, Reason.MALFORMED, problem.part, "", None, None, (), because)
        rank = self.ranks.of_name(name)  # as Target.rank, which would read the name once more
        if rank >= 0:
            return Match(name, rank, self.triples[rank])
        tag, miss = self._nearest(wheel)
        return Mismatch(name, miss.reason, miss.case, tag, miss.need, miss.have, miss.evidence, miss.because, miss.hint)

    def _miss(
        self, reason: "Reason", case: "str", need: "Side", have: "Side", fact: "str", because: "str", hint: "str" = ""
    ) -> "Mismatch":
        """All of a Mismatch that follows from a tag alone; *fact*: the one whose evidence tells how *have* is known."""
        evidence = tuple(self.evidence.get(fact, ()))
        return Mismatch("", reason, case, "", need, have, evidence, printable(because, None), hint)

    def _nearest(self, wheel: "Wheel") -> "tuple[str, Mismatch]":
        """The tag of a compressed set that came nearest, and the verdict on it; in time linear in the set's length."""
        pythons, abis, platforms = [list(dict.fromkeys(tags)) for tags in (wheel.pythons, wheel.abis, wheel.platforms)]
        # Few python tags are the target's; only with the first of those do all the ABIs have to be looked at.
        own = [python for python in pythons if python in self.abis]
        pair = next(((python, abi) for python in own for abi in abis if abi in self.abis[python]), None)
        if pair:
            triples = [(*pair, platform) for platform in platforms]
        elif own:
            triples = [(own[0], abi, platforms[0]) for abi in abis]
        else:
            triples = [(python, abis[0], platforms[0]) for python in pythons]
        judged = [("-".join(triple), self._of_triple(*triple)) for triple in triples]
        return max(judged, key=lambda row: _nearness(row[1]))

    def _of_triple(self, python: "str", abi: "str", platform: "str") -> "Mismatch":
        """Why a tag does not fit: its first two parts, or its platform where those two are the target's."""
        is_own = abi in self.abis.get(python, ())
        if is_own and platform == "any":
            return self._of_any(python, abi)
        key = platform if is_own else f"{python}-{abi}"
        miss = self.memo.get(key)
        if miss is None:
            miss = self._of_platform(platform) if is_own else self._of_pair(python, abi)
            if len(self.memo) < 1024 and len(key) < 160:
                self.memo[key] = miss
        return miss

    def _of_any(self, python: "str", abi: "str") -> "Mismatch":
        """Why a pair that goes with the target's platforms does not go with any."""
        because = f"has the tag {python}-none-any, which this Python does not accept; py3-none-any is one that it does"
        if abi != "none":
            because = "is tagged for any platform, which goes with the ABI none only"
        return self._miss(Reason.ABI, "any", "none", abi, "python", because)

    def _of_pair(self, python: "str", abi: "str") -> "Mismatch":
        """Why a python tag and an ABI tag do not fit."""
        mine = f"this Python is {_plain(self.tag)} ({self.tag})" if self.tag else "the list of tags is empty"
        if _of_version(python)[1] == "t":
            bare = python.removesuffix("t")
            because = f"is tagged {python}-{abi}, which no Python accepts; {bare}-{abi} is the valid form (PEP 803)"
            return self._miss(Reason.ABI, "invalid", f"{bare}-{abi}", self.tag, "python", because)
        is_of_one_version = _of_version(abi)[0] and self.tag.startswith("cp")
        if python in self.abis or (is_of_one_version and python == abi.rstrip("tdmu")):
            case, because = self._abi_words(python, abi)
            return self._miss(Reason.ABI, case, abi, self.own, "python", because)
        if python in self.pure or python == self.tag[:3] or python == self.tag[:2]:
            because = f"has the tag {python}-{abi}, which goes with any platform only, or is not accepted at all; {mine}"
            return self._miss(Reason.ABI, "any only", abi, self.own, "python", because)
        newer = " or newer" if self.tag and abi in {"abi3", "abi3t", "none"} and _is_newer(python, self.tag) else ""
        because = f"needs {_plain(python)}{newer} ({python}); {mine}"
        return self._miss(Reason.PYTHON, "", python, self.tag, "python", because)

    def _abi_words(self, python: "str", abi: "str") -> "tuple[str, str]":
        """The special cases of an ABI that does not fit, told apart."""
        own, version = self.own, f"this is {_plain(self.tag)} (ABI {self.own})"
        own_digits, own_flags = _of_version(own)
        is_free = own == "abi3t" or "t" in own_flags
        if abi == "abi3" and is_free:
            why = f"uses the stable ABI of ordinary builds (abi3), which this free-threaded build ({own}) cannot load"
            return "abi3 on free-threaded", why
        if abi == "abi3t" and not is_free:
            why = f"uses the stable ABI of free-threaded builds (abi3t); this is an ordinary build ({own})"
            return "abi3t on ordinary", why
        if abi == "none":
            return "older Python", f"is for {_plain(python)} only ({python}-none); {version}"
        digits, flags = _of_version(abi)
        if not digits:
            return "", f"needs the ABI {abi} with {_plain(python)} ({python}-{abi}); {version}"
        mine = own_digits or self.tag.lstrip("cpy")
        if digits != mine:
            kind = "newer Python" if _is_newer(digits, mine) else "older Python"
            return kind, f"is built for {_plain('cp' + digits)} only (ABI {abi}); {version}"
        built = f"{_plain('cp' + digits)} (ABI {abi})"
        if "t" in flags and not is_free:
            return "free-threaded wheel", f"is built for free-threaded {built}; this is an ordinary build (ABI {own})"
        if "t" not in flags and is_free:
            return "ordinary wheel", f"is built for ordinary {built}; this is a free-threaded build (ABI {own})"
        if "d" in flags and "d" not in own_flags:
            return "debug", f"is built for a debug build of {built}; this is a release build (ABI {own})"
        if own in (abi, "none"):
            return "", f"has the tag {python}-{abi}, which this Python does not accept together; {version}"
        return "", f"needs the ABI {abi}; {version}"

    def _of_platform(self, platform: "str") -> "Mismatch":
        """Why a platform tag does not fit."""
        system = _system(platform)
        known = self.of_system.get(system)
        if known is None:
            have = " or ".join(self.of_system)
            here = f"this system is {have}" if have else "this target names no system"
            return self._miss(Reason.SYSTEM, "", system, have or None, "system", f"is for {system} ({platform}); {here}")
        if platform in known:
            return self._not_listed(platform)
        return self._of_linux(platform) if system == "Linux" else self._of_other_system(platform, system, list(known))

    def _not_listed(self, platform: "str") -> "Mismatch":
        because = f"is not in the list of tags ({platform})"
        return self._miss(Reason.NO_LADDER, "not listed", platform, None, "tags", because)

    def _no_such_tag(self, platform: "str", more: "str" = "") -> "Mismatch":
        because = f"has a platform tag that no such system accepts ({platform}){more}"
        return self._miss(Reason.NO_LADDER, "no such tag", platform, None, "ladder", because)

    def _of_other_system(self, platform: "str", system: "str", known: "list[str]") -> "Mismatch":
        """Why a tag of macOS, Windows and the like does not fit a machine that runs just that."""
        count = {"macOS": 2, "iOS": 2, "Android": 1}.get(system, 0)
        words, mine = [tag.split("_", count + 1) for tag in (platform, known[0])]
        alike = [tag for tag in known if tag.split("_", count + 1)[-1] == words[-1]] if count else []
        if not alike:
            because = f"is for {system} on {words[-1]} ({platform}); this system is {known[0]}"
            return self._miss(Reason.ARCH, "", platform, known[0], "tags", because)
        wanted, had = [leading_version(".".join([*part[1 : count + 1], "0"])) for part in (words, mine)]
        if wanted is None or had is None or wanted <= had:
            because = f"has a platform tag that no such system accepts ({platform}); {alike[0]} is one that it does"
            return self._miss(Reason.NO_LADDER, "no such tag", platform, known[0], "tags", because)
        because = f"needs {system} {'.'.join(words[1 : count + 1])} or newer ({platform}); this system goes up to {known[0]}"
        return self._miss(Reason.SYSTEM_TOO_OLD, system, platform, known[0], "tags", because)

    def _of_linux(self, platform: "str") -> "Mismatch":
        """Why a Linux tag does not fit a Linux system: architecture, family of the C library, its version, and what rules out more."""
        need, arch = named_in(platform)
        word = platform.partition("_")[0]
        if need is None and word != "linux":
            return self._no_such_tag(platform)
        known = self.platform
        archs = known.archs or sorted({named for _, named in self.listed})
        if arch not in archs:
            mine = " or ".join(archs) or "unknown"
            because = f"is for {arch or 'no architecture'} ({platform}); this machine is {mine}"
            return self._miss(Reason.ARCH, "", arch, mine, "machine", because)
        if need is None:  # a native tag of an architecture that has one, so it is not in a list of tags
            return self._not_listed(platform)
        if isinstance(need, Glibc) and need < Glibc(2, FLOORS.get(arch, FLOOR)):
            return self._no_such_tag(platform, f"; manylinux tags of {arch} begin with glibc 2.{FLOORS.get(arch, FLOOR)}")
        wants = f"needs {need.family} {need} or newer ({platform})"
        if not known.archs:
            return self._of_listed(platform, need, arch, wants)
        libc, said = known.libc, self.evidence.get("libc")
        ignored = self._ignored(word)
        if libc is None:
            why = f": {said[-1].conclusion}" if said else ""
            because = f"{wants}; the C library of this system is unknown{why}{ignored}"
            return self._miss(Reason.LIBC_UNKNOWN, "", need, None, "libc", because)
        here = f" ({said[-1].question}){ignored}" if said else ignored
        if type(libc) is not type(need):
            because = f"is for {need.family} ({platform}); this system has {libc.family} {libc}{here}"
            return self._miss(Reason.LIBC_FAMILY, need.family, need.family, libc.family, "libc", because)
        if arch not in known.ladders:
            why = self.evidence["ladder"][0].conclusion if "ladder" in self.evidence else "another ABI is in its place"
            because = f"{wants}; this machine takes no such wheels of {arch}: {why}"
            return self._miss(Reason.NO_LADDER, "", platform, None, "ladder", because)
        if _numbers(need) > _numbers(libc):
            because = f"{wants}; this system has {libc}{here}"
            return self._miss(Reason.LIBC_TOO_OLD, need.family, need, libc, "libc", because, first_with(need))
        return self._of_held_back(platform, need, arch, wants)

    def _of_held_back(self, platform: "str", need: "Glibc | Musl", arch: "str", wants: "str") -> "Mismatch":
        """Why a tag that the machine's C library is new enough for is not accepted all the same."""
        override = self.platform.override
        for version, refused, by in override.refused if override else ():
            if (version, refused) == (need, arch) and override:
                only = "" if by == "manylinux_compatible" else f"; that attribute hides version {version} only"
                because = f"{wants}, and is refused by the override module {printable(override.source)}: {by} said no{only}"
                return self._miss(Reason.REFUSED_BY_OVERRIDE, by, need, override.source, "override", because)
        if self._is_above_ceiling(need):
            return self._above_ceiling(need, wants)
        return self._no_such_tag(platform)

    def _is_above_ceiling(self, need: "Glibc | Musl") -> "bool":
        ceiling = self.platform.ceiling
        return ceiling is not None and isinstance(need, Glibc) and need > ceiling

    def _above_ceiling(self, need: "Glibc | Musl", wants: "str") -> "Mismatch":
        ceiling = self.platform.ceiling
        return self._miss(Reason.ABOVE_CEILING, "", need, ceiling, "ceiling", f"{wants}; the ceiling (max_glibc) is {ceiling}")

    def _ignored(self, word: "str") -> "str":
        """A remark on an override that wanted to allow what it cannot allow."""
        override, name = self.platform.override, f"{word}_compatible"
        if override is None or name not in override.allowed:
            return ""
        return f"; {name} = True in {printable(override.source)} was ignored: an override can refuse tags, never add any"

    @cached_property
    def listed(self) -> "list[tuple[Glibc | Musl | None, str]]":
        """The C libraries and the architectures of the Linux tags, where nothing else is known of the machine."""
        return [named_in(tag) for tag in self.of_system["Linux"]]

    def _of_listed(self, platform: "str", need: "Glibc | Musl", arch: "str", wants: "str") -> "Mismatch":
        """Why a tag is not in a list of tags of which nothing else is known."""
        known = [version for version, named in self.listed if version and named == arch]
        alike = [version for version in known if type(version) is type(need)]
        best = max(alike, key=_numbers, default=None)
        # A list that ends below the ceiling was not cut by it; of one with nothing left the ceiling may have taken all.
        if self._is_above_ceiling(need) and (best == self.platform.ceiling if best else not known):
            return self._above_ceiling(need, wants)
        if best is None:
            because = f"{wants}; the list of tags has none of that family for {arch}"
            return self._miss(Reason.LIBC_FAMILY, need.family, need.family, None, "tags", because)
        if _numbers(need) > _numbers(best):
            because = f"{wants}; the list of tags goes up to {best}"
            return self._miss(Reason.LIBC_TOO_OLD, need.family, need, best, "tags", because, first_with(need))
        return self._not_listed(platform)


def closest(target: "Target", names: "Iterable[str]") -> "list[Mismatch]":
    """As :meth:`mltags.Target.closest`."""
    judge = Judge(target)
    return nearest_first([miss for miss in [judge.judge(name) for name in names] if isinstance(miss, Mismatch)], target)


def nearest_first(misses: "list[Mismatch]", target: "Target") -> "list[Mismatch]":
    """By reason; of equals those for the platform of *target* first, and of two that want a newer C library the one that wants
    less; else in the order they came."""
    platforms = {"any", *target.platform_tags}
    ours_first = sorted(misses, key=lambda miss: miss.tag.rpartition("-")[2] not in platforms)
    return sorted(ours_first, key=_nearness, reverse=True)


def _nearness(miss: "Mismatch") -> "tuple[int, int, int]":
    major, minor = _numbers(miss.need) if isinstance(miss.need, (Glibc, Musl)) else (0, 0)
    return miss.reason, -major, -minor


def _numbers(version: "Glibc | Musl") -> "tuple[int, int]":
    return version.major, version.minor


_COUNTED = {
    Reason.MALFORMED: "malformed",
    Reason.PYTHON: "for other Pythons",
    Reason.ABI: "for other ABIs",
    Reason.SYSTEM: "for other systems",
    Reason.ARCH: "for other architectures",
    Reason.SYSTEM_TOO_OLD: "for newer systems",
    Reason.LIBC_UNKNOWN: "for a C library whose version is unknown here",
    Reason.NO_LADDER: "with tags that no machine of this kind accepts",
    Reason.REFUSED_BY_OVERRIDE: "refused by the override module",
    Reason.ABOVE_CEILING: "above the ceiling",
}


def summary(misses: "Sequence[Mismatch]", target: "Target") -> "str":
    """What became of a page of which nothing fits: counts by reason, most first, and the lowest glibc that would help."""
    counts = Counter([_counted(miss) for miss in misses]).most_common()
    words = [f"{count} {what if count == 1 else what.replace('needs', 'need', 1)}" for what, count in counts]
    text = f"{'1 wheel' if len(misses) == 1 else f'{len(misses)} wheels'}: {', '.join(words)}"
    lowest = lowest_glibc(misses, target)
    return f"{text}; with glibc {lowest} one would fit" if lowest else text


def _counted(miss: "Mismatch") -> "str":
    """What is said of all wheels that were refused like this one."""
    if miss.reason is Reason.LIBC_TOO_OLD:
        return f"needs {miss.case} {miss.need}"
    return f"for {miss.need}" if miss.reason is Reason.LIBC_FAMILY else _COUNTED[miss.reason]


def lowest_glibc(misses: "Iterable[Mismatch]", target: "Target") -> "Glibc | None":
    """The lowest glibc with which one of *misses* would fit, everything else being as it is; None where no glibc would do."""
    platform = target.platform or Platform()
    if platform.override and any(by == "manylinux_compatible" for _, _, by in platform.override.refused):
        return None  # nobody knows what the function says of versions that it was not asked about
    needed = [miss.need for miss in misses if miss.reason is Reason.LIBC_TOO_OLD and isinstance(miss.need, Glibc)]
    return min([need for need in needed if platform.ceiling is None or need <= platform.ceiling], default=None)
