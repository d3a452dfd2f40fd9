#!/usr/bin/env bash
# Each program in Tests/miswired must not compile, with one error, that in its first line; those in
# Tests/miswired/right must.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(${SWIFT:-swift} build "$@" --show-bin-path)
maps=(-Xcc "-fmodule-map-file=$build/CUnrollKernels.build/module.modulemap"
  -Xcc "-fmodule-map-file=Sources/Clibcsv/module.modulemap")
[ -f "$build/CUnrollKernels.build/module.modulemap" ] ||
  maps=(-Xcc -ISources/CUnrollKernels/include -Xcc -ISources/Clibcsv)

errors() {
  swiftc -typecheck -swift-version 6 -I "$build/Modules" "${maps[@]}" "$1" 2>&1 |
    grep -E "^[^ ]+\.swift:[0-9]+:[0-9]+: error: " || true
}

failed=0
count=0
for program in Tests/miswired/*.swift; do
  expected=$(sed -n '1s|^// error: *||p' "$program")
  found=$(errors "$program")
  count=$((count + 1))
  if [ "$(grep -c . <<<"$found")" != 1 ] || ! grep -qF -- "$expected" <<<"$found"; then
    echo "$program: expected one error, '$expected', and got:" >&2
    echo "${found:-none}" >&2
    failed=1
  fi
done
for program in Tests/miswired/right/*.swift; do
  found=$(errors "$program")
  if [ -n "$found" ]; then
    echo "$program: is right, and got:" >&2
    echo "$found" >&2
    failed=1
  fi
done
[ $failed = 0 ] && echo "$count programs that are wrong do not compile, each for one reason."
exit $failed
