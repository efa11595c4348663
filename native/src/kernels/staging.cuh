/* Copies of operands for products that cannot take them as they lie: rounded to bfloat16, or gathered, with zeros past the end. */
#pragma once

#include "kernels/matmul.cuh"

namespace borep {

/** A copy of an operand: `most` rows; the width is rounded up to whole 16 bytes with zeros, and so is the stride. */
template <class Element>
struct Staged {
    Element *values;
    int stride;
};

/**
 * Enqueues copies of both operands of a product into the context's scratch memory, where they last until the next product.
 * Rows past the count, and those that a map leaves out, become zeros. Element: float, or uint16_t for bfloat16.
 */
template <class Element>
std::pair<Staged<Element>, Staged<Element>> stage(borep_context &context, const Product &product);

}  // namespace borep
