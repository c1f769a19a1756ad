#include "base/cidr_table.h"

#include <stdlib.h>

enum { MAP_BYTES = 65536 / 8, V4_BITS = 96 };

struct node {
    struct cidr range;
    struct address last;
    long position, parent; /* parent: a position */
};

/* From @first on up to the next segment, the range @position is the narrowest. */
struct segment {
    struct address first;
    long position;
};

struct cidr_table {
    size_t count;
    long *parents; /* by position */
    struct segment *segments;
    size_t segment_count;
    unsigned char v4_map[MAP_BYTES]; /* a bit for each upper half that a range touches */
    bool has_v6;
};

static int by_place(const void *a, const void *b)
{
    const struct node *x = a, *y = b;
    int order = memcmp(x->range.first.bytes, y->range.first.bytes, 16);

    if (order == 0)
        order = x->range.prefix - y->range.prefix; /* the wider first */
    if (order == 0)
        order = (x->position > y->position) - (x->position < y->position);
    return order;
}

static struct address last_of(const struct cidr *range)
{
    struct address last = range->first;

    for (int i = 0; i < 16; i++) {
        int kept = range->prefix - i * 8;

        if (kept <= 0)
            last.bytes[i] = 0xFF;
        else if (kept < 8)
            last.bytes[i] |= (unsigned char)(0xFF >> kept);
    }
    return last;
}

/* The address behind @last; false: there is none. */
static bool next_of(const struct address *last, struct address *next)
{
    *next = *last;
    for (int i = 15; i >= 0; i--) {
        if (++next->bytes[i] != 0)
            return true;
    }
    return false;
}

static void begin(struct cidr_table *table, struct address first, long position)
{
    struct segment *top = table->segments + table->segment_count;

    if (table->segment_count > 0 && memcmp(top[-1].first.bytes, first.bytes, 16) == 0)
        top[-1].position = position;
    else
        table->segments[table->segment_count++] = (struct segment){first, position};
}

/* What lies behind the range on top of the stack belongs to the one it lies in. */
static void leave(struct cidr_table *table, const struct node *nodes, size_t *stack, size_t *depth)
{
    struct address behind;
    const struct node *top = &nodes[stack[--*depth]];

    if (next_of(&top->last, &behind))
        begin(table, behind, top->parent);
}

static bool is_behind(const struct node *top, const struct node *node)
{
    return memcmp(top->last.bytes, node->range.first.bytes, 16) < 0;
}

/* Ranges either lie in each other or apart, so one pass with a stack finds who holds whom. */
static void cut_segments(struct cidr_table *table, struct node *nodes, size_t count)
{
    size_t *stack = mem_zero((count + 1) * sizeof(*stack)), depth = 0;

    for (size_t i = 0; i < count; i++) {
        while (depth > 0 && is_behind(&nodes[stack[depth - 1]], &nodes[i]))
            leave(table, nodes, stack, &depth);
        const struct node *holder = depth > 0 ? &nodes[stack[depth - 1]] : NULL;

        nodes[i].parent = holder ? holder->position : CIDR_TABLE_NONE;
        table->parents[nodes[i].position] = nodes[i].parent;
        if (holder && holder->range.prefix == nodes[i].range.prefix) {
            table->parents[nodes[i].position] = holder->parent; /* the same range once more */
            continue;
        }
        begin(table, nodes[i].range.first, nodes[i].position);
        stack[depth++] = i;
    }
    while (depth > 0)
        leave(table, nodes, stack, &depth);
    free(stack);
}

static unsigned upper_half(const struct address *address)
{
    return (unsigned)address->bytes[12] << 8 | address->bytes[13];
}

static void map_range(struct cidr_table *table, const struct node *node)
{
    if (!address_is_v4(&node->range.first) || node->range.prefix < V4_BITS) {
        table->has_v6 = true;
        if (node->range.prefix < V4_BITS && node->range.first.bytes[0] == 0)
            memset(table->v4_map, 0xFF, sizeof(table->v4_map)); /* it may hold all of IPv4 */
        return;
    }
    for (unsigned half = upper_half(&node->range.first); half <= upper_half(&node->last); half++)
        table->v4_map[half / 8] |= (unsigned char)(1U << half % 8);
}

struct cidr_table *cidr_table_new(const struct cidr *ranges, size_t count)
{
    struct cidr_table *table = mem_zero(sizeof(*table));
    struct node *nodes = mem_zero((count + 1) * sizeof(*nodes));

    table->count = count;
    table->parents = mem_zero((count + 1) * sizeof(*table->parents));
    table->segments = mem_zero((2 * count + 1) * sizeof(*table->segments));
    for (size_t i = 0; i < count; i++) {
        nodes[i] = (struct node){ranges[i], last_of(&ranges[i]), (long)i, CIDR_TABLE_NONE};
        map_range(table, &nodes[i]);
    }
    qsort(nodes, count, sizeof(*nodes), by_place);
    cut_segments(table, nodes, count);
    free(nodes);
    return table;
}

void cidr_table_free(struct cidr_table *table)
{
    if (!table)
        return;
    free(table->parents);
    free(table->segments);
    free(table);
}

static bool is_clean(const struct cidr_table *table, const struct address *address)
{
    if (!address_is_v4(address))
        return !table->has_v6;
    unsigned half = upper_half(address);

    return !(table->v4_map[half / 8] & 1U << half % 8);
}

long cidr_table_find(const struct cidr_table *table, const struct address *address)
{
    size_t low = 0, high = table->segment_count;

    if (is_clean(table, address))
        return CIDR_TABLE_NONE;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(table->segments[middle].first.bytes, address->bytes, 16) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? table->segments[low - 1].position : CIDR_TABLE_NONE;
}

long cidr_table_wider(const struct cidr_table *table, long position)
{
    return table->parents[position];
}
