"""From a host's raw answers to a :class:`mltags.Platform` and a :class:`mltags.Python`.

Whatever a host answers or raises, the outcome is a Platform; what could not be found out is unknown, and the evidence says why.
The one exception is :class:`mltags.OverrideError`, for an override module that fails. Only the ordinary machine, 64-bit Linux
with a glibc that says so, is judged in this module: what needs the interpreter's ELF header is in ``_abi``, what needs an
override module in ``_override``, and what packaging answers in ``_elsewhere``.
"""

from . import _core, _local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._core import Glibc, Musl, Platform, Python
    from ._host import Host

    MaxGlibc = Glibc | str | tuple[int, int] | None


def probe(host: "Host | None" = None, *, max_glibc: "MaxGlibc" = None) -> "Platform":
    """Find out what *host* (None: the machine we run on) is, as far as wheels are concerned.

    Touches the machine; caches nothing. Imports the override module, and asks it where there are manylinux tags to refuse.

    >>> import mltags
    >>> mltags.probe(max_glibc="2.17").max_glibc
    Glibc(2, 17)

    Args:
        host: an object that answers the questions of :class:`mltags.Host`.
        max_glibc: leave out manylinux tags above this version, as if the machine's glibc were no newer: a
            :class:`mltags.Glibc`, ``"2.28"`` or ``(2, 28)``.

    Raises:
        OverrideError: the ``_manylinux`` module failed.
        InvalidTarget: *max_glibc* is not a version, or *host* a text.
        MltagsError: *host* raised it itself, except in ``override()``; every other exception of a host is evidence.
    """
    return inquire(host, max_glibc)


def platform_tags(platform: "Platform | None" = None, *, linux_tags: "str | None" = None) -> "tuple[str, ...]":
    """List the platform tags of *platform* (None: the machine we run on, probed anew), best first, without duplicates.

    >>> import mltags
    >>> mltags.platform_tags(mltags.parse_platform("manylinux_2_17_aarch64"))
    ('manylinux_2_17_aarch64', 'manylinux2014_aarch64', 'linux_aarch64')

    Args:
        platform: a Platform, such as that of :func:`mltags.probe` or :func:`mltags.parse_platform`.
        linux_tags: where plain ``linux_<arch>`` tags go, ``"first"`` or ``"last"``; None: first where the machine was probed,
            last where it was declared.

    Raises:
        InvalidTarget: *platform* is not a Platform, or *linux_tags* neither ``"first"`` nor ``"last"``.
        OverrideError: the machine was probed and its ``_manylinux`` module failed.

    Source: PEP 600, PEP 656; list-identical to packaging 26.3 except for the deviations in ``docs/rules.md``.
    """
    if platform is None:
        platform = inquire(None, None)
    elif not isinstance(platform, _core.Platform):  # not every caller is typed
        raise _invalid(platform, "platform", "expected a Platform, such as that of probe() or parse_platform(tag)")
    return _core.tags_of(placed(platform, linux_tags))


def placed(platform: "Platform", linux_tags: "str | None") -> "Platform":
    """The same platform with its plain ``linux_<arch>`` tags first or last; *platform* itself if *linux_tags* is None."""
    if linux_tags is None or linux_tags == platform.linux_tags:
        return platform
    _core.check_linux_tags(linux_tags)
    return platform._replace(linux_tags=linux_tags)


def read_max_glibc(max_glibc: "MaxGlibc") -> "Glibc | None":
    """Make a Glibc from what callers may pass as ``max_glibc``; ``InvalidTarget`` if it is not a version."""
    if max_glibc is None or isinstance(max_glibc, _core.Glibc):
        return max_glibc
    if isinstance(max_glibc, tuple) and len(max_glibc) == 2:
        return _core.Glibc(*max_glibc)
    # Not every caller is typed, and the float 2.30 would be 2.3.
    version = _core.leading_version(max_glibc) if isinstance(max_glibc, str) else None  # type: ignore[redundant-expr]
    if version is None or f"{version[0]}.{version[1]}" != max_glibc:
        problem = f"expected a text such as '2.28', up to {_core.MAX_MAJOR}.{_core.MAX_MINOR}"
        raise _invalid(max_glibc, "max_glibc", problem)
    return _core.Glibc(*version)


