"""What a report says, and that every format says it safely: one hostile corpus through all of them."""

import html.parser
import io
import json
import pickle
import re
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest
import rich.console

import mltags
from mltags.check import Column, InvalidSubject, Needs, Report, Row, Verdict, check, check_lock, print_report, report
from mltags.check.report import _grouped

OLD = mltags.Target.of(python_version="3.11", implementation="cp", platform="manylinux_2_17_x86_64")
MUSL = mltags.Target.of(python_version="3.11", implementation="cp", platform="musllinux_1_2_x86_64")
TARGETS = {"centos-7": OLD, "alpine-3.20": MUSL}
LOCK = """
version = 1
requires-python = ">=3.9"
package = [
  {name = "root", version = "1", source = {virtual = "."}, dependencies = [
    {name = "pure"}, {name = "newer"}, {name = "built"}, {name = "git"}, {name = "win", marker = "sys_platform == 'win32'"},
    {name = "late", marker = "python_full_version >= '3.11.3'"}]},
  {name = "pure", version = "1.0", wheels = [{url = "pure-1.0-py3-none-any.whl", hash = "sha256:00"}]},
  {name = "newer", version = "2.0", wheels = [
    {url = "newer-2.0-cp311-cp311-manylinux_2_28_x86_64.whl"}, {url = "newer-2.0-cp311-cp311-musllinux_1_1_x86_64.whl"}]},
  {name = "built", version = "3.0", sdist = {url = "built-3.0.tar.gz", hash = "sha256:11"}, wheels = [
    {url = "built-3.0-cp311-cp311-manylinux2014_x86_64.whl", hash = "sha256:22"}]},
  {name = "git", version = "4.0", source = {git = "https://user:secret@example.org/git"}},
  {name = "win", version = "5.0", wheels = [{url = "win-5.0-py3-none-any.whl"}]},
  {name = "late", version = "6.0", wheels = [{url = "late-6.0-py3-none-any.whl"}]},
]
"""


def made(**options: Any) -> Any:
    return check_lock(LOCK, kind="uv.lock", targets=TARGETS, **options)


def printed(found: Any, width: Any = 100, **options: Any) -> Any:
    stream = io.StringIO()
    console = rich.console.Console(file=stream, width=width, force_terminal=options.pop("color", None))
    print_report(found, console, **options)
    return stream.getvalue()


NEWER = (
    "newer-2.0-cp311-cp311-manylinux_2_28_x86_64.whl: needs glibc 2.28 or newer (manylinux_2_28_x86_64); "
    "the target has glibc 2.17 (declared)"
)


