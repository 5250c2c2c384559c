/*
 * The privileges on a state machine: PRIVILEGE(symbol, name, what it includes beside itself, what it is for).
 *
 * Members of the machine's role have all of them, and are the only ones to grant and to change the role.
 * docs/reference/privileges.md has a column for each.
 */

PRIVILEGE(START, "start", 0, "start executions; who has started one sees and stops it")
PRIVILEGE(SEE, "see", 0, "definition, executions, histories, timers, tasks, logs, without what flows through them")
PRIVILEGE(READ_DATA, "read_data", PRIVILEGE_BIT(SEE), "inputs, outputs, parameters and variables of executions")
PRIVILEGE(STOP, "stop", PRIVILEGE_BIT(SEE), "stop executions")
PRIVILEGE(REDRIVE, "redrive", PRIVILEGE_BIT(SEE), "redrive executions")
PRIVILEGE(ANSWER, "answer", PRIVILEGE_BIT(SEE), "task tokens, and with them answering tasks")
PRIVILEGE(UPDATE, "update", PRIVILEGE_BIT(SEE),
		  "definition, settings, versions, aliases, tags; what a definition says is done as the role of the machine")
PRIVILEGE(MANAGE, "manage", ~(PrivilegeSet) 0,
		  "all the others, deletion, retention, limits of map runs, release from quarantine")
