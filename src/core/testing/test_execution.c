/*
 * test_execution.c
 *	  The execution of a test: who it is said to be, and what surrounds it.
 */
#include "base/port.h"

#include "aws/arn.h"
#include "testing/test_execution.h"

void
test_execution_begin(Execution *x, EngineEnv *env, const TestSetting *setting, const AslMachine *machine,
					 const char *machine_name, const JsonVal *input)
{
	env->random = setting->random;
	env->max_payload_bytes = setting->max_payload_bytes;
	env->region = setting->region;
	env->budget = setting->budget;

	execution_begin(x);
	x->machine = machine;
	x->machine_name = machine_name;
	x->machine_arn = arn_of_machine(setting->region, setting->account, machine_name);
	x->name = setting->execution_name;
	x->arn =
		arn_of_execution(setting->region, setting->account, machine->is_express, machine_name, setting->execution_name);
	x->role_arn = setting->role_arn;
	x->start_time = setting->now;
	x->input = input;
	x->status = EXECUTION_RUNNING;
}
