/*
 * event_archives.h
 *	  Archives of events, what they have kept, and replays, in the tables.
 *
 * All run between store_enter() and store_leave(); results are in the context current at the call.
 */
#ifndef SFN_STORE_EVENT_ARCHIVES_H
#define SFN_STORE_EVENT_ARCHIVES_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/event_rules.h"

typedef struct ArchiveRow
{
	int64 id;
	char *name;
	int64 bus_id;
	char *bus;
	Oid owner;
	char *pattern;   /* NULL: all events */
	int64 retention; /* microseconds; 0: for ever */
	char *description;
	TimestampTz creation_date;
} ArchiveRow;

/* Fills archive->id; false: the name is taken. */
extern bool archive_insert(ArchiveRow *archive);
/* Its row, locked, as it is committed now; NULL: there is none. */
extern ArchiveRow *archive_lock(const char *name);
/* The same as it is seen, not locked. */
extern ArchiveRow *archive_read(const char *name);
extern void archive_update(const ArchiveRow *archive); /* pattern, retention, description */
extern void archive_delete(int64 id);                  /* with its events and replays */
extern void archives_each(void (*each)(const ArchiveRow *row));
extern bool bus_has_archives(int64 bus_id);

/*
 * Waits for the part of a replay of the archive that is being put; none begins until the transaction ends.  The rows'
 * locks would not do, since an executor takes the next part before who waits for the last one is awake.
 */
extern void archive_hold(int64 id);
extern bool archive_hold_if_free(int64 id); /* for who puts a part */

/* How many events it keeps, and bytes of their text; nothing but counts is read. */
extern void archive_measure(int64 id, int64 *events, int64 *bytes);

/* Part of a list of archives, or of replays, of owners that the viewer is a member of. */
typedef struct ArchivePage
{
	NamePage names;
	const char *source; /* name of the bus, or of the archive; NULL: any */
	const char *state;  /* of replays; NULL: any */
	Oid viewer;
} ArchivePage;

extern int archives_page(const ArchivePage *page, ArchiveRow **archives);

/* ---- events ---- */

typedef struct ArchivedEvent
{
	int64 id; /* of its row */
	int64 archive_id;
	TimestampTz time;
	Oid putter;             /* InvalidOid: it is the engine's, about */
	int64 state_machine_id; /* this machine; 0: it was put */
	char *event;
} ArchivedEvent;

extern void archived_events_insert(const ArchivedEvent *events, int count);
extern void archived_events_prune(TimestampTz now, int limit);

/* Adds up what transactions have counted, each in a row of its own so that none waits for another. */
extern void archive_counts_add_up(int limit);

/* ---- replays ---- */

typedef struct ReplayRow
{
	int64 id;
	char *name;
	ArchiveRow archive; /* id, name, bus_id, bus, owner */
	TimestampTz start_time;
	TimestampTz end_time;
	int64 before_id;
	char *rules; /* ARNs, a JSON array; NULL: all */
	char *description;
	const char *state;
	const char *state_reason;
	TimestampTz last_time; /* 0: none yet */
	int64 last_id;
	int64 replayed;
	TimestampTz creation_date;
	TimestampTz end_date; /* 0: under way */
} ReplayRow;

/* Of what its archive has now; false: the name is taken. */
extern bool replay_insert(const ReplayRow *replay);
extern ReplayRow *replay_lock(const char *name);
extern ReplayRow *replay_read(const char *name);
extern int replays_page(const ArchivePage *page, ReplayRow **replays);
extern void replay_update(const ReplayRow *replay); /* state and how far it is */

extern int64 replays_end_of(Oid owner); /* of his archives, which go to another; how many */
extern void replay_fail(int64 id, TimestampTz now, const char *reason);

/* One that is under way, locked, that nobody else has in hand: the one behind that id, or else the first.  NULL: none. */
extern ReplayRow *replay_take(int64 after_id);
/* The next events for it, in order. */
extern int replay_events(const ReplayRow *replay, int limit, ArchivedEvent **events);
extern bool replays_are_under_way(void);
extern void replays_prune(TimestampTz before);

/* Every change invalidates it, for who has to look again then. */
extern Oid replay_table(void);

#endif /* SFN_STORE_EVENT_ARCHIVES_H */
