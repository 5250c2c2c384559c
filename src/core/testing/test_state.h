/*
 * test_state.h
 *	  TestState: one state, run by itself.
 *
 * Nothing is stored and no clock is waited for.  Tasks are answered by the mock or
 * by the caller's run_task.
 */
#ifndef SFN_TESTING_TEST_STATE_H
#define SFN_TESTING_TEST_STATE_H

#include "asl/diagnostics.h"
#include "testing/test_execution.h"

typedef struct TestStateRequest TestStateRequest;

struct TestStateRequest
{
	const char *definition; /* of a state; or of a machine, when state_name is given */
	const char *state_name;
	const JsonVal *input;
	const JsonVal *variables; /* an object, or NULL */
	const JsonVal *context;   /* an object, or NULL */

	bool has_mock;
	const char *mock_result; /* JSON text, or NULL */
	bool has_mock_error;
	const char *mock_error;
	const char *mock_cause;
	bool reveals_secrets;

	bool inspects; /* DEBUG, TRACE */
	int64 retrier_retry_count;
	bool has_failure_count;
	int64 map_iteration_failure_count;
	const JsonVal *item_reader_data; /* mapItemReaderData, or NULL */

	TestSetting setting;

	/* Is the mocked result one that the resource may give?  False: *problem says why not.  NULL: it is not asked for. */
	bool (*check_result)(const AslResource *resource, bool is_strict, const JsonVal *result, const char **problem);
	bool is_strict; /* fieldValidationMode */

	/* Does a task that has no mock; false: it cannot be done without one.  NULL: none can. */
	bool (*run_task)(const TestStateRequest *request, const Effect *effect, Event *answer);
	void *owner;
};

typedef struct TestStateAnswer
{
	const char *status; /* SUCCEEDED, FAILED, RETRIABLE, CAUGHT_ERROR */
	const JsonVal *output;
	const char *error;
	const char *cause;
	const char *next_state;
	const JsonVal *inspection; /* inspectionData, or NULL */
} TestStateAnswer;

/* Why a request cannot be answered. */
typedef struct TestStateRefusal
{
	const char *code;    /* "InvalidDefinition", "ValidationException" */
	const char *message; /* AWS's; NULL: the diagnostics say */
	DiagnosticList diagnostics;
} TestStateRefusal;

extern bool test_state_run(const TestStateRequest *request, TestStateAnswer *answer, TestStateRefusal *refusal);

/* ---- whole machines ---- */

typedef struct TestMachineRequest
{
	const AslMachine *machine;
	const JsonVal *input;
	const JsonVal *mocks; /* an object: a state's name or a resource -> answer, or answers */
	TestSetting setting;
	int64 max_history_events; /* 0: as on AWS */
	int32 max_map_concurrency;
} TestMachineRequest;

/*
 * Runs a machine to its end in memory, on a clock of its own that jumps to the
 * next event.  {"status", "output" or "error" and "cause", "history": [...]}; NULL when a
 * state has no mock or a mock is malformed: *problem then says which.  *stray: what to
 * say of a mock that is for nothing in the machine, or NULL.
 */
extern const JsonVal *test_machine_run(const TestMachineRequest *request, char **problem, char **stray);

#endif /* SFN_TESTING_TEST_STATE_H */
