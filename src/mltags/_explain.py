"""Explains why a wheel does not fit: as data, and as a sentence made from the data.

A name is ranked before anything else, so that this module and ``rank`` cannot disagree. Of a compressed set of tags, the reasons
are those of the closest pair of python and ABI tag, and of the closest platform tag.
"""

import re
from dataclasses import dataclass
from enum import Enum, IntEnum

from . import _abi, _core, _declare, _errors, _machines, _override, _ranks, _wheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._core import Evidence, Glibc, Musl, Platform
    from ._target import Target
    from ._wheel import Wheel

    Side = Glibc | Musl | str | None


class Reason(IntEnum):
    """Where a wheel was refused. Larger is nearer to a match.

    >>> import mltags
    >>> mltags.Reason.LIBC_TOO_OLD > mltags.Reason.ARCH, str(mltags.Reason.ARCH)
    (True, 'arch')
    """

    MALFORMED = 0
    PYTHON = 1
    ABI = 2
    SYSTEM = 3
    ARCH = 4
    NO_SUCH_TAG = 5
    SYSTEM_TOO_OLD = 6
    LIBC_FAMILY = 7
    NO_LIBC_TAGS = 8
    LIBC_UNKNOWN = 9
    LIBC_TOO_OLD = 10
    REFUSED_BY_OVERRIDE = 11
    ABOVE_MAX_GLIBC = 12

    def __str__(self) -> "str":
        return self.name.lower()


class Case(Enum):
    """Special cases of a reason, for programs; ``NONE`` is the ordinary case.

    >>> import mltags
    >>> mltags.Case.NEWER_PYTHON.value
    'newer Python'
    """

    NONE = ""
    VARIANT = "variant wheel"
    INVALID_PAIR = "pair of tags that no Python accepts"
    ANY_ONLY = "goes with any platform only"
    NOT_WITH_ANY = "does not go with any platform"
    ABI3_ON_FREE_THREADED = "abi3 on free-threaded"
    ABI3T_ON_ORDINARY = "abi3t on ordinary"
    OLDER_PYTHON = "older Python"
    NEWER_PYTHON = "newer Python"
    FREE_THREADED_WHEEL = "free-threaded wheel"
    ORDINARY_WHEEL = "ordinary wheel"
    DEBUG_WHEEL = "debug wheel"
    SECOND_DOWNLOAD = "second download"
    OTHER_VERSION = "another version of this system"
    WRONG_BITS = "32-bit Python on a 64-bit kernel, or the reverse"
    OTHER_MAJOR = "another major version of the C library"
    NOT_LISTED = "not in the list of tags"


Reason.__module__ = Case.__module__ = str(__package__)


