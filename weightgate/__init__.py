"""May these model weights be hosted there? The public API, and nothing else.

>>> import weightgate
>>> decision = weightgate.check("./model", to=["DE"], facts={"model.openness": "closed"})  # doctest: +SKIP
>>> decision.verdict  # doctest: +SKIP
'indeterminate'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weightgate.version import VERSION as __version__

if TYPE_CHECKING:
    from weightgate.api import CheckOptions, ModelReport, attest, check, inspect, load_policy, verify
    from weightgate.attest.keys import PrivateKey, PublicKey
    from weightgate.attest.verify import Report
    from weightgate.decision import Decision
    from weightgate.errors import (
        Exit,
        InputError,
        ModelError,
        NotAvailableYet,
        PolicyError,
        SignatureError,
        UnreachableError,
        UsageError,
        WeightgateError,
    )
    from weightgate.facts.statements import Grade
    from weightgate.gate import Refused, gate
    from weightgate.operators.profile import Operator
    from weightgate.policy.pack import Pack

__all__ = [
    "CheckOptions",
    "Decision",
    "Exit",
    "Grade",
    "InputError",
    "ModelError",
    "ModelReport",
    "NotAvailableYet",
    "Operator",
    "Pack",
    "PolicyError",
    "PrivateKey",
    "PublicKey",
    "Refused",
    "Report",
    "SignatureError",
    "UnreachableError",
    "UsageError",
    "WeightgateError",
    "__version__",
    "attest",
    "check",
    "gate",
    "inspect",
    "load_policy",
    "verify",
]

# Where each public name lives; imported when it is first used, so that `import weightgate` stays light.
_HOMES = {
    "weightgate.api": ("CheckOptions", "ModelReport", "attest", "check", "inspect", "load_policy", "verify"),
    "weightgate.attest.keys": ("PrivateKey", "PublicKey"),
    "weightgate.attest.verify": ("Report",),
    "weightgate.decision": ("Decision",),
    "weightgate.errors": (
        "Exit", "InputError", "ModelError", "NotAvailableYet", "PolicyError", "SignatureError", "UnreachableError",
        "UsageError", "WeightgateError",
    ),
    "weightgate.facts.statements": ("Grade",),
    "weightgate.gate": ("Refused", "gate"),
    "weightgate.operators.profile": ("Operator",),
    "weightgate.policy.pack": ("Pack",),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name, imported now."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names."""
    return __all__
