/*
 * gateway_child.h
 *	  The gateway of the server: a child of the launcher, while sfn.gateway has an address.
 */
#ifndef SFN_WORKERS_GATEWAY_CHILD_H
#define SFN_WORKERS_GATEWAY_CHILD_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* For the launcher: once; each time round, returning when to be called again at the latest (0: whenever); at its end. */
extern void gateway_child_begin(void);
extern TimestampTz gateway_child_tend(void);
extern void gateway_child_reload(void); /* its files may be others, even if its settings are the same */
extern void gateway_child_end(void);

#endif /* SFN_WORKERS_GATEWAY_CHILD_H */
