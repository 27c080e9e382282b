#!/bin/sh
# What the benchmark needs beside the service: a load generator, and the other gateways from npm. Without those of the
# gateways it measures the rest.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  echo "The other gateways are not all there, and are left out: $1" >&2
  exit 0
}

if ! command -v wrk >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing wrk, which makes the load."
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends wrk >/dev/null || true
fi
command -v wrk >/dev/null || {
  echo "There is no wrk here, which makes the load: install Debian's package wrk, or your system's." >&2
  exit 1
}

. "$root/requirements/node.sh"

find_node
cd "$root/benchmarks/peers"
install_packages
