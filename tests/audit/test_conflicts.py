"""What wheels do to one another in one process: R18, R19, and remarks; all files are made."""

import dataclasses
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from shared import TLS, Symbol, library, needs
from together import CALL, CALLABLE, STATE, SUFFIX, Wheels, module, user

from mltags.audit import Finding, Kind, conflicts, elffile, loader, wheelfile


@pytest.fixture
def made(tmp_path: Path) -> Wheels:
    return Wheels(tmp_path)


def found(*contents: wheelfile.Contents, system: "loader.Files | None" = None, is_musl: bool = False) -> list[Finding]:
    return conflicts.conflicts(contents, system, is_musl=is_musl)


def kinds(*contents: wheelfile.Contents, **options: Any) -> list[tuple[Kind, str]]:
    return [(row.kind, row.rule) for row in found(*contents, **options)]


CONFLICT, REMARK = (Kind.CONFLICT, "state"), (Kind.REMARK, "state")


class TestTornState:
    """R18: a library of the system defines thread-local state and refers to it itself; a file of the first wheel defines it too, and
    comes before that library in the scope that first loads it; the other wheel's reference binds to the library."""

    def test_words(self, made: Wheels) -> None:
        (row,) = found(made.torn(), made.taking(), system=made.system())
        assert isinstance(row, conflicts.Conflict)
        assert (row.kind, row.rule, row.file, row.need, row.have) == (
            Kind.CONFLICT,
            "state",
            "torn/libstate.so",
            CALL,
            "libstdc++.so.6",
        )
        assert str(row) == (
            "torn/libstate.so of torn crashes Python when torn is imported before taking (the other order is safe), unless something "
            "has loaded libstdc++.so.6 first: it defines std::__once_call and is searched before libstdc++.so.6 where that is first "
            f"loaded (by torn/m{SUFFIX}), so libstdc++.so.6 uses this copy, while taking/n{SUFFIX} of taking uses the one in "
            "libstdc++.so.6"
        )
        assert row.remedy == "import taking first"
        assert row.wheels == tuple(f"{name}-1.0-cp312-cp312-manylinux_2_17_x86_64.whl" for name in ("torn", "taking"))

    def test_chain(self, made: Wheels) -> None:
        (row,) = found(made.torn(), made.taking(), system=made.system())
        assert isinstance(row, conflicts.Conflict)
        first = (f"torn/m{SUFFIX}", "torn/libstate.so")
        assert row.chain == (
            ("libstdc++.so.6", CALL, "torn/libstate.so", f"torn/m{SUFFIX}", first),
            (f"taking/n{SUFFIX}", CALL, "libstdc++.so.6", f"taking/n{SUFFIX}", (f"taking/n{SUFFIX}", "libstdc++.so.6")),
        )
        assert [str(step) for step in row.chain] == [
            f"when torn/m{SUFFIX} is loaded, std::__once_call in libstdc++.so.6 is bound to torn/libstate.so",
            f"when taking/n{SUFFIX} is loaded, std::__once_call in taking/n{SUFFIX} is bound to libstdc++.so.6",
        ]
        shown = row.as_dict()
        assert shown["wheels"] == [*row.wheels]
        assert shown["chain"] == [step._asdict() for step in row.chain]
        assert shown["kind"] == "conflict"

    def test_the_other_order_is_a_remark(self, made: Wheels) -> None:
        (row,) = found(made.taking(), made.torn(), system=made.system())
        assert (row.kind, row.remedy) == (Kind.REMARK, "")
        assert str(row) == (
            "torn/libstate.so of torn would crash Python if torn were imported before taking; in the order of these wheels nothing happens"
        )

    def test_a_system_that_is_not_at_hand(self, made: Wheels) -> None:
        assert kinds(made.torn(), made.taking()) == [CONFLICT]

    @pytest.mark.parametrize("folder", ["/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/62/64", "/usr/lib/62-64-<"])
    def test_a_system_that_is_not_at_hand_and_a_search_path_into_it(self, folder: str, made: Wheels) -> None:
        loads = library([Symbol("PyInit_m")], needed=["libstate.so", "libstdc++.so.6"], rpath=f"$ORIGIN:{folder}")
        torn = made.make("torn", {f"torn/m{SUFFIX}": loads, "torn/libstate.so": library(STATE)})
        assert kinds(torn, made.taking()) == [CONFLICT]

    def test_a_module_that_defines_the_state_itself(self, made: Wheels) -> None:
        assert kinds(made.make("torn", {f"torn/m{SUFFIX}": module("m", *STATE)}), made.taking()) == [CONFLICT]

    def test_both_tear(self, made: Wheels) -> None:
        def contents(project: str, soname: str) -> wheelfile.Contents:
            files = {
                f"{project}/m{SUFFIX}": module("m", needed=["libx.so", "libstdc++.so.6"]),
                f"{project}/libx.so": library(STATE, soname=soname),
                f"{project}/n{SUFFIX}": user("n"),
            }
            return made.make(project, files)

        (row,) = [row for row in found(contents("one", "one.so"), contents("two", "two.so")) if row.kind is Kind.CONFLICT]
        assert row.remedy == "first import something that loads libstdc++.so.6"
        assert str(row).startswith(
            "one/libx.so of one crashes Python when one is imported before two, unless something has loaded libstdc++.so.6 first: it defines "
        )

    def test_two_symbols(self, made: Wheels) -> None:
        references = [needs(name, "libstdc++.so.6", "GLIBCXX_3.4.11", kind=TLS) for name in (CALL, CALLABLE)]
        taking = made.make("taking", {f"taking/n{SUFFIX}": module("n", *references)})
        (row,) = found(made.torn(), taking, system=made.system())
        assert row.need == f"{CALL}, {CALLABLE}"
        assert "it defines std::__once_call, std::__once_callable and is searched before" in str(row)

    def test_which_file_defines_the_symbol_that_is_used(self, made: Wheels) -> None:
        files = {
            f"torn/m{SUFFIX}": module("m", needed=["libcall.so", "libcallable.so", "libstdc++.so.6"]),
            "torn/libcall.so": library(STATE[:1]),
            "torn/libcallable.so": library(STATE[1:]),
        }
        reference = needs(CALLABLE, "libstdc++.so.6", "GLIBCXX_3.4.11", kind=TLS)
        taking = made.make("taking", {f"taking/n{SUFFIX}": module("n", reference)})
        (row,) = found(made.make("torn", files), taking, system=made.system())
        assert (row.file, row.need) == ("torn/libcallable.so", CALLABLE)

    def test_each_library_of_the_system_by_itself(self, made: Wheels) -> None:
        """Both are torn by one module; the other wheel uses the state of the second one only."""
        state = [Symbol("omp_state", TLS, version="GOMP_1")]
        omp = library(state, soname="libgomp.so.1", relocations=[(16, "omp_state"), (17, "omp_state")])
        files = {
            f"torn/m{SUFFIX}": module("m", needed=["libstate.so", "libomp.so", "libstdc++.so.6", "libgomp.so.1"]),
            "torn/libstate.so": library(STATE),
            "torn/libomp.so": library([Symbol("omp_state", TLS)]),
        }
        reference = needs("omp_state", "libgomp.so.1", "GOMP_1", kind=TLS)
        taking = made.make("taking", {f"taking/n{SUFFIX}": module("n", reference, needed=["libgomp.so.1"])})
        system = made.system()
        (made.folder / "root/lib/libgomp.so.1").write_bytes(omp)
        (row,) = found(made.make("torn", files), taking, system=system)
        assert (row.kind, row.file, row.need, row.have) == (Kind.CONFLICT, "torn/libomp.so", "omp_state", "libgomp.so.1")

    @pytest.mark.parametrize(
        ("source", "example"),
        [(b"", f"torn/m{SUFFIX}"), (b"from torn.deep import z", f"torn/deep/z{SUFFIX}")],
        ids=["the least deep one", "the one that is imported first"],
    )
    def test_the_module_that_is_the_example(self, source: bytes, example: str, made: Wheels) -> None:
        files = {
            "torn/__init__.py": source,
            "torn/deep/__init__.py": b"",
            f"torn/deep/a{SUFFIX}": module("a", *STATE),
            f"torn/deep/z{SUFFIX}": module("z", *STATE),
            f"torn/m{SUFFIX}": module("m", *STATE),
        }
        (row,) = found(made.make("torn", files), made.taking(), system=made.system())
        assert isinstance(row, conflicts.Conflict)
        assert row.chain[0].loads == example

    def test_definitions_behind_the_library(self, made: Wheels) -> None:
        files = {f"torn/m{SUFFIX}": module("m", needed=["libstdc++.so.6", "libstate.so"]), "torn/libstate.so": library(STATE)}
        assert kinds(made.make("torn", files), made.taking()) == []

    def test_libraries_that_do_not_look_their_state_up(self, made: Wheels) -> None:
        own = library([Symbol(CALL, TLS, version="GLIBCXX_3.4.11")], soname="libstdc++.so.6", relocations=[])
        assert kinds(made.torn(), made.taking(), system=made.system(own)) == []

    def test_definitions_of_another_version(self, made: Wheels) -> None:
        state = library([Symbol(CALL, TLS, version="OTHER_1"), Symbol(CALLABLE, TLS, version="OTHER_1")])
        files = {f"torn/m{SUFFIX}": module("m", needed=["libstate.so", "libstdc++.so.6"]), "torn/libstate.so": state}
        assert kinds(made.make("torn", files), made.taking()) == []

    def test_who_does_not_use_the_state(self, made: Wheels) -> None:
        assert kinds(made.torn(), made.make("plain", {f"plain/n{SUFFIX}": module("n")})) == []

    def test_who_has_the_state_in_its_own_scope(self, made: Wheels) -> None:
        reference = needs(CALL, "libstdc++.so.6", "GLIBCXX_3.4.11", kind=TLS)
        files = {
            f"own/n{SUFFIX}": module("n", reference, needed=["libown.so", "libstdc++.so.6"]),
            "own/libown.so": library(STATE),
        }
        assert CONFLICT not in kinds(made.torn(), made.make("own", files))

    def test_who_brings_a_libstdcxx_of_its_own_name(self, made: Wheels) -> None:
        reference = needs(CALL, "libstdc++-1234.so.6", "GLIBCXX_3.4.11", kind=TLS)
        own = library([Symbol(CALL, TLS, version="GLIBCXX_3.4.11")], soname="libstdc++-1234.so.6")
        files = {f"own/n{SUFFIX}": module("n", reference, needed=["libstdc++-1234.so.6"]), "own/libstdc++-1234.so.6": own}
        assert kinds(made.torn(), made.make("own", files)) == []

    def test_a_library_that_both_bundle_is_none_of_the_system(self, made: Wheels) -> None:
        state = [Symbol("own_state", TLS, version="OWN_1")]
        own = library(state, soname="libown.so", relocations=[(16, "own_state"), (17, "own_state")])
        files = {
            f"torn/m{SUFFIX}": module("m", needed=["libstate.so", "libown.so"]),
            "torn/libstate.so": library([Symbol("own_state", TLS)]),
            "torn/libown.so": own,
        }
        reference = needs("own_state", "libown.so", "OWN_1", kind=TLS)
        other = {f"other/n{SUFFIX}": module("n", reference, needed=["libown.so"]), "other/libown.so": own}
        assert kinds(made.make("torn", files), made.make("other", other), system=made.system()) == []

    def test_programs_are_processes_of_their_own(self, made: Wheels) -> None:
        program = library(STATE, needed=["libstdc++.so.6"], interpreter="/lib64/ld-linux-x86-64.so.2")
        assert kinds(made.make("torn", {"torn/program": program}), made.taking()) == []


