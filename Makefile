# make        everything that CI runs
# make demo   the whole system with a demonstration city (ONCE=1: print what there is and end)
# make prove  the fault tests at full size, and a report of what they counted (SEED=n: the same once more)
# make bench  how fast it is, beside the raw limits of the same machine (FAMILIES=n: one city of that size alone;
#             ONLY="door engine": these sections alone)
# make deployment   seven departments in containers, put through what happens to a city (Debian, root)
#
# Only relative paths: the checkout may stand in a path with a space or Chinese characters.

.DEFAULT_GOAL := test
.PHONY: demo test prove bench deployment check lint catalogue lock clean run-environment dev-environment

PYTHON := .venv/bin/python

# What was compiled once is not compiled again by each of the hundreds of processes that the tests start, however the
# machine is set up.
export PYTHONDONTWRITEBYTECODE :=

demo: run-environment
	@.venv/bin/yihu up --demo $(if $(ONCE),--once)

# Four at a time on two cores: many tests wait for a process, a broker or a database that was killed. Beside them runs
# mypy, which takes a while the first time; what it says is printed at the end, and fails the run as they do.
test: lint
	@$(PYTHON) -m tests.faults.tools.broker ensure
	@$(PYTHON) -m tests.browser.chromium ensure
	@mkdir -p build
	@$(PYTHON) -m mypy >build/mypy.txt 2>&1 & mypy=$$!; \
	echo "== pytest"; \
	$(PYTHON) -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder; tested=$$?; \
	wait $$mypy; typed=$$?; \
	echo "== mypy"; cat build/mypy.txt; \
	exit $$((tested > typed ? tested : typed))

prove: dev-environment
	@$(PYTHON) -m tests.faults.tools.broker ensure
	@$(PYTHON) -m tests.faults.tools.proof $(SEED)

bench: dev-environment
	@$(PYTHON) -m tests.faults.tools.broker ensure
	@$(PYTHON) -m tests.benchmarks$(if $(FAMILIES),.city $(FAMILIES), $(ONLY))

deployment: dev-environment
	@$(PYTHON) -m tests.deployment.city

check: lint
	@echo "== mypy"
	@$(PYTHON) -m mypy

lint: dev-environment
	@echo "== ruff check"
	@$(PYTHON) -m ruff check .
	@echo "== ruff format --check"
	@$(PYTHON) -m ruff format --check .
	@echo "== lint-imports"
	@$(PYTHON) -c "import sys; from importlinter.cli import lint_imports_command as main; sys.exit(main([\"--no-logo\"]))"

catalogue: dev-environment
	@$(PYTHON) -m services.commands.reference

lock:
	@sh deploy/environment.sh lock

# The data of a demonstration or of `yihu up` is in .yihu and stays.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info

run-environment:
	@sh deploy/environment.sh run

dev-environment:
	@sh deploy/environment.sh dev
