/*
 * testing.h
 *	  TestState, as sfn.api() has it.
 */
#ifndef SFN_API_TESTING_H
#define SFN_API_TESTING_H

#include "postgres.h"

#include "api/errors.h"
#include "json/json_value.h"

extern const JsonVal *aws_test_state(const ApiCall *call, const JsonVal *request);

#endif /* SFN_API_TESTING_H */
