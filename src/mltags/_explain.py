"""Why a wheel does not fit: data first, one sentence second.

A name is judged by its rank before anything else, so that this module and ``rank`` cannot disagree. Of the tags of a compressed
set the one that came nearest speaks for the wheel.
"""

from dataclasses import dataclass
from enum import IntEnum

from ._distributions import first_with
from ._errors import InvalidWheelName, printable
from ._facts import Glibc, Musl, leading_version
from ._ladder import ALIASES, FLOOR, FLOORS
from ._wheel import parse_wheel_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._facts import Evidence
    from ._target import Target


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
        return f"{printable(self.name)}: fits ({self.tag}, rank {self.rank})"


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


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A Mismatch but for the name: all that follows from a tag alone."""

    reason: "Reason"
    case: "str"
    need: "Glibc | Musl | str | None"
    have: "Glibc | Musl | str | None"
    fact: "str"
    because: "str"
    hint: "str" = ""

    @property
    def nearness(self) -> "tuple[int, int, int]":
        """Larger is nearer: by reason, then the older C library that would do."""
        return _nearness(self.reason, self.need)


#: Systems by the first word of their platform tags.
SYSTEMS = {
    "linux": "Linux",
    "manylinux": "Linux",
    "manylinux1": "Linux",
    "manylinux2010": "Linux",
    "manylinux2014": "Linux",
    "musllinux": "Linux",
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
_IMPLEMENTATIONS = {"cp": "CPython", "pp": "PyPy", "py": "Python", "ip": "IronPython", "jy": "Jython", "graalpy": "GraalPy"}


def _plain(tag: "str") -> "str":
    """A python tag in plain words: ``cp312`` is CPython 3.12."""
    name = tag.rstrip("0123456789")
    digits = tag[len(name) :]
    version = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{_IMPLEMENTATIONS.get(name, name)} {version}".strip()


def _is_newer(tag: "str", than: "str") -> "bool":
    """Whether a python tag, or its digits, stand for a newer version than another's."""
    one, other = tag.lstrip("cpy"), than.lstrip("cpy")
    return (one[:1], len(one), one) > (other[:1], len(other), other)


