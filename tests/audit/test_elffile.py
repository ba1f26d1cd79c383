"""What the dynamic loader reads of an ELF file: made files of every kind, and pyelftools on made and real ones."""

import glob
import io
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import wheels
from shared import GLOBAL, MACHINES, OBJECT, TLS, UNIQUE, WEAK, Symbol, library, needs, note

from mltags.audit import elffile
from mltags.audit.elffile import (
    Definition,
    ElfError,
    ElfFile,
    Kind,
    Reference,
    Segment,
    VersionDefinition,
    VersionNeed,
    gnu_hash,
    sysv_hash,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def read(data: bytes) -> ElfFile:
    return ElfFile(io.BytesIO(data))


def place_of(elf: ElfFile, tag: int) -> int:
    """Where in the file a dynamic tag points."""
    place = elf.offset(elf.value(tag))
    assert place is not None
    return place


#: One of everything.
SYMBOLS = [
    needs("malloc", "libc.so.6", "GLIBC_2.2.5"),
    needs("memcpy", "libc.so.6", "GLIBC_2.14"),
    needs("__gmon_start__", bind=WEAK),
    needs("_ZSt9terminatev", "libstdc++.so.6", "GLIBCXX_3.4"),
    needs("later", "libstdc++.so.6", "GLIBCXX_9", bind=WEAK),
    Symbol("state", TLS, value=4),
    Symbol("one", version="ONE_1"),
    Symbol("two", version="ONE_2", is_hidden=True),
    Symbol("two", version="ONE_1"),
    Symbol("only", OBJECT, bind=UNIQUE, visibility=3, size=12),
    Symbol("plain"),
]


def everything(arch: str, **options: Any) -> bytes:
    """A library in which no address is the place in the file."""
    options = {"soname": "libone.so.1", "needed": ["libc.so.6", "libstdc++.so.6"], "runpath": "$ORIGIN:/opt/lib", **options}
    return library(SYMBOLS, arch=arch, base=0x10000, **options)


@pytest.mark.parametrize("hashing", ["gnu", "sysv"])
@pytest.mark.parametrize("arch", MACHINES)
class TestEveryMachine:
    """Every class and byte order is read alike, through either hash table."""

    def test_texts(self, arch: str, hashing: str) -> None:
        elf = read(everything(arch, hashing=hashing))
        assert (elf.head.machine, elf.head.bits, {"little": "<", "big": ">"}[elf.head.order]) == MACHINES[arch]
        assert (elf.type, elf.soname, elf.needed) == (3, "libone.so.1", ("libc.so.6", "libstdc++.so.6"))
        assert (elf.runpath, elf.rpath) == (("$ORIGIN", "/opt/lib"), ())
        assert elf.problems == []

    def test_versions(self, arch: str, hashing: str) -> None:
        elf = read(everything(arch, hashing=hashing))
        assert elf.version_needs == (
            VersionNeed("libc.so.6", "GLIBC_2.2.5", 4, is_weak=False),
            VersionNeed("libc.so.6", "GLIBC_2.14", 5, is_weak=False),
            VersionNeed("libstdc++.so.6", "GLIBCXX_3.4", 6, is_weak=False),
            VersionNeed("libstdc++.so.6", "GLIBCXX_9", 7, is_weak=True),
        )
        assert elf.version_definitions == (
            VersionDefinition("libone.so.1", 1, is_base=True, is_weak=False),
            VersionDefinition("ONE_1", 2, is_base=False, is_weak=False),
            VersionDefinition("ONE_2", 3, is_base=False, is_weak=False),
        )

    def test_symbols(self, arch: str, hashing: str) -> None:
        elf = read(everything(arch, hashing=hashing))
        table = elf.symbols
        assert len(table) == 12
        found = {
            (table.name(i), table.infos[i], table.others[i], table.sections[i], table.sizes[i], table.versions[i])
            for i in range(len(table))
        }
        assert found == {
            (b"", 0, 0, 0, 0, 0),
            (b"malloc", 0x12, 0, 0, 8, 4),
            (b"memcpy", 0x12, 0, 0, 8, 5),
            (b"__gmon_start__", 0x22, 0, 0, 8, 1),
            (b"_ZSt9terminatev", 0x12, 0, 0, 8, 6),
            (b"later", 0x22, 0, 0, 8, 7),
            (b"state", 0x16, 0, 7, 8, 1),
            (b"one", 0x12, 0, 7, 8, 2),
            (b"two", 0x12, 0, 7, 8, 0x8003),
            (b"two", 0x12, 0, 7, 8, 2),
            (b"only", 0xA1, 3, 7, 12, 1),
            (b"plain", 0x12, 0, 7, 8, 1),
        }
        assert table.values[table.names.index(next(table.names[i] for i in table.find(b"state")))] == 4
        assert elf.problems == []

    def test_find(self, arch: str, hashing: str) -> None:
        elf = read(everything(arch, hashing=hashing))
        table = elf.symbols
        for name in (b"state", b"one", b"only", b"plain"):
            (index,) = table.find(name)
            assert table.name(index) == name
            assert table.is_named(index, name)
            assert not table.is_named(index, name[:-1])
        assert sorted([table.versions[index] for index in table.find(b"two")]) == [2, 0x8003]
        assert [*table.find(b"none")] == []
        # GNU's table holds what is defined, the old one everything.
        assert [table.name(i) for i in table.find(b"malloc")] == ([b"malloc"] if hashing == "sysv" else [])

    def test_relocations(self, arch: str, hashing: str) -> None:
        pairs = [(8, ""), (8, ""), (6, "malloc"), (7, "malloc"), (6, "state")]
        elf = read(everything(arch, hashing=hashing, relocations=pairs))
        places = {name: elf.symbols.name(name) for name in range(len(elf.symbols))}
        found = sorted([(code, places[index]) for code, index in elf.relocations])
        assert found == [(6, b"malloc"), (6, b"state"), (7, b"malloc"), (8, b"")]


class TestWords:
    """The same as the loader's model takes it: definitions and references with their versions."""

    @pytest.mark.parametrize("arch", ["x86_64", "i686", "s390x"])
    def test_definitions(self, arch: str) -> None:
        elf = read(everything(arch))
        assert elf.definitions(b"plain") == (Definition("", 1, False, 2, 1, 0, True, True),)
        assert {*elf.definitions(b"two")} == {
            Definition("ONE_1", 2, False, 2, 1, 0, True, True),
            Definition("ONE_2", 3, True, 2, 1, 0, True, True),
        }
        assert elf.definitions(b"only") == (Definition("", 1, False, 1, 10, 3, True, True),)
        assert elf.definitions(b"malloc") == ()

    def test_without_versions(self) -> None:
        elf = read(library([Symbol("one", value=0), needs("two")]))
        assert elf.definitions(b"one") == (Definition("", 0, False, 2, 1, 0, True, False),)
        assert [(row.name, row.version) for row in elf.references()] == [(b"two", ""), (b"one", "")]

    def test_references(self) -> None:
        elf = read(everything("x86_64", relocations=[(8, ""), (6, "malloc"), (7, "malloc"), (6, "one"), (16, "later")]))
        assert elf.references() == [
            Reference(b"malloc", "GLIBC_2.2.5", "libc.so.6", frozenset([6, 7]), 1, 0, False),
            Reference(b"later", "GLIBCXX_9", "libstdc++.so.6", frozenset([16]), 2, 0, False),
            Reference(b"one", "ONE_1", "", frozenset([6]), 1, 0, True),
        ]

    def test_single_names(self) -> None:
        long = "x" * 1000
        elf = read(library([Symbol("one"), Symbol(long)]))
        table = elf.symbols
        assert [table.single_name(index) for index in range(3)] == [table.name(index) for index in range(3)]
        assert {table.name(index) for index in range(3)} == {b"", b"one", long.encode()}


class TestSymbolsWithoutHash:
    """Where the hash table does not show how many symbols there are, the relocations do."""

    @pytest.mark.parametrize("hashing", ["gnu", "sysv", ""])
    def test_a_library_that_defines_nothing(self, hashing: str) -> None:
        elf = read(library([needs("malloc"), needs("free"), needs("unused", is_referenced=False)], hashing=hashing))
        names = [elf.symbols.name(i) for i in range(len(elf.symbols))]
        assert names[:3] == [b"", b"malloc", b"free"]
        assert [*elf.symbols.find(b"malloc")] == ([1] if hashing == "sysv" else [])
        assert elf.problems == []

    def test_no_dynamic_section_at_all(self) -> None:
        elf = read(library([Symbol("one")], lies={"phnum": 2}))
        assert (elf.tags, elf.needed, elf.soname, elf.version_needs, elf.version_definitions) == ({}, (), "", (), ())
        assert (len(elf.symbols), elf.relocations, [*elf.symbols.find(b"one")]) == (0, frozenset(), [])
        assert elf.problems == []


class TestDynamicSection:
    """The numbers and the texts of the dynamic section."""

    def test_rpath(self) -> None:
        elf = read(library(rpath="/a:$ORIGIN/../lib"))
        assert (elf.rpath, elf.runpath) == (("/a", "$ORIGIN/../lib"), ())

    @pytest.mark.parametrize(
        ("tags", "symbolic", "text"),
        [
            pytest.param([], False, False, id="none"),
            pytest.param([(16, 0)], True, False, id="DT_SYMBOLIC"),
            pytest.param([(30, 2)], True, False, id="DF_SYMBOLIC"),
            pytest.param([(22, 0)], False, True, id="DT_TEXTREL"),
            pytest.param([(30, 4)], False, True, id="DF_TEXTREL"),
        ],
    )
    def test_flags(self, tags: list[tuple[int, int]], symbolic: object, text: object) -> None:
        elf = read(library(tags=tags))
        assert (elf.is_symbolic, elf.has_text_relocations) == (symbolic, text)

    def test_the_last_of_several_counts(self) -> None:
        elf = read(library(tags=[(elffile.Tag.FLAGS_1, 2), (elffile.Tag.FLAGS_1, 8)]))
        assert elf.value(elffile.Tag.FLAGS_1) == 8
        assert elf.value(99, -1) == -1
        text = [(tag, 0) for tag in (elffile.Tag.SONAME, elffile.Tag.RPATH, elffile.Tag.RUNPATH)]
        elf = read(library(soname="libone.so.1", rpath="/a", runpath="/b", tags=text))
        assert (elf.soname, elf.rpath, elf.runpath) == ("", ("",), ("",))

    def test_bytes_that_are_no_text(self) -> None:
        data = library(needed=["libA.so"]).replace(b"libA.so", b"lib\xff.so")
        assert read(data).needed == ("lib\\xff.so",)


class TestSegments:
    """The program headers, and what is derived from them."""

    @pytest.mark.parametrize("arch", ["x86_64", "i686", "ppc"])
    def test_fields(self, arch: str) -> None:
        elf = read(library(arch=arch, interpreter="/lib/ld.so", segments=[(Kind.GNU_STACK, 7, b"")]))
        (stack,) = elf.of_kind(Kind.GNU_STACK)
        assert (stack.flags, stack.file_size, stack.memory_size) == (7, 0, 0)
        assert elf.head.interpreter == "/lib/ld.so"
        first, second = elf.of_kind(Kind.LOAD)
        assert (first.flags, first.offset, first.address, first.file_size) == (5, 0, 0, elf.size)
        assert second == Segment(1, 6, 0, 0x1000000, 0, 0x1000, 8)

    def test_addresses(self) -> None:
        elf = read(library(base=0x10000))
        assert [elf.offset(0x10000 + place) for place in (0, 5, elf.size - 1)] == [0, 5, elf.size - 1]
        assert [elf.offset(place) for place in (0, 5, 0xFFFF, 0x10000 + elf.size, 0x1000000)] == [None] * 5


def isa(bits: int, size: int = 4, step: int = 8) -> bytes:
    data = struct.pack("<III", 0xC0000002, 4, 3) + bytes(step - 4)
    return data + struct.pack("<III", 0xC0008002, size, bits) + bytes(step - 4)


class TestNotes:
    """The notes, and the level of x86-64 that is needed (x86-64 psABI, section 5.1.1)."""

    def test_isa(self) -> None:
        data = note(b"GNU", 5, isa(3))
        assert read(library(segments=[(Kind.GNU_PROPERTY, 4, data)])).isa_needed == 3
        assert read(library(segments=[(Kind.NOTE, 4, data)])).isa_needed == 3
        assert read(library(arch="aarch64", segments=[(Kind.GNU_PROPERTY, 4, data)])).isa_needed == 0
        narrow = note(b"GNU", 5, isa(1, step=4), step=4)
        assert read(library(arch="i686", segments=[(Kind.GNU_PROPERTY, 4, narrow)])).isa_needed == 1

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(note(b"GNU", 3, bytes(20)), id="a build-id"),
            pytest.param(note(b"CORE", 5, isa(3)), id="another owner"),
            pytest.param(note(b"GNU", 5, isa(3, size=8)), id="another size"),
            pytest.param(note(b"GNU", 5, b""), id="empty"),
            pytest.param(b"", id="no note"),
        ],
    )
    def test_none(self, data: bytes) -> None:
        elf = read(library(segments=[(Kind.GNU_PROPERTY, 4, data)]))
        assert elf.isa_needed == 0
        assert elf.problems == []

    def test_all(self) -> None:
        data = note(b"GNU", 3, b"12345") + note(b"Android", 1, b"1234")
        assert [*read(library(segments=[(Kind.NOTE, 4, data)])).notes()] == [(b"GNU", 3, b"12345"), (b"Android", 1, b"1234")]

    def test_cut_off(self) -> None:
        elf = read(library(segments=[(Kind.NOTE, 4, note(b"GNU", 3, bytes(20))[:20])]))
        assert [*elf.notes()] == []
        assert elf.problems == []


