/*
 * notices.c
 *	  Notifications that targets of rules ask for, sent between turns.
 *
 * A commit with notifications holds a lock of the whole cluster while it is made
 * durable, so turns only leave rows; many of them go with one commit here.
 */
#include "postgres.h"

#include "actions/event_rule_cache.h"
#include "store/store.h"
#include "workers/executor_transaction.h"
#include "workers/notices.h"

#define NOTICES_PER_COMMIT 1000

static void
send_work(void *arg)
{
	StoreScope scope;

	store_enter(&scope);
	*(int *) arg = event_notices_send(NOTICES_PER_COMMIT);
	store_leave(&scope);
}

void
notices_step(void)
{
	int sent = NOTICES_PER_COMMIT;

	while (sent == NOTICES_PER_COMMIT && event_rules_may_notify())
	{
		sent = 0;
		if (executor_transaction(send_work, &sent) != NULL)
			return;
	}
}
