/*
 * in_hand_file.h
 *	  What each executor has in hand, on disk, so that it is known after a crash.
 */
#ifndef SFN_SHARED_IN_HAND_FILE_H
#define SFN_SHARED_IN_HAND_FILE_H

#include "postgres.h"

/* Launcher, once after the server (re)started: makes suspects of what crashed executors had in hand. */
extern void in_hand_file_load(void);

/* Executors: from here on what it has in hand is written down, and a crash of another process is told from its own. */
extern void in_hand_file_join(void);
extern void in_hand_file_begin_turn(bool is_suspect_alone);
extern void in_hand_file_set(int64 execution);
extern void in_hand_file_end_turn(void);
extern void in_hand_file_leave(void);

/* With the lock held: writes the suspects that have crashed a worker. */
extern void in_hand_file_save_suspects(void);

#endif /* SFN_SHARED_IN_HAND_FILE_H */
