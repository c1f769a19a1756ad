/* What is wrong with a feed's settings, said so that it can be mended. */
#include "unit.h"

#include "base/buf.h"
#include "iocfeed/iocfeed_settings.h"

static const char *no_variable(const char *name)
{
    (void)name;
    return NULL;
}

/* Of the mistakes: empty if there are none. */
static void read_feed(const char *feed, struct buf *mistakes)
{
    struct iocfeed_settings iocfeed = {0};
    const struct settings_section section = {"iocfeed", iocfeed_settings_rows, &iocfeed};
    AUTO_BUF text = {0};

    buf_addf(&text, "iocfeed:\n  feeds:\n    - {name: a, %s}\n", feed);
    AUTO(settings)
    settings =
        settings_parse_all("haechi.yaml", buf_text(&text), &section, 1, no_variable, mistakes);

    assert_int_equal(!settings, mistakes->size > 0);
}

static void a_feed_that_cannot_work_is_refused_with_what_would(void **state)
{
    static const struct {
        const char *feed, *want; /* a part of what is said; NULL: it is good */
    } rows[] = {
        {"format: urlhaus, auth: {key: k}", NULL},
        {"format: urlhaus, url: 'https://mirror.example/urlhaus'", NULL},
        {"format: urlhaus", "feed 'a': urlhaus wants a key: set auth.key or auth.key_file"},
        {"format: urlhas, auth: {key: k}", "feed 'a': format is 'urlhas'; did you mean 'urlhaus'?"},
        {"format: nonsense, url: 'https://x.example/'",
         "feed 'a': format is 'nonsense'; it may be json, csv, txt, stix, taxii, misp, misp_rest, "
         "otx, tor, or a provider: urlhaus, "},
        {"format: csv, url: 'https://x.example/', auth: {key: k}",
         "for 'csv' set auth.header, as X-Key: secret"},
        {"format: cins, auth: {key: k}", "for 'cins' set auth.header"},
        {"format: phishtank, url: 'http://data.phishtank.com/data/k/online-valid.csv.gz'", NULL},
        {"format: phishtank, file: /tmp/online-valid.csv", NULL},
        {"format: phishtank, auth: {key: k}",
         "feed 'a': phishtank has the key in its url: set url to "
         "http://data.phishtank.com/data/<key>/online-valid.csv.gz"},
        {"format: phishtank", "feed 'a': phishtank has the key in its url"},
        {"format: csv", "feed 'a' has neither url nor file"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO_BUF got = {0};

        read_feed(rows[i].feed, &got);
        if (rows[i].want ? !strstr(buf_string(&got), rows[i].want) : got.size > 0)
            fail_msg("%s: got '%s', want '%s'", rows[i].feed, buf_string(&got),
                     rows[i].want ? rows[i].want : "");
    }
}

UNIT_MAIN(cmocka_unit_test(a_feed_that_cannot_work_is_refused_with_what_would))