class TestGuards:
    """What is imported before, and is sure to load the library for itself, takes the conflict back to a remark."""

    def test_every_module_loads_it(self, made: Wheels) -> None:
        guard = made.make("guard", {f"guard/g{SUFFIX}": module("g")})
        torn, taking = made.torn(), made.taking()
        (row,) = [row for row in found(guard, torn, taking) if row.rule == "state"]
        assert row.kind is Kind.REMARK
        assert str(row).startswith(
            "torn/libstate.so of torn would crash Python when torn is imported before taking, had guard not loaded libstdc++.so.6 before that: "
        )
        assert kinds(torn, guard, taking) == [CONFLICT]

    def test_some_module_loads_it(self, made: Wheels) -> None:
        files = {f"guard/g{SUFFIX}": module("g"), f"guard/h{SUFFIX}": module("h", needed=[])}
        assert kinds(made.make("guard", files), made.torn(), made.taking()) == [CONFLICT]

    def test_some_module_loads_it_and_is_sure_to_be_imported(self, made: Wheels) -> None:
        files = {
            f"guard/g{SUFFIX}": module("g"),
            f"guard/h{SUFFIX}": module("h", needed=[]),
            "guard/__init__.py": b"from . import h, g",
        }
        assert kinds(made.make("guard", files), made.torn(), made.taking()) == [REMARK]

    def test_the_first_module_that_loads_it_counts(self, made: Wheels) -> None:
        """One that tears it and is imported later is no harm; one that is imported first is."""
        for first, kind in (("g", REMARK), ("t", CONFLICT)):
            files = {
                f"guard/g{SUFFIX}": module("g"),
                f"guard/t{SUFFIX}": module("t", *STATE),
                f"guard/h{SUFFIX}": module("h", needed=[]),
                "guard/__init__.py": f"import guard.h, guard.{first}\n".encode(),
            }
            rows = [
                row for row in found(made.make("guard", files), made.torn(), made.taking()) if row.file == "torn/libstate.so"
            ]
            assert [(row.kind, row.rule) for row in rows] == [kind]

    def test_a_wheel_that_the_first_one_requires(self, made: Wheels) -> None:
        guard = made.make("guard", {f"guard/g{SUFFIX}": module("g")})
        torn = dataclasses.replace(made.torn(), requires=("Guard",))
        assert kinds(torn, guard, made.taking()) == [REMARK]

    def test_the_last_guard_is_named(self, made: Wheels) -> None:
        guards = [made.make(name, {f"{name}/g{SUFFIX}": module("g")}) for name in ("guard", "other")]
        (row,) = found(*guards, made.torn(), made.taking())
        assert "had other not loaded libstdc++.so.6 before that" in str(row)

    def test_one_that_tears_it_is_no_guard(self, made: Wheels) -> None:
        files = {f"guard/g{SUFFIX}": module("g", *STATE), "guard/__init__.py": b"import guard.g"}
        assert kinds(made.make("guard", files), made.torn(), made.taking()).count(CONFLICT) == 2


