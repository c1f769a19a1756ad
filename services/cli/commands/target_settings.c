#include "cli/commands/target_settings.h"

#include <errno.h>
#include <string.h>

#include "cli/commands/settings_file.h"

int target_settings_read(struct target_file *file, const char *path, struct error *err)
{
    struct settings_section sections[SHARED_SETTINGS_SECTIONS + 2];
    struct shared_worker_rows rows;
    struct worker_settings worker; /* the section's other keys, which nobody here asks for */

    *file = (struct target_file){0};
    shared_settings_worker("forwarder", 0, 0, &rows);
    shared_settings_sections(&file->shared, sections);
    sections[SHARED_SETTINGS_SECTIONS] = (struct settings_section){"forwarder", rows.rows, &worker};
    sections[SHARED_SETTINGS_SECTIONS + 1] =
        (struct settings_section){"forwarder", forwarder_settings_rows, &file->forwarder};
    file->settings = settings_file_load(path, sections, COUNT_OF(sections), err);
    return file->settings ? 0 : -EINVAL;
}

void target_settings_done(struct target_file *file)
{
    settings_free(file->settings);
}

const struct target_settings *target_settings_find(const struct target_file *file, const char *name,
                                                   struct error *err)
{
    AUTO_BUF known = {0};

    for (size_t i = 0; i < file->forwarder.targets.count; i++) {
        const struct target_settings *target = forwarder_target(&file->forwarder, i);

        if (strcmp(target->name, name) == 0)
            return target;
        buf_addf(&known, "%s%s", i > 0 ? ", " : "", target->name);
    }
    error_set(err, -EINVAL, "forwarder.targets has no target called '%.60s'; there are: %s", name,
              known.size ? buf_string(&known) : "none");
    return NULL;
}
