# make run    evaluate and simulate the reference gigawatt; files in outputs/reference-1gw/
# make test   lint, types, import contracts, tests
# make manual the manual of assumptions, and JSON Schemas of the book's files for editors; files in outputs/manual/
# make bench  how near a simulation comes to what this machine can do; outputs/bench.json; SPIKE=folder runs the
#             prototype beside
# make bench-paths  time and peak memory of 100,000 and 1,000,000 paths, or of PATHS="..."
# make clean  remove what these made
#
# Everything is installed in .venv, at the versions of constraints.txt. No compiler is needed.

PYTHON ?= python3
CASE ?= reference-1gw
PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: run test manual bench bench-paths clean
.DELETE_ON_ERROR:

run: .venv/installed
	@.venv/bin/finmodel run $(CASE)

test: .venv/installed-dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest --numprocesses=logical --dist=worksteal

manual: .venv/installed
	@.venv/bin/python -c 'import finmodel; print(*(f"wrote {path}" for path in finmodel.load("$(CASE)").write_manual()), sep="\n")'

bench: .venv/installed-dev
	@.venv/bin/python -m tests.benchmarks $(CASE) $(if $(SPIKE),--spike '$(SPIKE)')

bench-paths: .venv/installed-dev
	@.venv/bin/python -m tests.benchmarks.paths $(CASE) $(PATHS)

clean:
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find outputs -mindepth 1 ! -name .gitkeep -delete
	find finmodel tests -name __pycache__ -prune -exec rm -rf {} +

# The stamps are older than pyproject.toml or constraints.txt only when those have changed.
.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing finmodel in .venv"
	@$(PIP) --editable .
	@touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing finmodel and its test tools in .venv"
	@$(PIP) --editable '.[dev]'
	@touch .venv/installed $@

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) found: install Python 3.11 or later (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "finmodel needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install python3-venv (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
