# `make dashboard` and `make test` are all a newcomer needs; each makes .venv and installs what is missing.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: dashboard test long spark lint evaluate bench clean
.DEFAULT_GOAL := dashboard

dashboard: $(VENV)/.runtime
	$(BIN)/python -m events samples --if-empty
	$(BIN)/streamlit run dashboard.py

test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder -m 'not spark and not long'

long: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist load -m long

spark: $(VENV)/.spark
	$(BIN)/pytest -m spark tests/test_spark.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

evaluate: $(VENV)/.dev
	$(BIN)/python tests/evaluation/gate.py
	$(BIN)/python tests/evaluation/acts.py

bench: $(VENV)/.dev
	$(BIN)/python tests/bench.py
	$(BIN)/python tests/bench_store.py
	$(BIN)/python tests/bench_briefing.py
	$(BIN)/python tests/bench_pictures.py
	$(BIN)/python tests/bench_import.py
	$(BIN)/python tests/bench_spark.py

clean:
	rm -rf $(VENV) data/store

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Entente needs Python 3.11 or newer: https://www.python.org/downloads/"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

$(VENV)/.spark: pyproject.toml $(VENV)/.dev | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --group spark
	@touch $@
