"""Target: a Python on a Platform, and the order of everything it accepts."""

from . import _core, _local, _probe, _ranks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from packaging.tags import Tag
    from typing_extensions import Self

    from ._core import Platform, Python
    from ._explain import Match, Mismatch
    from ._host import Host
    from ._probe import MaxGlibc
    from ._ranks import Ranks


class Target(_core.Value):
    """A Python version on a platform; ranks and explains wheels for it. A ``Target`` is a snapshot; make a new one after upgrades.

    >>> import mltags
    >>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_28_x86_64")
    >>> target
    <Target cp312 on x86_64, glibc 2.28: 771 tags>
    >>> target.best(["demo-1.0-py3-none-any.whl", "demo-1.0-cp312-abi3-manylinux_2_17_x86_64.whl"])
    'demo-1.0-cp312-abi3-manylinux_2_17_x86_64.whl'

    * ``python``: a :class:`mltags.Python`; None where the target was built by :meth:`from_tags`.
    * ``platform``: a :class:`mltags.Platform`; None likewise.
    * ``platform_tags``: the accepted platform tags, best first, without duplicates.
    * ``explicit``: the triples that :meth:`from_tags` was given, without duplicates; None otherwise.
    * ``markers``: environment markers that are known better than from the two values, as (name, value) pairs; not compared.

    Args:
        python, platform: the two values.
        linux_tags: where plain ``linux_<arch>`` tags go, ``"first"`` or ``"last"``; None: where *platform* has them.
        markers: as above.

    Immutable; one target may serve many threads.
    """

    __slots__ = ("python", "platform", "platform_tags", "explicit", "markers", "_asked", "_ranks")
    __module__ = str(__package__)
    _uncompared = ("markers",)
    python: "Python | None"
    platform: "Platform | None"
    platform_tags: "tuple[str, ...]"
    explicit: "tuple[str, ...] | None"
    markers: "tuple[tuple[str, str], ...]"
    #: The function to ask for markers; later its answer.
    _asked: "Callable[[], Mapping[str, str]] | Mapping[str, str]"
    _ranks: "Ranks"

    def __init__(
        self,
        python: "Python",
        platform: "Platform",
        *,
        linux_tags: "str | None" = None,
        markers: "Iterable[tuple[str, str]]" = (),
    ) -> "None":
        platform = _probe.placed(platform, linux_tags)
        _core.Value.__init__(self, python, platform, _core.tags_of(platform), None, tuple(markers))

    def __reduce__(self) -> "tuple[object, ...]":
        fields = [getattr(self, name) for name in self._names if name != "markers"]
        return _core._unpickle, (type(self), (*fields, tuple(self.environment.items())))  # hosts are not pickled

    def __repr__(self) -> "str":
        return f"<Target {self.title}: {len(self.triples)} tags>" if self.python else f"<Target of {self.title}>"

    @property
    def title(self) -> "str":
        """What it is, in a few words.

        >>> import mltags
        >>> mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_28_x86_64").title
        'cp312 on x86_64, glibc 2.28'
        """
        if self.python is None or self.platform is None:
            return f"{len(self.triples)} explicit tag{'s' * (len(self.triples) != 1)}"
        where = [*self.platform.archs, *self.platform.explicit_tags, self.platform.system][0]
        libc = f", {self.platform.libc.family} {self.platform.libc}" if self.platform.libc else ""
        return f"{self.python.tag} on {where}{libc}"

    @classmethod
    def current(cls, *, linux_tags: "str | None" = None, max_glibc: "MaxGlibc" = None) -> "Self":
        """The running interpreter on this machine, probed again at each call.

        >>> import mltags
        >>> mltags.Target.current().tags == tuple(mltags.sys_tags())
        True

        Raises:
            OverrideError: the ``_manylinux`` module failed.
            InvalidTarget: *max_glibc* is not a version, or *linux_tags* neither ``"first"`` nor ``"last"``.
        """
        return cls.of_host(_local.LocalHost(), linux_tags=linux_tags, max_glibc=max_glibc)

    @classmethod
    def of_host(cls, host: "Host", *, linux_tags: "str | None" = None, max_glibc: "MaxGlibc" = None) -> "Self":
        """The interpreter and the machine of *host*, probed again at each call.

        >>> import mltags, mltags.testing
        >>> mltags.Target.of_host(mltags.testing.hosts["centos-7"]).platform.libc
        Glibc(2, 17)

        Raises:
            OverrideError, InvalidTarget: as :meth:`current`.
            ProbeError: the host does not know its interpreter.
        """
        platform = _probe.inquire(host, max_glibc)  # which refuses what is not a host
        target = cls(_probe.python_of(host), platform, linux_tags=linux_tags)
        target._ask_for_markers(lambda: host.markers())  # noqa: PLW0108 -- a host may have no such method
        return target

    @classmethod
    def of(
        cls,
        *,
        python_version: "str | Sequence[int] | None" = None,
        platform: "str | Platform | Sequence[str] | None" = None,
        implementation: "str | None" = None,
        abis: "str | Iterable[str] | None" = None,
        linux_tags: "str | None" = None,
        max_glibc: "MaxGlibc" = None,
        environment: "Mapping[str, str] | None" = None,
    ) -> "Self":
        """A declared target. Names and meanings are pip's, except that one platform tag stands for the whole machine it names:
        every older tag is compatible as well.

        >>> import mltags
        >>> mltags.Target.of(python_version="3.12", platform="manylinux2014_aarch64").platform_tags
        ('manylinux_2_17_aarch64', 'manylinux2014_aarch64', 'linux_aarch64')

        Args:
            python_version: ``"3.12"``, ``"312"``, ``"3"`` or ``(3, 12)``; None: the running version.
            platform: a platform tag, or several, best first, or a Platform; None: this machine, probed.
            implementation: ``"cp"``, ``"pp"``, ``"py"``; None: the running one.
            abis: ABI tags, best first; None: derived from a CPython version as released. ``py`` has none.
            linux_tags: as for :func:`mltags.platform_tags`.
            max_glibc: as for :func:`mltags.probe`.
            environment: single environment markers (PEP 508) that differ from what follows from the rest.

        Raises:
            InvalidPlatformTag: *platform* names no machine.
            InvalidTarget: another argument is wrong, or an ABI is missing that cannot be derived.
            OverrideError: this machine was probed, and its ``_manylinux`` module failed.
        """
        from . import _declare, _markers

        python = _declare.declared_python(python_version, implementation, abis)
        limit = _probe.read_max_glibc(max_glibc)
        if platform is None:
            found = _probe.inquire(None, limit)
        elif isinstance(platform, _core.Platform):
            found = _declare.limited(platform, limit)
        else:
            tags = list(platform) if isinstance(platform, (list, tuple)) else [str(platform)]
            found = _declare.parse_platforms(tags, linux_tags=linux_tags, max_glibc=limit)
        pairs = _markers.declared(python_version, environment)
        target = cls(python, found, linux_tags=linux_tags, markers=pairs)
        if platform is None:
            wanted = set(_markers.NAMES)
            if python_version is not None or implementation is not None:
                wanted.difference_update(_markers.OF_PYTHON)
            local = _local.LocalHost()
            target._ask_for_markers(lambda: {name: value for name, value in local.markers().items() if name in wanted})
        return target

    @classmethod
    def of_machine(
        cls,
        name: "str",
        python_version: "str | Sequence[int] | None" = None,
        *,
        implementation: "str | None" = None,
        abis: "str | Iterable[str] | None" = None,
        linux_tags: "str | None" = None,
        max_glibc: "MaxGlibc" = None,
        environment: "Mapping[str, str] | None" = None,
    ) -> "Self":
        """A declared target on a named machine, one of :func:`mltags.machines`.

        >>> import mltags
        >>> mltags.Target.of_machine("debian-12")
        <Target cp311 on x86_64, glibc 2.36: 914 tags>
        >>> mltags.Target.of_machine("alpine-3.12:arm64", "3.9").platform_tags
        ('musllinux_1_1_aarch64', 'musllinux_1_0_aarch64', 'linux_aarch64')

        Args:
            name: ``NAME`` or ``NAME:ARCH``, such as ``"centos-7"`` and ``"debian-12:aarch64"``.
            python_version: as for :meth:`of`; None: the machine's own Python, else the running version.
            implementation: as for :meth:`of`; the machine's own Python is a CPython.
            abis: as for :meth:`of`.
            linux_tags: as for :meth:`of`.
            max_glibc: as for :meth:`of`.
            environment: as for :meth:`of`.

        Raises:
            InvalidTarget: no machine has that name, or it has no such architecture; the problem names those there are. Or
                another argument is wrong.
        """
        from . import _declare

        machine, arch = _declare.named_machine(name)
        platform = _declare.machine_platform(machine, arch)
        if python_version is None and machine.python_version is not None:
            python_version, implementation = machine.python_version, implementation or "cp"
        if arch == "armv8l":  # as wheels name it; its 64-bit kernel has another name for itself
            environment = {"platform_machine": "aarch64", **(environment or {})}
        return cls.of(
            python_version=python_version,
            platform=platform,
            implementation=implementation,
            abis=abis,
            linux_tags=linux_tags,
            max_glibc=max_glibc,
            environment=environment,
        )

    @classmethod
    def of_interpreter(cls, executable: "str", *, linux_tags: "str | None" = None, max_glibc: "MaxGlibc" = None) -> "Self":
        """Another Python on this machine: 2.7 or 3.6 and newer, CPython or PyPy; mltags need not be installed there.

        Runs it once, and once more where it has a ``_manylinux`` module, with its ordinary environment. Not on Windows.

        >>> import mltags, sys
        >>> mltags.Target.of_interpreter(sys.executable).triples == mltags.Target.current().triples
        True

        Raises:
            OverrideError, InvalidTarget: as :meth:`current`.
            ProbeError: it cannot be run, takes too long, or does not answer as a Python does.
        """
        from . import _interpreter

        return cls.of_host(_interpreter.InterpreterHost(executable), linux_tags=linux_tags, max_glibc=max_glibc)

    @classmethod
    def from_json(cls, text: "str") -> "Self":
        """A target that :meth:`to_json` saved, on whatever machine; its schema is documented in ``docs/json.md``.

        >>> import mltags
        >>> target = mltags.Target.of(python_version="3.12", platform="win_amd64")
        >>> mltags.Target.from_json(target.to_json()) == target
        True

        Raises:
            InvalidTarget: *text* is not such JSON, or of a newer schema.
        """
        from . import _saved

        return _saved.from_json(cls, text)

    def to_json(self) -> "str":
        """This target as one line of JSON, evidence included: the inverse of :meth:`from_json`.

        >>> import mltags
        >>> mltags.Target.from_tags(["py3-none-any"]).to_json()[:29]
        '{"mltags": 1, "python": null,'
        """
        from . import _saved

        return _saved.to_json(self)

    @classmethod
    def from_tags(cls, lines: "Iterable[str | Tag]") -> "Self":
        """A target that accepts just the tags in *lines*, best first: ``py-abi-plat`` texts or Tag objects.

        The first of equal tags counts.

        >>> import mltags
        >>> mltags.Target.from_tags(["cp312-cp312-linux_x86_64", "py3-none-any"]).rank("demo-1.0-py3-none-any.whl")
        1

        Raises:
            InvalidTarget: a line is not a single tag.
        """
        from . import _triples

        triples = _triples.read(lines)
        target = object.__new__(cls)
        platforms = dict.fromkeys([triple.split("-")[2] for triple in triples])
        _core.Value.__init__(target, None, None, tuple(platforms), triples, ())
        return target

    def _ask_for_markers(self, ask: "Callable[[], Mapping[str, str]]") -> "None":
        object.__setattr__(self, "_asked", ask)

    @property
    def environment(self) -> "dict[str, str]":
        """All eleven environment markers (PEP 508) of this target, in the form that packaging's markers accept (R15).

        Where a machine was probed, it is asked for them at the first call. What words do not say is empty, and the patch release
        of a declared Python is 0.

        >>> import mltags
        >>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="win_amd64")
        >>> target.environment["python_full_version"], target.environment["platform_machine"]
        ('3.12.0', 'AMD64')
        """
        from . import _markers

        try:
            asked = self._asked
        except AttributeError:
            asked = {}
        if callable(asked):
            try:
                asked = {name: value for name, value in asked().items() if name in _markers.NAMES and isinstance(value, str)}
            except (Exception, SystemExit):  # as with any question: then they are derived
                asked = {}
            object.__setattr__(self, "_asked", asked)
        known = _markers.of(self.python, self.platform) if self.explicit is None else _markers.of_tags(self.explicit)
        return {**known, **asked, **dict(self.markers)}

    def _parts(self, python: "Python") -> "tuple[Collection[tuple[str, str]], Collection[str], Collection[str]]":
        """The ordered pairs and platform tags, lower-case as tags are compared, and the python tags of the ``none-any`` tail."""
        pairs, pure = python.order()
        platforms: Collection[str] = self.platform_tags
        where = self.platform
        if where is None or not "".join([*where.libc_archs, *where.archs, *where.explicit_tags]).islower():  # an odd name
            platforms = dict.fromkeys([tag.lower() for tag in platforms])
        if "any" in platforms:  # its tags are among the others already
            pure = tuple([python for python in pure if (python, "none") not in pairs])
        return pairs, platforms, pure

    @property
    def triples(self) -> "Sequence[str]":
        """Every tag that this target accepts as ``py-abi-plat``, best first, without duplicates; a lazy sequence.

        >>> import mltags
        >>> mltags.Target.of(python_version="3.12", implementation="cp", platform="win_amd64").triples[0]
        'cp312-cp312-win_amd64'
        """
        if self.python is None:
            return self.explicit or ()
        from . import _triples

        return _triples.Triples(*self._parts(self.python))

    @property
    def tags(self) -> "tuple[Tag, ...]":
        """Every tag that this target accepts as :class:`packaging.tags.Tag`, in the order of :attr:`triples`. Loads packaging.

        >>> import mltags
        >>> [str(tag) for tag in mltags.Target.from_tags(["cp312-abi3-win32", "py3-none-any"]).tags]
        ['cp312-abi3-win32', 'py3-none-any']
        """
        from packaging.tags import Tag

        return tuple([Tag(*triple.split("-", 2)) for triple in self.triples])

    def _index(self) -> "Ranks":
        try:
            return self._ranks
        except AttributeError:
            # Two threads may both build it; either will do.
            tags = _ranks.ExplicitTags(self.triples) if self.python is None else _ranks.OrderedTags(*self._parts(self.python))
            object.__setattr__(self, "_ranks", _ranks.Ranks(tags))
            return self._ranks

    def rank(self, wheel: "str | AbstractSet[Tag]") -> "int | None":
        """The index in ``tags`` of the best tag of *wheel*; None if none of its tags is there.

        >>> import mltags
        >>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="win_amd64")
        >>> target.rank("demo-1.0-cp312-cp312-win_amd64.whl"), target.rank("demo-1.0-cp312-cp312-win32.whl")
        (0, None)

        Args:
            wheel: a wheel's filename, or the set of tags of one.

        Raises:
            InvalidWheelName: *wheel* is not a valid wheel filename, or neither a text nor a set of tags.
        """
        ranks = self._index()
        if isinstance(wheel, str):
            return ranks.of_name(wheel)
        try:
            found = [ranks.of_sets([tag.interpreter], [tag.abi], [tag.platform]) for tag in wheel]
        except (TypeError, AttributeError) as problem:
            from . import _errors

            expected = "expected a filename (of a path, its name), or a set of tags"
            raise _errors.InvalidWheelName(str(wheel), "type", expected) from problem
        return min([rank for rank in found if rank is not None], default=None)

    def best(self, names: "Iterable[str]") -> "str | None":
        """The best of *names*, in the order of :meth:`sort`; None if none fits.

        >>> import mltags
        >>> mltags.Target.current().best(["demo-1.0-py3-none-any.whl", "demo-1.0-py2-none-any.whl"])
        'demo-1.0-py3-none-any.whl'
        """
        fitting = self._index().fitting(_several(names))
        return _by_build(fitting[min(fitting)])[0] if fitting else None

    def sort(self, names: "Iterable[str]") -> "list[str]":
        """The compatible ones of *names*, best first; malformed names are passed over.

        By rank, then by build number, the higher first, then in the order they came. Versions are not compared: pass the names
        of one release. Source: PEP 425 and 427.

        >>> import mltags
        >>> mltags.Target.current().sort(["a-1-py3-none-any.whl", "a-1-2-py3-none-any.whl", "a-1-py2-none-any.whl"])
        ['a-1-2-py3-none-any.whl', 'a-1-py3-none-any.whl']
        """
        fitting = self._index().fitting(_several(names))
        ordered: list[str] = []
        for rank in sorted(fitting):
            ordered += _by_build(fitting[rank])
        return ordered

    def explain(self, name: "str") -> "Match | Mismatch":
        """Say whether a wheel fits, and why not: a :class:`mltags.Match` (truthy) or a :class:`mltags.Mismatch` (falsy).

        Each has a sentence as its text. Agrees with :meth:`rank`; a malformed name is a Mismatch.

        >>> import mltags
        >>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_17_x86_64")
        >>> print(target.explain("demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"))
        demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl: needs glibc 2.28 or newer (manylinux_2_28_x86_64); the target has glibc 2.17 (declared)
        """
        from . import _explain

        return _explain.Judge(self).judge(name)

    def closest(self, names: "Iterable[str]") -> "list[Mismatch]":
        """The Mismatch of each of *names* that does not fit, the nearest miss first, malformed names last.

        >>> import mltags
        >>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_17_x86_64")
        >>> misses = target.closest(["a-1-cp312-cp312-win32.whl", "a-1-cp312-cp312-manylinux_2_28_x86_64.whl"])
        >>> [miss.reason.name for miss in misses]
        ['LIBC_TOO_OLD', 'SYSTEM']
        """
        from . import _explain

        return _explain.Judge(self).closest(_several(names))


