/*
 * held_commit.c
 *	  A library of the server that keeps a commit between being visible and being over: with held_commit.file set, it
 *	  makes that file in a commit's callback and goes on when the file is gone (after a minute at the latest).
 *	  Preloaded before sfn, it comes after sfn's own callback, and before the commit's invalidations are sent.
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "access/xact.h"
#include "fmgr.h"
#include "utils/guc.h"

#define PAUSE 10000 /* microseconds */
#define MAX_PAUSES 6000

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

static char *file = NULL;

static void
hold(XactEvent event, void *arg)
{
	int descriptor;

	if (event != XACT_EVENT_COMMIT || file == NULL || file[0] == '\0')
		return;
	descriptor = open(file, O_CREAT | O_WRONLY, 0600);
	if (descriptor < 0)
		return;
	close(descriptor);
	for (int i = 0; i < MAX_PAUSES && access(file, F_OK) == 0; i++)
		pg_usleep(PAUSE);
}

void
_PG_init(void)
{
	DefineCustomStringVariable("held_commit.file", "Made by a commit, which goes on when it is gone.", NULL, &file, NULL, PGC_USERSET,
							   0, NULL, NULL, NULL);
	RegisterXactCallback(hold, NULL);
}
