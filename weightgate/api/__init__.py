"""The public functions: one question, one answer, the same as on the command line.

Each function takes paths or plain Python values, and raises an error of :mod:`weightgate.errors` for all that a caller
can cause. Nothing is printed, and no file is written.
"""

from weightgate.api.attesting import attest, attest_batch, attest_minimal, statements
from weightgate.api.checking import CheckOptions, check
from weightgate.api.inspecting import ModelReport, digest, inspect
from weightgate.api.reading import load_policy, read_decision, why_not
from weightgate.api.verifying import VerifyOptions, verify, verify_each

__all__ = [
    "CheckOptions",
    "ModelReport",
    "VerifyOptions",
    "attest",
    "attest_batch",
    "attest_minimal",
    "check",
    "digest",
    "inspect",
    "load_policy",
    "read_decision",
    "statements",
    "verify",
    "verify_each",
    "why_not",
]
