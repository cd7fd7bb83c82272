#!/bin/sh
# Runs a role from its sources, as the one process of a container: role.sh [ROLE] [ARGUMENT…]
# Without arguments the role is the environment variable ROLE. `exec` hands the signals of the engine to Node.
set -eu

if [ $# -gt 0 ]; then
  ROLE=$1
  shift
fi
if [ ! -f "apps/${ROLE:-}/src/main.ts" ]; then
  echo "Name a role, as the first argument or in ROLE: $(ls apps | tr '\n' ' ')" >&2
  exit 64
fi
# A small nursery: with the default of 16 MB, a busy role holds 60 MB more than it needs.
exec node --max-semi-space-size=8 --conditions=@kanau/source "apps/$ROLE/src/main.ts" "$@"
