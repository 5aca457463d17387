# What people do with a clone of moxsite. “make help” lists it.

VENV := .venv
BIN := $(VENV)/bin
DELIVER ?= self
TESTS ?= tests
# Databases for the tests of the store: sqlite, postgresql or both.
TEST_DATABASES ?= sqlite,postgresql
# More workers than cores: many tests wait for programs that they have started.
PYTEST_OPTIONS ?= -n $$((2 * $$(nproc))) --dist worksteal
BENCH ?=
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes

export PYTHON
export TEST_DATABASES

.DEFAULT_GOAL := help
.PHONY: run test test-long lint format bench requirements docs clean help

## run: start everything on this machine, with an account to try it out (DELIVER=routes really sends mail)
run: $(VENV)/run.stamp
	@exec $(BIN)/python manage.py localserve --data ./data --deliver $(DELIVER)

## test: the tests (TESTS=tests/store for some, TEST_DATABASES=sqlite for one database, PYTEST_OPTIONS=-x …)
test: $(VENV)/dev.stamp
	@exec $(BIN)/python -m pytest -m "not long" $(PYTEST_OPTIONS) $(TESTS)

## test-long: those that make test leaves out (kill -9, browsers, whole installations)
test-long: $(VENV)/dev.stamp
	@exec $(BIN)/python -m pytest -m long $(PYTEST_OPTIONS) $(TESTS)

## lint: style, format, types and the layers of the architecture
lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

## format: put the code in the form that lint asks for
format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## bench: measure this machine (BENCH=store for one part)
bench: $(VENV)/dev.stamp
	@exec $(BIN)/python -m benchmarks $(BENCH)

## docs: write the reference pages that are made from the code
docs: $(VENV)/run.stamp
	$(BIN)/python manage.py settingsdoc
	$(BIN)/python manage.py metricsdoc

## requirements: choose newer versions of what requirements.in and requirements-dev.in name
requirements: $(VENV)/dev.stamp
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--constraint requirements.txt requirements-dev.in -o requirements-dev.txt

## clean: remove the virtual environment and what tools left; ./data stays
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

## help: this list
help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST)) | awk -F ': ' '{ printf "  make %-13s %s\n", $$1, $$2 }'

$(VENV)/made.stamp: .ci/find-python
	@python="$$(./.ci/find-python)" && echo "Making $(VENV) with $$python" && "$$python" -m venv $(VENV)
	@touch $@

$(VENV)/run.stamp: requirements.txt $(VENV)/made.stamp
	@echo "Installing what moxsite runs on"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what tests and checks need"
	@$(PIP) -r requirements-dev.txt
	@touch $@
