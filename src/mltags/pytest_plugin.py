"""The pytest plugin ``mltags``: tests on machines that are not here.

Marker and fixtures put a :class:`mltags.testing.FakeHost` in place as :func:`mltags.testing.using_host` does, until the test
is over. What a test does not ask for is not loaded.
"""

import contextlib

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._boundary import Boundary
    from ._host import Host

_MARKER = (
    "mltags_host(host, **made): run the test on a machine that every library sees: a name in mltags.testing.hosts, a Host, or "
    "what mltags.testing.FakeHost makes of the arguments, as in mltags_host(glibc='2.17')"
)
#: What a test has put in place.
_USED: "pytest.StashKey[list[Boundary]]" = pytest.StashKey()


class HostFixture:
    """The fixture ``mltags_host``: call it to change the machine, as often as the test likes."""

    def __init__(self, used: "list[Boundary]") -> "None":
        self._used = used
        self._undo = contextlib.ExitStack()
        self._module: object = None

    def __call__(self, host: "Host | str | None" = None, **made: "object") -> "Host":
        """Go on with *host*: a name in ``mltags.testing.hosts``, a Host, or what FakeHost makes of the arguments."""
        from ._boundary import HostBoundary
        from .testing import FakeHost, find_host, hosts

        refused = None
        try:
            if made and host is not None and (host in hosts or not isinstance(host, str)):
                raise TypeError(f"{host!r} is a whole host, and takes no {', '.join(made)} beside it")
            if host is None or made:
                machine = [] if host is None else [host]
                host = FakeHost(*machine, **{"override": self._module, **made})  # type: ignore[arg-type]
            host = find_host(host)
        except (TypeError, ValueError) as problem:
            refused = f"mltags_host: {problem}"
        if refused is not None:  # not while the exception is handled, which would be shown too
            pytest.fail(refused, pytrace=False)
        self._enter(HostBoundary(host))  # type: ignore[arg-type]
        return host  # type: ignore[return-value]

    def override(self, **attributes: "object") -> "object":
        """Put a ``_manylinux`` module with *attributes* in place, on the machine in force and on those made from now on."""
        import types

        from ._boundary import OverrideBoundary

        self._module = types.SimpleNamespace(__name__="_manylinux", **attributes)
        self._enter(OverrideBoundary(self._module))
        return self._module

    def _enter(self, boundary: "Boundary") -> "None":
        self._used.append(boundary)
        self._undo.enter_context(boundary)

    def close(self) -> "None":
        """Back to where the test began."""
        self._undo.close()


@pytest.fixture
def mltags_host(request: "pytest.FixtureRequest") -> "Iterator[HostFixture]":
    """Run this test on another machine: ``mltags_host("centos-7")``, ``mltags_host("aarch64", glibc="2.28")`` or
    ``mltags_host(host)``. Parametrized with ``indirect=True``, or with the marker, the machine is in place from the start."""
    fixture = HostFixture(request.node.stash.setdefault(_USED, []))
    try:
        marker = request.node.get_closest_marker("mltags_host")
        if hasattr(request, "param"):
            fixture(request.param)
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
    return getattr(val, "mltags_id", None)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item: "pytest.Item") -> "Iterator[None]":
    """Once every fixture is gone: what one that undid late has put back of a machine is taken away again."""
    yield
    used = item.stash.get(_USED, None) or []
    for boundary in reversed(used):
        boundary.sweep()
