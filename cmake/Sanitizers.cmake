# -DBOREP_SANITIZE=ON: address and undefined-behaviour sanitizers in everything that runs on the host; no benchmarks.
option(BOREP_SANITIZE "Build host code with the address and undefined-behaviour sanitizers" OFF)
add_library(borep_sanitizers INTERFACE)
if(BOREP_SANITIZE)
    # Not -O3, which takes recurrent_persistent.cu alone from 45 s of compiling to 284 s and makes the tests no faster.
    set(flags -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g1)
    target_compile_options(borep_sanitizers INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${flags}>)
    target_link_options(borep_sanitizers INTERFACE ${flags})
endif()
