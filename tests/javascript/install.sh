#!/bin/sh
# Installs the npm packages that the tests use, in each folder with the versions in its lock file.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

fail() {
  echo "Not all npm packages of the tests could be installed: $1" >&2
  exit 1
}

. "$root/requirements/node.sh"

find_node
for folder in tests/javascript examples/supergraph console; do
  cd "$root/$folder"
  install_packages
done
