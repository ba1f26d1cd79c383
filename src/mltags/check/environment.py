"""Does an environment load on a target (R17)? Each distribution's files, their system, suffixes, libraries and symbol versions, and
what they do to one another in one process."""

import os
import posixpath
import re
from dataclasses import replace

from .. import _core, _errors, _interpreter, _local, _probe, _root, _target, _wheel
from ..audit import checks, conflicts, demands, elffile, findings, libraries, loader, loading, policies, wheelfile
from . import installed, report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..audit.loader import Linked
    from ..audit.wheelfile import Binary
    from .installed import Disk, Distribution, Environment

    AnyTarget = _target.Target | _core.Platform
    Progress = Callable[[str, int, int], None]
    Key = tuple[int, int, str]

Finding = findings.Finding
Kind = findings.Kind
Row = findings.Row

#: What is checked beside the rules of an audit, in a word each.
RULES = {
    "duplicate": "no distribution is installed twice",
    "file": "files can be read",
    "home": "the Python of the environment is there, and is the one that it was made for",
    "link": "links lead somewhere",
    "metadata": "distributions have metadata",
    "missing": "files that RECORD lists are there",
    "private": "no symbol is needed that is another glibc's own",
    "python": "the folder is of the target's version of Python",
    "script": "scripts begin with an interpreter that is there, and is the environment's",
    "size": "files that RECORD lists have their size",
    "suffix": "extension modules have a suffix that the target's Python imports",
    "system": "machine code is for the target's system and processor",
}
#: Findings of one distribution in a sentence of a table.
_MAX_SENTENCES = 3
#: Python files of a distribution that are read to see how it imports a module, and bytes of one.
_MAX_SOURCE = 1 << 20
#: Where the loader's model has its own name for what the file does not say.
_PROMISED = "/system/"

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
#: Level of x86-64 -> what /proc/cpuinfo calls its instructions. Source: the psABI, table 3.1; Linux, cpufeatures.h.
LEVELS = {
    2: "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3",
    3: "avx avx2 bmi1 bmi2 f16c fma abm movbe xsave",
    4: "avx512f avx512bw avx512cd avx512dq avx512vl",
}


def check_environment(
    path: "str | os.PathLike[str] | None" = None,
    target: "AnyTarget | None" = None,
    root: "_root.RootHost | None" = None,
    *,
    python: "str | None" = None,
    name: "str | None" = None,
    progress: "Progress | None" = None,
) -> "report.Report":
    """Say for each distribution of an environment whether its files load, here or on *target*, and what to do where they do not.

    Reads only; nothing is run but *python*, and nothing is written.

    >>> import sys, mltags.check
    >>> report = mltags.check.check_environment(sys.prefix)
    >>> report.kind
    'environment'

    Args:
        path: a virtual or conda environment, a site-packages folder, a folder of ``pip install --target``; None: every environment
            of *root*, or the one of the Python that *root* was made for.
        target: a Target, or a Platform to take the environment's own Python; None: this machine, or that of *root*.
        root: a system's root directory. A *path* inside of it is an environment of that system, any other one is of this machine and
            judged against that system's libraries.
        python: in place of *path*, an interpreter, which is run to ask where it finds packages.
        name: of the report's column.
        progress: called with (name, distributions done, of distributions).

    Raises:
        InvalidSubject: *path* is not an environment.
        ProbeError: *python* cannot be run.
        OverrideError: this machine was probed, and its ``_manylinux`` module failed.
    """
    if python is not None:
        return _of_interpreter(python, target, root, name, progress)
    disk, where, is_of_root = _disk_of(path, root)
    if where is None:
        found = _of_root(disk)
        if not found:
            raise report.InvalidSubject(disk.root.directory, "root", "no environment and no site-packages folder found in it")
        subject = disk.root.directory
    else:
        one = installed.of_path(disk, where)
        if one is None:
            problem = (
                "not an environment: expected pyvenv.cfg, conda-meta, lib/python3.*/site-packages or folders *.dist-info in it"
            )
            raise report.InvalidSubject(str(path), "folder", problem)
        found, subject = [one], str(path)
    against = [_Against(name, target, root, is_of_root=is_of_root)]
    return check_all(disk, found, against, subject, progress)


def is_environment(path: "str | os.PathLike[str]") -> "bool":
    """Whether a folder of this machine is an environment."""
    disk = installed.Disk(_root.RootHost("/"))
    return installed.of_path(disk, os.path.abspath(path)) is not None


def check_targets(
    path: "str | os.PathLike[str]", targets: "Iterable[tuple[str, AnyTarget]]", progress: "Progress | None" = None
) -> "report.Report":
    """As :func:`mltags.check.check_environment`, for several targets by name; the files are read once.

    A target with the Python that runs this is one whose Python nobody has chosen: the environment's own counts.
    """
    disk, where, is_of_root = _disk_of(path, None)
    found = installed.of_path(disk, where or "/")
    if found is None:
        raise report.InvalidSubject(str(path), "folder", "not an environment")
    own = _probe.python_of(_local.LocalHost())
    against = []
    for name, target in targets:
        python, platform = getattr(target, "python", None), loading.platform_of(target)
        against.append(_Against(name, platform if platform and python == own else target, None, is_of_root=is_of_root))
    return check_all(disk, [found], against, str(path), progress)


