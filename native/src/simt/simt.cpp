#include "simt/simt.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#include "simt/races.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace borep::simt {
namespace {

constexpr size_t STACK_BYTES = 128 << 10;
constexpr size_t GUARD_BYTES = 4096;
constexpr unsigned WARP = 32;

#if defined(__x86_64__)
// A context switch saves the callee-saved registers of the System V ABI; ucontext would cost a system call each time.
extern "C" void borep_simt_switch(void **from, void *to);
asm(".text\n.weak borep_simt_switch\n.type borep_simt_switch,@function\nborep_simt_switch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
    "movq %rsp,(%rdi)\nmovq %rsi,%rsp\n"
    "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n"
    ".size borep_simt_switch,.-borep_simt_switch\n");
struct Context {
    void *stack_pointer = nullptr;
};
void switch_context(Context &from, Context &to) {
    borep_simt_switch(&from.stack_pointer, to.stack_pointer);
}
void prepare(Context &context, char *stack_end, void (*entry)()) {
    void **top = reinterpret_cast<void **>(stack_end) - 2;
    *top = reinterpret_cast<void *>(entry);
    top -= 6;
    std::memset(top, 0, 6 * sizeof(void *));
    context.stack_pointer = top;
}
#else
struct Context {
    ucontext_t context;
};
void switch_context(Context &from, Context &to) {
    swapcontext(&from.context, &to.context);
}
void prepare(Context &context, char *stack_end, void (*entry)()) {
    getcontext(&context.context);
    context.context.uc_stack.ss_sp = stack_end - STACK_BYTES;
    context.context.uc_stack.ss_size = STACK_BYTES;
    context.context.uc_link = nullptr;
    makecontext(&context.context, entry, 0);
}
#endif

struct Block;
struct Fiber;

/** A meeting point; threads that have ended no longer count. */
struct Barrier {
    explicit Barrier(bool orders_memory = true) : orders_memory(orders_memory) {}

    const bool orders_memory;
    unsigned expected = 0;
    std::vector<Fiber *> waiting;
    Meeting meeting;
};

struct Warp {
    Barrier barrier;
    /** Where values are exchanged, which orders no memory. */
    Barrier exchange{false};
    uint32_t slots[2][WARP][8];
};

/** Blocks that run together. */
struct Cluster {
    Barrier barrier;
    std::vector<Block *> blocks;
};

/** A word on its way into a block's shared memory. */
struct Letter {
    void *to;
    uint32_t word;
    Mailbox *mailbox;
    void land() const {
        std::memcpy(to, &word, sizeof word);
    }
};

/** A block's shared memory. */
class SharedBytes {
   public:
    explicit SharedBytes(size_t bytes) : bytes_(take_memory(bytes, Space::SHARED)) {
        std::memset(bytes_, 0xA5, bytes); // junk
    }
    SharedBytes(const SharedBytes &) = delete;
    SharedBytes &operator=(const SharedBytes &) = delete;
    ~SharedBytes() {
        give_back_memory(bytes_);
    }
    unsigned char *get() const {
        return bytes_;
    }

   private:
    unsigned char *bytes_;
};

struct Block {
    explicit Block(size_t shared_bytes) : shared(shared_bytes) {}

