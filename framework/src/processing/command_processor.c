#include <stdlib.h>

#include "bus/bus.h"
#include "processing/ask.h"
#include "processing/options.h"
#include "processing/worker.h"

enum { max_workers = 64 };

struct misas_command_processor {
    misas_command_processor_options options; /* complete */
    misas__asker asker;
    misas__bus_queue *queues[max_workers + 1]; /* ends with NULL */
    misas__worker *workers[max_workers];
    bool is_on_bus;
};

static misas_error *check(const misas_command_processor_options *options)
{
    if (options->workers < 0 || options->workers > max_workers) {
        return misas__processing_options_error("workers", "expected 1 to 64");
    }
    if (options->window < 0 || options->max_batch < 0 || options->cached_aggregates < 0 ||
        options->max_attempts < 0) {
        return misas__processing_options_error("window", "expected numbers that are not negative");
    }
    return misas__check_processing(options->subsystem,
                                   options->storage != NULL && options->bus != NULL);
}

static int or_default(int given, int otherwise)
{
    return given > 0 ? given : otherwise;
}

static misas_command_processor_options complete(const misas_command_processor_options *given)
{
    misas_command_processor_options options = *given;

    options.workers = or_default(given->workers, 1);
    options.window = or_default(given->window, 2000);
    options.max_batch = or_default(given->max_batch, 1000);
    options.cached_aggregates = or_default(given->cached_aggregates, 10000);
    options.max_attempts = or_default(given->max_attempts, 5);
    return options;
}

static misas_error *start_workers(misas_command_processor *processor)
{
    misas_error *error = NULL;

    for (int i = 0; i < processor->options.workers && error == NULL; i++) {
        error = misas__bus_queue_new(&processor->queues[i], (size_t)processor->options.window);
    }
    for (int i = 0; i < processor->options.workers && error == NULL; i++) {
        error = misas__worker_start(&processor->workers[i],
                                    &(misas__worker_options){.processor = &processor->options,
                                                             .queue = processor->queues[i],
                                                             .all_queues = processor->queues});
    }
    return error;
}

static misas_error *start(misas_command_processor *processor)
{
    misas_error *error = start_workers(processor);

    if (error == NULL) {
        error = misas__bus_add_consumer(processor->options.bus,
                                        &(misas__bus_consumer){
                                            .subsystem = processor->options.subsystem,
                                            .queues = processor->queues,
                                            .queue_count = (size_t)processor->options.workers,
                                            .ask = misas__ask,
                                            .self = &processor->asker,
                                        });
        processor->is_on_bus = error == NULL;
    }
    return error;
}

misas_error *misas_command_processor_start(misas_command_processor **out,
                                           const misas_command_processor_options *options)
{
    misas_error *error = check(options);

    if (error != NULL) {
        return error;
    }
    misas_command_processor *processor = calloc(1, sizeof *processor);

    if (processor == NULL) {
        return misas_error_out_of_memory();
    }
    processor->options = complete(options);
    processor->asker = (misas__asker){.subsystem = options->subsystem,
                                      .storage = options->storage,
                                      .clock = options->clock,
                                      .logger = options->logger};
    error = start(processor);
    if (error != NULL) {
        misas_command_processor_stop(processor);
        return error;
    }
    *out = processor;
    return NULL;
}

void misas_command_processor_stop(misas_command_processor *processor)
{
    if (processor == NULL) {
        return;
    }
    for (int i = 0; processor->queues[i] != NULL; i++) {
        misas__bus_queue_stop(processor->queues[i]);
    }
    if (processor->is_on_bus) {
        misas__bus_remove_consumer(processor->options.bus, &processor->asker);
    }
    for (int i = 0; processor->queues[i] != NULL; i++) {
        misas__worker_end(processor->workers[i]);
        misas__bus_queue_drain(processor->queues[i]);
        misas__bus_queue_free(processor->queues[i]);
    }
    free(processor);
}
