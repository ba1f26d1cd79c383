"""The entries of a zip archive, read without unpacking them: their first bytes, all bytes, or bytes at random places.

The central directory is read by zipfile. The entries are inflated here, because opening one through zipfile takes longer than inflating the
four bytes that show what it is, and because inflating parts of a large file twice is cheaper than keeping it: :class:`Inflated`
remembers places where it can resume. A malformed entry is an :class:`EntryError`.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

#: Bytes of the central directory. That of 20,000 entries has 3 MB.
MAX_LIST = 64 << 20
#: Characters of an entry's name. No file system accepts longer ones.
MAX_NAME = 4096
#: Bytes of one entry. The largest known have 2 GB.
MAX_ENTRY = 8 << 30
#: How many times larger than its file an archive may be that claims more than SMALL bytes. Deflate cannot exceed 1,032.
SMALL = 1 << 30
MAX_RATIO = 200
#: An entry with fewer bytes than this is kept whole while it is read.
MAX_KEPT = 4 << 20
#: The fewest bytes between two places where inflating can resume, and the most such places. Each takes 40 KB.
PAGE = 1 << 20
MAX_PAGES = 256
#: Inflated pages that are kept.
CACHED = 4

_CHUNK = 1 << 15  # the rest of a chunk is kept with each place to resume
_LOCAL = struct.Struct("<4s5H3I2H")  # the header that stands before an entry's data; APPNOTE, 4.3.7
_HEAD = 512  # bytes of an entry that are read to see what it is, its header included
#: Control characters, backslashes, and parts of a path that are empty or lead upwards.
_ODD_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\\]|(?:^|/)\.{0,2}(?:/|$)")


class EntryError(Exception):
    """An entry that cannot be read; the message says why."""


class Archive:
    """A zip archive in an open *file*.

    ``entries``: if a name occurs twice, the last one, which installers keep; ``odd``: (name, what is wrong with it).

    Raises:
        BadZipFile: it is not a zip archive.
        ValueError: it claims impossible sizes.
    """

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        with zipfile.ZipFile(_Frugal(file)) as archive:
            listed = archive.infolist()
        self.odd: list[tuple[str, str]] = []
        found: dict[str, zipfile.ZipInfo] = {}
        for entry in listed:
            if entry.filename in found:
                self.odd.append((entry.filename, "is there twice; installers disagree about which one counts"))
            if problem := _oddity(entry):
                self.odd.append((entry.filename, problem))
            else:
                found[entry.filename] = entry
        self.entries: list[zipfile.ZipInfo] = [entry for entry in found.values() if not entry.is_dir()]
        self.size: int = sum([entry.file_size for entry in self.entries])
        held = file.seek(0, 2)
        if self.size > max(SMALL, MAX_RATIO * held):
            raise ValueError(f"its entries claim {self.size} bytes, and the file has {held}")

    def _at(self, size: int, place: int) -> bytes:
        self._file.seek(place)
        return self._file.read(size)

    def begin(self, entry: zipfile.ZipInfo, size: int) -> bytes:
        """The first bytes of an entry, at most *size*."""
        start, head = self._begin(entry)
        data = head[:_HEAD]
        if entry.compress_type == zipfile.ZIP_STORED:
            return (data if len(data) >= size else self._at(size, start))[: min(size, entry.file_size)]
        found = _inflated(data, size)
        if len(found) < min(size, entry.file_size):  # the tables of deflate may be longer than that
            found = _inflated(self._at(min(entry.compress_size, _HEAD + 16 * size), start), size)
        return found

    def _begin(self, entry: zipfile.ZipInfo) -> tuple[int, bytes]:
        """Where the data of an entry is in the file, and some of it."""
        place = entry.header_offset
        head = self._at(_HEAD, place)
        if len(head) < _LOCAL.size:
            raise EntryError("its header is cut off")
        fields = _LOCAL.unpack_from(head)
        encoded = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437", "surrogateescape")
        length = fields[9] + fields[10] + _LOCAL.size
        if fields[0] != b"PK\x03\x04" or fields[9] != len(encoded):
            raise EntryError("its header is not where the central directory says")
        if length + 64 > len(head):
            head = self._at(length + _HEAD, place)
        if head[_LOCAL.size : _LOCAL.size + fields[9]] != encoded:
            raise EntryError("its header has another name than the central directory")
        return place + length, head[length : length + entry.compress_size]

    def read(self, entry: zipfile.ZipInfo, limit: int) -> bytes:
        """All bytes of an entry; ``EntryError`` where it claims more than *limit*."""
        if entry.file_size > limit:
            raise EntryError(f"it is larger than {limit} bytes")
        return b"".join([data for data, _ in self.pages(entry, PAGE)])

    def open(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        """An entry as a seekable file. All of it is inflated once, so its checksum has been compared."""
        if entry.file_size <= MAX_KEPT:
            return io.BytesIO(self.read(entry, MAX_KEPT))
        return Inflated(self, entry)  # type: ignore[return-value]

    def pages(self, entry: zipfile.ZipInfo, size: int, resume: Resume | None = None) -> Iterator[tuple[bytes, Resume]]:
        """An entry in pages of one size, each with the place from which the next page can be inflated; or what follows *resume*.

        Raises ``EntryError`` if the entry is not as the central directory says. After *resume* this is not checked.
        """
        is_whole = resume is None
        if resume is None:
            resume = Resume(zlib.decompressobj(-15), self._begin(entry)[0], entry.compress_size)
        inflate, place, left = resume.state.copy(), resume.place, resume.left
        crc = total = 0
        data, is_stored = b"", entry.compress_type == zipfile.ZIP_STORED
        page: list[bytes] = []
        want = size
        while left > 0 or data:
            if not data:
                data = self._at(min(left, _CHUNK), place)
                if not data:
                    raise EntryError("it is cut off by the end of the file")
                place, left = place + len(data), left - len(data)
            try:
                found = data[:want] if is_stored else inflate.decompress(data, want)
            except zlib.error as problem:
                raise EntryError(f"{problem}") from problem
            data = data[want:] if is_stored else inflate.unconsumed_tail
            page.append(found)
            want -= len(found)
            total += len(found)
            crc = zlib.crc32(found, crc)
            if total > entry.file_size or (not is_stored and inflate.eof):
                break
            if not want:
                yield b"".join(page), Resume(inflate.copy(), place - len(data), left + len(data))
                page, want = [], size
        if want < size:
            yield b"".join(page), Resume(inflate, place, 0)
        if is_whole and (total, crc) != (entry.file_size, entry.CRC):
            raise EntryError("its size or CRC-32 is not that of the central directory")


class Resume:
    """A place in an entry from which inflating can resume: the state of zlib, and what comes next in the file."""

    __slots__ = ("left", "place", "state")

    def __init__(self, state: zlib._Decompress, place: int, left: int) -> None:
        self.state: zlib._Decompress = state
        self.place: int = place
        self.left: int = left


class Inflated:
    """A large entry as a seekable file. Pages that are no longer kept are inflated again."""

    def __init__(self, archive: Archive, entry: zipfile.ZipInfo) -> None:
        self._archive, self._entry = archive, entry
        self._size = max(PAGE, -(-entry.file_size // MAX_PAGES))
        self._resumes: list[Resume | None] = [None]
        self._pages: OrderedDict[int, bytes] = OrderedDict()
        self._place = 0
        last = (entry.file_size - 1) // self._size
        for number, (page, resume) in enumerate(archive.pages(entry, self._size)):
            self._resumes.append(resume)
            if number in (0, last - 1, last):  # most tables are at the beginning or at the end
                self._pages[number] = page

    def seek(self, place: int, whence: int = 0) -> int:
        """Set the place that is read next; *whence* 0: from the beginning, 2: from the end."""
        self._place = place + (self._entry.file_size if whence == 2 else 0)
        return self._place

    def read(self, size: int = -1) -> bytes:
        """The next *size* bytes, fewer at the end."""
        end = self._entry.file_size
        end = end if size < 0 else min(end, self._place + size)
        if self._place >= end:
            return b""
        first, start = divmod(self._place, self._size)
        last = (end - 1) // self._size
        if first == last:
            data = self._page(first)[start : start + end - self._place]
        else:
            # A table may have 80 MB, which should be in memory only once.
            room = io.BytesIO()
            for number, page in enumerate(self._run(first, last), first):
                begin = number * self._size
                room.write(memoryview(page)[max(0, self._place - begin) : end - begin])
            data = room.getvalue()
        self._place = end
        return data

    def _page(self, number: int) -> bytes:
        if number in self._pages:
            self._pages.move_to_end(number)
        else:
            self._pages[number] = next(self._run(number, number))
            if len(self._pages) > CACHED:
                self._pages.popitem(last=False)
        return self._pages[number]

    def _run(self, first: int, last: int) -> Iterator[bytes]:
        """Some pages, in order; none of them is kept."""
        found = self._archive.pages(self._entry, self._size, self._resumes[first])
        for (page, _), _ in zip(found, range(first, last + 1), strict=False):
            yield page


def _inflated(data: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj(-15).decompress(data, size) if size else b""
    except zlib.error as problem:
        raise EntryError(f"{problem}") from problem


class _Frugal(io.BufferedReader):
    """An archive's file for zipfile, which would otherwise read a central directory as large as the file claims."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(MAX_LIST + 1 if size is None or size < 0 else min(size, MAX_LIST + 1))
        if len(data) > MAX_LIST:
            raise ValueError(f"a central directory of more than {MAX_LIST} bytes")
        return data

    def close(self) -> None:
        """Leave the file open: the caller owns it."""


def _oddity(entry: zipfile.ZipInfo) -> str:
    """Why no installer would install an entry; empty if one would."""
    name = entry.filename
    if len(name) > MAX_NAME:
        return f"has a name of {len(name)} characters; no file system takes it"
    if _ODD_NAME.search(name.rstrip("/")):
        return r"has a name that must be a relative path without '..', '\' and control characters"
    if entry.flag_bits & 0x1:
        return "is encrypted; installers have no password"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"is compressed by method {entry.compress_type}; expected stored (0) or deflated (8)"
    if entry.file_size > MAX_ENTRY:
        return f"claims {entry.file_size} bytes; up to {MAX_ENTRY} are read"
    return ""
