# Everything a stranger needs: python3 (3.11 or newer), make, and a network for the first run.
.DEFAULT_GOAL := help
.PHONY: help demo up test lint bench chaos soak browser prometheus docs lock clean runtime develop python pictures

# Another interpreter: make demo PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
# Much of the suite waits for real processes: one job more than there are cores.
JOBS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))

help:
	@echo "make demo     both sides in motion, with a simulated PagerDuty, on http://127.0.0.1:8080"
	@echo "              (PORT=8090 and SIM_PORT=8091: on other ports)"
	@echo "make up       the daemon for real use, all parts in one terminal"
	@echo "              (PORT=8090 and CONSOLE_PORT=8092: on other ports)"
	@echo "make test     lint, types, import contracts and every test"
	@echo "make lint     the same without the tests"
	@echo "make bench    how fast it is on this machine"
	@echo "make chaos    every fault that is promised to be survived, in a size of minutes (ROWS=killed: those rows)"
	@echo "make soak     the same in full size: hours; a second run goes on where the first stopped"
	@echo "make browser  a Chromium for the browser tests, where there is none (needs npm)"
	@echo "make prometheus  a Prometheus for the tests of the alert rules, where there is none (needs apt-get, not root)"
	@echo "make pictures take the pictures of the demo anew (needs a Chromium)"
	@echo "make docs     write the reference pages anew"
	@echo "make lock     write the locks anew (UPGRADE=1: with the newest versions)"
	@echo "make clean    remove the virtual environment and every cache"

demo: runtime
	@$(BIN)/syncd demo $(if $(PORT),--port $(PORT)) $(if $(SIM_PORT),--sim-port $(SIM_PORT)) || [ $$? -eq 130 ]  # Ctrl-C is how it is meant to end.

up: runtime
	@$(BIN)/syncd up $(if $(PORT),--port $(PORT)) $(if $(CONSOLE_PORT),--console-port $(CONSOLE_PORT)) || [ $$? -eq 130 ]

test: lint
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST)

lint: develop
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: develop
	@$(BIN)/python -m tests.bench

chaos: develop
	@$(BIN)/python -m tests.faults chaos $(ROWS)

soak: develop
	@$(BIN)/python -m tests.faults soak $(ROWS)

browser: develop
	@$(BIN)/python .ci/browser.py

prometheus: develop
	@$(BIN)/python .ci/prometheus.py

pictures: develop
	@$(BIN)/python -m tests.e2e.pictures docs/pictures

docs: develop
	@$(BIN)/python .ci/docs.py

lock: python
	@$(PYTHON) .ci/install.py lock $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find syncd workers tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A second run finds everything in place, changes nothing and needs no network.
runtime: python
	@$(PYTHON) .ci/install.py runtime

develop: python
	@$(PYTHON) .ci/install.py develop

python:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer, or name one with PYTHON=..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "syncd needs Python 3.11 or newer and this is %d.%d: name a newer one with PYTHON=..." % sys.version_info[:2])'
