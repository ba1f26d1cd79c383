"""Will a lock, a project or a directory of wheels install on other machines, does an environment load there, and if not, why not?

>>> import mltags, mltags.check
>>> target = mltags.Target.of(python_version="3.12", implementation="cp", platform="manylinux_2_17_x86_64")
>>> report = mltags.check.check(["demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"], {"centos-7": target})
>>> bool(report), report.rows[0].sentence
(False, 'demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl: needs glibc 2.28 or newer (manylinux_2_28_x86_64); the target has glibc 2.17 (declared)')

Reads what it is given and nothing else; an index is asked only if the caller says so. Needs the extra ``mltags[check]``.
"""

from .. import _restore

_restore(__name__)

from .environment import check_environment as check_environment  # noqa: E402 -- a wing that was loaded before comes back whole
from .index import Index as Index  # noqa: E402
from .report import Column as Column  # noqa: E402
from .report import InvalidSubject as InvalidSubject  # noqa: E402
from .report import Needs as Needs  # noqa: E402
from .report import Report as Report  # noqa: E402
from .report import Row as Row  # noqa: E402
from .report import Verdict as Verdict  # noqa: E402
from .screen import print_report as print_report  # noqa: E402
from .verdict import check as check  # noqa: E402
from .verdict import check_lock as check_lock  # noqa: E402

__all__ = [
    "Column",
    "Index",
    "InvalidSubject",
    "Needs",
    "Report",
    "Row",
    "Verdict",
    "check",
    "check_environment",
    "check_lock",
    "print_report",
]
