#include "simt/races.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <unordered_map>

namespace borep::simt {

constexpr size_t WORD_BYTES = 4;

/** Who touched a word, when, which of its bytes, and from where. */
struct Races::Access {
    uint32_t block;
    /** 0: nobody. */
    uint32_t moment;
    /** Distance from `here`. */
    int32_t code;
    uint16_t thread;
    uint8_t bytes;
};

/** What is known of every four bytes of a page. */
struct Races::Page {
    struct Word {
        std::array<Access, 2> writes; // of different bytes
        std::array<Access, 3> reads;
    };

    Space space;
    std::array<Word, PAGE_BYTES / WORD_BYTES> words;
};

/** A page that was looked up. */
struct Races::Recent {
    uintptr_t number;
    uint64_t version;
    Page *page;
};

namespace {

using Page = Races::Page;

/** Code is told by its distance from this function's. */
void anchor() {}
const char *const here = reinterpret_cast<const char *>(&anchor);

/** All memory that is watched. */
class Watched {
   public:
    void add(uintptr_t first, size_t bytes, Space space) {
        const std::lock_guard lock(mutex_);
        ranges_[first] = bytes;
        for (uintptr_t number = first / PAGE_BYTES; number * PAGE_BYTES < first + bytes; number++) {
            pages_[number] = std::make_unique<Page>(Page{space, {}});
        }
        version_++;
    }
    void remove(uintptr_t first) {
        const std::lock_guard lock(mutex_);
        const auto range = ranges_.find(first);
        if (range == ranges_.end()) {
            return;
        }
        for (uintptr_t number = first / PAGE_BYTES; number * PAGE_BYTES < first + range->second; number++) {
            pages_.erase(number);
        }
        ranges_.erase(range);
        version_++;
    }
    /** Moves on with each change. */
    uint64_t version() const {
        return version_.load(std::memory_order_acquire);
    }
    /** Null: not watched. */
    Page *page(uintptr_t number) {
        const std::lock_guard lock(mutex_);
        const auto found = pages_.find(number);
        return found == pages_.end() ? nullptr : found->second.get();
    }