def inquire(host: "Host | None", max_glibc: "MaxGlibc", *, thorough: "bool" = False) -> "Platform":
    """As ``probe``; *thorough* reads the interpreter's program for the evidence, even if it cannot change the answer."""
    limit = read_max_glibc(max_glibc)
    if host is None:
        host = _local.LocalHost()
    elif isinstance(host, str):
        raise _invalid(host, "host", "expected an object that answers the questions of mltags.Host")
    inquiry = _local.Inquiry(host)
    answer = inquiry.ask("system")
    system = answer if isinstance(answer, str) else ""
    inquiry.note("system", "system", answer, system or "unknown")
    if system != "Linux":
        from . import _elsewhere

        return _elsewhere.platform_elsewhere(inquiry, system)
    name = inquiry.ask("platform")
    if not isinstance(name, str):
        inquiry.note("machine", "platform", name, "unknown, so there are no platform tags")
        return _core.Platform(evidence=inquiry.evidence)
    normal = name.replace("-", "_").replace(".", "_").replace(" ", "_")
    if not normal.startswith("linux_"):
        inquiry.note("machine", "platform", name, "not a Linux platform: its own name is its only tag")
        return _core.Platform(explicit_tags=[normal], evidence=inquiry.evidence)
    inquiry.note("machine", "platform", name, normal[len("linux_") :])
    return _linux(inquiry, normal[len("linux_") :], limit, thorough=thorough)


def _invalid(given: "object", part: "str", problem: "str") -> "Exception":
    from . import _errors

    return _errors.InvalidTarget(str(given), part, problem)


def _linux(inquiry: "_local.Inquiry", machine: "str", limit: "Glibc | None", *, thorough: "bool") -> "Platform":
    answer = inquiry.ask("pointer_size")
    size = answer if type(answer) is int else 0
    inquiry.note("pointers", "pointer_size", answer, {4: "32-bit", 8: "64-bit"}.get(size, "unknown"))
    declared = inquiry.text("declared_platform")
    confstr = inquiry.ask("confstr", "CS_GNU_LIBC_VERSION")
    words = confstr.split() if isinstance(confstr, str) else []
    archs: tuple[str, ...] = (machine,)
    libc_archs = archs
    if machine in _core.PLAIN and size == 8 and len(words) == 2 and words[0] == "glibc" and declared is None:
        libc: Glibc | Musl | None = inquiry.glibc(confstr, words)
    else:
        from . import _abi

        archs, libc_archs, libc = _abi.identify(inquiry, machine, size, declared, confstr, words)
    if thorough:
        from . import _abi

        _abi.note_program(inquiry)
    if limit is not None and type(libc) is _core.Glibc and limit < libc:
        inquiry.evidence.append(_core.Evidence("max_glibc", "max_glibc", str(limit), f"no manylinux tag above glibc {limit}"))
    module = problem = absent = None
    try:
        module = inquiry.host.override()
    except ImportError as raised:  # there is none, whichever host says so
        absent = raised
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # whatever a module raises when it is imported, SystemExit included
        problem = raised
    override = None
    if module is None and problem is None:
        inquiry.note("override", "override", absent, "no override module")
    else:
        from . import _override

        override = _override.consult(inquiry, module, problem, libc, libc_archs, limit)
    return _core.Platform(
        archs=archs, libc_archs=libc_archs, libc=libc, max_glibc=limit, override=override, evidence=inquiry.evidence
    )


def python_of(host: "Host") -> "Python":
    """The Python of *host*, from its raw answers. Touches the host.

    Raises:
        ProbeError: the host does not know its interpreter.
    """
    answers = _local.Inquiry(host).ask("python")
    if isinstance(answers, BaseException):
        from . import _errors

        problem = f"its Python could not be asked: {_errors.exception_text(answers)}"
        raise _errors.ProbeError(_local.answer_text(host), problem) from answers
    return python_from(answers, _local.answer_text(host))


def python_from(answers: "object", source: "str") -> "Python":
    """The Python that raw *answers* describe (those of :meth:`mltags.Host.python`); *source* names who gave them, for errors."""
    try:
        known: dict[str, object] = dict(answers)  # type: ignore[call-overload]
    except (Exception, SystemExit):  # not a mapping, or one that cannot be read
        known = {}
    name, version = known.get("implementation"), known.get("version")
    if not isinstance(name, str) or not isinstance(version, (tuple, list)):
        from . import _errors

        raise _errors.ProbeError(source, "its Python version is unknown; pass python_version (--python-version), such as 3.12")
    try:
        numbers = _core.Python("py", version[:2]).version
    except ValueError as problem:  # an InvalidTarget
        from . import _errors

        raise _errors.ProbeError(source, str(problem)) from problem
    short = _core.SHORT_NAMES.get(name, name)
    if short == "cp":
        return _core.Python(short, numbers, _core.cpython_abis(numbers, known))
    from . import _elsewhere

    return _core.Python(short, numbers, _elsewhere.abis_elsewhere(numbers, known, source))
