/*
 * execution_events.c
 *	  Events that tell how executions stand.
 */
#include "postgres.h"

#include "actions/execution_events.h"
#include "events/execution_event.h"
#include "settings/arns.h"
#include "settings/guc.h"

const JsonVal *
execution_event_of(ActionCall *call, const char *arn)
{
	ExecutionDescription execution;
	ExecutionEventFacts facts;

	if (!execution_describe(call, arn, &execution))
		return NULL;
	facts = (ExecutionEventFacts){
		.region = sfn_region,
		.account = sfn_account_id,
		.execution_arn = execution.arn,
		.machine_arn = machine_arn(execution.machine->name),
		.version_arn = execution.version_arn,
		.alias_arn = execution.alias_arn,
		.name = execution.name,
		.status = execution.status,
		.execution_id = execution.row->id,
		.start_date = execution.row->start_date,
		.stop_date = execution.row->stop_date,
		.redrive_date = execution.row->redrive_date,
		.redrive_count = execution.row->redrive_count,
		.redrive_status = execution.redrive_status,
		.redrive_status_reason = execution.redrive_status_reason,
		.input = execution.row->input,
		.output = execution.row->output,
		.shows_data = execution.reads_data,
		.error = execution.error,
		.cause = execution.cause,
	};
	return execution_event(&facts);
}
