"""Reading wheels: what their files say, and what hostile ones cannot do."""

import io
import os
import struct
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from elves import FUNCTION, MACHINES, TLS, Symbol, elf, wheel
from hypothesis import given
from hypothesis import strategies as st
from shared import library, note

from mltags import InvalidWheel, InvalidWheelName
from mltags.audit import archive, elffile, wheelfile
from mltags.audit.wheelfile import Binary, Contents, Fault, Need, read_binary, read_wheel, sources

NAME = "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"


def parsed(data: bytes, path: str = "x.so") -> Binary:
    found = read_binary(io.BytesIO(data), path)
    assert found is not None
    return found


class TestBinaries:
    """What is kept of an ELF file."""

    @pytest.mark.parametrize("hashing", ["gnu", "sysv"])
    @pytest.mark.parametrize("arch", ["x86_64", "i686", "aarch64", "armv7l", "s390x"])
    def test_everything_that_a_library_says(self, arch: str, hashing: str) -> None:
        symbols = [
            Symbol("_ZSt11__once_call", TLS),
            Symbol("_ZSt15__once_callable", TLS, is_defined=False, library="libstdc++.so.6", version="GLIBCXX_3.4.11"),
            Symbol("_ZSt4cout", is_defined=False, library="libother.so", version="GLIBCXX_3.4"),
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
            rpath="/old",
            defines=["X_1", "X_2"],
            symbols=symbols,
            hashing=hashing,
        )
        found = parsed(data)
        machine, bits, mark = MACHINES[arch]
        assert (found.arch, found.machine) == (arch, arch)
        assert found.key == (machine, bits, "little" if mark == "<" else "big")
        assert (found.soname, found.needed) == ("libx.so.1", ("libc.so.6", "libstdc++.so.6"))
        assert (found.runpath, found.rpath) == (("$ORIGIN/../x.libs", "/opt/lib"), ("/old",))
        assert found.needs == (
            Need("libc.so.6", "GLIBC_2.5"),
            Need("libc.so.6", "GLIBC_2.17"),
            Need("libstdc++.so.6", "GLIBCXX_3.4.11", ("_ZSt15__once_callable",)),
            Need("libother.so", "GLIBCXX_3.4", ("_ZSt4cout",)),
        )
        assert found.defined == {"X_1", "X_2"}
        assert set(found.image.defined) == {b"_ZSt11__once_call"}

    @pytest.mark.parametrize("lies", [{}, {"strsz": 10**6}, {"strsz": 300}])
    def test_large_table_of_strings_is_not_kept(self, monkeypatch: pytest.MonkeyPatch, lies: dict[str, int]) -> None:
        symbols = [
            Symbol("_ZSt11__once_call", TLS),
            Symbol("f" * 3000, FUNCTION, is_defined=False, library="libc.so.6", version="GLIBC_2.17"),
            Symbol("PyFPE_jbuf", is_defined=False),
            *[Symbol(f"g{number}", FUNCTION) for number in range(30)],
        ]
        data = elf(versions={"libc.so.6": ["GLIBC_2.5", "GLIBC_2.17"]}, symbols=symbols, lies=lies)
        whole = parsed(data)
        monkeypatch.setattr(elffile, "LARGE", 100)
        large = parsed(data)
        assert large == whole
        if not lies:
            assert large.needs[1] == Need("libc.so.6", "GLIBC_2.17", ("f" * 3000,))
            assert large.odd_symbols == (("", "PyFPE_jbuf"),)

    def test_version_that_the_loader_does_without_is_not_needed(self) -> None:
        data = elf(versions={"libc.so.6": ["GLIBC_2.5", "GLIBC_2.34"]}, weak=["GLIBC_2.34"])
        assert parsed(data).needs == (Need("libc.so.6", "GLIBC_2.5"),)

    def test_program_is_not_a_module(self) -> None:
        for program in (elf(interpreter="/lib64/ld-linux-x86-64.so.2"), elf(kind=2)):
            assert (parsed(program).is_program, parsed(program).is_module) == (True, False)

    def test_file_without_a_dynamic_segment_needs_nothing(self) -> None:
        found = parsed(elf(dynamic=False, versions={"libc.so.6": ["GLIBC_2.99"]}))
        assert (found.needed, found.needs, found.arch) == ((), (), "x86_64")

    def test_machine_without_a_name_is_named_by_its_number(self) -> None:
        data = bytearray(elf())
        data[18:20] = (9999).to_bytes(2, "little")
        found = parsed(bytes(data))
        assert (found.arch, found.machine) == (None, "machine 9999 (64 bits, little-endian)")

    @pytest.mark.parametrize(
        ("data", "path"),
        [
            pytest.param(elf(kind=1), "crt1.o", id="an object"),
            pytest.param(elf(kind=4), "core", id="a core"),
            pytest.param(elf()[:18] + (190).to_bytes(2, "little") + elf()[20:], "kernel.cubin", id="CUDA"),
            pytest.param(elf()[:18] + (247).to_bytes(2, "little") + elf()[20:], "probe.so", id="BPF"),
            pytest.param(elf(), "x.so.debug", id="debugging information"),
        ],
    )
    def test_none_of_the_loaders_business(self, data: bytes, path: str) -> None:
        assert read_binary(io.BytesIO(data), path) is None

    def test_marks(self) -> None:
        found = parsed(elf(isa=7, stack=7, textrel=True, beyond=1, align=0x10000))
        assert (found.isa, found.has_stack, found.has_text_relocations, found.is_cut, found.alignment) == (
            3,
            True,
            True,
            True,
            0x10000,
        )
        found = parsed(elf(stack=6, api=24))
        assert (found.isa, found.has_stack, found.has_text_relocations, found.is_cut, found.api) == (0, False, False, False, 24)

    @pytest.mark.parametrize(
        ("data", "api"),
        [
            pytest.param(note(b"Android", 1, b"\x1e\0\0\0"), 30, id="the level"),
            pytest.param(note(b"Android", 1, b"\x1e\0\0\0\1" + bytes(127)), 30, id="with the NDK's version"),
            pytest.param(note(b"GNU", 1, b"\x1e\0\0\0"), 0, id="the oldest kernel for glibc"),
            pytest.param(note(b"Android", 5, b"\x1e\0\0\0"), 0, id="another note of Android's"),
            pytest.param(note(b"Android", 1, b"\x1e"), 0, id="cut off"),
        ],
    )
    def test_level_of_android(self, data: bytes, api: int) -> None:
        assert parsed(library(segments=[(elffile.Kind.NOTE, 4, data)])).api == api

    @pytest.mark.parametrize(
        ("path", "place"),
        [
            ("demo/x.so", "demo/x.so"),
            ("demo-1.0.data/purelib/demo/x.so", "demo/x.so"),
            ("demo-1.0.data/platlib/x.so", "x.so"),
            ("demo-1.0.data/data/lib/x.so", "../../../lib/x.so"),
            ("demo-1.0.data/scripts/x", "../../../bin/x"),
            ("demo-1.0.data/headers/x.so", "demo-1.0.data/headers/x.so"),
            ("demo-1.0.data/purelib", "demo-1.0.data/purelib"),
            ("demo/purelib/x.so", "demo/purelib/x.so"),
        ],
    )
    def test_where_it_is_installed(self, path: str, place: str) -> None:
        assert parsed(elf(), path=path).place == place

    @pytest.mark.parametrize(
        ("path", "symbols", "is_module"),
        [
            pytest.param("a/x.cpython-312-x86_64-linux-gnu.so", [Symbol("f")], True, id="a suffix of CPython"),
            pytest.param("a/x.pypy311-pp73-x86_64-linux-gnu.so", [Symbol("f")], True, id="a suffix of PyPy"),
            pytest.param("a/x.abi3.so", [Symbol("f")], True, id="the stable ABI"),
            pytest.param("a/x.abi3t-x86_64-linux-gnu.so", [Symbol("f")], True, id="the stable ABI of free-threaded builds"),
            pytest.param("a/x.so", [Symbol("PyInit_x", FUNCTION)], True, id="a plain suffix and the function"),
            pytest.param("a/x.so", [Symbol("initx", FUNCTION)], True, id="the function of Python 2"),
            pytest.param("a/libx.so", [Symbol("PyInit_libx", FUNCTION)], True, id="named as a library, and the function"),
            pytest.param("a/x.so", [Symbol("PyInit_y", FUNCTION)], False, id="the function of another module"),
            pytest.param("a/x.so", [Symbol("f", FUNCTION, is_defined=False)], True, id="nothing defined: it may be either"),
            pytest.param("a/libx.so", [], False, id="a library that defines nothing"),
            pytest.param("a/x.so.1", [], False, id="a library's version"),
            pytest.param("a/x.1.so", [], False, id="another suffix"),
            pytest.param("a/x-y.so", [], False, id="not an identifier"),
        ],
    )
    def test_modules(self, path: str, symbols: list[Symbol], *, is_module: bool) -> None:
        assert parsed(elf(symbols=symbols), path=path).is_module is is_module


