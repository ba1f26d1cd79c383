"""The README: every example runs, and says what it does."""

import doctest
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


def test_every_example_runs() -> None:
    if not README.exists():
        pytest.skip("the tests run without the project around them")
    failed, tried = doctest.testfile(str(README), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > 5
    assert failed == 0
