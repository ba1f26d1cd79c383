"""Errors: values with fields, and the sentence made from the fields."""

#: The most characters of an untrusted text that a message repeats. The error's fields keep all of it.
MAX_SHOWN = 300


def printable(text: "str", limit: "int | None" = MAX_SHOWN) -> "str":
    """Make *text* safe to print: escape control and format characters and lone surrogates, and cut it at *limit*."""
    cut = text[:limit]
    if not cut.isprintable():
        cut = "".join([c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut])
    return cut if limit is None or len(text) <= limit else f"{cut}... ({len(text)} characters)"


def exception_text(problem: "BaseException") -> "str":
    """An exception's type and message, cut at ``MAX_SHOWN`` characters."""
    try:
        return f"{type(problem).__name__}: {problem}"[:MAX_SHOWN]
    except (Exception, SystemExit):  # an exception's own __str__ may fail
        return type(problem).__name__


class MltagsError(Exception):
    """Base class of all errors that mltags raises on purpose.

    >>> import mltags
    >>> try:
    ...     mltags.parse_platform("manylinux1_aarch64")
    ... except mltags.MltagsError as problem:
    ...     print(problem.part)
    alias
    """

    __module__ = str(__package__)


class _InvalidInputError(MltagsError, ValueError):
    """Bad input: the ``text`` as it came, the ``part`` of it that is wrong, and the ``problem`` with that part."""

    _headline = "invalid input"

    def __init__(self, text: "str", part: "str", problem: "str") -> "None":
        super().__init__(text, part, problem)
        self.text = text
        self.part = part
        self.problem = problem

    def __str__(self) -> "str":
        return f"{self._headline} '{printable(self.text)}': {printable(self.part)}: {self.problem}"


class InvalidWheelName(_InvalidInputError):  # noqa: N818 -- named for what is wrong, as in packaging
    """Not a valid wheel filename (PEP 427).

    >>> import mltags
    >>> mltags.Target.from_tags(["py3-none-any"]).rank("demo-1.0.zip")
    Traceback (most recent call last):
    mltags.InvalidWheelName: invalid wheel filename 'demo-1.0.zip': extension: must end in '.whl'
    """

    __module__ = str(__package__)
    _headline = "invalid wheel filename"


class InvalidWheel(_InvalidInputError):  # noqa: N818
    """A wheel that cannot be read, or that claims impossible sizes: ``text`` is its path, ``part`` the entry at fault.

    Raised by :func:`mltags.audit.audit`.

    >>> import mltags
    >>> print(mltags.InvalidWheel("a-1-py3-none-any.whl", "file", "not a regular file"))
    invalid wheel 'a-1-py3-none-any.whl': file: not a regular file
    """

    __module__ = str(__package__)
    _headline = "invalid wheel"


class InvalidPlatformTag(_InvalidInputError):  # noqa: N818
    """A platform tag that no machine has; ``problem`` says what is expected instead.

    >>> import mltags
    >>> mltags.parse_platform("musllinux_0_9_x86_64")
    Traceback (most recent call last):
    mltags.InvalidPlatformTag: invalid platform tag 'musllinux_0_9_x86_64': version: must be musl 1.0 or newer
    """

    __module__ = str(__package__)
    _headline = "invalid platform tag"


class InvalidTarget(_InvalidInputError):  # noqa: N818
    """A Python version, an ABI, a tag line, a saved target or an option that does not describe a target.

    >>> import mltags
    >>> mltags.Glibc(2, 1000)
    Traceback (most recent call last):
    mltags.InvalidTarget: invalid target '2.1000': glibc version: expected two whole numbers, up to 99 and 999
    """

    __module__ = str(__package__)
    _headline = "invalid target"


class OverrideError(MltagsError):
    """The distributor's ``_manylinux`` module failed; the original error is the cause of this one.

    ``source`` is the module's file (or its name), ``tag`` the platform tag that it was asked about, ``problem`` what happened.

    >>> import mltags
    >>> print(mltags.OverrideError("/opt/_manylinux.py", "manylinux_2_36_x86_64", "importing it raised KeyError: 'x'"))
    override module /opt/_manylinux.py, asked about manylinux_2_36_x86_64: importing it raised KeyError: 'x'
    """

    __module__ = str(__package__)

    def __init__(self, source: "str", tag: "str", problem: "str") -> "None":
        super().__init__(source, tag, problem)
        self.source = source
        self.tag = tag
        self.problem = problem

    def __str__(self) -> "str":
        return f"override module {printable(self.source)}, asked about {printable(self.tag)}: {printable(self.problem)}"


class ProbeError(MltagsError):
    """A machine, a root directory or an interpreter that could not be examined: ``source`` names it, ``problem`` says why.

    >>> import mltags
    >>> mltags.RootHost("/no/such/folder")
    Traceback (most recent call last):
    mltags.ProbeError: /no/such/folder: not a directory; pass the root directory of a system
    """

    __module__ = str(__package__)

    def __init__(self, source: "str", problem: "str") -> "None":
        super().__init__(source, problem)
        self.source = source
        self.problem = problem

    def __str__(self) -> "str":
        return f"{printable(self.source)}: {printable(self.problem)}"
