/*
 * kubernetes.h
 *	  Requests to the Kubernetes API of an EKS cluster: eks:call and eks:runJob.
 */
#ifndef SFN_AWS_KUBERNETES_H
#define SFN_AWS_KUBERNETES_H

#include "aws/request.h"
#include "aws/sigv4.h"

/* In place of an action of EKS; behind it "call", "runJob", or what is done about a job: "getJob", "deleteJob". */
#define KUBERNETES_ACTION "kubernetes:"

typedef struct KubernetesCall
{
	const char *host; /* of the cluster */
	const char *cluster;
	const char *ca; /* PEM; NULL: those that the server trusts */
} KubernetesCall;

/* False: *error says which parameter is wrong. */
extern bool kubernetes_request(const char *action, const JsonVal *parameters, AwsRequest *request, KubernetesCall *call,
							   SfnError *error);

/* The region in the host of a cluster ("abc.gr7.us-east-1.eks.amazonaws.com"); NULL: it is no such host. */
extern const char *kubernetes_region(const char *host);

/* What the cluster takes for a minute as a proof of who calls; NULL as in sigv4.h. */
extern char *kubernetes_token(const char *cluster, const Sigv4Key *key, TimestampTz now);

#endif /* SFN_AWS_KUBERNETES_H */
