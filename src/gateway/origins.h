/*
 * origins.h
 *	  Whether a request can be meant for us: by its Host, and by the page that a browser sends it from.
 */
#ifndef SFN_GATEWAY_ORIGINS_H
#define SFN_GATEWAY_ORIGINS_H

#include "gateway/request.h"

/* Under a name that is ours; else it is answered. */
extern bool origin_names_us(Request *request);

/* Where nothing is signed: not from a page of another site, nor through a proxy; else it is answered. */
extern bool origin_is_trusted(Request *request);

/* The page that sends it is ours. */
extern bool origin_is_own(const Request *request);

/* Pages of the sites that are listed may read our answers. */
extern void origin_allow(Request *request);

/* OPTIONS: what such pages may send. */
extern void origin_preflight(Request *request);

#endif /* SFN_GATEWAY_ORIGINS_H */
