/*
 * shards.c
 *	  What the front of several databases (sql/proxy) calls in each of them, and asks for itself.
 *
 * A call is made as its caller in the gateway's frame: from there it cannot become another role.  Who may
 * execute it, may act as any role but superusers and the server's own, as a gateway.
 */
#include "postgres.h"

#include "access/xact.h"
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

/* ---- shard_call(shard, role, function, arguments) ---- */

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

SFN_FUNCTION(sfn_shard_call)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	GatewayFrame frame;
	Oid role;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	require_shard(PG_GETARG_INT32(0));
	role = require_known_role(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	gateway_frame_begin(&frame, role);
	shard_call_run(text_to_cstring(PG_GETARG_TEXT_PP(2)), PG_GETARG_ARRAYTYPE_P(3), result);
	gateway_frame_end(&frame);
	return (Datum) 0;
}

/* ---- in_transaction_block(), for the front: a database without the extension, where no version can be compared ---- */

extern PGDLLEXPORT Datum sfn_in_transaction_block(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_in_transaction_block);

Datum
sfn_in_transaction_block(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(IsTransactionBlock());
}
