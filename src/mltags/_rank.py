"""Ranks as arithmetic: from a wheel's name to its place in a target's list of tags.

Such a list is (ordered pairs) x (ordered platform tags), then the ``none-any`` ones. So the rank of a tag is the base of its
pair plus the place of its platform: about a hundred dictionary entries in place of a thousand tags. Both parts of a wheel's
name have few values in all of an index, so two small bounded memos make a page of names a walk through dictionaries.

The *front* of a name is what stands between its version and its platform tags: ``cp312-cp312``, perhaps with a build number.
Its *end* is the rest: ``linux_x86_64.whl``.
"""

from ._wheel import parse_wheel_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._wheel import Wheel

#: In place of a rank, a base or a place: well-formed but not among the target's own; malformed; one of the two.
UNFIT = -1
MALFORMED = -2
UNCHECKED = -3
#: In place of a place: an end that names no platform of the target's, but ``any``. Larger than every place.
ANY = 1 << 40

#: Entries of a memo, and the longest text worth keeping: what a hostile index can make one hold.
MEMO_ENTRIES = 1024
MEMO_LENGTH = 160


class Ranks:
    """The ranks of the tags of a Python on a Platform. Only its memos ever change, by single operations on dictionaries."""

    __slots__ = ("_bases", "_both", "_ends", "_fronts", "_places", "_pure", "_pures")

    def __init__(
        self, pairs: "Iterable[tuple[str, str]]", platforms: "Iterable[str]", pure: "Iterable[str]", step: "int"
    ) -> "None":
        pairs = list(pairs)
        #: "cp312-cp312" -> the rank of its first tag
        self._bases = {f"{python}-{abi}": step * place for place, (python, abi) in enumerate(pairs)}
        #: "linux_x86_64" -> its index among the platform tags
        self._places = {platform: place for place, platform in enumerate(platforms)}
        #: "py3-none" -> the rank of py3-none-any
        self._pure = {f"{python}-none": place for place, python in enumerate(pure, step * len(pairs))}
        #: The memos: end -> place; front -> base; front -> the rank it has with "any".
        self._ends: dict[str, int] = {}
        self._fronts: dict[str, int] = {}
        self._pures: dict[str, int] = {}
        #: ends that name a platform of the target's and ``any`` too
        self._both: set[str] = set()

    def of_name(self, name: "str") -> "int":
        """The rank of a wheel's name, ``UNFIT``, or ``UNCHECKED`` where its front or its end may be malformed."""
        rest, _, end = name.rpartition("-")
        parts = rest.split("-", 2)
        if len(parts) != 3:
            return UNCHECKED
        place = self._ends.get(end)
        if place is None:
            place = self._learn_end(end)
        front = parts[2]
        base, pure = (self._fronts[front], self._pures[front]) if front in self._fronts else self._learn_front(front)
        if base < UNFIT or place < UNFIT:
            return UNCHECKED
        if base >= 0 and 0 <= place < ANY:
            return base + place
        return pure if place == ANY or end in self._both else UNFIT

    def checked(self, name: "str") -> "None":
        """Note that front and end of *name*, which may have been malformed, are well-formed: the next time is cheaper."""
        rest, _, end = name.rpartition("-")
        front = rest.split("-", 2)[2]
        if self._ends.get(end) == UNCHECKED:
            self._ends[end] = UNFIT
        if self._fronts.get(front) == UNCHECKED:
            self._fronts[front] = UNFIT

    def fitting(self, names: "Iterable[str]") -> "dict[int, list[str]]":
        """The names that fit, in the order they came, by rank: ``of_name`` for each, told out for the sake of speed."""
        known_end, known_front, known_pure = self._ends.get, self._fronts.get, self._pures.get
        found: dict[int, list[str]] = {}
        for name in names:
            rest, _, end = name.rpartition("-")
            place = known_end(end)
            if place is None:
                place = self._learn_end(end)
            if place < 0:  # most names are for other machines
                continue
            try:
                front = rest.split("-", 2)[2]
            except IndexError:
                continue
            if place < ANY:
                rank = known_front(front)
                if rank is None:
                    rank = self._learn_front(front)[0]
                if rank >= 0:
                    rank += place
                elif end in self._both:
                    rank = self.of_name(name)
            else:
                rank = known_pure(front)
                if rank is None:
                    rank = self._learn_front(front)[1]
            if rank < 0:
                continue
            if rank in found:
                found[rank].append(name)
            else:
                found[rank] = [name]
        return found

    def of_tags(self, pythons: "list[str]", abis: "list[str]", platforms: "list[str]") -> "int":
        """The rank of the best tag of a compressed set, or ``UNFIT``."""
        base, place = self._base(pythons, abis), self._place(platforms)
        if base >= 0 and 0 <= place < ANY:
            return base + place
        return self._best_pure(pythons, abis) if "any" in platforms else UNFIT

    def _place(self, platforms: "list[str]") -> "int":
        places = [self._places[platform] for platform in platforms if platform in self._places]
        return min(places) if places else ANY if "any" in platforms else UNFIT

    def _base(self, pythons: "list[str]", abis: "list[str]") -> "int":
        """The base of the best pair of two sets, in time linear in their lengths."""
        if len(pythons) * len(abis) <= len(self._bases):
            pairs = [f"{python}-{abi}" for python in pythons for abi in abis]
            return min([self._bases[pair] for pair in pairs if pair in self._bases], default=UNFIT)
        named, spelt = set(pythons), set(abis)
        for pair, base in self._bases.items():  # best first
            python, _, abi = pair.partition("-")
            if python in named and abi in spelt:
                return base
        return UNFIT

    def _best_pure(self, pythons: "list[str]", abis: "list[str]") -> "int":
        heads = [f"{python}-none" for python in pythons] if "none" in abis else []
        return min([self._pure[head] for head in heads if head in self._pure], default=UNFIT)

    def _learn_end(self, end: "str") -> "int":
        platform = end[:-4]
        place = self._places.get(platform)
        if end[-4:] != ".whl" or not end.islower() or (place is not None and not platform.isidentifier()):
            place = self._look_at_end(end)
        elif place is None:
            # Nearly every end is for another machine: whether such a one is well-formed can wait.
            members = platform.split(".")
            place = self._place(members)
            if place < 0:
                place = UNCHECKED
            elif "" in members or not platform.replace(".", "_").isidentifier() or (place < ANY and "any" in members):
                place = self._look_at_end(end)
        if len(end) <= MEMO_LENGTH:
            if len(self._ends) >= MEMO_ENTRIES:
                self._ends.clear()
                self._both.clear()
            self._ends[end] = place
        return place

    def _look_at_end(self, end: "str") -> "int":
        wheel = _read(f"py3-none-{end}")
        if wheel is None:
            return MALFORMED
        place = self._place(wheel.platforms)
        if 0 <= place < ANY and "any" in wheel.platforms and len(end) <= MEMO_LENGTH:
            self._both.add(end)
        return place

    def _learn_front(self, front: "str") -> "tuple[int, int]":
        base, pure = self._bases.get(front, UNFIT), self._pure.get(front, UNFIT)
        is_own = base >= 0 or pure >= 0
        if not is_own and front.islower() and "." not in front and front.count("-") == 1:
            base = pure = UNCHECKED
        elif not is_own or not front.replace("-", "_").isidentifier():
            wheel = _read(f"{front}-any.whl")
            base = pure = MALFORMED
            if wheel is not None:
                base, pure = self._base(wheel.pythons, wheel.abis), self._best_pure(wheel.pythons, wheel.abis)
        if len(front) <= MEMO_LENGTH:
            if len(self._pures) >= MEMO_ENTRIES:
                self._pures.clear()
                self._fronts.clear()
            self._pures[front] = pure  # before the other, by which it is looked for
            self._fronts[front] = base
        return base, pure


