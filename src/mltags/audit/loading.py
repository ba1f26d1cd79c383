"""Whether a target loads a wheel, judged by its name, its architecture, its C library, and the libraries that its modules need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import _core, _target
from . import checks, demands, findings, policies, wheelfile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .checks import Judgement
    from .demands import Demands
    from .libraries import Libraries, Missing, Site
    from .wheelfile import Binary, Contents

Kind = findings.Kind
Row = findings.Row


def platform_of(target: _target.Target | _core.Platform) -> _core.Platform | None:
    """The platform of a target; None if it is a list of tags."""
    return target if isinstance(target, _core.Platform) else target.platform


def describe(target: _target.Target | _core.Platform) -> str:
    """A target in words."""
    platform = platform_of(target)
    if platform is None:
        return "a machine with the tags given"
    where = platform.archs[0] if platform.archs else "".join(platform.explicit_tags[:1]) or platform.system
    libc = f" with {platform.libc.family} {platform.libc}" if platform.libc else ""
    python = getattr(target, "python", None)
    return f"{where}{libc}{f' ({python.tag})' if python else ''}"


def refusal(contents: Contents, target: _target.Target | _core.Platform) -> str:
    """Why the target refuses the wheel's name; empty if it accepts it."""
    name, wheel = contents.filename, contents.wheel
    if isinstance(target, _core.Platform):
        # The Python does not count: pretend that the wheel and the target are for any Python 3.
        target = _target.Target(_core.Python("py", (3,), ()), target)
        name = f"{wheel.project}-{wheel.version}-py3-none-{'.'.join(wheel.platforms)}.whl"
    verdict = target.explain(name)
    return "" if verdict else verdict.because  # type: ignore[union-attr]