class TestValues:
    """Rows and columns as values."""

    def test_a_report(self) -> None:
        found = made()
        assert [bool(column.fits) for column in found.columns] == [False, True]
        assert [str(column) for column in found.columns] == [
            (
                "centos-7: does not fit: 3 wheels, 1 refused, 1 not needed, 1 not judged; "
                "lowest for wheels only: glibc 2.28 (newer 2.0); no musl would do (built 3.0)"
            ),
            (
                "alpine-3.20: fits: 3 wheels, 1 sdist only, 1 not needed, 1 not judged; "
                "lowest for wheels only: glibc 2.28 (newer 2.0); no musl would do (built 3.0)"
            ),
        ]
        assert found.columns[0].needs == Needs("x86_64", mltags.Glibc(2, 28), "newer 2.0", None, "built 3.0")
        assert [title for title, _ in found.by_package()] == [
            "pure 1.0",
            "newer 2.0",
            "built 3.0",
            "git 4.0",
            "win 5.0",
            "late 6.0",
        ]
        assert found.column("centos-7") is found.columns[0]
        with pytest.raises(KeyError):
            found.column("other")

    def test_pickles(self) -> None:
        found = made()
        assert pickle.loads(pickle.dumps(found)) == found

    def test_versions_of_several_columns(self) -> None:
        names = ["a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "a-2.0-cp311-cp311-musllinux_1_1_x86_64.whl"]
        assert [title for title, _ in check(names, TARGETS).by_package()] == ["a"]

    def test_short_words(self) -> None:
        assert [row.short for row in made().rows if row.package in {"newer", "built"}] == [
            "glibc 2.28",
            "wheel",
            "wheel",
            "sdist (for glibc)",
        ]
        report = check_lock(
            'version = 1\npackage = [{name = "a", version = "1", wheels = [{url = "x.whl"}]}]', kind="uv.lock", targets=TARGETS
        )
        assert report.rows[0].short == "malformed"
        tags = mltags.Target.from_tags(["cp311-none-any"])
        assert check(["a-1-cp311-none-linux_x86_64.whl"], [tags]).rows[0].short == "for Linux"

    def test_tags_that_no_machine_accepts_need_nothing(self) -> None:
        tags = "manylinux_2_4_x86_64.manylinux_2_30_x86_64.manylinux_x_x86_64.musllinux_1_1_x86_64.linux_i686"
        needs = check([f"a-1.0-cp311-cp311-{tags}.whl"], TARGETS).columns[0].needs
        assert str(needs) == "glibc 2.30 (a); musl 1.1 (a)"

    @pytest.mark.parametrize(
        ("tags", "words"),
        [
            (["cp311-cp311-linux_x86_64"], "any glibc; any musl"),
            (["cp311-cp311-linux_aarch64"], "no glibc would do (a); no musl would do (a)"),
            (["py3-abi3-any", "cp311-cp311-manylinux_2_28_x86_64"], "glibc 2.28 (a); no musl would do (a)"),
            (["py2.py3-none-any", "cp311-cp311-manylinux_2_28_x86_64"], "any glibc; any musl"),
        ],
        ids=["a plain tag", "of another architecture", "any only goes with none", "a pure wheel"],
    )
    def test_which_wheels_count_for_the_lowest(self, tags: Any, words: Any) -> None:
        assert str(check([f"a-1.0-{tag}.whl" for tag in tags], TARGETS).columns[0].needs) == words

    def test_what_goes_with_any_platform_only_counts_for_no_other(self) -> None:
        """PyPy takes pp3-none-any, and pp3-none with no platform."""
        pypy = mltags.Target.of(
            python_version="3.11", implementation="pp", abis=["pypy311_pp73"], platform="manylinux_2_17_x86_64"
        )
        wheels = ["a-1.0-pp3-none-manylinux_2_5_x86_64.whl", "a-1.0-pp311-pypy311_pp73-manylinux_2_28_x86_64.whl"]
        assert str(check(wheels, pypy).columns[0].needs) == "glibc 2.28 (a); no musl would do (a)"
        assert str(check(["a-1.0-pp3-none-any.whl"], pypy).columns[0].needs) == "any glibc; any musl"

    def test_packages_without_wheels_need_none(self) -> None:
        found = check(["a-1.0.tar.gz"], TARGETS)
        assert str(found.columns[0]) == "centos-7: fits: 1 sdist only"

    @pytest.mark.parametrize(
        ("counts", "words"),
        [
            (((Verdict.WHEEL, 1),), "1 wheel"),
            (((Verdict.WHEEL, 9), (Verdict.REFUSED, 1)), "9 wheels, 1 refused"),
            (((Verdict.LOADS, 1),), "1 package"),
            (((Verdict.LOADS, 17),), "17 packages"),
            (((Verdict.LOADS, 1), (Verdict.BROKEN, 1)), "1 loads, 1 broken"),
            (((Verdict.LOADS, 2), (Verdict.BROKEN, 1)), "2 load, 1 broken"),
        ],
    )
    def test_numbers_in_words(self, counts: Any, words: Any) -> None:
        assert Column("there", "", True, (), counts, None).details == words

    def test_a_sentence_names_each_target_once(self) -> None:
        row = replace(made().rows[0], fits=False)
        assert _grouped([("pure", (row, row))]) == {"pure 1.0: pure-1.0-py3-none-any.whl": ["centos-7"]}

    def test_any_c_library(self) -> None:
        assert str(Needs("x86_64", mltags.Glibc(0, 0), "", mltags.Musl(0, 0), "")) == "any glibc; any musl"


class TestRequirements:
    """A list to install from, for one target that fits."""

    def test_lines(self) -> None:
        assert made().requirements("alpine-3.20") == (
            "pure==1.0 \\\n    --hash=sha256:00\n"
            "newer==2.0\n"
            "built==3.0 \\\n    --hash=sha256:11\n"
            "# git 4.0: from git\n"
            "late==6.0\n"
        )

    def test_of_what_does_not_fit(self) -> None:
        with pytest.raises(InvalidSubject) as caught:
            made().requirements("centos-7")
        assert str(caught.value) == "cannot check 'uv.lock': centos-7: does not fit, so there is no list to install from"


class TestText:
    """Text for people: what does not fit, why, and a line for each target."""

    def test_what_does_not_fit(self) -> None:
        text = printed(made(), 10_000)
        lines = [line.rstrip() for line in text.splitlines()]
        assert lines == [
            "package    centos-7      alpine-3.20",
            "newer 2.0  ✗ glibc 2.28  ✓ wheel",
            "built 3.0  ✓ wheel       ◆ sdist (for glibc)",
            "git 4.0    ? not judged  ? not judged",
            "late 6.0   ✓ wheel       ✓ wheel",
            "",
            f"centos-7: newer 2.0: {NEWER}",
            "centos-7, alpine-3.20: git 4.0: from git",
            "centos-7, alpine-3.20: late 6.0: late-6.0-py3-none-any.whl; needed on some patch releases of Python 3.11 only",
            *[str(column) for column in made().columns],
        ]

    def test_everything(self) -> None:
        assert "win 5.0    – not needed" in printed(made(), all=True)  # noqa: RUF001 -- a dash is what is meant

    def test_narrow_terminal(self) -> None:
        assert all(len(line) <= 40 for line in printed(made(), 40, color=True).splitlines() if "\x1b" not in line)

    def test_colour_on_a_terminal_only(self) -> None:
        assert "\x1b" not in printed(made())
        assert "\x1b[31m✗ glibc 2.28" in printed(made(only_binary=True), color=True)
        assert "\x1b[31m✗ sdist (for glibc)" in printed(made(only_binary=True), color=True)

    def test_where_all_fits(self) -> None:
        found = check(["a-1.0-py3-none-any.whl"], TARGETS)
        assert printed(found) == (
            "centos-7: fits: 1 wheel; lowest for wheels only: any glibc; any musl\n"
            "alpine-3.20: fits: 1 wheel; lowest for wheels only: any glibc; any musl\n"
        )


class TestJson:
    """One documented document."""

    def test_keys(self) -> None:
        found = json.loads(made().to_json())
        assert list(found) == ["mltags", "subject", "kind", "fits", "targets", "packages", "notes"]
        assert found["targets"][0] == {
            "name": "centos-7",
            "description": "Target cp311 on x86_64, glibc 2.17: 439 tags",
            "fits": False,
            "problems": [],
            "counts": {"wheel": 3, "refused": 1, "not needed": 1, "not judged": 1},
            "needs": {
                "arch": "x86_64",
                "glibc": [2, 28],
                "glibc_package": "newer 2.0",
                "musl": None,
                "musl_package": "built 3.0",
            },
        }
        row = next(row for row in found["packages"] if row["package"] == "newer")
        assert {
            key: row[key]
            for key in ("version", "target", "fits", "wheel", "sdist", "verdict", "sentence", "hashes", "mismatch")
        } == {
            "version": "2.0",
            "target": "centos-7",
            "fits": False,
            "wheel": "",
            "sdist": "",
            "verdict": "refused",
            "sentence": NEWER,
            "hashes": [],
            "mismatch": {
                "name": "newer-2.0-cp311-cp311-manylinux_2_28_x86_64.whl",
                "reason": "libc_too_old",
                "tag": "cp311-cp311-manylinux_2_28_x86_64",
                "because": "needs glibc 2.28 or newer (manylinux_2_28_x86_64); the target has glibc 2.17 (declared)",
            },
        }

    def test_other_systems_need_no_c_library(self) -> None:
        windows = mltags.Target.of(python_version="3.11", implementation="cp", platform="win_amd64")
        assert json.loads(check(["a-1.0-py3-none-any.whl"], [windows]).to_json())["targets"][0]["needs"] is None


class TestMarkdown:
    """A table for a CI summary."""

    def test_tables(self) -> None:
        assert made().to_markdown() == (
            "### ✗ uv.lock\n"
            "\n"
            "- **centos-7** does not fit: 3 wheels, 1 refused, 1 not needed, 1 not judged; lowest for wheels only: glibc 2.28 "
            "\\(newer 2.0\\); no musl would do \\(built 3.0\\)\n"
            "- **alpine-3.20** fits: 3 wheels, 1 sdist only, 1 not needed, 1 not judged; lowest for wheels only: glibc 2.28 "
            "\\(newer 2.0\\); no musl would do \\(built 3.0\\)\n"
            "\n"
            "| package | centos-7 | alpine-3.20 |\n"
            "|---|---|---|\n"
            "| newer 2.0 | ✗ glibc 2.28 | ✓ wheel |\n"
            "| built 3.0 | ✓ wheel | ◆ sdist \\(for glibc\\) |\n"
            "| git 4.0 | ? not judged | ? not judged |\n"
            "| late 6.0 | ✓ wheel | ✓ wheel |\n"
            "\n"
            "- centos-7: newer 2.0: newer-2.0-cp311-cp311-manylinux\\_2\\_28\\_x86\\_64.whl: needs glibc 2.28 or newer "
            "\\(manylinux\\_2\\_28\\_x86\\_64\\); the target has glibc 2.17 \\(declared\\)\n"
            "- centos-7, alpine-3.20: git 4.0: from git\n"
            "- centos-7, alpine-3.20: late 6.0: late-6.0-py3-none-any.whl; needed on some patch releases of Python 3.11 only\n"
            "\n"
            "<details><summary>What fits (2 of 6)</summary>\n"
            "\n"
            "| package | centos-7 | alpine-3.20 |\n"
            "|---|---|---|\n"
            "| pure 1.0 | ✓ wheel | ✓ wheel |\n"
            "| win 5.0 | – not needed | – not needed |\n"  # noqa: RUF001 -- a dash is what is meant
            "\n"
            "</details>\n"
        )

    def test_where_all_fits(self) -> None:
        found = replace(check(["a-1.0-py3-none-any.whl"], TARGETS), notes=("one <note>",))
        assert found.to_markdown() == (
            "### ✓ a-1.0-py3-none-any.whl\n"
            "\n"
            "- **centos-7** fits: 1 wheel; lowest for wheels only: any glibc; any musl\n"
            "- **alpine-3.20** fits: 1 wheel; lowest for wheels only: any glibc; any musl\n"
            "- note: one \\<note\\>\n"
            "\n"
            "<details><summary>What fits (1 of 1)</summary>\n"
            "\n"
            "| package | centos-7 | alpine-3.20 |\n"
            "|---|---|---|\n"
            "| a 1.0 | ✓ wheel | ✓ wheel |\n"
            "\n"
            "</details>\n"
        )

    def test_links_are_text(self) -> None:
        assert report.markdown_text("see www.example.org: a:b @c") == "see www&#46;example.org: a&#58;b &#64;c"


class TestRedaction:
    """Of a URL, the scheme, the host and the path are shown."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("https://example.org/x", "https://example.org/x"),
            ("https://user:pass@example.org/x", "https://****@example.org/x"),
            ("https://us@er:pa@example.org/x and 'https://token@h/'", "https://****@example.org/x and 'https://****@h/'"),
            ("https://example.org/x?token=1#part", "https://example.org/x?****"),
            ("git+ssh://git@example.org/x#egg=a", "git+ssh://****@example.org/x?****"),
        ],
    )
    def test_urls(self, text: str, shown: str) -> None:
        assert report.redact(text) == shown


#: What people would like to put on somebody's screen, or into somebody's page.
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload='x'>",
    "</td></table><h1>x",
    "&lt;b&gt;&amp;",
    "[link](https://example.org/x)",
    "![image](https://example.org/x)",
    "https://user:secret@example.org/x?token=secret#secret",
    "https://user:sec@ret@example.org/",
    "www.example.org",
    "@somebody #1 :smile: `code` | cell | ~~x~~ **y** __z__ \\",
    "[bold red]markup[/] [link=https://example.org]x[/link]",
    "line\nbreak\r\n::error::x",
    "::set-output name=x::y%0A%25",
    "\x1b[31mred\x1b]8;;https://example.org\x07\x9b",
    "\u202eright to left\u2066",
    "\ud800",
    "-->]]>{{ x }}${x}",
    "x" * 2000,
    "--index-url https://example.org",
]


def hostile_report(text: Any) -> Any:
    """A report that says *text* wherever somebody's text may stand."""
    target = mltags.Target.from_tags(["py3-none-any"])
    miss = target.explain(text)
    assert isinstance(miss, mltags.Mismatch)
    rows = (
        Row(text, text, text, Verdict.REFUSED, False, text, text, miss, text, text, (text,)),
        Row(text, text, text, Verdict.WHEEL, True, text, "", None, text, "", (text,)),
    )
    column = Column(text, text, False, (text,), ((Verdict.REFUSED, 1),), Needs("x86_64", mltags.Glibc(2, 28), text, None, text))
    return Report(text, "wheels", (column,), rows, (text,))


class Page(html.parser.HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: Any, attrs: Any) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: Any) -> None:
        self.text += data


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
class TestHostileNames:
    """One corpus, all formats: nobody's text becomes markup, a link, a line, a control sequence or a command; no secret is shown."""

    def test_text(self, text: Any) -> None:
        out = printed(hostile_report(text), 10_000, all=True)
        assert_is_plain(out)
        assert len(out.splitlines()) == 7
        if "[bold red]" in text:
            assert "[bold red]markup[/] [link=https://example.org]x[/link]" in out

    def test_json(self, text: Any) -> None:
        out = hostile_report(text).to_json()
        assert "\n" not in out
        assert out.isascii()
        assert json.loads(out)["packages"][0]["fits"] is False
        assert "secret" not in json.loads(out)["packages"][0]["sentence"]

    def test_markdown(self, text: Any) -> None:
        out = hostile_report(text).to_markdown()
        assert_is_plain(out)
        plain = re.sub(r"\\[!-/:-@\[-`{-~]|&(amp|#\d+);|</?(details|summary)>", "", out)
        assert not re.search(r"[<>`\[\]]|https?:|www\.|@|:[a-z]+:", plain)
        tables = [line for line in out.splitlines() if line.startswith("|")]
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {3}

    def test_html(self, text: Any) -> None:
        out = hostile_report(text).to_html()
        page = Page(out)
        assert_is_plain(page.text)
        assert page.tags == {
            *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "ul", "li", "div", "span", "small", "p"),
            *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
        }
        assert page.attributes == {
            *("lang", "charset", "http-equiv", "content", "name", "class", "aria-hidden", "scope", "data-target")
        }
        assert "default-src 'none'; style-src 'unsafe-inline'" in out
        assert "url(" not in out.partition("</style>")[0]

    def test_annotations(self, text: Any) -> None:
        out = report.annotation("error", text, text)
        assert len(out.splitlines()) == 1
        assert out.startswith("::error title=")
        assert_is_plain(out)
        title = out.removeprefix("::error title=").partition("::")[0]  # what GitHub takes for it
        assert title == "".join(
            [{"%": "%25", ":": "%3A", ",": "%2C"}.get(letter, letter) for letter in report.shown(text, None)]
        )

    def test_locks(self, text: Any) -> None:
        """Through the readers: names that are no names are refused, and what is refused is shown safely."""
        quoted = json.dumps(text.encode("utf-8", "replace").decode())
        for kind, lock in {
            "uv.lock": f'version = 1\npackage = [{{name = {quoted}, version = "1", wheels = [{{url = {quoted}}}]}}]',
            "poetry.lock": f'[[package]]\nname = "a"\nversion = {quoted}\nfiles = [{{file = {quoted}}}]\n[metadata]\n',
            "pylock.toml": f'lock-version = "1.0"\ncreated-by = {quoted}\n[[packages]]\nname = {quoted}\n',
            "requirements": text,
        }.items():
            try:
                found = check_lock(lock, kind=kind, targets={"there": OLD})
            except InvalidSubject as error:
                assert_is_plain(str(error))
                continue
            out = printed(found, 10_000, all=True) + found.to_html() + found.to_markdown()
            assert "secret" not in out
            assert "<script" not in out