def _disk_of(path: "str | os.PathLike[str] | None", root: "_root.RootHost | None") -> "tuple[Disk, str | None, bool]":
    """Whose files they are, the path as inside of that, and whether *root* is the system that the environment is on."""
    if path is None:
        return installed.Disk(root or _root.RootHost("/")), None, True
    whole = os.path.abspath(path)
    if root is None or root.directory == "/":
        return installed.Disk(_root.RootHost("/")), whole, True
    if whole == root.directory or whole.startswith(f"{root.directory}/"):
        return installed.Disk(root), "/" + os.path.relpath(whole, root.directory).lstrip("."), True
    inside = installed.Disk(root)
    if not os.path.isdir(whole) and inside.is_folder(os.fspath(path)):
        return inside, posixpath.normpath(f"/{os.fspath(path)}"), True
    return installed.Disk(_root.RootHost("/")), whole, False


def _of_root(disk: "Disk") -> "list[Environment]":
    if not disk.root.chosen:
        return installed.of_root(disk)
    prefix = posixpath.dirname(posixpath.dirname(disk.root.chosen)) or "/"
    found = installed.of_path(disk, prefix)
    if found is None:
        raise report.InvalidSubject(disk.root.directory, disk.root.chosen, "has no site-packages beside it")
    return [found]


def _of_interpreter(
    python: "str", target: "AnyTarget | None", root: "_root.RootHost | None", name: "str | None", progress: "Progress | None"
) -> "report.Report":
    host = _interpreter.InterpreterHost(python)
    paths = host._answers.get("sys_path", (None, None))[0]
    disk = installed.Disk(_root.RootHost("/"))
    folders = [disk.real(f"{path}/.").removesuffix("/.") for path in paths or () if isinstance(path, str)]  # type: ignore[attr-defined]
    standard = tuple([f"{folder}/" for folder in folders if folder and "os.py" in disk.names(folder)])
    sites = [
        folder
        for folder in dict.fromkeys(folders)
        if folder and (not f"{folder}/".startswith(standard) or posixpath.basename(folder) in installed.SITES)
    ]
    own = _probe.python_of(host)
    program = str(host._answers.get("executable", (python, None))[0] or python)
    prefix = posixpath.dirname(posixpath.dirname(program))
    found = installed.of_path(disk, prefix) or installed.Environment(prefix, "prefix of a Python")
    found = replace(found, path=python, sites=tuple(sites), interpreter=disk.real(program), version=own.version)
    against = _Against(name, target or _target.Target.of_host(host), root, is_of_root=target is None)
    return check_all(disk, [found], [against], python, progress)


def check_all(
    disk: "Disk", found: "list[Environment]", against: "list[_Against]", subject: "str", progress: "Progress | None"
) -> "report.Report":
    """The report on environments of one disk against targets."""
    groups: list[tuple[report.Row, ...]] = []
    for environment in found:
        distributions = installed.read(disk, environment, progress)
        columns = [list(_Judge(disk, environment, distributions, one).rows(len(found) > 1)) for one in against]
        groups += zip(*columns, strict=True)
    columns_ = [_column(one, [group[place] for group in groups]) for place, one in enumerate(against)]
    notes = tuple(dict.fromkeys([note for environment in found for note in environment.notes]))
    return report.Report(subject, "environment", tuple(columns_), tuple([row for group in groups for row in group]), notes)


def _column(against: "_Against", rows: "list[report.Row]") -> "report.Column":
    judged = [row for row in rows if row.verdict is not report.Verdict.NOT_JUDGED]
    fits = all(row.fits for row in rows) if judged else None
    return report.Column(against.name, against.described, fits, (), report.counted(rows), None)


# Targets


