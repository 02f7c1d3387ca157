# How everything of the project is compiled. Generated code (protobuf-c's) is held to less.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(misas_warnings INTERFACE)
target_compile_options(misas_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wconversion -Wsign-conversion -Wundef -Wcast-qual -Wpointer-arith -Wvla -Werror)
if(CMAKE_C_COMPILER_ID MATCHES Clang)
    # gcc knows that a function with a va_list hands its format on; clang wants an attribute on each.
    # protobuf-c's initialisers cast constness away; gcc takes them for those of a system header.
    target_compile_options(misas_warnings INTERFACE -Wno-format-nonliteral -Wno-cast-qual)
endif()

if(MISAS_SANITIZE)
    add_compile_options(-fsanitize=${MISAS_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all -g)
    add_link_options(-fsanitize=${MISAS_SANITIZE})
endif()

if(MISAS_BUILD_FUZZERS) # everything tells libFuzzer where it has been
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
