"""References that bind to a wheel's file although they would find the symbol without that wheel: what ``audit --all`` lists.

A library that several modules share is bound in the scope of the first, so its references to itself may end in a wheel's copy. For
thread-local state that is a conflict (R18 of ``docs/rules.md``). For functions, virtual tables and the like it happens all the time,
and did no harm in any case that was measured. ``docs/loader.md`` explains how it comes about.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from . import archive, conflicts, elffile, findings, loader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .loader import Binding, Files, Linked, Object, Process
    from .wheelfile import Contents

#: Symbols that are named in one sentence.
_MAX_NAMED = 3
_KINDS = {b"_ZTV": "virtual table", b"_ZTT": "virtual table", b"_ZTI": "type description", b"_ZTS": "type description"}


def captures(wheels: Sequence[Contents], system: Files | None, *, is_musl: bool = False) -> list[findings.Finding]:
    """A remark for each wheel and each file outside it whose references it captures when *wheels* are imported in this order.

    *system*: the libraries beside them, with all their symbols; None: none.
    """
    try:
        return _Captures(wheels, system, is_musl=is_musl).found()
    except loader.TooManyError:
        return []  # which `conflicts` reports


class _Captures:
    def __init__(self, wheels: Sequence[Contents], system: Files | None, *, is_musl: bool) -> None:
        self._wheels, self._is_musl = wheels, is_musl
        images = [(binary.place, binary.image) for contents in wheels for binary in contents.binaries]
        self._files = loader.InstalledFiles(images, system)
        placed = [(loader.installed(binary.place), contents, binary) for contents in wheels for binary in contents.binaries]
        self._owners = {path: contents for path, contents, _ in placed}
        self._names = {path: binary.path for path, _, binary in placed}

    def found(self) -> list[findings.Finding]:
        others: dict[str, Linked] = {}
        for process, _ in self._processes():
            others |= {one.real: one.linked for one in process.objects if one.path not in self._owners}
        whole = _whole(self._wheels, others)
        found: dict[tuple[str, str], dict[bytes, tuple[Binding, str]]] = {}
        for process, order in self._processes():
            for one in process.objects:
                one.linked = whole.get(one.real, one.linked)
            for opened, one in order:
                for binding in process.bindings(one):
                    if binding.target is not None and self._is_capture(binding, binding.target):
                        key = self._owners[binding.target.path].filename, self._short(one.path)
                        found.setdefault(key, {}).setdefault(binding.name, (binding, self._short(opened)))
        return [self._remark(user, rows) for (_, user), rows in sorted(found.items())]

    def _processes(self) -> Iterator[tuple[Process, list[tuple[str, Object]]]]:
        """A process for each module, since any module of a wheel may be loaded first, and one that loads them all in order; with each, what
        it has loaded, in the order of binding, and the module that was opened."""
        paths = [loader.installed(module.place) for contents in self._wheels for module in conflicts.modules(contents)]
        steps = 0
        for opened in [*[[path] for path in paths], paths]:
            process = loader.Process(self._files, is_musl=self._is_musl)
            order = [(path, one) for path in opened for one in process.in_order(process.open(path))]
            steps += process.steps
            if steps > conflicts.MAX_STEPS:
                raise loader.TooManyError
            yield process, order

    def _is_capture(self, binding: Binding, target: Object) -> bool:
        """Whether a reference binds to a wheel's file and, without that wheel, would find the symbol in another file of its scope."""
        owner = self._owners.get(target.path)
        if owner is None or binding.definition is None or binding.definition.kind == elffile.STT_TLS:
            return False
        strangers = [one for one in binding.object.scope if self._owners.get(one.path) is not owner]
        return binding.object in strangers and any(one.linked.definitions(binding.name) for one in strangers)

    def _short(self, path: str) -> str:
        return self._names.get(path) or posixpath.basename(path)

    def _remark(self, user: str, rows: Mapping[bytes, tuple[Binding, str]]) -> conflicts.Conflict:
        """What a wheel captures of the file *user*: symbol -> the binding, and the module that was loaded first."""
        steps = [conflicts.step_of(binding, first, self._short) for _, (binding, first) in sorted(rows.items())]
        wheel = next(self._owners[binding.target.path] for binding, _ in rows.values() if binding.target)
        counts = Counter([_kind(binding) for binding, _ in rows.values()])
        kinds = ", ".join([f"{count} {kind}{'s' * (count > 1)}" for kind, count in sorted(counts.items())])
        more = f" and {len(steps) - _MAX_NAMED} more" if len(steps) > _MAX_NAMED else ""
        text = (
            f"of {wheel.wheel.project} captures references of {{need}} to {kinds} "
            f"({', '.join([conflicts.plain(step.symbol) for step in steps[:_MAX_NAMED]])}{more}); "
            "no failure in the measured cases came from such a binding"
        )
        found = tuple(dict.fromkeys([findings.Row(step.target, user) for step in steps]))[: conflicts.MAX_ROWS]
        chain = tuple(steps[: conflicts.MAX_ROWS])
        return conflicts.Conflict(
            findings.Kind.REMARK, "capture", found, "", text, "", (wheel.filename,), chain, is_safe_back=True
        )


def _whole(wheels: Sequence[Contents], others: Mapping[str, Linked]) -> dict[str, Linked]:
    """The files with the symbols that can be captured: those that *others* look up, and those that are unique in a process.

    Files are read one after another, so that only one table of symbols is in memory.
    """
    references = {real: list(linked.references()) for real, linked in others.items()}
    asked = {reference.name for rows in references.values() for reference in rows}
    whole: dict[str, Linked] = {}
    defined: set[bytes] = set()
    for contents in wheels:
        # Errors in a file were reported when it was first read.
        with suppress(OSError, ValueError, zipfile.BadZipFile, archive.EntryError), io.FileIO(contents.path) as file:
            opened = archive.Archive(file)
            entries = {entry.filename: entry for entry in opened.entries}
            for binary in contents.binaries:
                elf = elffile.ElfFile(opened.open(entries[binary.path]))
                image = elf.image(is_shared=True, marks=elffile.UNIQUES)
                rows = dict(elf.defined(asked)) | image.defined
                defined |= {*rows}
                whole[loader.installed(binary.place)] = loader.Closed(image._replace(defined=rows))
    for real, linked in others.items():
        rows = {name: row for name in defined if (row := tuple(linked.definitions(name)))}
        wanted = tuple([reference for reference in references[real] if reference.name in defined])
        whole[real] = loader.Closed(linked.image._replace(defined=rows, wanted=wanted))
    return whole


def _kind(binding: Binding) -> str:
    assert binding.definition is not None
    is_function = binding.definition.kind in {elffile.STT_FUNC, elffile.STT_GNU_IFUNC}
    return _KINDS.get(binding.name[:4], "function" if is_function else "variable")
