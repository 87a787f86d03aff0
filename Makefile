# The two commands that matter: `make run` opens the shop, `make test` proves it.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(PY) -m uv
READY := $(VENV)/requirements.lock
LANGUAGES := de fr es pt_BR ja zh_Hans ar
ROOMS := catalog fulfillment markets orders payments storefront
# Those of the sandbox and of the simulated carriers are not Django's.
TEMPLATES := find $(ROOMS) -path '*/templates/*.html' -not -path 'payments/sandbox/*' \
	-not -path 'fulfillment/carrier_server/*' -print0

# For checks that read the settings and never connect.
NO_SERVERS := DATABASE_URL=postgresql://nobody@127.0.0.1/none REDIS_URL=redis://127.0.0.1
PRODUCTION := $(NO_SERVERS) ENTREPOT_ENV=production \
	SECRET_KEY=only-for-check-0123456789-abcdefghijklmnopqrstuvwxyz \
	ALLOWED_HOSTS=shop.example PUBLIC_URL=https://shop.example \
	STRIPE_SECRET_KEY=sk_live_only_for_check STRIPE_WEBHOOK_SECRET=whsec_only_for_check

.PHONY: help run test soak check format lock messages clean
.DEFAULT_GOAL := help

help:
	@echo "make run       open the shop on http://127.0.0.1:8000 (PORT=..., ENTREPOT_VAR=...)"
	@echo "make test      run every test (ARGS='-k cart')"
	@echo "make soak      run the long tests: races, kills, ten thousand routings (ARGS=...)"
	@echo "make check     run every check that is not a test"
	@echo "make format    format the code and mend what can be mended"
	@echo "make lock      resolve the requirements again"
	@echo "make messages  collect the texts to translate into locale/"
	@echo "make clean     remove the environment; the shop's data in var/ stays"

run: $(READY)
	@exec $(PY) -m storefront.run

test: $(READY)
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

soak: $(READY)
	$(PY) -m pytest tests/soak --soak $(ARGS)

check: $(READY)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(TEMPLATES) | xargs -0 -r $(VENV)/bin/djade --target-version 5.2 --check
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(NO_SERVERS) $(PY) -m mypy
	ENTREPOT_VAR=var/check $(PY) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

format: $(READY)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(TEMPLATES) | xargs -0 -r $(VENV)/bin/djade --target-version 5.2

# Neither a registry's address nor a machine's path may end up in the lock file.
lock: $(READY)
	$(UV) pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header $(ARGS) \
		pyproject.toml -o requirements.lock
	@! grep -nE '://|--(extra-)?index-url|--find-links' requirements.lock

messages: $(READY)
	@command -v xgettext msgmerge >/dev/null || { echo \
		"make messages needs GNU gettext (Debian: apt-get install gettext; macOS: brew install" \
		"gettext). Running the shop does not." >&2; exit 1; }
	@mkdir -p locale
	$(NO_SERVERS) $(PY) manage.py makemessages $(addprefix -l ,$(LANGUAGES)) \
		--add-location file --no-wrap --no-obsolete \
		--ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*' --ignore 'benchmarks/*'
	$(PY) -m storefront.run.tidy_messages

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# The environment: made once, brought up to date when the lock file changes. uv comes from its own
# wheel with the hash of the lock file; where uv finds no registry (it does not read pip's
# configuration), pip does the same work, slower.
$(READY): requirements.lock
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no $(PYTHON). Install Python 3.11 or newer, or name one: make PYTHON=..." >&2; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Entrepot needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`." \
		"Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(PY) && $(PY) -m pip --version >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; \
		exit 1; }
	@awk '/^[a-zA-Z0-9]/ { found = /^uv==/ } found' requirements.lock > $(VENV)/uv.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt
	@$(UV) pip sync --quiet --python $(PY) --require-hashes requirements.lock || { \
		echo "uv could not; trying pip, which takes a minute longer"; \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; }
	@# The checkout can be imported from anywhere in it, so that a bare `pytest` works too.
	@$(PY) -c 'import sysconfig, pathlib, os; \
		site = pathlib.Path(sysconfig.get_path("purelib")); \
		site.joinpath("entrepot.pth").write_text(os.path.relpath(".", site) + "\n")'
	@cp requirements.lock $@
