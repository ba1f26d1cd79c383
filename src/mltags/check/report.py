"""The result of a check, as values, and as text, JSON, Markdown and HTML."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from .. import _core, _errors, _explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from .._core import Glibc, Musl
    from .._explain import Mismatch
    from ..audit.findings import Finding


class InvalidSubject(_errors._InvalidInputError):
    """A lock, a page, a project or an environment that cannot be checked: ``text`` names it, ``part`` is the package, the line or
    the index at fault.

    >>> import mltags.check
    >>> mltags.check.check_lock("version = 9", kind="uv.lock", targets={})
    Traceback (most recent call last):
    mltags.check.InvalidSubject: cannot check 'uv.lock': version: expected 1, found 9
    """

    __module__ = str(__package__)
    _headline = "cannot check"


#: A URL after its scheme: perhaps a user and a password (everything up to the last "@"), and perhaps a query.
_URL = re.compile(r"://([^\s'\"]*@)?([^\s'\"?#]*)([?#][^\s'\"]*)?")


def redact(text: str) -> str:
    """*text* without the parts of URLs that may be secret: user, password, query and fragment."""
    return _URL.sub(lambda found: f"://{'****@' if found[1] else ''}{found[2]}{'?****' if found[3] else ''}", text)


def shown(text: str, limit: int | None = _errors.MAX_SHOWN) -> str:
    """Untrusted *text* made safe to print: redacted, on one line, without control characters."""
    return _errors.printable(redact(text), limit)


class Verdict(Enum):
    """The verdict on a package on a target.

    >>> import mltags.check
    >>> mltags.check.Verdict("sdist only")
    <Verdict.SDIST: 'sdist only'>
    """

    __module__ = str(__package__)
    WHEEL = "wheel"
    SDIST = "sdist only"
    REFUSED = "refused"
    NOT_NEEDED = "not needed"
    LOADS = "loads"
    BROKEN = "broken"
    NOT_JUDGED = "not judged"


#: How each verdict looks: its shape, so that colour is never needed; its colour on a terminal; its class on a page.
_LOOKS = {
    Verdict.WHEEL: ("✓", "green", "good"),
    Verdict.SDIST: ("◆", "yellow", "half"),
    Verdict.REFUSED: ("✗", "red", "bad"),
    Verdict.LOADS: ("✓", "green", "good"),
    Verdict.BROKEN: ("✗", "red", "bad"),
    Verdict.NOT_NEEDED: ("–", "dim", "none"),  # noqa: RUF001 -- a dash is what is meant
    Verdict.NOT_JUDGED: ("?", "magenta", "none"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One package on one target. True if nothing is in the way.

    >>> import mltags, mltags.check
    >>> target = mltags.Target.from_tags(["py3-none-any"])
    >>> report = mltags.check.check(["demo-1.0-py3-none-any.whl"], {"pure": target})
    >>> report.rows[0].package, report.rows[0].verdict, report.rows[0].wheel
    ('demo', <Verdict.WHEEL: 'wheel'>, 'demo-1.0-py3-none-any.whl')

    * ``package``, ``version``: the normalized name, and the version; empty if it is unknown.
    * ``target``: the name of the target's column.
    * ``fits``: False if it is refused, or if only an sdist is left and wheels were asked for.
    * ``wheel``: the chosen wheel; ``sdist``: the source distribution in its place; empty otherwise.
    * ``mismatch``: the nearest miss, a :class:`mltags.Mismatch`, if there are wheels and none fits.
    * ``sentence``: the verdict in words; ``note``: what else to know; empty for nothing.
    * ``hashes``: those of the chosen file, ``sha256:...``.
    * ``findings``, ``folder``: for an installed distribution, what is wrong with it, worst first, and which of several environments it
      is in.
    """

    __module__ = str(__package__)
    package: str
    version: str
    target: str
    verdict: Verdict
    fits: bool = True
    wheel: str = ""
    sdist: str = ""
    mismatch: Mismatch | None = None
    sentence: str = ""
    note: str = ""
    hashes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    folder: str = ""

    def __bool__(self) -> bool:
        return self.fits

    def __str__(self) -> str:
        return f"{self.title}: {self.text}"

    @property
    def title(self) -> str:
        """Name and version."""
        return shown(f"{self.package} {self.version}".strip())

    @property
    def text(self) -> str:
        """Sentence and note."""
        return shown(f"{self.sentence}; {self.note}" if self.note else self.sentence, None)

    @property
    def looks(self) -> tuple[str, str, str]:
        """The shape, the colour and the class of its verdict."""
        return _LOOKS[self.verdict if self.fits else Verdict.REFUSED]

    @property
    def shape(self) -> str:
        """The sign of its verdict, so that colour is never needed."""
        return self.looks[0]

    @property
    def short(self) -> str:
        """A few words for a cell of a table."""
        if self.mismatch is None:
            return self.verdict.value
        words = _few_words(self.mismatch)
        return words if self.verdict is Verdict.REFUSED else f"sdist ({words})"


