"""Another interpreter as a host: run once with a small script that gives back raw answers; our rules are applied here."""

import json

from ._host import Sheet
from ._override import RaisedElsewhereError
from ._probe import LocalHost
from ._process import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECONDS = 30.0
OUTPUT = 1024 * 1024

#: Runs under Python 2.7 and 3.x, PyPy too, and needs nothing but the standard library. The override is asked there, because
#: it lives there: for every version from the C library's down to the oldest with a tag, for each architecture that our rules
#: may ask about.
SCRIPT = r"""
import sys
import os
sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]
import json, platform, struct, sysconfig
answers = {}
def told():
    kind, problem = sys.exc_info()[:2]
    text = "%s: %s" % (kind.__name__, problem)
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text)[:300]
def keep(question, ask):
    try:
        answers[question] = [ask(), None]
    except (Exception, SystemExit):
        answers[question] = [None, told()]
def library():
    import ctypes
    function = ctypes.CDLL(None).gnu_get_libc_version
    function.restype = ctypes.c_char_p
    return function().decode("ascii")
def python():
    var = sysconfig.get_config_var
    name = platform.python_implementation().lower()
    return {"implementation": getattr(getattr(sys, "implementation", None), "name", name), "version": list(sys.version_info[:2]),
            "ext_suffix": var("EXT_SUFFIX") or var("SO"), "debug": bool(var("Py_DEBUG") or hasattr(sys, "gettotalrefcount")),
            "free_threaded": bool(var("Py_GIL_DISABLED")), "pymalloc": var("WITH_PYMALLOC") is None or bool(var("WITH_PYMALLOC")),
            "wide_unicode": sys.maxunicode > 65535}
keep("system", platform.system)
keep("platform", sysconfig.get_platform)
keep("declared_platform", lambda: os.environ.get("_PYTHON_HOST_PLATFORM"))
keep("pointer_size", lambda: struct.calcsize("P"))
keep("confstr", lambda: os.confstr("CS_GNU_LIBC_VERSION"))
keep("gnu_get_libc_version", library)
keep("executable", lambda: sys.executable)
keep("image", lambda: os.readlink("/proc/self/exe"))
keep("python", python)
def override():
    try:
        import _manylinux as module
    except ImportError:
        return None
    except (Exception, SystemExit):
        problem, trace = sys.exc_info()[1:]
        place = problem.filename if isinstance(problem, SyntaxError) else None
        while trace:
            if trace.tb_frame.f_globals.get("__name__") == "_manylinux":
                place = trace.tb_frame.f_code.co_filename
            trace = trace.tb_next
        return {"failed": told(), "file": place}
    said = {"file": getattr(module, "__file__", None), "attributes": {}, "verdicts": []}
    if not hasattr(module, "manylinux_compatible"):
        for name in ("manylinux1_compatible", "manylinux2010_compatible", "manylinux2014_compatible"):
            if hasattr(module, name):
                said["attributes"][name] = bool(getattr(module, name))
    else:
        words = (answers["confstr"][0] or "x %s" % answers["gnu_get_libc_version"][0]).split()
        numbers = [int(part) for part in words[1].split("-")[0].split(".")[:2]]
        arch = answers["platform"][0].split("-", 1)[-1].replace("-", "_").replace(".", "_")
        small = answers["pointer_size"][0] == 4
        archs = {"x86_64": ["i686"] if small else ["x86_64"], "aarch64": ["armv8l", "armv7l"] if small else ["aarch64"],
                 "i686": ["i686"] if small else ["x86_64"], "armv8l": ["armv8l", "armv7l"] if small else ["aarch64"]}.get(arch, [arch])
        for arch in archs:
            for major in range(min(numbers[0], 99), 1, -1):
                for minor in range(min(numbers[1], 999) if major == numbers[0] else 50, -1, -1):
                    if (major, minor) < (2, 5 if arch in ("x86_64", "i686") else 17):
                        break
                    try:
                        verdict = module.manylinux_compatible(major, minor, arch)
                        said["verdicts"].append([major, minor, arch, None if verdict is None else bool(verdict), None])
                    except (Exception, SystemExit):
                        said["verdicts"].append([major, minor, arch, None, told()])
    return said
keep("override", override)
text = ("%s%s\n" % (sys.argv[1], json.dumps(answers))).encode("ascii")
while text:
    text = text[os.write(1, text):]
"""


