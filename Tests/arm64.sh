#!/usr/bin/env bash
# Compares the kernels with the reference on an arm64 processor that is emulated, and so shows that those
# of NEON are right where there is no such processor. With `--native`, on each instruction set of the
# processor that is here.
#   Tests/arm64.sh [--native]
# CC names clang, whose vector types the kernels are written in.
set -euo pipefail
cd "$(dirname "$0")/.."

cc=${CC:-$(command -v clang || xcrun --find clang 2>/dev/null || true)}
build=.build/arm64
kernels=Sources/CUnrollKernels
flags=(-std=gnu11 -O2 -Wall -Wextra -Wno-unused-function -D_GNU_SOURCE -I$kernels/include)
sources=("$kernels"/*.c "$kernels"/isa/*.c Tests/KernelsOnArm/compare.c)

missing=()
[ -n "$cc" ] || missing+=(clang)
if [ "${1:-}" != --native ]; then
  # The compiler is not used: with it come the headers and the library of the other processor.
  [ -n "$(command -v aarch64-linux-gnu-gcc)" ] || missing+=(gcc-aarch64-linux-gnu)
  [ -n "$(command -v qemu-aarch64 || command -v qemu-aarch64-static)" ] || missing+=(qemu-user)
fi
if [ ${#missing[@]} != 0 ]; then
  echo "this needs programs that are not here: apt-get install ${missing[*]}" >&2
  exit 2
fi

mkdir -p $build
if [ "${1:-}" = --native ]; then
  "$cc" "${flags[@]}" "${sources[@]}" -lm -o $build/native
  # A set that the processor lacks is not chosen.
  for isa in baseline avx2 avx512; do
    UNROLL_ISA=$isa $build/native >$build/$isa.txt || status=1
    ! grep -q "^$isa " $build/$isa.txt || cat $build/$isa.txt
  done
  exit ${status:-0}
fi

linker=()
[ -z "$(command -v ld.lld)" ] || linker=(-fuse-ld=lld)
"$cc" --target=aarch64-linux-gnu "${linker[@]}" -static "${flags[@]}" "${sources[@]}" -lm \
  -o $build/compare
# The first arm64 had no dot products of bytes.
emulator=$(command -v qemu-aarch64 || command -v qemu-aarch64-static)
for processor in max cortex-a57; do
  UNROLL_ISA=baseline "$emulator" -cpu $processor $build/compare || status=1
done
exit ${status:-0}
