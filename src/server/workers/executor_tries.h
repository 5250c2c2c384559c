/*
 * executor_tries.h
 *	  Tasks for which there is no helper: the permanent executor tries them itself, for a second.
 */
#ifndef SFN_WORKERS_EXECUTOR_TRIES_H
#define SFN_WORKERS_EXECUTOR_TRIES_H

#include "postgres.h"

#include "utils/timestamp.h"

#include "runtime/turn.h"

#define HELPERS_WATCH_MS 1000 /* how often the permanent one sees that tasks which run alone have helpers */
#define TRY_PAUSE_MS 5000     /* until the next, after one that took longer */
#define TRIED_MAX 32

/* Is the turn to be a try?  takes_alone: this executor runs such tasks anyway. */
extern bool try_is_due(bool takes_alone);
/* Was it, when that was asked last? */
extern bool try_was_due(void);
/* Makes the request one for a try; excluded has room for TRIED_MAX more.  Returns how many tasks are passed over. */
extern int try_choose(TurnRequest *request, int64 *excluded);
extern void try_done(int passed_over, const TurnResult *result, bool has_failed, TimestampTz started);

#endif /* SFN_WORKERS_EXECUTOR_TRIES_H */
