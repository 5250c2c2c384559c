/*
 * visits.c
 *	  An execution's history as visits.
 *
 * Each event takes the place of the one that its previousEventId names: it belongs to that one's visit, or, when a
 * branch has ended or begins, to the visit around it or to a new one within it.
 */
#include "base/port.h"

#include "asl/state_type.h"
#include "base/texts.h"
#include "engine/history_data.h"
#include "graph/graph_private.h"
#include "graph/visits.h"

#define NOBODY (-1)

/* Where an event stands. */
typedef struct Place
{
	int32 visit;
	int32 iteration; /* of that visit, when what follows is inside of it; NOBODY: it is not */
	bool is_inside;
} Place;

struct Visits
{
	const AslMachine *machine;
	bool keeps_data;
	Visit *list;
	int count;
	int room;
	Place *places; /* by the event's id */
	int64 place_count;
	int64 place_room;
};

static const char *const status_names[] = {
	[VISIT_RUNNING] = "RUNNING", [VISIT_SUCCEEDED] = "SUCCEEDED", [VISIT_CAUGHT] = "CAUGHT",
	[VISIT_FAILED] = "FAILED",   [VISIT_ABORTED] = "ABORTED",
};

Visits *
visits_begin(const AslMachine *machine, bool keeps_data)
{
	Visits *visits = palloc0(sizeof(Visits));

	visits->machine = machine;
	visits->keeps_data = keeps_data;
	visits->room = 64;
	visits->list = palloc(sizeof(Visit) * visits->room);
	visits->place_room = 256;
	visits->places = palloc(sizeof(Place) * visits->place_room);
	return visits;
}

int
visits_count(const Visits *visits)
{
	return visits->count;
}

const Visit *
visits_get(const Visits *visits, int index)
{
	return &visits->list[index];
}

const char *
visit_status_name(VisitStatus status)
{
	return status_names[status];
}

/* ---- places ---- */

static Place
place_of(const Visits *visits, int64 event_id)
{
	if (event_id <= 0 || event_id >= visits->place_count)
		return (Place){NOBODY, NOBODY, false};
	return visits->places[event_id];
}

static void
put_place(Visits *visits, int64 event_id, Place place)
{
	if (event_id < visits->place_count || event_id > visits->place_count + PG_INT16_MAX)
		return; /* ids ascend without gaps */
	while (event_id >= visits->place_room)
	{
		visits->place_room *= 2;
		visits->places = repalloc(visits->places, sizeof(Place) * visits->place_room);
	}
	while (visits->place_count <= event_id)
		visits->places[visits->place_count++] = (Place){NOBODY, NOBODY, false};
	visits->places[event_id] = place;
}

/* ---- what an event says ---- */

static const char *
kept_text(const char *text)
{
	return text != NULL ? pstrdup(text) : NULL;
}

static bool
is_error(const char *type)
{
	return text_ends_with(type, "Failed") || text_ends_with(type, "TimedOut");
}

static bool
is_attempt(const char *type)
{
	return text_ends_with(type, "Scheduled") || strcmp(type, "ParallelStateStarted") == 0 ||
		strcmp(type, "MapStateStarted") == 0;
}

/* Of a task, not of an iteration, whose visit is that of the Map. */
static bool
is_answer(const char *type)
{
	return text_ends_with(type, "Succeeded") && !text_begins_with(type, "Map");
}

/* ---- entering and leaving ---- */

/* Is a visit of this state within the Parallel's last start there already?  Branches may begin with states of one name. */
static bool
has_begun(const Visits *visits, int parent, const AslState *state)
{
	for (int i = visits->list[parent].began_at; i < visits->count; i++)
		if (visits->list[i].parent == parent && visits->list[i].state == state)
			return true;
	return false;
}

/* The state of that name that is entered from there. */
static const AslState *
state_entered(const Visits *visits, const char *name, Place before)
{
	int count;
	AslScope *const *scopes;

	if (before.visit == NOBODY)
		return scope_state(visits->machine, &visits->machine->top, name);
	if (!before.is_inside)
		return scope_state(visits->machine, visits->list[before.visit].state->scope, name);
	scopes = graph_scopes(visits->list[before.visit].state, &count);
	for (int i = 0; i < count; i++)
		if (strcmp(scopes[i]->start->name, name) == 0 &&
			(count == 1 || !has_begun(visits, before.visit, scopes[i]->start)))
			return scopes[i]->start;
	return NULL;
}