class _Against:
    """What environments are judged against: a platform, its Python where one was named, and the libraries of its system."""

    def __init__(
        self, name: "str | None", target: "AnyTarget | None", root: "_root.RootHost | None", *, is_of_root: "bool"
    ) -> "None":
        here = _probe.probe() if root is None else None
        if target is None:
            target = here or _probe.inquire(root, None)
        platform = loading.platform_of(target)
        self.is_here = (platform is not None and platform == here) or (root is not None and root.directory == "/")
        if self.is_here and root is None and platform is not None and platform.system == "Linux":
            root = _root.RootHost("/")
        self.platform = platform
        self.python = target.python if isinstance(target, _target.Target) else None
        self.root = root
        self.libraries = libraries.Libraries(root) if root is not None else None
        #: Whether the environments are on the system whose libraries these are.
        self.is_at_home = root is not None and (self.is_here or is_of_root)
        self.words = "this machine" if self.is_here else "the target"
        self.described = loading.describe(target)
        self.name = name or ("this machine" if self.is_here else root.directory if root else self.described)
        self.explicit = target if isinstance(target, _target.Target) and platform is None else None
        self.is_musl = platform is not None and isinstance(platform.libc, _core.Musl)
        self.level = _level_here() if self.is_here else 0

    @property
    def machine(self) -> "str":
        """System and processor in words."""
        platform = self.platform
        assert platform is not None
        archs = platform.archs or platform.explicit_tags
        return f"{installed._SYSTEMS.get(platform.system, platform.system)} {archs[0]}" if archs else platform.system

    def python_for(self, environment: "Environment") -> "_core.Python":
        """The Python that counts: the target's, else the environment's own, else the one of the root, or that runs this."""
        if self.python is not None:
            return self.python
        if environment.version:
            name = _core.SHORT_NAMES.get(environment.implementation, environment.implementation)
            flags = {"free_threaded": environment.is_free_threaded, "implementation": name, "version": environment.version}
            return _core.Python(
                name, environment.version, _core.cpython_abis(environment.version, flags) if name == "cp" else ()
            )
        try:
            return _probe.python_of(self.root if self.root is not None and not self.is_here else _local.LocalHost())
        except _errors.ProbeError:
            return _probe.python_of(_local.LocalHost())


def _level_here() -> "int":
    """The level of x86-64 of this machine's processor; 0 where nothing shows it."""
    try:
        text = _local.read_regular("/proc/cpuinfo", 1 << 14).decode("utf-8", "replace")
    except OSError:
        return 0
    found = re.search(r"(?m)^flags\s*:(.*)$", text)
    if found is None:
        return 0
    flags, level = set(found[1].split()), 1
    while level + 1 in LEVELS and flags >= set(LEVELS[level + 1].split()):
        level += 1
    return level


class _Files:
    """The files of a process: an environment's as they are on its disk, and those of the target's system.

    Where nobody's system is at hand, what tags allow is there, and of other libraries nothing is known.
    """

    def __init__(self, disk: "Disk", environment: "Environment", against: "_Against") -> "None":
        self._disk = disk
        areas = {environment.prefix, *environment.sites} - {""}
        self._areas = tuple([f"{area.rstrip('/')}/" for area in areas])
        self._system = against.libraries.files() if against.libraries is not None else None
        self._is_at_home = against.is_at_home
        self._own = loader.RootFiles(disk.root, lambda library, key: "")  # noqa: ARG005 -- it has no folders of its own
        self._real: dict[str, str] = {}
        #: names of libraries that are installed
        self.names: frozenset[str] = frozenset()

    def real(self, path: "str") -> "str":
        if path not in self._real:
            self._real[path] = self._find(path)
        return self._real[path]

    def _find(self, path: "str") -> "str":
        if path.startswith(_PROMISED):
            return path
        if self._is_at_home or path.startswith(self._areas):
            return self._disk.real(path)
        return self._system.real(path) if self._system is not None else ""

    def linked(self, real: "str") -> "Linked | None":
        if real.startswith(_PROMISED):
            machine, bits, order, library = real.split("/")[2:6]
            key = int(machine), int(bits), order
            return loader.Closed(elffile.Image(key, library, (), (), (), False, 0, False, {}, ()))
        if self._system is None or (not self._is_at_home and real.startswith(self._areas)):
            return self._own.linked(real)
        return self._system.linked(real)

    def search(self, library: "str", key: "Key") -> "str":
        if self._system is not None:
            return self._system.search(library, key)
        allowed = min([policies.library_since(library, family) for family in ("glibc", "musl")])
        if allowed == policies.NEVER and library in self.names:
            return ""
        return f"{_PROMISED}{key[0]}/{key[1]}/{key[2]}/{library}"


# The judgement