class TestHashes:
    """The hashes of names, as published: the Linux Standard Base's for GNU's, the gABI's for the other."""

    @pytest.mark.parametrize(
        ("name", "gnu", "sysv"),
        [
            (b"", 0x00001505, 0),
            (b"printf", 0x156B2BB8, 0x077905A6),
            (b"exit", 0x7C967E3F, 0x0006CF04),
            (b"syscall", 0xBAC212A0, 0x0B09985C),
            (b"flapenguin.me", 0x8AE9F18E, 0x03987915),
        ],
    )
    def test_known(self, name: bytes, gnu: int, sysv: int) -> None:
        assert (gnu_hash(name), sysv_hash(name)) == (gnu, sysv)


class TestUntrusted:
    """A table that claims what the file does not hold is a problem, costs nothing, and spoils no other."""

    @pytest.mark.parametrize(
        ("data", "problem"), [(b"", "an empty file"), (b"PK\3\4", "not an ELF file"), (library()[:60], "a truncated ELF file")]
    )
    def test_no_elf_file(self, data: bytes, problem: str) -> None:
        with pytest.raises(ElfError) as caught:
            read(data)
        assert str(caught.value) == problem

    @staticmethod
    def whole(elf: ElfFile) -> list[str]:
        """Read every part; the problems."""
        for part in ("needed", "soname", "rpath", "version_needs", "version_definitions", "relocations", "isa_needed"):
            getattr(elf, part)
        table = elf.symbols
        columns = (table.names, table.infos, table.others, table.sections, table.values, table.sizes)
        assert {len(column) for column in columns} == {len(table)}
        assert len(table.versions) in {0, len(table)}
        for index in range(len(table)):
            table.is_named(index, b"one")
            assert len(table.name(index)) <= elffile.MAX_SYMBOL
        for name in (b"one", b"two", b"malloc", b"state"):
            assert {*table.find(name)} <= {*range(len(table))}
        return elf.problems

    @pytest.mark.parametrize(
        ("lies", "problem"),
        [
            pytest.param({"strsz": 1 << 40}, "the table of strings claims 1099511627776 bytes and is cut off by the end of the file", id="strings"),
            pytest.param({"at_5": 1 << 40}, "the table of strings is nowhere in the file", id="no strings"),
            pytest.param({"at_6": 1 << 40}, "the table of symbols is nowhere in the file", id="no symbols"),
            pytest.param({"relsz": 1 << 40}, "the table of DT_RELA claims 1099511627776 bytes and is cut off by the end of the file", id="relocations"),
            pytest.param({"at_23": 1 << 40}, "the table of DT_JMPREL is nowhere in the file", id="no relocations"),
            pytest.param({"gnu_buckets": 1 << 31}, "the table of DT_GNU_HASH claims 8589934592 bytes and is cut off by the end of the file", id="buckets"),
            pytest.param({f"at_{0x6FFFFEF5}": 1 << 40}, "the table of DT_GNU_HASH is nowhere in the file", id="no hash table"),
            pytest.param({"endless_chain": 1}, None, id="a chain that runs on into the next table"),
            pytest.param({"gnu_first": 1 << 30}, None, id="a first symbol beyond the table"),
            pytest.param({f"at_{0x6FFFFFF0}": 1 << 40}, "the table of DT_VERSYM is nowhere in the file", id="no versions"),
            pytest.param({"verneednum": 1 << 31}, None, id="a list that ends before its number"),
            pytest.param({"dynsz": 1 << 40}, "the dynamic section is cut off by the end of the file", id="dynamic section"),
            pytest.param({"endless": 1}, "the dynamic section has no end", id="endless dynamic section"),
            pytest.param({"phentsize": 1}, "a program header claims 1 bytes, not 56", id="size of program headers"),
            pytest.param({"phnum": 60000}, "60000 program headers are claimed, and the file holds 28", id="number of program headers"),
        ],
    )  # fmt: skip
    def test_lies(self, lies: dict[str, int], problem: "str | None") -> None:
        elf = read(everything("x86_64", lies=lies))
        problems = self.whole(elf)
        assert problem is None or problem in problems
        if not any(name.startswith(("ph", "at_5", "strsz")) for name in lies):
            assert elf.soname == "libone.so.1"

    @pytest.mark.parametrize(
        "lies",
        [{"circle": 1}, {"sysv_count": 1 << 31}, {"sysv_count": 5}, {"at_4": 1 << 31}, {"at_4": 0}],
        ids=["a circle", "too many", "too few", "no table", "another table"],
    )
    def test_lies_of_the_old_hash_table(self, lies: dict[str, int]) -> None:
        elf = read(everything("i686", hashing="sysv", lies=lies))
        self.whole(elf)
        assert elf.soname == "libone.so.1"

    def test_a_chain_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(elffile, "MAX_TABLE", 16)  # four numbers of the chain, and what stands behind it
        elf = read(library([Symbol("one"), Symbol("two")], buckets=1, soname="libone.so.1", lies={"endless_chain": 1}))
        assert [*elf.symbols.find(b"one")] == []
        assert "the table of DT_GNU_HASH has no end" in elf.problems

    def test_a_long_chain(self) -> None:
        elf = read(library([Symbol(f"name_{number}") for number in range(300)], buckets=1))
        assert len(elf.symbols) == 301
        assert [elf.symbols.name(index) for index in elf.symbols.find(b"name_299")] == [b"name_299"]

    @pytest.mark.parametrize("field", [b"\x02\x00", b"\x00\x00"])
    def test_versions_of_an_unknown_revision(self, field: bytes) -> None:
        data = bytearray(everything("x86_64"))
        elf = read(bytes(data))
        for tag in (elffile.Tag.VERNEED, elffile.Tag.VERDEF):
            start = place_of(elf, tag)
            data[start : start + 2] = field
        elf = read(bytes(data))
        number = field[0]
        assert (elf.version_needs, elf.version_definitions) == ((), ())
        assert elf.problems == [
            f"needs of symbol versions are of the unknown revision {number}",
            f"definitions of symbol versions are of the unknown revision {number}",
        ]

    def test_versions_that_point_outside(self) -> None:
        data = bytearray(everything("x86_64"))
        for tag, place in ((elffile.Tag.VERNEED, 8), (elffile.Tag.VERDEF, 12)):
            start = place_of(read(bytes(data)), tag) + place
            data[start : start + 4] = b"\xff\xff\xff\x7f"
        elf = read(bytes(data))
        assert len(elf.version_needs) == 2  # the second library's
        assert len(elf.version_definitions) == 2
        assert elf.problems == [
            "needs of symbol versions are cut off by the end of the file",
            "definitions of symbol versions are cut off by the end of the file",
        ]

    def test_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data = everything("x86_64")
        monkeypatch.setattr(elffile, "MAX_TABLE", 8)
        elf = read(data)
        assert elf.needed
        monkeypatch.setattr(elffile, "MAX_COUNT", 1)
        assert len(elf.version_needs) == 1
        assert len(elf.version_definitions) == 1
        assert len(elf.strings) == 8
        assert [problem.split(";")[0] for problem in elf.problems] == [
            "2 needs of symbol versions are claimed",
            "3 definitions of symbol versions are claimed",
            f"the table of strings claims {elf.value(elffile.Tag.STRSZ)} bytes",
        ]

    def test_needs_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = [needs(f"name_{number}", f"lib{number % 3}.so.1", f"V_{number}") for number in range(9)]
        elf = read(library(rows))
        assert elf.needed == ()
        monkeypatch.setattr(elffile, "MAX_COUNT", 4)
        assert len(elf.version_needs) == 6
        assert elf.problems == ["more than 4 symbol versions are needed"]

    def test_dynamic_section_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(elffile, "MAX_COUNT", 2)
        elf = read(everything("x86_64"))
        assert elf.tags.keys() == {1}
        assert elf.problems == ["the dynamic section has no end"]

    def test_texts_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(elffile, "MAX_TEXTS", 12)
        elf = read(library(needed=["libone.so.1", "libtwo.so.1"]))
        assert elf.needed == ("libone.so.1", "")
        assert elf.problems == ["it names more libraries and versions than any file needs"]

    @pytest.mark.parametrize("arch", ["x86_64", "i686", "s390x"])
    @pytest.mark.parametrize("hashing", ["gnu", "sysv"])
    def test_any_byte_changed_and_any_end(self, arch: str, hashing: str) -> None:
        data = everything(arch, hashing=hashing, segments=[(Kind.NOTE, 4, note(b"GNU", 5, isa(3)))])
        for place in range(0, len(data), 3):
            for changed in (
                data[:place],
                data[:place] + b"\xff" + data[place + 1 :],
                data[:place] + bytes(4) + data[place + 4 :],
            ):
                try:
                    elf = read(changed)
                except ElfError:
                    continue
                self.whole(elf)


