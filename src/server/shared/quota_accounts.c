/*
 * quota_accounts.c
 *	  What roles with a quota use of it, in shared memory: one account for each database and role.
 *
 * The use is what transactions that have committed added since the rows were last
 * counted (settled), what open ones take (pending), and what prepared ones do.  Rows
 * are counted at first, after a restart that is, and when a start would be refused.
 *
 * Where a count and the ends of transactions meet, the account errs to the side of
 * using too much, which the next count puts right: what is settled during a count is
 * added to what it found, and what was to be given back before it is not given back
 * after it (generation).
 *
 * Each account has a spinlock, so that the end of a transaction waits for nobody;
 * finding or making one is under the lock of the table.  A session keeps the list of
 * what it holds, by nesting level.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/procarray.h"
#include "storage/spin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "shared/quota_accounts.h"

#define ACCOUNTS_MAX 512
#define PREPARED_MAX 16 /* transactions of one account that are known one by one */
#define COUNT_SHARE 20
#define LONGEST_WITHOUT_COUNT (60 * USECS_PER_SEC)
#define WHOLE_TOKEN INT64CONST(1000000)

typedef struct PreparedAmounts
{
	TransactionId xid; /* invalid: a free place */
	QuotaAmounts amounts;
} PreparedAmounts;

typedef struct RateTokens
{
	TimestampTz filled; /* 0: never */
	int64 millionths;
} RateTokens;

struct QuotaAccount
{
	slock_t mutex;
	Oid database;
	Oid role; /* invalid: free */
	bool is_counted;
	bool has_counted_stored; /* stored bytes, too */
	bool is_stale;           /* there may be less in use than it says */
	uint32 generation;       /* of the last count */
	TimestampTz counted;
	TimestampTz took;
	QuotaAmounts settled;
	QuotaAmounts pending;
	QuotaAmounts unresolved; /* of prepared transactions beyond those below, until the next count */
	QuotaAmounts ever_settled;
	PreparedAmounts prepared[PREPARED_MAX];
	RateTokens rates[QUOTA_KINDS - QUOTA_AMOUNTS];
};

typedef struct QuotaAccounts
{
	LWLock *lock; /* NULL: this process has them for itself */
	int used;
	QuotaAccount accounts[ACCOUNTS_MAX];
} QuotaAccounts;

/* What this transaction has taken, or will give back when it commits. */
typedef struct Held
{
	QuotaAccount *account;
	int level;
	bool is_release;
	uint32 generation; /* of a release */
	QuotaAmounts amounts;
} Held;

static QuotaAccounts *quota_accounts;
static Held *held;
static int held_count = 0;
static int held_capacity = 0;

/* ---- the table ---- */

Size
quota_accounts_size(void)
{
	return sizeof(QuotaAccounts);
}

void
quota_accounts_attach(void *part, bool is_new, LWLock *lock)
{
	quota_accounts = part;
	if (!is_new)
		return;
	memset(quota_accounts, 0, sizeof(QuotaAccounts));
	quota_accounts->lock = lock;
	for (int i = 0; i < ACCOUNTS_MAX; i++)
		SpinLockInit(&quota_accounts->accounts[i].mutex);
}

static void
lock_table(LWLockMode mode)
{
	if (quota_accounts->lock != NULL)
		LWLockAcquire(quota_accounts->lock, mode);
}

static void
unlock_table(void)
{
	if (quota_accounts->lock != NULL)
		LWLockRelease(quota_accounts->lock);
}

static bool
is_of(const QuotaAccount *account, Oid role)
{
	return account->role == role && account->database == MyDatabaseId;
}

/* With the lock held; NULL: it has none. */
static QuotaAccount *
find_account(Oid role)
{
	for (int i = 0; i < quota_accounts->used; i++)
	{
		if (is_of(&quota_accounts->accounts[i], role))
			return &quota_accounts->accounts[i];
	}
	return NULL;
}

static bool
is_zero(const QuotaAmounts *amounts)
{
	for (int i = 0; i < QUOTA_AMOUNTS; i++)
	{
		if (amounts->of[i] != 0)
			return false;
	}
	return true;
}

/* May its place be given to another role?  What is in use can be counted again, but not what transactions hold. */
static bool
is_replaceable(const QuotaAccount *account)
{
	if (!OidIsValid(account->role))
		return true;
	if (!is_zero(&account->pending) || !is_zero(&account->unresolved))
		return false;
	for (int i = 0; i < PREPARED_MAX; i++)
	{
		if (TransactionIdIsValid(account->prepared[i].xid))
			return false;
	}
	return true;
}

