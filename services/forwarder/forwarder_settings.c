#include "forwarder/forwarder_settings.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/event.h"

static const char *const starts[] = {"earliest", "latest", NULL};
static const char *const revisions[] = {"all", "new", "last", NULL};

enum { MOST_TARGETS = 200, HOUR_MS = 3600 * 1000 };

static bool type_of_target(size_t i, struct setting_variant *variant)
{
    const struct target_ops *ops = target_list()[i];

    if (ops)
        *variant = (struct setting_variant){ops->name, ops->settings, ops->config_size};
    return ops != NULL;
}

#define AT(member) .offset = offsetof(struct target_settings, member)
static const struct setting target_rows[] = {
    {"name", SETTING_TEXT, AT(name), .required = true,
     .help = "Of the lane: in metrics, receipts, dead letters, and --target. Letters, digits, "
             "'-', '_' and '.'."},
    {"type", SETTING_TEXT, AT(type), .required = true, .help = "What kind of place it is."},
    {"group", SETTING_TEXT, AT(group),
     .help = "The consumer group; haechi-forwarder-<name> if it "
             "is not given."},
    {"start_at", SETTING_CHOICE, AT(start_at), .fallback = "latest", .choices = starts,
     .help = "Where a target without a position begins: with alerts from now on, or with all that "
             "the topic still has."},
    {"max_events", SETTING_INTEGER, AT(max_events), .fallback = "100", .minimum = 1,
     .maximum = 10000, .help = "Alerts in one request at most."},
    {"max_bytes", SETTING_SIZE, AT(max_bytes), .fallback = "0", .minimum = 0, .maximum = 1 << 28,
     .help = "A body before it is compressed at most. 0: what the target takes."},
    {"max_wait", SETTING_DURATION, AT(max_wait_ms), .fallback = "1s", .minimum = 0,
     .maximum = 5 * 60 * 1000,
     .help = "How long the first alert of a request waits for others, while there are less than "
             "max_events and max_bytes."},
    {"concurrency", SETTING_INTEGER, AT(concurrency), .fallback = "1", .minimum = 1, .maximum = 64,
     .help = "Requests on their way at once, each on a connection of its own; only of targets by "
             "HTTP. With more than one, alerts may arrive in another order, but never two "
             "revisions of one alert."},
    {"filter.min_severity", SETTING_CHOICE, AT(filter.min_severity), .fallback = "LOW",
     .choices = event_levels, .help = "Alerts below it are not sent."},
    {"filter.tenants", SETTING_TEXT_LIST, AT(filter.tenants), .maximum = 1000,
     .help = "Only theirs; empty: all."},
    {"filter.event_types", SETTING_TEXT_LIST, AT(filter.event_types), .maximum = 1000,
     .help = "Only alerts with one of these; web_attacks.* is all of a category."},
    {"filter.tags", SETTING_TEXT_LIST, AT(filter.tags), .maximum = 1000,
     .help = "Only alerts with one of these; attack.* is all that begin so."},
    {"filter.revisions", SETTING_CHOICE, AT(filter.revisions), .fallback = "all",
     .choices = revisions,
     .help = "all; new: only the first of each alert; last: only when it is resolved."},
    REDACT_ROWS(struct target_settings, redact),
    {"timeout", SETTING_DURATION, AT(timeout_ms), .fallback = "30s", .minimum = 100,
     .maximum = HOUR_MS, .help = "Of one request, or of what was sent to be taken."},
    {"retry.first", SETTING_DURATION, AT(retry_first_ms), .fallback = "200ms", .minimum = 1,
     .maximum = HOUR_MS,
     .help = "The longest first wait before a request is repeated; the wait is "
             "random below it, and it doubles."},
    {"retry.limit", SETTING_DURATION, AT(retry_limit_ms), .fallback = "30s", .minimum = 1,
     .maximum = HOUR_MS, .help = "What it doubles up to."},
    {"max_rate", SETTING_NUMBER, AT(max_rate), .fallback = "0", .minimum = 0, .maximum = 100000,
     .help = "Requests a second; 0: any."},
    {"proxy", SETTING_URL, AT(proxy),
     .help = "Of HTTP targets, as http://proxy.example:3128; without it, what https_proxy or "
             "http_proxy of the environment say. Hosts of no_proxy are reached without any."},
    {"proxy_user", SETTING_TEXT, AT(proxy_user), .help = "Who we are to it (Basic)."},
    {"proxy_password", SETTING_SECRET, AT(proxy_password), .help = "Its password."},
    {"tls.ca_file", SETTING_TEXT, AT(tls.ca_file),
     .help = "Certificates (PEM) that the target's is verified by, in the place of the system's."},
    {"tls.certificate_file", SETTING_TEXT, AT(tls.certificate_file),
     .help = "The client's own certificate (PEM), where the target asks for one."},
    {"tls.key_file", SETTING_TEXT, AT(tls.key_file), .help = "Its key (PEM)."},
    {"allow_link_local", SETTING_BOOLEAN, AT(allow_link_local), .fallback = "false",
     .help = "Whether the target may have a link-local address; metadata services of clouds have "
             "them, and no SIEM."},
    {0},
};
#undef AT

