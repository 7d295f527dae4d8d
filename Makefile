# Every target works in a fresh clone: it first sets up .venv with what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := requirements.txt standalone/requirements.txt simcloud/requirements.txt \
                tests/requirements.txt
READY := $(VENV)/.ready

.PHONY: setup test lint clean

setup: $(READY)

$(READY): $(REQUIREMENTS) standalone/no-deps.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps -r standalone/no-deps.txt
	$(BIN)/pip install --quiet $(addprefix -r ,$(REQUIREMENTS))
	touch $@

test: $(READY)
	$(BIN)/python -m pytest

clean:
	rm -rf $(VENV)
