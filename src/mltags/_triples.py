"""Lists of whole tags: a target's own, and those that somebody names."""

from _collections_abc import Sequence  # collections.abc by its first name, which every process has loaded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.tags import Tag


def read(lines: "Iterable[str | Tag]") -> "tuple[str, ...]":
    """Read ``py-abi-plat`` texts or Tag objects, one tag each, lower-case as tags are compared; the first of equals counts.

    Raises:
        InvalidTarget: a line is not a single tag.
    """
    triples: dict[str, None] = {}
    for line in [lines] if isinstance(lines, (str, bytes)) or not hasattr(lines, "__iter__") else lines:
        triple = str(line).strip().lower()
        words = triple.split("-")
        is_text = isinstance(line, str) or not hasattr(line, "interpreter")
        is_single = len(words) == 3 and "" not in words
        if not is_single or (is_text and ("." in triple or not words[0].isidentifier() or not triple.isprintable())):
            from . import _errors

            raise _errors.InvalidTarget(str(line), "tag", "expected one tag a line, such as 'cp312-abi3-linux_x86_64'")
        triples[triple] = None
    return tuple(triples)


class Triples(Sequence[str]):
    """All tags of a target as ``py-abi-plat`` texts, best first, without duplicates; created on first use."""

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
        rank = range(len(self))[place]
        count = len(self._platforms)
        if rank < len(self._pairs) * count:
            return self._pairs[rank // count] + self._platforms[rank % count]
        return f"{self._pure[rank - len(self._pairs) * count]}-none-any"

    def __eq__(self, other: "object") -> "bool":
        return list(self) == list(other) if isinstance(other, (Triples, list, tuple)) else NotImplemented

    def __hash__(self) -> "int":
        return hash(tuple(self))

    def __repr__(self) -> "str":
        return f"<{len(self)} triples>"
