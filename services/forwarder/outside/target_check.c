#include "forwarder/outside/target_check.h"

#include <errno.h>

#include "forwarder/outside/certificates.h"
#include "io/kafka_conf.h"

static int check_certificates(const struct target_settings *target, struct error *err)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    int status = certificates_use(target, context, err);

    SSL_CTX_free(context);
    return status;
}

/* That of the settings' own cluster is checked with them. */
static int check_kafka(const struct target_settings *target, struct error *err)
{
    const struct target_ops *ops = target_find(target->type);
    struct target_place place = {0};

    if (!ops->way || ops->way(target->options, &place) != TARGET_BY_KAFKA || !place.brokers)
        return 0;
    const struct kafka_settings kafka = {place.brokers, *place.properties};

    return kafka_conf_try(RD_KAFKA_PRODUCER, kafka_conf_producer(&kafka, err), &kafka, err);
}

int target_check(const struct target_settings *target, struct error *err)
{
    if (check_certificates(target, err) == 0 && check_kafka(target, err) == 0)
        return 0;
    error_prefix(err, "target '%s'", target->name);
    return -EINVAL;
}