    uint3 index{};
    unsigned started = 0;
    unsigned live = 0;
    Barrier barrier;
    std::vector<Warp> warps;
    SharedBytes shared;
    std::shared_ptr<Cluster> cluster;
    unsigned number = 0;
    unsigned rank = 0;
    std::vector<Letter> letters;
    std::map<const Mailbox *, Meeting> meetings;
};

/** An asynchronous copy under way. */
struct Copy {
    void *to;
    const void *from;
    unsigned bytes;
    unsigned valid;
    /** Which code asked for it. */
    const void *code;
    /** To be done when it begins and when it has ended: in between it may read and write at any moment. */
    void observe() const {
        observe_access(from, valid, false, code);
        observe_access(to, bytes, true, code);
    }
    void land() const {
        std::memcpy(to, from, valid);
        std::memset(static_cast<unsigned char *>(to) + valid, 0, bytes - valid);
    }
};

/** A product of tensor cores under way. */
struct LateProduct {
    Reads reads;
    std::function<void()> multiply;
    const void *code;
    /** As Copy's. */
    void observe() const {
        reads([this](const void *address, unsigned bytes) { observe_access(address, bytes, false, code); });
    }
};

/** What a thread has under way, oldest first; those that are waited for leave in groups. */
template <class Task>
class Pending {
   public:
    void add(Task task) {
        tasks_.push_back(std::move(task));
    }
    void close() {
        groups_.push_back(tasks_.size() - grouped_);
        grouped_ = tasks_.size();
    }
    /** Ends all groups but the last ones. */
    template <class End>
    void wait(unsigned pending, End end) {
        if (groups_.size() <= pending) {
            return;
        }
        const auto landing = groups_.end() - pending;
        const size_t count = std::accumulate(groups_.begin(), landing, size_t{0});
        groups_.erase(groups_.begin(), landing);
        std::for_each(tasks_.begin(), tasks_.begin() + count, end);
        tasks_.erase(tasks_.begin(), tasks_.begin() + count);
        grouped_ -= count;
    }
    void clear() {
        tasks_.clear();
        groups_.clear();
        grouped_ = 0;
    }

   private:
    std::vector<Task> tasks_;
    std::vector<size_t> groups_;
    size_t grouped_ = 0;
};

/** A stack; it runs one thread after another and belongs to a thread for as long as that one waits. */
struct Fiber {
    Context context;
    char *stack = nullptr;
    Block *block = nullptr;
    Warp *warp = nullptr;
    uint3 thread{};
    unsigned lane = 0;
    unsigned parity = 0;
    Pending<Copy> copies;
    Pending<LateProduct> products;
    Witness witness;
    void *fake_stack = nullptr;

