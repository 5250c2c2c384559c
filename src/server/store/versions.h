/*
 * versions.h
 *	  Versions and aliases of state machines in the tables.
 *
 * All run between store_enter() and store_leave().  Who changes something holds the
 * machine's row (machine_lock()), so that no alias comes to name a version that goes.
 */
#ifndef SFN_STORE_VERSIONS_H
#define SFN_STORE_VERSIONS_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct VersionRow
{
	int32 number;
	int64 revision_id;
	char *description; /* "": none */
	TimestampTz creation_date;
} VersionRow;

typedef struct AliasRow
{
	char *name;
	char *description; /* "": none */
	int32 first_version;
	int32 first_weight;   /* of 100 */
	int32 second_version; /* gets the rest; 0: there is none */
	TimestampTz creation_date;
	TimestampTz update_date;
} AliasRow;

/* NULL: there is none. */
extern VersionRow *version_find(int64 state_machine_id, int32 number);
extern VersionRow *version_of_revision(int64 state_machine_id, int64 revision_id);
extern AliasRow *alias_find(int64 state_machine_id, const char *name);

/* A version of this revision under the next number. */
extern VersionRow *version_insert(int64 state_machine_id, int64 revision_id, const char *description,
								  TimestampTz creation_date);
extern void version_delete(int64 state_machine_id, int32 number);
extern int64 version_count(int64 state_machine_id);
/* A page, the highest numbers first, below a number (0: from the highest).  Returns how many, at most max. */
extern int version_list(int64 state_machine_id, int32 before, int max, VersionRow **versions);

/* False: an alias of that name exists. */
extern bool alias_insert(int64 state_machine_id, const AliasRow *alias);
extern void alias_update(int64 state_machine_id, const AliasRow *alias);
extern bool alias_delete(int64 state_machine_id, const char *name); /* false: there was none */
extern int64 alias_count(int64 state_machine_id);
/* A page by name, behind after (NULL: from the first); version 0: all, else those that name it. */
extern int alias_list(int64 state_machine_id, int32 version, const char *after, int max, AliasRow **aliases);

/* Drops all of a machine that is deleted. */
extern void versions_drop(int64 state_machine_id);

#endif /* SFN_STORE_VERSIONS_H */
