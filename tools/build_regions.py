"""Write ``weightgate/destinations/_regions.json`` from ``policies/regions``: ``python tools/build_regions.py``.

The YAML files are what people edit and review; reading them takes tens of milliseconds, which every start would pay.
``tests/destinations/test_table.py`` compares the file with a fresh run.
"""

from __future__ import annotations

from pathlib import Path

from weightgate.destinations.regions import COMPILED
from weightgate.destinations.table import compile_tables, render

FOLDER = Path(__file__).parent.parent / "policies" / "regions"

if __name__ == "__main__":
    COMPILED.write_bytes(render(compile_tables(FOLDER)))
