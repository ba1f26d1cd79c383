"""What an audit finds: values, and the sentences made from them.

A finding holds its rows as data, and its sentence is made from them. So rows can be removed later (:func:`without`), and the sentence
is still correct.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from .. import _errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .. import _core

    Error = _errors.InvalidWheel | _errors.InvalidWheelName

#: Characters of a finding's sentence.
MAX_SENTENCE = 1000


class Kind(IntEnum):
    """What a finding is about. Larger is worse; a remark breaks nothing.

    >>> import mltags.audit
    >>> mltags.audit.Kind.LOAD > mltags.audit.Kind.REMARK, str(mltags.audit.Kind.TAG)
    (True, 'tag')
    """

    __module__ = str(__package__)
    REMARK = 0
    FILE = 1
    TAG = 2
    LOAD = 3
    CONFLICT = 4

    def __str__(self) -> str:
        return self.name.lower()


#: The name of each rule, and what it checks. One rule may give findings of several kinds.
RULES = {
    "abi": "the file names of extension modules agree with the ABI tag",
    "alignment": "64-bit files for Android are aligned to 16 KiB",
    "android": "symbols and libraries are those of the Android version that the tag names",
    "any": "a wheel for any platform holds no machine code",
    "arch": "the ELF files are for the architectures that the tag or the target names",
    "capture": "no reference of one wheel, or of a shared library, binds to another wheel's copy",
    "cxxabi": "versions of libstdc++'s ABI are those that the tag allows",
    "elf": "ELF files can be read, and what is named as a shared library is one",
    "entry": "entries of the archive can be installed",
    "gcc": "versions of libgcc_s are those that the tag allows",
    "glibc": "versions of glibc are those that the tag allows and the target has",
    "glibcxx": "versions of libstdc++ are those that the tag allows",
    "global": "no wheel opens libraries for all others (RTLD_GLOBAL)",
    "isa": "no more of the processor is needed than the architecture's baseline",
    "judged": "the wheel is for a system that is judged",
    "lacks": "libraries that the tag allows are there by default on common systems",
    "libatomic": "versions of libatomic are those that the tag allows",
    "libc": "the C library is the one that the tag or the target names",
    "library": "libraries are in the wheel, allowed by the tag, and on the target",
    "linux": "the tag is one that the Python Package Index takes",
    "purelib": "machine code is not installed among files for any platform",
    "record": "RECORD lists the ELF files",
    "rpath": "search paths are relative to the file",
    "runtime": "wheels that go into one process do not bring several builds of one runtime",
    "soname": "wheels do not bundle different libraries under one SONAME",
    "stack": "no executable stack is needed",
    "state": "no state of the C++ runtime is exported to other wheels",
    "symbol": "no symbol is needed that libraries of the tag's generation lack",
    "tag": "each platform tag is one that a machine has",
    "tags": "the Tag lines of WHEEL are those of the filename",
    "target": "the target accepts the wheel's tags",
    "textrel": "code is not written to when it is loaded",
    "truncated": "segments end within the file",
    "version": "the target's libraries define the symbol versions",
    "zlib": "versions of zlib are those that the tag allows",
}


class Row(NamedTuple):
    """One file and what it needs: a library, an architecture, or a symbol version with the ``symbol`` that needs it; or nothing."""

    file: str
    need: str = ""
    symbol: str = ""


Row.__module__ = str(__package__)  # where pickle finds it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a wheel; as text it is one sentence.

    >>> from mltags.audit import Finding, Kind
    >>> row = ("demo/x.so", "GLIBC_2.28", "fcntl64")
    >>> finding = Finding(Kind.TAG, "glibc", [row], "GLIBC_2.17", "needs {need}; manylinux2014_x86_64 allows GLIBC_2.17 at most")
    >>> print(finding)
    demo/x.so needs GLIBC_2.28 (fcntl64@GLIBC_2.28); manylinux2014_x86_64 allows GLIBC_2.17 at most

    * ``kind``: what it is about; ``rule``: which check, a key of ``RULES``.
    * ``rows``: (file, need, symbol), the worst first; an empty file stands for all of the wheel.
    * ``have``: what the tag or the target has instead.
    * ``text``: the sentence after the file, with ``{need}`` where the need goes.
    * ``remedy``: what helps, as a separate sentence; or nothing.
    * ``file``, ``need``, ``symbol``: those of the worst row; ``files``: all files, in order.
    """

    __module__ = str(__package__)
    kind: Kind
    rule: str
    rows: tuple[Row, ...]
    have: str
    text: str
    remedy: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple([Row(*row) for row in self.rows]))

    @property
    def file(self) -> str:
        return self.rows[0].file

    @property
    def need(self) -> str:
        return self.rows[0].need

    @property
    def symbol(self) -> str:
        return self.rows[0].symbol

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([row.file for row in self.rows]))

    @property
    def sentence(self) -> str:
        """The sentence, with names from the wheel as they are; ``str()`` makes it safe to print."""
        worst, others = self.rows[0], len(self.files) - 1
        subject, tail = worst.file, ""
        if others and all(row.need == worst.need for row in self.rows):
            subject += f" (and {others} more)"
        elif others:
            tail = f"; {others} more {'file exceeds' if others == 1 else 'files exceed'} that"
        need = f"{worst.need} ({worst.symbol}@{worst.need})" if worst.symbol else worst.need
        return f"{subject} {self.text.replace('{need}', need)}{tail}".strip()

    def __str__(self) -> str:
        return _errors.printable(self.sentence, MAX_SENTENCE)

    def as_dict(self) -> dict[str, object]:
        """The finding as JSON has it."""
        texts = {name: getattr(self, name) for name in ("rule", "file", "need", "symbol", "have", "sentence", "remedy")}
        return {"kind": str(self.kind), **texts, "files": list(self.files)}