def _few_words(miss: Mismatch) -> str:
    """What a wheel needs and the target lacks, in two or three words."""
    if isinstance(miss.need, (_core.Glibc, _core.Musl)):
        return f"{miss.need.family} {miss.need}"
    if miss.reason is _explain.Reason.MALFORMED:
        return "malformed"
    return shown(f"for {miss.need}", 40) if miss.need else str(miss.reason).replace("_", " ")


@dataclass(frozen=True, slots=True)
class Needs:
    """The lowest C libraries with which every package that is needed has a wheel, for the Python and the architecture of one target.

    >>> import mltags
    >>> needs = Needs("x86_64", mltags.Glibc(2, 28), "numpy 2.3.2", None, "pyodbc 5.5.0")
    >>> str(needs)
    'glibc 2.28 (numpy 2.3.2); no musl would do (pyodbc 5.5.0)'

    ``Glibc(0, 0)`` and ``Musl(0, 0)``: any version will do; None: no version will. ``glibc_package``, ``musl_package``: the package that
    needs this version, or that has no such wheel. Packages without any wheel do not count.
    """

    __module__ = str(__package__)
    arch: str
    glibc: Glibc | None
    glibc_package: str
    musl: Musl | None
    musl_package: str

    def __str__(self) -> str:
        words = [
            f"no {family} would do ({shown(package)})"
            if version is None
            else f"{family} {version} ({shown(package)})"
            if version.major
            else f"any {family}"
            for family, version, package in (("glibc", self.glibc, self.glibc_package), ("musl", self.musl, self.musl_package))
        ]
        return "; ".join(words)


def _counted_words(verdict: Verdict, count: int, *, is_alone: bool) -> str:
    if verdict is Verdict.WHEEL:
        return f"{count} wheel{'s' * (count != 1)}"
    if verdict is Verdict.LOADS:
        return f"{count} package{'s' * (count != 1)}" if is_alone else f"{count} load{'s' * (count == 1)}"
    return f"{count} {verdict.value}"


@dataclass(frozen=True, slots=True)
class Column:
    """One target of a report.

    >>> import mltags, mltags.check
    >>> report = mltags.check.check(["demo-1.0-py2-none-any.whl"], {"pure": mltags.Target.from_tags(["py3-none-any"])})
    >>> report.columns[0].fits, str(report.columns[0])
    (False, 'pure: does not fit: 1 refused')

    * ``name``: the name that the caller gave it; ``description``: the target in words.
    * ``fits``: whether every package fits; None if nothing could be judged.
    * ``problems``: why the whole lock is not for this target, such as its ``requires-python``.
    * ``counts``: how many packages have each verdict; ``needs``: see :class:`Needs`; None on systems other than Linux.
    """

    __module__ = str(__package__)
    name: str
    description: str
    fits: bool | None
    problems: tuple[str, ...]
    counts: tuple[tuple[Verdict, int], ...]
    needs: Needs | None

    @property
    def verdict(self) -> str:
        """In words: whether everything fits."""
        return {True: "fits", False: "does not fit", None: "not judged"}[self.fits]

    @property
    def looks(self) -> tuple[str, str, str]:
        """The shape, the colour and the class of its verdict."""
        return _LOOKS[{True: Verdict.WHEEL, False: Verdict.REFUSED, None: Verdict.NOT_JUDGED}[self.fits]]

    @property
    def details(self) -> str:
        """Counts, what is wrong with the whole lock, and the C libraries that would suit every package."""
        words = [_counted_words(verdict, count, is_alone=len(self.counts) == 1) for verdict, count in self.counts]
        parts = [", ".join(words) or "no packages"]
        parts += [shown(problem, None) for problem in self.problems]
        if self.needs:
            parts.append(f"lowest for wheels only: {self.needs}")
        return "; ".join(parts)

    def __str__(self) -> str:
        return f"{shown(self.name)}: {self.verdict}: {self.details}"


