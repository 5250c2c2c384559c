/*
 * quotas.h
 *	  Limits for what a role's executions take: those that run as it.
 *
 * All run between store_enter() and store_leave().  What is in use is in shared memory (shared/quota_accounts.h); here
 * it is counted from the rows where that is asked for.
 */
#ifndef SFN_STORE_QUOTAS_H
#define SFN_STORE_QUOTAS_H

#include "postgres.h"

#include "shared/quota_accounts.h"

typedef struct Quota
{
	Oid role;
	int64 limits[QUOTA_KINDS]; /* or NO_QUOTA */
} Quota;

/* Why something is refused. */
typedef struct QuotaExcess
{
	QuotaKind kind;
	int64 use;
} QuotaExcess;

extern const char *quota_kind_name(QuotaKind kind); /* "open executions" */

/* Nobody has a quota; and whether that is known already, without a query, which may be asked anywhere. */
extern bool quotas_exist(void);
extern bool quotas_are_known_to_be_none(void);

/* The quota of a role, or of that which a revision of a state machine runs as; false: it has none. */
extern bool quota_find(Oid role, Quota *quota);
extern bool quota_find_of_revision(int64 revision_id, Quota *quota);

/*
 * Takes so many starts, with so many bytes of input and of history, at once; false: that is more than the quota allows.  Not
 * may_count: rows of what was taken before in this transaction are still missing.
 */
extern bool quota_take(const Quota *quota, const QuotaAmounts *amounts, bool may_count, QuotaExcess *excess);
extern bool quota_take_start(const Quota *quota, QuotaExcess *excess); /* of those that are allowed in a second */

/* Is more stored than is allowed?  has_written: whether the rows of what this transaction takes are there. */
extern bool quota_is_passed(const Quota *quota, QuotaKind kind, bool has_written, QuotaExcess *excess);

/* What would be open again, with the children of its map runs, if this execution was redriven. */
extern QuotaAmounts quota_amounts_of_redrive(int64 execution_id);

/* Without limits: drops the row. */
extern void quota_set(const Quota *quota);

#endif /* SFN_STORE_QUOTAS_H */
