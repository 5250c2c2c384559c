/*
 * service.h
 *	  The services that a Task can name, as rows.
 */
#ifndef SFN_ASL_SERVICE_H
#define SFN_ASL_SERVICE_H

#include "asl/machine.h"

/* Patterns a service's action can be called with. */
#define REQUEST_RESPONSE 1
#define SYNC 2   /* .sync */
#define SYNC_2 4 /* .sync:2 */
#define WAIT_FOR_TASK_TOKEN 8
#define READ_BY_MAP 16    /* as ItemReader */
#define WRITTEN_BY_MAP 32 /* as ResultWriter */

/* Where a service's work is done. */
typedef enum ServicePlace
{
	NONE,      /* not there yet: running it fails naming the service */
	IN_TURN,   /* SQL, inside the turn's transaction */
	IN_WORKER, /* by the HTTP pump, between transactions */
	OUTSIDE    /* by somebody who calls back */
} ServicePlace;

typedef struct ServiceRow
{
	const char *name;     /* "http_invoke" */
	const char *resource; /* "http:invoke" */
	int patterns;
	ServicePlace place;
	const char *required; /* names of required arguments, with commas */
} ServiceRow;

/* The row of "service:action", or NULL. */
extern const ServiceRow *service_find(const char *service, const char *action);
/* Nearest "service:action", or NULL. */
extern const char *service_nearest(const char *service, const char *action);

#endif /* SFN_ASL_SERVICE_H */
