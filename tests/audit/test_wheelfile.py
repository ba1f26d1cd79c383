"""Reading wheels: what ELF files say, and what hostile ones cannot do."""

import gc
import io
import os
import struct
import sys
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from elves import FIXED, FUNCTION, MACHINES, READ_ONLY, TLS, Symbol, elf, wheel
from hypothesis import given
from hypothesis import strategies as st

from mltags import MltagsError
from mltags.audit import wheelfile as contents
from mltags.audit.wheelfile import MAX_COUNT, Binary, read_binary, read_wheel
from mltags._errors import InvalidWheel, InvalidWheelName

NAME = "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
ONCE = [b"_ZSt11__once_call", b"_ZSt15__once_callable"]


def parsed(data: bytes, wanted: "list[bytes] | None" = None) -> Binary:
    return read_binary(io.BytesIO(data), "x.so", wanted)


@pytest.mark.parametrize("hashing", ["gnu", "sysv"])
@pytest.mark.parametrize("arch", MACHINES)
def test_everything_that_a_library_says_is_read(arch: str, hashing: str) -> None:
    symbols = [
        Symbol("_ZSt11__once_call", TLS),
        Symbol("_ZSt15__once_callable", TLS, is_defined=False, library="libstdc++.so.6", version="GLIBCXX_3.4.11"),
        Symbol("_ZSt4cout", is_defined=False, library="libother.so", version="GLIBCXX_3.4"),
        Symbol("_ZTV1x", address=FIXED),
        Symbol("_ZSt10adopt_lock", address=READ_ONLY),
        Symbol("_ZSt4cerr"),
        Symbol("_ZSt4clog", visibility=2),
        Symbol("_ZSt3cin", bind=0),
        Symbol("_ZSt4wcin", bind=10, visibility=3),
        Symbol("_ZSt9terminatev", FUNCTION),
        Symbol("__once_proxy", FUNCTION),
    ]
    data = elf(
        arch,
        needed=["libc.so.6", "libstdc++.so.6"],
        versions={
            "libc.so.6": ["GLIBC_2.5", "GLIBC_2.17"],
            "libstdc++.so.6": ["GLIBCXX_3.4.11"],
            "libother.so": ["GLIBCXX_3.4"],
        },
        soname="libx.so.1",
        runpath="$ORIGIN/../x.libs:/opt/lib",
        rpath="/not/this",
        defines=["X_1", "X_2"],
        symbols=symbols,
        hashing=hashing,
    )
    found = parsed(data)
    machine, bits, mark = MACHINES[arch]
    assert (found.arch, found.key) == (arch, (machine, bits, "little" if mark == "<" else "big"))
    assert found.soname == "libx.so.1"
    assert found.needed == ("libc.so.6", "libstdc++.so.6")
    assert found.folders == ("$ORIGIN/../x.libs", "/opt/lib")
    assert found.versions == (
        ("libc.so.6", "GLIBC_2.5"),
        ("libc.so.6", "GLIBC_2.17"),
        ("libstdc++.so.6", "GLIBCXX_3.4.11"),
        ("libother.so", "GLIBCXX_3.4"),
    )
    assert found.defined == {"X_1", "X_2"}
    assert found.state == {"_ZSt11__once_call", "_ZSt4cerr", "_ZSt4wcin"}
    assert found.taken == {"_ZSt15__once_callable"}
    assert found.proxy
    wanted = parsed(data, [b"_ZSt11__once_call"])
    assert (set(wanted.state), set(wanted.taken), set(wanted.defined)) == ({"_ZSt11__once_call"}, set(), set())


def test_a_version_that_the_loader_does_without_is_not_needed() -> None:
    data = elf(versions={"libc.so.6": ["GLIBC_2.5", "GLIBC_2.34"]}, weak=["GLIBC_2.34"])
    assert parsed(data).versions == (("libc.so.6", "GLIBC_2.5"),)