class TestMixedLibraries:
    """R19: both bundle a library of one name, hashed or not, and these need different ones."""

    @staticmethod
    def hdf(made: Wheels, project: str, number: str, defines: Sequence[str] = ()) -> wheelfile.Contents:
        name = "libhdf5_hl-d68fbc5b.so.100"
        files = {
            f"{project}/m{SUFFIX}": module("m", needed=[name]),
            f"{project}/{name}": library(needed=[f"libhdf5-{number}.so.101"], soname=name, defines=defines),
            f"{project}/libhdf5-{number}.so.101": library(soname=f"libhdf5-{number}.so.101", defines=[number]),
        }
        return made.make(project, files)

    def test_words(self, made: Wheels) -> None:
        rows = [row for row in found(self.hdf(made, "one", "111"), self.hdf(made, "two", "222")) if row.rule == "soname"]
        (row,) = rows
        assert (row.kind, row.have) == (Kind.CONFLICT, "two/libhdf5_hl-d68fbc5b.so.100")
        assert str(row) == (
            "one/libhdf5_hl-d68fbc5b.so.100 of one and two/libhdf5_hl-d68fbc5b.so.100 of two are different builds of "
            "libhdf5_hl-d68fbc5b.so.100, and the first one that is loaded serves both: it needs libhdf5-111.so.101, and two was built for "
            "libhdf5-222.so.101"
        )

    def test_of_equal_bytes_or_needs(self, made: Wheels) -> None:
        one = self.hdf(made, "one", "111")
        for defines in ([], ["V_2"]):
            assert (Kind.CONFLICT, "soname") not in kinds(one, self.hdf(made, "two", "111", defines))

    def test_several_needs(self, made: Wheels) -> None:
        def contents(project: str, *needed: str) -> wheelfile.Contents:
            files = {
                f"{project}/m{SUFFIX}": module("m", needed=["libx.so"]),
                f"{project}/libx.so": library(soname="libx.so", needed=needed),
            }
            return made.make(project, files)

        (row,) = found(contents("one", "b.so", "a.so", "z.so"), contents("two", "z.so"))
        assert str(row).endswith("serves both: it needs a.so, b.so, and two was built for less")
        (row,) = found(contents("three", "z.so"), contents("four", "d.so", "c.so", "z.so"))
        assert str(row).endswith("serves both: it needs less, and four was built for c.so, d.so")

    def test_one_of_several(self, made: Wheels) -> None:
        """The first two libraries of that name are alike, the next two are not."""

        def contents(project: str, need: str) -> wheelfile.Contents:
            files = {
                f"{project}/m{SUFFIX}": module("m", needed=["liba.so", "libb.so"]),
                f"{project}/liba.so": library(soname="liba.so", needed=["x.so"]),
                f"{project}/libb.so": library(soname="libb.so", needed=[need]),
            }
            return made.make(project, files)

        assert [row.need for row in found(contents("one", "x.so"), contents("two", "y.so"))] == ["libb.so"]

    def test_two_versions_of_one_project(self, made: Wheels) -> None:
        """They are never in one process."""
        one, other, two = self.hdf(made, "one", "111"), self.hdf(made, "One", "222"), self.hdf(made, "two", "333")
        assert [row.have for row in found(one, other, two) if row.rule == "soname"] == ["two/libhdf5_hl-d68fbc5b.so.100"] * 2
        pairs = [(row.file, row.have) for row in found(one, two, other) if row.rule == "soname"]
        assert [(first.partition("/")[0], later.partition("/")[0]) for first, later in pairs] == [
            ("one", "two"),
            ("two", "One"),
        ]

    def test_names_that_nobody_needs(self, made: Wheels) -> None:
        one = made.make("one", {"one/libx.so": library(soname="libx.so", needed=["a.so"])})
        two = made.make("two", {"two/libx.so": library(soname="libx.so", needed=["b.so"])})
        assert kinds(one, two) == []

    def test_musl_goes_by_the_file_name(self, made: Wheels) -> None:
        def contents(project: str, need: str) -> wheelfile.Contents:
            files = {
                f"{project}/m.so": library(needed=["libx.so"]),
                f"{project}/x.so": library(soname="libx.so", needed=[need]),
            }
            return made.make(project, files)

        one, two = contents("one", "a.so"), contents("two", "b.so")
        assert kinds(one, two) == [(Kind.CONFLICT, "soname")]
        assert kinds(one, two, is_musl=True) == []


