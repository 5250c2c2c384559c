/*
 * transition_budget.h
 *	  What a transition may use in the server, by the settings.
 */
#ifndef SFN_RUNTIME_TRANSITION_BUDGET_H
#define SFN_RUNTIME_TRANSITION_BUDGET_H

#include "postgres.h"

#include "base/budget.h"

/* In a session: memory and time; a cancel of the statement is an error, as anywhere. */
extern Budget transition_budget_of_session(void);

/*
 * In a worker's turn: a stop takes the transition back, and so does, if the turn
 * is shared, work of more than share_ms.
 */
extern Budget transition_budget_of_turn(bool is_shared, int share_ms);

#endif /* SFN_RUNTIME_TRANSITION_BUDGET_H */
