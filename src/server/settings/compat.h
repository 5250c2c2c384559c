/*
 * compat.h
 *	  Differences between PostgreSQL 15, 16, 17 and 18 that the server part meets.
 */
#ifndef SFN_SETTINGS_COMPAT_H
#define SFN_SETTINGS_COMPAT_H

#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "commands/dbcommands.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/wait_event.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* ---- a search_path of pg_catalog alone, until the end of a scope ---- */
#if PG_VERSION_NUM < 170000

static inline int
search_path_lock(void)
{
	OverrideSearchPath path = {.schemas = NIL, .addCatalog = true, .addTemp = false};

	PushOverrideSearchPath(&path);
	return 0;
}

static inline void
search_path_unlock(int nest_level)
{
	(void) nest_level;
	PopOverrideSearchPath();
}

#else

static inline int
search_path_lock(void)
{
	int nest_level = NewGUCNestLevel();

	RestrictSearchPath();
	return nest_level;
}

static inline void
search_path_unlock(int nest_level)
{
	AtEOXact_GUC(false, nest_level);
}

#endif

/* ---- privileges ---- */
#if PG_VERSION_NUM < 160000
#define sfn_member_can_set_role(member, role) is_member_of_role(member, role)
#define sfn_namespace_aclcheck(oid, role, mode) pg_namespace_aclcheck(oid, role, mode)
#define sfn_proc_aclcheck(oid, role, mode) pg_proc_aclcheck(oid, role, mode)
#else
#define sfn_member_can_set_role(member, role) member_can_set_role(member, role)
#define sfn_namespace_aclcheck(oid, role, mode) object_aclcheck(NamespaceRelationId, oid, role, mode)
#define sfn_proc_aclcheck(oid, role, mode) object_aclcheck(ProcedureRelationId, oid, role, mode)
#endif

/* May the role be given something? */
#if PG_VERSION_NUM < 160000
#define sfn_may_set_role(member, role) is_member_of_role(member, role)
#else
#define sfn_may_set_role(member, role) member_can_set_role(member, role)
#endif

/* ---- what an index has gathered while rows went in ---- */
#if PG_VERSION_NUM < 170000
#define sfn_index_insert_cleanup(index, info) ((void) 0)
#else
#define sfn_index_insert_cleanup(index, info) index_insert_cleanup(index, info)
#endif

/* ---- the sequence of an identity column ---- */
#if PG_VERSION_NUM < 170000
#define sfn_identity_sequence(relation, column) getIdentitySequence(RelationGetRelid(relation), column, false)
#else
#define sfn_identity_sequence(relation, column) getIdentitySequence(relation, column, false)
#endif

/* ---- the number of this backend's transaction ---- */
#if PG_VERSION_NUM < 170000
#define sfn_local_transaction() (MyProc->lxid)
#else
#define sfn_local_transaction() (MyProc->vxid.lxid)
#endif

/* ---- waiting ---- */

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

/* ---- ownership ---- */
#if PG_VERSION_NUM < 160000
#define sfn_owns_database(oid, role) pg_database_ownercheck(oid, role)
#define sfn_owns_extension(oid, role) pg_extension_ownercheck(oid, role)
#define sfn_owns_relation(oid, role) pg_class_ownercheck(oid, role)
#else
#define sfn_owns_database(oid, role) object_ownercheck(DatabaseRelationId, oid, role)
#define sfn_owns_extension(oid, role) object_ownercheck(ExtensionRelationId, oid, role)
#define sfn_owns_relation(oid, role) object_ownercheck(RelationRelationId, oid, role)
#endif

#endif /* SFN_SETTINGS_COMPAT_H */
