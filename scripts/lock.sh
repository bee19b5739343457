#!/bin/sh
# Resolve requirements/*.in; pins that still fit stay (`scripts/lock.sh --upgrade` takes the newest of all). Packages that
# only the CUDA build of torch needs are left out, and so is any index: where packages come from is each machine's business.
set -eu
cd "$(dirname "$0")/.."
. scripts/step.sh
. scripts/install.sh
python311=$(scripts/find_python.sh 3.11)
configure_uv
add_uv

upgrade=${1:-}

resolve() { # resolve NAME PYTHON
    cp "requirements/$1.txt" "var/$1.txt"
    # shellcheck disable=SC2086
    "${uv:?uv is needed for this}" pip compile $upgrade --no-header --no-annotate --quiet \
        --python "$2" --override requirements/overrides.in "requirements/$1.in" -o "var/$1.txt"
    grep -vE '^(nvidia|cuda|triton)\b' "var/$1.txt" | sed 's/+cpu$//' >"requirements/$1.txt"
    rm "var/$1.txt"
}

resolve service "$python311"
resolve dev "$python311"
resolve rasa "$(scripts/find_python.sh 3.10)"
