#include "correlator/group_parts.h"

#include <stdlib.h>

enum { ARENA_BLOCK = 64 * 1024 };

/* Which fields titles and descriptions have in braces. */
static unsigned find_shown(const struct router *router)
{
    static const struct {
        const char *field;
        unsigned shown;
    } fields[] = {{"{fingerprint}", EVENT_STATE_FINGERPRINT},
                  {"{rule_title}", EVENT_STATE_TITLE},
                  {"{user_agent}", EVENT_STATE_AGENT},
                  {"{fields.", EVENT_STATE_FIELDS}};
    unsigned shown = 0;

    for (size_t i = 0; i < router_plans(router); i++) {
        const struct correlation *rule = router_plan(router, i)->rule;

        for (size_t k = 0; rule && k < COUNT_OF(fields); k++) {
            struct text field = text_of(fields[k].field);

            if (text_find(rule->title, field) < rule->title.size ||
                text_find(rule->description, field) < rule->description.size)
                shown |= fields[k].shown;
        }
    }
    return shown;
}

struct group_codec *group_codec_new(struct router *router, const struct group_keeping *keeping)
{
    struct group_codec *codec = mem_zero(sizeof(*codec));

    codec->router = router;
    codec->keeping = *keeping;
    codec->form = state_form_new();
    codec->list.shown = find_shown(router);
    codec->arena = arena_new(ARENA_BLOCK);
    return codec;
}

void group_codec_free(struct group_codec *codec)
{
    if (!codec)
        return;
    state_form_free(codec->form);
    state_list_done(&codec->list);
    arena_free(codec->arena);
    buf_done(&codec->plain);
    buf_done(&codec->random);
    buf_done(&codec->body);
    buf_done(&codec->name);
    free(codec->named.items);
    free(codec);
}
