# Needs only Python 3.11 or newer (with pip and venv) and make. `make help` lists the targets.

# By which program `make example` judges: `make example PROGRAM=apex-intraday-50k`.
PROGRAM ?= topstep-50k

PYTHON ?= python3
# The second run does no work that the first did: what Python has compiled is kept, whatever the shell says of it.
unexport PYTHONDONTWRITEBYTECODE

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Two workers: the tests are sized for two cores, and more only adds start-up time. Who is idle takes from the other:
# a few tests of the service take as long as hundreds of the rules.
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal

# More arguments, e.g. `make test ARGS="-k payout -x"`, `make dev ARGS="--speed 600"`.
ARGS ?=

# uv reads neither pip's index nor pip's certificates. It gets both from this machine, at run time, so that no
# file here names a host. Nothing set means uv's own default. (`pip config get` overlooks PIP_CONFIG_FILE, `list` not.)
define UV_ENVIRONMENT
export UV_SYSTEM_CERTS=1 VIRTUAL_ENV="$(CURDIR)/$(VENV)"; \
settings="$$($(BIN)/python -m pip config list 2>/dev/null)"; \
setting() { printf '%s\n' "$$settings" | sed -nE "s/^(global|install)\.$$1='(.*)'$$/\2/p" | tail -n 1; }; \
index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$(setting index-url)}}"; \
if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
cert="$${SSL_CERT_FILE:-$${PIP_CERT:-$$(setting cert)}}"; \
if [ -f "$$cert" ]; then export SSL_CERT_FILE="$$cert"; fi
endef

.PHONY: help dev example test check format bench mutants lock clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

dev: $(STAMP)  ## set up and run the main job: the whole firm, with demo traders on real prices, until Ctrl-C
	@trap : INT; $(BIN)/propfirm dev $(ARGS) || { code=$$?; [ $$code -eq 130 ] || exit $$code; }

example: $(STAMP)  ## a verdict on the shipped example, with chart and proof, in demo/
	@$(BIN)/propfirm example demo >/dev/null
	$(BIN)/propfirm simulate demo/es-week.csv --program $(PROGRAM) --prices demo/es-week-prices.csv.gz \
		--chart demo/report.png --proof demo/proof.json
	$(BIN)/propfirm verify-proof demo/proof.json --input demo/es-week.csv --input demo/es-week-prices.csv.gz

test: $(STAMP)  ## set up and run all tests
	$(PYTEST) $(ARGS)

check: $(STAMP)  ## static checks and unit tests (less the long searches), under a minute with a warm cache
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) tests/unit -m "not thorough" $(ARGS)

format: $(STAMP)  ## rewrite the code in the house's format
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: $(STAMP)  ## every measured figure, and the long random comparison
	$(BIN)/python -m bench.run $(ARGS)

mutants: $(STAMP)  ## break the core on purpose and count what the tests notice (Linux only)
	$(BIN)/mutmut run $(ARGS)
	$(BIN)/mutmut results

lock: $(STAMP)  ## resolve requirements/*.in again, to the newest versions
	@$(UV_ENVIRONMENT); cd requirements; \
	compile() { ../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --custom-compile-command "make lock" "$$@"; }; \
	compile uv.in -o uv.txt && compile runtime.in -o runtime.txt && compile dev.in -c runtime.txt -o dev.txt

clean:  ## remove everything that the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* mutants build dist demo

# The stamp holds the folder it was made in: a copied or moved tree builds its environment anew, since the scripts in
# an environment name their interpreter by its full path.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

# Kept when it is ours, works and stands where it was made; --clear otherwise, because an environment laid over that
# of another Python breaks in ways hard to read. pip stands in where uv finds no way to the packages.
$(STAMP): requirements/uv.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "propfirm needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 2; }
	@{ [ "$$(cat $@ 2>/dev/null)" = "$(CURDIR)" ] && $(BIN)/python -c 'import ssl, pip' 2>/dev/null; } \
		|| $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(UV_ENVIRONMENT); \
	$(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.txt \
		|| { echo "uv could not install; trying pip, which is slower" >&2; \
		     $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@printf '%s\n' "$(CURDIR)" > $@
