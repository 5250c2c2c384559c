/*
 * links.c
 *	  Links: whoever has the URL may do the one thing that it is for, as the role that made it.
 *
 * The secret in the URL is as good as a key for this one thing, so only its digest is
 * kept.  That the role may do it is asked when it is made, for the sake of whoever
 * makes it, and again, which counts, when it is used.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

#include "actions/access_keys.h"
#include "actions/links.h"
#include "actions/resources.h"
#include "actions/versions.h"
#include "aws/url_encoding.h"
#include "base/hashes.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/task_token.h"
#include "store/tasks.h"

#define ID_BYTES 8
#define SECRET_BYTES 24
#define MAX_DESCRIPTION 4096

static char *
random_hex(int bytes)
{
	uint8 *random = palloc(bytes);

	if (!pg_strong_random(random, bytes))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	return bytes_to_hex(random, bytes);
}

/* ---- targets, by kind ---- */

static SFN_MUST_CHECK bool
check_task(ActionCall *call, Link *row)
{
	if (!task_token_is_genuine(task_token_key(), row->target))
		return action_fail(call, API_INVALID_TASK_TOKEN);
	if (row->uses_left == ANY_NUMBER_OF_USES)
		row->uses_left = 1;
	return true;
}

/* The machine that is named becomes its ARN. */
static SFN_MUST_CHECK bool
check_machine(ActionCall *call, Link *row, MachinePrivilege privilege)
{
	const char *name;
	const char *qualifier;

	if (action_qualified_machine(call, call->scope.caller, row->target, privilege) == NULL ||
		!action_machine_reference(call, row->target, &name, &qualifier))
		return false;
	row->target = machine_arn(name);
	if (qualifier != NULL)
		row->target = psprintf("%s:%s", row->target, qualifier);
	return true;
}

static SFN_MUST_CHECK bool
check_start(ActionCall *call, Link *row)
{
	return check_machine(call, row, MACHINE_START);
}

static SFN_MUST_CHECK bool
check_graph(ActionCall *call, Link *row)
{
	ExecutionRow *execution;
	Arn arn;
	char *problem;

	if (row->uses_left != ANY_NUMBER_OF_USES)
		return action_invalid(call, "a link to a drawing does nothing, so it has no number of uses");
	if (!arn_parse(row->target, &arn, &problem) || (arn.type != ARN_EXECUTION && arn.type != ARN_EXPRESS_EXECUTION))
		return check_machine(call, row, MACHINE_SEE);
	execution = action_execution(call, row->target, MACHINE_SEE, true, NULL);
	return execution != NULL;
}

static const struct
{
	const char *name;
	bool (*check)(ActionCall *call, Link *row);
} kinds[] = {
	{"approve", check_task},
	{"start", check_start},
	{"graph", check_graph},
};

static SFN_MUST_CHECK bool
check_target(ActionCall *call, Link *row)
{
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].name, row->kind) == 0)
			return kinds[i].check(call, row);
	}
	return action_invalid(call, "kind must be approve, start or graph");
}

/* ---- making and dropping ---- */

bool
link_create(ActionCall *call, Link *row, char **secret)
{
	row->role = call->scope.caller;
	if (!gateway_role_check(call, row->role))
		return false;
	if (row->uses_left != ANY_NUMBER_OF_USES && row->uses_left < 1)
		return action_invalid(call, "uses must be at least 1");
	if (row->expiration != 0 && row->expiration <= sfn_now())
		return action_invalid(call, "expires must be a time to come");
	if (row->description != NULL && strlen(row->description) > MAX_DESCRIPTION)
		return action_invalid(call, "description must have at most 4096 bytes");
	if (!check_target(call, row))
		return false;
	row->id = random_hex(ID_BYTES);
	*secret = random_hex(SECRET_BYTES);
	row->secret_hash = hash_hex("SHA-256", *secret, (int) strlen(*secret));
	link_insert(row, sfn_now());
	return true;
}

bool
link_drop(ActionCall *call, const char *id)
{
	Oid role;

	if (link_delete(id, call->scope.caller))
		return true;
	role = link_role(id);
	if (OidIsValid(role) && GetUserNameFromId(role, true) != NULL)
		return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE, "The link is that role's.",
									   GetUserNameFromId(role, false));
	return action_fail(call, API_LINK_DOES_NOT_EXIST, id);
}

/* ---- using ---- */

Link *
link_by_secret(const char *id, const char *secret, bool is_locked)
{
	return link_find(id, hash_hex("SHA-256", secret, (int) strlen(secret)), is_locked);
}

const char *
link_status(const Link *row)
{
	TaskOfToken task;

	if (row->expiration != 0 && row->expiration <= sfn_now())
		return "expired";
	if (row->uses_left == 0)
		return "used";
	if (strcmp(row->kind, "approve") == 0 && !task_of_token(row->target, &task))
		return "over";
	return "open";
}

bool
link_use(ActionCall *call, const Link *row)
{
	const char *status = link_status(row);

	if (strcmp(status, "open") != 0)
		return action_fail(call, API_LINK_IS_OVER, status);
	link_count_use(row->id);
	return gateway_role_check(call, row->role);
}

char *
link_base(void)
{
	if (sfn_gateway_url[0] != '\0')
		return pnstrdup(sfn_gateway_url,
						strlen(sfn_gateway_url) - (sfn_gateway_url[strlen(sfn_gateway_url) - 1] == '/'));
	if (sfn_gateway[0] == '\0' || strcmp(sfn_gateway, "off") == 0)
		return NULL;
	return psprintf("%s://%s", sfn_gateway_tls_cert[0] != '\0' ? "https" : "http",
					pnstrdup(sfn_gateway, strcspn(sfn_gateway, ",")));
}

char *
link_to_page(const char *arn)
{
	char *base = link_base();

	if (base == NULL || strstr(arn, ":express:") != NULL)
		return NULL;
	return psprintf("%s/ui/#/execution/%s", base, url_encode(arn, false));
}
