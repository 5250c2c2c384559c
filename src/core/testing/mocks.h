/*
 * mocks.h
 *	  Answers that a test gives in place of the work of states.
 *
 * Mocks are an object whose members are named like a state or like a Task's
 * resource; the state's name wins.  A mock is {"result": value}, or
 * {"error": name, "cause": text}, either with "seconds": how long the work takes on
 * the test's clock; or an array of such answers, one for each call, of which the
 * last one stays.
 */
#ifndef SFN_TESTING_MOCKS_H
#define SFN_TESTING_MOCKS_H

#include "asl/machine.h"
#include "engine/event.h"

typedef struct Mocks Mocks;

/* From an object, which must outlive them (NULL: there are none).  NULL: *problem says what is malformed. */
extern Mocks *mocks_read(const JsonVal *value, char **problem);

/* The next answer of the mock of that name, or NULL. */
extern const JsonVal *mocks_answer(Mocks *mocks, const char *name);

/* A mock that nothing in the machine is named like, and the nearest name of what it could be of (or NULL); NULL: there is none. */
extern const char *mocks_stray(const Mocks *mocks, const AslMachine *machine, const char **nearest);

/* Of the mocks that nothing in the machine is named like, the one that may be meant for the task; or NULL. */
extern const char *mocks_meant_for(const Mocks *mocks, const AslMachine *machine, const TaskState *task);

/* An answer as what is told to a Task, and after how many microseconds. */
extern void mock_event(const JsonVal *answer, Event *event, int64 *delay);

#endif /* SFN_TESTING_MOCKS_H */
