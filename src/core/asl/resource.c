/*
 * resource.c
 *	  A Task's Resource: taking the URI apart, and whether there is such a thing.
 *
 * Optimized integrations must be rows of service_list.h; of aws-sdk any service and
 * action is accepted here, and looked up when it is called.  A text of no known form gets a warning
 * and fails when it is run: definitions often hold placeholders ("${Function}")
 * for a deployment tool to fill in.
 */
#include "base/port.h"

#include "asl/compile_private.h"
#include "asl/service.h"
#include "base/nearest.h"

#define MAX_ARN_PARTS 12
#define MAX_ARGUMENTS 10

typedef struct ArnParts
{
	int count;
	char *parts[MAX_ARN_PARTS]; /* the last one keeps its colons */
} ArnParts;

static const ServiceRow services[] = {
#define SERVICE(name, resource, patterns, place, arguments) \
	{SERVICE_##name, RESOURCE_SERVICE, resource, patterns, place, arguments},
#define FORM(name, kind, resource, patterns, place) {SERVICE_##name, kind, resource, patterns, place, ""},
#define ITEM_SOURCE(name, resource, arguments) \
	{ITEM_SOURCE_##name, RESOURCE_SERVICE, resource, READ_BY_MAP, NONE, arguments},
#define ITEM_TARGET(name, resource, arguments) \
	{ITEM_TARGET_##name, RESOURCE_SERVICE, resource, WRITTEN_BY_MAP, NONE, arguments},
#include "asl/service_list.h"
};

/* ---- rows ---- */

/* Stands the resource of a row for whatever begins so? */
static bool
is_wildcard(const char *resource)
{
	return resource[strlen(resource) - 1] == '*';
}

static bool
resource_matches(const char *resource, const char *text)
{
	return is_wildcard(resource) ? strncmp(resource, text, strlen(resource) - 1) == 0 : strcmp(resource, text) == 0;
}

static const ServiceRow *
service_of_form(ResourceKind kind)
{
	for (int i = 0; i < (int) lengthof(services); i++)
	{
		if (services[i].kind == kind)
			return &services[i];
	}
	return NULL;
}

const ServiceRow *
service_find(const char *service, const char *action)
{
	const char *resource = psprintf("states:::%s:%s", service, action);

	for (int i = 0; i < (int) lengthof(services); i++)
	{
		if (services[i].kind == RESOURCE_SERVICE && strcmp(services[i].resource, resource) == 0)
			return &services[i];
	}
	return NULL;
}

/* An ARN from the service on; of another text all of it.  The partition ("aws") does not matter. */
static const char *
without_partition(const char *text)
{
	const char *colon = strncmp(text, "arn:", 4) == 0 ? strchr(text + 4, ':') : NULL;

	return colon != NULL ? colon + 1 : text;
}

const ServiceRow *
service_find_for_map(const char *text, int use)
{
	const char *resource = without_partition(text);

	for (int i = 0; i < (int) lengthof(services); i++)
	{
		if ((services[i].patterns & use) != 0 && resource_matches(services[i].resource, resource))
			return &services[i];
	}
	return NULL;
}

/* The nearest resource that can be used in one of those ways, or NULL. */
static const char *
nearest_resource(const char *resource, int patterns)
{
	const char *names[lengthof(services)];
	int count = 0;

	for (int i = 0; i < (int) lengthof(services); i++)
	{
		if ((services[i].patterns & patterns) != 0 && !is_wildcard(services[i].resource))
			names[count++] = services[i].resource;
	}
	return nearest_name(resource, names, count);
}

/* ---- taking apart ---- */

/* Splits at colons, except inside "${...}" and "<...>"; the first limit - 1 colons count. */
static void
split_arn(const char *text, int limit, ArnParts *arn)
{
	char *c = pstrdup(text);

	arn->count = 1;
	arn->parts[0] = c;
	for (; *c != '\0' && arn->count < limit; c++)
	{
		if (strncmp(c, "${", 2) == 0 && strchr(c, '}') != NULL)
			c = strchr(c, '}');
		else if (*c == '<' && strchr(c, '>') != NULL)
			c = strchr(c, '>');
		else if (*c == ':')
		{
			*c = '\0';
			arn->parts[arn->count++] = c + 1;
		}
	}
}

static bool
has_placeholder(const char *text)
{
	return strstr(text, "${") != NULL || strchr(text, '<') != NULL || strchr(text, '%') != NULL;
}

static void
report_unrecognized(CompileContext *compile, const char *text, const char *hint)
{
	compile_error_code(compile, SCHEMA_VALIDATION_FAILED, "Resource", hint,
					   "The resource provided %s is not recognized. The value is not a valid resource ARN, or the "
					   "resource is not available in this region.",
					   text);
}

/* Letters, digits, "-", "_" and "$LATEST": what may follow a function's name. */
static bool
is_qualifier(const char *text)
{
	return strcmp(text, "$LATEST") == 0 ||
		(text[0] != '\0' &&
		 strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == strlen(text));
}

static void
set_form(AslResource *resource, ResourceKind kind)
{
	resource->kind = kind;
	resource->row = service_of_form(kind);
}

/* arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER] */
static bool
compile_function(CompileContext *compile, const char *text, AslResource *resource)
{
	ArnParts arn;

	split_arn(text, 8, &arn);
	set_form(resource, RESOURCE_FUNCTION);
	resource->service = "lambda";
	resource->action = "invoke";
	if (arn.count < 7 || strcmp(arn.parts[5], "function") != 0 || arn.parts[6][0] == '\0' ||
		(arn.count == 8 && !is_qualifier(arn.parts[7]) && !has_placeholder(text)))
	{
		report_unrecognized(compile, text,
							"A function's ARN is arn:aws:lambda:REGION:ACCOUNT:function:NAME, with an "
							"optional :QUALIFIER.");
		return false;
	}
	resource->name = arn.parts[6];
	return true;
}

/* Takes ".sync", ".sync:2" or ".waitForTaskToken" off the action; false for another suffix. */
static bool
take_pattern(char *action, AslResource *resource, int *bit)
{
	char *dot = strchr(action, '.');

	*bit = REQUEST_RESPONSE;
	if (dot == NULL)
		return true;
	if (strcmp(dot, ".waitForTaskToken") == 0)
	{
		*bit = WAIT_FOR_TASK_TOKEN;
		resource->pattern = PATTERN_WAIT_FOR_TASK_TOKEN;
	}
	else if (strcmp(dot, ".sync") == 0 || strcmp(dot, ".sync:2") == 0)
	{
		*bit = dot[5] == ':' ? SYNC_2 : SYNC;
		resource->pattern = PATTERN_SYNC;
		resource->sync_version = dot[5] == ':' ? 2 : 1;
	}
	else
		return false;
	*dot = '\0';
	return true;
}

/* Express runs nothing that outlives a call. */
static void
check_express(CompileContext *compile, const AslResource *resource)
{
	if (!compile_is_express(compile))
		return;
	if (resource->pattern == PATTERN_SYNC)
		compile_error(compile, "Resource", "Express state machine does not support '.sync' service integration");
	else if (resource->pattern == PATTERN_WAIT_FOR_TASK_TOKEN)
		compile_error(compile, "Resource",
					  "Express state machine does not support '.waitForTaskToken' service integration ");
}

/* arn:aws:states:::aws-sdk:SERVICE:ACTION[.waitForTaskToken]; rest is "SERVICE:ACTION..." */
static bool
compile_aws_sdk(CompileContext *compile, const char *text, const char *rest, AslResource *resource)
{
	ArnParts parts;
	char *action;
	int bit;

	split_arn(rest, 2, &parts);
	set_form(resource, RESOURCE_AWS_SDK);
	if (parts.count == 2)
	{
		resource->service = psprintf("aws-sdk:%s", parts.parts[0]);
		resource->action = parts.parts[1];
		action = pstrdup(parts.parts[1]);
		if (parts.parts[0][0] != '\0' && action[0] != '\0' && take_pattern(action, resource, &bit))
		{
			const ServiceRow *row = service_find(resource->service, action);

			if (row != NULL)
				resource->row = row;
			if ((resource->row->patterns & bit) != 0)
			{
				check_express(compile, resource);
				return true;
			}
		}
	}
	report_unrecognized(compile, text, "AWS SDK integrations are written arn:aws:states:::aws-sdk:service:action.");
	return false;
}

/* arn:aws:states:::SERVICE:ACTION[.pattern] */
static bool
compile_service(CompileContext *compile, const char *text, const char *service, const char *action,
				AslResource *resource)
{
	char *bare = pstrdup(action);
	const char *nearest;
	int bit = 0;

	resource->kind = RESOURCE_SERVICE;
	resource->service = service;
	resource->action = action;
	if (take_pattern(bare, resource, &bit))
	{
		resource->row = service_find(service, bare);
		if (resource->row != NULL && (resource->row->patterns & bit) != 0)
		{
			check_express(compile, resource);
			return true;
		}
	}
	nearest = resource->row != NULL
		? NULL
		: nearest_resource(psprintf("states:::%s:%s", service, bare), ~(READ_BY_MAP | WRITTEN_BY_MAP));
	resource->row = NULL;
	if (has_placeholder(text))
		return true;
	report_unrecognized(compile, text, nearest == NULL ? NULL : psprintf("Did you mean 'arn:aws:%s'?", nearest));
	return false;
}

/* arn:aws:states:... */
static bool
compile_states(CompileContext *compile, const char *text, AslResource *resource)
{
	ArnParts arn;

	split_arn(text, 7, &arn);
	if (arn.count < 7)
	{
		report_unrecognized(compile, text, NULL);
		return false;
	}
	if (strcmp(arn.parts[5], "activity") == 0)
	{
		set_form(resource, RESOURCE_ACTIVITY);
		resource->service = "activity";
		resource->action = resource->name = arn.parts[6];
		if (compile_is_express(compile))
			compile_error(compile, "Resource", "Express state machine does not support Activity ARN");
		return true;
	}
	if (strcmp(arn.parts[5], "aws-sdk") == 0)
		return compile_aws_sdk(compile, text, arn.parts[6], resource);
	return compile_service(compile, text, arn.parts[5], arn.parts[6], resource);
}

/* "reserve" or "shop.reserve": perhaps a SQL function. */
static bool
is_function_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	size_t length = strspn(text, letters);

	if (text[length] == '.' && length > 0)
	{
		text += length + 1;
		length = strspn(text, letters);
	}
	return length > 0 && text[length] == '\0';
}

/* A text of no form we know: compiled so that running it fails with its name. */
static bool
compile_unknown(CompileContext *compile, const char *text, AslResource *resource)
{
	resource->kind = RESOURCE_SERVICE;
	resource->service = text;
	resource->action = text;
	compile_warning(compile, "INVALID_RESOURCE", "Resource",
					is_function_name(text) ? psprintf("Did you mean 'sql:%s'?", text)
										   : "A state with this resource fails when it is run.",
					"The resource provided %s is not recognized. The value is not a valid resource ARN, or the "
					"resource is not available in this region.",
					text);
	return true;
}

bool
resource_compile(CompileContext *compile, const char *text, AslResource *resource)
{
	ArnParts arn;

	memset(resource, 0, sizeof(AslResource));
	resource->text = text;
	resource->pattern = PATTERN_REQUEST_RESPONSE;
	if (strncmp(text, "sql:", 4) == 0 && text[4] != '\0')
	{
		set_form(resource, RESOURCE_SQL);
		resource->service = "sql";
		resource->action = resource->name = text + 4;
		return true;
	}
	if (strncmp(text, "https://", 8) == 0)
	{
		set_form(resource, RESOURCE_HTTP);
		resource->service = "http";
		resource->action = "invoke";
		return true;
	}
	split_arn(text, 4, &arn);
	if (arn.count == 4 && strcmp(arn.parts[0], "arn") == 0 && strcmp(arn.parts[2], "lambda") == 0)
		return compile_function(compile, text, resource);
	if (arn.count == 4 && strcmp(arn.parts[0], "arn") == 0 && strcmp(arn.parts[2], "states") == 0)
		return compile_states(compile, text, resource);
	return compile_unknown(compile, text, resource);
}

/* The names of a list, up to its end or the first of the characters in until. */
static int
split_names(const char *list, const char *until, const char *names[MAX_ARGUMENTS])
{
	const char *end = list + strcspn(list, until);
	int count = 0;

	while (list < end)
	{
		size_t length = strcspn(list, ",;");

		Assert(count < MAX_ARGUMENTS);
		names[count++] = pnstrdup(list, length);
		list += length + (list[length] != '\0');
	}
	return count;
}

static void
warn_of_missing(CompileContext *compile, const ServiceRow *row, const JsonVal *arguments)
{
	const char *names[MAX_ARGUMENTS];
	int count = split_names(row->arguments, ";", names);

	for (int i = 0; i < count; i++)
		if (jv_get(arguments, names[i]) == NULL && jv_get(arguments, psprintf("%s.$", names[i])) == NULL)
			compile_warning(compile, SCHEMA_VALIDATION_FAILED, NULL, NULL, "The field '%s' is required but was missing",
							names[i]);
}

/* The service would not hear of it. */
static void
warn_of_unknown(CompileContext *compile, const ServiceRow *row, const JsonVal *arguments)
{
	const char *names[MAX_ARGUMENTS];
	int count = split_names(row->arguments, "", names);

	for (int i = 0; i < arguments->count; i++)
	{
		char *given = pstrdup(arguments->u.members[i].key);
		size_t length = strlen(given);
		const char *nearest;

		if (length > 2 && strcmp(given + length - 2, ".$") == 0)
			given[length - 2] = '\0';
		if (name_is_among(given, names, count))
			continue;
		nearest = nearest_name(given, names, count);
		compile_warning(compile, SCHEMA_VALIDATION_FAILED, NULL,
						nearest == NULL ? NULL : psprintf("Did you mean '%s'?", nearest),
						"The field '%s' means nothing to this service", given);
	}
}

/* Only warnings: a value may come from an object that is computed as a whole. */
static void
warn_of_arguments(CompileContext *compile, const ServiceRow *row, const JsonVal *definition)
{
	const char *field = compile_language(compile) == QUERY_JSONATA ? "Arguments" : "Parameters";
	const JsonVal *arguments = field_typed(definition, field, JV_OBJECT);
	Place here;

	if (arguments == NULL || row == NULL)
		return;
	place_enter(compile, &here, field);
	warn_of_missing(compile, row, arguments);
	if (strchr(row->arguments, ';') != NULL)
		warn_of_unknown(compile, row, arguments);
	place_leave(compile);
}

/* A service takes what it reads or writes from its arguments, if it needs any. */
static void
require_arguments(CompileContext *compile, const JsonVal *object, const char *text, const ServiceRow *row)
{
	const char *name = compile_language(compile) == QUERY_JSONATA ? "Arguments" : "Parameters";

	if (strncmp(text, "arn:", 4) == 0 && (row == NULL || *row->arguments != '\0') && jv_get(object, name) == NULL)
		compile_error(compile, NULL, "These fields are required: [%s]", name);
}

void
resource_check_for_map(CompileContext *compile, const JsonVal *object, int use)
{
	const char *text = field_string(compile, object, "Resource");
	const ServiceRow *row;
	const char *nearest;

	if (text == NULL)
		return;
	row = service_find_for_map(text, use);
	if (row != NULL || has_placeholder(text))
	{
		require_arguments(compile, object, text, row);
		warn_of_arguments(compile, row, object);
		return;
	}
	nearest = nearest_resource(without_partition(text), use);
	report_unrecognized(compile, text, nearest == NULL ? NULL : psprintf("Did you mean 'arn:aws:%s'?", nearest));
}

void
resource_check_arguments(CompileContext *compile, const AslResource *resource, const JsonVal *definition)
{
	warn_of_arguments(compile, resource->row, definition);
}