class _Module:
    """The override module of another interpreter, from what it said there."""

    def __init__(self, said: "dict[str, object]") -> "None":
        self.__file__ = said.get("file")
        self.__dict__.update(said.get("attributes") or {})  # type: ignore[call-overload]
        verdicts = {tuple(row[:3]): row[3:] for row in said.get("verdicts") or ()}  # type: ignore[attr-defined]
        if verdicts:

            def manylinux_compatible(major: "int", minor: "int", arch: "str") -> "bool | None":
                verdict, problem = verdicts.get((major, minor, arch), (None, None))
                if problem:
                    raise RaisedElsewhereError(problem, None)
                return verdict  # type: ignore[no-any-return]

            self.manylinux_compatible = manylinux_compatible


class InterpreterHost(Sheet):
    """The Python *executable* on this machine, as a :class:`mltags.Host`; it has been run once, and is not asked again.

    Its files are read from here. Raises ``ProbeError`` where it cannot be run or answers anything but what it was asked for.
    """

    def __init__(self, executable: "str") -> "None":
        from ._errors import ProbeError

        self._path = executable
        self._local = LocalHost()
        # What a site runs at start-up, or its override module, may print as well, but nothing that names this object.
        mark = f"mltags-{id(self):x}:"
        try:
            result = run([executable, "-c", SCRIPT, mark], environment=None, seconds=SECONDS, limit=OUTPUT)
        except (OSError, ValueError) as problem:
            raise ProbeError(executable, f"cannot be run: {problem}") from problem
        said = (result.stdout.replace(mark, "").strip() or result.stderr.strip())[-300:]
        if result.problem or result.status:
            why = result.problem or f"exit status {result.status}"
            raise ProbeError(executable, f"{why}; a Python is accepted; it said: {said!r}")
        try:
            answers = json.loads(result.stdout.rpartition(mark)[2].partition("\n")[0] if mark in result.stdout else "")
            self._answers = {str(question): (answer, problem) for question, (answer, problem) in answers.items()}
        except (ValueError, TypeError, AttributeError, RecursionError) as problem:
            raise ProbeError(executable, f"did not answer what it was asked for; it said: {said!r}") from problem

    def __repr__(self) -> "str":
        return f"InterpreterHost({self._path!r})"

    def _answer(self, question: "str", *arguments: "object") -> "object":  # noqa: ARG002 -- asked once, without any
        answer, problem = self._answers.get(question, (None, "it was not answered"))
        if problem is not None:
            raise OSError(problem)
        return answer

    def read(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        place = self._answer("image") if path == "/proc/self/exe" else path
        return self._local.read(str(place), size, offset)

    def run_loader(self, path: "str") -> "str":
        return self._local.run_loader(path)

    def override(self) -> "object | None":
        said, problem = self._answers.get("override", (None, None))
        if problem is not None:
            raise RuntimeError(problem)
        if isinstance(said, dict) and "failed" in said:
            raise RaisedElsewhereError(said["failed"], said.get("file"))
        return _Module(said) if isinstance(said, dict) else None

    def python(self) -> "Mapping[str, object]":
        answer = self._answers.get("python", (None, None))[0]
        return answer if isinstance(answer, dict) else {}

    def platform_tags(self) -> "Iterable[str]":
        return self._local.platform_tags()

    def source(self, question: "str") -> "str":
        return f"{self._local.source(question)} of {self._path}"
