"""Files by their names: lists, directories and pages that were saved."""

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

import mltags
from mltags.check import InvalidSubject, Verdict, check, locks, pages

LINUX = mltags.Target.of(python_version="3.11.4", implementation="cp", platform="manylinux_2_17_x86_64")


def files(text: Any) -> None:
    with contextlib.suppress(InvalidSubject):  # too many
        pages.parse_page(text, "page")


def problem(text: Any) -> Any:
    with pytest.raises(InvalidSubject) as caught:
        pages.parse_page(text, "page")
    return str(caught.value)


class TestNames:
    """Names of wheels and source distributions, by project; of each the newest version that fits counts, as with pip."""

    def test_the_newest_that_fits(self) -> None:
        found = [
            "a-1.0-py3-none-any.whl",
            "a-1.9-py3-none-any.whl",
            "a-1.10-py3-none-any.whl",
            "a-1.10-1-py3-none-any.whl",
            "a-1.11-py2-none-any.whl",
            "a-2.0b1-py3-none-any.whl",
            "B.b-1.0-py3-none-any.whl",
            "b_b-0.9.tar.gz",
        ]
        report = check(found, [LINUX])
        assert [(row.package, row.version, row.wheel) for row in report.rows] == [
            ("a", "1.10", "a-1.10-1-py3-none-any.whl"),
            ("b-b", "1.0", "B.b-1.0-py3-none-any.whl"),
        ]
        assert (report.subject, report.kind, report.columns[0].name) == ("8 files", "wheels", "cp311 on x86_64, glibc 2.17")

    def test_pre_releases_where_there_is_nothing_else(self) -> None:
        assert check(["a-2.0b1-py3-none-any.whl", "a-1.0-py2-none-any.whl"], [LINUX]).rows[0].version == "2.0b1"

    def test_newer_sdist_before_older_wheel(self) -> None:
        names = ["a-1.0-py3-none-any.whl", "a-1.1.tar.gz", "a-1.1-cp39-cp39-win32.whl"]
        row = check(names, [LINUX]).rows[0]
        assert (row.verdict, row.sdist, row.text) == (
            Verdict.SDIST,
            "a-1.1.tar.gz",
            (
                "a-1.1-cp39-cp39-win32.whl: is built for CPython 3.9 only (ABI cp39); the target is CPython 3.11 (ABI cp311). "
                "Also, it is for Windows (win32); the target is Linux; it would be built from a-1.1.tar.gz"
            ),
        )
        assert check(names, [LINUX], only_binary=True).rows[0].wheel == "a-1.0-py3-none-any.whl"

    def test_refused_with_the_nearest_miss(self) -> None:
        names = ["a-1.0-cp311-cp311-win32.whl", "a-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"]
        row = check(names, {"centos-7": LINUX}).rows[0]
        assert row.mismatch is not None
        assert (row.verdict, row.mismatch.need, row.short, bool(row)) == (
            Verdict.REFUSED,
            mltags.Glibc(2, 28),
            "glibc 2.28",
            False,
        )

    def test_the_path_of_a_wheel(self, tmp_path: Path) -> None:
        name = "a-1.0-py3-none-any.whl"
        assert check(name, [LINUX]).subject == name
        (tmp_path / name).write_bytes(b"PK\x03\x04\xff")
        for path in (tmp_path / name, str(tmp_path / "elsewhere" / name)):
            report = check(path, [LINUX])
            assert (report.subject, report.rows[0].wheel) == (name, name)

    @pytest.mark.parametrize("name", ["a-1.0.exe", "a-1.0-py3.whl", "a.tar.gz", "x/a-1.0-py3-none-any.whl"])
    def test_other_names_are_refused(self, name: Any) -> None:
        with pytest.raises(mltags.InvalidWheelName):
            check([name], [LINUX])

    def test_nothing_to_check(self) -> None:
        with pytest.raises(InvalidSubject) as raised:
            check()
        assert str(raised.value) == "cannot check 'None': subject: expected a path, names of wheels, or a project"

    def test_no_names_fit_everywhere(self) -> None:
        report = check([], {"there": LINUX})
        assert (bool(report), report.rows, str(report.columns[0])) == (True, (), "there: fits: no packages")

    def test_one_target_by_itself(self) -> None:
        report = check(["a-1.0-py3-none-any.whl"], LINUX)
        assert [column.name for column in report.columns] == ["cp311 on x86_64, glibc 2.17"]

    def test_targets_of_one_name(self) -> None:
        report = check(["a-1.0-py3-none-any.whl"], [("x", LINUX), ("x", LINUX), LINUX, LINUX])
        assert [column.name for column in report.columns] == [
            "x",
            "x (2)",
            "cp311 on x86_64, glibc 2.17",
            "cp311 on x86_64, glibc 2.17 (2)",
        ]


