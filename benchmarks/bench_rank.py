"""Ranking pages of wheels, beside packaging: parse each name, then its selector."""

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import measure
from packaging.tags import create_compatible_tags_selector, sys_tags
from packaging.utils import parse_wheel_filename

import mltags

CORPUS = Path(__file__).parent / "wheels.txt"
NAMES = CORPUS.read_text(encoding="utf-8").split()
#: The different endings of the corpus, as if they were one release.
RELEASE = list(dict.fromkeys("demo-1.0-" + name.split("-", 2)[2] for name in NAMES if name.count("-") == 4))

_COLD = f"""
names = open({str(CORPUS)!r}, encoding="utf-8").read().split()
names = list(dict.fromkeys("demo-1.0-" + name.split("-", 2)[2] for name in names if name.count("-") == 4))
names = (names * 3)[:{{count}}]
assert len(names) == {{count}}
start = time.perf_counter()
"""
_OURS = "import mltags; mltags.Target.current().best(names)"
_PEER = (
    "import packaging.tags, packaging.utils\n"
    "select = packaging.tags.create_compatible_tags_selector(packaging.tags.sys_tags())\n"
    "next(select((name, packaging.utils.parse_wheel_filename(name)[3]) for name in names), None)"
)


def _index(target: mltags.Target) -> mltags.Target:
    """The target with its index built anew, from the Platform in hand."""
    assert target.python is not None
    assert target.platform is not None
    fresh = mltags.Target(target.python, target.platform)
    fresh.rank(frozenset())  # which builds the index, as the peer's selector is built: no wheel is ranked yet
    return fresh


def _peer_sort(select: "measure.Any", names: list[str]) -> list[str]:
    return list(select((name, parse_wheel_filename(name)[3]) for name in names))


def _memory() -> tuple[int, int, int]:
    """Bytes of our index, fresh and after the corpus, and of packaging's."""
    target = mltags.Target.current()
    _index(target)
    create_compatible_tags_selector(list(sys_tags()))
    gc.collect()
    tracemalloc.start()
    try:
        start = tracemalloc.get_traced_memory()[0]
        ours = _index(target)
        gc.collect()
        fresh = tracemalloc.get_traced_memory()[0] - start
        ours.sort(NAMES)
        gc.collect()
        used = tracemalloc.get_traced_memory()[0] - start
        peer = create_compatible_tags_selector(list(sys_tags()))
        gc.collect()
        return fresh, used, tracemalloc.get_traced_memory()[0] - start - used + 0 * hash(peer)
    finally:
        tracemalloc.stop()


def rows() -> Iterator[measure.Row]:
    target = mltags.Target.current()
    select = create_compatible_tags_selector(list(sys_tags()))
    assert list(target.triples) == [str(tag) for tag in sys_tags()]
    # Of equals packaging keeps the order they came in; we put a higher build number first.
    plain = [name for name in NAMES if name.count("-") == 4]
    assert target.sort(plain) == _peer_sort(select, plain)
    assert sorted(target.sort(NAMES)) == sorted(_peer_sort(select, NAMES))

    yield measure.warm(
        "build the index from a Platform in hand",
        0.04,
        lambda: _index(target),
        lambda: create_compatible_tags_selector(list(sys_tags())),
    )
    yield measure.warm(
        "sort the corpus, memo cold",
        0.08,
        lambda fresh: fresh.sort(NAMES),
        lambda _: _peer_sort(select, NAMES),
        setup=lambda: _index(target),
    )
    warm = _index(target)
    yield measure.warm("sort the corpus, memo warm", 0.06, lambda: warm.sort(NAMES), lambda: _peer_sort(select, NAMES))
    for count in (100, 1000):
        page = (RELEASE * 3)[:count]
        assert len(page) == count
        assert _index(target).best(page) == _peer_sort(select, page)[0]
        setup = _COLD.format(count=count)
        yield measure.cold(f"best of {count:,} from a cold process, probe included", 0.08, setup + _OURS, setup + _PEER)
    fresh, used, peer = _memory()
    yield measure.Row("memory of the index, fresh", 0.06, fresh / peer, f"{fresh / 1024:.0f} KiB", f"{peer / 1024:.0f} KiB")
    yield measure.Row(
        "memory of the index, after the corpus", 0.8, used / peer, f"{used / 1024:.0f} KiB", f"{peer / 1024:.0f} KiB"
    )
    yield measure.warm(
        "list of all triples as strings", 0.1, lambda: list(target.triples), lambda: [str(tag) for tag in sys_tags()]
    )