@dataclass(frozen=True, slots=True)
class Report:
    """What :func:`mltags.check.check` found. Truthy where everything fits every target and something was judged.

    >>> import mltags, mltags.check
    >>> report = mltags.check.check(["demo-1.0-py3-none-any.whl"], {"pure": mltags.Target.from_tags(["py3-none-any"])})
    >>> bool(report), [row.wheel for row in report.rows]
    (True, ['demo-1.0-py3-none-any.whl'])
    >>> print(report.requirements("pure"), end="")
    demo==1.0

    * ``subject``: what was checked, in words; ``kind``: ``"pylock.toml"``, ``"uv.lock"``, ``"poetry.lock"``, ``"requirements"``,
      ``"wheels"``, ``"page"`` or ``"environment"``.
    * ``columns``: a :class:`Column` for each target; ``rows``: a :class:`Row` for each package and target, in the subject's order.
    * ``notes``: what else to know.
    """

    __module__ = str(__package__)
    subject: str
    kind: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.columns) and all(column.fits for column in self.columns)

    def column(self, target: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == target:
                return column
        raise KeyError(target)

    def by_package(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        """Each package's name and version with its rows, one for each column, in the order of the subject."""
        count = len(self.columns)
        for start in range(0, len(self.rows), count or 1):
            rows = self.rows[start : start + count]
            versions = {row.version for row in rows}
            yield (rows[0].title if len(versions) == 1 else shown(rows[0].package)), rows

    def to_json(self) -> str:
        """One line of JSON; ``docs/check.md`` explains its keys."""
        return json.dumps(
            {
                "mltags": 1,
                "subject": shown(self.subject),
                "kind": self.kind,
                "fits": bool(self),
                "targets": [
                    {
                        "name": column.name,
                        "description": column.description,
                        "fits": column.fits,
                        "problems": [redact(problem) for problem in column.problems],
                        "counts": {verdict.value: count for verdict, count in column.counts},
                        "needs": _needs_as_json(column.needs),
                    }
                    for column in self.columns
                ],
                "packages": [_row_as_json(row) for row in self.rows],
                "notes": [redact(note) for note in self.notes],
            }
        )

    def to_markdown(self) -> str:
        """Markdown for the summary of a CI run: a summary of each target, what does not fit, and the rest folded."""
        return _markdown(self)

    def to_html(self) -> str:
        """A self-contained page without scripts."""
        return _page(self)

    def requirements(self, target: str) -> str:
        """The files chosen for one target as lines ``name==version --hash=...``, in the order of the lock.

        For ``pip download --require-hashes --no-deps -r`` and ``uv pip sync``. Packages that were not judged are comments.

        Raises:
            KeyError: there is no such target.
            InvalidSubject: something does not fit the target, or the report is on an environment, so there is no such list.
        """
        column = self.column(target)
        if self.kind == "environment":
            raise InvalidSubject(self.subject, target, "files that are installed cannot be chosen; `pip freeze` lists them")
        if column.fits is False:
            raise InvalidSubject(self.subject, target, "does not fit, so there is no list to install from")
        lines = []
        for row in self.rows:
            if row.target == target and row.verdict is Verdict.NOT_JUDGED:
                lines.append(f"# {row.title}: {row.text}")
            elif row.target == target and row.verdict is not Verdict.NOT_NEEDED:
                hashes = "".join([f" \\\n    --hash={value}" for value in row.hashes])
                lines.append(f"{row.package}=={row.version}{hashes}")
        return "".join([f"{line}\n" for line in lines])


def counted(rows: Iterable[Row]) -> tuple[tuple[Verdict, int], ...]:
    """How many *rows* have each verdict, in the order of :class:`Verdict`."""
    counts = Counter([row.verdict for row in rows])
    return tuple([(verdict, counts[verdict]) for verdict in Verdict if verdict in counts])


def _needs_as_json(needs: Needs | None) -> dict[str, object] | None:
    if needs is None:
        return None
    known: dict[str, object] = {"arch": needs.arch}
    for family in ("glibc", "musl"):
        version = getattr(needs, family)
        known[family] = version and [version.major, version.minor]
        known[f"{family}_package"] = getattr(needs, f"{family}_package")
    return known


def _row_as_json(row: Row) -> dict[str, object]:
    known: dict[str, object] = {
        name: getattr(row, name) for name in ("package", "version", "target", "fits", "wheel", "sdist", "note")
    }
    known["verdict"] = row.verdict.value
    known["sentence"] = redact(row.sentence)
    known["hashes"] = list(row.hashes)
    if row.verdict in {Verdict.LOADS, Verdict.BROKEN} or row.findings:
        known["findings"] = [finding.as_dict() for finding in row.findings]
        known["folder"] = row.folder
    miss = row.mismatch
    known["mismatch"] = (
        None if miss is None else {"name": miss.name, "reason": str(miss.reason), "tag": miss.tag, "because": miss.because}
    )
    return known


def print_report(report: Report, console: Console, *, all: bool = False) -> None:  # noqa: A002 -- as the option
    """Print *report* for people: a table of what does not fit (of everything if *all*), why, and a line for each target.

    Every text of the report reaches rich as ``Text``, never as markup.
    """
    from rich.table import Table
    from rich.text import Text

    packages = [(title, rows) for title, rows in report.by_package() if all or not _is_quiet(rows)]
    if packages:
        table = Table(box=None, pad_edge=False)
        for head in ("package", *[shown(column.name) for column in report.columns]):
            table.add_column(Text(head))
        for title, rows in packages:
            cells = [Text(f"{row.shape} {row.short}", style=row.looks[1]) for row in rows]
            table.add_row(Text(title), *cells)
        console.print(table)
        console.print()
    for text, targets in _grouped(packages).items():
        console.print(Text.assemble((", ".join(targets), "bold"), ": ", text), soft_wrap=not console.is_terminal)
    for column in report.columns:
        line = Text.assemble((shown(column.name), "bold"), ": ", (column.verdict, column.looks[1]), ": ", column.details)
        console.print(line, soft_wrap=not console.is_terminal)
    for note in report.notes:
        console.print(Text(f"note: {shown(note, None)}"), soft_wrap=not console.is_terminal)


def _is_quiet(rows: tuple[Row, ...]) -> bool:
    """Whether there is nothing to say about a package: it fits every target as a wheel, or is not needed."""
    return all(row.fits and row.verdict in {Verdict.WHEEL, Verdict.LOADS, Verdict.NOT_NEEDED} and not row.note for row in rows)


def _grouped(packages: Iterable[tuple[str, tuple[Row, ...]]]) -> dict[str, list[str]]:
    """The sentences of what does not fit or has a note, without duplicates, each with its targets."""
    found: dict[str, list[str]] = {}
    for _, rows in packages:
        for row in rows:
            if not row.fits or row.note or row.verdict is Verdict.NOT_JUDGED:
                names = found.setdefault(str(row), [])
                if shown(row.target) not in names:
                    names.append(shown(row.target))
    return found


# Markdown

_MARKDOWN = {ord(c): f"\\{c}" for c in "\\`*_{}[]<>()#!|~+=$^\"'"} | {ord("&"): "&amp;", ord("@"): "&#64;"}
#: What GitHub turns into links and pictures by itself: addresses and :names:.
_AUTOMATIC = re.compile(r":(?=\S)|(?<=www)\.", re.IGNORECASE)


def markdown_text(text: str) -> str:
    """*text* escaped for Markdown: it cannot become a link, an image, a tag, a mention or the end of a cell."""
    return _AUTOMATIC.sub(lambda found: f"&#{ord(found[0])};", shown(text, None).translate(_MARKDOWN))


def _markdown(report: Report) -> str:
    packages = list(report.by_package())
    loud = [(title, rows) for title, rows in packages if not _is_quiet(rows)]
    quiet = [(title, rows) for title, rows in packages if _is_quiet(rows)]
    lines = [f"### {'✓' if report else '✗'} {markdown_text(report.subject)}", ""]
    lines += [
        f"- **{markdown_text(column.name)}** {column.verdict}: {markdown_text(column.details)}" for column in report.columns
    ]
    lines += [f"- note: {markdown_text(note)}" for note in report.notes]
    lines += _table(report, loud)
    grouped = _grouped(loud)
    lines += [""] * bool(grouped)
    lines += [
        f"- {', '.join([markdown_text(name) for name in names])}: {markdown_text(text)}" for text, names in grouped.items()
    ]
    if quiet:
        lines += [
            "",
            f"<details><summary>What fits ({len(quiet)} of {len(packages)})</summary>",
            *_table(report, quiet),
            "",
            "</details>",
        ]
    return "\n".join([*lines, ""])


def _table(report: Report, packages: list[tuple[str, tuple[Row, ...]]]) -> list[str]:
    if not packages:
        return []
    heads = ["package", *[markdown_text(column.name) for column in report.columns]]
    lines = ["", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for title, rows in packages:
        cells = [markdown_text(title), *[f"{row.shape} {markdown_text(row.short)}" for row in rows]]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


# HTML

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #c62828; --half: #9a6700; --none: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72; --half: #d4a72c; --none: #9198a1; } }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 100rem; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
ul { list-style: none; padding: 0; display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
li { border: 1px solid var(--line); border-left: .4rem solid var(--none); border-radius: .4rem; padding: .5rem .8rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-top: 1px solid var(--line); }
small { display: block; color: inherit; opacity: .8; font-size: .8rem; }
.mark { font-weight: 600; } .mark span { display: inline-block; width: 1.3em; }
.good .mark { color: var(--good); } .bad .mark { color: var(--bad); } .half .mark { color: var(--half); } .none .mark { color: var(--none); }
li.good { border-left-color: var(--good); } li.bad { border-left-color: var(--bad); }
summary { cursor: pointer; margin: 1.5rem 0 .5rem; font-weight: 600; }
@media (max-width: 45rem) {
  thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  table, tbody, tr, th, td { display: block; } tr { border-top: 2px solid var(--line); padding: .5rem 0; }
  th, td { border: 0; padding: .25rem 0; } td::before { content: attr(data-target); display: block; font-size: .8rem; opacity: .8; }
}
"""


def html_text(text: str) -> str:
    """*text* escaped for any place in HTML."""
    return html.escape(shown(text, None))


def html_page(title: str, parts: Iterable[str]) -> str:
    """A self-contained page with that title, without scripts; *parts* are HTML."""
    title = html_text(title)
    head = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>",
    ]
    return "\n".join([*head, *parts, "</main>\n</body>\n</html>\n"])


def _page(report: Report) -> str:
    packages = list(report.by_package())
    bad = [(title, rows) for title, rows in packages if not all(rows)]
    rest = [(title, rows) for title, rows in packages if all(rows)]
    notes = [f"<p>Note: {html_text(note)}</p>" for note in report.notes]
    parts = ["<ul>", *[_card(column) for column in report.columns], "</ul>", *notes]
    if bad:
        parts += [f"<h2>What does not fit ({len(bad)} of {len(packages)})</h2>", *_matrix(report, bad)]
    if rest:
        words = f"Nothing in the way ({len(rest)} of {len(packages)})"
        parts += [f"<details{' open' * (not bad)}><summary>{words}</summary>", *_matrix(report, rest), "</details>"]
    return html_page(f"{report.subject}: {'fits everywhere' if report else 'does not fit everywhere'}", parts)


def _card(column: Column) -> str:
    shape, _, kind = column.looks
    mark = f'<div class="mark"><span aria-hidden="true">{shape}</span>{html_text(column.name)}: {column.verdict}</div>'
    return f'<li class="{kind}">{mark}<small>{html_text(column.details)}</small><small>{html_text(column.description)}</small></li>'


def _matrix(report: Report, packages: list[tuple[str, tuple[Row, ...]]]) -> list[str]:
    heads = "".join([f'<th scope="col">{html_text(column.name)}</th>' for column in report.columns])
    lines = [f'<table>\n<thead><tr><th scope="col">package</th>{heads}</tr></thead>\n<tbody>']
    for title, rows in packages:
        cells = "".join([_cell(row) for row in rows])
        lines.append(f'<tr><th scope="row">{html_text(title)}</th>{cells}</tr>')
    return [*lines, "</tbody>\n</table>"]


def _cell(row: Row) -> str:
    shape, _, kind = row.looks
    mark = f'<div class="mark"><span aria-hidden="true">{shape}</span>{html_text(row.short)}</div>'
    return f'<td class="{kind}" data-target="{html_text(row.target)}">{mark}<small>{html_text(row.text)}</small></td>'


# Annotations

#: Escapes in the text of a workflow command of GitHub, and in its title.
_IN_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_TITLE = {**_IN_TEXT, **str.maketrans({":": "%3A", ",": "%2C"})}


def annotation(level: str, title: str, text: str) -> str:
    """A workflow command of GitHub: *level* is ``error``, ``warning`` or ``notice``."""
    return f"::{level} title={shown(title, None).translate(_IN_TITLE)}::{shown(text, None).translate(_IN_TEXT)}"
