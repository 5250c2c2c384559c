/*
 * choice_rule.h
 *	  The comparisons of a JSONPath Choice.
 */
#ifndef SFN_ASL_CHOICE_RULE_H
#define SFN_ASL_CHOICE_RULE_H

#include "asl/machine.h"

/*
 * Evaluates: *matches.  False with States.Runtime when a Variable or ...Path selects nothing: cause "Invalid path
 * '$.a': The choice state's condition path references an invalid value." (IsPresent never fails).
 */
extern bool choice_rule_eval(const ChoiceRule *rule, const EvalScope *scope, bool *matches, SfnError *error);

/* The rule as a short text for graphs: "$.a > 5 and ...". */
extern char *choice_rule_summary(const ChoiceRule *rule);

#endif /* SFN_ASL_CHOICE_RULE_H */
