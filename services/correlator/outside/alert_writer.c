#include "correlator/outside/alert_writer.h"

void alert_writer_done(struct alert_writer *writer)
{
    buf_done(&writer->value);
}

void alert_writer_write(struct alert_writer *writer, const struct alert *alert,
                        struct output *output)
{
    writer->headers[0] = (struct header){"haechi.schema", codec_schema(writer->output)};
    writer->headers[1] = (struct header){"haechi.tenant", alert->tenant};
    writer->headers[2] = (struct header){"haechi.ruleset_version", text_of(writer->rules_version)};
    writer->headers[3] = (struct header){"content-type", codec_content_type(writer->output)};
    buf_reset(&writer->value);
    codec_encode(writer->output, alert, &writer->value, NULL);
    *output = (struct output){.topic = writer->topic,
                              .key = alert->group_key,
                              .value = buf_text(&writer->value),
                              .headers = writer->headers,
                              .header_count = COUNT_OF(writer->headers)};
    correlator_metrics_alert(writer->metrics, alert);
}
