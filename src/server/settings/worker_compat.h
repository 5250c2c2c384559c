/*
 * worker_compat.h
 *	  Differences between PostgreSQL 15, 16, 17 and 18 that the workers meet.
 */
#ifndef SFN_SETTINGS_WORKER_COMPAT_H
#define SFN_SETTINGS_WORKER_COMPAT_H

#include "postgres.h"

#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

/* The wait event of a worker's latch; named from 17 on. */
static inline uint32
sfn_wait_event(const char *name)
{
#if PG_VERSION_NUM >= 170000
	return WaitEventExtensionNew(name);
#else
	(void) name;
	return PG_WAIT_EXTENSION;
#endif
}

/* A set of events that lives as long as the process. */
static inline WaitEventSet *
worker_event_set(int events)
{
#if PG_VERSION_NUM >= 170000
	return CreateWaitEventSet(NULL, events);
#else
	return CreateWaitEventSet(TopMemoryContext, events);
#endif
}

#if PG_VERSION_NUM < 160000
#define sfn_owns_database(oid, role) pg_database_ownercheck(oid, role)
#define sfn_owns_extension(oid, role) pg_extension_ownercheck(oid, role)
#else
#define sfn_owns_database(oid, role) object_ownercheck(DatabaseRelationId, oid, role)
#define sfn_owns_extension(oid, role) object_ownercheck(ExtensionRelationId, oid, role)
#endif

#endif /* SFN_SETTINGS_WORKER_COMPAT_H */