static bool is_name(struct text name)
{
    for (size_t i = 0; i < name.size; i++) {
        const char c = name.bytes[i];

        if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return name.size > 0 && name.size <= 100;
}

/* 0: any. */
static double least(double a, double b)
{
    return a > 0 && (b <= 0 || a < b) ? a : b;
}

struct target_limits forwarder_target_limits(const struct target_settings *target)
{
    const struct target_ops *ops = target_find(target->type);
    struct target_limits limits = {0};

    if (ops->limits)
        limits = ops->limits(target->options);
    return (struct target_limits){
        .max_events = (size_t)least((double)target->max_events, (double)limits.max_events),
        .max_bytes = (size_t)least((double)target->max_bytes, (double)limits.max_bytes),
        .max_rate = least(target->max_rate, limits.max_rate),
        .max_pending_ms = limits.max_pending_ms,
    };
}

enum target_way forwarder_target_way(const struct target_settings *target)
{
    const struct target_ops *ops = target_find(target->type);
    struct target_place place = {0};

    return ops->way ? ops->way(target->options, &place) : TARGET_BY_HTTP;
}

/* What is valid row by row, but not together. */
static int check_target(const void *rows, size_t i, struct error *err)
{
    const struct target_settings *targets = rows, *target = &targets[i];
    const struct target_ops *ops = target_find(target->type);

    if (!is_name(text_of(target->name)))
        return error_set(err, -EINVAL,
                         "the name '%s' of a target is not 1 to 100 letters, digits, '-', '_', '.'",
                         target->name);
    for (size_t k = 0; k < i; k++) {
        if (targets[k].name && strcmp(targets[k].name, target->name) == 0)
            return error_set(err, -EINVAL, "two targets are called '%s'", target->name);
    }
    if (!target->tls.certificate_file != !target->tls.key_file)
        return error_set(err, -EINVAL,
                         "target '%s': tls.certificate_file and tls.key_file go together",
                         target->name);
    if (target->concurrency > 1 && forwarder_target_way(target) != TARGET_BY_HTTP)
        return error_set(err, -EINVAL,
                         "target '%s': concurrency is %lld; it may be 1 where alerts do not go by "
                         "HTTP",
                         target->name, (long long)target->concurrency);
    if (redact_check(&target->redact, err) < 0 ||
        (ops->check && ops->check(target->options, err) < 0)) {
        error_prefix(err, "target '%s'", target->name);
        return -EINVAL;
    }
    return 0;
}

const struct setting forwarder_settings_rows[] = {
    {"targets", SETTING_LIST, .offset = offsetof(struct forwarder_settings, targets),
     .rows = target_rows, .row_size = sizeof(struct target_settings), .variant = type_of_target,
     .variant_offset = offsetof(struct target_settings, options), .check_item = check_target,
     .maximum = MOST_TARGETS, .help = "Where alerts are delivered to."},
    {0},
};

const struct target_settings *forwarder_target_named(const struct forwarder_settings *settings,
                                                     const char *name)
{
    for (size_t i = 0; i < settings->targets.count; i++) {
        if (strcmp(forwarder_target(settings, i)->name, name) == 0)
            return forwarder_target(settings, i);
    }
    return NULL;
}