@dataclass(frozen=True, slots=True)
class Match:
    """A wheel that fits: the ``rank`` of its best ``tag``. Truthy.

    >>> import mltags
    >>> mltags.Target.from_tags(["py3-none-any"]).explain("demo-1.0-py3-none-any.whl")
    Match(name='demo-1.0-py3-none-any.whl', rank=0, tag='py3-none-any')
    """

    __module__ = str(__package__)
    name: "str"
    rank: "int"
    tag: "str"

    def __str__(self) -> "str":
        return f"{_errors.printable(self.name)}: fits ({_errors.printable(self.tag)}, rank {self.rank})"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why a wheel does not fit.

    >>> import mltags
    >>> target = mltags.Target.of(python_version="3.11", implementation="cp", platform="manylinux_2_28_x86_64")
    >>> [cause.reason.name for cause in target.explain("demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl").causes]
    ['ABI', 'ARCH']

    * ``reason``, ``case``: where the wheel was refused; ``because``: that in words.
    * ``need``, ``have``: what the tag needs, and what the target has instead: a :class:`mltags.Glibc`, a :class:`mltags.Musl`,
      or text.
    * ``evidence``: how ``have`` is known; ``hint``: a second sentence that helps, or nothing.
    """

    __module__ = str(__package__)
    reason: "Reason"
    case: "Case"
    need: "Glibc | Musl | str | None"
    have: "Glibc | Musl | str | None"
    evidence: "tuple[Evidence, ...]"
    because: "str"
    hint: "str" = ""

    @property
    def nearness(self) -> "tuple[int, int, int]":
        """Larger is nearer to a match. Of two that need a newer C library, the one that needs less is nearer; of two for other
        versions of Python, the one whose version is nearer.

        >>> import mltags
        >>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_17_x86_64")
        >>> miss = target.explain("demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl")
        >>> miss.causes[0].nearness
        (<Reason.LIBC_TOO_OLD: 10>, -2, -28)
        """
        if isinstance(self.need, (_core.Glibc, _core.Musl)):
            return self.reason, -self.need.major, -self.need.minor
        if self.case in _OTHER_VERSION or self.reason is Reason.PYTHON:
            return Reason.PYTHON, *_DISTANCES[f"{self.need}-{self.have}"]
        return self.reason, 0, 0


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A wheel that does not fit. Falsy; as text it is a sentence for each cause.

    >>> import mltags
    >>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_17_x86_64")
    >>> miss = target.explain("demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl")
    >>> bool(miss), miss.reason, miss.need, miss.have
    (False, <Reason.LIBC_TOO_OLD: 10>, Glibc(2, 28), Glibc(2, 17))

    * ``name``: the filename as it came; ``tag``: its closest tag, ``py-abi-plat``; empty for a malformed name.
    * ``causes``: all of them, the decisive one first (Python or ABI, then the platform).
    * ``reason``, ``case``, ``need``, ``have``, ``evidence``: those of the decisive cause, see :class:`mltags.Cause`.
    * ``because``: the text without the name; ``hint``: a second sentence that helps, or nothing.
    """

    __module__ = str(__package__)
    name: "str"
    tag: "str"
    causes: "tuple[Cause, ...]"

    @property
    def reason(self) -> "Reason":
        return self.causes[0].reason

    @property
    def case(self) -> "Case":
        return self.causes[0].case

    @property
    def need(self) -> "Glibc | Musl | str | None":
        return self.causes[0].need

    @property
    def have(self) -> "Glibc | Musl | str | None":
        return self.causes[0].have

    @property
    def evidence(self) -> "tuple[Evidence, ...]":
        return self.causes[0].evidence

    @property
    def because(self) -> "str":
        return ". Also, it ".join([cause.because for cause in self.causes])

    @property
    def hint(self) -> "str":
        return next((cause.hint for cause in self.causes if cause.hint), "")

    def __bool__(self) -> "bool":
        return False

    def __str__(self) -> "str":
        return f"{_errors.printable(self.name)}: {self.because}"


class Judge:
    """Judges names against one target: :meth:`judge` gives what :meth:`mltags.Target.explain` returns."""

    def __init__(self, target: "Target") -> "None":
        self.target = target
        self._rank, self._triples = target.rank, target.triples
        self._pythons = _Pythons(target)
        self._platforms = _Platforms(target)

    def judge(self, name: "str") -> "Match | Mismatch":
        _wheel.check_text(name)
        try:
            wheel = _wheel.parse_wheel_name(name)
        except _errors.InvalidWheelName as problem:
            case = Case.VARIANT if problem.part == "variant label" else Case.NONE
            because = f"not a valid wheel filename: {problem.part}: {problem.problem}"
            return Mismatch(name, "", (Cause(Reason.MALFORMED, case, None, None, (), because),))
        rank = self._rank(name)
        if rank is not None:
            return Match(name, rank, self._triples[rank])
        return self._nearest(name, wheel)

    def closest(self, names: "Iterable[str]") -> "list[Mismatch]":
        """As :meth:`mltags.Target.closest`."""
        return nearest_first([miss for miss in map(self.judge, names) if isinstance(miss, Mismatch)])

    def _nearest(self, name: "str", wheel: "Wheel") -> "Mismatch":
        """The closest tag of a compressed set, and its causes; in time linear in the set's length."""
        pythons, abis, platforms = [list(dict.fromkeys(tags)) for tags in (wheel.pythons, wheel.abis, wheel.platforms)]
        python, abi, first = self._pythons.nearest(pythons, abis)
        second = None
        platform = next((tag for tag in platforms if tag == "any" or tag in self._platforms.own), "")
        if first is None and platform == "any" and len(platforms) == 1:
            first = self._pythons.of_any(python, abi)
        elif not platform or (first is None and platform == "any"):
            judged = [(tag, self._platforms.cause(tag)) for tag in platforms if tag != "any"]
            platform, second = max(judged, key=lambda row: row[1].nearness)
            second = self._platforms.split_at_dot(platforms) or second
        third = self._platforms.also_refused(platform, second)
        causes = [cause for cause in (first, second, third) if cause is not None]
        if not causes:  # an explicit list has both parts, but not together
            causes = [self._platforms.not_listed(platform)]
        return Mismatch(name, f"{python}-{abi}-{platform}", tuple(causes))


