# -DBOREP_SANITIZE=ON: address and undefined-behaviour sanitizers in everything that runs on the host; no benchmarks.
option(BOREP_SANITIZE "Build host code with the address and undefined-behaviour sanitizers" OFF)
add_library(borep_sanitizers INTERFACE)
if(BOREP_SANITIZE)
    # Not -O3, which takes recurrent_persistent.cu alone from 45 s of compiling to 284 s and makes the tests no faster.
    set(flags -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g1)
    target_compile_options(borep_sanitizers INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${flags}>)
    target_link_options(borep_sanitizers INTERFACE ${flags})
endif()

# -DBOREP_RACES=ON: the host executor finds accesses that nothing orders, see native/src/simt/races.h; no benchmarks.
option(BOREP_RACES "Let the host executor find data races of kernels" OFF)
add_library(borep_races INTERFACE)
if(BOREP_RACES)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL GNU) # others call by other names
        message(FATAL_ERROR "BOREP_RACES needs GCC, this compiler is ${CMAKE_CXX_COMPILER_ID}: set CMAKE_CXX_COMPILER to g++")
    endif()
    # Only what the compiler inserts; who links this defines it.
    target_compile_options(borep_races INTERFACE -fsanitize=thread --param tsan-instrument-func-entry-exit=0 -O2 -g1)
    target_compile_definitions(borep_races INTERFACE BOREP_RACES)
endif()
