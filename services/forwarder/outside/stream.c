/* TCP and TLS: records one after another. Syslog has no acknowledgement: records count as delivered
 * when the kernel says that the far side's has taken all of them (SIOCOUTQ, tcp(7)), and all since
 * the last time it said so are sent again when the connection breaks. What the far side's kernel
 * had, a daemon that ended may not have read: the end of what was sent is kept, and sent once more
 * when a connection was reset, or hung up soon after. */
#include <errno.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forwarder/outside/certificates.h"
#include "forwarder/outside/sender.h"
#include "forwarder/outside/socket.h"
#include "io/clock.h"

enum {
    CONFIRM_MS = 2,
    RECENT_US = 10 * 1000 * 1000,
};

struct stream {
    struct sender sender; /* first, so that a sender is one */
    const struct target_settings *settings;
    const struct target_place *place;
    bool is_tls;
    int fd; /* -1: not connected */
    SSL_CTX *context;
    SSL *ssl;      /* while connected by TLS */
    bool is_asked; /* the target wants to know our certificate */
    struct tail *tail;
};

/* The far side hung up. */
static void note_end(struct stream *stream, bool was_reset)
{
    if (was_reset || clock_monotonic_us() - stream->tail->taken_us < RECENT_US)
        tail_doubt(stream->tail);
}

static void disconnect(struct stream *stream)
{
    SSL_free(stream->ssl);
    stream->ssl = NULL;
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

/* TLS. */

/* It will not have us, or our certificate (RFC 8446 §6.2). */
static bool is_refusal(unsigned long code)
{
    switch (ERR_GET_REASON(code)) {
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return ERR_GET_LIB(code) == ERR_LIB_SSL;
    default:
        return false;
    }
}

static int fail_tls(const struct stream *stream, enum error_class class, const char *what,
                    struct error *err)
{
    char reason[200] = "the connection was closed";
    unsigned long code = ERR_get_error();
    long verified = stream->ssl ? SSL_get_verify_result(stream->ssl) : X509_V_OK;

    if (code)
        ERR_error_string_n(code, reason, sizeof(reason));
    ERR_clear_error();
    if (verified != X509_V_OK)
        return error_set_class(err, ERROR_CONFIG, -EACCES, "%s: its certificate: %s", what,
                               X509_verify_cert_error_string(verified));
    return error_set_class(err, is_refusal(code) ? ERROR_CONFIG : class, -EIO, "%s: %s%s", what,
                           reason,
                           stream->is_asked && !stream->settings->tls.certificate_file
                               ? "; it asks for a certificate, and tls.certificate_file is not set"
                               : "");
}

static int note_question(SSL *ssl, void *self)
{
    (void)ssl;
    ((struct stream *)self)->is_asked = true;
    return 1; /* go on, with the certificate that there is or with none */
}

static int make_context(struct stream *stream, struct error *err)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_cb(context, note_question, stream);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (certificates_use(stream->settings, context, err) == 0) {
        stream->context = context;
        return 0;
    }
    SSL_CTX_free(context);
    return err->code;
}

/* What the last call of OpenSSL's waits for. */
static int wait_tls(struct stream *stream, int result, int64_t deadline_us,
                    const struct keeper *keeper, struct error *err)
{
    switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return socket_wait(stream->fd, POLLIN, deadline_us, keeper, err);
    case SSL_ERROR_WANT_WRITE:
        return socket_wait(stream->fd, POLLOUT, deadline_us, keeper, err);
    default:
        return fail_tls(stream, ERROR_RETRY, "TLS", err);
    }
}

/* In TLS 1.3 the target looks at our certificate when the handshake is over for us, and what we
 * wrote since would seem delivered while it is refused. A session ticket says that it took us; one
 * that gives none is believed when it has not refused us for a while. */
