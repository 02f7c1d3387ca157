# misas_add_schemas(<target> FILES a.proto … [IMPORT_DIRS dir …] [BASE_DIR dir])
#
# Makes a library of the C code of .proto files: <file>.pb-c.[ch] by protobuf-c and <file>.misas.[ch]
# by protoc-gen-misas. FILES are relative to BASE_DIR (default: the current source directory), and are
# imported and included by that path. They may import each other, the files under IMPORT_DIRS, those of
# google/protobuf and misas/options.proto.
#
# Needs the target misas::protoc-gen-misas and MISAS_SCHEMAS_DIR, the directory of misas/options.proto.
find_program(MISAS_PROTOC protoc REQUIRED)
find_program(MISAS_PROTOC_GEN_C protoc-gen-c REQUIRED)
find_path(MISAS_PROTOBUF_INCLUDE_DIR google/protobuf/descriptor.proto REQUIRED)

# Generates into a directory and sets <out> to the C sources, which a target of this directory compiles.
function(misas_generate_schemas out out_dir)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "BASE_DIR" "FILES;IMPORT_DIRS")
    set(include_flags "")
    foreach(dir IN LISTS arg_BASE_DIR arg_IMPORT_DIRS ITEMS ${MISAS_SCHEMAS_DIR} ${MISAS_PROTOBUF_INCLUDE_DIR})
        list(APPEND include_flags -I ${dir})
    endforeach()
    set(sources "")
    foreach(file IN LISTS arg_FILES)
        string(REGEX REPLACE "\\.proto$" "" name ${file})
        set(made ${out_dir}/${name})
        # protoc-gen-misas comes first: it explains what protobuf-c would crash on.
        add_custom_command(OUTPUT ${made}.misas.c ${made}.misas.h ${made}.pb-c.c ${made}.pb-c.h
            COMMAND ${CMAKE_COMMAND} -E make_directory ${out_dir}
            COMMAND ${MISAS_PROTOC} ${include_flags}
                --plugin=protoc-gen-misas=$<TARGET_FILE:misas::protoc-gen-misas>
                --plugin=protoc-gen-c=${MISAS_PROTOC_GEN_C}
                --misas_out=${out_dir} --c_out=${out_dir} --dependency_out=${made}.d ${file}
            DEPENDS misas::protoc-gen-misas ${MISAS_PROTOC_GEN_C} ${arg_BASE_DIR}/${file}
            DEPFILE ${made}.d
            COMMENT "Generating C of ${file}"
            VERBATIM)
        set_source_files_properties(${made}.pb-c.c PROPERTIES COMPILE_OPTIONS -w)
        list(APPEND sources ${made}.misas.c ${made}.pb-c.c)
    endforeach()
    set(${out} ${sources} PARENT_SCOPE)
endfunction()

function(misas_add_schemas target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "BASE_DIR" "FILES;IMPORT_DIRS")
    if(NOT arg_FILES OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "misas_add_schemas(${target} FILES a.proto … [IMPORT_DIRS dir …] [BASE_DIR dir])")
    endif()
    if(NOT arg_BASE_DIR)
        set(arg_BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    endif()
    get_filename_component(base_dir ${arg_BASE_DIR} ABSOLUTE)
    set(out_dir ${CMAKE_CURRENT_BINARY_DIR}/${target}-generated)
    misas_generate_schemas(sources ${out_dir}
        BASE_DIR ${base_dir} FILES ${arg_FILES} IMPORT_DIRS ${arg_IMPORT_DIRS})
    add_library(${target} ${sources})
    # As system headers: protobuf-c's are not ours to keep free of warnings.
    target_include_directories(${target} SYSTEM PUBLIC $<BUILD_INTERFACE:${out_dir}>)
    target_link_libraries(${target} PUBLIC misas::misas)
endfunction()
