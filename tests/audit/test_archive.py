"""Entries that are read here and there, as if they were files."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from mltags.audit import archive


@pytest.fixture(params=[pytest.param(zipfile.ZIP_DEFLATED, id="deflated"), pytest.param(zipfile.ZIP_STORED, id="stored")])
def large(request: pytest.FixtureRequest, tmp_path: Path) -> "tuple[Path, bytes]":
    """An archive with one entry of several pages, and what that holds."""
    source = random.Random(1)
    data = b"".join([bytes([source.randrange(40)]) * source.randrange(60) for _ in range(20_000)])
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", request.param) as made:
        made.writestr("large", data)
    return path, data


class TestInflated:
    """A large entry reads like a file of the same bytes, whatever is kept of it."""

    def test_reads_like_a_file(self, large: "tuple[Path, bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
        path, data = large
        monkeypatch.setattr(archive, "MAX_KEPT", 1000)
        monkeypatch.setattr(archive, "PAGE", 10_000)
        with io.FileIO(path) as file:
            opened = archive.Archive(file)
            found = opened.open(opened.entries[0])
            assert isinstance(found, archive.Inflated)
            source = random.Random(2)
            twin = io.BytesIO(data)
            assert found.seek(0, 2) == twin.seek(0, 2) == len(data)
            assert found.read(1) == b""
            for _ in range(300):
                place, size = source.randrange(len(data)), source.choice([0, 1, 50, 9_999, 10_001, 45_000, -1])
                assert found.seek(place) == twin.seek(place)
                assert found.read(size) == twin.read(size)
                assert found.read(7) == twin.read(7)

    def test_number_of_places_to_resume_is_bounded(self, large: "tuple[Path, bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
        path, data = large
        monkeypatch.setattr(archive, "MAX_KEPT", 1000)
        monkeypatch.setattr(archive, "PAGE", 10)
        monkeypatch.setattr(archive, "MAX_PAGES", 7)
        with io.FileIO(path) as file:
            opened = archive.Archive(file)
            assert opened.open(opened.entries[0]).read() == data

    def test_small_entry_is_kept_whole(self, large: "tuple[Path, bytes]") -> None:
        path, data = large
        with io.FileIO(path) as file:
            opened = archive.Archive(file)
            found = opened.open(opened.entries[0])
            assert isinstance(found, io.BytesIO)
            assert found.getvalue() == data


class TestBegin:
    """What an entry begins with, without the rest of it."""

    @pytest.mark.parametrize("size", [0, 4, 500, 5000, 10**9])
    def test_begin(self, large: "tuple[Path, bytes]", size: int) -> None:
        path, data = large
        with io.FileIO(path) as file:
            opened = archive.Archive(file)
            found = opened.begin(opened.entries[0], size)
        assert data.startswith(found)
        assert len(found) == min(size, len(data))

    def test_fields_between_the_name_and_the_data(self, tmp_path: Path) -> None:
        """Such as those that align data for mmap."""
        entry = zipfile.ZipInfo("x")
        entry.extra = b"\x99\x99\x04\0abcd"
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
            made.writestr(entry, b"0123456789")
        with io.FileIO(tmp_path / "a.zip") as file:
            opened = archive.Archive(file)
            assert (opened.begin(opened.entries[0], 4), opened.read(opened.entries[0], 100)) == (b"0123", b"0123456789")

    @pytest.mark.parametrize(
        ("encoded", "name"),
        [(b"a\x82.so", "a\u00e9.so"), ("a\u00e9.so".encode(), "a\u251c\u2310.so")],
        ids=["DOS", "UTF-8 unmarked"],
    )
    def test_a_name_that_is_not_marked_as_utf_8(self, encoded: bytes, name: str, tmp_path: Path) -> None:
        """It is in the code page of DOS, 437."""
        plain = b"_" * len(encoded)
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
            made.writestr(plain.decode(), b"0123456789")
        content = (tmp_path / "a.zip").read_bytes()
        (tmp_path / "a.zip").write_bytes(content.replace(plain, encoded))
        with io.FileIO(tmp_path / "a.zip") as file:
            opened = archive.Archive(file)
            assert [entry.filename for entry in opened.entries] == [name]
            assert opened.begin(opened.entries[0], 4) == b"0123"

    @pytest.mark.parametrize(
        ("place", "problem"),
        [
            (0, "its header is not where the central directory says"),
            (30, "its header has another name than the central directory"),
        ],
        ids=["signature", "name"],
    )
    def test_another_header(self, place: int, problem: str, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
            made.writestr("x", b"0123456789")
        content = bytearray((tmp_path / "a.zip").read_bytes())
        content[place] ^= 1
        (tmp_path / "a.zip").write_bytes(content)
        with io.FileIO(tmp_path / "a.zip") as file:
            opened = archive.Archive(file)
            with pytest.raises(archive.EntryError, match=f"^{problem}$"):
                opened.begin(opened.entries[0], 4)
