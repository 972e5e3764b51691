"""``python -m weightgate`` is the command line."""

from __future__ import annotations

from weightgate.cli.main import main

if __name__ == "__main__":
    main()
