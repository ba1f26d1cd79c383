"""Puts a host in place at the operating-system boundary, so that every library in this process sees that machine.

What libraries ask is replaced, not the libraries: functions of the standard library, a program file as ``sys.executable``, a
loader that can be run. Every replaced function becomes inert when its machine is gone, even if somebody still holds it.
"""

from __future__ import annotations

import contextlib
import ctypes
import operator
import os
import platform
import shlex
import shutil
import struct
import sys
import sysconfig
import tempfile
import threading
import types
from typing import TYPE_CHECKING

from .. import _elf, _errors, _local
from . import elf as _elf_writer
from . import fakes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from typing_extensions import Self

    from .._host import Host

#: Stands for a value that did not exist.
_ABSENT: Any = object()

#: Formats of :mod:`struct` for a pointer.
_POINTERS = ("P", "@P", b"P", b"@P")

#: The most bytes that are read from one of a host's files.
_FILE_SIZE = 1 << 22

_CONFSTR = "CS_GNU_LIBC_VERSION"

#: Module of packaging -> its functions that cache their answers.
_CACHED = {
    "_manylinux": ("_get_glibc_version", "_get_manylinux_module"),
    "_musllinux": ("_get_musl_version",),
    "markers": ("_cached_default_environment",),
}
#: Module of packaging -> its functions whose one default says whether pointers have 32 bits.
_FROZEN = {"tags": ("_linux_platforms", "_mac_arch")}


def _packagings(names: Mapping[str, tuple[str, ...]]) -> list[Any]:
    """The functions of those *names* in every loaded copy of packaging, including vendored ones, and in no other package."""
    found = []
    for name, module in list(sys.modules.items()):
        package, _, part = name.rpartition(".")
        if part in names and package.rpartition(".")[2] == "packaging" and isinstance(module, types.ModuleType):
            found += [vars(module)[function] for function in names[part] if function in vars(module)]
    return found


def _refresh() -> None:
    """Clear the caches of packaging and :mod:`platform`, and make packaging look at the pointer size again."""
    getattr(platform, "_platform_cache", {}).clear()
    for function in _packagings(_CACHED):
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    for function in _packagings(_FROZEN):
        if isinstance(function, types.FunctionType) and function.__defaults__ in {(True,), (False,)}:
            function.__defaults__ = (struct.calcsize("P") == 4,)


def _get(owner: Any, name: str) -> Any:
    return owner.get(name, _ABSENT) if hasattr(owner, "keys") else getattr(owner, name, _ABSENT)


def _set(owner: Any, name: str, value: object) -> None:
    is_mapping = hasattr(owner, "keys")
    if value is not _ABSENT:
        (operator.setitem if is_mapping else setattr)(owner, name, value)
        return
    with contextlib.suppress(AttributeError, KeyError):
        (operator.delitem if is_mapping else delattr)(owner, name)


class OtherThreadError(_errors.MltagsError, RuntimeError):
    """A machine is in place for another thread, and it affects the whole process."""


def _finder(problem: BaseException) -> Any:
    """A finder of modules that raises *problem* in place of ``_manylinux``."""

    def find_spec(name: str, *_: object) -> None:
        if name == "_manylinux":
            raise problem

    return types.SimpleNamespace(find_spec=find_spec)


#: The boundaries in place, the innermost last; all belong to one thread.
_in_place: list[Boundary] = []
_lock = threading.RLock()