class TestContents:
    """What is kept of a wheel."""

    def test_the_files_of_a_wheel(self, tmp_path: Path) -> None:
        files = {
            "demo/x.so": elf(),
            "demo/notes.txt": b"\x7fEL",
            "demo-1.0.data/purelib/demo/y.so": elf(),
            "demo-1.0.data/platlib/demo/z.so": elf(),
            "demo-1.0.data/scripts/run": elf(),
            "demo-1.0.data/data/lib/libq.so": elf(),
            "demo/": b"",
        }
        requires = [
            "numpy>=1.2",
            "Foo.bar (>1) ; python_version > '3'",
            "extra-only ; extra == 'x'",
            "extras",
            "b[extra]>1",
            "c; 'x' == extra",
        ]
        path = wheel(tmp_path, NAME, files, record=["demo/x.so", "demo-1.0.data/scripts/run"], requires=requires)
        found = read_wheel(str(path))
        assert (found.path, found.filename) == (str(path), NAME)
        assert (found.tags, found.has_late_tags, found.is_pure) == (("cp312-cp312-manylinux_2_17_x86_64",), False, False)
        assert [(binary.path, binary.place) for binary in found.binaries] == [
            ("demo/x.so", "demo/x.so"),
            ("demo-1.0.data/purelib/demo/y.so", "demo/y.so"),
            ("demo-1.0.data/platlib/demo/z.so", "demo/z.so"),
            ("demo-1.0.data/scripts/run", "../../../bin/run"),
            ("demo-1.0.data/data/lib/libq.so", "../../../lib/libq.so"),
        ]
        assert found.unlisted == (
            "demo-1.0.data/purelib/demo/y.so",
            "demo-1.0.data/platlib/demo/z.so",
            "demo-1.0.data/data/lib/libq.so",
        )
        assert found.pure == ("demo-1.0.data/purelib/demo/y.so",)
        assert found.requires == ("numpy", "Foo.bar", "extras", "b")
        assert found.faults == ()
        assert read_wheel(str(wheel(tmp_path, NAME, {"demo/x.so": elf()}, is_pure=True))).is_pure

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_the_text_after_the_header_requires_nothing(self, end: str, tmp_path: Path) -> None:
        lines = ["Metadata-Version: 2.1", "Name: demo", "Requires-Dist: numpy", "", "Requires-Dist: of the text", ""]
        path = tmp_path / NAME
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("demo-1.0.dist-info/WHEEL", f"Root-Is-Purelib: true{end}Tag: py3-none-any{end}")
            archive.writestr("demo-1.0.dist-info/METADATA", end.join(lines))
        found = read_wheel(str(path))
        assert (found.requires, found.tags, found.is_pure) == (("numpy",), ("py3-none-any",), True)

    def test_wheel_without_record_and_metadata(self, tmp_path: Path) -> None:
        path = tmp_path / NAME
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("demo-1.0.dist-info/WHEEL", "Tag: cp312-cp312-manylinux_2_17_x86_64\n")
            archive.writestr("x.so", elf())
        found = read_wheel(str(path))
        assert (found.unlisted, found.requires) == (("x.so",), ())

    @pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_large_files_and_long_tables(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: int) -> None:
        monkeypatch.setattr(archive, "MAX_KEPT", 100_000)
        noise = os.urandom(3 << 20)
        files = {"large.so": elf(soname="large.so") + noise, "small.so": elf(soname="small.so"), "a" * 3000 + ".so": elf()}
        found = read_wheel(str(wheel(tmp_path, NAME, files, compression=compression)))
        assert [binary.soname for binary in found.binaries] == ["large.so", "small.so", ""]

    def test_progress(self, tmp_path: Path) -> None:
        calls: list[tuple[str, int, int]] = []
        path = wheel(tmp_path, NAME, {"a": b"1234", "b": b"12"})
        read_wheel(str(path), lambda *words: calls.append(words))
        assert calls[:3] == [(NAME, 0, calls[0][2]), (NAME, 4, calls[0][2]), (NAME, 6, calls[0][2])]

    def test_sources_that_hold_a_word(self, tmp_path: Path) -> None:
        path = wheel(tmp_path, NAME, {"a.py": b"import pool", "b.py": b"import x", "c.txt": b"pool", "d.py": b"\xff pool"})
        assert list(sources(str(path), ["pool", "other"])) == ["import pool", "\ufffd pool"]
        assert list(sources(str(tmp_path / "missing"), ["pool"])) == []

    def test_metadata_of_a_vendored_project_is_not_the_wheels(self, tmp_path: Path) -> None:
        files = {"demo/_vendor/other-2.dist-info/WHEEL": b"Root-Is-Purelib: true\n", "x.so": elf()}
        assert not read_wheel(str(wheel(tmp_path, NAME, files))).is_pure


