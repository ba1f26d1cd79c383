"""The command line: words in, text and an exit code out. Imports nothing by itself, so that plain ``python -m mltags`` starts quickly."""

from .. import _restore

_restore(__name__)
