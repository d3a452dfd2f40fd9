#!/usr/bin/env bash
# A stack whose layers do not fit must not compile, and the one error must say so.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(swift build -c release --show-bin-path)
source=$(mktemp -d)/miswired.swift
trap 'rm -r "$(dirname "$source")"' EXIT

check() {
  local maps=(-Xcc "-fmodule-map-file=$build/CUnrollKernels.build/module.modulemap"
    -Xcc "-fmodule-map-file=Sources/Clibcsv/module.modulemap")
  [ -f "$build/CUnrollKernels.build/module.modulemap" ] ||
    maps=(-Xcc -ISources/CUnrollKernels/include -Xcc -ISources/Clibcsv)
  swiftc -typecheck -swift-version 6 -I "$build/Modules" "${maps[@]}" \
    -ISources/Clibcsv "$source" 2>&1
}

program() {
  printf 'import UnrollCore\nimport UnrollLayers\nlet model = Sequential {\n%s\n}\n' "$1" >"$source"
}

program '  Embedding(vocabularySize: 3, dimension: 2)
  Dense(inputSize: 2, outputSize: 4)'
check || { echo "miswired.sh: a stack that fits does not compile" >&2; exit 1; }

program '  Dense(inputSize: 2, outputSize: 4)
  Embedding(vocabularySize: 3, dimension: 2)'
if output=$(check); then
  echo "miswired.sh: Dense before Embedding compiles" >&2
  exit 1
fi
if ! grep -q "error: .*this layer does not take what the layer before it gives" <<<"$output"; then
  echo "miswired.sh: the error is another one:" >&2
  echo "$output" >&2
  exit 1
fi
echo "Dense before Embedding does not compile, and the error says why."
