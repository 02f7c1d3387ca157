/** Private: base64 (RFC 4648). */
#ifndef MISAS_SRC_JSON_BASE64_H
#define MISAS_SRC_JSON_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/text.h"

/** The standard alphabet, padded. */
void misas__base64_append(misas__text *text, const uint8_t *bytes, size_t size);

/** The most bytes that so many characters can stand for. */
size_t misas__base64_max_size(size_t length);

/** Either alphabet, padded or not. False when it is not base64. */
bool misas__base64_decode(uint8_t *out, size_t *out_size, const char *text, size_t length);

#endif
