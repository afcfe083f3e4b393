# Everything here sets itself up: Python 3.11 or later with venv, and make, are enough.

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=

RUN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test check bench clean
.DEFAULT_GOAL := help

help:  ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | \
		while IFS='	' read -r name text; do printf '  make %-7s %s\n' "$$name" "$$text"; done

demo: $(READY)  ## see plan and apply at work on a stand-in server; leaves nothing behind
	@$(RUN)/python examples/demo.py

test: $(READY)  ## run the tests (PYTEST_ARGS="-n 2 -k zone" to choose)
	$(RUN)/python -m pytest $(PYTEST_ARGS)

check: $(READY)  ## lint, format, types and the layers of the code
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/python -m pytest -q tests/test_architecture.py

bench: $(READY)  ## measure against the bare wire; writes benchmarks/results.md
	$(RUN)/python -m benchmarks

clean:  ## remove what make has made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Installed again when what we need changes.  The stamp comes last, so an installation that was
# interrupted is begun anew.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mailstack needs Python 3.11 or later; choose one with PYTHON=python3.x" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "No venv. On Debian: apt install python3-venv" >&2; exit 1; }
	@echo "Installing mailstack into $(VENV) ..."
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
