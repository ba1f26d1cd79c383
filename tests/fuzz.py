"""Readers of untrusted bytes, each as a function that raises where it misbehaves; and a fuzzer for them.

``python tests/fuzz.py NAME [options of libFuzzer]`` fuzzes one (needs atheris), beginning with its seeds in ``tests/seeds``, which
``test_fuzz.py`` runs every time.
"""

import contextlib
import importlib
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from packaging.utils import parse_wheel_filename

import mltags
import mltags.audit
from mltags import _core, _elf, _saved, _wheel
from mltags.testing import FakeHost

SEEDS = Path(__file__).parent / "seeds"

PLATFORM = mltags.Platform(archs=["x86_64"], libc=mltags.Glibc(2, 17))
TARGETS = [
    mltags.Target(mltags.Python("cp", (3, 12), ["cp312"]), PLATFORM),
    mltags.Target.from_tags(["py3-none-any", "cp312-abi3-linux_x86_64", "cp312-cp312-linux_x86_64", "py2-none-any"]),
]


def elf(data: bytes) -> None:
    """At most three reads, none larger than a header table may be; a result that says what it is."""
    sizes = []

    def read(size: int, offset: int) -> bytes:
        assert size >= 0
        assert offset >= 0
        sizes.append(size)
        return data[offset : offset + size]

    found = _elf.read_elf(read)
    assert len(sizes) <= 3
    assert sum(sizes) <= 3 << 16
    if isinstance(found, _elf.Elf):
        assert found.bits in (32, 64)
        assert found.order in ("little", "big")
        assert not (found.is_static and found.interpreter)
    else:
        assert isinstance(found, str)


def banners(data: bytes) -> None:
    """A version is one that may open a range of tags, or there is none."""
    text = data.decode("latin-1")
    for found in (_elf.musl_release(b"musl libc (" + data), _elf.banner_version(text), _elf.banner_of_glibc(data), text):
        version = None if found is None else _core.leading_version(found)
        assert version is None or (0 <= version[0] <= 99 and 0 <= version[1] <= 999)
    with contextlib.suppress(mltags.InvalidTarget):
        mltags.probe(FakeHost(answers={"confstr": text}), max_glibc=text)


def name(data: bytes) -> None:
    """As packaging reads it, but for separators and control characters; rank is the definition's, and explain agrees."""
    text = data.decode("utf-8", "surrogateescape")[:150]
    try:
        wanted = parse_wheel_filename(text)[3]
    except ValueError:  # more digits than Python reads, too
        wanted = None
    if any(c in "/\\" or c < " " or "\x7f" <= c <= "\x9f" for c in text):
        wanted = None
    try:
        _wheel.parse_wheel_name(text)
        is_valid = True
    except mltags.InvalidWheelName as refusal:
        assert refusal.text == text
        assert str(refusal).isprintable()
        is_valid = False
    assert is_valid == (wanted is not None)
    for target in TARGETS:
        verdict = target.explain(text)
        if wanted is None:
            assert target.sort([text]) == []
            assert not verdict
            continue
        rank = min((place for place, tag in enumerate(target.tags) if tag in wanted), default=None)
        assert target.rank(text) == rank
        assert target.sort([text]) == ([] if rank is None else [text])
        assert (verdict.rank if isinstance(verdict, mltags.Match) else None) == rank


def json(data: bytes) -> None:
    """A target that can be saved again, or a refusal; never a list in proportion to a number."""
    try:
        target = _saved.from_bytes(mltags.Target, data)
    except mltags.MltagsError as problem:
        assert str(problem).isprintable()
    else:
        assert mltags.Target.from_json(target.to_json()) == target
        assert len(target.triples) < 10_000_000


def platform(data: bytes) -> None:
    """A machine that accepts the tag, or a refusal."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        found = mltags.parse_platform(text)
    except mltags.InvalidPlatformTag as problem:
        assert problem.text == text
        assert str(problem).isprintable()
    else:
        assert text.lower() in mltags.platform_tags(found)


def audit(data: bytes) -> None:
    """A verdict on a wheel's file, or a refusal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl")
        path.write_bytes(data)
        try:
            verdict = mltags.audit.audit(path, PLATFORM)
        except mltags.InvalidWheel as problem:
            assert str(problem).isprintable()
        else:
            assert str(verdict).isprintable()
            assert all(str(finding).isprintable() for finding in verdict.findings)


def library(data: bytes) -> None:
    """The same of a sound wheel with one file of such bytes."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as made:
        made.writestr("demo/_demo.cpython-312-x86_64-linux-gnu.so", data)
        made.writestr("demo-1.0.dist-info/WHEEL", "Root-Is-Purelib: false\nTag: cp312-cp312-manylinux_2_17_x86_64\n")
    audit(room.getvalue())


READERS: dict[str, Callable[[bytes], None]] = {
    "elf": elf,
    "banners": banners,
    "name": name,
    "json": json,
    "platform": platform,
    "audit": audit,
    "library": library,
}


def main() -> None:
    atheris = importlib.import_module("atheris")  # only who fuzzes has it
    atheris.instrument_all()
    chosen = sys.argv.pop(1)
    atheris.Setup([*sys.argv, str(SEEDS / chosen)], READERS[chosen])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
