/* Tiles and parts that matrix products get on devices of several sizes: what the roofline of matmul_plan.h says. */
#include "kernels/matmul_plan.h"

#include "abi.h"

using namespace borep::matmul;
using namespace test;

namespace {

constexpr Resources H100{132, 227 << 10};
constexpr Resources RTX{84, 99 << 10};
constexpr Resources T4{40, 64 << 10};

void expect_plan(const char *name, Resources on, borep_precision precision, int m, int n, int k, Tile tile, int parts) {
    const Plan plan = Planner(on, precision, m, n, k).best();
    expect(
        plan.tile == tile && plan.parts == parts, std::string(name) + ": tile " + std::to_string(static_cast<int>(plan.tile)) +
                                                      " in " + std::to_string(plan.parts) + " parts");
}

}  // namespace

int main() {
    expect_plan("many tiles", H100, BOREP_TF32, 8192, 4096, 1024, Tile::WIDE, 1);
    expect_plan("many tiles, arithmetic holds back", H100, BOREP_FP32, 8192, 4096, 1024, Tile::LARGE, 1);
    expect_plan("many tiles, three products", H100, BOREP_3XTF32, 8192, 4096, 1024, Tile::LARGE, 1);
    expect_plan("little shared memory", RTX, BOREP_BF16, 8192, 4096, 1024, Tile::LARGE, 1);
    expect_plan("less", T4, BOREP_FP32, 8192, 4096, 1024, Tile::SMALL, 1);
    expect_plan("a wave of large tiles, not of wide ones", H100, BOREP_TF32, 1408, 1536, 300, Tile::LARGE, 1);
    expect_plan("half a wave of small ones", H100, BOREP_TF32, 32, 4096, 300, Tile::SMALL, 1);
    expect_plan("a long sum for few numbers", H100, BOREP_TF32, 256, 300, 20000, Tile::WIDE, 44);
    expect_plan("a last round of few tiles", H100, BOREP_FP32, 3200, 2048, 2048, Tile::LARGE, 4);
    expect_plan("nothing to add up", H100, BOREP_TF32, 64, 64, 0, Tile::SMALL, 1);
    Random random(1);
    for (int i = 0; i < 200; i++) {
        const int m = 1 + random.below(5000), n = 1 + random.below(5000), k = random.below(20000);
        const Planner planner(H100, static_cast<borep_precision>(random.below(4)), m, n, k);
        const Plan plan = planner.best();
        const int tiles = planner.tiles(plan.tile);
        expect(
            plan.parts >= 1 && (plan.parts == 1 || (tiles <= 4 * H100.multiprocessors && plan.parts * 128 < k + 128)),
            "many tiles need no parts, and parts are not shorter than their panels");
    }
    return finish("matmul plan");
}
