#include "google/protobuf/duration.misas.h"
#include "google/protobuf/empty.misas.h"
#include "google/protobuf/field_mask.misas.h"
#include "google/protobuf/struct.misas.h"
#include "google/protobuf/timestamp.misas.h"
#include "google/protobuf/wrappers.misas.h"

const misas_schema *const misas_well_known_schemas[] = {
    &google_protobuf_duration_schema,
    &google_protobuf_empty_schema,
    &google_protobuf_field_mask_schema,
    &google_protobuf_struct_schema,
    &google_protobuf_timestamp_schema,
    &google_protobuf_wrappers_schema,
    NULL,
};
