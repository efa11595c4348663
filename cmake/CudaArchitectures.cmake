# Machine code for every architecture since Turing that CUDA 13 compiles for. Few kernels ask for more than sm_80 has, so the front end
# reads a file twice, for sm_75 and sm_80; ptxas makes the code of all later ones from sm_80's PTX, which is kept for those to come.
# Files whose kernels are clusters are read for sm_90, too, and those with products of warpgroups for sm_90a, which is what Hopper runs and
# nothing else does. CMAKE_CUDA_ARCHITECTURES, where it is given, says otherwise; its 90 means sm_90a.

# borep_cuda_architectures(SOURCE... [CLUSTERS SOURCE...] [WARPGROUPS SOURCE...]): of the calling folder's targets.
function(borep_cuda_architectures)
    if(NOT BOREP_CHOOSES_ARCHITECTURES)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "CLUSTERS;WARPGROUPS")
    set(turing -gencode=arch=compute_75,code=sm_75)
    foreach(code sm_80 sm_86 sm_89)
        list(APPEND ampere -gencode=arch=compute_80,code=${code})
    endforeach()
    foreach(code sm_100 sm_120)
        list(APPEND later -gencode=arch=compute_80,code=${code})
        list(APPEND hopper -gencode=arch=compute_90,code=${code})
    endforeach()
    set(sm_90 -gencode=arch=compute_80,code=sm_90)
    set(sm_90a -gencode=arch=compute_90a,code=sm_90a)
    set_property(
        SOURCE ${arg_UNPARSED_ARGUMENTS} APPEND PROPERTY COMPILE_OPTIONS ${turing} ${ampere} ${sm_90} ${later}
        -gencode=arch=compute_80,code=compute_80)
    if(arg_WARPGROUPS)
        set_property(
            SOURCE ${arg_WARPGROUPS} APPEND PROPERTY COMPILE_OPTIONS ${turing} ${ampere} ${sm_90a} ${later}
            -gencode=arch=compute_80,code=compute_80)
    endif()
    if(arg_CLUSTERS)
        set_property(
            SOURCE ${arg_CLUSTERS} APPEND PROPERTY COMPILE_OPTIONS ${turing} ${ampere} -gencode=arch=compute_90,code=sm_90 ${hopper}
            -gencode=arch=compute_90,code=compute_90)
    endif()
endfunction()

if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES OFF)
    set(BOREP_CHOOSES_ARCHITECTURES ON)
else()
    list(TRANSFORM CMAKE_CUDA_ARCHITECTURES REPLACE "^90$" "90a-real;90-virtual")
    list(TRANSFORM CMAKE_CUDA_ARCHITECTURES REPLACE "^90-real$" "90a-real")
endif()
