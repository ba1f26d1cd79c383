"""The errors: fields first, the sentence made from the fields."""

#: Longest piece of somebody's text that a message repeats; the error's fields keep all of it.
SHOWN = 300


def printable(text: "str", limit: "int | None" = SHOWN) -> "str":
    """Make *text* safe to print: control and format characters and lone surrogates escaped, and no longer than *limit*."""
    cut = text[:limit]
    if not cut.isprintable():
        cut = "".join([c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut])
    return cut if limit is None or len(text) <= limit else f"{cut}... ({len(text)} characters)"


def said(problem: "BaseException") -> "str":
    """An exception in its own words: its type and its text, as long as is worth repeating."""
    try:
        return f"{type(problem).__name__}: {problem}"[:SHOWN]
    except (Exception, SystemExit):  # an exception may fail to show itself
        return type(problem).__name__


class MltagsError(Exception):
    """Root of all errors that mltags raises on purpose."""


class _InvalidInputError(MltagsError, ValueError):
    """An input at fault: ``text`` as it came, the ``part`` of it that is wrong, and the ``problem`` with it."""

    _kind = "input"

    def __init__(self, text: "str", part: "str", problem: "str") -> "None":
        super().__init__(text, part, problem)
        self.text = text
        self.part = part
        self.problem = problem

    def __str__(self) -> "str":
        return f"invalid {self._kind} '{printable(self.text)}': {printable(self.part)}: {self.problem}"


class InvalidWheelName(_InvalidInputError):  # noqa: N818 -- named for what is wrong, as in packaging
    """A wheel file name that the specification does not allow (PEP 427)."""

    _kind = "wheel name"


class InvalidWheel(_InvalidInputError):  # noqa: N818
    """A wheel's file that cannot be read, or that claims what no wheel would: ``text`` is its path, ``part`` an entry of it."""

    _kind = "wheel"


class InvalidPlatformTag(_InvalidInputError):  # noqa: N818
    """A platform tag that no machine has; the problem says what would be accepted."""

    _kind = "platform tag"


class InvalidTarget(_InvalidInputError):  # noqa: N818
    """A Python version, an ABI, a tag line, a kept target or an option that does not describe a target."""

    _kind = "target"


class OverrideError(MltagsError):
    """The distributor's ``_manylinux`` module misbehaved; the original error is the cause of this one.

    ``source`` is the module's file (or its name), ``tag`` the platform tag that was asked about.
    """

    def __init__(self, source: "str", tag: "str", problem: "str") -> "None":
        super().__init__(source, tag, problem)
        self.source = source
        self.tag = tag
        self.problem = problem

    def __str__(self) -> "str":
        return f"override module {printable(self.source)}, asked about {printable(self.tag)}: {printable(self.problem)}"


class ProbeError(MltagsError):
    """A machine, a root directory or an interpreter that could not be asked: ``source`` names it, ``problem`` says why."""

    def __init__(self, source: "str", problem: "str") -> "None":
        super().__init__(source, problem)
        self.source = source
        self.problem = problem

    def __str__(self) -> "str":
        return f"{printable(self.source)}: {printable(self.problem)}"
