"""What wheels do to one another in one process, as the loader's model has it: R18 and R19 of ``docs/rules.md``.

The order of the wheels is the order in which they are imported. Which extension module of a wheel is loaded first cannot be seen from
its file, so each of them may be. ``docs/loader.md`` explains both rules.
"""

import posixpath
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from . import elffile, findings, loader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .loader import Files, Object
    from .wheelfile import Binary, Contents

#: Pairs of files that are named in one finding.
MAX_ROWS = 100

#: The libraries that there is one of in a process although several wheels bring builds of their own: what is told of them -> how their
#: file names begin.
RUNTIMES = {
    "OpenMP": ("libgomp", "libiomp5", "libomp"),
    "BLAS": ("libopenblas", "libscipy_openblas", "libmkl_rt", "libmkl_core", "libblis", "libcblas", "libblas"),
    "HDF5": ("libhdf5",),
}


class Step(NamedTuple):
    """A binding of a chain: the reference to ``symbol`` in ``file`` binds to the definition in ``target``.

    ``loads``: the module whose loading bound it; ``scope``: the files that were searched, in order, up to the target.
    """

    file: "str"
    symbol: "str"
    target: "str"
    loads: "str"
    scope: "tuple[str, ...]"

    def __str__(self) -> "str":
        name = "its own" if self.file == self.target else f"that of {self.target}"
        return f"when {self.loads} is loaded, {self.file} takes {plain(self.symbol)} for {name}"


@dataclass(frozen=True, slots=True)
class Conflict(findings.Finding):
    """A finding about two wheels; ``wheels``: their filenames, in the order of import; ``chain``: the bindings that show it."""

    __module__ = __package__
    wheels: "tuple[str, ...]" = ()
    chain: "tuple[Step, ...]" = ()

    def as_dict(self) -> "dict[str, object]":
        """The finding as JSON has it."""
        row = findings.Finding.as_dict(self)
        return {**row, "wheels": list(self.wheels), "chain": [step._asdict() for step in self.chain]}


class _Tear(NamedTuple):
    """A library of the system that is bound to a wheel's copy of its own state: in which module's scope, by which steps."""

    library: "str"
    symbol: "bytes"
    module: "Binary"
    definer: "str"
    step: "Step"


@dataclass(slots=True)
class _Wheel:
    """What is known of one wheel: its modules and ``tears``; ``clean``: the libraries that each of its modules binds to themselves."""

    contents: "Contents"
    modules: "list[Binary]"
    tears: "list[_Tear]" = field(default_factory=list)
    clean: "frozenset[str]" = frozenset()
    problem: "str" = ""


def conflicts(wheels: "Sequence[Contents]", system: "Files | None", *, is_musl: "bool" = False) -> "list[findings.Finding]":
    """What is wrong with importing *wheels*, in that order, into one process; and remarks.

    *system*: whose libraries there are beside them; None: libstdc++ is taken to be as GCC builds it.
    """
    return _Together(wheels, system, is_musl=is_musl).found()


