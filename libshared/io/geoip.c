#include "io/geoip.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>

struct geoip {
    MMDB_s *files;
    size_t count;
    uint64_t damaged;
};

/* An address as libmaxminddb wants it. */
union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct geoip *geoip_open(const char *const *paths, size_t count, struct error *err)
{
    struct geoip *geoip = mem_zero(sizeof(*geoip));

    geoip->files = mem_zero((count + 1) * sizeof(*geoip->files));
    for (; geoip->count < count; geoip->count++) {
        const char *path = paths[geoip->count];
        int status = MMDB_open(path, MMDB_MODE_MMAP, &geoip->files[geoip->count]);

        if (status == MMDB_SUCCESS)
            continue;
        error_set(err, -EINVAL, "%s: not a usable database in MaxMind's format (.mmdb): %s", path,
                  status == MMDB_IO_ERROR || status == MMDB_FILE_OPEN_ERROR
                      ? strerror(errno)
                      : MMDB_strerror(status));
        geoip_close(geoip);
        return NULL;
    }
    return geoip;
}

void geoip_close(struct geoip *geoip)
{
    if (!geoip)
        return;
    for (size_t i = 0; i < geoip->count; i++)
        MMDB_close(&geoip->files[i]);
    free(geoip->files);
    free(geoip);
}

static void fill_socket_address(const struct address *address, union socket_address *socket)
{
    *socket = (union socket_address){0};
    if (address_is_v4(address)) {
        socket->v4.sin_family = AF_INET;
        memcpy(&socket->v4.sin_addr, address->bytes + 12, 4);
    } else {
        socket->v6.sin6_family = AF_INET6;
        memcpy(&socket->v6.sin6_addr, address->bytes, 16);
    }
}

/* False if @entry has no value at @path or one of another type. */
static bool value_at(struct geoip *geoip, MMDB_entry_s *entry, const char *const *path,
                     uint32_t type, MMDB_entry_data_s *value)
{
    int status = MMDB_aget_value(entry, value, path);

    if (status != MMDB_SUCCESS) {
        if (status != MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR)
            geoip->damaged++;
        return false;
    }
    return value->has_data && value->type == type;
}

static bool flag_at(struct geoip *geoip, MMDB_entry_s *entry, const char *name)
{
    const char *const on_top[] = {name, NULL}, *const in_traits[] = {"traits", name, NULL};
    MMDB_entry_data_s value;

    if (value_at(geoip, entry, on_top, MMDB_DATA_TYPE_BOOLEAN, &value) && value.boolean)
        return true;
    return value_at(geoip, entry, in_traits, MMDB_DATA_TYPE_BOOLEAN, &value) && value.boolean;
}

static struct text country_at(struct geoip *geoip, MMDB_entry_s *entry)
{
    static const char *const located[] = {"country", "iso_code", NULL};
    static const char *const registered[] = {"registered_country", "iso_code", NULL};
    MMDB_entry_data_s value;

    if ((value_at(geoip, entry, located, MMDB_DATA_TYPE_UTF8_STRING, &value) ||
         value_at(geoip, entry, registered, MMDB_DATA_TYPE_UTF8_STRING, &value)) &&
        value.data_size == 2)
        return (struct text){value.utf8_string, value.data_size};
    return (struct text){0};
}

static int64_t asn_at(struct geoip *geoip, MMDB_entry_s *entry)
{
    static const char *const on_top[] = {"autonomous_system_number", NULL};
    static const char *const in_traits[] = {"traits", "autonomous_system_number", NULL};
    MMDB_entry_data_s value;

    if (value_at(geoip, entry, on_top, MMDB_DATA_TYPE_UINT32, &value) ||
        value_at(geoip, entry, in_traits, MMDB_DATA_TYPE_UINT32, &value))
        return value.uint32;
    return -1;
}

static void learn(struct geoip *geoip, MMDB_entry_s *entry, struct geoip_answer *answer)
{
    if (answer->country.size == 0)
        answer->country = country_at(geoip, entry);
    if (answer->asn < 0)
        answer->asn = asn_at(geoip, entry);
    /* MaxMind sets is_anonymous beside each more special flag; is_anonymous_proxy is the older
     * name. https://dev.maxmind.com/geoip/docs/databases/anonymous-ip */
    answer->anonymous |=
        flag_at(geoip, entry, "is_anonymous") || flag_at(geoip, entry, "is_anonymous_proxy");
    answer->tor |= flag_at(geoip, entry, "is_tor_exit_node");
}

bool geoip_find(struct geoip *geoip, const struct address *address, struct geoip_answer *answer)
{
    union socket_address socket;
    bool known = false;

    *answer = (struct geoip_answer){.asn = -1};
    fill_socket_address(address, &socket);
    for (size_t i = 0; i < geoip->count; i++) {
        int status;
        MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&geoip->files[i], &socket.any, &status);

        if (status != MMDB_SUCCESS) {
            if (status != MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
                geoip->damaged++;
            continue;
        }
        if (!found.found_entry)
            continue;
        learn(geoip, &found.entry, answer);
        known = true;
    }
    return known;
}

uint64_t geoip_damaged(const struct geoip *geoip)
{
    return geoip->damaged;
}
