/*
 * Matrix products (matmul.cuh says which). A block makes one tile of C: panels of A and B stream through a ring of 3 or 4 stages
 * in shared memory, all but one under way by asynchronous copies while that one is multiplied; sums stay in registers.
 *
 *   precision   arithmetic                                        operands
 *   FP32        FMA                                               float32
 *   3xTF32      tensor cores, a = big + small, three products     float32, split in registers
 *   TF32        tensor cores, operands rounded to 10 bits         float32, rounded in registers
 *   BF16        tensor cores, operands rounded to 7 bits          rounded once, into scratch memory (staging.cu)
 *
 * A product that asks for more than the mode (Accuracy::FINER) is 3xTF32 in TF32's mode, and TF32 in BF16's.
 *
 * Tiles are of three sizes; where there are few of them for the multiprocessors, k is split into parts, whose sums go to scratch memory
 * and are added in the order of k by a second kernel (matmul_plan.h chooses). No order depends on chance or on the data: results
 * repeat bit for bit on a device.
 */
#include "kernels/cublas.h"
#include "kernels/matmul_groups.cuh"
#include "kernels/matmul_plan.h"
#include "kernels/staging.cuh"
#include "kernels/view.cuh"

namespace borep {
namespace matmul {
namespace {

/** Of the code that runs on the device, which only there is known. */
__device__ bool group_products = BOREP_GROUP_PRODUCTS;

/** Threads and numbers of a block that adds up parts. */
constexpr int ADDING = 256;

template <Form FORM, Tile TILE, Arithmetic ARITHMETIC, bool = is_grouped(TILE)>
struct EngineOf {
    using Type = std::conditional_t<
        ARITHMETIC == Arithmetic::FP32, Scalar<FORM, extent(TILE).rows, extent(TILE).columns, chunks(TILE)>,
        Tensor<FORM, extent(TILE).rows, extent(TILE).columns, chunks(TILE), ARITHMETIC>>;
};
template <Form FORM, Tile TILE, Arithmetic ARITHMETIC>
struct EngineOf<FORM, TILE, ARITHMETIC, true> {
    using Type = Groups<FORM, extent(TILE).rows, chunks(TILE), ARITHMETIC>;
};

/** A product's sizes, as far as the host knows them. */
struct Sizes {
    Count count;
    int extent;
    int columns;
};

/** @param parts null: finishes; else [tile, part, rows, columns] for add_parts. gridDim.z parts of k. */
template <Form FORM, Tile TILE, class E>
__global__ void __launch_bounds__(E::THREADS, E::BLOCKS)
    product(Sizes sizes, Lines<typename E::A::Element> a, Lines<typename E::A::Element> b, Result result, float *parts) {
    using A = typename E::A;
    using B = typename E::B;
    constexpr Extent TILED = EXTENT<TILE>;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
    if (TILE != Tile::SMALL || E::NEEDS_TENSOR_CORES) {
        return; // never launched there: no code for it
    }
#elif !BOREP_GROUP_PRODUCTS
    if (IS_GROUPED<TILE>) {
        return;
    }
#endif
    const int count = sizes.count.get();
    const int ms = FORM == Form::OUTER ? sizes.extent : count;
    const int ks = FORM == Form::OUTER ? count : sizes.extent;
    const int m0 = blockIdx.y * TILED.rows;
    const int n0 = blockIdx.x * TILED.columns;
    if (m0 >= ms) {
        return;
    }
    const int all = (ks + A::DEPTH - 1) / A::DEPTH;
    const int share = (all + gridDim.z - 1) / gridDim.z;
    const int first = blockIdx.z * share;
    const int panels = share < all - first ? share : all - first;
    Source<A, E::THREADS, true> source_a(a, m0, ms, first * A::DEPTH, ks);
    Source<B, E::THREADS, FORM == Form::OUTER> source_b(b, n0, sizes.columns, first * A::DEPTH, ks);
    const float *tile = make_tile<E, TILE>(source_a, source_b, first, panels);
    const size_t part = (static_cast<size_t>(blockIdx.y) * gridDim.x + blockIdx.x) * gridDim.z + blockIdx.z;
    const bool wide = is_wide(result);
#pragma unroll 4 // what is added to, under way
    for (int i = threadIdx.x; i < TILED.rows * TILED.columns / 4; i += E::THREADS) {
        const int row = i / (TILED.columns / 4);
        const int column = i % (TILED.columns / 4) * 4;
        const Quad four = *reinterpret_cast<const Quad *>(tile + row * PITCH<TILE> + column);
        if (parts != nullptr) {
            *reinterpret_cast<Quad *>(parts + (part * TILED.rows + row) * TILED.columns + column) = four;
        } else if (m0 + row < ms) {
            if (wide && n0 + column + 4 <= sizes.columns) {
                finish_four(result, m0 + row, n0 + column, four);
            } else {
                for (int j = 0; j < 4 && n0 + column + j < sizes.columns; j++) {
                    finish(result, m0 + row, n0 + column + j, four.at[j]);
                }
            }
        }
    }
}

/** Adds the parts of each number of C in the order of k. Blocks: numbers of a tile / ADDING, then tiles as in product. */
__global__ void __launch_bounds__(ADDING)
    add_parts(Extent tiled, Count ms, int columns, int count, const float *parts, Result result) {
    const int number = blockIdx.x * ADDING + threadIdx.x;
    const int m = blockIdx.z * tiled.rows + number / tiled.columns;
    const int n = blockIdx.y * tiled.columns + number % tiled.columns;
    if (m >= ms.get() || n >= columns) {
        return;
    }
    const int size = tiled.rows * tiled.columns;
    const size_t tile = static_cast<size_t>(blockIdx.z) * gridDim.y + blockIdx.y;
    const float *part = parts + tile * count * size + number;
    float sum = 0;
    for (int i = 0; i < count; i++) {
        sum += part[static_cast<size_t>(i) * size];
    }
    finish(result, m, n, sum);
}

template <Form FORM, Tile TILE, Arithmetic ARITHMETIC, class Element>
void launch(borep_context &context, const Product &p, int parts, const Lines<Element> &a, const Lines<Element> &b) {
    using E = typename EngineOf<FORM, TILE, ARITHMETIC>::Type;
    constexpr Extent TILED = EXTENT<TILE>;
    constexpr size_t SHARED = (RING<E, TILE> + E::BESIDE) * sizeof(Element);
    static_assert(SHARED <= shared_bytes(TILE));
    const auto kernel = product<FORM, TILE, E>;
    if constexpr (TILE != Tile::SMALL) { // more than a kernel may have unasked
        context.make_current();
        BOREP_CUDA(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(SHARED)));
    }
    const dim3 grid(ceil_div(p.columns, TILED.columns), ceil_div(p.ms(), TILED.rows), static_cast<unsigned>(parts));
    const size_t sums = size_t{grid.x} * grid.y * grid.z * TILED.rows * TILED.columns;
    auto *memory = parts == 1 ? nullptr : static_cast<float *>(context.scratch(Scratch::SUMS, sums * sizeof(float)));
    BOREP_RUN(context, kernel, grid, E::THREADS, SHARED, Sizes{p.count, p.extent, p.columns}, a, b, p.result, memory);
    if (parts > 1) {
        BOREP_RUN(
            context, add_parts, dim3(TILED.rows * TILED.columns / ADDING, grid.x, grid.y), ADDING, 0, TILED,
            p.form == Form::OUTER ? Count{nullptr, p.extent} : p.count, p.columns, parts, memory, p.result);
    }
}

/** Bytes from row to row: a row is shorter than 2 GiB. */
template <class Element>
int pitch(int stride) {
    return stride * static_cast<int>(sizeof(Element));
}

/** An operand that is read where it lies. */
Lines<float> lines(const Operand &operand) {
    const bool wide = reinterpret_cast<uintptr_t>(operand.values) % 16 == 0 && operand.stride % 4 == 0;
    return {operand.values, pitch<float>(operand.stride), operand.map, wide};
}

template <Form FORM, Tile TILE>
void launch(borep_context &context, const Product &p, int parts) {
    const Lines<float> a = lines(p.a);
    const Lines<float> b = lines(p.b);
    switch (p.precision(context)) {
        case BOREP_FP32:
            if constexpr (exists(TILE, BOREP_FP32)) {
                launch<FORM, TILE, Arithmetic::FP32>(context, p, parts, a, b);
            }
            break;
        case BOREP_3XTF32:
            if constexpr (exists(TILE, BOREP_3XTF32)) {
                launch<FORM, TILE, Arithmetic::TF32_X3>(context, p, parts, a, b);
            }
            break;
        case BOREP_TF32:
            launch<FORM, TILE, Arithmetic::TF32>(context, p, parts, a, b);
            break;
        case BOREP_BF16:
            if constexpr (exists(TILE, BOREP_BF16)) {
                const auto [left, right] = stage<uint16_t>(context, p);
                launch<FORM, TILE, Arithmetic::BF16>(
                    context, p, parts, Lines<uint16_t>{left.values, pitch<uint16_t>(left.stride), nullptr, true},
                    Lines<uint16_t>{right.values, pitch<uint16_t>(right.stride), nullptr, true});
            }
            break;
    }
}

template <Form FORM>
void launch(borep_context &context, const Product &p) {
    const Resources resources{
        context.properties().multiProcessorCount, context.properties().sharedMemPerBlockOptin, context.multiplies_in_groups()};
    const Plan plan = Planner(resources, p.precision(context), p.ms(), p.columns, p.ks()).best();
    switch (plan.tile) {
        case Tile::WIDE:
            return launch<FORM, Tile::WIDE>(context, p, plan.parts);
        case Tile::LARGE:
            return launch<FORM, Tile::LARGE>(context, p, plan.parts);
        case Tile::SMALL:
            return launch<FORM, Tile::SMALL>(context, p, plan.parts);
        case Tile::WIDE_GROUPS:
            return launch<FORM, Tile::WIDE_GROUPS>(context, p, plan.parts);
        case Tile::GROUPS:
            return launch<FORM, Tile::GROUPS>(context, p, plan.parts);
    }
}

constexpr int SUM_COLUMNS = 32;
constexpr int SUM_ROWS = 8;

/** A block of 8 warps adds up 32 columns: warp w takes rows w, w + 8, …; the eight sums are added in order. */
__global__ void __launch_bounds__(SUM_COLUMNS *SUM_ROWS)
    column_sums(Count count, int columns, Operand a, float *out, float *out2) {
    float *scratch = shared_memory<float>();
    const int lane = threadIdx.x % SUM_COLUMNS;
    const int n = blockIdx.x * SUM_COLUMNS + lane;
    const int rows = count.get();
    float sum = 0;
    if (n < columns) {
#pragma unroll 8 // loads under way
        for (int row = threadIdx.x / SUM_COLUMNS; row < rows; row += SUM_ROWS) {
            sum += a.values[static_cast<size_t>(row) * a.stride + n];
        }
    }
    scratch[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x < SUM_COLUMNS && n < columns) {
        float total = 0;
        for (int w = 0; w < SUM_ROWS; w++) {
            total += scratch[w * SUM_COLUMNS + lane];
        }
        out[n] += total;
        if (out2 != nullptr) {
            out2[n] += total;
        }
    }
}

}  // namespace
}  // namespace matmul

