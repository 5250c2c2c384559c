/*
 * peers.c
 *	  Where requests come from: how many of one address, and the proxies whose word counts.
 *
 * Anybody can send X-Forwarded-For, so it counts from proxies that are listed only, and of
 * the addresses in it the last that is none of theirs: what stands before was said by the
 * client.  The other headers are taken from the same proxies, the last value of each.
 */
#include "gateway/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "gateway/settings.h"

#define MAX_PROXIES 32
#define PLACES 16384
#define IPV4_BEGIN 12        /* of an IPv4 address in one of IPv6 */
#define IPV6_NETWORK_BYTES 8 /* what one customer has */

/* Of IPv6; one of IPv4 is ::ffff:a.b.c.d, as it is where a socket takes both. */
typedef struct Address
{
	uint8 bytes[16];
} Address;

typedef struct Network
{
	Address address;
	int bits;
} Network;

static Network proxies[MAX_PROXIES];
static int proxy_count;

/* By a digest of the address: two that meet in one place share their number. */
static uint16 counts[PLACES];

/* ---- addresses ---- */

static const uint8 ipv4_prefix[IPV4_BEGIN] = {[10] = 0xff, [11] = 0xff};

static bool
is_ipv4(const Address *address)
{
	return memcmp(address->bytes, ipv4_prefix, IPV4_BEGIN) == 0;
}

static bool
is_loopback(const Address *address)
{
	static const Address loopback = {{[15] = 1}};

	return (is_ipv4(address) && address->bytes[IPV4_BEGIN] == 127) || memcmp(address, &loopback, sizeof(Address)) == 0;
}

static bool
read_socket_address(const struct sockaddr *from, Address *address)
{
	if (from != NULL && from->sa_family == AF_INET6)
		memcpy(address->bytes, &((const struct sockaddr_in6 *) from)->sin6_addr, 16);
	else if (from != NULL && from->sa_family == AF_INET)
	{
		memcpy(address->bytes, ipv4_prefix, IPV4_BEGIN);
		memcpy(address->bytes + IPV4_BEGIN, &((const struct sockaddr_in *) from)->sin_addr, 4);
	}
	else
		return false;
	return true;
}

static bool
peer_address(const Request *request, Address *address)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);

	return request->socket >= 0 && getpeername(request->socket, (struct sockaddr *) &from, &length) == 0 &&
		read_socket_address((const struct sockaddr *) &from, address);
}

/* "1.2.3.4", "1.2.3.4:80", "::1", "[::1]:80" */
static bool
parse_address(const char *text, size_t length, Address *address)
{
	char *copy = pnstrdup(text, length);
	char *colon = strrchr(copy, ':');

	if (copy[0] == '[')
	{
		copy[strcspn(copy, "]")] = '\0';
		copy++;
	}
	else if (colon != NULL && strchr(copy, ':') == colon)
		*colon = '\0';
	memcpy(address->bytes, ipv4_prefix, IPV4_BEGIN);
	return inet_pton(AF_INET, copy, address->bytes + IPV4_BEGIN) == 1 || inet_pton(AF_INET6, copy, address->bytes) == 1;
}

static bool
is_in(const Address *address, const Network *network)
{
	int whole = network->bits / 8;
	int rest = network->bits % 8;
	uint8 mask = (uint8) (0xff00 >> rest);

	return memcmp(address->bytes, network->address.bytes, whole) == 0 &&
		(rest == 0 || ((address->bytes[whole] ^ network->address.bytes[whole]) & mask) == 0);
}

static bool
is_proxy(const Address *address)
{
	for (int i = 0; i < proxy_count; i++)
	{
		if (is_in(address, &proxies[i]))
			return true;
	}
	return false;
}

/* ---- the proxies ---- */

/* "10.0.0.0/8", or an address alone */
static bool
parse_network(const char *text, Network *network)
{
	size_t length = strcspn(text, "/");
	int most;
	char *end;

	if (!parse_address(text, length, &network->address))
		return false;
	most = is_ipv4(&network->address) ? 32 : 128;
	network->bits = 128;
	if (text[length] == '\0')
		return true;
	network->bits = (int) strtol(text + length + 1, &end, 10);
	if (end == text + length + 1 || *end != '\0' || network->bits < 0 || network->bits > most)
		return false;
	network->bits += 128 - most;
	return true;
}

void
peers_begin(void)
{
	for (const char *c = settings.trusted_proxies; *c != '\0';)
	{
		size_t length = strcspn(c, ", ");
		char *text = pnstrdup(c, length);

		if (proxy_count == MAX_PROXIES || !parse_network(text, &proxies[proxy_count++]))
			settings_refuse("--trusted-proxies takes at most 32 addresses or networks, such as 10.0.0.0/8: %s", text);
		c += length;
		c += strspn(c, ", ");
	}
}

