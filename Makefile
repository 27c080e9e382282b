# `make` lists the commands. Requirements: GNU make 3.81, /bin/sh and Python 3.11 or newer.
# To use another Python than the first one found: make setup PYTHON=/path/to/python

PYTHON ?=
BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet

# .venv/ready is written last and contains the path of its folder. So an environment is rebuilt if it is incomplete, was
# moved, lost its Python, or uses another Python than PYTHON.
SOUND := $(shell test "$$(cat .venv/ready 2>/dev/null)" = "$(CURDIR)" && $(BIN)/python -c '' 2>/dev/null \
	$(if $(PYTHON),&& test "$$("$(PYTHON)" -V 2>&1)" = "$$($(BIN)/python -V)") && echo yes)

.PHONY: help setup packages serve supergraph test watch bench soak check fix schema wheel release audit sbom lock environment

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

# Each build says what failed. The other page is built anyway.
setup: .venv/ready ## install everything into .venv, and build the console and GraphiQL
	@for page in console graphiql; do $$page/build.sh || failed=1; done; test -z "$$failed" || { \
		echo "The service also runs without a page that was not built: $(BIN)/invoicegraph serve --sandbox" >&2; exit 1; }

serve: setup ## run the service with simulated accounts at http://127.0.0.1:8000
	@exec $(BIN)/invoicegraph serve --sandbox

supergraph: setup ## run the service with a second subgraph behind two gateways: see examples/supergraph
	@examples/supergraph/start.sh

packages: setup
	@tests/javascript/install.sh

# One worker per core. With a single core pytest runs the tests itself, which makes the output easier to read.
WORKERS = $(shell $(BIN)/python -c 'import os; print(os.cpu_count() if os.cpu_count() > 1 else 0)')
# A part of the tests: make test TESTS=tests/schema
TESTS =

# pytest exits with 5 if TESTS has no test of the kind: the other run has them.
test: packages ## run the tests on all cores, then those that need the machine for themselves
	@$(BIN)/python -m pytest -m 'not exclusive' --numprocesses $(WORKERS) --maxprocesses 8 --dist worksteal $(TESTS) \
		|| test $$? -eq 5
	@$(BIN)/python -m pytest -m exclusive $(TESTS) || test $$? -eq 5

watch: setup ## run the tests that failed last, or all of TESTS, after each change of a file: make watch TESTS=tests/schema
	@$(BIN)/watchfiles --filter python '$(BIN)/python -m pytest --quiet --exitfirst --last-failed $(TESTS)' \
		execution schema providers resolvers server tests

# A part of the benchmark: make bench BENCH="--workloads invoices --connections 16 --rounds 1"
BENCH =

bench: setup ## measure the service and other gateways with the same work: see benchmarks
	@benchmarks/install.sh
	@$(BIN)/python -m benchmarks $(BENCH)

# How long: make soak SOAK="--seconds 20"
SOAK =

soak: setup ## run normal queries beside hostile clients and providers, and check what must hold: see benchmarks/soak
	@$(BIN)/python -m benchmarks.soak $(SOAK)

check: setup ## check format, lint, types and imports, and run the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

fix: setup ## format the code and fix lint errors
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

schema: setup ## write the SDL to schema/: schema.graphql for supergraphs, client.graphql for clients
	@$(BIN)/invoicegraph schema > .venv/schema.graphql
	@$(BIN)/invoicegraph schema --client > .venv/client.graphql
	@mv .venv/schema.graphql .venv/client.graphql schema

wheel: setup ## build the wheel, with the console and GraphiQL inside: dist/invoicegraph-*.whl
	@$(BIN)/python -m hatchling build --target wheel

release: schema sbom ## write the SBOM, and store the schema of this version, which later versions must not break
	@cp schema/client.graphql schema/released.graphql

AUDIT = .venv/audit/bin

# pip-audit also fails if it reaches no advisory source. Its report is then empty.
audit: .venv/audit/ready ## compare the pinned dependencies with published advisories, if a source can be reached
	@for file in dev node audit; do \
		echo "requirements/$$file.txt:"; \
		$(AUDIT)/pip-audit --disable-pip --require-hashes --progress-spinner off --format json \
			-r requirements/$$file.txt 2>/dev/null | $(AUDIT)/python requirements/audit.py || failed=1; \
	done; test -z "$$failed"

sbom: .venv/audit/ready ## write the list of the service's dependencies as a CycloneDX SBOM: dist/sbom.cdx.json
	@mkdir -p dist
	@$(AUDIT)/python -W ignore -m cyclonedx_py requirements requirements/run.txt --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file dist/sbom.cdx.json

.venv/audit/ready: requirements/audit.txt .venv/ready
	@rm -f $@
	@$(BIN)/python -m venv --clear .venv/audit
	@$(AUDIT)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/audit.txt
	@touch $@

# Run after a change of dependencies in pyproject.toml. To upgrade all of them: make lock UPGRADE=--upgrade
UPGRADE =
LOCK = .venv/lock/bin/uv pip compile --quiet --no-config --no-header --no-emit-index-url --generate-hashes \
	--universal --python-version 3.11 $(UPGRADE)

lock: setup ## update the pinned dependencies and their hashes
	@$(BIN)/python -m venv .venv/lock
	@.venv/lock/bin/python -m pip --disable-pip-version-check install --quiet uv
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	$(LOCK) --group node -o requirements/node.txt
	$(LOCK) --group audit -o requirements/audit.txt

.venv/ready: requirements/dev.txt pyproject.toml $(if $(SOUND),,environment)
	@rm -f $@
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@printf '%s\n' "$(CURDIR)" > $@

# A command may exist but fail (a pyenv shim), or run without ensurepip (Debian's python3).
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
