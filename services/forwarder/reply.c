#include "forwarder/reply.h"

bool reply_is_page(struct text body)
{
    return text_starts(text_trim(body), TEXT("<"));
}
