/*
 * What the runtime on the host has handed out and not got back, and failures on demand: tests prove with it that nothing leaks, also
 * when a constructor fails half-way, and that every refusal has its sentence. Only borep_simt exports these functions.
 */
#pragma once

#include <cstdint>
#include <string>

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
extern "C" {

/** How many things of a kind are live in this process. Kinds: 0 memory, 1 pinned memory, 2 streams, 3 events, 4 graphs, 5 executable
 * graphs, 6 libraries of users' kernels; -1 for any other number. */
int64_t borep_simt_live(int32_t kind);

/**
 * Lets one call fail: the first call of `function` after `after` further ones reports the CUDA error number `error`. A null function
 * stands for every call that can fail; "launch" for the launch of a kernel, which with error 0 does nothing and says nothing.
 */
void borep_simt_fail(const char *function, int64_t after, int32_t error);

/** Withdraws what borep_simt_fail has ordered; 1 if the call has not come yet. */
int32_t borep_simt_recover(void);
}
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

namespace borep::simt {

enum class Kind { MEMORY, PINNED, STREAM, EVENT, GRAPH, EXECUTABLE, LIBRARY };
constexpr int KINDS = 7;

struct Ledger {
    int64_t live[KINDS] = {};
    /** The function that shall fail; empty: any. */
    std::string function;
    /** Calls until it does; negative: nothing shall fail. */
    int64_t remaining = -1;
    int32_t error = 0;

    void took(Kind kind) {
        live[static_cast<int>(kind)]++;
    }
    void gave_back(Kind kind) {
        live[static_cast<int>(kind)]--;
    }
    /** Whether this call is the one to fail. */
    bool refuses(const char *call) {
        return remaining >= 0 && (function.empty() || function == call) && remaining-- == 0;
    }
};

inline Ledger ledger;

}  // namespace borep::simt
