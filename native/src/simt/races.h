/*
 * Finds accesses of a kernel's threads that nothing orders, in builds with -DBOREP_RACES=ON: two threads touch the same bytes, one of
 * them writes, and no chain of barriers, of releases and acquires or of words between blocks leads from one to the other. It does not
 * depend on the order in which threads happened to run, and knows no order that hardware does not promise: shuffles and products of a
 * warp hand values over, but order no memory, and what arrives at a mailbox orders shared memory alone.
 *
 * The compiler calls in at each access (-fsanitize=thread, without that sanitizer's runtime, whose threads are not ours). What each
 * thread knows of the others is a vector clock, see Lamport 1978 and Flanagan and Freund 2009 (FastTrack); of four bytes
 * two writes and three reads are kept that may still matter, so that a race with a fourth reader can be missed.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace borep::simt {

enum class Space { GLOBAL, SHARED };

#if defined(BOREP_RACES)

constexpr size_t PAGE_BYTES = 4096;

/** What lies on a page of watched memory is watched, so it gets pages of its own. */
constexpr size_t MEMORY_ALIGNMENT = PAGE_BYTES;
constexpr size_t taken_bytes(size_t bytes) {
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

/** Up to which moment of each thread of a launch somebody has heard; a block that is missing has not been heard of. */
class Knowledge {
   public:
    /** Threads of a block; null: nothing heard. */
    using Moments = std::vector<uint32_t>;

    bool covers(unsigned block, unsigned thread, uint32_t moment) const;
    /** Takes over what the other one knows beyond this. */
    void learn(const Knowledge &other);
    /** Hears of one thread's moment; blocks have so many threads. */
    void hear(unsigned block, unsigned thread, uint32_t moment, unsigned threads);

   private:
    std::shared_ptr<Moments> &of(unsigned block);

    /** By block. */
    std::vector<std::pair<unsigned, std::shared_ptr<Moments>>> blocks_;
};

using Known = std::shared_ptr<const Knowledge>;

class Races;

/** A thread, as others hear of it. */
struct Witness {
    Races *races = nullptr;
    /** Where its stack lies, of which others know nothing. */
    const void *stack = nullptr;
    size_t stack_bytes = 0;
    unsigned block = 0;
    unsigned thread = 0;
    /** Moves on whenever others may hear of what was before. */
    uint32_t moment = 0;
    Known known;
    /** What it knows besides, if only of shared memory; null: nothing. */
    Known known_of_shared;
};

/** Where threads hand over what they know. */
class Meeting {
   public:
    /** Adds what a thread knows, and that it has come this far. */
    void arrive(Witness &witness);
    /** Gives all of it to a thread that has arrived. */
    void leave(Witness &witness);
    /** Gives it to one that has not. */
    void hand_over(Witness &witness);
    /** Only what it means for shared memory. */
    void hand_over_shared(Witness &witness);

   private:
    std::shared_ptr<Knowledge> known_;
    Known known_of_shared_;
    /** Whether threads hold what is known, so that it must not change. */
    bool given_ = false;
    /** What those who left last were given; arriving with it, they bring nothing new but themselves. */
    Known left_with_;
};

/** What a launch is found to do. */
class Races {
   public:
    /** @param threads of a block */
    explicit Races(unsigned threads);
    ~Races();
    Races(const Races &) = delete;
    Races &operator=(const Races &) = delete;

    unsigned threads() const {
        return threads_;
    }

    /** A thread begins, knowing all that was before the launch. */
    void begin(Witness &witness, unsigned block, unsigned thread);
    /** What a word of memory hands over to those who acquire it. */
    Meeting &at(const void *word) {
        return words_[word];
    }
    void access(const Witness &witness, const void *address, size_t bytes, bool writes, const void *code);
    /** A sentence about the first race; empty if there is none. */
    const std::string &found() const {
        return found_;
    }

    struct Access;
    struct Page;

   private:
    struct Recent;

    /** The page of memory of that number; null: not watched. */
    Page *page(uintptr_t number);
    bool is_ordered(const Access &earlier, const Witness &witness, Space space) const;
    void tell(const Access &earlier, bool wrote, const Access &now, bool writes, Space space);

    const unsigned threads_;
    /** Moments up to this one were before the launch. */
    const uint32_t beginning_;
    uint32_t latest_;
    std::vector<Recent> recent_;
    std::map<const void *, Meeting> words_;
    std::string found_;
};

/** Watches memory from now on, as if nobody had touched it; its pages belong to it alone. */
void watch(const void *address, size_t bytes, Space space);
/** No longer watches what begins there. */
void forget(const void *address);

/** Whose accesses the compiler's calls are; null: nobody's, while the host works. */
void observe(Witness *witness);

/** An access that the compiler does not see, of the thread that is observed. */
void observe_access(const void *address, size_t bytes, bool writes, const void *code);

#else

constexpr size_t MEMORY_ALIGNMENT = 256;
constexpr size_t taken_bytes(size_t bytes) {
    return bytes; // exactly, so that sanitizers see its end
}

struct Witness {
    const void *stack = nullptr;
    size_t stack_bytes = 0;
};
struct Meeting {
    void arrive(Witness &) {}
    void leave(Witness &) {}
    void hand_over(Witness &) {}
    void hand_over_shared(Witness &) {}
};
class Races {
   public:
    explicit Races(unsigned) {}
    void begin(Witness &, unsigned, unsigned) {}
    Meeting at(const void *) {
        return {};
    }
    std::string found() const {
        return {};
    }
};
inline void watch(const void *, size_t, Space) {}
inline void forget(const void *) {}
inline void observe(Witness *) {}
inline void observe_access(const void *, size_t, bool, const void *) {}

#endif

/** Memory of kernels; throws std::bad_alloc. */
inline unsigned char *take_memory(size_t bytes, Space space) {
    if (bytes > PTRDIFF_MAX - MEMORY_ALIGNMENT) {
        throw std::bad_alloc();
    }
    auto *memory = static_cast<unsigned char *>(::operator new(taken_bytes(bytes), std::align_val_t{MEMORY_ALIGNMENT}));
    watch(memory, bytes, space);
    return memory;
}

inline void give_back_memory(void *memory) {
    forget(memory);
    ::operator delete(memory, std::align_val_t{MEMORY_ALIGNMENT});
}

}  // namespace borep::simt