/* ---- how many ---- */

static uint16 *
count_of(const Address *address)
{
	bool is_four = is_ipv4(address);
	size_t length = is_four ? sizeof(address->bytes) : IPV6_NETWORK_BYTES;
	uint32 hash = 2166136261U;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ address->bytes[i]) * 16777619U;
	return &counts[hash % PLACES];
}

uint16 *
peer_count(const struct sockaddr *from)
{
	Address address;

	if (!read_socket_address(from, &address) || is_loopback(&address) || is_proxy(&address))
		return NULL;
	return count_of(&address);
}

/* ---- what proxies say ---- */

/* All values of the header, with commas, in the order of coming; NULL: there is none. */
static char *
all_values(const Request *request, const char *name)
{
	StringInfoData all;

	initStringInfo(&all);
	for (int i = 0; i < request->received.header_count; i++)
	{
		if (pg_strcasecmp(request->headers[i].name, name) == 0)
			appendStringInfo(&all, "%s%s", all.len > 0 ? "," : "", request->headers[i].value);
	}
	return all.len > 0 ? all.data : NULL;
}

/* Cuts the last value off the list; NULL: there is no other. */
static char *
cut_last(char *list)
{
	char *comma = strrchr(list, ',');
	char *last = comma != NULL ? comma + 1 : list;

	if (list[0] == '\0')
		return NULL;
	last += strspn(last, " \t");
	for (size_t length = strlen(last); length > 0 && (last[length - 1] == ' ' || last[length - 1] == '\t'); length--)
		last[length - 1] = '\0';
	last = pstrdup(last);
	if (comma != NULL)
		*comma = '\0';
	else
		*list = '\0';
	return last;
}

static const char *
last_value(const Request *request, const char *name)
{
	char *all = all_values(request, name);

	return all != NULL ? cut_last(all) : NULL;
}

/* Whom the proxy speaks for; what it does not say well, it has not said. */
static bool
forwarded_address(const Request *request, Address *address)
{
	char *all = all_values(request, "x-forwarded-for");
	char *one;
	bool is_known = false;

	while (all != NULL && (one = cut_last(all)) != NULL)
	{
		if (!parse_address(one, strlen(one), address))
			return false;
		is_known = true;
		if (!is_proxy(address))
			break;
	}
	return is_known;
}

static void
replace_host(Request *request, const char *host)
{
	for (int i = 0; i < request->received.header_count; i++)
	{
		if (pg_strcasecmp(request->headers[i].name, "host") == 0)
			request->headers[i].value = host;
	}
}

/* Whose request it is; false: he has too many. */
static bool
count_request(Request *request, const Address *address)
{
	char text[INET6_ADDRSTRLEN];

	if (is_ipv4(address))
		(void) inet_ntop(AF_INET, address->bytes + IPV4_BEGIN, text, sizeof(text));
	else
		(void) inet_ntop(AF_INET6, address->bytes, text, sizeof(text));
	request->from = pstrdup(text);
	if (is_loopback(address))
		return true;
	if (*count_of(address) >= settings.per_ip)
	{
		request_add_header(request, "Retry-After", "1");
		request_fail(request, 400, "ThrottlingException", "Rate exceeded");
		return false;
	}
	request->counted = count_of(address);
	(*request->counted)++;
	return true;
}

bool
peers_take_forwarded(Request *request)
{
	Address address;
	const char *scheme;
	const char *host;

	if (proxy_count == 0 || !peer_address(request, &address) || !is_proxy(&address))
		return true;
	scheme = last_value(request, "x-forwarded-proto");
	host = last_value(request, "x-forwarded-host");
	request->is_forwarded = true;
	request->is_private = scheme != NULL && strcmp(scheme, "https") == 0;
	if (host != NULL)
		replace_host(request, host);
	return !forwarded_address(request, &address) || count_request(request, &address);
}

void
peers_request_ends(Request *request)
{
	if (request->counted != NULL)
		(*request->counted)--;
	request->counted = NULL;
}

const char *
peer_text(const Request *request)
{
	char text[INET6_ADDRSTRLEN] = "?";
	Address address;

	if (request->from != NULL)
		return request->from;
	if (peer_address(request, &address) && is_ipv4(&address))
		(void) inet_ntop(AF_INET, address.bytes + IPV4_BEGIN, text, sizeof(text));
	else if (peer_address(request, &address))
		(void) inet_ntop(AF_INET6, address.bytes, text, sizeof(text));
	return pstrdup(text);
}
