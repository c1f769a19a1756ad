/* bulk: bodies and replies of Elasticsearch's and OpenSearch's `_bulk`.
 *
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk. Each alert is a
 * `create` with <alert_id>-<revision> as its `_id`: repeated, it is refused as already there, which
 * is as good as taken. Data streams take nothing but `create`, and need `@timestamp`. A reply of
 * 200 says nothing: it has an item for each action, in their order, each with a status of its own.
 */
#pragma once

#include "base/alert.h"
#include "base/arena.h"
#include "base/buf.h"

/* Two lines: the action and the document. With @ecs as ecs.h has it, else native with @timestamp.
 */
void bulk_write(const struct alert *alert, struct text host, bool ecs, struct buf *out);

enum bulk_outcome {
    BULK_TAKEN,  /* 200, 201, or 409: it was there already */
    BULK_RETRY,  /* 429, 5xx; a block by the watermark of the disk */
    BULK_CONFIG, /* 401, 403, 404, or 400 for the index itself: rights, or no such index */
    BULK_POISON, /* 400: the document does not fit the mapping, or its _id is too long */
};

/* A refusal (4xx) of the whole request, {"error":{"type":…,"reason":…},"status":…}: it looks at no
 * document, so that it is CONFIG but for a block and for an _id that it does not take. */
enum bulk_outcome bulk_judge_refusal(struct text body, struct arena *arena);

/* One for each of @count actions. False, with nothing written, if @body is no such reply. @reason,
 * in @arena, is what it says of the first that was not taken: "mapper_parsing_exception: …". */
bool bulk_read_reply(struct text body, size_t count, struct arena *arena,
                     enum bulk_outcome *outcomes, struct text *reason);
