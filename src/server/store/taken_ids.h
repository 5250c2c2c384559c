/*
 * taken_ids.h
 *	  Which sequences our ids come from, and where such ids are.
 */
#ifndef SFN_STORE_TAKEN_IDS_H
#define SFN_STORE_TAKEN_IDS_H

#define TAKEN(sequence, table, column) \
	"SELECT 'sfn." sequence "_id_seq'::pg_catalog.regclass, max(" column ") FROM sfn." table
#define TAKEN_IN(table) TAKEN(table, table, "id") " UNION ALL "

/* Rows of a sequence, and the highest of some ids from it, also of messages and tasks that are gone. */
#define TAKEN_IDS \
	"(" TAKEN_IN("state_machine") TAKEN_IN("state_machine_revision") TAKEN_IN("execution") TAKEN_IN("inbox") \
		TAKEN_IN("task") TAKEN_IN("activity") TAKEN_IN("function") TAKEN_IN("connection") TAKEN_IN("bucket") \
			TAKEN_IN("queue") TAKEN_IN("queue_message") TAKEN_IN("queue_source") TAKEN_IN("log_event") \
				TAKEN_IN("map_run") TAKEN_IN("event_bus") TAKEN_IN("event_rule") TAKEN_IN("event_archive") \
					TAKEN_IN("archived_event") TAKEN_IN("archive_count") TAKEN_IN("event_replay") \
						TAKEN_IN("event_dead_letter") TAKEN_IN("event_notice") TAKEN_IN("schedule") \
							TAKEN_IN("schedule_group") \
								TAKEN("queue_message", "queue_deduplication", \
									  "sequence") " UNION ALL " TAKEN("task", "job", "task_id") ")"
#define IS_BEHIND(row) row ".taken > coalesce(pg_catalog.pg_sequence_last_value(" row ".sequence), 0)"

#endif /* SFN_STORE_TAKEN_IDS_H */
