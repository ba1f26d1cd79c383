"""The machine we run on. The one place where mltags touches it.

Every answer is asked for anew, through the module attributes that others patch in tests. A module that nobody has loaded
cannot have been patched, so on CPython for Linux a cheaper source of the same answer serves where :mod:`sysconfig` (up to
3 ms), :mod:`platform` or :mod:`struct` would have to be imported first.
"""

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

#: A loader prints its banner at once; one that does not is no musl.
LOADER_SECONDS = 5.0
LOADER_OUTPUT = 4096


def _loaded(name: "str") -> "ModuleType | None":
    """The module *name*; None where it is not loaded yet and need not be, because another source answers the same."""
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
    """The running interpreter on the machine it runs on, as a :class:`mltags.Host`."""

    __slots__ = ()

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
        from ._run import run

        if not os.path.isabs(path):
            raise OSError(f"the loader's path {path!r} is not absolute")
        return run([path], environment={}, seconds=LOADER_SECONDS, limit=LOADER_OUTPUT).stderr

    def override(self) -> "object | None":
        try:
            # Nearly every machine has none. Asking the finders is what import itself does first, and a third cheaper than
            # having it fail; an import function that somebody put in its place is left to do its work.
            if "_manylinux" not in sys.modules and isinstance(__import__, type(len)) and not _is_found("_manylinux"):
                return None
            return __import__("_manylinux")
        except ImportError:
            return None

    def python(self) -> "Mapping[str, object]":
        answers: dict[str, object] = {"implementation": sys.implementation.name, "version": sys.version_info[:2]}
        module = _loaded("sysconfig")
        if module is None:
            # CPython's configure script makes abiflags of the very settings that sysconfig would show.
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
    "platform_tags": "packaging.tags.platform_tags()",
}


def read_regular(path: "str", size: "int", offset: "int" = 0) -> "bytes":
    """Read at most *size* bytes of a regular file; ``OSError`` for anything else, without waiting for a FIFO or a device."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(f"{path!r} is not a regular file")
    # The file may have become a FIFO since; O_NONBLOCK keeps the open from waiting for its writer.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)
