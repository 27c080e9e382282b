#!/bin/sh
# Composes the provider with GraphQL Mesh and serves it with one process of Hive Gateway. CACHE=on: see hive.config.js.
set -eu
file=$(mktemp --suffix=.graphql)
node hive.js >"$file"
exec node_modules/.bin/hive-gateway supergraph "$file" --host 127.0.0.1 --port "$PORT" --fork 1 --config-path hive.config.js
