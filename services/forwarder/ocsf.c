#include "forwarder/ocsf.h"

#include "base/address.h"
#include "forwarder/attack.h"
#include "forwarder/field.h"
#include "forwarder/object.h"

/* By enum alert_status: activity_id 1 Create, 2 Update, 3 Close; status_id 1 New, 2 In Progress,
 * 4 Resolved. */
static const struct {
    int activity, status;
    const char *activity_name, *status_name;
} lives[] = {
    [ALERT_NEW] = {1, 1, "Create", "New"},
    [ALERT_UPDATE] = {2, 2, "Update", "In Progress"},
    [ALERT_RESOLVED] = {3, 4, "Close", "Resolved"},
};

static void write_class(const struct alert *alert, struct buf *out)
{
    static const char *const severities[] = {"Low", "Medium", "High", "Critical"};

    object_integer(out, "class_uid", 2004);
    object_text(out, "class_name", TEXT("Detection Finding"));
    object_integer(out, "category_uid", 2);
    object_text(out, "category_name", TEXT("Findings"));
    object_integer(out, "activity_id", lives[alert->status].activity);
    object_text(out, "activity_name", text_of(lives[alert->status].activity_name));
    object_integer(out, "type_uid", 200400 + lives[alert->status].activity);
    object_integer(out, "time", alert->emitted_at);
    object_integer(out, "start_time", alert->first_seen);
    object_integer(out, "end_time", alert->last_seen);
    object_integer(out, "severity_id", alert->severity + 2); /* 2 Low to 5 Critical */
    object_text(out, "severity", text_of(severities[alert->severity]));
    object_integer(out, "status_id", lives[alert->status].status);
    object_text(out, "status", text_of(lives[alert->status].status_name));
    object_text(out, "message", alert->description);
    object_integer(out, "count", alert->event_count);
    object_boolean(out, "is_alert", true);
}

static void write_metadata(const struct alert *alert, struct buf *out)
{
    AUTO_BUF identity = {0};

    field_identity(alert, &identity);
    object_open(out, "metadata", '{');
    object_text(out, "version", TEXT("1.7.0"));
    object_open(out, "product", '{');
    object_text(out, "name", TEXT("Haechi"));
    object_text(out, "vendor_name", TEXT("Haechi"));
    object_text(out, "version", TEXT(HAECHI_VERSION));
    buf_add_byte(out, '}');
    object_text(out, "uid", buf_text(&identity));
    object_text(out, "log_name", TEXT("alerts"));
    object_text(out, "tenant_uid", alert->tenant);
    object_list(out, "labels", &alert->tags);
    buf_add_byte(out, '}');
}

/* An attack object per tag that names one: it has at least one of tactic, technique and
 * sub_technique. */
static void write_attacks(const struct alert *alert, struct buf *out)
{
    static const char *const keys[] = {
        [ATTACK_TACTIC] = "tactic",
        [ATTACK_TECHNIQUE] = "technique",
        [ATTACK_SUB_TECHNIQUE] = "sub_technique",
    };

    object_open(out, "attacks", '[');
    for (size_t i = 0; i < alert->tags.count; i++) {
        char id[ATTACK_ID_SIZE];
        struct text name;
        const enum attack_kind kind = attack_read(alert->tags.items[i], id, &name);

        if (kind == ATTACK_NONE)
            continue;
        if (out->bytes[out->size - 1] != '[')
            buf_add_byte(out, ',');
        buf_add_byte(out, '{');
        object_open(out, keys[kind], '{');
        object_text(out, "uid", text_of(id));
        object_optional(out, "name", name);
        buf_add(out, TEXT("}}"));
    }
    buf_add_byte(out, ']');
}

static void write_finding(const struct alert *alert, struct buf *out)
{
    object_open(out, "finding_info", '{');
    object_text(out, "uid", alert->alert_id);
    object_text(out, "title", alert->title);
    object_text(out, "desc", alert->description);
    object_integer(out, "created_time", alert->timestamp);
    object_integer(out, "modified_time", alert->emitted_at);
    object_integer(out, "first_seen_time", alert->first_seen);
    object_integer(out, "last_seen_time", alert->last_seen);
    object_list(out, "types", &alert->event_types);
    object_open(out, "analytic", '{');
    object_integer(out, "type_id", 1); /* Rule */
    object_text(out, "type", TEXT("Rule"));
    object_text(out, "uid", alert->rule_id);
    object_text(out, "name", alert->title);
    buf_add_byte(out, '}');
    write_attacks(alert, out);
    buf_add_byte(out, '}');
}

/* A source or target: its address in canonical form, or what else it is. */
struct party {
    bool is_address;
    struct buf value; /* owned */
};

