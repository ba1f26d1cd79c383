"""Looking inside wheels: are their tags correct, and will they load here, alone and together? Nothing is unpacked or run.

>>> import mltags.audit
>>> verdict = mltags.audit.audit("demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl")  # doctest: +SKIP
>>> verdict.correct, verdict.loads, verdict.lowest_tag  # doctest: +SKIP
(False, True, 'manylinux_2_28_x86_64')
"""

from .. import _restore

_restore(__name__)

from .._errors import InvalidWheel  # noqa: E402 -- a wing that was loaded before is put back first
from .findings import RULES, Audit, Finding, Kind, Row, Together, ignoring, without  # noqa: E402
from .verdict import audit, audit_many, audit_together  # noqa: E402

__all__ = [
    "RULES",
    "Audit",
    "Finding",
    "InvalidWheel",
    "Kind",
    "Row",
    "Together",
    "audit",
    "audit_many",
    "audit_together",
    "ignoring",
    "without",
]
