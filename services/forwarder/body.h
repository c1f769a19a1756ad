/* body: the forms in which a target that takes JSON may have its alerts. */
#pragma once

#include "base/alert.h"
#include "base/buf.h"

enum body_form { BODY_NATIVE, BODY_ECS, BODY_OCSF };

extern const char *const body_forms[]; /* for a SETTING_CHOICE */

/* One line of JSON, without its end. */
void body_write(const struct alert *alert, enum body_form form, struct text host, struct buf *out);
