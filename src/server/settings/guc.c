/*
 * guc.c
 *	  The settings of sfn, one row each, in alphabetical order.
 *
 * Only superusers may set them, for the server, a database or a session, since
 * others see what they change: ARNs, limits, the clock.  Exceptions are marked.
 */
#include "postgres.h"

#include <limits.h>

#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/varlena.h"

#include "asl/jsonata_field.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/http_egress.h"
#include "testing/mocks.h"

/* What a check hook hands to its assign hook belongs to the server, which frees it in its own way. */
#if PG_VERSION_NUM >= 160000
#define setting_malloc(size) guc_malloc(LOG, size)
#else
#define setting_malloc(size) malloc(size)
#endif

bool sfn_allow_bare_tokens = true;
bool sfn_direct_inserts = true;
bool sfn_dump_secrets = false;
bool sfn_enabled = true;
char *sfn_gateway;
int sfn_gateway_activity_wait = 55;
char *sfn_gateway_auth;
int sfn_gateway_connections = 4;
char *sfn_gateway_cors_origins;
char *sfn_gateway_databases;
char *sfn_gateway_hosts;
int sfn_gateway_max_body = 1024 * 1024 + 64 * 1024;
bool sfn_gateway_region_check = false;
char *sfn_gateway_role;
bool sfn_gateway_superusers = false;
int sfn_gateway_sync_connections = 16;
char *sfn_gateway_tls_cert;
char *sfn_gateway_tls_key;
char *sfn_gateway_trusted_proxies;
char *sfn_gateway_url;
char *sfn_region;
char *sfn_account_id;
int sfn_cancel_grace;
int sfn_ddl_grace;
int sfn_history_retention;
char *sfn_http_allowed_hosts;
char *sfn_http_ca_file;
int sfn_http_connect_timeout;
int sfn_http_max_requests;
int sfn_http_request_timeout;
int sfn_job_poll_rate;
int sfn_jsonata_max_depth;
int sfn_max_history_events;
int sfn_max_long_tasks;
int sfn_max_map_concurrency;
int sfn_max_payload_size;
int sfn_max_rules_per_role;
int sfn_max_transition_memory;
int sfn_max_transition_time;
int sfn_max_workers;
int sfn_poll_interval;
char *sfn_schedule_driver;
int sfn_shard_id;
char *sfn_task_search_path;
char *sfn_test_mocks;
int sfn_test_mocks_changes;
char *sfn_test_now;

static bool check_account_id(char **value, void **extra, GucSource source);
static bool check_url(char **value, void **extra, GucSource source);
static bool check_allowed_hosts(char **value, void **extra, GucSource source);
static bool check_region(char **value, void **extra, GucSource source);
static bool check_schedule_driver(char **value, void **extra, GucSource source);
static bool check_task_search_path(char **value, void **extra, GucSource source);
static bool check_test_mocks(char **value, void **extra, GucSource source);
static void assign_test_mocks(const char *value, void *extra);
static bool check_test_now(char **value, void **extra, GucSource source);
static void assign_test_now(const char *value, void *extra);

typedef struct BoolSetting
{
	const char *name;
	const char *description;
	bool *variable;
	bool initial;
	bool is_servers; /* one for the whole server, from its configuration */
} BoolSetting;

typedef struct IntSetting
{
	const char *name;
	const char *description;
	int *variable;
	int initial;
	int min;
	int max;
	int unit;
	bool is_everyones; /* may be set by any user: it bounds the user's own work only */
	bool is_servers;   /* one for the whole server, from its configuration */
} IntSetting;

typedef struct StringSetting
{
	const char *name;
	const char *description;
	char **variable;
	const char *initial;
	GucStringCheckHook check;
	GucStringAssignHook assign;
	int flags;
	bool is_servers; /* one for the whole server, from its configuration */
} StringSetting;

static const BoolSetting bool_settings[] = {
	{"sfn.allow_bare_tokens",
	 "Whether a task's token is enough to answer it; off: the privilege to answer is needed, too.",
	 &sfn_allow_bare_tokens, true},
	{"sfn.direct_inserts", "Whether rows of new executions may go into the tables without a statement.",
	 &sfn_direct_inserts, true},
	{"sfn.dump_secrets", "Whether pg_dump takes the secrets of access keys along.", &sfn_dump_secrets, false},
	{"sfn.enabled", "Whether workers run the executions of a database.", &sfn_enabled, true},
	{"sfn.gateway_region_check",
	 "Whether requests to the gateway have to be signed for the region of the database, sfn.region.",
	 &sfn_gateway_region_check, false, .is_servers = true},
	{"sfn.gateway_superusers", "Whether calls may be made over HTTP as a superuser.", &sfn_gateway_superusers, false},
};