class _Side:
    """Makes the causes of one side of a tag."""

    #: Whether the target was probed, not declared.
    is_probed: "bool"

    def __init__(self, target: "Target") -> "None":
        self.platform: Platform = target.platform or _core.Platform()
        self.evidence: dict[str, list[Evidence]] = {}
        for item in self.platform.evidence:
            self.evidence.setdefault(item.fact, []).append(item)
        self.is_probed = target.platform is not None and all(item.question != "declared" for item in self.platform.evidence)

    def make(
        self, reason: "Reason", case: "Case", need: "Side", have: "Side", fact: "str", because: "str", hint: "str" = ""
    ) -> "Cause":
        """A cause; *fact*: the one whose evidence shows how *have* is known."""
        evidence = tuple(self.evidence.get(fact, ()))
        return Cause(reason, case, need, have, evidence, _errors.printable(because, None), hint)


# Python and ABI


@dataclass(frozen=True, slots=True)
class _Name:
    """A python tag or an ABI tag, read once: ``cp313t`` is of the implementation ``cp``, has the digits 313 and the flag t."""

    text: "str"
    implementation: "str"
    digits: "str"
    flags: "str"

    @property
    def is_cpython(self) -> "bool":
        return self.implementation == "cp" and self.digits != ""

    @property
    def words(self) -> "str":
        """In plain words: ``cp312`` is CPython 3.12."""
        version = f"{self.digits[0]}.{self.digits[1:]}" if len(self.digits) > 1 else self.digits
        return f"{_declare.IMPLEMENTATIONS.get(self.implementation, self.implementation)} {version}".strip()

    def is_newer(self, other: "_Name") -> "bool":
        one, two = self.digits, other.digits
        return (one[:1], len(one), one) > (two[:1], len(two), two)


def _read(tag: "str") -> "_Name":
    found = re.fullmatch("([a-z_]+?)([0-9]+)([tdmu]*)", tag)
    return _Name(tag, *found.groups()) if found else _Name(tag, tag, "", "")


#: Wheels of another version of Python, whether or not it shares tags with the target's.
_OTHER_VERSION = (Case.NEWER_PYTHON, Case.OLDER_PYTHON)


def _distance(pair: "str") -> "tuple[int, int]":
    """How near the versions of two tags are, joined by ``-``: (0, 0) if they are the same, and less the farther apart they are."""
    one, other = [_read(tag) for tag in pair.split("-")]
    if one.implementation != other.implementation or not all(0 < len(name.digits) < 5 for name in (one, other)):
        return -_core.MAX_MAJOR, 0
    return -abs(int(one.digits[0]) - int(other.digits[0])), -abs(int(one.digits[1:] or 0) - int(other.digits[1:] or 0))


_DISTANCES = _ranks.Memo(_distance)


#: The stable ABIs (PEP 384, PEP 803).
_STABLE = ("abi3", "abi3t")


def _valid_pair(python: "_Name", abi: "_Name") -> "str":
    """The pair that is meant by one that no Python accepts; empty if some Python accepts it."""
    if python.is_cpython and python.flags:
        return f"cp{python.digits}-{abi.text}"
    if python.implementation == "py" and len(python.digits) > 1 and abi.text in _STABLE:
        return f"cp{python.digits}-{abi.text}"
    if python.text in (*_STABLE, "none") and abi.digits:
        return f"{abi.text}-{python.text}"
    heads = [_core.SHORT_NAMES.get(name.implementation, name.implementation) for name in (python, abi)]
    short = f"{heads[0]}{python.digits}-{heads[1]}{abi.digits}{abi.flags}"
    return short if any(name.implementation in _core.SHORT_NAMES and name.digits for name in (python, abi)) else ""


