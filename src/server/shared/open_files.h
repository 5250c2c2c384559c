/*
 * open_files.h
 *	  Descriptors that the server's own file layer cannot hold, closed when the (sub)transaction fails.
 */
#ifndef SFN_SHARED_OPEN_FILES_H
#define SFN_SHARED_OPEN_FILES_H

#include "postgres.h"

#include <dirent.h>

typedef struct OpenFile
{
	int fd;
	DIR *dir;           /* reads fd; closed with it; or NULL */
	int parent;         /* the directory of a temporary name, closed with it; or -1 */
	char temporary[64]; /* the name there, which is unlinked when the file is closed; "": none */
} OpenFile;

/* ---- for anybody in a transaction ---- */

/*
 * Takes charge of an open descriptor, and of a second one in which the file has a temporary name (-1, "": none).
 * What is not closed is closed with the end of the subtransaction if that fails, else of the transaction.
 */
extern OpenFile *open_file_hold(int fd, int parent, const char *temporary);

extern void open_file_close(OpenFile *file);

/* ---- at its end (sfn.c) ---- */

extern void open_files_close_all(void);
extern void open_files_subtransaction_committed(int level);
extern void open_files_subtransaction_aborted(int level);

#endif /* SFN_SHARED_OPEN_FILES_H */
