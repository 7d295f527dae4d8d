#!/bin/bash
# Gives this node its profile with Cinc or Chef, without a server. Arguments are --name=value.
set -euo pipefail

attributes='' recipe_url='' run_list='' install='' node=''
for argument in "$@"; do
    case "$argument" in
        --attributes=*) attributes=${argument#*=} ;;
        --recipe_url=*) recipe_url=${argument#*=} ;;
        --run_list=*) run_list=${argument#*=} ;;
        --install=*) install=${argument#*=} ;;
        --node=*) node=${argument#*=} ;;
    esac
done

fail() {
    echo "$1" >&2
    exit 2
}

# What looks like an option would be one.
for place in "$attributes" "$recipe_url" "$install"; do
    case "$place" in
        '' | http://* | https://* | /*) ;;
        *) fail "neither a URL nor an absolute path: $place" ;;
    esac
done
[ -n "$recipe_url" ] || [ -n "$attributes" ] || fail 'give attributes, recipe_url or both'

solo() { command -v cinc-solo || command -v chef-solo; }

if ! solo > /dev/null && [ -n "$install" ]; then
    script=$(mktemp)
    trap 'rm -f "$script"' EXIT
    curl --fail --silent --show-error --location --output "$script" -- "$install"
    bash "$script"
    hash -r
fi
client=$(solo) || fail 'neither cinc-solo nor chef-solo is installed: put one of them into the
image, or give the URL of an installer as install'

command=("$client" --no-color)
[ -z "$node" ] || command+=(--node-name "$node")
[ -z "$attributes" ] || command+=(--json-attributes "$attributes")
[ -z "$recipe_url" ] || command+=(--recipe-url "$recipe_url")
[ -z "$run_list" ] || command+=("--override-runlist=$run_list")
exec "${command[@]}"