/* With the lock held exclusively: a free place, else that of the account which was counted longest ago; NULL: none. */
static QuotaAccount *
find_place(void)
{
	QuotaAccount *oldest = NULL;

	if (quota_accounts->used < ACCOUNTS_MAX)
		return &quota_accounts->accounts[quota_accounts->used++];
	for (int i = 0; i < ACCOUNTS_MAX; i++)
	{
		QuotaAccount *account = &quota_accounts->accounts[i];

		if (is_replaceable(account) && (oldest == NULL || account->counted < oldest->counted))
			oldest = account;
	}
	return oldest;
}

static QuotaAccount *
make_account(Oid role)
{
	QuotaAccount *account = find_account(role);
	uint32 generation;

	if (account != NULL)
		return account;
	account = find_place();
	if (account == NULL)
		return NULL;
	SpinLockAcquire(&account->mutex);
	generation = account->generation;
	memset((char *) account + offsetof(QuotaAccount, database), 0,
		   sizeof(QuotaAccount) - offsetof(QuotaAccount, database));
	account->database = MyDatabaseId;
	account->role = role;
	account->generation = generation + 1;
	SpinLockRelease(&account->mutex);
	return account;
}

/* Without the server's shared memory each process counts for itself. */
static void
make_table(void)
{
	if (quota_accounts == NULL)
		quota_accounts_attach(MemoryContextAlloc(TopMemoryContext, sizeof(QuotaAccounts)), true, NULL);
}

QuotaAccount *
quota_account_of(Oid role)
{
	static QuotaAccount *last;
	QuotaAccount *account = last;

	make_table();
	if (account != NULL && is_of(account, role))
		return account;
	lock_table(LW_SHARED);
	account = find_account(role);
	unlock_table();
	if (account == NULL)
	{
		lock_table(LW_EXCLUSIVE);
		account = make_account(role);
		unlock_table();
	}
	if (account == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED), errmsg("too many roles with a quota are in use"),
				 errdetail("At most %d can be, in all databases together.", ACCOUNTS_MAX)));
	last = account;
	return account;
}

void
quota_accounts_are_stale(void)
{
	if (quota_accounts == NULL)
		return;
	lock_table(LW_SHARED);
	for (int i = 0; i < quota_accounts->used; i++)
	{
		if (quota_accounts->accounts[i].database == MyDatabaseId)
			quota_accounts->accounts[i].is_stale = true;
	}
	unlock_table();
}

void
quota_accounts_forget(Oid database)
{
	if (quota_accounts == NULL)
		return;
	lock_table(LW_EXCLUSIVE);
	for (int i = 0; i < quota_accounts->used; i++)
	{
		if (quota_accounts->accounts[i].database == database)
			quota_accounts->accounts[i].role = InvalidOid;
	}
	unlock_table();
}

/* ---- amounts ---- */

static void
amounts_add(QuotaAmounts *sum, const QuotaAmounts *amounts, int sign)
{
	for (int i = 0; i < QUOTA_AMOUNTS; i++)
		sum->of[i] += sign * amounts->of[i];
}

static void
amounts_not_negative(QuotaAmounts *amounts)
{
	for (int i = 0; i < QUOTA_AMOUNTS; i++)
		amounts->of[i] = Max(amounts->of[i], 0);
}

/* With the mutex held. */
static int64
use_of(const QuotaAccount *account, QuotaKind kind)
{
	int64 use = account->settled.of[kind] + account->pending.of[kind] + account->unresolved.of[kind];

	for (int i = 0; i < PREPARED_MAX; i++)
	{
		if (TransactionIdIsValid(account->prepared[i].xid))
			use += account->prepared[i].amounts.of[kind];
	}
	return Max(use, 0);
}

int64
quota_account_use(QuotaAccount *account, QuotaKind kind)
{
	int64 use;

	SpinLockAcquire(&account->mutex);
	use = use_of(account, kind);
	SpinLockRelease(&account->mutex);
	return use;
}

/* ---- taking and giving back ---- */

/* Room in the list, before anything is taken. */
static void
make_room(void)
{
	int capacity = held_capacity == 0 ? 16 : held_capacity * 2;

	if (held_count < held_capacity)
		return;
	held = held == NULL ? MemoryContextAlloc(TopMemoryContext, sizeof(Held) * capacity)
						: repalloc(held, sizeof(Held) * capacity);
	held_capacity = capacity;
}

