#include "forwarder/redact.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "forwarder/pseudonym.h"

enum kind { TEXT_FIELD, TEXTS_FIELD, MAP_FIELD };

struct field {
    const char *name;
    enum kind kind;
    size_t offset;
    bool is_prose; /* hidden values may stand inside it */
};

#define AT(member) offsetof(struct alert, member)
/* Values before the prose that may quote them. */
static const struct field fields[] = {
    {"source_ip", TEXT_FIELD, AT(source_ip), false},
    {"target_ip", TEXT_FIELD, AT(target_ip), false},
    {"user", TEXT_FIELD, AT(user), false},
    {"host", TEXT_FIELD, AT(host), false},
    {"group", MAP_FIELD, AT(group), true},
    {"title", TEXT_FIELD, AT(title), true},
    {"description", TEXT_FIELD, AT(description), true},
    {"indicators", TEXTS_FIELD, AT(indicators), true},
    {"raw_payload", TEXT_FIELD, AT(raw_payload), true},
    {"recommended_actions", TEXTS_FIELD, AT(recommended_actions), true},
    {"event_ids", TEXTS_FIELD, AT(event_ids), false},
    {"tags", TEXTS_FIELD, AT(tags), true},
};
#undef AT

enum action { KEEP, DROP, MASK, PSEUDONYMISE };

struct redact {
    enum action actions[COUNT_OF(fields)];
    struct pseudonym *pseudonym;
    bool is_idle; /* all is kept */
};

static int refuse_field(const char *key, const char *name, struct error *err)
{
    AUTO_BUF all = {0};

    for (size_t i = 0; i < COUNT_OF(fields); i++)
        buf_addf(&all, "%s%s", i > 0 ? ", " : "", fields[i].name);
    return error_set(err, -EINVAL, "redact.%s: '%.60s' is not a field that can be hidden: %s", key,
                     name, buf_string(&all));
}

static int note(struct redact *redact, const struct text_list *names, enum action action,
                const char *key, struct error *err)
{
    for (size_t i = 0; i < names->count; i++) {
        size_t k = 0;

        while (k < COUNT_OF(fields) && strcmp(fields[k].name, names->items[i]) != 0)
            k++;
        if (k == COUNT_OF(fields))
            return refuse_field(key, names->items[i], err);
        if (redact->actions[k] != KEEP)
            return error_set(err, -EINVAL, "redact.%s: %s is named twice", key, names->items[i]);
        redact->actions[k] = action;
    }
    return 0;
}

struct redact *redact_new(const struct redact_settings *settings, struct error *err)
{
    AUTO(redact) redact = mem_zero(sizeof(*redact));
    const bool has_key = settings->key && *settings->key;

    if (note(redact, &settings->drop, DROP, "drop", err) < 0 ||
        note(redact, &settings->mask, MASK, "mask", err) < 0 ||
        note(redact, &settings->pseudonymise, PSEUDONYMISE, "pseudonymise", err) < 0)
        return NULL;
    redact->is_idle =
        settings->drop.count + settings->mask.count + settings->pseudonymise.count == 0;
    if (settings->pseudonymise.count > 0 && !has_key) {
        error_set(err, -EINVAL, "redact.pseudonymise needs redact.key or redact.key_file");
        return NULL;
    }
    if (has_key) {
        redact->pseudonym = pseudonym_new(text_of(settings->key), err);
        if (!redact->pseudonym)
            return NULL;
    }
    return TAKE(redact);
}

void redact_free(struct redact *redact)
{
    if (!redact)
        return;
    pseudonym_free(redact->pseudonym);
    free(redact);
}

int redact_check(const struct redact_settings *settings, struct error *err)
{
    AUTO(redact) redact = redact_new(settings, err);

    return redact ? 0 : -EINVAL;
}

static struct text hide(struct redact *redact, enum action action, struct text value,
                        struct arena *arena)
{
    AUTO_BUF hidden = {0};