def _is_release_of_cpython(abi: "str") -> "bool":
    return abi.startswith("cp") and abi[2:].isdigit()


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
        self.own = next(iter(target.python.abis if target.python else self.abis.get(self.tag, ())), "none")
        self.platforms = frozenset(tag.lower() for tag in target.platform_tags)
        words = [tag.lower().split("_") for tag in target.platform_tags]
        self.systems = list(dict.fromkeys(SYSTEMS.get(word[0], word[0]) for word in words if word[0] != "any"))
        self.of_system: dict[str, list[str]] = {}
        for tag in target.platform_tags:
            self.of_system.setdefault(SYSTEMS.get(tag.lower().split("_")[0], ""), []).append(tag.lower())
        self.evidence = target.platform.evidence if target.platform else ()
        self.memo: dict[str, _Verdict] = {}

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
        tag, verdict = self._nearest(wheel.pythons, wheel.abis, wheel.platforms)
        evidence = tuple([item for item in self.evidence if item.fact == verdict.fact])
        return Mismatch(
            name,
            verdict.reason,
            verdict.case,
            tag,
            verdict.need,
            verdict.have,
            evidence,
            printable(verdict.because, None),
            verdict.hint,
        )

    def _nearest(self, pythons: "list[str]", abis: "list[str]", platforms: "list[str]") -> "tuple[str, _Verdict]":
        """The tag of a compressed set that came nearest, and the verdict on it; in time linear in the set's length."""
        # Few python tags are the target's; only with the first of those do all the ABIs have to be looked at.
        own = [python for python in dict.fromkeys(pythons) if python in self.abis]
        for python in own:
            for abi in abis:
                if abi in self.abis[python]:
                    return self._nearest_platform(python, abi, platforms)
        candidates = (
            [(own[0], abi) for abi in dict.fromkeys(abis)] if own else [(python, abis[0]) for python in dict.fromkeys(pythons)]
        )
        nearest = None
        for python, abi in candidates:
            verdict = self._of_pair(python, abi)
            if nearest is None or verdict.nearness > nearest[1].nearness:
                nearest = f"{python}-{abi}-{platforms[0]}", verdict
        assert nearest is not None
        return nearest

    def _nearest_platform(self, python: "str", abi: "str", platforms: "list[str]") -> "tuple[str, _Verdict]":
        judged = []
        for platform in dict.fromkeys(platforms):
            verdict = self._of_any(python, abi) if platform == "any" else self.memo.get(platform)
            if verdict is None:
                verdict = self._of_platform(platform)
                if len(self.memo) < 1024 and len(platform) < 160:
                    self.memo[platform] = verdict
            judged.append((platform, verdict))
        platform, verdict = max(judged, key=lambda row: row[1].nearness)
        return f"{python}-{abi}-{platform}", verdict

    def _of_pair(self, python: "str", abi: "str") -> "_Verdict":
        """Why a python tag and an ABI tag do not fit."""
        mine = f"this Python is {_plain(self.tag)} ({self.tag})" if self.tag else "the list of tags is empty"
        bare = python.removesuffix("t")
        if bare != python and _is_release_of_cpython(bare):
            because = f"is tagged {python}-{abi}, which no Python accepts; {bare}-{abi} is the valid form (PEP 803)"
            return _Verdict(Reason.ABI, "invalid", f"{bare}-{abi}", self.tag, "python", because)
        is_of_one_version = abi.startswith("cp") and abi[2:3].isdigit() and self.tag.startswith("cp")
        if python in self.abis or (is_of_one_version and python == abi.rstrip("tdmu")):
            case, because = self._abi_words(python, abi)
            return _Verdict(Reason.ABI, case, abi, self.own, "python", because)
        if python in self.pure or python == self.tag[:3] or python == self.tag[:2]:
            because = f"has the tag {python}-{abi}, which goes with any platform only, or is not accepted at all; {mine}"
            return _Verdict(Reason.ABI, "any only", abi, self.own, "python", because)
        newer = " or newer" if self.tag and abi in {"abi3", "abi3t", "none"} and _is_newer(python, self.tag) else ""
        return _Verdict(Reason.PYTHON, "", python, self.tag, "python", f"needs {_plain(python)}{newer} ({python}); {mine}")

    def _abi_words(self, python: "str", abi: "str") -> "tuple[str, str]":
        """The special cases of an ABI that does not fit, told apart."""
        own, version = self.own, f"this is {_plain(self.tag)} (ABI {self.own})"
        is_free = _is_release_of_cpython(own.rstrip("d").removesuffix("t")) and own.rstrip("d").endswith("t")
        if abi == "abi3" and is_free:
            why = f"uses the stable ABI of ordinary builds (abi3), which this free-threaded build ({own}) cannot load"
            return "abi3 on free-threaded", why
        if abi == "abi3t" and not is_free:
            return (
                "abi3t on ordinary",
                f"uses the stable ABI of free-threaded builds (abi3t); this is an ordinary build ({own})",
            )
        if abi == "none":
            return "older Python", f"is for {_plain(python)} only ({python}-none); {version}"
        if not abi.startswith("cp") or not abi[2:3].isdigit():
            return "", f"needs the ABI {abi} with {_plain(python)} ({python}-{abi}); {version}"
        digits = abi[2:].rstrip("tdmu")
        flags = abi[2 + len(digits) :]
        mine = own[2:].rstrip("tdmu") if own.startswith("cp") else self.tag.lstrip("cpy")
        if digits != mine:
            kind = "newer Python" if _is_newer(digits, mine) else "older Python"
            return kind, f"is built for {_plain('cp' + digits)} only (ABI {abi}); {version}"
        built = f"{_plain('cp' + digits)} (ABI {abi})"
        if "t" in flags and not is_free:
            return "free-threaded wheel", f"is built for free-threaded {built}; this is an ordinary build (ABI {own})"
        if "t" not in flags and is_free:
            return "ordinary wheel", f"is built for ordinary {built}; this is a free-threaded build (ABI {own})"
        if "d" in flags and "d" not in own:
            return "debug", f"is built for a debug build of {built}; this is a release build (ABI {own})"
        if own in (abi, "none"):
            return "", f"has the tag {python}-{abi}, which this Python does not accept together; {version}"
        return "", f"needs the ABI {abi}; {version}"

    def _of_any(self, python: "str", abi: "str") -> "_Verdict":
        """Why a pair that goes with the target's platforms does not go with any."""
        if abi != "none":
            because = "is tagged for any platform, which goes with the ABI none only"
        else:
            because = f"has the tag {python}-none-any, which this Python does not accept; py3-none-any is one that it does"
        return _Verdict(Reason.ABI, "any", "none", abi, "python", because)

    def _of_platform(self, platform: "str") -> "_Verdict":
        """Why a platform tag does not fit."""
        word, _, rest = platform.partition("_")
        system = SYSTEMS.get(word, word)
        if platform in self.platforms:
            return _Verdict(Reason.NO_LADDER, "not listed", platform, None, "tags", f"is not in the list of tags ({platform})")
        if system not in self.systems:
            here = f"this system is {' or '.join(self.systems)}" if self.systems else "this target names no system"
            have = " or ".join(self.systems) or None
            return _Verdict(Reason.SYSTEM, "", system, have, "system", f"is for {system} ({platform}); {here}")
        if system != "Linux":
            return self._of_other_system(platform, word, system)
        return self._of_linux(platform, word, rest)

    def _of_other_system(self, platform: "str", word: "str", system: "str") -> "_Verdict":
        """Why a tag of macOS, Windows and the like does not fit a machine that runs just that."""
        count = {"macosx": 2, "ios": 2, "android": 1}.get(word, 0)
        words = platform.split("_", count + 1)
        known = self.of_system[system]
        mine = known[0].split("_", count + 1)
        alike = [tag for tag in known if tag.split("_", count + 1)[-1] == words[-1]] if count else []
        if not alike:
            because = f"is for {system} on {words[-1]} ({platform}); this system is {known[0]}"
            return _Verdict(Reason.ARCH, "", platform, known[0], "tags", because)
        wanted, had = [leading_version(".".join([*part[1 : count + 1], "0"])) for part in (words, mine)]
        if wanted is None or had is None or wanted <= had:
            because = f"has a platform tag that no such system accepts ({platform}); {alike[0]} is one that it does"
            return _Verdict(Reason.NO_LADDER, "no such tag", platform, known[0], "tags", because)
        because = f"needs {system} {'.'.join(words[1 : count + 1])} or newer ({platform}); this system goes up to {known[0]}"
        return _Verdict(Reason.SYSTEM_TOO_OLD, system, platform, known[0], "tags", because)

    def _of_linux(self, platform: "str", word: "str", rest: "str") -> "_Verdict":
        """Why a Linux tag does not fit a Linux system: architecture, family of the C library, its version, and what rules out more."""
        need: Glibc | Musl | None = None
        arch = rest
        if word in {"manylinux", "musllinux"}:
            numbers = leading_version(rest.replace("_", ".", 1))
            arch = "_".join(rest.split("_")[2:])
            if numbers is not None and rest.startswith(f"{numbers[0]}_{numbers[1]}_"):
                need = Glibc(*numbers) if word == "manylinux" else Musl(*numbers)
        elif word != "linux":
            need = Glibc(2, {alias: minor for minor, alias in ALIASES.items()}[word])
        known = self.target.platform
        archs = known.archs if known and known.archs else self._listed_archs()
        if need is None and word != "linux":
            return self._no_such_tag(platform)
        if arch not in archs:
            mine = " or ".join(archs) or "unknown"
            because = f"is for {arch or 'no architecture'} ({platform}); this machine is {mine}"
            return _Verdict(Reason.ARCH, "", arch, mine, "machine", because)
        if need is None:  # a native tag of an architecture that has one, so it is not in a list of tags
            return _Verdict(Reason.NO_LADDER, "not listed", platform, None, "tags", f"is not in the list of tags ({platform})")
        if isinstance(need, Glibc) and need < Glibc(2, FLOORS.get(arch, FLOOR)):
            return self._no_such_tag(platform, f"; manylinux tags of {arch} begin with glibc 2.{FLOORS.get(arch, FLOOR)}")
        wants = f"needs {need.family} {need} or newer ({platform})"
        if known is None or not known.archs:
            return self._of_listed(platform, need, arch, wants)
        libc = known.libc
        said = next((item for item in reversed(self.evidence) if item.fact == "libc"), None)
        how = f" ({said.question})" if said else ""
        ignored = self._ignored(word)
        if libc is None:
            why = f": {said.conclusion}" if said else ""
            return _Verdict(
                Reason.LIBC_UNKNOWN, "", need, None, "libc", f"{wants}; the C library of this system is unknown{why}{ignored}"
            )
        if type(libc) is not type(need):
            because = f"is for {need.family} ({platform}); this system has {libc.family} {libc}{how}{ignored}"
            return _Verdict(Reason.LIBC_FAMILY, need.family, need.family, libc.family, "libc", because)
        if arch not in known.ladders:
            why = next((item.conclusion for item in self.evidence if item.fact == "ladder"), "another ABI is in its place")
            return _Verdict(
                Reason.NO_LADDER, "", platform, None, "ladder", f"{wants}; this machine takes no such wheels of {arch}: {why}"
            )
        if (need.major, need.minor) > (libc.major, libc.minor):
            hint = first_with(need) if isinstance(need, Glibc) else ""
            because = f"{wants}; this system has {libc}{how}{ignored}"
            return _Verdict(Reason.LIBC_TOO_OLD, need.family, need, libc, "libc", because, hint)
        if isinstance(need, Glibc):
            return self._of_held_back(platform, need, arch, wants)
        return self._no_such_tag(platform)

    def _of_held_back(self, platform: "str", need: "Glibc", arch: "str", wants: "str") -> "_Verdict":
        """Why a tag that the machine's glibc is new enough for is not accepted all the same."""
        known = self.target.platform
        override = known.override if known else None
        for version, refused, by in override.refused if override else ():
            if (version, refused) == (need, arch) and override:
                only = "" if by == "manylinux_compatible" else f"; that attribute hides version {version} only"
                because = f"{wants}, and is refused by the override module {printable(override.source)}: {by} said no{only}"
                return _Verdict(Reason.REFUSED_BY_OVERRIDE, by, need, override.source, "override", because)
        if known and known.ceiling and need > known.ceiling:
            because = f"{wants}; the ceiling (max_glibc) is {known.ceiling}"
            return _Verdict(Reason.ABOVE_CEILING, "", need, known.ceiling, "ceiling", because)
        return self._no_such_tag(platform)

    def _no_such_tag(self, platform: "str", more: "str" = "") -> "_Verdict":
        because = f"has a platform tag that no such system accepts ({platform}){more}"
        return _Verdict(Reason.NO_LADDER, "no such tag", platform, None, "ladder", because)

    def _ignored(self, word: "str") -> "str":
        """A remark on an override that wanted to allow what it cannot allow."""
        override = self.target.platform.override if self.target.platform else None
        name = f"{word}_compatible"
        if override is None or name not in override.allowed:
            return ""
        return f"; {name} = True in {printable(override.source)} was ignored: an override can refuse tags, never add any"

    def _listed_archs(self) -> "list[str]":
        """The architectures of a list of Linux tags."""
        archs = []
        for tag in self.platforms:
            words = tag.split("_")
            skipped = {"manylinux": 3, "musllinux": 3}.get(words[0], 1)
            if SYSTEMS.get(words[0]) == "Linux":
                archs.append("_".join(words[skipped:]))
        return sorted(set(archs))

    def _of_listed(self, platform: "str", need: "Glibc | Musl", arch: "str", wants: "str") -> "_Verdict":
        """Why a tag is not in a list of tags of which nothing else is known."""
        word = "manylinux" if isinstance(need, Glibc) else "musllinux"
        found = [
            tag[len(word) + 1 : -len(arch) - 1]
            for tag in self.platforms
            if tag.startswith(f"{word}_") and tag.endswith(f"_{arch}")
        ]
        versions = [version for version in [leading_version(text.replace("_", ".")) for text in found] if version]
        if word == "manylinux":
            versions += [(2, minor) for minor, alias in ALIASES.items() if f"{alias}_{arch}" in self.platforms]
        if not versions:
            because = f"{wants}; the list of tags has none of that family for {arch}"
            return _Verdict(Reason.LIBC_FAMILY, need.family, need.family, None, "tags", because)
        limit = self.target.platform.ceiling if self.target.platform else None
        if limit is not None and isinstance(need, Glibc) and need > limit:
            return _Verdict(Reason.ABOVE_CEILING, "", need, limit, "ceiling", f"{wants}; the ceiling (max_glibc) is {limit}")
        best = type(need)(*max(versions))
        if (need.major, need.minor) > max(versions):
            hint = first_with(need) if isinstance(need, Glibc) else ""
            because = f"{wants}; the list of tags goes up to {best}"
            return _Verdict(Reason.LIBC_TOO_OLD, need.family, need, best, "tags", because, hint)
        return _Verdict(Reason.NO_LADDER, "not listed", platform, None, "tags", f"is not in the list of tags ({platform})")


