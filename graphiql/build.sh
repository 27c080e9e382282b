#!/bin/sh
# Builds GraphiQL into dist/, unless dist/ is newer than all of its sources.
set -eu
cd "$(dirname "$0")"
root=$(cd .. && pwd)
inputs="build.sh build.mjs index.html package.json package-lock.json src examples"

fail() {
  echo "GraphiQL was not built: $1" >&2
  exit 1
}

. ../requirements/node.sh

# shellcheck disable=SC2086 # a list of names without blanks
is_fresh dist/index.html $inputs && exit 0
find_node
install_packages
node build.mjs || fail "the bundler failed; see the error above."