class _Together:
    """Wheels in one process. *system*: as for :func:`conflicts`."""

    def __init__(self, wheels: "Sequence[Contents]", system: "Files | None", *, is_musl: "bool") -> "None":
        self._is_musl = is_musl
        images = [(binary.place, binary.image) for contents in wheels for binary in contents.binaries]
        self._files = loader.InstalledFiles(images, StandIn() if system is None else system)
        self._names = {
            posixpath.normpath(f"{loader.SITE}/{binary.place}"): (binary, contents)
            for contents in wheels
            for binary in contents.binaries
        }
        self.wheels = [self._examined(contents) for contents in wheels]

    def found(self) -> "list[findings.Finding]":
        found: list[findings.Finding] = []
        for place, later in enumerate(self.wheels):
            for number, first in enumerate(self.wheels[:place]):
                found += self._torn(first, later, self.wheels[:number])
                found += self._reversed(later, first)
                found += self._mixed(first, later)
        found += [row for wheel in self.wheels for row in _unknown(wheel)]
        return [*found, *_inventory([wheel.contents for wheel in self.wheels])]

    # One wheel

    def _process(self) -> "loader.Process":
        return loader.Process(self._files, is_musl=self._is_musl)

    def _path(self, binary: "Binary") -> "str":
        return posixpath.normpath(f"{loader.SITE}/{binary.place}")

    def _examined(self, contents: "Contents") -> "_Wheel":
        """Load each module of a wheel into a process of its own."""
        wheel = _Wheel(contents, modules(contents))
        clean: frozenset[str] | None = None
        try:
            for module in wheel.modules:
                process = self._process()
                torn: set[str] = set()
                sound: set[str] = set()
                for one in process.open(self._path(module)):
                    if one.path in self._names or not one.image.defined:
                        continue
                    rows = [self._tear(module, one, row) for row in process.bindings(one, one.image.defined.__contains__)]
                    wheel.tears += [row for row in rows if row is not None]
                    (torn if any(rows) else sound).update([one.real] if rows else [])
                clean = frozenset(sound) if clean is None else clean & sound
        except loader.TooManyError as problem:
            wheel.problem = str(problem)
        wheel.clean = clean or frozenset()
        return wheel

    def _tear(self, module: "Binary", one: "Object", binding: "loader.Binding") -> "_Tear | None":
        target = binding.target
        if target is None or target is one or target.path not in self._names:
            return None
        return _Tear(one.real, binding.name, module, target.path, self._step(module, binding))

    def _step(self, module: "Binary", binding: "loader.Binding") -> "Step":
        target = binding.target
        assert target is not None
        scope = binding.object.scope
        searched = tuple([self._short(one.path) for one in scope[: scope.index(target) + 1]])
        ends = self._short(binding.object.path), self._short(target.path)
        return Step(ends[0], binding.name.decode("utf-8", "backslashreplace"), ends[1], module.path, searched)

    def _short(self, path: "str") -> "str":
        return self._names[path][0].path if path in self._names else posixpath.basename(path)

    # R18: torn state

    def _torn(self, first: "_Wheel", later: "_Wheel", before: "Sequence[_Wheel]") -> "Iterator[findings.Finding]":
        """What *later* shares with a library that *first* has bound to its own state."""
        for library in dict.fromkeys([tear.library for tear in first.tears]):
            tears = [tear for tear in first.tears if tear.library == library]
            victims = self._victims(tears, later)
            if not victims:
                continue
            symbols = sorted({step.symbol for step in victims})
            tear = next(tear for tear in tears if tear.symbol.decode("utf-8", "backslashreplace") in symbols)
            guards = [wheel for wheel in before if library in wheel.clean]
            yield self._conflict(first, later, tear, victims, guards)

    def _victims(self, tears: "list[_Tear]", later: "_Wheel") -> "list[Step]":
        """The references of a wheel that bind to the library itself, loaded after the module of each of *tears*."""
        symbols = {tear.symbol for tear in tears}
        users = {self._path(binary) for binary in later.contents.binaries if _wants(binary, symbols)}
        if not users:
            return []
        for tear in {tear.definer: tear for tear in reversed(tears)}.values():
            for module in later.modules:
                process = self._process()
                process.open(self._path(tear.module))
                for one in process.open(self._path(module)):
                    if one.path in users:
                        rows = [row for row in process.bindings(one, symbols.__contains__) if row.target is not None]
                        steps = [self._step(module, row) for row in rows if row.target and row.target.real == tear.library]
                        if steps:
                            return steps
        return []

    def _conflict(
        self, first: "_Wheel", later: "_Wheel", tear: "_Tear", victims: "list[Step]", guards: "Sequence[_Wheel]"
    ) -> "findings.Finding":
        one, other = first.contents.wheel.project, later.contents.wheel.project
        name = posixpath.basename(tear.library)
        definer = self._short(tear.definer)
        symbols = ", ".join(sorted({plain(step.symbol) for step in victims}))
        is_back = self.is_safe(later, first, tear.library)
        what = (
            f"defines {symbols} before {name}, which {tear.module.path} is the first to load; so {name} uses that copy, and "
            f"{victims[0].file} of {other} uses the one of {name}"
        )
        order = f"import {one} before {other} crashes"
        if is_back:
            order += "; the other order is safe"
        chain = (tear.step, *victims[:MAX_ROWS])
        row = findings.Row(definer, ", ".join(sorted({step.symbol for step in victims})))
        if guards:
            guard = guards[-1].contents.wheel.project
            text = f"{what}; this is harmless because {guard} has loaded {name} before"
            return Conflict(findings.Kind.REMARK, "state", (row,), name, text, "", self._pair(first, later), chain)
        text = f"{what}: {order}, unless something has loaded {name} before"
        remedy = f"import {other} first" if is_back else f"import something first that loads {name}"
        return Conflict(findings.Kind.CONFLICT, "state", (row,), name, text, remedy, self._pair(first, later), chain)

    def _pair(self, first: "_Wheel", later: "_Wheel") -> "tuple[str, str]":
        return first.contents.filename, later.contents.filename

    def is_safe(self, first: "_Wheel", later: "_Wheel", library: "str") -> "bool":
        """Whether *later* does no harm after *first*: each module of that binds the library to itself, or none tears it."""
        tears = [tear for tear in first.tears if tear.library == library]
        return not tears or not self._victims(tears, later)

    def _reversed(self, first: "_Wheel", later: "_Wheel") -> "Iterator[findings.Finding]":
        """A remark where only the order that was not asked for does harm."""
        for row in self._torn(first, later, ()):
            if isinstance(row, Conflict) and row.kind is findings.Kind.CONFLICT:
                one, other = first.contents.wheel.project, later.contents.wheel.project
                text = f"would make import {one} before {other} crash; in the order of these wheels nothing happens"
                yield Conflict(findings.Kind.REMARK, "state", row.rows, row.have, text, "", row.wheels, row.chain)

    # R19: a library of the one, needs of the other

    def _mixed(self, first: "_Wheel", later: "_Wheel") -> "Iterator[findings.Finding]":
        """Libraries that both wheels bundle under one SONAME, and that need different ones."""
        theirs = {binary.image.soname: binary for binary in _bundled(later.contents)}
        for mine in _bundled(first.contents):
            other = theirs.get(mine.image.soname)
            if self._is_musl or other is None or mine.checksum == other.checksum:
                continue
            if sorted(mine.image.needed) == sorted(other.image.needed):
                continue
            lacks = sorted({*other.image.needed} - {*mine.image.needed})
            gets = sorted({*mine.image.needed} - {*other.image.needed})
            one, two = first.contents.wheel.project, later.contents.wheel.project
            text = (
                f"of {one} and {other.path} of {two} are different builds of {{need}}, and the first one loaded serves both: it needs "
                f"{', '.join(gets) or 'less'}, where {two} was built for {', '.join(lacks) or 'less'}. Two copies of what they need "
                f"may be mixed in one call"
            )
            row = findings.Row(mine.path, mine.image.soname)
            yield Conflict(findings.Kind.CONFLICT, "soname", (row,), other.path, text, "", self._pair(first, later))


