"""Machines for the tests: the operating-system boundary faked for every library at once, and packaging asked as the oracle."""

import contextlib
import os
import platform
import struct
import sys
import sysconfig
import types
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import packaging._manylinux
import packaging._musllinux
import packaging.tags
import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # coverage is measured in the workers, and not in the processes that tests start
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

hypothesis.settings.register_profile("ordinary", deadline=None, derandomize=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=10_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ordinary"))


@contextlib.contextmanager
def os_machine(
    folder: Path,
    *,
    platform: str = "linux-x86_64",
    pointer_size: int = 8,
    confstr: object = None,
    elf: bytes | None = None,
    override: object = None,
) -> Iterator[None]:
    """Fake a machine where mltags and packaging both look: the functions of the standard library, and a real ELF file.

    *confstr*: a text, or an exception to be raised; None: the name is unknown, and ctypes finds no glibc either.
    """
    import ctypes

    def answer(name: str) -> object:
        assert name == "CS_GNU_LIBC_VERSION"
        if confstr is None:
            raise ValueError("unrecognized configuration name")
        if isinstance(confstr, BaseException):
            raise confstr
        return confstr

    program = folder / "python3"
    if elf is None:
        program.unlink(missing_ok=True)
    else:
        program.write_bytes(elf)
    calcsize = struct.calcsize
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "confstr", answer)
        patch.setattr(ctypes, "CDLL", lambda name: types.SimpleNamespace())
        patch.setattr(sysconfig, "get_platform", lambda: platform)
        patch.setattr(struct, "calcsize", lambda code: pointer_size if code == "P" else calcsize(code))
        patch.setattr(sys, "executable", str(program))
        patch.setitem(sys.modules, "_manylinux", override)
        forget()
        try:
            yield
        finally:
            forget()


def forget() -> None:
    """Clear what packaging and the standard library keep from one call to the next."""
    getattr(platform, "_platform_cache", {}).clear()
    for part in (packaging.tags, packaging._manylinux, packaging._musllinux):
        for value in vars(part).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def packaging_tags(pointer_size: int) -> list[str]:
    """What packaging says of the machine that is in force; it froze the pointer size of this process at import."""
    return list(packaging.tags._linux_platforms(is_32bit=pointer_size == 4))


def module(**attributes: object) -> types.ModuleType:
    """An override module."""
    made = types.ModuleType("_manylinux")
    made.__file__ = "/usr/lib/python3/_manylinux.py"
    for name, value in attributes.items():
        setattr(made, name, value)
    return made