@dataclass(frozen=True, slots=True)
class Audit:
    """The verdict on one wheel. Truthy where nothing is wrong with it; as text it is one line.

    >>> from mltags.audit import Audit
    >>> verdict = Audit("demo-1.0-py3-none-any.whl", ("any",), "any")
    >>> verdict.correct, verdict.loads, verdict.findings
    (True, True, ())
    >>> print(verdict)
    demo-1.0-py3-none-any.whl: tags are correct (any, lowest tag any); loads here

    * ``name``: its filename; ``claims``: its platform tags.
    * ``lowest_tag``: the platform tag of the oldest system that its contents run on; empty where no single one would do.
    * ``image_tag``: the next newer tag for which build images exist; empty if they exist for the lowest tag, or for none.
    * ``glibc``: the highest version of glibc that it needs; None if it needs none.
    * ``findings``: worst first.
    * ``is_judged``: False if the wheel is for systems whose files are not looked at (Windows, macOS, iOS, Emscripten).
    * ``is_load_judged``: False if the target is not a machine of the wheel's system: a wheel for Android, judged on Linux.
    * ``target``: which machine was meant by "loads", in words; empty for this machine.
    """

    __module__ = str(__package__)
    name: str
    claims: tuple[str, ...]
    lowest_tag: str
    glibc: _core.Glibc | None = None
    findings: tuple[Finding, ...] = ()
    image_tag: str = ""
    is_judged: bool = True
    is_load_judged: bool = True
    target: str = ""

    def _has(self, *kinds: Kind) -> bool:
        return any(finding.kind in kinds for finding in self.findings)

    @property
    def correct(self) -> bool | None:
        """Whether the contents are what the name and the metadata say; None: not judged."""
        return False if self._has(Kind.FILE, Kind.TAG) else True if self.is_judged else None

    @property
    def loads(self) -> bool | None:
        """Whether the target can load it; None: not judged."""
        return False if self._has(Kind.LOAD) else True if self.is_judged and self.is_load_judged else None

    def __bool__(self) -> bool:
        return self.correct is not False and self.loads is not False

    def is_clean(self, *, strict: bool = False) -> bool:
        """Whether nothing is wrong with it; *strict*: and there are no remarks either."""
        return bool(self) and not (strict and self.findings)

    def without(self, is_ignored: Callable[[str, str], bool]) -> tuple[Audit, tuple[Finding, ...]]:
        """The verdict without the findings that are ignored, and these; see :func:`ignoring`."""
        stay, ignored = without(self.findings, is_ignored)
        # If the target refuses a wheel, nothing else was checked.
        is_unseen = any(finding.rule == "target" for finding in ignored)
        return replace(self, findings=stay, is_load_judged=self.is_load_judged and not is_unseen), ignored

    def __str__(self) -> str:
        correct = {True: "tags are correct", False: "tags are not correct", None: "not judged"}[self.correct]
        if self._has(Kind.FILE) and not self._has(Kind.TAG):
            correct = "the file has faults"
        needs = f", needs glibc {self.glibc}" if self.glibc else ""
        lowest = f", lowest tag {self.lowest_tag}" if self.lowest_tag else ", no single lowest tag"
        if self.image_tag:
            lowest += f" (the next build image is for {self.image_tag})"
        loads = {True: "loads here", False: "does not load here", None: ""}[self.loads]
        if self.target and self.loads is not None:
            loads = f"{'should load' if self.loads else 'does not load'} on {self.target}"
        claims = _errors.printable(".".join(self.claims))
        details = f"{claims}{needs}{lowest}" if self.is_judged else claims
        return f"{_errors.printable(self.name)}: {correct} ({details}){'; ' if loads else ''}{loads}"

    def as_dict(self) -> dict[str, object]:
        """The verdict as JSON has it."""
        row = {
            name: getattr(self, name) for name in ("name", "claims", "correct", "loads", "lowest_tag", "image_tag", "target")
        }
        row["claims"] = list(self.claims)
        row["lowest_tag"], row["image_tag"] = self.lowest_tag or None, self.image_tag or None
        glibc = [self.glibc.major, self.glibc.minor] if self.glibc else None
        return {**row, "glibc": glibc, "findings": [finding.as_dict() for finding in self.findings]}


