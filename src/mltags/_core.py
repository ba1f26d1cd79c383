"""The pure core: facts about a machine and its interpreter as small immutable values, and the rules from facts to tags.

Facts in, tags out: nothing here asks a machine. The classes are written by hand on one shared base, because importing
:mod:`dataclasses` alone takes many times as long as finding all the tags. Rules: R1 to R4, R11 and R13 in ``docs/rules.md``.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from typing_extensions import Self

    from ._override import Override

# Facts

#: Largest major and minor version that may open a range of tags (R13). A version is a mere claim, and a range of tags takes memory.
MAX_MAJOR = 99
MAX_MINOR = 999


class Value:
    """Base of the immutable values: compared, hashed, shown and pickled by the fields in ``__slots__``.

    Slots that begin with an underscore are not fields. Fields named in ``_uncompared`` are shown and pickled, but not compared.
    """

    __slots__: "tuple[str, ...]" = ()
    _names: "tuple[str, ...]" = ()
    _setters: "tuple[Callable[[Value, object], None], ...]" = ()
    _uncompared: "tuple[str, ...]" = ()

    def __init_subclass__(cls) -> "None":
        if slots := cls.__dict__.get("__slots__"):
            names = [name for name in slots if name[0] != "_"]
            cls._names += tuple(names)
            # A slot's own setter is the fastest way around __setattr__.
            cls._setters += tuple([cls.__dict__[name].__set__ for name in names])

    def __init__(self, *fields: "object") -> "None":
        for setter, field in zip(self._setters, fields, strict=True):
            setter(self, field)

    def _replace(self, **changed: "object") -> "Self":
        """The same value with some fields *changed*; nothing is validated again."""
        fields = tuple([changed.get(name, getattr(self, name)) for name in self._names])
        return _unpickle(type(self), fields)  # type: ignore[return-value]

    def _compared(self) -> "tuple[object, ...]":
        return tuple([getattr(self, name) for name in self._names if name not in self._uncompared])

    def __eq__(self, other: "object") -> "bool":
        if type(other) is not type(self):
            return NotImplemented
        return self._compared() == other._compared()

    def __hash__(self) -> "int":
        return hash((type(self).__name__, self._compared()))

    def __setattr__(self, name: "str", value: "object") -> "None":
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}")

    def __delattr__(self, name: "str") -> "None":
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}")

    def __repr__(self) -> "str":
        shown = [f"{name}={getattr(self, name)!r}" for name in self._names]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> "tuple[object, ...]":
        return _unpickle, (type(self), tuple([getattr(self, name) for name in self._names]))


def _unpickle(kind: "type[Value]", fields: "tuple[object, ...]") -> "Value":
    """Make a value from its fields without validating them again."""
    value = object.__new__(kind)
    Value.__init__(value, *fields)
    return value


# Pickle looks the function up on the package, so that it is found whatever sys.modules holds.
_unpickle.__module__ = str(__package__)


class _Version(Value):
    """A C library's (major, minor) version; ordered within its family only."""

    __slots__ = ("major", "minor")
    major: "int"
    minor: "int"
    #: The family's name in sentences.
    family = ""

    def __init__(self, major: "int", minor: "int") -> "None":
        if type(major) is not int or type(minor) is not int or not (0 <= major <= MAX_MAJOR and 0 <= minor <= MAX_MINOR):
            from . import _errors

            problem = f"expected two whole numbers, up to {MAX_MAJOR} and {MAX_MINOR}"
            raise _errors.InvalidTarget(f"{major!r}.{minor!r}", f"{self.family} version", problem)
        Value.__init__(self, major, minor)

    # For ">" and ">=" Python asks these two of the other version.
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
    """A version of the GNU C library; compares with other ``Glibc`` versions only.

    >>> import mltags
    >>> mltags.Glibc(2, 28) < mltags.Glibc(3, 0), str(mltags.Glibc(2, 28)), mltags.Glibc(2, 28).minor
    (True, '2.28', 28)

    Raises:
        InvalidTarget: a number is not a whole number, or beyond 99 and 999.
    """

    __slots__ = ()
    __module__ = str(__package__)
    family = "glibc"