def closest(target: "Target", names: "Iterable[str]") -> "list[Mismatch]":
    """As :meth:`mltags.Target.closest`."""
    judge = Judge(target)
    return nearest_first([miss for miss in [judge.judge(name) for name in names] if isinstance(miss, Mismatch)])


def nearest_first(misses: "list[Mismatch]") -> "list[Mismatch]":
    """By reason; of two that want a newer C library the one that wants less; else in the order they came."""
    return sorted(misses, key=lambda miss: _nearness(miss.reason, miss.need), reverse=True)


def _nearness(reason: "Reason", need: "Glibc | Musl | str | None") -> "tuple[int, int, int]":
    major, minor = (need.major, need.minor) if isinstance(need, (Glibc, Musl)) else (0, 0)
    return reason, -major, -minor


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
    counts: dict[str, int] = {}
    for miss in misses:
        if miss.reason is Reason.LIBC_TOO_OLD and isinstance(miss.need, (Glibc, Musl)):
            text = f"{miss.need.family} {miss.need}"
        else:
            text = f"for {miss.need}" if miss.reason is Reason.LIBC_FAMILY else _COUNTED[miss.reason]
        counts[text] = counts.get(text, 0) + 1
    ordered = sorted(counts.items(), key=lambda row: -row[1])
    wheels = "1 wheel" if len(misses) == 1 else f"{len(misses)} wheels"
    text = f"{wheels}: {', '.join([_counted(count, what) for what, count in ordered])}"
    lowest = lowest_glibc(misses, target)
    return f"{text}; with glibc {lowest} one would fit" if lowest else text


def _counted(count: "int", what: "str") -> "str":
    if what.startswith(("glibc ", "musl ")):
        return f"{count} {'needs' if count == 1 else 'need'} {what}"
    return f"{count} {what}"


def lowest_glibc(misses: "Iterable[Mismatch]", target: "Target") -> "Glibc | None":
    """The lowest glibc with which one of *misses* would fit, everything else being as it is; None where no glibc would do."""
    platform = target.platform
    limit = platform.ceiling if platform else None
    if platform and platform.override and any(by == "manylinux_compatible" for _, _, by in platform.override.refused):
        return None  # nobody knows what the function says of versions that it was not asked about
    needed = [miss.need for miss in misses if miss.reason is Reason.LIBC_TOO_OLD and isinstance(miss.need, Glibc)]
    return min([need for need in needed if limit is None or need <= limit], default=None)
