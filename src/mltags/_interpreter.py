"""Another interpreter as a host: it runs a small script that gives raw answers, and our rules are applied here."""

import json
import os

from . import _errors, _host, _local, _override, _process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ._override import Row

SECONDS = 30.0
OUTPUT = 1024 * 1024


def _script() -> "str":
    """The text of ``_question.py``, through the loader that this package came from."""
    path = os.path.join(os.path.dirname(__file__), "_question.py")
    return __loader__.get_data(path).decode("utf-8")  # type: ignore[name-defined, no-any-return]


class _Module:
    """An override module by what it answered in another process. An answer that failed there fails here."""

    __name__ = "_manylinux"

    def __init__(self, answer: "dict[str, object]") -> "None":
        self.__file__ = answer.get("file")
        self._attributes: dict[str, list[object] | None] = dict(answer.get("attributes") or {})  # type: ignore[call-overload]
        rows: list[list[object]] = list(answer.get("verdicts") or ())  # type: ignore[call-overload]
        self._verdicts = {tuple(row[:3]): row[3:] for row in rows}

    def __getattr__(self, name: "str") -> "object":
        answer = self._attributes.get(name)
        if answer is None:
            raise AttributeError(name)
        value = _or_raise(answer)
        return (lambda *version: _or_raise(self._verdicts[version])) if name == _override.FUNCTION else value


def _or_raise(answer: "list[object]") -> "object":
    value, problem = answer
    if problem is not None:
        raise _override.RaisedElsewhereError(str(problem), None)
    return value


def _module_answer(answers: "Mapping[str, tuple[object, str | None]]") -> "dict[str, object] | None":
    """What the override module answered; None without one. What failed there is raised here."""
    answer, problem = answers.get("override", (None, None))
    if problem is not None:
        raise _override.RaisedElsewhereError(problem, None)
    if not isinstance(answer, dict):
        return None
    if "failed" in answer:
        file = answer.get("file")
        raise _override.RaisedElsewhereError(str(answer["failed"]), file if isinstance(file, str) else None)
    return answer


class _RemoteModule(_override.RemoteModule):
    """The override module of another interpreter, which is run again to ask it."""

    def __init__(self, host: "InterpreterHost", answer: "dict[str, object]") -> "None":
        self._host = host
        self._answer = answer

    def ask(self, rows: "Sequence[Row]") -> "object":
        versions = [(arch, major, minors[0], minors[-1]) for arch, major, minors in rows if minors]
        answer = _module_answer(self._host.run(versions)) if versions else self._answer
        try:
            return _Module(answer or {})
        except (ValueError, TypeError) as problem:
            raise _errors.ProbeError(
                repr(self._host), "does not answer as a Python does about its override module"
            ) from problem


class InterpreterHost(_host.Sheet):
    """The Python *executable* on this machine, as a :class:`mltags.Host`; it is run when the host is made, and once more where
    there is an override module to be asked.

    Its files are read from here. Raises ``ProbeError`` where it cannot be run or does not answer as a Python does.
    """

    def __init__(self, executable: "str") -> "None":
        self._path = executable
        self._local = _local.LocalHost()
        self._answers = self.run(())

    def __repr__(self) -> "str":
        return f"InterpreterHost({self._path!r})"

    def run(self, versions: "Sequence[tuple[str, int, int, int]]") -> "dict[str, tuple[object, str | None]]":
        """What the interpreter answers: question -> (answer, None), or (None, problem).

        *versions*: those that its override module is asked about, by architecture, major, highest and lowest minor version.
        """
        # Start-up files and the override module may also print something, but not this object's mark.
        mark = f"mltags-{id(self):x}:"
        command = [self._path, "-c", _script(), mark, json.dumps([_override.FUNCTION, _override.LEGACY_ATTRIBUTES, versions])]
        try:
            result = _process.run(command, environment=None, seconds=SECONDS, limit=OUTPUT)
        except (OSError, ValueError) as problem:
            raise _errors.ProbeError(self._path, f"cannot be run: {problem}") from problem
        printed = (result.stdout.replace(mark, "").strip() or result.stderr.strip())[-300:]
        if result.problem or result.status:
            why = result.problem or f"exit status {result.status}"
            raise _errors.ProbeError(self._path, f"not a working Python: {why}; it printed: {printed!r}")
        try:
            answers = json.loads(result.stdout.rpartition(mark)[2].partition("\n")[0] if mark in result.stdout else "")
            return {str(question): (answer, problem) for question, (answer, problem) in answers.items()}
        except (ValueError, TypeError, AttributeError, RecursionError) as problem:
            raise _errors.ProbeError(self._path, f"does not answer as a Python does; it printed: {printed!r}") from problem

    def _answer(self, question: "str", *arguments: "object") -> "object":  # noqa: ARG002 -- asked already, without any
        answer, problem = self._answers.get(question, (None, "it was not answered"))
        if problem is not None:
            raise OSError(problem)
        return answer

    def read(self, path: "str", size: "int", offset: "int" = 0) -> "bytes":
        place = self._answer("image") if path == "/proc/self/exe" else path
        return self._local.read(str(place), size, offset)

    def run_loader(self, path: "str") -> "str":
        return self._local.run_loader(path)

    def override(self) -> "object | None":
        answer = _module_answer(self._answers)
        return None if answer is None else _RemoteModule(self, answer)

    def python(self) -> "Mapping[str, object]":
        answer = self._answers.get("python", (None, None))[0]
        return answer if isinstance(answer, dict) else {}

    def platform_tags(self) -> "Iterable[str]":
        return self._local.platform_tags()

    def source(self, question: "str") -> "str":
        return f"{self._local.source(question)} of {self._path}"
