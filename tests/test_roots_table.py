"""The table of real roots: that it is whole, that what it says was right, and that its numbers are still those of the rules.

What it was made from needs root rights, half an hour and 10 GB: ``nox -s roots``.
"""

from typing import Any

import pytest
import roots_table
from roots_table import ROWS, RULES, TABLE, Row, difference

import mltags
from mltags.testing import FakeHost, make_elf

CELLS = [line.strip("| ").split(" | ") for line in TABLE.read_text().splitlines() if line.startswith("| ")][1:]

#: Debian's architecture -> the machine that an interpreter of it runs on.
MACHINES: "dict[str, dict[str, Any]]" = {
    "amd64": {"machine": "x86_64"},
    "arm64": {"machine": "aarch64"},
    "armel": {"machine": "armv7l", "elf": make_elf("armv7l", flags=0x05000200)},  # EABI 5, soft float
    "armhf": {"machine": "armv7l"},
    "i386": {"machine": "x86_64", "pointer_size": 4},
    "loong64": {"machine": "loongarch64"},
    "mips64el": {"machine": "mips64"},
    "mipsel": {"machine": "mips", "pointer_size": 4},
    "ppc64el": {"machine": "ppc64le"},
    "riscv64": {"machine": "riscv64"},
    "s390x": {"machine": "s390x"},
}


def host(row: Row, python: str, libc: str) -> FakeHost:
    """A machine such as the table tells."""
    implementation, version = python.split()
    major, minor, _ = version.split(".")
    flags = {"debug": row.package.endswith("-dbg"), "free_threaded": row.package == "nogil"}
    answers = {"implementation": implementation, "version": (int(major), int(minor)), **flags}
    answers["ext_suffix"] = f".pypy{major}{minor}-pp73-x86_64-linux-gnu.so"
    facts = dict(MACHINES[row.arch])
    if row.way == "linux32":
        facts = {"machine": "i686", "pointer_size": 8 if row.arch == "amd64" else 4}
    if libc != "unknown":
        family, number = libc.split()
        facts[family] = number
    return FakeHost(python=answers, **facts)


def test_the_table_has_a_row_for_every_root_and_no_other() -> None:
    assert [cells[:2] for cells in CELLS] == [[row.name, row.arch] for row in ROWS]
    assert len({(row.name, row.arch, row.python) for row in ROWS}) == len(ROWS) > 40


@pytest.mark.parametrize(
    ("row", "cells"), [pytest.param(row, cells, id=" ".join(cells[:3])) for row, cells in zip(ROWS, CELLS, strict=False)]
)
def test_a_row_is_right_and_its_numbers_follow_from_the_rules(row: Row, cells: "list[str]") -> None:
    _, _, python, libc, platform_tags, tags, inside, outside = cells
    is_old = int(python.split(".")[1]) < 10
    assert is_old is inside.endswith(" is too old")
    assert is_old or inside == "equal" if not row.inside else inside.endswith(f" ({row.inside})")
    assert outside == (f"not asked: {row.unasked}" if row.unasked else "equal") or outside.endswith(f" ({row.outside})")
    assert not (is_old and row.unasked)
    target = mltags.Target.of_host(host(row, python, libc))
    assert (str(len(target.platform_tags)), str(len(target.triples))) == (platform_tags, tags)


def test_every_rule_is_told_and_used() -> None:
    used = {rule for row in ROWS for rule in (row.inside, row.outside) if rule}
    assert used == set(RULES)
    for rule, why in RULES.items():
        assert f"- **{rule}**: {why}." in TABLE.read_text().splitlines()


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        pytest.param(["a", "b"], ["a", "b"], "", id="the same"),
        pytest.param(["b", "a"], ["a", "b"], "another order", id="another order"),
        pytest.param(["a", "b", "c"], ["a"], "2 more, `b` the first", id="more"),
        pytest.param(["c"], ["a", "b", "c"], "2 fewer, `a` the first", id="fewer"),
        pytest.param(["a"], ["b"], "1 more, `a` the first; 1 fewer, `b` the first", id="both"),
    ],
)
def test_a_difference_is_told_in_words(ours: "list[str]", theirs: "list[str]", words: str) -> None:
    assert difference(ours, theirs) == words


def test_what_is_wrong_in_a_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "python": "cpython 3.12.1",
        "packaging": "26.3",
        "failure": "",
        "libc": "glibc 2.36",
        "their_platform_tags": ["linux_x86_64"],
        "our_platform_tags": ["linux_x86_64"],
        "their_tags": ["py3-none-any"],
        "our_tags": ["py3-none-any"],
    }
    monkeypatch.setattr(Row, "build", lambda self: "/nowhere")
    monkeypatch.setattr(Row, "run", lambda self, root: said)
    row = Row("trixie", "amd64", unasked="there is none")
    right = ["trixie", "amd64", "cpython 3.12.1", "glibc 2.36", "1", "1", "equal", "not asked: there is none"]
    assert roots_table.examine(row) == (right, [])
    said["our_tags"] = []
    assert roots_table.examine(row)[1] == ["trixie amd64: inside: 1 fewer, `py3-none-any` the first ()"]
    rule = Row("trixie", "amd64", inside="R6", unasked="there is none")
    assert roots_table.examine(rule)[1] == []
    said["our_tags"] = said["their_tags"]
    assert roots_table.examine(rule)[1] == ["trixie amd64: inside: equal"]
