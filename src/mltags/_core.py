"""The pure core. Facts about a machine and its interpreter, as small immutable values; the rules by which the tags they accept
follow from them; and the ranks of wheels among those tags.

Facts in, tags and ranks out: nothing here asks a machine. It is one module, because each module that has to be imported costs
its user a tenth of a millisecond, as much as a page of a hundred names. The classes are made by hand on one shared base, because
importing :mod:`dataclasses` alone costs many times what finding all tags may.

Ranks are arithmetic. The list of tags is (ordered pairs) x (ordered platform tags), then the ``none-any`` ones. So the rank of
a tag is the base of its pair plus the place of its platform: about a hundred dictionary entries in place of a thousand tags.
Small bounded memos from the parts of a name to those two numbers make a page of names a walk through dictionaries.

The *front* of a name is what stands between its version and its platform tags, ``cp312-cp312``, perhaps with a build number;
its *end* is the rest, ``linux_x86_64.whl``. Both have few values in all of an index.

The *order* of a name is its rank, or half a place before it where it has a build number: of equals, those come first.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from typing_extensions import Self

    from ._override import Override
    from ._wheel import Wheel

# Facts

#: Largest major and minor version that may open a ladder. A version is a number that somebody claims; a ladder is memory.
MAX_MAJOR = 99
MAX_MINOR = 999


class Value:
    """Base of the immutable values: compared, hashed, shown and pickled by the fields that ``__slots__`` names.

    Slots that begin with an underscore are no fields. Fields named in ``_told`` are kept for messages only: shown and
    pickled, but not compared.
    """

    __slots__: "tuple[str, ...]" = ()
    _names: "tuple[str, ...]" = ()
    _setters: "tuple[Callable[[Value, object], None], ...]" = ()
    _told: "tuple[str, ...]" = ()

    def __init_subclass__(cls) -> "None":
        if slots := cls.__dict__.get("__slots__"):
            names = [name for name in slots if name[0] != "_"]
            cls._names += tuple(names)
            # A slot's own setter is the quickest way past __setattr__.
            cls._setters += tuple([cls.__dict__[name].__set__ for name in names])

    def __init__(self, *fields: "object") -> "None":
        for setter, field in zip(self._setters, fields, strict=True):
            setter(self, field)

    def _compared(self) -> "tuple[object, ...]":
        return tuple([getattr(self, name) for name in self._names if name not in self._told])

    def __eq__(self, other: "object") -> "bool":
        if type(other) is not type(self):
            return NotImplemented
        return self._compared() == other._compared()

    def __hash__(self) -> "int":
        return hash((type(self).__name__, self._compared()))

    def __setattr__(self, name: "str", value: "object") -> "None":
        raise AttributeError(f"{type(self).__name__} is immutable: {name!r} cannot be set")

    def __delattr__(self, name: "str") -> "None":
        raise AttributeError(f"{type(self).__name__} is immutable: {name!r} cannot be deleted")

    def __repr__(self) -> "str":
        shown = [f"{name}={getattr(self, name)!r}" for name in self._names]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> "tuple[object, ...]":
        return _restored, (type(self), tuple([getattr(self, name) for name in self._names]))


def _restored(kind: "type[Value]", fields: "tuple[object, ...]") -> "Value":
    """Make a pickled value again; what was valid once is not judged again."""
    value = object.__new__(kind)
    Value.__init__(value, *fields)
    return value


class _Version(Value):
    """A C library's (major, minor) version; ordered within its own family only."""

    __slots__ = ("major", "minor")
    major: "int"
    minor: "int"
    #: The family's plain name, as sentences use it.
    family = ""

    def __init__(self, major: "int", minor: "int") -> "None":
        if type(major) is not int or type(minor) is not int or not (0 <= major <= MAX_MAJOR and 0 <= minor <= MAX_MINOR):
            from ._errors import InvalidTarget

            raise InvalidTarget(
                f"{major!r}.{minor!r}",
                f"{self.family} version",
                f"two whole numbers are accepted, the first up to {MAX_MAJOR}, the second up to {MAX_MINOR}",
            )
        Value.__init__(self, major, minor)

    # Python asks these two of the other version where it is asked for ">" and ">=".
    def __lt__(self, other: "Self") -> "bool":
        if type(other) is not type(self):
            return NotImplemented
        return (self.major, self.minor) < (other.major, other.minor)

    def __le__(self, other: "Self") -> "bool":
        if type(other) is not type(self):
            return NotImplemented
        return (self.major, self.minor) <= (other.major, other.minor)

    def __repr__(self) -> "str":
        return f"{type(self).__name__}({self.major}, {self.minor})"

    def __str__(self) -> "str":
        return f"{self.major}.{self.minor}"