static const IntSetting int_settings[] = {
	{"sfn.cancel_grace", "How long a SQL task that was cancelled may go on before its worker ends for it.",
	 &sfn_cancel_grace, 5000, 100, 3600 * 1000, GUC_UNIT_MS},
	{"sfn.ddl_grace",
	 "How long DDL on a database or the extension waits for a running SQL task before it is cancelled (and run again later).",
	 &sfn_ddl_grace, 1000, 0, 60 * 1000, GUC_UNIT_MS},
	{"sfn.gateway_activity_wait", "How long GetActivityTask waits at the gateway.", &sfn_gateway_activity_wait, 55, 1,
	 300, GUC_UNIT_S, .is_servers = true},
	{"sfn.gateway_connections", "Connections of the gateway to a database, for short calls.", &sfn_gateway_connections,
	 4, 1, 1000, 0, .is_servers = true},
	{"sfn.gateway_max_body", "Largest body of a request to the gateway.", &sfn_gateway_max_body,
	 1024 * 1024 + 64 * 1024, 1024, 1024 * 1024 * 1024, GUC_UNIT_BYTE, .is_servers = true},
	{"sfn.gateway_sync_connections",
	 "Connections of the gateway to a database for synchronous executions: so many run at a time.",
	 &sfn_gateway_sync_connections, 16, 1, 1000, 0, .is_servers = true},
	{"sfn.history_retention", "How long ended executions are kept; -1 keeps them for ever.", &sfn_history_retention,
	 90 * 24 * 60, -1, INT_MAX, GUC_UNIT_MIN},
	{"sfn.http_connect_timeout", "How long an HTTP request may take to connect.", &sfn_http_connect_timeout, 5000, 10,
	 600 * 1000, GUC_UNIT_MS},
	{"sfn.http_max_requests", "HTTP requests of a database that are under way at once; descriptors may allow fewer.",
	 &sfn_http_max_requests, 1000, 1, 20000, 0},
	{"sfn.http_request_timeout", "How long an HTTP request may take in all, whatever TimeoutSeconds says.",
	 &sfn_http_request_timeout, 60 * 1000, 10, 3600 * 1000, GUC_UNIT_MS},
	{"sfn.job_poll_rate", "Calls a second to an AWS service that ask how jobs stand, for each machine's role.",
	 &sfn_job_poll_rate, 5, 1, 1000, 0},
	{"sfn.jsonata_max_depth", "Nested evaluations of a JSONata expression; 0: as many as the stack holds.",
	 &sfn_jsonata_max_depth, 0, 0, 1000000, 0, true},
	{"sfn.jsonata_timeout", "Longest evaluation of a JSONata expression.", &jsonata_field_limits.timeout_ms, 2000, 1,
	 INT_MAX, GUC_UNIT_MS},
	{"sfn.machine_jsonata_max_depth",
	 "Nested evaluations of a JSONata expression of a state machine; 0: as many as the stack holds.",
	 &jsonata_field_limits.max_depth, 100, 0, 1000000, 0},
	{"sfn.machine_jsonata_max_memory",
	 "What a value that a JSONata expression of a state machine makes may hold, as AWS counts it; 0: no such limit.",
	 &jsonata_field_limits.max_held, 6990256, 0, INT_MAX, GUC_UNIT_BYTE},
	{"sfn.max_history_events", "Events after which an execution fails.", &sfn_max_history_events, 1000000, 10, INT_MAX,
	 0},
	{"sfn.max_long_tasks", "Tasks of more than a second in whose place other executors may come.", &sfn_max_long_tasks,
	 8, 0, 1024, 0},
	{"sfn.max_map_concurrency", "Most iterations of an inline Map that are under way at once.",
	 &sfn_max_map_concurrency, 40, 1, 10000, 0},
	{"sfn.max_payload_size", "Largest input, output or result of a state.", &sfn_max_payload_size, 256 * 1024, 1024,
	 64 * 1024 * 1024, GUC_UNIT_BYTE},
	{"sfn.max_rules_per_role", "Most rules and archives of a role, and as many targets of all its rules.",
	 &sfn_max_rules_per_role, 3000, 1, 1000000, 0},
	{"sfn.max_transition_memory", "Memory that one transition of an execution may use.", &sfn_max_transition_memory,
	 128 * 1024, 1024, MAX_KILOBYTES, GUC_UNIT_KB},
	{"sfn.max_transition_time", "How long one transition of an execution may take, without the work of its task.",
	 &sfn_max_transition_time, 10 * 1000, 10, 3600 * 1000, GUC_UNIT_MS},
	{"sfn.max_workers", "Executors that may work for a database at once.", &sfn_max_workers, 4, 1, 1024, 0},
	{"sfn.poll_interval",
	 "Longest sleep of an executor; work that no commit announced (prepared transactions, restored rows) waits this long at most.",
	 &sfn_poll_interval, 60 * 1000, 100, 60 * 1000, GUC_UNIT_MS},
	{"sfn.shard_id", "Which of several databases this is: names that sfn makes begin with it; -1: it is the only one.",
	 &sfn_shard_id, -1, -1, 2047, 0},
};

