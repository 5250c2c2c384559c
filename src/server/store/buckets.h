/*
 * buckets.h
 *	  Buckets in the tables: where S3 objects are, and who may read and write them.
 */
#ifndef SFN_STORE_BUCKETS_H
#define SFN_STORE_BUCKETS_H

#include "postgres.h"

typedef struct BucketRow
{
	const char *name;
	const char *url;
	const char *connection; /* or NULL */
	const char *region;     /* or NULL */
	Oid owner;
	Datum readers; /* regrole[] */
	Datum writers;
} BucketRow;

/* What one role may do with a bucket. */
typedef struct BucketAccess
{
	int64 id;
	const char *url;
	const char *connection; /* or NULL */
	const char *region;     /* or NULL */
	Oid owner;
	bool may_read;
	bool may_write;
} BucketAccess;

/* False: no such bucket. */
extern bool bucket_access(const char *name, Oid role, BucketAccess *access);

/* One of that name is replaced. */
extern Oid bucket_owner(const char *name); /* InvalidOid: there is none */

/* False, and 0: there is one of that name that is not the owner's, or caller's; or, to delete, none.  Else its id. */
extern bool bucket_upsert(const BucketRow *bucket);
extern int64 bucket_delete(const char *name, Oid caller);

/* Puts the role among its readers and writers, and takes it off again. */
extern void bucket_lend(int64 id, Oid role);
extern void bucket_take_back(int64 id, Oid role);

/* Takes roles that have been dropped off the readers and writers; waits for nobody. */
extern void buckets_prune(void);

#endif /* SFN_STORE_BUCKETS_H */
