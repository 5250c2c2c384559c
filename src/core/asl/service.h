/*
 * service.h
 *	  The rows of service_list.h.
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
	NONE,      /* not by tasks */
	IN_TURN,   /* inside the turn's transaction, answered at once */
	IN_WORKER, /* by the HTTP pump, between transactions */
	OUTSIDE,   /* by somebody who calls back */
	AWS        /* as IN_WORKER, by a request to a service of AWS */
} ServicePlace;

/* A row's number, by which others find what belongs to it. */
typedef enum ServiceId
{
#define SERVICE(name, resource, patterns, place, arguments) SERVICE_##name,
#define FORM(name, kind, resource, patterns, place) SERVICE_##name,
#define ITEM_SOURCE(name, resource, arguments) ITEM_SOURCE_##name,
#define ITEM_TARGET(name, resource, arguments) ITEM_TARGET_##name,
#include "asl/service_list.h"
	SERVICE_COUNT
} ServiceId;

typedef struct ServiceRow
{
	ServiceId id;
	ResourceKind kind;
	const char *resource; /* without "arn:aws:" */
	int patterns;
	ServicePlace place;
	const char *arguments; /* names, with commas; those that may be left out after a semicolon, if all are told */
} ServiceRow;

/* The row of "service:action" ("aws-sdk:s3", "getObject"), or NULL. */
extern const ServiceRow *service_find(const char *service, const char *action);

/* The row of an ItemReader's (use: READ_BY_MAP) or a ResultWriter's (WRITTEN_BY_MAP) Resource, or NULL. */
extern const ServiceRow *service_find_for_map(const char *text, int use);

#endif /* SFN_ASL_SERVICE_H */
