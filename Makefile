# The habits of Siskop; `make help` lists them. requirements/setup.sh makes .venv and skips what is there.
SHELL := /bin/bash
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
CODE := siskop config.py worker.py
PYTEST := $(BIN)/pytest

.PHONY: help setup setup-test run test check proof mutants lint format typecheck contracts migrate seed shell bench screenshots lock clean
.DEFAULT_GOAL := help

help: ## list these habits
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## make .venv with what Siskop runs on
	@requirements/setup.sh main

setup-test:
	@requirements/setup.sh test

run: setup ## set up and serve everything on http://127.0.0.1:8000 (PORT, HOST, SISKOP_VAR)
	@exec $(BIN)/siskop run

test: setup-test ## everything that must hold: lint, types, contracts, tests (a browser included)
	@requirements/browser.sh
	@$(MAKE) --no-print-directory lint typecheck contracts
	$(PYTEST) -n 2 -m 'not proof and not alone'
	$(PYTEST) -m 'alone and not proof'

proof: setup-test ## what takes longer: every crash point, scale
	@requirements/browser.sh
	$(PYTEST) -m proof

lint: setup-test ## ruff and djlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@if [ -d templates ]; then $(BIN)/djlint --quiet --lint templates; fi

format: setup-test ## let ruff lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: setup-test ## mypy, strict
	$(BIN)/mypy $(CODE)

contracts: setup-test ## which room may import which
	$(BIN)/lint-imports --no-logo

migrate: setup ## bring the database to the newest migration
	@$(BIN)/siskop database migrate

seed: setup ## fill an empty database with demo data
	@$(BIN)/siskop seed

shell: setup ## psql on the database, as the app's role
	@$(BIN)/siskop database shell

bench: setup-test ## speed, as ratios in one run
	@$(BIN)/python -m tests.bench

mutants: setup-test ## change the engine here and there: how many changes do its tests notice?
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/mutants.txt --target var/mutmut
	@rm -rf mutants
	PYTHONPATH=var/mutmut nice $(BIN)/python -m mutmut run --max-children 1
	@PYTHONPATH=var/mutmut $(BIN)/python -m tests.mutants

screenshots: setup-test ## pictures of every page at 360 and 1280 px, into var/screenshots
	@requirements/browser.sh
	@$(BIN)/python -m tests.end_to_end.screenshots

lock: setup ## write requirements/*.txt anew from *.in
	@$(LOCK) requirements/build.in -o requirements/build.txt
	@$(LOCK) requirements/main.in -o requirements/main.txt
	@$(LOCK) requirements/test.in -o requirements/test.txt
	@$(LOCK) requirements/mutants.in -o requirements/mutants.txt

clean: ## remove .venv, caches and var (the demo's data too)
	rm -rf mutants .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
