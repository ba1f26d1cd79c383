"""README and docs: every example runs and prints what it says, every link leads somewhere, and some words must not come back."""

import doctest
import io
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from mltags.__main__ import main

PROJECT = Path(__file__).parent.parent
PAGES = sorted([*PROJECT.glob("README.md"), *PROJECT.glob("docs/*.md")])
pytestmark = pytest.mark.skipif(not PAGES, reason="the tests run without the project around them")

#: Files that examples name -> where they are.
FILES = {"uv.lock": PROJECT / "tests/check/data/readme/uv.lock"}


def blocks(page: Path, kind: str) -> "list[str]":
    """The fenced blocks of a kind."""
    return [
        found[1]
        for found in re.finditer(rf"^```{kind}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    ]


def commands(page: Path) -> "list[tuple[str, str]]":
    """The commands of console blocks, and what each prints."""
    found = []
    for block in blocks(page, "console"):
        for example in block.removeprefix("$ ").split("\n$ "):
            command, _, printed = example.partition("\n")
            found.append((command, printed))
    return found


def run(command: str) -> str:
    """What a command prints, on either stream, as the program does."""
    program, *words = shlex.split(command)
    assert [program, *words[:2]] == ["python", "-m", "mltags"]
    stream = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stream), redirect_stderr(stream):
        patch.setattr(sys, "argv", ["mltags", *words[2:]])
        patch.setattr(sys, "path", list(sys.path))
        main()
    return stream.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_run(page: Path) -> None:
    failed, _ = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert failed == 0


CONSOLE = [
    pytest.param(command, printed, id=f"{page.name}: {command[17:60]}") for page in PAGES for command, printed in commands(page)
]


@pytest.mark.parametrize(("command", "printed"), CONSOLE)
def test_commands_print_what_is_shown(command: str, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, path in FILES.items():
        if name in command:
            (tmp_path / name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    found = run(command)
    assert doctest.OutputChecker().check_output(printed, found, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), found


def test_there_are_examples() -> None:
    assert len(CONSOLE) > 8


def test_tests_in_the_documentation_pass(pytester: pytest.Pytester) -> None:
    found = [block for page in PAGES for block in blocks(page, "python") if "def test_" in block]
    pytester.makepyfile("\n".join(found))
    assert len(found) == 2  # README and docs/testing.md
    outcomes = pytester.runpytest_inprocess("--strict-markers").parseoutcomes()
    assert outcomes.get("passed", 0) == 6
    assert set(outcomes) <= {"passed", "warnings"}


LINKS = [
    pytest.param(page, link, id=f"{page.name}: {link}")
    for page in PAGES
    for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    if "://" not in link
]


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_links_lead_somewhere(page: Path, link: str) -> None:
    assert (page.parent / link).exists()


@pytest.mark.real
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
def test_the_picture_can_be_made_anew(tmp_path: Path) -> None:
    subprocess.run([sys.executable, PROJECT / "docs/picture.py", tmp_path / "check.png"], check=True)
    assert (tmp_path / "check.png").read_bytes().startswith(b"\x89PNG")


def test_rules_name_tests_that_exist() -> None:
    text = (PROJECT / "docs/rules.md").read_text(encoding="utf-8")
    names = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(names) > 20
    for path, name in names:
        assert not name or f"class {name}" in (PROJECT / path).read_text(encoding="utf-8"), (path, name)
    for number in range(1, 20):
        assert f"**R{number}. " in text


def test_the_readme_fits_on_a_few_screens() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


#: What sounds translated, or was replaced by the field's own term.
UNWANTED = re.compile(
    r"\b(ladders?|told below|none of a wheel|wheel that lies|honest tag|keeps its promise|ceiling|is it no|perennial|"
    r"taken at its word|says of each|speaks for the wheel|is accepted, in lower case|are accepted there|so many platform)\b"
)


@pytest.mark.parametrize(
    "path", [*PAGES, *sorted((PROJECT / "src").rglob("*.py"))], ids=lambda path: str(path.relative_to(PROJECT))
)
def test_some_words_do_not_come_back(path: Path) -> None:
    found = UNWANTED.search(path.read_text(encoding="utf-8"))
    assert found is None, found