    if (value.size == 0 || action == KEEP)
        return value;
    if (action == DROP)
        return TEXT("");
    if (action == MASK)
        return TEXT("***");
    pseudonym_hide(redact->pseudonym, value, &hidden);
    return arena_copy(arena, buf_text(&hidden));
}

/* What hidden values become wherever they stand. */
struct secret {
    struct text value, hidden;
};

struct secrets {
    struct secret items[COUNT_OF(fields) + 16];
    size_t count;
};

static bool is_word(char c)
{
    return ascii_is_alnum(c) || c == '_';
}

/* 10.0.0.1 does not stand in 10.0.0.12. */
static bool stands_alone(struct text t, size_t at, size_t size)
{
    return (at == 0 || !is_word(t.bytes[at - 1]) || !is_word(t.bytes[at])) &&
           (at + size == t.size || !is_word(t.bytes[at + size]) ||
            !is_word(t.bytes[at + size - 1]));
}

static struct text replace(struct text t, const struct secret *secret, struct arena *arena)
{
    const struct text value = secret->value;
    AUTO_BUF out = {0};
    size_t from = 0, at = 0;

    while (at < t.size) {
        at += text_find(text_slice(t, at, t.size), value);
        if (at < t.size && stands_alone(t, at, value.size)) {
            buf_add(&out, text_slice(t, from, at));
            buf_add(&out, secret->hidden.size ? secret->hidden : TEXT("***"));
            at += value.size;
            from = at;
        } else if (at < t.size) {
            at++;
        }
    }
    if (from == 0)
        return t;
    buf_add(&out, text_slice(t, from, t.size));
    return arena_copy(arena, buf_text(&out));
}

static struct text replace_all(const struct secrets *secrets, struct text t, struct arena *arena)
{
    for (size_t i = 0; i < secrets->count; i++)
        t = replace(t, &secrets->items[i], arena);
    return t;
}

static void remember(struct secrets *secrets, struct text value, struct text hidden)
{
    enum { LEAST = 2 }; /* a letter would be found everywhere */

    if (value.size >= LEAST && secrets->count < COUNT_OF(secrets->items) &&
        !text_equal(value, hidden))
        secrets->items[secrets->count++] = (struct secret){value, hidden};
}

static struct text *texts_of(const struct field *field, char *alert, size_t **count)
{
    switch (field->kind) {
    case TEXTS_FIELD: {
        struct record_texts *list = (struct record_texts *)(void *)(alert + field->offset);

        *count = &list->count;
        return list->items;
    }
    case MAP_FIELD: {
        struct record_map *map = (struct record_map *)(void *)(alert + field->offset);

        *count = &map->count;
        return map->values;
    }
    default:
        *count = NULL;
        return (struct text *)(void *)(alert + field->offset);
    }
}

/* The lists of an alert are the codec's own memory, which is the caller's to change. */
static void redact_field(struct redact *redact, size_t i, struct alert *alert,
                         struct secrets *secrets, struct arena *arena)
{
    const enum action action = redact->actions[i];
    size_t *count;
    struct text *texts = texts_of(&fields[i], (char *)alert, &count);
    const size_t many = count ? *count : 1;

    for (size_t k = 0; k < many; k++) {
        const struct text value = texts[k];

        if (action == KEEP && fields[i].is_prose)
            texts[k] = replace_all(secrets, value, arena);
        else
            texts[k] = hide(redact, action, value, arena);
        if (action != KEEP && (!fields[i].is_prose || fields[i].kind == MAP_FIELD))
            remember(secrets, value, texts[k]);
    }
    if (action == DROP && count)
        *count = 0;
}

void redact_apply(struct redact *redact, struct alert *alert, struct arena *arena)
{
    struct secrets secrets = {.count = 0};

    if (redact->is_idle)
        return;
    alert->json = TEXT("");
    /* A hash, without a key, of values that may be hidden: all addresses are soon tried. */
    alert->group_key = TEXT("");
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        redact_field(redact, i, alert, &secrets, arena);
}
