/*
 * jsonata_field.h
 *	  JSONata expressions in definitions: "{% ... %}".
 */
#ifndef SFN_ASL_JSONATA_FIELD_H
#define SFN_ASL_JSONATA_FIELD_H

#include "asl/expression.h"
#include "jsonata/jsonata.h"

/* What every evaluation for a state machine may use; the server's settings set it. */
extern JsonataLimits jsonata_field_limits;

/* As expression_eval, for an expression of kind EXPRESSION_JSONATA. */
extern bool jsonata_field_eval(const Expression *expression, const EvalScope *scope, const JsonVal **result,
							   SfnError *error);

/* The function of the language whose name resembles this one, or NULL. */
extern const char *jsonata_field_nearest_function(const char *name);
/* As expression_is_volatile. */
extern bool jsonata_field_is_volatile(const Expression *expression);

#endif /* SFN_ASL_JSONATA_FIELD_H */
