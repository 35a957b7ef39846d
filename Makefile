# make        everything that CI runs
# make demo   the whole system with a demonstration city (ONCE=1: print what there is and end)
#
# Only relative paths: the checkout may stand in a path with a space or Chinese characters.

.DEFAULT_GOAL := test
.PHONY: demo test check catalogue lock clean run-environment dev-environment

PYTHON := .venv/bin/python

demo: run-environment
	@.venv/bin/yihu up --demo $(if $(ONCE),--once)

test: check
	@$(PYTHON) -m tests.rabbitmq ensure
	@echo "== pytest"
	@$(PYTHON) -m pytest --numprocesses 2 --dist loadfile

check: dev-environment
	@echo "== ruff check"
	@$(PYTHON) -m ruff check .
	@echo "== ruff format --check"
	@$(PYTHON) -m ruff format --check .
	@echo "== mypy"
	@$(PYTHON) -m mypy
	@echo "== lint-imports"
	@$(PYTHON) -c "import sys; from importlinter.cli import lint_imports_command as main; sys.exit(main([\"--no-logo\"]))"

catalogue: dev-environment
	@$(PYTHON) -m services.reference

lock:
	@sh deploy/environment.sh lock

# The data of a demonstration or of `yihu up` is in .yihu and stays.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info

run-environment:
	@sh deploy/environment.sh run

dev-environment:
	@sh deploy/environment.sh dev
