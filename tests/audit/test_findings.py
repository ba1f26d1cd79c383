"""Findings and verdicts as values."""

import json
import pickle

import pytest

import mltags
import mltags.audit
from mltags import InvalidTarget, InvalidWheel
from mltags.audit import RULES, Audit, Finding, Kind, Row, Together, ignoring, without

GLIBC = Finding(
    Kind.TAG,
    "glibc",
    (Row("b.so", "GLIBC_2.28", "fcntl64"), Row("a.so", "GLIBC_2.18"), Row("c.so", "GLIBC_2.18")),
    "GLIBC_2.17",
    "needs {need}; manylinux2014_x86_64 allows GLIBC_2.17 at most",
    "rename it",
)
LIBRARY = Finding(Kind.LOAD, "library", (Row("a.so", "libq.so"), Row("b.so", "libq.so")), "", "needs {need}, which is nowhere")
REMARK = Finding(Kind.REMARK, "purelib", (Row("a.so"),), "", "is machine code")


def verdict(*found: Finding, **options: object) -> Audit:
    return Audit("demo-1.0-py3-none-any.whl", ("any",), "any", findings=found, **options)  # type: ignore[arg-type]


class TestFinding:
    """A finding is rows of data, and its sentence is made from them."""

    def test_parts(self) -> None:
        assert (GLIBC.file, GLIBC.need, GLIBC.symbol) == ("b.so", "GLIBC_2.28", "fcntl64")
        assert GLIBC.files == ("b.so", "a.so", "c.so")
        assert Finding(Kind.TAG, "tag", [("a", "b")], "", "x").rows == (Row("a", "b", ""),)  # type: ignore[arg-type]

    def test_sentence_about_different_needs(self) -> None:
        assert str(GLIBC) == (
            "b.so needs GLIBC_2.28 (fcntl64@GLIBC_2.28); manylinux2014_x86_64 allows GLIBC_2.17 at most; 2 more files exceed that"
        )
        one = Finding(GLIBC.kind, GLIBC.rule, GLIBC.rows[:2], GLIBC.have, GLIBC.text)
        assert str(one).endswith("; 1 more file exceeds that")

    def test_sentence_about_one_need(self) -> None:
        assert str(LIBRARY) == "a.so (and 1 more) needs libq.so, which is nowhere"
        assert str(Finding(Kind.FILE, "tags", (Row(""),), "", "something is wrong")) == "something is wrong"

    def test_braces_and_escapes_in_names_stay_what_they_are(self) -> None:
        finding = Finding(Kind.FILE, "library", (Row("{need}\x1b.so", "{have}"),), "{need}", "needs {need}")
        assert finding.sentence == "{need}\x1b.so needs {have}"
        assert str(finding) == "{need}\\x1b.so needs {have}"

    def test_as_json(self) -> None:
        assert json.loads(json.dumps(GLIBC.as_dict())) == {
            "kind": "tag",
            "rule": "glibc",
            "file": "b.so",
            "need": "GLIBC_2.28",
            "symbol": "fcntl64",
            "have": "GLIBC_2.17",
            "sentence": GLIBC.sentence,
            "remedy": "rename it",
            "files": ["b.so", "a.so", "c.so"],
        }

    def test_every_rule_has_words(self) -> None:
        assert all(text and text[-1] != "." for text in RULES.values())
        assert list(RULES) == sorted(RULES)


