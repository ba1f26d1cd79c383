"""Fake machines for tests."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .fakes import FakeHost, UnscriptedQuestionError, find_host, hosts, make_elf, using_host

__all__ = ["FakeHost", "UnscriptedQuestionError", "find_host", "hosts", "make_elf", "using_host"]


def __getattr__(name: "str") -> "object":
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(__import__("fakes", globals(), None, (name,), 1), name)