class Musl(_Version):
    """A version of the musl C library; compares with other ``Musl`` versions only.

    >>> import mltags
    >>> mltags.Musl(1, 2) > mltags.Musl(1, 1), mltags.Musl(1, 2).family
    (True, 'musl')

    Raises:
        InvalidTarget: a number is not a whole number, or beyond 99 and 999.
    """

    __slots__ = ()
    __module__ = str(__package__)
    family = "musl"


class Evidence(Value):
    """How one fact is known: the fact, the question, the answer as it came, and the conclusion. Four plain texts.

    >>> import mltags
    >>> mltags.parse_platform("manylinux_2_28_x86_64").evidence[1]
    Evidence('libc', 'declared', "'manylinux_2_28_x86_64'", 'glibc 2.28')
    """

    __slots__ = ("fact", "question", "answer", "conclusion")
    __module__ = str(__package__)
    fact: "str"
    question: "str"
    answer: "str"
    conclusion: "str"

    def __init__(self, fact: "str", question: "str", answer: "str", conclusion: "str") -> "None":
        # Every probe makes several, so the base class's loop is unrolled.
        for_fact, for_question, for_answer, for_conclusion = self._setters
        for_fact(self, fact)
        for_question(self, question)
        for_answer(self, answer)
        for_conclusion(self, conclusion)

    def __repr__(self) -> "str":
        return f"Evidence({self.fact!r}, {self.question!r}, {self.answer!r}, {self.conclusion!r})"


def texts(given: "Iterable[str]") -> "tuple[str, ...]":
    """*given* without duplicates, the first of equals kept; a single text is one item, never its letters."""
    alone: object = given
    if isinstance(alone, (str, bytes)):
        if not alone or isinstance(alone, bytes):
            from . import _errors

            raise _errors.InvalidTarget(repr(alone), "list of texts", "expected texts that are not empty")
        given = [alone]
    return tuple(dict.fromkeys(given))


class Platform(Value):
    """What is known of a machine, as far as wheels care. The ordered platform tags follow from it by pure rules.

    >>> import mltags
    >>> platform = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 18))
    >>> mltags.platform_tags(platform)[:3]
    ('linux_x86_64', 'manylinux_2_18_x86_64', 'manylinux_2_17_x86_64')

    Lists hold no duplicates, the first of equals kept; a single text is a list of one item.

    * ``system``: the system's name as ``platform.system()`` gives it, e.g. ``"Linux"``.
    * ``archs``: architectures, best first; each has its plain ``linux_<arch>`` tag.
    * ``libc_archs``: those whose manylinux or musllinux tags fit as well; ``archs`` unless given.
    * ``libc``: :class:`Glibc`, :class:`Musl`, or None where there is neither or its version is unknown.
    * ``max_glibc``: a :class:`Glibc` that manylinux tags may not exceed, or None.
    * ``linux_tags``: where plain ``linux_<arch>`` tags go, ``"first"`` or ``"last"``.
    * ``override``: an :class:`mltags.Override`, or None where there is no ``_manylinux`` module.
    * ``explicit_tags``: the platform tags themselves, best first, where no rule makes them: of systems other than Linux, and
      of several declared platforms.
    * ``evidence``: how each fact is known; not compared.

    Raises:
        InvalidTarget: *linux_tags* is neither ``"first"`` nor ``"last"``, *max_glibc* is not a version, or a list is of bytes.
    """

    __slots__ = ("system", "archs", "libc_archs", "libc", "max_glibc", "linux_tags", "override", "explicit_tags", "evidence")
    __module__ = str(__package__)
    _uncompared = ("evidence",)
    system: "str"
    archs: "tuple[str, ...]"
    libc_archs: "tuple[str, ...]"
    libc: "Glibc | Musl | None"
    max_glibc: "Glibc | None"
    linux_tags: "str"
    override: "Override | None"
    explicit_tags: "tuple[str, ...]"
    evidence: "tuple[Evidence, ...]"

    def __init__(
        self,
        *,
        system: "str" = "Linux",
        archs: "Iterable[str]" = (),
        libc_archs: "Iterable[str] | None" = None,
        libc: "Glibc | Musl | None" = None,
        max_glibc: "Glibc | None" = None,
        linux_tags: "str" = "first",
        override: "Override | None" = None,
        explicit_tags: "Iterable[str]" = (),
        evidence: "Iterable[Evidence]" = (),
    ) -> "None":
        archs = texts(archs)
        libc_archs = archs if libc_archs is None else texts(libc_archs)
        check_linux_tags(linux_tags)
        if max_glibc is not None:
            check_max_glibc(max_glibc)
        explicit_tags, evidence = texts(explicit_tags), tuple(evidence)
        Value.__init__(self, system, archs, libc_archs, libc, max_glibc, linux_tags, override, explicit_tags, evidence)


