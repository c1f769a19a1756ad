#include "io/conditions.h"

#include <pthread.h>
#include <stdlib.h>

#include "io/log.h"

struct condition {
    char *name;
    char *problem; /* NULL: well */
};

struct conditions {
    pthread_mutex_t lock;
    struct condition *items;
    size_t count, capacity;
    struct conditions *parent; /* of a part; else NULL */
    char *part;
};

struct conditions *conditions_new(void)
{
    struct conditions *conditions = mem_zero(sizeof(*conditions));

    pthread_mutex_init(&conditions->lock, NULL);
    return conditions;
}

struct conditions *conditions_part(struct conditions *parent, const char *part)
{
    struct conditions *conditions = conditions_new();

    conditions->parent = parent;
    conditions->part = mem_copy_text(part);
    return conditions;
}

void conditions_free(struct conditions *conditions)
{
    if (!conditions)
        return;
    for (size_t i = 0; i < conditions->count; i++) {
        free(conditions->items[i].name);
        free(conditions->items[i].problem);
    }
    free(conditions->items);
    free(conditions->part);
    pthread_mutex_destroy(&conditions->lock);
    free(conditions);
}

static struct condition *find(struct conditions *conditions, const char *name)
{
    for (size_t i = 0; i < conditions->count; i++) {
        if (strcmp(conditions->items[i].name, name) == 0)
            return &conditions->items[i];
    }
    conditions->items = mem_grow(conditions->items, conditions->count, &conditions->capacity,
                                 sizeof(*conditions->items));
    struct condition *fresh = &conditions->items[conditions->count++];

    *fresh = (struct condition){.name = mem_copy_text(name)};
    return fresh;
}

void conditions_set(struct conditions *conditions, const char *name, const char *problem)
{
    if (conditions->parent) {
        AUTO_BUF full = {0};

        buf_addf(&full, "%s: %s", conditions->part, name);
        conditions_set(conditions->parent, buf_string(&full), problem);
        return;
    }
    pthread_mutex_lock(&conditions->lock);
    struct condition *condition = find(conditions, name);
    bool was_well = !condition->problem;
    bool is_news = was_well != !problem || (problem && strcmp(problem, condition->problem) != 0);

    if (is_news) {
        free(condition->problem);
        condition->problem = problem ? mem_copy_text(problem) : NULL;
    }
    pthread_mutex_unlock(&conditions->lock);
    if (is_news && problem)
        log_warn("not_ready", LOG_TEXT("condition", name), LOG_TEXT("problem", problem));
    else if (is_news)
        log_info("condition_met", LOG_TEXT("condition", name));
}

static bool all_well(const struct conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++) {
        if (conditions->items[i].problem)
            return false;
    }
    return true;
}

bool conditions_all_well(struct conditions *conditions)
{
    pthread_mutex_lock(&conditions->lock);
    bool is_well = all_well(conditions);

    pthread_mutex_unlock(&conditions->lock);
    return is_well;
}

void conditions_render(struct conditions *conditions, struct buf *out)
{
    pthread_mutex_lock(&conditions->lock);
    buf_addf(out, "{\"ready\":%s,\"conditions\":{", all_well(conditions) ? "true" : "false");
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *condition = &conditions->items[i];

        buf_add_string(out, i ? "," : "");
        buf_add_json(out, text_of(condition->name));
        buf_add_byte(out, ':');
        buf_add_json(out, condition->problem ? text_of(condition->problem) : TEXT("ok"));
    }
    buf_add_string(out, "}}\n");
    pthread_mutex_unlock(&conditions->lock);
}
