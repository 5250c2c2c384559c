/*
 * session_mocks.h
 *	  Mocks of a session's own turns: sfn.test_mocks.
 */
#ifndef SFN_RUNTIME_SESSION_MOCKS_H
#define SFN_RUNTIME_SESSION_MOCKS_H

#include "postgres.h"

#include "asl/machine.h"
#include "testing/mocks.h"

/* The next answer of the mock for the machine's task: of its state, else of its resource.  NULL: the task itself is to be done. */
extern const JsonVal *session_mock(const AslMachine *machine, const TaskState *task);

#endif /* SFN_RUNTIME_SESSION_MOCKS_H */
