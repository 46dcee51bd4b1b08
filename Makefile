# Every target first makes what it needs. A fresh machine needs Python 3.11 to 3.14 with venv, and make.
.DEFAULT_GOAL := help
.PHONY: help setup demo up test torture check bench schema lock

BIN := .venv/bin

help: ## This list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1|/p' Makefile | while IFS='|' read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

setup: ## Make .venv from system_a/requirements.lock, when something in it changed (PYTHON=… chooses the Python)
	@PYTHON='$(PYTHON)' .ci/setup

demo: setup ## Watch one real plant: measurements come in, are stored, are judged
	@$(BIN)/solarhub demo $(ARGS)

up: setup ## The whole hub on this machine, with its own database
	@$(BIN)/solarhub up $(ARGS)

test: setup ## The tests, on a real PostgreSQL (ARGS='-k word' and other words for pytest)
	@cd system_a && ../$(BIN)/python -m pytest $(ARGS)

torture: setup ## Kill hub and PostgreSQL 300 times (KILLS=…) under load, and print what became of what was acknowledged
	@cd system_a && SOLARHUB_TEST_KILLS=$${KILLS:-300} ../$(BIN)/python -m pytest -n 0 -s -q $(ARGS) \
		tests/journeys/test_ledger.py

check: setup ## Format, lint, types, import contracts
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@cd system_a && ../$(BIN)/mypy --no-error-summary
	@$(BIN)/mypy --config-file system_a/pyproject.toml --no-error-summary benchmarks .ci/environment.py
	@cd system_a && said=$$(../$(BIN)/lint-imports --no-logo) || { echo "$$said"; exit 1; }
	@echo 'Format, lint, types and imports are in order.'

bench: setup ## Time the queries that matter at the document's size, and the whole engine (QUICK=1: in five minutes)
	@$(BIN)/python -m benchmarks $(ARGS)
	@$(BIN)/python -m benchmarks.engine.run $(ARGS)

schema: setup ## Write docs/schema.sql anew, from the migrations
	@$(BIN)/solarhub schema > docs/schema.sql.new && mv docs/schema.sql.new docs/schema.sql

lock: setup ## Write system_a/requirements.lock anew (ARGS=--upgrade takes the newest of everything)
	@.ci/lock $(ARGS)
