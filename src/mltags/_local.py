"""This machine: the one place that touches it, and how any host is asked.

Every answer of :class:`LocalHost` is asked for anew, through the module attributes that others patch in tests. A module that
nobody has loaded cannot have been patched, so on CPython for Linux a cheaper source of the same answer serves where
:mod:`sysconfig` (up to 3 ms), :mod:`platform` or :mod:`struct` would have to be imported first.
"""

import os
import stat
import sys

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from ._core import Evidence, Glibc
    from ._host import Host

#: Seconds and bytes for musl's loader, which prints its banner at once.
LOADER_SECONDS = 5.0
LOADER_OUTPUT = 4096


def _loaded(name: "str") -> "ModuleType | None":
    """The module *name*; None where it is not loaded and need not be, because a cheaper source gives the same answer."""
    if name in sys.modules or sys.implementation.name != "cpython" or sys.platform != "linux":
        return __import__(name)
    return None


def _is_found(name: "str") -> "bool":
    """Whether any finder may know the top-level module *name*; one of the old kind has to be asked by import itself."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        if find is None or find(name, None, None) is not None:
            return True
    return False


class LocalHost:
    """The running interpreter on this machine, as a :class:`mltags.Host`. Every question reads anew.

    >>> import mltags
    >>> mltags.probe(mltags.LocalHost()) == mltags.probe()
    True
    """

    __slots__ = ()
    __module__ = str(__package__)

    def __repr__(self) -> "str":
        return "LocalHost()"

    def system(self) -> "str":
        module = _loaded("platform")
        return "Linux" if module is None else module.system()

    def platform(self) -> "str":
        module = _loaded("sysconfig")
        if module is not None:
            return str(module.get_platform())
        declared = self.declared_platform()
        if declared is not None:
            return declared
        return "linux-" + os.uname().machine.replace(" ", "_").replace("/", "-")

    def declared_platform(self) -> "str | None":
        return os.environ.get("_PYTHON_HOST_PLATFORM")

    def pointer_size(self) -> "int":
        module = _loaded("struct")
        if module is not None:
            return int(module.calcsize("P"))
        return 8 if sys.maxsize > 2**32 else 4

    def confstr(self, name: "str") -> "str | None":
        return os.confstr(name)

    def gnu_get_libc_version(self) -> "str | bytes | None":
        import ctypes

        # The handle of the main program: the linker finds the C library that this very process uses.
        function = ctypes.CDLL(None).gnu_get_libc_version
        function.restype = ctypes.c_char_p
        return function()  # type: ignore[no-any-return]

    def executable(self) -> "str | None":
        return sys.executable

    def read(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        return read_regular(path, size, offset)

    def run_loader(self, path: "str") -> "str":
        from . import _process

        if not os.path.isabs(path):
            raise OSError(f"the loader's path {path!r} is not absolute")
        return _process.run([path], environment={}, seconds=LOADER_SECONDS, limit=LOADER_OUTPUT).stderr

    def override(self) -> "object | None":
        try:
            # Nearly every machine has none. Import itself asks the finders first, and asking them is a third cheaper than a
            # failed import. Where somebody has replaced the import function, that one is called.
            if "_manylinux" not in sys.modules and isinstance(__import__, type(len)) and not _is_found("_manylinux"):
                return None
            return __import__("_manylinux")
        except ImportError:
            return None

    def python(self) -> "Mapping[str, object]":
        answers: dict[str, object] = {"implementation": sys.implementation.name, "version": sys.version_info[:2]}
        module = _loaded("sysconfig")
        if module is None:
            # CPython's configure script derives abiflags from the settings that sysconfig would show.
            answers["debug"] = "d" in sys.abiflags
            answers["free_threaded"] = "t" in sys.abiflags
            return answers
        debug = module.get_config_var("Py_DEBUG")
        if debug is None:  # Windows does not set it.
            from _imp import extension_suffixes

            debug = hasattr(sys, "gettotalrefcount") or "_d.pyd" in extension_suffixes()
        answers["debug"] = bool(debug)
        answers["free_threaded"] = bool(module.get_config_var("Py_GIL_DISABLED"))
        answers["ext_suffix"] = module.get_config_var("EXT_SUFFIX")
        return answers

    def markers(self) -> "Mapping[str, str]":
        from packaging.markers import default_environment

        return default_environment()  # type: ignore[return-value]

    def platform_tags(self) -> "Iterable[str]":
        from packaging.tags import platform_tags

        return platform_tags()

    def source(self, question: "str") -> "str":
        return _SOURCES[question]


_SOURCES = {
    "system": "platform.system()",
    "platform": "sysconfig.get_platform()",
    "declared_platform": "_PYTHON_HOST_PLATFORM",
    "pointer_size": 'struct.calcsize("P")',
    "confstr": "os.confstr",
    "gnu_get_libc_version": "ctypes gnu_get_libc_version",
    "executable": "sys.executable",
    "read": "the file",
    "run_loader": "running the loader",
    "override": "import _manylinux",
    "python": "sys.version_info",
    "markers": "packaging.markers.default_environment()",
    "platform_tags": "packaging.tags.platform_tags()",
}


def read_regular(path: "str", size: "int", offset: "int" = 0, *, follow_links: "bool" = True) -> "bytes":
    """Read at most *size* bytes of a regular file; ``OSError`` for anything else. Never waits for a FIFO or a device."""
    descriptor = open_regular(path, follow_links=follow_links)
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)


def open_regular(path: "str", *, follow_links: "bool") -> "int":
    """The descriptor of a regular file, as ``read_regular`` opens it."""
    if not stat.S_ISREG(os.stat(path, follow_symlinks=follow_links).st_mode):
        raise OSError(f"{path!r} is not a regular file")
    # The file may have become a FIFO or a link since. Windows has none of these flags but the last.
    flags = getattr(os, "O_NONBLOCK", 0) | (0 if follow_links else getattr(os, "O_NOFOLLOW", 0)) | getattr(os, "O_BINARY", 0)
    return os.open(path, os.O_RDONLY | flags)


#: The most characters of an answer in evidence.
_MAX_ANSWER = 300


def answer_text(answer: "object") -> "str":
    """An answer as kept in evidence: its repr, truncated if it is too long; or an exception's type and message."""
    if isinstance(answer, BaseException):
        from . import _errors

        return _errors.exception_text(answer)
    if isinstance(answer, (str, bytes)) and len(answer) > _MAX_ANSWER:
        return f"{answer[:_MAX_ANSWER]!r}..."
    try:
        return repr(answer)[:_MAX_ANSWER]
    except (Exception, SystemExit) as problem:
        return answer_text(problem)