class TestList:
    """Names that somebody lists: what is malformed is noted, where others are left."""

    def test_the_others_are_judged(self) -> None:
        lock = pages.read_list(
            ["a-1.0-py3-none-any.whl", "bad.whl", "a-2.0.tar.gz", "x.exe", f"{'b' * 300}-1-py3-none-any.whl"]
        )
        assert [(package.name, package.names) for package in lock.packages] == [("a", ("a-1.0-py3-none-any.whl",))]
        assert (lock.subject, lock.notes[1]) == ("4 files", "passed over, neither wheels nor source distributions: x.exe")
        assert lock.notes[0].startswith("passed over, malformed: bad.whl, bbbb")
        assert check(lock, LINUX).rows[0].sdist == "a-2.0.tar.gz"
        assert pages.read_list(["a-1.0-py3-none-any.whl"]).subject == "a-1.0-py3-none-any.whl"
        lock = pages.read_list(["a-1.0-py3-none-any.whl", "1", "2", "3", "4"], "list")
        assert (lock.subject, lock.notes) == (
            "list",
            ["passed over, neither wheels nor source distributions: 1, 2, 3 and 1 more"],
        )

    def test_none_is_left(self) -> None:
        with pytest.raises(mltags.InvalidWheelName, match="invalid wheel filename 'bad"):
            pages.read_list(["x", "bad.whl"])
        for name in ("x", "b.tar.gz", f"{'b' * 300}-1-py3-none-any.whl"):
            with pytest.raises(
                InvalidSubject, match="filename: not the name of a wheel or a source distribution, such as demo-1"
            ):
                pages.read_list([name])
        with pytest.raises(InvalidSubject, match="'names': file: holds no names of wheels or source distributions"):
            pages.read_list([])


class TestFolder:
    """A directory of wheels: the files in it, malformed names counted."""

    def test_files(self, tmp_path: Any) -> None:
        for name in ("a-1.0-py3-none-any.whl", "b-1.0.tar.gz", "c.whl", "d.whl", "e.whl", "f-.whl", "b.tar.gz", "README"):
            (tmp_path / name).write_bytes(b"")
        report = check(tmp_path, {"there": LINUX})
        assert [row.title for row in report.rows] == ["a 1.0", "b 1.0"]
        assert report.notes == ("passed over, malformed: b.tar.gz, c.whl, d.whl and 2 more",)

    def test_without_wheels(self, tmp_path: Any) -> None:
        with pytest.raises(InvalidSubject, match=r"directory: holds no wheels and no source distributions$"):
            check(str(tmp_path), {"there": LINUX})
        for name in (".venv", "requirements.txt", "uv.lock"):
            (tmp_path / name).write_bytes(b"")
            with pytest.raises(InvalidSubject, match=f"source distributions; did you mean {tmp_path}/{name}\\?$"):
                check(str(tmp_path), {"there": LINUX})

    def test_that_cannot_be_read(self, tmp_path: Any, monkeypatch: Any) -> None:
        def fail(path: Any) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "listdir", fail)
        with pytest.raises(InvalidSubject, match="directory: Permission denied"):
            pages.read_folder(str(tmp_path))


