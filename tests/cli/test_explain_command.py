"""The commands ``explain`` and ``machines``: text for people, JSON for programs, exit codes."""

import io
import json
import sys

import pytest
from conftest import module
from test_cli import run
from test_explain import OLD as HELD
from test_explain import PAGE, SENTENCES, on

import mltags
from mltags.cli import options, output, report

OLD = ("explain", "--platform", "manylinux_2_17_x86_64", "--python-version", "3.12", "--implementation", "cp")
NEWER = "demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"
WINDOWS = "demo-1.0-cp312-cp312-win_amd64.whl"
PURE = "demo-1.0-py3-none-any.whl"


class TestExplain:
    """``explain``: the nearest miss first, every cause, and what would help."""

    def test_the_nearest_miss_is_printed_first_then_the_counts(self, capsys: pytest.CaptureFixture) -> None:
        assert run(*OLD, WINDOWS, "https://files.example/" + NEWER) == 1
        assert capsys.readouterr() == (
            (
                f"{NEWER}: needs glibc 2.28 or newer (manylinux_2_28_x86_64); the target has glibc 2.17 (declared)\n"
                "  glibc 2.28: Debian 10, Ubuntu 18.10, RHEL 8, Amazon Linux 2023\n"
                f"{WINDOWS}: is for Windows (win_amd64); the target is Linux\n"
                "\n"
                "2 wheels: 1 needs glibc 2.28, 1 for other systems; with glibc 2.28 one would fit\n"
            ),
            "",
        )

    @pytest.mark.parametrize(
        ("names", "code"),
        [
            pytest.param([PURE], 0, id="fits"),
            pytest.param([PURE, WINDOWS], 1, id="one does not"),
            pytest.param([PURE, "x.whl"], 1, id="one is malformed"),
            pytest.param(["x.whl", WINDOWS], 1, id="malformed, and another that does not fit"),
            pytest.param(["x.whl"], 2, id="nothing but malformed"),
        ],
    )
    def test_exit_status(self, names: list, code: int, capsys: pytest.CaptureFixture) -> None:
        assert run(*OLD, *names) == code
        assert ("fits (py3-none-any, rank" in capsys.readouterr().out) is (PURE in names)

    def test_nothing_to_explain_is_nothing_that_fits(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        assert run(*OLD, "-") == 1
        assert capsys.readouterr() == ("", "mltags: no names given\n")
        assert run(*OLD) == 2
        assert capsys.readouterr().err == "mltags: no wheels given; pass filenames, or '-' to read them from standard input\n"

    def test_json_has_every_cause(self, capsys: pytest.CaptureFixture) -> None:
        both = "demo-1.0-cp311-cp311-win_amd64.whl"
        assert run(*OLD, "--json", both, PURE, NEWER) == 1
        found = json.loads(capsys.readouterr().out)
        assert found["mltags"] == 1
        assert found["counts"] == {"libc_too_old": 1, "abi": 1}
        assert found["lowest_glibc"] == {"family": "glibc", "version": [2, 28]}
        fits, near, far = found["wheels"]
        assert (fits["name"], fits["fits"], fits["tag"]) == (PURE, True, "py3-none-any")
        cause = {
            "reason": "libc_too_old",
            "case": "",
            "need": {"family": "glibc", "version": [2, 28]},
            "have": {"family": "glibc", "version": [2, 17]},
            "evidence": [
                {"fact": "libc", "question": "declared", "answer": "'manylinux_2_17_x86_64'", "conclusion": "glibc 2.17"}
            ],
            "because": "needs glibc 2.28 or newer (manylinux_2_28_x86_64); the target has glibc 2.17 (declared)",
            "hint": "glibc 2.28: Debian 10, Ubuntu 18.10, RHEL 8, Amazon Linux 2023",
        }
        assert near == {
            "name": NEWER,
            "fits": False,
            "tag": "cp312-cp312-manylinux_2_28_x86_64",
            **cause,
            "causes": [cause],
            "sentence": f"{NEWER}: {cause['because']}",
        }
        assert [(each["reason"], each["case"]) for each in far["causes"]] == [("abi", "older Python"), ("system", "")]


class TestSummary:
    """What became of a page of which nothing fits, and the lowest glibc that would help."""

    def test_a_page_of_which_nothing_fits_is_summed_up(self) -> None:
        misses = HELD.closest([*PAGE, PAGE[0]])
        assert report.summary(misses, HELD) == (
            "10 wheels: 3 for other systems, 2 for other ABIs, 1 needs glibc 2.28, 1 needs glibc 2.34, 1 for musl, "
            "1 for other architectures, 1 malformed; with glibc 2.28 one would fit"
        )
        assert report.lowest_glibc(misses, HELD) == mltags.Glibc(2, 28)
        assert report.summary(misses[-1:], HELD) == "1 wheel: 1 malformed"
        assert report.lowest_glibc([], HELD) is None
        for name in ("above the ceiling", "refused by the function"):
            target, wheel = SENTENCES[name][:2]
            assert "would fit" not in report.summary(target.closest([wheel]), target)
        held = on(glibc="2.17", max_glibc="2.12")
        assert report.lowest_glibc(held.closest([PAGE[5]]), held) is None

    def test_a_hidden_version_is_not_the_one_that_would_help(self) -> None:
        """Report A10: on glibc 2.12 the attribute refuses 2.17 before the machine has it."""
        held = on(glibc="2.12", override=module(manylinux2014_compatible=False))
        misses = held.closest(["a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"])
        assert report.lowest_glibc(misses, held) is None
        assert "would fit" not in report.summary(misses, held)
        misses = held.closest(["a-1-cp312-cp312-manylinux_2_17_x86_64.whl", "a-1-cp312-cp312-manylinux_2_24_x86_64.whl"])
        assert report.lowest_glibc(misses, held) == mltags.Glibc(2, 24)


class TestMachines:
    """``machines``: the table, and which of its machines wheels fit."""

    def test_every_machine_is_a_row(self, capsys: pytest.CaptureFixture) -> None:
        assert run("machines") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split("  ")[0] == "name"
        assert len(lines) == len(mltags.machines()) + 1
        assert next(line for line in lines if line.startswith("centos-7 ")).split()[:5] == [
            "centos-7",
            "glibc",
            "2.17",
            "3.6",
            "2024-06-30",
        ]
        assert run("machines", "--json") == 0
        found = json.loads(capsys.readouterr().out)
        row = next(row for row in found["machines"] if row["name"] == "debian-12")
        assert (row["libc"], row["archs"][0], row["end_of_life"]) == (
            {"family": "glibc", "version": [2, 36]},
            "x86_64",
            "2026-06-10",
        )

    def test_wheels_that_fit_are_listed_with_ends_of_life(self, capsys: pytest.CaptureFixture) -> None:
        wheels = ["a-1-cp36-abi3-manylinux_2_17_x86_64.whl", "b-1-cp36-abi3-musllinux_1_1_aarch64.whl"]
        assert run("machines", "--python-version", "3.12", "--fits", *wheels) == 0
        lines = capsys.readouterr().out.splitlines()
        places = [lines.index(text) for text in (*wheels, "all 2 wheels")]
        first, second = lines[places[0] + 1 : places[1]], lines[places[1] + 1 : places[2]]
        assert "  centos-7               x86_64  end of life 2024-06-30" in first
        assert not any("alpine" in line for line in first)
        assert all("alpine" in line and "aarch64" in line for line in second)
        assert lines[places[2] + 1 :] == ["  fits no known machine with that Python"]

    def test_json_of_what_fits(self, capsys: pytest.CaptureFixture) -> None:
        assert run("machines", "--json", "--python-version", "3.12", "--fits", "a-1-cp312-cp312-win_arm64.whl") == 0
        found = json.loads(capsys.readouterr().out)
        assert found["all"] == found["wheels"][0]["machines"]
        assert {"name": "windows-11", "arch": "arm64", "end_of_life": ""} in found["all"]

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            (("--fits", "a-1-py3-none-any.whl", "--machine", "centos-7"), "unrecognized arguments: --machine centos-7"),
            (
                ("--fits", "a-1-py3-none-any.whl", "--platform", "linux_x86_64"),
                "unrecognized arguments: --platform linux_x86_64",
            ),
            (("--root-python", "x"), "unrecognized arguments: --root-python x"),
            (("--python-version", "3.12"), "--python-version needs --fits"),
        ],
        ids=["a machine", "a platform", "a Python of a root", "a version for nothing"],
    )
    def test_other_targets_are_refused(self, words: tuple, problem: str, capsys: pytest.CaptureFixture) -> None:
        assert run("machines", *words) == 2
        assert capsys.readouterr().err.partition(" (see: ")[0].rstrip() == f"mltags: {problem}"

    def test_wheels_that_fit_nowhere_are_exit_status_1(self, capsys: pytest.CaptureFixture) -> None:
        assert run("machines", "--fits", "a-1-cp27-cp27mu-linux_sparc.whl", "--json") == 1
        assert json.loads(capsys.readouterr().out) == {
            "mltags": 1,
            "wheels": [{"name": "a-1-cp27-cp27mu-linux_sparc.whl", "machines": []}],
            "all": [],
        }


