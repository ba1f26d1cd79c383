"""References that a wheel's file captures without doing harm; all files are made."""

from pathlib import Path
from typing import Any

import pytest
from shared import FUNCTION, TLS, Symbol, library, needs
from together import LIBSTDCXX, SUFFIX, Wheels, module

import mltags
from mltags.audit import Kind, audit_together, captures, conflicts, wheelfile

OBJECT, UNIQUE = 1, 10
NAMES = {"f": FUNCTION, "g": FUNCTION, "_ZTV1A": OBJECT, "_ZTI1A": OBJECT, "_ZSt4cout": OBJECT, "_ZSt11__once_call": TLS}
SHARED = library([Symbol(name, kind, version="GLIBCXX_3.4") for name, kind in NAMES.items()], soname="libstdc++.so.6")


@pytest.fixture
def made(tmp_path: Path) -> Wheels:
    return Wheels(tmp_path)


def capturing(made: Wheels, *names: str, project: str = "torn") -> wheelfile.Contents:
    """A wheel with a module whose library defines *names* and comes before libstdc++."""
    library_ = library([Symbol(name, NAMES[name]) for name in names])
    needed = [f"lib{project}.so", "libstdc++.so.6"]
    return made.make(project, {f"{project}/m{SUFFIX}": module("m", needed=needed), f"{project}/lib{project}.so": library_})


def found(made: Wheels, *contents: wheelfile.Contents, shared: bytes = SHARED, **options: Any) -> "list[conflicts.Conflict]":
    files = made.system(shared, is_whole=True)
    rows = captures.captures(contents, files, **options)
    files.close()
    assert all(isinstance(row, conflicts.Conflict) and row.kind is Kind.REMARK and row.rule == "capture" for row in rows)
    return rows  # type: ignore[return-value]


class TestSharedLibraries:
    """What a library of the system looks up and defines itself, and what a wheel's file in the scope before it defines, too."""

    def test_words(self, made: Wheels) -> None:
        (row,) = found(made, capturing(made, *NAMES))
        assert str(row) == (
            "torn/libtorn.so of torn captures references of libstdc++.so.6 to 2 functions, 1 type description, 1 variable, 1 virtual table "
            "(std::cout, _ZTI1A, _ZTV1A and 2 more); no failure in the measured cases came from such a binding"
        )
        assert row.rows == (("torn/libtorn.so", "libstdc++.so.6", ""),)
        assert row.wheels == ("torn-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",)

    def test_three_symbols_are_all_named(self, made: Wheels) -> None:
        (row,) = found(made, capturing(made, "f", "_ZTV1A", "_ZTI1A"))
        assert "(_ZTI1A, _ZTV1A, f); no failure" in str(row)

    def test_chain(self, made: Wheels) -> None:
        (row,) = found(made, capturing(made, "f", "_ZTV1A"))
        first = f"torn/m{SUFFIX}"
        scope = (first, "torn/libtorn.so")
        assert row.chain == (
            ("libstdc++.so.6", "_ZTV1A", "torn/libtorn.so", first, scope),
            ("libstdc++.so.6", "f", "torn/libtorn.so", first, scope),
        )

    def test_thread_local_state_is_judged_as_a_conflict(self, made: Wheels) -> None:
        assert found(made, capturing(made, "_ZSt11__once_call"), shared=LIBSTDCXX) == []

    def test_what_the_library_does_not_define_is_a_need(self, made: Wheels) -> None:
        asking = library([needs("f")], soname="libstdc++.so.6")
        assert found(made, capturing(made, "f"), shared=asking) == []

    def test_what_comes_after_the_library(self, made: Wheels) -> None:
        files = {
            f"late/m{SUFFIX}": module("m", needed=["libstdc++.so.6", "liblate.so"]),
            "late/liblate.so": library([Symbol("f")]),
        }
        assert found(made, made.make("late", files)) == []

    def test_each_wheel_for_itself(self, made: Wheels) -> None:
        one, other = capturing(made, "f"), capturing(made, "_ZTV1A", project="two")
        assert [(row.wheels, row.file, [step.symbol for step in row.chain]) for row in found(made, one, other)] == [
            ((one.filename,), "torn/libtorn.so", ["f"]),
            ((other.filename,), "two/libtwo.so", ["_ZTV1A"]),
        ]


class TestUnique:
    """What a process has once (STB_GNU_UNIQUE): the first definition serves all wheels."""

    @staticmethod
    def unique(made: Wheels, project: str) -> wheelfile.Contents:
        data = module("m", Symbol("_ZTV1B", OBJECT, bind=UNIQUE), needed=[])
        return made.make(project, {f"{project}/m{SUFFIX}": data})

    def test_the_first_serves_the_other(self, made: Wheels) -> None:
        (row,) = found(made, self.unique(made, "one"), self.unique(made, "two"))
        assert str(row) == (
            f"one/m{SUFFIX} of one captures references of two/m{SUFFIX} to 1 virtual table (_ZTV1B); "
            "no failure in the measured cases came from such a binding"
        )
        # It is outside the scope that was searched.
        assert row.chain == ((f"two/m{SUFFIX}", "_ZTV1B", f"one/m{SUFFIX}", f"two/m{SUFFIX}", (f"two/m{SUFFIX}",)),)

    def test_a_wheel_of_its_own_copy(self, made: Wheels) -> None:
        shared = library([Symbol("_ZTV1B", OBJECT, bind=UNIQUE)], soname="libstdc++.so.6")
        one = made.make("one", {f"one/m{SUFFIX}": module("m", Symbol("_ZTV1B", OBJECT, bind=UNIQUE))})
        assert [row.need for row in found(made, one, shared=shared)] == ["libstdc++.so.6"]

    def test_musl_has_none(self, made: Wheels) -> None:
        assert found(made, self.unique(made, "one"), self.unique(made, "two"), is_musl=True) == []


class TestUntrusted:
    """What cannot be loaded on paper, or read again, is left out."""

    def test_too_many_needs_in_all(self, made: Wheels, monkeypatch: pytest.MonkeyPatch) -> None:
        wheel = capturing(made, "f")
        monkeypatch.setattr(conflicts, "MAX_STEPS", 2)
        assert found(made, wheel) == []

    def test_a_file_that_is_gone(self, made: Wheels) -> None:
        wheel = capturing(made, "f")
        (made.folder / wheel.filename).unlink()
        assert found(made, wheel) == []

    def test_no_wheels(self) -> None:
        assert captures.captures([], None) == []


class TestTogether:
    """Captures are listed where they are asked for, beside the conflicts."""

    def test_asked_for(self, made: Wheels) -> None:
        wheels = [made.folder / capturing(made, "f", project=project).filename for project in ("one", "two")]
        made.system(SHARED)
        root = mltags.RootHost(made.folder / "root")
        target = mltags.parse_platform("manylinux_2_40_x86_64")
        judged = audit_together(wheels, target, root=root, list_captures=True)
        assert [finding.file for finding in judged.captures] == ["one/libone.so", "two/libtwo.so"]
        assert audit_together(wheels, target, root=root).captures == ()

    def test_a_target_whose_libraries_are_not_at_hand(self, made: Wheels) -> None:
        wheels = [made.folder / TestUnique.unique(made, project).filename for project in ("one", "two")]
        target = mltags.parse_platform("manylinux_2_40_x86_64")
        assert [finding.file for finding in audit_together(wheels, target, list_captures=True).captures] == [f"one/m{SUFFIX}"]