bool has_group_products() {
    bool has = false;
    BOREP_CUDA(cudaMemcpyFromSymbol(&has, matmul::group_products, sizeof has));
    return has;
}

void multiply(borep_context &context, const Product &product) {
    if (product.ms() == 0 || product.columns == 0) {
        return;
    }
    if (context.cublas() != nullptr && context.cublas()->multiply(context, product)) {
        return;
    }
    switch (product.form) {
        case Form::ROWS_TRANSPOSED:
            return matmul::launch<Form::ROWS_TRANSPOSED>(context, product);
        case Form::ROWS:
            return matmul::launch<Form::ROWS>(context, product);
        case Form::OUTER:
            return matmul::launch<Form::OUTER>(context, product);
    }
}

void add_column_sums(borep_context &context, Count count, int columns, Operand a, float *out, float *out2) {
    constexpr int THREADS = matmul::SUM_COLUMNS * matmul::SUM_ROWS;
    BOREP_RUN(
        context, matmul::column_sums, ceil_div(columns, matmul::SUM_COLUMNS), THREADS, THREADS * sizeof(float), count, columns, a,
        out, out2);
}

}  // namespace borep

using namespace borep;

borep_status borep_multiply(borep_context *context, const borep_product *product) {
    return guarded([&] {
        BOREP_GIVEN(context, product);
        require(
            product->size == sizeof *product, "product of " + std::to_string(product->size) + " bytes: this library reads " +
                                                  std::to_string(sizeof *product));
        require(
            product->form >= BOREP_ROWS_TRANSPOSED && product->form <= BOREP_OUTER,
            "form " + std::to_string(product->form) + ": must be 0 (rows transposed), 1 (rows) or 2 (outer)");
        require(product->rows >= 0, "rows " + std::to_string(product->rows) + ": must not be negative");
        const auto form = static_cast<Form>(product->form);
        require_stride("a", product->a);
        require_stride("c", product->c);
        require_width("b", &product->b, form == Form::ROWS_TRANSPOSED ? product->a.width : product->c.width);
        require(
            product->b_map == 0 || form == Form::OUTER, "b_map: only for outer products, whose B has as many rows as A");
        multiply(
            *context, {form, Count{ints_at(product->count), product->rows}, product->rows, product->a.width, product->c.width,
                       Operand{floats_at(product->a.values), product->a.stride, ints_at(product->a_map)},
                       Operand{floats_at(product->b.values), product->b.stride, ints_at(product->b_map)},
                       Result{floats_at(product->c.values), product->c.stride, product->accumulate != 0}});
    });
}
