#include "detector/entry.h"

const char *const entry_field_names[ENTRY_FIELD_COUNT] = {
    [ENTRY_TIMESTAMP] = "timestamp", [ENTRY_MESSAGE] = "message",
    [ENTRY_SOURCE_IP] = "source_ip", [ENTRY_TARGET_IP] = "target_ip",
    [ENTRY_USER_AGENT] = "user_agent", [ENTRY_USER] = "user",
    [ENTRY_HOST] = "host", [ENTRY_URL] = "url",
};
