"""The table of real roots: that it is whole, that its numbers still follow from the rules, and that what goes wrong is named.

What it was made from needs root rights, half an hour and 10 GB: ``nox -s roots``.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import roots
import roots_table
from roots_table import ROWS, RULES, Row, difference

import mltags
from mltags.testing import FakeHost, make_elf

LINES = roots_table.TABLE.read_text().splitlines()
CELLS = [line.strip("| ").split(" | ") for line in LINES if line.startswith("| ")][1:]
#: Rows of releases that the mirror no longer has.
GONE = [row for row in ROWS if any(line.startswith(f"- {row.name} on {row.arch} is gone") for line in LINES)]
HELD = [row for row in ROWS if row not in GONE]

#: Debian's architecture -> the machine that an interpreter of it runs on.
MACHINES: "dict[str, dict[str, Any]]" = {
    "amd64": {"machine": "x86_64"},
    "arm64": {"machine": "aarch64"},
    "armel": {"machine": "armv7l", "elf": make_elf("armv7l", flags=0x05000200)},  # EABI 5, soft float
    "armhf": {"machine": "armv7l"},
    "i386": {"machine": "x86_64", "pointer_size": 4},
    "loong64": {"machine": "loongarch64"},
    "mips64el": {"machine": "mips64"},
    "mipsel": {"machine": "mips", "pointer_size": 4},
    "ppc64el": {"machine": "ppc64le"},
    "riscv64": {"machine": "riscv64"},
    "s390x": {"machine": "s390x"},
}


def host(row: Row, python: str, libc: str) -> FakeHost:
    """The machine that a row of the table describes."""
    implementation, version = python.split()
    major, minor, _ = version.split(".")
    flags = {"debug": row.package.endswith("-dbg"), "free_threaded": row.package == "nogil"}
    answers = {"implementation": implementation, "version": (int(major), int(minor)), **flags}
    answers["ext_suffix"] = f".pypy{major}{minor}-pp73-x86_64-linux-gnu.so"
    facts = dict(MACHINES[row.arch])
    if row.way == "linux32":
        facts = {"machine": "i686", "pointer_size": 8 if row.arch == "amd64" else 4}
    if libc != "unknown":
        family, number = libc.split()
        facts[family] = number
    return FakeHost(python=answers, **facts)


def test_the_table_has_a_row_for_every_root_and_no_other() -> None:
    assert [cells[:2] for cells in CELLS] == [[row.name, row.arch] for row in HELD]
    assert len({(row.name, row.arch, row.python) for row in ROWS}) == len(ROWS) > 40


@pytest.mark.parametrize(
    ("row", "cells"), [pytest.param(row, cells, id=" ".join(cells[:3])) for row, cells in zip(HELD, CELLS, strict=False)]
)
def test_the_numbers_of_a_row_follow_from_the_rules(row: Row, cells: "list[str]") -> None:
    _, _, python, libc, platform_tags, tags, *_ = cells
    target = mltags.Target.of_host(host(row, python, libc))
    assert (str(len(target.platform_tags)), str(len(target.triples))) == (platform_tags, tags)


@pytest.mark.parametrize(
    ("row", "cells"), [pytest.param(row, cells, id=" ".join(cells[:3])) for row, cells in zip(HELD, CELLS, strict=False)]
)
def test_a_row_differs_only_by_its_rule(row: Row, cells: "list[str]") -> None:
    python, inside, outside = cells[2], *cells[6:]
    major, minor, _ = python.split()[1].split(".")
    if (int(major), int(minor)) < (3, 10):
        assert (inside, row.inside, row.unasked) == (f"Python {major}.{minor} is too old", "", "")
    elif row.inside:
        assert inside.endswith(f" ({row.inside})")
    else:
        assert inside == "equal"
    if row.unasked:
        assert outside == f"not asked: {row.unasked}"
    elif row.outside:
        assert outside.endswith(f" ({row.outside})")
    else:
        assert outside == "equal"


def test_every_rule_is_described_and_used() -> None:
    used = {rule for row in ROWS for rule in (row.inside, row.outside) if rule}
    assert used == set(RULES)
    for rule, why in RULES.items():
        assert f"- **{rule}**: {why}." in LINES


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        pytest.param(["a", "b"], ["a", "b"], "", id="the same"),
        pytest.param(["b", "a"], ["a", "b"], "another order", id="another order"),
        pytest.param(["a", "b", "c"], ["a"], "2 more, `b` the first", id="more"),
        pytest.param(["c"], ["a", "b", "c"], "2 fewer, `a` the first", id="fewer"),
        pytest.param(["a"], ["b"], "1 more, `a` the first; 1 fewer, `b` the first", id="both"),
    ],
)
def test_a_difference_is_described(ours: "list[str]", theirs: "list[str]", words: str) -> None:
    assert difference(ours, theirs) == words


ANSWERS: "dict[str, Any]" = {
    "python": "cpython 3.12.1",
    "packaging": "26.3",
    "is_too_old": False,
    "failure": "",
    "libc": "glibc 2.36",
    "their_platform_tags": ["linux_x86_64"],
    "our_platform_tags": ["linux_x86_64"],
    "their_tags": ["py3-none-any"],
    "our_tags": ["py3-none-any"],
}
ROW = Row("trixie", "amd64", unasked="there is none")
CELLS_OF_ROW = ["trixie", "amd64", "cpython 3.12.1", "glibc 2.36", "1", "1", "equal", "not asked: there is none"]


class TestExamine:
    """A row is wrong where it differs without a rule, or does not differ although it names one."""

    @staticmethod
    def examine(patch: pytest.MonkeyPatch, row: Row, **changed: object) -> "tuple[list[str], list[str]]":
        patch.setattr(Row, "build", lambda self: "/nowhere")
        patch.setattr(Row, "run", lambda self, root: {**ANSWERS, **changed})
        return roots_table.examine(row)

    def test_a_row_that_is_right(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.examine(monkeypatch, ROW) == (CELLS_OF_ROW, [])

    def test_a_difference_without_a_rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.examine(monkeypatch, ROW, our_tags=[])[1] == ["trixie amd64: inside: 1 fewer, `py3-none-any` the first ()"]

    def test_a_difference_by_its_rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        row = Row("trixie", "amd64", inside="R6", unasked="there is none")
        cells, wrong = self.examine(monkeypatch, row, our_tags=[])
        assert (cells[6], wrong) == ("1 fewer, `py3-none-any` the first (R6)", [])

    def test_a_rule_that_has_no_effect(self, monkeypatch: pytest.MonkeyPatch) -> None:
        row = Row("trixie", "amd64", inside="R6", unasked="there is none")
        assert self.examine(monkeypatch, row)[1] == ["trixie amd64: inside: equal"]

    def test_an_interpreter_that_is_too_old(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cells, wrong = self.examine(monkeypatch, ROW, python="cpython 3.9.2", is_too_old=True)
        assert (cells[6], wrong) == ("Python 3.9 is too old", [])

    def test_a_crash_is_not_a_python_that_is_too_old(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(ANSWERS, "our_tags")
        with pytest.raises(KeyError, match="our_tags"):
            self.examine(monkeypatch, ROW)

    def test_another_packaging(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(roots.FailedError, match=r"packaging 27\.0 in place of 26\.3"):
            self.examine(monkeypatch, ROW, packaging="27.0")


class TestMain:
    """The table is written where every row is right; what is gone is named in it, and what went wrong ends the run."""

    @pytest.fixture
    def table(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(roots_table, "TABLE", tmp_path / "ROOTS.md")
        monkeypatch.setattr(roots_table, "ROWS", [ROW, Row("jessie", "amd64")])
        return tmp_path / "ROOTS.md"

    @staticmethod
    def main(patch: pytest.MonkeyPatch, second: "Exception | None") -> int:
        def examine(row: Row) -> "tuple[list[str], list[str]]":
            if row is not ROW and second is not None:
                raise second
            return CELLS_OF_ROW, []

        patch.setattr(roots_table, "examine", examine)
        return roots_table.main()

    def test_all_is_well(self, table: Path, monkeypatch: pytest.MonkeyPatch, capsys: "pytest.CaptureFixture[str]") -> None:
        assert self.main(monkeypatch, None) == 0
        assert table.read_text().count(f"| {' | '.join(CELLS_OF_ROW)} |\n") == 2
        assert capsys.readouterr().out.endswith("2 roots | 0 gone | 0 not made here | 0 wrong\n")

    def test_a_release_that_is_gone(self, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.main(monkeypatch, roots.GoneError("the mirror no longer has jessie")) == 0
        assert table.read_text().endswith("\n- jessie on amd64 is gone: the mirror no longer has jessie\n")

    @pytest.mark.parametrize(
        ("problem", "line"),
        [
            pytest.param(
                roots.FailedError("['python'] in jessie: exit 1: Traceback"),
                "jessie amd64: ['python'] in jessie: exit 1: Traceback",
                id="a crash inside",
            ),
            pytest.param(
                roots.UnavailableError("no qemu"), "- jessie on amd64 could not be made here: no qemu", id="no emulator"
            ),
        ],
    )
    def test_what_goes_wrong(
        self, problem: Exception, line: str, table: Path, monkeypatch: pytest.MonkeyPatch, capsys: "pytest.CaptureFixture[str]"
    ) -> None:
        assert self.main(monkeypatch, problem) == 1
        assert not table.exists()
        assert line in capsys.readouterr().out.splitlines()


class TestRoots:
    """What this machine lacks, what the mirror no longer has, and what fails are told apart."""

    @staticmethod
    def update(patch: pytest.MonkeyPatch, stderr: str) -> None:
        def run(command: "list[str]", **_: object) -> "subprocess.CompletedProcess[str]":
            return subprocess.CompletedProcess(command, 100, "", stderr)

        patch.setattr(subprocess, "run", run)
        roots._apt_get("bullseye for arm64", "update", environment={}, timeout=300)

    @pytest.mark.parametrize(
        ("stderr", "kind", "words"),
        [
            pytest.param(
                "E: The repository 'https://mirror.example/debian bullseye Release' does not have a Release file.",
                roots.GoneError,
                "the mirror no longer has bullseye for arm64",
                id="gone",
            ),
            pytest.param(
                "E: The repository 'https://mirror.example/debian bullseye Release' does no longer have a Release file.",
                roots.GoneError,
                "the mirror no longer has bullseye for arm64",
                id="gone since",
            ),
            pytest.param(
                "E: Failed to fetch https://mirror.example/libssl3_arm64.deb  404  Not Found [IP: 192.0.2.1 443]\n"
                + "E: x\n" * 100,
                roots.GoneError,
                "the mirror no longer has bullseye for arm64",
                id="a package that is gone",
            ),
            pytest.param(
                "E: Failed to fetch https://mirror.example/debian  Temporary failure resolving 'mirror.example'",
                roots.UnavailableError,
                "the mirror of bullseye for arm64 cannot be reached from this machine",
                id="no network",
            ),
            pytest.param(
                "E: The method driver was not found.",
                roots.FailedError,
                "apt-get failed: E: The method driver was not found.",
                id="anything else",
            ),
        ],
    )
    def test_an_update_that_fails(
        self, stderr: str, kind: "type[Exception]", words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(kind) as caught:
            self.update(monkeypatch, stderr)
        assert (type(caught.value), str(caught.value)) == (kind, words)

    def test_a_command_that_does_not_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def run(*_: object, **__: object) -> None:
            raise subprocess.TimeoutExpired("make", 1800)

        monkeypatch.setattr(subprocess, "run", run)
        with pytest.raises(roots.FailedError, match=r"^make: no end within 1800 seconds$"):
            roots._run("make")
        monkeypatch.setattr(roots, "_run_inside", run)
        with pytest.raises(roots.FailedError, match=r"^\('python',\) in trixie-amd64: no end within 1800 seconds$"):
            roots.run(tmp_path / "trixie-amd64", "python")
