"""The pytest plugin ``mltags``: tests on machines that are not here.

Marker and fixtures put a :class:`mltags.testing.FakeHost` in place as :func:`mltags.testing.using_host` does, until the test
is over. A project that uses none of them pays for one look at the markers of its tests; nothing else is run or loaded.
"""

from __future__ import annotations

import contextlib
import sys
import types
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .._host import Host
    from .boundary import Boundary

_NAME = "mltags_host"
_MARKER = (
    "mltags_host(host, **made): run the test on a machine that every library sees: a name in mltags.testing.hosts, a Host, or "
    "what mltags.testing.FakeHost makes of the arguments, as in mltags_host(glibc='2.17')"
)


class HostFixture:
    """The fixture ``mltags_host``: call it to change the machine, as often as the test likes."""

    def __init__(self, used: list[Boundary], undo: contextlib.ExitStack) -> None:
        self._used = used
        self._undo = undo
        self._module: types.ModuleType | None = None

    def __call__(self, host: Host | str | None = None, **made: object) -> Host:
        """Change to *host*: a name in ``mltags.testing.hosts``, a Host, or what FakeHost makes of the arguments.

        A module that :meth:`override` put in place stays, unless the host has one of its own.
        """
        from . import boundary

        try:
            machine = boundary.HostBoundary(_host(host, made))
            self._enter(machine)
        except (TypeError, ValueError) as problem:
            raise pytest.fail.Exception(f"mltags_host: {problem}", pytrace=False) from None
        if self._module is not None and sys.modules.get("_manylinux", self) is None:
            self._enter(boundary.OverrideBoundary(self._module))
        return machine.host

    def override(self, **attributes: object) -> object:
        """Put a ``_manylinux`` module with *attributes* in place, on the machine in force and on those made from now on."""
        from . import boundary

        self._module = types.ModuleType("_manylinux")
        vars(self._module).update(attributes)
        self._enter(boundary.OverrideBoundary(self._module))
        return self._module

    def _enter(self, boundary: Boundary) -> None:
        self._used.append(boundary)
        self._undo.enter_context(boundary)


def _host(host: Host | str | None, made: dict[str, object]) -> Host:
    """The host that the arguments of a call or a marker name or make."""
    from . import fakes

    if host is None and not made:
        raise TypeError("name a machine, as in mltags_host('centos-7') or mltags_host(glibc='2.17')")
    if host is not None and not isinstance(host, str) and not hasattr(host, "confstr"):
        raise TypeError(f"expected a name, a Host, or the arguments of FakeHost, not {host!r}")
    if made and host is not None and (host in fakes.hosts or not isinstance(host, str)):
        raise TypeError(f"{host!r} is a whole host; leave out {', '.join(made)}")
    if made:
        return fakes.FakeHost(*([] if host is None else [host]), **made)  # type: ignore[arg-type]
    return fakes.find_host(host)  # type: ignore[arg-type]


@pytest.fixture
def mltags_host(request: pytest.FixtureRequest) -> Iterator[HostFixture]:
    """Run this test on another machine: ``mltags_host("centos-7")``, ``mltags_host("aarch64", glibc="2.28")`` or
    ``mltags_host(host)``. Parametrized with ``indirect=True`` (a dictionary holds what FakeHost takes), or with the marker, the
    machine is in place from the start."""
    with contextlib.ExitStack() as undo:
        fixture = HostFixture(_users(request.config).used, undo)
        marker = request.node.get_closest_marker(_NAME)
        if hasattr(request, "param"):
            fixture(**request.param) if isinstance(request.param, dict) else fixture(request.param)
        elif marker is not None:
            fixture(*marker.args, **marker.kwargs)
        yield fixture


@pytest.fixture
def fake_glibc(mltags_host: HostFixture) -> Callable[..., Host]:
    """Run this test with that glibc: ``fake_glibc("2.17")`` on x86_64, ``fake_glibc("2.17", "aarch64")``."""

    def put(version: str, machine: str = "x86_64") -> Host:
        return mltags_host(machine, glibc=version)

    return put


@pytest.fixture
def fake_manylinux(mltags_host: HostFixture) -> Callable[..., object]:
    """Run this test with a ``_manylinux`` module: ``fake_manylinux(manylinux2014_compatible=False)``, ``fake_manylinux(
    manylinux_compatible=function)``; on whatever machine is in force."""
    return mltags_host.override


class _Users:
    """The hooks for tests that use the marker or a fixture; registered once there is one."""

    def __init__(self) -> None:
        #: What the test under way has put in place.
        self.used: list[Boundary] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> None:
        """Put a marker's machine in place before the first fixture of that test, and after those of wider scope."""
        if fixturedef.scope == "function" and fixturedef.argname != _NAME and request.node.get_closest_marker(_NAME):
            request.getfixturevalue(_NAME)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self) -> Iterator[None]:
        """Take away, once every fixture is gone, what a fixture that undid late has put back of a machine."""
        yield
        while self.used:
            self.used.pop().sweep()


def _users(config: pytest.Config) -> _Users:
    found = config.pluginmanager.get_plugin(_USERS)
    if found is None:
        found = _Users()
        config.pluginmanager.register(found, _USERS)
    return found


_USERS = "mltags-users"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", _MARKER)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Give the fixture to tests that have the marker."""
    for item in session.items:
        names = getattr(item, "fixturenames", ()) if item.get_closest_marker(_NAME) else ()
        if isinstance(names, list) and _NAME not in names:
            _users(session.config)
            names.append(_NAME)
