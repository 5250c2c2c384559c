/*
 * open_files.c
 *	  Descriptors of openat(), held so that no error leaks them.
 *
 * The server's file layer opens by path only, which cannot say "below this
 * directory, through no symbolic link".  What is held here belongs to the
 * subtransaction that opened it, passes to its parent when that commits, and is closed
 * when one of them fails or the transaction ends.
 */
#include "postgres.h"

#include <unistd.h>

#include "access/xact.h"
#include "lib/ilist.h"
#include "storage/fd.h"
#include "utils/memutils.h"

#include "shared/open_files.h"

typedef struct HeldFile
{
	OpenFile file; /* first: callers hold a pointer to it */
	int level;     /* of the subtransaction it belongs to */
	dlist_node node;
} HeldFile;

static dlist_head held_files = DLIST_STATIC_INIT(held_files);

static void
close_held(HeldFile *held)
{
	OpenFile *file = &held->file;

	dlist_delete(&held->node);
	if (file->dir != NULL)
		(void) closedir(file->dir);
	else
		(void) close(file->fd);
	ReleaseExternalFD();
	if (file->parent >= 0)
	{
		if (file->temporary[0] != '\0')
			(void) unlinkat(file->parent, file->temporary, 0);
		(void) close(file->parent);
		ReleaseExternalFD();
	}
	pfree(held);
}

/* What belongs to subtransactions of that level or above. */
static void
close_from_level(int level)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &held_files)
	{
		HeldFile *held = dlist_container(HeldFile, node, iter.cur);

		if (held->level >= level)
			close_held(held);
	}
}

void
open_files_close_all(void)
{
	close_from_level(0);
}

void
open_files_subtransaction_aborted(int level)
{
	close_from_level(level);
}

void
open_files_subtransaction_committed(int level)
{
	dlist_iter iter;

	dlist_foreach(iter, &held_files)
	{
		HeldFile *held = dlist_container(HeldFile, node, iter.cur);

		held->level = Min(held->level, level - 1);
	}
}

OpenFile *
open_file_hold(int fd, int parent, const char *temporary)
{
	HeldFile *held =
		MemoryContextAllocExtended(TopMemoryContext, sizeof(HeldFile), MCXT_ALLOC_NO_OOM | MCXT_ALLOC_ZERO);

	if (held == NULL || strlen(temporary) >= sizeof(held->file.temporary))
	{
		(void) close(fd);
		if (parent >= 0)
			(void) close(parent);
		elog(ERROR, "out of memory for an open file");
	}
	held->file.fd = fd;
	held->file.parent = parent;
	strcpy(held->file.temporary, temporary);
	held->level = GetCurrentTransactionNestLevel();
	dlist_push_tail(&held_files, &held->node);
	ReserveExternalFD();
	if (parent >= 0)
		ReserveExternalFD();
	return &held->file;
}

void
open_file_close(OpenFile *file)
{
	close_held((HeldFile *) file);
}
