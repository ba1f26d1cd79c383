"""What wheels do to one another in one process, as the loader's model has it: R18 and R19 of ``docs/rules.md``.

The order of the wheels is the order in which they are imported. A wheel's file does not show which of its extension modules is loaded
first, so any of them may be. ``docs/loader.md`` explains both rules.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from . import elffile, findings, imports, loader, wheelfile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .loader import Files, Object
    from .wheelfile import Binary, Contents

#: Pairs of files that are named in one finding.
MAX_ROWS = 100

#: Steps from a file to one that it needs, in all processes that are modelled. Forty real wheels take a few hundred thousand.
MAX_STEPS = 3_000_000

#: Bytes of a package's modules that are read to find an example of what it loads first.
EARLY = 1 << 20

#: Libraries of which a process should have one copy, although several wheels may bring their own: name -> how their file names begin.
RUNTIMES: dict[str, tuple[str, ...]] = {
    "OpenMP": ("libgomp", "libiomp5", "libomp"),
    "BLAS": ("libopenblas", "libscipy_openblas", "libmkl_rt", "libmkl_core", "libblis", "libcblas", "libblas"),
    "HDF5": ("libhdf5",),
}


class Step(NamedTuple):
    """One binding of a chain: the reference to ``symbol`` in ``file`` binds to the definition in ``target``.

    ``loads``: the module whose loading bound it; ``scope``: the files that were searched, in order, up to the target.
    """

    file: str
    symbol: str
    target: str
    loads: str
    scope: tuple[str, ...]

    def __str__(self) -> str:
        return f"when {self.loads} is loaded, {plain(self.symbol)} in {self.file} is bound to {self.target}"


@dataclass(frozen=True, slots=True)
class Conflict(findings.Finding):
    """A finding about two wheels; ``wheels``: their filenames, in the order of import; ``chain``: the bindings that show it.

    ``is_safe_back``: whether the other order is safe.
    """

    __module__ = str(__package__)
    wheels: tuple[str, ...] = ()
    chain: tuple[Step, ...] = ()
    is_safe_back: bool = False

    def as_dict(self) -> dict[str, object]:
        """The finding as JSON has it."""
        row = findings.Finding.as_dict(self)
        return {**row, "wheels": list(self.wheels), "chain": [step._asdict() for step in self.chain]}


class _Tear(NamedTuple):
    """A library of the system that is bound to a wheel's copy of its own state: by which module, and by which step."""

    library: str
    symbol: bytes
    module: Binary
    definer: str
    step: Step


@dataclass(slots=True)
class _Wheel:
    """What is known of one wheel.

    * ``modules``: the files that a process may open; ``tears``: the libraries of the system that they tear.
    * ``loads``: library -> the modules that load it; ``clean``: the libraries that every module loads without tearing them.
    """

    contents: Contents
    modules: list[Binary]
    tears: list[_Tear] = field(default_factory=list)
    loads: dict[str, set[str]] = field(default_factory=dict)
    problem: str = ""
    _early: list[str] | None = None

    def likely(self, path: str) -> tuple[int, int]:
        """A key to choose an example: modules that are loaded earlier come first, then those that are nearer to the root."""
        if self._early is None:
            self._early = [binary.path for binary in imports.loaded(self.contents, EARLY)]
        place = self._early.index(path) if path in self._early else len(self._early)
        return place, path.count("/")

    @property
    def clean(self) -> set[str]:
        torn = {tear.library for tear in self.tears}
        return {library for library, users in self.loads.items() if len(users) == len(self.modules)} - torn


def conflicts(wheels: Sequence[Contents], system: Files | None, *, is_musl: bool = False) -> list[findings.Finding]:
    """What goes wrong if *wheels* are imported into one process in this order; and remarks.

    *system*: the libraries beside them; None: libstdc++ is assumed to be as GCC builds it.
    """
    return _Together(wheels, system, is_musl=is_musl).found()


