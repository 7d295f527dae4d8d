#!/bin/bash
# Runs a script on this node, from a URL or as it was given. Arguments are --name=value.
set -euo pipefail

asg='' node='' node_id='' address='' url='' sha256='' text='' lines=''
for argument in "$@"; do
    case "$argument" in
        --asg=*) asg=${argument#*=} ;;
        --node=*) node=${argument#*=} ;;
        --node_id=*) node_id=${argument#*=} ;;
        --address=*) address=${argument#*=} ;;
        --url=*) url=${argument#*=} ;;
        --sha256=*) sha256=${argument#*=} ;;
        --script=*) text=${argument#*=} ;;
        --arguments=*) lines=${argument#*=} ;;
    esac
done

fail() {
    echo "$1" >&2
    exit 2
}

file=$(mktemp)
trap 'rm -f "$file"' EXIT
case "$url" in
    '') [ -n "$text" ] || fail 'give a url or a script'
        printf '%s\n' "$text" > "$file" ;;
    https://* | http://*)
        [ -z "$text" ] || fail 'give a url or a script, not both'
        curl --fail --silent --show-error --location --output "$file" -- "$url" ;;
    *) fail "not a URL: $url" ;;
esac
[ -z "$sha256" ] || echo "$sha256  $file" | sha256sum --check --quiet >&2 ||
    fail "what is at $url is not what was expected"

arguments=()
[ -z "$lines" ] || mapfile -t arguments <<< "$lines"
export ASG=$asg NODE=$node NODE_ID=$node_id ADDRESS=$address

# /tmp may not allow programs to be run: the interpreter that the script names is started itself.
interpreter=/bin/bash
IFS= read -r first < "$file" || true
case "$first" in '#!'*) interpreter=${first#'#!'} ;; esac
# shellcheck disable=SC2086  # it may have an argument
$interpreter "$file" ${arguments[@]+"${arguments[@]}"}
