"""The dynamic loader on paper: a class for each rule of glibc's loader, and what musl's does differently."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from shared import OBJECT, TLS, UNIQUE, WEAK, Symbol, library, needs

import mltags
from mltags.audit import elffile, loader
from mltags.audit.loader import Closed, InstalledFiles, Opened, Process, RootFiles


class Disk:
    """Files in memory; *links* lead from one path to another; what is in /lib is found without a path."""

    def __init__(self, files: Mapping[str, bytes], links: "Mapping[str, str] | None" = None) -> None:
        self._files = {path: Opened(elffile.ElfFile(io.BytesIO(data))) if data else None for path, data in files.items()}
        self._links = dict(links or {})

    def real(self, path: str) -> str:
        path = self._links.get(path, path)
        return path if path in self._files else ""

    def linked(self, real: str) -> "loader.Linked | None":
        return self._files[real]

    def search(self, library: str, key: "tuple[int, int, str]") -> str:
        return self.real(f"/lib/{library}")


def process(files: Mapping[str, bytes], *opened: str, **options: Any) -> Process:
    """A process that has opened these paths, in order."""
    links = options.pop("links", None)
    made = Process(Disk(files, links), **options)
    for path in opened:
        made.open(path)
    return made


def paths(one: Process) -> list[str]:
    return [found.path for found in one.objects]


def bound(one: Process, path: str, name: str = "one") -> list[str]:
    """The paths of what the references of the file at *path* to a symbol bind to."""
    (found,) = [found for found in one.objects if found.path == path]
    rows = [*one.bindings(found, lambda symbol: symbol == name.encode())]
    return [row.target.path if row.target else "nothing" for row in rows]


ONE = library([Symbol("one")])


class TestOrder:
    """What is opened comes with its needs, breadth first, each once; what no file serves is missing."""

    def test_breadth_first(self) -> None:
        files = {
            "/m.so": library(needed=["a.so", "b.so"]),
            "/lib/a.so": library(needed=["c.so", "b.so"]),
            "/lib/b.so": library(needed=["d.so"]),
            "/lib/c.so": library(),
            "/lib/d.so": library(),
        }
        assert paths(process(files, "/m.so")) == ["/m.so", "/lib/a.so", "/lib/b.so", "/lib/c.so", "/lib/d.so"]

    def test_circles_end(self) -> None:
        files = {
            "/m.so": library(needed=["a.so"]),
            "/lib/a.so": library(needed=["a.so", "b.so"]),
            "/lib/b.so": library(needed=["a.so"]),
        }
        made = process(files, "/m.so")
        assert paths(made) == ["/m.so", "/lib/a.so", "/lib/b.so"]
        assert [one.path for one in made.in_order(made.objects)] == ["/lib/a.so", "/lib/b.so", "/m.so"]

    def test_missing(self) -> None:
        made = process({"/m.so": library(needed=["a.so", "b.so"]), "/lib/b.so": library()}, "/m.so")
        assert [(one.path, name) for one, name in made.missing] == [("/m.so", "a.so")]

    def test_nothing_to_open(self) -> None:
        made = process({"/m.so": b""}, "/none.so", "/m.so")
        assert made.objects == []

    def test_opened_twice(self) -> None:
        made = process({"/m.so": library(needed=["a.so"]), "/lib/a.so": library()}, "/m.so", "/m.so", "/lib/a.so")
        assert paths(made) == ["/m.so", "/lib/a.so"]

    def test_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loader, "MAX_STEPS", 3)
        with pytest.raises(loader.TooManyError, match="more than 3 needs in one process"):
            process({"/m.so": library(needed=["a.so", "b.so"]), "/lib/a.so": library(), "/lib/b.so": library()}, "/m.so")


class TestLoadedBefore:
    """A need is served by what is loaded under that name, with that SONAME, or from that very file."""

    def test_soname(self) -> None:
        files = {
            "/a/libx-1.so": library(soname="libx.so.1"),
            "/m.so": library(needed=["libx.so.1"]),
            "/lib/libx.so.1": library(soname="libx.so.1"),
        }
        assert paths(process(files, "/a/libx-1.so", "/m.so")) == ["/a/libx-1.so", "/m.so"]
        assert paths(process(files, "/m.so")) == ["/m.so", "/lib/libx.so.1"]

    def test_name_that_was_asked_for(self) -> None:
        files = {
            "/a/m.so": library(needed=["x.so"], runpath="$ORIGIN"),
            "/a/x.so": library(soname="other.so"),
            "/b/m.so": library(needed=["x.so"], runpath="$ORIGIN"),
            "/b/x.so": library(soname="other.so"),
        }
        assert paths(process(files, "/a/m.so", "/b/m.so")) == ["/a/m.so", "/a/x.so", "/b/m.so"]

    def test_the_same_file_by_another_name(self) -> None:
        files = {"/m.so": library(needed=["x.so", "y.so"]), "/lib/x.so": library()}
        made = process(files, "/m.so", links={"/lib/y.so": "/lib/x.so"})
        assert paths(made) == ["/m.so", "/lib/x.so"]
        assert made.missing == []

    def test_musl_does_not_look_at_the_soname(self) -> None:
        files = {
            "/a/libx-1.so": library(soname="libx.so.1"),
            "/m.so": library(needed=["libx.so.1"]),
            "/lib/libx.so.1": library(soname="libx.so.1"),
        }
        made = process(files, "/a/libx-1.so", "/m.so", is_musl=True)
        assert paths(made) == ["/a/libx-1.so", "/m.so", "/lib/libx.so.1"]


class TestSearch:
    """Where a need is looked for: DT_RPATH up the chain of loaders unless there is a DT_RUNPATH, LD_LIBRARY_PATH, DT_RUNPATH, and
    the system's own folders. Source: ld.so(8)."""

    @staticmethod
    def found(*, library_path: "tuple[str, ...]" = (), is_musl: bool = False, **paths_of: str) -> str:
        """Which of the files /rpath/x.so, /runpath/x.so, /env/x.so and /lib/x.so serves ``a.so``, loaded by ``m.so``."""
        files = {
            "/m.so": library(needed=["a.so"], rpath=paths_of.get("rpath_of_m", ""), runpath=paths_of.get("runpath_of_m", "")),
            "/lib/a.so": library(needed=["x.so"], rpath=paths_of.get("rpath", ""), runpath=paths_of.get("runpath", "")),
            **{f"/{folder}/x.so": library() for folder in ("rpath", "runpath", "env", "lib", "outer")},
        }
        return paths(process(files, "/m.so", library_path=library_path, is_musl=is_musl))[-1]

    def test_order(self) -> None:
        assert self.found() == "/lib/x.so"
        assert self.found(library_path=("/env",)) == "/env/x.so"
        assert self.found(rpath="/rpath", library_path=("/env",)) == "/rpath/x.so"
        assert self.found(runpath="/runpath", library_path=("/env",)) == "/env/x.so"
        assert self.found(runpath="/runpath") == "/runpath/x.so"

    def test_runpath_takes_rpath_back(self) -> None:
        assert self.found(rpath="/rpath", runpath="/none") == "/lib/x.so"

    def test_rpath_is_inherited_and_runpath_is_not(self) -> None:
        assert self.found(rpath_of_m="/outer") == "/outer/x.so"
        assert self.found(rpath_of_m="relative:/outer") == "/outer/x.so"
        assert self.found(runpath_of_m="/outer") == "/lib/x.so"
        assert self.found(rpath_of_m="/outer", runpath="/none") == "/lib/x.so"
        assert self.found(rpath_of_m="/rpath", runpath_of_m="/none") == "/lib/x.so"

    def test_musl_inherits_both(self) -> None:
        assert self.found(is_musl=True, runpath_of_m="/outer") == "/outer/x.so"
        assert self.found(is_musl=True, runpath="/runpath", rpath_of_m="/outer") == "/runpath/x.so"
        assert self.found(is_musl=True, rpath="/rpath", library_path=("/env",)) == "/env/x.so"

    def test_musl_makes_no_difference_between_the_two(self) -> None:
        files = {"/m.so": library(needed=["a.so"], rpath="/own"), "/own/a.so": ONE}
        assert paths(process(files, "/m.so", is_musl=True)) == ["/m.so", "/own/a.so"]

    def test_rpath_of_the_program(self) -> None:
        files = {
            "/bin/p": library(rpath="/outer", interpreter="/lib/ld.so"),
            "/m.so": library(needed=["x.so"]),
            "/outer/x.so": library(),
        }
        assert paths(process(files, "/m.so", program="/bin/p")) == ["/bin/p", "/m.so", "/outer/x.so"]

    def test_no_default_folders(self) -> None:
        files = {"/m.so": library(needed=["x.so"], tags=[(elffile.Tag.FLAGS_1, elffile.DF_1_NODEFLIB)]), "/lib/x.so": library()}
        assert paths(process(files, "/m.so")) == ["/m.so"]

    def test_path_in_a_need(self) -> None:
        files = {"/a/m.so": library(needed=["/none.so", "/b/x.so", "$ORIGIN/y.so"]), "/b/x.so": library(), "/a/y.so": library()}
        assert paths(process(files, "/a/m.so")) == ["/a/m.so", "/b/x.so", "/a/y.so"]

    def test_what_is_no_library_or_of_another_machine_is_passed_over(self) -> None:
        files = {
            "/m.so": library(needed=["x.so"], runpath="/1:/2:/3"),
            "/1/x.so": b"",
            "/2/x.so": library(arch="aarch64"),
            "/3/x.so": library(),
        }
        assert paths(process(files, "/m.so")) == ["/m.so", "/3/x.so"]

    @pytest.mark.parametrize(
        ("folder", "result"),
        [
            ("$ORIGIN", "/a/b"),
            ("${ORIGIN}/lib", "/a/b/lib"),
            ("${ORIGIN}/../lib", "/a/lib"),
            ("/x//y/", "/x/y"),
            ("", ""),
            ("lib", ""),
            ("$ORIGIN/$LIB", ""),
            ("/usr/$PLATFORM", ""),
        ],
    )
    def test_expanded(self, folder: str, result: str) -> None:
        assert loader.expanded(folder, "/a/b/m.so") == result


