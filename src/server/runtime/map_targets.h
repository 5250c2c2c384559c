/*
 * map_targets.h
 *	  What the files of a map run's results share and nobody else needs.
 */
#ifndef SFN_RUNTIME_MAP_TARGETS_H
#define SFN_RUNTIME_MAP_TARGETS_H

#include "postgres.h"

#include "asl/service.h"
#include "runtime/map_runs.h"

typedef enum Transformation
{
	TRANSFORM_NONE,
	TRANSFORM_COMPACT,
	TRANSFORM_FLATTEN
} Transformation;

/* Where results come from and in which shape they go. */
typedef struct MapResults
{
	Running *running;
	MapRunRow *run;
	const CachedMachine *machine; /* the children's */
	Transformation transformation;
	bool is_lines; /* OutputType JSONL */
	MemoryContext page_context;
} MapResults;

/*
 * The next results of children that were started (is_pending: that were not, whose status is 0), in the page's
 * context, which is reset before and is the current one behind it.
 */
extern int map_results_page(MapResults *results, bool is_pending, int64 from_index, MapResult **page);

/* Everything about a child, members in the order of their names. */
extern const JsonVal *map_results_record(const MapResults *results, const MapResult *result);

/* Appends the child's part as the transformation says, behind a separator unless it is the first. */
extern void map_results_append(const MapResults *results, StringInfo out, const MapResult *result, bool *is_first);

/* Adds a text to a record, or nothing when it is NULL; likewise a moment that is not 0. */
extern void map_results_add_text(JvObjectBuilder *record, const char *name, const char *text);
extern void map_results_add_moment(JvObjectBuilder *record, const char *name, TimestampTz moment);

/* The ARN of the map run. */
extern const char *map_results_arn(const MapResults *results);

/* One writing of all results, within one sandbox, as the machine's role. */
typedef struct MapExport
{
	MapResults *results;
	const JsonVal *parameters; /* the ResultWriter's, evaluated; NULL: none */
	int64 records;             /* how many were written */
	const JsonVal *details;    /* what the state gets as ResultWriterDetails */
	SfnError error;            /* of a writing that returned false */
} MapExport;

/* Each target, by its name in asl/service_list.h.  False: export->error says why.  Errors may be thrown. */
#define ITEM_TARGET(name, resource, required) extern bool map_target_##name(MapExport *export);
#include "asl/service_list.h"

#endif /* SFN_RUNTIME_MAP_TARGETS_H */