class _Pythons(_Side):
    """Why a python tag and an ABI tag do not fit."""

    def __init__(self, target: "Target") -> "None":
        super().__init__(target)
        python = target.python
        pairs = python.pairs if python else [tuple(triple.split("-")[:2]) for triple in target.triples]
        self._abis: dict[str, dict[str, None]] = {}
        for tag, abi in pairs:
            self._abis.setdefault(tag, {})[abi] = None
        self._pure = frozenset(python.pure if python else ())
        self._tag = _read(python.tag if python else next(iter(self._abis), ""))
        abis = [*(python.abis if python else self._abis.get(self._tag.text, ())), "none"]
        self._here = "this Python" if self.is_probed else "the target"
        self._own = _read(_core.identifying_abi(abis) or abis[0])
        self._is_free_threaded = self._own.text == "abi3t" or (self._own.is_cpython and "t" in self._own.flags)
        self._memo = _ranks.Memo(lambda pair: self._cause(*pair.split("-")))

    def nearest(self, pythons: "list[str]", abis: "list[str]") -> "tuple[str, str, Cause | None]":
        """The closest pair of two sets, and why it does not fit; None if it does."""
        # Few python tags are the target's own; all ABIs are compared with the first of those only.
        own = [python for python in pythons if python in self._abis]
        for python in own:
            for abi in abis:
                if abi in self._abis[python]:
                    return python, abi, None
        pairs = [(own[0], abi) for abi in abis] if own else [(python, abis[0]) for python in pythons]
        judged = [(*pair, self._memo["-".join(pair)]) for pair in pairs]
        return max(judged, key=lambda row: row[2].nearness)

    def of_any(self, python: "str", abi: "str") -> "Cause":
        """Why a pair that goes with the target's platforms does not go with ``any``."""
        because = "is tagged for any platform, which is only valid with the ABI none"
        if abi == "none":
            known = f"{self._here} does not accept; it accepts py3-none-any" if self._pure else "is not in the list of tags"
            because = f"has the tag {python}-none-any, which {known}"
        return self.make(Reason.ABI, Case.NOT_WITH_ANY, "none", abi, "python", because)

    def _cause(self, python: "str", abi: "str") -> "Cause":
        wheel, build = _read(python), _read(abi)
        mine = f"{self._here} is {self._tag.words} ({self._tag.text})" if self._tag.text else "the list of tags is empty"
        meant = _valid_pair(wheel, build)
        if meant:
            source = " (PEP 803)" if wheel.flags == "t" else ""
            because = f"is tagged {python}-{abi}, which no Python accepts; {meant} is the valid form{source}"
            return self.make(Reason.ABI, Case.INVALID_PAIR, meant, self._tag.text, "python", because)
        if "_" in abi and abi.partition("_")[0] in _declare.SYSTEMS:
            because = f"has a platform tag ({abi}) where the ABI tag belongs: the ABI tag is missing"
            return self.make(Reason.ABI, Case.INVALID_PAIR, None, self._tag.text, "python", because)
        is_of_one_version = build.is_cpython and self._tag.implementation == "cp" and wheel == _read(f"cp{build.digits}")
        if python in self._abis or is_of_one_version:
            case, because = self._abi_words(wheel, build)
            return self.make(Reason.ABI, case, abi, self._own.text, "python", because)
        if python in self._pure:
            because = f"has the tag {python}-{abi}; of {python}, {self._here} accepts {python}-none-any only"
            return self.make(Reason.ABI, Case.ANY_ONLY, abi, self._own.text, "python", because)
        if python in {self._tag.text[:3], self._tag.text[:2]}:
            because = f"has the python tag {python}, which names no minor version, so no Python accepts it; {mine}"
            return self.make(Reason.ABI, Case.INVALID_PAIR, abi, self._own.text, "python", because)
        if not wheel.digits:
            because = f"has the python tag {python}, which names no version, so no Python accepts it; {mine}"
            return self.make(Reason.PYTHON, Case.INVALID_PAIR, python, self._tag.text, "python", because)
        or_newer = abi in _STABLE or (abi == "none" and bool(self._tag.text) and wheel.is_newer(self._tag))
        because = f"needs {wheel.words}{' or newer' if or_newer else ''} ({python}); {mine}"
        return self.make(Reason.PYTHON, Case.NONE, python, self._tag.text, "python", because)

    def _abi_words(self, wheel: "_Name", build: "_Name") -> "tuple[Case, str]":
        """The special case of an ABI that does not fit, and its words."""
        own, version = self._own.text, f"{self._here} is {self._tag.words} (ABI {self._own.text})"
        if build.text == "abi3" and self._is_free_threaded:
            why = f"uses the stable ABI of ordinary builds (abi3); {self._here} is a free-threaded build ({own})"
            return Case.ABI3_ON_FREE_THREADED, why
        if build.text == "abi3t" and not self._is_free_threaded:
            why = f"uses the stable ABI of free-threaded builds (abi3t); {self._here} is an ordinary build ({own})"
            return Case.ABI3T_ON_ORDINARY, why
        if build.text == "none" and wheel == self._tag:
            return Case.NOT_LISTED, f"has the tag {wheel.text}-none, which is not in the list of tags"
        if build.text == "none":
            return Case.OLDER_PYTHON, f"is for {wheel.words} only ({wheel.text}-none); {version}"
        if not build.is_cpython:
            return Case.NONE, f"needs the ABI {build.text} with {wheel.words} ({wheel.text}-{build.text}); {version}"
        mine = self._own if self._own.is_cpython else self._tag
        if build.digits != mine.digits:
            case = Case.NEWER_PYTHON if build.is_newer(mine) else Case.OLDER_PYTHON
            return case, f"is built for {build.words} only (ABI {build.text}); {version}"
        built = f"{build.words} (ABI {build.text})"
        if "t" in build.flags and not self._is_free_threaded:
            why = f"is built for free-threaded {built}; {self._here} is an ordinary build (ABI {own})"
            return Case.FREE_THREADED_WHEEL, why
        if "t" not in build.flags and self._is_free_threaded:
            return Case.ORDINARY_WHEEL, f"is built for ordinary {built}; {self._here} is a free-threaded build (ABI {own})"
        if "d" in build.flags and "d" not in self._own.flags:
            return Case.DEBUG_WHEEL, f"is built for a debug build of {built}; {self._here} is a release build (ABI {own})"
        if own in (build.text, "none"):
            return Case.NONE, f"has the tag {wheel.text}-{build.text}, a pair that {self._here} does not accept; {version}"
        return Case.NONE, f"needs the ABI {build.text}; {version}"


