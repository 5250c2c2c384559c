/*
 * shards.c
 *	  What the front of several databases (sql/proxy) calls in each of them.
 *
 * A call is made as its caller in the gateway's frame: from there it cannot become another role.  Who may
 * execute it, may act as any role but superusers and the server's own, as a gateway.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "api/arguments.h"
#include "api/aws/gateway.h"
#include "settings/guc.h"
#include "store/shard_calls.h"
#include "store/sql_version.h"

/* ---- who is called, and as whom ---- */

static void
require_shard(int shard)
{
	if (shard != sfn_shard_id)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this is not shard %d: sfn.shard_id is %d", shard, sfn_shard_id),
				 errhint("The connection string of the front leads to another database, or the setting was changed.")));
}

/* The front makes its roles known by sfn_internal.shard_role() when it gets this error. */
static Oid
require_known_role(const char *name)
{
	Oid role = get_role_oid(name, true);

	if (!OidIsValid(role))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role \"%s\" does not exist on shard %d", name, sfn_shard_id),
				 errhint("SELECT sfn_proxy.sync_roles() in the front makes its roles there.")));
	return role;
}

/* Which front has the map; 0: the shard has not heard yet. */
static int64
front_of(int64 version)
{
	return version >> 16;
}

/* A start by name, from a map of slots that may be older than the last move of slots away from here, or another front's. */
static void
require_map(int64 version)
{
	int64 least;

	if (!shard_map_hold(&least))
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('S', 'F', '0', '9', '0')),
				 errmsg("the map of shards may have changed while the server of shard %d was down", sfn_shard_id),
				 errhint("The front that makes changes confirms it at the next start by name, and calls again.")));
	if (version < least || (front_of(least) != 0 && front_of(version) != front_of(least)))
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('S', 'F', '0', '9', '0')),
				 errmsg("the map of shards has changed: version " INT64_FORMAT
						" is needed on shard %d, not " INT64_FORMAT,
						least, sfn_shard_id, version),
				 errhint("The front or the gateway reads its map anew and calls again.")));
}

/* Checks the first two arguments of the call, shard and role, and this one, the version of the map, if there is one. */
static Oid
enter(FunctionCallInfo fcinfo, int map_version)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("shard and role must be given")));
	require_shard(PG_GETARG_INT32(0));
	if (!PG_ARGISNULL(map_version))
		require_map(PG_GETARG_INT64(map_version));
	return require_known_role(text_to_cstring(PG_GETARG_TEXT_PP(1)));
}

/* ---- shard_enter(shard, role, map_version), for a gateway that finds the shard itself ---- */

SFN_FUNCTION(sfn_shard_enter)
{
	PG_RETURN_OID(enter(fcinfo, 2));
}

/* ---- shard_call(shard, role, function, arguments, map_version) ---- */

/* "gateway_call" and "gateway_page" stand for what the gateway calls, whose role is told already; false: it is neither. */
static bool
run_for_gateway(const char *function, ArrayType *arguments, const ShardRows *rows)
{
	const char *texts[3];
	Datum answer;

	shard_call_texts(arguments, texts, lengthof(texts));
	if (strcmp(function, "gateway_call") == 0)
		answer = gateway_call_as_user(texts[0], texts[1], texts[2]);
	else if (strcmp(function, "gateway_page") == 0)
		answer = gateway_page_as_user(texts[0], texts[1]);
	else
		return false;
	rows->put(PointerGetDatum(construct_array(&answer, 1, TEXTOID, -1, false, TYPALIGN_INT)), rows->to);
	return true;
}

static void
run_call(FunctionCallInfo fcinfo, const ShardRows *rows)
{
	Oid role = enter(fcinfo, 4);
	GatewayFrame frame;
	const char *function;

	if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("function and arguments must be given")));
	function = text_to_cstring(PG_GETARG_TEXT_PP(2));
	gateway_frame_begin(&frame, role);
	if (!run_for_gateway(function, PG_GETARG_ARRAYTYPE_P(3), rows))
		shard_call_run(function, PG_GETARG_ARRAYTYPE_P(3), rows);
	gateway_frame_end(&frame);
}

static void
put_into_result(Datum row, void *to)
{
	ReturnSetInfo *result = to;
	bool is_null = false;

	tuplestore_putvalues(result->setResult, result->setDesc, &row, &is_null);
}

SFN_FUNCTION(sfn_shard_call)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	run_call(fcinfo, &(ShardRows){put_into_result, result});
	return (Datum) 0;
}

/* ---- shard_call_one(shard, role, function, arguments, map_version) ---- */

typedef struct OneRow
{
	MemoryContext context;
	Datum row; /* 0: there is none yet */
} OneRow;

static void
keep_one(Datum row, void *to)
{
	OneRow *one = to;
	MemoryContext before = MemoryContextSwitchTo(one->context);

	if (one->row == (Datum) 0)
		one->row = PointerGetDatum(PG_DETOAST_DATUM_COPY(row));
	MemoryContextSwitchTo(before);
}

/* Without a set, and so without what a set costs. */
SFN_FUNCTION(sfn_shard_call_one)
{
	OneRow one = {CurrentMemoryContext, (Datum) 0};

	run_call(fcinfo, &(ShardRows){keep_one, &one});
	if (one.row == (Datum) 0)
		PG_RETURN_NULL();
	return one.row;
}