class Glibc(_Version):
    """A version of the GNU C library: ``Glibc(2, 28)``. Compares with other ``Glibc`` versions only."""

    __slots__ = ()
    family = "glibc"


class Musl(_Version):
    """A version of the musl C library: ``Musl(1, 2)``. Compares with other ``Musl`` versions only."""

    __slots__ = ()
    family = "musl"


class Evidence(Value):
    """How one fact is known: the question, the answer as it came, and what was concluded from it. Four plain texts."""

    __slots__ = ("fact", "question", "answer", "conclusion")
    fact: "str"
    question: "str"
    answer: "str"
    conclusion: "str"

    def __init__(self, fact: "str", question: "str", answer: "str", conclusion: "str") -> "None":
        # Made several times in every probe, so without the base's loop.
        for_fact, for_question, for_answer, for_conclusion = self._setters
        for_fact(self, fact)
        for_question(self, question)
        for_answer(self, answer)
        for_conclusion(self, conclusion)

    def __repr__(self) -> "str":
        return f"Evidence({self.fact!r}, {self.question!r}, {self.answer!r}, {self.conclusion!r})"


class Platform(Value):
    """What is known of a machine, as far as wheels care. The ordered platform tags follow from it by pure rules.

    * ``system``: the system's name as ``platform.system()`` gives it, e.g. ``"Linux"``.
    * ``archs``: architectures, best first; each has its native ``linux_<arch>`` tag.
    * ``ladders``: those architectures whose manylinux or musllinux tags fit as well.
    * ``libc``: :class:`Glibc`, :class:`Musl`, or None where there is neither or its version is unknown.
    * ``ceiling``: a :class:`Glibc` that manylinux tags may not exceed (``max_glibc``), or None.
    * ``override``: an :class:`mltags.Override`, or None where there is no ``_manylinux`` module.
    * ``listed``: for systems other than Linux: the platform tags themselves, best first.
    * ``evidence``: for each fact how it is known; not compared.
    """

    __slots__ = ("system", "archs", "ladders", "libc", "ceiling", "override", "listed", "evidence")
    _told = ("evidence",)
    system: "str"
    archs: "tuple[str, ...]"
    ladders: "tuple[str, ...]"
    libc: "Glibc | Musl | None"
    ceiling: "Glibc | None"
    override: "Override | None"
    listed: "tuple[str, ...]"
    evidence: "tuple[Evidence, ...]"

    def __init__(
        self,
        *,
        system: "str" = "Linux",
        archs: "Iterable[str]" = (),
        ladders: "Iterable[str] | None" = None,
        libc: "Glibc | Musl | None" = None,
        ceiling: "Glibc | None" = None,
        override: "Override | None" = None,
        listed: "Iterable[str]" = (),
        evidence: "Iterable[Evidence]" = (),
    ) -> "None":
        archs = tuple(archs)
        ladders = archs if ladders is None else tuple(ladders)
        Value.__init__(self, system, archs, ladders, libc, ceiling, override, tuple(listed), tuple(evidence))

    def below(self, ceiling: "Glibc | None") -> "Platform":
        """The same machine without the manylinux tags above *ceiling*; itself where that is None."""
        from ._declare import platform_below

        return platform_below(self, ceiling)

    @staticmethod
    def parse(tag: "str") -> "Platform":
        """The machine that a platform tag names, its whole ladder open: ``Platform.parse("manylinux_2_28_x86_64")``.

        Also ``manylinux2014_*`` and the older aliases, ``musllinux_1_2_*``, ``linux_*``, ``macosx_*``, ``win_*``, ``ios_*``,
        ``android_*``. Reads nothing but the tag.

        Raises:
            InvalidPlatformTag: no machine has such a tag; the problem says what would be accepted.
        """
        from ._declare import parse_platform

        return parse_platform(tag)


