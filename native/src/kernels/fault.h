/* How a kernel reports data that it cannot work with: the first report wins and is read at the next synchronisation. */
#pragma once

#include "kernels/device.h"

namespace borep {

struct Fault {
    enum Code { NONE = 0, LABEL = 1, INDEX = 2, LENGTH = 3, ROWS = 4, EMPTY_LIST = 5 };
    int code;
    int value;
    int limit;
    int place;
};

__device__ __forceinline__ void report(Fault *fault, Fault::Code code, int value, int limit, int place) {
    if (atomicCAS(&fault->code, Fault::NONE, code) == Fault::NONE) {
        fault->value = value;
        fault->limit = limit;
        fault->place = place;
    }
}

}  // namespace borep
