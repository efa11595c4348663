# cmake -D BUILD=... -D EXAMPLE=... -D FOLDER=... -P installed.cmake
function(run)
    execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${FOLDER}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${FOLDER}/prefix")
run("${CMAKE_COMMAND}" -S "${EXAMPLE}" -B "${FOLDER}/build" "-DCMAKE_PREFIX_PATH=${FOLDER}/prefix" -DBOREP_EMULATED=ON)
run("${CMAKE_COMMAND}" --build "${FOLDER}/build")
run("${FOLDER}/build/hvp")