class TestTable:
    """Rows fit the terminal: what is too long is wrapped between words, below its first cell (report B18)."""

    ROWS = (
        ("libc", "glibc 2.36", "os.confstr: 'glibc 2.36'"),
        (
            "executable",
            "64-bit, little-endian, x86_64, loaded by /lib64/ld-linux-x86-64.so.2",
            "sys.executable: '/usr/bin/python3'",
        ),
        ("", "no manylinux tags", ""),
    )

    def test_piped_rows_are_whole(self) -> None:
        assert (
            report.table(self.ROWS, None).splitlines()[0]
            == "libc        glibc 2.36                                os.confstr: 'glibc 2.36'"
        )

    def test_rows_are_wrapped(self) -> None:
        assert report.table(self.ROWS, 60).splitlines() == [
            "libc        glibc 2.36",
            "            os.confstr: 'glibc 2.36'",
            "executable  64-bit, little-endian, x86_64, loaded by",
            "            /lib64/ld-linux-x86-64.so.2",
            "            sys.executable: '/usr/bin/python3'",
            "            no manylinux tags",
        ]


class TestWhereTheCommandStands:
    """The command may follow options (report B18)."""

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            (["--platform", "tags", "--json"], ("", ["--platform", "tags", "--json"])),
            (["--platform", "any", "tags", "--json"], ("tags", ["--platform", "any", "--json"])),
            (["--json", "explain", "x"], ("explain", ["--json", "x"])),
            (["--platform=any", "rank"], ("rank", ["--platform=any"])),
            (["--bogus", "tags"], ("", ["--bogus", "tags"])),
        ],
    )
    def test_it_is_found(self, words: list, found: tuple) -> None:
        assert options.split(words) == found


