/*
 * level_notes.h
 *	  What a transaction notes for its end, each note with the (sub)transaction that it is of.
 *
 * Notes begin with their LevelNote and stand in a list in the order of coming, so those of the innermost
 * subtransactions are its last.
 */
#ifndef SFN_SHARED_LEVEL_NOTES_H
#define SFN_SHARED_LEVEL_NOTES_H

#include "postgres.h"

#include "nodes/pg_list.h"

typedef struct LevelNote
{
	int level; /* GetCurrentTransactionNestLevel() */
} LevelNote;

/* A subtransaction of that level ends well: its notes are those of the one around it. */
static inline void
level_notes_committed(List *notes, int level)
{
	for (int i = list_length(notes) - 1; i >= 0; i--)
	{
		LevelNote *note = list_nth(notes, i);

		if (note->level < level)
			break;
		note->level = level - 1;
	}
}

/* Is the last note one of a subtransaction of that level, or within it? */
static inline bool
level_notes_end_within(const List *notes, int level)
{
	return notes != NIL && ((LevelNote *) llast(notes))->level >= level;
}

/* A subtransaction of that level is rolled back: its notes are forgotten, and stay in their memory. */
static inline List *
level_notes_aborted(List *notes, int level)
{
	while (level_notes_end_within(notes, level))
		notes = list_truncate(notes, list_length(notes) - 1);
	return notes;
}

#endif /* SFN_SHARED_LEVEL_NOTES_H */
