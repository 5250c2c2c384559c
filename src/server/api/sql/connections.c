/*
 * connections.c
 *	  The SQL functions for connections: create_connection(), delete_connection().
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "actions/connections.h"
#include "api/arguments.h"
#include "settings/arns.h"
#include "store/sql_version.h"

static const JsonVal *
object_argument(ActionCall *call, FunctionCallInfo fcinfo, int number, const char *name)
{
	const JsonVal *value = jsonb_value_argument(fcinfo, number);

	api_check(call, check_connection_object(call, value, name));
	return value;
}

SFN_FUNCTION(sfn_create_connection)
{
	ActionCall call;
	ConnectionRow row = {0};
	bool replaces = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
	const JsonVal *parameters;
	const JsonVal *tls;

	api_enter(&call, ACTION_SQL, "CreateConnection");
	row.name = required_text(&call, fcinfo, 0, "name");
	row.authorization_type = required_text(&call, fcinfo, 1, "authorization_type");
	parameters = object_argument(&call, fcinfo, 2, "auth_parameters");
	row.description = text_argument(fcinfo, 3);
	tls = object_argument(&call, fcinfo, 4, "tls");
	api_check(&call, connection_create(&call, &row, parameters, tls, replaces));
	api_leave(&call);
	return CStringGetTextDatum(connection_arn(row.name, row.connection_id));
}

SFN_FUNCTION(sfn_delete_connection)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteConnection");
	api_check(&call, connection_drop(&call, required_text(&call, fcinfo, 0, "name")));
	api_leave(&call);
	PG_RETURN_VOID();
}