def assert_is_plain(text: Any) -> None:
    assert "secret" not in text
    assert "\x1b" not in text
    assert all(c.isprintable() or c == "\n" for c in text)


LOWEST = "lowest for wheels only: glibc 2.28 (newer 2.0); no musl would do (built 3.0)"
TABLE_HEAD = [
    "<table>",
    '<thead><tr><th scope="col">package</th><th scope="col">centos-7</th><th scope="col">alpine-3.20</th></tr></thead>',
    "<tbody>",
]


def mark(shape: str, words: str) -> str:
    return f'<div class="mark"><span aria-hidden="true">{shape}</span>{words}</div>'


def card(kind: str, shape: str, words: str, *texts: str) -> str:
    """A target in the list above the tables."""
    return f'<li class="{kind}">{mark(shape, words)}{"".join([f"<small>{text}</small>" for text in texts])}</li>'


def row(title: str, *cells: "tuple[str, str, str, str]") -> str:
    """A package in a table: (class, shape, words, sentence) for each target."""
    found = [
        f'<td class="{kind}" data-target="{target}">{mark(shape, words)}<small>{text}</small></td>'
        for target, (kind, shape, words, text) in zip(TARGETS, cells, strict=True)
    ]
    return f'<tr><th scope="row">{title}</th>{"".join(found)}</tr>'


