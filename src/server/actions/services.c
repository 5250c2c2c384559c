/*
 * services.c
 *	  AWS services: loading what is known of them, endpoints, credentials.
 *
 * What is known of a service decides where signed requests go and what is in them, so only superusers load it, and
 * only they say where a service is.
 */
#include "postgres.h"

#include <dirent.h>
#include <zlib.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "actions/checks.h"
#include "actions/connections.h"
#include "actions/services.h"
#include "aws/http_headers.h"
#include "aws/model.h"
#include "store/services.h"

#define MAX_MODEL (256 * 1024 * 1024)
#define PIECE (64 * 1024)

static bool
invalid(ActionCall *call, const char *what)
{
	return action_fail(call, API_INVALID_SERVICE, what);
}

/* ---- what is known ---- */

static SFN_MUST_CHECK bool
store_row(ActionCall *call, const JsonVal *row, const char *source, const char **name)
{
	AwsService service;
	ServiceFacts facts = {.source = source, .text = jv_to_text(row)};

	if (!aws_service_read(row, &service))
		return invalid(call, "its row has no prefix, endpoint, operations and shapes");
	facts.name = *name = aws_service_name(service.prefix);
	facts.prefix = service.prefix;
	facts.protocol = jv_get_string(row, "proto");
	facts.operations = jv_get(row, "ops")->count;
	service_upsert(&facts);
	return true;
}

bool
service_load_model(ActionCall *call, const JsonVal *model, const char *source, const char **name)
{
	const char *problem;
	const JsonVal *row;

	if (!require_superuser(call, "load services"))
		return false;
	row = aws_model_read(model, &problem);
	return row != NULL ? store_row(call, row, source, name) : invalid(call, problem);
}

/* ---- files ---- */

/* A file, unpacked if need be; NULL: it cannot be read. */
static char *
read_file(const char *path, int *length)
{
	gzFile file = gzopen(path, "rb");
	StringInfoData text;
	int count;

	if (file == NULL)
		return NULL;
	initStringInfo(&text);
	do
	{
		enlargeStringInfo(&text, PIECE);
		count = gzread(file, text.data + text.len, PIECE);
		if (count > 0)
			text.len += count;
	} while (count > 0 && text.len < MAX_MODEL);
	gzclose(file);
	text.data[text.len] = '\0';
	*length = text.len;
	return count == 0 ? text.data : NULL;
}

static SFN_MUST_CHECK bool
load_model_file(ActionCall *call, const char *path)
{
	int length;
	char *text = read_file(path, &length);
	JvParseError not_json;
	const JsonVal *model = text != NULL ? jv_parse(text, length, &not_json) : NULL;
	const char *name;

	if (model == NULL)
		return invalid(call, psprintf("the file \"%s\" cannot be read as JSON", path));
	return service_load_model(call, model, path, &name);
}

/* The newest version below a service's directory; NULL: none. */
static char *
newest_version(const char *directory)
{
	DIR *versions = opendir(directory);
	struct dirent *entry;
	char *newest = NULL;

	while (versions != NULL && (entry = readdir(versions)) != NULL)
	{
		if (entry->d_name[0] != '.' && (newest == NULL || strcmp(entry->d_name, newest) > 0))
			newest = pstrdup(entry->d_name);
	}
	if (versions != NULL)
		closedir(versions);
	return newest;
}