class TestScope:
    """The scope of what is opened: the global one, then itself and its needs; those who were loaded before keep their own."""

    def test_first_match_wins_weak_or_not(self) -> None:
        files = {
            "/m.so": library([needs("one")], needed=["a.so", "b.so"]),
            "/lib/a.so": library([Symbol("one", bind=WEAK)]),
            "/lib/b.so": ONE,
        }
        assert bound(process(files, "/m.so"), "/m.so") == ["/lib/a.so"]

    def test_the_module_comes_before_what_it_needs(self) -> None:
        files = {"/m.so": library([Symbol("one")], needed=["a.so"]), "/lib/a.so": library([Symbol("one")])}
        assert bound(process(files, "/m.so"), "/lib/a.so") == ["/m.so"]

    def test_what_was_loaded_before_keeps_its_bindings(self) -> None:
        files = {
            "/m.so": library(needed=["a.so"]),
            "/n.so": library([Symbol("one")], needed=["a.so"]),
            "/lib/a.so": library([Symbol("one")]),
        }
        assert bound(process(files, "/m.so", "/n.so"), "/lib/a.so") == ["/lib/a.so"]
        assert bound(process(files, "/n.so", "/m.so"), "/lib/a.so") == ["/n.so"]

    def test_two_modules_do_not_see_each_other(self) -> None:
        files = {"/m.so": ONE, "/n.so": library([needs("one")])}
        assert bound(process(files, "/m.so", "/n.so"), "/n.so") == ["nothing"]

    def test_global_scope_comes_first(self) -> None:
        files = {
            "/bin/p": library([needs("one")], needed=["a.so"], interpreter="/lib/ld.so"),
            "/lib/a.so": ONE,
            "/m.so": library([Symbol("one")]),
        }
        made = process(files, "/m.so", program="/bin/p")
        assert (bound(made, "/bin/p"), bound(made, "/m.so")) == (["/lib/a.so"], ["/lib/a.so"])

    def test_symbolic_files_come_before_that(self) -> None:
        files = {
            "/bin/p": library(needed=["a.so"], interpreter="/lib/ld.so"),
            "/lib/a.so": ONE,
            "/m.so": library([Symbol("one")], tags=[(elffile.Tag.SYMBOLIC, 0)]),
        }
        assert bound(process(files, "/m.so", program="/bin/p"), "/m.so") == ["/m.so"]
        assert bound(process(files, "/m.so", program="/bin/p", is_musl=True), "/m.so") == ["/lib/a.so"]

    def test_behind_a_symbolic_file_the_scope_goes_on(self) -> None:
        files = {"/m.so": library([needs("one")], tags=[(elffile.Tag.SYMBOLIC, 0)], needed=["a.so"]), "/lib/a.so": ONE}
        made = process(files, "/m.so")
        assert bound(made, "/m.so") == ["/lib/a.so"]
        assert [one.path for one in made.objects[0].scope] == ["/m.so", "/lib/a.so"]

    def test_opened_for_all(self) -> None:
        files = {"/m.so": library([Symbol("one")], needed=["a.so"]), "/lib/a.so": library(), "/n.so": library([Symbol("one")])}
        made = Process(Disk(files))
        made.open("/m.so", is_global=True)
        made.open("/n.so")
        assert bound(made, "/n.so") == ["/m.so"]
        made = Process(Disk(files))
        made.open("/m.so")
        made.open("/m.so", is_global=True)
        made.open("/n.so")
        assert bound(made, "/n.so") == ["/m.so"]

    def test_a_file_that_asks_to_be_global(self) -> None:
        files = {
            "/m.so": library([Symbol("one")], tags=[(elffile.Tag.FLAGS_1, elffile.DF_1_GLOBAL)]),
            "/n.so": library([Symbol("one")]),
        }
        assert bound(process(files, "/m.so", "/n.so"), "/n.so") == ["/m.so"]