#: Short names that PEP 425 reserves; others stand for themselves.
SHORT_NAMES = {"python": "py", "cpython": "cp", "pypy": "pp", "ironpython": "ip", "jython": "jy"}


class Python(Value):
    """An interpreter, as far as wheels care.

    * ``implementation``: the short name, e.g. ``"cp"`` for CPython.
    * ``version``: ``(major, minor)``, or ``(major,)``.
    * ``abis``: the ABI tags of its extension modules, best first; the stable ABI and ``none`` follow from them.
    """

    __slots__ = ("implementation", "version", "abis")
    implementation: "str"
    version: "tuple[int, ...]"
    abis: "tuple[str, ...]"

    def __init__(self, implementation: "str", version: "Iterable[int]", abis: "Iterable[str]" = ()) -> "None":
        version = tuple(version)
        sound = [type(n) is int and 0 <= n <= limit for n, limit in zip(version, (MAX_MAJOR, MAX_MINOR), strict=False)]
        if not 0 < len(version) < 3 or not all(sound):
            from ._errors import InvalidTarget

            raise InvalidTarget(
                ".".join([str(n) for n in version]),
                "Python version",
                f"one or two whole numbers are accepted, the first up to {MAX_MAJOR}, the second up to {MAX_MINOR}",
            )
        Value.__init__(self, implementation.lower(), version, tuple(dict.fromkeys([abi.lower() for abi in abis])))

    @property
    def tag(self) -> "str":
        """The python tag, e.g. ``"cp312"``."""
        return self.implementation + "".join([str(n) for n in self.version])

    @property
    def pairs(self) -> "tuple[tuple[str, str], ...]":
        """The (python tag, abi tag) pairs that go with a platform tag, best first, without duplicates."""
        return self.order()[0]

    @property
    def pure(self) -> "tuple[str, ...]":
        """The python tags that go with ``none-any``, best first, without duplicates."""
        return self.order()[1]

    def order(self) -> "tuple[tuple[tuple[str, str], ...], tuple[str, ...]]":
        """Both: ``pairs`` and ``pure``."""
        generations = _generations(self.version)
        pure = tuple(generations)
        if self.implementation == "cp":
            tag = self.tag
            pairs = _cpython_pairs(tag, self.version, self.abis)
            pure = (tag, *pure)
        else:
            from ._elsewhere import generic_pairs

            pairs = generic_pairs(self)
            if self.implementation == "pp":
                pure = ("pp3", *pure)  # packaging's; other implementations have none of their own
            elif self.implementation == "py":
                del generations[0]  # its own pair is that one
        return (*pairs, *[(python, "none") for python in generations]), pure


def leading_version(text: "str") -> "tuple[int, int] | None":
    """Read the ``<int>.<int>`` that *text* starts with; junk after it is ignored (``2.20-2014.11`` is 2.20).

    None where *text* starts otherwise, or where a number is beyond any C library's (99 and 999).
    """
    numbers = []
    for limit in (MAX_MAJOR, MAX_MINOR):
        end = 0
        while text[end : end + 1] in _DIGITS and end < _MAX_DIGITS:
            end += 1
        digits = text[:end].lstrip("0") or text[:end][:1]
        if not digits or end == _MAX_DIGITS or int(digits) > limit:
            return None
        numbers.append(int(digits))
        if len(numbers) == 1 and text[end : end + 1] != ".":
            return None
        text = text[end + 1 : end + 2 + _MAX_DIGITS]
    return numbers[0], numbers[1]


