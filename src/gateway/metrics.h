/*
 * metrics.h
 *	  What is counted, as Prometheus reads it.
 */
#ifndef SFN_GATEWAY_METRICS_H
#define SFN_GATEWAY_METRICS_H

#include "gateway/request.h"

extern void metrics_count(const Request *request);
extern void metrics_count_signature(bool is_good);

/* All of it, in Prometheus's text format. */
extern char *metrics_text(void);

#endif /* SFN_GATEWAY_METRICS_H */
