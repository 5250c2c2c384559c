/*
 * http_egress.c
 *	  Which addresses a request may go to.
 *
 * What counts is the address that is connected to, whatever name led there, so a
 * name that resolves to another address the second time gains nothing.  Public
 * addresses are open to everybody; all others, and plain http, want an entry of the
 * allow-list: a host name, "*.suffix" for all names below one, an address or a
 * network, each with an optional ":port".
 *
 * Called from libcurl's callbacks: nothing here allocates or raises an error.
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "port.h"

#include "settings/http_egress.h"

#define MAX_ENTRY 300

typedef struct Network
{
	const char *prefix;
	int bits;
	const char *name;
} Network;

static const Network networks4[] = {
	{"0.0.0.0", 8, "an address of this network"},
	{"10.0.0.0", 8, "a private address"},
	{"100.64.0.0", 10, "a carrier's internal address"},
	{"127.0.0.0", 8, "a loopback address"},
	{"168.63.129.16", 32, "a cloud provider's metadata address"},
	{"169.254.0.0", 16, "a link-local address, as those of metadata services"},
	{"172.16.0.0", 12, "a private address"},
	{"192.0.0.0", 24, "a reserved address"},
	{"192.0.2.0", 24, "a documentation address"},
	{"192.88.99.0", 24, "a reserved address"},
	{"192.168.0.0", 16, "a private address"},
	{"198.18.0.0", 15, "a benchmarking address"},
	{"198.51.100.0", 24, "a documentation address"},
	{"203.0.113.0", 24, "a documentation address"},
	{"224.0.0.0", 4, "a multicast address"},
	{"240.0.0.0", 4, "a reserved address"},
};

static const Network networks6[] = {
	{"::1", 128, "a loopback address"},        {"fc00::", 7, "a private address"},
	{"fe80::", 10, "a link-local address"},    {"ff00::", 8, "a multicast address"},
	{"2001::", 23, "a reserved address"},      {"2001:db8::", 32, "a documentation address"},
	{"3fff::", 20, "a documentation address"},
};

/* IPv6 addresses that stand for an IPv4 address; it begins at the given byte. */
static const struct
{
	const char *prefix;
	int bits;
	int offset;
} embedded4[] = {
	{"::ffff:0:0", 96, 12},
	{"64:ff9b::", 96, 12},
	{"2002::", 16, 2},
};

static bool
bits_match(const unsigned char *a, const unsigned char *b, int bits)
{
	int rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) & (0xff << (8 - rest)) & 0xff) == 0;
}

static bool
is_in_network(int family, const unsigned char *address, const char *prefix, int bits)
{
	unsigned char network[16];

	return inet_pton(family, prefix, network) == 1 && bits_match(address, network, bits);
}

static const char *
class_of_4(const unsigned char *address)
{
	for (int i = 0; i < (int) lengthof(networks4); i++)
		if (is_in_network(AF_INET, address, networks4[i].prefix, networks4[i].bits))
			return networks4[i].name;
	return NULL;
}

/* The IPv4 address in an IPv6 one, or NULL. */
static const unsigned char *
embedded_address(const unsigned char *address)
{
	for (int i = 0; i < (int) lengthof(embedded4); i++)
		if (is_in_network(AF_INET6, address, embedded4[i].prefix, embedded4[i].bits))
			return address + embedded4[i].offset;
	return NULL;
}

static const char *
class_of_6(const unsigned char *address)
{
	const unsigned char *inner = embedded_address(address);

	if (inner != NULL)
		return class_of_4(inner);
	for (int i = 0; i < (int) lengthof(networks6); i++)
		if (is_in_network(AF_INET6, address, networks6[i].prefix, networks6[i].bits))
			return networks6[i].name;
	return is_in_network(AF_INET6, address, "2000::", 3) ? NULL : "a reserved address";
}

const char *
egress_address_class(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return class_of_4((const unsigned char *) &((const struct sockaddr_in *) address)->sin_addr);
	if (address->sa_family == AF_INET6)
		return class_of_6((const unsigned char *) &((const struct sockaddr_in6 *) address)->sin6_addr);
	return "no internet address";
}

/* ---- entries ---- */

typedef struct ParsedEntry
{
	char host[MAX_ENTRY]; /* without brackets */
	int port;             /* 0: any */
	int family;           /* 0: a name */
	unsigned char network[16];
	int bits;
} ParsedEntry;

