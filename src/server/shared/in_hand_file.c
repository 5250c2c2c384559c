/*
 * in_hand_file.c
 *	  What each executor has in hand, on disk, so that it is known after a crash.
 *
 * The file sfn.inhand in the data directory holds a header, one record per worker
 * slot, and the suspects that have crashed a worker before.  An executor writes its
 * record before it touches an execution; it has the file mapped, so that this is a
 * store into memory that the kernel keeps.  Nothing is synced: the file has to
 * outlive processes, not the machine.
 *
 * When a process of the server crashes, the postmaster ends all others with
 * SIGQUIT.  An executor that receives it marks its record as a bystander's; so the
 * records that count are those of executors which died by themselves.
 */
#include "postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "storage/fd.h"

#include "shared/given_up.h"
#include "shared/in_hand_file.h"
#include "shared/suspects.h"
#include "shared/worker_registry.h"

#define IN_HAND_FILE "sfn.inhand"
#define IN_HAND_MAGIC 0x73666e32 /* "sfn2" */

#define RECORD_IN_TURN 1   /* a turn is under way */
#define RECORD_SUSPECT 2   /* it runs a suspect alone */
#define RECORD_BYSTANDER 4 /* ended because another process crashed */
#define RECORD_GIVEN_UP 8  /* a task of it has timed out and goes on */

typedef struct InHandHeader
{
	uint32 magic;
	uint32 slot_count;
} InHandHeader;

typedef struct InHandRecord
{
	int64 execution;
	Oid database;
	uint32 flags;
	int32 branch; /* given up: the attempt */
	int32 visit;
	int32 attempt;
} InHandRecord;

typedef struct InHandSuspect
{
	int64 execution;
	Oid database;
	int32 strikes;
} InHandSuspect;

typedef struct InHandFile
{
	InHandHeader header;
	InHandSuspect suspects[REGISTRY_SUSPECTS];
	InHandRecord records[FLEXIBLE_ARRAY_MEMBER];
} InHandFile;

static int in_hand_fd = -1;
static off_t my_record_position;
static InHandRecord my_record;
static volatile InHandRecord *mapped_record; /* NULL: it is written with pwrite() */

static int file_open(int flags);
static void file_write(const void *data, size_t size, off_t position);
static void map_record(void);
static void record_write(void);
static InHandFile *file_read(void);
static void file_make(void);
static void record_judge(const InHandRecord *record);
static void handle_crash_of_another(SIGNAL_ARGS);

/* ---- the launcher's part ---- */

/*
 * Turns what was left by crashed executors into suspects and starts with a clean
 * file.  Happens once per life of the shared memory, before any executor starts.
 */
void
in_hand_file_load(void)
{
	InHandFile *left;

	if (worker_registry->suspects_loaded)
		return;

	left = file_read();
	for (int i = 0; left != NULL && i < REGISTRY_SUSPECTS; i++)
	{
		if (left->suspects[i].execution > 0)
			suspects_restore(left->suspects[i].database, left->suspects[i].execution, left->suspects[i].strikes);
	}
	for (uint32 i = 0; left != NULL && i < left->header.slot_count; i++)
		record_judge(&left->records[i]);

	file_make();
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	worker_registry->suspects_loaded = true;
	in_hand_file_save_suspects();
	LWLockRelease(worker_registry->lock);
}

static void
record_judge(const InHandRecord *record)
{
	if ((record->flags & RECORD_GIVEN_UP) != 0)
	{
		given_up_add(record->database, record->execution, record->branch, record->visit, record->attempt);
		return;
	}
	if ((record->flags & RECORD_IN_TURN) == 0 || (record->flags & RECORD_BYSTANDER) != 0)
		return;
	if (record->execution > 0)
	{
		ereport(LOG,
				(errmsg("a worker of sfn crashed with execution %lld of database \"%s\" in hand; it will run alone",
						(long long) record->execution, registry_database_name(record->database))));
		suspects_crashed(record->database, record->execution, (record->flags & RECORD_SUSPECT) != 0);
	}
	else
	{
		ereport(LOG,
				(errmsg("a worker of sfn crashed in a turn for database \"%s\"; executions run one by one for a while",
						registry_database_name(record->database))));
		suspects_crashed_unknown(record->database);
	}
}

/* The file of the life before; NULL when there is none that makes sense. */
static InHandFile *
file_read(void)
{
	InHandFile *result = NULL;
	struct stat status;
	int fd = BasicOpenFile(IN_HAND_FILE, O_RDONLY | PG_BINARY);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && status.st_size >= (off_t) sizeof(InHandFile) && status.st_size < 16 * 1024 * 1024)
	{
		result = palloc(status.st_size);
		if (read(fd, result, status.st_size) != status.st_size || result->header.magic != IN_HAND_MAGIC ||
			result->header.slot_count > (status.st_size - offsetof(InHandFile, records)) / sizeof(InHandRecord))
			result = NULL;
	}
	close(fd);
	return result;
}

