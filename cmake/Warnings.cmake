# Warnings are errors, in host code and in kernels.
add_library(borep_warnings INTERFACE)
target_compile_options(
    borep_warnings
    INTERFACE
        $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Werror>
        $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings -Xcompiler=-Wall,-Wextra>
)
