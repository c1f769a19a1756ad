/* Whatever a topic holds, reading it as an event must not crash, leak or hang; and what was read
 * must be written as something that reads again. */
#include <stdint.h>
#include <stdlib.h>

#include "base/event.h"
#include "base/record_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF out = {0};
    struct event event;

    if (record_json_read(&event_type, (struct text){(const char *)data, size}, arena, &event,
                         NULL) == 0) {
        record_json_write(&event_type, &event, &out);
        if (record_json_read(&event_type, buf_text(&out), arena, &event, NULL) < 0)
            abort();
    }
    return 0;
}