static const StringSetting string_settings[] = {
	{"sfn.gateway", "Where the server's gateway listens, address:port, several with commas; off: there is none.",
	 &sfn_gateway, "off", NULL, NULL, 0, .is_servers = true},
	{"sfn.gateway_auth", "sigv4, or none:<role>: any request to the gateway is made by that role, on loopback only.",
	 &sfn_gateway_auth, "sigv4", NULL, NULL, 0, .is_servers = true},
	{"sfn.gateway_cors_origins",
	 "Sites whose pages may call the gateway: https://shop.example.com, several with commas.",
	 &sfn_gateway_cors_origins, "", NULL, NULL, 0, .is_servers = true},
	{"sfn.gateway_databases",
	 "Databases that the gateway serves, with commas, the first where a request names none; empty: all with the extension, the oldest first.",
	 &sfn_gateway_databases, "", NULL, NULL, 0, .is_servers = true},
	{"sfn.gateway_hosts", "Names by which clients may call the gateway, beside addresses and localhost.",
	 &sfn_gateway_hosts, "", NULL, NULL, 0, .is_servers = true},
	{"sfn.gateway_role", "The role that the gateway works as; empty: the owner of the server.", &sfn_gateway_role, "",
	 NULL, NULL, 0, .is_servers = true},
	{"sfn.gateway_tls_cert", "File with the certificates of the gateway; empty: it speaks no TLS.",
	 &sfn_gateway_tls_cert, "", NULL, NULL, GUC_SUPERUSER_ONLY, .is_servers = true},
	{"sfn.gateway_tls_key", "File with the private key of the gateway.", &sfn_gateway_tls_key, "", NULL, NULL,
	 GUC_SUPERUSER_ONLY, .is_servers = true},
	{"sfn.gateway_trusted_proxies",
	 "Addresses and networks of proxies whose X-Forwarded-* count at the gateway, with commas.",
	 &sfn_gateway_trusted_proxies, "", NULL, NULL, 0, .is_servers = true},
	{"sfn.gateway_url", "How others reach the gateway: what links begin with; empty: the first address of sfn.gateway.",
	 &sfn_gateway_url, "", check_url, NULL, 0},
	{"sfn.account_id", "Account in the ARNs that sfn makes.", &sfn_account_id, "000000000000", check_account_id, NULL,
	 0},
	{"sfn.http_allowed_hosts", "Hosts, addresses and networks that HTTP requests may reach beside public addresses.",
	 &sfn_http_allowed_hosts, "", check_allowed_hosts, NULL, GUC_LIST_INPUT},
	{"sfn.http_ca_file",
	 "File with the certificates of the authorities that HTTPS requests trust; empty: the system's.", &sfn_http_ca_file,
	 "", NULL, NULL, GUC_SUPERUSER_ONLY},
	{"sfn.region", "Region in the ARNs that sfn makes.", &sfn_region, "us-east-1", check_region, NULL, 0},
	{"sfn.schedule_driver", "Who does what schedules are due for: own, the executor; pg_cron, who then calls us.",
	 &sfn_schedule_driver, SCHEDULE_DRIVER_OWN, check_schedule_driver, NULL, 0},
	{"sfn.task_search_path", "search_path of SQL tasks.", &sfn_task_search_path, "\"$user\", public",
	 check_task_search_path, NULL, GUC_LIST_INPUT},
	{"sfn.test_mocks", "Answers of tasks in turns of this session, for tests: a JSON object; empty: none.",
	 &sfn_test_mocks, "", check_test_mocks, assign_test_mocks, GUC_NOT_IN_SAMPLE},
	{"sfn.test_now", "Clock of this session, for tests; empty: the server's clock.", &sfn_test_now, "", check_test_now,
	 assign_test_now, GUC_NOT_IN_SAMPLE},
};