def machines_fitting(
    wheels: "Iterable[str]", python_version: "str | Sequence[int] | None" = None
) -> "dict[str, tuple[str, ...]]":
    """The wheels that fit each named machine: ``NAME:ARCH`` -> those of *wheels* that fit, in the order given.

    Every architecture of every machine of :func:`mltags.machines` is there; where none fits, with an empty tuple.

    >>> import mltags
    >>> wheel = "demo-1.0-cp39-abi3-manylinux_2_34_x86_64.whl"
    >>> fitting = mltags.machines_fitting([wheel])
    >>> fitting["ubuntu-22.04:x86_64"], fitting["ubuntu-20.04:x86_64"]
    (('demo-1.0-cp39-abi3-manylinux_2_34_x86_64.whl',), ())

    Args:
        wheels: the names of wheels.
        python_version: as for :meth:`Target.of_machine`, on each of them.

    Raises:
        InvalidWheelName: one of *wheels* is not a valid wheel filename.
        InvalidTarget: *python_version* is not a version.
    """
    from . import _machines

    names = tuple(_several(wheels))
    found: dict[str, tuple[str, ...]] = {}
    known: dict[tuple[object, ...], tuple[str, ...]] = {}  # many releases are alike
    for machine in _machines.machines().values():
        for arch in machine.archs:
            name = f"{machine.name}:{arch}"
            key = (machine.libc or machine.name, arch, machine.python_version)
            if key not in known:
                target = Target.of_machine(name, python_version)
                known[key] = tuple([wheel for wheel in names if target.rank(wheel) is not None])
            found[name] = known[key]
    return found


