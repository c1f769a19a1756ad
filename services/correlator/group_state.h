/* group_state: a group as bytes, for the store.
 *
 *     1 byte    form: 1 as it is, 2 compressed by zstd behind the size that comes out (varint)
 *     …         tenant, names and values; when which types of attack were seen; events, each once;
 *               and for each rule its window, alerts and timers, which name events by their place
 *
 * A rule is named by a hash of its id and of all that decides which events are in its windows and
 * how slots are cut: type, selections, group-by, timespan, fields, nested counts, suppress. Where
 * one of these is edited, its windows and alerts begin anew; thresholds, texts and modes may change
 * without that.
 *
 * Rules that this correlator does not know (edited, removed, or not yet read here) stay as they
 * are, bytes for bytes, until they can no longer matter: so while new rules are rolled out,
 * correlators of both versions go on with their own windows.
 *
 * Bytes come from outside: whatever they are, reading them gives a sound group or an error.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "correlator/group.h"
#include "correlator/router.h"

struct group_codec;

/* @router knows the rules, and is borrowed. */
struct group_codec *group_codec_new(struct router *router);
void group_codec_free(struct group_codec *codec);
AUTO_FREE(group_codec)

/* What can no longer matter at @now_ms is left out. Appended to @into. */
void group_codec_write(struct group_codec *codec, const struct group *group, int64_t now_ms,
                       struct buf *into);

/* The group, owned by the caller; NULL with @err: these bytes are no state. */
struct group *group_codec_read(struct group_codec *codec, struct text state, struct error *err);
