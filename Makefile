# The one command list: for people, for hooks, for CI.
PORT ?= 8080
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# PIP_… and UV_… settings of the machine (mirrors, certificates) are respected; nothing here names a package host.
UV = $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)

# Two workers, each with a Redis server of its own; what one has too much of, the other takes over. One thread each:
# numpy's would wait for one another (monitoring/threads.py).
PYTEST = OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

# All but `federated`, whose library wants an older protobuf than the others.
EXTRAS = bot vision readers voice embedded gpu train private clients dev

.PHONY: install demo test test-unit test-all test-alone check docker-check bench format lock clean help

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.run ## the environment in .venv, and nothing else

demo: $(VENV)/.run ## bot, vision worker and a local Telegram with a web page, on this machine alone
	@$(BIN)/python -m bot playground --port $(PORT)

test: $(VENV)/.dev check ## checks, unit tests and conversations: eight minutes
	$(PYTEST) tests/unit tests/conversations

test-unit: $(VENV)/.dev ## unit tests alone: two minutes
	$(PYTEST) tests/unit

test-all: test ## and the system tests: processes killed, a browser, compose files, training, the demo
	$(BIN)/python -m pytest tests/system

test-alone: $(VENV)/.dev ## each unit test and conversation file in a process of its own: slow
	@failed=0; for file in $$(git ls-files 'tests/unit/*test_*.py' 'tests/conversations/test_*.py'); do \
	  $(BIN)/python -m pytest $$file || { echo "alone it fails: $$file"; failed=1; }; done; exit $$failed

check: $(VENV)/.dev ## style, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy benchmarks docs/research
	$(BIN)/lint-imports

docker-check: $(VENV)/.dev ## build the images, bring the stack up, kill its parts under load, see that nothing is lost
	$(BIN)/python deploy/check.py

bench: $(VENV)/.dev ## turns, jobs and photo_article, measured here and now (benchmarks/ has more)
	@for b in jobs turns photo_article readers; do echo "== $$b"; PYTHONPATH=. $(BIN)/python benchmarks/$$b.py || exit 1; done

format: $(VENV)/.dev ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.uv ## pin all dependencies anew, with hashes and without package hosts
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 \
	  --extra bot --extra vision --extra readers --extra embedded pyproject.toml -o requirements.txt
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 \
	  $(foreach each,$(EXTRAS),--extra $(each)) -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 \
	  --extra bot -c requirements.txt pyproject.toml -o deploy/bot.txt
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 \
	  --extra vision --extra readers -c requirements.txt pyproject.toml -o deploy/worker.txt
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 \
	  --extra vision --extra readers --extra voice -c requirements-dev.txt pyproject.toml -o deploy/worker-voice.txt
	$(UV) pip compile -q --generate-hashes --no-header --no-annotate --universal --python-version 3.11 \
	  --extra vision --extra readers --extra voice --extra gpu -c requirements-dev.txt pyproject.toml -o deploy/worker-gpu.txt

clean: ## remove what make made; conversations in .photodesk stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# uv, bootstrapped by pip inside the environment where the machine has none.
$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
	  || { echo "Python 3.11 or 3.12 is needed; name one: make PYTHON=python3.12 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || $(BIN)/python -m pip install -q "uv>=0.5,<1"
	@touch $@


$(VENV)/.run: $(VENV)/.uv requirements.txt
	@echo "Installing what it needs into $(VENV): about a minute the first time."
	$(UV) pip install -q --require-hashes -r requirements.txt --python $(BIN)/python
	@touch $@

# Compiled once here, not by each of the hundred processes that tests start.
$(VENV)/.dev: $(VENV)/.uv requirements-dev.txt
	@echo "Installing what it and its tests need into $(VENV): a few minutes the first time."
	$(UV) pip install -q --require-hashes --compile-bytecode -r requirements-dev.txt --python $(BIN)/python
	@touch $@ $(VENV)/.run
