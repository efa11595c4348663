#include "simt/ledger.h"

using borep::simt::ledger;

int64_t borep_simt_live(int32_t kind) {
    return kind >= 0 && kind < borep::simt::KINDS ? ledger.live[kind] : -1;
}

void borep_simt_fail(const char *function, int64_t after, int32_t error) {
    ledger.function = function == nullptr ? "" : function;
    ledger.remaining = after;
    ledger.error = error;
}

int32_t borep_simt_recover(void) {
    const bool waits = ledger.remaining >= 0;
    ledger.remaining = -1;
    return waits ? 1 : 0;
}