_DIGITS = frozenset("0123456789")
_MAX_DIGITS = 50  # a claim of a million is not worth reading


# Rules: from a Platform to its platform tags

#: Minor version of glibc 2 -> the alias that stands for it (PEP 600), oldest first. No other major version has any.
ALIASES = {
    5: "manylinux1",  # CentOS 5, PEP 513
    12: "manylinux2010",  # CentOS 6, PEP 571
    17: "manylinux2014",  # CentOS 7, PEP 599
}

#: Oldest glibc 2 minor version with a manylinux tag. PEP 600 knows no floor; these are packaging's, where the first
#: manylinux wheels of the architecture began.
FLOORS = {
    "x86_64": 5,  # PEP 513
    "i686": 5,  # PEP 513
}
FLOOR = 17  # PEP 599, and everything since

#: The last minor version that an older major version is assumed to have had, once glibc has moved on to the next.
#: The number is packaging's guess; no such glibc exists yet.
LAST_MINOR = 50


#: Architectures whose name tells a 64-bit interpreter's ABI, so that nobody has to look at its ELF header; those of packaging.
PLAIN = frozenset(["x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"])


def glibc_versions(libc: "Glibc", arch: "str", ceiling: "Glibc | None" = None) -> "list[tuple[int, range]]":
    """The versions that the manylinux tags of *arch* may name under *libc*, highest first, none above *ceiling*.

    A row ``(major, minors)`` for each major version. Source: PEP 600 (a newer glibc runs what an older one does, across
    majors as well); floors as in ``FLOORS``.
    """
    rows = []
    for major in range(libc.major, min(libc.major, 2) - 1, -1):
        highest = libc.minor if major == libc.major else LAST_MINOR
        if ceiling is not None and major >= ceiling.major:
            highest = min(highest, ceiling.minor) if major == ceiling.major else -1
        lowest = FLOORS.get(arch, FLOOR) if major == 2 else 0  # floors count for glibc 2 only
        rows.append((major, range(highest, lowest - 1, -1)))
    return rows


def ladder(platform: "Platform", *, native: "str" = "first") -> "tuple[str, ...]":
    """List the platform tags that *platform* accepts, best first, without duplicates.

    Every native ``linux_<arch>`` tag comes first (last with ``native="last"``, as packaging before 26.3 and uv have it);
    then, an architecture at a time, the manylinux tags from the machine's glibc down to the floor, an alias directly
    after the version it stands for; or the musllinux tags from the machine's musl down to minor 0.

    Raises:
        InvalidTarget: *native* is neither ``"first"`` nor ``"last"``.

    Source: PEP 600 and PEP 656; the place of ``linux_<arch>`` is that of packaging 26.3.
    """
    if native not in ("first", "last"):
        from ._errors import InvalidTarget

        raise InvalidTarget(str(native), "native", "'first' and 'last' are accepted")
    natives = ["linux_" + arch for arch in platform.archs]
    tags = [*platform.listed]
    libc, override = platform.libc, platform.override
    if type(libc) is Glibc:
        refused = {(version.major, version.minor, arch) for version, arch, _ in override.refused} if override else ()
        for arch in platform.ladders:
            for major, minors in glibc_versions(libc, arch, platform.ceiling):
                kept = [minor for minor in minors if (major, minor, arch) not in refused] if refused else minors
                head, tail = f"manylinux_{major}_", f"_{arch}"
                rungs = [f"{head}{minor}{tail}" for minor in kept]
                if major == 2:
                    for minor, alias in ALIASES.items():  # oldest first, so that those before it keep their places
                        if minor in kept:
                            rungs.insert(kept.index(minor) + 1, f"{alias}_{arch}")
                tags += rungs
    elif type(libc) is Musl:
        for arch in platform.ladders:
            tags += [f"musllinux_{libc.major}_{minor}_{arch}" for minor in range(libc.minor, -1, -1)]
    return tuple(natives + tags if native == "first" else tags + natives)


# Rules: from a Python to its pairs of python tag and ABI tag


