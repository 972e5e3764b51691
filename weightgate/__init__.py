"""May these model weights be hosted there? The public API, and nothing else.

>>> import weightgate
>>> decision = weightgate.check("./model", to=["DE"], facts={"model.openness": "closed"})  # doctest: +SKIP
>>> decision.verdict  # doctest: +SKIP
'indeterminate'
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from weightgate.version import VERSION

if TYPE_CHECKING:
    from weightgate.api import (
        CheckOptions,
        ModelReport,
        attest,
        attest_minimal,
        check,
        inspect,
        load_policy,
        verify,
    )
    from weightgate.attest.verifying.report import Report
    from weightgate.decide.decision import Decision
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
    from weightgate.signing.keys import PrivateKey, PublicKey

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
    "attest_minimal",
    "check",
    "gate",
    "inspect",
    "load_policy",
    "verify",
]

__version__ = VERSION

# Where each public name lives; imported when it is first used, so that `import weightgate` stays light.
_HOMES = {
    "weightgate.api": (
        "CheckOptions", "ModelReport", "attest", "attest_minimal", "check", "inspect", "load_policy", "verify",
    ),
    "weightgate.signing.keys": ("PrivateKey", "PublicKey"),
    "weightgate.attest.verifying.report": ("Report",),
    "weightgate.decide.decision": ("Decision",),
    "weightgate.errors": (
        "Exit", "InputError", "ModelError", "NotAvailableYet", "PolicyError", "SignatureError", "UnreachableError",
        "UsageError", "WeightgateError",
    ),
    "weightgate.facts.statements": ("Grade",),
    "weightgate.gate": ("Refused", "gate"),
    "weightgate.operators.profile": ("Operator",),
    "weightgate.policy.pack": ("Pack",),
}  # fmt: skip


_PUBLIC = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # a type checker is to refuse names that are not there

    def __getattr__(name: str) -> Any:
        """A public name, imported now."""
        from importlib import import_module

        if name in _PUBLIC:
            return getattr(import_module(_PUBLIC[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names."""
    return __all__


class _Package(ModuleType):
    """Keeps a submodule from hiding the public function of the same name: inspect, attest and gate are both.

    ``from weightgate.inspect.model import ...`` finds the submodule all the same.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _PUBLIC and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