# Platforms

#: API level -> version of Android. Source: developer.android.com, "uses-sdk".
_ANDROIDS = {
    21: "5",
    22: "5.1",
    23: "6",
    24: "7",
    25: "7.1",
    26: "8",
    27: "8.1",
    28: "9",
    29: "10",
    30: "11",
    31: "12",
    32: "12L",
    33: "13",
    34: "14",
    35: "15",
    36: "16",
}


def _system(tag: "str") -> "str":
    word = tag.partition("_")[0]
    return _declare.SYSTEMS.get(word, word)


#: What programs add to filenames -> which programs.
_COPIES = (
    (r"(.*?) ?\([0-9]+\)", "a browser names a second download"),
    (r"(.*?) copy(?: [0-9]+)?", "a file manager names a copy"),
)


class _Platforms(_Side):
    """Why a platform tag does not fit."""

    def __init__(self, target: "Target") -> "None":
        super().__init__(target)
        self.own = frozenset([tag.lower() for tag in target.platform_tags])
        self._of_system: dict[str, dict[str, None]] = {}
        for tag in target.platform_tags:
            if tag != "any":
                self._of_system.setdefault(_system(tag.lower()), {})[tag.lower()] = None
        #: The C libraries and the architectures in the Linux tags, if nothing else is known about the machine.
        self._explicit = [_declare.named_in(tag) for tag in self._of_system.get("Linux", ())]
        self._here = "this system" if self.is_probed else "the target"
        #: For systems whose tags are those of the Python: the system may run programs of other processors as well.
        self._of_program = "this Python is for" if self.is_probed else "the target is"
        self._memo = _ranks.Memo(self._cause)

    def cause(self, platform: "str") -> "Cause":
        return self._memo[platform]  # type: ignore[no-any-return]

    def _cause(self, platform: "str") -> "Cause":
        for pattern, what in _COPIES:
            original = re.fullmatch(pattern, platform)
            if original:
                because = f"ends in '{platform[len(original[1]) :]}', as {what}; rename it"
                return self.make(Reason.NO_SUCH_TAG, Case.SECOND_DOWNLOAD, original[1], None, "tags", because)
        system = _system(platform)
        known = self._of_system.get(system)
        if known is None:
            if platform.partition("_")[0] not in _declare.SYSTEMS:
                return self._no_such_tag(platform)
            problem = _problem(platform)
            if problem:
                return self.no_such_tag(platform, problem)
            have = " or ".join(self._of_system)
            here = f"{self._here} is {have}" if have else "this target names no system"
            return self.make(Reason.SYSTEM, Case.NONE, system, have or None, "system", f"is for {system} ({platform}); {here}")
        if system == "Linux":
            return _LinuxTag(self, platform).cause()
        if system in _declare.UNRULED.values():
            return self._of_unruled_system(platform, system, next(iter(known)))
        if system == "Windows" or system not in _declare.SYSTEMS.values():
            return self._of_windows(platform, system, next(iter(known)))
        return self._of_numbered_system(platform, system, list(known))

    def also_refused(self, platform: "str", cause: "Cause | None") -> "Cause | None":
        """The override's refusal of a version that the machine is too old for; None if there is none."""
        return _LinuxTag(self, platform).refused() if cause and cause.reason is Reason.LIBC_TOO_OLD else None

    def no_such_tag(self, platform: "str", more: "str") -> "Cause":
        because = f"has a platform tag that no system has ({platform}){': ' * bool(more)}{more}"
        return self.make(Reason.NO_SUCH_TAG, Case.NONE, platform, None, "tags", because)

    def _no_such_tag(self, platform: "str") -> "Cause":
        meant = _declare.near_tag(platform, next(iter(self._of_system), "Linux"))
        return self.no_such_tag(platform, f"did you mean {meant}?" if meant else "")

    def split_at_dot(self, platforms: "list[str]") -> "Cause | None":
        """Why a set does not fit if a dot splits a version in it, as in ``manylinux_2.28_x86_64``; None for any other set."""
        meant = any(tag[0].isdecimal() for tag in platforms) and _declare.near_tag("-".join(platforms))
        if not meant:
            return None
        why = f"'.' separates tags, so it is read as {len(platforms)} tags; did you mean {meant}?"
        return self.no_such_tag(".".join(platforms), why)

    def not_listed(self, platform: "str") -> "Cause":
        because = f"is not in the list of tags ({platform})"
        return self.make(Reason.NO_LIBC_TAGS, Case.NOT_LISTED, platform, None, "tags", because)

    def _of_numbered_system(self, platform: "str", system: "str", known: "list[str]") -> "Cause":
        """Why a tag of macOS, iOS or Android does not fit a machine with the same system."""
        problem = _problem(platform)
        if problem:
            return self.no_such_tag(platform, problem)
        count = _declare.NUMBERED[platform.partition("_")[0]].count
        numbers, arch = _version_and_arch(platform, count)
        rows = [(tag, *_version_and_arch(tag, count)) for tag in known]
        alike = [(tag, version) for tag, version, other in rows if version and other == arch]
        if not alike:
            because = f"is for {system} on {arch} ({platform}); {self._of_program} {known[0]}"
            return self.make(Reason.ARCH, Case.NONE, platform, known[0], "tags", because)
        best, newest = alike[0]
        if numbers <= newest:
            return self.not_listed(platform)
        version = ".".join(map(str, numbers))
        if system == "Android":
            marketed = _ANDROIDS.get(numbers[0])
            version = f"API level {version}{f' (Android {marketed})' if marketed else ''}"
        because = f"needs {system} {version} or newer ({platform}); {self._here} goes up to {best}"
        if newest == [10, 16]:
            because += "; macOS 11 and newer report 10.16 in compatibility mode (SYSTEM_VERSION_COMPAT)"
        return self.make(Reason.SYSTEM_TOO_OLD, Case.NONE, platform, best, "tags", because)

    def _of_windows(self, platform: "str", system: "str", mine: "str") -> "Cause":
        """Why a tag does not fit a system whose tags have no version."""
        problem = _problem(platform) if system == "Windows" else ""
        if problem:
            return self.no_such_tag(platform, problem)
        because = f"is for {platform}; {self._of_program} {mine}"
        return self.make(Reason.ARCH, Case.NONE, platform, mine, "tags", because)

    def _of_unruled_system(self, platform: "str", system: "str", mine: "str") -> "Cause":
        """Why a tag of FreeBSD, AIX and the like, which only one version of the system accepts, does not fit."""
        arch, own = _declare.unruled_arch(platform), _declare.unruled_arch(mine)
        if arch != own:
            because = f"is for {system} on {arch}{'-bit' * arch.isdecimal()} ({platform}); {self._here} is {mine}"
            return self.make(Reason.ARCH, Case.NONE, platform, mine, "tags", because)
        because = f"is for another version of {system} ({platform}); {self._here} is {mine}"
        return self.make(Reason.SYSTEM, Case.OTHER_VERSION, platform, mine, "tags", because)


