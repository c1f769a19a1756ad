/* text_key: texts as keys of GLib's hash tables: pointers to struct text. */
#pragma once

#include <glib.h>

#include "base/text.h"

guint text_key_hash(gconstpointer key);
gboolean text_key_equal(gconstpointer a, gconstpointer b);
