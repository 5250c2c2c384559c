/*
 * execution_names.h
 *	  What new executions are called, and how a name is looked up.
 *
 * A name that nobody chose carries the id of its row (aws/generated_name.h): it is found by
 * the key and in no other index.  A chosen one is in the index of names, whatever it looks like; that
 * it was chosen says the column is_named.  EXPRESS executions may share a name: each has a random UUID
 * beside it (express_id), and both make its "stored name", "name:uuid", with which its ARN ends.
 */
#ifndef SFN_STORE_EXECUTION_NAMES_H
#define SFN_STORE_EXECUTION_NAMES_H

#include "postgres.h"

#include "utils/uuid.h"

/* The stored name of a row of sfn.execution e. */
#define STORED_NAME \
	"CASE WHEN e.express_id IS NULL THEN e.name ELSE e.name OPERATOR(pg_catalog.||) ':'" \
	" OPERATOR(pg_catalog.||) e.express_id::pg_catalog.text END"

typedef struct NewName
{
	int64 id; /* of the row */
	bool is_chosen;
	bool is_express;
	char *name;
	pg_uuid_t express_id;
} NewName;

/* Takes an id, too; chosen: NULL for a name of our making. */
extern void new_name_make(NewName *name, const char *chosen, bool is_express);
extern char *new_name_stored(const NewName *name);

/* The next id of sfn.execution. */
extern int64 execution_new_id(void);

/*
 * The id of the execution of that machine with that stored name; of several machines that had the name one after the other,
 * of the youngest that knows it.  0: none.  Runs between store_enter() and store_leave().
 */
extern int64 execution_id_by_name(const char *machine_name, const char *stored_name);

/* All of them that the viewer may see; returns how many. */
extern int execution_ids_by_name(const char *machine_name, const char *stored_name, Oid viewer, int64 **ids);

#endif /* SFN_STORE_EXECUTION_NAMES_H */
