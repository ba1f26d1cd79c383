"""What a host may be asked: the questions, as a protocol."""

from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Host(Protocol):
    """Whoever can be asked about a machine: the running one, a root directory, a recorded sheet of answers, a fake.

    A host answers as raw as it can and decides nothing; nothing else in mltags touches a machine. Any question may raise any
    exception: what is asked then counts as unknown, and the exception is kept as evidence.
    """

    def system(self) -> "str":
        """The system's name, as ``platform.system()`` gives it: ``"Linux"``, ``"Darwin"``, ``"Windows"``, ..."""
        ...

    def platform(self) -> "str":
        """The platform's name, as ``sysconfig.get_platform()`` gives it: ``"linux-x86_64"``."""
        ...

    def declared_platform(self) -> "str | None":
        """The platform that a cross build declared (``_PYTHON_HOST_PLATFORM``), None without one."""
        ...

    def pointer_size(self) -> "int":
        """Bytes in a pointer of the interpreter, as ``struct.calcsize("P")`` gives it: 4 or 8."""
        ...

    def confstr(self, name: "str") -> "str | None":
        """The answer of ``os.confstr(name)``; asked for ``"CS_GNU_LIBC_VERSION"`` only: ``"glibc 2.36"``."""
        ...

    def gnu_get_libc_version(self) -> "str | bytes | None":
        """What the function of that name answers in the interpreter's own C library: ``"2.36"``."""
        ...

    def executable(self) -> "str | None":
        """The interpreter's program file, as ``sys.executable`` gives it."""
        ...

    def read(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        """At most *size* bytes of the regular file *path* from *offset* on; ``OSError`` where it is no such file."""
        ...

    def run_loader(self, path: "str") -> "str":
        """What the program *path*, run without arguments, prints on its standard error (musl's loader names its version)."""
        ...

    def override(self) -> "object | None":
        """The ``_manylinux`` module, imported as any other; None where there is none (``ImportError``)."""
        ...

    def python(self) -> "Mapping[str, object]":
        """What is known of the interpreter. Keys, each left out where it is not known:

        ``implementation`` (``"cpython"``), ``version`` (``(3, 12)``), ``ext_suffix`` (of extension modules), and the build's
        flags ``debug``, ``free_threaded``, ``pymalloc``, ``wide_unicode`` as truth values.
        """
        ...

    def platform_tags(self) -> "Iterable[str]":
        """For systems other than Linux: the platform tags, best first, as ``packaging.tags.platform_tags()`` lists them."""
        ...

    def source(self, question: "str") -> "str":
        """In words, how this host answers *question* (a method's name): ``"os.confstr"``. For evidence only."""
        ...


class Sheet:
    """A host whose answers all come from one place: a sheet of recorded ones, or somebody who was asked before."""

    def _answer(self, question: "str", *arguments: "object") -> "object":
        raise NotImplementedError(question)

    def system(self) -> "str":
        return self._answer("system")  # type: ignore[return-value]

    def platform(self) -> "str":
        return self._answer("platform")  # type: ignore[return-value]

    def declared_platform(self) -> "str | None":
        return self._answer("declared_platform")  # type: ignore[return-value]

    def pointer_size(self) -> "int":
        return self._answer("pointer_size")  # type: ignore[return-value]

    def confstr(self, name: "str") -> "str | None":
        return self._answer("confstr", name)  # type: ignore[return-value]

    def gnu_get_libc_version(self) -> "str | bytes | None":
        return self._answer("gnu_get_libc_version")  # type: ignore[return-value]

    def executable(self) -> "str | None":
        return self._answer("executable")  # type: ignore[return-value]

    def read(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        return self._answer("read", path, size, offset)  # type: ignore[return-value]

    def run_loader(self, path: "str") -> "str":
        return self._answer("run_loader", path)  # type: ignore[return-value]

    def override(self) -> "object | None":
        return self._answer("override")

    def python(self) -> "Mapping[str, object]":
        return self._answer("python")  # type: ignore[return-value]

    def platform_tags(self) -> "Iterable[str]":
        return self._answer("platform_tags")  # type: ignore[return-value]
