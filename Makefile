# Everything a developer runs. ARGS is passed on: make test ARGS="-k backups -x".
# POSIX sh and GNU make 3.81 (macOS) are enough.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
LOCKS := deploy/requirements.txt deploy/requirements-dev.txt
STAMP := $(VENV)/.installed
UNFINISHED := $(VENV)/.unfinished
COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --quiet $(ARGS)
# Run as root, the servers' files stand elsewhere when their user may not enter the checkout: local.remove finds
# them, and refuses while a server runs. It needs the standard library only.
REMOVE = import sys; from pathlib import Path; from saas import local; \
	sys.excepthook = lambda *error: print(error[1], file=sys.stderr); local.remove(Path(".local"))
FLOORS := manage.py tenants billing saas tests

.DEFAULT_GOAL := help
.PHONY: help demo test test-browser lint bench bench-isolation clean distclean lock
.NOTPARALLEL:

help:
	@echo 'make demo       start everything on this machine: database, web, console, workers (Ctrl-C stops it)'
	@echo 'make test       run the tests; ARGS="-k name" narrows them'
	@echo 'make test-browser   run the tests in a real browser (needs chromium, and playwright in $(VENV))'
	@echo 'make lint       ruff, mypy, import-linter'
	@echo 'make bench      run the benchmarks behind the figures in README.md'
	@echo 'make bench-isolation   attack two installations, ours and one of plain django-tenants'
	@echo 'make clean      stop and delete the demo and its data, and the caches'
	@echo 'make distclean  make clean, and delete $(VENV)'
	@echo 'make lock       resolve pyproject.toml into deploy/requirements*.txt (needs uv)'

demo: $(STAMP)
	@$(PY) manage.py demo $(ARGS)

test: $(STAMP)
	@$(PY) -m pytest -n auto $(ARGS)

test-browser: $(STAMP)
	@$(PY) -m pytest -m browser $(ARGS)

bench: $(STAMP)
	@$(PY) -m pytest -m bench -s tests/benchmarks $(ARGS)

bench-isolation: $(STAMP)
	@$(PY) -m tests.bench $(ARGS)

# All four run even when one of them complains, so that one pass shows everything.
lint: $(STAMP)
	@failed=; \
	$(PY) -m ruff check $(FLOORS) || failed="$$failed ruff-check"; \
	$(PY) -m ruff format --check $(FLOORS) || failed="$$failed ruff-format"; \
	LEASEHOLD_ENV=test $(PY) -m mypy $(FLOORS) || failed="$$failed mypy"; \
	$(PY) -c 'from importlinter.cli import lint_imports_command as run; run()' --no-logo || failed="$$failed lint-imports"; \
	test -z "$$failed" || { echo "make lint failed:$$failed" >&2; exit 1; }

clean:
	@if test -d .local; then $(or $(wildcard $(PY)),$(PYTHON)) -c '$(REMOVE)'; fi
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov build dist
	@find manage.py tenants billing saas tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean
	@rm -rf $(VENV)

lock:
	@command -v uv >/dev/null 2>&1 || { echo 'make lock needs uv on the PATH.' >&2; exit 1; }
	$(COMPILE) -o deploy/requirements.txt
	$(COMPILE) --extra local --extra test --extra lint -c deploy/requirements.txt -o deploy/requirements-dev.txt

# The stamp is newer than both locks, or the install runs again. $(UNFINISHED) stays behind when an install is
# interrupted; such an environment, and one whose interpreter is gone (wildcard follows the link), is built anew. uv does
# not read pip's configuration (a mirror, a proxy): where it fails, pip has the last word.
ifeq ($(wildcard $(PY)),)
.PHONY: $(STAMP)
endif
$(STAMP): $(LOCKS)
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo 'Leasehold needs Python 3.11, 3.12 or 3.13, and there is no $(PYTHON) on the PATH.' \
			'Install one, or name it: make PYTHON=/path/to/python $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "Leasehold needs Python 3.11, 3.12 or 3.13; $(PYTHON) is `$(PYTHON) -V 2>&1`." \
			'Name another: make PYTHON=python3.11 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo '$(PYTHON) has no venv or ensurepip module.' \
			'On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@if test -e $(UNFINISHED) || ! $(PY) -m pip --version >/dev/null 2>&1; then \
		echo 'Creating $(VENV)'; $(PYTHON) -m venv --clear $(VENV); fi
	@touch $(UNFINISHED)
	@echo 'Installing the pinned requirements (once, until they change)'
	@if command -v uv >/dev/null 2>&1 && \
		uv pip install --python $(PY) --require-hashes -r deploy/requirements-dev.txt; then :; \
	else $(PY) -m pip install --disable-pip-version-check --require-hashes -r deploy/requirements-dev.txt; fi
	@rm -f $(UNFINISHED)
	@touch $@