class TestVersions:
    """A reference with a version takes that one, or a definition without any that is not hidden; one without takes the oldest, or the
    only one that is visible."""

    @staticmethod
    def match(reference: Symbol, *definitions: Symbol, is_musl: bool = False, hashing: str = "gnu") -> str:
        """The version that *reference* binds to in a library of *definitions*; "nothing" in none."""
        files = {
            "/m.so": library([reference], needed=["a.so"]),
            "/lib/a.so": library(definitions, soname="a.so", hashing=hashing),
        }
        made = process(files, "/m.so", is_musl=is_musl)
        (row,) = made.bindings(made.objects[0])
        return row.definition.version if row.definition else "nothing"

    @pytest.mark.parametrize("hashing", ["gnu", "sysv"])
    def test_of_the_same_version(self, hashing: str) -> None:
        both = Symbol("one", version="V_1", is_hidden=True), Symbol("one", version="V_2")
        for version in ("V_1", "V_2"):
            assert self.match(needs("one", "a.so", version), *both, hashing=hashing) == version
            assert self.match(needs("one", "a.so", version), *reversed(both), hashing=hashing) == version
        assert self.match(needs("one", "a.so", "V_3"), *both, hashing=hashing) == "nothing"

    def test_of_a_library_without_versions(self) -> None:
        assert self.match(needs("one", "a.so", "V_1"), Symbol("one")) == ""

    def test_of_a_definition_without_one(self) -> None:
        other = Symbol("two", version="V_1")
        assert self.match(needs("one", "a.so", "V_1"), Symbol("one"), other) == ""
        assert self.match(needs("one", "a.so", "V_1"), Symbol("one", is_hidden=True), other) == "nothing"

    def test_references_without_one(self) -> None:
        assert self.match(needs("one"), Symbol("one", version="V_1", is_hidden=True)) == "V_1"  # the oldest
        older = Symbol("older", version="V_0")
        assert self.match(needs("one"), older, Symbol("one", version="V_1")) == "V_1"  # the only one
        assert self.match(needs("one"), older, Symbol("one", version="V_1", is_hidden=True)) == "nothing"
        twice = Symbol("one", version="V_1"), Symbol("one", version="V_2")
        assert self.match(needs("one"), older, *twice) == "nothing"

    def test_musl_takes_what_is_not_hidden(self) -> None:
        other = Symbol("two", version="V_1")
        assert self.match(needs("one", "a.so", "V_3"), Symbol("one", version="V_1"), is_musl=True) == "V_1"
        assert (
            self.match(needs("one", "a.so", "V_1"), Symbol("one", version="V_1", is_hidden=True), other, is_musl=True)
            == "nothing"
        )


