#include "base/record.h"

#include <math.h>

static void set_default(const struct record_field *field, unsigned char *place)
{
    switch (field->kind) {
    case FIELD_TIME:
    case FIELD_LONG:
        if (field->nullable)
            *(int64_t *)(void *)place = RECORD_NULL;
        break;
    case FIELD_DOUBLE:
        if (field->nullable)
            *(double *)(void *)place = NAN;
        break;
    case FIELD_RECORD:
        record_set_defaults(field->record, place);
        break;
    default:
        break; /* empty, false and the first symbol are all zeroes */
    }
}

void record_set_defaults(const struct record_type *type, void *record)
{
    memset(record, 0, type->size);
    for (const struct record_field *field = type->fields; field->name; field++)
        set_default(field, (unsigned char *)record + field->offset);
}

bool record_is_null(const struct record_field *field, const void *value)
{
    if (!field->nullable)
        return false;

    switch (field->kind) {
    case FIELD_TEXT:
        return ((const struct text *)value)->size == 0;
    case FIELD_TIME:
    case FIELD_LONG:
        return *(const int64_t *)value == RECORD_NULL;
    case FIELD_DOUBLE:
        return !isfinite(*(const double *)value);
    default:
        return false;
    }
}
