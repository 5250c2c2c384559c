/*
 * aws_services.c
 *	  What is known of AWS services, as this process has read it.
 *
 * A row, of the table or else of the file that comes with sfn, is parsed once in a process, and again when it was loaded anew.  Of those that nobody
 * uses just now the last few are kept.
 */
#include "postgres.h"

#include "lib/ilist.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/nearest.h"
#include "services/http/aws_services.h"
#include "services/http/shipped_services.h"
#include "store/services.h"

#define KEPT_SERVICES 16
#define SHIPPED 0 /* in place of when it was loaded: it comes with sfn */

typedef struct CachedService
{
	dlist_node node;
	MemoryContext context; /* holds it */
	const char *name;
	TimestampTz loaded;
	int users;
	AwsService service;
} CachedService;

static MemoryContext all_services = NULL;
static dlist_head cached = DLIST_STATIC_INIT(cached); /* the last used one first */

/* Those that nobody uses, beyond the number that is kept. */
static void
forget_some(void)
{
	dlist_mutable_iter iter;
	int count = 0;

	dlist_foreach_modify(iter, &cached)
	{
		CachedService *entry = dlist_container(CachedService, node, iter.cur);

		if (++count > KEPT_SERVICES && entry->users == 0)
		{
			dlist_delete(&entry->node);
			MemoryContextDelete(entry->context);
		}
	}
}

static void
end_use(void *arg)
{
	((CachedService *) arg)->users--;
}

static CachedService *
find_cached(const char *name, TimestampTz loaded)
{
	dlist_iter iter;

	dlist_foreach(iter, &cached)
	{
		CachedService *entry = dlist_container(CachedService, node, iter.cur);

		if (entry->loaded == loaded && strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

/* Its row, of the table or of the file; NULL: there is none. */
static const JsonVal *
row_of(const char *name, TimestampTz loaded)
{
	char *text = loaded != SHIPPED ? service_facts(name) : NULL;
	JvParseError not_json;

	if (loaded == SHIPPED)
		return shipped_service(name);
	return text != NULL ? jv_parse(text, (int) strlen(text), &not_json) : NULL;
}

/* NULL: there is no such service. */
static CachedService *
read_service(const char *name, TimestampTz loaded)
{
	const JsonVal *row = row_of(name, loaded);
	MemoryContext context = AllocSetContextCreate(all_services, "sfn service", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	CachedService *entry = palloc0(sizeof(CachedService));

	row = row != NULL ? jv_clone(row) : NULL;
	MemoryContextSwitchTo(caller_context);
	if (row == NULL || !aws_service_read(row, &entry->service))
	{
		MemoryContextDelete(context);
		return NULL;
	}
	entry->context = context;
	entry->name = MemoryContextStrdup(context, name);
	entry->loaded = loaded;
	dlist_push_head(&cached, &entry->node);
	return entry;
}

/* All names there are. */
static int
all_names(const char ***names)
{
	const char **shipped;
	int shipped_count = shipped_service_names(&shipped);
	int count = service_names(names);

	*names = repalloc(*names, sizeof(char *) * (count + shipped_count + 1));
	for (int i = 0; i < shipped_count; i++)
		(*names)[count++] = shipped[i];
	return count;
}

static void
report_unknown(const char *name, SfnError *error)
{
	const char **names;
	int count = all_names(&names);
	const char *nearest = nearest_name(name, names, count);

	(void) sfn_error(
		error, ERROR_RUNTIME,
		"The service \"%s\" is not known%s%s%s. sfn.services has those that are; sfn.load_services() loads more.", name,
		nearest != NULL ? "; perhaps \"" : "", nearest != NULL ? nearest : "", nearest != NULL ? "\" is meant" : "");
}

const AwsService *
aws_service_named(const char *name, SfnError *error)
{
	TimestampTz loaded = service_loaded(name);
	CachedService *entry = find_cached(name, loaded);
	MemoryContextCallback *callback;

	if (all_services == NULL)
		all_services = AllocSetContextCreate(TopMemoryContext, "sfn services", ALLOCSET_SMALL_SIZES);
	if (entry == NULL)
		entry = read_service(name, loaded);
	if (entry == NULL)
	{
		report_unknown(name, error);
		return NULL;
	}
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = end_use;
	callback->arg = entry;
	entry->users++;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	dlist_move_head(&cached, &entry->node);
	forget_some();
	return &entry->service;
}
