/*
 * event_waiting.c
 *	  Waiting for an event, and finding who waits for one.
 *
 * A session that waits is no rule: nothing of it is in a table.  Who has an event looks
 * for waiters when his transaction commits (shared/event_waiters.c), so that those are told, too, who
 * began after the event was put.  A turn still has then whose status it has changed
 * (runtime/status_events.c).  What was put is kept until then, as texts, up to some megabytes; what is
 * beyond is only for those who wait when it is put.
 *
 * The patterns of those who wait are compiled in context "sfn event waiters", anew when another has begun.
 */
#include "postgres.h"

#include "access/xact.h"
#include "nodes/pg_list.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "actions/event_patterns.h"
#include "actions/event_rules.h"
#include "actions/event_waiting.h"
#include "shared/event_waiters.h"
#include "shared/level_notes.h"
#include "shared/worker_registry.h"
#include "store/awaited_events.h"
#include "store/store.h"

#define KEPT_MAX (16 * 1024 * 1024)

typedef struct KeptEvent
{
	LevelNote of;
	int64 bus_id;
	Oid putter;
	char *text;
} KeptEvent;

/* KeptEvents of this transaction, in TopTransactionContext. */
static List *kept = NIL;
static Size kept_bytes = 0;

static MemoryContext context; /* with what follows */
static uint64 generation = 0; /* for which it holds */
static EventWaiter *waiters;
static EventPattern **patterns;
static int waiter_count;

/* ---- waiting ---- */

bool
event_wait_check(ActionCall *call, const char *bus, const char *pattern, EventWait *wait)
{
	BusRow *row;

	require_preload();
	store_refuse_standby();
	if (IsolationUsesXactSnapshot())
		return action_fail(
			call, API_CANNOT_WAIT, "cannot wait for an event at this isolation level",
			"A transaction at REPEATABLE READ or SERIALIZABLE does not see what comes; use READ COMMITTED.");
	if (event_pattern_read(call, pattern, (int) strlen(pattern)) == NULL)
		return false;
	row = bus_to_watch(call, bus);
	if (row == NULL)
		return false;
	*wait = (EventWait){.bus_id = row->id, .role = call->scope.caller, .pattern = pstrdup(pattern)};
	return true;
}

char *
event_wait_look(int64 ticket)
{
	StoreScope scope;
	char *event;

	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	event = awaited_event_take(ticket);
	store_leave(&scope);
	PopActiveSnapshot();
	InvalidateCatalogSnapshot();
	return event;
}

/* ---- who waits ---- */

static void
read_waiters(void)
{
	uint64 now = event_waiters_generation();
	MemoryContext caller_context;
	EventPatternError error;

	if (now == generation)
		return;
	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext, "sfn event waiters", ALLOCSET_DEFAULT_SIZES);
	generation = 0;
	MemoryContextReset(context);
	caller_context = MemoryContextSwitchTo(context);
	waiter_count = event_waiters_read(&waiters);
	patterns = palloc(sizeof(EventPattern *) * (waiter_count + 1));
	for (int i = 0; i < waiter_count; i++)
		patterns[i] = event_pattern_compile(waiters[i].pattern, (int) strlen(waiters[i].pattern), &error);
	MemoryContextSwitchTo(caller_context);
	generation = now;
}

void
event_waiting_tell(SentEvent *sent)
{
	read_waiters();
	for (int i = 0; i < waiter_count; i++)
	{
		const JsonVal *event;

		if (waiters[i].bus_id != sent->bus_id || patterns[i] == NULL || !event_waiter_wants(&waiters[i]))
			continue;
		event = event_if_matching(sent, waiters[i].role, patterns[i]);
		if (event == NULL)
			continue;
		awaited_event_insert(waiters[i].ticket, jv_to_text(event));
		event_waiter_give_at_commit(&waiters[i]);
	}
}

/* ---- what was put ---- */

static void
keep(const SentEvent *sent, const char *text, Size length)
{
	MemoryContext caller_context = MemoryContextSwitchTo(TopTransactionContext);
	KeptEvent *event = palloc(sizeof(KeptEvent));

	event->of.level = GetCurrentTransactionNestLevel();
	event->bus_id = sent->bus_id;
	event->putter = sent->putter;
	event->text = pnstrdup(text, length);
	kept = lappend(kept, event);
	kept_bytes += length;
	MemoryContextSwitchTo(caller_context);
}

void
event_waiting_keep(SentEvent *sent)
{
	char *text;
	Size length;

	if (!event_waiters_are_possible())
		return;
	text = jv_to_text(sent->event);
	length = strlen(text);
	if (kept_bytes + length <= KEPT_MAX)
		keep(sent, text, length);
	else if (event_waiters_exist())
		event_waiting_tell(sent);
}

static void
tell_of(const KeptEvent *event)
{
	JvParseError error;
	SentEvent sent = {.bus_id = event->bus_id,
					  .putter = event->putter,
					  .event = jv_parse(event->text, (int) strlen(event->text), &error)};

	if (sent.event != NULL)
		event_waiting_tell(&sent);
}

void
event_waiting_before_commit(void)
{
	StoreScope scope;

	if (kept == NIL || !event_waiters_exist_at_commit())
		return;
	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	for (int i = 0; i < list_length(kept); i++)
		tell_of(list_nth(kept, i));
	store_leave(&scope);
	PopActiveSnapshot();
}

void
event_waiting_forget(void)
{
	kept = NIL;
	kept_bytes = 0;
}

void
event_waiting_subtransaction_committed(int level)
{
	level_notes_committed(kept, level);
}

void
event_waiting_subtransaction_aborted(int level)
{
	while (level_notes_end_within(kept, level))
	{
		KeptEvent *event = llast(kept);

		kept = list_truncate(kept, list_length(kept) - 1);
		kept_bytes -= strlen(event->text);
		pfree(event->text);
		pfree(event);
	}
}
