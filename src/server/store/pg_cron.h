/*
 * pg_cron.h
 *	  pg_cron, which may do what schedules are due for.
 *
 * All run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_PG_CRON_H
#define SFN_STORE_PG_CRON_H

#include "postgres.h"

extern bool pg_cron_is_here(void);                   /* its extension is in this database */
extern int64 pg_cron_schedule(const char *database); /* the number of its job, new or not */
extern void pg_cron_unschedule(const char *database);

/* sfn.schedule_driver, for workers of that database. */
extern void schedule_driver_set(const char *database, const char *driver);

#endif /* SFN_STORE_PG_CRON_H */
