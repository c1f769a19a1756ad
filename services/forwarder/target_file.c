/* file, stdout: a line of JSON an alert, in a file that is begun anew when it is full, or on
 * standard output. */
#include "forwarder/body.h"
#include "forwarder/target.h"

struct file {
    const char *path;
    int body; /* enum body_form */
    int64_t max_size;
    int64_t keep;
};

#define AT(member) .offset = offsetof(struct file, member)
#define BODY_ROW                                                                                   \
    {                                                                                              \
        "body", SETTING_CHOICE, AT(body),                                                          \
            .fallback = "native", .choices = body_forms,                                           \
            .help = "What a line looks like: Haechi's own JSON, the Elastic Common Schema, or an " \
                    "OCSF Detection Finding."                                                      \
    }
static const struct setting file_settings[] = {
    {"path", SETTING_TEXT, AT(path), .required = true, .help = "The file."},
    BODY_ROW,
    {"max_size", SETTING_SIZE, AT(max_size), .fallback = "100MiB", .minimum = 65536,
     .maximum = 1e15, .help = "A larger file is renamed to <path>.1 and begun anew."},
    {"keep", SETTING_INTEGER, AT(keep), .fallback = "10", .minimum = 0, .maximum = 1000,
     .help = "How many renamed files stay."},
    {0},
};
static const struct setting stdout_settings[] = {
    BODY_ROW,
    {0},
};
#undef AT

static enum target_way file_way(const void *config, struct target_place *place)
{
    const struct file *file = config;

    place->path = file->path;
    place->max_size = file->max_size;
    place->keep = file->keep;
    return TARGET_BY_FILE;
}

static enum target_way stdout_way(const void *config, struct target_place *place)
{
    (void)config;
    (void)place;
    return TARGET_BY_STDOUT;
}

static void file_write(const void *config, const struct target_context *context,
                       const struct alert *alert, struct buf *out)
{
    const struct file *file = config;

    body_write(alert, (enum body_form)file->body, context->host, out);
    buf_add_byte(out, '\n');
}

const struct target_ops target_file = {
    .name = "file",
    .settings = file_settings,
    .config_size = sizeof(struct file),
    .way = file_way,
    .write = file_write,
};

const struct target_ops target_stdout = {
    .name = "stdout",
    .settings = stdout_settings,
    .config_size = sizeof(struct file),
    .way = stdout_way,
    .write = file_write,
};