static struct party party_of(struct text t)
{
    struct address address;
    struct party party = {.is_address = address_parse(t, &address)};

    if (party.is_address)
        address_write(&address, &party.value);
    else
        buf_add(&party.value, t);
    return party;
}

/* An observable of @type_id (1 host name, 2 IP address, 4 user name); @name is where it stands. */
static void write_observable(const char *name, int type_id, struct text value, struct buf *out)
{
    if (value.size == 0)
        return;
    if (out->bytes[out->size - 1] != '[')
        buf_add_byte(out, ',');
    buf_add_byte(out, '{');
    object_text(out, "name", text_of(name));
    object_integer(out, "type_id", type_id);
    object_text(out, "value", value);
    buf_add_byte(out, '}');
}

static void write_observables(const struct alert *alert, const struct party *source,
                              const struct party *target, struct buf *out)
{
    object_open(out, "observables", '[');
    write_observable(source->is_address ? "evidences.src_endpoint.ip"
                                        : "evidences.src_endpoint.hostname",
                     source->is_address ? 2 : 1, buf_text(&source->value), out);
    write_observable(target->is_address ? "evidences.dst_endpoint.ip"
                                        : "evidences.dst_endpoint.hostname",
                     target->is_address ? 2 : 1, buf_text(&target->value), out);
    write_observable("evidences.user.name", 4, alert->user, out);
    write_observable("evidences.device.hostname", 1, alert->host, out);
    buf_add_byte(out, ']');
}

static void write_endpoint(const char *name, const struct party *party, struct buf *out)
{
    if (party->value.size == 0)
        return;
    object_open(out, name, '{');
    object_text(out, party->is_address ? "ip" : "hostname", buf_text(&party->value));
    buf_add_byte(out, '}');
}

static void write_group(const struct alert *alert, struct buf *out)
{
    object_open(out, "group", '[');
    for (size_t i = 0; i < alert->group.count; i++) {
        AUTO_BUF pair = {0};

        field_map(&(struct record_map){alert->group.names + i, alert->group.values + i, 1}, &pair);
        object_item(out, buf_text(&pair));
    }
    buf_add_byte(out, ']');
}

/* One evidence, which has to have one of a list of parts: src_endpoint, dst_endpoint, user and data
 * are among them, and data is always there. */
static void write_evidence(const struct alert *alert, const struct party *source,
                           const struct party *target, struct buf *out)
{
    object_open(out, "evidences", '[');
    buf_add_byte(out, '{');
    write_endpoint("src_endpoint", source, out);
    write_endpoint("dst_endpoint", target, out);
    if (alert->user.size > 0) {
        object_open(out, "user", '{');
        object_text(out, "name", alert->user);
        buf_add_byte(out, '}');
    }
    if (alert->host.size > 0) {
        object_open(out, "device", '{');
        object_text(out, "hostname", alert->host);
        object_integer(out, "type_id", 0); /* Unknown */
        buf_add_byte(out, '}');
    }
    object_open(out, "data", '{');
    object_list(out, "indicators", &alert->indicators);
    object_list(out, "event_ids", &alert->event_ids);
    write_group(alert, out);
    object_boolean(out, "count_exact", alert->count_exact);
    buf_add(out, TEXT("}}]"));
}

static void write_remediation(const struct alert *alert, struct buf *out)
{
    AUTO_BUF actions = {0};

    if (alert->recommended_actions.count == 0)
        return;
    field_list(&alert->recommended_actions, &actions);
    object_open(out, "remediation", '{');
    object_text(out, "desc", buf_text(&actions));
    buf_add_byte(out, '}');
}

void ocsf_write(const struct alert *alert, struct buf *out)
{
    /* confidence_id: 1 Low, 2 Medium, 3 High; confidence_score is a whole number to 100. */
    const double bounded = alert->confidence > 1   ? 1
                           : alert->confidence > 0 ? alert->confidence
                                                   : 0;

    buf_add_byte(out, '{');
    write_class(alert, out);
    object_integer(out, "confidence_id", bounded < 0.4 ? 1 : bounded < 0.7 ? 2 : 3);
    object_integer(out, "confidence_score", (int64_t)(bounded * 100 + 0.5));
    write_metadata(alert, out);
    write_finding(alert, out);
    struct party source = party_of(alert->source_ip), target = party_of(alert->target_ip);

    write_evidence(alert, &source, &target, out);
    write_observables(alert, &source, &target, out);
    write_remediation(alert, out);
    object_optional(out, "raw_data", alert->raw_payload);
    buf_add_byte(out, '}');
    buf_done(&source.value);
    buf_done(&target.value);
}
