/*
 * password_login.h
 *	  Whether a password is a role's: the server is asked, by a connection that is closed at once.
 */
#ifndef SFN_GATEWAY_PASSWORD_LOGIN_H
#define SFN_GATEWAY_PASSWORD_LOGIN_H

#include "gateway/request.h"

/* Calls next() with the request's role_name set if the server lets the role in by this password; else it answers. */
extern void password_login(Request *request, const char *role, const char *password, void (*next)(Request *request));

/* Gives up what the server has not answered in time. */
extern void password_login_tend(void);

#endif /* SFN_GATEWAY_PASSWORD_LOGIN_H */