def _wants(binary: "Binary", symbols: "set[bytes]") -> "bool":
    return any(reference.name in symbols for reference in binary.image.wanted)


def modules(contents: "Contents") -> "list[Binary]":
    """The files of a wheel that a process may open: extension modules, and what no other file of the wheel needs."""
    needed = {library for binary in contents.binaries for library in binary.image.needed}
    return [
        binary
        for binary in contents.binaries
        if not binary.is_program and (binary.is_module or not {binary.image.soname, posixpath.basename(binary.place)} & needed)
    ]


def _bundled(contents: "Contents") -> "list[Binary]":
    """The libraries in a wheel that other files in it need by their SONAME."""
    needed = {library for binary in contents.binaries for library in binary.image.needed}
    return [binary for binary in contents.binaries if binary.image.soname in needed]


def _unknown(wheel: "_Wheel") -> "Iterator[findings.Finding]":
    if wheel.problem:
        text = "of {need} cannot be loaded on paper: " + wheel.problem
        row = findings.Row(wheel.modules[0].path, wheel.contents.filename)
        yield findings.Finding(findings.Kind.REMARK, "state", (row,), "", text)


def _inventory(wheels: "Sequence[Contents]") -> "Iterator[findings.Finding]":
    """Remarks on runtimes of which several builds come into one process."""
    for kind, heads in RUNTIMES.items():
        rows: dict[tuple[int, int], tuple[str, Binary]] = {}
        for contents in wheels:
            for binary in contents.binaries:
                name = posixpath.basename(binary.place)
                if name.startswith(heads) and ".so" in name:
                    rows.setdefault(binary.checksum, (contents.wheel.project, binary))
        projects = sorted({project for project, _ in rows.values()})
        if len(projects) > 1:
            text = f"is one of {len(rows)} builds of {kind} that come into one process with {', '.join(projects)}"
            found = tuple([findings.Row(binary.path, kind) for _, binary in rows.values()][:MAX_ROWS])
            yield findings.Finding(findings.Kind.REMARK, "runtime", found, "", text)


def plain(symbol: "str") -> "str":
    """A symbol in C++'s own words where it is a plain name of its standard library."""
    found = re.fullmatch("_ZSt([0-9]{1,4})([^0-9].*)", symbol)
    return f"std::{found[2]}" if found and int(found[1]) == len(found[2]) else symbol


# A system whose files are not at hand

#: libstdc++'s thread-local state and the version it was given. Source: libstdc++'s ``mutex.cc`` and ``gnu.ver``, GCC 4.4 to 15.
_STATE = (b"_ZSt11__once_call", b"_ZSt15__once_callable")
_STATE_VERSION = "GLIBCXX_3.4.11"
_LIBSTDCXX = "libstdc++.so.6"


class StandIn:
    """The files of a system that is not at hand: libstdc++ with the state that each one has, and nothing else."""

    def real(self, path: "str") -> "str":
        return path if posixpath.basename(path) == _LIBSTDCXX and path.startswith("/usr/lib/") else ""

    def linked(self, real: "str") -> "loader.Linked | None":
        words = real.split("/")
        key = int(words[3]), int(words[4]), words[5]
        row = elffile.Definition(
            _STATE_VERSION,
            3,
            is_hidden=False,
            kind=elffile.STT_TLS,
            bind=elffile.STB_GLOBAL,
            visibility=elffile.STV_DEFAULT,
            is_defined=True,
            has_value=True,
        )
        wanted = [elffile.Reference(name, _STATE_VERSION, "", frozenset(), 1, 0, is_defined=True) for name in _STATE]
        defined: dict[bytes, tuple[elffile.Definition, ...]] = dict.fromkeys(_STATE, (row,))
        return loader.Closed(elffile.Image(key, _LIBSTDCXX, (), (), (), False, 0, True, defined, tuple(wanted)))

    def search(self, library: "str", key: "loader.Key") -> "str":
        machine, bits, order = key
        return f"/usr/lib/{machine}/{bits}/{order}/{_LIBSTDCXX}" if library == _LIBSTDCXX else ""
