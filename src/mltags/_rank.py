"""Ranks as arithmetic: from a wheel's name to its place in a target's list of tags.

Such a list is (ordered pairs) x (ordered platform tags), then the ``none-any`` ones. So the rank of a tag is the base of its
pair plus the place of its platform: about a hundred dictionary entries in place of a thousand tags. Small bounded memos from
the parts of a name to those two numbers make a page of names a walk through dictionaries.

The *front* of a name is what stands between its version and its platform tags, ``cp312-cp312``, perhaps with a build number;
its *end* is the rest, ``linux_x86_64.whl``. Both have few values in all of an index.

The *order* of a name is its rank, or half a place before it where it has a build number: of equals, those come first.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from ._wheel import Wheel

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
