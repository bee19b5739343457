#!/bin/sh
# Print the path of a Python of one minor version, found by running it: a name on PATH may be a pyenv shim that fails.
# Usage: scripts/find_python.sh 3.10      PYTHON310=/path and PYTHON311=/path go before everything else.
set -u
version=$1
variable=PYTHON$(echo "$version" | tr -d .)
eval "chosen=\${$variable:-}"

# The interpreter below a virtual environment that happens to be active, so that no environment stands on another.
base='import sys; sys.exit(sys.version_info[:2] != ('$(echo "$version" | tr . ,)') or print(sys._base_executable))'

if [ -n "$chosen" ]; then
    "$chosen" -c "$base" 2>/dev/null && exit 0
    echo "$variable=$chosen is not a Python $version that runs: correct or unset it." >&2
    exit 1
fi
for candidate in "python$version" python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python \
    "/usr/bin/python$version" "/usr/local/bin/python$version" "/opt/python$version/bin/python$version" \
    "$(uv python find --no-python-downloads "$version" 2>/dev/null)"; do
    [ -n "$candidate" ] && "$candidate" -c "$base" 2>/dev/null && exit 0
done
echo "Python $version not found: run 'uv python install $version' or 'pyenv install $version', or install your" \
    "distribution's python$version and python$version-venv, or set $variable=/path/to/python$version." >&2
exit 1
