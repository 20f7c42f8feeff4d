# Needs Python 3.11 or newer (with its venv module), make and git; nothing has to be installed or activated first.
# Another interpreter: make demo PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
GRAPHIQL_SOURCE := platform/src/arrears/graphql/graphiql
GRAPHIQL := $(GRAPHIQL_SOURCE)/static/.stamp
PLUGINS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
EDITABLE := $(foreach folder,sdk $(PLUGINS) .,-e $(folder))
# Twice quiet: warnings of pip about this or that index help nobody here; errors still show.
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

.PHONY: help demo install test check static bench docs lock format
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1  \t/p' Makefile | expand -t 16

demo: $(INSTALLED) $(GRAPHIQL) ## start a believable agency on an embedded PostgreSQL, with a link for each role
	@exec $(BIN)/arrears demo

install: $(INSTALLED) $(GRAPHIQL) ## create .venv with everything, for production and development

test: $(INSTALLED) $(GRAPHIQL) ## every test, in parallel
	$(BIN)/python -m pytest -n auto -m "not alone"
	$(BIN)/python -m pytest -m alone

check: static test ## everything that has to hold before a change is merged

static: $(INSTALLED) ## formatting, lint, types, import order, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/arrears schema --check
	$(BIN)/python docs/generate.py --check

bench: $(INSTALLED) ## the benchmarks; each prints a ratio to a floor measured in the same run
	$(BIN)/python -m benchmarks

docs: $(INSTALLED) ## write schema.graphql and docs/reference again
	$(BIN)/arrears schema
	$(BIN)/python docs/generate.py

lock: $(INSTALLED) ## resolve the ranges of the pyproject files into requirements.lock
	$(BIN)/uv --no-config pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
	  --custom-compile-command "make lock" --extra dev --no-emit-package arrears-sdk --no-emit-package arrears-csv-importer \
	  pyproject.toml sdk/pyproject.toml $(PLUGINS:=/pyproject.toml) -o requirements.lock

format: $(INSTALLED) ## rewrite the sources in the house's format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

$(INSTALLED): pyproject.toml sdk/pyproject.toml $(PLUGINS:=/pyproject.toml) requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'Arrears needs Python 3.11 or newer; "$(PYTHON)" is missing or older. Name another: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '"$(PYTHON)" has no venv module. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'Installing into .venv (about a minute) ...'
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index $(EDITABLE)
	@touch $@

$(GRAPHIQL): $(INSTALLED) $(wildcard $(GRAPHIQL_SOURCE)/*.* $(GRAPHIQL_SOURCE)/src/* $(GRAPHIQL_SOURCE)/public/*)
	@echo 'Building the GraphiQL page (about half a minute) ...'
	@if $(BIN)/python -m arrears.graphql.graphiql.build; then touch $@; else \
	  echo 'The GraphiQL page could not be built; is the npm registry in reach? All else works without it.' >&2; fi