class TestMetadata:
    """Headers of METADATA and WHEEL, and what a wheel requires."""

    def test_header(self) -> None:
        text = "Name: a\nRequires-Dist: b: c\n  Tag: of a longer line\n\tTag: x\nno colon\nREQUIRES-DIST : d\n \nTag: e\n"
        assert wheelfile.header(text) == {"name": ["a"], "requires-dist": ["b: c", "d"]}
        assert wheelfile.header(text, ends=False) == {"name": ["a"], "requires-dist": ["b: c", "d"], "tag": ["e"]}

    def test_required(self) -> None:
        lines = [
            "b (>=1)",
            "???",
            "c; extra == 'x'",
            "d; python_version < '3' and sys_platform != 'extras'",
            " e[extra]>1",
            "b",
            "",
        ]
        assert wheelfile.required(lines) == ("b", "d", "e")


def damaged(folder: Path, name: str, data: bytes, **options: int) -> Path:
    """A wheel whose first entry has this *name* and *data*; *options* are what its central directory says of it."""
    path = folder / NAME
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, data)
        archive.writestr("demo-1.0.dist-info/WHEEL", "")
        archive.writestr("sound.so", elf())
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    places = {
        "flags": (8, "H"),
        "method": (10, "H"),
        "packed": (20, "I"),
        "size": (24, "I"),
        "crc": (16, "I"),
        "offset": (42, "I"),
    }
    for option, value in options.items():
        struct.pack_into("<" + places[option][1], content, entry + places[option][0], value)
    path.write_bytes(bytes(content))
    return path


