/*
 * quotas.h
 *	  Limits for open executions, by the role of their state machine.
 *
 * All run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_QUOTAS_H
#define SFN_STORE_QUOTAS_H

#include "postgres.h"

#define NO_QUOTA (-1)

typedef struct Quota
{
	Oid role;
	int64 open_executions; /* or NO_QUOTA */
	int64 payload_bytes;   /* or NO_QUOTA */
} Quota;

typedef struct QuotaUse
{
	int64 open_executions;
	int64 payload_bytes;
} QuotaUse;

/* False: the role has none, which is known without a query while nobody has one. */
extern bool quota_find(Oid role, Quota *quota);

/*
 * What the open executions of the role's machines take.  Counting reads them all, so it is done again only after
 * twenty times as long as it took; what this session has added meanwhile (quota_add()) counts.  Not is_first: of a batch whose
 * executions are not all in the tables yet.
 */
extern QuotaUse quota_use(Oid role, bool is_first);
extern void quota_add(Oid role, int64 payload_bytes); /* one execution more */

/* Without limits: drops the row. */
extern void quota_set(const Quota *quota);

#endif /* SFN_STORE_QUOTAS_H */
