"""The seeds of the fuzzer, and what it once found: run every time."""

from pathlib import Path

import fuzz
import pytest

import mltags
from mltags import _saved

SEEDS = sorted(path for path in fuzz.SEEDS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("reader", fuzz.READERS)
def test_every_reader_has_seeds(reader: str) -> None:
    assert len([path for path in SEEDS if path.parent.name == reader]) >= 4


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: f"{path.parent.name} {path.name}")
def test_a_seed_is_read_as_it_should(path: Path) -> None:
    fuzz.READERS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("path", [path for path in SEEDS if path.parent.name == "json"], ids=lambda path: path.name)
def test_a_saved_target_among_the_seeds_is_read(path: Path) -> None:
    assert _saved.from_bytes(mltags.Target, path.read_bytes()).triples