static int await_acceptance(struct stream *stream, const struct keeper *keeper, struct error *err)
{
    enum { WHILE_US = 1000 * 1000 };
    const int64_t until_us = clock_monotonic_us() + WHILE_US;
    char byte;

    if (!stream->is_asked || SSL_version(stream->ssl) < TLS1_3_VERSION)
        return 0;
    while (!SSL_SESSION_has_ticket(SSL_get_session(stream->ssl))) {
        int result = SSL_peek(stream->ssl, &byte, 1);

        if (result > 0) /* it speaks to us */
            break;
        result = wait_tls(stream, result, until_us, keeper, err);
        if (result == -ETIMEDOUT)
            break;
        if (result < 0)
            return result;
    }
    *err = (struct error){0};
    return 0;
}

static int handshake(struct stream *stream, int64_t deadline_us, const struct keeper *keeper,
                     struct error *err)
{
    int result;

    if (!stream->context && make_context(stream, err) < 0)
        return err->code;
    stream->is_asked = false;
    stream->ssl = SSL_new(stream->context);
    SSL_set_fd(stream->ssl, stream->fd);
    /* SSL_set_tlsext_host_name(), but for its cast. */
    SSL_ctrl(stream->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             (void *)(uintptr_t)stream->place->host);
    X509_VERIFY_PARAM *verify = SSL_get0_param(stream->ssl);

    if (X509_VERIFY_PARAM_set1_ip_asc(verify, stream->place->host) != 1)
        SSL_set1_host(stream->ssl, stream->place->host);
    while ((result = SSL_connect(stream->ssl)) != 1) {
        if (wait_tls(stream, result, deadline_us, keeper, err) < 0)
            return err->code;
    }
    return await_acceptance(stream, keeper, err);
}

/* Plain and TLS alike. */