def test_a_program_has_no_state_that_others_could_see() -> None:
    symbols = [Symbol("_ZSt4cout"), Symbol("_ZSt4cin", is_defined=False)]
    assert parsed(elf(symbols=symbols)).state == {"_ZSt4cout"}
    assert parsed(elf(symbols=symbols, interpreter="/lib64/ld-linux-x86-64.so.2")).state == set()


@pytest.mark.parametrize("hashing", ["gnu", ""])
def test_a_file_without_symbols_has_none(hashing: str) -> None:
    assert parsed(elf(hashing=hashing)).state == set()
    symbols = [Symbol("_ZSt4cout", is_defined=False, library="libstdc++.so.6", version="A_1")]
    taken = parsed(elf(hashing=hashing, symbols=symbols, versions={"libstdc++.so.6": ["A_1"]})).taken
    assert taken == ({"_ZSt4cout"} if hashing else set())


def test_a_file_without_a_dynamic_segment_needs_nothing() -> None:
    found = parsed(elf(dynamic=False, versions={"libc.so.6": ["GLIBC_2.99"]}))
    assert (found.needed, found.versions, found.arch) == ((), (), "x86_64")


def test_sections_are_not_asked() -> None:
    assert parsed(elf(lies={"shoff": 0xFFFFFFFF})).needed == ("libc.so.6",)


def test_an_unknown_machine_is_named_by_its_number() -> None:
    data = bytearray(elf())
    data[18:20] = (9999).to_bytes(2, "little")
    assert parsed(bytes(data)).arch == "machine 9999 (64 bits, little-endian)"


