/*
 * dataflow.h
 *	  What a state makes of its input and of its result.
 */
#ifndef SFN_ENGINE_DATAFLOW_H
#define SFN_ENGINE_DATAFLOW_H

#include "engine/step.h"

/* Fills step->scope.input (after InputPath) and step->input (after Parameters or Arguments too). */
extern bool dataflow_input(StepContext *step);
/* Only the first of the two. */
extern bool dataflow_select_input(StepContext *step);

/*
 * From step->result: the state's output, and what it assigns (*assigned is NULL
 * when nothing).  False: step->error says why.
 */
extern bool dataflow_output(StepContext *step, const JsonVal **output, const JsonVal **assigned);

/* The same for an error that is caught: {"Error", "Cause"} as the catcher places it. */
extern bool dataflow_caught(StepContext *step, const Catcher *catcher, const JsonVal *error_output,
							const JsonVal **output, const JsonVal **assigned);

/* May it be the input or output of a state? */
extern bool dataflow_fits(const StepContext *step, const JsonVal *value);

#endif /* SFN_ENGINE_DATAFLOW_H */