class Boundary:
    """What is replaced at the operating-system boundary, from ``__enter__`` to ``__exit__``. It is entered once, and may be nested.

    If it is left before those inside it, as two coroutines may do, it is undone together with them.
    """

    _is_active = False

    def __enter__(self) -> Self:
        self._thread = threading.current_thread()
        #: (owner, name, ours, what was there)
        self._replaced: list[tuple[Any, str, Any, Any]] = []
        self._undo = contextlib.ExitStack()
        self._undo.callback(_refresh)
        with _lock:
            if _in_place and _in_place[-1]._thread is not self._thread:
                other = _in_place[-1]._thread.name
                raise OtherThreadError(
                    f"using_host: a machine is in place already, in the thread {other!r}; it is in place for every thread, "
                    "so use one at a time, or a process for each"
                )
            _in_place.append(self)
        self._is_active = True
        try:
            self._put_in_place()
        except BaseException:
            self.__exit__()
            raise
        _refresh()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_active = False
        with _lock:
            while _in_place and not _in_place[-1]._is_active:
                _in_place.pop()._put_back()

    def _put_in_place(self) -> None:
        """Replace whatever this kind of boundary replaces."""

    def _put_back(self) -> None:
        for owner, name, _, before in reversed(self._replaced):
            _set(owner, name, before)
        self._undo.close()

    def sweep(self) -> None:
        """Undo again what a late undo has put back since ``__exit__``."""
        for owner, name, ours, before in reversed(self._replaced):
            if _get(owner, name) is ours:
                _set(owner, name, before)
        _refresh()

    def _replace(self, owner: Any, name: str, value: object) -> None:
        self._replaced.append((owner, name, value, _get(owner, name)))
        _set(owner, name, value)

    def _replace_function(self, owner: Any, name: str, fake: Callable[..., object]) -> None:
        """Put *fake* in place; its first argument is the function that was there."""
        real = _get(owner, name)

        def ours(*arguments: Any, **named: Any) -> object:
            return fake(real, *arguments, **named) if self._is_active else real(*arguments, **named)

        self._replace(owner, name, ours)


class OverrideBoundary(Boundary):
    """A ``_manylinux`` module in place, whatever the machine."""

    def __init__(self, module: object) -> None:
        self._module = module

    def _put_in_place(self) -> None:
        self._replace(sys.modules, "_manylinux", self._module)


class HostBoundary(Boundary):
    """A host in place. *host* itself must not ask this machine."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def _put_in_place(self) -> None:
        host = self.host
        self._folder = tempfile.mkdtemp(prefix="mltags-")
        self._undo.callback(shutil.rmtree, self._folder, ignore_errors=True)
        size = host.pointer_size()
        self._replace_system(host.system(), str(host.platform()), size)
        self._replace_function(struct, "calcsize", lambda real, code: size if code in _POINTERS else real(code))
        self._replace_function(sysconfig, "get_config_var", lambda real, var: size if var == "SIZEOF_VOID_P" else real(var))
        self._replace(os.environ, "_PYTHON_HOST_PLATFORM", host.declared_platform() or _ABSENT)
        self._replace_libc()
        self._replace(sys, "executable", self._program())
        # /proc/self/exe cannot be replaced, so reads of it are intercepted.
        self._replace_function(_local.LocalHost, "read", self._read)
        try:
            module: object = host.override()
        except BaseException as problem:
            module = _ABSENT
            finder = _finder(problem)
            sys.meta_path.insert(0, finder)
            self._undo.callback(sys.meta_path.remove, finder)
        self._replace(sys.modules, "_manylinux", module)

    def _replace_system(self, system: str, name: str, size: int) -> None:
        """Replace what :mod:`platform` and :mod:`sysconfig` say about the system, the machine and the platform."""
        for start, (other, example) in fakes.SYSTEMS.items():
            if system == other and not name.startswith(start):
                problem = f"expected its name in sysconfig, such as '{example}'"
                raise _errors.InvalidTarget(name, f"platform of {system}", problem)
        machine = name.rpartition("-")[2]
        if system == "Windows":
            machine = "x86" if name == "win32" else machine.upper()
        self._replace_function(platform, "uname", lambda real: real()._replace(system=system, machine=machine))
        if system == "Darwin":
            version = name.split("-")[1]
            self._replace_function(platform, "mac_ver", lambda _, *_given: (version, ("", "", ""), machine))
        self._replace_function(sysconfig, "get_platform", lambda _: name)
        shown = f"{8 * size}bit", {"Linux": "ELF", "Windows": "WindowsPE"}.get(system, "")
        self._replace_function(platform, "architecture", lambda real, *of, **more: real(*of, **more) if of or more else shown)

    def _replace_libc(self) -> None:
        """Replace what ``os.confstr`` and :mod:`ctypes` say about the C library."""
        host = self.host

        def version() -> object:
            try:
                return host.gnu_get_libc_version()
            except Exception as problem:
                return problem

        def confstr(real: Any, name: object) -> object:
            if name in {_CONFSTR, getattr(os, "confstr_names", {}).get(_CONFSTR)}:
                return host.confstr(_CONFSTR)
            if real is _ABSENT:
                raise ValueError("unrecognized configuration name")
            return real(name)

        def opened(real: Any, library: Any, name: object = None, *rest: object, **named: object) -> None:
            answer = version()
            if name is None and isinstance(answer, OSError):
                raise answer
            try:
                real(library, name, *rest, **named)
            except (OSError, TypeError):
                if name is not None:
                    raise
                library._name = None  # on this system a program cannot be opened like this

        def symbol(real: Any, library: Any, name: str) -> object:
            if name != "gnu_get_libc_version" or library._name is not None:
                return real(library, name)
            answer = version()
            if isinstance(answer, AttributeError):
                raise answer

            def function() -> object:  # callers may set a restype on it, since functions take attributes
                if isinstance(answer, BaseException):
                    raise answer
                return answer.encode() if isinstance(answer, str) else answer

            return function

        self._replace_function(os, "confstr", confstr)
        if isinstance(version(), ImportError):
            self._replace(sys.modules, "ctypes", None)
        else:
            self._replace_function(ctypes.CDLL, "__init__", opened)
            self._replace_function(ctypes.CDLL, "__getattr__", symbol)

    def _read(self, real: Callable[..., bytes], local: Host, path: str, size: int, offset: int = 0) -> bytes:
        return self.host.read(path, size, offset) if path == "/proc/self/exe" else real(local, path, size, offset)

    def _program(self) -> str | None:
        """Write the host's program file, and its loader if there is one to read or run; returns the path of the program."""
        theirs = self.host.executable()
        if not theirs:
            return theirs
        ours = os.path.join(self._folder, os.path.basename(theirs))
        with contextlib.suppress(OSError):
            program = self.host.read(theirs, _FILE_SIZE)
            elf = _elf.read_elf(lambda size, offset: program[offset : offset + size])
            if not isinstance(elf, str) and elf.interpreter and "musl" in elf.interpreter:
                loader = self._loader(elf.interpreter)
                program = _elf_writer.make_elf(
                    bits=elf.bits, order=elf.order, e_machine=elf.machine, flags=elf.flags, interpreter=loader
                )
            with open(ours, "wb") as file:
                file.write(program)
        return ours

    def _loader(self, theirs: str) -> str:
        """Write a loader with the content and the output of the host's; returns its path, which contains ``musl``."""
        folder = os.path.join(self._folder, "musl")
        os.mkdir(folder)
        ours = os.path.join(folder, os.path.basename(theirs) or "loader")
        content = b""
        with contextlib.suppress(Exception):
            content = self.host.read(theirs, _FILE_SIZE)
        try:
            banner = self.host.run_loader(theirs)
        except _errors.MltagsError:
            raise
        except Exception:
            banner = None
        if content or banner is not None:
            escaped = "".join([f"\\0{byte:03o}" for byte in (banner or "").encode("utf-8", "surrogateescape")])
            # The shell exits before it reads the content of the host's file.
            script = f"#!/bin/sh\nprintf %b {shlex.quote(escaped)} >&2\nexit 1\n\0".encode()
            with open(ours, "wb") as file:
                file.write(script + content)
            os.chmod(ours, 0o644 if banner is None else 0o755)
        return ours