class _Together:
    """Wheels in one process. *system*: as for :func:`conflicts`."""

    def __init__(self, wheels: Sequence[Contents], system: Files | None, *, is_musl: bool) -> None:
        self._is_musl, self._steps = is_musl, 0
        images = [(binary.place, binary.image) for contents in wheels for binary in contents.binaries]
        self._files = loader.InstalledFiles(images, StandIn() if system is None else system)
        self._names = {loader.installed(binary.place): binary for contents in wheels for binary in contents.binaries}
        self.wheels = [self._examined(contents) for contents in wheels]

    def found(self) -> list[findings.Finding]:
        found: list[findings.Finding] = []
        every = [wheel.contents for wheel in self.wheels]
        projects = [canonicalize_name(contents.wheel.project) for contents in every]
        needed = [required(contents, projects) for contents in every]
        for place, later in enumerate(self.wheels):
            for number, first in enumerate(self.wheels[:place]):
                if projects[number] == projects[place]:
                    continue  # a process never has two versions of one project
                try:
                    found += self._torn(first, later, [*self.wheels[:number], *[self.wheels[i] for i in needed[number]]])
                    found += self._reversed(later, first)
                except loader.TooManyError as problem:
                    later.problem = str(problem)
                found += _mixed(first.contents, later.contents, is_musl=self._is_musl)
        found += [row for wheel in self.wheels for row in _unknown(wheel)]
        return [*found, *inventory(every), *_global(every)]

    # One wheel

    def _load(self, *modules: Binary) -> tuple[loader.Process, list[Object]]:
        """A process that has opened *modules* in order, and the objects that the last one added."""
        process, new = loader.Process(self._files, is_musl=self._is_musl), []
        for module in modules:
            new = process.open(loader.installed(module.place))
        self._steps += process.steps
        if self._steps > MAX_STEPS:
            raise loader.TooManyError(f"more than {MAX_STEPS} needs in all")
        return process, new

    def _examined(self, contents: Contents) -> _Wheel:
        """Load each module of a wheel into a process of its own."""
        wheel = _Wheel(contents, modules(contents))
        try:
            for module in wheel.modules:
                process, new = self._load(module)
                for one in new:
                    if one.path in self._names or not one.image.defined:
                        continue
                    wheel.loads.setdefault(one.real, set()).add(module.path)
                    rows = [self._tear(module, one, row) for row in process.bindings(one, one.image.defined.__contains__)]
                    wheel.tears += [row for row in rows if row is not None]
        except loader.TooManyError as problem:
            wheel.problem = str(problem)
        return wheel

    def _tear(self, module: Binary, one: Object, binding: loader.Binding) -> _Tear | None:
        target = binding.target
        if target is None or target.path not in self._names:
            return None
        return _Tear(one.real, binding.name, module, target.path, self._step(module, binding))

    def _step(self, module: Binary, binding: loader.Binding) -> Step:
        return step_of(binding, module.path, self._short)

    def _short(self, path: str) -> str:
        return self._names[path].path if path in self._names else posixpath.basename(path)

    # R18: torn state

    def _torn(self, first: _Wheel, later: _Wheel, before: Sequence[_Wheel]) -> Iterator[Conflict]:
        """Conflicts over libraries that *first* has bound to its own state and *later* uses; *before*: wheels that are imported earlier."""
        for library in dict.fromkeys([tear.library for tear in first.tears]):
            victims = self._victims(first, later, library)
            if victims:
                symbols = {step.symbol for step in victims}
                tears = [tear for tear in first.tears if tear.library == library and tear.step.symbol in symbols]
                tear = min(tears, key=lambda tear: first.likely(tear.module.path))
                guards = [wheel.contents.wheel.project for wheel in before if _is_guard(wheel, library)]
                is_safe_back = not self._victims(later, first, library)
                yield _conflict(
                    (first, later), self._short(tear.definer), tear.step, victims, guards, is_safe_back=is_safe_back
                )

    def _victims(self, first: _Wheel, later: _Wheel, library: str) -> list[Step]:
        """The references of *later* that bind to the state in a library that *first* has torn."""
        tears = {tear.definer: tear for tear in reversed(first.tears) if tear.library == library}
        symbols = {tear.symbol for tear in first.tears if tear.library == library}
        users = {loader.installed(binary.place) for binary in later.contents.binaries if _wants(binary, symbols)}
        if not tears or not users:
            return []
        for tear in tears.values():
            for module in sorted(later.modules, key=lambda module: later.likely(module.path)):
                process, new = self._load(tear.module, module)
                for one in [one for one in new if one.path in users]:
                    rows = [row for row in process.bindings(one, symbols.__contains__) if row.target is not None]
                    steps = [self._step(module, row) for row in rows if row.target and row.target.real == library]
                    if steps:
                        return steps[:MAX_ROWS]
        return []

    def _reversed(self, first: _Wheel, later: _Wheel) -> Iterator[findings.Finding]:
        """A remark if only the reverse order does harm."""
        for row in self._torn(first, later, ()):
            one, other = first.contents.wheel.project, later.contents.wheel.project
            text = f"of {one} would crash Python if {one} were imported before {other}; in the order of these wheels nothing happens"
            yield replace(row, kind=findings.Kind.REMARK, text=text, remedy="")


