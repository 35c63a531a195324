# One word runs each check, here and in CI. Every target makes the environment that it needs.
PYTHON ?= python3
BIN    := .venv/bin

.PHONY: demo test check format clean

demo: .venv/run-ready  ## plain install, then clean a real noisy picture
	$(BIN)/python examples/demo.py

test: .venv/dev-ready  ## the whole suite; a core for each worker, or their threads wait for each other
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

check: .venv/dev-ready  ## lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: .venv/dev-ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv dist

$(BIN)/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/run-ready: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --editable .
	touch $@

# torch first and pinned: a CPU build is enough for the tests, and later ranges leave it alone.
.venv/dev-ready: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet "torch==2.13.0" "numpy>=2.0,<3"
	$(BIN)/pip install --quiet "torch==2.13.0" --editable ".[classical,train,wandb]" --group test --group check
	touch $@
