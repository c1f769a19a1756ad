/* reply: who wrote the body of a reply. */
#pragma once

#include "base/text.h"

/* Is it HTML, as those write who stand before a target: log-in services, proxies? */
bool reply_is_page(struct text body);