def cpython_abis(version: "tuple[int, ...]", flags: "Mapping[str, object]") -> "list[str]":
    """The ABI tags of a CPython *version* built with *flags* (keys as in :meth:`mltags.Host.python`), best first.

    Source: PEP 3149 (``d``, ``m``, ``u``), PEP 703 (``t``). A debug build loads release extensions as well since 3.8.
    """
    if len(version) < 2:
        return []
    digits = "cp" + "".join([str(n) for n in version[:2]])
    threads = "t" if version >= (3, 13) and flags.get("free_threaded") else ""
    debug = "d" if flags.get("debug") else ""
    if version >= (3, 8):
        return [digits + threads + debug] + ([digits + threads] if debug else [])
    pymalloc = "m" if flags.get("pymalloc", True) else ""
    unicode = "u" if version < (3, 3) and flags.get("wide_unicode", True) else ""
    return [digits + debug + pymalloc + unicode]


def _generations(version: "tuple[int, ...]") -> "list[str]":
    """The generic python tags of *version*, best first: py312, py3, py311 ... py30."""
    major = version[0]
    if len(version) == 1:
        return [f"py{major}"]
    return [f"py{major}{version[1]}", f"py{major}", *[f"py{major}{minor}" for minor in range(version[1] - 1, -1, -1)]]


def telling_abi(abis: "Iterable[str]") -> "str":
    """The first of a CPython's *abis* that tells its build: one of a version, or ``abi3t``; empty where none does."""
    for abi in abis:
        if abi == "abi3t" or (abi.startswith("cp") and abi[2:3].isdecimal()):
            return abi
    return ""


def _cpython_pairs(tag: "str", version: "tuple[int, ...]", abis: "Iterable[str]") -> "list[tuple[str, str]]":
    """Our own short table, because importing packaging, which has the others', costs fifty times what the whole answer may.

    Source: PEP 425; PEP 384 (abi3, from 3.2 on); PEP 703 and 803 (abi3t in its place on free-threaded builds).
    """
    abis = list(abis)
    stable = "abi3t" if "t" in telling_abi(abis) else "abi3"
    # These have places of their own, named or not.
    for own in ("abi3", stable, "none"):
        if own in abis:
            abis.remove(own)
    pairs = [(tag, abi) for abi in abis]
    has_stable = len(version) > 1 and version >= (3, 2)
    if has_stable:
        pairs.append((tag, stable))
    pairs.append((tag, "none"))
    if has_stable:
        major, minor = list(version)
        pairs += [(f"cp{major}{older}", stable) for older in range(minor - 1, 1, -1)]
    return pairs


# Ranks

#: In place of a rank, a base or a place: none of the target's; or none of the target's, and perhaps malformed.
UNFIT = -1
UNCHECKED = -2
#: In place of a place, and larger than every place: ``any``; or something so odd that the whole name has to be read.
ANY = 1 << 40
ODD = 1 << 41

#: How far a name with a build number stands before its equals without; one that does not fit is behind ``UNFIT`` then.
HALF = 0.5

#: Entries of a memo, and the longest text worth keeping: what a hostile index can make one hold.
MEMO_ENTRIES = 1024
MEMO_LENGTH = 160