static void
enter(Visits *visits, int64 id, double when, const JsonVal *details, Place before)
{
	const char *name = jv_get_string(details, "name");
	const AslState *state = name != NULL ? state_entered(visits, name, before) : NULL;
	Visit *visit;

	if (state == NULL)
		return;
	if (visits->count == visits->room)
		visits->list = repalloc(visits->list, sizeof(Visit) * (visits->room *= 2));
	visit = &visits->list[visits->count];
	*visit = (Visit){.state = state, .parent = NOBODY, .iteration = NOBODY, .event_id = id, .entered = when};
	if (before.visit != NOBODY)
	{
		const Visit *last = &visits->list[before.visit];

		visit->parent = before.is_inside ? before.visit : last->parent;
		visit->iteration = before.is_inside ? before.iteration : last->iteration;
		if (before.is_inside && visit->iteration == NOBODY)
			visit->iteration = state->scope->index;
	}
	if (visits->keeps_data)
		visit->input = kept_text(jv_get_string(details, "input"));
	put_place(visits, id, (Place){visits->count++, NOBODY, false});
}

static void
leave(Visits *visits, int index, double when, VisitStatus status)
{
	Visit *visit = &visits->list[index];

	if (visit->status != VISIT_RUNNING)
		return;
	visit->status = status;
	visit->left = when;
}

static bool
is_within(const Visits *visits, int index, int outer)
{
	while (index != NOBODY && index != outer)
		index = visits->list[index].parent;
	return index == outer;
}

/*
 * What is under way within the visit (NOBODY: all) ends with an error or a stop that came from the visit `from`: those
 * around it have failed as it has, the others end because of it.
 */
static void
end_within(Visits *visits, int outer, int from, double when, VisitStatus status)
{
	for (int i = outer + 1; i < visits->count; i++)
		if (visits->list[i].status == VISIT_RUNNING && (outer == NOBODY || is_within(visits, i, outer)))
			leave(visits, i, when, from != NOBODY && is_within(visits, from, i) ? status : VISIT_ABORTED);
}

/* A redrive goes on where something had ended without having been left. */
static void
reopen(Visits *visits)
{
	for (int i = 0; i < visits->count; i++)
	{
		Visit *visit = &visits->list[i];

		if ((visit->status == VISIT_FAILED || visit->status == VISIT_ABORTED) &&
			visit->state->type->exited_event != NULL)
		{
			visit->status = VISIT_RUNNING;
			visit->left = 0;
		}
	}
}

/* ---- whose event it is ---- */

/* The nearest visit around, itself included, that is under way and of a state of that type or name (NULL: any). */
static int
visit_around(const Visits *visits, int index, const char *type, const char *name)
{
	for (; index != NOBODY; index = visits->list[index].parent)
	{
		const Visit *visit = &visits->list[index];

		if (visit->status == VISIT_RUNNING && (type == NULL || strcmp(visit->state->type->name, type) == 0) &&
			(name == NULL || strcmp(visit->state->name, name) == 0))
			return index;
	}
	return NOBODY;
}

static int
owner_of(const Visits *visits, const char *type, const JsonVal *details, int before)
{
	if (text_ends_with(type, "StateExited") || text_begins_with(type, "MapIteration"))
		return visit_around(visits, before, NULL, jv_get_string(details, "name"));
	if (text_begins_with(type, "ParallelState"))
		return visit_around(visits, before, "Parallel", NULL);
	if (text_begins_with(type, "Map"))
		return visit_around(visits, before, "Map", NULL);
	return before;
}

static void
note_attempt(Visits *visits, Visit *visit, const JsonVal *details, double when)
{
	const char *arguments = jv_get_string(details, "parameters");

	if ((visit->attempts & (visit->attempts - 1)) == 0) /* as many as there was room for */
		visit->tries = visit->attempts == 0 ? palloc(sizeof(Attempt))
											: repalloc(visit->tries, sizeof(Attempt) * visit->attempts * 2);
	visit->tries[visit->attempts++] = (Attempt){.began = when};
	visit->began_at = visits->count;
	visit->is_failing = false;
	visit->result = NULL;
	if (visits->keeps_data)
		visit->arguments = kept_text(arguments != NULL ? arguments : jv_get_string(details, "input"));
}

static void
end_attempt(Visit *visit, double when, const char *error)
{
	Attempt *last = visit->attempts > 0 ? &visit->tries[visit->attempts - 1] : NULL;

	if (last != NULL && last->ended == 0)
		*last = (Attempt){last->began, when, error};
}

static void
note_error(Visit *visit, const JsonVal *details, double when)
{
	visit->is_failing = true;
	visit->errors++;
	end_attempt(visit, when, kept_text(jv_get_string(details, "error")));
	if (jv_get_string(details, "error") != NULL || jv_get_string(details, "cause") != NULL)
	{
		visit->error = kept_text(jv_get_string(details, "error"));
		visit->cause = kept_text(jv_get_string(details, "cause"));
	}
}

/*
 * An event within a visit.  That a state was aborted names the event that made it so, not the state: which ones it were
 * follows when what is around them has ended.
 */
