"""Platform tags for installers: which wheels this machine accepts, in which order, and why not.

>>> import mltags
>>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_28_x86_64")
>>> target.best(["demo-1.0-cp312-cp312-win_amd64.whl", "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"])
'demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl'

Importing this package reads nothing and loads next to nothing; each name loads its module when it is first used.
"""

import sys

__version__ = "0.2.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._core import Evidence, Glibc, Musl, Platform, Python
    from ._declare import parse_platform
    from ._errors import (
        InvalidPlatformTag,
        InvalidTarget,
        InvalidWheel,
        InvalidWheelName,
        MltagsError,
        OverrideError,
        ProbeError,
    )
    from ._explain import Case, Cause, Match, Mismatch, Reason
    from ._host import Host
    from ._local import LocalHost
    from ._machines import Machine, machines
    from ._override import Override
    from ._probe import platform_tags, probe
    from ._root import RootHost
    from ._target import Target, machines_fitting, sys_tags

#: module -> the public names that it defines.
_HOMES = {
    "_core": ("Evidence", "Glibc", "Musl", "Platform", "Python"),
    "_declare": ("parse_platform",),
    "_errors": (
        "InvalidPlatformTag",
        "InvalidTarget",
        "InvalidWheel",
        "InvalidWheelName",
        "MltagsError",
        "OverrideError",
        "ProbeError",
    ),
    "_explain": ("Case", "Cause", "Match", "Mismatch", "Reason"),
    "_host": ("Host",),
    "_local": ("LocalHost",),
    "_machines": ("Machine", "machines"),
    "_override": ("Override",),
    "_probe": ("platform_tags", "probe"),
    "_root": ("RootHost",),
    "_target": ("Target", "machines_fitting", "sys_tags"),
}

__all__ = [
    "Case",
    "Cause",
    "Evidence",
    "Glibc",
    "Host",
    "InvalidPlatformTag",
    "InvalidTarget",
    "InvalidWheel",
    "InvalidWheelName",
    "LocalHost",
    "Machine",
    "Match",
    "Mismatch",
    "MltagsError",
    "Musl",
    "Override",
    "OverrideError",
    "Platform",
    "ProbeError",
    "Python",
    "Reason",
    "RootHost",
    "Target",
    "load",
    "machines",
    "machines_fitting",
    "parse_platform",
    "platform_tags",
    "probe",
    "sys_tags",
]

#: Public packages inside this one. They become attributes when they are first used, without an explicit import.
_WINGS = ("audit", "check", "testing")


def __getattr__(name: "str") -> "object":
    if name[0] == "_":
        if name == "_unpickle":  # pickle looks it up here, whatever sys.modules holds
            return _module("_core")._unpickle  # type: ignore[attr-defined]
    elif name in _WINGS:
        return _module(name)
    else:
        for home, names in _HOMES.items():
            if name in names:
                value = getattr(_module(home), name)
                globals()[name] = value
                return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _module(name: "str") -> "object":
    """A module of this package; if it was loaded before, the package's own attribute, whatever sys.modules holds."""
    return globals().get(name) or __import__(name, globals(), None, ("__name__",), 1)


def _restore(name: "str") -> "None":
    """Put a wing, if it was loaded before, and all modules that this package holds back into ``sys.modules``.

    Each wing begins with this. So importing names out of them makes no second copy of a class, whatever somebody took out.
    """
    wing = globals().get(name.rpartition(".")[2])
    if wing is not None:
        sys.modules[name] = wing
    for owner in (sys.modules[__name__], wing):
        for value in list(vars(owner).values()) if owner is not None else ():
            if type(value) is type(sys) and value.__name__.startswith(f"{__name__}."):
                sys.modules[value.__name__] = value


def load() -> "None":
    """Load the whole core at once, and what it may need later from packaging and the standard library.

    For installers that replace files, or block imports, while they work: afterwards everything but
    :meth:`Target.of_interpreter` and the wings (:mod:`mltags.audit`, :mod:`mltags.testing`, the command line) works without
    another import. It takes some 30 ms.

    >>> import mltags
    >>> mltags.load()
    """
    import ctypes  # noqa: F401 -- these wait for their call otherwise
    import difflib  # noqa: F401
    import sysconfig

    from packaging import markers, tags, version  # noqa: F401

    others = "_abi _elf _elsewhere _interpreter _markers _mistakes _process _ranks _saved _triples _wheel"
    for home in (*_HOMES, *others.split()):
        _module(home)
    sysconfig.get_config_vars()  # loads a module with the settings of the build
    "\0".encode("unicode_escape")  # loads the module of the codec
    if sys.platform != "linux":
        list(tags.platform_tags())  # loads what the system needs


def __dir__() -> "list[str]":
    return __all__
