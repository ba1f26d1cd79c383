"""Does a wheel's file keep what its tag promises, and will it load here? Needs the extra ``mltags[audit]``."""

from .verdict import *  # noqa: F403
from .verdict import __all__ as __all__
