/* Several recorded programs in one launch: a graph that the device walks by itself. */
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "abi/context.h"

namespace borep {

/** Programs of one launch at most. */
constexpr int MOST_TURNS = 256;
/** Different programs, and guards among them, of one launch at most: every turn asks for each whether it is meant. */
constexpr int MOST_BODIES = 16;

class Loop;

/** The loops of a context: one for each set of programs that have been run together. */
class Loops {
   public:
    explicit Loops(borep_context &context);
    Loops(const Loops &) = delete;
    Loops &operator=(const Loops &) = delete;
    ~Loops();

    /** Why there are none; empty if this driver and this library have them. */
    const std::string &unavailable() const {
        return unavailable_;
    }

    /** Enqueues the programs, one after the other, in one launch; false where that is impossible and nothing was enqueued. */
    bool run(const std::vector<borep_program *> &turns);

   private:
    Loop *loop_for(std::vector<borep_program *> programs);

    borep_context &context_;
    std::string unavailable_;
    std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace borep
