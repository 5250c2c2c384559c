/*
 * metrics.h
 *	  What is counted, as Prometheus reads it.
 */
#ifndef SFN_GATEWAY_METRICS_H
#define SFN_GATEWAY_METRICS_H

#include "gateway/pool.h"
#include "gateway/request.h"

/* Before there are several processes; then, in each, which one it is. */
extern void metrics_begin(void);
extern void metrics_use(int process);

extern void metrics_count(const Request *request);
extern void metrics_count_signature(bool is_good);
extern void metrics_count_wait(PoolKind pool, int64 microseconds);
extern void metrics_count_restart(int process);

/* Shows the others how many there are of what there is now. */
extern void metrics_publish(void);

/* All of it, of all processes, in Prometheus's text format. */
extern char *metrics_text(void);

#endif /* SFN_GATEWAY_METRICS_H */
