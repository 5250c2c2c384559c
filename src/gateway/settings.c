/*
 * settings.c
 *	  What the gateway is told: by its command line, else by the environment, else by a file.
 *
 * One row for each: --max-body is SFN_GATEWAY_MAX_BODY, and "max-body = 1000" in the file of --config.
 */
#include "gateway/settings.h"

#include <arpa/inet.h>
#include <errno.h>

Settings settings;

typedef struct Option
{
	const char *name;
	const char **text;
	int *number;
	bool *flag;
	const char *otherwise;
	const char *help;
} Option;

static const Option options[] = {
	{"db", &settings.db, NULL, NULL, "", "connection string of the database"},
	{"databases", &settings.databases, NULL, NULL, "",
	 "databases to serve, with commas; the first where none is named"},
	{"listen", &settings.listen, NULL, NULL, "127.0.0.1:8083", "address:port, several with commas"},
	{"auth", &settings.auth, NULL, NULL, "sigv4", "sigv4, or none:<role>, on loopback only"},
	{"config", &settings.config, NULL, NULL, "", "file with further options, name = value"},
	{"base-path", &settings.base_path, NULL, NULL, "", "what all its paths begin with: /aws"},
	{"metrics-listen", &settings.metrics_listen, NULL, NULL, "",
	 "address:port of its own for /metrics, /healthz and /readyz"},
	{"hosts", &settings.hosts, NULL, NULL, "", "names by which clients may call it, with commas"},
	{"cors-origins", &settings.cors_origins, NULL, NULL, "", "sites whose pages may call it, with commas"},
	{"trusted-proxies", &settings.trusted_proxies, NULL, NULL, "",
	 "addresses and networks of proxies whose X-Forwarded-* count, with commas"},
	{"role", &settings.role, NULL, NULL, "", "role that its sessions work as"},
	{"login-db", &settings.login_db, NULL, NULL, "host=127.0.0.1",
	 "connection string by which the page tries passwords"},
	{"web", &settings.web, NULL, NULL, "", "folder to take the page from, in place of the one in the program"},
	{"tls-cert", &settings.tls_cert, NULL, NULL, "", "certificates, PEM"},
	{"tls-key", &settings.tls_key, NULL, NULL, "", "private key, PEM"},
	{"log", &settings.log, NULL, NULL, "text", "text or json"},
	{"log-level", &settings.log_level, NULL, NULL, "info", "info, or warning: only requests with errors"},
	{"processes", NULL, &settings.processes, NULL, "1", "that share its addresses"},
	{"connections", NULL, &settings.connections, NULL, "4", "to the database, for short calls"},
	{"sync-connections", NULL, &settings.sync_connections, NULL, "16", "for synchronous executions, one for each"},
	{"max-body", NULL, &settings.max_body, NULL, "1114112", "bytes of a request's body"},
	{"activity-wait", NULL, &settings.activity_wait, NULL, "55", "seconds that GetActivityTask waits"},
	{"key-cache", NULL, &settings.key_cache, NULL, "10", "seconds that a key is known without asking"},
	{"max-clients", NULL, &settings.max_clients, NULL, "10000", "connections of clients"},
	{"per-ip", NULL, &settings.per_ip, NULL, "256", "connections of one address, but for loopback"},
	{"client-timeout", NULL, &settings.client_timeout, NULL, "30", "seconds for a request to come"},
	{"drain", NULL, &settings.drain, NULL, "10", "seconds for calls under way when it stops"},
	{"debug-signatures", NULL, NULL, &settings.debug_signatures, "",
	 "tells what should have been signed; on loopback only"},
	{"region-check", NULL, NULL, &settings.checks_region, "", "signatures have to be for the database's region"},
	{"strict", NULL, NULL, &settings.is_strict, "", "off loopback: only with TLS, and not as a superuser"},
	{"check", NULL, NULL, &settings.only_checks, "", "looks at the settings and ends"},
};

pg_noreturn static void
usage(FILE *file, int status)
{
	fprintf(file, "sfn-gateway: the AWS Step Functions API over HTTP, in front of PostgreSQL with sfn\n\n");
	for (size_t i = 0; i < lengthof(options); i++)
		fprintf(file, "  --%-18s%s%s%s%s\n", options[i].name, options[i].help,
				options[i].otherwise[0] != '\0' ? " (" : "", options[i].otherwise,
				options[i].otherwise[0] != '\0' ? ")" : "");
	exit(status);
}

void
settings_refuse(const char *format, const char *value)
{
	fprintf(stderr, "sfn-gateway: ");
	fprintf(stderr, format, value); /* literals of this file */
	fprintf(stderr, "\n");
	exit(2);
}

static void
set(const Option *option, const char *value)
{
	char *end;

	if (option->text != NULL)
		*option->text = value;
	if (option->flag != NULL)
		*option->flag = strcmp(value, "") != 0 && strcmp(value, "off") != 0;
	if (option->number == NULL)
		return;
	*option->number = (int) strtol(value, &end, 10);
	if (end == value || *end != '\0' || *option->number < 1 || *option->number > 1024 * 1024 * 1024)
		settings_refuse("not a number that could be: %s", value);
}

/* SFN_GATEWAY_MAX_BODY */
static const char *
from_environment(const Option *option)
{
	char name[64] = "SFN_GATEWAY_";
	size_t length = strlen(name);

	for (const char *c = option->name; *c != '\0' && length < sizeof(name) - 1; c++)
		name[length++] = *c == '-' ? '_' : (char) pg_ascii_toupper((unsigned char) *c);
	name[length] = '\0';
	return getenv(name);
}