VERSIONS = {"libc.so.6": ["GLIBC_2.5", "GLIBC_2.6"], "libm.so.6": ["GLIBC_2.5"]}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(elf(versions=VERSIONS, lies={"verneednum": 2**32 - 1, "vn_next": 0}), "more than 10000 symbol versions", id="a loop of libraries"),
        pytest.param(elf(versions={"a": ["B_1"] * 3}, lies={"verneednum": 50_000, "vn_next": 0, "vna_next": 0}), "more than 10000 symbol versions", id="loops within loops"),
        pytest.param(elf(lies={"strsz": 2**62}), "the table of DT_STRTAB claims 4611686018427387904 bytes; up to 41943040 are read", id="an absurd string table"),
        pytest.param(elf(lies={"strsz": 30_000_000}), "the table of DT_STRTAB is cut off by the end of the file", id="a string table behind the end"),
        pytest.param(elf(hashing="sysv", lies={"nchain": 2**31}), "the table of DT_SYMTAB claims 51539607552 bytes", id="absurdly many symbols"),
        pytest.param(elf(lies={"buckets": 2**31}), "the table of DT_GNU_HASH claims 8589934592 bytes", id="absurdly many buckets"),
        pytest.param(elf(symbols=[Symbol("a")], lies={"chain": 50_000}), "the table of DT_GNU_HASH has no end", id="an endless chain"),
        pytest.param(elf(needed=["a"] * 20, lies={"endless": 600}), "more than 10000 dynamic tags", id="endless dynamic tags"),
        pytest.param(elf(lies={"phnum": 65535}), "it claims 65535 segments", id="absurdly many segments"),
        pytest.param(elf()[:100], "", id="cut off behind the header"),
        pytest.param(b"\x7fELF" + bytes(60), "an ELF file of no known class or byte order", id="no class"),
    ],
)  # fmt: skip
def test_a_hostile_elf_file_is_an_error_and_costs_little(tmp_path: Path, data: bytes, problem: str) -> None:
    path = wheel(tmp_path, NAME, {"demo/x.so": data})
    gc.collect()
    tracemalloc.start()
    with pytest.raises(InvalidWheel) as refused:
        read_wheel(str(path), ONCE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.part == "demo/x.so"
    assert refused.value.problem.startswith("cannot be read: ")
    assert problem in refused.value.problem
    assert peak < 60_000_000


@given(place=st.integers(0, 2000), byte=st.integers(0, 255), cut=st.integers(0, 3000))
def test_a_damaged_elf_file_is_read_or_refused(place: int, byte: int, cut: int) -> None:
    symbols = [
        Symbol("_ZSt4cout"),
        Symbol("f", FUNCTION),
        Symbol("g", is_defined=False, library="libm.so.6", version="GLIBC_2.5"),
    ]
    data = bytearray(elf(versions=VERSIONS, symbols=symbols, defines=["X_1"], soname="libx.so", runpath="$ORIGIN"))
    data[place % len(data)] = byte
    with tempfile.TemporaryDirectory() as folder:
        path = wheel(Path(folder), NAME, {"demo/x.so": bytes(data[: len(data) - cut % 40])})
        try:
            read_wheel(str(path), ONCE)
        except InvalidWheel as refused:
            assert str(refused).isprintable()  # noqa: PT017 -- either will do


def test_the_files_of_a_wheel(tmp_path: Path) -> None:
    files = {
        "demo/x.so": elf(),
        "demo/notes.txt": b"\x7fEL",
        "demo-1.0.data/purelib/demo/y.so": elf(),
        "demo-1.0.data/platlib/demo/z.so": elf(),
        "demo-1.0.data/scripts/run": elf(),
        "demo/": b"",
    }
    found = read_wheel(str(wheel(tmp_path, NAME, files, record=["demo/x.so", "demo-1.0.data/scripts/run"])), ONCE)
    assert found.filename == NAME
    assert found.tags == {"cp312-cp312-manylinux_2_17_x86_64"}
    assert [(binary.path, binary.place) for binary in found.binaries] == [
        ("demo/x.so", "demo/x.so"),
        ("demo-1.0.data/purelib/demo/y.so", "demo/y.so"),
        ("demo-1.0.data/platlib/demo/z.so", "demo/z.so"),
        ("demo-1.0.data/scripts/run", "demo-1.0.data/scripts/run"),
    ]
    assert found.unlisted == ("demo-1.0.data/purelib/demo/y.so", "demo-1.0.data/platlib/demo/z.so")
    assert found.pure == ("demo-1.0.data/purelib/demo/y.so",)
    assert read_wheel(str(wheel(tmp_path, NAME, {"demo/x.so": elf()}, is_pure=True)), ONCE).pure == ("demo/x.so",)


def test_a_wheel_without_record_lists_nothing(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo-1.0.dist-info/WHEEL", "Tag: cp312-cp312-manylinux_2_17_x86_64\n")
        archive.writestr("x.so", elf())
    assert read_wheel(str(path), ONCE).unlisted == ("x.so",)


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = wheel(tmp_path, NAME, {"a": b"1234", "b": b"12"})
    read_wheel(str(path), ONCE, lambda *words: told.append(words))
    assert told[:3] == [(NAME, 0, told[0][2]), (NAME, 4, told[0][2]), (NAME, 6, told[0][2])]


def damaged(folder: Path, name: str, data: bytes, **options: int) -> Path:
    """A wheel whose first entry has this *name* and *data*; *options* are what its list of entries says of it."""
    path = folder / NAME
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, data)
        archive.writestr("demo-1.0.dist-info/WHEEL", "")
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    places = {"flags": (8, "H"), "method": (10, "H"), "size": (24, "I")}
    for option, value in options.items():
        struct.pack_into("<" + places[option][1], content, entry + places[option][0], value)
    path.write_bytes(bytes(content))
    return path


@pytest.mark.parametrize(
    ("name", "options", "part", "problem"),
    [
        pytest.param("../evil.so", {}, "../evil.so", "a relative path without '..'", id="out of the folder"),
        pytest.param("/etc/evil.so", {}, "/etc/evil.so", "a relative path without '..'", id="absolute"),
        pytest.param("a\\b.so", {}, "a\\b.so", "a relative path without '..'", id="a backslash"),
        pytest.param("a\nb.so", {}, "a\nb.so", "a relative path without '..'", id="a line end"),
        pytest.param("a" * 5000, {}, "a" * 5000, "a relative path without '..'", id="absurdly long"),
        pytest.param("x.so", {"flags": 1}, "x.so", "it is encrypted; plain entries are accepted", id="encrypted"),
        pytest.param("x.so", {"method": 14}, "x.so", "compression method 14; stored and deflated are accepted", id="LZMA"),
        pytest.param("x.so", {"size": 2**32 - 2}, "size", "its entries claim 4294967294 bytes, out of a file of", id="a claimed bomb"),
    ],
)  # fmt: skip
def test_an_odd_entry_is_an_error(tmp_path: Path, name: str, options: dict, part: str, problem: str) -> None:
    with pytest.raises(InvalidWheel) as refused:
        read_wheel(str(damaged(tmp_path, name, b"data", **options)), ONCE)
    assert refused.value.part == part
    assert problem in refused.value.problem
    assert "\n" not in str(refused.value)


def test_an_entry_beyond_the_limit_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_ELF", 3)
    with pytest.raises(InvalidWheel, match="it claims 4 bytes; up to 3 are accepted"):
        read_wheel(str(damaged(tmp_path, "x.so", b"data")), ONCE)


def test_duplicate_entries_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.so", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("x.so", b"2")
    with pytest.raises(InvalidWheel, match=r"x\.so: two entries have this name"):
        read_wheel(str(path), ONCE)


def test_more_bytes_than_claimed_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidWheel, match=r"x\.so: cannot be read: no zip archive, or a damaged one: Bad CRC-32"):
        read_wheel(str(damaged(tmp_path, "x.so", elf() + bytes(100_000), size=400)), ONCE)