/* The path of a service's model; NULL: it has none. */
static char *
model_path(const char *directory, const char *service)
{
	static const char *const names[] = {"service-2.json", "service-2.json.gz"};
	char *version = newest_version(psprintf("%s/%s", directory, service));

	for (int i = 0; version != NULL && i < (int) lengthof(names); i++)
	{
		char *path = psprintf("%s/%s/%s/%s", directory, service, version, names[i]);

		if (access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

/* Each service of a directory; one model's memory goes with it. */
static SFN_MUST_CHECK bool
load_directory(ActionCall *call, const char *directory, int *count)
{
	DIR *services = opendir(directory);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "sfn service model", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	struct dirent *entry;
	bool is_good = true;

	if (services == NULL)
	{
		MemoryContextSwitchTo(caller_context);
		return invalid(call, psprintf("the directory \"%s\" cannot be read", directory));
	}
	while (is_good && (entry = readdir(services)) != NULL)
	{
		char *path = entry->d_name[0] != '.' ? model_path(directory, entry->d_name) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (path != NULL)
		{
			is_good = load_model_file(call, path);
			*count += 1;
		}
		if (is_good)
			MemoryContextReset(context);
	}
	closedir(services);
	MemoryContextSwitchTo(caller_context);
	return is_good;
}

bool
services_load(ActionCall *call, const char *directory, int *count)
{
	*count = 0;
	return require_superuser(call, "load services") && load_directory(call, directory, count);
}

/* ---- endpoints ---- */

static bool
is_region(const char *region)
{
	return region[0] != '\0' && strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(region);
}

bool
service_endpoint_create(ActionCall *call, const char *service, const char *region, const char *url, bool is_known)
{
	const char *host = strncmp(url, "https://", 8) == 0 ? url + 8 : strncmp(url, "http://", 7) == 0 ? url + 7 : "";
	size_t host_length = strcspn(host, "/");

	if (!require_superuser(call, "make endpoints of services"))
		return false;
	if (host_length == 0 || strchr("/", host[host_length]) == NULL || strlen(host) > host_length + 1 ||
		strpbrk(host, "?#@ \t\r\n") != NULL)
		return invalid(
			call, "the URL of an endpoint is https://host or http://host, with a port if need be and without a path");
	if (region != NULL && !is_region(region))
		return invalid(call, "a region has lower-case letters, digits and hyphens, as us-east-1");
	if (!is_known)
		return invalid(call, psprintf("the service \"%s\" is not known; sfn.services has those that are", service));
	service_endpoint_upsert(service, region, pnstrdup(url, host + host_length - url));
	return true;
}

bool
service_endpoint_drop(ActionCall *call, const char *service, const char *region)
{
	if (!require_superuser(call, "delete endpoints of services"))
		return false;
	return service_endpoint_delete(service, region) ||
		invalid(call, psprintf("the service \"%s\" has no endpoint of its own there", service));
}

/* ---- credentials ---- */

/* Copies a text that is there; false: it is no text, or none that a header can have. */
static bool
copy_text(ActionCall *call, JvObjectBuilder *out, const JsonVal *parameters, const char *member, bool is_required)
{
	const char *text = jv_get_string(parameters, member);

	if (text == NULL && jv_get(parameters, member) == NULL && !is_required)
		return true;
	if (text == NULL || text[0] == '\0' || !header_value_is_clean(text))
		return invalid(call, psprintf("these credentials need the text %s", member));
	jv_object_add(out, member, jv_string(text));
	return true;
}

/* Where a role is taken on with the key of others, which are the caller's. */
static SFN_MUST_CHECK bool
add_role(ActionCall *call, JvObjectBuilder *out, const JsonVal *parameters)
{
	const char *source = jv_get_string(parameters, "SourceCredentials");
	const ConnectionRow *row = source != NULL ? connection_by_name(source) : NULL;
	const JsonVal *seconds = jv_get(parameters, "DurationSeconds");
	int64 duration;

	if (!copy_text(call, out, parameters, "RoleArn", true) ||
		!copy_text(call, out, parameters, "SourceCredentials", true) ||
		!copy_text(call, out, parameters, "ExternalId", false))
		return false;
	if (row == NULL || strcmp(row->authorization_type, "AWS") != 0 || row->owner != call->scope.caller)
		return invalid(call, psprintf("SourceCredentials names no credentials of the caller: \"%s\"", source));
	if (seconds == NULL)
		return true;
	if (!jv_to_int64(seconds, &duration) || duration < 900 || duration > 43200)
		return invalid(call, "DurationSeconds is a number from 900 to 43200");
	jv_object_add(out, "DurationSeconds", seconds);
	return true;
}

static SFN_MUST_CHECK bool
add_source(ActionCall *call, JvObjectBuilder *out, const char *source, const JsonVal *parameters)
{
	static const char *const of_the_server[] = {"ENVIRONMENT", "INSTANCE", "CONTAINER", "WEB_IDENTITY"};

	jv_object_add(out, "Source", jv_string(source));
	for (int i = 0; i < (int) lengthof(of_the_server); i++)
		if (strcmp(source, of_the_server[i]) == 0)
			return require_superuser(call, "use the credentials of the server's environment");
	if (strcmp(source, "ASSUME_ROLE") == 0)
		return add_role(call, out, parameters);
	if (strcmp(source, "STATIC") != 0)
		return invalid(
			call, "the source of credentials is STATIC, ASSUME_ROLE, ENVIRONMENT, INSTANCE, CONTAINER or WEB_IDENTITY");
	return copy_text(call, out, parameters, "AccessKeyId", true) &&
		copy_text(call, out, parameters, "SecretAccessKey", true) &&
		copy_text(call, out, parameters, "SessionToken", false);
}

bool
aws_credentials_create(ActionCall *call, const char *name, const char *source, const JsonVal *parameters,
					   const char *region, const JsonVal *role_arns, bool replaces)
{
	ConnectionRow row = {.name = unconstify(char *, name), .authorization_type = "AWS"};
	JvObjectBuilder all;

	if (!check_connection_object(call, parameters, "parameters"))
		return false;
	if (region != NULL && !is_region(region))
		return invalid(call, "a region has lower-case letters, digits and hyphens, as us-east-1");
	jv_object_begin(&all);
	if (!add_source(call, &all, source, parameters))
		return false;
	if (region != NULL)
		jv_object_add(&all, "Region", jv_string(region));
	if (role_arns != NULL)
		jv_object_add(&all, "RoleArns", role_arns);
	return connection_create_aws(call, &row, jv_object_end(&all), replaces);
}