class Loading:
    """One wheel on one target; each method adds the findings of one part of the rules.

    *system*: the libraries of the target, None if they are not looked at; *site*: the files of all wheels that are installed together.
    """

    def __init__(
        self,
        found: Judgement,
        contents: Contents,
        needs: Demands,
        target: _target.Target | _core.Platform,
        system: Libraries | None,
        site: Site,
    ) -> None:
        self._found, self._contents, self._needs, self._target = found, contents, needs, target
        self._system, self._site = system, site
        self._platform = platform_of(target)
        archs = self._archs()
        is_android = self._platform is not None and self._platform.system == "Android"
        self._ours = [binary for binary in needs.binaries if demands.is_of(binary, archs, is_android=is_android)]
        self._loaded, self._missing = self._load()

    def _archs(self) -> tuple[str, ...]:
        platform = self._platform
        if platform is None or platform.archs:
            return platform.archs if platform else ()
        claims = [demands.read_claim(tag) for tag in platform.explicit_tags[:1]]
        return tuple([claim.arch for claim in claims if isinstance(claim, demands.Claim) and claim.arch])

    def _load(self) -> tuple[set[str], dict[bool, list[Missing]]]:
        """The paths of the files that must be loaded, and what is missing for them (True) and for others (False)."""
        needed = [binary for binary in self._ours if self._is_needed(binary)]
        walks = [(binary, *self._site.load(binary)) for binary in needed]
        optional = optional_modules(self._contents, [binary for binary, _, lacking in walks if lacking and binary.is_module])
        loaded: set[str] = set()
        seen: set[str] = set()
        missing: dict[bool, dict[tuple[str, str], Missing]] = {True: {}, False: {}}
        for binary, files, lacking in walks:
            is_needed = binary.path not in optional
            paths = [one.path for one in files]
            seen.update(paths)
            loaded.update(paths if is_needed else ())
            missing[is_needed].update({(one.binary.path, one.library): one for one in lacking})
        for binary in self._ours:
            if binary.path not in seen:
                files, lacking = self._site.load(binary)
                seen.update([one.path for one in files])
                missing[False].update({(one.binary.path, one.library): one for one in lacking})
        rest = {key: one for key, one in missing[False].items() if key not in missing[True]}
        return loaded, {True: list(missing[True].values()), False: list(rest.values())}

    @staticmethod
    def _is_needed(binary: Binary) -> bool:
        """Whether the wheel is of no use without a file: an extension module, or a program that is installed as a command."""
        return binary.is_module or (binary.is_program and ".data/scripts/" in binary.path)

    @property
    def _needed_files(self) -> set[str]:
        """What modules and commands of the wheel load; in a wheel without any, every file."""
        return self._loaded or {binary.path for binary in self._needs.binaries}

    def check(self) -> None:
        """Add what keeps the target from loading the wheel."""
        because = refusal(self._contents, self._target)
        if because:  # then nothing else matters
            self._found.add(Kind.LOAD, "target", [Row("")], f"the wheel {because}")
            return
        self._check_stack()
        if self._platform is None:
            return
        if not self._ours:
            here = " ".join(self._archs()) or self._platform.system
            rows = [Row(binary.path, binary.machine) for binary in self._needs.binaries]
            self._found.add_each(Kind.LOAD, "arch", rows, f"is for {{need}}; the target is {here}", have=here)
        if self._platform.libc:
            family = self._platform.libc.family
            kinds = self._needs.families
            rows = [Row(binary.path) for binary in self._ours if kinds[binary.path] not in {"", family}]
            self._found.add(Kind.LOAD, "libc", rows, f"needs another C library than the target's {family}", have=family)
        self._check_glibc()
        self._check_libraries()
        if self._system is not None:
            self._check_versions(self._system)

    def _check_glibc(self) -> None:
        have = checks.glibc_of(self._platform)
        if have is None or have.major != 2:
            return
        ours = {binary.path for binary in self._ours}
        exceeding = [
            row
            for row in self._needs.rows
            if row.rule == "glibc" and row.binary.path in ours and have.minor < row.since < policies.NEVER
        ]
        rows = [Row(*row) for row in checks.worst_first(exceeding)]
        text = f"needs {{need}}; the target has glibc {have}"
        self._found.add_parted("glibc", rows, text, self._needed_files, have=str(have))

    def _check_stack(self) -> None:
        rows = checks.stack_rows(self._ours if self._platform is not None else self._needs.binaries)
        have = checks.glibc_of(self._platform)
        remedy = "link with -Wl,-z,noexecstack, or clear the mark with `patchelf --clear-execstack`"
        if checks.refuses_stack(have):
            self._found.add_parted("stack", rows, checks.NO_STACK, self._needed_files, have=f"glibc {have}", remedy=remedy)
        else:
            self._found.add(Kind.REMARK, "stack", rows, checks.NO_STACK, remedy=remedy)
        cut = [Row(binary.path) for binary in self._ours if binary.is_cut and binary.path in self._needed_files]
        self._found.add(Kind.LOAD, "truncated", cut, checks.IS_CUT)

    def _check_libraries(self) -> None:
        """Libraries that the loader would not find."""
        for is_needed, kind in ((True, Kind.LOAD), (False, Kind.REMARK)):
            groups: dict[tuple[str, str], list[Row]] = {}
            for binary, library, bundled in self._missing[is_needed]:
                if bundled is None:
                    text = "needs {need}, which is neither in the wheel nor on the target's library path"
                elif bundled.key != binary.key:
                    text = f"needs {{need}}, and {bundled.path} is for {bundled.machine}"
                else:
                    text = f"needs {{need}}, and has no search path that leads to {bundled.path}"
                groups.setdefault((text, library), []).append(Row(binary.path, library))
            for (text, library), rows in groups.items():
                if self._found.is_full(kind):
                    break
                remedy = ""
                if "search path" in text:
                    remedy = "`auditwheel repair` or `patchelf --set-rpath '$ORIGIN/...'` sets it"
                elif "neither" in text:
                    remedy = checks.library_remedy(self._contents, library)
                self._found.add(kind, "library", rows, text, remedy=remedy)

    def _check_versions(self, system: Libraries) -> None:
        """Whether the system's libraries define the versions that are taken from them."""
        wanting: dict[str, list[Row]] = {}
        for binary in self._ours:
            for library, version, symbols in binary.needs:
                # Versions of glibc were compared with the target's limit, which may be older than the glibc in its files.
                is_known = version.startswith("GLIBC_") and policies.version_since(version, binary.arch or "") != policies.NEVER
                path = "" if is_known or self._site.has(library) else system.path(library, binary.key)
                if path and version not in system.defined(path):
                    wanting.setdefault(library, []).append(Row(binary.path, version, "".join(symbols[:1])))
        for library, rows in wanting.items():
            worst = max(rows, key=lambda row: policies.numbers(row.need))
            rest = [row for row in rows if row.file != worst.file]
            text = f"needs {{need}}, which the target's {library} does not define"
            # In a wheel without modules it is unknown which of its libraries will be used.
            self._found.add_parted("version", [worst, *rest], text, self._loaded, have=library)


#: An import statement: its indentation, the module after "from", the names.
_IMPORT = re.compile(r"(?m)^([ \t]*)(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]*(?:\(([^()]*)\)|([^\n(]*))")


def optional_modules(contents: Contents, modules: list[Binary]) -> set[str]:
    """The paths of extension modules that the wheel can do without: its own Python files import them, but only within ``try`` or a
    function.

    An import at the beginning of a line must succeed. A module that nothing in the wheel imports exists for others to import.
    """
    names = {wheelfile.module_name(binary.place) for binary in modules}
    optional = guarded(names, wheelfile.sources(contents.path, names) if names else ())
    return {binary.path for binary in modules if wheelfile.module_name(binary.place) in optional}


def guarded(names: set[str], texts: Iterable[str]) -> set[str]:
    """Those of *names* that Python files import, but always within ``try`` or a function."""
    found: dict[str, set[bool]] = {name: set() for name in names}
    for text in texts:
        for indent, module, several, one in _IMPORT.findall(text):
            words = {*re.findall(r"\w+", several or one), module.rpartition(".")[2]}
            for name in names & words:
                found[name].add(bool(indent))
    return {name for name, indented in found.items() if indented == {True}}
