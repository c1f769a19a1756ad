/* indicator_parts: how indicator.h is made; for indicator*.c alone. */
#pragma once

#include "base/indicator.h"

/* Each judges the whole of @t as one kind. */
enum indicator_reason indicator_address(struct text t, const struct indicator_rules *rules,
                                        struct arena *arena, struct indicator *out);
/* @guessed: nobody says that it is a domain. */
enum indicator_reason indicator_domain(struct text t, bool guessed,
                                       const struct indicator_rules *rules, struct arena *arena,
                                       struct indicator *out);
enum indicator_reason indicator_url(struct text t, const struct indicator_rules *rules,
                                    struct arena *arena, struct indicator *out);
enum indicator_reason indicator_hash(struct text t, struct arena *arena, struct indicator *out);

struct text indicator_refang(struct text t, struct arena *arena);

/* The canonical form of a host name, whatever it may be good for: letters, digits, '-' and '_',
 * A-labels. */
enum indicator_reason indicator_domain_name(struct text t, struct arena *arena, struct text *name);
/* Is the last label of this canonical name a number? There are no such domains. */
bool indicator_domain_is_number(struct text name);
/* Does @t look like an address rather than a name? Then what is wrong with it is wrong with an
 * address. */
bool indicator_address_like(struct text t);
bool indicator_address_bogon(const struct cidr *cidr);