class _LinuxTag:
    """Why one Linux tag does not fit a Linux system: its architecture, the family or the version of its C library, or another limit."""

    def __init__(self, side: "_Platforms", platform: "str") -> "None":
        self._side, self._make, self._tag = side, side.make, platform
        self._word = platform.partition("_")[0]
        self._need, self._arch = _declare.named_in(platform)
        self._wants = f"needs {self._need.family} {self._need} or newer ({platform})" if self._need else ""
        self._known = side.platform
        self._archs = self._known.archs or sorted({arch for _, arch in side._explicit})

    def cause(self) -> "Cause":
        side, arch, need = self._side, self._arch, self._need
        is_name = arch[:1].isalpha() and arch.isidentifier() and _declare.linux_name(arch) == arch
        if (need is None and self._word != "linux") or not is_name:
            meant = _declare.near_tag(self._tag)
            return side.no_such_tag(self._tag, f"did you mean {meant}?" if meant else _problem(self._tag))
        glibc = _core.as_glibc(need)
        if glibc is not None and glibc < _core.Glibc(2, _core.oldest_minor(arch)):
            oldest = f"manylinux tags of {arch} begin with glibc 2.{_core.oldest_minor(arch)}"
            return side.no_such_tag(self._tag, oldest)
        if arch not in self._archs:
            return self._other_arch()
        if need is None:  # a plain tag of an architecture that has one, so it is not in a list of tags
            return side.not_listed(self._tag)
        return self._of_libc(need) if self._known.archs else self._of_explicit(need)

    def _other_arch(self) -> "Cause":
        mine = " or ".join(self._archs) or "unknown"
        machine = self._side.evidence.get("machine", [])
        case, here = Case.NONE, f"{'the target' if self._side._here == 'the target' else 'this machine'} is {mine}"
        is_32_bits = _abi.NAMES_OF_32_BITS.get(self._arch) in self._archs[:1]
        if is_32_bits and (mine.startswith("armv8l") or (machine and machine[-1].conclusion == self._arch)):
            case, here = Case.WRONG_BITS, f"this is a 32-bit Python on a 64-bit kernel, whose wheels are {mine}"
        return self._make(Reason.ARCH, case, self._arch, mine, "machine", f"is for {self._arch} ({self._tag}); {here}")

    def _of_libc(self, need: "Glibc | Musl") -> "Cause":
        """Why a machine with the tag's architecture does not accept the tag."""
        libc, arch = self._known.libc, self._arch
        evidence = self._side.evidence.get("libc")
        if libc is None:
            because = f"{self._wants}; {self._unknown_libc()}{self._ignored()}"
            return self._make(Reason.LIBC_UNKNOWN, Case.NONE, need, None, "libc", because)
        source = f" ({_source(evidence[-1])})" if evidence else ""
        here = f"{self._side._here} has {libc.family} {libc}{source}{self._ignored()}"
        if type(libc) is not type(need):
            because = f"is for {need.family} ({self._tag}); {here}"
            return self._make(Reason.LIBC_FAMILY, Case.NONE, need.family, libc.family, "libc", because)
        if arch not in self._known.libc_archs:
            why = self._side.evidence.get("libc_tags")
            case, reason = Case.NONE, why[-1].conclusion if why else ""
            if self._known.libc_archs and not why:
                case, reason = Case.WRONG_BITS, f"this interpreter is a 64-bit one, for {self._known.libc_archs[0]}"
            because = f"{self._wants}; this machine accepts no such {arch} wheels{': ' * bool(reason)}{reason}"
            return self._make(Reason.NO_LIBC_TAGS, case, self._tag, None, "libc_tags", because)
        if (need.major, need.minor) > (libc.major, libc.minor):
            # A function that refuses every version it was asked about may refuse newer ones as well.
            refused = self.refused() or (self._known.override and not any("manylinux" in tag for tag in self._side.own))
            because, hint = f"{self._wants}; {here}", "" if refused else _machines.first_with(need)
            return self._make(Reason.LIBC_TOO_OLD, Case.NONE, need, libc, "libc", because, hint)
        return self.refused() or self._held_back(need)

    def _unknown_libc(self) -> "str":
        """What is known about an unknown C library."""
        program = [item.conclusion for item in self._side.evidence.get("executable", ())]
        if any(f"loaded by {place}" in conclusion for conclusion in program for place in ("/system/", "/apex/")):
            return f"{self._side._here} has Android's C library, bionic"
        if any("uClibc" in conclusion for conclusion in program):
            return f"{self._side._here} has uClibc, for which there are no wheels"
        if any(conclusion.endswith(_abi.STATIC) for conclusion in program):
            return "this Python is statically linked, and loads no extension modules"
        evidence = self._side.evidence.get("libc")
        return f"the C library of {self._side._here} is unknown{f': {evidence[-1].conclusion}' if evidence else ''}"

    def refused(self) -> "Cause | None":
        """The override's refusal of the tag; None if there is none."""
        override = self._known.override
        for version, arch, by in override.refused if override else ():
            if (version, arch) == (self._need, self._arch) and override:
                only = "" if by == "manylinux_compatible" else f"; that attribute hides version {version} only"
                source = _errors.printable(override.source)
                because = f"{self._wants}, and the override module {source} refuses it ({by}){only}"
                return self._make(Reason.REFUSED_BY_OVERRIDE, Case.NONE, self._need, override.source, "override", because)
        return None

    def _held_back(self, need: "Glibc | Musl") -> "Cause":
        """Why a tag is not accepted although the machine's C library is new enough and no override refuses it."""
        libc = self._known.libc
        because = f"{self._wants}; under glibc {libc}, tags of glibc {need.major} end at {need.major}.{_core.LAST_MINOR}"
        if _core.as_glibc(need) is None:
            because = f"is for musl {need.major} ({self._tag}); {self._side._here} has musl {libc}"
        return self._above_max_glibc(need) or self._make(Reason.NO_LIBC_TAGS, Case.OTHER_MAJOR, need, libc, "libc", because)

    def _above_max_glibc(self, need: "Glibc | Musl") -> "Cause | None":
        limit, glibc = self._known.max_glibc, _core.as_glibc(need)
        if limit is None or glibc is None or glibc <= limit:
            return None
        because = f"{self._wants}; max_glibc is {limit}"
        return self._make(Reason.ABOVE_MAX_GLIBC, Case.NONE, need, limit, "max_glibc", because)

    def _ignored(self) -> "str":
        """A remark on an override that tried to allow what it cannot allow."""
        override, name = self._known.override, _override.legacy_attribute(self._word)
        if override is None or name not in override.allowed:
            return ""
        return f"; {name} = True in {_errors.printable(override.source)} was ignored: an override can only refuse tags"

    def _of_explicit(self, need: "Glibc | Musl") -> "Cause":
        """Why a tag is not in a list of tags about which nothing else is known."""
        side, limit, above = self._side, self._known.max_glibc, self._above_max_glibc(need)
        known = [version for version, arch in side._explicit if version and arch == self._arch]
        alike = [version for version in known if type(version) is type(need)]
        best = max(alike, key=lambda version: (version.major, version.minor), default=None)
        # A list that ends below max_glibc was not limited by it. An empty list may be empty because of it.
        if above and (best == limit if best else not known):
            return above
        if best is None:
            because = f"{self._wants}; the list of tags has none for {need.family} on {self._arch}"
            return self._make(Reason.LIBC_FAMILY, Case.NONE, need.family, None, "tags", because)
        if (need.major, need.minor) > (best.major, best.minor):
            because = f"{self._wants}; the list of tags goes up to {best}"
            return self._make(Reason.LIBC_TOO_OLD, Case.NONE, need, best, "tags", because, _machines.first_with(need))
        return side.not_listed(self._tag)


