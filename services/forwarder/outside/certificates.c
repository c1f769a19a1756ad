#include "forwarder/outside/certificates.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>

static int refuse(const char *key, const char *path, const char *what, struct error *err)
{
    char reason[200] = "";
    unsigned long code = ERR_get_error();

    if (code)
        ERR_error_string_n(code, reason, sizeof(reason));
    ERR_clear_error();
    return error_set(err, -EINVAL, "%s: %s %s%s%s", key, path, what, code ? ": " : "", reason);
}

static int check_readable(const char *key, const char *path, struct error *err)
{
    FILE *file = fopen(path, "rbe");

    if (!file)
        return error_set(err, -EINVAL, "%s: cannot read %s: %s", key, path, strerror(errno));
    fclose(file);
    return 0;
}

static int use_authorities(const char *path, SSL_CTX *context, struct error *err)
{
    static const char key[] = "tls.ca_file";

    if (!path) {
        SSL_CTX_set_default_verify_paths(context);
        return 0;
    }
    if (check_readable(key, path, err) < 0)
        return -EINVAL;
    if (SSL_CTX_load_verify_locations(context, path, NULL) != 1)
        return refuse(key, path, "holds no certificates (PEM)", err);
    return 0;
}

static int use_own(const char *certificate, const char *key, SSL_CTX *context, struct error *err)
{
    if (check_readable("tls.certificate_file", certificate, err) < 0 ||
        check_readable("tls.key_file", key, err) < 0)
        return -EINVAL;
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return refuse("tls.certificate_file", certificate, "holds no certificate (PEM)", err);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return refuse("tls.key_file", key, "holds no key (PEM) of that certificate", err);
    return 0;
}

int certificates_use(const struct target_settings *target, SSL_CTX *context, struct error *err)
{
    if (use_authorities(target->tls.ca_file, context, err) < 0)
        return -EINVAL;
    if (!target->tls.certificate_file)
        return 0;
    return use_own(target->tls.certificate_file, target->tls.key_file, context, err);
}