class TestRuntimes:
    """Several builds of OpenMP, BLAS or HDF5 in one process are remarks."""

    def test_words(self, made: Wheels) -> None:
        def contents(project: str, *versions: str) -> wheelfile.Contents:
            return made.make(project, {f"{project}/libgomp-{project}.so.1": library(defines=versions)})

        (row,) = found(contents("one", "V_1"), contents("two", "V_2"))
        assert (row.kind, row.rule) == (Kind.REMARK, "runtime")
        assert str(row) == (
            "one/libgomp-one.so.1 (and 1 more) is one of 2 builds of OpenMP that come into one process with one, two"
        )

    def test_equal_ones_are_one(self, made: Wheels) -> None:
        both = [made.make(name, {f"{name}/libgomp.so.1": library()}) for name in ("one", "two")]
        assert kinds(*both) == []


class TestGlobal:
    """A wheel that opens libraries for all others is a remark: the model does not see what binds to them."""

    OTHER = "of demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl can open libraries for all others (RTLD_GLOBAL); what is imported later "
    SENTENCE = OTHER + "may bind to them, which is not judged"

    @pytest.mark.parametrize(
        ("files", "subject"),
        [
            pytest.param(
                {"demo/__init__.py": b"sys.setdlopenflags(os.RTLD_GLOBAL | os.RTLD_NOW)"}, "Python code", id="flags of Python"
            ),
            pytest.param({"demo/x.py": b"ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)"}, "Python code", id="ctypes"),
            pytest.param({"demo/x.so": library(tags=[(0x6FFFFFFB, 2)])}, "demo/x.so", id="the file says so"),
            pytest.param({"demo/x.py": b"# RTLD_GLOBAL is not for us"}, "", id="a comment"),
        ],
    )
    def test_words(self, made: Wheels, files: dict[str, bytes], subject: str) -> None:
        demo = made.make("demo", files)
        rows = found(demo, made.make("plain", {}))
        assert [(row.kind, row.rule, str(row)) for row in rows] == [
            (Kind.REMARK, "global", f"{subject} {self.SENTENCE}")
        ] * bool(subject)
        assert found(demo) == []


