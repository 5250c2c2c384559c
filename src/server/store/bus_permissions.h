/*
 * bus_permissions.h
 *	  Who may put events on a bus by the policy that AWS's PutPermission makes, in the table.
 *
 * All run between store_enter() and store_leave(); results are in the context current at the call.
 */
#ifndef SFN_STORE_BUS_PERMISSIONS_H
#define SFN_STORE_BUS_PERMISSIONS_H

#include "postgres.h"

/* One principal of one statement. */
typedef struct BusPermission
{
	int position;       /* of the statement in the policy */
	char *statement_id; /* NULL: it has none */
	char *principal;    /* "*" or an ARN, as the policy names it */
	Oid grantee;        /* InvalidOid: every role */
} BusPermission;

/* Until the transaction ends nobody else changes the permissions of the bus. */
extern void bus_permissions_lock(int64 bus_id);
/* By statements and principals; how many. */
extern int bus_permissions(int64 bus_id, BusPermission **permissions);
extern void bus_permission_insert(int64 bus_id, const BusPermission *permission);
/* Those of one statement, or all where it is NULL; how many. */
extern int64 bus_permissions_delete(int64 bus_id, const char *statement_id);

#endif /* SFN_STORE_BUS_PERMISSIONS_H */