class UsingHost(contextlib.ContextDecorator):
    """What :func:`using_host` returns; may be entered again inside itself, as a decorated function that calls itself does."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._entered: list[HostBoundary] = []

    def __enter__(self) -> Host:
        self._entered.append(HostBoundary(self._host).__enter__())
        return self._host

    def __exit__(self, *_: object) -> None:
        self._entered.pop().__exit__()


def using_host(host: Host | str) -> UsingHost:
    """Put *host*, or the one of that name in ``hosts``, in place of this machine, for every library in this process.

    >>> import mltags
    >>> from mltags.testing import using_host
    >>> with using_host("centos-7"):
    ...     mltags.platform_tags()[:2]
    ('linux_x86_64', 'manylinux_2_17_x86_64')

    Replaced while it is in place: what ``os.confstr``, :mod:`ctypes`, :mod:`sysconfig`, :mod:`platform` and
    ``struct.calcsize("P")`` say about the machine, ``sys.executable`` (a small program file that cannot be run, with a loader
    that can), ``_PYTHON_HOST_PLATFORM`` and the ``_manylinux`` module. packaging's caches are cleared before and after, in
    every loaded copy. Not replaced: the running Python (its version, ``sys.platform``, ``os.name``), and whatever another
    process sees, a child included.

    It may be nested, and may decorate a function. It holds for all threads of the process, so one thread at a time may use it.

    Raises:
        InvalidTarget: there is no host of that name; the message lists the known ones.
        MltagsError: on entering, if another thread has a machine in place.
    """
    return UsingHost(fakes.find_host(host))
