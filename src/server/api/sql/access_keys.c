/*
 * access_keys.c
 *	  The SQL functions for access keys: create_access_key(), update_access_key(), delete_access_key().
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/access_keys.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "settings/clock.h"
#include "store/sql_version.h"

enum
{
	KEY_COLUMN_ID,
	KEY_COLUMN_SECRET,
	KEY_COLUMN_TOKEN,
	KEY_COLUMN_COUNT
};

SFN_FUNCTION(sfn_create_access_key)
{
	ActionCall call;
	AccessKey key = {.role = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0),
					 .description = text_argument(fcinfo, 3),
					 .id = text_argument(fcinfo, 4),
					 .secret = text_argument(fcinfo, 5)};
	char *session_token;
	Datum values[KEY_COLUMN_COUNT];
	bool nulls[KEY_COLUMN_COUNT];

	if (!PG_ARGISNULL(1))
		key.expiration = moment_after_argument(fcinfo, 1, sfn_now());
	key.has_actions = !PG_ARGISNULL(2);
	key.actions = key.has_actions ? PG_GETARG_DATUM(2) : (Datum) 0;
	api_enter(&call, ACTION_SQL, "CreateAccessKey");
	api_check(&call, access_key_create(&call, &key, &session_token));
	api_leave(&call);
	put_text(values, nulls, KEY_COLUMN_ID, key.id);
	put_text(values, nulls, KEY_COLUMN_SECRET, key.secret);
	put_text(values, nulls, KEY_COLUMN_TOKEN, session_token);
	return result_row(fcinfo, values, nulls);
}

SFN_FUNCTION(sfn_update_access_key)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "UpdateAccessKey");
	api_check(&call,
			  access_key_update(&call, required_text(&call, fcinfo, 0, "access_key_id"),
								required_text(&call, fcinfo, 1, "status")));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_delete_access_key)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteAccessKey");
	api_check(&call, access_key_drop(&call, required_text(&call, fcinfo, 0, "access_key_id")));
	api_leave(&call);
	PG_RETURN_VOID();
}
