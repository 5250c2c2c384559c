/*
 * start.h
 *	  Starting executions: one, one without a subtransaction, many.
 */
#ifndef SFN_ACTIONS_START_H
#define SFN_ACTIONS_START_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "actions/errors.h"
#include "base/error.h"
#include "store/machines.h"

typedef struct StartedExecution
{
	int64 id;
	char *name; /* as it is stored */
	char *arn;
	TimestampTz start_date;
	bool was_there; /* the same start made it before */
} StartedExecution;

/*
 * Starts an execution of a machine that the starter may start; recorded as who started it.  name NULL: a UUID.  The same
 * name again is the same execution while that runs with the same input, else an error.
 */
extern SFN_MUST_CHECK bool execution_start(ActionCall *call, const MachineRow *machine, Oid starter, const char *input,
										   int input_length, const char *name, const char *trace_header,
										   StartedExecution *started);

/*
 * The same for the machine of that ARN when it can neither fail nor run what others have added to the tables, so that it
 * needs no subtransaction; has_parent: tasks wait for its end.  False: it is not such a start, and nothing has been done.
 */
extern SFN_MUST_CHECK bool execution_start_plain(Oid starter, const char *machine_arn, const char *input,
												 bool has_parent, StartedExecution *started);

/*
 * What that looks at: the machine, or NULL, within a scope of the store; the input, is_json: it is known to be well-formed.
 * With both, rows of this transaction do as a start.
 */
extern const MachineRow *execution_plain_machine(Oid starter, const char *machine_arn);
extern bool execution_input_is_plain(const char *input, bool is_json);

/* May machines of the role call it?  False: *error names its owner and what to do. */
extern bool machine_is_trusted(const MachineRow *machine, Oid role, SfnError *error);

/* Many executions of one machine: checked like single ones, stored in batches. */
typedef struct ExecutionStarter
{
	ActionCall *call;
	const MachineRow *machine;
	int64 count;  /* that were to be added */
	int64 failed; /* 0, or which of them, from 1, was refused first: the error is its */
	struct ExecutionBatch *batch;
} ExecutionStarter;

extern SFN_MUST_CHECK bool starter_begin(ExecutionStarter *starter, ActionCall *call, const MachineRow *machine,
										 Oid who);
/* Adds one; returns its ARN, or NULL when it, or one before it, cannot be started.  name NULL: a UUID. */
extern SFN_MUST_CHECK char *starter_add(ExecutionStarter *starter, const char *name, const char *input,
										int input_length);
extern SFN_MUST_CHECK bool starter_end(ExecutionStarter *starter);

/* "name:uuid", as the ARNs of EXPRESS executions end, of one that leaves no row; name NULL: another UUID. */
extern char *express_name(const char *name);

#endif /* SFN_ACTIONS_START_H */
