# Everything a fresh machine needs is set up in .venv by the first target that wants it.
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
SURVEY := demo
# A file's tests share what is expensive to make.
WORKERS := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: demo demo-gen3 test bench doc lint clean

demo: $(VENV)/.ready
	PATH="$(BIN):$$PATH" doc/demo.sh $(SURVEY)

demo-gen3: $(VENV)/.ready
	PATH="$(BIN):$$PATH" doc/demo-gen3.sh $(SURVEY)-gen3

test: lint
	$(BIN)/python -m pytest $(WORKERS)
	cd stack && $(BIN)/python -m pytest $(WORKERS)

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks
	cd stack && $(BIN)/python -m benchmarks

doc: $(VENV)/.doc-ready
	rm -rf doc/_build doc/py-api
	PYTHONWARNINGS=ignore::DeprecationWarning $(BIN)/sphinx-build -q -W --keep-going -b html doc doc/_build/html
	@echo "Site: doc/_build/html/index.html"

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	cd stack && $(BIN)/ruff check .

$(VENV)/.ready: pyproject.toml stack/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable './stack[test]' --editable '.[test,gen3,piff,images,prompt,report]'
	touch $@

$(VENV)/.doc-ready: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --editable '.[doc]'
	touch $@

clean:
	rm -rf $(VENV) $(SURVEY) $(SURVEY)-gen3 doc/_build doc/py-api doc/lsst.dia.repro/subtasks