/* A new file without records, in its full size so that later writes need no space. */
static void
file_make(void)
{
	size_t size = offsetof(InHandFile, records) + worker_registry->slot_count * sizeof(InHandRecord);
	InHandFile *empty = palloc0(size);

	empty->header.magic = IN_HAND_MAGIC;
	empty->header.slot_count = worker_registry->slot_count;
	in_hand_fd = file_open(O_RDWR | O_CREAT | O_TRUNC);
	file_write(empty, size, 0);
}

/* ---- an executor's part ---- */

void
in_hand_file_join(void)
{
	int slot = my_worker - worker_registry->slots;

	in_hand_fd = file_open(O_RDWR);
	my_record_position = offsetof(InHandFile, records) + slot * sizeof(InHandRecord);
	my_record.database = my_worker->database;
	my_record.execution = 0;
	my_record.flags = 0;
	file_write(&my_record, sizeof(my_record), my_record_position);
	map_record();
	pqsignal(SIGQUIT, handle_crash_of_another);
}

/* Of a file in its full size; while this process lives nobody makes it smaller. */
static void
map_record(void)
{
	struct stat status;
	char *start;

	if (in_hand_fd < 0 || fstat(in_hand_fd, &status) != 0 ||
		status.st_size < my_record_position + (off_t) sizeof(InHandRecord))
		return;
	start = mmap(NULL, (size_t) status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, in_hand_fd, 0);
	if (start != MAP_FAILED)
		mapped_record = (volatile InHandRecord *) (start + my_record_position);
}

static void
record_write(void)
{
	if (mapped_record == NULL)
	{
		file_write(&my_record, sizeof(my_record), my_record_position);
		return;
	}
	mapped_record->flags = my_record.flags;
	mapped_record->execution = my_record.execution;
}

void
in_hand_file_begin_turn(bool is_suspect_alone)
{
	my_record.flags = RECORD_IN_TURN | (is_suspect_alone ? RECORD_SUSPECT : 0);
	in_hand_file_set(0);
}

void
in_hand_file_set(int64 execution)
{
	my_record.execution = execution;
	record_write();
}

void
in_hand_file_give_up(int32 branch, int32 visit, int32 attempt)
{
	my_record.branch = branch;
	my_record.visit = visit;
	my_record.attempt = attempt;
	my_record.flags |= RECORD_GIVEN_UP;
	if (mapped_record == NULL)
	{
		if (in_hand_fd >= 0 && pwrite(in_hand_fd, &my_record, sizeof(my_record), my_record_position) < 0)
			return; /* as without a file */
		return;
	}
	mapped_record->branch = branch;
	mapped_record->visit = visit;
	mapped_record->attempt = attempt;
	mapped_record->flags = my_record.flags;
}

void
in_hand_file_end_turn(void)
{
	my_record.flags = 0;
	in_hand_file_set(0);
}

/* At exit: nothing in hand, as far as the file is concerned. */
void
in_hand_file_leave(void)
{
	if (in_hand_fd < 0 || my_record_position == 0)
		return;
	in_hand_file_end_turn();
	mapped_record = NULL; /* the process ends: so does the mapping */
	close(in_hand_fd);
	in_hand_fd = -1;
}

/*
 * SIGQUIT: another process crashed or the server stops at once.  What is in hand
 * here is not to blame.  Only calls that are safe in a signal handler.
 */
static void
handle_crash_of_another(SIGNAL_ARGS)
{
	if (mapped_record != NULL)
		mapped_record->flags |= RECORD_BYSTANDER;
	else if (in_hand_fd >= 0)
	{
		uint32 flags = my_record.flags | RECORD_BYSTANDER;

		if (pwrite(in_hand_fd, &flags, sizeof(flags), my_record_position + offsetof(InHandRecord, flags)) < 0)
			_exit(2);
	}
	_exit(2);
}

/* ---- suspects ---- */

void
in_hand_file_save_suspects(void)
{
	InHandSuspect suspects[REGISTRY_SUSPECTS];

	memset(suspects, 0, sizeof(suspects));
	for (int i = 0; i < REGISTRY_SUSPECTS; i++)
	{
		const Suspect *suspect = &worker_registry->suspects[i];

		if (!OidIsValid(suspect->database) || !suspect->has_crashed)
			continue;
		suspects[i].execution = suspect->execution;
		suspects[i].database = suspect->database;
		suspects[i].strikes = suspect->strikes;
	}
	file_write(suspects, sizeof(suspects), offsetof(InHandFile, suspects));
}

/* ---- the file ---- */

static int
file_open(int flags)
{
	int fd = BasicOpenFile(IN_HAND_FILE, flags | PG_BINARY);

	if (fd < 0)
		ereport(LOG, (errcode_for_file_access(), errmsg("could not open file \"%s\": %m", IN_HAND_FILE)));
	return fd;
}

/* Best effort: without the file work goes on, only a crash is not learnt from. */
static void
file_write(const void *data, size_t size, off_t position)
{
	static bool is_reported = false;

	if (in_hand_fd < 0)
		return;
	if (pwrite(in_hand_fd, data, size, position) == (ssize_t) size || is_reported)
		return;
	is_reported = true;
	ereport(LOG, (errcode_for_file_access(), errmsg("could not write file \"%s\": %m", IN_HAND_FILE)));
}
