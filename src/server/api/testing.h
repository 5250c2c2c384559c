/*
 * testing.h
 *	  TestState: what the SQL function and sfn.api() share.
 */
#ifndef SFN_API_TESTING_H
#define SFN_API_TESTING_H

#include "postgres.h"

#include "actions/errors.h"
#include "engine/engine.h"
#include "testing/test_state.h"
#include "json/json_value.h"

/* A request for one state as its callers give it; NULL: not given. */
typedef struct TestArguments
{
	const char *definition;
	const char *input;
	const char *state_name;
	const char *role_arn;
	const char *inspection_level;
	const char *variables;
	const char *context;
	const JsonVal *mock;
	const JsonVal *configuration;
	bool reveals_secrets;
} TestArguments;

extern SFN_MUST_CHECK bool test_run(ActionCall *call, const TestArguments *arguments, TestStateAnswer *answer);

/* Its random numbers. */
extern TestSetting test_setting(const char *role);

#endif /* SFN_API_TESTING_H */
