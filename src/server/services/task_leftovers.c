/*
 * task_leftovers.c
 *	  What a task would leave to the session that it ran in.
 *
 * For the end of a task, within its subtransaction: what fails here is the task's own
 * failure.  What it has prepared, connected to or seeded is taken away behind it, since no rollback does that.
 */
#include "postgres.h"

#include <link.h>

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_namespace.h"
#include "commands/prepare.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/portal.h"

#include "services/task_leftovers.h"
#include "shared/subtransaction.h"
#include "store/store.h"

#define UNNAMED_PORTAL "<unnamed>"

typedef struct HiddenCursor
{
	Portal portal;
	bool was_visible;
} HiddenCursor;

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

/* The portal of a context; NULL: it has none any more. */
static Portal
portal_of(MemoryContext context)
{
	const char *name = context->ident;

	if (name == NULL)
		return NULL;
	return GetPortalByName(strcmp(name, UNNAMED_PORTAL) == 0 ? "" : name);
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
		Portal portal = portal_of(context);

		next = context->nextchild;
		if (PortalIsValid(portal) && portal->createSubid == mine && portal->status != PORTAL_ACTIVE)
			close_cursor(portal);
	}
}

/* The server lets nobody run or drop a cursor that is active, and has no list of those that are not visible. */
void
task_hide_cursors(List **hidden)
{
	for (MemoryContext context = portal_contexts()->firstchild; context != NULL; context = context->nextchild)
	{
		Portal portal = portal_of(context);
		HiddenCursor *cursor;

		if (!PortalIsValid(portal) || portal->status != PORTAL_READY)
			continue;
		cursor = palloc(sizeof(HiddenCursor));
		*cursor = (HiddenCursor){.portal = portal, .was_visible = portal->visible};
		*hidden = lappend(*hidden, cursor);
		portal->status = PORTAL_ACTIVE;
		portal->visible = false;
	}
}

void
task_show_cursors(List *hidden)
{
	for (int i = 0; i < list_length(hidden); i++)
	{
		HiddenCursor *cursor = list_nth(hidden, i);

		cursor->portal->status = PORTAL_READY;
		cursor->portal->visible = cursor->was_visible;
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

/* ---- connections of dblink ---- */

/* Its functions in this database. */
typedef struct Dblink
{
	Oid get_connections;
	Oid disconnect;
	Oid disconnect_unnamed;
} Dblink;

/* What has been loaded into this process, as far as it was looked at. */
typedef struct Libraries
{
	unsigned long long added; /* how many so far */
	bool has_dblink;
	bool is_looking;
} Libraries;

static int
look_at_library(struct dl_phdr_info *library, size_t size, void *arg)
{
	Libraries *libraries = arg;
	const char *name = strrchr(library->dlpi_name, '/');

	if (!libraries->is_looking && library->dlpi_adds == libraries->added)
		return 1;
	libraries->is_looking = true;
	libraries->added = library->dlpi_adds;
	if (name != NULL && strcmp(name, "/dblink" DLSUFFIX) == 0)
		libraries->has_dblink = true;
	return 0;
}

static bool
dblink_is_loaded(void)
{
	static Libraries libraries;

	libraries.is_looking = false;
	(void) dl_iterate_phdr(look_at_library, &libraries);
	return libraries.has_dblink;
}

/* By the extension, so that nobody's function of such a name is called. */
static bool
dblink_find(Dblink *dblink)
{
	static StoreQuery query = {"SELECT max(p.oid) FILTER (WHERE p.proname = 'dblink_get_connections'),"
							   " max(p.oid) FILTER (WHERE p.proname = 'dblink_disconnect' AND p.pronargs = 1),"
							   " max(p.oid) FILTER (WHERE p.proname = 'dblink_disconnect' AND p.pronargs = 0)"
							   " FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_depend d"
							   " ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid"
							   " AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'e'"
							   " JOIN pg_catalog.pg_proc p ON p.oid = d.objid WHERE e.extname = 'dblink'",
							   0};
	enum
	{
		GET_CONNECTIONS = 1,
		DISCONNECT,
		DISCONNECT_UNNAMED
	};
	StoreScope scope;

	store_enter(&scope);
	(void) store_run(&query, NULL, NULL, 0);
	dblink->get_connections = store_oid(0, GET_CONNECTIONS);
	dblink->disconnect = store_oid(0, DISCONNECT);
	dblink->disconnect_unnamed = store_oid(0, DISCONNECT_UNNAMED);
	store_leave(&scope);
	return OidIsValid(dblink->get_connections) && OidIsValid(dblink->disconnect) &&
		OidIsValid(dblink->disconnect_unnamed);
}

static void
disconnect_named(const Dblink *dblink)
{
	LOCAL_FCINFO(call, 0);
	FmgrInfo function;
	Datum names;
	Datum *values;
	int count;

	fmgr_info(dblink->get_connections, &function);
	InitFunctionCallInfoData(*call, &function, 0, InvalidOid, NULL, NULL);
	names = FunctionCallInvoke(call);
	if (call->isnull)
		return;
	deconstruct_array(DatumGetArrayTypeP(names), TEXTOID, -1, false, TYPALIGN_INT, &values, NULL, &count);
	for (int i = 0; i < count; i++)
		(void) OidFunctionCall1(dblink->disconnect, values[i]);
}

/* It says whether there is one by an error. */
static bool
disconnect_unnamed(void *arg)
{
	const Dblink *dblink = arg;

	(void) OidFunctionCall0(dblink->disconnect_unnamed);
	return true;
}

void
task_close_dblink(void)
{
	uint32 held_cancels = QueryCancelHoldoffCount;
	Dblink dblink;
	ErrorData *error;

	if (!dblink_is_loaded() || !dblink_find(&dblink))
		return;
	disconnect_named(&dblink);
	error = subtransaction_run(disconnect_unnamed, NULL, &dblink);
	QueryCancelHoldoffCount = held_cancels; /* the error has reset it */
	if (error != NULL && error->sqlerrcode != ERRCODE_CONNECTION_DOES_NOT_EXIST)
		ReThrowError(error);
}

/* ---- random numbers ---- */

void
task_forget_seed(void)
{
	(void) DirectFunctionCall1(setseed, Float8GetDatum(pg_prng_double(&pg_global_prng_state)));
}
