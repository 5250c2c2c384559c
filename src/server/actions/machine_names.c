/*
 * machine_names.c
 *	  Which revision a state machine runs now, by name, without a query.
 *
 * Whoever changes a row of sfn.state_machine sends an invalidation of the table
 * (store/machines.c), which reaches every backend at its commit, and this one
 * with the next command, or when it is taken back.  Everything known is forgotten
 * then: machines change seldom.  A transaction that keeps one snapshot could learn
 * what is old already, so it keeps nothing.
 */
#include "postgres.h"

#include "access/xact.h"
#include "storage/sinval.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "actions/machine_names.h"
#include "shared/relation_watch.h"
#include "store/machines.h"

#define MAX_TEXT_LENGTH 255
#define MAX_NAMES 1000

typedef struct NameEntry
{
	char text[MAX_TEXT_LENGTH + 1];
	NamedMachine machine;
} NameEntry;

static HTAB *names;
static RelationWatch watch;    /* of sfn.state_machine when it was asked last */
static uint64 moment_now = 1;  /* grows with every change of a machine */
static uint64 moment_of_names; /* when those in the table were kept */
static void (*on_renewal)(void);

static void names_begin(void);

const NamedMachine *
machine_names_find(const char *text)
{
	NameEntry *entry;

	if (names == NULL || strlen(text) > MAX_TEXT_LENGTH)
		return NULL;
	AcceptInvalidationMessages();
	if (!watch.is_current || moment_of_names != moment_now)
		return NULL;
	entry = hash_search(names, text, HASH_FIND, NULL);
	return entry != NULL ? &entry->machine : NULL;
}

uint64
machine_names_moment(void)
{
	Oid table_now = machine_table();

	if (watch.relation != table_now && OidIsValid(watch.relation) && on_renewal != NULL)
		on_renewal();
	AcceptInvalidationMessages();
	if (watch.relation != table_now || !watch.is_current)
	{
		moment_now++;
		relation_watch(&watch, table_now);
	}
	return moment_now;
}

void
machine_names_when_renewed(void (*callback)(void))
{
	on_renewal = callback;
}

void
machine_names_keep(const char *text, const NamedMachine *machine, uint64 moment)
{
	NameEntry *entry;

	if (!watch.is_current || moment != moment_now || strlen(text) > MAX_TEXT_LENGTH || IsolationUsesXactSnapshot())
		return;
	if (names == NULL || moment_of_names != moment_now || hash_get_num_entries(names) >= MAX_NAMES)
		names_begin();
	entry = hash_search(names, text, HASH_ENTER, NULL);
	entry->machine = *machine;
}

static void
names_begin(void)
{
	HASHCTL control = {.keysize = MAX_TEXT_LENGTH + 1, .entrysize = sizeof(NameEntry), .hcxt = TopMemoryContext};

	if (names != NULL)
		hash_destroy(names);
	names = hash_create("sfn machine names", 64, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	moment_of_names = moment_now;
}
