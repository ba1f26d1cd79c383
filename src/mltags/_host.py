"""The questions that a host is asked, as a protocol."""

# ruff: noqa: ARG002 -- a protocol only names the arguments

from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _unanswered() -> "Exception":
    """The error for a question that a subclass does not answer. It is made here so that type checkers let a subclass answer only some."""
    return NotImplementedError()


class Host(Protocol):
    """Something that can be asked about a machine: the running one, a root directory, another interpreter, a fake.

    A host gives raw answers and decides nothing; nothing else in mltags touches a machine. Any question may raise any exception:
    the fact then counts as unknown, and the exception is kept as evidence. A subclass answers the questions that it knows.

    >>> import mltags
    >>> class Old(mltags.LocalHost):
    ...     def confstr(self, name):
    ...         return "glibc 2.17"
    >>> mltags.probe(Old()).libc
    Glibc(2, 17)
    """

    def system(self) -> "str":
        """The system's name, as ``platform.system()`` gives it: ``"Linux"``, ``"Darwin"``, ``"Windows"``, ..."""
        raise _unanswered()

    def platform(self) -> "str":
        """The platform's name, as ``sysconfig.get_platform()`` gives it: ``"linux-x86_64"``."""
        raise _unanswered()

    def declared_platform(self) -> "str | None":
        """The platform that a cross build declared (``_PYTHON_HOST_PLATFORM``), None without one."""
        raise _unanswered()

    def pointer_size(self) -> "int":
        """Bytes in a pointer of the interpreter, as ``struct.calcsize("P")`` gives it: 4 or 8."""
        raise _unanswered()

    def confstr(self, name: "str") -> "str | None":
        """The answer of ``os.confstr(name)``; asked for ``"CS_GNU_LIBC_VERSION"`` only: ``"glibc 2.36"``."""
        raise _unanswered()

    def gnu_get_libc_version(self) -> "str | bytes | None":
        """The answer of the function of that name in the interpreter's own C library: ``"2.36"``."""
        raise _unanswered()

    def executable(self) -> "str | None":
        """The interpreter's program file, as ``sys.executable`` gives it."""
        raise _unanswered()

    def read(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        """At most *size* bytes of the regular file *path* from *offset* on; ``OSError`` if there is no such file."""
        raise _unanswered()

    def run_loader(self, path: "str") -> "str":
        """What the program *path* prints on standard error when run without arguments; musl's loader prints its version."""
        raise _unanswered()

    def override(self) -> "object | None":
        """The ``_manylinux`` module, imported like any other; None if there is none (``ImportError``)."""
        raise _unanswered()

    def python(self) -> "Mapping[str, object]":
        """What is known of the interpreter. Keys, each left out where unknown:

        ``implementation`` (``"cpython"``), ``version`` (``(3, 12)``), ``ext_suffix`` (of extension modules), and the build's
        flags ``debug``, ``free_threaded``, ``pymalloc``, ``wide_unicode`` as truth values.
        """
        raise _unanswered()

    def markers(self) -> "Mapping[str, str]":
        """The environment markers of the interpreter, as ``packaging.markers.default_environment()`` gives them.

        Asked only when somebody wants :attr:`mltags.Target.environment`; what is left out, or all of it where this raises,
        is derived from the other answers.
        """
        raise _unanswered()

    def platform_tags(self) -> "Iterable[str]":
        """For systems other than Linux: the platform tags, best first, as ``packaging.tags.platform_tags()`` lists them."""
        raise _unanswered()

    def source(self, question: "str") -> "str":
        """In words, how this host answers *question* (a method's name): ``"os.confstr"``. For evidence only."""
        raise _unanswered()


Host.__module__ = str(__package__)

#: All questions.
QUESTIONS = tuple([name for name in vars(Host) if name[0] != "_" and name != "source"])

if TYPE_CHECKING:
    _Questions = Host
else:
    _Questions = object


class Sheet(_Questions):
    """A host whose answers all come from one place, ``_answer(question, *arguments)``: recorded, scripted, or asked in advance."""

    def _answer(self, question: "str", *arguments: "object") -> "object":
        raise NotImplementedError(question)

    if not TYPE_CHECKING:  # pragma: no branch -- a type checker reads the other one

        def __getattr__(self, name: "str") -> "object":
            if name not in QUESTIONS:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return lambda *arguments: self._answer(name, *arguments)