/* Makes the settings known; called once, when the library is loaded. */
void
guc_define(void)
{
	for (size_t i = 0; i < lengthof(bool_settings); i++)
	{
		const BoolSetting *row = &bool_settings[i];

		DefineCustomBoolVariable(row->name, row->description, NULL, row->variable, row->initial,
								 row->is_servers ? PGC_SIGHUP : PGC_SUSET, 0, NULL, NULL, NULL);
	}
	for (size_t i = 0; i < lengthof(int_settings); i++)
	{
		const IntSetting *row = &int_settings[i];

		DefineCustomIntVariable(row->name, row->description, NULL, row->variable, row->initial, row->min, row->max,
								row->is_servers         ? PGC_SIGHUP
									: row->is_everyones ? PGC_USERSET
														: PGC_SUSET,
								row->unit, NULL, NULL, NULL);
	}
	for (size_t i = 0; i < lengthof(string_settings); i++)
	{
		const StringSetting *row = &string_settings[i];

		DefineCustomStringVariable(row->name, row->description, NULL, row->variable, row->initial,
								   row->is_servers ? PGC_SIGHUP : PGC_SUSET, row->flags, row->check, row->assign, NULL);
	}
	MarkGUCPrefixReserved("sfn");
}

/* ---- checks ---- */

static bool
check_url(char **value, void **extra, GucSource source)
{
	if ((*value)[0] == '\0' || strncmp(*value, "http://", 7) == 0 || strncmp(*value, "https://", 8) == 0)
		return true;
	GUC_check_errdetail("It begins with https:// or http://.");
	return false;
}

static bool
check_account_id(char **value, void **extra, GucSource source)
{
	if (strlen(*value) == 12 && strspn(*value, "0123456789") == 12)
		return true;
	GUC_check_errdetail("An account has twelve digits.");
	return false;
}

static bool
check_allowed_hosts(char **value, void **extra, GucSource source)
{
	char *copy = pstrdup(*value);
	List *names = NIL;
	ListCell *cell;
	bool is_valid = SplitGUCList(copy, ',', &names);

	foreach(cell, names)
	{
		if (is_valid && !egress_entry_is_valid(lfirst(cell)))
		{
			GUC_check_errdetail("\"%s\" is no host name, \"*.suffix\", address or network, with an optional port.",
								(char *) lfirst(cell));
			is_valid = false;
		}
	}
	list_free(names);
	pfree(copy);
	return is_valid;
}

static bool
check_schedule_driver(char **value, void **extra, GucSource source)
{
	(void) extra;
	(void) source;
	if (strcmp(*value, SCHEDULE_DRIVER_OWN) == 0 || strcmp(*value, "pg_cron") == 0)
		return true;
	GUC_check_errdetail("It is own or pg_cron.");
	return false;
}

static bool
check_region(char **value, void **extra, GucSource source)
{
	size_t length = strlen(*value);

	if (length > 0 && length < 64 && strspn(*value, "abcdefghijklmnopqrstuvwxyz0123456789-") == length)
		return true;
	GUC_check_errdetail("A region consists of lower-case letters, digits and hyphens.");
	return false;
}

static bool
check_task_search_path(char **value, void **extra, GucSource source)
{
	char *copy = pstrdup(*value);
	List *names;
	bool is_valid = SplitIdentifierString(copy, ',', &names);

	if (!is_valid)
		GUC_check_errdetail("List syntax is invalid.");
	list_free(names);
	pfree(copy);
	return is_valid;
}

static bool
check_test_mocks(char **value, void **extra, GucSource source)
{
	JvParseError error;
	const JsonVal *mocks;
	char *problem;

	if (**value == '\0')
		return true;
	mocks = jv_parse(*value, (int) strlen(*value), &error);
	if (mocks == NULL)
		GUC_check_errdetail("It is not JSON: %s", error.message);
	else if (mocks_read(mocks, &problem) == NULL)
		GUC_check_errdetail("In sfn.test_mocks %s.", problem);
	else
		return true;
	GUC_check_errhint(
		"An object of answers by state or resource: {\"result\": ...} or {\"error\": ..., \"cause\": ...}, or an array of such.");
	return false;
}

/* Whoever counts calls begins anew. */
static void
assign_test_mocks(const char *value, void *extra)
{
	sfn_test_mocks_changes++;
}

static bool
check_test_now(char **value, void **extra, GucSource source)
{
	TimestampTz moment;

	if (**value == '\0')
		return true;

	if (!sfn_clock_parse(*value, &moment))
	{
		GUC_check_errdetail("It is not a finite timestamp.");
		return false;
	}
	*extra = setting_malloc(sizeof(TimestampTz));
	if (*extra == NULL)
		return false;
	memcpy(*extra, &moment, sizeof(TimestampTz));
	return true;
}

static void
assign_test_now(const char *value, void *extra)
{
	sfn_clock_assign((const TimestampTz *) extra);
}