static const Option *
find_option(const char *name, size_t length)
{
	for (size_t i = 0; i < lengthof(options); i++)
	{
		if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
			return &options[i];
	}
	return NULL;
}

/* --name value, --name=value, or a flag alone */
static void
read_command_line(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
	{
		const char *name = argv[i] + 2;
		size_t length = strcspn(argv[i], "=");
		const Option *option;

		if (strcmp(argv[i], "--help") == 0)
			usage(stdout, 0);
		if (strncmp(argv[i], "--", 2) != 0 || (option = find_option(name, length - 2)) == NULL)
			settings_refuse("no such option: %s (--help lists them)", argv[i]);
		if (argv[i][length] == '=')
			set(option, argv[i] + length + 1);
		else if (option->flag != NULL)
			set(option, "on");
		else if (i + 1 < argc)
			set(option, argv[++i]);
		else
			settings_refuse("a value is missing behind %s", argv[i]);
	}
}

/* "name = value", a flag alone, or a comment; the line stays, since values point into it. */
static void
read_config_line(char *line)
{
	char *name = line + strspn(line, " \t");
	size_t length = strcspn(name, "= \t\r\n");
	char *value = name + length + strspn(name + length, " \t");
	const Option *option;

	if (*name == '\0' || *name == '#' || length == 0)
		return;
	option = find_option(name, length);
	if (option == NULL || option->text == &settings.config)
		settings_refuse("no such option in a file of --config: %s", pnstrdup(name, length));
	if (*value == '=')
		value += 1 + strspn(value + 1, " \t");
	else if (option->flag != NULL)
		value = "on";
	else
		settings_refuse("a value is missing in the file of --config: %s", pnstrdup(name, length));
	set(option, value);
}

static void
read_config(const char *path)
{
	FILE *file = fopen(path, "r");
	char buffer[8192];

	if (file == NULL)
		settings_refuse("%s", psprintf("%s: %s", path, strerror(errno)));
	while (fgets(buffer, sizeof(buffer), file) != NULL)
	{
		size_t length = strlen(buffer);

		while (length > 0 && strchr(" \t\r\n", buffer[length - 1]) != NULL)
			buffer[--length] = '\0';
		read_config_line(pstrdup(buffer));
	}
	fclose(file);
}

static bool
is_loopback(const char *address, size_t length)
{
	char copy[64];
	struct in_addr four;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, address, length);
	copy[length] = '\0';
	if (strcmp(copy, "localhost") == 0 || strcmp(copy, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, copy, &four) == 1 && (ntohl(four.s_addr) >> 24) == 127;
}

static bool
all_on_loopback(const char *list)
{
	for (const char *c = list; *c != '\0';)
	{
		size_t length = strcspn(c, ",");
		const char *colon = memrchr(c, ':', length);

		if (colon == NULL || !is_loopback(c, colon - c))
			return false;
		c += length + (c[length] == ',');
	}
	return true;
}

static void
check_settings(void)
{
	settings.is_on_loopback = all_on_loopback(settings.listen);
	if (strncmp(settings.auth, "none:", 5) == 0)
		settings.open_role = settings.auth + 5;
	else if (strcmp(settings.auth, "sigv4") != 0)
		settings_refuse("--auth is sigv4 or none:<role>, not %s", settings.auth);
	if (settings.open_role != NULL && !settings.is_on_loopback)
		settings_refuse("--auth %s is for addresses of the loopback interface only", settings.auth);
	if (settings.debug_signatures && !settings.is_on_loopback)
		settings_refuse("--debug-signatures is for addresses of the loopback interface only%s", "");
	if ((settings.tls_cert[0] == '\0') != (settings.tls_key[0] == '\0'))
		settings_refuse("--tls-cert and --tls-key are given together%s", "");
	if (settings.is_strict && !settings.is_on_loopback && (settings.tls_cert[0] == '\0' || settings.role[0] == '\0'))
		settings_refuse("an address off the loopback interface needs certificates and a role that is no superuser: %s",
						settings.listen);
	if (settings.base_path[0] != '\0' &&
		(settings.base_path[0] != '/' || settings.base_path[strlen(settings.base_path) - 1] == '/'))
		settings_refuse("--base-path begins with a slash and ends without one, unlike %s", settings.base_path);
	settings.logs_good = strcmp(settings.log_level, "info") == 0;
	if (!settings.logs_good && strcmp(settings.log_level, "warning") != 0)
		settings_refuse("--log-level is info or warning, not %s", settings.log_level);
	if (settings.processes > MAX_PROCESSES)
		settings_refuse("%s", psprintf("--processes is at most %d", MAX_PROCESSES));
	if (strcmp(settings.log, "text") != 0 && strcmp(settings.log, "json") != 0)
		settings_refuse("--log is text or json, not %s", settings.log);
}

static void
read_environment(void)
{
	for (size_t i = 0; i < lengthof(options); i++)
	{
		const char *value = from_environment(&options[i]);

		if (value != NULL)
			set(&options[i], value);
	}
}

void
settings_read(int argc, char **argv)
{
	for (size_t i = 0; i < lengthof(options); i++)
	{
		if (options[i].otherwise[0] != '\0' || options[i].text != NULL)
			set(&options[i], options[i].otherwise);
	}
	read_environment();
	read_command_line(argc, argv);
	if (settings.config[0] != '\0')
	{
		read_config(settings.config);
		read_environment(); /* what is said nearer counts */
		read_command_line(argc, argv);
	}
	check_settings();
}
