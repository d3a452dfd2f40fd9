// One table: the templates, compiled for one element type and one instruction set. Beside what
// element.h asks for, a file of isa/ defines
//   TARGET         the processor features to compile for, where they exceed the architecture's
//   VECTOR_BYTES   the width of a vector
//   FUSED          whether the processor fuses a multiply and an add
//   MASKED         whether it loads and stores the first lanes of a vector (by AVX-512)
//   REGISTERS      how many vector registers there are
//   TILE_ROWS      how many rows of a product are computed at once
#include "element.h"

#if MASKED
#include <immintrin.h>
#endif

#if defined(TARGET)
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)
#endif

#include "vector.h"

#include "exponential.h"
#include "lines.h"
#include "plain.h"
#include "tile.h"
#include "product.h"

#include "elementwise.h"
#include "gru.h"
#include "layer_norm_lstm.h"
#include "lstm.h"
#include "softmax.h"
#include "sweep.h"
#include "update.h"

#if defined(TARGET)
#pragma clang attribute pop
#endif

#include "entries.h"