@pytest.mark.parametrize("kept", [0, 10, 100, 400, -1, -30])
def test_a_truncated_wheel_is_an_error(tmp_path: Path, kept: int) -> None:
    path = wheel(tmp_path, NAME, {"demo/x.so": elf()})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InvalidWheel, match="file: cannot be read: "):
        read_wheel(str(path), ONCE)


def test_a_list_of_entries_of_absurd_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / NAME
    size = 200 << 20
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0)
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(end)
    tracemalloc.start()
    with pytest.raises(InvalidWheel, match="a list of entries of more than 8388608 bytes"):
        read_wheel(str(path), ONCE)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_elf_files_that_tell_too_much_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_TOLD", 2000)
    path = wheel(tmp_path, NAME, {f"x{number}.so": elf() for number in range(9)})
    with pytest.raises(InvalidWheel, match="the ELF files name more libraries and versions than any need"):
        read_wheel(str(path), ONCE)


def test_metadata_of_absurd_size_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_METADATA", 50)
    with pytest.raises(InvalidWheel, match="WHEEL: cannot be read: ValueError: it is larger than 50 bytes"):
        read_wheel(str(wheel(tmp_path, NAME, {})), ONCE)


def test_a_wheel_has_its_metadata_once(tmp_path: Path) -> None:
    two = wheel(tmp_path, NAME, {"other-2.0.dist-info/WHEEL": b""})
    with pytest.raises(InvalidWheel, match=r"WHEEL: one folder '\*\.dist-info' with it is accepted, not 2"):
        read_wheel(str(two), ONCE)


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidWheel, match=r"file: cannot be read: No such file or directory$"):
        read_wheel(str(tmp_path / NAME), ONCE)
    with pytest.raises(InvalidWheelName):
        read_wheel(str(tmp_path / "demo.zip"), ONCE)
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(InvalidWheel, match="file: not a regular file"):
        read_wheel(str(tmp_path / NAME), ONCE)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    path = wheel(tmp_path, NAME, {"x.so": elf() + bytes(3 << 20), "y.so": elf()})
    assert len(read_wheel(str(path), ONCE).binaries) == 2
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(InvalidWheel):
        read_wheel(str(path), ONCE)
    assert list(room.iterdir()) == []


def test_without_pyelftools_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "elftools", None)
    with pytest.raises(MltagsError) as refused:
        read_wheel(str(tmp_path / NAME), ONCE)
    assert str(refused.value) == "pyelftools, which reads the ELF files, is not installed: pip install 'mltags[audit]'"


def test_limits_are_far_above_real_files() -> None:
    assert MAX_COUNT >= 10_000
    assert issubclass(InvalidWheel, MltagsError)
