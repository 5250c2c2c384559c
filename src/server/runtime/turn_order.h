/*
 * turn_order.h
 *	  Which of the executions that a turn has claimed comes next.
 */
#ifndef SFN_RUNTIME_TURN_ORDER_H
#define SFN_RUNTIME_TURN_ORDER_H

#include "postgres.h"

#include "store/claims.h"

typedef struct TurnOrder TurnOrder;

/* Of so many claimed executions, oldest first.  In a session's turn they stay in that order. */
extern TurnOrder *turn_order_begin(ClaimedExecution *claimed, int count, TurnMode mode);

/* The next one, whose work is charged from now on; NULL: there is none. */
extern ClaimedExecution *turn_order_next(TurnOrder *order);

/* Are there others to come? */
extern bool turn_order_has_more(const TurnOrder *order);


/*
 * Has the one that was given last had its machine's share, beside one of more priority that has run out of claimed ones?
 * That one may have more, which a backlog of this one stands before: a new turn looks for it.
 */
extern bool turn_order_wants_news(const TurnOrder *order);

/* The one that was given last has been worked on for so long. */
extern void turn_order_charge(TurnOrder *order, int64 microseconds);

/* Adds what was charged to what roles and machines have used, and tells of a crowd when more is due than was done. */
extern void turn_order_end(TurnOrder *order, const TurnRequest *request, bool has_more);

#endif /* SFN_RUNTIME_TURN_ORDER_H */
