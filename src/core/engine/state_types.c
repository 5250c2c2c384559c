/*
 * state_types.c
 *	  The table of the eight state types.
 */
#include "base/port.h"

#include "engine/engine.h"
#include "engine/step.h"

const StateType *const state_types[] = {
	&state_type_choice, &state_type_fail,    &state_type_map,  &state_type_parallel,
	&state_type_pass,   &state_type_succeed, &state_type_task, &state_type_wait,
};

const int state_type_count = lengthof(state_types);