class TestKindsOfSymbols:
    """What is no definition for the loader, and what binds in a way of its own."""

    @pytest.mark.parametrize(
        ("symbol", "target"),
        [
            pytest.param(Symbol("one"), "/lib/a.so", id="a function"),
            pytest.param(Symbol("one", kind=TLS, value=0), "/lib/a.so", id="thread-local, the first of its file"),
            pytest.param(Symbol("one", value=0), "/lib/b.so", id="no address"),
            pytest.param(Symbol("one", kind=3), "/lib/b.so", id="a section"),
            pytest.param(Symbol("one", bind=0), "/lib/b.so", id="local"),
            pytest.param(Symbol("one", visibility=2), "/lib/b.so", id="hidden"),
            pytest.param(Symbol("one", visibility=1), "/lib/b.so", id="internal"),
            pytest.param(Symbol("one", visibility=3), "/lib/a.so", id="protected"),
        ],
    )
    def test_definitions(self, symbol: Symbol, target: str) -> None:
        files = {
            "/m.so": library([needs("one")], needed=["a.so", "b.so"]),
            "/lib/a.so": library([symbol, Symbol("other")]),
            "/lib/b.so": ONE,
        }
        assert bound(process(files, "/m.so"), "/m.so") == [target]

    @pytest.mark.parametrize("fields", [{"bind": 0}, {"visibility": 2}, {"visibility": 1}], ids=["local", "hidden", "internal"])
    def test_a_file_keeps_its_own(self, fields: dict[str, int]) -> None:
        files = {"/m.so": library([Symbol("one", **fields)])}  # type: ignore[arg-type]
        assert bound(process(files, "/m.so"), "/m.so") == []

    def test_a_file_that_keeps_one_looks_up_the_next(self) -> None:
        others = [Symbol(name) for name in ("two", "three", "four", "five")]
        made = process({"/m.so": library([Symbol("one", visibility=2), *others], buckets=1)}, "/m.so")
        assert [row.name for row in made.bindings(made.objects[0])] == [b"two", b"three", b"four", b"five"]

    def test_one_unique_definition_for_the_process(self) -> None:
        files = {name: library([Symbol("one", OBJECT, bind=UNIQUE)]) for name in ("/m.so", "/n.so")}
        made = process(files, "/m.so", "/n.so")
        assert (bound(made, "/m.so"), bound(made, "/n.so")) == (["/m.so"], ["/m.so"])
        made = process(files, "/m.so", "/n.so", is_musl=True)
        assert (bound(made, "/m.so"), bound(made, "/n.so")) == (["/m.so"], ["/n.so"])

    @pytest.mark.parametrize("code", [1, 7], ids=["data", "call"])
    def test_protected_by_itself(self, code: int) -> None:
        files = {
            "/m.so": library([Symbol("one")], needed=["a.so"]),
            "/lib/a.so": library([Symbol("one", visibility=3)], relocations=[(code, "one")]),
        }
        assert bound(process(files, "/m.so"), "/lib/a.so") == ["/lib/a.so"]

    def test_protected_and_undefined(self) -> None:
        files = {"/m.so": library([Symbol("one")], needed=["a.so"]), "/lib/a.so": library([needs("one", visibility=3)])}
        assert bound(process(files, "/m.so"), "/lib/a.so") == ["nothing"]

    def test_protected_and_nowhere(self) -> None:
        files = {"/m.so": library([needs("one", visibility=3)])}
        assert bound(process(files, "/m.so"), "/m.so") == ["nothing"]

    def test_protected_data_that_the_program_has_a_copy_of(self) -> None:
        files = {
            "/bin/p": library([Symbol("one", OBJECT)], relocations=[(5, "one")], needed=["a.so"], interpreter="/lib/ld.so"),
            "/lib/a.so": library([Symbol("one", OBJECT, visibility=3)]),
        }
        made = process(files, program="/bin/p")
        assert (bound(made, "/bin/p"), bound(made, "/lib/a.so")) == (["/lib/a.so"], ["/bin/p"])

    def test_a_call_takes_no_entry_that_stands_for_another_function(self) -> None:
        program = library([Symbol("one")], interpreter="/lib/ld.so", needed=["a.so"], relocations=[])
        # The address of the function's entry in the program stands in an undefined symbol.
        entry = bytearray(program)
        elf = elffile.ElfFile(io.BytesIO(program))
        (place,) = elf.symbols.find(b"one")
        start = elf.value(elffile.Tag.SYMTAB) + 24 * place + 6
        entry[start : start + 2] = bytes(2)
        files = {"/bin/p": bytes(entry), "/lib/a.so": library([Symbol("one")], relocations=[(1, "one"), (7, "one")])}
        made = process(files, program="/bin/p")
        assert sorted(bound(made, "/lib/a.so")) == ["/bin/p", "/lib/a.so"]