def needing_much() -> bytes:
    return elf(needed=[f"lib{number * 7919 % 1009}.so" for number in range(300)])


class TestOddEntries:
    """One odd entry is named and does not keep the rest from being read."""

    @pytest.mark.parametrize(
        ("name", "options", "problem"),
        [
            pytest.param("../evil.so", {}, r"has a name that must be a relative path without '..', '\' and control characters", id="out of the folder"),
            pytest.param("/etc/evil.so", {}, r"has a name that must be a relative path without '..', '\' and control characters", id="absolute"),
            pytest.param("a\\b.so", {}, r"has a name that must be a relative path without '..', '\' and control characters", id="a backslash"),
            pytest.param("a\nb.so", {}, r"has a name that must be a relative path without '..', '\' and control characters", id="a line end"),
            pytest.param("a" * 5000, {}, "has a name of 5000 characters; no file system takes it", id="absurdly long"),
            pytest.param("x.so", {"flags": 1}, "is encrypted; installers have no password", id="encrypted"),
            pytest.param("x.so", {"method": 14}, "is compressed by method 14; expected stored (0) or deflated (8)", id="LZMA"),
            pytest.param("x.so", {"crc": 1}, "cannot be read: its size or CRC-32 is not that of the central directory", id="a wrong checksum"),
            pytest.param("x.so", {"size": 400}, "cannot be read: its size or CRC-32 is not that of the central directory", id="more than claimed"),
            pytest.param("x.so", {"packed": 2**31}, "cannot be read: its size or CRC-32 is not that of the central directory", id="more packed bytes"),
            pytest.param("x.so", {"packed": 2**31, "size": 2**20}, "cannot be read: it is cut off by the end of the file", id="cut off"),
            pytest.param("x.so", {"offset": 2}, "cannot be read: its header is not where the central directory says", id="a wrong place"),
            pytest.param("x.so", {"offset": 2**31}, "cannot be read: its header is cut off", id="a place behind the end"),
        ],
    )  # fmt: skip
    def test_entry(self, tmp_path: Path, name: str, options: dict[str, int], problem: str) -> None:
        found = read_wheel(str(damaged(tmp_path, name, elf(), **options)))
        assert [(fault.path, fault.problem, fault.is_serious) for fault in found.faults] == [(name, problem, True)]
        assert [binary.path for binary in found.binaries] == ["sound.so"]

    @pytest.mark.parametrize("name", ["a\u202fb.so", "a\u00a0b.so", "a\u200db.so"])
    def test_unusual_characters_are_in_order(self, tmp_path: Path, name: str) -> None:
        found = read_wheel(str(wheel(tmp_path, NAME, {name: elf()})))
        assert ([binary.path for binary in found.binaries], found.faults) == ([name], ())

    def test_header_with_another_name(self, tmp_path: Path) -> None:
        path = damaged(tmp_path, "x.so", elf())
        path.write_bytes(path.read_bytes().replace(b"x.so", b"y.so", 1))
        (fault,) = read_wheel(str(path)).faults
        assert fault.problem == "cannot be read: its header has another name than the central directory"

    @pytest.mark.parametrize("place", [pytest.param(0, id="at the beginning"), pytest.param(200, id="further on")])
    def test_broken_compression(self, tmp_path: Path, place: int) -> None:
        path = wheel(tmp_path, NAME, {"x.so": needing_much()})
        content = bytearray(path.read_bytes())
        start = 30 + len("x.so") + place
        content[start : start + 8] = b"\xff" * 8
        path.write_bytes(bytes(content))
        (fault,) = read_wheel(str(path)).faults
        assert fault.problem.startswith("cannot be read: ")

    def test_metadata_that_cannot_be_read(self, tmp_path: Path) -> None:
        path = wheel(tmp_path, NAME, {"x.so": elf()}, record=["x.so"])
        content = path.read_bytes()
        place = content.rindex(b"demo-1.0.dist-info/RECORD") - 46
        path.write_bytes(content[: place + 16] + bytes(4) + content[place + 20 :])  # its checksum
        found = read_wheel(str(path))
        (fault,) = found.faults
        assert (fault.path, fault.is_serious) == ("demo-1.0.dist-info/RECORD", True)
        assert fault.problem == "cannot be read: its size or CRC-32 is not that of the central directory"
        assert found.unlisted == ("x.so",)

    def test_record_that_is_no_csv_counts_up_to_there(self, tmp_path: Path) -> None:
        path = wheel(tmp_path, NAME, {"x.so": elf(), "y.so": elf()}, record=["x.so", "a" * 200_000, "y.so"])
        assert read_wheel(str(path)).unlisted == ("y.so",)

    def test_entry_beyond_the_limit(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "MAX_ENTRY", 2000)
        found = read_wheel(str(damaged(tmp_path, "x.so", bytes(3000))))
        assert found.faults == (Fault("x.so", "entry", "claims 3000 bytes; up to 2000 are read", is_serious=True),)

    def test_of_two_entries_of_one_name_the_last_counts(self, tmp_path: Path) -> None:
        path = tmp_path / NAME
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("demo-1.0.dist-info/WHEEL", "")
            archive.writestr("x.so", elf("i686"))
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr("x.so", elf("aarch64"))
        found = read_wheel(str(path))
        assert [binary.arch for binary in found.binaries] == ["aarch64"]
        assert found.faults == (
            Fault("x.so", "entry", "is there twice; installers disagree about which one counts", is_serious=True),
        )

    def test_number_of_faults_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wheelfile, "MAX_FAULTS", 5)
        assert len(read_wheel(str(wheel(tmp_path, NAME, {f"{n}.so": b"" for n in range(9)}))).faults) == 5


