/*
 * definition_advice.h
 *	  What a definition names that this database does not have: warnings, where AWS has none.
 */
#ifndef SFN_API_DEFINITION_ADVICE_H
#define SFN_API_DEFINITION_ADVICE_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "asl/diagnostics.h"
#include "asl/machine.h"

/*
 * All that is wrong with a definition, as definition_check(), and warnings about SQL functions, registered functions
 * and activities that a state machine of this role would not find now, and about what it names but may not use.
 */
extern void definition_check_with_advice(const char *definition, bool is_express, Oid role, DiagnosticList *problems);

/* Raises each warning about the definition as a WARNING to the client. */
extern void definition_raise_warnings(const char *definition, bool is_express, Oid role);

/* The state that a JSON pointer leads to; location gets the same place as AWS writes it. */
extern const JsonVal *definition_state_at(const JsonVal *definition, const char *pointer, StringInfo location);

/* Is the text an expression of the state's query language? */
extern bool state_computes(const AslState *state, const JsonVal *value);

#endif /* SFN_API_DEFINITION_ADVICE_H */