class TestRelocations:
    """Each architecture has its own numbers; an unknown one is told, and nothing is claimed of it."""

    @pytest.mark.parametrize(
        ("machine", "call", "copy", "plain"),
        [(62, 7, 5, 6), (3, 7, 5, 1), (183, 1026, 1024, 1025), (40, 22, 20, 21), (21, 21, 19, 38), (20, 21, 19, 1), (22, 11, 9, 10), (243, 5, 4, 2), (258, 5, 4, 2)],
    )  # fmt: skip
    def test_kinds(self, machine: int, call: int, copy: int, plain: int) -> None:
        found, unknown = loader.lookups(machine, [call, copy, plain, 9999])
        assert sorted(found) == [(False, False), (False, True), (True, False)]
        assert unknown == {9999}

    @pytest.mark.parametrize("arch", ["x86_64", "i686", "aarch64", "armv7l"])
    def test_of_each_machine(self, arch: str) -> None:
        files = {"/m.so": library([needs("one")], needed=["a.so"], arch=arch), "/lib/a.so": library([Symbol("one")], arch=arch)}
        made = process(files, "/m.so")
        assert bound(made, "/m.so") == ["/lib/a.so"]
        assert made.unknown == set()

    def test_unknown(self) -> None:
        made = process({"/m.so": library([Symbol("one")], relocations=[(200, "one")])}, "/m.so")
        assert bound(made, "/m.so") == []
        assert made.unknown == {(62, 200)}
        assert loader.lookups(8, [1]) == (set(), {1})

    def test_names_that_were_not_asked_for(self) -> None:
        made = process({"/m.so": library([Symbol("one"), Symbol("two")])}, "/m.so")
        assert {row.name for row in made.bindings(made.objects[0])} == {b"one", b"two"}
        assert bound(made, "/m.so", "three") == []


