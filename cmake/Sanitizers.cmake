# -DBOREP_SANITIZE=ON: address and undefined-behaviour sanitizers in everything that runs on the host.
option(BOREP_SANITIZE "Build host code with the address and undefined-behaviour sanitizers" OFF)
add_library(borep_sanitizers INTERFACE)
if(BOREP_SANITIZE)
    set(flags -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g)
    target_compile_options(borep_sanitizers INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${flags}>)
    target_link_options(borep_sanitizers INTERFACE ${flags})
endif()