def _several(names: "Iterable[str]") -> "Iterable[str]":
    """*names*; refuses a single text, whose letters would be taken as names."""
    if isinstance(names, str):
        from . import _errors

        raise _errors.InvalidWheelName(names, "names", "expected a list of names; put a single one into a list")
    return names


def _by_build(names: "list[str]") -> "list[str]":
    """*names* of one rank, a higher build number first; a stable sort."""
    if len(names) > 1 and "".join(names).count("-") > 4 * len(names):  # five stand around a build number
        from . import _wheel

        return sorted(names, key=_wheel.build_of, reverse=True)
    return names


def sys_tags(*, warn: "bool" = False) -> "Iterator[Tag]":  # noqa: ARG001 -- part of the signature that callers know
    """Yield the tags that the running interpreter accepts on this machine, best first: a drop-in for ``packaging.tags.sys_tags``.

    *warn* is there for callers' sake and changes nothing. An interpreter whose ABI cannot be read (an invalid ``EXT_SUFFIX``)
    raises SystemError, as there.

    >>> import mltags
    >>> str(next(mltags.sys_tags())).startswith(mltags.Target.current().python.tag)
    True

    Raises:
        OverrideError: the ``_manylinux`` module failed.
        SystemError: the interpreter's ABI cannot be read.
    """
    from . import _errors

    try:
        target = Target.current()
    except _errors.ProbeError as problem:
        raise SystemError(str(problem)) from problem
    yield from target.tags
