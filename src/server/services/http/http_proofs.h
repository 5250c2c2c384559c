/*
 * http_proofs.h
 *	  Keeping what proves who calls out of what an answer says.
 */
#ifndef SFN_SERVICES_HTTP_HTTP_PROOFS_H
#define SFN_SERVICES_HTTP_HTTP_PROOFS_H

#include "postgres.h"

#include "base/error.h"
#include "services/http/http_request.h"

/*
 * Puts *** into the error's cause for each proof that the request's headers have: a service that refuses a signature repeats
 * what was signed, and an API may tell what it got.  Always false.
 */
extern bool http_hide_proofs(const HttpRequest *request, SfnError *error);

#endif /* SFN_SERVICES_HTTP_HTTP_PROOFS_H */
