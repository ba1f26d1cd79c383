"""Target: what wheels are chosen for. A Python and a Platform, and the order of everything they accept."""

from _collections_abc import Sequence  # collections.abc by its first name, which every process has loaded

from ._facts import Value
from ._ladder import ladder
from ._probe import inquire
from ._python import Python, python_of
from ._rank import UNCHECKED, ListedRanks, Ranks
from ._wheel import check_head, is_plain_head, parse_wheel_name, read_build

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from packaging.tags import Tag
    from typing_extensions import Self

    from ._facts import Glibc, Platform
    from ._host import Host

    MaxGlibc = Glibc | str | tuple[int, int] | None


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


class Target(Value):
    """What wheels are chosen for: a Python on a Platform.

    * ``python``: a :class:`mltags.Python`; None where the target was built by :meth:`from_tags`.
    * ``platform``: a :class:`mltags.Platform`; None likewise.
    * ``platform_tags``: the accepted platform tags, best first, without duplicates.
    * ``listed``: the triples that :meth:`from_tags` was given, without duplicates; None otherwise.

    Immutable; one target may serve many threads.
    """

    __slots__ = ("python", "platform", "platform_tags", "listed", "_ranks")
    python: "Python | None"
    platform: "Platform | None"
    platform_tags: "tuple[str, ...]"
    listed: "tuple[str, ...] | None"
    _ranks: "Ranks | ListedRanks"

    def __init__(self, python: "Python", platform: "Platform", *, native: "str" = "first") -> "None":
        Value.__init__(self, python, platform, ladder(platform, native=native), None)

    def __repr__(self) -> "str":
        if self.python is None or self.platform is None:
            return f"<Target of {len(self.triples)} listed tags>"
        where = self.platform.archs[0] if self.platform.archs else self.platform.system
        libc = f", {self.platform.libc.family} {self.platform.libc}" if self.platform.libc else ""
        return f"<Target {self.python.tag} on {where}{libc}: {len(self.triples)} tags>"

    @classmethod
    def current(cls, *, native: "str" = "first", max_glibc: "MaxGlibc" = None) -> "Self":
        """The running interpreter on this machine, probed anew.

        Raises:
            OverrideError: the ``_manylinux`` module misbehaved.
            InvalidTarget: *max_glibc* is no version, or *native* is neither ``"first"`` nor ``"last"``.
        """
        from ._local import LocalHost

        return cls.of_host(LocalHost(), native=native, max_glibc=max_glibc)

    @classmethod
    def of_host(cls, host: "Host", *, native: "str" = "first", max_glibc: "MaxGlibc" = None) -> "Self":
        """The interpreter and the machine of *host*, probed anew.

        Raises:
            OverrideError, InvalidTarget: as :meth:`current`.
            ProbeError: the host does not know its interpreter.
        """
        return cls(python_of(host), inquire(host, max_glibc), native=native)

    @classmethod
    def from_tags(cls, lines: "Iterable[str | Tag]") -> "Self":
        """A target that accepts just the tags in *lines*, best first: ``py-abi-plat`` texts or Tag objects; the first of equals counts.

        Raises:
            InvalidTarget: a line is no single tag.
        """
        triples: dict[str, None] = {}
        for line in lines:
            triple = str(line).lower()
            words = triple.split("-")
            if len(words) != 3 or "" in words or (line is triple and "." in triple):
                from ._errors import InvalidTarget

                raise InvalidTarget(str(line), "tag", "one tag a line is accepted, such as 'cp312-abi3-linux_x86_64'")
            triples[triple] = None
        target = object.__new__(cls)
        platforms = dict.fromkeys([triple.split("-")[2] for triple in triples])
        Value.__init__(target, None, None, tuple(platforms), tuple(triples))
        return target

    def _parts(self) -> "tuple[Collection[tuple[str, str]], Collection[str], Collection[str]]":
        """The ordered pairs and platform tags, lower-case as tags are compared, and the python tags of the ``none-any`` tail."""
        if self.python is None:
            return (), (), ()
        pairs, pure = self.python.order()
        platforms = dict.fromkeys([tag.lower() for tag in self.platform_tags])
        if "any" in platforms:  # its tags stand among the others already
            pure = tuple([python for python in pure if (python, "none") not in pairs])
        return pairs, platforms, pure

    @property
    def triples(self) -> "Sequence[str]":
        """Every tag that this target accepts as ``py-abi-plat``, best first, without duplicates; a lazy sequence."""
        return Triples(*self._parts()) if self.listed is None else self.listed

    @property
    def tags(self) -> "tuple[Tag, ...]":
        """Every tag that this target accepts, best first, without duplicates. Loads packaging."""
        from packaging.tags import Tag

        return tuple([Tag(*triple.split("-")) for triple in self.triples])

    def _index(self) -> "Ranks | ListedRanks":
        try:
            return self._ranks
        except AttributeError:
            # Two threads may both build it; either will do.
            if self.listed is None:
                pairs, platforms, pure = self._parts()
                ranks: Ranks | ListedRanks = Ranks(pairs, platforms, pure, len(platforms))
            else:
                ranks = ListedRanks(self.listed)
            object.__setattr__(self, "_ranks", ranks)
            return ranks

    def rank(self, wheel: "str | AbstractSet[Tag]") -> "int | None":
        """The index in ``tags`` of the best tag of *wheel*, None where none of them is there.

        Args:
            wheel: a wheel's file name, or the set of tags of one.

        Raises:
            InvalidWheelName: *wheel* is no wheel's name.
        """
        ranks = self._index()
        if not isinstance(wheel, str):
            found = [ranks.of_tags([tag.interpreter], [tag.abi], [tag.platform]) for tag in wheel]
            return min([rank for rank in found if rank >= 0], default=None)
        rank = ranks.of_name(wheel)
        if rank == UNCHECKED:
            parse_wheel_name(wheel)
            ranks.checked(wheel)
        else:
            project, version, _ = wheel.split("-", 2)
            if not is_plain_head(project, version):
                check_head(wheel, project, version)
        return rank if rank >= 0 else None

    def best(self, names: "Iterable[str]") -> "str | None":
        """The best of *names*, as :meth:`sort` orders them; None where none fits."""
        return next(self._ordered(names), None)

    def sort(self, names: "Iterable[str]") -> "list[str]":
        """The compatible ones of *names*, best first; malformed names are passed over.

        By rank, then by build number, the higher first, then in the order they came. Versions are not compared: hand over the
        names of one release. Source: PEP 425 and 427.
        """
        return list(self._ordered(names))

    def _ordered(self, names: "Iterable[str]") -> "Iterator[str]":
        fitting = self._index().fitting(names)
        for rank in sorted(fitting):
            equals = fitting[rank]
            if len(equals) > 1 and any(name.count("-") == 5 for name in equals):
                equals.sort(key=_build_of, reverse=True)
            for name in equals:
                # Only what is about to be handed out is worth a look at its project and version.
                project, version, _ = name.split("-", 2)
                if is_plain_head(project, version) or _has_sound_head(name, project, version):
                    yield name


def _build_of(name: "str") -> "tuple[()] | tuple[int, str]":
    """The build number of a well-formed *name*."""
    parts = name.split("-")
    return read_build(name, parts[2]) if len(parts) == 6 else ()


def _has_sound_head(name: "str", project: "str", version: "str") -> "bool":
    from ._errors import MltagsError

    try:
        check_head(name, project, version)
    except MltagsError:
        return False
    return True


def sys_tags(*, warn: "bool" = False) -> "Iterator[Tag]":  # noqa: ARG001 -- part of the signature that callers know
    """Yield the tags that the running interpreter accepts on this machine, best first: a drop-in for ``packaging.tags.sys_tags``.

    *warn* is accepted for the sake of callers and changes nothing: there is nothing here that is worth a warning in a log.
    """
    yield from Target.current().tags
