"""The command line: streams, exit codes, and never a traceback."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import packaging.tags
import pytest

import mltags
from mltags.cli import commands as _cli, output as _output
from mltags.__main__ import main


def run(*arguments: str) -> int:
    return _output.run(list(arguments))


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
    assert run("--native", "last") == 0
    assert capsys.readouterr().out.splitlines() == list(mltags.platform_tags(native="last"))
    assert run("tags") == 0
    assert capsys.readouterr().out.splitlines() == [str(tag) for tag in mltags.sys_tags()]
    assert run("tags", "--json", "--max-glibc", "2.17") == 0
    assert json.loads(capsys.readouterr().out) == list(mltags.Target.current(max_glibc="2.17").triples)


def test_probe_says_what_was_detected_and_how(capsys: pytest.CaptureFixture) -> None:
    assert run("probe") == 0
    out = capsys.readouterr().out
    assert "platform.system(): 'Linux'" in out
    assert run("probe", "--json") == 0
    kept = json.loads(capsys.readouterr().out)
    assert kept["mltags"] == 1
    assert kept["platform_tags"] == list(mltags.platform_tags())
    assert kept["tags"] == list(mltags.Target.current().triples)
    assert {"fact", "question", "answer", "conclusion"} == set(kept["platform"]["evidence"][0])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("nonsense",), "mltags: no command 'nonsense'; there are: tags, rank, explain, floor, probe"),
        (("--max-glibc", "2"), "mltags: invalid target '2': max_glibc: a text such as '2.28' is accepted, up to 99.999"),
        (("tags", "--native", "middle"), "mltags: argument --native: invalid choice: 'middle' (choose from "),
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


@pytest.mark.parametrize("command", _cli.COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture) -> None:
    assert run(*filter(None, [command, "--help"])) == 0
    assert _cli.COMMANDS[command][0] in " ".join(capsys.readouterr().out.split())


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"mltags {mltags.__version__}\n"


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


def test_a_full_disk_is_said_in_a_line() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this machine")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mltags", "tags"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "mltags: cannot write: [Errno 28] No space left on device\n"


def test_a_stream_of_notes_that_fails_is_no_error_of_its_own() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this machine")
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "mltags", "nonsense"], stderr=full, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


def test_nobody_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    assert run("nonsense") == 2


def test_an_odd_tag_stays_on_its_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr("sysconfig.get_platform", lambda: "linux-x\x1b[31m\nfoo" + "o" * 400)
    for arguments in ((), ("--native", "first")):
        assert run(*arguments) == 0
        assert capsys.readouterr().out == "linux_x\\x1b[31m\\nfoo" + "o" * 400 + "\n"


def test_streams_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run() == 0
    assert run("nonsense") == 2


def broken(problem: BaseException) -> object:
    def show(text: str) -> None:
        raise problem

    return show


def test_each_way_to_fail_has_its_exit_code(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture) -> None:
    for problem, code in ((KeyboardInterrupt(), 130), (OSError(28, "full"), 2)):
        monkeypatch.setattr(_output, "show", broken(problem))
        assert run() == code
    assert capfd.readouterr().err == "mltags: cannot write: [Errno 28] full\n"
    saved = os.dup(1)
    try:
        monkeypatch.setattr(_output, "show", broken(BrokenPipeError()))
        assert run() == 0
    finally:
        os.dup2(saved, 1)


def test_an_encoding_that_cannot_hold_the_text_gets_it_escaped() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from mltags.cli.output import show; show('t\\xe4g')"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == b"t\\xe4g\n"


def test_text_is_escaped_on_a_narrow_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    _output.show("t\xe4g")
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
            {"name": self.PAGE[2], "rank": 1, "tag": "cp312-cp312-manylinux_2_28_x86_64"},
            {"name": self.PAGE[1], "rank": 12, "tag": "cp312-cp312-manylinux_2_17_x86_64"},
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
        assert ("malformed" in capsys.readouterr().err) is ("foo.whl" in names)

    def test_malformed_names_are_counted_and_the_first_few_shown(self, capsys: pytest.CaptureFixture) -> None:
        assert run("rank", *self.TARGET, "a.whl", "b.whl", "c.whl", "d\x1b.whl", self.PAGE[3]) == 0
        out, err = capsys.readouterr()
        assert out == f"{self.PAGE[3]}\n"
        lines = err.splitlines()
        assert lines[0] == "mltags: malformed: 4 of 5 names; the first:"
        assert lines[1].startswith("mltags:   invalid wheel name 'a.whl': number of parts: 5 or 6 parts")
        assert len(lines) == 4

    def test_standard_input_is_read_line_by_line(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        data = b"\n  " + self.PAGE[3].encode() + b"  \r\n" + b"x" * 200_000 + b".whl\nb\xff\xfe-1.whl\n" + self.PAGE[2].encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert run("rank", *self.TARGET, "-", self.PAGE[1]) == 0
        out, err = capsys.readouterr()
        assert out.splitlines() == [self.PAGE[2], self.PAGE[1], self.PAGE[3]]
        assert err.startswith("mltags: malformed: 2 of 5 names; the first:")
        monkeypatch.setattr(sys, "stdin", io.StringIO(self.PAGE[3]))
        assert run("rank", *self.TARGET, "-") == 0
        monkeypatch.setattr(sys, "stdin", None)
        assert run("rank", *self.TARGET, "-") == 1
        assert capsys.readouterr().err == "mltags: no names on standard input\n"

    @pytest.mark.parametrize("word", ["", "dist/"])
    def test_a_word_without_a_name_in_it_is_malformed_and_no_lack_of_names(
        self, word: str, capsys: pytest.CaptureFixture
    ) -> None:
        assert run("rank", word) == 2
        assert capsys.readouterr().err == (
            "mltags: malformed: 1 of 1 names; the first:\n"
            "mltags:   invalid wheel name '': extension: '.whl' is accepted, in lower case\n"
        )

    def test_top_keeps_no_more_than_it_needs(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        sizes = []
        sort = mltags.Target.sort

        def spy(target: mltags.Target, names: list) -> list:
            sizes.append(len(names))
            return sort(target, names)

        monkeypatch.setattr(mltags.Target, "sort", spy)
        names = [f"p{number}-1-{1 + number % 7}-py3-none-any.whl" for number in range(5000)]
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(names)))
        assert run("rank", *self.TARGET, "--top", "3", "-") == 0
        assert capsys.readouterr().out.split() == [f"p{number}-1-7-py3-none-any.whl" for number in (6, 13, 20)]
        assert max(sizes) <= 1006

    @pytest.mark.parametrize("top", ["0", "-1", "x", "\u0663", "9" * 5000, ""])
    def test_top_is_a_whole_number(self, top: str, capsys: pytest.CaptureFixture) -> None:
        assert run("rank", "--top=" + top, self.PAGE[0]) == 2
        assert "is no whole number from 1 to 99999999" in capsys.readouterr().err

    def test_options_describe_any_target(self, capsys: pytest.CaptureFixture) -> None:
        assert run("tags", *self.TARGET, "--abi", "cp312d", "--abi", "cp312") == 0
        assert capsys.readouterr().out.startswith("cp312-cp312d-linux_x86_64\n")
        assert run("--platform", "manylinux2014_aarch64") == 0
        assert capsys.readouterr().out.split() == ["linux_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"]
        assert run("probe", "--platform", "manylinux2014_aarch64", "--python-version", "3.12") == 0
        assert "declared: 'manylinux2014_aarch64'" in capsys.readouterr().out
        assert run("probe", "--python-version", "3.9", "--implementation", "cp") == 0
        assert "CPython 3.9" in capsys.readouterr().out
        assert run("--platform", "manylinux1_aarch64") == 2
        assert capsys.readouterr().err == (
            "mltags: invalid platform tag 'manylinux1_aarch64': alias: manylinux1 exists for x86_64 and i686 only; "
            "manylinux_2_17_aarch64 may be meant\n"
        )


class TestPlaces:
    """``--root``, ``--python``, ``--target``, ``--format pip`` and ``floor``."""

    def test_another_python_and_a_kept_target(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        assert run("probe", "--json", "--python", sys.executable) == 0
        kept = tmp_path / "target.json"
        kept.write_text(capsys.readouterr().out)
        assert run("tags", "--target", str(kept)) == 0
        assert capsys.readouterr().out.split() == list(mltags.Target.current().triples)

    def test_a_root_directory(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        from mltags.testing import make_elf

        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/sh").write_bytes(make_elf("aarch64"))
        assert run("--root", str(tmp_path)) == 0
        assert capsys.readouterr().out == "linux_aarch64\n"
        assert run("tags", "--root", str(tmp_path)) == 2
        assert "its Python is not known; name the version" in capsys.readouterr().err
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
            (("--format", "pip", "--json"), "--format and --json exclude one another; one of them is accepted"),
            (("--python-version", ""), "Python version: a version such as '3.12', '312' or '3' is accepted"),
            (("--implementation", ""), "implementation: letters, digits and '_' are accepted, such as cp, pp or py"),
            (("--root", "/", "--platform", "any"), "options: they exclude one another; one of them is accepted"),
            (("--python", "x", "--python-version", "3.12"), "options: it says its own version, implementation and ABI"),
            (
                ("--target", "x", "--native", "last"),
                "options: what is kept is taken as it is; options that change it are not accepted",
            ),
            (("--target", "/nonexistent"), "--target: a readable JSON file is accepted: [Errno 2] No such file or directory"),
            (("--target", "/"), "--target: a readable JSON file is accepted: '/' is not a regular file"),
            (("--root", "/nonexistent"), "not a directory; the root of a system is accepted"),
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
            "--platform linux_aarch64 --platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64 "
            "--python-version 3.12 --implementation cp --abi cp312\n"
        )
        kept = json.loads(mltags.Target.of(python_version="3.12", platform="linux_x86_64", implementation="cp").to_json())
        kept["platform_tags"] = ["linux_x86_64; rm -rf x"]
        (tmp_path / "odd.json").write_text(json.dumps(kept))
        assert run("--target", str(tmp_path / "odd.json"), "--format", "pip") == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert "letters, digits, '_' and '.' are accepted in pip's words" in err
        (tmp_path / "pex.json").write_text(json.dumps({"compatible_tags": ["py3-none-any"]}))
        assert run("--target", str(tmp_path / "pex.json"), "--format", "pip") == 2
        assert "a list of tags names no Python" in capsys.readouterr().err

    WHEELS = (
        "numpy-2.3.2-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        "numpy-2.3.2-cp312-cp312-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl",
        "numpy-2.3.2-cp312-cp312-musllinux_1_2_x86_64.whl",
        "numpy-2.3.2-cp311-cp311-manylinux1_x86_64.whl",
        "lxml-6.0.0-cp312-cp312-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "lxml-6.0.0-cp312-cp312-win_amd64.whl",
        "six-1.17.0-py2.py3-none-any.whl",
    )
    PYTHON = ("--python-version", "3.12", "--implementation", "cp")

    def test_the_floor_of_each_architecture(self, capsys: pytest.CaptureFixture) -> None:
        assert run("floor", *self.PYTHON, *self.WHEELS) == 1
        assert capsys.readouterr().out == "aarch64: glibc none, musl none (lxml)\nx86_64: glibc 2.27, musl none (numpy)\n"
        assert run("floor", *self.PYTHON, self.WHEELS[2], self.WHEELS[0], self.WHEELS[6]) == 0
        assert capsys.readouterr().out == "x86_64: glibc 2.27, musl 1.2 (numpy)\n"
        assert run("floor", *self.PYTHON, self.WHEELS[6]) == 0
        assert capsys.readouterr().out == "any: glibc any, musl any (six)\n"
        assert run("floor", *self.PYTHON, "--json", self.WHEELS[0]) == 0
        assert json.loads(capsys.readouterr().out) == [{"arch": "x86_64", "glibc": [2, 27], "musl": None, "project": "numpy"}]

    def test_tags_that_no_machine_accepts_are_no_floor(self, capsys: pytest.CaptureFixture) -> None:
        odd = "manylinux_2_5_aarch64.manylinux1_aarch64.manylinux_1_9_x86_64.manylinux_2_017_x86_64.musllinux_0_9_x86_64"
        assert run("floor", *self.PYTHON, f"demo-1.0-cp312-cp312-{odd}.whl") == 1
        assert capsys.readouterr().out == "any: glibc none, musl none (demo)\n"

    def test_a_plain_linux_tag_fits_any_c_library_as_in_rank(self, capsys: pytest.CaptureFixture) -> None:
        assert run("floor", *self.PYTHON, "de-._mo-1.0-cp312-cp312-linux_x86_64.whl") == 2
        assert run("floor", *self.PYTHON, "d_.emo-1.0-cp312-cp312-linux_x86_64.whl") == 0
        assert capsys.readouterr().out == "x86_64: glibc any, musl any (d-emo)\n"

    def test_a_wheel_for_any_platform_of_another_implementation_is_one_too(self, capsys: pytest.CaptureFixture) -> None:
        python = ("--python-version", "3.11", "--implementation", "pp", "--abi", "pypy311_pp73")
        assert run("floor", *python, "demo-1.0-pp3-none-any.whl") == 0
        assert capsys.readouterr().out == "any: glibc any, musl any (demo)\n"

    def test_the_floor_asks_of_a_tag_what_the_target_does(self, capsys: pytest.CaptureFixture) -> None:
        for wheel in ("demo-1.0-cp312-cp312-any.whl", "demo-1.0-cp312-abi3-any.whl"):
            assert run("floor", *self.PYTHON, wheel) == run("rank", *self.PYTHON, wheel) == 1
            assert capsys.readouterr().out == "any: glibc none, musl none (demo)\n"
        python = ["--python-version", "3.11", "--implementation", "pp", "--abi", "pypy311_pp73"]
        assert run("floor", *python, "demo-1.0-pp3-none-manylinux_2_17_x86_64.whl") == 1
        assert run("floor", *python, "demo-1.0-pp311-none-manylinux_2_17_x86_64.whl") == 0
        assert capsys.readouterr().out.splitlines()[-1] == "x86_64: glibc 2.17, musl none (demo)"

    def test_the_floor_does_not_depend_on_the_platform(self, capsys: pytest.CaptureFixture) -> None:
        for platform in ("any", "win_amd64", "manylinux_2_28_aarch64"):
            assert run("floor", *self.PYTHON[-4:], "--platform", platform, "a-1-cp312-cp312-manylinux_2_17_x86_64.whl") == 0
            assert capsys.readouterr().out == "x86_64: glibc 2.17, musl none (a)\n"

    def test_the_floor_for_a_list_of_tags(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        kept = tmp_path / "target.json"
        kept.write_text(mltags.Target.from_tags(["cp312-cp312-manylinux_2_28_x86_64", "py3-none-any"]).to_json())
        names = ["a-1-cp312-cp312-manylinux_2_17_x86_64.whl", "a-1-cp312-none-manylinux_2_5_x86_64.whl", "a-1-py2-none-any.whl"]
        assert run("floor", "--target", str(kept), *names) == 0
        assert capsys.readouterr().out == "x86_64: glibc 2.17, musl none (a)\n"

    def test_the_floor_of_armv8l_takes_wheels_of_armv7l(self, capsys: pytest.CaptureFixture) -> None:
        names = ["a-1-py3-none-manylinux_2_28_armv8l.whl", "b-1-py3-none-manylinux_2_31_armv7l.whl"]
        assert run("floor", *self.PYTHON, *names) == 1
        assert capsys.readouterr().out.splitlines() == [
            "armv7l: glibc none, musl none (a)",
            "armv8l: glibc 2.31, musl none (b)",
        ]

    def test_the_floor_of_nothing(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        assert run("floor", *self.PYTHON, self.WHEELS[3]) == 1
        assert capsys.readouterr().out == "any: glibc none, musl none (numpy)\n"
        assert run("floor", *self.PYTHON, "x.whl") == 2
        assert "invalid wheel name 'x.whl'" in capsys.readouterr().err
        monkeypatch.setattr(sys, "stdin", None)
        assert run("floor", "-") == 1


def test_a_root_that_is_no_system_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "etc").mkdir()
    for words in ([], ["tags", "--python-version", "3.12"], ["probe"], ["rank", "a-1-py3-none-any.whl"]):
        assert run(*words, "--root", str(tmp_path)) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.rstrip().endswith("its machine is not known, for it holds no program; the root of a system is accepted")


def test_a_kept_target_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "kept.json"
    path.write_text("{}")
    assert run("tags", "--target", str(path)) == 2
    assert capsys.readouterr().err == (f"mltags: invalid target '{path}': schema: 1 is accepted; to_json writes it\n")