class TestOrderOfRelocation:
    """Each file is relocated after those that it needs."""

    def test_needs_first(self) -> None:
        files = {"/m.so": library(needed=["a.so", "b.so"]), "/lib/a.so": library(needed=["b.so"]), "/lib/b.so": library()}
        made = process(files, "/m.so")
        assert [one.path for one in made.in_order(made.objects)] == ["/lib/b.so", "/lib/a.so", "/m.so"]

    def test_each_once_and_the_needs_of_needs_first(self) -> None:
        files = {
            "/m.so": library(needed=["a.so", "b.so"]),
            "/lib/a.so": library(needed=["c.so"]),
            "/lib/b.so": library(needed=["a.so"]),
            "/lib/c.so": library(),
        }
        made = process(files, "/m.so")
        assert [one.path for one in made.in_order(made.objects)] == ["/lib/c.so", "/lib/a.so", "/lib/b.so", "/m.so"]

    def test_however_far_the_needs_go_on(self) -> None:
        files = {
            "/m.so": library(needed=["c.so", "b.so", "a.so"]),
            "/lib/a.so": library(needed=["b.so"]),
            "/lib/b.so": library(needed=["c.so"]),
            "/lib/c.so": library(),
        }
        made = process(files, "/m.so")
        assert [one.path for one in made.in_order(made.objects)] == ["/lib/c.so", "/lib/b.so", "/lib/a.so", "/m.so"]
        assert [one.path for one in made.in_order(made.objects[:1])] == ["/m.so"]


