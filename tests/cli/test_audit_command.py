"""The command ``audit``: formats, the gate, many wheels, exit status."""

import io
import json
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

    def test_wheels_in_conflict(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        for name, need in (("one", "liba.so"), ("two", "libb.so")):
            library = elf(soname="libshared.so.1", needed=["libc.so.6", need])
            other = elf(soname=need)
            module = elf(needed=["libshared.so.1", "libc.so.6"], runpath="$ORIGIN")
            wheel(
                tmp_path,
                f"{name}-1-cp312-cp312-manylinux_2_17_x86_64.whl",
                {MODULE.replace("demo", name): module, f"{name}/libshared.so.1": library, f"{name}/{need}": other},
            )
        code = run("audit", *TARGET, *map(str, sorted(tmp_path.glob("*.whl"))))
        out = capsys.readouterr().out
        assert code == 1
        assert "together\n" in out
        assert "[soname]" in out

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

    def test_what_is_ignored_is_counted(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--ignore", f"glibc:{MODULE}", path(folder, "wrong")) == 0
        assert capsys.readouterr().err == "mltags: ignored: glibc (1)\n"
        assert run("audit", *TARGET, "--ignore", "glibc:other/*", path(folder, "wrong")) == 1
        assert run("audit", *TARGET, "--ignore", "nonsense", path(folder, "wrong")) == 2
        assert "invalid target 'nonsense': rule: expected one of abi, " in capsys.readouterr().err

    def test_formats(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        wheels = [path(folder, "right"), path(folder, "wrong"), path(folder, "plain"), str(folder / "gone-1-py3-none-any.whl")]
        assert run("audit", *TARGET, "--json", *wheels) == 2
        found = json.loads(capsys.readouterr().out)
        assert [row.get("correct", row.get("error", "")[:13]) for row in found["wheels"]] == [
            True,
            False,
            True,
            "invalid wheel",
        ]
        assert run("audit", *TARGET, "--format", "markdown", *wheels) == 2
        out = capsys.readouterr().out
        assert "| wheel | tags | loads | lowest tag |" in out
        assert "remark: " in out
        assert run("audit", *TARGET, "--format", "html", *wheels) == 2
        out = capsys.readouterr().out
        assert "audit: problems found" in out
        assert "<script" not in out
        assert run("audit", *TARGET, "--format", "github", *wheels) == 2
        levels = [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()]
        assert sorted(set(levels)) == ["::error", "::notice"]
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
        assert run("audit", *TARGET, str(folder / "below"), "--ignore", "glibc") == 0

    def test_what_is_done_is_skipped(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--json", str(folder)) == 1
        done = folder / "done.jsonl"
        lines = capsys.readouterr().out.splitlines()
        done.write_text("\n".join([*lines[:2], lines[2][:40]]))
        assert run("audit", *TARGET, "--json", "--resume", str(done), str(folder)) == 1
        out, err = capsys.readouterr()
        assert [json.loads(line)["name"].partition("-")[0] for line in out.splitlines()] == ["wrong"]
        assert err == f"mltags: 2 of 3 wheels have their verdicts in {done}\n"
        assert run("audit", *TARGET, "--json", "--resume", str(folder / "none.jsonl"), path(folder, "right")) == 0

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
        assert run("audit", path(folder, "right").replace("cp312", "cp312")) == 0
        assert "; loads here" in capsys.readouterr().out

    def test_a_python(self, folder: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("audit", *TARGET, "--python-version", "3.9", path(folder, "right")) == 1
        assert "is built for CPython 3.12 only" in capsys.readouterr().out
        assert run("audit", "--machine", "debian-12", path(folder, "right")) == 0
        assert run("audit", "--python-version", "3.12", "--implementation", "cp", path(folder, "right")) == 0

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
    assert "wrong-1-" in stream.getvalue()


def test_large_wheels_alone_move_the_bar() -> None:
    shown: list[tuple] = []
    show = auditing._large_only(lambda *row: shown.append(row))
    assert show is not None
    show("small", 1, 10)
    show("large", 1, 1 << 30)
    assert shown == [("large", 1, 1 << 30)]
    assert auditing._large_only(None) is None
    assert audit.RULES
