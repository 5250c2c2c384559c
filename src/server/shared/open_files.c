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
	SubTransactionId owner;
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

/* Those of one subtransaction, or all. */
static void
close_all(SubTransactionId owner)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &held_files)
	{
		HeldFile *held = dlist_container(HeldFile, node, iter.cur);

		if (owner == InvalidSubTransactionId || held->owner == owner)
			close_held(held);
	}
}

static void
at_transaction_event(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
		close_all(InvalidSubTransactionId);
}

static void
at_subtransaction_event(SubXactEvent event, SubTransactionId me, SubTransactionId parent, void *arg)
{
	dlist_iter iter;

	if (event == SUBXACT_EVENT_ABORT_SUB)
		close_all(me);
	if (event != SUBXACT_EVENT_COMMIT_SUB)
		return;
	dlist_foreach(iter, &held_files)
	{
		HeldFile *held = dlist_container(HeldFile, node, iter.cur);

		if (held->owner == me)
			held->owner = parent;
	}
}

static void
listen_for_ends(void)
{
	static bool is_registered = false;

	if (is_registered)
		return;
	RegisterXactCallback(at_transaction_event, NULL);
	RegisterSubXactCallback(at_subtransaction_event, NULL);
	is_registered = true;
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
	held->owner = GetCurrentSubTransactionId();
	listen_for_ends();
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