def check_max_glibc(limit: "object") -> "None":
    """Raise ``InvalidTarget`` unless *limit* is a Glibc."""
    if not isinstance(limit, Glibc):
        from . import _errors

        raise _errors.InvalidTarget(str(limit), "max_glibc", "must be a Glibc, such as Glibc(2, 28), or None")


def check_linux_tags(linux_tags: "str") -> "None":
    """Raise ``InvalidTarget`` unless *linux_tags* is a position of plain ``linux_<arch>`` tags."""
    if linux_tags not in ("first", "last"):
        from . import _errors

        raise _errors.InvalidTarget(str(linux_tags), "linux_tags", "must be 'first' or 'last'")


#: Short names that PEP 425 reserves; others stand for themselves.
SHORT_NAMES = {"python": "py", "cpython": "cp", "pypy": "pp", "ironpython": "ip", "jython": "jy"}


class Python(Value):
    """An interpreter, as far as wheels care.

    >>> import mltags
    >>> mltags.Python("cp", (3, 12), ["cp312"]).pairs[:3]
    (('cp312', 'cp312'), ('cp312', 'abi3'), ('cp312', 'none'))

    * ``implementation``: the short name, e.g. ``"cp"`` for CPython.
    * ``version``: ``(major, minor)``, or ``(major,)``.
    * ``abis``: the ABI tags of its extension modules, best first, a single text being one; the stable ABI and ``none`` follow
      from them.
    * ``declared``: whether it was described in words; its own ``<tag>-none-any`` is then accepted, as pip has it. A running
      interpreter other than CPython does not accept that one (packaging).

    Raises:
        InvalidTarget: *version* is not one or two whole numbers, up to 99 and 999.
    """

    __slots__ = ("implementation", "version", "abis", "declared")
    __module__ = str(__package__)
    implementation: "str"
    version: "tuple[int, ...]"
    abis: "tuple[str, ...]"
    declared: "bool"

    def __init__(
        self, implementation: "str", version: "Iterable[int]", abis: "Iterable[str]" = (), *, declared: "bool" = False
    ) -> "None":
        given: object = version
        version = tuple(version)
        valid = [type(n) is int and 0 <= n <= limit for n, limit in zip(version, (MAX_MAJOR, MAX_MINOR), strict=False)]
        if not 0 < len(version) < 3 or not all(valid):
            from . import _errors

            problem = f"expected one or two whole numbers, up to {MAX_MAJOR} and {MAX_MINOR}"
            shown = given if isinstance(given, str) else ".".join([str(n) for n in version])
            raise _errors.InvalidTarget(shown, "Python version", problem)
        abis = texts([abi.lower() for abi in ([abis] if isinstance(abis, str) else abis)])
        Value.__init__(self, implementation.lower(), version, abis, bool(declared))

    @property
    def tag(self) -> "str":
        """The python tag.

        >>> import mltags
        >>> mltags.Python("cp", (3, 12)).tag
        'cp312'
        """
        return self.implementation + "".join([str(n) for n in self.version])

    @property
    def pairs(self) -> "tuple[tuple[str, str], ...]":
        """The (python tag, abi tag) pairs that go with a platform tag, best first, without duplicates.

        >>> import mltags
        >>> mltags.Python("cp", (3, 2), ["cp32m"]).pairs[:4]
        (('cp32', 'cp32m'), ('cp32', 'abi3'), ('cp32', 'none'), ('py32', 'none'))
        """
        return self.order()[0]

    @property
    def pure(self) -> "tuple[str, ...]":
        """The python tags that go with ``none-any``, best first, without duplicates.

        >>> import mltags
        >>> mltags.Python("cp", (3, 1)).pure
        ('cp31', 'py31', 'py3', 'py30')
        """
        return self.order()[1]

    def order(self) -> "tuple[tuple[tuple[str, str], ...], tuple[str, ...]]":
        """Both: ``pairs`` and ``pure``.

        >>> import mltags
        >>> python = mltags.Python("cp", (3, 12), ["cp312"])
        >>> python.order() == (python.pairs, python.pure)
        True
        """
        tag = self.tag
        generations = _generations(self.version)
        generic = [(python, "none") for python in generations]
        if self.implementation == "cp":
            return tuple(_cpython_pairs(tag, self.version, self.abis) + generic), (tag, *generations)
        own = [tag] if self.declared else []
        if self.implementation == "pp":
            own.append("pp3")  # as packaging does, whatever the version
        # For "py" the first generation is its own tag.
        pairs = [(tag, abi) for abi in (*self.abis, "none")] + generic
        return tuple(dict.fromkeys(pairs)), tuple(dict.fromkeys(own + generations))


