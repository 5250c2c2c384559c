/*
 * turn_order.c
 *	  Which of the executions that a turn has claimed comes next.
 *
 * The role that has used least comes next, of its machines the one that has used least, of that one's executions the one
 * that has waited longest.  What is used in the turn counts at once, so a turn goes round; what was used before counts as
 * far as it has not faded (shares.c).  A machine of half the priority is charged twice, so it gets half as much of its
 * role's share; among roles priorities do not count.
 */
#include "postgres.h"

#include "runtime/machine_cache.h"
#include "runtime/turn_order.h"
#include "shared/in_hand.h"
#include "shared/shares.h"
#include "store/machine_setting_list.h"

typedef struct RoleShare
{
	Oid role;
	int64 used; /* microseconds, lately and in this turn */
} RoleShare;

typedef struct MachineShare
{
	RoleShare *role;
	int64 machine;
	int priority;
	int64 used;    /* the same as of a role, but weighed */
	int64 charged; /* in this turn, not weighed */
	int next;      /* its oldest execution that is left; -1: none */
	int last;
} MachineShare;

struct TurnOrder
{
	ClaimedExecution *claimed;
	int left;
	TurnMode mode;
	int *following; /* by the execution's index: the next one of the same machine; -1: none */
	RoleShare *roles;
	int role_count;
	MachineShare *machines;
	int machine_count;
	MachineShare *current;
};

static void order_add(TurnOrder *order, int index);
static MachineShare *order_machine(TurnOrder *order, const ClaimedExecution *claimed);
static RoleShare *order_role(TurnOrder *order, Oid role);
static void read_share(const ClaimedExecution *claimed, Oid *role, int *priority);
static int64 weighed(const MachineShare *machine, int64 microseconds);

TurnOrder *
turn_order_begin(ClaimedExecution *claimed, int count, TurnMode mode)
{
	TurnOrder *order = palloc0(sizeof(TurnOrder));

	order->claimed = claimed;
	order->left = count;
	order->mode = mode;
	order->following = palloc(sizeof(int) * (count + 1));
	order->roles = palloc(sizeof(RoleShare) * (count + 1));
	order->machines = palloc(sizeof(MachineShare) * (count + 1));
	for (int i = 0; i < count; i++)
		order_add(order, i);
	if (order->machine_count > 1)
	{
		for (int i = 0; i < order->role_count; i++)
			order->roles[i].used = share_used(SHARE_OF_TURNS, order->roles[i].role, 0);
		for (int i = 0; i < order->machine_count; i++)
			order->machines[i].used =
				share_used(SHARE_OF_TURNS, order->machines[i].role->role, order->machines[i].machine);
	}
	return order;
}

static void
order_add(TurnOrder *order, int index)
{
	MachineShare *machine = order_machine(order, &order->claimed[index]);

	order->following[index] = -1;
	if (machine->next < 0)
		machine->next = index;
	else
		order->following[machine->last] = index;
	machine->last = index;
}

/* A session takes everything in the order of its due time, so that tests are exact: all belong together. */
static MachineShare *
order_machine(TurnOrder *order, const ClaimedExecution *claimed)
{
	bool is_fair = order->mode != TURN_SESSION;
	int64 id = is_fair ? claimed->state_machine_id : 0;
	Oid role = InvalidOid;
	int priority = DEFAULT_PRIORITY;
	MachineShare *machine;

	for (int i = 0; i < order->machine_count; i++)
		if (order->machines[i].machine == id)
			return &order->machines[i];
	if (is_fair)
		read_share(claimed, &role, &priority);
	machine = &order->machines[order->machine_count++];
	*machine =
		(MachineShare){.role = order_role(order, role), .machine = id, .priority = priority, .next = -1, .last = -1};
	return machine;
}

static RoleShare *
order_role(TurnOrder *order, Oid role)
{
	RoleShare *share;

	for (int i = 0; i < order->role_count; i++)
		if (order->roles[i].role == role)
			return &order->roles[i];
	share = &order->roles[order->role_count++];
	*share = (RoleShare){.role = role};
	return share;
}

/* Reading that is work for the execution already: should it fail, it is in hand. */
static void
read_share(const ClaimedExecution *claimed, Oid *role, int *priority)
{
	worker_set_execution(claimed->id);
	machine_cache_share(claimed->revision_id, role, priority);
	worker_set_execution(0);
}

static int64
weighed(const MachineShare *machine, int64 microseconds)
{
	return Max(microseconds * DEFAULT_PRIORITY / machine->priority, 1);
}

static bool
is_before(const MachineShare *a, const MachineShare *b)
{
	if (a->role != b->role && a->role->used != b->role->used)
		return a->role->used < b->role->used;
	return a->used != b->used ? a->used < b->used : a->next < b->next;
}

ClaimedExecution *
turn_order_next(TurnOrder *order)
{
	MachineShare *best = NULL;
	int index;

	for (int i = 0; i < order->machine_count; i++)
	{
		MachineShare *machine = &order->machines[i];

		if (machine->next >= 0 && (best == NULL || is_before(machine, best)))
			best = machine;
	}
	if (best == NULL)
		return NULL;
	index = best->next;
	best->next = order->following[index];
	order->left--;
	order->current = best;
	return &order->claimed[index];
}

bool
turn_order_has_more(const TurnOrder *order)
{
	return order->left > 0;
}

bool
turn_order_wants_news(const TurnOrder *order)
{
	const MachineShare *current = order->current;

	for (int i = 0; i < order->machine_count; i++)
	{
		const MachineShare *other = &order->machines[i];

		if (other->role == current->role && other->priority > current->priority && other->next < 0 &&
			other->used < current->used)
			return true;
	}
	return false;
}

void
turn_order_charge(TurnOrder *order, int64 microseconds)
{
	microseconds = Max(microseconds, 1); /* a clock that stands still must not stop the round */
	order->current->used += weighed(order->current, microseconds);
	order->current->charged += microseconds;
	order->current->role->used += microseconds;
}

/* More is due than the turn did: whose most of it is, and whether there was light work beside that. */
static void
note_crowd(const TurnOrder *order)
{
	const MachineShare *most = NULL;
	Crowd crowd;

	for (int i = 0; i < order->machine_count; i++)
	{
		const MachineShare *machine = &order->machines[i];

		if (machine->charged > 0 && (most == NULL || is_before(most, machine)))
			most = machine;
	}
	if (most == NULL || !OidIsValid(most->role->role))
		return;
	crowd = (Crowd){.role = most->role->role, .machine = most->machine};
	if (!crowd_note(&crowd))
		return;
	for (int i = 0; i < order->machine_count; i++)
	{
		const MachineShare *machine = &order->machines[i];

		if (machine->charged > 0 && is_light_beside(&crowd, machine->role->role))
		{
			crowd_note_light();
			return;
		}
	}
}

void
turn_order_end(TurnOrder *order, const TurnRequest *request, bool has_more)
{
	ShareKind kind = order->mode == TURN_ALONE ? SHARE_OF_PLACES : SHARE_OF_TURNS;

	for (int i = 0; i < order->machine_count; i++)
	{
		const MachineShare *machine = &order->machines[i];

		if (machine->charged > 0 && OidIsValid(machine->role->role))
			share_add(kind, machine->role->role, machine->machine, machine->charged,
					  weighed(machine, machine->charged));
	}
	if (request->passes_crowd && order->machine_count > 0)
		crowd_note_light();
	else if (order->mode == TURN_SHARED && has_more)
		note_crowd(order);
}
