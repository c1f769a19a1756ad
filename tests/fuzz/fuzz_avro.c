/* A writer's schema and a record, both hostile: reading must not crash, leak or hang, and what was
 * read must be written as something that reads again. Input: the schema, a NUL, the record; an
 * empty schema or no NUL: a record written with our own schema. */
#include <stdint.h>
#include <stdlib.h>

#include "base/event.h"
#include "base/record_avro.h"
#include "base/record_avro_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_again(const struct event *event, struct arena *arena)
{
    AUTO_BUF schema = {0};
    AUTO_BUF bytes = {0};
    struct event again;

    record_avro_schema(&event_type, &schema);
    record_avro_write(&event_type, event, &bytes);
    AUTO(record_avro_plan) plan = record_avro_plan_new(&event_type, buf_text(&schema), NULL);

    if (record_avro_plan_read(plan, buf_text(&bytes), arena, &again, NULL) < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF own = {0};
    struct text rest = {(const char *)data, size}, schema;
    struct event event;

    record_avro_schema(&event_type, &own);
    if (text_find_byte(rest, '\0') == rest.size || !text_split(&rest, '\0', &schema) ||
        schema.size == 0)
        schema = buf_text(&own);
    AUTO(record_avro_plan) plan = record_avro_plan_new(&event_type, schema, NULL);

    if (plan && record_avro_plan_read(plan, rest, arena, &event, NULL) == 0)
        read_again(&event, arena);
    return 0;
}
