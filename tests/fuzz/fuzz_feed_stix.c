/* The feed format stix (feed_input.h). */
#include "feed_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_input_read("stix", data, size);
}