    Fiber() {
        stack = static_cast<char *>(mmap(
            nullptr, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        if (stack == MAP_FAILED) {
            throw std::bad_alloc();
        }
        mprotect(stack, GUARD_BYTES, PROT_NONE);
        witness.stack = stack;
        witness.stack_bytes = GUARD_BYTES + STACK_BYTES;
    }
    Fiber(const Fiber &) = delete;
    Fiber &operator=(const Fiber &) = delete;
    ~Fiber() {
        munmap(stack, GUARD_BYTES + STACK_BYTES);
    }
    char *stack_end() {
        return stack + GUARD_BYTES + STACK_BYTES;
    }
};

/** One kernel under way. */
class Grid {
   public:
    Grid(dim3 grid, dim3 block, size_t shared, unsigned together, const std::function<void()> &body)
        : grid_(grid), block_(block), shared_(shared), body_(body), threads_(block.x * block.y * block.z), races_(threads_) {
        count_ = grid.x * grid.y * grid.z;
        together_ = together == ALL_BLOCKS ? count_ : together;
    }

    void run(const char *name);

    dim3 grid() const {
        return grid_;
    }
    dim3 block() const {
        return block_;
    }
    void wait(Barrier &barrier);
    void spin();
    void progressed() {
        progress_++;
    }
    Races &races() {
        return races_;
    }
    void work();

   private:
    Block *next_block_to_start();
    void add_blocks();
    Block *add_block();
    void end_thread(Fiber &fiber);
    void release(Barrier &barrier);
    void resume(Fiber *fiber);
    unsigned order(unsigned thread) const;

    dim3 grid_, block_;
    size_t shared_;
    unsigned together_;
    const std::function<void()> &body_;
    const unsigned threads_;
    unsigned count_;
    Races races_;
    unsigned made_ = 0;
    size_t cursor_ = 0;
    unsigned live_ = 0;
    uint64_t progress_ = 0;
    Context main_;
    void *main_fake_stack_ = nullptr;
    std::vector<std::unique_ptr<Block>> blocks_;
    std::vector<Fiber *> ready_;
    std::vector<Fiber *> spinning_;
};

/** Stacks outlive a kernel. */
struct Pool {
    std::vector<std::unique_ptr<Fiber>> all;
    std::vector<Fiber *> idle;
    const void *main_stack = nullptr;
    size_t main_stack_bytes = 0;
};

thread_local Pool pool;
// Kernels ask for these with every threadIdx; looking up thread-local memory of a library loaded late would take most of their time.
[[gnu::tls_model("initial-exec")]] thread_local Grid *running = nullptr;
[[gnu::tls_model("initial-exec")]] thread_local Fiber *current = nullptr;

unsigned shuffle_seed() {
    static const char *text = std::getenv("BOREP_SIMT_SEED");
    static const unsigned seed = text == nullptr ? 0 : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
    return seed;
}

/** Whether what is sent or copied asynchronously comes as early as it may, and not as late. */
bool lands_at_once() {
    return shuffle_seed() % 2 == 1;
}

#if defined(__SANITIZE_ADDRESS__)
void enter_fiber(void **save, Fiber *fiber) {
    __sanitizer_start_switch_fiber(save, fiber->stack + GUARD_BYTES, STACK_BYTES);
}
void leave_fiber(void **save) {
    __sanitizer_start_switch_fiber(save, pool.main_stack, pool.main_stack_bytes);
}
void arrived_on_fiber(void *saved) {
    const void *bottom = nullptr;
    size_t size = 0;
    __sanitizer_finish_switch_fiber(saved, &bottom, &size);
    pool.main_stack = bottom;
    pool.main_stack_bytes = size;
}
void arrived_on_main(void *saved) {
    __sanitizer_finish_switch_fiber(saved, nullptr, nullptr);
}
#else
void enter_fiber(void **, Fiber *) {}
void leave_fiber(void **) {}
void arrived_on_fiber(void *) {}
void arrived_on_main(void *) {}
#endif

void fiber_entry() {
    arrived_on_fiber(nullptr);
    for (;;) {
        running->work();
    }
}

Fiber *idle_fiber() {
    if (pool.idle.empty()) {
        pool.all.push_back(std::make_unique<Fiber>());
        Fiber *fiber = pool.all.back().get();
        prepare(fiber->context, fiber->stack_end(), fiber_entry);
        return fiber;
    }
    Fiber *fiber = pool.idle.back();
    pool.idle.pop_back();
    return fiber;
}

}  // namespace

/** With a seed threads start in the order of an affine permutation of their numbers; without, in their natural order. */
unsigned Grid::order(unsigned thread) const {
    const unsigned seed = shuffle_seed();
    if (seed == 0) {
        return thread;
    }
    const auto divisor = [](unsigned a, unsigned b) {
        while (b != 0) {
            const unsigned rest = a % b;
            a = b;
            b = rest;
        }
        return a;
    };
    unsigned factor = (seed * 2654435761u >> 7) % threads_ | 1;
    while (divisor(factor, threads_) != 1) {
        factor += 2;
    }
    return static_cast<unsigned>((static_cast<uint64_t>(thread) * factor + seed * 40503u) % threads_);
}

/** Those that run next: together, and as a cluster. */
void Grid::add_blocks() {
    const auto cluster = std::make_shared<Cluster>();
    for (unsigned rank = 0; rank < together_; rank++) {
        Block *block = add_block();
        block->cluster = cluster;
        block->rank = rank;
        cluster->blocks.push_back(block);
        cluster->barrier.expected += threads_;
    }
}

Block *Grid::add_block() {
    auto block = std::make_unique<Block>(shared_);
    const unsigned i = made_++;
    block->number = i;
    block->index = {i % grid_.x, i / grid_.x % grid_.y, i / grid_.x / grid_.y};
    block->barrier.expected = threads_;
    block->warps.resize((threads_ + WARP - 1) / WARP);
    for (unsigned thread = 0; thread < threads_; thread++) {
        block->warps[thread / WARP].barrier.expected++;
        block->warps[thread / WARP].exchange.expected++;
    }
    live_ += threads_;
    block->live = threads_;
    blocks_.push_back(std::move(block));
    return blocks_.back().get();
}

Block *Grid::next_block_to_start() {
    for (;;) {
        while (cursor_ < blocks_.size()) {
            if (blocks_[cursor_]->started < threads_) {
                return blocks_[cursor_].get();
            }
            cursor_++;
        }
        if (made_ == count_ || live_ > 0) {
            return nullptr;
        }
        blocks_.clear();
        cursor_ = 0;
        add_blocks();
    }
}

/** What a fiber does: one thread after another, until none is left to start. */
void Grid::work() {
    Fiber *fiber = current;
    while (Block *block = next_block_to_start()) {
        const unsigned thread = order(block->started++);
        fiber->block = block;
        fiber->thread = {thread % block_.x, thread / block_.x % block_.y, thread / block_.x / block_.y};
        fiber->warp = &block->warps[thread / WARP];
        fiber->lane = thread % WARP;
        fiber->parity = 0;
        races_.begin(fiber->witness, block->number, thread);
        fiber->copies.clear(); // what a thread that ended had under way reaches nobody
        fiber->products.clear();
        body_();
        end_thread(*fiber);
    }
    pool.idle.push_back(fiber);
    leave_fiber(&fiber->fake_stack);
    switch_context(fiber->context, main_);
    arrived_on_fiber(fiber->fake_stack);
}

void Grid::end_thread(Fiber &fiber) {
    live_--;
    fiber.block->live--;
    progress_++;
    for (Barrier *barrier :
         {&fiber.warp->barrier, &fiber.warp->exchange, &fiber.block->barrier, &fiber.block->cluster->barrier}) {
        barrier->expected--;
        if (!barrier->waiting.empty() && barrier->waiting.size() == barrier->expected) {
            release(*barrier);
        }
    }
}

void Grid::release(Barrier &barrier) {
    progress_++;
    if (barrier.orders_memory) {
        for (Fiber *fiber : barrier.waiting) {
            barrier.meeting.leave(fiber->witness);
        }
    }
    ready_.insert(ready_.end(), barrier.waiting.rbegin(), barrier.waiting.rend());
    barrier.waiting.clear();
}

void Grid::wait(Barrier &barrier) {
    Fiber *fiber = current;
    if (barrier.orders_memory) {
        barrier.meeting.arrive(fiber->witness);
    }
    if (barrier.waiting.size() + 1 == barrier.expected) {
        release(barrier);
        if (barrier.orders_memory) {
            barrier.meeting.leave(fiber->witness);
        }
        return;
    }
    barrier.waiting.push_back(fiber);
    leave_fiber(&fiber->fake_stack);
    switch_context(fiber->context, main_);
    arrived_on_fiber(fiber->fake_stack);
}

void Grid::spin() {
    Fiber *fiber = current;
    spinning_.push_back(fiber);
    leave_fiber(&fiber->fake_stack);
    switch_context(fiber->context, main_);
    arrived_on_fiber(fiber->fake_stack);
}

void Grid::resume(Fiber *fiber) {
    current = fiber;
    observe(&fiber->witness);
    enter_fiber(&main_fake_stack_, fiber);
    switch_context(main_, fiber->context);
    arrived_on_main(main_fake_stack_);
    observe(nullptr);
    current = nullptr;
}

void Grid::run(const char *name) {
    uint64_t seen = UINT64_MAX;
    for (;;) {
        if (next_block_to_start() != nullptr) {
            resume(idle_fiber());
        } else if (!ready_.empty()) {
            Fiber *fiber = ready_.back();
            ready_.pop_back();
            resume(fiber);
        } else if (!spinning_.empty() && progress_ != seen) {
            seen = progress_;
            ready_.swap(spinning_);
        } else if (live_ > 0) {
            // the stacks of threads that wait for ever are given up with everything on them
            throw std::runtime_error(
                std::string("kernel ") + name + ": " + std::to_string(live_) + " threads wait for each other for ever");
        } else {
            break;
        }
    }
    if (!races_.found().empty()) {
        throw std::runtime_error(std::string("kernel ") + name + ": " + races_.found());
    }
}

uint3 thread_index() {
    return current->thread;
}

uint3 block_index() {
    return current->block->index;
}

dim3 block_size() {
    return running->block();
}

dim3 grid_size() {
    return running->grid();
}

unsigned char *shared_bytes() {
    return current->block->shared.get();
}

void block_barrier() {
    running->wait(current->block->barrier);
}

void warp_barrier() {
    running->wait(current->warp->barrier);
}

void exchange_barrier() {
    running->wait(current->warp->exchange);
}

Exchange next_exchange() {
    current->parity ^= 1;
    return {current->warp->slots[current->parity], current->lane};
}

unsigned cluster_rank() {
    return current->block->rank;
}

void cluster_barrier() {
    running->wait(current->block->cluster->barrier);
}

namespace {

/** If all that is expected has come, it lands, and whoever waits for it may go on. */
void settle(Block &block, Mailbox *mailbox) {
    if (mailbox->expected == mailbox->filled || mailbox->owed != 0) {
        return;
    }
    const auto mine = [&](const Letter &letter) { return letter.mailbox == mailbox; };
    for (const Letter &letter : block.letters) {
        if (mine(letter)) {
            letter.land();
        }
    }
    std::erase_if(block.letters, mine);
    mailbox->filled++;
    running->progressed();
}

}  // namespace

void expect(Mailbox *mailbox, unsigned bytes) {
    current->block->meetings[mailbox].arrive(current->witness);
    mailbox->owed += static_cast<int32_t>(bytes);
    mailbox->expected++;
    settle(*current->block, mailbox);
}

void send(void *to, uint32_t word, Mailbox *mailbox, unsigned rank) {
    require_aligned(to, sizeof word);
    Block &from = *current->block, &receiver = *from.cluster->blocks[rank];
    if (receiver.live == 0) {
        std::fprintf(stderr, "kernel: block %u of a cluster is sent a word after it has ended\n", rank);
        std::abort(); // as hardware would fault
    }
    const auto there = [&](void *address) {
        return receiver.shared.get() + (static_cast<unsigned char *>(address) - from.shared.get());
    };
    auto *box = reinterpret_cast<Mailbox *>(there(mailbox));
    const Letter letter{there(to), word, box};
    if (lands_at_once()) {
        letter.land();
    } else {
        receiver.letters.push_back(letter);
    }
    observe_access(there(to), sizeof word, true, __builtin_return_address(0));
    receiver.meetings[box].arrive(current->witness);
    box->owed -= sizeof word;
    settle(receiver, box);
}

void received(const Mailbox *mailbox) {
    current->block->meetings[mailbox].hand_over_shared(current->witness);
}

void require_aligned(const void *address, unsigned bytes) {
    if (reinterpret_cast<uintptr_t>(address) % bytes != 0) {
        std::fprintf(stderr, "kernel: address %p must be a multiple of %u\n", address, bytes);
        std::abort(); // a fiber has nobody to throw to
    }
}

void copy_async(void *to, const void *from, unsigned bytes, unsigned valid) {
    require_aligned(to, bytes);
    require_aligned(from, bytes);
    const Copy copy{to, from, bytes, valid, __builtin_return_address(0)};
    copy.observe();
    if (lands_at_once()) {
        copy.land();
    }
    current->copies.add(copy);
}

void commit_copies() {
    current->copies.close();
}

void wait_copies(unsigned pending) {
    current->copies.wait(pending, [](const Copy &copy) {
        if (!lands_at_once()) {
            copy.land();
        }
        copy.observe();
    });
}

void multiply_later(Reads reads, std::function<void()> product) {
    const LateProduct late{std::move(reads), std::move(product), __builtin_return_address(0)};
    late.observe();
    if (lands_at_once()) {
        late.multiply();
    }
    current->products.add(late);
}

void close_products() {
    current->products.close();
}

void wait_products(unsigned pending) {
    current->products.wait(pending, [](const LateProduct &late) {
        if (!lands_at_once()) {
            late.multiply();
        }
        late.observe();
    });
}

void add_release(unsigned *address, unsigned value) {
    running->races().at(address).arrive(current->witness);
    *address += value;
}

unsigned load_acquire(const unsigned *address) {
    running->races().at(address).hand_over(current->witness);
    return *address;
}

int compare_and_swap(int *address, int expected, int value) {
    const int old = *address;
    if (old == expected) {
        *address = value;
    }
    return old;
}

void yield_spinning() {
    running->spin();
}

void end_spinning() {
    running->progressed();
}

void run_grid(
    const char *name, dim3 grid, dim3 block, size_t shared, unsigned together, const std::function<void()> &body) {
    Grid launch(grid, block, shared, together, body);
    Grid *before = std::exchange(running, &launch);
    try {
        launch.run(name);
    } catch (...) {
        running = before;
        throw;
    }
    running = before;
}

}  // namespace borep::simt
