/*
 * worker_absence.h
 *	  Why nothing runs in this database, for all who are asked.
 */
#ifndef SFN_SHARED_WORKER_ABSENCE_H
#define SFN_SHARED_WORKER_ABSENCE_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct WorkerAbsence
{
	const char *reason;    /* as sfn.workers has it */
	const char *because;   /* the same within a sentence */
	const char *hint;      /* what to do; NULL: it goes by itself, and soon */
	const char *statement; /* which statement that is; or NULL */
	bool is_of_launcher;
	TimestampTz since; /* 0: not known */
} WorkerAbsence;

/* False: this database has its executor. */
extern bool worker_absence(WorkerAbsence *absence);

/* Says so in a NOTICE, unless it goes by itself; the same reason again only if asked for. */
extern void worker_absence_notice(bool again);

#endif /* SFN_SHARED_WORKER_ABSENCE_H */
