/*
 * event_replays.h
 *	  Replays: what an archive has kept is put on its bus again.
 */
#ifndef SFN_ACTIONS_EVENT_REPLAYS_H
#define SFN_ACTIONS_EVENT_REPLAYS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/event_archives.h"
#include "json/json_value.h"

typedef struct NewReplay
{
	char *name;
	const char *archive;  /* name or ARN */
	const JsonVal *rules; /* an array of names or ARNs; NULL: all */
	TimestampTz start_time;
	TimestampTz end_time;
	char *description;
} NewReplay;

/* Accepts it; an executor does the rest. */
extern SFN_MUST_CHECK ReplayRow *replay_start(ActionCall *call, const NewReplay *replay);
extern SFN_MUST_CHECK ReplayRow *replay_cancel(ActionCall *call, const char *name);
/* The caller's, not locked. */
extern SFN_MUST_CHECK ReplayRow *replay_describe(ActionCall *call, const char *name);

extern char *replay_arn(const char *name);

/* ---- for who does them, within a scope of the store ---- */

/* Puts a part of one that is under way.  False: there was none to be had. */
extern bool replay_step(void);
/* The one whose part has failed ends with that reason. */
extern void replay_give_up(const char *reason);

#endif /* SFN_ACTIONS_EVENT_REPLAYS_H */
