/*
 * endpoint.c
 *	  Where a service is, and for which region requests to it are signed.
 *
 * "prefix.region.amazonaws.com" is right for nearly all; a row for each that differs.
 */
#include "aws/endpoint.h"

#include "base/texts.h"

/* region NULL: that of the caller; "%s" in host stands for it. */
static const struct
{
	const char *prefix;
	const char *host;
	const char *region;
} others[] = {
	{"iam", "iam.amazonaws.com", "us-east-1"},
	{"route53", "route53.amazonaws.com", "us-east-1"},
	{"cloudfront", "cloudfront.amazonaws.com", "us-east-1"},
	{"budgets", "budgets.amazonaws.com", "us-east-1"},
	{"waf", "waf.amazonaws.com", "us-east-1"},
	{"savingsplans", "savingsplans.amazonaws.com", "us-east-1"},
	{"health", "global.health.amazonaws.com", "us-east-1"},
	{"account", "account.us-east-1.amazonaws.com", "us-east-1"},
	{"billingconductor", "billingconductor.us-east-1.amazonaws.com", "us-east-1"},
	{"ce", "ce.us-east-1.amazonaws.com", "us-east-1"},
	{"chime", "chime.us-east-1.amazonaws.com", "us-east-1"},
	{"organizations", "organizations.us-east-1.amazonaws.com", "us-east-1"},
	{"shield", "shield.us-east-1.amazonaws.com", "us-east-1"},
	{"tax", "tax.us-east-1.amazonaws.com", "us-east-1"},
	{"networkmanager", "networkmanager.us-west-2.amazonaws.com", "us-west-2"},
	{"datazone", "datazone.%s.api.aws", NULL},
	{"eks-auth", "eks-auth.%s.api.aws", NULL},
	{"gameliftstreams", "gameliftstreams.%s.api.aws", NULL},
	{"internetmonitor", "internetmonitor.%s.api.aws", NULL},
	{"kendra-ranking", "kendra-ranking.%s.api.aws", NULL},
	{"notifications", "notifications.%s.api.aws", NULL},
	{"notifications-contacts", "notifications-contacts.%s.api.aws", NULL},
	{"qbusiness", "qbusiness.%s.api.aws", NULL},
	{"codecatalyst", "codecatalyst.global.api.aws", "us-east-1"},
};

void
aws_endpoint(const char *endpoint_prefix, const char *region, AwsEndpoint *endpoint)
{
	const char *tail = text_begins_with(region, "cn-") ? ".cn" : "";

	endpoint->region = region;
	for (int i = 0; i < (int) lengthof(others); i++)
	{
		const char *place = strstr(others[i].host, "%s");

		if (strcmp(others[i].prefix, endpoint_prefix) != 0)
			continue;
		if (others[i].region != NULL)
			endpoint->region = others[i].region;
		endpoint->host = place == NULL
			? pstrdup(others[i].host)
			: psprintf("%.*s%s%s", (int) (place - others[i].host), others[i].host, region, place + 2);
		return;
	}
	endpoint->host = psprintf("%s.%s.amazonaws.com%s", endpoint_prefix, region, tail);
}

/* "arn:partition:service:region:account:...": a part by its number; NULL: there is none, or it is empty. */
static const char *
part_of_arn(const char *arn, int number)
{
	size_t length;

	if (strncmp(arn, "arn:", 4) != 0)
		return NULL;
	for (int i = 0; i < number; i++)
	{
		arn = strchr(arn, ':');
		if (arn++ == NULL)
			return NULL;
	}
	length = strcspn(arn, ":");
	return length > 0 ? pnstrdup(arn, length) : NULL;
}

char *
aws_queue_url(const char *arn)
{
	const char *service = part_of_arn(arn, 2);
	const char *region = part_of_arn(arn, 3);
	const char *account = part_of_arn(arn, 4);
	const char *name = part_of_arn(arn, 5);
	AwsEndpoint endpoint;

	if (service == NULL || strcmp(service, "sqs") != 0 || region == NULL || account == NULL || name == NULL)
		return NULL;
	aws_endpoint("sqs", region, &endpoint);
	return psprintf("https://%s/%s/%s", endpoint.host, account, name);
}

/* "sqs.region.amazonaws.com" is how queues are called now, "region.queue.amazonaws.com" how they were. */
static const char *
region_of_queue(const char *host)
{
	size_t first = strcspn(host, ".");

	if (strncmp(host, "sqs.", 4) == 0 && strncmp(host + 4 + strcspn(host + 4, "."), ".amazonaws.com", 14) == 0)
		return pnstrdup(host + 4, strcspn(host + 4, "."));
	return strncmp(host + first, ".queue.amazonaws.com", 20) == 0 ? pnstrdup(host, first) : NULL;
}

const char *
aws_region_named(const char *text)
{
	return text_begins_with(text, "https://") ? region_of_queue(text + 8) : part_of_arn(text, 3);
}
