/* install_path: where the files are that come with the programs.
 *
 * Found from the program's own place, so that an installation may be moved: <prefix>/bin beside
 * <prefix>/share/haechi, or build/<preset> inside the source tree.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

/* The folder of the built-in rules, that of the built-in correlations, the table of recommended
 * actions. 0, or -ENOENT with the places that were tried. */
int install_path_rules(struct buf *path, struct error *err);
int install_path_correlations(struct buf *path, struct error *err);
int install_path_actions(struct buf *path, struct error *err);
