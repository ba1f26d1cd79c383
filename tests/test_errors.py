"""The errors: fields as they came, text that is safe to print."""

import pickle

import pytest

import mltags
from mltags._errors import printable


def test_an_input_error_echoes_and_names_the_part() -> None:
    error = mltags.InvalidTarget("3.x\x1b[31m", "Python version", "digits are accepted")
    assert (error.text, error.part, error.problem) == ("3.x\x1b[31m", "Python version", "digits are accepted")
    assert str(error) == r"invalid target '3.x\x1b[31m': Python version: digits are accepted"
    assert isinstance(error, ValueError)
    assert isinstance(error, mltags.MltagsError)


def test_errors_of_the_machine_are_no_value_errors() -> None:
    override = mltags.OverrideError("/x/_manylinux.py", "manylinux_2_17_x86_64", "manylinux_compatible raised KeyError: 1")
    assert str(override) == (
        "override module /x/_manylinux.py, asked about manylinux_2_17_x86_64: manylinux_compatible raised KeyError: 1"
    )
    assert str(mltags.ProbeError("/opt/py", "no answer")) == "/opt/py: no answer"
    assert not issubclass(mltags.OverrideError, ValueError)
    assert not issubclass(mltags.ProbeError, ValueError)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ümlaut 日", "plain ümlaut 日"),
        ("a\nb\x00\u202e\ud800", r"a\nb\x00\u202e\ud800"),
        ("x" * 400, "x" * 300 + "... (400 characters)"),
    ],
)
def test_printed_text_is_escaped_and_cut(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "error",
    [
        mltags.InvalidWheelName("a", "b", "c"),
        mltags.InvalidPlatformTag("a", "b", "c"),
        mltags.OverrideError("a", "b", "c"),
        mltags.ProbeError("a", "b"),
    ],
)
def test_an_error_survives_pickling(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)
