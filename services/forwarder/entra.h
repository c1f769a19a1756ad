/* entra: access tokens of Microsoft Entra ID for an application: what to ask for and how to read
 * the answer.
 *
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and
 * …/certificate-credentials (PS256, x5t#S256). Four ways:
 *
 *   secret       client_id and client_secret
 *   certificate  a JSON Web Token that the certificate's key signs
 *   federated    a token that Kubernetes projects into a file (workload identity)
 *   managed      asked from the machine's metadata service, which knows who asks
 *     https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

/* Appends name=value, application/x-www-form-urlencoded, with an '&' unless first. */
void entra_add_parameter(struct buf *out, const char *name, struct text value);

/* The body of a POST to <authority>/<tenant>/oauth2/v2.0/token. */
void entra_write_secret(struct text client_id, struct text secret, struct text scope,
                        struct buf *out);
/* With a token in the secret's place: an assertion, or what Kubernetes projects. */
void entra_write_assertion(struct text client_id, struct text assertion, struct text scope,
                           struct buf *out);

/* An assertion by @certificate and its @key (PEM), for @audience (the address of the token), valid
 * ten minutes from @now_s on. @id is one that was never used before. */
int entra_write_token(struct text client_id, struct text audience, struct text certificate,
                      struct text key, struct text id, int64_t now_s, struct buf *out,
                      struct error *err);

/* Reads a reply with status 200. @token gets access_token appended; @lifetime_s is how long it is
 * valid (the metadata service writes the number as a text). -EBADMSG if there is none. */
int entra_read_reply(struct text body, struct buf *token, int64_t *lifetime_s, struct error *err);

/* What Entra says of a refusal: "AADSTS7000215: Invalid client secret provided. …"; empty if it
 * says nothing. Appended. */
void entra_read_refusal(struct text body, struct buf *out);
