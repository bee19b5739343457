# Sourced by the set-up scripts: `step TITLE COMMAND...` runs a command, shows the time it takes, and shows its last lines
# if it fails. The whole output is in var/log/setup.log.
log=var/log/setup.log
mkdir -p var/log
: >"$log"

step() {
    title=$1
    shift
    begun=$(date +%s)
    ticker=
    if [ -t 1 ]; then
        tick & ticker=$!
        trap 'kill $ticker 2>/dev/null; echo; exit 130' INT TERM
    else
        echo "$title ..."
    fi
    status=0
    "$@" >>"$log" 2>&1 || status=$?
    [ -z "$ticker" ] || { kill "$ticker" 2>/dev/null; printf '\r'; }
    if [ "$status" -ne 0 ]; then
        echo "$title: failed after $(($(date +%s) - begun)) s; the last lines of $log:"
        tail -n 15 "$log"
        exit 1
    fi
    echo "$title: done in $(($(date +%s) - begun)) s"
}

tick() {
    while :; do
        printf '\r%s ... %s s ' "$title" "$(($(date +%s) - begun))"
        sleep 1
    done
}
