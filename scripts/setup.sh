#!/bin/sh
# Set up everything that `tongqi run` needs; `make setup` calls it. Quick when nothing is left to do, goes on where an
# interrupted run stopped. With --dev, also what tests and lint need.
set -eu
cd "$(dirname "$0")/.."
started=$(date +%s)
. scripts/step.sh
. scripts/install.sh

# Install a requirements file unless the environment's stamp says that exactly this was done.
requirements() { # requirements NAME FOLDER
    wanted="$(cat "requirements/$1.txt" pyproject.toml | cksum) ${TONGQI_TORCH:-cpu}"
    if [ "$(cat "$2/installed-$1" 2>/dev/null)" = "$wanted" ]; then return; fi
    add_uv
    options=
    if [ "$2" = .venv ]; then
        options=$(torch_arguments)
        # The file holds everything; rapidocr would ask for one thing more (requirements/overrides.in).
        if [ "${TONGQI_TORCH:-cpu}" != any ]; then options="$options --no-deps"; fi
    fi
    # shellcheck disable=SC2086
    step "Python packages of $2 ($1)" install "$2" $options -r "requirements/$1.txt"
    if [ "$2" = .venv ]; then
        # The project itself, editable: with the setuptools just installed, so no isolated build and no download.
        step "The tongqi command" install "$2" --no-index --no-deps --no-build-isolation --editable .
    fi
    echo "$wanted" >"$2/installed-$1"
}

python311=$(scripts/find_python.sh 3.11)
python310=$(scripts/find_python.sh 3.10)
configure_uv
make_environment .venv "$python311"
# dev.txt holds all of service.txt; an environment that has it keeps it.
if [ "${1:-}" = --dev ] || [ -e .venv/installed-dev ]; then requirements dev .venv; else requirements service .venv; fi
make_environment .venv-rasa "$python310"
requirements rasa .venv-rasa
.venv/bin/tongqi prepare
echo "Set-up is complete ($(($(date +%s) - started)) s). Start with: make run"
