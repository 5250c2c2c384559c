/*
 * event_payload.h
 *	  What an event carries beside its address, as JSON text, and back.
 *
 * The text stands in the inbox between the transaction that tells something and
 * the turn that delivers it.  Reading believes nothing: false for what is none of
 * ours.
 */
#ifndef SFN_ENGINE_EVENT_PAYLOAD_H
#define SFN_ENGINE_EVENT_PAYLOAD_H

#include "engine/event.h"

extern char *event_payload_print(const Event *event);
/* The same with kind and timer, for a row that has another kind: EVENT_RUN_TASK_ALONE. */
extern char *event_payload_print_put_off(const Event *event);
/* Fills value, error, cause, text and what else may be there; text NULL: the event carries nothing. Kind and timer only if they are there. */
extern bool event_payload_read(const char *text, Event *event);

/* The value of EVENT_RUN_TASK and EVENT_RUN_TASK_ALONE: work that an earlier turn put off. */
typedef struct PutOffWork
{
	const JsonVal *parameters; /* a task's effective input; NULL: it is a map run that is put off */
	const char *role;          /* of a task's Credentials, or NULL */
	int64 timeout_seconds;     /* of a task; 0: none */
	int64 heartbeat_seconds;
	const JsonVal *plan; /* a map run's, with its items; NULL: the stored one will do */
} PutOffWork;

extern const JsonVal *put_off_work_value(const PutOffWork *work);
extern bool put_off_work_read(const JsonVal *value, PutOffWork *work);

/* Children of a map run that have ended with that status; below 0: that go on after it. */
typedef struct MapRunChange
{
	int status; /* ExecutionStatus */
	int64 children;
	int64 items;
} MapRunChange;

/* New limits of a map run; what is not given stays. */
typedef struct MapRunLimits
{
	bool has_concurrency;
	bool has_count;
	bool has_percentage;
	int64 concurrency;
	int64 count;
	double percentage;
} MapRunLimits;

/* The value of EVENT_MAP_RUN. */
typedef struct MapRunNews
{
	int64 map_run_id;
	const MapRunChange *changes;
	int change_count;
	MapRunLimits limits;
	bool is_redrive; /* of one that has succeeded: its failures go on, its state does not */
} MapRunNews;

extern const JsonVal *map_run_news_value(const MapRunNews *news);
extern bool map_run_news_read(const JsonVal *value, MapRunNews *news);

/* The payload of EVENT_MAP_RUN in one call. */
extern char *map_run_news_print(const MapRunNews *news);

#endif /* SFN_ENGINE_EVENT_PAYLOAD_H */
