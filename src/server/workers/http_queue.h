/*
 * http_queue.h
 *	  Which of the requests that wait is sent next: hosts take turns.
 */
#ifndef SFN_WORKERS_HTTP_QUEUE_H
#define SFN_WORKERS_HTTP_QUEUE_H

#include "postgres.h"

#include "store/http_tasks.h"

/* A host that requests go to, while there are any. */
typedef struct HttpHost HttpHost;

/* Once in a process. */
extern void http_queue_begin(MemoryContext parent);

/* Looks for requests that nobody has looked at yet, if there is room for them.  In the pump's transaction. */
extern void http_queue_look(bool is_announced);

/*
 * The next ones to be sent, at most count, of max that may be under way in all; they leave the queue.  Whose request
 * is taken then says so by http_queue_started().  In the pump's transaction.
 */
extern int http_queue_choose(int64 *ids, int count, int max);

/* Of those that were chosen some were not there to be taken: gone, or held by a session that may let go of them. */
extern void http_queue_missed(void);

/* Is there one that could be chosen, or should it be looked for more? */
extern bool http_queue_has_more(int max);

/* A request of that role to this host begins and ends to be under way. */
extern HttpHost *http_queue_started(const char *host, Oid role);
extern void http_queue_ended(HttpHost *host);

/* The transaction that looked and chose has failed: forget what waits, and look again. */
extern void http_queue_forget(void);

/* Milliseconds until it should be looked again; -1: not before something is announced. */
extern long http_queue_pause(void);

#endif /* SFN_WORKERS_HTTP_QUEUE_H */