class _Judge:
    """One environment on one target."""

    def __init__(
        self, disk: "Disk", environment: "Environment", distributions: "list[Distribution]", against: "_Against"
    ) -> "None":
        self._disk, self._environment, self._distributions, self._against = disk, environment, distributions, against
        self._python = against.python_for(environment)
        self._files = _Files(disk, environment, against)
        binaries = [binary for one in distributions for binary in one.binaries]
        self._files.names = frozenset([name for b in binaries for name in (b.soname, posixpath.basename(b.place))])
        self._site = libraries.Site(binaries, self._files, is_musl=against.is_musl)
        self._installed = loader.InstalledFiles([(binary.place, binary.image) for binary in binaries], self._files)
        self._binaries = {installed.real_place(binary): binary for binary in binaries}
        self._defined: dict[str, frozenset[str]] = {}
        #: path of a file -> what the loader does not find for it
        self.missing: dict[str, list[str]] = {}
        self._providers: dict[tuple[str, str], str] = {}
        self._walks: dict[str, tuple[list[Binary], list[tuple[Binary, str]]]] = {}
        self._known_served: set[str] | None = None

    # Rows of the report

    def rows(self, is_one_of_many: "bool") -> "Iterator[report.Row]":  # noqa: FBT001 -- how it is shown
        """The row of the environment itself, then one for each distribution."""
        judged = [(one, self._of(one)) for one in self._distributions]
        self._add_conflicts(judged)
        folder = self._environment.path if is_one_of_many else ""
        yield self._row(self._environment.path, "", self._of_environment(), folder, "", is_judged=True)
        for one, found in judged:
            is_judged = self._is_judged(one)
            yield self._row(one.name or "(no distribution)", one.version, found, folder, one.note, is_judged=is_judged, one=one)

    def _is_judged(self, one: "Distribution") -> "bool":
        platform = self._against.platform
        return not (one.binaries or one.foreign) or (platform is not None and platform.system == "Linux")

    def _row(
        self,
        name: "str",
        version: "str",
        found: "list[findings.Finding]",
        folder: "str",
        note: "str",
        *,
        is_judged: "bool",
        one: "Distribution | None" = None,
    ) -> "report.Row":
        worst = sorted(found, key=lambda finding: -finding.kind)
        serious = [finding for finding in worst if finding.kind > Kind.REMARK]
        if serious:
            verdict = report.Verdict.BROKEN
            texts = [f"{finding}: {finding.remedy}" if finding.remedy else str(finding) for finding in serious[:_MAX_SENTENCES]]
            more = len(serious) - _MAX_SENTENCES
            sentence = "; ".join([*texts, *([f"{more} more findings"] if more > 0 else [])])
        elif not is_judged:
            verdict, sentence = report.Verdict.NOT_JUDGED, "whether its machine code loads is judged on Linux only"
        else:
            count = len(one.binaries) if one is not None else 0
            verdict = report.Verdict.LOADS
            sentence = f"{count} file{'s' * (count != 1)} of machine code" if count else "nothing is in the way"
        return report.Row(
            name,
            version,
            self._against.name,
            verdict,
            fits=not serious,
            sentence=sentence,
            note=note,
            findings=tuple(worst),
            folder=folder,
        )

    def _of_environment(self) -> "list[findings.Finding]":
        found = list(self._environment.findings)
        version, python = self._environment.version, self._python
        if version and python.version[: len(version)] != version and len(python.version) > 1:
            theirs, ours = installed._dotted(python.version), installed._dotted(version)
            text = f"is for Python {{need}}, and {self._against.words} has Python {theirs}, which does not look there"
            site = self._environment.sites[0] if self._environment.sites else self._environment.path
            remedy = f"make the environment with Python {theirs}, or run it with Python {ours}"
            found.append(Finding(Kind.LOAD, "python", (Row(site, ours),), theirs, text, remedy))
        return found

    # One distribution

    def _of(self, one: "Distribution") -> "list[findings.Finding]":
        judgement = checks.Judgement()
        judgement.findings += one.findings
        platform = self._against.platform
        if platform is not None:
            importable = self._check_systems(judgement, one, platform)
            if platform.system == "Linux":
                self._check_loading(judgement, one, importable, platform)
            self._check_tags(judgement, one, platform)
        return judgement.findings

    def _check_systems(self, found: "checks.Judgement", one: "Distribution", platform: "_core.Platform") -> "list[Binary]":
        """System, processor and suffix of each file; the ELF files that are the target's."""
        ours = [b for b in one.binaries if platform.system == "Linux" and demands.is_of(b, platform.archs or (b.arch or "",))]
        others = [(b.path, f"Linux {b.machine}") for b in one.binaries if b not in ours and not b.is_program]
        kinds = {b.path: f"Linux {b.machine}" for b in ours}
        for path, machine, is_ours in [(f.path, f.machine, self._is_native(f, platform)) for f in one.foreign]:
            if is_ours:
                kinds[path] = machine
            else:
                others.append((path, machine))
        suffixes = self._suffixes(platform)
        imported = {module_of(path, suffixes) for path in kinds} - {""}
        strange = [
            Row(path, _abi_in(path))
            for path in kinds
            if _is_extension(path) and not module_of(path, suffixes) and not _is_served(path, imported)
        ]
        if any(self._is_of_other_libc(binary) for binary in ours):
            strange = []  # which is all that matters
        text = f"is named for {{need}}, and {self._against.words}'s Python {self._python_words} imports no file of that suffix"
        remedy = installed.reinstalling(one)
        found.add_each(Kind.LOAD, "suffix", strange, text, have=self._python.tag, remedy=self._elsewhere(one, remedy))
        needed = [Row(*row) for row in others if _is_extension(row[0]) and not _is_served(row[0], imported)]
        needed = needed or ([Row(*row) for row in others] if not kinds else [])
        text = f"is for {{need}}; {self._against.words} is {self._against.machine}"
        found.add_each(Kind.LOAD, "system", needed, text, have=self._against.machine, remedy=self._elsewhere(one, remedy))
        seen = {row.file for row in needed}
        rest = [Row(*row) for row in others if row[0] not in seen]
        found.add_each(Kind.REMARK, "system", rest, text, have=self._against.machine)
        return ours

    def _is_of_other_libc(self, binary: "Binary") -> "bool":
        platform = self._against.platform
        family = platform.libc.family if platform is not None and platform.libc else ""
        return bool(family) and demands.family(binary, []) not in {"", family}

    @property
    def _python_words(self) -> "str":
        return installed._dotted(self._python.version) + ("t" if any("t" in abi for abi in self._python.abis) else "")

    def _elsewhere(self, one: "Distribution", remedy: "str") -> "str":
        """How to get what the target takes: by pip here, or with pip's words for another machine."""
        if self._against.is_here or not one.name or self._against.platform is None:
            return remedy
        tags = _core.tags_of(self._against.platform)
        known = [tag for tag in tags if tag.startswith(("manylinux2014", "musllinux_1_2", "macosx_11_0", "win"))] or list(tags)
        words = f"--platform {known[0]} --python-version {installed._dotted(self._python.version)} --only-binary=:all:"
        return f"get one for that machine: `python -m pip install --target DIR {words} {one.name}=={one.version}`"

    def _is_native(self, foreign: "installed.Foreign", platform: "_core.Platform") -> "bool":
        tags = platform.explicit_tags or _core.tags_of(platform)
        return foreign.system == platform.system and any(
            tag.endswith(arch) for tag in tags for arch in (*foreign.archs, "universal2")
        )

    def _suffixes(self, platform: "_core.Platform") -> "tuple[str, ...]":
        """What follows a module's name in files that the target's Python imports. Source: CPython's dynload_shlib.c; PEP 3149."""
        python = self._python
        is_windows = platform.system == "Windows"
        end = "pyd" if is_windows else "so"
        if python.implementation != "cp":
            own = [abi.replace("_", "-", 1) for abi in python.abis] or [python.implementation.replace("pp", "pypy")]
            return tuple([f".{abi}*.{end}" for abi in own])
        digits = [abi.removeprefix("cp") for abi in python.abis if abi.startswith("cp")]
        digits = digits or ["".join(map(str, python.version))]
        known = [f".cp{number}-*.{end}" if is_windows else f".cpython-{number}{_triplets(platform)}.so" for number in digits]
        stable = [] if any("t" in number for number in digits) or is_windows else [".abi3.so"]
        return (*known, *stable, f".{end}")

    # Loading

    def _check_loading(
        self, found: "checks.Judgement", one: "Distribution", ours: "list[Binary]", platform: "_core.Platform"
    ) -> "None":
        """Whether the loader takes the ELF files of a distribution that are for the target."""
        needs = demands.Demands(ours, [], self._site)
        family = platform.libc.family if platform.libc else ""
        strange = [binary for binary in ours if self._is_of_other_libc(binary)]
        text = f"is built for {{need}}, and {self._against.words} has {family}: it is for another kind of Linux"
        rows = [Row(binary.path, needs.families[binary.path]) for binary in strange]
        remedy = self._elsewhere(one, installed.reinstalling(one))
        found.add_each(Kind.LOAD, "libc", rows, text, have=family, remedy=remedy)
        loadable = [binary for binary in ours if binary not in strange]
        loaded, missing = self._load(one, loadable)

        def add(rule: "str", rows: "list[Row]", text: "str", *, have: "str" = "", remedy: "str" = "") -> "None":
            for kind, is_needed in ((Kind.LOAD, True), (Kind.REMARK, False)):
                some = [row for row in rows if (row.file in loaded) is is_needed]
                found.add(kind, rule, some, text, have=have, remedy=remedy)

        self._check_libraries(found, one, missing)
        self._check_versions(add, one, loadable, needs, platform)
        glibc = _core.as_glibc(platform.libc)
        rows = checks.stack_rows(loadable)
        text = f"asks for an executable stack, which glibc 2.{checks.NO_STACK_SINCE} and newer refuse"
        remedy = "clear the mark with `patchelf --clear-execstack FILE`, or install a newer version of it"
        if glibc is not None and glibc >= _core.Glibc(2, checks.NO_STACK_SINCE):
            add("stack", rows, text, have=f"glibc {glibc}", remedy=remedy)
        else:
            found.add(Kind.REMARK, "stack", rows, text, remedy=remedy)
        text = "has a segment that ends beyond the end of the file: it was cut off when it was copied"
        add("truncated", [Row(b.path) for b in loadable if b.is_cut], text, remedy=installed.reinstalling(one))
        marked = sorted([b for b in loadable if b.isa > 1], key=lambda binary: -binary.isa)
        rows = [Row(b.path, f"{b.arch}-v{b.isa}") for b in marked if b.isa > self._against.level]
        have = f"{marked[0].arch}-v{self._against.level}" if self._against.level and marked else ""
        text = f"is marked to need {{need}}; this machine's processor has {have}" if have else "is marked to need {need}"
        remedy = "install a build for the baseline of the architecture"
        if have:
            add("isa", rows, text, have=have, remedy=remedy)
        else:
            found.add(Kind.REMARK, "isa", rows, text, remedy=remedy)

    def open(self, binary: "Binary") -> "loader.Process":
        """A process of the environment's Python that has loaded a file."""
        program = self._environment.interpreter if self._against.is_at_home else ""
        process = loader.Process(self._installed, "" if binary.is_program else program, is_musl=self._against.is_musl)
        process.open(installed.real_place(binary))
        return process

    def _opened(self, binary: "Binary") -> "tuple[list[Binary], list[tuple[Binary, str]]]":
        """The files of the environment that are loaded with one, itself first, and what the loader does not find for them."""
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
                    for name in (*need.names, need.image.soname):
                        self._providers.setdefault((one.real, name), need.real)
            self._walks[binary.place] = files, lacking
        return self._walks[binary.place]

    @staticmethod
    def _is_entrance(binary: "Binary") -> "bool":
        """Whether Python or a shell loads a file: an extension module, or a command."""
        return binary.is_module or (binary.is_program and posixpath.dirname(binary.path) == "bin")

    def _load(self, one: "Distribution", ours: "list[Binary]") -> "tuple[set[str], dict[bool, dict[tuple[str, str], Binary]]]":
        """Load each file. The paths of those that are needed, and what is missing for them (True) and for others (False).

        Needed is what modules and commands load. In a distribution without any every file is, unless modules of others load some.
        """
        first = [binary for binary in ours if self._is_entrance(binary)]
        own = {binary.place for binary in one.binaries}
        is_library = not first and not own.isdisjoint(self._served)
        loaded: set[str] = set()
        seen: set[str] = set()
        missing: dict[bool, dict[tuple[str, str], Binary]] = {True: {}, False: {}}
        for binary in [*first, *[binary for binary in ours if binary not in first]]:
            if binary.path in seen and binary not in first:
                continue
            files, lacking = self._opened(binary)
            is_needed = (binary in first) if first else not is_library or binary.place in self._served
            if is_needed and lacking and binary.is_module:
                is_needed = not self._is_optional(one, binary)
            seen.update([file.path for file in files])
            if is_needed:
                loaded.update([file.path for file in files])
            missing[is_needed].update({(file.path, library): file for file, library in lacking})
        missing[False] = {key: file for key, file in missing[False].items() if key not in missing[True]}
        return loaded, missing

    @property
    def _served(self) -> "set[str]":
        """Where the files are that modules and commands of any distribution load."""
        if self._known_served is None:
            platform = self._against.platform
            archs = platform.archs if platform is not None else ()
            entrances = [
                b for b in self._binaries.values() if self._is_entrance(b) and demands.is_of(b, archs or (b.arch or "",))
            ]
            self._known_served = {file.place for binary in entrances for file in self._opened(binary)[0]}
        return self._known_served

    def _check_libraries(
        self, found: "checks.Judgement", one: "Distribution", missing: "dict[bool, dict[tuple[str, str], Binary]]"
    ) -> "None":
        """Libraries that the loader would not find."""
        groups: dict[tuple[bool, str, str, str], list[Row]] = {}
        for is_needed, rows in missing.items():
            for (path, library), binary in rows.items():
                bundled = self._site.named(library, binary.key)
                remedy, needs = installed.reinstalling(one), is_needed
                if bundled is None:
                    text, remedy = f"needs {{need}}, which {self._against.words} does not have", library_remedy(library)
                elif bundled.key != binary.key:
                    text = f"needs {{need}}, and {bundled.path} is for {bundled.machine}"
                else:
                    text = f"needs {{need}}, and has no search path that leads to {bundled.path}"
                    needs = is_needed and not self._has_in_sources(one, b"CDLL")  # which may load it before
                groups.setdefault((needs, text, remedy, library), []).append(Row(path, library))
        for (is_needed, text, remedy, _), rows_ in groups.items():
            found.add(Kind.LOAD if is_needed else Kind.REMARK, "library", rows_, text, remedy=remedy)

    def _sources(self, one: "Distribution") -> "Iterator[bytes]":
        for path in one.sources:
            try:
                yield self._disk.root.read(path, _MAX_SOURCE)
            except (OSError, ValueError):
                continue

    def _has_in_sources(self, one: "Distribution", word: "bytes") -> "bool":
        return any(word in data for data in self._sources(one))

    def _is_optional(self, one: "Distribution", binary: "Binary") -> "bool":
        """Whether a distribution does without an extension module: it imports it only within ``try`` or a function."""
        name = wheelfile.module_name(binary.place)
        if not name:
            return False
        plain, indented = [re.compile(loading._IMPORT.format(indent=i, name=re.escape(name))) for i in ("", "[ \t]+")]
        has_guarded = False
        for data in self._sources(one):
            if name.encode() in data:
                text = data.decode("utf-8", "replace")
                if plain.search(text):
                    return False
                has_guarded = has_guarded or indented.search(text) is not None
        return has_guarded

    # Symbol versions

    def _definitions(self, real: "str") -> "frozenset[str]":
        """The symbol versions that a file defines."""
        if real not in self._defined:
            binary = self._binaries.get(real)
            if binary is not None:
                self._defined[real] = binary.defined
            elif self._against.libraries is not None:
                self._defined[real] = self._against.libraries.defined(real)
            else:
                self._defined[real] = frozenset()
        return self._defined[real]

    def _check_versions(
        self,
        add: "Callable[..., None]",
        one: "Distribution",
        ours: "list[Binary]",
        needs: "demands.Demands",
        platform: "_core.Platform",
    ) -> "None":
        """Whether what serves a file defines the symbol versions that it needs; without files, what the target's glibc goes with."""
        lacking: dict[str, list[demands.Demand]] = {}
        rows = {(row.binary.path, row.need): row for row in needs.rows}
        libc = _core.as_glibc(platform.libc)
        have = min(libc, platform.max_glibc or libc) if libc is not None else None
        for binary in ours:
            for library, version, symbols in binary.needs:
                provider = self._providers.get((installed.real_place(binary), library), "")
                row = rows.get((binary.path, version)) or demands.Demand("", version, policies.NEVER, binary)
                row = row._replace(symbol="".join(symbols[:1]))
                name = "" if row.rule == "glibc" and row.since < policies.NEVER else library
                if provider.startswith(_PROMISED):
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
            add(rule, worst, text, have=have_, remedy=self._older(one))

    def _older(self, one: "Distribution") -> "str":
        """How to get a version that was built for older systems."""
        if not one.name:
            return ""
        if self._against.is_at_home:
            return f"let pip choose a version for this system: `python -m pip install --force-reinstall --only-binary=:all: {one.name}`"
        return self._elsewhere(one, "").replace(f"{one.name}=={one.version}`", f"{one.name}`")

    def _check_private(
        self, add: "Callable[..., None]", one: "Distribution", binary: "Binary", library: "str", real: "str"
    ) -> "None":
        """Symbols that glibc keeps for its own libraries: they come and go with every version of it."""
        try:
            with self._disk.root.opened(installed.real_place(binary)) as file:
                wanted = [
                    row.name
                    for row in elffile.ElfFile(file).references()
                    if row.version == "GLIBC_PRIVATE" and row.library == library
                ]
            assert self._against.root is not None
            with self._against.root.opened(real) as file:
                elf = elffile.ElfFile(file)
                gone = [name for name in wanted if not any(row.version == "GLIBC_PRIVATE" for row in elf.definitions(name))]
        except (OSError, ValueError):
            return
        rows = [Row(binary.path, "GLIBC_PRIVATE", name.decode("utf-8", "backslashreplace")) for name in gone[:1]]
        text = f"needs {{need}}, which {self._against.words}'s {library} has no more: a part of glibc itself was bundled"
        remedy = f"install a newer version of {one.name}, or build it here: `python -m pip install --no-binary {one.name} {one.name}`"
        add("private", rows, text, have=library, remedy=remedy)

    # Tags, and several distributions in one process

    def _check_tags(self, found: "checks.Judgement", one: "Distribution", platform: "_core.Platform") -> "None":
        """The Tag lines of WHEEL, as evidence: builders have written them wrongly too often."""
        target = _target.Target(self._python, platform)
        names = [f"x-1-{tag}.whl" for tag in one.tags]
        try:
            fits = [target.rank(name) is not None for name in names]
        except _errors.InvalidWheelName:
            fits = [True]  # whoever wrote it meant something else
        if fits and not any(fits):
            text = f"says {{need}}, which {self._against.words} does not accept"
            found.add(Kind.REMARK, "tags", [Row(f"{posixpath.basename(one.folder)}/WHEEL", one.tags[0])], text)

    def _add_conflicts(self, judged: "list[tuple[Distribution, list[findings.Finding]]]") -> "None":
        """What distributions do to one another, in whichever order they are imported."""
        platform = self._against.platform
        if platform is None or platform.system != "Linux":
            return
        wheels: dict[str, wheelfile.Contents] = {}
        for one, _ in judged:
            ours = tuple([b for b in one.binaries if demands.is_of(b, platform.archs or (b.arch or "",))])
            if ours and one.name:
                contents = _contents(one, ours)
                wheels.setdefault(contents.filename, contents)
        rows = {f"{_stem(one)}.whl": found for one, found in judged}
        imports = {f"{_stem(one)}.whl": _import_name(one) for one, _ in judged}
        system = self._files if self._against.libraries is not None else _StandIn(self._files)
        done: set[tuple[str, ...]] = set()
        for finding in conflicts.conflicts([*wheels.values()], system, is_musl=self._against.is_musl):
            if not isinstance(finding, conflicts.Conflict):
                rows[next(iter(wheels))].append(finding)
            elif finding.rule != "state":
                rows[finding.wheels[0]].append(finding)
            elif finding.wheels not in done:
                done.add(finding.wheels)
                first, later = [wheels[name] for name in finding.wheels]
                names = {_normal(name) for name in first.requires}
                required = [one for one in wheels.values() if one not in (first, later) and _normal(one.wheel.project) in names]
                for row in conflicts.conflicts([first, later, *required], system, is_musl=self._against.is_musl):
                    if isinstance(row, conflicts.Conflict) and row.wheels == finding.wheels and row.rule == "state":
                        if row.remedy == f"import {later.wheel.project} first":
                            order = f"`import {imports[later.filename]}` before `import {imports[first.filename]}`"
                            row = replace(row, remedy=f"put {order} in every program that uses both")  # noqa: PLW2901
                        rows[finding.wheels[0]].append(row)


