"""The committed list of countries is what pycountry says today."""

from __future__ import annotations

from pathlib import Path

from tools.generate_countries import TARGET, render


def test_the_file_is_what_a_fresh_run_writes() -> None:
    assert Path(__file__).parents[2] / "weightgate" / "facts" / "countries.py" == TARGET
    assert TARGET.read_text(encoding="utf-8") == render()
