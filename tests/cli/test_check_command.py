"""The command ``check``, and names from pages and an index."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_cli import run

import mltags
from mltags.check import index, locks, report
from mltags.cli import checking, names

LOCK = Path(__file__).parent.parent / "check/data/readme/uv.lock"
WHEELS = ("numpy-2.3.2-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", "six-1.17.0-py2.py3-none-any.whl")
MACHINES = ("--machine", "centos-7", "--machine", "debian-12", "--python-version", "3.12")


class TestFormats:
    """One report, as text, JSON, Markdown, HTML, annotations, and requirements."""

    def test_text_names_what_does_not_fit_and_a_line_for_each_target(self, capsys: pytest.CaptureFixture) -> None:
        assert run("check", *WHEELS, *MACHINES) == 1
        out = capsys.readouterr().out
        assert "numpy    ✗ glibc 2.27  ✓ wheel" in out
        assert "six" not in out.splitlines()[1]
        assert [line.split(":")[0] for line in out.splitlines()[-2:]] == ["centos-7", "debian-12"]
        assert run("check", *WHEELS, *MACHINES, "--all") == 1
        assert "six" in capsys.readouterr().out.splitlines()[2]

    def test_json(self, capsys: pytest.CaptureFixture) -> None:
        for words in (("--json",), ("--format", "json")):
            assert run("check", *WHEELS, *MACHINES, *words) == 1
            found = json.loads(capsys.readouterr().out)
            assert found["fits"] is False

    def test_markdown_and_html(self, capsys: pytest.CaptureFixture) -> None:
        assert run("check", *WHEELS, *MACHINES, "--format", "markdown") == 1
        assert "| numpy |" in capsys.readouterr().out
        assert run("check", *WHEELS, *MACHINES, "--format", "html") == 1
        out = capsys.readouterr().out
        assert out.startswith("<!DOCTYPE html>")
        assert "<script" not in out

    def test_annotations_are_escaped(self, capsys: pytest.CaptureFixture) -> None:
        assert run("check", *WHEELS, *MACHINES, "--format", "github") == 1
        first, *others = capsys.readouterr().out.splitlines()
        assert first.startswith("::error title=numpy::centos-7: numpy")
        assert all(line.startswith("::notice title=") for line in others)
        assert report.annotation("error", "a:b,c", "x:%\r\ny") == "::error title=a%3Ab%2Cc::x:%25\\r\\ny"

    def test_requirements_are_for_one_target(self, capsys: pytest.CaptureFixture) -> None:
        words = ("check", str(LOCK), "--python-version", "3.12", "--format", "requirements")
        assert run(*words, "--machine", "debian-12") == 0
        assert "numpy==2.3.2 --hash=sha256:" in capsys.readouterr().out.replace("\\\n    ", "")
        assert run(*words, "--machine", "debian-12", "--machine", "centos-7") == 2
        assert capsys.readouterr().err == "mltags: --format requirements needs exactly one target\n"


class TestSubjects:
    """A lock, names, standard input, a directory."""

    def test_a_lock(self, capsys: pytest.CaptureFixture) -> None:
        assert run("check", str(LOCK), *MACHINES, "--only-binary") == 1
        assert "numpy 2.3.2" in capsys.readouterr().out

    def test_paths_of_wheels_are_their_names(self, capsys: pytest.CaptureFixture) -> None:
        assert run("check", "dist/" + WHEELS[1], *MACHINES) == 0
        assert "fits" in capsys.readouterr().out

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join([*WHEELS, "numpy-2.3.2.tar.gz", "bad.whl", "x.exe"])))
        assert run("check", "-", *MACHINES, "--only-binary") == 1
        out = capsys.readouterr().out
        assert "numpy 2.3.2  ✗ sdist (glibc 2.27)  ✓ wheel" in out
        assert out.splitlines()[-2:] == [
            "note: passed over, malformed: bad.whl",
            "note: passed over, neither wheels nor source distributions: x.exe",
        ]

    def test_only_an_sdist_on_standard_input(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        for words, code in (((), 0), (("--only-binary",), 1)):
            monkeypatch.setattr(sys, "stdin", io.StringIO("sd-1.0.tar.gz\n"))
            assert run("check", "-", "--machine", "debian-12", *words) == code
            assert "1 sdist only" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "cannot check 'standard input': file: holds no names of wheels or source distributions"),
            ("numpy\n", "cannot check 'standard input': file: holds no names of wheels or source distributions"),
            ("a-1.whl\n", "invalid wheel filename 'a-1.whl': number of parts: "),
            (
                "a*.tar.gz\n",
                "cannot check 'a*.tar.gz': filename: not the name of a wheel or a source distribution, such as demo-1.0.tar.gz",
            ),
        ],
    )
    def test_nothing_on_standard_input(
        self, text: str, problem: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert run("check", "-", *MACHINES) == 2
        assert capsys.readouterr().err.startswith(f"mltags: {problem}")

    def test_other_files_alone(self, capsys: pytest.CaptureFixture) -> None:
        assert run("check", "demo-1.exe", "x.msi", *MACHINES) == 2
        expected = "mltags: cannot check 'demo-1.exe': filename: not the name of a wheel or a source distribution, such as demo-1.0.tar.gz\n"
        assert capsys.readouterr().err == expected

    def test_a_page_on_standard_input_is_read_as_from_a_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        """Each target has its own Python, and sdists count."""
        files = [
            {"filename": "demo-1.0-py3-none-any.whl", "url": "x", "hashes": {}},
            {"filename": "demo-1.5-py3-none-any.whl", "url": "x", "hashes": {}, "requires-python": ">=3.13"},
            {"filename": "demo-2.0-py3-none-any.whl", "url": "x", "hashes": {}, "yanked": True},
            {"filename": "demo-1.0.tar.gz", "url": "x", "hashes": {}},
            {"filename": "other-1.0.tar.gz", "url": "x", "hashes": {}},
        ]
        path = tmp_path / "page.json"
        path.write_text(json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": files}))
        targets = []
        for version in ("3.12", "3.13"):
            target = tmp_path / f"{version}.json"
            target.write_text(mltags.Target.of_machine("debian-12", version).to_json())
            targets += ["--target", str(target)]
        found = []
        for word in (str(path), "-"):
            monkeypatch.setattr(sys, "stdin", io.StringIO(path.read_text()))
            assert run("check", word, *targets, "--json") == 0
            found.append(json.loads(capsys.readouterr().out)["packages"])
        assert found[0] == found[1]
        assert [row["wheel"] or row["sdist"] for row in found[0]] == [
            "demo-1.0-py3-none-any.whl",
            "demo-1.5-py3-none-any.whl",
            "other-1.0.tar.gz",
            "other-1.0.tar.gz",
        ]

    def test_a_url_a_path_and_an_sdist(self, capsys: pytest.CaptureFixture) -> None:
        assert run("check", "https://example.org/a-1-py3-none-any.whl#sha256=00", *MACHINES) == 0
        assert "fits: 1 wheel" in capsys.readouterr().out
        assert run("check", "dist/a-1-py3-none-any.whl", "dist/b-1.tar.gz", "--machine", "debian-12") == 0
        assert "fits: 1 wheel, 1 sdist only" in capsys.readouterr().out

    def test_a_folder_named_like_a_wheel_is_a_folder(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        folder = tmp_path / "a-1-py3-none-any.whl"
        folder.mkdir()
        assert run("check", str(folder), *MACHINES) == 2
        assert "directory: holds no wheels and no source distributions" in capsys.readouterr().err

    def test_a_saved_target_is_a_column(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        path = tmp_path / "alpine.json"
        path.write_text(mltags.Target.of_machine("alpine-3.20", "3.12").to_json())
        assert run("check", *WHEELS, *MACHINES, "--target", str(path)) == 1
        assert f"{path}: does not fit" in capsys.readouterr().out

    def test_a_column_is_named_as_its_target_was(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        from mltags.testing import make_elf

        path, root = str(tmp_path / "alpine.json"), str(tmp_path / "root")
        (tmp_path / "root/bin").mkdir(parents=True)
        (tmp_path / "root/bin/sh").write_bytes(make_elf())
        Path(path).write_text(mltags.Target.of_machine("alpine-3.20", "3.12").to_json())
        platforms = ("--platform", "manylinux_2_28_x86_64", "--platform", "linux_x86_64")
        for words, names_ in (
            ((), ["this machine"]),
            ((*platforms, "--python-version", "3.12"), ["manylinux_2_28_x86_64"]),
            (("--machine", "debian-12"), ["debian-12"]),
            (("--target", path), [path]),
            (("--root", root, "--python-version", "3.12"), [root]),
            (("--target", path, "--machine", "debian-12", "--python-version", "3.12"), ["debian-12", path]),
        ):
            assert run("check", "a-1-py3-none-any.whl", *words, "--json") == 0
            assert [one["name"] for one in json.loads(capsys.readouterr().out)["targets"]] == names_

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            ((), "nothing to check; pass a lock, a directory, wheels or --project NAME"),
            (("numpy",), "no such file or directory: 'numpy'; for a project on an index, use --project NAME"),
            (
                (".", "x"),
                "pass one lock, directory, environment or saved page, or several filenames of wheels and source distributions",
            ),
            (("a-1-py3-none-any.whl", "--index-url", "https://example.org"), "--index-url needs --index or --project"),
            (("a-1-py3-none-any.whl", "--format", "html", "--json"), "--format and --json cannot be combined; use one of them"),
            (
                ("a-1-py3-none-any.whl", "--target", "x", "--machine", "centos-7", "--max-glibc", "2.12"),
                "--max-glibc cannot be combined with --target",
            ),
            (
                ("a-1-py3-none-any.whl", "--target", "x", "--target", "y", "--linux-tags", "last"),
                "--linux-tags cannot be combined with --target",
            ),
            (
                ("a-1-py3-none-any.whl", "--target", "x", "--python-version", "3.12"),
                "--target cannot be combined with other target options",
            ),
            (("a-1-py3-none-any.whl", "--root-python", "/usr/bin/python3"), "--root-python needs --root"),
            ((".", "--project", "x"), "--project cannot be combined with files; use one of them"),
        ],
    )
    def test_what_cannot_be_checked(self, words: tuple, problem: str, capsys: pytest.CaptureFixture) -> None:
        assert run("check", *words) == 2
        assert capsys.readouterr().err == f"mltags: {problem}\n"


class TestEnvironments:
    """A folder, the environments of an image, and the one of an interpreter."""

    def test_a_folder(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        distribution(tmp_path)
        assert run("check", str(tmp_path)) == 0
        assert "everything loads: 1 package\n" in capsys.readouterr().out

    def test_a_python_that_was_chosen_counts(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        """Even if it is the one that runs this."""
        (tmp_path / "venv/lib/python3.9/site-packages").mkdir(parents=True)
        (tmp_path / "venv/bin").mkdir()
        (tmp_path / "venv/bin/python3.9").symlink_to(sys.executable)
        (tmp_path / "venv/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.1\n")
        running = f"{sys.version_info[0]}.{sys.version_info[1]}"
        for words in (["--python-version", running], ["--implementation", "cp"], ["--abi", f"cp{running.replace('.', '')}"]):
            assert run("check", str(tmp_path / "venv"), *words) == 1
            assert "is for Python 3.9" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "words", [["--index"], ["--only-binary"], ["--extra", "x"], ["--group", "x"]], ids=lambda words: words[0]
    )
    def test_options_that_are_for_locks(self, words: list, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        distribution(tmp_path)
        for place in ([str(tmp_path)], ["--python", sys.executable], [str(tmp_path), "--root", "/"]):
            assert run("check", *place, *words) == 2
            assert capsys.readouterr().err == f"mltags: {words[0]} cannot be combined with an environment\n"

    def test_an_interpreter(self, capsys: pytest.CaptureFixture) -> None:
        run("check", "--python", sys.executable, "--json")
        found = json.loads(capsys.readouterr().out)
        assert (found["kind"], found["targets"][0]["name"]) == ("environment", sys.executable)

    def test_an_image(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        from mltags.testing import make_elf

        (tmp_path / "usr/bin").mkdir(parents=True)
        (tmp_path / "usr/bin/python3.12").write_bytes(make_elf())
        library = tmp_path / "usr/lib/python3.12"
        (library / "site-packages").mkdir(parents=True)
        (library / "os.py").touch()
        distribution(library / "site-packages")
        for words in ((), (str(library / "site-packages"),)):
            run("check", *words, "--root", str(tmp_path), "--json")
            found = json.loads(capsys.readouterr().out)
            assert (found["kind"], found["targets"][0]["name"]) == ("environment", str(tmp_path))

    def test_a_lock_for_an_image(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        from mltags.testing import make_elf

        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/sh").write_bytes(make_elf())
        words = ("--root", str(tmp_path), "--python-version", "3.12", "--json")
        assert run("check", str(LOCK), *words) in {0, 1}
        assert json.loads(capsys.readouterr().out)["kind"] == "uv.lock"


def distribution(folder: Path) -> None:
    """A pure distribution, installed."""
    (folder / "demo.py").write_text("")
    information = folder / "demo-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
    (information / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    (information / "RECORD").write_text(
        "demo.py,,0\ndemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/WHEEL,,\ndemo-1.0.dist-info/RECORD,,\n"
    )


PAGE = """<!DOCTYPE html><html><body>
<a href="demo-1.0-py3-none-any.whl">a</a>
<a href="demo-1.1-py3-none-any.whl" data-requires-python="&gt;=3.13">needs a newer Python</a>
<a href="demo-1.2-py3-none-any.whl" data-yanked="broken">yanked</a>
<a href="demo-1.3-py3-none-any.whl" data-requires-python="nonsense">cannot be read, so it counts for nothing</a>
<a href="demo-1.0.tar.gz">source</a></body></html>"""
FITS = ["demo-1.3-py3-none-any.whl", "demo-1.0-py3-none-any.whl"]
PASSED_OVER = "mltags: skipped 1 file that is not a wheel, 1 yanked file, 1 file for another version of Python\n"


class TestPages:
    """A page of an index is read as what it is (report A20)."""

    TARGET = ("--machine", "debian-12", "--python-version", "3.12")

    def test_on_standard_input(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAGE.encode())))
        assert run("rank", *self.TARGET, "-") == 0
        out, err = capsys.readouterr()
        assert (out.split(), err) == (FITS, PASSED_OVER)

    def test_a_long_line_is_read_whole(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        files = [{"filename": f"demo-1.{number}-py3-none-any.whl", "url": "x", "hashes": {}} for number in range(3000)]
        page = json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": files})
        assert len(page) > 2 * names.MAX_LINE
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page.encode())))
        assert run("rank", *self.TARGET, "--top", "1", "-") == 0
        assert capsys.readouterr().out == "demo-1.2999-py3-none-any.whl\n"

    def test_a_page_without_end_is_refused(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        monkeypatch.setattr(names, "MAX_PAGE", 100)
        monkeypatch.setattr(sys, "stdin", io.StringIO(PAGE))
        assert run("rank", *self.TARGET, "-") == 2
        assert capsys.readouterr().err == "mltags: the page on standard input is longer than 100 characters\n"

    def test_a_saved_page(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        path = tmp_path / "demo.html"
        path.write_text(PAGE)
        assert run("rank", *self.TARGET, str(path)) == 0
        assert capsys.readouterr().out.split() == FITS
        assert run("explain", *self.TARGET, str(tmp_path / "gone.html")) == 2
        assert capsys.readouterr().err.startswith(f"mltags: cannot read {tmp_path}/gone.html: [Errno 2]")

    @pytest.mark.parametrize("text", [PAGE, "\ufeff" + PAGE], ids=["plain", "with a byte order mark"])
    def test_a_saved_page_by_its_content(self, text: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        path = tmp_path / "demo"
        path.write_text(text, encoding="utf-8")
        for command, code in (("rank", 0), ("explain", 0), ("check", 0)):
            assert run(command, *self.TARGET, str(path)) == code
            assert FITS[0] in capsys.readouterr().out or command == "check"
        path.write_text("nothing of the kind")
        assert run("rank", *self.TARGET, str(path)) == 2
        assert "is not a wheel, a directory or a saved page" in capsys.readouterr().err

    @pytest.mark.parametrize("command", ["rank", "explain"])
    @pytest.mark.parametrize("name", ["../../etc", "", "demo==1.0"])
    def test_a_project_by_no_name_of_one(self, command: str, name: str, capsys: pytest.CaptureFixture) -> None:
        assert run(command, *self.TARGET, "--project", name, "--index-url", "file:///gone") == 2
        assert capsys.readouterr().err == f"mltags: cannot check '{name}': project: not the name of a project\n"

    def test_a_project_in_another_spelling(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        (tmp_path / "demo-x-y").mkdir()
        (tmp_path / "demo-x-y/index.html").write_text("<a href='demo_x_y-1-py3-none-any.whl'>x</a>")
        assert run("rank", *self.TARGET, "--project", "Demo_X.y", "--index-url", tmp_path.as_uri()) == 0
        assert capsys.readouterr().out == "demo_x_y-1-py3-none-any.whl\n"

    def test_a_project_that_the_index_does_not_have(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        url = tmp_path.as_uri()
        for command in ("rank", "explain", "check"):
            assert run(command, *self.TARGET, "--project", "nosuch", "--index-url", url) == 2
            assert capsys.readouterr().err == (
                f"mltags: cannot check 'nosuch': {url}: no wheels and no source distributions of it there\n"
            )

    @pytest.mark.parametrize("command", ["rank", "explain"])
    def test_the_url_of_an_index_alone_is_an_error(self, command: str, capsys: pytest.CaptureFixture) -> None:
        assert run(command, *self.TARGET, FITS[0], "--index-url", "https://example.org") == 2
        assert capsys.readouterr().err == "mltags: --index-url needs --project\n"

    def test_an_index_is_asked_where_it_is_wanted(self, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        path = tmp_path / "requirements.txt"
        path.write_text("demo==1.0")
        (tmp_path / "demo").mkdir()
        (tmp_path / "demo/index.html").write_text(PAGE)
        assert run("check", str(path), *self.TARGET, "--index", "--index-url", tmp_path.as_uri()) == 0
        assert "fits: 1 wheel" in capsys.readouterr().out

    def test_a_project_on_an_index(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        asked = []

        def files(self: index.Index, projects: "list[str]", _progress: object = None) -> "dict[str, list[locks.File]]":
            asked.extend([(self.url, project) for project in projects])
            return {"demo": [locks.File(name) for name in FITS]}

        monkeypatch.setattr(index.Index, "files", files)
        assert run("rank", *self.TARGET, "--project", "demo", "--index-url", "https://example.org/simple") == 0
        assert capsys.readouterr().out.split() == FITS
        assert run("check", "--project", "demo", "--index-url", "https://example.org/simple", *self.TARGET) == 0
        assert "fits: 1 wheel" in capsys.readouterr().out
        assert asked == [("https://example.org/simple", "demo")] * 2


class TestClosedPipe:
    """A reader that has seen enough is no failure."""

    def test_exit_status_0(self) -> None:
        words = [sys.executable, "-m", "mltags", "check", WHEELS[0], "--machine", "centos-7", "--python-version", "3.12"]
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, check=False)
        os.close(write)
        assert (done.returncode, done.stderr) == (0, b"")

    def test_the_error_is_that_of_all_commands(self) -> None:
        with pytest.raises(BrokenPipeError):
            checking._console().on_broken_pipe()


class TestProgress:
    """A bar on standard error, where a person may be looking at it."""

    @pytest.mark.parametrize(("words", "amount"), [({}, "1/2000"), ({"is_bytes": True}, "0.0/2.0 kB")])
    def test_a_terminal_sees_it(self, words: dict, amount: str, monkeypatch: pytest.MonkeyPatch) -> None:
        from mltags.cli import progress

        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("COLUMNS", "80")
        with progress.bar(**words) as show:
            assert show is not None
            show("[bold]name\n" + "x" * 60, 1, 2000)
        shown = re.sub("\x1b\\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
        assert amount in shown
        assert "[bold]name\\nxxxx" in shown
        assert max(map(len, shown.splitlines())) <= 80

    def test_nobody_sees_it_elsewhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from mltags.cli import progress

        monkeypatch.setattr(sys, "stderr", io.StringIO())
        with progress.bar() as show:
            assert show is None


class TestMissingExtra:
    """What an extra would bring is named, and how to install it."""

    def test_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        monkeypatch.setitem(sys.modules, "rich.console", None)
        assert run("check", *WHEELS, *MACHINES) == 2
        assert (
            capsys.readouterr().err == "mltags: this needs rich.console, which is not installed: pip install 'mltags[audit]'\n"
        )

    def test_another_missing_module_is_an_error_of_ours(self) -> None:
        from mltags.cli import output

        def fail() -> int:
            raise ModuleNotFoundError(name="nonsense")

        with pytest.raises(ModuleNotFoundError):
            output.run(fail)