def _import_name(one: "Distribution") -> "str":
    """The package that all Python files of a distribution are in; its own name where there is no single one."""
    below = [path[len(one.site) + 1 :] for path in one.sources if path.startswith(f"{one.site}/")]
    folder = posixpath.commonpath([posixpath.dirname(path) for path in below]) if below else ""
    return folder.replace("/", ".") or one.name


def _normal(project: "str") -> "str":
    return re.sub("[-_.]+", "-", project).lower()


def _stem(one: "Distribution") -> "str":
    """A distribution's name and version as the beginning of a wheel's filename."""
    return f"{re.sub('[^A-Za-z0-9]+', '_', one.name)}-{re.sub('[^A-Za-z0-9.+!]+', '_', one.version) or '0'}-py3-none-any"


def _contents(one: "Distribution", binaries: "tuple[Binary, ...]") -> "wheelfile.Contents":
    """A distribution as if it were a wheel that is not there any more."""
    name = f"{_stem(one)}.whl"
    wheel = _wheel.Wheel(name.partition("-")[0], one.version or "0", (), ["py3"], ["none"], ["any"])
    return wheelfile.Contents(
        path="",
        filename=name,
        wheel=wheel,
        tags=(),
        has_late_tags=False,
        binaries=binaries,
        unlisted=(),
        pure=(),
        is_pure=False,
        requires=one.requires,
        faults=(),
    )


