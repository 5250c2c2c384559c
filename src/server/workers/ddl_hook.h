/*
 * ddl_hook.h
 *	  Keeping workers away from a database while DDL needs it for itself.
 */
#ifndef SFN_WORKERS_DDL_HOOK_H
#define SFN_WORKERS_DDL_HOOK_H

#include "postgres.h"

#include "shared/worker_registry.h"

/* For the preloaded library. */
extern void ddl_hook_install(void);

/* ---- for sessions ---- */

/*
 * Keeps workers away from a database until the transaction ends; then the launcher looks at it again.
 * LEAVE_DATABASE: those that are there have left on return, after sfn.ddl_grace by force of a cancel.
 */
extern void database_hold(Oid database, LeaveRequest request);

/* At the transaction's end, however it ends (sfn.c). */
extern void holds_lower(void);

/*
 * Makes the workers of a database leave and come back.  The old ones have left on return, but for pumps that have sent
 * what is not answered yet; false: no new executor has come within five seconds.
 */
extern bool database_restart_workers(Oid database);

#endif /* SFN_WORKERS_DDL_HOOK_H */
