"""The pytest plugin ``mltags``: tests on machines that are not here.

Marker and fixtures put a :class:`mltags.testing.FakeHost` in place as :func:`mltags.testing.using_host` does, until the test
is over. What a test does not ask for is not loaded.
"""

import contextlib
import sys
import types

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .boundary import Boundary
    from .._host import Host

_MARKER = (
    "mltags_host(host, **made): run the test on a machine that every library sees: a name in mltags.testing.hosts, a Host, or "
    "what mltags.testing.FakeHost makes of the arguments, as in mltags_host(glibc='2.17')"
)
#: What the tests under way have put in place, by their ids.
_USED: "dict[str, list[Boundary]]" = {}


class HostFixture:
    """The fixture ``mltags_host``: call it to change the machine, as often as the test likes."""

    def __init__(self, used: "list[Boundary]") -> "None":
        self._used = used
        self._undo = contextlib.ExitStack()
        self._module: types.ModuleType | None = None

    def __call__(self, host: "Host | str | None" = None, **made: "object") -> "Host":
        """Go on with *host*: a name in ``mltags.testing.hosts``, a Host, or what FakeHost makes of the arguments.

        A module that :meth:`override` put in place stays, unless the host has one of its own.
        """
        from .boundary import HostBoundary, OverrideBoundary

        try:
            boundary = HostBoundary(_host(host, made))
            self._enter(boundary)
        except (TypeError, ValueError) as problem:
            raise pytest.fail.Exception(f"mltags_host: {problem}", pytrace=False) from None
        if self._module is not None and sys.modules.get("_manylinux", self) is None:
            self._enter(OverrideBoundary(self._module))
        return boundary.host

    def override(self, **attributes: "object") -> "object":
        """Put a ``_manylinux`` module with *attributes* in place, on the machine in force and on those made from now on."""
        from .boundary import OverrideBoundary

        self._module = types.ModuleType("_manylinux")
        vars(self._module).update(attributes)
        self._enter(OverrideBoundary(self._module))
        return self._module

    def _enter(self, boundary: "Boundary") -> "None":
        self._used.append(boundary)
        self._undo.enter_context(boundary)

    def close(self) -> "None":
        """Back to where the test began."""
        self._undo.close()


def _host(host: "Host | str | None", made: "dict[str, object]") -> "Host":
    """The host that the arguments of a call or a marker name or make."""
    from .fakes import FakeHost, find_host, hosts

    if host is None and not made:
        raise TypeError("name a machine, as in mltags_host('centos-7') or mltags_host(glibc='2.17')")
    if host is not None and not isinstance(host, str) and not hasattr(host, "confstr"):
        raise TypeError(f"{host!r} is no host; a name, a Host, or what FakeHost takes is accepted")
    if made and host is not None and (host in hosts or not isinstance(host, str)):
        raise TypeError(f"{host!r} is a whole host, and takes no {', '.join(made)} beside it")
    if made:
        return FakeHost(*([] if host is None else [host]), **made)  # type: ignore[arg-type]
    return find_host(host)  # type: ignore[arg-type]


@pytest.fixture
def mltags_host(request: "pytest.FixtureRequest") -> "Iterator[HostFixture]":
    """Run this test on another machine: ``mltags_host("centos-7")``, ``mltags_host("aarch64", glibc="2.28")`` or
    ``mltags_host(host)``. Parametrized with ``indirect=True`` (a dictionary holds what FakeHost takes), or with the marker, the
    machine is in place from the start."""
    fixture = HostFixture(_USED.setdefault(request.node.nodeid, []))
    try:
        marker = request.node.get_closest_marker("mltags_host")
        if hasattr(request, "param"):
            fixture(**request.param) if isinstance(request.param, dict) else fixture(request.param)
        elif marker is not None:
            fixture(*marker.args, **marker.kwargs)
        yield fixture
    finally:
        fixture.close()


@pytest.fixture
def fake_glibc(mltags_host: "HostFixture") -> "Callable[..., Host]":
    """Run this test with that glibc: ``fake_glibc("2.17")`` on x86_64, ``fake_glibc("2.17", "aarch64")``."""

    def put(version: "str", machine: "str" = "x86_64") -> "Host":
        return mltags_host(machine, glibc=version)

    return put


@pytest.fixture
def fake_manylinux(mltags_host: "HostFixture") -> "Callable[..., object]":
    """Run this test with a ``_manylinux`` module: ``fake_manylinux(manylinux2014_compatible=False)``, ``fake_manylinux(
    manylinux_compatible=function)``; on whatever machine is in force."""
    return mltags_host.override


@pytest.fixture(autouse=True)
def _mltags_marked(request: "pytest.FixtureRequest") -> "None":
    """What the marker stands for."""
    if request.node.get_closest_marker("mltags_host") is not None:
        request.getfixturevalue("mltags_host")


def pytest_configure(config: "pytest.Config") -> "None":
    """Tell of the marker."""
    config.addinivalue_line("markers", _MARKER)


def pytest_make_parametrize_id(val: "object") -> "str | None":
    """A readable id for a FakeHost: ``aarch64-glibc-2.28``."""
    name = getattr(val, "mltags_id", None)
    return name if isinstance(name, str) else None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item: "pytest.Item") -> "Iterator[None]":
    """Once every fixture is gone: what one that undid late has put back of a machine is taken away again."""
    yield
    for boundary in reversed(_USED.pop(item.nodeid, [])):
        boundary.sweep()
