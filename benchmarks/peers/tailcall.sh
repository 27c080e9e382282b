#!/bin/sh
# Tailcall, the newest of its builds that runs here. SHARE=on: what is under way is shared; CACHE=on: what was read is
# kept, too.
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
