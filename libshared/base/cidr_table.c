#include "base/cidr_table.h"

#include <stdlib.h>

enum { HALVES = 65536 /* upper halves of IPv4 addresses */ };

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
    uint32_t *v4_firsts;           /* of the segments that begin in IPv4, the lower 32 bits */
    size_t v4_from;                /* the first of them */
    uint32_t v4_index[HALVES + 1]; /* by upper half: how many of them begin below it */
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

static bool is_below_v4(const struct address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};

    return memcmp(address->bytes, mapped, sizeof(mapped)) < 0;
}

static uint32_t lower_bits(const struct address *address)
{
    const unsigned char *b = address->bytes + 12;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void index_v4(struct cidr_table *table)
{
    size_t count = 0, half = 0;

    while (table->v4_from < table->segment_count &&
           is_below_v4(&table->segments[table->v4_from].first))
        table->v4_from++;
    table->v4_firsts = mem_zero((table->segment_count + 1) * sizeof(*table->v4_firsts));
    for (size_t i = table->v4_from; i < table->segment_count; i++) {
        if (!address_is_v4(&table->segments[i].first))
            break;
        table->v4_firsts[count] = lower_bits(&table->segments[i].first);
        for (; half <= table->v4_firsts[count] >> 16; half++)
            table->v4_index[half] = (uint32_t)count;
        count++;
    }
    for (; half <= HALVES; half++)
        table->v4_index[half] = (uint32_t)count;
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
    }
    qsort(nodes, count, sizeof(*nodes), by_place);
    cut_segments(table, nodes, count);
    free(nodes);
    index_v4(table);
    return table;
}

void cidr_table_free(struct cidr_table *table)
{
    if (!table)
        return;
    free(table->parents);
    free(table->segments);
    free(table->v4_firsts);
    free(table);
}

/* How many segments begin at or below @address. */
static size_t count_v4(const struct cidr_table *table, const struct address *address)
{
    uint32_t bits = lower_bits(address);
    size_t low = table->v4_index[bits >> 16], high = table->v4_index[(bits >> 16) + 1];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (table->v4_firsts[middle] <= bits)
            low = middle + 1;
        else
            high = middle;
    }
    return table->v4_from + low;
}

static size_t count_v6(const struct cidr_table *table, const struct address *address)
{
    size_t low = 0, high = table->segment_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(table->segments[middle].first.bytes, address->bytes, 16) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

long cidr_table_find(const struct cidr_table *table, const struct address *address)
{
    if (table->count == 0)
        return CIDR_TABLE_NONE;
    size_t count = address_is_v4(address) ? count_v4(table, address) : count_v6(table, address);

    return count > 0 ? table->segments[count - 1].position : CIDR_TABLE_NONE;
}

long cidr_table_wider(const struct cidr_table *table, long position)
{
    return table->parents[position];
}
