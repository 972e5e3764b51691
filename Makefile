# Every target alone sets up what it needs, from Python 3.11 and PyPI.

PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.installed
FOLDERS := weightgate tests tools examples benchmarks
# The folders that hold Python; mypy refuses a folder without any.
SOURCES := $(patsubst %/,%,$(sort $(dir $(wildcard $(FOLDERS:%=%/*.py)))))

.PHONY: help test lint format docs demo bench build heavy lock clean

help:
	@echo "make test    the test suite                make lint    every check"
	@echo "make demo    the gate on a real model      make docs    rewrite the generated pages"
	@echo "make bench   speed and memory              make format  lay out the code"
	@echo "make build   the wheel, in dist/           make lock    resolve the dependencies anew"
	@echo "make heavy GROUP=NAME   a group of tests with its own environment; without GROUP: their names"

$(STAMP): requirements/lock.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tools.docs --check
	$(BIN)/python -m tools.schemas --check
	$(BIN)/python -m tools.packs --check
	$(BIN)/python -m pytest -q tests/test_project.py

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP)
	$(BIN)/python -m tools.docs
	$(BIN)/python -m tools.schemas
	$(BIN)/python -m tools.packs

demo: $(STAMP)
	$(BIN)/python -m examples.demo

bench: $(STAMP)
	set -e; for file in benchmarks/bench_*.py; do \
		echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py); \
	done

build: $(STAMP)
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

heavy: $(STAMP)
	$(BIN)/python tools/heavy.py $(GROUP)

# From PyPI alone, whatever this machine's pip is set to: what a lock pins must be there for everyone.
COMPILE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null .venvs/lock/bin/pip-compile \
	--quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock:
	test -x .venvs/lock/bin/pip-compile || { $(PYTHON) -m venv .venvs/lock && .venvs/lock/bin/pip install --quiet pip-tools==7.6.2; }
	$(COMPILE) -o requirements/lock.txt pyproject.toml requirements/dev.in
	$(COMPILE) -c requirements/lock.txt -o requirements/runtime.txt pyproject.toml
	for group in fresh interop services; do \
		$(COMPILE) -c requirements/lock.txt -o requirements/$$group.txt pyproject.toml requirements/$$group.in || exit 1; \
	done

clean:
	rm -rf .venv .venvs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