class TestClosedFiles:
    """What is kept of a file: its thread-local symbols."""

    LIBRARY = library(
        [Symbol("state", TLS, version="V_1"), Symbol("local", TLS, bind=0), Symbol("one"), needs("theirs", kind=TLS)],
        soname="a.so",
        needed=["b.so"],
        runpath="/r",
        relocations=[(16, "state"), (17, "state"), (18, "theirs")],
    )

    def test_kept(self) -> None:
        kept = Closed(elffile.ElfFile(io.BytesIO(self.LIBRARY)).image())
        assert (kept.image.soname, kept.image.needed, kept.image.runpath, kept.image.key) == (
            "a.so",
            ("b.so",),
            ("/r",),
            (62, 64, "little"),
        )
        assert [*kept.image.defined] == [b"state"]
        assert [row.version for row in kept.definitions(b"state")] == ["V_1"]
        assert kept.definitions(b"one") == ()
        assert [(row.name, row.types) for row in kept.references()] == [(b"theirs", frozenset())]

    def test_kept_of_a_library_of_the_system(self) -> None:
        kept = Closed(elffile.ElfFile(io.BytesIO(self.LIBRARY)).image(is_shared=True))
        assert elffile.ElfFile(io.BytesIO(ONE)).image(is_shared=True).wanted == ()
        assert {(row.name, row.types) for row in kept.references()} == {
            (b"state", frozenset([16, 17])),
            (b"theirs", frozenset([18])),
        }

    def test_bindings(self) -> None:
        def image(*args: Any, **options: Any) -> elffile.Image:
            return elffile.ElfFile(io.BytesIO(library(*args, **options))).image()

        images = [
            ("m.so", image([needs("state", kind=TLS)], needed=["a.so"], runpath="$ORIGIN")),
            ("a.so", image([Symbol("state", TLS)])),
        ]
        made = Process(InstalledFiles(images, None))
        made.open(f"{loader.SITE}/m.so")
        assert bound(made, f"{loader.SITE}/m.so", "state") == [f"{loader.SITE}/a.so"]

    def test_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        elf = elffile.ElfFile(io.BytesIO(library([Symbol(f"state_{number}", TLS) for number in range(5)])))
        assert elf.tags
        monkeypatch.setattr(elffile, "MAX_COUNT", 2)
        assert len(elf.image().defined) == 3
        assert elf.problems == ["more than 2 symbols of one kind"]


class TestRoot:
    """The files of a root directory, links followed inside it."""

    def make(self, folder: Path) -> mltags.RootHost:
        (folder / "lib").mkdir()
        (folder / "m.so").write_bytes(library([needs("one")], needed=["x.so.1"]))
        (folder / "lib/x.so.1.0").write_bytes(ONE)
        (folder / "lib/x.so.1").symlink_to("/lib/x.so.1.0")
        (folder / "lib/text.so").write_bytes(b"INPUT(x.so.1)")
        return mltags.RootHost(folder)

    def test_whole(self, tmp_path: Path) -> None:
        files = RootFiles(self.make(tmp_path), lambda name, key: f"/lib/{name}", is_whole=True)
        made = Process(files)
        made.open("/m.so")
        assert paths(made) == ["/m.so", "/lib/x.so.1"]
        assert made.objects[1].real == "/lib/x.so.1.0"
        assert bound(made, "/m.so") == ["/lib/x.so.1"]
        assert (files.real("/none"), files.real("/m.so/x"), files.real("\0")) == ("", "", "")
        assert files.linked("/lib/text.so") is None
        assert files.linked("/lib") is None
        files.close()

    def test_thread_local_symbols_alone(self, tmp_path: Path) -> None:
        files = RootFiles(self.make(tmp_path), lambda name, key: "")
        found = files.linked("/m.so")
        assert found is files.linked("/m.so")
        assert found is not None
        assert (found.image.needed, [*found.references()]) == (("x.so.1",), [])
        files.close()


class TestInstalled:
    """The files of wheels side by side, with those of a system or without."""

    def test_wheels_and_a_system(self) -> None:
        def image(*args: Any, **options: Any) -> elffile.Image:
            return elffile.ElfFile(io.BytesIO(library(*args, **options))).image()

        images = [
            ("demo/m.so", image(needed=["a.so", "b.so", "c.so"], rpath="$ORIGIN/../demo.libs")),
            ("demo.libs/a.so", image()),
            ("../../../lib/data.so", image()),
        ]
        system = Disk({"/lib/b.so": library(), "/opt/x.so": library()})
        made = Process(InstalledFiles(images, system))
        made.open(f"{loader.SITE}/demo/m.so")
        assert paths(made) == [f"{loader.SITE}/demo/m.so", f"{loader.SITE}/demo.libs/a.so", "/lib/b.so"]
        assert [name for _, name in made.missing] == ["c.so"]
        assert [bool(made.open(path)) for path in ("/opt/x.so", "/wheels/lib/data.so", f"{loader.SITE}/none.so")] == [
            True,
            True,
            False,
        ]
        made = Process(InstalledFiles(images, None))
        made.open(f"{loader.SITE}/demo/m.so")
        assert [name for _, name in made.missing] == ["b.so", "c.so"]
        assert made.open("/opt/x.so") == []
        assert InstalledFiles(images, None).linked("/opt/x.so") is None

    def test_objects_show_their_paths(self) -> None:
        assert repr(process({"/m.so": ONE}, "/m.so").objects) == "[Object('/m.so')]"
