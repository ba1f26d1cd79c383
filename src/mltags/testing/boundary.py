"""A host put in place at the operating-system boundary, so that every library in this process sees that machine.

What libraries ask is replaced, not the libraries: functions of the standard library, a program file as ``sys.executable``, a
loader that can be run. Every function put in place is inert once its machine is gone, whoever still holds it.
"""

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
import types

from packaging.tags import sys_tags  # noqa: F401 -- before anything is replaced: it keeps the pointer size of its first import

from .._elf import Elf, read_elf
from .._errors import InvalidTarget, MltagsError
from .._probe import LocalHost
from .fakes import make_elf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Self

    from .._host import Host

#: In place of what was not there.
_ABSENT: "Any" = object()

#: Formats of :mod:`struct` that stand for a pointer.
_POINTERS = ("P", "@P", b"P", b"@P")

#: The most that is read of a host's files.
_FILE_SIZE = 1 << 22

_CONFSTR = "CS_GNU_LIBC_VERSION"


def _packagings() -> "list[Any]":
    """What is defined in the loaded modules of packaging, vendored copies included."""
    modules = [module for name, module in list(sys.modules.items()) if ".packaging." in f".{name}" and module is not None]
    return [value for module in modules for value in list(getattr(module, "__dict__", {}).values())]


def _forget() -> "None":
    """Clear what packaging and the standard library keep from one call to the next."""
    getattr(platform, "_platform_cache", {}).clear()
    for value in _packagings():
        clear = getattr(value, "cache_clear", None)
        if callable(clear):
            clear()


def _frozen() -> "list[Any]":
    """The functions of packaging that keep the pointer size as the default of an argument."""
    made = {value for value in _packagings() if isinstance(value, types.FunctionType)}
    return [one for one in made if "is_32bit" in one.__code__.co_varnames and len(one.__defaults__ or ()) == 1]


def _get(owner: "Any", name: "str") -> "Any":
    return owner.get(name, _ABSENT) if hasattr(owner, "keys") else getattr(owner, name, _ABSENT)


def _set(owner: "Any", name: "str", value: "object") -> "None":
    is_mapping = hasattr(owner, "keys")
    if value is not _ABSENT:
        (operator.setitem if is_mapping else setattr)(owner, name, value)
        return
    with contextlib.suppress(AttributeError, KeyError):
        (operator.delitem if is_mapping else delattr)(owner, name)


class _Raising:
    """A finder of modules; in place of ``_manylinux`` it finds an exception."""

    def __init__(self, problem: "BaseException") -> "None":
        self.problem = problem

    def find_spec(self, name: "str", path: "object" = None, target: "object" = None) -> "None":  # noqa: ARG002 -- a finder's
        if name == "_manylinux":
            raise self.problem


class Boundary(contextlib.ContextDecorator):
    """What is replaced at the operating-system boundary, from ``__enter__`` to ``__exit__``. Boundaries may be nested."""

    _is_active = False

    def __enter__(self) -> "Self":
        #: (owner, name, ours, what was there)
        self._replaced: list[tuple[Any, str, Any, Any]] = []
        self._undo = contextlib.ExitStack()
        self._undo.callback(_forget)
        try:
            self._put_in_place()
        except BaseException:
            self.__exit__()
            raise
        self._is_active = True
        _forget()
        return self

    def __exit__(self, *_: "object") -> "None":
        self._is_active = False
        for owner, name, _, before in reversed(self._replaced):
            _set(owner, name, before)
        self._undo.close()

    def sweep(self) -> "None":
        """Undo once more what somebody, undoing late, has put back since ``__exit__``."""
        for owner, name, ours, before in reversed(self._replaced):
            if _get(owner, name) is ours:
                _set(owner, name, before)
        _forget()

    def _put_in_place(self) -> "None":
        """Replace what there is to replace; each kind of boundary has its own."""

    def _replace(self, owner: "Any", name: "str", value: "object") -> "None":
        self._replaced.append((owner, name, value, _get(owner, name)))
        _set(owner, name, value)

    def _replace_function(self, owner: "Any", name: "str", fake: "Callable[..., object]") -> "None":
        """Put *fake* in place; its first argument is the function that was there."""
        real = _get(owner, name)

        def ours(*arguments: "Any", **named: "Any") -> "object":
            return fake(real, *arguments, **named) if self._is_active else real(*arguments, **named)

        self._replace(owner, name, ours)


class OverrideBoundary(Boundary):
    """A ``_manylinux`` module in place, whatever the machine."""

    def __init__(self, module: "object") -> "None":
        self._module = module

    def _put_in_place(self) -> "None":
        self._replace(sys.modules, "_manylinux", self._module)


