/*
 * test_execution.h
 *	  The execution of a test: who it is said to be, and what surrounds it.
 */
#ifndef SFN_TESTING_TEST_EXECUTION_H
#define SFN_TESTING_TEST_EXECUTION_H

#include "engine/execution.h"

typedef struct TestSetting
{
	const char *region;
	const char *account;
	const char *execution_name;
	const char *role_arn;
	TimestampTz now; /* when it starts */
	int64 max_payload_bytes;
	double (*random)(EngineEnv *env);
	Budget budget; /* of each transition */
} TestSetting;

/* A running execution of that machine, and what of env the setting says; the rest is the caller's. */
extern void test_execution_begin(Execution *x, EngineEnv *env, const TestSetting *setting, const AslMachine *machine,
								 const char *machine_name, const JsonVal *input);

#endif /* SFN_TESTING_TEST_EXECUTION_H */
