/*
 * objects_file.c
 *	  Buckets that are directories of the server: a key is the path of a file in it.
 *
 * No key leads out of the directory: each part of it is opened below the one
 * before and never through a symbolic link, so neither ".." nor a link made by
 * somebody else does, whenever it is made.  Only regular files are objects.
 *
 * A new object is written under a temporary name beside its own, made durable, and
 * renamed.  Lists never show temporary names.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cryptohash.h"
#include "common/md5.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "aws/request.h"
#include "aws/s3_listing.h"
#include "base/hashes.h"
#include "base/utf8.h"
#include "services/objects/objects_backend.h"
#include "shared/open_files.h"

#define BUFFER_SIZE (64 * 1024)
#define MAX_KEY_LENGTH 1024
#define MAX_NAME_LENGTH 255
#define MAX_DIRECTORY_DEPTH 100

/* Larger files have an Etag that is not the MD5 of their content, as S3's large objects do. */
#define MAX_HASHED_SIZE (8 * 1024 * 1024)

#define TEMPORARY_PREFIX ".sfn-put-"

/* Others than the server may read what it exports. */
#define FILE_MODE 0644
#define DIRECTORY_MODE 0755

#define OPEN_DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define OPEN_FILE (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

/* ---- the bucket's URL ---- */

/* Whether one of the two directories is the other or within it, by their real paths. */
static bool
is_related(const char *path, const char *other)
{
	char *real_path = realpath(path, NULL);
	char *real_other = realpath(other, NULL);
	bool result = real_path == NULL || real_other == NULL || strcmp(real_path, "/") == 0 ||
		path_is_prefix_of_path(real_path, real_other) || path_is_prefix_of_path(real_other, real_path);

	free(real_path);
	free(real_other);
	return result;
}

static const char *
file_url_problem(const char **root, const char **hint)
{
	char path[MAXPGPATH];
	struct stat status;

	*hint = "The URL of a directory is file:// with its absolute path.";
	if ((*root)[0] != '/' || strlen(*root) >= MAXPGPATH)
		return psprintf("\"%s\" is no absolute path", *root);
	strlcpy(path, *root, sizeof(path));
	canonicalize_path(path);
	*root = pstrdup(path);
	*hint = "It must exist and be open to the operating system user of the server.";
	if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
		return psprintf("\"%s\" is no directory", path);
	*hint = NULL;
	if (is_related(path, DataDir))
		return psprintf("\"%s\" contains the data directory or is part of it", path);
	return NULL;
}

/* ---- from keys to files ---- */

static bool
is_temporary_name(const char *name)
{
	return strncmp(name, TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX)) == 0;
}

/* Whether a part of a key can be the name of a file. */
static bool
is_file_name(const char *part, size_t length)
{
	bool is_dots = part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.'));

	return length > 0 && length <= MAX_NAME_LENGTH && !is_dots && !is_temporary_name(part);
}

/* Whether the key can be the path of a file. */
static bool
is_path(const char *key)
{
	size_t length = strlen(key);

	if (length < 1 || length > MAX_KEY_LENGTH)
		return false;
	for (const char *part = key;; part += length + 1)
	{
		length = strcspn(part, "/");
		if (!is_file_name(part, length))
			return false;
		if (part[length] == '\0')
			return true;
	}
}

/* A directory below another one, made if it is missing; -1 with errno. */
static int
open_directory(int parent, const char *name, bool creates)
{
	int fd = openat(parent, name, OPEN_DIRECTORY);

	if (fd >= 0 || errno != ENOENT || !creates)
		return fd;
	if (mkdirat(parent, name, S_IRWXU) == 0)
	{
		if (fchmodat(parent, name, DIRECTORY_MODE, 0) != 0)
			return -1;
		if (enableFsync)
			(void) fsync(parent);
	}
	else if (errno != EEXIST)
		return -1;
	return openat(parent, name, OPEN_DIRECTORY);
}