static void
note(QuotaAccount *account, const QuotaAmounts *amounts, bool is_release)
{
	Held entry = {.account = account,
				  .level = GetCurrentTransactionNestLevel(),
				  .is_release = is_release,
				  .generation = is_release ? account->generation : 0,
				  .amounts = *amounts};

	for (int i = held_count - 1; i >= 0 && held[i].level == entry.level; i--)
	{
		if (held[i].account == account && held[i].is_release == is_release && held[i].generation == entry.generation)
		{
			amounts_add(&held[i].amounts, amounts, 1);
			return;
		}
	}
	held[held_count++] = entry;
}

QuotaKind
quota_account_reserve(QuotaAccount *account, const QuotaAmounts *amounts, const int64 *limits, int64 *use)
{
	QuotaKind refused = QUOTA_KINDS;

	make_room();
	SpinLockAcquire(&account->mutex);
	for (int kind = 0; kind < QUOTA_AMOUNTS && refused == QUOTA_KINDS; kind++)
	{
		if (limits[kind] == NO_QUOTA || amounts->of[kind] == 0)
			continue;
		*use = use_of(account, (QuotaKind) kind);
		if (*use + amounts->of[kind] > limits[kind])
			refused = (QuotaKind) kind;
	}
	if (refused == QUOTA_KINDS)
		amounts_add(&account->pending, amounts, 1);
	SpinLockRelease(&account->mutex);
	if (refused == QUOTA_KINDS)
		note(account, amounts, false);
	return refused;
}

void
quota_account_add(QuotaAccount *account, const QuotaAmounts *amounts)
{
	make_room();
	SpinLockAcquire(&account->mutex);
	amounts_add(&account->pending, amounts, 1);
	SpinLockRelease(&account->mutex);
	note(account, amounts, false);
}

void
quota_account_release(QuotaAccount *account, const QuotaAmounts *amounts)
{
	make_room();
	note(account, amounts, true);
}

/* ---- ends of transactions ---- */

static void
settle(const Held *entry)
{
	QuotaAccount *account = entry->account;

	SpinLockAcquire(&account->mutex);
	if (!entry->is_release)
	{
		amounts_add(&account->pending, &entry->amounts, -1);
		amounts_add(&account->settled, &entry->amounts, 1);
		amounts_add(&account->ever_settled, &entry->amounts, 1);
	}
	else if (entry->generation == account->generation)
	{
		amounts_add(&account->settled, &entry->amounts, -1);
		amounts_not_negative(&account->settled);
	}
	else
		account->is_stale = true;
	SpinLockRelease(&account->mutex);
}

static void
give_back(const Held *entry)
{
	if (entry->is_release)
		return;
	SpinLockAcquire(&entry->account->mutex);
	amounts_add(&entry->account->pending, &entry->amounts, -1);
	SpinLockRelease(&entry->account->mutex);
}

static void
keep_for_prepared(const Held *entry, TransactionId xid)
{
	QuotaAccount *account = entry->account;
	QuotaAmounts *kept = &account->unresolved;

	if (entry->is_release)
		return;
	SpinLockAcquire(&account->mutex);
	for (int i = 0; i < PREPARED_MAX; i++)
	{
		PreparedAmounts *place = &account->prepared[i];

		if (TransactionIdIsValid(place->xid) && place->xid != xid)
			continue;
		if (!TransactionIdIsValid(place->xid))
			memset(&place->amounts, 0, sizeof(QuotaAmounts));
		place->xid = xid;
		kept = &place->amounts;
		break;
	}
	amounts_add(&account->pending, &entry->amounts, -1);
	amounts_add(kept, &entry->amounts, 1);
	SpinLockRelease(&account->mutex);
}

void
quota_accounts_committed(void)
{
	for (int i = 0; i < held_count; i++)
		settle(&held[i]);
	held_count = 0;
}

void
quota_accounts_aborted(void)
{
	for (int i = 0; i < held_count; i++)
		give_back(&held[i]);
	held_count = 0;
}

void
quota_accounts_prepared(void)
{
	TransactionId xid = GetTopTransactionIdIfAny();

	for (int i = 0; i < held_count; i++)
		keep_for_prepared(&held[i], xid);
	held_count = 0;
}

void
quota_accounts_subtransaction_committed(int level)
{
	for (int i = held_count - 1; i >= 0 && held[i].level >= level; i--)
		held[i].level = level - 1;
}

void
quota_accounts_subtransaction_aborted(int level)
{
	while (held_count > 0 && held[held_count - 1].level >= level)
		give_back(&held[--held_count]);
}

/* ---- counting ---- */

/* Prepared transactions that have ended since. */
static bool
has_ended_prepared(const QuotaAccount *account)
{
	for (int i = 0; i < PREPARED_MAX; i++)
	{
		TransactionId xid = account->prepared[i].xid;

		if (TransactionIdIsValid(xid) && !TransactionIdIsInProgress(xid))
			return true;
	}
	return false;
}

