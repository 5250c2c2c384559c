/*
 * sync_executions.c
 *	  AWS's action for synchronous executions.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "actions/executions.h"
#include "actions/sync_machines.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "api/sync_executions.h"
#include "aws/arn.h"

/* What AWS would bill: a tenth of a second, 64 MB, and multiples of them. */
static const JsonVal *
billing_details(const ExpressRun *run)
{
	int64 duration = (run->stop_time - run->start_time + 99999) / 100000;
	Size allocated = MemoryContextMemAllocated(CurrentMemoryContext, true);
	JvObjectBuilder details;

	jv_object_begin(&details);
	jv_object_add(&details, "billedMemoryUsedInMB", jv_int(64 * (1 + (int64) (allocated / (64 * 1024 * 1024)))));
	jv_object_add(&details, "billedDurationInMilliseconds", jv_int(100 * Max(duration, 1)));
	return jv_object_end(&details);
}

/* Finds the machine, and what is to be run of it. */
static SFN_MUST_CHECK bool
prepare_run(ActionCall *call, const JsonVal *request, ExpressRun *run)
{
	const char *text = request_string(request, "stateMachineArn");
	NamedMachine machine;
	MachineRow *row = NULL;

	if ((!arn_looks_like(text) || !sync_machine_known(text, call->scope.caller, &machine)) &&
		!sync_machine_find(call, text, &machine, &row))
		return false;
	return sync_run_begin(call, &machine, row, run);
}

/* The run leaves the store's scope: tasks run for the caller. */
static const JsonVal *
start_sync_execution(ActionCall *call, const JsonVal *request)
{
	bool includes_data;
	const char *input = request_string(request, "input");
	ExpressRun run = {.input_text = input != NULL ? input : "{}",
					  .name = request_string(request, "name"),
					  .is_described = true};
	StoreScope scope = call->scope;
	const JsonVal *billing;
	JvObjectBuilder answer;

	if (!request_wants_data(call, request, &includes_data) || !prepare_run(call, request, &run))
		return NULL;
	store_leave(&scope);
	express_run(&run);
	store_enter(&scope);

	billing = billing_details(&run);
	jv_object_begin(&answer);
	answer_text(&answer, "executionArn", run.arn);
	answer_text(&answer, "stateMachineArn", run.cached->arn);
	answer_text(&answer, "name", run.name);
	answer_moment(&answer, "startDate", run.start_time);
	answer_moment(&answer, "stopDate", run.stop_time);
	answer_text(&answer, "status", execution_status_name(run.status));
	answer_text(&answer, "error", run.error);
	answer_text(&answer, "cause", run.cause);
	answer_data(&answer, "input", run.input_text, includes_data);
	if (run.output != NULL)
		answer_data(&answer, "output", jv_to_text(run.output), includes_data);
	else
		answer_data_details(&answer, "output", includes_data);
	answer_text(&answer, "traceHeader", request_string(request, "traceHeader"));
	jv_object_add(&answer, "billingDetails", billing);
	return jv_object_end(&answer);
}

/* ---- the rows ---- */

const AwsAction aws_sync_execution_actions[] = {
	{"StartSyncExecution", "stateMachineArn:s! name:s input:s traceHeader:s includedData:s", start_sync_execution},
	{NULL},
};
