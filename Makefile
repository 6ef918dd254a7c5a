# make run     set up, then the main job: train and evaluate a pipeline on the bundled corpus
# make test    set up, then the tests
# make smoke   all of the project in small, twice: the workflow "smoke", in a copy
# make test-page  the page of spacy lstm serve, in Chromium, which must be there
# make test-gpu   whether a GPU computes the same; one must be there, and CuPy
# make soak       what makes it fail, for 20 minutes: docs/reliability.md
# make lint    set up, then ruff and mypy
# make docs    the documentation, in site/; fails where a link in it leads nowhere, or its code fails
# make docs-pictures  the pictures in docs/assets/ anew, by two trainings: some minutes
# make docs-serve  the same while you write, at http://127.0.0.1:8000/
# make check-corpus  check the bundled corpus: its form, its annotation, copies and leaks
# make configs write project/configs/ anew, from the recipes in spacy_lstm/training/recipes/
# make bench   measure the speed beside its peers: some minutes
# make bench-full  the same with all combinations: hours
# make assets  fetch the public corpora (local copies are taken from $SPACY_LSTM_ASSETS where that is set)
#
# PYTHON=python3.12         the Python to make the environment with (3.10 to 3.13)
# VENV=path                 where the environment is made
# TORCH_INDEX=url           an index of torch wheels, for instance one of the small CPU-only builds
# VARS="--vars.seed 1"      settings of the project

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
VARS ?=

ifeq ($(OS),Windows_NT)
PY := $(VENV)/Scripts/python
else
PY := $(VENV)/bin/python
endif
READY := $(VENV)/.ready

# constraints.txt is for Python 3.11 and up, for which all of its versions have wheels.
CONSTRAINTS := $(shell $(PYTHON) -c "import sys; print('-c constraints.txt' if sys.version_info >= (3, 11) else '')")

SMOKE := tests/test_project.py::test_smoke
INIT_CONFIG := -m spacy lstm init-config --force --optimize accuracy

.PHONY: run smoke test test-page test-gpu soak lint docs docs-pictures docs-serve check-corpus configs assets bench bench-full clean
.DEFAULT_GOAL := run

$(READY): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
ifneq ($(TORCH_INDEX),)
	$(PY) -m pip install $(CONSTRAINTS) --extra-index-url $(TORCH_INDEX) torch
endif
	# What an earlier set-up left here would hide the entry points of this one.
	$(PY) -c "import shutil; shutil.rmtree('spacy_lstm.egg-info', ignore_errors=True)"
	$(PY) -m pip install $(CONSTRAINTS) -e ".[dev]"
	$(PY) -c "import pathlib; pathlib.Path('$(READY)').touch()"

run: $(READY)
	$(PY) -m spacy project run all project $(VARS)

smoke: $(READY)
	$(PY) -m pytest $(SMOKE)

test: $(READY)
	# A file of tests is for one process. The code in the documentation is run by make docs.
	$(PY) -m pytest -n 2 --dist loadfile --ignore-glob='tests/docs/test_pages_*' --deselect $(SMOKE)

test-page: $(READY)
	$(PY) -m pip install $(CONSTRAINTS) -e ".[browser]"
	$(PY) -m pytest tests/browser

# Of CuPy, the wheel for your CUDA: pip install "spacy[cuda12x]", for instance. It warns of its own names.
test-gpu: $(READY)
	$(PY) -m pytest -o filterwarnings=default tests/gpu

# Trainings that are killed, damaged files, odd input, workers: 20 minutes, and the table in docs/reliability.md.
soak: $(READY)
	$(PY) -m tests.soak

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# The theme warns of MkDocs 2, which we don't have.
docs: export NO_MKDOCS_2_WARNING = 1
docs: $(READY)
	$(PY) -m mkdocs build --strict
	$(PY) -m pytest -n 2 --dist loadfile tests/docs/test_pages_*.py

docs-pictures: $(READY)
	$(PY) docs/hooks/gate_pictures.py
	$(PY) docs/hooks/home_picture.py

docs-serve: export NO_MKDOCS_2_WARNING = 1
docs-serve: $(READY)
	$(PY) -m mkdocs serve

check-corpus: $(READY)
	$(PY) project/scripts/check_corpus.py

# textbook.cfg isn't among them: it is somebody else's model, written by hand.
configs: $(READY)
	$(PY) $(INIT_CONFIG) project/configs/textcat.cfg --pipeline textcat
	$(PY) $(INIT_CONFIG) project/configs/textcat_multilabel.cfg --pipeline textcat_multilabel
	$(PY) $(INIT_CONFIG) project/configs/ner.cfg --pipeline ner
	$(PY) $(INIT_CONFIG) project/configs/shared.cfg --pipeline textcat,ner

assets: $(READY)
	$(PY) project/scripts/assets.py

# Keras is a peer: it is measured where `pip install -e ".[benchmarks]"` has put it.
bench: $(READY)
	$(PY) benchmarks/speed.py

bench-full: $(READY)
	$(PY) benchmarks/speed.py --full

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(f, ignore_errors=True) for f in ('$(VENV)', 'build', 'dist', 'site', 'project/corpora', 'project/training', 'project/metrics')]"
