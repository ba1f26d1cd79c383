"""Target: what wheels are chosen for. A Python and a Platform, and the order of everything they accept."""

from ._facts import Value
from ._ladder import ladder
from ._probe import inquire
from ._python import Python, python_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.tags import Tag
    from typing_extensions import Self

    from ._facts import Glibc, Platform


class Target(Value):
    """What wheels are chosen for: ``python`` (a :class:`mltags.Python`) on ``platform`` (a :class:`mltags.Platform`).

    ``platform_tags`` are the accepted platform tags, best first, without duplicates.
    """

    __slots__ = ("python", "platform", "platform_tags")
    python: "Python"
    platform: "Platform"
    platform_tags: "tuple[str, ...]"

    def __init__(self, python: "Python", platform: "Platform", *, native: "str" = "first") -> "None":
        Value.__init__(self, python, platform, ladder(platform, native=native))

    @classmethod
    def current(cls, *, native: "str" = "first", max_glibc: "Glibc | str | tuple[int, int] | None" = None) -> "Self":
        """The running interpreter on this machine, probed anew.

        Raises:
            OverrideError: the ``_manylinux`` module misbehaved.
            InvalidTarget: *max_glibc* is no version, or *native* is neither ``"first"`` nor ``"last"``.
        """
        from ._local import LocalHost

        host = LocalHost()
        return cls(python_of(host), inquire(host, max_glibc), native=native)

    @property
    def triples(self) -> "list[str]":
        tails = ["-" + tag for tag in self.platform_tags]
        triples = [head + tail for head in [f"{py}-{abi}" for py, abi in self.python.pairs] for tail in tails]
        return triples + [f"{py}-none-any" for py in self.python.pure]

    @property
    def tags(self) -> "tuple[Tag, ...]":
        """Every tag that this target accepts, best first, without duplicates. Loads packaging."""
        from packaging.tags import Tag

        platforms = self.platform_tags
        tags = [Tag(py, abi, platform) for py, abi in self.python.pairs for platform in platforms]
        tags += [Tag(py, "none", "any") for py in self.python.pure]
        return tuple(tags)


def sys_tags(*, warn: "bool" = False) -> "Iterator[Tag]":  # noqa: ARG001 -- part of the signature that callers know
    """Yield the tags that the running interpreter accepts on this machine, best first: a drop-in for ``packaging.tags.sys_tags``.

    *warn* is accepted for the sake of callers and changes nothing: there is nothing here that is worth a warning in a log.
    """
    yield from Target.current().tags
