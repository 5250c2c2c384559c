/*
 * visits.h
 *	  An execution's history as visits: each time that a state was entered, with how it went.
 *
 * Which events belong together follows from previousEventId, not from names: the same state may be under way in
 * several iterations at once.
 */
#ifndef SFN_GRAPH_VISITS_H
#define SFN_GRAPH_VISITS_H

#include "asl/machine.h"
#include "graph/graph.h"

typedef enum VisitStatus
{
	VISIT_RUNNING,
	VISIT_SUCCEEDED,
	VISIT_CAUGHT, /* an error that a Catch took */
	VISIT_FAILED, /* an error that ended the execution or the state around it */
	VISIT_ABORTED /* ended with something else's end */
} VisitStatus;

typedef struct Attempt
{
	double began; /* seconds since 1970 */
	double ended; /* 0: it has not, or something else's end was its own */
	const char *error;
} Attempt;

typedef struct Visit
{
	const AslState *state;
	int parent;    /* the visit of the Parallel or Map around it; -1: none */
	int iteration; /* the Map's iteration or the Parallel's branch; -1: neither */
	VisitStatus status;
	int64 event_id; /* of the event that it was entered with */
	double entered; /* seconds since 1970 */
	double left;    /* 0: it has not been */
	int attempts;
	Attempt *tries; /* those */
	int began_at;   /* how many visits there were when its last attempt began */
	int errors;
	bool is_failing; /* the last attempt has failed, and nothing has followed yet */
	const char *error;
	const char *cause;
	const char *input;     /* JSON; NULL where data are not kept */
	const char *arguments; /* what the last attempt was given, and what it answered */
	const char *result;
	const char *output;
} Visit;

typedef struct Visits Visits;

/* For events of an execution of that machine. */
extern Visits *visits_begin(const AslMachine *machine, bool keeps_data);
/* The next event, as the API writes it; events come in the order of their ids, from the first. */
extern void visits_add(Visits *visits, const JsonVal *event);
extern int visits_count(const Visits *visits);
extern const Visit *visits_get(const Visits *visits, int index);
extern const char *visit_status_name(VisitStatus status);
/* "Each[3]/One": through which states, and which of their iterations or branches, it is reached. */
extern char *visit_path(const Visits *visits, int index);
/* How far the execution has come, by state. */
extern GraphMarks *visits_marks(const Visits *visits);

#endif /* SFN_GRAPH_VISITS_H */