class Ranks:
    """The ranks of the tags of a Python on a Platform. Only its memos ever change, by single operations on dictionaries.

    *step* is the number of platform tags; *read* reads a whole name thoroughly, to None where it is malformed.
    """

    __slots__ = ("_bases", "_ends", "_fronts", "_places", "_pure", "_read")

    def __init__(
        self,
        pairs: "Collection[tuple[str, str]]",
        platforms: "Iterable[str]",
        pure: "Iterable[str]",
        step: "int",
        read: "Callable[[str], Wheel | None]",
    ) -> "None":
        #: "cp312-cp312" -> the rank of its first tag
        self._bases = {f"{python}-{abi}": step * place for place, (python, abi) in enumerate(pairs)}
        #: "linux_x86_64" -> its index among the platform tags
        self._places = {platform: place for place, platform in enumerate(platforms)}
        #: "py3-none" -> the rank of py3-none-any
        self._pure = {f"{python}-none": place for place, python in enumerate(pure, step * len(pairs))}
        self._read = read
        #: The memos: end -> place; front -> its base, and its order with "any".
        self._ends: dict[str, int] = {}
        self._fronts: dict[str, tuple[float, float]] = {}

    def of_name(self, name: "str") -> "int":
        """The rank of a wheel's name; ``UNFIT``, or ``UNCHECKED`` where its tags may be malformed. Its head is not looked at."""
        order = self._order(name)
        return order if type(order) is int else int(order + HALF)

    def _order(self, name: "str") -> "float":
        rest, _, end = name.rpartition("-")
        parts = rest.split("-", 2)
        if len(parts) != 3:
            return UNCHECKED
        front = parts[2]
        place = self._ends.get(end)
        if place is None:
            place = self._learn_end(end)
        base, pure = self._fronts.get(front) or self._learn_front(front)
        if place == ODD:
            return self._look_closely(f"{front}-{end}")
        if UNCHECKED in (place, base):
            return UNCHECKED
        if place == ANY:
            return pure
        return base + place if base > UNFIT and place >= 0 else UNFIT

    def checked(self, name: "str") -> "None":
        """Note that *name*, which may have been malformed, is not: the next time is cheaper."""
        rest, _, end = name.rpartition("-")
        front = rest.split("-", 2)[2]
        if self._ends.get(end) == UNCHECKED:
            self._ends[end] = UNFIT
        if self._fronts.get(front) == (UNCHECKED, UNCHECKED):
            self._fronts[front] = UNFIT, UNFIT

    def fitting(self, names: "Iterable[str]") -> "dict[float, list[str]]":
        """The well-formed names that fit, as they came, by their order: ``_order`` of each, told out for the sake of speed."""
        known_end, known_front = self._ends.get, self._fronts.get
        projects: set[str] = set()
        versions: set[str] = set()
        found: dict[float, list[str]] = {}
        for name in names:
            rest, _, end = name.rpartition("-")
            place = known_end(end)
            if place is None:
                place = self._learn_end(end)
            if place < 0:  # most names are for other machines
                continue
            try:
                project, version, front = rest.split("-", 2)
            except ValueError:
                continue
            base, pure = known_front(front) or self._learn_front(front)
            order = (base + place if base > UNFIT else UNFIT) if place < ANY else pure if place == ANY else self._order(name)
            if order <= UNFIT:
                continue
            projects.add(project)
            versions.add(version)
            if order in found:
                found[order].append(name)
            else:
                found[order] = [name]
        if not found or are_plain_heads(projects, versions):
            return found
        sound = {order: [name for name in equals if self._has_sound_head(name)] for order, equals in found.items()}
        return {order: equals for order, equals in sound.items() if equals}

    def of_tags(self, pythons: "list[str]", abis: "list[str]", platforms: "list[str]") -> "int":
        """The rank of the best tag of a compressed set, or ``UNFIT``; in time linear in its length."""
        places = [self._places[platform] for platform in platforms if platform in self._places]
        base = self._base(pythons, abis) if places else UNFIT
        if base >= 0:
            return base + min(places)
        heads = [f"{python}-none" for python in pythons] if "none" in abis and "any" in platforms else []
        return min([self._pure[head] for head in heads if head in self._pure], default=UNFIT)

    def _base(self, pythons: "list[str]", abis: "list[str]") -> "int":
        """The base of the best pair of two sets."""
        if len(pythons) * len(abis) <= len(self._bases):
            pairs = [f"{python}-{abi}" for python in pythons for abi in abis]
            return min([self._bases[pair] for pair in pairs if pair in self._bases], default=UNFIT)
        named, spelt = set(pythons), set(abis)
        for pair, base in self._bases.items():  # best first
            python, _, abi = pair.partition("-")
            if python in named and abi in spelt:
                return base
        return UNFIT

    def _learn_end(self, end: "str") -> "int":
        """Find the place of an *end* that the memo does not hold."""
        platform = end[:-4].lower()
        place = self._places.get(platform, UNCHECKED)  # for another machine; whether it is well-formed can wait
        if not end.endswith(".whl"):
            place = UNCHECKED
        elif not (end.isascii() or end.islower()):  # how such a letter is lowered may depend on its neighbours
            place = ODD
        elif "." in platform:
            members = platform.split(".")
            place = UNCHECKED  # a platform with a dot in its name is never a set's own
            if "any" in members:
                place = ODD
            elif not self._places.keys().isdisjoint(members):
                is_plain = "" not in members and platform.replace(".", "_").isidentifier()
                place = min([self._places[member] for member in members if member in self._places]) if is_plain else ODD
        elif platform == "any":
            # Where it has tags among the others, it has them in the tail as well.
            place = ANY if place == UNCHECKED else ODD
        elif place >= 0 and not platform.isidentifier():
            place = ODD
        if len(end) <= MEMO_LENGTH:
            if len(self._ends) >= MEMO_ENTRIES:
                self._ends.clear()
            self._ends[end] = place
        return place

    def _learn_front(self, front: "str") -> "tuple[float, float]":
        """Find the base of a *front* that the memo does not hold, and its order with ``any``."""
        plain = front.lower()
        base: float = self._bases.get(plain, UNFIT)
        pure: float = self._pure.get(plain, UNFIT)
        is_plain = (front.isascii() or front.islower()) and front.count("-") == 1 and front[-1] != "-"
        if is_plain and "." in plain:
            pythons, abis = [field.split(".") for field in plain.split("-")]
            base, pure = self._base(pythons, abis), self.of_tags(pythons, abis, ["any"])
            is_plain = "" not in abis and all([python.isidentifier() for python in pythons])  # noqa: C419 -- quicker
        if is_plain and base < 0 and pure < 0:
            base = pure = UNCHECKED  # for another Python; whether it is well-formed can wait
        elif not is_plain or not plain.replace("-", "_").replace(".", "_").isidentifier():
            wheel = self._read(f"a-1-{front}-any.whl")
            base = pure = UNCHECKED
            if wheel is not None:
                base, pure = self._base(wheel.pythons, wheel.abis), self.of_tags(wheel.pythons, wheel.abis, ["any"])
                if wheel.build:
                    base, pure = base - HALF, pure - HALF
        if len(front) <= MEMO_LENGTH:
            if len(self._fronts) >= MEMO_ENTRIES:
                self._fronts.clear()
            self._fronts[front] = base, pure
        return base, pure

    def _look_closely(self, tail: "str") -> "float":
        wheel = self._read(f"a-1-{tail}")
        if wheel is None:
            return UNCHECKED
        rank = self.of_tags(wheel.pythons, wheel.abis, wheel.platforms)
        return rank - HALF if wheel.build else rank

    def _has_sound_head(self, name: "str") -> "bool":
        project, version, _ = name.split("-", 2)
        return are_plain_heads([project], [version]) or self._read(name) is not None


def are_plain_heads(projects: "Collection[str]", versions: "Collection[str]") -> "bool":
    """Whether all of them are certainly good, as nearly all are; False where that needs a longer look. Looks at all at once."""
    text = f".{'.'.join(projects)}."
    if ".." in text or "__" in text or not text.isascii() or not text.replace(".", "_").isidentifier():
        return False
    releases = [_release_of(version) if version.strip(_RELEASE) else version for version in versions]
    text = f".{'.'.join(releases)}."
    return ".." not in text and not text.strip(_RELEASE) and max([len(version) for version in versions]) < _LONG


#: What a release is made of; and a length at which a version may have more digits than Python turns into a number.
_RELEASE = "0123456789."
_LONG = 100


def _release_of(version: "str") -> "str":
    """The release that *version* begins with, if all that follows is what PEP 440 puts there, in its normal spelling
    (``1.0rc1.post2.dev3+local.4`` is of ``1.0``); otherwise nothing, or what is no release."""
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
