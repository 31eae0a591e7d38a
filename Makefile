# Two commands matter: `make run` and `make test`. Both need only Python 3.11+, make and a package index.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
DATABASE_URL ?= sqlite:///$(CURDIR)/var/tagger.sqlite3
export DATABASE_URL

.DEFAULT_GOAL := help
.PHONY: help run test lint train meaning lock clean

help: ## List the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The stamps make a second run take seconds: an install happens only when what it depends on changed.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-stamp: requirements.lock setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev-stamp: requirements-dev.lock $(VENV)/.run-stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

# For one's own machine: a random SECRET_KEY, http, and a demonstration account.
run: export TAGGER_ENVIRONMENT ?= development
run: $(VENV)/.run-stamp ## Migrate an SQLite file, load and tag the demonstration catalogue, serve it
	@mkdir -p var
	@$(BIN)/tagger migrate
	@$(BIN)/tagger demo
	@echo "服務位址 http://$(HOST):$(PORT)/ （按 Ctrl+C 停止）"
	@exec $(BIN)/gunicorn --config python:api.gunicorn_conf --bind $(HOST):$(PORT) 'api.app:create_app()'

test: $(VENV)/.dev-stamp ## Run the whole test suite
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/.dev-stamp ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

train: $(VENV)/.run-stamp ## Rebuild the shipped weights from ../shared/data
	$(BIN)/tagger train --annotated ../shared/data/annotated-train.jsonl --output tagger/resources/model

meaning: $(VENV)/.dev-stamp ## Rebuild the shipped vectors of words and concepts from ../shared/data
	$(BIN)/python -m tagger.training.meaning --shared ../shared/data --output tagger/resources/meaning

lock: ## Renew the lock files (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra postgres --extra celery --upgrade setup.cfg build-requirements.txt -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra dev -c requirements.lock setup.cfg build-requirements.txt -o requirements-dev.lock

clean: ## Remove what the commands made, the database too
	rm -rf $(VENV) var build *.egg-info
