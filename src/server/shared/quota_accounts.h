/*
 * quota_accounts.h
 *	  What roles with a quota use of it, in shared memory: one account for each database and role.
 *
 * What a transaction takes counts at once, for everybody, and is given back when it or its subtransaction is rolled back.
 * What it gives back counts when it has committed.
 */
#ifndef SFN_SHARED_QUOTA_ACCOUNTS_H
#define SFN_SHARED_QUOTA_ACCOUNTS_H

#include "postgres.h"

#include "storage/lwlock.h"

#define NO_QUOTA (-1)

typedef enum QuotaKind
{
	QUOTA_OPEN_EXECUTIONS,
	QUOTA_PAYLOAD_BYTES, /* inputs of open executions */
	QUOTA_STORED_BYTES,  /* inputs and histories of all there are */
	QUOTA_AMOUNTS,       /* so many amounts; behind them, rates */

	QUOTA_STARTS = QUOTA_AMOUNTS, /* a second */
	QUOTA_HTTP_REQUESTS,          /* a second */
	QUOTA_KINDS
} QuotaKind;

typedef struct QuotaAmounts
{
	int64 of[QUOTA_AMOUNTS];
} QuotaAmounts;

typedef struct QuotaAccount QuotaAccount;

/* A count under way: what has been settled when it began. */
typedef struct QuotaCount
{
	QuotaAmounts settled_before;
	TimestampTz began;
	bool counts_stored; /* which takes longer */
} QuotaCount;

extern Size quota_accounts_size(void);
extern void quota_accounts_attach(void *part, bool is_new, LWLock *lock);

/* The account of a role in this database, made at need; an error when there is no room for one more. */
extern QuotaAccount *quota_account_of(Oid role);

/* Takes the amounts if all are within the limits: QUOTA_KINDS; else which limit they pass, and *use of that. */
extern QuotaKind quota_account_reserve(QuotaAccount *account, const QuotaAmounts *amounts, const int64 *limits,
									   int64 *use);
extern void quota_account_add(QuotaAccount *account, const QuotaAmounts *amounts);     /* whatever the limits are */
extern void quota_account_release(QuotaAccount *account, const QuotaAmounts *amounts); /* what was there before */
extern int64 quota_account_use(QuotaAccount *account, QuotaKind kind);

/* Takes up to wanted of what a rate of so many a second allows now; returns how many. */
extern int64 quota_account_take(QuotaAccount *account, QuotaKind rate, int64 per_second, int64 wanted);
extern long quota_account_wait(QuotaAccount *account, QuotaKind rate,
							   int64 per_second); /* milliseconds until one more */

/*
 * Should the rows be counted?  At first, after what only a count sees, and after a refusal, but not so often that the
 * counting takes more than a twentieth of the time.
 */
extern bool quota_account_wants_count(QuotaAccount *account, bool is_refused, bool counts_stored);

/*
 * Begin before the count's snapshot is taken; found is what that has seen.  has_written: what this transaction has taken
 * is in its rows already, so they were found, too.
 */
extern void quota_account_begin_count(QuotaAccount *account, QuotaCount *count, bool counts_stored);
extern void quota_account_end_count(QuotaAccount *account, const QuotaCount *count, const QuotaAmounts *found,
									bool has_written);

/* Something has changed in this database that accounts do not know of: rows were deleted. */
extern void quota_accounts_are_stale(void);
extern void quota_accounts_forget(Oid database);

/* Ends of transactions (sfn.c). */
extern void quota_accounts_committed(void);
extern void quota_accounts_aborted(void);
extern void quota_accounts_prepared(void);
extern void quota_accounts_subtransaction_committed(int level);
extern void quota_accounts_subtransaction_aborted(int level);

#endif /* SFN_SHARED_QUOTA_ACCOUNTS_H */
