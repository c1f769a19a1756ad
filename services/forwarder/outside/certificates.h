/* certificates: the files that a target's `tls` settings name, for OpenSSL. */
#pragma once

#include <openssl/ssl.h>

#include "forwarder/forwarder_settings.h"

/* What the target's certificate is verified by, and the client's own with its key. -EINVAL (CONFIG)
 * with @err, which names the key and the file. */
int certificates_use(const struct target_settings *target, SSL_CTX *context, struct error *err);
