"""Asking a machine: the one we run on as a Host, and from any Host's raw answers to a Platform and a Python.

:class:`LocalHost` is the one place where mltags touches the machine it runs on. Every answer is asked for anew, through the
module attributes that others patch in tests. A module that nobody has loaded cannot have been patched, so on CPython for Linux
a cheaper source of the same answer serves where :mod:`sysconfig` (up to 3 ms), :mod:`platform` or :mod:`struct` would have to
be imported first.

:func:`probe` finds out which architecture and C library there is, and what the override module refuses. Whatever a host answers
or raises, the outcome is a Platform; what could not be found out is unknown, and the evidence says why. The one exception is
:class:`mltags.OverrideError`, for an override module that misbehaves. Only the ordinary machine, 64-bit Linux with a
glibc that says so, is judged in this module: what needs the interpreter's ELF header is in ``_abi``, what needs an override
module in ``_override``, and what packaging answers in ``_elsewhere``.
"""

import os
import stat
import sys

from ._core import (
    MAX_MAJOR,
    MAX_MINOR,
    PLAIN,
    SHORT_NAMES,
    Evidence,
    Glibc,
    Platform,
    Python,
    cpython_abis,
    ladder,
    leading_version,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from ._core import Musl
    from ._host import Host

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
        from ._process import run

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


#: Longest answer that evidence keeps.
SHOWN = 300


def shown(answer: "object") -> "str":
    """An answer as evidence keeps it: its repr, cut where somebody answers a megabyte; an exception in its own words."""
    if isinstance(answer, BaseException):
        from ._errors import said

        return said(answer)
    if isinstance(answer, (str, bytes)) and len(answer) > SHOWN:
        return f"{answer[:SHOWN]!r}..."
    try:
        return repr(answer)[:SHOWN]
    except (Exception, SystemExit) as problem:
        return shown(problem)


class Inquiry:
    """One probe under way: asks a host, and writes down what it answered."""

    __slots__ = ("evidence", "host")

    def __init__(self, host: "Host") -> "None":
        self.host = host
        self.evidence: list[Evidence] = []

    def ask(self, question: "str", *arguments: "object") -> "object":
        """The answer to *question*, or the exception in its place."""
        try:
            return getattr(self.host, question)(*arguments)
        except (Exception, SystemExit) as problem:
            from ._errors import MltagsError

            if isinstance(problem, MltagsError):  # the host's own complaint, not the machine's answer
                raise
            return problem

    def source(self, question: "str") -> "str":
        try:
            return self.host.source(question)
        except (Exception, SystemExit):  # the name of the question is a source too
            return question

    def note(self, fact: "str", question: "str", answer: "object", conclusion: "str") -> "None":
        self.evidence.append(Evidence(fact, self.source(question), shown(answer), conclusion))

    def text(self, question: "str", *arguments: "object") -> "str | None":
        """The answer where it is text; None for anything else, a failure included."""
        answer = self.ask(question, *arguments)
        return answer if isinstance(answer, str) else None

    def glibc(self, confstr: "object", words: "list[str]") -> "Glibc | None":
        """What ``os.confstr``, else ctypes, says of glibc (R8)."""
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
        version = leading_version(text)
        if version is None:
            self.note("libc", question, answer, "glibc, version unknown: no <number>.<number>, or beyond any real one")
            return None
        self.note("libc", question, answer, f"glibc {version[0]}.{version[1]}")
        return Glibc(*version)


def probe(host: "Host | None" = None, *, max_glibc: "Glibc | str | tuple[int, int] | None" = None) -> "Platform":
    """Find out what *host* (None: the machine we run on) is, as far as wheels care.

    Touches the machine; caches nothing. The override module is imported, and asked where there is a manylinux ladder.

    Args:
        host: whoever answers the questions of :class:`mltags.Host`.
        max_glibc: manylinux tags above this version are left out, as if the machine's glibc were no newer: a
            :class:`mltags.Glibc`, ``"2.28"`` or ``(2, 28)``.

    Raises:
        OverrideError: the ``_manylinux`` module misbehaved.
        InvalidTarget: *max_glibc* is no version.
        MltagsError: *host* itself raised one, but in ``override()``; every other exception of a host is evidence.
    """
    return inquire(host, max_glibc)


def platform_tags(platform: "Platform | None" = None, *, native: "str" = "first") -> "tuple[str, ...]":
    """List the platform tags of *platform* (None: the machine we run on, probed anew), best first, without duplicates.

    Raises:
        InvalidTarget: *native* is neither ``"first"`` nor ``"last"``.
        OverrideError: the machine was probed and its ``_manylinux`` module misbehaved.

    Source: PEP 600, PEP 656; list-identical to packaging 26.3 but for the deviations that the README lists.
    """
    if platform is None:
        platform = inquire(None, None)
    elif not isinstance(platform, Platform):  # not every caller is typed
        raise _refused(platform, "platform", "a Platform is accepted, such as that of probe() or Platform.parse(tag)")
    return ladder(platform, native=native)


def ceiling(max_glibc: "Glibc | str | tuple[int, int] | None") -> "Glibc | None":
    """Make a Glibc of what callers may pass as ``max_glibc``; ``InvalidTarget`` where it is no version."""
    if max_glibc is None or isinstance(max_glibc, Glibc):
        return max_glibc
    if isinstance(max_glibc, tuple) and len(max_glibc) == 2:
        return Glibc(*max_glibc)
    # Not every caller is typed, and the float 2.30 would be 2.3.
    version = leading_version(max_glibc) if isinstance(max_glibc, str) else None  # type: ignore[redundant-expr]
    if version is None or f"{version[0]}.{version[1]}" != max_glibc:
        raise _refused(max_glibc, "max_glibc", f"a text such as '2.28' is accepted, up to {MAX_MAJOR}.{MAX_MINOR}")
    return Glibc(*version)


def inquire(host: "Host | None", max_glibc: "Glibc | str | tuple[int, int] | None", *, thorough: "bool" = False) -> "Platform":
    """As ``probe``; *thorough* looks at the interpreter's program for the evidence, even where it cannot change the answer."""
    limit = ceiling(max_glibc)
    if host is None:
        host = LocalHost()
    elif isinstance(host, str):
        raise _refused(host, "host", "an object that answers the questions of mltags.Host is accepted")
    inquiry = Inquiry(host)
    answer = inquiry.ask("system")
    system = answer if isinstance(answer, str) else ""
    inquiry.note("system", "system", answer, system or "unknown")
    if system != "Linux":
        from ._elsewhere import platform_elsewhere

        return platform_elsewhere(inquiry, system)
    name = inquiry.ask("platform")
    if not isinstance(name, str):
        inquiry.note("machine", "platform", name, "unknown, so no platform tags")
        return Platform(evidence=inquiry.evidence)
    normal = name.replace("-", "_").replace(".", "_").replace(" ", "_")
    if not normal.startswith("linux_"):
        inquiry.note("machine", "platform", name, "not a Linux platform: its own name is its only tag")
        return Platform(listed=[normal], evidence=inquiry.evidence)
    inquiry.note("machine", "platform", name, normal[len("linux_") :])
    return _linux(inquiry, normal[len("linux_") :], limit, thorough=thorough)


def _refused(given: "object", part: "str", problem: "str") -> "Exception":
    from ._errors import InvalidTarget

    return InvalidTarget(str(given), part, problem)


def _linux(inquiry: "Inquiry", machine: "str", limit: "Glibc | None", *, thorough: "bool") -> "Platform":
    answer = inquiry.ask("pointer_size")
    size = answer if type(answer) is int else 0
    inquiry.note("pointers", "pointer_size", answer, {4: "32-bit", 8: "64-bit"}.get(size, "unknown"))
    declared = inquiry.text("declared_platform")
    confstr = inquiry.ask("confstr", "CS_GNU_LIBC_VERSION")
    words = confstr.split() if isinstance(confstr, str) else []
    archs: tuple[str, ...] = (machine,)
    ladders = archs
    if machine in PLAIN and size == 8 and len(words) == 2 and words[0] == "glibc" and declared is None:
        libc: Glibc | Musl | None = inquiry.glibc(confstr, words)
    else:
        from ._abi import identify

        archs, ladders, libc = identify(inquiry, machine, size, declared, confstr, words)
    if thorough:
        from ._abi import note_program

        note_program(inquiry)
    if limit is not None and type(libc) is Glibc and limit < libc:
        inquiry.evidence.append(Evidence("ceiling", "max_glibc", str(limit), f"no manylinux tag above glibc {limit}"))
    module = problem = absent = None
    try:
        module = inquiry.host.override()
    except ImportError as raised:  # there is none, whoever answers so
        absent = raised
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # whatever a module raises when it is imported, SystemExit included
        problem = raised
    override = None
    if module is None and problem is None:
        inquiry.note("override", "override", absent, "no override module")
    else:
        from ._override import consult

        override = consult(inquiry, module, problem, libc, ladders, limit)
    return Platform(archs=archs, ladders=ladders, libc=libc, ceiling=limit, override=override, evidence=inquiry.evidence)


def python_of(host: "Host") -> "Python":
    """The Python of *host*, from its raw answers. Touches the host.

    Raises:
        ProbeError: the host does not know its interpreter.
    """
    answers = Inquiry(host).ask("python")
    if isinstance(answers, BaseException):
        from ._errors import ProbeError, said

        raise ProbeError(shown(host), f"its Python could not be asked: {said(answers)}") from answers
    return python_from(answers, shown(host))


def python_from(answers: "object", source: "str") -> "Python":
    """The Python that raw *answers* describe (those of :meth:`mltags.Host.python`); *source* names who gave them, for errors."""
    try:
        known: dict[str, object] = dict(answers)  # type: ignore[call-overload]
    except (Exception, SystemExit):  # it is no mapping, or one that cannot be read
        known = {}
    name, version = known.get("implementation"), known.get("version")
    if not isinstance(name, str) or not isinstance(version, (tuple, list)):
        from ._errors import ProbeError

        raise ProbeError(source, "its Python is not known; name the version (python_version, --python-version), such as 3.12")
    try:
        numbers = Python("py", version[:2]).version
    except ValueError as problem:  # an InvalidTarget
        from ._errors import ProbeError

        raise ProbeError(source, str(problem)) from problem
    short = SHORT_NAMES.get(name, name)
    if short == "cp":
        return Python(short, numbers, cpython_abis(numbers, known))
    from ._elsewhere import abis_elsewhere

    return Python(short, numbers, abis_elsewhere(numbers, known, source))
