/*
 * services.c
 *	  The table of services, and the one way into them.
 */
#include "postgres.h"

#include "base/error.h"
#include "services/service.h"

typedef struct ServiceEntry
{
	ResourceKind kind;
	const char *service; /* NULL: any */
	const char *action;  /* without pattern; NULL: any */
	ServiceOutcome (*run)(const ServiceCall *call, Event *answer);
} ServiceEntry;

static const ServiceEntry services[] = {
	{RESOURCE_SQL, NULL, NULL, service_run_sql_function},
	{RESOURCE_SERVICE, "sql", "call", service_run_sql_call},
	{RESOURCE_SERVICE, "sql", "query", service_run_sql_query},
	{RESOURCE_FUNCTION, NULL, NULL, service_run_function},
	{RESOURCE_SERVICE, "lambda", "invoke", service_run_lambda_invoke},
	{RESOURCE_ACTIVITY, NULL, NULL, service_run_activity},
	{RESOURCE_SERVICE, "states", "startExecution", service_run_start_execution},
	{RESOURCE_SERVICE, "http", "invoke", service_run_http_invoke},
	{RESOURCE_HTTP, NULL, NULL, service_run_http_post},
};

/* The action of a resource with or without ".sync", ".waitForTaskToken". */
static bool
is_action(const char *with_pattern, const char *action)
{
	size_t length = strcspn(with_pattern, ".");

	return strlen(action) == length && strncmp(with_pattern, action, length) == 0;
}

static bool
entry_matches(const ServiceEntry *entry, const AslResource *resource)
{
	return entry->kind == resource->kind &&
		(entry->service == NULL || strcmp(entry->service, resource->service) == 0) &&
		(entry->action == NULL || is_action(resource->action, entry->action));
}

ServiceOutcome
service_call(const ServiceCall *call, Event *answer)
{
	for (int i = 0; i < (int) lengthof(services); i++)
		if (entry_matches(&services[i], call->resource))
			return services[i].run(call, answer);
	return service_fail(answer, ERROR_TASK_FAILED,
						"The service of the resource \"%s\" is not available in this database.", call->resource->text);
}

ServiceOutcome
service_begin(const ServiceCall *call, TaskKind kind, TaskRowState state, Event *answer)
{
	if (call->task == NULL)
		return service_fail(answer, ERROR_TASK_FAILED, "The resource \"%s\" cannot be used by a synchronous execution.",
							call->resource->text);
	memset(answer, 0, sizeof(Event));
	call->task->kind = kind;
	call->task->state = state;
	if (call->task->parameters == NULL)
		call->task->parameters = jv_to_text(call->parameters);
	return SERVICE_BEGUN;
}

ServiceOutcome
service_succeed(Event *answer, const JsonVal *value)
{
	memset(answer, 0, sizeof(Event));
	answer->kind = EVENT_TASK_SUCCEEDED;
	answer->value = value;
	return SERVICE_ANSWERED;
}

ServiceOutcome
service_fail(Event *answer, const char *error, const char *cause_format, ...)
{
	char *cause;
	va_list args;

	va_start(args, cause_format);
	cause = sfn_format(cause_format, args);
	va_end(args);
	memset(answer, 0, sizeof(Event));
	answer->kind = EVENT_TASK_FAILED;
	answer->error = error;
	answer->cause = cause;
	return SERVICE_ANSWERED;
}
