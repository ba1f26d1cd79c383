"""The command ``audit``: formats, the gate, many wheels, exit status."""

import concurrent.futures
import hashlib
import io
import json
import re
import sys
from pathlib import Path

import pytest
from elves import Symbol as PlainSymbol
from elves import elf, wheel
from shared import Symbol
from test_cli import run
from together import SUFFIX, Wheels, module

import mltags
from mltags import audit
from mltags.cli import auditing, options

MODULE = "demo/x.cpython-312-x86_64-linux-gnu.so"
TARGET = ("--platform", "manylinux_2_36_x86_64")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with a wheel that is right, one that is wrong, and one with a remark; and another below."""
    right = elf(versions={"libc.so.6": ["GLIBC_2.17"]})
    wrong = elf(
        versions={"libc.so.6": ["GLIBC_2.34"]},
        symbols=[PlainSymbol("f", is_defined=False, library="libc.so.6", version="GLIBC_2.34")],
    )
    wheel(tmp_path, "right-1-cp312-cp312-manylinux_2_17_x86_64.whl", {MODULE: right})
    wheel(tmp_path, "wrong-1-cp312-cp312-manylinux_2_17_x86_64.whl", {MODULE: wrong})
    wheel(tmp_path, "plain-1-cp312-cp312-linux_x86_64.whl", {MODULE: right})
    (tmp_path / "below").mkdir()
    wheel(tmp_path / "below", "deep-1-cp312-cp312-manylinux_2_17_x86_64.whl", {MODULE: right})
    return tmp_path


def path(folder: Path, name: str) -> str:
    return str(next(folder.glob(f"{name}-*.whl")))


class TestText:
    """A line for each wheel, a line for each finding, and what helps."""

    def test_each_verdict(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, path(folder, "right")) == 0
        assert capsys.readouterr().out == (
            "right-1-cp312-cp312-manylinux_2_17_x86_64.whl: tags are correct (manylinux_2_17_x86_64, needs glibc 2.17, "
            "lowest tag manylinux_2_17_x86_64); should load on x86_64 with glibc 2.36\n"
        )
        assert run("audit", *TARGET, path(folder, "wrong")) == 1
        out = capsys.readouterr().out
        assert "needs GLIBC_2.34 (f@GLIBC_2.34); manylinux_2_17_x86_64 allows GLIBC_2.17 at most [glibc]\n" in out
        assert "`python -m wheel tags --platform-tag manylinux_2_34_x86_64 --remove FILE` renames it" in out

    def test_a_wheel_that_cannot_be_read_is_exit_status_2(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, path(folder, "right"), str(folder / "gone-1-py3-none-any.whl")) == 2
        assert "gone-1-py3-none-any.whl: invalid wheel" in capsys.readouterr().out
        assert run("audit") == 2
        assert capsys.readouterr().err == "mltags: no wheels given; pass paths of wheels or directories\n"

    def test_harmless_overlaps_are_listed_with_all(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        wheels = Wheels(tmp_path)
        data = module("m", Symbol("_ZTV1B", 1, bind=10), needed=[])
        names = [str(tmp_path / wheels.make(project, {f"{project}/m{SUFFIX}": data}).filename) for project in ("one", "two")]
        words = f"one/m{SUFFIX} of one captures references of two/m{SUFFIX} to 1 virtual table (_ZTV1B)"
        assert run("audit", *TARGET, "--strict", *names) == 0
        assert "captures" not in capsys.readouterr().out
        assert run("audit", *TARGET, "--strict", "--all", *names) == 0
        assert f"together\n  remark: {words}" in capsys.readouterr().out
        assert run("audit", *TARGET, "--all", "--ignore", "capture", *names) == 0
        shown = capsys.readouterr()
        assert "captures" not in shown.out
        assert shown.err == "mltags: ignored: capture (1)\n"
        assert run("audit", *TARGET, "--all", "--json", *names) == 0
        (row,) = json.loads(capsys.readouterr().out)["conflicts"]
        assert (row["kind"], row["rule"], row["chain"][0]["symbol"]) == ("remark", "capture", "_ZTV1B")
        assert run("audit", *TARGET, "--all", "--format", "github", *names) == 0
        assert "::notice title=together::one/m" in capsys.readouterr().out
        assert run("audit", *TARGET, "--all", "--format", "html", *names) == 0
        assert "audit: no problems found" in capsys.readouterr().out


class TestGate:
    """What a publisher's gate asks for: remarks that fail, rules that are ignored, formats of other tools."""

    def test_strict(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, path(folder, "plain")) == 0
        assert "remark: " in capsys.readouterr().out
        assert run("audit", *TARGET, "--strict", path(folder, "plain")) == 1

    def test_strict_about_wheels_together(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        """A remark about them is shown with --all, and counts with --strict."""
        for name in ("one", "two"):
            files = {
                f"{name}/x{SUFFIX}": elf(needed=["libgomp-1a2b.so.1", "libc.so.6"], runpath="$ORIGIN"),
                f"{name}/libgomp-1a2b.so.1": elf(soname=f"libgomp-{name}.so.1", needed=["libc.so.6"]),
            }
            wheel(tmp_path, f"{name}-1-cp312-cp312-manylinux_2_17_x86_64.whl", files)
        names = [str(one) for one in sorted(tmp_path.glob("*.whl"))]
        assert run("audit", *TARGET, *names) == 0
        assert "together" not in capsys.readouterr().out
        assert run("audit", *TARGET, "--all", *names) == 0
        assert "together\n  remark: " in capsys.readouterr().out
        assert run("audit", *TARGET, "--strict", names[0]) == 0
        assert run("audit", *TARGET, "--strict", *names) == 1

    def test_what_is_ignored_is_counted(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--ignore", f"glibc:{MODULE}", path(folder, "wrong")) == 0
        assert capsys.readouterr().err == "mltags: ignored: glibc (1)\n"
        assert (
            run("audit", *TARGET, "--ignore", "glibc", "--ignore", "linux", path(folder, "wrong"), path(folder, "plain")) == 0
        )
        assert capsys.readouterr().err == "mltags: ignored: glibc (1), linux (1)\n"
        assert run("audit", *TARGET, "--ignore", "glibc:other/*", path(folder, "wrong")) == 1
        assert run("audit", *TARGET, "--ignore", "nonsense", path(folder, "wrong")) == 2
        assert capsys.readouterr().err.startswith("mltags: --ignore 'nonsense': expected one of abi, ")


class TestFormats:
    """Every format names each wheel, each finding with what helps, and what the wheels do to one another."""

    RIGHT = "right-1-cp312-cp312-manylinux_2_17_x86_64.whl"
    WRONG = "wrong-1-cp312-cp312-manylinux_2_17_x86_64.whl"
    PLAIN = "plain-1-cp312-cp312-linux_x86_64.whl"
    GONE = "gone-1-py3-none-any.whl"
    NEWER = f"{MODULE} needs GLIBC_2.34 (f@GLIBC_2.34); manylinux_2_17_x86_64 allows GLIBC_2.17 at most"
    NEWER_HELP = (
        "`python -m wheel tags --platform-tag manylinux_2_34_x86_64 --remove FILE` renames it; "
        "to keep manylinux_2_17_x86_64, build in the manylinux2014 image"
    )
    INDEX = "the wheel is tagged linux_x86_64; the Python Package Index does not take such wheels"
    INDEX_HELP = "`python -m wheel tags --platform-tag manylinux_2_17_x86_64 --remove FILE` renames it"
    ERROR = f"invalid wheel '{GONE}': file: cannot be read: No such file or directory"

    @pytest.fixture
    def wheels(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """A wheel that is right, one that is wrong, one with a remark, and one that is gone."""
        monkeypatch.chdir(folder)
        return [self.RIGHT, self.WRONG, self.PLAIN, self.GONE]

    @pytest.fixture
    def pair(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Two wheels with different builds of one library."""
        monkeypatch.chdir(tmp_path)
        for name, need in (("one", "liba.so"), ("two", "libb.so")):
            files = {
                f"{name}/x{SUFFIX}": elf(needed=["libshared.so.1", "libc.so.6"], runpath="$ORIGIN"),
                f"{name}/libshared.so.1": elf(soname="libshared.so.1", needed=["libc.so.6", need], runpath="$ORIGIN"),
                f"{name}/{need}": elf(soname=need),
            }
            wheel(tmp_path, f"{name}-1-cp312-cp312-manylinux_2_17_x86_64.whl", files)
        return sorted(one.name for one in tmp_path.glob("*.whl"))

    MIXED = (
        "one/libshared.so.1 of one and two/libshared.so.1 of two are different builds of libshared.so.1, and the first one that is "
        "loaded serves both: it needs liba.so, and two was built for libb.so"
    )

    @pytest.fixture
    def overlap(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Two wheels of which one captures a reference of the other, harmlessly."""
        monkeypatch.chdir(tmp_path)
        made, data = Wheels(tmp_path), module("m", Symbol("_ZTV1B", 1, bind=10), needed=[])
        return [made.make(project, {f"{project}/m{SUFFIX}": data}).filename for project in ("one", "two")]

    CAPTURED = f"one/m{SUFFIX} of one captures references of two/m{SUFFIX} to 1 virtual table (_ZTV1B)"

    @staticmethod
    def escaped(text: str) -> str:
        """*text* as Markdown shows it unchanged."""
        return re.sub(r"([_`()'\[\]$])", r"\\\1", text).replace("@", "&#64;")

    def test_json(self, wheels: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--json", *wheels) == 2
        found = json.loads(capsys.readouterr().out)
        assert [row.get("correct", row.get("error")) for row in found["wheels"]] == [True, False, True, self.ERROR]
        assert [row["name"] for row in found["wheels"]] == wheels
        assert (found["mltags"], found["conflicts"]) == (1, [])

    def test_text(self, wheels: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, *wheels) == 2
        assert [line for line in capsys.readouterr().out.splitlines() if ": tags are " not in line] == [
            f"  {self.NEWER} [glibc]",
            f"    {self.NEWER_HELP}",
            f"  remark: {self.INDEX} [linux]",
            f"    {self.INDEX_HELP}",
            f"{self.GONE}: {self.ERROR}",
        ]

    def test_text_of_a_conflict(self, pair: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, *pair) == 1
        assert capsys.readouterr().out.splitlines()[2:] == ["together", f"  {self.MIXED} [soname]"]

    def test_markdown(self, wheels: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--format", "markdown", *wheels) == 2
        right, wrong, plain, gone = map(self.escaped, wheels)
        lowest, newer = map(self.escaped, ["manylinux_2_17_x86_64", "manylinux_2_34_x86_64"])
        assert capsys.readouterr().out.splitlines() == [
            "| wheel | tags | loads | lowest tag |",
            "|---|---|---|---|",
            f"| {right} | ✓ | ✓ | {lowest} |",
            f"| {wrong} | ✗ | ✓ | {newer} |",
            f"| {plain} | ✓ | ✓ | {lowest} |",
            f"| {gone} | ✗ | ✗ | {self.escaped(self.ERROR)} |",
            "",
            f"- {wrong}: {self.escaped(self.NEWER)} (glibc). {self.escaped(self.NEWER_HELP)}",
            f"- {plain}: remark: {self.escaped(self.INDEX)} (linux). {self.escaped(self.INDEX_HELP)}",
        ]

    def test_markdown_of_what_cannot_be_judged(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        foreign = wheel(tmp_path, "mac-1-cp312-cp312-macosx_11_0_arm64.whl", {"demo/x.so": b"\xcf\xfa\xed\xfe"})
        files = {MODULE: elf(), MODULE.replace("x86_64", "aarch64"): elf("aarch64")}
        mixed = wheel(tmp_path, "mixed-1-cp312-cp312-manylinux_2_17_x86_64.whl", files)
        assert run("audit", *TARGET, "--format", "markdown", str(foreign), str(mixed)) == 1
        assert capsys.readouterr().out.splitlines()[2:4] == [
            f"| {self.escaped(foreign.name)} | not judged | not judged | not judged |",
            f"| {self.escaped(mixed.name)} | ✗ | ✓ | none |",
        ]

    def test_markdown_of_a_conflict(self, pair: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--format", "markdown", *pair) == 1
        assert capsys.readouterr().out.splitlines()[4:] == ["", f"- together: {self.escaped(self.MIXED)} (soname)."]

    def test_markdown_of_nothing_wrong_is_the_table(self, wheels: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--format", "markdown", wheels[0]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 3

    def items(self, capsys: pytest.CaptureFixture) -> "tuple[str, list[str]]":
        """The headline of a page of HTML, and its list."""
        page = capsys.readouterr().out
        assert page.count("<ul>\n") == page.count("\n</ul>") == 1
        return page.partition("<h1>")[2].partition("</h1>")[0], page.partition("<ul>\n")[2].partition("\n</ul>")[0].splitlines()

    def test_html(self, wheels: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--format", "html", *wheels) == 2
        good, bad = [f'<div class="mark"><span aria-hidden="true">{mark}</span>' for mark in "✓✗"]
        claims = (
            "manylinux_2_17_x86_64, needs glibc 2.{}, lowest tag manylinux_2_{}_x86_64); should load on x86_64 with glibc 2.36"
        )
        same, newer = claims.format(17, 17), claims.format(34, 34)
        worse = f"<small>{self.NEWER} (glibc). {self.NEWER_HELP}</small>"
        remark = f"<small>remark: {self.INDEX} (linux). {self.INDEX_HELP}</small>"
        assert self.items(capsys) == (
            "audit: problems found",
            [
                f'<li class="good">{good}{self.RIGHT}: tags are correct ({same}</div></li>',
                f'<li class="bad">{bad}{self.WRONG}: tags are not correct ({newer}</div>{worse}</li>',
                f'<li class="good">{good}{self.PLAIN}: tags are correct ({same.replace("manylinux_2_17", "linux", 1)}</div>{remark}</li>',
                f'<li class="bad">{bad}{self.GONE}: {self.ERROR.replace(chr(39), "&#x27;")}</div></li>',
            ],
        )

    @pytest.mark.parametrize(
        ("places", "headline"), [([0, 2], "no problems found"), ([0, 1], "problems found"), ([0, 3], "problems found")]
    )
    def test_headline(self, places: list, headline: str, wheels: list, capsys: pytest.CaptureFixture) -> None:
        run("audit", *TARGET, "--format", "html", *[wheels[place] for place in places])
        assert self.items(capsys)[0] == f"audit: {headline}"

    def test_html_of_a_conflict(self, pair: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--format", "html", *pair) == 1
        headline, items = self.items(capsys)
        assert headline == "audit: problems found"
        assert items[2:] == [f'<li class="bad"><small>together: {self.MIXED} (soname).</small></li>']

    def test_html_of_an_overlap(self, overlap: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--all", "--format", "html", *overlap) == 0
        headline, items = self.items(capsys)
        assert headline == "audit: no problems found"
        row = f"{self.CAPTURED}; no failure in the measured cases came from such a binding (capture)."
        assert items[2:] == [f'<li class="good"><small>together: remark: {row}</small></li>']

    def test_github(self, wheels: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--format", "github", *reversed(wheels)) == 2
        assert capsys.readouterr().out.splitlines() == [
            f"::error title={self.GONE}::{self.ERROR}",
            f"::notice title={self.PLAIN}::{self.INDEX} [linux]. {self.INDEX_HELP}",
            f"::error title={self.WRONG}::{self.NEWER} [glibc]. {self.NEWER_HELP}",
        ]

    def test_github_of_a_conflict(self, pair: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--format", "github", *pair) == 1
        assert capsys.readouterr().out == f"::error title=together::{self.MIXED} [soname]\n"

    def test_github_of_nothing_wrong(self, wheels: list, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--format", "github", wheels[0]) == 0
        assert capsys.readouterr().out == "::notice title=audit::no problems found\n"


class TestMany:
    """Directories, several processes, and going on after a stop: a line of JSON for each wheel, each by itself."""

    def test_a_directory(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--json", str(folder)) == 1
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [row["name"].partition("-")[0] for row in rows] == ["plain", "right", "wrong"]
        assert all(row["size"] and len(row["sha256"]) == 64 for row in rows)
        assert run("audit", *TARGET, "--recursive", "--jobs", "2", str(folder)) == 1
        assert "deep-1-" in capsys.readouterr().out
        assert run("audit", *TARGET, str(folder), "--ignore", "glibc") == 0
        assert capsys.readouterr().err == "mltags: ignored: glibc (1)\n"

    def test_each_line_names_the_file_and_its_hash(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        """So that a verdict can be kept, and found again."""
        assert (
            run("audit", *TARGET, "--json", "--jobs", "2", path(folder, "right"), str(folder / "gone-1-py3-none-any.whl")) == 2
        )
        right, gone = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        data = Path(path(folder, "right")).read_bytes()
        assert (right["path"], right["size"]) == (path(folder, "right"), len(data))
        assert right["sha256"] == hashlib.sha256(data).hexdigest()
        assert (gone["name"], gone["size"], gone["sha256"]) == ("gone-1-py3-none-any.whl", 0, "")
        assert gone["error"].endswith("No such file or directory")

    def test_folders_are_read_in_order(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        for name in ("m", "z", "a", "k", "b"):
            (folder / name).mkdir()
            wheel(folder / name, f"{name}-1-py3-none-any.whl", {})
        assert run("audit", *TARGET, "--json", "--recursive", str(folder)) == 1
        names = [json.loads(line)["name"].partition("-")[0] for line in capsys.readouterr().out.splitlines()]
        assert names == ["plain", "right", "wrong", "a", "b", "deep", "k", "m", "z"]

    @pytest.mark.parametrize(("words", "wanted"), [(["--jobs", "2"], [2]), (["--jobs", "1"], []), ([], [])])
    def test_as_many_processes_as_were_asked_for(
        self, words: list, wanted: list, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started = []

        class Pool(concurrent.futures.ProcessPoolExecutor):
            def __init__(self, count: int) -> None:
                started.append(count)
                super().__init__(count)

        monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", Pool)
        assert run("audit", *TARGET, *words, str(folder)) == 1
        assert started == wanted

    def test_what_is_done_is_skipped(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--json", str(folder)) == 1
        done = folder / "done.jsonl"
        lines = capsys.readouterr().out.splitlines()
        done.write_text("\n".join(["nonsense", lines[0], "{}", lines[1], lines[2][:40]]))
        assert run("audit", *TARGET, "--json", "--resume", str(done), str(folder)) == 1
        out, err = capsys.readouterr()
        assert [json.loads(line)["name"].partition("-")[0] for line in out.splitlines()] == ["wrong"]
        assert err == f"mltags: 2 of 3 wheels have their verdicts in {done}\n"
        assert run("audit", *TARGET, "--json", "--resume", str(folder / "none.jsonl"), path(folder, "right")) == 0
        assert capsys.readouterr().err == f"mltags: {folder / 'none.jsonl'} does not exist, so every wheel is judged\n"

    def test_what_cannot_be_judged(self, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture) -> None:
        (tmp_path / "empty").mkdir()
        assert run("audit", *TARGET, str(tmp_path / "empty")) == 2
        assert capsys.readouterr().err == "mltags: no wheels found\n"
        (tmp_path / "venv/lib/python3.12/site-packages").mkdir(parents=True)
        (tmp_path / "venv/pyvenv.cfg").write_text("home = /usr/bin\n")
        assert run("audit", *TARGET, str(tmp_path / "venv")) == 2
        assert capsys.readouterr().err == (
            f"mltags: '{tmp_path / 'venv'}' is an environment; 'mltags check' looks into environments\n"
        )
        assert run("audit", *TARGET, "https://example.org/demo-1.0-py3-none-any.whl") == 2
        assert capsys.readouterr().err == (
            "mltags: 'https://example.org/demo-1.0-py3-none-any.whl' is a URL; audit reads files, so download it first\n"
        )
        assert run("audit", *TARGET, "--jobs", "2", "--format", "html", path(folder, "right")) == 2
        assert (
            capsys.readouterr().err
            == "mltags: --jobs, --resume and directories cannot be combined with --format markdown, html or github\n"
        )
        assert run("audit", *TARGET, "--jobs", "2", str(folder / "gone-1-py3-none-any.whl")) == 2

    def test_what_is_no_wheel_is_counted(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        """Report A20."""
        for more in ([], [str(folder / "below")]):
            assert run("audit", *TARGET, path(folder, "right"), "dist/demo-1.tar.gz", *more) == 0
            out, err = capsys.readouterr()
            assert out.startswith("right-1-")
            assert err == "mltags: skipped 1 file that is not a wheel\n"
        assert run("audit", *TARGET, "dist/demo-1.tar.gz", "dist/demo-1.zip") == 2
        assert capsys.readouterr() == ("", "mltags: skipped 2 files that are not wheels\nmltags: no wheels found\n")

    def test_a_directory_of_verdicts_cannot_be_read(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, path(folder, "right"), "--resume", str(folder)) == 2
        assert capsys.readouterr().err == f"mltags: cannot read {folder}: Is a directory\n"

    def test_two_formats_are_an_error(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, path(folder, "right"), "--format", "html", "--json") == 2
        assert capsys.readouterr().err == "mltags: --format and --json cannot be combined; use one of them\n"


class TestTargets:
    """Without a word of a Python, the wheels' own Pythons do not count."""

    def test_this_machine(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", path(folder, "right")) == 0
        assert "; loads here" in capsys.readouterr().out

    def test_a_python(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--python-version", "3.9", path(folder, "right")) == 1
        assert "is built for CPython 3.12 only" in capsys.readouterr().out
        assert run("audit", "--machine", "debian-12", path(folder, "right")) == 0
        assert run("audit", "--python-version", "3.12", "--implementation", "cp", path(folder, "right")) == 0

    def test_a_saved_target(self, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture) -> None:
        old = mltags.Target.of(python_version="3.9", implementation="cp", platform="manylinux_2_12_x86_64")
        tags = mltags.Target.from_tags(["py3-none-manylinux_2_12_x86_64"])
        for name, target in (("old", old), ("tags", tags)):
            (tmp_path / f"{name}.json").write_text(target.to_json())
        assert run("audit", "--target", str(tmp_path / "old.json"), path(folder, "right")) == 1
        out = capsys.readouterr().out
        assert "does not load on x86_64 with glibc 2.12" in out
        assert "is built for CPython 3.12 only (ABI cp312); the target is CPython 3.9" in out
        assert run("audit", "--target", str(tmp_path / "tags.json"), path(folder, "right")) == 1
        assert "cp312-cp312" in capsys.readouterr().out

    def test_a_root(self, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture) -> None:
        """Its C library counts, and its Python."""
        from mltags.testing import make_elf

        root = tmp_path / "root"
        (root / "usr/lib/python3.9").mkdir(parents=True)
        (root / "usr/bin").mkdir()
        (root / "usr/bin/python3.9").write_bytes(make_elf())
        (root / "usr/lib/python3.9/os.py").touch()
        assert run("audit", "--root", str(root), path(folder, "right")) == 1
        assert "is built for CPython 3.12 only" in capsys.readouterr().out

    def test_a_root_without_a_python(self, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture) -> None:
        from mltags.testing import make_elf

        root = tmp_path / "root"
        (root / "bin").mkdir(parents=True)
        (root / "bin/sh").write_bytes(make_elf("aarch64"))
        assert run("audit", "--root", str(root), path(folder, "right")) == 1
        assert "aarch64" in capsys.readouterr().out
        (root / "bin/sh").unlink()
        assert run("audit", "--root", str(root), path(folder, "right")) == 2

    def test_elsewhere_than_on_linux_no_libraries_are_looked_at(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        given = options.parser("audit").parse_args([path(folder, "right")])
        monkeypatch.setattr("sys.platform", "darwin")
        target, root = auditing._target(given)
        assert root is None
        assert isinstance(target, mltags.Platform)


def test_a_terminal_sees_how_far_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    assert run("audit", *TARGET, str(folder)) == 1
    total = sum(one.stat().st_size for one in folder.glob("*.whl"))
    shown = re.sub("\x1b\\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
    assert re.search(f"{total / 1000:.1f}/{total / 1000:.1f} kB .* wrong-1-", shown)


def test_large_wheels_alone_move_the_bar() -> None:
    shown: list[tuple] = []
    show = auditing._large_only(lambda *row: shown.append(row))
    assert show is not None
    show("small", 1, 10)
    show("large", 1, 1 << 30)
    show("at the limit", 1, 64 << 20)
    assert shown == [("large", 1, 1 << 30), ("at the limit", 1, 64 << 20)]
    assert auditing._large_only(None) is None
    assert audit.RULES