@dataclass(frozen=True, slots=True)
class Together:
    """The verdicts on several wheels, in the order given (an error for each one that cannot be read), and their conflicts, which may
    be remarks; ``captures``: harmless overlaps between them, if they were asked for.

    Truthy where nothing is wrong with any of them and they do not conflict.

    >>> from mltags.audit import Audit, Together
    >>> bool(Together((Audit("demo-1.0-py3-none-any.whl", ("any",), "any"),), ()))
    True
    """

    __module__ = str(__package__)
    wheels: tuple[Audit | Error, ...]
    conflicts: tuple[Finding, ...]
    captures: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        is_harmless = all(finding.kind is Kind.REMARK for finding in self.conflicts)
        return is_harmless and all(isinstance(wheel, Audit) and wheel for wheel in self.wheels)


def without(
    findings: Iterable[Finding], is_ignored: Callable[[str, str], bool]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Divide *findings*, row by row, into those that stay and those that are ignored.

    *is_ignored* is asked (rule, file); :func:`ignoring` makes one from texts.

    >>> from mltags.audit import Finding, Kind, ignoring, without
    >>> found = Finding(Kind.REMARK, "stack", [("a.so",), ("b.so",)], "", "asks for an executable stack")
    >>> stay, ignored = without([found], ignoring(["stack:a*"]))
    >>> str(stay[0]), str(ignored[0])
    ('b.so asks for an executable stack', 'a.so asks for an executable stack')
    """
    stay, ignored = [], []
    for finding in findings:
        parts: dict[bool, list[Row]] = {False: [], True: []}
        for row in finding.rows:
            parts[is_ignored(finding.rule, row.file)].append(row)
        stay += [replace(finding, rows=tuple(parts[False]))] * bool(parts[False])
        ignored += [replace(finding, rows=tuple(parts[True]))] * bool(parts[True])
    return tuple(stay), tuple(ignored)


def ignoring(words: Iterable[str]) -> Callable[[str, str], bool]:
    """Make a function for :func:`without` from texts ``RULE`` or ``RULE:FILE-PATTERN``.

    >>> from mltags.audit import ignoring
    >>> is_ignored = ignoring(["library:torch/lib/*", "stack"])
    >>> is_ignored("library", "torch/lib/libtorch.so"), is_ignored("library", "torch/_C.so"), is_ignored("stack", "torch/_C.so")
    (True, False, True)

    Raises:
        InvalidTarget: there is no such rule.
    """
    pairs = [(rule, pattern) for rule, _, pattern in [word.partition(":") for word in words]]
    for rule, _ in pairs:
        if rule not in RULES:
            raise _errors.InvalidTarget(rule, "rule", f"expected one of {', '.join(sorted(RULES))}")
    return lambda rule, file: any(rule == one and (not pattern or fnmatchcase(file, pattern)) for one, pattern in pairs)