class TestPage:
    """The page of HTML, as a browser shows it."""

    def test_what_does_not_fit_comes_first_and_the_rest_is_folded(self) -> None:
        out = made().to_html()
        assert (
            out.index("What does not fit (1 of 6)")
            < out.index(">newer 2.0</th>")
            < out.index("<details>")
            < out.index(">pure 1.0<")
        )
        assert "<details><summary>Nothing in the way (5 of 6)</summary>" in out

    def test_whole(self) -> None:
        """A card for each target, and a table with a cell for each package and target."""
        found = made()
        found = replace(found, rows=(*found.rows[2:4], *found.rows[6:10]))
        refused, built = [f"3 wheels, 1 {word}, 1 not needed, 1 not judged; {LOWEST}" for word in ("refused", "sdist only")]
        head, _, body = found.to_html().partition("<body>\n")
        assert head.startswith('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv=')
        assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in head.splitlines()
        assert "<title>uv.lock: does not fit everywhere</title>" in head.splitlines()
        assert body.splitlines() == [
            "<main>",
            "<h1>uv.lock: does not fit everywhere</h1>",
            "<ul>",
            card("bad", "✗", "centos-7: does not fit", refused, "Target cp311 on x86_64, glibc 2.17: 439 tags"),
            card("good", "✓", "alpine-3.20: fits", built, "Target cp311 on x86_64, musl 1.2: 114 tags"),
            "</ul>",
            "<h2>What does not fit (1 of 3)</h2>",
            *TABLE_HEAD,
            row(
                "newer 2.0",
                ("bad", "✗", "glibc 2.28", NEWER),
                ("good", "✓", "wheel", "newer-2.0-cp311-cp311-musllinux_1_1_x86_64.whl"),
            ),
            "</tbody>",
            "</table>",
            "<details><summary>Nothing in the way (2 of 3)</summary>",
            *TABLE_HEAD,
            row("git 4.0", *[("none", "?", "not judged", "from git")] * 2),
            row("win 5.0", *[("none", "–", "not needed", "not needed there")] * 2),  # noqa: RUF001 -- a dash is what is meant
            "</tbody>",
            "</table>",
            "</details>",
            "</main>",
            "</body>",
            "</html>",
        ]

    def test_where_all_fits(self) -> None:
        found = check(["a-1.0-py3-none-any.whl"], TARGETS)
        out = replace(found, notes=("one <note>",)).to_html()
        assert "<h1>a-1.0-py3-none-any.whl: fits everywhere</h1>" in out.splitlines()
        assert "</ul>\n<p>Note: one &lt;note&gt;</p>\n<details open><summary>Nothing in the way (1 of 1)</summary>\n" in out
        assert "What does not fit" not in out

    def test_a_target_that_was_not_judged(self) -> None:
        found = check(["a-1.0-py3-none-any.whl"], TARGETS)
        found = replace(found, columns=(replace(found.columns[0], fits=None), found.columns[1]))
        assert f'<li class="none">{mark("?", "centos-7: not judged")}<small>1 wheel; ' in found.to_html()
        assert "centos-7: not judged: 1 wheel; " in printed(found)

    def test_empty(self) -> None:
        assert "no packages" in check([], TARGETS).to_html()

    @pytest.mark.real
    @pytest.mark.parametrize("width", [400, 1600])
    def test_in_a_browser(self, tmp_path: Any, width: Any) -> None:
        """Rendered: nothing is wider than the window, and the sentences are there to be read."""
        browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if browser is None:
            pytest.skip("needs a headless Chromium")
        out = made().to_html()
        # The measurement is the test's own script, so its copy of the page is without the policy; the page itself has none.
        script = "<script>document.title = document.documentElement.scrollWidth + ' ' + innerWidth</script></body>"
        measured = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", out).replace("</body>", script)
        (tmp_path / "page.html").write_text(measured, encoding="utf-8")
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--window-size={width},1000",
            f"--user-data-dir={tmp_path}/profile",
        ]
        command = [browser, *options, "--dump-dom", f"file://{tmp_path}/page.html"]
        shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
        needed, window = [int(number) for number in re.findall(r"<title>(\d+) (\d+)</title>", shown)[0]]
        assert needed <= window
        assert "needs glibc 2.28 or newer" in shown
        (tmp_path / "page.html").write_text(out, encoding="utf-8")
        log = ["--enable-logging=stderr", "--v=0"]
        done = subprocess.run(
            [browser, *options, *log, "--dump-dom", f"file://{tmp_path}/page.html"],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "Content Security Policy" not in done.stderr  # nothing of the page was refused, for it asks for nothing
