# Two commands matter: `make reports` and `make test`. Both build what they need in .venv.
# People without make find the same few lines in README.md.
PYTHON ?= python3
BIN := .venv/bin
export UV_COMPILE_BYTECODE = 1
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes

.PHONY: reports pdf test lab add notebooks check clean
.DELETE_ON_ERROR:

reports: .venv/.run
	@$(BIN)/ngolib report

pdf: .venv/.run .venv/.pdf
	@$(BIN)/ngolib report --format pdf

# Style, types and layers are tests as well; of the notebooks every output.
test: .venv/.run .venv/.test
	@$(BIN)/python -m pytest --numprocesses auto --nbval --nbval-current-env \
	  --nbval-sanitize-with tests/nbval_sanitize.cfg tests notebooks

# The root is the project, so that links from notebooks to data and pages work; the kernel is this
# environment's, whatever other kernels the user has.
lab: .venv/.run .venv/.lab
	@JUPYTER_PREFER_ENV_PATH=1 $(BIN)/jupyter lab --ServerApp.root_dir=. notebooks/00_start_here.ipynb

# What `ngolib add` and `ngolib new country` need beside the rest.
add: .venv/.run .venv/.add

notebooks: .venv/.run
	@$(BIN)/ngolib notebooks

check: .venv/.run
	@$(BIN)/ngolib check

# Reports and the environment can be made again; nothing else is touched.
clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@if [ -d reports ]; then find reports -mindepth 1 -maxdepth 1 ! -name plan.toml -exec rm -rf {} +; fi

.venv/.build: requirements/build.txt
	@command -v $(PYTHON) >/dev/null || { \
	  echo "make: $(PYTHON) was not found; install Python 3.11 or newer (or: make PYTHON=/path/to/python)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "make: $(PYTHON) has no venv module; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "make: building .venv, the environment that all commands use" >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

.venv/.run: requirements/run.txt pyproject.toml .venv/.build
	@echo "make: installing what the reports need (about 100 packages)" >&2
	@$(INSTALL) -r requirements/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test .venv/.lab .venv/.pdf .venv/.add: .venv/.%: requirements/%.txt .venv/.run
	@echo "make: installing what this needs beside" >&2
	@$(INSTALL) -r $<
	@touch $@
