/*
 * sessions.h
 *	  Who looks at the page: logging in, and the cookie that says so afterwards.
 */
#ifndef SFN_GATEWAY_SESSIONS_H
#define SFN_GATEWAY_SESSIONS_H

#include "gateway/request.h"

extern void sessions_begin(void);

/* POST /ui/login, POST /ui/logout */
extern void session_log_in(Request *request);
extern void session_log_out(Request *request);

/* There is a cookie of ours, or nobody has to log in. */
extern bool session_is_there(const Request *request);

/*
 * Calls next() when the request comes from a session whose key or role may still ask for its action; else it answers.
 * What changes anything needs the session's token, too, which other sites cannot know.
 */
extern void session_authenticate(Request *request, bool needs_token, void (*next)(Request *request));

/* What the page has to send along; NULL: nothing, since requests are not signed here. */
extern const char *session_token(const Request *request);

#endif /* SFN_GATEWAY_SESSIONS_H */