class _StandIn(conflicts.StandIn):
    """The files of an environment, and a libstdc++ in place of the one of a system that is not at hand."""

    def __init__(self, files: "_Files") -> "None":
        self._files = files

    def real(self, path: "str") -> "str":
        return conflicts.StandIn.real(self, path) or self._files.real(path)

    def linked(self, real: "str") -> "Linked | None":
        return conflicts.StandIn.linked(self, real) if conflicts.StandIn.real(self, real) else self._files.linked(real)


# Names of extension modules

_EXTENSION = re.compile(r"(.*?)((?:\.[\w-]+)?\.(?:so|pyd))")
_NAMED = re.compile(r"\.(?:(?:cpython-|pypy|graalpy|cp)[\w-]+|abi3)\.(?:so|pyd)$")


def _triplets(platform: "_core.Platform") -> "str":
    """What follows the ABI in suffixes, as a pattern: images of musl name either C library. Source: CPython's configure.ac."""
    if platform.system == "Darwin":
        return "-darwin"
    names = [_TRIPLETS.get(arch, arch) for arch in platform.archs[:1]] or ["*"]
    return f"-{names[0]}-linux-{'*' if isinstance(platform.libc, _core.Musl) else 'gnu*'}"


#: Architecture -> how CPython's triplets begin, where that is another name.
_TRIPLETS = {"i686": "i386", "armv7l": "arm", "armv8l": "arm", "armv6l": "arm", "ppc64le": "powerpc64le", "ppc64": "powerpc64"}


