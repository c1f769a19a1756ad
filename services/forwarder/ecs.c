#include "forwarder/ecs.h"

#include "base/address.h"
#include "forwarder/attack.h"
#include "forwarder/field.h"
#include "forwarder/object.h"

static void write_event(const struct alert *alert, struct buf *out)
{
    static struct text category[] = {{"intrusion_detection", 19}}, type[] = {{"info", 4}};

    object_open(out, "event", '{');
    object_text(out, "kind", TEXT("alert"));
    object_list(out, "category", &(struct record_texts){category, 1});
    object_list(out, "type", &(struct record_texts){type, 1});
    object_text(out, "id", alert->alert_id);
    object_text(out, "action", field_event_type(alert));
    object_text(out, "module", TEXT("haechi"));
    object_text(out, "dataset", TEXT("haechi.alerts"));
    object_integer(out, "severity", field_severity(alert));
    object_time(out, "created", alert->emitted_at);
    object_time(out, "start", alert->first_seen);
    object_time(out, "end", alert->last_seen);
    object_optional(out, "original", alert->raw_payload);
    buf_add_byte(out, '}');
}

/* source and destination: the address as it came, and as an address if it is one. */
static void write_party(const char *name, struct text value, struct buf *out)
{
    AUTO_BUF canonical = {0};
    struct address address;

    if (value.size == 0)
        return;
    object_open(out, name, '{');
    object_text(out, "address", value);
    if (address_parse(value, &address)) {
        address_write(&address, &canonical);
        object_text(out, "ip", buf_text(&canonical));
    }
    buf_add_byte(out, '}');
}

static void write_related(const struct alert *alert, struct buf *out)
{
    const struct text parties[] = {alert->source_ip, alert->target_ip};

    object_open(out, "related", '{');
    object_open(out, "ip", '[');
    for (size_t i = 0; i < COUNT_OF(parties); i++) {
        AUTO_BUF canonical = {0};
        struct address address;

        if (!address_parse(parties[i], &address))
            continue;
        address_write(&address, &canonical);
        object_item(out, buf_text(&canonical));
    }
    buf_add_byte(out, ']');
    if (alert->user.size > 0)
        object_list(out, "user", &(struct record_texts){(struct text[]){alert->user}, 1});
    if (alert->host.size > 0)
        object_list(out, "hosts", &(struct record_texts){(struct text[]){alert->host}, 1});
    buf_add_byte(out, '}');
}

/* The ids of the tags of @kind; with @names the tactics' names. */
static void write_tags(const struct alert *alert, enum attack_kind kind, bool names,
                       struct buf *out)
{
    object_open(out, names ? "name" : "id", '[');
    for (size_t i = 0; i < alert->tags.count; i++) {
        char id[ATTACK_ID_SIZE];
        struct text name;

        if (attack_read(alert->tags.items[i], id, &name) == kind)
            object_item(out, names ? name : text_of(id));
    }
    buf_add_byte(out, ']');
}

static void write_threat(const struct alert *alert, struct buf *out)
{
    object_open(out, "threat", '{');
    object_text(out, "framework", TEXT("MITRE ATT&CK"));
    object_open(out, "tactic", '{');
    write_tags(alert, ATTACK_TACTIC, false, out);
    write_tags(alert, ATTACK_TACTIC, true, out);
    buf_add_byte(out, '}');
    object_open(out, "technique", '{');
    write_tags(alert, ATTACK_TECHNIQUE, false, out);
    object_open(out, "subtechnique", '{');
    write_tags(alert, ATTACK_SUB_TECHNIQUE, false, out);
    buf_add(out, TEXT("}}}"));
}

static void write_own(const struct alert *alert, struct buf *out)
{
    object_open(out, "haechi", '{');
    object_text(out, "alert_id", alert->alert_id);
    object_integer(out, "revision", alert->revision);
    object_text(out, "status", text_of(alert_statuses[alert->status]));
    object_text(out, "threat_level", text_of(event_levels[alert->severity]));
    object_real(out, "confidence", alert->confidence);
    object_integer(out, "event_count", alert->event_count);
    object_boolean(out, "count_exact", alert->count_exact);
    object_list(out, "event_types", &alert->event_types);
    object_list(out, "event_ids", &alert->event_ids);
    object_list(out, "indicators", &alert->indicators);
    object_list(out, "recommended_actions", &alert->recommended_actions);
    object_optional(out, "correlation_id", alert->correlation_id);
    object_optional(out, "continues", alert->continues);
    object_text(out, "tenant", alert->tenant);
    /* Names are the rule's choice: as a map they would make a field each in the index. */
    object_open(out, "group", '[');
    for (size_t i = 0; i < alert->group.count; i++) {
        AUTO_BUF pair = {0};

        field_map(&(struct record_map){alert->group.names + i, alert->group.values + i, 1}, &pair);
        object_item(out, buf_text(&pair));
    }
    buf_add(out, TEXT("]}"));
}

static void write_observer(struct text host, struct buf *out)
{
    object_open(out, "observer", '{');
    object_optional(out, "hostname", host);
    object_text(out, "vendor", TEXT("Haechi"));
    object_text(out, "product", TEXT("Haechi"));
    object_text(out, "type", TEXT("ids"));
    object_text(out, "version", TEXT(HAECHI_VERSION));
    buf_add_byte(out, '}');
}

/* {"@key":{"name":…}} for what is known. */
static void write_named(const char *key, struct text value, struct buf *out)
{
    if (value.size == 0)
        return;
    object_open(out, key, '{');
    object_text(out, "name", value);
    buf_add_byte(out, '}');
}

void ecs_write(const struct alert *alert, struct text host, struct buf *out)
{
    buf_add_byte(out, '{');
    object_time(out, "@timestamp", alert->timestamp);
    object_open(out, "ecs", '{');
    object_text(out, "version", TEXT("9.5.0"));
    buf_add_byte(out, '}');
    object_text(out, "message", alert->description);
    write_event(alert, out);
    object_open(out, "rule", '{');
    object_text(out, "id", alert->rule_id);
    object_text(out, "name", alert->title);
    buf_add_byte(out, '}');
    write_party("source", alert->source_ip, out);
    write_party("destination", alert->target_ip, out);
    write_named("user", alert->user, out);
    write_named("host", alert->host, out);
    write_related(alert, out);
    if (alert->tags.count > 0)
        write_threat(alert, out);
    object_list(out, "tags", &alert->tags);
    write_observer(host, out);
    write_own(alert, out);
    buf_add_byte(out, '}');
}
