#!/bin/sh
# Starts the newest Tailcall build that runs on this machine. SHARE=on: concurrent identical calls are shared. CACHE=on:
# provider data is also cached.
set -eu
file=$(mktemp --suffix=.graphql)
sed -e "s|@PORT@|$PORT|; s|@UPSTREAM@|$UPSTREAM|" \
  -e "s|@SHARE@|$([ "${SHARE:-}${CACHE:-}" ] && echo true || echo false)|" \
  -e "s|@KEEP@|${CACHE:+@cache(maxAge: 300000)}|" tailcall.graphql >"$file"
for build in tailcall tailcall-before; do
  if "node_modules/$build/bin/tailcall" --version >/dev/null 2>&1; then
    TAILCALL_TRACKER=false exec "node_modules/$build/bin/tailcall" start "$file"
  fi
done
echo "No build of Tailcall runs on this machine." >&2
exit 1
