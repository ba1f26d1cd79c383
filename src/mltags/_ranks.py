"""From names to ranks. Pure.

The list of tags is (ordered pairs) x (ordered platform tags), then the ``none-any`` ones. So the rank of a tag is the base of
its pair plus the place of its platform: about a hundred dictionary entries instead of a thousand tags. Of a name,
``demo-1.0-cp312-cp312-linux_x86_64.whl``, the *front* is ``cp312-cp312`` (after a build number, if any) and the *end*
``linux_x86_64.whl``. An index has only a few hundred different ones, so bounded memos turn a page of names into a walk
through dictionaries.

A rank is a whole number; None: no tag fits, or the name is malformed.
"""

from . import _wheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeAlias

    Table: TypeAlias = "Mapping[str, int | None] | _WholeTails"


class Memo(dict):  # type: ignore[type-arg] # subscripting it would cost every process
    """What a function gave for a text. Bounded, for a hostile index has names without end; changed by single operations on the
    dictionary only, so that threads may share it."""

    __slots__ = ("_function",)
    #: The most entries, and the most characters of a text that is kept.
    ENTRIES = 1024
    LENGTH = 160

    def __init__(self, function: "Callable[[str], object]") -> "None":
        self._function = function

    def __missing__(self, text: "str") -> "Any":
        value = self._function(text)
        if len(text) <= self.LENGTH:
            if len(self) >= self.ENTRIES:
                self.clear()
            self[text] = value
        return value


class Ranks:
    """The ranks of wheels among *tags*. Only its memos change.

    The memos refer to the tags and to one another, never to this object: cycles would keep the garbage collector busy.
    """

    __slots__ = ("_ends", "_has_sound_tail", "of_sets")

    def __init__(self, tags: "Tags") -> "None":
        self.of_sets = tags.of_sets
        #: end -> how to rank names with it: a table of fronts, and a number to add; no table if none of them fits
        self._ends = Memo(tags.table_finder())
        #: "cp312-cp312-linux_x86_64.whl" -> whether it is well-formed
        self._has_sound_tail = Memo(lambda tail: _wheel.parsed_or_none(f"a-1-{tail}") is not None)

    def of_name(self, name: "str") -> "int | None":
        """The rank of a wheel's filename.

        Raises:
            InvalidWheelName: *name* is malformed.
        """
        project, version, tail = [*name.split("-", 2), "", ""][:3]
        front, _, end = tail.rpartition("-")
        table, place = self._ends[end]
        base = None if table is None else table[front]
        # A tail that fits is well-formed.
        if (base is None and not self._has_sound_tail[tail]) or not _wheel.are_plain_heads([project], [version]):
            _wheel.parse_wheel_name(name)
        return None if base is None else base + place

    def fitting(self, names: "Iterable[str]") -> "dict[int, list[str]]":
        """The well-formed names that fit, in the order given, by rank.

        Raises:
            InvalidWheelName: a name is not a text.
        """
        ends = self._ends
        projects: set[str] = set()
        versions: set[str] = set()
        found: dict[int, list[str]] = {}
        name: Any = ""
        try:
            for name in names:
                rest, _, end = name.rpartition("-")
                table, place = ends[end]
                if table is None:  # most names are for other machines
                    continue
                try:
                    project, version, front = rest.split("-", 2)
                except ValueError:
                    continue
                base = table[front]
                if base is None:
                    continue
                rank = base + place
                projects.add(project)
                versions.add(version)
                if rank in found:
                    found[rank].append(name)
                else:
                    found[rank] = [name]
        except (AttributeError, TypeError):
            _wheel.check_text(name)
            raise
        if not found or _wheel.are_plain_heads(projects, versions):
            return found
        sound = {rank: [name for name in equals if _wheel.parsed_or_none(name)] for rank, equals in found.items()}
        return {rank: equals for rank, equals in sound.items() if equals}


class Tags:
    """An ordered set of tags."""

    __slots__ = ()

    def of_sets(self, pythons: "list[str]", abis: "list[str]", platforms: "list[str]") -> "int | None":
        """The rank of the best tag of a compressed set."""
        raise NotImplementedError

    def of_tail(self, tail: "str") -> "int | None":
        """The rank of a name with that end."""
        wheel = _wheel.parsed_or_none(f"a-1-{tail}")
        return None if wheel is None else self.of_sets(wheel.pythons, wheel.abis, wheel.platforms)

    def table_finder(self) -> "Callable[[str], tuple[Table | None, int]]":
        """A function from an end to the table of fronts that ranks names with that end, and what to add."""
        tails = Memo(self.of_tail)
        return lambda end: (_WholeTails(end, tails), 0)


