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


def test_every_test_in_it_passes(pytester: pytest.Pytester) -> None:
    if not README.exists():
        pytest.skip("the tests run without the project around them")
    blocks = [block.partition("```")[0] for block in README.read_text(encoding="utf-8").split("```python\n")[1:]]
    tests = [block for block in blocks if "def test_" in block]
    pytester.makepyfile("\n".join(tests))
    assert len(tests) == 1
    pytester.runpytest_inprocess("--strict-markers").assert_outcomes(passed=5)
