# On a fresh machine with Python 3.11 or newer: `make run`, then `make test`. `make` alone lists the rest.

.DELETE_ON_ERROR:
.SHELLFLAGS := -eu -c
VENV := .venv
BIN := $(VENV)/bin
STORE ?= build/store
BIND ?= 127.0.0.1:7878
WORKERS ?= 2
SIZE ?= county
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-header --strip-extras

.PHONY: help run build serve test lint format bench docs lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS="$$(printf '\t')" read -r name does; \
		do printf '  make %-8s %s\n' "$$name" "$$does"; done

$(BIN)/python:
	@for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
		if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$("$$candidate" --version)." >&2; \
			exec "$$candidate" -m venv $(VENV); \
		fi; \
	done; \
	echo "bpsgraph needs Python 3.11 or newer with its venv module (Debian: python3-venv). Tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3). Name another with 'make run PYTHON=/path/to/python'." >&2; \
	exit 1

# Each stamp is newer than what it was installed from, so that a second run installs nothing.
$(VENV)/run.stamp: $(BIN)/python requirements/build.txt requirements/run.txt pyproject.toml
	@echo "Installing the locked dependencies." >&2
	@$(PIP_INSTALL) --require-hashes --requirement requirements/build.txt --requirement requirements/run.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/serve.stamp: $(VENV)/run.stamp requirements/serve.txt
	@$(PIP_INSTALL) --require-hashes --requirement requirements/serve.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@echo "Installing the tools for testing." >&2
	@$(PIP_INSTALL) --require-hashes --requirement requirements/dev.txt
	@touch $@

$(VENV)/lock.stamp: $(BIN)/python
	@$(PIP_INSTALL) pip-tools==7.6.2
	@touch $@

run: $(VENV)/run.stamp  ## build the graph, validate 晋城 against the State's standard, answer the first questions
	@$(BIN)/bpsgraph build --store $(STORE)
	@printf '\n== 晋城 2021 against the text of the 2021 edition ==\n'
	@$(BIN)/bpsgraph validate data/ttl/local/140500-2021.ttl --edition 2021 --fail-on never --store $(STORE)
	@printf '\n== 晋城 2021 against the floors in force today ==\n'
	@$(BIN)/bpsgraph validate data/ttl/local/140500-2021.ttl --edition current --fail-on never --store $(STORE)
	@printf '\n== Which items of the floor does 晋城 lack? ==\n'
	@$(BIN)/bpsgraph query gaps/missing-items -p jurisdiction=140500 --format table --store $(STORE)
	@printf '\n== Which items are claimed by two standards? ==\n'
	@$(BIN)/bpsgraph query standards/items-claimed-by-two-standards --format table --store $(STORE)
	@printf '\nThe graph is in %s. To open it as a SPARQL endpoint on http://%s: make serve\n' '$(STORE)' '$(BIND)'

build: $(VENV)/run.stamp  ## build the store only
	@$(BIN)/bpsgraph build --store $(STORE)

serve: $(VENV)/serve.stamp  ## open the built store as a read-only SPARQL endpoint
	@test -d $(STORE) || $(BIN)/bpsgraph build --store $(STORE)
	@echo "SPARQL: http://$(BIND)/query (Ctrl-C stops it)" >&2
	@exec $(BIN)/oxigraph serve-read-only --location $(STORE) --bind $(BIND)

test: $(VENV)/dev.stamp  ## run every test
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(VENV)/dev.stamp  ## check style, types and the layout of the Turtle files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m bpsgraph.turtle --check data/ttl ontology

format: $(VENV)/dev.stamp  ## lay out code and Turtle files
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python -m bpsgraph.turtle data/ttl ontology

docs: $(VENV)/run.stamp  ## renew the list of saved queries in docs/queries.md
	@$(BIN)/python -m bpsgraph.library.docs

bench: $(VENV)/run.stamp  ## measure on generated catalogues (SIZE=county, province or nation)
	@$(BIN)/python -m bench --size $(SIZE)

lock: $(VENV)/lock.stamp  ## write requirements/*.txt anew from pyproject.toml
	@$(PIP_COMPILE) --output-file requirements/run.txt pyproject.toml
	@$(PIP_COMPILE) --extra serve --constraint requirements/run.txt --output-file requirements/serve.txt pyproject.toml
	@$(PIP_COMPILE) --extra test --extra lint --constraint requirements/run.txt --output-file requirements/dev.txt pyproject.toml
	@$(PIP_COMPILE) --all-build-deps --only-build-deps --constraint requirements/dev.txt --output-file requirements/build.txt pyproject.toml

clean:  ## remove what was built (the environment stays: remove .venv to begin anew)
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
