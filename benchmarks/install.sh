#!/bin/sh
# Installs what the benchmark needs besides the service: a load generator, and the other gateways from npm. Without the
# gateways the benchmark measures the rest.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  echo "Not all gateways are installed; the missing ones are not measured: $1" >&2
  exit 0
}

if ! command -v wrk >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing wrk, the load generator."
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends wrk >/dev/null || true
fi
command -v wrk >/dev/null || {
  echo "The load generator wrk is missing: install Debian's package wrk, or your system's." >&2
  exit 1
}

. "$root/requirements/node.sh"

find_node
cd "$root/benchmarks/peers"
install_packages