static void
note_event(Visits *visits, int owner, int before, const char *type, const JsonVal *details, double when)
{
	Visit *visit = &visits->list[owner];

	if (is_attempt(type))
		note_attempt(visits, visit, details, when);
	else if (text_ends_with(type, "StateExited"))
	{
		leave(visits, owner, when, visit->is_failing ? VISIT_CAUGHT : VISIT_SUCCEEDED);
		end_attempt(visit, when, NULL);
		if (visits->keeps_data)
			visit->output = kept_text(jv_get_string(details, "output"));
	}
	else if (text_begins_with(type, "MapIteration") ? text_ends_with(type, "Failed") : is_error(type))
	{
		end_within(visits, owner, before, when, VISIT_FAILED);
		note_error(visit, details, when);
	}
	else if (is_answer(type) && visits->keeps_data)
		visit->result = kept_text(jv_get_string(details, "output"));
}

/* The execution has ended, or begins anew. */
static void
note_execution(Visits *visits, const char *type, const JsonVal *details, int before, double when)
{
	if (strcmp(type, "ExecutionRedriven") == 0)
		reopen(visits);
	else if (is_error(type) || strcmp(type, "ExecutionAborted") == 0)
	{
		if (before != NOBODY && is_error(type) && visits->list[before].status == VISIT_RUNNING &&
			visits->list[before].error == NULL)
			note_error(&visits->list[before], details, when);
		end_within(visits, NOBODY, before, when, is_error(type) ? VISIT_FAILED : VISIT_ABORTED);
	}
}

void
visits_add(Visits *visits, const JsonVal *event)
{
	const char *type = jv_get_string(event, "type");
	const JsonVal *details = history_event_details(event);
	int64 id = 0;
	int64 previous = 0;
	double when;
	Place before;
	Place place;
	int64 index = NOBODY;

	if (type == NULL || !jv_to_int64(jv_get(event, "id"), &id))
		return;
	(void) jv_to_int64(jv_get(event, "previousEventId"), &previous);
	when = jv_is(jv_get(event, "timestamp"), JV_NUMBER) ? jv_get(event, "timestamp")->number : 0;
	before = place_of(visits, previous);
	if (text_ends_with(type, "StateEntered"))
	{
		enter(visits, id, when, details, before);
		return;
	}
	if (text_begins_with(type, "Execution"))
	{
		note_execution(visits, type, details, before.visit, when);
		put_place(visits, id, before);
		return;
	}
	place = (Place){owner_of(visits, type, details, before.visit), NOBODY, false};
	if (place.visit != NOBODY)
		note_event(visits, place.visit, before.visit, type, details, when);
	place.is_inside = strcmp(type, "ParallelStateStarted") == 0 || strcmp(type, "MapIterationStarted") == 0;
	if (jv_to_int64(jv_get(details, "index"), &index))
		place.iteration = (int32) index;
	put_place(visits, id, place);
}

/* ---- what is told of them ---- */

static void
append_path(const Visits *visits, int index, StringInfo out)
{
	const Visit *visit = &visits->list[index];

	if (visit->parent != NOBODY)
	{
		append_path(visits, visit->parent, out);
		if (visit->iteration != NOBODY)
			appendStringInfo(out, "[%d]", visit->iteration);
		appendStringInfoChar(out, '/');
	}
	appendStringInfoString(out, visit->state->name);
}

char *
visit_path(const Visits *visits, int index)
{
	StringInfoData out;

	initStringInfo(&out);
	append_path(visits, index, &out);
	return out.data;
}

/* Something under way or wrong in one of many visits is not painted over by the others. */
static GraphMark
merged_mark(GraphMark before, VisitStatus status)
{
	static const GraphMark marks[] = {
		[VISIT_RUNNING] = GRAPH_CURRENT, [VISIT_SUCCEEDED] = GRAPH_SUCCEEDED, [VISIT_CAUGHT] = GRAPH_CAUGHT,
		[VISIT_FAILED] = GRAPH_FAILED,   [VISIT_ABORTED] = GRAPH_ABORTED,
	};

	if (before == GRAPH_CURRENT || (before == GRAPH_FAILED && status != VISIT_RUNNING))
		return before;
	return before == GRAPH_ABORTED && status != VISIT_RUNNING && status != VISIT_FAILED ? before : marks[status];
}

GraphMarks *
visits_marks(const Visits *visits)
{
	GraphMarks *marks = graph_marks_make(visits->machine);

	for (int i = 0; i < visits->count; i++)
	{
		const Visit *visit = &visits->list[i];
		StateCounts *counts = &marks->counts[visit->state->number];

		marks->by_number[visit->state->number] = merged_mark(marks->by_number[visit->state->number], visit->status);
		counts->visits++;
		counts->retries += Max(visit->attempts - 1, 0);
		counts->errors += visit->errors;
	}
	return marks;
}
