"""The command line: streams, exit codes, and never a traceback."""

import io
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import packaging
import packaging.tags
import pytest

import mltags
from mltags.__main__ import main
from mltags.cli import commands, options, output


def run(*arguments: str) -> int:
    """A command in this process, as the program runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["mltags", *arguments])
        patch.setattr(sys, "path", list(sys.path))
        return main()


def spawn(*arguments: str, **options: Any) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "mltags", *arguments], capture_output=True, text=True, check=False, **options)


def test_the_main_job_prints_platform_tags_one_a_line() -> None:
    done = spawn()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == list(packaging.tags.platform_tags())


def test_the_main_job_loads_nothing_heavy() -> None:
    code = "import sys; from mltags.__main__ import main; main(); print(*sys.modules, file=sys.stderr)"
    before = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    after = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(after.stderr.split()) - set(before.stdout.split())
    heavy = {"packaging", "argparse", "subprocess", "ctypes", "re", "typing", "dataclasses", "enum", "functools", "contextlib"}
    heavy |= {"logging", "platform", "json", "pathlib", "importlib", "__future__", "typing_extensions", "struct", "sysconfig"}
    if sys.implementation.name == "cpython":
        assert not loaded & heavy


def test_lists_agree_with_the_library(capsys: pytest.CaptureFixture) -> None:
    assert run() == 0
    assert capsys.readouterr().out.splitlines() == list(mltags.platform_tags())
    assert run("--linux-tags", "last") == 0
    assert capsys.readouterr().out.splitlines() == list(mltags.platform_tags(linux_tags="last"))
    assert run("tags") == 0
    assert capsys.readouterr().out.splitlines() == [str(tag) for tag in mltags.sys_tags()]
    assert run("tags", "--json", "--max-glibc", "2.17") == 0
    assert json.loads(capsys.readouterr().out) == list(mltags.Target.current(max_glibc="2.17").triples)


def test_probe_prints_what_was_detected_and_how(capsys: pytest.CaptureFixture) -> None:
    assert run("probe") == 0
    out = capsys.readouterr().out
    assert "platform.system(): 'Linux'" in out
    assert run("probe", "--json") == 0
    saved = json.loads(capsys.readouterr().out)
    assert saved["mltags"] == 1
    assert saved["platform_tags"] == list(mltags.platform_tags())
    assert saved["tags"] == list(mltags.Target.current().triples)
    assert {"fact", "question", "answer", "conclusion"} == set(saved["platform"]["evidence"][0])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("nonsense",), "mltags: no command 'nonsense'; expected one of tags, probe, machines, rank, explain, check, audit"),
        (("--max-glibc", "2"), "mltags: invalid target '2': max_glibc: expected a text such as '2.28', up to 99.999"),
        (("tags", "--linux-tags", "middle"), "mltags: argument --linux-tags: invalid choice: 'middle' (choose from "),
        (("tags", "--bogus\x1b"), r"mltags: unrecognized arguments: --bogus\x1b (see: "),
        (("--max", "2.17"), "mltags: unrecognized arguments: --max 2.17 (see: "),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_2(arguments: tuple, problem: str, capsys: pytest.CaptureFixture) -> None:
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(problem[:60])
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", options.COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture) -> None:
    assert run(*filter(None, [command, "--help"])) == 0
    assert options.COMMANDS[command] in " ".join(capsys.readouterr().out.split())


def test_help_shows_the_commands(capsys: pytest.CaptureFixture) -> None:
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: {options.PROG} [COMMAND] [OPTION ...]\n")
    listed = [line.split()[0] for line in out.partition("commands (COMMAND --help shows more):\n")[2].splitlines()[:7]]
    assert listed == ["tags", "probe", "machines", "rank", "explain", "check", "audit"]


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith(f"mltags {mltags.__version__} (packaging {packaging.__version__}, ")


def test_a_misbehaving_override_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setitem(sys.modules, "_manylinux", type("Module", (), {"manylinux_compatible": 7, "__file__": "/x\n.py"}))
    assert run() == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("mltags: override module /x\\n.py, asked about manylinux_")


def test_a_closed_pipe_is_quiet() -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; time.sleep(.3); import sys; sys.argv = ['m']; from mltags.__main__ import main; main()",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("word", ["tags", "--help", "--version"])
@pytest.mark.parametrize("options", [[], ["-u"]], ids=["buffered", "unbuffered"])
def test_a_full_disk_is_one_line(word: str, options: list) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this machine")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, *options, "-m", "mltags", word], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "mltags: cannot write: [Errno 28] No space left on device\n"


def test_a_current_directory_that_is_gone_is_a_read_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for command in ("check", "audit"):
        assert output.run(partial(commands.main, [command, "."])) == 2
        assert capsys.readouterr().err == "mltags: cannot read: [Errno 2] No such file or directory\n"


def test_a_stream_of_notes_that_fails_is_no_error_of_its_own() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this machine")
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "mltags", "nonsense"], stderr=full, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


def test_an_unusable_stream_of_notes_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    assert run("nonsense") == 2


def test_an_odd_tag_stays_on_its_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr("sysconfig.get_platform", lambda: "linux-x\x1b[31m\nfoo" + "o" * 400)
    for arguments in ((), ("--linux-tags", "first")):
        assert run(*arguments) == 0
        assert capsys.readouterr().out == "linux_x\\x1b[31m\\nfoo" + "o" * 400 + "\n"


def test_streams_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run() == 0
    assert run("nonsense") == 2


def broken(problem: BaseException) -> object:
    def fail(text: str) -> None:
        raise problem

    return fail


def test_each_way_to_fail_has_its_exit_code(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture) -> None:
    for problem, code in ((KeyboardInterrupt(), 130), (OSError(28, "full"), 2)):
        monkeypatch.setattr(output, "print_text", broken(problem))
        assert run() == code
    assert capfd.readouterr().err == "mltags: cannot write: [Errno 28] full\n"
    saved = os.dup(1)
    try:
        monkeypatch.setattr(output, "print_text", broken(BrokenPipeError()))
        assert run() == 0
    finally:
        os.dup2(saved, 1)


def test_an_encoding_that_cannot_hold_the_text_gets_it_escaped() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from mltags.cli.output import print_text; print_text('t\\xe4g')"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == b"t\\xe4g\n"


def test_text_is_escaped_on_a_narrow_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    output.print_text("t\xe4g")
    assert raw.getvalue() == b"t\\xe4g\n"


class TestStray:
    """A ``_manylinux.py`` that lies in the current directory is not this machine's."""

    @pytest.fixture(autouse=True)
    def _stray(self, tmp_path: Path) -> None:
        (tmp_path / "_manylinux.py").write_text("raise SystemExit('stray')")

    def test_it_is_not_run(self, tmp_path: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(mltags.__file__).parents[1])}
        for command in ((), ("tags",), ("probe",)):
            done = spawn(*command, cwd=tmp_path, env=environment)
            assert (done.returncode, done.stderr) == (0, "")

    @pytest.mark.parametrize("first", ["", "here", "elsewhere"])
    def test_only_the_current_directory_is_taken_off(
        self, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        monkeypatch.chdir(tmp_path)
        path = {"": "", "here": str(tmp_path), "elsewhere": "/elsewhere"}[first]
        monkeypatch.setattr(sys, "path", [path, str(tmp_path), *sys.path])
        monkeypatch.setattr(sys, "argv", ["mltags", "--version"])
        assert main() == 0
        assert (sys.path[0] == path) is (first == "elsewhere")
        assert str(tmp_path) not in sys.path
        assert capsys.readouterr().out

    def test_the_directory_of_this_very_package_stays_where_it_was_named(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        here = str(Path(mltags.__file__).parents[1])
        monkeypatch.chdir(here)
        monkeypatch.setattr(sys, "path", [here, here, "/elsewhere"])
        monkeypatch.setattr(sys, "argv", ["mltags", "--version"])
        assert main() == 0
        assert sys.path == [here, "/elsewhere"]

    def test_a_directory_that_is_gone_is_no_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        monkeypatch.setattr(sys, "argv", ["mltags", "--version"])
        monkeypatch.setattr(sys, "path", ["/elsewhere"])
        assert main() == 0

    def test_an_isolated_interpreter_keeps_its_path(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["mltags", "--version"])
        monkeypatch.setattr(sys, "path", [])
        assert main() == 0


class TestRank:
    """``rank``: compatible wheels, best first."""

    TARGET = ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.12", "--implementation", "cp")
    PAGE = (
        "numpy-2.1.0-cp312-cp312-win_amd64.whl",
        "numpy-2.1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "numpy-2.1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        "numpy-2.1.0-py3-none-any.whl",
    )

    def test_the_compatible_are_printed_best_first(self, capsys: pytest.CaptureFixture) -> None:
        assert run("rank", *self.TARGET, *self.PAGE) == 0
        assert capsys.readouterr() == (f"{self.PAGE[2]}\n{self.PAGE[1]}\n{self.PAGE[3]}\n", "")
        assert run("rank", *self.TARGET, "--top", "1", *self.PAGE) == 0
        assert capsys.readouterr().out == f"{self.PAGE[2]}\n"

    def test_json_gives_name_rank_and_tag(self, capsys: pytest.CaptureFixture) -> None:
        assert run("rank", *self.TARGET, "--json", *self.PAGE[1:3]) == 0
        assert json.loads(capsys.readouterr().out) == [
            {"name": self.PAGE[2], "rank": 0, "tag": "cp312-cp312-manylinux_2_28_x86_64"},
            {"name": self.PAGE[1], "rank": 11, "tag": "cp312-cp312-manylinux_2_17_x86_64"},
        ]
        assert run("rank", *self.TARGET, "--json", self.PAGE[0]) == 1
        assert json.loads(capsys.readouterr().out) == []

    @pytest.mark.parametrize(
        "word",
        [
            "/dist/x y/{}",
            "dist\\{}",
            "https://files.example/a%2Fb/{}#sha256=abc",
            "https://files.example/p/{}?query=1#egg=x/y",
            "../../packages/{}#sha256=abc",
            "file:///tmp/{}",
        ],
    )
    def test_a_path_or_a_url_stands_for_its_last_part(self, word: str, capsys: pytest.CaptureFixture) -> None:
        name = "torch-2.1.0+cu121-cp312-cp312-linux_x86_64.whl"
        given = name.replace("+", "%2B") if "://" in word else name
        assert run("rank", *self.TARGET, word.format(given)) == 0
        assert capsys.readouterr().out == f"{name}\n"

    @pytest.mark.parametrize(
        ("names", "code"),
        [
            (PAGE[:1], 1),
            (("foo.whl",), 2),
            (("foo.whl", PAGE[0]), 1),
            (("foo.whl", PAGE[3]), 0),
            (("a-1-py3-none-any%2Fx.whl",), 1),
        ],
    )
    def test_exit_codes(self, names: tuple, code: int, capsys: pytest.CaptureFixture) -> None:
        assert run("rank", *self.TARGET, *names) == code
        assert ("invalid" in capsys.readouterr().err) is ("foo.whl" in names)

    def test_malformed_names_are_counted_and_the_first_few_shown(self, capsys: pytest.CaptureFixture) -> None:
        assert run("rank", *self.TARGET, "a.whl", "b.whl", "c.whl", "d\x1b.whl", self.PAGE[3]) == 0
        out, err = capsys.readouterr()
        assert out == f"{self.PAGE[3]}\n"
        lines = err.splitlines()
        assert lines[0] == "mltags: invalid wheel filenames: 4 of 5; for example:"
        assert lines[1].startswith("mltags:   invalid wheel filename 'a.whl': number of parts: expected 5 or 6 parts")
        assert len(lines) == 4

    def test_standard_input_is_read_line_by_line(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        data = b"\n  " + self.PAGE[3].encode() + b"  \r\n" + b"x" * 200_000 + b".whl\nb\xff\xfe-1.whl\n" + self.PAGE[2].encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert run("rank", *self.TARGET, "-", self.PAGE[1]) == 0
        out, err = capsys.readouterr()
        assert out.splitlines() == [self.PAGE[2], self.PAGE[1], self.PAGE[3]]
        assert err.startswith("mltags: invalid wheel filenames: 2 of 5; for example:")
        monkeypatch.setattr(sys, "stdin", io.StringIO(self.PAGE[3]))
        assert run("rank", *self.TARGET, "-") == 0
        monkeypatch.setattr(sys, "stdin", None)
        assert run("rank", *self.TARGET, "-") == 1
        assert capsys.readouterr().err == "mltags: no names given\n"

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
    @pytest.mark.parametrize("text", ["{}\r\n", "<a href='{}'>x</a>"], ids=["names", "a page"])
    def test_standard_input_in_each_encoding_that_shells_write(
        self, text: str, encoding: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        """Report A18, of names."""
        data = ("\ufeff" * (encoding == "utf-16-be") + text.format(self.PAGE[3])).encode(encoding)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
        assert run("rank", *self.TARGET, "-") == 0
        assert capsys.readouterr() == (f"{self.PAGE[3]}\n", "")

    def test_a_directory_without_wheels(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        (tmp_path / "readme.txt").touch()
        for command in ("rank", "explain"):
            assert run(command, *self.TARGET, str(tmp_path)) == 2
            assert "holds no wheels and no source distributions\n" in capsys.readouterr().err

    @pytest.mark.parametrize("word", ["", "dist/", "numpy", "scikit-learn", "https://example.org/demo.html"])
    def test_a_word_that_is_not_a_wheel_points_to_the_index(
        self, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert run("rank", word) == 2
        assert capsys.readouterr().err == (
            f"mltags: '{word}' is not a wheel, a directory or a saved page; for a project on an index, use --project NAME\n"
        )

    def test_the_newest_version_comes_first(self, capsys: pytest.CaptureFixture) -> None:
        """Report A19."""
        versions = ["1.26.0", "2.2.6", "2.3.0rc1", "2.10.0", "2.2.10", "2.2.6.post1"]
        assert run("rank", *self.TARGET, "--top", "4", *[f"numpy-{version}-py3-none-any.whl" for version in versions]) == 0
        assert [line.split("-")[1] for line in capsys.readouterr().out.split()] == ["2.10.0", "2.2.10", "2.2.6.post1", "2.2.6"]
        assert (
            run(
                "rank",
                *self.TARGET,
                "b-1-py3-none-any.whl",
                "a-1-py3-none-any.whl",
                "B-2-1-py3-none-any.whl",
                "b-2-py3-none-any.whl",
                "b-2-py3-none-linux_x86_64.whl",
            )
            == 0
        )
        assert capsys.readouterr().out.split() == [
            "b-2-py3-none-linux_x86_64.whl",
            "B-2-1-py3-none-any.whl",
            "b-2-py3-none-any.whl",
            "b-1-py3-none-any.whl",
            "a-1-py3-none-any.whl",
        ]

    def test_source_archives_are_counted_and_passed_over(self, capsys: pytest.CaptureFixture) -> None:
        """Report A20."""
        assert (
            run("rank", *self.TARGET, "numpy-2.1.0.tar.gz", "https://files.example/numpy-2.0.0.zip#sha256=1", self.PAGE[3]) == 0
        )
        assert capsys.readouterr() == (f"{self.PAGE[3]}\n", "mltags: skipped 2 files that are not wheels\n")
        assert run("explain", *self.TARGET, "numpy-2.1.0.tar.gz") == 1
        assert capsys.readouterr() == ("", "mltags: skipped 1 file that is not a wheel\n")

    def test_a_directory_stands_for_its_wheels(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        for name in (*self.PAGE, "numpy-2.1.0.tar.gz", "notes.txt"):
            (tmp_path / name).touch()
        assert run("rank", *self.TARGET, str(tmp_path)) == 0
        assert capsys.readouterr() == (
            f"{self.PAGE[2]}\n{self.PAGE[1]}\n{self.PAGE[3]}\n",
            "mltags: skipped 1 file that is not a wheel\n",
        )

    def test_a_read_error_is_named_as_one(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        """Report A21."""

        class Unreadable(io.StringIO):
            def readline(self, size: Any = -1, /) -> Any:
                raise OSError(9, "Bad file descriptor")

        monkeypatch.setattr(sys, "stdin", Unreadable())
        assert run("rank", *self.TARGET, "-") == 2
        assert capsys.readouterr().err == "mltags: cannot read standard input: [Errno 9] Bad file descriptor\n"

    def test_top_keeps_no_more_than_it_needs(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        names = [f"p-1.{number}-py3-none-any.whl" for number in range(5000)] + [
            f"q{number}-1-py3-none-any.whl" for number in range(3000)
        ]
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(names)))
        assert run("rank", *self.TARGET, "--top", "3", "-") == 0
        assert capsys.readouterr().out.split() == [f"p-1.{number}-py3-none-any.whl" for number in (4999, 4998, 4997)]

    @pytest.mark.parametrize("top", ["0", "-1", "x", "\u0663", "9" * 5000, ""])
    def test_top_is_a_whole_number(self, top: str, capsys: pytest.CaptureFixture) -> None:
        assert run("rank", "--top=" + top, self.PAGE[0]) == 2
        assert "is not a whole number from 1 to 99999999" in capsys.readouterr().err

    def test_options_describe_any_target(self, capsys: pytest.CaptureFixture) -> None:
        assert run("tags", *self.TARGET, "--abi", "cp312d", "--abi", "cp312") == 0
        assert capsys.readouterr().out.startswith("cp312-cp312d-manylinux_2_28_x86_64\n")
        assert run("--platform", "manylinux2014_aarch64") == 0
        assert capsys.readouterr().out.split() == ["manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"]
        assert run("probe", "--platform", "manylinux2014_aarch64", "--python-version", "3.12") == 0
        assert "declared: 'manylinux2014_aarch64'" in capsys.readouterr().out
        assert run("probe", "--python-version", "3.9", "--implementation", "cp") == 0
        assert "CPython 3.9" in capsys.readouterr().out
        assert run("--platform", "manylinux1_aarch64") == 2
        assert capsys.readouterr().err == (
            "mltags: invalid platform tag 'manylinux1_aarch64': alias: manylinux1 exists for x86_64 and i686 only; "
            "did you mean manylinux_2_17_aarch64?\n"
        )


class TestPlaces:
    """``--root``, ``--python``, ``--target`` and other tools' options."""

    def test_another_python_and_a_saved_target(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("probe", "--json", "--python", sys.executable) == 0
        saved = tmp_path / "target.json"
        saved.write_text(capsys.readouterr().out)
        assert run("tags", "--target", str(saved)) == 0
        assert capsys.readouterr().out.split() == list(mltags.Target.current().triples)

    def test_a_root_directory(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        from mltags.testing import make_elf

        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/sh").write_bytes(make_elf("aarch64"))
        assert run("--root", str(tmp_path)) == 0
        assert capsys.readouterr().out == "linux_aarch64\n"
        assert run("tags", "--root", str(tmp_path)) == 2
        assert "its Python version is unknown; pass python_version" in capsys.readouterr().err
        assert run("tags", "--root", str(tmp_path), "--python-version", "3.12", "--implementation", "py") == 0
        assert capsys.readouterr().out.startswith("py312-none-linux_aarch64\n")

    def test_words_that_are_left_out_are_the_roots_own(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        from mltags.testing import make_elf

        (tmp_path / "usr/bin").mkdir(parents=True)
        (tmp_path / "usr/bin/python3.9").write_bytes(make_elf())
        (tmp_path / "usr/lib/python3.9").mkdir(parents=True)
        (tmp_path / "usr/lib/python3.9/os.py").touch()
        assert run("tags", "--root", str(tmp_path), "--abi", "cp39d") == 0
        assert capsys.readouterr().out.startswith("cp39-cp39d-linux_x86_64\n")
        assert run("tags", "--root", str(tmp_path)) == 0
        assert capsys.readouterr().out.startswith("cp39-cp39-linux_x86_64\n")

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            (("--format", "pip", "--json"), "--format and --json cannot be combined; use one of them"),
            (("--python-version", ""), "Python version: expected a version such as '3.12', '312' or '3'"),
            (("--implementation", ""), "implementation: may hold letters, digits and '_' only, such as cp, pp or py"),
            (("--root", "/", "--platform", "any"), "--platform and --root cannot be combined; use one of them"),
            (
                ("--python", "x", "--python-version", "3.12"),
                "--python cannot be combined with --python-version, --implementation or --abi",
            ),
            (("--target", "x", "--linux-tags", "last"), "--target cannot be combined with other target options"),
            (("--target", "/nonexistent"), "--target: cannot be read: [Errno 2] No such file or directory"),
            (("--target", "/"), "--target: cannot be read: '/' is not a regular file"),
            (("--root", "/nonexistent"), "not a directory; pass the root directory of a system"),
            (("--python", "/nonexistent"), "cannot be run: [Errno 2] No such file or directory"),
        ],
    )
    def test_bad_places_are_one_line(self, arguments: tuple, problem: str, capsys: pytest.CaptureFixture) -> None:
        assert run(*arguments) == 2
        err = capsys.readouterr().err
        assert problem in err
        assert err.count("\n") == 1

    def test_pips_words(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        declared = ("--platform", "manylinux2014_aarch64", "--python-version", "3.12", "--implementation", "cp")
        assert run(*declared, "--format", "pip") == 0
        assert capsys.readouterr().out == (
            "--platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64 --platform linux_aarch64 "
            "--python-version 3.12 --implementation cp --abi cp312\n"
        )
        saved = json.loads(mltags.Target.of(python_version="3.12", platform="linux_x86_64", implementation="cp").to_json())
        saved["platform"]["explicit_tags"] = ["linux_x86_64; rm -rf x"]
        (tmp_path / "odd.json").write_text(json.dumps(saved))
        assert run("--target", str(tmp_path / "odd.json"), "--format", "pip") == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert "may hold letters, digits, '_' and '.' only, to be safe in a shell" in err
        (tmp_path / "pex.json").write_text(json.dumps({"compatible_tags": ["py3-none-any"]}))
        assert run("--target", str(tmp_path / "pex.json"), "--format", "pip") == 2
        expected = "a list of tags names no Python; pass a target with one"
        assert capsys.readouterr().err == f"mltags: invalid target '1 explicit tag': --format pip: {expected}\n"
        assert run(*declared, "--format", "uv") == 0
        assert capsys.readouterr().out == "--python-platform aarch64-manylinux_2_17 --python-version 3.12\n"


def test_a_root_that_is_no_system_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "etc").mkdir()
    for words in ([], ["tags", "--python-version", "3.12"], ["probe"], ["rank", "a-1-py3-none-any.whl"]):
        assert run(*words, "--root", str(tmp_path)) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.rstrip().endswith("no program found in it; pass the root directory of a system")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "schema: expected 1"),
        ('["py3-none-any"]', "JSON: expected an object"),
        ("python  CPython", "JSON: cannot be read: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_a_file_that_is_not_a_saved_target_is_named(
    text: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "saved.json"
    path.write_text(text)
    assert run("tags", "--target", str(path)) == 2
    assert (
        capsys.readouterr().err
        == f"mltags: invalid target '{path}': {problem}; `mltags probe --json` and `Target.to_json` write such a file\n"
    )
