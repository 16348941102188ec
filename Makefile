# Set-up and every job of the toolkit. Needs nothing but Python 3.11+ and make; `make` alone lists the targets.

PYTHON ?= python3
VENV   ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY  := $(VENV)/.ready
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
REPORTS ?= reports

# The documents of your own Server, once `make upgrade` has put them there; without them, those of the toolkit.
OWN := $(if $(wildcard spec/server/*.swagger.json),spec/server)

# What an upgrade makes is here until everything has passed; what did not pass can be looked at here.
ATTEMPT := $(REPORTS)/attempt

# `make upgrade TYPE_CHECK=` leaves it to you to run mypy on the new client.
TYPE_CHECK ?= --type-check

# The older APIs have documents of their own; a Server that publishes none of one (404) gets a client of the rest. Any
# other answer ends it: a Server that is busy for a moment must not cost the client half of its operations.
define fetch-documents
@$(PYTHON) -c "import shutil; shutil.rmtree('$(ATTEMPT)', ignore_errors=True)"
$(BIN)/ayxctl spec fetch "$(SERVER)" --document 3 -o $(ATTEMPT)/server/v3.swagger.json
$(BIN)/ayxctl spec fetch "$(SERVER)" --document 2 --optional -o $(ATTEMPT)/server/v2.swagger.json
$(BIN)/ayxctl spec fetch "$(SERVER)" --document 1 --optional -o $(ATTEMPT)/server/v1.swagger.json
endef

# Python looks for the folder: to make, a blank in its name begins another name. A report without it is still a report.
CODE_FOUND = $(shell $(PYTHON) -c "import os, sys; print('yes' if os.path.exists(sys.argv[1]) else '')" "$(CODE)")
CODE_OPTION = $(if $(CODE),$(if $(CODE_FOUND),--code "$(CODE)"))

diff-documents = $(BIN)/ayxctl spec diff $(or $(OWN),bundled) $(ATTEMPT)/server --fail-on never \
	$(CODE_OPTION) --report $(ATTEMPT)/upgrade.md --report $(ATTEMPT)/upgrade.json

# For every platform and every Python at once; no address of an index is written.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	--custom-compile-command "make lock" --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup client upgrade diagnose smoke demo test test-fast unit lowest record mutations lab coverage slow lint check bench docs build lock clean

help: ## List the targets
	@$(PYTHON) -c "import re; [print(f'  {t:10} {d}') for t, d in re.findall(r'(?m)^([\w-]+):[^#\n]*## (.*)', open('Makefile').read())]"

# What pip installs must have the digests of locks/*.txt; `make HASHES=` takes the versions of constraints.txt as they come,
# for an index that holds builds of its own.
HASHES ?= yes
CONSTRAINTS ?= constraints.txt

# The stamp is newer than what it was made from, so a second run has nothing to do.
$(READY): pyproject.toml $(CONSTRAINTS) locks/setup.txt
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else f'Python 3.11 or newer is needed, $(PYTHON) is {sys.version.split()[0]}; use make PYTHON=…')"
	$(PYTHON) -m venv $(VENV)
ifneq ($(HASHES),)
	$(PIP) --require-hashes --no-deps --requirement locks/setup.txt
	$(PIP) --no-deps --no-build-isolation --editable .
else
	$(PIP) --editable ".[dev]" --constraint $(CONSTRAINTS)
endif
	@$(PYTHON) -c "open('$(READY)', 'w').close()"

setup: $(READY) ## Make the virtual environment (every other target does so by itself)

demo: $(READY) ## Diagnose the embedded stand-in Server, healthy and with a tour of faults
	$(BIN)/ayxctl demo

# What fails on a busy machine is tried once more by itself, and named as flaky if it then passes; what fails twice is
# broken.
twice = $(BIN)/python -m pytest $(1) $(PYTEST_ARGS) || $(BIN)/python -m pytest $(2) --second-try $(PYTEST_ARGS)
UNIT := --ignore=tests/lab
# tests/slow.txt names the files that are left out.
FAST := $(UNIT) --fast
SLOW := $(UNIT) --slow
run-unit = $(call twice,-n auto $(UNIT),$(UNIT))
# The lab alone and one by one: its scenarios measure time, and share the machine badly.
run-lab = $(call twice,tests/lab,tests/lab)

test: $(READY) ## Run all tests
	$(run-unit)
	$(run-lab)

unit: $(READY) ## Run all tests but the lab
	$(run-unit)

record: $(READY) ## Record what the rules say of the lab's saved reports and of the rules' cases, and show what changed
	$(BIN)/python tests/lab/goldens.py
	$(BIN)/python -m pytest -q tests/diagnostics/test_rules_path.py tests/diagnostics/test_rules_answers.py --record-words
	git --no-pager diff --stat -- tests/diagnostics/goldens tests/diagnostics/recorded_words.json

mutations: $(READY) ## Break the diagnosis in one line at a time, and see a test turn red each time
	$(BIN)/python tests/mutations/run.py

lab: $(READY) ## Run the fault scenarios in network namespaces and draw the scoreboard (needs root, iproute2, nftables)
	$(run-lab)

test-fast: $(READY) ## Run the tests that take no time, after every change (under a minute)
	$(call twice,-n auto $(FAST) --few-examples -q,$(FAST) --few-examples -q)

slow: $(READY) ## Run the tests that test-fast leaves out, but for the lab
	$(call twice,-n auto $(SLOW),$(SLOW))

# The floor is judged at the end: a test that is tried again must not hide it.
coverage: $(READY) ## Run the fast tests, say which lines they miss, and hold the floor of pyproject.toml
	$(call twice,-n auto $(FAST) -q --cov --cov-report= --cov-fail-under=0,$(FAST) -q)
	$(BIN)/python -m coverage report --skip-covered

lowest: ## Run the fast tests with the lowest versions that pyproject.toml promises, in an environment of its own
	$(PYTHON) .ci/lowest.py build/lowest.txt
	$(MAKE) test-fast VENV=build/venv-lowest HASHES= CONSTRAINTS=build/lowest.txt

client: $(READY) ## Regenerate the typed client: ours, or DOCUMENT=file, or SERVER=https://…
ifdef SERVER
	$(fetch-documents)
	$(BIN)/ayxctl spec generate $(ATTEMPT)/server -o generated/ayx_client
else ifdef DOCUMENT
	$(BIN)/ayxctl spec generate $(DOCUMENT) -o generated/ayx_client
else
	$(BIN)/ayxctl spec generate $(OWN) -o generated/ayx_client
endif

# The contract first: its report is there, in the attempt, even if no client can be made of the new documents. Breaking
# changes do not end it: they are what the report is for. Client, documents and reports are replaced together, at the end
# and only if everything passed; the documents are kept, so that the next upgrade is compared with them.
upgrade: $(READY) ## Move the client to a newer Server and report what changes: make upgrade SERVER=https://… [CODE=folder]
	@$(if $(SERVER),,$(error which Server? make upgrade SERVER=https://…))
	@$(if $(CODE),$(if $(CODE_FOUND),,$(warning CODE=$(CODE): there is no such folder; the report names no line of your code)))
	@echo "Nothing is replaced before everything has passed; until then what is new is in $(ATTEMPT)"
	$(fetch-documents)
	$(diff-documents) > $(ATTEMPT)/upgrade.txt
	$(BIN)/ayxctl spec generate $(TYPE_CHECK) $(ATTEMPT)/server -o $(ATTEMPT)/ayx_client
	$(diff-documents) --python generated/ayx_client $(ATTEMPT)/ayx_client
	$(BIN)/python -m pytest tests/generated -q --client $(ATTEMPT)/ayx_client $(PYTEST_ARGS)
	$(BIN)/python -m ayx_spec.placing $(ATTEMPT)/server spec/server $(ATTEMPT)/ayx_client generated/ayx_client \
		$(foreach form,md json txt,$(ATTEMPT)/upgrade.$(form) $(REPORTS)/upgrade.$(form))
	@echo "$(REPORTS)/upgrade.md says what changed; commit spec/server and generated/ayx_client"

diagnose: $(READY) ## Find out why the Server cannot be reached: make diagnose SERVER=https://…
	$(BIN)/ayxctl diagnose $(SERVER)

smoke: $(READY) ## Read-only smoke test of the API: make smoke SERVER=https://…
	$(BIN)/ayxctl smoke $(SERVER)

lint: $(READY) ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: $(READY) ## Lint and type-check; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY) ## Measure start-up and a healthy diagnosis, as ratios, and what each late import saves
	$(BIN)/python tests/benchmarks/run.py
	$(BIN)/python tests/benchmarks/late_imports.py

docs: $(READY) ## Write the page of every failure code as a static site into build/docs
	$(BIN)/python -m ayx_diagnostics.command_line.site build/docs

build: $(READY) ## Build the wheel, the source distribution and the bill of materials (CycloneDX) into dist/
	$(PIP) $(if $(HASHES),--require-hashes --no-deps --requirement locks/build.txt,build cyclonedx-bom hatchling --constraint constraints.txt)
	@$(PYTHON) -c "import shutil; shutil.rmtree('dist', ignore_errors=True)"
	$(BIN)/python -m build --no-isolation
	$(BIN)/python .ci/sbom.py dist

lock: $(READY) ## Write locks/*.txt anew, after constraints.txt or the dependencies in pyproject.toml have changed
	$(PIP) uv --constraint constraints.txt
	$(LOCK) --extra dev pyproject.toml locks/setup.in --output-file locks/setup.txt
	$(LOCK) locks/build.in --output-file locks/build.txt

clean: ## Remove what the targets made, the virtual environment included
	$(PYTHON) -c "import shutil, pathlib; [shutil.rmtree(p, ignore_errors=True) for p in ['$(VENV)', 'build', 'dist', '.mypy_cache', '.pytest_cache', '.ruff_cache', '.hypothesis', 'reports', *map(str, pathlib.Path('.').rglob('__pycache__'))]]"
