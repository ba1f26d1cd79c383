"""The command line: words in, text and an exit code out. Loads nothing by itself, so that plain ``python -m mltags`` starts at once."""

from .. import _restore

_restore(__name__)
