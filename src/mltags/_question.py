"""What another interpreter runs to answer for itself: raw answers as JSON, and no decisions.

Runs under Python 2.7 and 3.x, PyPy too, and needs nothing but the standard library. ``sys.argv[1]`` is a mark that precedes the
answers, because a site or an override module may print as well. ``sys.argv[2]`` holds what the override module is to be asked,
as JSON: its function's name, the names of its attributes, and the versions, rows of architecture, major version, highest and
lowest minor version.
"""

# pyright: reportMissingImports=false, reportOptionalMemberAccess=false
import json
import os
import platform
import struct
import sys
import sysconfig

answers = {}


def problem_text():
    kind, problem = sys.exc_info()[:2]
    text = "%s: %s" % (kind.__name__, problem)
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text)[:300]


def attempt(ask, *arguments):
    try:
        return [ask(*arguments), None]
    except (Exception, SystemExit):
        return [None, problem_text()]


def gnu_get_libc_version():
    import ctypes

    function = ctypes.CDLL(None).gnu_get_libc_version
    function.restype = ctypes.c_char_p
    return function().decode("ascii")


def python():
    var = sysconfig.get_config_var
    name = platform.python_implementation().lower()
    return {
        "implementation": getattr(getattr(sys, "implementation", None), "name", name),
        "version": list(sys.version_info[:2]),
        "ext_suffix": var("EXT_SUFFIX") or var("SO"),
        "debug": bool(var("Py_DEBUG") or hasattr(sys, "gettotalrefcount")),
        "free_threaded": bool(var("Py_GIL_DISABLED")),
        "pymalloc": var("WITH_PYMALLOC") is None or bool(var("WITH_PYMALLOC")),
        "wide_unicode": sys.maxunicode > 65535,
    }


def markers():
    implementation = getattr(sys, "implementation", None)
    version = "0"
    if implementation is not None:
        kind = implementation.version.releaselevel
        version = "{0.major}.{0.minor}.{0.micro}".format(implementation.version)
        version += "" if kind == "final" else kind[0] + str(implementation.version.serial)
    return {
        "implementation_name": getattr(implementation, "name", ""),
        "implementation_version": version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def attribute(module, name, show):
    try:
        return attempt(show, getattr(module, name))
    except AttributeError:
        return None
    except (Exception, SystemExit):
        return [None, problem_text()]


def sys_path():
    encoding = sys.getfilesystemencoding() or "utf-8"
    return [path.decode(encoding, "replace") if isinstance(path, bytes) else str(path) for path in sys.path]


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
        return {"failed": problem_text(), "file": place}
    function, names, versions = json.loads(sys.argv[2])
    attributes = dict((name, attribute(module, name, bool)) for name in names)
    attributes[function] = attribute(module, function, lambda _: True)
    verdicts = []
    for arch, major, highest, lowest in versions if attributes[function] == [True, None] else []:
        for minor in range(highest, lowest - 1, -1):
            verdict, problem = attempt(getattr(module, function), major, minor, str(arch))
            if problem is None and verdict is not None:
                verdict, problem = attempt(bool, verdict)
            verdicts.append([major, minor, arch, verdict, problem])
    return {"file": getattr(module, "__file__", None), "attributes": attributes, "verdicts": verdicts}


def main():
    here = attempt(os.getcwd)[0]
    sys.path[:] = [path for path in sys.path if path not in ("", here)]
    answers["system"] = attempt(platform.system)
    answers["platform"] = attempt(sysconfig.get_platform)
    answers["declared_platform"] = attempt(os.environ.get, "_PYTHON_HOST_PLATFORM")
    answers["pointer_size"] = attempt(struct.calcsize, "P")
    answers["confstr"] = attempt(lambda: os.confstr("CS_GNU_LIBC_VERSION"))
    answers["gnu_get_libc_version"] = attempt(gnu_get_libc_version)
    answers["executable"] = attempt(lambda: sys.executable)
    answers["image"] = attempt(os.readlink, "/proc/self/exe")
    answers["python"] = attempt(python)
    answers["markers"] = attempt(markers)
    answers["sys_path"] = attempt(sys_path)
    answers["override"] = attempt(override)
    text = ("%s%s\n" % (sys.argv[1], json.dumps(answers))).encode("ascii")
    while text:
        text = text[os.write(1, text) :]


if __name__ == "__main__":
    main()
