"""Asks rego-cpp, in a process of its own: a crash of the engine must not be one of the tests."""

from __future__ import annotations

import json
import sys

from regopy import Interpreter  # type: ignore[import-untyped]


def main() -> None:
    """Read a module, a query and inputs as JSON, and print each answer on a line."""
    asked = json.load(sys.stdin)
    engine = Interpreter()
    engine.add_module("pack.rego", asked["module"])
    for one in asked["inputs"]:
        # As JSON: this engine compares texts as they are written, and would compare a quote with an escaped one.
        engine.set_input_term(json.dumps(one, ensure_ascii=False))
        # As text at once: a part of an answer does not outlive the answer.
        answer = json.loads(str(engine.query(asked["query"])))["expressions"][0]
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
