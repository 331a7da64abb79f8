# make press   presses the seven cells of Dixit 2024 into out/dixit2024
# make test    runs the tests
# make test-cluster  runs the tests that need a browser or Slurm (scripts/test_tools.sh installs both)
# make bench-law  times the law against its C++ twin
# make bench-fem  times the finite elements against plain dolfinx and CalculiX
# All set up what they need first; `make env` does that alone.
VENV ?= .venv
BIN = $(VENV)/bin
SUITES ?= trixie sid

.PHONY: press test test-long test-cluster test-matrix bench-law bench-fem warmup lint env

press: env
	$(BIN)/isosim press dixit2024 --fidelity section --out out/dixit2024

test: env
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

test-long: env
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "long and not slurm"

test-cluster: env
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "(slurm or browser) and not long"

test-matrix:
	bash scripts/matrix.sh $(SUITES)

bench-law: env
	$(BIN)/python -m benchmarks.law.bench

bench-fem: env
	$(BIN)/python -m benchmarks.fem.bench

warmup: env
	$(BIN)/isosim warmup

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

env: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml scripts/env.sh
	@VENV=$(VENV) bash scripts/env.sh
