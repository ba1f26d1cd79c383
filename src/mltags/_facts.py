"""The facts about a machine, as small immutable values.

Nothing here asks a machine, and nothing here knows a rule. The classes are made by hand on one shared base, because
importing :mod:`dataclasses` alone costs many times what finding all tags may.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from typing_extensions import Self

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
        cls._names += tuple([name for name in cls.__dict__.get("__slots__", ()) if name[0] != "_"])
        # A slot's own setter is the quickest way past __setattr__.
        setters: "list[Callable[[Value, object], None]]" = [getattr(cls, name).__set__ for name in cls._names]
        cls._setters = tuple(setters)

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


class Override(Value):
    """What the distributor's ``_manylinux`` module had to say.

    * ``source``: the module's file, or its name where it has none.
    * ``refused``: a row ``(version, arch, by)`` for each refusal; ``by`` is the name of the function or attribute that said no.
    * ``allowed``: the names of legacy attributes that are true. They allow nothing: a module can only refuse (PEP 600).
    """

    __slots__ = ("source", "refused", "allowed")
    source: "str"
    refused: "tuple[tuple[Glibc, str, str], ...]"
    allowed: "tuple[str, ...]"

    def __init__(
        self, source: "str", refused: "Iterable[tuple[Glibc, str, str]]" = (), allowed: "Iterable[str]" = ()
    ) -> "None":
        Value.__init__(self, source, tuple(refused), tuple(allowed))


class Platform(Value):
    """What is known of a machine, as far as wheels care. The ordered platform tags follow from it by pure rules.

    * ``system``: the system's name as ``platform.system()`` gives it, e.g. ``"Linux"``.
    * ``archs``: architectures, best first; each has its native ``linux_<arch>`` tag.
    * ``ladders``: those architectures whose manylinux or musllinux tags fit as well.
    * ``libc``: :class:`Glibc`, :class:`Musl`, or None where there is neither or its version is unknown.
    * ``ceiling``: a :class:`Glibc` that manylinux tags may not exceed (``max_glibc``), or None.
    * ``override``: an :class:`Override`, or None where there is no ``_manylinux`` module.
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
        Value.__init__(
            self,
            system,
            archs,
            archs if ladders is None else tuple(ladders),
            libc,
            ceiling,
            override,
            tuple(listed),
            tuple(evidence),
        )

    def below(self, ceiling: "Glibc | None") -> "Platform":
        """The same machine without the manylinux tags above *ceiling*; itself where that is None."""
        if ceiling is None or (self.ceiling is not None and self.ceiling <= ceiling):
            return self
        return Platform(
            system=self.system,
            archs=self.archs,
            ladders=self.ladders,
            libc=self.libc,
            ceiling=ceiling,
            override=self.override,
            listed=self.listed,
            evidence=(
                *self.evidence,
                Evidence("ceiling", "max_glibc", str(ceiling), f"no manylinux tag above glibc {ceiling}"),
            ),
        )

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


def leading_version(text: "str") -> "tuple[int, int] | None":
    """Read the ``<int>.<int>`` that *text* starts with; junk after it is ignored (``2.20-2014.11`` is 2.20).

    None where *text* starts otherwise, or where a number is beyond any C library's (99 and 999).
    """
    text = text[:64]  # a claim of a million digits is not worth reading
    numbers = []
    for limit in (MAX_MAJOR, MAX_MINOR):
        end = 0
        while text[end : end + 1] in _DIGITS:
            end += 1
        digits = text[:end].lstrip("0") or text[:end][:1]
        if not digits or int(digits) > limit:
            return None
        numbers.append(int(digits))
        if len(numbers) == 1 and text[end : end + 1] != ".":
            return None
        text = text[end + 1 :]
    return numbers[0], numbers[1]


_DIGITS = frozenset("0123456789")