class TestOneTarget:
    """Options that exclude one another, or that need another one, are refused."""

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            (
                ("--machine", "debian-12", "--machine", "centos-7"),
                "--machine was given more than once; only check compares several targets",
            ),
            (("--target", "a", "--target", "b"), "--target was given more than once; only check compares several targets"),
            (("--root-python", "/usr/bin/python3"), "--root-python needs --root"),
            (("--machine", "debian-12", "--platform", "any"), "--platform and --machine cannot be combined; use one of them"),
        ],
    )
    def test_they_are_refused(self, words: tuple, problem: str, capsys: pytest.CaptureFixture) -> None:
        assert run("tags", *words) == 2
        assert capsys.readouterr().err == f"mltags: {problem}\n"


class TestTerminal:
    """What a person at a terminal sees (report B18)."""

    def test_the_width_is_the_terminals(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setenv("COLUMNS", "60")
        monkeypatch.setattr(sys, "stdout", Terminal())
        assert output.columns() == 60
        monkeypatch.setattr(sys, "stdout", io.StringIO())
        assert output.columns() is None

    def test_after_an_interrupt_the_prompt_begins_a_new_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        def interrupted() -> int:
            raise KeyboardInterrupt

        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        assert output.run(interrupted) == 130
        assert stream.getvalue() == "\n"

    def test_a_stream_that_was_closed_before_is_left_alone(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        def closed() -> int:
            raise OSError(9, "Bad file descriptor")

        def refuse(*_: object) -> int:
            raise OSError(9, "Bad file descriptor")

        with monkeypatch.context() as patch:
            patch.setattr("os.dup2", refuse)
            patch.setattr(sys, "stdout", sys.stdout)
            assert output.run(closed) == 2
            assert sys.stdout is None
        assert capsys.readouterr().err == "mltags: cannot write: [Errno 9] Bad file descriptor\n"


def test_one_wheel_has_no_line_for_all(capsys: pytest.CaptureFixture) -> None:
    assert run("machines", "--python-version", "3.12", "--fits", "a-1-cp312-cp312-manylinux_2_43_x86_64.whl") == 0
    assert "all" not in capsys.readouterr().out
