/*
 * task_leftovers.c
 *	  What a task would leave to the session that it ran in.
 *
 * For the end of a task, within its subtransaction: what fails here is the task's own
 * failure.  What it has prepared is dropped behind it, since no rollback does that.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_namespace.h"
#include "commands/prepare.h"
#include "nodes/memnodes.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/portal.h"

#include "services/task_leftovers.h"
#include "store/store.h"

#define UNNAMED_PORTAL "<unnamed>"

/* ---- cursors ---- */

/* The server lists portals only as rows of a view; but each has a memory context, whose identifier is its name. */
static MemoryContext
portal_contexts(void)
{
	static MemoryContext result = NULL;

	for (MemoryContext child = TopMemoryContext->firstchild; result == NULL && child != NULL; child = child->nextchild)
	{
		if (strcmp(child->name, "TopPortalContext") == 0)
			result = child;
	}
	if (result == NULL)
		elog(ERROR, "could not find the contexts of portals");
	return result;
}

/* Some languages keep theirs pinned until they are read to the end; then neither CLOSE nor a commit takes them. */
static void
close_cursor(Portal portal)
{
	if (portal->portalPinned)
		UnpinPortal(portal);
	PortalDrop(portal, false);
}

void
task_close_cursors(void)
{
	SubTransactionId mine = GetCurrentSubTransactionId();
	MemoryContext next;

	for (MemoryContext context = portal_contexts()->firstchild; context != NULL; context = next)
	{
		const char *name = context->ident;
		Portal portal;

		next = context->nextchild;
		if (name == NULL)
			continue;
		portal = GetPortalByName(strcmp(name, UNNAMED_PORTAL) == 0 ? "" : name);
		if (PortalIsValid(portal) && portal->createSubid == mine && portal->status != PORTAL_ACTIVE)
			close_cursor(portal);
	}
}

/* ---- temporary objects ---- */

/* Each of them, a type or a function, too, depends on its schema. */
int64
task_count_temporary_objects(void)
{
	Oid schema;
	Oid toast_schema;
	ScanKeyData keys[2];
	Relation depend;
	SysScanDesc scan;
	int64 count = 0;

	GetTempNamespaceState(&schema, &toast_schema);
	if (!OidIsValid(schema))
		return 0;
	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(NamespaceRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(schema));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(systable_getnext(scan)))
		count++;
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return count;
}

/* ---- prepared statements ---- */

void
task_drop_prepared_by_sql(void)
{
	static StoreQuery query = {"SELECT name FROM pg_catalog.pg_prepared_statements WHERE from_sql", 0, .scans = true};
	StoreScope scope;
	int count;
	char **names;

	store_enter(&scope);
	count = (int) store_run(&query, NULL, NULL, 0);
	names = palloc(sizeof(char *) * (count + 1));
	for (int i = 0; i < count; i++)
		names[i] = store_text(i, ONLY_COLUMN);
	store_leave(&scope);
	for (int i = 0; i < count; i++)
		DropPreparedStatement(names[i], false);
}
