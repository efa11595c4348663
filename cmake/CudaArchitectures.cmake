# Machine code for every architecture since Turing that CUDA 13 compiles for. No kernel asks for more than sm_80 has, so the front end
# reads each file twice, for sm_75 and sm_80; ptxas makes the code of all later ones from sm_80's PTX, which is kept for those to come.
# CMAKE_CUDA_ARCHITECTURES, where it is given, says otherwise.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES OFF)
    string(APPEND CMAKE_CUDA_FLAGS " -gencode=arch=compute_75,code=sm_75")
    foreach(code sm_80 sm_86 sm_89 sm_90 sm_100 sm_120 compute_80)
        string(APPEND CMAKE_CUDA_FLAGS " -gencode=arch=compute_80,code=${code}")
    endforeach()
endif()