bool
quota_account_wants_count(QuotaAccount *account, bool is_refused, bool counts_stored)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz age;
	TimestampTz pause;

	if (!account->is_counted || (counts_stored && !account->has_counted_stored))
		return true;
	if (is_refused && (account->is_stale || has_ended_prepared(account)))
		return true;
	if (quota_accounts->lock == NULL)
		return is_refused || held_count == 0;
	age = now - account->counted;
	pause = COUNT_SHARE * account->took;
	return age < 0 || age >= (is_refused ? pause : pause + LONGEST_WITHOUT_COUNT);
}

/* Those that have ended: what they have committed is in the rows that are counted next. */
static void
forget_ended_prepared(QuotaAccount *account)
{
	for (int i = 0; i < PREPARED_MAX; i++)
	{
		TransactionId xid = account->prepared[i].xid;

		if (!TransactionIdIsValid(xid) || TransactionIdIsInProgress(xid))
			continue;
		SpinLockAcquire(&account->mutex);
		if (account->prepared[i].xid == xid)
			account->prepared[i].xid = InvalidTransactionId;
		SpinLockRelease(&account->mutex);
	}
	SpinLockAcquire(&account->mutex);
	memset(&account->unresolved, 0, sizeof(QuotaAmounts));
	SpinLockRelease(&account->mutex);
}

void
quota_account_begin_count(QuotaAccount *account, QuotaCount *count, bool counts_stored)
{
	forget_ended_prepared(account);
	SpinLockAcquire(&account->mutex);
	count->settled_before = account->ever_settled;
	account->is_stale = false;
	SpinLockRelease(&account->mutex);
	count->began = GetCurrentTimestamp();
	count->counts_stored = counts_stored;
}

void
quota_account_end_count(QuotaAccount *account, const QuotaCount *count, const QuotaAmounts *found, bool has_written)
{
	QuotaAmounts settled = *found;

	/* this transaction's own rows were seen, and are pending */
	for (int i = 0; has_written && i < held_count; i++)
	{
		if (held[i].account == account && !held[i].is_release)
			amounts_add(&settled, &held[i].amounts, -1);
	}
	SpinLockAcquire(&account->mutex);
	amounts_add(&settled, &account->ever_settled, 1);
	amounts_add(&settled, &count->settled_before, -1);
	account->is_stale |= memcmp(&account->ever_settled, &count->settled_before, sizeof(QuotaAmounts)) != 0;
	amounts_not_negative(&settled);
	account->settled = settled;
	account->is_counted = true;
	account->has_counted_stored = count->counts_stored;
	account->generation++;
	SpinLockRelease(&account->mutex);
	account->counted = GetCurrentTimestamp();
	account->took = Max(account->counted - count->began, 0);
}

/* ---- rates ---- */

/* With the mutex held: adds what time has brought, at most a second's worth. */
static void
fill(RateTokens *tokens, int64 per_second, TimestampTz now)
{
	int64 full = per_second * WHOLE_TOKEN;
	int64 passed = tokens->filled != 0 && now >= tokens->filled ? now - tokens->filled : USECS_PER_SEC;

	if (tokens->filled == 0 || passed >= USECS_PER_SEC)
		tokens->millionths = full;
	else
		tokens->millionths = Min(full, tokens->millionths + passed * per_second);
	tokens->filled = now;
}

int64
quota_account_take(QuotaAccount *account, QuotaKind rate, int64 per_second, int64 wanted)
{
	RateTokens *tokens = &account->rates[rate - QUOTA_AMOUNTS];
	TimestampTz now = GetCurrentTimestamp();
	int64 taken;

	SpinLockAcquire(&account->mutex);
	fill(tokens, per_second, now);
	taken = Min(wanted, tokens->millionths / WHOLE_TOKEN);
	tokens->millionths -= taken * WHOLE_TOKEN;
	SpinLockRelease(&account->mutex);
	return taken;
}

long
quota_account_wait(QuotaAccount *account, QuotaKind rate, int64 per_second)
{
	RateTokens *tokens = &account->rates[rate - QUOTA_AMOUNTS];
	TimestampTz now = GetCurrentTimestamp();
	int64 missing;

	if (per_second <= 0)
		return 1000;
	SpinLockAcquire(&account->mutex);
	fill(tokens, per_second, now);
	missing = WHOLE_TOKEN - tokens->millionths;
	SpinLockRelease(&account->mutex);
	return missing <= 0 ? 0 : (long) Min(missing / per_second / 1000 + 1, 1000);
}
