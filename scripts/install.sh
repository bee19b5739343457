# Sourced by setup.sh: the installer (uv where it can be had, else pip), and the machine's own pip configuration handed to uv,
# which does not read it. No package index is named here: the machine's configuration decides.

# What pip is told by its variable or its configuration file, without folders that do not exist.
pip_setting() { # pip_setting VARIABLE KEY
    eval "value=\${$1:-}"
    [ -n "$value" ] || value=$("$python311" -m pip config get "global.$2" 2>/dev/null) || value=
    for place in $value; do
        case $place in
        http*://*) echo "$place" ;;
        *) [ -d "${place#file://}" ] && echo "$place" ;;
        esac
    done | tr '\n' ' ' | sed 's/ $//'
}

# uv takes the first index that knows a package, pip the best version of all: here uv does as pip does.
configure_uv() {
    find_links=$(pip_setting PIP_FIND_LINKS find-links)
    export UV_FIND_LINKS="${UV_FIND_LINKS:-$(echo "$find_links" | tr ' ' ,)}"
    export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-$(pip_setting PIP_INDEX_URL index-url)}}"
    export UV_INDEX="${UV_INDEX:-${UV_EXTRA_INDEX_URL:-$(pip_setting PIP_EXTRA_INDEX_URL extra-index-url)}}"
    export UV_INDEX_STRATEGY="${UV_INDEX_STRATEGY:-unsafe-best-match}" UV_PYTHON_DOWNLOADS=never
    # A service account may have no home to keep a cache in.
    [ -n "${UV_CACHE_DIR:-${XDG_CACHE_HOME:-}}" ] || [ -w "${HOME:-}" ] || export UV_NO_CACHE=true
    for name in UV_FIND_LINKS UV_DEFAULT_INDEX UV_INDEX; do
        eval "[ -n \"\$$name\" ]" || unset "$name"
    done
}

# Make FOLDER a virtual environment of PYTHON, anew where it is of another Python, was moved, or was left half made.
make_environment() { # make_environment FOLDER PYTHON
    identity="$PWD/$1 $("$2" -VV | tr '\n' ' ')"
    if [ "$(cat "$1/made-for" 2>/dev/null)" = "$identity" ]; then return; fi
    rm -rf "$1"
    find_uv
    if [ -n "$uv" ]; then "$uv" venv --quiet --python "$2" "$1"; else "$2" -m venv "$1"; fi >>"$log" 2>&1 || {
        echo "no virtual environment could be made with $2 ($(tail -n 1 "$log")):" \
            "install its venv module (Debian: python3-venv), or uv." >&2
        return 1
    }
    echo "$identity" >"$1/made-for"
}

find_uv() {
    uv=$(command -v uv || command -v .venv/bin/uv) || uv=
}

# Install uv into .venv where the machine has none; without it, pip serves.
add_uv() {
    find_uv
    if [ -n "$uv" ]; then return; fi
    .venv/bin/python -m pip install -r requirements/uv.txt >>"$log" 2>&1 ||
        echo "uv could not be installed: going on with pip, which is slower."
    find_uv
}

install() { # install FOLDER ARGUMENTS...
    folder=$1
    shift
    if [ -n "$uv" ]; then
        "$uv" pip install --python "$folder/bin/python" "$@"
    else
        "$folder/bin/python" -m pip install "$@"
    fi
}

# Print the arguments that make torch arrive as the CPU build, or refuse: the plain wheel for Linux on x86_64 brings
# gigabytes of CUDA packages. A +cpu wheel where pip looks for links is taken without being asked for.
torch_arguments() {
    torch=$(sed -n 's/^torch==//p' requirements/service.txt)
    [ "${TONGQI_TORCH:-cpu}" != any ] && [ "$(uname -sm)" = "Linux x86_64" ] || return 0
    for place in $find_links; do
        if ls "${place#file://}/torch-$torch+cpu-cp311-"*.whl >/dev/null 2>&1; then return 0; fi
    done
    cpu="--torch-backend cpu"
    # shellcheck disable=SC2086
    if [ -n "$uv" ] && install .venv $cpu --dry-run --no-deps "torch==$torch" >/dev/null 2>&1; then
        echo "$cpu"
        return 0
    fi
    echo "no CPU build of torch $torch in reach: put its +cpu wheel into a folder and set PIP_FIND_LINKS to it," \
        "or set TONGQI_TORCH=any to accept the build with CUDA (several GB)." >&2
    return 1
}
