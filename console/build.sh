#!/bin/sh
# Builds the console into dist/, unless dist/ is newer than all of its sources.
set -eu
cd "$(dirname "$0")"
root=$(cd .. && pwd)
inputs="build.sh codegen.ts index.html package.json package-lock.json src tsconfig.json vite.config.ts ../schema/client.graphql"

fail() {
  echo "The console was not built: $1" >&2
  exit 1
}

. ../requirements/node.sh

# shellcheck disable=SC2086 # a list of names without blanks
is_fresh dist/index.html $inputs && exit 0
find_node
install_packages
npm run --silent build || fail "the code generator or the bundler failed; see the error above."
