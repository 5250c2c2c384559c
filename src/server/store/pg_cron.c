/*
 * pg_cron.c
 *	  pg_cron, which may do what schedules are due for.
 *
 * Its functions are called only where its extension is: the schema "cron" of another might be anybody's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "store/pg_cron.h"
#include "store/schedules.h"
#include "store/store.h"

bool
pg_cron_is_here(void)
{
	static StoreQuery query = {"SELECT FROM pg_extension e JOIN pg_namespace n ON n.nspname = 'cron'"
							   " JOIN pg_depend d ON d.classid = 'pg_namespace'::regclass AND d.objid = n.oid"
							   " AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'"
							   " WHERE e.extname = 'pg_cron'",
							   0, .scans = true};

	return store_run(&query, NULL, NULL, 1) == 1;
}

int64
pg_cron_schedule(const char *database)
{
	static StoreQuery query = {"SELECT cron.schedule_in_database('sfn schedules of ' || $1, '* * * * *',"
							   " 'SELECT sfn.run_due_schedules(100000)', $1)",
							   1,
							   {TEXTOID},
							   .scans = true};
	Datum args[1] = {CStringGetTextDatum(database)};

	(void) store_run(&query, args, NULL, 0);
	return store_int64(0, ONLY_COLUMN);
}

void
pg_cron_unschedule(const char *database)
{
	static StoreQuery query = {"SELECT cron.unschedule(j.jobid) FROM cron.job j"
							   " WHERE j.jobname = 'sfn schedules of ' || $1 AND j.username = current_user",
							   1,
							   {TEXTOID},
							   .scans = true};
	Datum args[1] = {CStringGetTextDatum(database)};

	(void) store_run(&query, args, NULL, 0);
}

void
schedule_driver_set(const char *database, const char *driver)
{
	const char *sql = psprintf("ALTER DATABASE %s SET sfn.schedule_driver = %s", quote_identifier(database),
							   quote_literal_cstr(driver));
	int result = SPI_execute(sql, false, 0);

	if (result < 0)
		elog(ERROR, "statement failed: %s: %s", SPI_result_code_string(result), sql);
	schedules_changed();
}