/* All digits, and no more than that: 0 or more, else -1. */
static int
read_number(const char *text, int max)
{
	int number = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++)
	{
		if (*text < '0' || *text > '9' || (number = number * 10 + (*text - '0')) > max)
			return -1;
	}
	return number;
}

/* Takes ":port" off; a bare IPv6 address has more than one colon and no port. */
static bool
take_port(ParsedEntry *entry)
{
	char *colon = strrchr(entry->host, ':');
	char *bracket = strchr(entry->host, ']');

	entry->port = 0;
	if (entry->host[0] == '[' && bracket == NULL)
		return false;
	if (colon != NULL && (entry->host[0] == '[' ? colon == bracket + 1 : strchr(entry->host, ':') == colon))
	{
		entry->port = read_number(colon + 1, 65535);
		if (entry->port <= 0)
			return false;
		*colon = '\0';
	}
	if (entry->host[0] == '[')
	{
		if (bracket[1] != '\0')
			return false;
		*bracket = '\0';
		memmove(entry->host, entry->host + 1, strlen(entry->host));
	}
	return true;
}

static bool
take_network(ParsedEntry *entry)
{
	char *slash = strchr(entry->host, '/');

	if (slash != NULL)
		*slash = '\0';
	entry->family = strchr(entry->host, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(entry->family, entry->host, entry->network) != 1)
	{
		entry->family = 0;
		return slash == NULL;
	}
	entry->bits = entry->family == AF_INET ? 32 : 128;
	if (slash != NULL)
		entry->bits = read_number(slash + 1, entry->bits);
	return entry->bits >= 0;
}

static bool
entry_parse(const char *text, ParsedEntry *entry)
{
	const char *name;

	memset(entry, 0, sizeof(*entry));
	if (strlcpy(entry->host, text, sizeof(entry->host)) >= sizeof(entry->host) || !take_port(entry) ||
		!take_network(entry))
		return false;
	if (entry->family != 0)
		return true;
	name = strncmp(entry->host, "*.", 2) == 0 ? entry->host + 2 : entry->host;
	return *name != '\0' &&
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(name);
}

bool
egress_entry_is_valid(const char *text)
{
	ParsedEntry entry;

	return entry_parse(text, &entry);
}

static bool
name_matches(const char *pattern, const char *host)
{
	size_t length = strlen(host);
	size_t suffix;

	if (length > 0 && host[length - 1] == '.')
		length--;
	if (strncmp(pattern, "*.", 2) != 0)
		return strlen(pattern) == length && pg_strncasecmp(pattern, host, length) == 0;
	suffix = strlen(pattern) - 1;
	return length > suffix && pg_strncasecmp(pattern + 1, host + length - suffix, suffix) == 0;
}

/* An IPv4 address also matches where IPv6 wraps it. */
static bool
address_matches(const ParsedEntry *entry, const struct sockaddr *address)
{
	const unsigned char *bytes;

	if (address->sa_family == AF_INET)
		return entry->family == AF_INET &&
			bits_match((const unsigned char *) &((const struct sockaddr_in *) address)->sin_addr, entry->network,
					   entry->bits);
	if (address->sa_family != AF_INET6)
		return false;
	bytes = (const unsigned char *) &((const struct sockaddr_in6 *) address)->sin6_addr;
	if (entry->family == AF_INET)
	{
		bytes = embedded_address(bytes);
		return bytes != NULL && bits_match(bytes, entry->network, entry->bits);
	}
	return bits_match(bytes, entry->network, entry->bits);
}

bool
egress_is_allowed(const EgressPolicy *policy, Oid role, const char *host, int port, const struct sockaddr *address)
{
	for (int i = 0; i < policy->count; i++)
	{
		ParsedEntry entry;

		if ((OidIsValid(policy->entries[i].role) && policy->entries[i].role != role) ||
			!entry_parse(policy->entries[i].text, &entry) || (entry.port != 0 && entry.port != port))
			continue;
		if (entry.family == 0 ? name_matches(entry.host, host) : address != NULL && address_matches(&entry, address))
			return true;
	}
	return false;
}

bool
egress_has_own(const EgressPolicy *policy, Oid role)
{
	for (int i = 0; i < policy->count; i++)
		if (OidIsValid(policy->entries[i].role) && policy->entries[i].role == role)
			return true;
	return false;
}
