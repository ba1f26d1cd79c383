"""Does the machine code of an environment load on a target? Checks the C library, the libraries that the loader finds, and their symbol
versions."""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING

from ..audit import checks, demands, elffile, findings, libraries, loader, loading, policies, wheelfile
from . import installed, systems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .. import _core
    from ..audit.checks import Judgement
    from ..audit.demands import Demand
    from ..audit.wheelfile import Binary
    from .folders import Disk, Environment
    from .installed import Distribution
    from .systems import Against

    #: What is missing: (path of the file that needs it, library) -> that file
    Missing = dict[tuple[str, str], Binary]
    Add = Callable[..., None]

Kind = findings.Kind
Row = findings.Row

#: Bytes of a Python file that are read to see how it imports a module.
_MAX_SOURCE = 1 << 20

#: Library -> the package of Debian and Ubuntu, and of Fedora, that has it. Sources: packages.debian.org, packages.fedoraproject.org.
PACKAGES = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libXext.so.6": ("libxext6", "libXext"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libgfortran.so.5": ("libgfortran5", "libgfortran"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgomp.so.1": ("libgomp1", "libgomp"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libodbc.so.2": ("unixodbc", "unixODBC"),
    "libpq.so.5": ("libpq5", "libpq"),
    "libsndfile.so.1": ("libsndfile1", "libsndfile"),
    "libstdc++.so.6": ("libstdc++6", "libstdc++"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
}


class Loads:
    """The ELF files of one environment in a model of the loader on one target. ``missing``: path of a file -> the libraries not found."""

    def __init__(self, disk: Disk, environment: Environment, distributions: list[Distribution], against: Against) -> None:
        binaries = [binary for one in distributions for binary in one.binaries]
        self._disk, self._environment, self._against = disk, environment, against
        self._python = against.python_for(environment)
        self.files: systems.Files = systems.Files(disk, environment, against)
        self.files.names = frozenset([name for b in binaries for name in (b.soname, posixpath.basename(b.place))])
        self._site = libraries.Site(binaries, self.files, is_musl=against.is_musl)
        self._installed = loader.InstalledFiles([(binary.place, binary.image) for binary in binaries], self.files)
        self._binaries = {installed.real_place(binary): binary for binary in binaries}
        self._lost = {name: one for one in distributions for name in one.lost}
        self._defined: dict[str, frozenset[str]] = {}
        self.missing: dict[str, list[str]] = {}
        #: (file, library that it needs) -> the file that serves it
        self._providers: dict[tuple[str, str], str] = {}
        self._walks: dict[str, tuple[list[Binary], list[tuple[Binary, str]]]] = {}
        self._known_served: set[str] | None = None

    def check(self, found: Judgement, one: Distribution, ours: list[Binary], platform: _core.Platform) -> None:
        """Add what keeps the loader from loading *ours*, the ELF files of a distribution that are for the target's processor."""
        strange = [binary for binary in ours if self._against.is_of_other_libc(binary)]
        have = platform.libc.family if platform.libc else ""
        text = f"is built for {{need}}, and {self._against.words} has {have}: it is for another kind of Linux"
        rows = [Row(binary.path, demands.family(binary, [])) for binary in strange]
        found.add_each(Kind.LOAD, "libc", rows, text, have=have, remedy=self._against.anew(one, self._python))
        loadable = [binary for binary in ours if binary not in strange]
        loaded, missing = self._load(one, loadable)
        self._check_libraries(found, one, missing)
        add = partial(found.add_parted, loaded=loaded)
        self._check_versions(add, one, loadable, platform)
        glibc = checks.glibc_of(platform)
        remedy = "clear the mark with `patchelf --clear-execstack FILE`, or install a newer version of it"
        refused = loaded if checks.refuses_stack(glibc) else ()
        add("stack", checks.stack_rows(loadable), checks.NO_STACK, loaded=refused, have=f"glibc {glibc}", remedy=remedy)
        rows = [Row(binary.path) for binary in loadable if binary.is_cut]
        add("truncated", rows, f"{checks.IS_CUT}: it was cut off when it was copied", remedy=installed.reinstalling(one))
        level = self._against.level
        rows = [Row(b.path, f"{b.arch}-v{b.isa}") for b in sorted(loadable, key=lambda b: -b.isa) if b.isa > max(level, 1)]
        text = "is marked to need {need}" + (f"; this machine's processor has x86_64-v{level}" if level else "")
        remedy = "install a build for the baseline of the architecture"
        add("isa", rows, text, loaded=loaded if level else (), have=f"x86_64-v{level}" if level else "", remedy=remedy)

    def open(self, binary: Binary) -> loader.Process:
        """A process of the environment's Python that has loaded a file."""
        program = self._environment.interpreter if self._against.is_at_home and not binary.is_program else ""
        process = loader.Process(self._installed, program, is_musl=self._against.is_musl)
        process.open(installed.real_place(binary))
        return process

    def _opened(self, binary: Binary) -> tuple[list[Binary], list[tuple[Binary, str]]]:
        """The files of the environment that are loaded with a file, itself first, and the libraries that are not found for them."""
        if binary.place not in self._walks:
            try:
                process = self.open(binary)
            except loader.TooManyError:
                process = loader.Process(self._installed)
            files = [self._binaries[one.real] for one in process.objects if one.real in self._binaries]
            lacking = [(self._binaries[one.real], name) for one, name in process.missing if one.real in self._binaries]
            self.missing[binary.path] = [name for _, name in process.missing]
            for one in process.objects:
                for need in one.needs:
                    for name in (need.image.soname, posixpath.basename(need.path)):
                        self._providers.setdefault((one.real, name), need.real)
            self._walks[binary.place] = files, lacking
        return self._walks[binary.place]

    @staticmethod
    def _is_entrance(binary: Binary) -> bool:
        """Whether Python or a shell loads a file directly: an extension module, or a command."""
        return binary.is_module or (binary.is_program and posixpath.dirname(binary.path) == "bin")

    def _load(self, one: Distribution, ours: list[Binary]) -> tuple[set[str], dict[bool, Missing]]:
        """Load each file. Returns the paths of those that are needed, and what is missing for them (True) and for others (False).

        The files that modules and commands load are needed. In a distribution without any, all are, unless others' modules load some.
        """
        first = [binary for binary in ours if self._is_entrance(binary)]
        own = {binary.place for binary in one.binaries}
        is_library = not first and not own.isdisjoint(self._served)
        loaded: set[str] = set()
        seen: set[str] = set()
        missing: dict[bool, Missing] = {True: {}, False: {}}
        for binary in [*first, *[binary for binary in ours if binary not in first]]:
            if binary.path in seen and binary not in first:
                continue
            files, lacking = self._opened(binary)
            is_needed = (binary in first) if first else not is_library or binary.place in self._served
            if is_needed and lacking and binary.is_module:
                is_needed = not _Sources(self._disk, one).do_without(binary)
            seen.update([file.path for file in files])
            if is_needed:
                loaded.update([file.path for file in files])
            missing[is_needed].update({(file.path, library): file for file, library in lacking})
        missing[False] = {key: file for key, file in missing[False].items() if key not in missing[True]}
        return loaded, missing

    @property
    def _served(self) -> set[str]:
        """The places of the files that modules and commands of any distribution load."""
        if self._known_served is None:
            platform = self._against.platform
            archs = platform.archs if platform is not None else ()
            entrances = [
                b for b in self._binaries.values() if self._is_entrance(b) and demands.is_of(b, archs or (b.arch or "",))
            ]
            self._known_served = {file.place for binary in entrances for file in self._opened(binary)[0]}
        return self._known_served

    def _check_libraries(self, found: Judgement, one: Distribution, missing: dict[bool, Missing]) -> None:
        """Libraries that the loader would not find."""
        groups: dict[tuple[bool, str, str, str], list[Row]] = {}
        for is_needed, rows in missing.items():
            for (path, library), binary in rows.items():
                bundled = self._site.named(library, binary.key)
                remedy, needs = installed.reinstalling(one), is_needed
                if bundled is None and library in self._lost:
                    owner = self._lost[library]
                    text, remedy = f"needs {{need}}, which {owner.name} should bring", installed.reinstalling(owner)
                elif bundled is None:
                    text, remedy = f"needs {{need}}, which {self._against.words} does not have", library_remedy(library)
                elif bundled.key != binary.key:
                    text = f"needs {{need}}, and {bundled.path} is for {bundled.machine}"
                else:
                    text = f"needs {{need}}, and has no search path that leads to {bundled.path}"
                    needs = is_needed and not _Sources(self._disk, one).has(b"CDLL")  # which may load it first
                groups.setdefault((needs, text, remedy, library), []).append(Row(path, library))
        for (is_needed, text, remedy, _), rows_ in groups.items():
            found.add(Kind.LOAD if is_needed else Kind.REMARK, "library", rows_, text, remedy=remedy)

    def _definitions(self, real: str) -> frozenset[str]:
        """The symbol versions that a file defines."""
        if real not in self._defined:
            binary = self._binaries.get(real)
            self._defined[real] = self.files.defined(real) if binary is None else binary.defined
        return self._defined[real]

    def _check_versions(self, add: Add, one: Distribution, ours: list[Binary], platform: _core.Platform) -> None:
        """Check that the libraries define the symbol versions that files need; if the libraries are not at hand, that glibc does."""
        needs = demands.Demands(ours, [], self._site)
        lacking: dict[str, list[Demand]] = {}
        rows = {(row.binary.path, row.need): row for row in needs.rows}
        have = checks.glibc_of(platform)
        for binary in ours:
            for library, version, symbols in binary.needs:
                provider = self._providers.get((installed.real_place(binary), library), "")
                row = rows.get((binary.path, version)) or demands.Demand("", version, policies.NEVER, binary)
                row = row._replace(symbol="".join(symbols[:1]))
                name = "" if row.rule == "glibc" and row.since < policies.NEVER else library
                if provider.startswith(loader.ASSUMED):
                    if have is not None and have.major == 2 and have.minor < row.since < policies.NEVER:
                        lacking.setdefault(name, []).append(row)
                elif provider:
                    defined = self._definitions(provider)
                    if defined and version not in defined:
                        lacking.setdefault(name, []).append(row)
                    elif version == "GLIBC_PRIVATE":
                        self._check_private(add, one, binary, library, provider)
        for library, needed in sorted(lacking.items()):
            worst = [Row(*row) for row in checks.worst_first(needed)]
            text = f"needs {{need}}, which {self._against.words}'s {library} does not define"
            if not library:
                text = f"needs {{need}}, a newer C library than {self._against.words} has: glibc {platform.libc}"
            rule, have_ = ("version", library) if library else ("glibc", str(platform.libc))
            add(rule, worst, text, have=have_, remedy=self._against.older(one, self._python))

    def _check_private(self, add: Add, one: Distribution, binary: Binary, library: str, real: str) -> None:
        """Check symbols that glibc keeps for its own libraries; they change with every version of glibc."""
        try:
            with self._disk.root.opened(installed.real_place(binary)) as file:
                wanted = [
                    row.name
                    for row in elffile.ElfFile(file).references()
                    if row.version == "GLIBC_PRIVATE" and row.library == library
                ]
            with self.files.opened(real) as file:
                elf = elffile.ElfFile(file)
                gone = [name for name in wanted if not any(row.version == "GLIBC_PRIVATE" for row in elf.definitions(name))]
        except (OSError, ValueError):
            return
        rows = [Row(binary.path, "GLIBC_PRIVATE", name.decode("utf-8", "backslashreplace")) for name in gone[:1]]
        text = f"needs {{need}}, which {self._against.words}'s {library} has no more: a part of glibc itself was bundled"
        remedy = f"install a newer version of {one.name}, or build it here: `python -m pip install --no-binary {one.name} {one.name}`"
        add("private", rows, text, have=library, remedy=remedy)


class _Sources:
    """The Python files of a distribution, which show how it loads its own machine code."""

    def __init__(self, disk: Disk, one: Distribution) -> None:
        self._disk, self._paths = disk, one.sources

    def _texts(self) -> Iterator[bytes]:
        found = (self._disk.data(path, _MAX_SOURCE) for path in self._paths)
        return (data for data in found if data is not None)

    def has(self, word: bytes) -> bool:
        """Whether one of them contains *word*."""
        return any(word in data for data in self._texts())

    def do_without(self, binary: Binary) -> bool:
        """Whether they can do without an extension module: they import it only within ``try`` or a function."""
        name = wheelfile.module_name(binary.place)
        texts = (data.decode("utf-8", "replace") for data in self._texts() if name.encode() in data)
        return bool(loading.guarded({name}, texts))


def library_remedy(library: str) -> str:
    """How to get a library of the system."""
    known = PACKAGES.get(library)
    if known is None:
        return f"install the system's package that has {library} (`apt-file search {library}`, `dnf provides '*/{library}'`)"
    return f"install it: `apt install {known[0]}` on Debian and Ubuntu, `dnf install {known[1]}` on Fedora"