def required(contents: Contents, projects: Sequence[str]) -> list[int]:
    """The places, among *projects* (normalized names), of those that a wheel requires, and so imports before its own modules."""
    names = {canonicalize_name(name) for name in contents.requires}
    return [place for place, project in enumerate(projects) if project in names]


def step_of(binding: loader.Binding, loads: str, short: Callable[[str], str]) -> Step:
    """A binding as a step of a chain; *loads*: the module that was being loaded; *short* shortens paths."""
    target, scope = binding.target, binding.object.scope
    assert target is not None
    # A symbol that is unique in a process may be found outside the scope.
    searched = scope[: scope.index(target) + 1] if target in scope else scope
    symbol = binding.name.decode("utf-8", "backslashreplace")
    return Step(short(binding.object.path), symbol, short(target.path), loads, tuple([short(one.path) for one in searched]))


def _is_guard(wheel: _Wheel, library: str) -> bool:
    """Whether importing a wheel is sure to load a library without tearing it."""
    if library in wheel.clean:
        return True
    torn = {tear.module.path for tear in wheel.tears if tear.library == library}
    users = wheel.loads.get(library, set())
    paths = [binary.path for binary in imports.loaded(wheel.contents)] if users else []
    first = next((path for path in paths if path in users), None)
    return first is not None and first not in torn


def _conflict(
    pair: tuple[_Wheel, _Wheel], definer: str, torn: Step, victims: list[Step], guards: list[str], *, is_safe_back: bool
) -> Conflict:
    """R18 in words. *torn*: how the library was bound to *definer*; *guards*: the wheels that have loaded it before that."""
    one, other = [wheel.contents.wheel.project for wheel in pair]
    symbols = sorted({step.symbol for step in victims})
    names, library, user = ", ".join(map(plain, symbols)), torn.file, victims[0].file
    why = (
        f"it defines {names} and is searched before {library} where that is first loaded (by {torn.loads}), so {library} uses this copy, "
        f"while {user} of {other} uses the one in {library}"
    )
    if guards:
        kind, remedy = findings.Kind.REMARK, ""
        text = f"of {one} would crash Python when {one} is imported before {other}, had {guards[-1]} not loaded {library} before that: {why}"
    else:
        kind = findings.Kind.CONFLICT
        remedy = f"import {other} first" if is_safe_back else f"first import something that loads {library}"
        back = " (the other order is safe)" if is_safe_back else ""
        text = f"of {one} crashes Python when {one} is imported before {other}{back}, unless something has loaded {library} first: {why}"
    row = findings.Row(definer, ", ".join(symbols))
    wheels = (pair[0].contents.filename, pair[1].contents.filename)
    return Conflict(kind, "state", (row,), library, text, remedy, wheels, (torn, *victims), is_safe_back)


# R19: a library of the one wheel, needs of the other


def _mixed(first: Contents, later: Contents, *, is_musl: bool) -> Iterator[findings.Finding]:
    """Libraries that both wheels bundle under one name but that have different needs."""
    theirs = _bundled(later, is_musl=is_musl)
    one, other = first.wheel.project, later.wheel.project
    for name, mine in _bundled(first, is_musl=is_musl).items():
        yours = theirs.get(name, mine)
        ours, wanted = {*mine.image.needed}, {*yours.image.needed}
        if ours == wanted:
            continue
        text = (
            f"of {one} and {yours.path} of {other} are different builds of {{need}}, and the first one that is loaded serves both: it needs "
            f"{', '.join(sorted(ours - wanted)) or 'less'}, and {other} was built for {', '.join(sorted(wanted - ours)) or 'less'}"
        )
        row = findings.Row(mine.path, name)
        wheels = (first.filename, later.filename)
        yield Conflict(findings.Kind.CONFLICT, "soname", (row,), yours.path, text, "", wheels)


