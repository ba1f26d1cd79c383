"""Target: what wheels are chosen for. A Python and a Platform, and the order of everything they accept."""

from ._core import UNCHECKED, Platform, Python, Ranks, Value, are_plain_heads, ladder
from ._probe import LocalHost, ceiling, inquire, python_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from packaging.tags import Tag
    from typing_extensions import Self

    from ._core import Glibc
    from ._explain import Match, Mismatch
    from ._host import Host
    from ._wheel import Wheel

    MaxGlibc = Glibc | str | tuple[int, int] | None


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
    _ranks: "Ranks"

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
        return cls.of_host(LocalHost(), native=native, max_glibc=max_glibc)

    @classmethod
    def of_host(cls, host: "Host", *, native: "str" = "first", max_glibc: "MaxGlibc" = None) -> "Self":
        """The interpreter and the machine of *host*, probed anew.

        Raises:
            OverrideError, InvalidTarget: as :meth:`current`.
            ProbeError: the host does not know its interpreter.
        """
        platform = inquire(host, max_glibc)  # which refuses what is no host
        return cls(python_of(host), platform, native=native)

    @classmethod
    def of(
        cls,
        *,
        python_version: "str | Sequence[int] | None" = None,
        platform: "str | Platform | Sequence[str] | None" = None,
        implementation: "str | None" = None,
        abis: "str | Iterable[str] | None" = None,
        native: "str" = "first",
        max_glibc: "MaxGlibc" = None,
    ) -> "Self":
        """A target in words; the names and their meanings are pip's, but that one platform tag opens the whole ladder below it.

        Args:
            python_version: ``"3.12"``, ``"312"``, ``"3"`` or ``(3, 12)``; None: the running version.
            platform: a platform tag, or several, best first, or a Platform; None: this machine, probed.
            implementation: ``"cp"``, ``"pp"``, ``"py"``; None: the running one.
            abis: ABI tags, best first; None: derived from a CPython version as released. ``py`` has none.
            native: as for :func:`mltags.platform_tags`.
            max_glibc: as for :func:`mltags.probe`.

        Raises:
            InvalidPlatformTag: *platform* names no machine.
            InvalidTarget: another argument is wrong, or an ABI is missing that cannot be derived.
            OverrideError: this machine was probed, and its ``_manylinux`` module misbehaved.
        """
        from ._declare import declared_python, parse_platforms

        python = declared_python(python_version, implementation, abis)
        limit = ceiling(max_glibc)
        if platform is None:
            found = inquire(None, limit)
        elif isinstance(platform, Platform):
            found = platform.below(limit)
        else:
            tags = list(platform) if isinstance(platform, (list, tuple)) else [str(platform)]
            found = parse_platforms(tags, native=native, limit=limit)
        return cls(python, found, native=native)

    @classmethod
    def of_interpreter(cls, executable: "str", *, native: "str" = "first", max_glibc: "MaxGlibc" = None) -> "Self":
        """Another Python on this machine: 2.7 or 3.6 and newer, CPython or PyPy; mltags need not be installed there.

        Runs it once, with its ordinary environment, so that its own ``_manylinux`` counts.

        Raises:
            OverrideError, InvalidTarget: as :meth:`current`.
            ProbeError: it cannot be run, takes too long, or answers anything but what it was asked for.
        """
        from ._interpreter import InterpreterHost

        return cls.of_host(InterpreterHost(executable), native=native, max_glibc=max_glibc)

    @classmethod
    def from_json(cls, text: "str") -> "Self":
        """A target that :meth:`to_json` kept, on whatever machine; its schema is documented in the README.

        Raises:
            InvalidTarget: *text* is no such JSON, or of a newer schema.
        """
        from ._saved import from_json

        return from_json(cls, text)

    def to_json(self) -> "str":
        """This target as one line of JSON, evidence included: the inverse of :meth:`from_json`."""
        from ._saved import to_json

        return to_json(self)

    @classmethod
    def from_tags(cls, lines: "Iterable[str | Tag]") -> "Self":
        """A target that accepts just the tags in *lines*, best first: ``py-abi-plat`` texts or Tag objects; the first of equals counts.

        Raises:
            InvalidTarget: a line is no single tag.
        """
        from ._ranks import read_triples

        triples = read_triples(lines)
        target = object.__new__(cls)
        platforms = dict.fromkeys([triple.split("-")[2] for triple in triples])
        Value.__init__(target, None, None, tuple(platforms), triples)
        return target

    def _parts(self, python: "Python") -> "tuple[Collection[tuple[str, str]], Collection[str], Collection[str]]":
        """The ordered pairs and platform tags, lower-case as tags are compared, and the python tags of the ``none-any`` tail."""
        pairs, pure = python.order()
        platforms: Collection[str] = self.platform_tags
        if not "".join(platforms).islower():  # a machine may have an odd name
            platforms = dict.fromkeys([tag.lower() for tag in platforms])
        if "any" in platforms:  # its tags stand among the others already
            pure = tuple([python for python in pure if (python, "none") not in pairs])
        return pairs, platforms, pure

    @property
    def triples(self) -> "Sequence[str]":
        """Every tag that this target accepts as ``py-abi-plat``, best first, without duplicates; a lazy sequence."""
        if self.python is None:
            return self.listed or ()
        from ._ranks import Triples

        return Triples(*self._parts(self.python))

    @property
    def tags(self) -> "tuple[Tag, ...]":
        """Every tag that this target accepts, best first, without duplicates. Loads packaging."""
        from packaging.tags import Tag

        return tuple([Tag(*triple.split("-", 2)) for triple in self.triples])

    def _index(self) -> "Ranks":
        try:
            return self._ranks
        except AttributeError:
            # Two threads may both build it; either will do.
            object.__setattr__(self, "_ranks", self._ranked())
            return self._ranks

    def _ranked(self) -> "Ranks":
        if self.python is not None:
            pairs, platforms, pure = self._parts(self.python)
            return Ranks(pairs, platforms, pure, len(platforms), _read)
        from ._ranks import ListedRanks

        return ListedRanks(self.listed or (), _read)

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
            from ._wheel import parse_wheel_name

            parse_wheel_name(wheel)
            ranks.checked(wheel)
        else:
            project, version, _ = wheel.split("-", 2)
            if not are_plain_heads([project], [version]):
                from ._wheel import check_head

                check_head(wheel, project, version)
        return rank if rank >= 0 else None

    def best(self, names: "Iterable[str]") -> "str | None":
        """The best of *names*, as :meth:`sort` orders them; None where none fits."""
        fitting = self._index().fitting(_several(names))
        if not fitting:
            return None
        order = min(fitting)
        return _of_one_order(order, fitting[order])[0]

    def sort(self, names: "Iterable[str]") -> "list[str]":
        """The compatible ones of *names*, best first; malformed names are passed over.

        By rank, then by build number, the higher first, then in the order they came. Versions are not compared: hand over the
        names of one release. Source: PEP 425 and 427.
        """
        fitting = self._index().fitting(_several(names))
        ordered: list[str] = []
        for order in sorted(fitting):
            ordered += _of_one_order(order, fitting[order])
        return ordered

    def explain(self, name: "str") -> "Match | Mismatch":
        """Say whether a wheel fits, and why not: a Match (truthy: ``rank``, ``tag``) or a Mismatch (falsy: ``reason``, ``tag``,
        ``need``, ``have``, ``evidence``), each with a sentence as its text. Agrees with :meth:`rank`; a malformed name is a
        Mismatch."""
        from ._explain import Judge

        return Judge(self).judge(name)

    def closest(self, names: "Iterable[str]") -> "list[Mismatch]":
        """The Mismatch of each of *names* that does not fit, the nearest miss first, malformed names last."""
        from ._explain import closest

        return closest(self, _several(names))


def _several(names: "Iterable[str]") -> "Iterable[str]":
    """*names*, if it is not a single one, whose letters would be names."""
    if isinstance(names, str):
        from ._errors import InvalidWheelName

        raise InvalidWheelName(names, "names", "a list of names is accepted; put a single one into a list")
    return names


def _of_one_order(order: "float", names: "list[str]") -> "list[str]":
    """*names* of one order, a higher build number first; a stable sort."""
    if type(order) is int:
        return names  # none has one
    from ._wheel import build_of

    return sorted(names, key=build_of, reverse=True)


def _read(name: "str") -> "Wheel | None":
    """A wheel's name, read; None where it is malformed."""
    from ._wheel import parse_wheel_name

    try:
        return parse_wheel_name(name)
    except ValueError:  # an InvalidWheelName
        return None


def sys_tags(*, warn: "bool" = False) -> "Iterator[Tag]":  # noqa: ARG001 -- part of the signature that callers know
    """Yield the tags that the running interpreter accepts on this machine, best first: a drop-in for ``packaging.tags.sys_tags``.

    *warn* is accepted for the sake of callers and changes nothing: there is nothing here that is worth a warning in a log.
    """
    yield from Target.current().tags