class TestHostileFiles:
    """A wheel that cannot be read is an error, and costs no more than its own size."""

    def test_claimed_bomb(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidWheel) as refused:
            read_wheel(str(damaged(tmp_path, "x.so", b"data", size=2**32 - 2)))
        assert refused.value.part == "file"
        assert refused.value.problem.startswith("cannot be read: its entries claim 4294967")

    @pytest.mark.parametrize("kept", [0, 10, 100, 400, -1, -30])
    def test_truncated_wheel(self, tmp_path: Path, kept: int) -> None:
        path = wheel(tmp_path, NAME, {"demo/x.so": elf()})
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(InvalidWheel, match=r"file: cannot be read: not a zip archive, or cut off$"):
            read_wheel(str(path))

    def test_list_of_entries_of_absurd_size_is_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / NAME
        size = 300 << 20
        end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0)
        with path.open("wb") as file:
            file.truncate(size)
            file.seek(size)
            file.write(end)
        tracemalloc.start()
        with pytest.raises(InvalidWheel, match="a central directory of more than 67108864 bytes"):
            read_wheel(str(path))
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
        tracemalloc.stop()

    def test_elf_files_with_more_names_than_any_need(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wheelfile, "MAX_KEPT", 100)
        path = wheel(tmp_path, NAME, {f"x{number}.so": elf() for number in range(9)})
        with pytest.raises(InvalidWheel, match="the ELF files name more libraries and versions than any need"):
            read_wheel(str(path))

    def test_metadata_of_absurd_size(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wheelfile, "MAX_METADATA", 50)
        with pytest.raises(InvalidWheel, match="WHEEL: cannot be read: it is larger than 50 bytes"):
            read_wheel(str(wheel(tmp_path, NAME, {})))

    def test_wheel_has_its_metadata_once(self, tmp_path: Path) -> None:
        two = wheel(tmp_path, NAME, {"other-2.0.dist-info/WHEEL": b""})
        with pytest.raises(InvalidWheel, match=r"WHEEL: expected one folder '\*\.dist-info' with a file WHEEL, found 2"):
            read_wheel(str(two))

    def test_whatever_zipfile_raises_is_an_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise NotImplementedError("zip file version 99")

        monkeypatch.setattr(archive, "Archive", fail)
        with pytest.raises(InvalidWheel, match="file: cannot be read: NotImplementedError: zip file version 99"):
            read_wheel(str(wheel(tmp_path, NAME, {})))

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidWheel, match=r"file: cannot be read: No such file or directory$"):
            read_wheel(str(tmp_path / NAME))
        with pytest.raises(InvalidWheelName):
            read_wheel(str(tmp_path / "demo.zip"))
        os.mkfifo(tmp_path / NAME)
        with pytest.raises(InvalidWheel, match="file: not a regular file"):
            read_wheel(str(tmp_path / NAME))

    @given(place=st.integers(0, 2000), byte=st.integers(0, 255), cut=st.integers(0, 3000))
    def test_damaged_elf_file_is_read_or_named(self, place: int, byte: int, cut: int) -> None:
        symbols = [
            Symbol("_ZSt4cout"),
            Symbol("f", FUNCTION),
            Symbol("g", is_defined=False, library="libm.so.6", version="GLIBC_2.5"),
        ]
        versions = {"libc.so.6": ["GLIBC_2.5", "GLIBC_2.6"], "libm.so.6": ["GLIBC_2.5"]}
        data = bytearray(elf(versions=versions, symbols=symbols, defines=["X_1"], soname="libx.so", runpath="$ORIGIN"))
        data[place % len(data)] = byte
        with tempfile.TemporaryDirectory() as folder:
            path = wheel(Path(folder), NAME, {"demo/x.so": bytes(data[: len(data) - cut % 40]), "y.so": elf()})
            found = read_wheel(str(path))
        assert isinstance(found, Contents)
        assert "y.so" in [binary.path for binary in found.binaries]
        assert all(fault.path == "demo/x.so" for fault in found.faults)
