/*
 * direct_insert.h
 *	  Rows into the extension's own tables without a statement.
 */
#ifndef SFN_STORE_DIRECT_INSERT_H
#define SFN_STORE_DIRECT_INSERT_H

#include "postgres.h"

#include "access/attnum.h"

#include "shared/relation_watch.h"

#define DIRECT_MAX_COLUMNS 40
#define DIRECT_MAX_GIVEN 16
#define DIRECT_MAX_ROWS 1000
#define DIRECT_MAX_INDEXES 16

/* A table in the schema sfn; give what is above watch and leave the rest to direct_insert.c. */
typedef struct DirectTable
{
	const char *name;
	const char *columns[DIRECT_MAX_GIVEN]; /* that the caller gives, in his order; NULL after the last */
	const char *fixed_column;              /* a smallint that is the same in all rows, or NULL */
	int16 fixed_value;

	RelationWatch watch; /* current: what follows is known */
	bool is_plain;
	bool has_expressions; /* in indexes: code that others wrote is run */
	Oid relation;
	Oid sequence; /* of the identity column; or none */
	int given_count;
	int column_count;
	AttrNumber identity;
	AttrNumber places[DIRECT_MAX_GIVEN]; /* of the given columns */
	Datum defaults[DIRECT_MAX_COLUMNS];
	bool default_nulls[DIRECT_MAX_COLUMNS];
	bool is_same[DIRECT_MAX_COLUMNS]; /* neither given nor of the sequence: always the default */
	int index_count;
	Oid indexes[DIRECT_MAX_INDEXES]; /* that the rows go into */
} DirectTable;

/*
 * May rows go into the table directly?  False: it has what only a statement looks after (triggers, rules, checks,
 * computed columns, ...), so use one.  Ask before each insertion.
 */
extern bool direct_insert_is_possible(DirectTable *table);

/*
 * Inserts the rows, at most DIRECT_MAX_ROWS, as one command: the next statement of the transaction sees them.  values
 * and nulls have a row's given columns beside each other.  ids: the values of the identity column; NULL: those that its
 * sequence gives.
 */
extern void direct_insert(DirectTable *table, int count, const Datum *values, const bool *nulls, const int64 *ids);

#endif /* SFN_STORE_DIRECT_INSERT_H */
