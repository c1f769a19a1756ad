#include "forwarder/gate.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t gate_pass(struct gate *gate, int64_t now_us)
{
    int64_t not_before_us = later(gate->turn_us, gate->shut_us);

    if (gate->is_broken && gate->has_messenger)
        return GATE_UNTIL_NEWS;
    if (now_us < not_before_us)
        return not_before_us - now_us;
    if (gate->max_rate > 0)
        gate->turn_us = now_us + (int64_t)(1e6 / gate->max_rate);
    gate->has_messenger = gate->is_broken;
    return 0;
}

void gate_worked(struct gate *gate, int64_t now_us, int64_t asked_ms)
{
    patience_reset(&gate->patience);
    gate->is_broken = gate->has_messenger = false;
    gate->shut_us = 0;
    if (asked_ms > 0)
        gate->shut_us =
            now_us +
            1000 * (asked_ms < PATIENCE_ASKED_LIMIT_MS ? asked_ms : PATIENCE_ASKED_LIMIT_MS);
}

int64_t gate_failed(struct gate *gate, int64_t now_us, int64_t asked_ms, int64_t least_ms,
                    uint64_t random)
{
    /* Of several that were on their way together each fails; the wait grows by one step. */
    bool is_news = !gate->is_broken || gate->has_messenger;
    int64_t wait_ms = is_news ? patience_wait(&gate->patience, asked_ms, random) : asked_ms;

    gate->is_broken = true;
    gate->has_messenger = false;
    gate->shut_us = later(gate->shut_us, now_us + 1000 * later(wait_ms, least_ms));
    return (gate->shut_us - now_us) / 1000;
}

void gate_turned_back(struct gate *gate)
{
    gate->has_messenger = false;
}

void gate_mended(struct gate *gate)
{
    patience_reset(&gate->patience);
    gate->shut_us = 0;
}
