#include "forwarder/body.h"

#include "forwarder/ecs.h"
#include "forwarder/native.h"
#include "forwarder/ocsf.h"

const char *const body_forms[] = {"native", "ecs", "ocsf", NULL};

void body_write(const struct alert *alert, enum body_form form, struct text host, struct buf *out)
{
    switch (form) {
    case BODY_NATIVE:
        native_write(alert, host, out);
        break;
    case BODY_ECS:
        ecs_write(alert, host, out);
        break;
    case BODY_OCSF:
        ocsf_write(alert, out);
        break;
    }
}