class Inquiry:
    """A probe in progress: asks a host, and records its answers as evidence."""

    __slots__ = ("evidence", "host")

    def __init__(self, host: "Host") -> "None":
        self.host = host
        self.evidence: list[Evidence] = []

    def ask(self, question: "str", *arguments: "object") -> "object":
        """The answer to *question*, or the exception in its place."""
        try:
            return getattr(self.host, question)(*arguments)
        except (Exception, SystemExit) as problem:
            from . import _errors

            if isinstance(problem, _errors.MltagsError):  # the host's own error, not an answer of the machine
                raise
            return problem

    def source(self, question: "str") -> "str":
        try:
            return self.host.source(question)
        except (Exception, SystemExit):  # then the name of the question is the source
            return question

    def note(self, fact: "str", question: "str", answer: "object", conclusion: "str") -> "None":
        self.evidence.append(_core.Evidence(fact, self.source(question), answer_text(answer), conclusion))

    def text(self, question: "str", *arguments: "object") -> "str | None":
        """The answer if it is text; None for anything else, including an error."""
        answer = self.ask(question, *arguments)
        return answer if isinstance(answer, str) else None

    def glibc(self, confstr: "object", words: "list[str]") -> "Glibc | None":
        """The glibc that ``os.confstr`` names, or else ctypes (R8)."""
        question: str = "confstr"
        answer = confstr
        if len(words) == 2:
            text = words[1]
        else:
            self.note("libc", "confstr", confstr, "does not name glibc and its version")
            question = "gnu_get_libc_version"
            answer = self.ask(question)
            if isinstance(answer, bytes):
                try:
                    answer = answer.decode("ascii")
                except UnicodeDecodeError as problem:
                    answer = problem
            if not isinstance(answer, str):
                self.note("libc", question, answer, "not glibc")
                return None
            text = answer
        version = _core.leading_version(text)
        if version is None:
            self.note("libc", question, answer, "glibc of unknown version: not <number>.<number>, or beyond any real one")
            return None
        self.note("libc", question, answer, f"glibc {version[0]}.{version[1]}")
        return _core.Glibc(*version)