/* What errno says about reading or writing the object. */
static bool
fail(const ObjectPlace *place, const char *error_name, SfnError *error)
{
	bool is_reading = (error_name == ERROR_ITEM_READER_FAILED);

	if (is_reading && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG))
		return object_fail_no_key(place, error_name, error);
	if (errno == EACCES || errno == EPERM)
		return object_fail_access(place, error_name, error);
	return sfn_error(error, error_name, "Could not %s %s of bucket %s: %s.", is_reading ? "read" : "write", place->key,
					 place->bucket, strerror(errno));
}

/* The bucket's own directory, which its administrator may have made a symbolic link; -1 and *error. */
static int
open_root(const ObjectPlace *place, const char *error_name, SfnError *error)
{
	int fd = open(place->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		(void) sfn_error(error, error_name, "The directory of bucket %s cannot be opened: %s.", place->bucket,
						 strerror(errno));
	return fd;
}

/* The directory that the object's file is in, missing ones made if for writing; -1 and *error.  *name: the file's. */
static int
open_parent(const ObjectPlace *place, const char *error_name, const char **name, SfnError *error)
{
	const char *part = place->key;
	int directory;

	errno = (error_name == ERROR_ITEM_READER_FAILED) ? ENOENT : EINVAL;
	if (!is_path(place->key))
	{
		(void) fail(place, error_name, error);
		return -1;
	}
	directory = open_root(place, error_name, error);
	for (const char *slash = strchr(part, '/'); slash != NULL && directory >= 0; slash = strchr(part, '/'))
	{
		char component[MAX_NAME_LENGTH + 1];
		int next;

		memcpy(component, part, slash - part);
		component[slash - part] = '\0';
		next = open_directory(directory, component, error_name == ERROR_RESULT_WRITER_FAILED);
		if (next < 0)
			(void) fail(place, error_name, error);
		(void) close(directory);
		directory = next;
		part = slash + 1;
	}
	*name = part;
	return directory;
}

/* ---- reading ---- */

/* The object's file, if it is a regular one, and what the system says of it; NULL and *error. */
static OpenFile *
open_object(const ObjectPlace *place, struct stat *status, SfnError *error)
{
	const char *name;
	int directory;
	int fd;

	if (place->version != NULL)
	{
		(void) sfn_error(error, ERROR_ITEM_READER_FAILED, "The bucket %s keeps no versions: VersionId cannot be used.",
						 place->bucket);
		return NULL;
	}
	directory = open_parent(place, ERROR_ITEM_READER_FAILED, &name, error);
	if (directory < 0)
		return NULL;
	fd = openat(directory, name, OPEN_FILE);
	if (fd < 0)
		(void) fail(place, ERROR_ITEM_READER_FAILED, error);
	(void) close(directory);
	if (fd < 0)
		return NULL;
	if (fstat(fd, status) != 0 || !S_ISREG(status->st_mode))
	{
		(void) close(fd);
		(void) object_fail_no_key(place, ERROR_ITEM_READER_FAILED, error);
		return NULL;
	}
	return open_file_hold(fd, -1, "");
}

static bool
file_get(const ObjectPlace *place, ObjectDataSink sink, void *arg, SfnError *error)
{
	struct stat status;
	OpenFile *file = open_object(place, &status, error);
	char *buffer;
	ssize_t count;
	bool goes_on = true;

	if (file == NULL)
		return false;
	memset(error, 0, sizeof(SfnError));
	buffer = palloc(BUFFER_SIZE);
	while (goes_on && (count = read(file->fd, buffer, BUFFER_SIZE)) != 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (count > 0)
			goes_on = sink(arg, buffer, count, error);
		else if (errno != EINTR)
			goes_on = fail(place, ERROR_ITEM_READER_FAILED, error);
	}
	open_file_close(file);
	pfree(buffer);
	return error->name == NULL;
}

/* ---- lists ---- */

typedef struct Entry
{
	const char *name; /* of a directory with a slash behind it: so the order of names is that of keys */
	bool is_directory;
	int64 size;
	int64 modified;
	uint64 inode;
} Entry;

typedef struct EntryList
{
	Entry *entries;
	int64 count;
	int64 capacity;
} EntryList;

typedef struct Listing
{
	const ObjectPlace *place;
	ObjectListSink sink;
	void *arg;
	MemoryContext caller_context;
	MemoryContext object_context; /* reset after each */
} Listing;

static bool list_directory(Listing *listing, int fd, const char *directory_key, int depth, SfnError *error);

static int
compare_entries(const void *a, const void *b)
{
	return strcmp(((const Entry *) a)->name, ((const Entry *) b)->name);
}

/* What stands in the directory under that name, unless it cannot be an object or lead to one. */
static void
add_entry(EntryList *list, int directory, const char *name)
{
	struct stat status;
	Entry *entry;

	if (!is_file_name(name, strlen(name)) || !utf8_is_valid(name, (int) strlen(name)) ||
		fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		(!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
		return;
	if (list->count == list->capacity)
	{
		list->capacity *= 2;
		list->entries = repalloc_huge(list->entries, list->capacity * sizeof(Entry));
	}
	entry = &list->entries[list->count++];
	entry->is_directory = S_ISDIR(status.st_mode);
	entry->name = entry->is_directory ? psprintf("%s/", name) : pstrdup(name);
	entry->size = status.st_size;
	entry->modified = status.st_mtime;
	entry->inode = status.st_ino;
}

static void
read_entries(EntryList *list, OpenFile *directory)
{
	struct dirent *entry;

	list->capacity = 64;
	list->count = 0;
	list->entries = palloc(list->capacity * sizeof(Entry));
	while ((entry = readdir(directory->dir)) != NULL)
	{
		add_entry(list, directory->fd, entry->d_name);
		CHECK_FOR_INTERRUPTS();
	}
	qsort(list->entries, list->count, sizeof(Entry), compare_entries);
}

/* The MD5 of the file's content in quotes, or NULL. */
static char *
content_etag(int fd)
{
	uint8 digest[MD5_DIGEST_LENGTH];
	char *buffer = palloc(BUFFER_SIZE);
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_MD5);
	ssize_t count = 0;
	bool is_done = context != NULL && pg_cryptohash_init(context) >= 0;

	while (is_done && (count = read(fd, buffer, BUFFER_SIZE)) > 0)
		is_done = pg_cryptohash_update(context, (uint8 *) buffer, count) >= 0;
	is_done = is_done && count == 0 && pg_cryptohash_final(context, digest, sizeof(digest)) >= 0;
	if (context != NULL)
		pg_cryptohash_free(context);
	pfree(buffer);
	return is_done ? psprintf("\"%s\"", bytes_to_hex(digest, sizeof(digest))) : NULL;
}

/* S3's Etag of a large object is no MD5 of its content either; it has a number of parts behind it. */
static char *
large_etag(int64 size, int64 modified, uint64 inode)
{
	char *facts = psprintf(INT64_FORMAT " " INT64_FORMAT " " UINT64_FORMAT, size, modified, inode);

	return psprintf("\"%.32s-1\"", hash_hex("SHA-256", facts, (int) strlen(facts)));
}

static char *
entry_etag(int directory, const Entry *entry)
{
	int fd = entry->size <= MAX_HASHED_SIZE ? openat(directory, entry->name, OPEN_FILE) : -1;
	char *etag = NULL;

	if (fd >= 0)
	{
		OpenFile *file = open_file_hold(fd, -1, "");

		etag = content_etag(fd);
		open_file_close(file);
	}
	return etag != NULL ? etag : large_etag(entry->size, entry->modified, entry->inode);
}

/* What is said of the object, in S3's headers. */
static bool
file_describe(const ObjectPlace *place, const char **headers, SfnError *error)
{
	struct stat status;
	OpenFile *file = open_object(place, &status, error);
	char *etag;
	TimestampTz modified = 0;
	StringInfoData out;

	if (file == NULL)
		return false;
	etag = status.st_size <= MAX_HASHED_SIZE ? content_etag(file->fd) : NULL;
	open_file_close(file);
	if (etag == NULL)
		etag = large_etag(status.st_size, status.st_mtime, status.st_ino);
	(void) aws_time_read(jv_int(status.st_mtime), &modified);
	initStringInfo(&out);
	appendStringInfo(&out, "ETag: %s\r\nLast-Modified: ", etag);
	aws_time_print(&out, modified, 'R');
	appendStringInfo(&out,
					 "\r\nAccept-Ranges: bytes\r\nContent-Length: " INT64_FORMAT
					 "\r\nContent-Type: binary/octet-stream\r\n",
					 (int64) status.st_size);
	*headers = out.data;
	return true;
}

/* Are the key, and all keys that begin with it where it is a directory's, no later than that behind which the list begins? */
static bool
is_before(const ObjectPlace *place, const char *key, bool is_directory)
{
	return strcmp(key, place->after) <= 0 && !(is_directory && strncmp(key, place->after, strlen(key)) == 0);
}

/* Hands on an entry, or what is below it. */
static bool
list_entry(Listing *listing, int directory, const Entry *entry, const char *directory_key, int depth, SfnError *error)
{
	const char *prefix = listing->place->key;
	char *key = psprintf("%s%s", directory_key, entry->name);
	size_t common = Min(strlen(key), strlen(prefix));
	const JsonVal *object;
	MemoryContext context;
	bool goes_on;

	if (strlen(key) > MAX_KEY_LENGTH || strncmp(key, prefix, common) != 0 ||
		(!entry->is_directory && common < strlen(prefix)) || is_before(listing->place, key, entry->is_directory))
		return true;
	if (entry->is_directory)
	{
		char *name = pnstrdup(entry->name, strlen(entry->name) - 1);
		int fd = openat(directory, name, OPEN_DIRECTORY);

		return fd < 0 || list_directory(listing, fd, key, depth + 1, error);
	}
	context = MemoryContextSwitchTo(listing->object_context);
	object = s3_object(entry_etag(directory, entry), entry->modified, key, entry->size, "STANDARD");
	MemoryContextSwitchTo(listing->caller_context);
	goes_on = listing->sink(listing->arg, object, error);
	MemoryContextSwitchTo(context);
	MemoryContextReset(listing->object_context);
	return goes_on;
}

/* fd is closed at the end.  False: *error is filled, or the sink has enough. */
static bool
list_directory(Listing *listing, int fd, const char *directory_key, int depth, SfnError *error)
{
	OpenFile *directory = open_file_hold(fd, -1, "");
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "sfn directory", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer_context = MemoryContextSwitchTo(context);
	EntryList list = {0};
	bool goes_on = true;

	directory->dir = fdopendir(fd);
	if (directory->dir != NULL && depth <= MAX_DIRECTORY_DEPTH)
		read_entries(&list, directory);
	else
	{
		MemoryContextSwitchTo(listing->caller_context);
		goes_on = sfn_error(error, ERROR_ITEM_READER_FAILED, "The directory %s of bucket %s cannot be read.",
							directory_key, listing->place->bucket);
	}
	for (int64 i = 0; goes_on && i < list.count; i++)
	{
		goes_on = list_entry(listing, fd, &list.entries[i], directory_key, depth, error);
		CHECK_FOR_INTERRUPTS();
	}
	open_file_close(directory);
	MemoryContextSwitchTo(outer_context);
	MemoryContextDelete(context);
	return goes_on;
}

static bool
file_list(const ObjectPlace *place, ObjectListSink sink, void *arg, SfnError *error)
{
	Listing listing = {.place = place, .sink = sink, .arg = arg, .caller_context = CurrentMemoryContext};
	int fd = open_root(place, ERROR_ITEM_READER_FAILED, error);

	if (fd < 0)
		return false;
	memset(error, 0, sizeof(SfnError));
	listing.object_context = AllocSetContextCreate(CurrentMemoryContext, "sfn object", ALLOCSET_DEFAULT_SIZES);
	(void) list_directory(&listing, fd, "", 0, error);
	MemoryContextDelete(listing.object_context);
	return error->name == NULL;
}

/* ---- writing ---- */

typedef struct FileWriter
{
	ObjectWriter base;
	const ObjectPlace *place;
	OpenFile *file; /* NULL after a failure */
	char *name;     /* in the directory file->parent */
	int64 size;
	int used;
	char buffer[BUFFER_SIZE];
} FileWriter;

static ObjectWriter *
file_put_begin(const ObjectPlace *place, SfnError *error)
{
	static uint32 counter = 0;
	const char *name;
	int directory = open_parent(place, ERROR_RESULT_WRITER_FAILED, &name, error);
	int fd;
	char temporary[64];
	FileWriter *writer;

	if (directory < 0)
		return NULL;
	snprintf(temporary, sizeof(temporary), TEMPORARY_PREFIX "%d-%u", MyProcPid, ++counter);
	(void) unlinkat(directory, temporary, 0); /* left by a process of that number before a crash */
	fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
	{
		(void) fail(place, ERROR_RESULT_WRITER_FAILED, error);
		(void) close(directory);
		return NULL;
	}
	(void) fchmod(fd, FILE_MODE);
	writer = palloc0(sizeof(FileWriter));
	writer->file = open_file_hold(fd, directory, temporary);
	writer->place = place;
	writer->name = pstrdup(name);
	return &writer->base;
}

static bool
writer_fail(FileWriter *writer, SfnError *error)
{
	(void) fail(writer->place, ERROR_RESULT_WRITER_FAILED, error);
	open_file_close(writer->file);
	writer->file = NULL;
	return false;
}

static bool
writer_flush(FileWriter *writer, SfnError *error)
{
	for (int done = 0; done < writer->used;)
	{
		ssize_t count = write(writer->file->fd, writer->buffer + done, writer->used - done);

		CHECK_FOR_INTERRUPTS();
		if (count > 0)
			done += count;
		else if (errno != EINTR)
			return writer_fail(writer, error);
	}
	writer->used = 0;
	return true;
}

static bool
file_put_write(ObjectWriter *base, const char *data, Size length, SfnError *error)
{
	FileWriter *writer = (FileWriter *) base;

	writer->size += length;
	while (length > 0)
	{
		Size part = Min(length, (Size) (BUFFER_SIZE - writer->used));

		memcpy(writer->buffer + writer->used, data, part);
		writer->used += part;
		data += part;
		length -= part;
		if (writer->used == BUFFER_SIZE && !writer_flush(writer, error))
			return false;
	}
	return true;
}

static int64
file_put_end(ObjectWriter *base, SfnError *error)
{
	FileWriter *writer = (FileWriter *) base;
	OpenFile *file = writer->file;

	if (!writer_flush(writer, error))
		return -1;
	if (pg_fsync(file->fd) != 0 || renameat(file->parent, file->temporary, file->parent, writer->name) != 0)
	{
		(void) writer_fail(writer, error);
		return -1;
	}
	file->temporary[0] = '\0';
	if (enableFsync)
		(void) fsync(file->parent);
	open_file_close(file);
	writer->file = NULL;
	return writer->size;
}

/* Directories stay, as an object in them may just be written. */
static bool
file_remove(const ObjectPlace *place, SfnError *error)
{
	const char *name;
	int directory = open_parent(place, ERROR_ITEM_READER_FAILED, &name, error);
	struct stat status;
	bool is_done;

	if (directory < 0)
		return false;
	is_done = fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
	if (is_done && !S_ISREG(status.st_mode))
	{
		errno = ENOENT;
		is_done = false;
	}
	is_done = is_done && unlinkat(directory, name, 0) == 0;
	if (!is_done)
		(void) fail(place, ERROR_ITEM_READER_FAILED, error);
	else if (enableFsync)
		(void) fsync(directory);
	(void) close(directory);
	return is_done;
}

const ObjectBackend object_backend_file = {
	.scheme = "file://",
	.url_problem = file_url_problem,
	.get = file_get,
	.describe = file_describe,
	.list = file_list,
	.put_begin = file_put_begin,
	.put_write = file_put_write,
	.put_end = file_put_end,
	.remove = file_remove,
};