class TestAudit:
    """A verdict is what its findings make it; what is not judged is None."""

    @pytest.mark.parametrize(
        ("audit", "correct", "loads", "text"),
        [
            pytest.param(verdict(), True, True, "tags are correct (any, lowest tag any); loads here", id="clean"),
            pytest.param(verdict(REMARK), True, True, "tags are correct (any, lowest tag any); loads here", id="a remark"),
            pytest.param(
                verdict(GLIBC), False, True, "tags are not correct (any, lowest tag any); loads here", id="a wrong tag"
            ),
            pytest.param(
                verdict(LIBRARY), True, False, "tags are correct (any, lowest tag any); does not load here", id="does not load"
            ),
            pytest.param(
                verdict(Finding(Kind.FILE, "record", (Row("a"),), "", "is not in RECORD")),
                False,
                True,
                "the file has faults (any, lowest tag any); loads here",
                id="a fault of the file",
            ),
            pytest.param(verdict(is_judged=False), None, None, "not judged (any)", id="not judged"),
            pytest.param(
                verdict(is_load_judged=False), True, None, "tags are correct (any, lowest tag any)", id="for another system"
            ),
            pytest.param(
                verdict(target="x86_64 with glibc 2.17", glibc=mltags.Glibc(2, 17), image_tag="manylinux_2_28_x86_64"),
                True,
                True,
                (
                    "tags are correct (any, needs glibc 2.17, lowest tag any (the next build image is for manylinux_2_28_x86_64)); "
                    "should load on x86_64 with glibc 2.17"
                ),
                id="another machine",
            ),
            pytest.param(
                verdict(LIBRARY, target="x86_64"),
                True,
                False,
                "tags are correct (any, lowest tag any); does not load on x86_64",
                id="not on another machine",
            ),
        ],
    )
    def test_verdicts(self, audit: Audit, correct: "bool | None", loads: "bool | None", text: str) -> None:
        assert (audit.correct, audit.loads) == (correct, loads)
        assert bool(audit) == (correct is not False and loads is not False)
        assert str(audit) == f"demo-1.0-py3-none-any.whl: {text}"

    def test_strict(self) -> None:
        assert verdict(REMARK).is_clean()
        assert not verdict(REMARK).is_clean(strict=True)
        assert verdict().is_clean(strict=True)
        assert not verdict(GLIBC).is_clean()

    def test_no_single_lowest_tag(self) -> None:
        assert str(Audit("a", ("any",), "")) == "a: tags are correct (any, no single lowest tag); loads here"

    def test_as_json(self) -> None:
        assert json.loads(json.dumps(verdict(LIBRARY, glibc=mltags.Glibc(2, 17), target="x").as_dict())) == {
            "name": "demo-1.0-py3-none-any.whl",
            "claims": ["any"],
            "correct": True,
            "loads": False,
            "lowest_tag": "any",
            "image_tag": None,
            "target": "x",
            "glibc": [2, 17],
            "findings": [LIBRARY.as_dict()],
        }

    def test_pickle(self) -> None:
        for value in (verdict(GLIBC, LIBRARY), Together((verdict(),), (LIBRARY,)), Kind.LOAD):
            assert pickle.loads(pickle.dumps(value)) == value
        assert Audit.__module__ == Finding.__module__ == Row.__module__ == "mltags.audit"


class TestTogether:
    """Several wheels are right where each is, and they do not conflict."""

    def test_truth(self) -> None:
        assert Together((verdict(), verdict(REMARK)), ())
        assert not Together((verdict(),), (Finding(Kind.CONFLICT, "state", (Row("a"),), "", "x"),))
        assert Together((verdict(),), (REMARK,))
        assert not Together((verdict(LIBRARY),), ())
        assert not Together((InvalidWheel("a", "file", "x"),), ())


class TestIgnoring:
    """Findings can be ignored by rule, and by file; what is left still reads right."""

    def test_rows_are_left_out(self) -> None:
        stay, ignored = without([GLIBC, LIBRARY, REMARK], ignoring(["glibc:b*", "purelib"]))
        assert [str(finding) for finding in stay] == [
            "a.so (and 1 more) needs GLIBC_2.18; manylinux2014_x86_64 allows GLIBC_2.17 at most",
            "a.so (and 1 more) needs libq.so, which is nowhere",
        ]
        assert [str(finding) for finding in ignored] == [
            "b.so needs GLIBC_2.28 (fcntl64@GLIBC_2.28); manylinux2014_x86_64 allows GLIBC_2.17 at most",
            "a.so is machine code",
        ]
        assert verdict(*stay).without(ignoring(["glibc", "library"])) == (verdict(), tuple(stay))

    def test_a_wheel_that_was_not_looked_at_does_not_load_nor_fail(self) -> None:
        refused = Finding(Kind.LOAD, "target", (Row(""),), "", "the wheel is for aarch64")
        stay, ignored = verdict(refused).without(ignoring(["target"]))
        assert (stay.loads, stay.correct, bool(stay), ignored) == (None, True, True, (refused,))

    def test_unknown_rule(self) -> None:
        with pytest.raises(InvalidTarget, match="rule: expected one of abi, alignment, android"):
            ignoring(["glib"])
