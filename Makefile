# What is done here by hand or by CI. `make help` lists it; the work itself is in scripts/ and in the `tongqi` command.
.DEFAULT_GOAL := help
.PHONY: help setup run doctor test unit integration e2e test-faults dev lint format bench lock clean
BIN := .venv/bin
export OMP_NUM_THREADS := 1

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Set up all that running needs: both environments, models, database, index
	@scripts/setup.sh

run: setup ## Start everything in the foreground, after set-up where it is needed (ARGS="--no-sandbox")
	@$(BIN)/tongqi run $(ARGS)

doctor: ## Say what does not work, and how to mend it
	@$(BIN)/tongqi doctor

test: dev ## Run all tests: unit, integration, end to end
	@scripts/browser.sh
	@$(BIN)/pytest $(ARGS) tests/unit tests/integration tests/e2e

unit: dev ## Run the tests that need no server
	@$(BIN)/pytest $(ARGS) tests/unit

integration: dev ## Run the tests on real databases and a real Redis
	@$(BIN)/pytest $(ARGS) tests/integration

e2e: dev ## Run the tests that start everything
	@scripts/browser.sh
	@$(BIN)/pytest $(ARGS) tests/e2e

test-faults: dev ## Kill processes under load and count answers, four minutes (ARGS="--kills 8 --seed 7")
	@$(BIN)/pytest tests/faults $(ARGS)

lint: dev ## Check style, format, types and who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: dev ## Format the code and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: dev ## Measure retrieval, gateway and understanding, each against a rival in the same run; an hour
	@$(BIN)/python -m benchmarks

lock: dev ## Resolve requirements/*.in anew into the pinned requirements/*.txt
	@scripts/lock.sh

clean: ## Remove what set-up and running made; .env stays
	rm -rf .venv .venv-rasa var *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

dev:
	@scripts/setup.sh --dev
