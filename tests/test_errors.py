"""The errors: fields as they came, text that is safe to print."""

import pickle

import pytest

import mltags
from mltags import _errors


class TestFields:
    """Fields first, the sentence made from them."""

    @pytest.mark.parametrize(
        ("kind", "word"),
        [
            (mltags.InvalidWheelName, "wheel filename"),
            (mltags.InvalidWheel, "wheel"),
            (mltags.InvalidPlatformTag, "platform tag"),
            (mltags.InvalidTarget, "target"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_an_error_about_input_repeats_it_and_names_the_part(self, kind: type, word: str) -> None:
        error = kind("3.x\x1b[31m", "Python version", "expected digits")
        assert (error.text, error.part, error.problem) == ("3.x\x1b[31m", "Python version", "expected digits")
        assert str(error) == rf"invalid {word} '3.x\x1b[31m': Python version: expected digits"
        assert isinstance(error, ValueError)
        assert isinstance(error, mltags.MltagsError)

    def test_an_error_of_an_override_module_names_its_file_and_the_tag(self) -> None:
        error = mltags.OverrideError("/x/_manylinux.py", "manylinux_2_17_x86_64", "manylinux_compatible raised KeyError: 1")
        assert (error.source, error.tag) == ("/x/_manylinux.py", "manylinux_2_17_x86_64")
        assert error.problem == "manylinux_compatible raised KeyError: 1"
        assert str(error) == (
            "override module /x/_manylinux.py, asked about manylinux_2_17_x86_64: manylinux_compatible raised KeyError: 1"
        )

    def test_an_error_of_a_machine_names_it(self) -> None:
        error = mltags.ProbeError("/opt/py", "no answer")
        assert (error.source, error.problem, str(error)) == ("/opt/py", "no answer", "/opt/py: no answer")

    @pytest.mark.parametrize("kind", [mltags.OverrideError, mltags.ProbeError])
    def test_errors_of_a_machine_are_no_value_errors(self, kind: type) -> None:
        assert issubclass(kind, mltags.MltagsError)
        assert not issubclass(kind, ValueError)

    @pytest.mark.parametrize(
        "error",
        [
            mltags.InvalidWheelName("a", "b", "c"),
            mltags.InvalidWheel("a", "b", "c"),
            mltags.InvalidPlatformTag("a", "b", "c"),
            mltags.InvalidTarget("a", "b", "c"),
            mltags.OverrideError("a", "b", "c"),
            mltags.ProbeError("a", "b"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_an_error_survives_pickling(self, error: Exception) -> None:
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert vars(again) == vars(error)
        assert str(again) == str(error)


class TestPrintableText:
    """What somebody else wrote is escaped and cut before it is shown."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            pytest.param("plain ümlaut 日", "plain ümlaut 日", id="plain text"),
            pytest.param("a\nb\x00\u202e\ud800", r"a\nb\x00\u202e\ud800", id="control characters"),
            pytest.param("x" * 300, "x" * 300, id="300 characters"),
            pytest.param("x" * 400, "x" * 300 + "... (400 characters)", id="400 characters"),
        ],
    )
    def test_text_is_escaped_and_cut(self, text: str, shown: str) -> None:
        assert _errors.printable(text) == shown

    def test_without_a_limit_text_is_escaped_alone(self) -> None:
        assert _errors.printable("x\n" * 400, None) == r"x\n" * 400

    def test_an_exception_is_shown_with_its_type(self) -> None:
        assert _errors.exception_text(KeyError("x")) == "KeyError: 'x'"
        assert _errors.exception_text(ValueError("y" * 400)) == "ValueError: " + "y" * 288

    @pytest.mark.parametrize("problem", [RuntimeError, SystemExit])
    def test_an_exception_that_fails_to_show_itself_is_shown_by_its_type(self, problem: type[BaseException]) -> None:
        class OddError(Exception):
            def __str__(self) -> str:
                raise problem

        assert _errors.exception_text(OddError()) == "OddError"
