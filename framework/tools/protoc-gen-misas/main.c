/* protoc-gen-misas: reads a CodeGeneratorRequest on stdin, writes a CodeGeneratorResponse to
 * stdout, as https://protobuf.dev/reference/cpp/api-docs/google.protobuf.compiler.plugin.pb has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

typedef Google__Protobuf__Compiler__CodeGeneratorResponse generator_response;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse__File generated_file;

void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL) {
        fputs("protoc-gen-misas: there is no memory left\n", stderr);
        exit(1);
    }
    return memory;
}

char *finish(misas__text *text)
{
    char *bytes = NULL;

    if (misas__text_finish(&bytes, NULL, text) != NULL) {
        fputs("protoc-gen-misas: there is no memory left\n", stderr);
        exit(1);
    }
    return bytes;
}

static generator_request *read_request(void)
{
    misas__text text = {0};
    char buffer[16384];
    size_t size = 0;

    while ((size = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
        misas__text_append(&text, buffer, size);
    }
    size = text.size;
    char *bytes = finish(&text);
    generator_request *request = google__protobuf__compiler__code_generator_request__unpack(
        NULL, size, (const uint8_t *)bytes);

    free(bytes);
    return request;
}

static const file_descriptor *find_file(const generator_request *request, const char *name)
{
    for (size_t i = 0; i < request->n_proto_file; i++) {
        if (strcmp(request->proto_file[i]->name, name) == 0) {
            return request->proto_file[i];
        }
    }
    fprintf(stderr, "protoc-gen-misas: the request does not describe %s\n", name);
    exit(1);
}

static void add_file(generator_response *response, char *name, char *content)
{
    generated_file *file = allocate(sizeof *file);

    google__protobuf__compiler__code_generator_response__file__init(file);
    file->name = name;
    file->content = content;
    response->file[response->n_file++] = file;
}

static void generate(generator_response *response, const generator_request *request)
{
    message_list list = {0};

    message_list_fill(&list, request);
    response->file = allocate((2 * request->n_file_to_generate + 1) * sizeof(void *));
    for (size_t i = 0; i < request->n_file_to_generate && response->error == NULL; i++) {
        const file_descriptor *file = find_file(request, request->file_to_generate[i]);

        response->error = check_file(&list, file);
        if (response->error == NULL) {
            add_file(response, name_of_file(file->name, ".misas.h"), generate_header(&list, file));
            add_file(response, name_of_file(file->name, ".misas.c"), generate_source(&list, file));
        }
    }
    message_list_free(&list);
}

static bool write_response(const generator_response *response)
{
    size_t size = google__protobuf__compiler__code_generator_response__get_packed_size(response);
    uint8_t *bytes = allocate(size + 1);

    google__protobuf__compiler__code_generator_response__pack(response, bytes);
    bool is_written = fwrite(bytes, 1, size, stdout) == size && fflush(stdout) == 0;

    free(bytes);
    return is_written;
}

int main(void)
{
    generator_request *request = read_request();
    generator_response *response = allocate(sizeof *response);

    if (request == NULL) {
        fputs("protoc-gen-misas: stdin is not a CodeGeneratorRequest; protoc runs this program\n",
              stderr);
        free(response);
        return 2;
    }
    google__protobuf__compiler__code_generator_response__init(response);
    /* Else protoc refuses proto3 `optional` before we can say what to use instead. */
    response->has_supported_features = true;
    response->supported_features =
        GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__FEATURE__FEATURE_PROTO3_OPTIONAL;
    generate(response, request);
    bool is_written = write_response(response);

    google__protobuf__compiler__code_generator_response__free_unpacked(response, NULL);
    /* The analyser does not know that the line above frees the response.
     * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    google__protobuf__compiler__code_generator_request__free_unpacked(request, NULL);
    return is_written ? 0 : 1;
}