def leading_version(text: "str") -> "tuple[int, int] | None":
    """Read the ``<int>.<int>`` at the start of *text*; what follows is ignored (``2.20-2014.11`` is 2.20).

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
_MAX_DIGITS = 50  # a version with a million digits is not worth reading


def is_number(text: "str", digits: "int" = 9) -> "bool":
    """Whether *text* is a whole number in ASCII with at most that many *digits*."""
    return text.isascii() and text.isdigit() and len(text) <= digits


# Rules: from a Platform to its platform tags

#: Minor version of glibc 2 -> its alias (PEP 600), oldest first. No other major version has aliases.
ALIASES = {
    5: "manylinux1",  # CentOS 5, PEP 513
    12: "manylinux2010",  # CentOS 6, PEP 571
    17: "manylinux2014",  # CentOS 7, PEP 599
}

#: Oldest minor version of glibc 2 with a manylinux tag. PEP 600 sets no such limit; these are packaging's, from when an
#: architecture first had manylinux wheels.
_OLDEST_MINOR = {
    "x86_64": 5,  # PEP 513
    "i686": 5,  # PEP 513
}
_OLDEST_MINOR_ELSEWHERE = 17  # PEP 599

#: The last minor version that an older major version is assumed to have had, once glibc has moved on to the next.
#: This is packaging's guess; no such glibc exists yet.
LAST_MINOR = 50


#: Architectures whose name identifies a 64-bit interpreter's ABI, so that its ELF header is not needed. Source: packaging.
PLAIN = frozenset(["x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"])


def oldest_minor(arch: "str") -> "int":
    """The oldest minor version of glibc 2 that has a manylinux tag for *arch*."""
    return _OLDEST_MINOR.get(arch, _OLDEST_MINOR_ELSEWHERE)


def alias_archs(minor: "int") -> "tuple[str, ...]":
    """The architectures to which the alias of glibc 2.*minor* is limited; empty if every architecture has it."""
    return (
        () if minor >= _OLDEST_MINOR_ELSEWHERE else tuple([arch for arch, oldest in _OLDEST_MINOR.items() if oldest <= minor])
    )


def glibc_versions(libc: "Glibc", arch: "str", max_glibc: "Glibc | None" = None) -> "list[tuple[int, range]]":
    """The versions that the manylinux tags of *arch* may name under *libc*, highest first, none above *max_glibc*.

    A row ``(major, minors)`` for each major version. Source: PEP 600 (a newer glibc runs what an older one does, across
    majors as well); R3.
    """
    rows = []
    for major in range(libc.major, min(libc.major, 2) - 1, -1):
        highest = libc.minor if major == libc.major else LAST_MINOR
        if max_glibc is not None and major >= max_glibc.major:
            highest = min(highest, max_glibc.minor) if major == max_glibc.major else -1
        lowest = oldest_minor(arch) if major == 2 else 0  # the limit counts for glibc 2 only
        rows.append((major, range(highest, lowest - 1, -1)))
    return rows


def tags_of(platform: "Platform") -> "tuple[str, ...]":
    """List the platform tags that *platform* accepts, best first, without duplicates (R2, R3).

    Plain ``linux_<arch>`` tags are first or last, as the platform has it. Otherwise, an architecture at a time: the manylinux
    tags from the machine's glibc down to the oldest, an alias directly after the version it stands for; or the musllinux tags
    from the machine's musl down to minor 0.

    Source: PEP 600 and PEP 656; the place of ``linux_<arch>`` is that of packaging 26.3.
    """
    plain = ["linux_" + arch for arch in platform.archs]
    tags = [*platform.explicit_tags]
    libc, override = as_glibc(platform.libc), platform.override
    if libc is not None:
        refused = {(version.major, version.minor, arch) for version, arch, _ in override.refused} if override else ()
        for arch in platform.libc_archs:
            for major, minors in glibc_versions(libc, arch, platform.max_glibc):
                kept = [minor for minor in minors if (major, minor, arch) not in refused] if refused else minors
                head, tail = f"manylinux_{major}_", f"_{arch}"
                found = [f"{head}{minor}{tail}" for minor in kept]
                if major == 2:
                    for minor, alias in ALIASES.items():  # oldest first, so that earlier tags keep their places
                        if minor in kept:
                            found.insert(kept.index(minor) + 1, f"{alias}_{arch}")
                tags += found
    elif platform.libc is not None:
        major, newest = platform.libc.major, platform.libc.minor
        for arch in platform.libc_archs:
            tags += [f"musllinux_{major}_{minor}_{arch}" for minor in range(newest, -1, -1)]
    return tuple(plain + tags if platform.linux_tags == "first" else tags + plain)


def as_glibc(libc: "object") -> "Glibc | None":
    """*libc* if it is glibc; otherwise None.

    Raises:
        TypeError: it is of a class that no rule knows, and no rule passes one over in silence.
    """
    if libc is None or type(libc) is Musl:
        return None
    if type(libc) is Glibc:
        return libc
    raise TypeError(f"libc must be a Glibc, a Musl or None, not {libc!r}")


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
    major = f"py{version[0]}"
    if len(version) == 1:
        return [major]
    return [f"{major}{version[1]}", major, *[f"{major}{minor}" for minor in range(version[1] - 1, -1, -1)]]


def identifying_abi(abis: "Iterable[str]") -> "str":
    """The first of a CPython's *abis* that identifies its build: that of a version, or ``abi3t``; empty if none does."""
    for abi in abis:
        if abi == "abi3t" or (abi.startswith("cp") and abi[2:3].isdecimal()):
            return abi
    return ""


def _cpython_pairs(tag: "str", version: "tuple[int, ...]", abis: "Iterable[str]") -> "list[tuple[str, str]]":
    """Our own short table, because importing packaging's would take fifty times as long as the whole answer may.

    Source: PEP 425; PEP 384 (abi3, from 3.2 on); PEP 703 and 803 (abi3t in its place on free-threaded builds).
    """
    abis = list(abis)
    stable = "abi3t" if "t" in identifying_abi(abis) else "abi3"
    # These have fixed places, whether they are named or not.
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
        head = f"cp{major}"
        pairs += [(f"{head}{older}", stable) for older in range(minor - 1, 1, -1)]
    return pairs