class HostBoundary(Boundary):
    """A host in place. *host* itself must not ask this machine."""

    def __init__(self, host: "Host") -> "None":
        self.host = host

    def _put_in_place(self) -> "None":
        host = self.host
        self._folder = tempfile.mkdtemp(prefix="mltags-")
        self._undo.callback(shutil.rmtree, self._folder, ignore_errors=True)
        system, name, size = host.system(), str(host.platform()), host.pointer_size()
        shape = {"Darwin": "macosx-14.0-arm64", "Windows": "win-amd64"}.get(system, "")
        if not name.startswith(shape[:3]):
            raise InvalidTarget(name, f"platform of {system}", f"its name in sysconfig is accepted, such as '{shape}'")
        machine = name.rpartition("-")[2]
        if system == "Windows":
            machine = "x86" if name == "win32" else machine.upper()
        self._replace_function(platform, "uname", lambda real: real()._replace(system=system, machine=machine))
        self._replace_function(platform, "system", lambda _: system)
        self._replace_function(platform, "machine", lambda _: machine)
        if name.startswith("macosx-"):
            version = name.split("-")[1]
            self._replace_function(platform, "mac_ver", lambda _, *_given: (version, ("", "", ""), machine))
        self._replace_function(sysconfig, "get_platform", lambda _: name)
        self._replace_function(struct, "calcsize", lambda real, code: size if code in _POINTERS else real(code))
        self._replace_function(sysconfig, "get_config_var", lambda real, var: size if var == "SIZEOF_VOID_P" else real(var))
        linkage = {"Linux": "ELF", "Windows": "WindowsPE"}.get(system, "")
        self._replace_function(
            platform, "architecture", lambda real, *of, **more: real(*of, **more) if of or more else (f"{8 * size}bit", linkage)
        )
        self._undo.callback(self._thaw, _frozen())
        for function in _frozen():
            self._replace(function, "__defaults__", (size == 4,))
        self._replace(os.environ, "_PYTHON_HOST_PLATFORM", host.declared_platform() or _ABSENT)
        self._replace_libc()
        self._replace(sys, "executable", self._program())
        # There is but one /proc/self/exe, and it is no file that anybody could put somewhere.
        self._replace_function(LocalHost, "read", self._read)
        try:
            module: object = host.override()
        except BaseException as problem:
            module = _ABSENT
            finder = _Raising(problem)
            sys.meta_path.insert(0, finder)
            self._undo.callback(sys.meta_path.remove, finder)
        self._replace(sys.modules, "_manylinux", module)

    def _thaw(self, known: "list[Any]") -> "None":
        """Copies of packaging that were loaded under this machine keep its pointer size: make it this process's."""
        for function in _frozen():
            if function not in known:
                function.__defaults__ = (struct.calcsize("P") == 4,)

    def _replace_libc(self) -> "None":
        host = self.host

        def version() -> "object":
            try:
                return host.gnu_get_libc_version()
            except Exception as problem:
                return problem

        def confstr(real: "Any", name: "object") -> "object":
            if name in {_CONFSTR, getattr(os, "confstr_names", {}).get(_CONFSTR)}:
                return host.confstr(_CONFSTR)
            if real is _ABSENT:
                raise ValueError("unrecognized configuration name")
            return real(name)

        def opened(real: "Any", library: "Any", name: "object" = None, *rest: "object", **named: "object") -> "None":
            answer = version()
            if name is None and isinstance(answer, OSError):
                raise answer
            try:
                real(library, name, *rest, **named)
            except (OSError, TypeError):
                if name is not None:
                    raise
                library._name = None  # a system on which no program can be opened like this

        def symbol(real: "Any", library: "Any", name: "str") -> "object":
            if name != "gnu_get_libc_version" or library._name is not None:
                return real(library, name)
            answer = version()
            if isinstance(answer, AttributeError):
                raise answer

            def function() -> "object":  # which takes a restype, as any function takes attributes
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

    def _read(self, real: "Callable[..., bytes]", local: "LocalHost", path: "str", size: "int", offset: "int" = 0) -> "bytes":
        read = self.host.read if path == "/proc/self/exe" else lambda *given: real(local, *given)
        return read(path, size, offset)

    def _program(self) -> "str | None":
        """Write the host's program file, and its loader where somebody might want to read or run it; the path of the first."""
        theirs = self.host.executable()
        if not theirs:
            return theirs
        ours = os.path.join(self._folder, os.path.basename(theirs))
        with contextlib.suppress(OSError):
            program = self.host.read(theirs, _FILE_SIZE)
            elf = read_elf(lambda size, offset: program[offset : offset + size])
            if isinstance(elf, Elf) and "musl" in (elf.interpreter or ""):
                loader = self._loader(elf.interpreter or "")
                program = make_elf(bits=elf.bits, order=elf.order, e_machine=elf.machine, flags=elf.flags, interpreter=loader)
            with open(ours, "wb") as file:
                file.write(program)
        return ours

    def _loader(self, theirs: "str") -> "str":
        """Write a loader that holds what the host's does, and prints what it prints; its path, which contains ``musl``."""
        folder = os.path.join(self._folder, "musl")
        os.mkdir(folder)
        ours = os.path.join(folder, os.path.basename(theirs) or "loader")
        content = b""
        with contextlib.suppress(Exception):
            content = self.host.read(theirs, _FILE_SIZE)
        try:
            banner = self.host.run_loader(theirs)
        except MltagsError:
            raise
        except Exception:
            banner = None
        if content or banner is not None:
            escaped = "".join([f"\\0{byte:03o}" for byte in (banner or "").encode("utf-8", "surrogateescape")])
            # The shell has left before it comes to what the host's file holds.
            script = f"#!/bin/sh\nprintf %b {shlex.quote(escaped)} >&2\nexit 1\n\0".encode()
            with open(ours, "wb") as file:
                file.write(script + content)
            os.chmod(ours, 0o644 if banner is None else 0o755)
        return ours
