/*
 * front.c
 *	  What the front of several databases (sql/proxy) asks of its own session, in a database without the extension: who calls,
 *	  and whether a call may take effect at once.
 *
 * A function of the front runs as its caller and hands a call to one that runs as the front's owner.  For that it takes a
 * pass, a number that nobody guesses, which stands for the current user then, once.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "api/arguments.h"

/* As SFN_FUNCTION, but no extension sfn is there whose version could be compared. */
#define FRONT_FUNCTION(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name); \
	Datum name(PG_FUNCTION_ARGS)

#define PASSES 64 /* a power of two; one that so many others follow is no longer good */

typedef struct Pass
{
	int64 number; /* 0: there is none */
	Oid role;
} Pass;

static Pass passes[PASSES];
static uint32 passes_given;

/* ---- pass() ---- */

FRONT_FUNCTION(sfn_front_pass)
{
	Pass *pass = &passes[passes_given++ % PASSES];

	if (!pg_strong_random(&pass->number, sizeof(pass->number)))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	pass->role = GetUserId();
	PG_RETURN_INT64(pass->number);
}

/* That of the first argument; null is none. */
static Oid
take_pass(FunctionCallInfo fcinfo)
{
	int64 number = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);

	for (uint32 i = 1; i <= PASSES && number != 0; i++)
	{
		Pass *pass = &passes[(passes_given - i) % PASSES];

		if (pass->number == number)
		{
			pass->number = 0;
			return pass->role;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("this is no pass of any role"),
			 errhint("The functions of schema sfn call this one.")));
}

/* ---- caller(pass) ---- */

FRONT_FUNCTION(sfn_front_caller)
{
	PG_RETURN_TEXT_P(cstring_to_text(GetUserNameFromId(take_pass(fcinfo), false)));
}

/* ---- check_transaction(effect) ---- */

/* A shard commits by itself, whatever becomes of the transaction here. */
static void
check_transaction(const char *effect)
{
	const char *setting = GetConfigOption("sfn_proxy.in_transaction", true, false);

	if (strcmp(effect, "read") == 0)
		return;
	/* on a standby every transaction is, and nothing is written there */
	if (XactReadOnly && !RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot change anything on a shard in a read-only transaction")));
	if (setting != NULL && strcmp(setting, "allow") == 0)
		return;
	if (TransactionIdIsValid(GetTopTransactionIdIfAny()) || (IsTransactionBlock() && strcmp(effect, "write") == 0))
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("this call cannot be part of a transaction: it takes effect on a shard at once, and a ROLLBACK "
						"here would not undo it"),
				 errhint("Call it outside of a transaction: psycopg: autocommit=True, JDBC: setAutoCommit(true), "
						 "Django: outside of atomic(). SET sfn_proxy.in_transaction = 'allow' lets it through.")));
	if (IsTransactionBlock())
		ereport(NOTICE,
				(errmsg("this call takes effect at once, and a ROLLBACK does not undo it"),
				 errhint("It may be repeated: it is done once.")));
}

FRONT_FUNCTION(sfn_front_check_transaction)
{
	require_arguments(fcinfo);
	check_transaction(text_argument(fcinfo, 0));
	PG_RETURN_VOID();
}

/* ---- is_lasting() ---- */

FRONT_FUNCTION(sfn_front_is_lasting)
{
	PG_RETURN_BOOL(IsTransactionBlock() || IsolationUsesXactSnapshot());
}

/* ---- enter(pass, effect) ---- */

FRONT_FUNCTION(sfn_front_enter)
{
	Oid role = take_pass(fcinfo);
	char *name = GetUserNameFromId(role, false);

	if (superuser_arg(role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" is a superuser, as whom no calls are made on shards", name),
				 errhint("SET ROLE to the role that owns the state machines.")));
	check_transaction(PG_ARGISNULL(1) ? "write" : text_to_cstring(PG_GETARG_TEXT_PP(1)));
	PG_RETURN_TEXT_P(cstring_to_text(name));
}