class TestUntrusted:
    """A wheel whose files all need each other is not judged, and that is said; names may hold anything."""

    def test_too_many_needs(self, made: Wheels, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loader, "MAX_STEPS", 2)
        (row,) = [row for row in found(made.torn(), made.make("plain", {})) if row.kind is Kind.REMARK]
        assert row.rule == "state"
        assert str(row) == (
            f"torn/m{SUFFIX} of torn-1.0-cp312-cp312-manylinux_2_17_x86_64.whl cannot be loaded on paper: more than 2 needs in one process"
        )

    def test_too_many_needs_in_all(self, made: Wheels, monkeypatch: pytest.MonkeyPatch) -> None:
        torn, taking = made.torn(), made.taking()
        monkeypatch.setattr(conflicts, "MAX_STEPS", 12)
        (row,) = found(torn, taking)
        assert row.kind is Kind.REMARK
        assert str(row).endswith(
            "taking-1.0-cp312-cp312-manylinux_2_17_x86_64.whl cannot be loaded on paper: more than 12 needs in all"
        )

    def test_names_in_words(self) -> None:
        assert [conflicts.plain(name) for name in (CALL, "_ZSt3abcd", "_ZN3foo3barE", "_ZSt99x")] == [
            "std::__once_call", "_ZSt3abcd", "_ZN3foo3barE", "_ZSt99x"
        ]  # fmt: skip

    def test_no_wheels(self) -> None:
        assert found() == []

    def test_a_long_chain_of_needs(self, made: Wheels) -> None:
        """Time and memory stay in proportion to the files: no file has a scope or a chain of its own."""
        count = loader.MAX_DEPTH + 1
        files = {f"chain/m{place}.so": module("m", needed=[f"m{place + 1}.so"]) for place in range(count)}
        (row,) = found(made.make("chain", files), made.taking())
        assert row.kind is Kind.REMARK
        assert str(row).endswith(
            f"cannot be loaded on paper: more than {loader.MAX_DEPTH} files, each loaded for the one before"
        )

    def test_a_file_that_needs_many(self) -> None:
        """Memory stays in proportion to the files: those that are loaded together share one scope."""
        names = [f"m{number}.so" for number in range(3000)]
        needed = {names[0]: tuple(names[1:])}
        images = [
            (name, elffile.Image((62, 64, "little"), name, needed.get(name, ()), ("$ORIGIN",), (), False, 0, False, {}, ()))
            for name in names
        ]
        process = loader.Process(loader.InstalledFiles(images, None))
        tracemalloc.start()
        assert len(process.open(loader.installed(names[0]))) == 3000
        assert len(process.objects[-1].scope) == 3000
        assert tracemalloc.get_traced_memory()[1] < 8 << 20  # a scope for each would take 72 MB
        tracemalloc.stop()
