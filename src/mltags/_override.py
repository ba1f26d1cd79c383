"""What the distributor's ``_manylinux`` module refuses, and the ways in which it can fail (R10)."""

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._core import Glibc, Musl
    from ._local import Inquiry

    #: (architecture, major version, its minor versions from the highest down)
    Row = tuple[str, int, range]


class Override(_core.Value):
    """What the distributor's ``_manylinux`` module answered.

    >>> import mltags, mltags.testing
    >>> import types
    >>> module = types.SimpleNamespace(__file__="/usr/lib/_manylinux.py", manylinux2014_compatible=False)
    >>> mltags.probe(mltags.testing.FakeHost(glibc="2.17", override=module)).override.refused
    ((Glibc(2, 17), 'x86_64', 'manylinux2014_compatible'),)

    * ``source``: the module's file, or its name where it has none.
    * ``refused``: a row ``(version, arch, by)`` for each refusal; ``by`` is the name of the function or attribute that said no.
    * ``allowed``: the names of legacy attributes that are true. They allow nothing: a module can only refuse (PEP 600).
    """

    __slots__ = ("source", "refused", "allowed")
    __module__ = str(__package__)
    source: "str"
    refused: "tuple[tuple[Glibc, str, str], ...]"
    allowed: "tuple[str, ...]"

    def __init__(
        self, source: "str", refused: "Iterable[tuple[Glibc, str, str]]" = (), allowed: "Iterable[str]" = ()
    ) -> "None":
        _core.Value.__init__(self, source, tuple(refused), _core.texts(allowed))


class RemoteModule:
    """An override module in another process: ``ask(rows)`` returns a module that answers for those versions here."""

    def ask(self, rows: "Sequence[Row]") -> "object":
        raise NotImplementedError


class RaisedElsewhereError(RuntimeError):
    """What the module raised in another process, as text, and its file; None if the file is unknown."""

    def __init__(self, problem: "str", filename: "str | None") -> "None":
        super().__init__(problem)
        self.filename = filename


_MISSING = object()
#: The function of an override module that is asked about each version, and the older attributes, each for one version (PEP 600).
FUNCTION = "manylinux_compatible"


def legacy_attribute(alias: "str") -> "str":
    """The name of the override's attribute for an alias such as ``manylinux2014``."""
    return f"{alias}_compatible"


LEGACY_ATTRIBUTES = tuple([legacy_attribute(alias) for alias in _core.ALIASES.values()])


def consult(
    inquiry: "Inquiry",
    module: "object",
    problem: "BaseException | None",
    libc: "Glibc | Musl | None",
    archs: "tuple[str, ...]",
    max_glibc: "Glibc | None",
) -> "Override | None":
    """Ask *module* for every version that tags of *archs* may name under *libc* and *max_glibc*, high to low.

    It is not asked where there are no manylinux tags to refuse. *problem* is what its import raised; then there is no module.
    """
    glibc = _core.as_glibc(libc)
    rows = [] if glibc is None else [(arch, *row) for arch in archs for row in _core.glibc_versions(glibc, arch, max_glibc)]
    asked = [(major, minor, arch) for arch, major, minors in rows for minor in minors]
    if problem is not None:
        if asked:
            raise _override_error(None, asked[0], "importing it", problem) from problem
        inquiry.note("override", "override", problem, "not asked: there are no manylinux tags to refuse")
        return None
    if isinstance(module, RemoteModule):
        try:
            module = module.ask(rows)
        except RaisedElsewhereError as raised:  # it is imported again there, and may fail
            raise _override_error(None, asked[0], "importing it", raised) from raised
    function = _attribute(module, FUNCTION, asked)
    allowed: list[str] = []
    if function is _MISSING:
        refused, allowed = _read_legacy(module, asked, archs if glibc else ())
    else:
        no = [row for row in asked if _refuses(module, function, row)]
        refused = [(_core.Glibc(major, minor), arch, FUNCTION) for major, minor, arch in no]
    source = _module_file(module)
    count = len({(version.major, version.minor, arch) for version, arch, _ in refused}.intersection(asked))
    conclusion = f"refuses {count} of {len(asked)} versions" if asked else "not asked: there are no manylinux tags to refuse"
    inquiry.evidence.append(_core.Evidence("override", inquiry.source("override"), source, conclusion))
    return Override(source, refused, allowed)


def _refuses(module: "object", function: "object", row: "tuple[int, int, str]") -> "bool":
    """Whether the module's *function* refuses a version; an answer of None means compatible."""
    try:
        verdict = function(*row)  # type: ignore[operator]
        return verdict is not None and not verdict
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        raise _override_error(module, row, FUNCTION, problem) from problem


def _read_legacy(
    module: "object", asked: "list[tuple[int, int, str]]", archs: "tuple[str, ...]"
) -> "tuple[list[tuple[Glibc, str, str]], list[str]]":
    """What the module's legacy attributes refuse, newer versions than the machine's included, and the names of those that are
    true."""
    refused: list[tuple[Glibc, str, str]] = []
    allowed: list[str] = []
    for minor, alias in _core.ALIASES.items():
        name = legacy_attribute(alias)
        concerned = [row for row in asked if row[:2] == (2, minor)]
        value = _attribute(module, name, concerned, as_truth=True)
        if value is True:
            allowed.append(name)
        elif value is False:
            refused += [(_core.Glibc(2, minor), arch, name) for arch in archs]
    return refused, allowed


def _attribute(module: "object", name: "str", concerned: "list[tuple[int, int, str]]", *, as_truth: "bool" = False) -> "object":
    """An attribute of the override module, or ``_MISSING``; an error only if a listed version depends on it."""
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
        except (Exception, SystemExit):  # a module may fail to answer even this
            text = None
        if isinstance(text, str):
            return text[:4096]
    return f"_manylinux ({type(module).__name__})"


def _override_error(
    module: "object | None", asked: "tuple[int, int, str]", part: "str", problem: "BaseException"
) -> "Exception":
    from . import _errors

    source = "_manylinux"
    if module is not None:
        source = _module_file(module)
    else:  # it failed on import: its file is in the error, or in the module's frame
        trace = problem.__traceback__
        if isinstance(problem, (SyntaxError, RaisedElsewhereError)) and problem.filename:
            source = problem.filename
        while trace is not None:
            frame = trace.tb_frame
            if frame.f_globals.get("__name__") == "_manylinux":
                source = frame.f_code.co_filename
            trace = trace.tb_next
    major, minor, arch = asked
    raised = str(problem) if isinstance(problem, RaisedElsewhereError) else _errors.exception_text(problem)
    return _errors.OverrideError(source, f"manylinux_{major}_{minor}_{arch}", f"{part} raised {raised}")
