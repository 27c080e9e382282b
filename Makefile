# One verb per command; `make` alone lists them. GNU make 3.81, /bin/sh and a Python are all that is needed.
# Another Python than the first one found: make setup PYTHON=/path/to/python

PYTHON ?=
BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet

# .venv/ready is written last and names the folder it was made in, so an environment that is half made, moved,
# without its Python, or of another Python than the one asked for, is made again.
SOUND := $(shell test "$$(cat .venv/ready 2>/dev/null)" = "$(CURDIR)" && $(BIN)/python -c '' 2>/dev/null \
	$(if $(PYTHON),&& test "$$("$(PYTHON)" -V 2>&1)" = "$$($(BIN)/python -V)") && echo yes)

.PHONY: help setup packages serve supergraph test bench check fix schema release lock environment

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

setup: .venv/ready ## install everything into .venv and build GraphiQL
	@graphiql/build.sh || { echo "Without GraphiQL the service runs all the same: $(BIN)/invoicegraph serve" >&2; exit 1; }

serve: setup ## run the service at http://127.0.0.1:8000/graphql
	@exec $(BIN)/invoicegraph serve

supergraph: setup ## run it beside a second subgraph, behind two gateways: see examples/supergraph
	@examples/supergraph/start.sh

packages: setup
	@tests/javascript/install.sh

test: packages ## run the tests
	@$(BIN)/python -m pytest

# A part of it: make bench BENCH="--workloads invoices --connections 16 --rounds 1"
BENCH =

bench: setup ## measure how fast the service is, beside others that do the same work: see benchmarks
	@benchmarks/install.sh
	@$(BIN)/python -m benchmarks $(BENCH)

check: setup ## everything that must hold: format, lint, types, imports, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

fix: setup ## format, and repair what can be repaired
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

schema: setup ## print the graph to schema/: schema.graphql for supergraphs, client.graphql for clients
	@$(BIN)/invoicegraph schema > .venv/schema.graphql
	@$(BIN)/invoicegraph schema --client > .venv/client.graphql
	@mv .venv/schema.graphql .venv/client.graphql schema

release: schema ## keep the graph of this version as the promise that no later one may break: schema/released.graphql
	@cp schema/client.graphql schema/released.graphql

# After a change of dependencies in pyproject.toml. Everything to its newest: make lock UPGRADE=--upgrade
UPGRADE =
LOCK = .venv/lock/bin/uv pip compile --quiet --no-config --no-header --no-emit-index-url --generate-hashes \
	--universal --python-version 3.11 $(UPGRADE)

lock: setup ## pin the dependencies again, with hashes
	@$(BIN)/python -m venv .venv/lock
	@.venv/lock/bin/python -m pip --disable-pip-version-check install --quiet uv
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	$(LOCK) --group node -o requirements/node.txt

.venv/ready: requirements/dev.txt pyproject.toml $(if $(SOUND),,environment)
	@rm -f $@
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@printf '%s\n' "$(CURDIR)" > $@

# A command may exist and still not run (pyenv's shims do that), or run and have no ensurepip (Debian's python3).
environment:
	@set -- $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11); bare=; \
	for python do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
			echo "Setting up .venv with $$("$$python" -V); this takes a minute or two."; \
			exec "$$python" -m venv --clear .venv; \
		fi; \
		bare=$${bare:-$$("$$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')}; \
	done; \
	if test "$$bare"; then why="$$bare has no venv module: install it (Debian, Ubuntu: apt install $$bare-venv)"; \
	elif test "$(PYTHON)"; then why="PYTHON=$(PYTHON) does not run as Python 3.11 or newer"; \
	else why="Python 3.11 or newer was not found: install one, or name yours with make setup PYTHON=/path/to/python"; \
	fi; echo "$$why." >&2; exit 1
