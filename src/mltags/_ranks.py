"""Lists of triples: those of a target as a lazy sequence, and a list that somebody handed over, read and ranked.

Ranking for a Python on a Platform needs neither.
"""

from _collections_abc import Sequence  # collections.abc by its first name, which every process has loaded

from ._core import MEMO_ENTRIES, MEMO_LENGTH, UNFIT, Ranks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from packaging.tags import Tag

    from ._wheel import Wheel


def read_triples(lines: "Iterable[str | Tag]") -> "tuple[str, ...]":
    """Read ``py-abi-plat`` texts or Tag objects, one tag each, lower-case as tags are compared; the first of equals counts.

    Raises:
        InvalidTarget: a line is no single tag.
    """
    triples: dict[str, None] = {}
    for line in [lines] if isinstance(lines, (str, bytes)) or not hasattr(lines, "__iter__") else lines:
        triple = str(line).strip().lower()
        words = triple.split("-")
        is_text = isinstance(line, str) or not hasattr(line, "interpreter")
        if (
            len(words) != 3
            or "" in words
            or (is_text and ("." in triple or not words[0].isidentifier() or not triple.isprintable()))
        ):
            from ._errors import InvalidTarget

            raise InvalidTarget(str(line), "tag", "one tag a line is accepted, such as 'cp312-abi3-linux_x86_64'")
        triples[triple] = None
    return tuple(triples)


class Triples(Sequence[str]):
    """All tags of a target as ``py-abi-plat`` texts, best first, without duplicates; made only when they are looked at."""

    __slots__ = ("_pairs", "_platforms", "_pure")

    def __init__(self, pairs: "Iterable[tuple[str, str]]", platforms: "Iterable[str]", pure: "Iterable[str]") -> "None":
        self._pairs = [f"{python}-{abi}-" for python, abi in pairs]
        self._platforms = list(platforms)
        self._pure = list(pure)

    def __len__(self) -> "int":
        return len(self._pairs) * len(self._platforms) + len(self._pure)

    def __iter__(self) -> "Iterator[str]":
        platforms = self._platforms
        triples = [pair + platform for pair in self._pairs for platform in platforms]
        return iter(triples + [f"{python}-none-any" for python in self._pure])

    def __getitem__(self, place: "int | slice") -> "str | list[str]":  # type: ignore[override]
        if isinstance(place, slice):
            return list(self)[place]
        pair, platform = divmod(range(len(self))[place], len(self._platforms) or 1)
        if pair < len(self._pairs) and self._platforms:
            return self._pairs[pair] + self._platforms[platform]
        return f"{self._pure[range(len(self))[place] - len(self._pairs) * len(self._platforms)]}-none-any"

    def __eq__(self, other: "object") -> "bool":
        return list(self) == list(other) if isinstance(other, (Triples, list, tuple)) else NotImplemented

    def __hash__(self) -> "int":
        return hash(tuple(self))

    def __repr__(self) -> "str":
        return f"<{len(self)} triples>"


class ListedRanks(Ranks):
    """The ranks of an ordered list of triples that is no product of anything."""

    __slots__ = ("_ranks", "_tails")

    def __init__(self, triples: "Iterable[str]", read: "Callable[[str], Wheel | None]") -> "None":
        super().__init__((), (), (), 0, read)
        self._ranks = {triple: rank for rank, triple in enumerate(triples)}
        self._tails: dict[str, float] = {}

    def _order(self, name: "str") -> "float":
        tail = name.split("-", 2)[-1]
        order = self._tails.get(tail)
        if order is None:
            order = self._look_closely(tail)
            if len(tail) <= MEMO_LENGTH:
                if len(self._tails) >= MEMO_ENTRIES:
                    self._tails.clear()
                self._tails[tail] = order
        return order

    def fitting(self, names: "Iterable[str]") -> "dict[float, list[str]]":
        """As :meth:`Ranks.fitting`."""
        found: dict[float, list[str]] = {}
        for name in names:
            order = self._order(name)
            if order > UNFIT and self._has_sound_head(name):
                found.setdefault(order, []).append(name)
        return found

    def of_tags(self, pythons: "list[str]", abis: "list[str]", platforms: "list[str]") -> "int":
        """As :meth:`Ranks.of_tags`, in time linear in the lengths of the sets and of the list."""
        if len(pythons) * len(abis) * len(platforms) <= len(self._ranks):
            triples = [f"{python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms]
            return min([self._ranks[triple] for triple in triples if triple in self._ranks], default=UNFIT)
        named, spelt, meant = set(pythons), set(abis), set(platforms)
        for triple, rank in self._ranks.items():  # best first
            python, abi, platform = triple.split("-")
            if python in named and abi in spelt and platform in meant:
                return rank
        return UNFIT
