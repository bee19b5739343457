#!/bin/sh
# Make sure of a Chromium and a Chinese font for the browser test; without them the test is left out, and this says so.
set -eu
cd "$(dirname "$0")/.."
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    . scripts/step.sh
    fetch() {
        apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-noto-cjk
    }
    if (step "Chromium for the browser test" fetch); then exit 0; fi
fi
echo "No Chromium here, and none could be installed: the browser test is left out. Install your distribution's chromium."
