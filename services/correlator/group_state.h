/* group_state: a group as bytes, for the store: the whole, and behind it what was added since.
 *
 *     the whole     tenant, names and values; when which types of attack were seen; the events,
 * each once; and for each rule its window, alerts and timers, which name events by place
 *     an addition   the types of attack and the events that a batch brought, and for each rule that
 *                   it changed what it did to the window, and the alerts and timers that changed
 *
 * Both in the forms of state_form.h. A large group costs what a batch changes of it, not what it
 * is: it is written as a whole again when the additions have become as long as that.
 *
 * A rule is named by its shape (shape.h): its id and all that decides which events are in its
 * windows and how its slots are cut. Where one of these is edited, its windows and alerts begin
 * anew; thresholds, texts and modes may change without that.
 *
 * Rules that this correlator does not know (edited, removed, or not yet read here) stay as they
 * are, byte for byte, until they can no longer matter: so while new rules are rolled out,
 * correlators of both versions go on with their own windows.
 *
 * Of an event, what no alert shows is not kept: fingerprint, rule_title, user_agent and fields only
 * if a title or description of some rule has them.
 *
 * Bytes come from outside: whatever they are, reading them gives a sound group or an error.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "correlator/group.h"
#include "correlator/router.h"

struct group_codec;

/* What is known of a group that was written. */
struct group_state_facts {
    int64_t expires_ms; /* wall time: nothing of it can matter then, nobody having written again */
    size_t memory;      /* that the group takes, about */
    bool is_huge;       /* it cannot be read again: group_shrink() it, and write it as a whole */
};

/* @router knows the rules, and is borrowed. */
struct group_codec *group_codec_new(struct router *router, const struct group_keeping *keeping);
void group_codec_free(struct group_codec *codec); /* NULL is fine */
AUTO_FREE(group_codec)

/* Appends all of it to @into. What can no longer matter at @now_ms is left out, and forgotten (also
 * by @group, whose due_ms is then exact). */
struct group_state_facts group_codec_write(struct group_codec *codec, struct group *group,
                                           int64_t now_ms, struct buf *into);

/* Appends what is to be added to what is stored of the group: what it was when it was last written,
 * added to or read, and since then @taken, in order, and whatever was fired and confirmed. False,
 * and nothing is appended: it must be written as a whole. */
bool group_codec_add(struct group_codec *codec, struct group *group,
                     const struct group_taken *taken, size_t count, int64_t now_ms,
                     struct buf *into, struct group_state_facts *facts);

/* The group, owned by the caller; NULL with @err: these bytes are no state. */
struct group *group_codec_read(struct group_codec *codec, struct text state,
                               int64_t types_window_ms, struct error *err);
