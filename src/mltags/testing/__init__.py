"""Fake machines for tests: hosts that a test makes up, and a way to put one in place for every library in this process.

>>> import mltags
>>> from mltags.testing import FakeHost
>>> mltags.probe(FakeHost("aarch64", glibc="2.28")).libc
Glibc(2, 28)

Each name loads its module when it is first used. None of them needs pytest; the fixtures and the marker are in
:mod:`mltags.testing.plugin`.
"""

from .. import _restore

_restore(__name__)

import sys  # noqa: E402

sys.modules.pop(f"{__name__}.plugin", None)  # each pytest session loads its own copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .boundary import using_host
    from .elf import make_elf
    from .fakes import FakeHost, UnscriptedQuestionError, find_host, hosts

#: module -> the public names that it defines.
_HOMES = {
    "boundary": ("using_host",),
    "elf": ("make_elf",),
    "fakes": ("FakeHost", "UnscriptedQuestionError", "find_host", "hosts"),
}

__all__ = ["FakeHost", "UnscriptedQuestionError", "find_host", "hosts", "make_elf", "using_host"]


def __getattr__(name: "str") -> "object":
    for home, names in _HOMES.items():
        if name in names:
            # A module that was loaded before is an attribute of this one, whatever sys.modules holds.
            module = globals().get(home) or __import__(home, globals(), None, ("__name__",), 1)
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> "list[str]":
    return __all__
