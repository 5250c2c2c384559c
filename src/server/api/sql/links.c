/*
 * links.c
 *	  The SQL functions for links: create_link(), drop_link().
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/links.h"
#include "api/arguments.h"
#include "settings/clock.h"
#include "store/sql_version.h"

SFN_FUNCTION(sfn_create_link)
{
	ActionCall call;
	Link row = {.uses_left = PG_ARGISNULL(3) ? ANY_NUMBER_OF_USES : PG_GETARG_INT32(3),
				.description = text_argument(fcinfo, 4)};
	char *secret;
	char *base = link_base();

	if (!PG_ARGISNULL(2))
		row.expiration = moment_after_argument(fcinfo, 2, sfn_now());
	if (base == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("nobody knows where the gateway is"),
				 errhint(
					 "Set sfn.gateway_url to the address by which others reach it, such as https://sfn.example.com.")));
	api_enter(&call, ACTION_SQL, "CreateLink");
	row.kind = required_text(&call, fcinfo, 0, "kind");
	row.target = required_text(&call, fcinfo, 1, "target");
	api_check(&call, link_create(&call, &row, &secret));
	api_leave(&call);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s/link/%s.%s", base, row.id, secret)));
}

SFN_FUNCTION(sfn_drop_link)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DropLink");
	api_check(&call, link_drop(&call, required_text(&call, fcinfo, 0, "link_id")));
	api_leave(&call);
	PG_RETURN_VOID();
}