class TestPages:
    """Pages of PEP 503 and PEP 691, as pypi-simple reads them, in time that is linear in their length."""

    def test_html(self) -> None:
        text = (
            "<!DOCTYPE html><html><head><base href='https://[example.org/x/'></head><body><h1>Links</h1>"
            '<a href="../a-1.0%2Bx-py3-none-any.whl#sha256=00" data-requires-python=">=3.9">cut…</a><br/>\n'
            "<A HREF='b-1.0.tar.gz'><b>b</b></A><a name=x>none</a><a href=''>empty</a><a href='https://[x'>odd</a>"
            f"<a href='{'x' * 300}'>long</a>"
        )
        found = pages.parse_page(text, "page")
        assert [(file.name, file.hashes, file.requires_python) for file in found] == [
            ("a-1.0+x-py3-none-any.whl", ("sha256:00",), ">=3.9"),
            ("b-1.0.tar.gz", (), ""),
            ("[x", (), ""),
        ]

    def test_json(self) -> None:
        text = json.dumps(
            {
                "meta": {"api-version": "1.9"},
                "name": "a",
                "files": [
                    {"filename": "a-1.0.zip", "url": "a-1.0.zip", "hashes": {}, "yanked": True},
                    {"filename": "x" * 300, "url": "x", "hashes": {}},
                    {"filename": 1},
                    1,
                ],
            }
        )
        assert pages.parse_page(text, "page") == [locks.File("a-1.0.zip", yanked=True)]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("PK", "page: expected a page of HTML (PEP 503) or JSON (PEP 691)"),
            ("{", "JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("{}", "files: expected a list of files, as on a page of an index (PEP 691)"),
            ('{"files": []}', "JSON: missing or malformed: name, meta (PEP 691)"),
            ('{"files": [], "name": "a", "meta": {"api-version": "x"}}', "JSON: Invalid version: 'x'"),
            (
                '{"files": [], "name": "a", "meta": {"api-version": "2.0"}}',
                "version: Repository's version (2.0) has greater major component than supported version (1.4)",
            ),
            ("<a x>" * 100_001, "page: names more than 100,000 files"),
            ('{"files": ' + "[" * 200_000, "JSON: nested too deeply"),
        ],
    )
    def test_other_texts_are_refused(self, text: Any, message: Any) -> None:
        assert problem(text) == f"cannot check 'page': {message}"

    @pytest.mark.parametrize(
        "piece",
        [
            "<a href=x>",
            "<a ",
            "<a '",
            '<a "<a "',
            "<a <a",
            "</b>",
            "<b>",
            "<!--",
            "<a href='x' ",
            "&#x",
            "<a\thref=\"'\" '",
            "<base x>",
        ],
    )
    def test_hostile_html_takes_its_time_and_no_more(self, piece: Any) -> None:
        start = time.monotonic()
        files("<" + piece * (1_000_000 // len(piece)))
        assert time.monotonic() - start < 20

    def test_saved_page(self, tmp_path: Any) -> None:
        (tmp_path / "page.html").write_text("<a href='a-1.0-py3-none-any.whl'>x</a>")
        report = check(tmp_path / "page.html", {"there": LINUX})
        assert (report.kind, report.rows[0].wheel) == ("page", "a-1.0-py3-none-any.whl")
        (tmp_path / "page.html").write_text(
            "<a href='a-1.0-py3-none-any.whl'>x</a><a href='a-2.0-py3-none-any.whl' data-yanked=''>x</a>"
        )
        assert check(tmp_path / "page.html", {"there": LINUX}).rows[0].wheel == "a-1.0-py3-none-any.whl"
        (tmp_path / "page.html").write_text("<a href='a-2.0-py3-none-any.whl' data-yanked=''>x</a>")
        with pytest.raises(InvalidSubject, match="page: all its files are yanked"):
            check(tmp_path / "page.html", {"there": LINUX})
        (tmp_path / "empty.html").write_text("<p>nothing</p>")
        with pytest.raises(InvalidSubject, match="page: names no wheels and no source distributions"):
            check(tmp_path / "empty.html", {"there": LINUX})
