# Every target works in a fresh clone: it first sets up .venv with what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := requirements.txt standalone/requirements.txt simcloud/requirements.txt \
                tests/requirements.txt
READY := $(VENV)/.ready
PYTHON_CODE := actions sensors standalone simcloud demo benchmarks traffic tests
SCHEDULES ?= 1000
TRAFFIC ?=
# How many processes share the tests; see tests/conftest.py. 0: none but pytest's own.
WORKERS ?= auto
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

# Actions are processes: each would compile the pack again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo serve test lint bench chaos traffic clean

setup: $(READY)

# orquesta pins a networkx that no Python of today imports: it comes without its dependencies,
# and standalone/requirements.txt names those that it really needs.
$(READY): $(REQUIREMENTS) standalone/no-deps.txt
	@echo "Setting up $(VENV): this takes half a minute or so, once."
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 9), "Python 3.9 or newer is needed"'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r standalone/no-deps.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check $(addprefix -r ,$(REQUIREMENTS)) \
	    2> $(VENV)/setup.log || { cat $(VENV)/setup.log; exit 1; }
	@touch $@

demo: $(READY)
	@$(BIN)/python -m demo

serve: $(READY)
	@$(BIN)/python -m demo.serve

test: $(READY)
	@$(PYTEST) tests/core --cov=autoscale.core --cov-branch --cov-report= \
	    --cov-fail-under=95
	@$(PYTEST) --ignore tests/core

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/mypy actions/lib/autoscale
	@PYTHONPATH=actions/lib:standalone/stackstorm \
	    $(BIN)/pylint -E --rcfile=.pylintrc $(wildcard actions/*.py) actions/lib/autoscale sensors
	@$(BIN)/yamllint --strict .
	@$(BIN)/python -m tests.pack_checks
	@echo "lint: clean"

bench: $(READY)
	@$(BIN)/python -m benchmarks

chaos: $(READY)
	@$(BIN)/python -m tests.chaos --schedules $(SCHEDULES)

# For other sizes and seeds: make traffic TRAFFIC="--nodes 8 --minimum 8 --batch 3 --seed 7".
traffic: $(READY)
	@$(BIN)/python -m traffic $(TRAFFIC)

clean:
	rm -rf $(VENV) build
