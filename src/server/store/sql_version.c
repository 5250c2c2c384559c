/*
 * sql_version.c
 *	  Whether the extension in this database is of the version that this library is made for.
 *
 * A new library comes with its package, and ALTER EXTENSION sfn UPDATE later, in one database
 * after the other; or that is run while the server still has the old library in memory.
 * Until both fit, functions and tables are not what the code believes they are, so
 * nothing runs: functions say what to do, workers stay away, hooks let statements pass.
 * A script of the extension is let through, since the version is noted before it runs.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "shared/relation_watch.h"
#include "store/sql_version.h"

static RelationWatch watch; /* current: it is known to fit */

static void
on_function_changed(Datum arg, int cache, uint32 hash)
{
	watch.is_current = false;
}

/* pg_extension has no cache that tells of changes; an update of the extension changes functions or tables, too. */
static void
listen_for_changes(void)
{
	static bool is_listening = false;

	if (is_listening)
		return;
	CacheRegisterSyscacheCallback(PROCOID, on_function_changed, (Datum) 0);
	is_listening = true;
}

/* NULL: it is not there. */
static char *
installed_version(void)
{
	Relation extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	char *version = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("sfn"));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool is_null;
		Datum value = fastgetattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(extensions), &is_null);

		version = TextDatumGetCString(value); /* the column is NOT NULL */
	}
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return version;
}

bool
sql_version_fits(void)
{
	char *version;

	if (watch.is_current || creating_extension)
		return true;
	listen_for_changes();
	relation_watch(&watch, InvalidOid); /* before the look: a change meanwhile undoes it */
	version = installed_version();
	if (version != NULL && strcmp(version, SFN_VERSION) == 0)
		return true;
	watch.is_current = false;
	return false;
}

/* Versions are numbers between dots, so the longer number is the larger one. */
static bool
is_older(const char *version, const char *than)
{
	for (;;)
	{
		int digits = strspn(version, "0123456789");
		int other_digits = strspn(than, "0123456789");
		int order = digits != other_digits ? digits - other_digits : strncmp(version, than, digits);

		if (order != 0 || digits == 0)
			return order < 0;
		version += digits + (version[digits] == '.');
		than += digits + (than[digits] == '.');
	}
}

char *
sql_version_problem(const char **cure)
{
	char *version = sql_version_fits() ? NULL : installed_version();

	if (version == NULL)
		return NULL;
	*cure = is_older(version, SFN_VERSION) ? "ALTER EXTENSION sfn UPDATE"
										   : "install the library of that version and restart the server";
	return psprintf("the extension sfn in this database is of version %s, the library of %s", version, SFN_VERSION);
}

void
sql_version_require(void)
{
	const char *cure;
	char *problem;

	if (sql_version_fits())
		return;
	problem = sql_version_problem(&cure);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("%s", problem),
				 errdetail("Nothing runs until they are the same, and nothing is lost."),
				 errhint("Do this: %s.", cure)));
}
