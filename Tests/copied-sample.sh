#!/usr/bin/env bash
# A sample that is copied to another folder builds there once its path to Unroll is changed; and a program
# that runs a model builds and runs where libcsv is not installed.
#   Tests/copied-sample.sh CHARLM FLAGS...
set -euo pipefail
cd "$(dirname "$0")/.."
charlm=$1
shift
build=$PWD/.build/copied
copy=$build/elsewhere/RunAModel
rm -rf "$copy"
mkdir -p "$copy"
(cd Samples/RunAModel && cp -R Package.swift Sources "$copy")
sed "s|path: \"../..\"|path: \"$PWD\"|" Samples/RunAModel/Package.swift >"$copy/Package.swift"

# Found before the header of an installed libcsv.
mkdir -p "$build/hidden"
echo '#error "libcsv is not installed here"' >"$build/hidden/csv.h"
export CPATH=$build/hidden

flags=(-c release --package-path "$copy" --scratch-path "$build/products" "$@")
${SWIFT:-swift} build "${flags[@]}" --product run-a-model
program=$(${SWIFT:-swift} build "${flags[@]}" --show-bin-path)/run-a-model
libraries=$( (ldd "$program" || otool -L "$program") 2>/dev/null)
if grep -q csv <<<"$libraries"; then
  echo "run-a-model needs libcsv:" >&2
  grep csv <<<"$libraries" >&2
  exit 1
fi

printf 'the cat sat on the mat, and the dog sat on the log.\n%.0s' {1..40} >"$build/text.txt"
"$charlm" train "$build/text.txt" --output "$build/m.safetensors" --steps 20 --hidden 8 --layers 1 \
  --batch 4 --sequence 10 --validation 0 >/dev/null
written=$("$program" "$build/m.safetensors" "the cat")
if [ ${#written} -lt 200 ] || [ "${written:0:7}" != "the cat" ]; then
  echo "run-a-model wrote: $written" >&2
  exit 1
fi
echo "A copied sample builds and runs, without libcsv."
