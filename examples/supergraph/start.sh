#!/bin/sh
# Installs the npm packages of this folder and starts the example: see README.md.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)

fail() {
  echo "The supergraph was not started: $1" >&2
  exit 1
}

. "$root/requirements/node.sh"

find_node
install_packages >&2
exec node start.js "$@"