class ExplicitTags(Tags):
    """An ordered list of triples without a Python and a Platform."""

    __slots__ = ("_ranks",)

    def __init__(self, triples: "Iterable[str]") -> "None":
        self._ranks = {triple: rank for rank, triple in enumerate(triples)}

    def of_sets(self, pythons: "list[str]", abis: "list[str]", platforms: "list[str]") -> "int | None":
        """The rank of the best tag of a compressed set, in time linear in the lengths of the set and of the list."""
        if len(pythons) * len(abis) * len(platforms) <= len(self._ranks):
            triples = [f"{python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms]
            return min([self._ranks[triple] for triple in triples if triple in self._ranks], default=None)
        sets = [set(pythons), set(abis), set(platforms)]
        for triple, rank in self._ranks.items():  # best first
            if all([tag in wanted for tag, wanted in zip(triple.split("-"), sets, strict=True)]):  # noqa: C419 -- quicker
                return rank
        return None


class OrderedTags(Tags):
    """The tags of a Python on a Platform: ordered *pairs* of python and ABI tag, ordered *platforms*, and the python tags of
    *pure* wheels. All lower-case."""

    __slots__ = ("_bases", "_places", "_pure")

    def __init__(self, pairs: "Iterable[tuple[str, str]]", platforms: "Iterable[str]", pure: "Iterable[str]") -> "None":
        #: "linux_x86_64" -> its index among the platform tags
        self._places = {platform: place for place, platform in enumerate(platforms)}
        step = len(self._places)
        #: "cp312-cp312" -> the rank of its first tag
        self._bases = {f"{python}-{abi}": step * place for place, (python, abi) in enumerate(pairs)}
        #: "py3" -> the rank of py3-none-any
        self._pure = {python: rank for rank, python in enumerate(pure, step * len(self._bases))}

    def _place(self, platforms: "list[str]") -> "int | None":
        return min([self._places[platform] for platform in platforms if platform in self._places], default=None)

    def _base(self, pythons: "list[str]", abis: "list[str]") -> "int | None":
        """The base of the best pair of two sets."""
        if len(pythons) * len(abis) <= len(self._bases):
            pairs = [f"{python}-{abi}" for python in pythons for abi in abis]
            return min([self._bases[pair] for pair in pairs if pair in self._bases], default=None)
        wanted, allowed = set(pythons), set(abis)
        pairs = [pair for pair in self._bases if pair.partition("-")[0] in wanted and pair.partition("-")[2] in allowed]
        return self._bases[pairs[0]] if pairs else None  # best first

    def _of_any(self, pythons: "list[str]", abis: "list[str]") -> "int | None":
        """The rank of two sets with ``any``."""
        known = [self._pure[python] for python in pythons if python in self._pure] if "none" in abis else []
        return min(known, default=None)

    def of_sets(self, pythons: "list[str]", abis: "list[str]", platforms: "list[str]") -> "int | None":
        """The rank of the best tag of a compressed set, in time linear in its length."""
        place = self._place(platforms)
        base = None if place is None else self._base(pythons, abis)
        if base is not None and place is not None:
            return base + place  # pure wheels come after all of these
        return self._of_any(pythons, abis) if "any" in platforms else None

    def table_finder(self) -> "Callable[[str], tuple[Table | None, int]]":
        """As :meth:`Tags.table_finder`: for nearly every end a base of the front, and the place of the platform."""
        bases = Memo(lambda front: _of_front(front, self._base))
        pure_bases = Memo(lambda front: _of_front(front, self._of_any))
        of_whole = Tags.table_finder(self)

        def find(end: "str") -> "tuple[Table | None, int]":
            platform = end[:-4].lower()
            members = platform.split(".")
            if end.endswith(".whl") and "" not in members and _is_plain(platform):
                if "any" not in members:
                    place = self._place(members)
                    return (None, 0) if place is None else (bases, place)
                if platform == "any" and "any" not in self._places:
                    return pure_bases, 0
            return of_whole(end)  # rare

        return find


def _of_front(front: "str", rank_of: "Callable[[list[str], list[str]], int | None]") -> "int | None":
    """The result of *rank_of* for the two sets of tags in a *front*, which may begin with a build number."""
    fields = [field.split(".") for field in front.lower().split("-")]
    if len(fields) == 2 and _is_plain(front) and "" not in fields[1] and all([text.isidentifier() for text in fields[0]]):  # noqa: C419
        return rank_of(*fields)
    wheel = _wheel.parsed_or_none(f"a-1-{front}-x.whl")
    return None if wheel is None else rank_of(wheel.pythons, wheel.abis)


def _is_plain(tags: "str") -> "bool":
    """Whether *tags* consist of ASCII letters, digits, ``_``, ``.`` and ``-``."""
    return tags.isascii() and ("_" + tags.replace(".", "_").replace("-", "_")).isidentifier()


class _WholeTails:
    """Takes the place of a table of fronts for an end that must be read together with its front."""

    __slots__ = ("_end", "_tails")

    def __init__(self, end: "str", tails: "Memo") -> "None":
        self._end = end
        self._tails = tails

    def __getitem__(self, front: "str") -> "int | None":
        return self._tails[f"{front}-{self._end}"]  # type: ignore[no-any-return]
