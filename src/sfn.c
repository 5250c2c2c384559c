/*
 * sfn.c
 *	  Loading the library.
 *
 * Loaded by a session, it brings the functions and the settings.  Preloaded by
 * the server, it also brings shared memory, the launcher and the hook that makes
 * workers leave before DDL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "guc.h"
#include "runtime/machine_stats.h"
#include "services/verdicts.h"
#include "workers/activity_waiters.h"
#include "workers/ddl_hook.h"
#include "workers/launcher.h"
#include "workers/worker_shared.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	guc_define();

	if (!process_shared_preload_libraries_in_progress)
		return;
	shared_install_hooks();
	activity_waiters_install_hooks();
	verdicts_install_hooks();
	machine_stats_install_hooks();
	ddl_hook_install();
	if (!IsBinaryUpgrade)
		launcher_register();
}
