"""Explaining a page of which nothing fits, beside packaging parsing and selecting it."""

from collections.abc import Iterator

import measure
from bench_rank import NAMES
from packaging.tags import create_compatible_tags_selector
from packaging.utils import parse_wheel_filename

import mltags


def rows() -> Iterator[measure.Row]:
    target = mltags.Target.of(python_version="3.5", implementation="cp", platform="manylinux1_x86_64")
    page = [name for name in NAMES if target.rank(name) is None][:1000]
    select = create_compatible_tags_selector(target.tags)

    def peer() -> list[str]:
        return list(select((name, parse_wheel_filename(name)[3]) for name in page))

    assert len(target.closest(page)) == len(page) == 1000
    assert peer() == []
    yield measure.warm("explain a page of 1,000 names that do not fit", 5, lambda: target.closest(page), peer)
