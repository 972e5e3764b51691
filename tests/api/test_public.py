from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from typing import get_type_hints

import pytest

import weightgate
from weightgate.api import CheckOptions
from weightgate.version import VERSION

FUNCTIONS = ("check", "inspect", "attest", "verify", "load_policy", "gate")


@pytest.mark.parametrize("name", weightgate.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(weightgate, name)
    assert name == "__version__" or inspect.getdoc(value)
    assert name in dir(weightgate)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_submodule_does_not_hide_the_function_of_the_same_name(name: str) -> None:
    for module in (
        "weightgate.inspect.model",
        "weightgate.attest.verifying.verify",
        "weightgate.gate",
        "weightgate.api",
    ):
        importlib.import_module(module)
    value = getattr(weightgate, name)
    assert callable(value)
    assert not inspect.ismodule(value)


@pytest.mark.parametrize(
    "code",
    [
        "import weightgate; weightgate.gate; weightgate.inspect; weightgate.attest; print(callable(weightgate.gate))",
        "import weightgate.gate, weightgate.inspect.model; print(callable(weightgate.gate))",
        "from weightgate.inspect.model import inspect_model; import weightgate; print(callable(weightgate.inspect))",
        "from weightgate import gate, inspect, attest, check; print(callable(gate))",
        "from weightgate import *; print(callable(gate) and callable(check))",
    ],
)
def test_whatever_is_imported_first_the_functions_are_callable(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("True", "")


def test_importing_weightgate_is_light() -> None:
    code = (
        "import sys; before = set(sys.modules); import weightgate; "
        "print(sorted(n for n in set(sys.modules) - before if n.startswith('weightgate.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['weightgate.version']"


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'cheque'"):
        _ = weightgate.cheque  # type: ignore[attr-defined]


def test_the_version() -> None:
    assert weightgate.__version__ == VERSION


def test_whoever_passes_options_on_can_pass_every_one_of_them() -> None:
    parameters = inspect.signature(weightgate.check).parameters.values()
    keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    assert list(CheckOptions.__annotations__) == keywords
    assert CheckOptions.__total__ is False
    assert get_type_hints(weightgate.WeightgateError.__init__)["where"] is str


def test_what_can_go_wrong_has_one_root() -> None:
    errors = [n for n in weightgate.__all__ if n.endswith("Error") or n in ("Refused", "NotAvailableYet")]
    assert len(errors) == 9
    assert all(issubclass(getattr(weightgate, name), weightgate.WeightgateError) for name in errors)
