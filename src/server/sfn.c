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

#include "settings/guc.h"
#include "shared/shared_memory.h"
#include "workers/ddl_hook.h"
#include "workers/launcher.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	guc_define();

	if (!process_shared_preload_libraries_in_progress)
		return;
	shared_memory_install_hooks();
	ddl_hook_install();
	if (!IsBinaryUpgrade)
		launcher_register();
}
