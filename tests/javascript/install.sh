#!/bin/sh
# Installs the npm packages that the tests drive the service with, each folder's as its lock file pins them.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

fail() {
  echo "The tests' npm packages are not all there: $1" >&2
  exit 1
}

. "$root/requirements/node.sh"

find_node
for folder in tests/javascript examples/supergraph examples/web; do
  cd "$root/$folder"
  install_packages
done
