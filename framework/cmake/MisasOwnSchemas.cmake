# Compiles the framework's own schemas and protobuf's well-known types into the library. Their headers
# are in MISAS_GENERATED_DIR, to be installed beside those of framework/include; the .proto files in
# MISAS_SCHEMAS_DIR.
set(MISAS_SCHEMAS_DIR ${PROJECT_SOURCE_DIR}/schemas CACHE INTERNAL "our .proto files")
set(MISAS_GENERATED_DIR ${CMAKE_CURRENT_BINARY_DIR}/generated CACHE INTERNAL "headers of our .proto files")
include(MisasSchemas)
add_subdirectory(tools/protoc-gen-misas)

misas_generate_schemas(own_sources ${MISAS_GENERATED_DIR}
    BASE_DIR ${MISAS_SCHEMAS_DIR}
    FILES misas/options.proto misas/eventstore/v1/events.proto misas/message/v1/error.proto)
misas_generate_schemas(google_sources ${MISAS_GENERATED_DIR}
    BASE_DIR ${MISAS_PROTOBUF_INCLUDE_DIR}
    FILES google/protobuf/any.proto google/protobuf/descriptor.proto google/protobuf/duration.proto
        google/protobuf/empty.proto google/protobuf/field_mask.proto google/protobuf/struct.proto
        google/protobuf/timestamp.proto google/protobuf/wrappers.proto)

target_sources(misas PRIVATE ${own_sources} ${google_sources})
target_include_directories(misas SYSTEM PUBLIC $<BUILD_INTERFACE:${MISAS_GENERATED_DIR}>)