# Beside pyelftools


def theirs(data: bytes) -> dict[str, Any]:
    """What pyelftools reads of a file."""
    module = pytest.importorskip("elftools.elf.elffile")
    elf = module.ELFFile(io.BytesIO(data))
    dynamic = next((segment for segment in elf.iter_segments() if segment["p_type"] == "PT_DYNAMIC"), None)
    if dynamic is None:
        return {}
    tags = [*dynamic.iter_tags()]
    tables = dynamic.get_relocation_tables()
    needs, defines = [elf.get_section_by_name(name) for name in (".gnu.version_r", ".gnu.version_d")]
    special = {"SHN_UNDEF": 0, "SHN_ABS": 0xFFF1, "SHN_COMMON": 0xFFF2}
    return {
        "needed": tuple([tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"]),
        "soname": "".join([tag.soname for tag in tags if tag.entry.d_tag == "DT_SONAME"]),
        "runpath": tuple([part for tag in tags if tag.entry.d_tag == "DT_RUNPATH" for part in tag.runpath.split(":")]),
        "symbols": [
            (
                symbol.name,
                symbol.entry.st_value,
                symbol.entry.st_size,
                special.get(symbol.entry.st_shndx, symbol.entry.st_shndx),
            )
            for symbol in dynamic.iter_symbols()
        ],
        "relocations": {
            (row["r_info_type"], row["r_info_sym"])
            for kind in tables
            if kind != "RELR"
            for row in tables[kind].iter_relocations()
        },
        "needs": [
            (row.name, part.name, part["vna_other"], bool(part["vna_flags"] & 2))
            for row, parts in (needs.iter_versions() if needs else ())
            for part in parts
        ],
        "defines": [(next(iter(parts)).name, row["vd_ndx"]) for row, parts in (defines.iter_versions() if defines else ())],
    }


def ours(data: bytes) -> dict[str, Any]:
    elf = read(data)
    if not elf.tags:
        return {}
    table = elf.symbols
    found = {
        "needed": elf.needed,
        "soname": elf.soname,
        "runpath": elf.runpath,
        "symbols": [
            (table.name(i).decode("utf-8", "replace"), table.values[i], table.sizes[i], table.sections[i])
            for i in range(len(table))
        ],
        "relocations": {*elf.relocations},
        "needs": [tuple(row) for row in elf.version_needs],
        "defines": [(row.version, row.number) for row in elf.version_definitions],
    }
    for index in range(1, len(table), 1 + len(table) // 50):
        if table.sections[index] and table.infos[index] >> 4 in {GLOBAL, WEAK, UNIQUE}:
            assert index in [*table.find(table.name(index))]
    assert elf.problems == []
    return found


@pytest.mark.parametrize("hashing", ["gnu", "sysv"])
@pytest.mark.parametrize("arch", MACHINES)
def test_made_files_beside_pyelftools(arch: str, hashing: str) -> None:
    data = everything(arch, hashing=hashing)
    mine, other = ours(data), theirs(data)
    # pyelftools finds the versions of a file through its sections, and these have none.
    names = ["needed", "soname", "runpath", "symbols", "relocations"]
    if (arch, hashing) == ("s390x", "sysv"):
        names.remove("symbols")  # of which pyelftools takes the wrong number from the long words
    for name in names:
        assert mine[name] == other[name]


@pytest.mark.real
def test_system_files_beside_pyelftools() -> None:
    paths = [path for path in glob.glob("/usr/lib/*-linux-gnu*/*.so*") + glob.glob("/usr/bin/*") if Path(path).is_file()]
    small = [path for path in sorted(paths) if 10_000 < Path(path).stat().st_size < 1_000_000]
    found = [path for path in small if Path(path).read_bytes()[:4] == b"\x7fELF"]
    if not found:
        pytest.skip("no shared libraries of a system that has them in /usr/lib")
    for path in found[:: 1 + len(found) // 60]:
        data = Path(path).read_bytes()
        assert ours(data) == theirs(data), path


def members(path: Path, limit: int) -> "list[tuple[str, Callable[[], bytes]]]":
    import zipfile

    archive = zipfile.ZipFile(path)
    entries = [entry for entry in archive.infolist() if ".so" in entry.filename and entry.file_size < limit]
    return [(entry.filename, lambda entry=entry: archive.read(entry)) for entry in entries]  # type: ignore[misc]


@pytest.mark.real
@pytest.mark.parametrize(
    ("requirement", "python", "abi", "platform"),
    [
        pytest.param("pyzmq==18.0.1", "36", "cp36m", "manylinux1_x86_64", id="manylinux1"),
        pytest.param("pyzmq==18.0.1", "36", "cp36m", "manylinux1_i686", id="32 bits, DT_REL"),
        pytest.param("lxml==5.3.0", "312", "cp312", "manylinux_2_17_s390x", id="big-endian, long words"),
        pytest.param("lxml==5.3.0", "312", "cp312", "manylinux_2_17_ppc64le", id="ppc64le"),
        pytest.param("lxml==5.3.0", "312", "cp312", "musllinux_1_2_aarch64", id="musl"),
        pytest.param("markupsafe==3.0.4", "312", "cp312", "manylinux_2_17_armv7l", id="ARM"),
    ],
)
def test_real_wheels_beside_pyelftools(requirement: str, python: str, abi: str, platform: str) -> None:
    try:
        path = wheels.download(requirement, python, abi, platform)
    except wheels.UnavailableError as problem:
        pytest.skip(str(problem))
    found = members(path, 8_000_000)
    assert found
    for name, contents in found[:12]:
        data = contents()
        assert ours(data) == theirs(data), name


@pytest.mark.real
def test_a_library_of_200_megabytes_takes_less_than_half_a_second(tmp_path: Path) -> None:
    try:
        path = wheels.download("tensorflow==1.13.1", "36", "cp36m", "manylinux1_x86_64")
    except wheels.UnavailableError as problem:
        pytest.skip(str(problem))
    name, contents = max(members(path, 1 << 30), key=lambda row: "_pywrap_tensorflow_internal" in row[0])
    place = tmp_path / "library.so"
    place.write_bytes(contents())
    with place.open("rb") as file:
        start = time.perf_counter()
        elf = ElfFile(file)
        assert elf.version_needs
        assert elf.relocations
        table = elf.symbols
        assert (len(table), len(table.infos), len(table.names)) == (97282, 97282, 97282)
        assert len([table.name(i) for i, section in enumerate(table.sections) if not section]) == 2817
        assert [*table.find(b"_ZSt11__once_call")] == []
        assert time.perf_counter() - start < 0.4, name