def _is_extension(path: "str") -> "bool":
    """Whether a file is named as an extension module of some Python."""
    return _NAMED.search(path) is not None or path.endswith(".pyd")


def _abi_in(path: "str") -> "str":
    return posixpath.basename(path).partition(".")[2]


def module_of(path: "str", suffixes: "tuple[str, ...]") -> "str":
    """The module that a Python with *suffixes*, patterns, imports from a file, as a path without a suffix; empty for none."""
    from fnmatch import fnmatchcase

    stem, _, rest = posixpath.basename(path).partition(".")
    is_imported = any(fnmatchcase(f".{rest}", suffix) for suffix in suffixes)
    return posixpath.join(posixpath.dirname(path), stem) if is_imported else ""


def _is_served(path: "str", imported: "set[str]") -> "bool":
    """Whether another file serves the module of this one."""
    return posixpath.join(posixpath.dirname(path), posixpath.basename(path).partition(".")[0]) in imported


def library_remedy(library: "str") -> "str":
    """How to get a library of the system."""
    known = PACKAGES.get(library)
    if known is None:
        return f"install the system's package that has {library} (`apt-file search {library}`, `dnf provides '*/{library}'`)"
    return f"install it: `apt install {known[0]}` on Debian and Ubuntu, `dnf install {known[1]}` on Fedora"
