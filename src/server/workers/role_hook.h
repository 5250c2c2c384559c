/*
 * role_hook.h
 *	  What DROP ROLE, REASSIGN OWNED and DROP OWNED mean for what the extension keeps in this database.
 */
#ifndef SFN_WORKERS_ROLE_HOOK_H
#define SFN_WORKERS_ROLE_HOOK_H

#include "postgres.h"

#include "nodes/nodes.h"

/* Before the server does it: names what keeps a role from being dropped. */
extern void role_hook_before(const Node *statement);

/* After the server has checked and done it: hands over or deletes ours. */
extern void role_hook_after(const Node *statement);

#endif /* SFN_WORKERS_ROLE_HOOK_H */
