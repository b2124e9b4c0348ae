# Everything a fresh machine needs is set up in .venv by the first target that wants it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SURVEY := demo

.PHONY: demo test bench lint clean

demo: $(VENV)/.ready
	PATH="$(CURDIR)/$(BIN):$$PATH" doc/demo.sh $(SURVEY)

test: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks

lint: $(VENV)/.ready
	$(BIN)/ruff check .

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) $(SURVEY)