def _wants(binary: Binary, symbols: set[bytes]) -> bool:
    return any(reference.name in symbols for reference in binary.image.wanted)


def modules(contents: Contents) -> list[Binary]:
    """The files of a wheel that a process may open: extension modules, and files that no other file of the wheel needs."""
    needed = {library for binary in contents.binaries for library in binary.image.needed}
    return [
        binary
        for binary in contents.binaries
        if not binary.is_program and (binary.is_module or not {binary.image.soname, posixpath.basename(binary.place)} & needed)
    ]


def _bundled(contents: Contents, *, is_musl: bool) -> dict[str, Binary]:
    """The libraries in a wheel by the names under which its other files need them. musl ignores the SONAME."""
    needed = {library for binary in contents.binaries for library in binary.image.needed}
    found: dict[str, Binary] = {}
    for binary in contents.binaries:
        names = {posixpath.basename(binary.place)} | ({binary.image.soname} if not is_musl else set())
        found |= dict.fromkeys(sorted(names & needed), binary)
    return found


def _unknown(wheel: _Wheel) -> Iterator[findings.Finding]:
    if wheel.problem and wheel.modules:
        text = "of {need} cannot be loaded on paper: " + wheel.problem
        row = findings.Row(wheel.modules[0].path, wheel.contents.filename)
        yield findings.Finding(findings.Kind.REMARK, "state", (row,), "", text)


def inventory(wheels: Sequence[Contents]) -> Iterator[findings.Finding]:
    """Remarks on runtimes of which a process would get several builds."""
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


#: How Python code opens libraries with RTLD_GLOBAL.
_OPENS = re.compile(r"setdlopenflags\([^)]*GLOBAL|mode\s*=\s*[\w.]*RTLD_GLOBAL")


def _global(wheels: Sequence[Contents]) -> Iterator[findings.Finding]:
    """Remarks on wheels that open libraries with RTLD_GLOBAL: what is loaded later may bind to them, which the model does not see."""
    for contents in wheels if len(wheels) > 1 else ():
        marked = [binary.path for binary in contents.binaries if binary.image.flags & elffile.DF_1_GLOBAL]
        if marked or any(_OPENS.search(text) for text in wheelfile.sources(contents.path, "RTLD_GLOBAL")):
            text = "of {need} can open libraries for all others (RTLD_GLOBAL); what is imported later may bind to them, which is not judged"
            row = findings.Row("".join(marked[:1]), contents.filename)
            yield findings.Finding(findings.Kind.REMARK, "global", (row,), "", text if marked else f"Python code {text}")


def plain(symbol: str) -> str:
    """A symbol as C++ writes it if it is a plain name in namespace std; otherwise as it is."""
    found = re.fullmatch("_ZSt([0-9]{1,4})([^0-9].*)", symbol)
    return f"std::{found[2]}" if found and int(found[1]) == len(found[2]) else symbol


# A system whose files are not at hand

#: The thread-local state of libstdc++ and its symbol version. Source: libstdc++'s ``mutex.cc`` and ``gnu.ver``, GCC 4.4 to 15.
_STATE = (b"_ZSt11__once_call", b"_ZSt15__once_callable")
_STATE_VERSION = "GLIBCXX_3.4.11"
_LIBSTDCXX = "libstdc++.so.6"


class StandIn(loader.Assumed):
    """The files of a system that is not at hand: libstdc++ with the state that every build of it has, and nothing else."""

    def linked(self, real: str) -> loader.Linked | None:
        found = super().linked(real)
        assert found is not None
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
        return loader.Closed(found.image._replace(has_versions=True, defined=defined, wanted=tuple(wanted)))

    def search(self, library: str, key: loader.Key) -> str:
        return super().search(library, key) if library == _LIBSTDCXX else ""
