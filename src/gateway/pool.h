/*
 * pool.h
 *	  Connections to the database, and what is asked of it.
 *
 * Whoever needs one calls an idle connection, else waits in line; nothing blocks.  Three
 * kinds: short calls share a few, each synchronous execution has one for as long as it
 * runs, and one waits for activities' tasks on behalf of all.
 *
 * There may be several databases, by their numbers: 0 is the one that requests are for
 * which name none.  Its connections are always there, others come when they are needed.
 * A database may be the front of others, the shards, which have numbers behind those.
 */
#ifndef SFN_GATEWAY_POOL_H
#define SFN_GATEWAY_POOL_H

#include "base/port.h"

#include <libpq-fe.h>

#include "gateway/arena.h"

typedef enum PoolKind
{
	POOL_CALLS,
	POOL_SYNC,
	POOL_WAIT,
	POOL_KINDS
} PoolKind;

typedef enum Statement
{
	STATEMENT_CALL,
	STATEMENT_KEY,
	STATEMENT_KEY_USED,
	STATEMENT_PAGE,
	STATEMENT_CHECK_LOGIN,
	STATEMENT_CHECK_SESSION,
	STATEMENT_WAIT,
	STATEMENT_RETURN_TASK,
	STATEMENT_CANCEL,
	STATEMENT_SHOW_LINK,
	STATEMENT_USE_LINK,
	STATEMENT_ANSWER,
	STATEMENT_MAP,
	STATEMENT_ENTER, /* a call in a shard */
	STATEMENT_COUNT
} Statement;

#define MAX_PARAMETERS 6
#define MAX_DATABASES 256

/* One thing asked; it and its texts are in its arena until done() has been called, once. */
typedef struct Job
{
	struct Job *next;
	Arena *arena;
	int database;
	Statement statement;
	const char *parameters[MAX_PARAMETERS];
	const char
		*shares; /* a transaction with others of the same, which are done one by one if that fails; NULL: it does not */
	bool was_sent; /* a database may have done it */

	/*
	 * The answer: rows, or an error.  result NULL: it could not be asked, and sqlstate is "08000", or "53300" when the
	 * line was too long.
	 */
	void (*done)(struct Job *job, const PGresult *result, const char *sqlstate);
	void *owner;
	int64 asked;
	int tries;
} Job;

extern void pool_begin(void);
extern void pool_ask(PoolKind kind, Job *job);

/* Takes a job out of the line, or has it cancelled if it is under way: it ends with 57014, if with no other end. */
extern void pool_cancel(PoolKind kind, Job *job);

/* Connects anew what has been lost, gives up what has waited too long; returns when to be called again, in milliseconds. */
extern int pool_tend(void);

/* There is a connection to the first database, and a front has told of its shards; one that is lost is noticed. */
extern bool pool_is_ready(void);

/* In all databases. */
extern int pool_waiting(PoolKind kind);
extern int pool_busy(PoolKind kind);

/* How many there are but shards, and which has a name; -1: none. */
extern int pool_databases(void);
extern int pool_find_database(const char *name);

/* Of a database; NULL until its first connection. */
extern const char *pool_region(int database);
extern const char *pool_account(int database);

/* It is a front, as far as is known. */
extern bool pool_is_front(int database);
/* A shard of it; -1: there is no room for one. */
extern int pool_add_shard(int front, const char *conninfo);
/* All shards of it: their connections go when they have nothing to do, until they are added again. */
extern void pool_forget_shards(int front);
extern void pool_set_names(int front, const char *region, const char *account);
/* It has been tried to reach it, in vain. */
extern bool pool_is_away(int database);

/* Where it is; NULL until its first connection. */
extern const char *pool_port(int database);
extern const char *pool_database(int database);

/* The first field of the first row; NULL: null, or no row. */
extern const char *result_value(const PGresult *result, int column);

#endif /* SFN_GATEWAY_POOL_H */
