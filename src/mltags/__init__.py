"""Platform tags for installers: which wheels this machine accepts, in which order, and why not.

Importing this package reads nothing and loads next to nothing; each name loads its module when it is first used.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._core import Evidence, Glibc, Musl, Platform, Python
    from ._errors import (
        InvalidPlatformTag,
        InvalidTarget,
        InvalidWheel,
        InvalidWheelName,
        MltagsError,
        OverrideError,
        ProbeError,
    )
    from ._explain import Match, Mismatch, Reason
    from ._host import Host
    from ._override import Override
    from ._probe import LocalHost, platform_tags, probe
    from ._root import RootHost
    from ._target import Target, sys_tags

__all__ = [
    "Evidence",
    "Glibc",
    "Host",
    "InvalidPlatformTag",
    "InvalidTarget",
    "InvalidWheel",
    "InvalidWheelName",
    "LocalHost",
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
    "platform_tags",
    "probe",
    "sys_tags",
]

#: module -> the public names that it defines.
_HOMES = {
    "_core": ("Evidence", "Glibc", "Musl", "Platform", "Python"),
    "_errors": (
        "InvalidPlatformTag",
        "InvalidTarget",
        "InvalidWheel",
        "InvalidWheelName",
        "MltagsError",
        "OverrideError",
        "ProbeError",
    ),
    "_explain": ("Match", "Mismatch", "Reason"),
    "_host": ("Host",),
    "_override": ("Override",),
    "_probe": ("LocalHost", "platform_tags", "probe"),
    "_root": ("RootHost",),
    "_target": ("Target", "sys_tags"),
}


#: Public modules that are there without an import of their own.
_MODULES = ("audit", "testing")


def __getattr__(name: "str") -> "object":
    if name in _MODULES:
        return __import__(name, globals(), None, ("__name__",), 1)
    for home, names in _HOMES.items():
        if name in names:
            # As "from .home import name"; importlib is not loaded yet and costs up to half a millisecond.
            value = getattr(__import__(home, globals(), None, (name,), 1), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> "list[str]":
    return __all__
