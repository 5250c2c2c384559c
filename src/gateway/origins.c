/*
 * origins.c
 *	  Whether a request can be meant for us: by its Host, and by the page that a browser sends it from.
 *
 * Any web site can have its visitors' browsers call an address of the loopback interface,
 * and can give its own name that address.  So the Host has to be ours, always; where
 * nothing is signed, what a browser says of the page that sends a request counts, too.
 * What pages of other sites may read is CORS's, and never goes with cookies.
 */
#include "gateway/origins.h"

#include <arpa/inet.h>

#include "gateway/settings.h"

#define HOST_PREFIX "sync-"

static bool
is_listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *c = list; *c != '\0';)
	{
		size_t item = strcspn(c, ", ");

		if (item == length && pg_strncasecmp(c, name, item) == 0)
			return true;
		c += item;
		c += strspn(c, ", ");
	}
	return false;
}

/* The name in a Host header, without port and brackets. */
static char *
host_name(const char *host)
{
	const char *end = strrchr(host, ':');

	if (host[0] == '[')
		return pnstrdup(host + 1, strcspn(host + 1, "]"));
	return end != NULL ? pnstrdup(host, end - host) : pstrdup(host);
}

/* An address, localhost, or a name that we were told of; each also with "sync-" before it, as SDKs have it. */
static bool
is_our_host(const char *host)
{
	char *name = host_name(host);
	unsigned char address[16];

	if (pg_strncasecmp(name, HOST_PREFIX, strlen(HOST_PREFIX)) == 0)
		name += strlen(HOST_PREFIX);
	return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1 ||
		pg_strcasecmp(name, "localhost") == 0 || is_listed(settings.hosts, name);
}

bool
origin_is_own(const Request *request)
{
	const char *origin = request_header(request, "origin");
	const char *host = request_header(request, "host");
	const char *site = origin != NULL ? strstr(origin, "://") : NULL;

	return site != NULL && host != NULL && strcmp(site + 3, host) == 0;
}

static bool
has_listed_origin(const Request *request)
{
	const char *origin = request_header(request, "origin");

	return origin != NULL && is_listed(settings.cors_origins, origin);
}

/* Sent by a page of another site, or through somebody. */
static bool
is_foreign(const Request *request)
{
	static const char *const of_proxies[] = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded",
											 "via"};
	const char *origin = request_header(request, "origin");
	const char *site = request_header(request, "sec-fetch-site");

	for (size_t i = 0; i < lengthof(of_proxies); i++)
	{
		if (request_header(request, of_proxies[i]) != NULL)
			return true;
	}
	if (origin != NULL)
		return !origin_is_own(request) && !has_listed_origin(request);
	return site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

bool
origin_names_us(Request *request)
{
	const char *host = request_header(request, "host");

	if (host == NULL || !is_our_host(host))
	{
		request_fail(request, 421, "MisdirectedRequest", "This host is not served here (--hosts lists names)");
		return false;
	}
	return true;
}

bool
origin_is_trusted(Request *request)
{
	if (settings.open_role == NULL || !is_foreign(request))
		return true;
	request_fail(request, 403, "AccessDeniedException",
				 "Requests that are not signed are not taken from pages of other sites, nor from proxies");
	return false;
}

/* ---- pages of sites that are listed ---- */

void
origin_allow(Request *request)
{
	if (settings.cors_origins[0] == '\0')
		return;
	request_add_header(request, "Vary", "Origin");
	if (!has_listed_origin(request))
		return;
	request_add_header(request, "Access-Control-Allow-Origin", request_header(request, "origin"));
	request_add_header(request, "Access-Control-Expose-Headers",
					   "x-amzn-RequestId, x-amzn-ErrorType, x-sfn-execution-arn, x-sfn-status, Date");
}

void
origin_preflight(Request *request)
{
	request->action = "preflight";
	if (!has_listed_origin(request))
	{
		request_fail(request, 403, "AccessDeniedException", "This site is not listed (--cors-origins)");
		return;
	}
	request_add_header(request, "Access-Control-Allow-Methods", "GET, POST");
	request_add_header(request, "Access-Control-Allow-Headers",
					   "authorization, content-type, idempotency-key, x-amz-content-sha256, x-amz-date, "
					   "x-amz-security-token, x-amz-target, x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request");
	request_add_header(request, "Access-Control-Max-Age", "600");
	request_answer(request, 204, "text/plain", "");
}
