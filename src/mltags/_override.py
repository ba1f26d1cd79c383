"""What the distributor's ``_manylinux`` module refuses, and every way in which it can misbehave (R10)."""

from ._core import ALIASES, Evidence, Glibc, Value, glibc_versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._core import Musl
    from ._probe import Inquiry


class Override(Value):
    """What the distributor's ``_manylinux`` module had to say.

    * ``source``: the module's file, or its name where it has none.
    * ``refused``: a row ``(version, arch, by)`` for each refusal; ``by`` is the name of the function or attribute that said no.
    * ``allowed``: the names of legacy attributes that are true. They allow nothing: a module can only refuse (PEP 600).
    """

    __slots__ = ("source", "refused", "allowed")
    source: "str"
    refused: "tuple[tuple[Glibc, str, str], ...]"
    allowed: "tuple[str, ...]"

    def __init__(
        self, source: "str", refused: "Iterable[tuple[Glibc, str, str]]" = (), allowed: "Iterable[str]" = ()
    ) -> "None":
        Value.__init__(self, source, tuple(refused), tuple(allowed))


class RaisedElsewhereError(RuntimeError):
    """What the module raised in another interpreter, in words; and its file, None where that is not known."""

    def __init__(self, problem: "str", filename: "str | None") -> "None":
        super().__init__(problem)
        self.filename = filename


_MISSING = object()


def consult(
    inquiry: "Inquiry",
    module: "object",
    problem: "BaseException | None",
    libc: "Glibc | Musl | None",
    ladders: "tuple[str, ...]",
    ceiling: "Glibc | None",
) -> "Override | None":
    """Ask *module* for every version of every ladder under *libc* and *ceiling*, high to low.

    Where there is no manylinux ladder it is not asked. *problem* is what its import raised; then there is no module.
    """
    asked: list[tuple[int, int, str]] = []
    if type(libc) is Glibc:
        asked = [
            (major, minor, arch)
            for arch in ladders
            for major, minors in glibc_versions(libc, arch, ceiling)
            for minor in minors
        ]
    if problem is not None:
        if asked:
            raise _override_error(None, asked[0], "importing it", problem) from problem
        inquiry.note("override", "override", problem, "not asked: there is no manylinux ladder")
        return None
    function = _attribute(module, "manylinux_compatible", asked)
    refused: list[tuple[Glibc, str, str]] = []
    allowed: list[str] = []
    if function is not _MISSING:
        for major, minor, arch in asked:
            try:
                verdict = function(major, minor, arch)  # type: ignore[operator]
                refuses = verdict is not None and not verdict
            except KeyboardInterrupt:
                raise
            except BaseException as raised:
                raise _override_error(module, (major, minor, arch), "manylinux_compatible", raised) from raised
            if refuses:
                refused.append((Glibc(major, minor), arch, "manylinux_compatible"))
    else:
        for version, alias in ALIASES.items():
            name = alias + "_compatible"
            concerned = [row for row in asked if row[:2] == (2, version)]
            value = _attribute(module, name, concerned, as_truth=True)
            if value is True:
                allowed.append(name)
            elif value is False:
                refused += [(Glibc(2, version), arch, name) for _, _, arch in concerned]
    source = _module_file(module)
    conclusion = f"refuses {len(refused)} of {len(asked)} versions" if asked else "not asked: there is no manylinux ladder"
    inquiry.evidence.append(Evidence("override", inquiry.source("override"), source, conclusion))
    return Override(source, refused, allowed)


def _attribute(module: "object", name: "str", concerned: "list[tuple[int, int, str]]", *, as_truth: "bool" = False) -> "object":
    """An attribute of the override module, ``_MISSING`` without it; an error only where a version of a ladder hangs on it."""
    try:
        value = getattr(module, name, _MISSING)
        return bool(value) if as_truth and value is not _MISSING else value
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        if concerned:
            raise _override_error(module, concerned[0], name, problem) from problem
        return _MISSING


def _module_file(module: "object") -> "str":
    for name in ("__file__", "__name__"):
        try:
            text = getattr(module, name, None)
        except (Exception, SystemExit):  # the module answers for itself, and badly
            text = None
        if isinstance(text, str):
            return text[:4096]
    return f"_manylinux ({type(module).__name__})"


def _override_error(
    module: "object | None", asked: "tuple[int, int, str]", part: "str", problem: "BaseException"
) -> "Exception":
    from ._errors import OverrideError, said

    source = "_manylinux"
    if module is not None:
        source = _module_file(module)
    else:  # it failed on import: its file is in the error, or in the frame that is its own
        trace = problem.__traceback__
        if isinstance(problem, (SyntaxError, RaisedElsewhereError)) and problem.filename:
            source = problem.filename
        while trace is not None:
            frame = trace.tb_frame
            if frame.f_globals.get("__name__") == "_manylinux":
                source = frame.f_code.co_filename
            trace = trace.tb_next
    major, minor, arch = asked
    raised = str(problem) if isinstance(problem, RaisedElsewhereError) else said(problem)
    return OverrideError(source, f"manylinux_{major}_{minor}_{arch}", f"{part} raised {raised}")
