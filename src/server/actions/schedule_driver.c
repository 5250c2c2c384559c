/*
 * schedule_driver.c
 *	  Who does what schedules are due for: the executor, or pg_cron.
 *
 * pg_cron lives in one database of a server and runs jobs in all: a job for each database
 * that uses it.  Both at once do no harm, since what is due is done once.
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "utils/guc.h"

#include "actions/schedule_runs.h"
#include "settings/guc.h"
#include "store/pg_cron.h"

static SFN_MUST_CHECK bool
check_database(ActionCall *call, const char *database)
{
	return OidIsValid(get_database_oid(database, true)) ||
		action_invalid(call, psprintf("database \"%s\" does not exist", database));
}

static SFN_MUST_CHECK bool
check_pg_cron(ActionCall *call, const char *database)
{
	const char *home = GetConfigOption("cron.database_name", true, false);

	if (home == NULL)
		return action_fail(call, API_PG_CRON_MISSING, "pg_cron is not loaded",
						   "shared_preload_libraries = 'pg_cron, sfn' loads it when the server starts.");
	return pg_cron_is_here() ||
		action_fail(
			   call, API_PG_CRON_MISSING, "pg_cron is not in this database",
			   psprintf("Its database is \"%s\": call sfn.use_pg_cron('%s') there, after CREATE EXTENSION pg_cron.",
						home, database));
}

bool
schedules_use_pg_cron(ActionCall *call, const char *database, int64 *job)
{
	const char *background = GetConfigOption("cron.use_background_workers", true, false);

	if (!check_database(call, database) || !check_pg_cron(call, database))
		return false;
	*job = pg_cron_schedule(database);
	schedule_driver_set(database, "pg_cron");
	if (background == NULL || strcmp(background, "on") != 0)
		ereport(NOTICE,
				(errmsg("pg_cron connects to the server as a client does"),
				 errhint("With cron.use_background_workers = on it needs no way in.")));
	return true;
}

bool
schedules_leave_pg_cron(ActionCall *call, const char *database)
{
	if (!check_database(call, database))
		return false;
	if (pg_cron_is_here())
		pg_cron_unschedule(database);
	schedule_driver_set(database, SCHEDULE_DRIVER_OWN);
	return true;
}