def _version_and_arch(tag: "str", count: "int") -> "tuple[list[int], str]":
    """The *count* numbers in a tag of macOS, iOS or Android, and its architecture; no numbers if it is malformed."""
    words = tag.split("_", count + 1)
    is_sound = len(words) == count + 2 and all(_core.is_number(word, 3) for word in words[1:-1])
    return [int(word) for word in words[1:-1]] if is_sound else [], words[-1]


def _problem(tag: "str") -> "str":
    """What is wrong with a tag, with the part at fault if the words are about it; empty if nothing is wrong."""
    try:
        _declare.parse_platform(tag)
    except _errors.InvalidPlatformTag as problem:
        is_about_part = problem.problem.startswith(("is ", "must "))
        return f"its {problem.part} {problem.problem}" if is_about_part else problem.problem
    return ""


def _source(evidence: "Evidence") -> "str":
    """How a fact is known, in short: the question, or the file that was read."""
    return evidence.answer.strip("'") if evidence.question == "the file" else evidence.question


# Pages


def nearest_first(misses: "Iterable[Mismatch]") -> "list[Mismatch]":
    """Sort by the decisive cause, then by the number of causes; otherwise keep the order."""
    return sorted(misses, key=lambda miss: (miss.causes[0].nearness, -len(miss.causes)), reverse=True)
