/*
 * compile.h
 *	  asl_compile(): definition text -> machine, or diagnostics.
 */
#ifndef SFN_ASL_COMPILE_H
#define SFN_ASL_COMPILE_H

#include "asl/diagnostics.h"
#include "asl/state_type.h"

/*
 * Compiles.  NULL when any diagnostic is an error; warnings leave a machine.
 * All problems found are in *diagnostics.  Expressions are parsed here, once.
 */
extern AslMachine *asl_compile(const char *definition, int length, bool is_express, const StateType *const *types,
							   int type_count, DiagnosticList *diagnostics);

#endif /* SFN_ASL_COMPILE_H */
