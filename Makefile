# Development of velero.core. `make help` lists what there is; `make test` is what CI runs.
#
# Needs Python 3.11+ with venv, git and make. Everything else is installed into .venv from pinned
# requirements; the servers of the test bed are built once per machine (tests/testbed/README.md).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
# Tests and tools find the code under its collection name here: a symlink to this checkout.
ROOT := $(CURDIR)/.dev
# Both cores of a small machine.
PYTEST := $(BIN)/pytest
WORKERS ?= 2

export PATH := $(CURDIR)/$(BIN):$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(ROOT)
export PYTHONPATH := $(ROOT)
export MYPYPATH := $(ROOT)
# No test may talk to a real cluster or cloud by accident.
unexport KUBECONFIG AWS_PROFILE

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- environment ---------------------------------------------------------------------------------

.PHONY: setup
setup: .venv/ready .dev/ansible_collections/velero/core ## Virtual environment and import root

.venv/ready: requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --quiet --require-hashes requirements-dev.txt
	touch $@

.dev/ansible_collections/velero/core:
	mkdir -p $(@D)
	ln -sfn ../../.. $@

.PHONY: lock
lock: setup ## Renew the pinned development requirements
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-annotate --custom-compile-command 'make lock' \
	  --output-file requirements-dev.txt

.PHONY: testbed
testbed: setup # The servers, built if they are not in the cache
	$(BIN)/python -m tests.testbed.build

.PHONY: testbed-up
testbed-up: setup ## Start a cluster and an S3 server; prints the exports for a shell
	@$(BIN)/python -m tests.testbed up --detach

.PHONY: testbed-down
testbed-down: setup ## End them
	@$(BIN)/python -m tests.testbed down

# --- gates ---------------------------------------------------------------------------------------

.PHONY: test
test: lint sanity molecule tests ## Everything that must pass: lint, sanity, all tests but the long ones

.PHONY: lint
lint: format ruff typecheck layers ansible-lint docs-lint changelog-lint ## The static gates

.PHONY: format
format: setup # Formatting as `ruff format` does it
	$(BIN)/ruff format --check .

.PHONY: ruff
ruff: setup
	$(BIN)/ruff check .

.PHONY: typecheck
typecheck: setup ## mypy --strict over the engine and the test bed
	$(BIN)/mypy -p ansible_collections.velero.core.plugins.module_utils
	MYPYPATH= $(BIN)/mypy tests/testbed tests/conftest.py tests/support/proxy.py

.PHONY: layers
layers: setup ## Imports go down only
	$(BIN)/lint-imports --cache-dir .import_linter_cache
	@if grep -rnE 'import ansible_|module_utils(\.| import )ansible_|from \.+ansible_' plugins/module_utils/*/; \
	then echo 'the engine must not import the ansible_* utilities'; exit 1; fi

.PHONY: ansible-lint
ansible-lint: setup
	$(BIN)/ansible-lint

.PHONY: docs-lint
docs-lint: setup ## Documentation of modules and of the collection
	$(BIN)/antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self .

.PHONY: changelog-lint
changelog-lint: setup
	$(BIN)/antsibull-changelog lint
	$(BIN)/antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml

.PHONY: sanity
sanity: setup ## ansible-test sanity, without a container
	scripts/sanity

# All in one run of pytest, so that its closing line counts them all. A file stays in one worker, and
# with it what its tests share.
.PHONY: tests
tests: setup testbed ## All tests but the long ones
	$(PYTEST) -m 'not long and not bench' --numprocesses $(WORKERS) --dist loadfile

.PHONY: unit
unit: setup ## Tests that need no servers
	$(PYTEST) -m 'not long and not bench' tests/unit tests/support

.PHONY: conformance
conformance: setup testbed ## Recorded restores
	$(PYTEST) -m 'not long and not bench' tests/conformance

.PHONY: cluster
cluster: setup testbed ## Tests against a real API server and S3
	$(PYTEST) -m 'not long and not bench' tests/cluster

.PHONY: test-long
test-long: test ## `test`, then the tests that take minutes
	VELERO_CORE_LONG=1 $(PYTEST) -m long --numprocesses $(WORKERS) --dist loadfile

.PHONY: bench
bench: setup testbed ## Measurements
	$(BIN)/python -m tests.bench

.PHONY: molecule
molecule: setup ## Roles and playbooks
	@if [ -d extensions/molecule ]; then $(MAKE) testbed && cd extensions && molecule test --all; \
	else echo 'no molecule scenarios yet'; fi

.PHONY: demo
demo: setup testbed ## Restore a backup into a fresh cluster and look at it
	@if [ -x demo/run ]; then demo/run; else echo 'there is no demo yet'; exit 1; fi

# --- other ---------------------------------------------------------------------------------------

.PHONY: build
build: setup ## The collection's archive, in build/
	tree="$$(scripts/collection-tree build/collection)" && \
	  $(BIN)/ansible-galaxy collection build --force --output-path build "$$tree"

.PHONY: clean
clean: ## Remove what the targets above made in the checkout
	rm -rf .venv .dev .cache build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .ansible
