# `make demo` and `make test` do all set-up by themselves; nothing needs to be installed by hand.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# A new lock (or another Python folder) makes a new stamp; an unchanged one costs nothing.
STAMP := $(VENV)/.installed-$(shell cat requirements.lock pyproject.toml scripts/set-up 2>/dev/null | sha256sum | cut -c1-16)
WORKERS ?= $(shell cores=$$(nproc); echo $$((cores > 8 ? 8 : cores)))
PYTEST_ARGS ?=
FUZZ_SECONDS ?= 60
MUTANTS ?= validators

.PHONY: help demo test fuzz mutants lint format docs lock audit sbom clean system-demo system-test

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: system-demo $(STAMP) ## draw a small sample inbox, run the nightly batch on it, show the result
	$(BIN)/kanit demo

test: system-test $(STAMP) ## run all tests (PYTEST_ARGS="-k qr" for some of them)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

fuzz: $(STAMP) ## mutate papers, archives and pictures (FUZZ_SECONDS=600 for longer)
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

mutants: $(STAMP) ## try faults in the rules, tell which no test notices (MUTANTS=validators/period.py, MUTANTS="--sample 300")
	nice $(BIN)/python -m tests.mutants $(MUTANTS)

lint: $(STAMP) ## style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## put the code into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP) ## write the pages that are made from the code
	$(BIN)/python -m tests.flows.codes_page docs

lock: ## resolve the dependencies of pyproject.toml anew into requirements.lock (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --extra demo --extra s3 --group dev \
	  --no-emit-package kanit --custom-compile-command 'make lock' --upgrade \
	  pyproject.toml -o requirements.lock

audit: $(STAMP) ## ask whether locked packages have known faults (needs the internet; no answer is a failure)
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

sbom: $(STAMP) ## write sbom.json: the product's packages, versions, hashes, licences (CycloneDX)
	$(BIN)/python -m tests.web.sbom sbom.json

clean: ## remove the virtual environment, caches and the demo's data
	rm -rf $(VENV) .kanit demo-inbox .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

system-demo:
	@scripts/system-packages demo

system-test:
	@scripts/system-packages test

$(STAMP):
	scripts/set-up $(VENV)
	rm -f $(VENV)/.installed-*
	touch $@