   private:
    std::mutex mutex_;
    std::unordered_map<uintptr_t, std::unique_ptr<Page>> pages_;
    std::map<uintptr_t, size_t> ranges_;
    std::atomic<uint64_t> version_ = 1;
};

Watched watched;
[[gnu::tls_model("initial-exec")]] thread_local Witness *observed = nullptr;

/** The moments of a launch begin after those of all that have ended: what was before is known. */
std::atomic<uint32_t> last_moment = 0;

/** Source lines of an address, innermost first; functions that were inlined have some each. */
std::string lines_of(const void *code) {
    Dl_info module{};
    if (dladdr(code, &module) == 0) {
        return "?";
    }
    const auto offset = static_cast<const char *>(code) - static_cast<const char *>(module.dli_fbase) - 1; // in the call
    std::array<char, 4096> text{};
    std::snprintf(text.data(), text.size(), "addr2line -ie '%s' %#tx", module.dli_fname, offset);
    FILE *tool = popen(text.data(), "r");
    std::string lines;
    while (tool != nullptr && std::fgets(text.data(), static_cast<int>(text.size()), tool) != nullptr) {
        std::string line = text.data();
        line = line.substr(line.rfind('/') + 1);
        lines += (lines.empty() ? "" : " < ") + line.substr(0, line.find_first_of(" \n"));
    }
    if (tool != nullptr) {
        pclose(tool);
    }
    return lines;
}

}  // namespace

namespace {

/** The first entry that is not of a smaller block. */
auto entry_of(auto &blocks, unsigned block) {
    return std::lower_bound(
        blocks.begin(), blocks.end(), block, [](const auto &entry, unsigned number) { return entry.first < number; });
}

}  // namespace

bool Knowledge::covers(unsigned block, unsigned thread, uint32_t moment) const {
    const auto at = entry_of(blocks_, block);
    return at != blocks_.end() && at->first == block && (*at->second)[thread] >= moment;
}

std::shared_ptr<Knowledge::Moments> &Knowledge::of(unsigned block) {
    const auto at = entry_of(blocks_, block);
    if (at != blocks_.end() && at->first == block) {
        return at->second;
    }
    return blocks_.insert(at, {block, nullptr})->second;
}

void Knowledge::learn(const Knowledge &other) {
    for (const auto &[block, theirs] : other.blocks_) {
        std::shared_ptr<Moments> &ours = of(block);
        if (ours == nullptr) {
            ours = theirs;
        } else if (ours != theirs) {
            const auto sum = std::make_shared<Moments>(*ours);
            std::transform(sum->begin(), sum->end(), theirs->begin(), sum->begin(), [](uint32_t a, uint32_t b) {
                return std::max(a, b);
            });
            ours = sum;
        }
    }
}

void Knowledge::hear(unsigned block, unsigned thread, uint32_t moment, unsigned threads) {
    std::shared_ptr<Moments> &moments = of(block);
    if (moments == nullptr) {
        moments = std::make_shared<Moments>(threads);
    } else if (moments.use_count() > 1) {
        moments = std::make_shared<Moments>(*moments);
    }
    (*moments)[thread] = moment;
}

namespace {

/** What a thread knows once it has heard of all that `more` holds. */
Known joined(const Known &known, const Known &more) {
    if (known == nullptr || more == nullptr || known == more) {
        return known == nullptr ? more : known;
    }
    const auto sum = std::make_shared<Knowledge>(*known);
    sum->learn(*more);
    return sum;
}

}  // namespace

void Meeting::arrive(Witness &witness) {
    if (known_ == nullptr) {
        known_ = std::make_shared<Knowledge>();
    } else if (given_) {
        known_ = std::make_shared<Knowledge>(*known_);
    }
    given_ = false;
    if (witness.known != nullptr && witness.known != left_with_) {
        known_->learn(*witness.known);
    }
    known_->hear(witness.block, witness.thread, witness.moment++, witness.races->threads());
    known_of_shared_ = joined(known_of_shared_, witness.known_of_shared);
}

void Meeting::leave(Witness &witness) {
    given_ = true;
    left_with_ = known_;
    witness.known = known_;
    witness.known_of_shared = known_of_shared_;
}

void Meeting::hand_over(Witness &witness) {
    given_ = true;
    witness.known = joined(witness.known, known_);
    witness.known_of_shared = joined(witness.known_of_shared, known_of_shared_);
}

void Meeting::hand_over_shared(Witness &witness) {
    given_ = true;
    witness.known_of_shared = joined(joined(witness.known_of_shared, known_), known_of_shared_);
}

Races::Races(unsigned threads) : threads_(threads), beginning_(last_moment), latest_(beginning_), recent_(1024) {}

Races::~Races() {
    uint32_t last = last_moment;
    while (last < latest_ && !last_moment.compare_exchange_weak(last, latest_)) {
    }
}

void Races::begin(Witness &witness, unsigned block, unsigned thread) {
    witness.races = this;
    witness.block = block;
    witness.thread = thread;
    witness.moment = beginning_ + 1;
    witness.known = nullptr;
    witness.known_of_shared = nullptr;
}

Races::Page *Races::page(uintptr_t number) {
    Recent &recent = recent_[number % recent_.size()];
    if (recent.number != number || recent.version != watched.version()) {
        recent = {number, watched.version(), watched.page(number)};
    }
    return recent.page;
}

bool Races::is_ordered(const Access &earlier, const Witness &witness, Space space) const {
    const auto covers = [&](const Known &known) {
        return known != nullptr && known->covers(earlier.block, earlier.thread, earlier.moment);
    };
    return earlier.moment <= beginning_ || (earlier.block == witness.block && earlier.thread == witness.thread) ||
           covers(witness.known) || (space == Space::SHARED && covers(witness.known_of_shared));
}

void Races::access(const Witness &witness, const void *address, size_t bytes, bool writes, const void *code) {
    latest_ = std::max(latest_, witness.moment);
    const auto first = reinterpret_cast<uintptr_t>(address), end = first + bytes;
    for (uintptr_t at = first / WORD_BYTES * WORD_BYTES; at < end; at += WORD_BYTES) {
        Page *const page = this->page(at / PAGE_BYTES);
        if (page == nullptr) {
            return;
        }
        Page::Word &word = page->words[at % PAGE_BYTES / WORD_BYTES];
        unsigned touched = 0xF;
        touched &= 0xFu << (first > at ? first - at : 0);
        touched &= 0xFu >> (end < at + WORD_BYTES ? at + WORD_BYTES - end : 0);
        const Access now = {
            witness.block, witness.moment, static_cast<int32_t>(static_cast<const char *>(code) - here),
            static_cast<uint16_t>(witness.thread), static_cast<uint8_t>(touched)};
        const auto is_settled = [&](const Access &earlier) { return is_ordered(earlier, witness, page->space); };
        const auto tell_conflicts = [&](const auto &all, bool wrote) {
            for (const Access &earlier : all) {
                if ((earlier.bytes & touched) != 0 && !is_settled(earlier)) {
                    tell(earlier, wrote, now, writes, page->space);
                }
            }
        };
        // In place of one that no longer matters, if there is one: whoever conflicts with it conflicts with this one, too.
        const auto keep = [&](auto &all, const auto &is_covered) {
            const auto place = std::find_if(all.begin(), all.end(), [&](const Access &earlier) {
                return earlier.moment <= beginning_ || ((earlier.bytes & ~touched) == 0 && is_covered(earlier));
            });
            (place != all.end() ? *place : all[witness.thread % all.size()]) = now;
        };
        tell_conflicts(word.writes, true);
        if (writes) {
            tell_conflicts(word.reads, false);
            keep(word.writes, [](const Access &) { return true; });
        } else {
            keep(word.reads, is_settled);
        }
    }
}

void Races::tell(const Access &earlier, bool wrote, const Access &now, bool writes, Space space) {
    if (!found_.empty()) {
        return;
    }
    const auto name = [](const Access &access) {
        return "thread " + std::to_string(access.thread) + " of block " + std::to_string(access.block);
    };
    found_ = name(now) + (writes ? " writes " : " reads ") + (space == Space::SHARED ? "shared" : "global") + " memory that " +
             name(earlier) + (wrote ? " has written" : " has read") + ", and nothing orders the two (" +
             lines_of(here + now.code) + "; " + lines_of(here + earlier.code) + ")";
}

void watch(const void *address, size_t bytes, Space space) {
    watched.add(reinterpret_cast<uintptr_t>(address), bytes, space);
}

void forget(const void *address) {
    watched.remove(reinterpret_cast<uintptr_t>(address));
}

void observe(Witness *witness) {
    observed = witness;
}

void observe_access(const void *address, size_t bytes, bool writes, const void *code) {
    Witness *witness = observed;
    if (witness == nullptr || reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(witness->stack) < witness->stack_bytes) {
        return;
    }
    observed = nullptr; // what this calls may be compiled with calls of its own
    witness->races->access(*witness, address, bytes, writes, code);
    observed = witness;
}

}  // namespace borep::simt

