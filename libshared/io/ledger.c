#include "io/ledger.h"

#include <stdio.h>

struct name {
    char text[96];
};

static struct name name_of(const struct ledger *ledger, const char *rest)
{
    struct name name;

    snprintf(name.text, sizeof(name.text), "haechi_%s_%s", ledger->service, rest);
    return name;
}

static struct counter *counter(struct ledger *ledger, const char *rest, const char *help)
{
    return metrics_counter(ledger->metrics, name_of(ledger, rest).text, help, ledger->lane,
                           NO_LABEL);
}

static struct gauge *gauge(struct ledger *ledger, const char *rest, const char *help)
{
    return metrics_gauge(ledger->metrics, name_of(ledger, rest).text, help, ledger->lane, NO_LABEL);
}

static struct histogram *histogram(struct ledger *ledger, const char *rest, const char *help)
{
    return metrics_histogram(ledger->metrics, name_of(ledger, rest).text, help, ledger->lane);
}

static void init_outcomes(struct ledger *ledger)
{
    static const char *const labels[LEDGER_OUTCOMES] = {"produced", "nothing", "dead_lettered",
                                                        "given_back"};

    for (size_t i = 0; i < LEDGER_OUTCOMES; i++)
        ledger->outcomes[i] = metrics_counter(ledger->metrics, name_of(ledger, "logs_total").text,
                                              "Messages by what became of them.",
                                              LABEL("outcome", labels[i]), ledger->lane);
}

void ledger_init(struct ledger *ledger, struct metrics *metrics, const char *service)
{
    ledger_init_lane(ledger, metrics, service, NO_LABEL);
}

void ledger_init_lane(struct ledger *ledger, struct metrics *metrics, const char *service,
                      struct metric_label lane)
{
    *ledger = (struct ledger){.metrics = metrics, .service = service, .lane = lane};
    ledger->consumed = counter(ledger, "logs_consumed_total", "Messages taken from Kafka.");
    init_outcomes(ledger);
    ledger->in_flight =
        gauge(ledger, "logs_in_flight", "Messages taken whose output is not yet all acknowledged.");
    ledger->batch_retries = counter(ledger, "batch_retries_total",
                                    "Times a batch was handled again, since something was away.");
    ledger->resent = counter(ledger, "outputs_resent_total",
                             "Outputs sent again after the broker had refused them.");
    ledger->expired =
        counter(ledger, "expired_total",
                "Messages that retention took before they were read, by difference of offsets.");
    ledger->rebalances = counter(ledger, "rebalances_total", "Changes of the assignment.");
    ledger->assigned = gauge(ledger, "assigned_partitions", "Partitions that this worker reads.");
    ledger->paused = gauge(ledger, "paused", "1 while a long stall keeps it from reading.");
    ledger->batch_seconds = histogram(ledger, "batch_seconds", "Handling of one batch.");
    ledger->ack_seconds =
        histogram(ledger, "produce_seconds", "From handing over an output to its acknowledgement.");
}

void ledger_consume(struct ledger *ledger, size_t messages)
{
    metrics_add(ledger->consumed, messages);
    ledger->open += messages;
    metrics_set(ledger->in_flight, (double)ledger->open);
}

void ledger_settle(struct ledger *ledger, enum ledger_outcome outcome, size_t messages)
{
    metrics_add(ledger->outcomes[outcome], messages);
    ledger->open -= messages;
    metrics_set(ledger->in_flight, (double)ledger->open);
}

struct counter *ledger_produced_to(struct ledger *ledger, const char *topic)
{
    return metrics_counter(ledger->metrics, name_of(ledger, "outputs_produced_total").text,
                           "Outputs acknowledged by the broker.", LABEL("topic", topic),
                           ledger->lane);
}

struct counter *ledger_dead_letters(struct ledger *ledger, const char *reason)
{
    return metrics_counter(ledger->metrics, name_of(ledger, "dead_letters_total").text,
                           "Messages sent to dead letters.", LABEL("reason", reason), ledger->lane);
}

struct gauge *ledger_lag(struct ledger *ledger, const char *topic, int partition)
{
    char number[16];

    snprintf(number, sizeof(number), "%d", partition);
    return metrics_gauge(ledger->metrics, name_of(ledger, "consumer_lag").text,
                         "Messages behind the position that is settled.",
                         ledger->lane.name ? ledger->lane : LABEL("topic", topic),
                         LABEL("partition", number));
}
