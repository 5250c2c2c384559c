/*
 * services.c
 *	  The SQL functions for AWS services: loading them, endpoints, credentials.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "actions/services.h"
#include "api/arguments.h"
#include "services/http/aws_services.h"
#include "services/http/shipped_services.h"
#include "store/sql_version.h"

SFN_FUNCTION(sfn_load_services)
{
	ActionCall call;
	int count;

	api_enter(&call, ACTION_SQL, "LoadServices");
	api_check(&call, services_load(&call, required_text(&call, fcinfo, 0, "directory"), &count));
	api_leave(&call);
	PG_RETURN_INT32(count);
}

SFN_FUNCTION(sfn_shipped_services)
{
	return CStringGetTextDatum(jv_to_text(shipped_services()));
}

SFN_FUNCTION(sfn_load_service_model)
{
	ActionCall call;
	char *text;
	JvParseError not_json;
	const JsonVal *model;
	const char *name;

	require_arguments(fcinfo);
	text = text_argument(fcinfo, 0);
	model = jv_parse(text, (int) strlen(text), &not_json);
	api_enter(&call, ACTION_SQL, "LoadServiceModel");
	if (model == NULL)
		api_error(&call, API_INVALID_SERVICE, not_json.message);
	api_check(&call, service_load_model(&call, model, "loaded", &name));
	api_leave(&call);
	return CStringGetTextDatum(name);
}

SFN_FUNCTION(sfn_create_service_endpoint)
{
	ActionCall call;
	char *service;
	char *url;
	SfnError ignored = {0};
	bool is_known;

	api_enter(&call, ACTION_SQL, "CreateServiceEndpoint");
	service = required_text(&call, fcinfo, 0, "service");
	url = required_text(&call, fcinfo, 1, "url");
	is_known = strcmp(service, "*") == 0 || aws_service_named(service, &ignored) != NULL;
	api_check(&call, service_endpoint_create(&call, service, text_argument(fcinfo, 2), url, is_known));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_delete_service_endpoint)
{
	ActionCall call;
	char *service;

	api_enter(&call, ACTION_SQL, "DeleteServiceEndpoint");
	service = required_text(&call, fcinfo, 0, "service");
	api_check(&call, service_endpoint_drop(&call, service, text_argument(fcinfo, 1)));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* An array of texts; NULL when null. */
static const JsonVal *
texts_argument(ActionCall *call, FunctionCallInfo fcinfo, int number)
{
	JvArrayBuilder out;
	Datum *elements;
	bool *nulls;
	int count;

	if (PG_ARGISNULL(number))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	jv_array_begin(&out);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			api_error(call, API_INVALID_SERVICE, "role_arns must not have nulls");
		jv_array_add(&out, jv_string(TextDatumGetCString(elements[i])));
	}
	return jv_array_end(&out);
}

SFN_FUNCTION(sfn_create_aws_credentials)
{
	ActionCall call;
	char *name;
	char *source;
	const JsonVal *role_arns;
	bool replaces = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);

	api_enter(&call, ACTION_SQL, "CreateAwsCredentials");
	name = required_text(&call, fcinfo, 0, "name");
	source = required_text(&call, fcinfo, 1, "source");
	role_arns = texts_argument(&call, fcinfo, 4);
	api_check(&call,
			  aws_credentials_create(&call, name, source, jsonb_value_argument(fcinfo, 2), text_argument(fcinfo, 3),
									 role_arns, replaces));
	api_leave(&call);
	PG_RETURN_VOID();
}