// What -fsanitize=thread makes the compiler call.
#define BOREP_ACCESS(bytes)                                                                     \
    void __tsan_read##bytes(void *address) {                                                    \
        borep::simt::observe_access(address, bytes, false, __builtin_return_address(0));        \
    }                                                                                           \
    void __tsan_write##bytes(void *address) {                                                   \
        borep::simt::observe_access(address, bytes, true, __builtin_return_address(0));         \
    }
#define BOREP_UNALIGNED_ACCESS(bytes)                                                           \
    void __tsan_unaligned_read##bytes(void *address) {                                          \
        borep::simt::observe_access(address, bytes, false, __builtin_return_address(0));        \
    }                                                                                           \
    void __tsan_unaligned_write##bytes(void *address) {                                         \
        borep::simt::observe_access(address, bytes, true, __builtin_return_address(0));         \
    }
extern "C" {
BOREP_ACCESS(1)
BOREP_ACCESS(2)
BOREP_ACCESS(4)
BOREP_ACCESS(8)
BOREP_ACCESS(16)
BOREP_UNALIGNED_ACCESS(2)
BOREP_UNALIGNED_ACCESS(4)
BOREP_UNALIGNED_ACCESS(8)
BOREP_UNALIGNED_ACCESS(16)
void __tsan_read_range(void *address, size_t bytes) {
    borep::simt::observe_access(address, bytes, false, __builtin_return_address(0));
}
void __tsan_write_range(void *address, size_t bytes) {
    borep::simt::observe_access(address, bytes, true, __builtin_return_address(0));
}

// And what the host's code does beside kernels, in this and in newer versions of GCC: pointers to virtual functions, counts of shared
// pointers, guards of static variables.
void __tsan_init() {}
void __tsan_vptr_read(void **) {}
void __tsan_vptr_update(void **, void *) {}
#define BOREP_ATOMIC(bits, type)                                                                \
    type __tsan_atomic##bits##_load(const volatile type *address, int) {                        \
        return __atomic_load_n(address, __ATOMIC_SEQ_CST);                                      \
    }                                                                                           \
    void __tsan_atomic##bits##_store(volatile type *address, type value, int) {                 \
        __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                                     \
    }                                                                                           \
    type __tsan_atomic##bits##_exchange(volatile type *address, type value, int) {              \
        return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);                           \
    }                                                                                           \
    type __tsan_atomic##bits##_fetch_add(volatile type *address, type value, int) {             \
        return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);                            \
    }                                                                                           \
    type __tsan_atomic##bits##_fetch_sub(volatile type *address, type value, int) {             \
        return __atomic_fetch_sub(address, value, __ATOMIC_SEQ_CST);                            \
    }
BOREP_ATOMIC(8, unsigned char)
BOREP_ATOMIC(32, int)
BOREP_ATOMIC(64, long)
}