class ListedRanks:
    """The ranks of an ordered list of triples that is no product of anything."""

    __slots__ = ("_memo", "_ranks")

    def __init__(self, triples: "Iterable[str]") -> "None":
        self._ranks = {triple: rank for rank, triple in enumerate(triples)}
        self._memo: dict[str, int] = {}

    def of_name(self, name: "str") -> "int":
        """As :meth:`Ranks.of_name`."""
        parts = name.split("-", 2)
        if len(parts) != 3:
            return UNCHECKED
        rank = self._memo.get(parts[2])
        if rank is None:
            wheel = _read(parts[2])
            rank = UNCHECKED if wheel is None else self.of_tags(wheel.pythons, wheel.abis, wheel.platforms)
            if len(parts[2]) <= MEMO_LENGTH:
                if len(self._memo) >= MEMO_ENTRIES:
                    self._memo.clear()
                self._memo[parts[2]] = rank
        return rank

    def checked(self, name: "str") -> "None":
        """Nothing is left unchecked here but what is malformed."""

    def fitting(self, names: "Iterable[str]") -> "dict[int, list[str]]":
        """As :meth:`Ranks.fitting`."""
        found: dict[int, list[str]] = {}
        for name in names:
            rank = self.of_name(name)
            if rank >= 0:
                found.setdefault(rank, []).append(name)
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


def _read(rest: "str") -> "Wheel | None":
    """What stands behind a name's version, read; None where it is malformed."""
    from ._errors import InvalidWheelName

    try:
        return parse_wheel_name(f"a-1-{rest}")
    except InvalidWheelName:
        return None
