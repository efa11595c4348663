/* Which layers run as one persistent kernel on which chips: the choice is plain arithmetic, so any chip can be asked about. */
#include "abi.h"
#include "kernels/recurrent_plan.h"

using namespace borep;
using namespace test;

namespace {

const Chip H100{132, 227 << 10, 9, 0}, A100{108, 163 << 10, 8, 0}, RTX3090{82, 99 << 10, 8, 6}, T4{40, 64 << 10, 7, 5};
const borep_sweep_options CHOSEN{sizeof CHOSEN, BOREP_SWEEPS_CHOSEN, 0, 0, 0, 0};

/** Where both ways are possible it is the predicted times that decide: such rows say nothing. */
enum class Expected { PERSISTENT, STEPWISE, EITHER };

struct Row {
    const char *name;
    Chip chip;
    int gates;
    int hidden;
    int batch;
    Expected single;
    Expected along;
};

void check(const Row &row, borep_precision precision) {
    for (const Sweep sweep : {Sweep::FORWARD, Sweep::BACKWARD, Sweep::FORWARD_ALONG, Sweep::BACKWARD_ALONG}) {
        const SweepShape shape{row.gates, row.hidden, row.batch, sweep, precision};
        const Plan plan = choose_plan(shape, row.chip, CHOSEN);
        const std::string name = std::string(row.name) + ", sweep " + std::to_string(static_cast<int>(sweep)) + ": " + plan.text;
        const Expected expected = shape.along() ? row.along : row.single;
        expect(expected == Expected::EITHER || plan.resident() == (expected == Expected::PERSISTENT), name);
        if (!plan.resident()) {
            continue;
        }
        const Geometry &g = plan.geometry;
        const int depth = shape.backward() ? row.gates * row.hidden : row.hidden;
        const int rows = shape.backward() ? row.hidden : row.gates * row.hidden;
        expect(g.blocks() <= row.chip.multiprocessors, name + ": a block for each multiprocessor at most");
        expect(plan.shared_bytes <= row.chip.shared_bytes, name + ": shared memory");
        expect(g.splits * g.depth() >= depth && (g.splits - 1) * g.depth() < depth, name + ": all columns, no idle split");
        expect(g.groups * g.rows() >= rows, name + ": all rows");
        expect(g.weights * (shape.along() ? 2 : 1) <= 128, name + ": registers");
    }
}

}  // namespace

int main() {
    using enum Expected;
    const std::vector<Row> rows = {
        {"LSTM 64, H100", H100, 4, 64, 512, EITHER, EITHER},
        {"LSTM 128, H100", H100, 4, 128, 20, EITHER, PERSISTENT},
        {"LSTM 512, H100", H100, 4, 512, 32, PERSISTENT, EITHER},
        {"LSTM 1024, H100", H100, 4, 1024, 32, EITHER, STEPWISE},
        {"LSTM 2048, H100", H100, 4, 2048, 20, STEPWISE, STEPWISE},
        {"tanh RNN 1024, H100", H100, 1, 1024, 20, PERSISTENT, EITHER},
        {"tanh RNN 2048, H100", H100, 1, 2048, 50, EITHER, STEPWISE},
        {"tanh RNN 4096, H100", H100, 1, 4096, 20, STEPWISE, STEPWISE},
        {"LSTM 512, A100", A100, 4, 512, 32, EITHER, EITHER},
        {"LSTM 256, RTX 3090", RTX3090, 4, 256, 32, EITHER, EITHER},
        {"LSTM 256, T4", T4, 4, 256, 32, STEPWISE, STEPWISE},
    };
    for (const Row &row : rows) {
        for (const borep_precision precision : {BOREP_FP32, BOREP_3XTF32, BOREP_TF32}) {
            check(row, precision);
        }
    }
    const Plan old = choose_plan({4, 256, 32, Sweep::FORWARD, BOREP_FP32}, T4, CHOSEN);
    expect(old.text == "step by step: sm_75 has no asynchronous copies to shared memory", old.text);
    const Plan huge = choose_plan({4, 4096, 20, Sweep::FORWARD, BOREP_TF32}, H100, CHOSEN);
    expect(
        huge.text == "step by step: 268 MB of recurrent weights find no place in the registers of 132 multiprocessors", huge.text);
    const borep_sweep_options forced{sizeof forced, BOREP_SWEEPS_PERSISTENT, 0, 0, 0, 0};
    const Plan small = choose_plan({4, 128, 512, Sweep::FORWARD, BOREP_FP32}, H100, forced);
    expect(small.geometry.parts > 1, "a large batch of a small layer is dealt over the chip: " + small.text);
    const Plan large = choose_plan({4, 1024, 32, Sweep::BACKWARD, BOREP_FP32}, H100, forced);
    expect(large.geometry.splits > 1, "long rows are split: " + large.text);
    const SweepShape wide{4, 1024, 4096, Sweep::FORWARD, BOREP_TF32};
    expect(choose_plan(wide, H100, forced).way == Way::PERSISTENT, "a layer whose weights fit can be forced to stay on the chip");
    const Plan faster = choose_plan(wide, H100, CHOSEN);
    expect(faster.text.rfind("step by step: that is predicted to be faster, about ", 0) == 0, "a large batch: " + faster.text);
    const borep_sweep_options fixed{sizeof fixed, BOREP_SWEEPS_CHOSEN, 128, 0, 0, 0};
    expect(choose_plan(wide, H100, fixed).way == Way::PERSISTENT, "who fixes a part of the geometry gets a persistent sweep");
    return finish("recurrent_plan");
}