/* Has the far side hung up since? What it writes (nothing, in syslog) is read and forgotten. */
static bool is_open(struct stream *stream)
{
    char bytes[256];

    if (stream->fd < 0)
        return false;
    if (stream->ssl) {
        int result = SSL_read(stream->ssl, bytes, sizeof(bytes));

        if (result > 0 || SSL_get_error(stream->ssl, result) == SSL_ERROR_WANT_READ)
            return true;
        note_end(stream, SSL_get_error(stream->ssl, result) == SSL_ERROR_SYSCALL);
        ERR_clear_error();
        return false;
    }
    ssize_t got = recv(stream->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (got > 0 || (got < 0 && errno == EAGAIN))
        return true;
    note_end(stream, got < 0);
    return false;
}

static int connect_stream(struct stream *stream, const struct keeper *keeper, struct error *err)
{
    int64_t deadline_us = clock_monotonic_us() + stream->settings->timeout_ms * 1000;

    disconnect(stream);
    stream->fd = socket_connect(stream->settings, stream->place, SOCK_STREAM, keeper, err);
    if (stream->fd < 0)
        return stream->fd;
    return stream->is_tls ? handshake(stream, deadline_us, keeper, err) : 0;
}

static int write_some(struct stream *stream, struct text *rest, int64_t deadline_us,
                      const struct keeper *keeper, struct error *err)
{
    if (stream->ssl) {
        int result =
            SSL_write(stream->ssl, rest->bytes, rest->size < (1 << 20) ? (int)rest->size : 1 << 20);

        if (result <= 0)
            return wait_tls(stream, result, deadline_us, keeper, err);
        *rest = text_slice(*rest, (size_t)result, rest->size);
        return 0;
    }
    ssize_t sent = send(stream->fd, rest->bytes, rest->size, MSG_NOSIGNAL);

    if (sent < 0 && errno == EAGAIN)
        return socket_wait(stream->fd, POLLOUT, deadline_us, keeper, err);
    if (sent < 0)
        return error_set_class(err, ERROR_RETRY, -errno, "%s", strerror(errno));
    *rest = text_slice(*rest, (size_t)sent, rest->size);
    return 0;
}

/* Until the far side's kernel has all, and has not hung up. */
static int confirm(struct stream *stream, int64_t deadline_us, const struct keeper *keeper,
                   struct error *err)
{
    struct pollfd polled = {.fd = stream->fd, .events = POLLIN};

    for (;;) {
        int left = 0;

        if (ioctl(stream->fd, SIOCOUTQ, &left) < 0 || !is_open(stream))
            return error_set_class(err, ERROR_RETRY, -ECONNRESET,
                                   "the target closed the connection before it had all");
        if (left == 0)
            return 0;
        if (!keeper->keep(keeper->self))
            return error_set_class(err, ERROR_RETRY, -EINTR, "no time is left");
        if (clock_monotonic_us() > deadline_us)
            return error_set_class(err, ERROR_RETRY, -ETIMEDOUT,
                                   "the target does not take what was sent");
        poll(&polled, 1, CONFIRM_MS);
    }
}

/* However it fails, by a reset or by our patience, the connection is given up, and what it took
 * before may be lost with it. */
static int write_all(struct stream *stream, struct text bytes, const struct keeper *keeper,
                     struct error *err)
{
    int64_t deadline_us = clock_monotonic_us() + stream->settings->timeout_ms * 1000;
    struct text rest = bytes;
    int result = 0;

    while (rest.size > 0 && result == 0)
        result = write_some(stream, &rest, deadline_us, keeper, err);
    if (result == 0)
        result = confirm(stream, deadline_us, keeper, err);
    if (result < 0)
        tail_doubt(stream->tail);
    return result;
}

static int repeat_tail(struct stream *stream, const struct keeper *keeper, struct error *err)
{
    if (write_all(stream, buf_text(&stream->tail->older), keeper, err) < 0 ||
        write_all(stream, buf_text(&stream->tail->newer), keeper, err) < 0)
        return err->code;
    stream->tail->is_doubtful = false;
    stream->tail->taken_us = clock_monotonic_us();
    return 0;
}

/* @bytes may be none. */
static int send_all(struct stream *stream, struct text bytes, const struct keeper *keeper,
                    struct error *err)
{
    if (!is_open(stream) && connect_stream(stream, keeper, err) < 0)
        return err->code;
    if ((stream->tail->is_doubtful && repeat_tail(stream, keeper, err) < 0) ||
        write_all(stream, bytes, keeper, err) < 0)
        return err->code;
    if (bytes.size > 0)
        tail_keep(stream->tail, bytes, clock_monotonic_us());
    return 0;
}

static int send_or_disconnect(struct stream *stream, struct text bytes, const struct keeper *keeper,
                              struct error *err)
{
    int result = send_all(stream, bytes, keeper, err);

    if (result < 0)
        disconnect(stream); /* half a record may be on its way: never go on behind it */
    return result;
}

static int stream_send(struct sender *sender, const struct records *records,
                       const struct keeper *keeper, struct error *err)
{
    return send_or_disconnect((struct stream *)sender, buf_text(records->bytes), keeper, err);
}

/* Has the far side gone with what it may not have read? */
static void stream_tend(struct sender *sender, const struct keeper *keeper)
{
    struct stream *stream = (struct stream *)sender;
    struct error err = {0};

    if (stream->fd >= 0 && !is_open(stream))
        disconnect(stream);
    if (stream->tail->is_doubtful)
        send_or_disconnect(stream, TEXT(""), keeper, &err);
}

static void stream_close(struct sender *sender)
{
    struct stream *stream = (struct stream *)sender;

    if (stream->ssl)
        SSL_shutdown(stream->ssl);
    disconnect(stream);
    SSL_CTX_free(stream->context);
    free(stream);
}

struct sender *stream_sender(const struct target_settings *settings, enum target_way way,
                             const struct target_place *place, struct tail *tail)
{
    struct stream *stream = mem_zero(sizeof(*stream));

    stream->sender = (struct sender){stream_send, stream_close, stream_tend};
    stream->settings = settings;
    stream->place = place;
    stream->tail = tail;
    stream->is_tls = way == TARGET_BY_TLS;
    stream->fd = -1;
    return &stream->sender;
}
