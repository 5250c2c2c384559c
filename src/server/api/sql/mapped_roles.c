/*
 * mapped_roles.c
 *	  The SQL functions for roleArns of AWS's API: map_role(), unmap_role().
 */
#include "postgres.h"

#include "fmgr.h"

#include "actions/mapped_roles.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "store/sql_version.h"

SFN_FUNCTION(sfn_map_role)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "MapRole");
	api_check(&call,
			  role_map(&call, required_text(&call, fcinfo, 0, "role_arn"),
					   PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1)));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_unmap_role)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "UnmapRole");
	api_check(&call, role_unmap(&call, required_text(&call, fcinfo, 0, "role_arn")));
	api_leave(&call);
	PG_RETURN_VOID();
}
