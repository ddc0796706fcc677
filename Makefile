# `make help` lists what there is. Everything runs in .venv, which is made on first use.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# A file stays with one process, so that what its tests share is made once.
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check bench notebooks clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## train two policies, fly them against classical guidance, write a report
	@$(BIN)/python -m training demo

test: check ## check, then the fast tests: what continuous integration runs
	@echo "== tests (fast ones; 'make test-all' runs all)"
	@$(PYTEST) --no-skips -m "not slow and not browser and not display and not docs and not ray"

test-all: check ## check, then all tests that can run here
	@echo "== tests (all)"
	@$(PYTEST)

check: $(STAMP) ## lint, format, types and architecture
	@echo "== lint"
	@$(BIN)/ruff check .
	@echo "== format"
	@$(BIN)/ruff format --check .
	@echo "== types"
	@$(BIN)/mypy
	@echo "== architecture"
	@$(BIN)/lint-imports

bench: $(STAMP) ## measure steps per second, and those of Gymnasium's LunarLander
	@$(BIN)/lunar-env bench

notebooks: $(STAMP) ## execute the notebooks and keep what they show; draw the pictures of the README
	@$(BIN)/python notebooks/execute.py
	@$(BIN)/python -m notebooks.picture
	@$(BIN)/python -m notebooks.last_minute

clean: ## remove the environment, caches and built packages; keep results
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit(f"Python 3.11 or newer is needed, $(PYTHON) is {v[0]}.{v[1]}: make PYTHON=python3.11 ...")'
	@echo "== installing into $(VENV) (once; some minutes, mostly downloads)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all]'
	@touch $@
