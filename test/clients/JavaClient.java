// JavaClient.java ENDPOINT: the Java SDK against the gateway.  TAP on standard output.

import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.client.config.SdkAdvancedClientOption;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sfn.model.ListExecutionsResponse;
import software.amazon.awssdk.services.sfn.model.StateMachineDoesNotExistException;
import software.amazon.awssdk.services.sfn.model.StateMachineType;
import software.amazon.awssdk.services.sfn.model.TestExecutionStatus;

public class JavaClient {
	static final String ROLE = "arn:aws:iam::000000000000:role/app";
	static final String DEFINITION = "{\"StartAt\": \"P\", \"States\": {\"P\": {\"Type\": \"Pass\", \"End\": true}}}";
	static int count = 0;
	static int failed = 0;

	static void check(String name, boolean isGood, Object said) {
		count++;
		System.out.println((isGood ? "ok " : "not ok ") + count + " - " + name);
		if (isGood)
			return;
		failed++;
		System.out.println("# " + said);
	}

	// Its answer, or null.
	static <T> T done(String name, Callable<T> call) {
		try {
			T answer = call.call();
			check(name, true, null);
			return answer;
		} catch (Exception e) {
			check(name, false, e);
			return null;
		}
	}

	static void fails(String name, Class<? extends Exception> wanted, Callable<?> call) {
		try {
			check(name, false, call.call());
		} catch (Exception e) {
			check(name, wanted.isInstance(e), e);
		}
	}

	// Loses the first answer, when the request has been done.
	static class LosesFirst implements SdkHttpClient {
		final SdkHttpClient real = UrlConnectionHttpClient.create();
		boolean hasLost = false;

		public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
			ExecutableHttpRequest prepared = real.prepareRequest(request);
			return new ExecutableHttpRequest() {
				public HttpExecuteResponse call() throws IOException {
					HttpExecuteResponse answer = prepared.call();
					if (hasLost)
						return answer;
					hasLost = true;
					throw new IOException("Connection reset");
				}

				public void abort() {
					prepared.abort();
				}
			};
		}

		public void close() {
			real.close();
		}
	}

	static SfnClient client(String endpoint, SdkHttpClient http) {
		return SfnClient.builder().endpointOverride(URI.create(endpoint)).region(Region.US_EAST_1).httpClient(http)
				.credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
				.overrideConfiguration(o -> o.putAdvancedOption(SdkAdvancedClientOption.DISABLE_HOST_PREFIX_INJECTION, true))
				.build();
	}

	public static void main(String[] arguments) {
		String endpoint = arguments[0];
		String suffix = String.valueOf(ProcessHandle.current().pid());
		SfnClient client = client(endpoint, UrlConnectionHttpClient.create());
		SfnClient flaky = client(endpoint, new LosesFirst());

		var made = done("create", () -> client.createStateMachine(r -> r.name("java-" + suffix).definition(DEFINITION).roleArn(ROLE)));
		var express = done("create an EXPRESS one", () -> client.createStateMachine(r -> r.name("javax-" + suffix).definition(DEFINITION).roleArn(ROLE).type(StateMachineType.EXPRESS)));
		if (made == null || express == null)
			System.exit(1);
		check("... has a date", made.creationDate().isAfter(java.time.Instant.EPOCH.plusSeconds(1_700_000_000)), made);

		Set<String> names = new HashSet<>();
		done("pages", () -> {
			client.listStateMachinesPaginator(r -> r.maxResults(1)).stateMachines().forEach(machine -> names.add(machine.name()));
			return names;
		});
		check("... have all", names.containsAll(List.of("java-" + suffix, "javax-" + suffix)), names);

		fails("a typed error", StateMachineDoesNotExistException.class, () -> client.describeStateMachine(r -> r.stateMachineArn(made.stateMachineArn() + "x")));
		String input = "{\"a\":\"ß☃𝄞\"}";
		var ended = done("a synchronous one", () -> client.startSyncExecution(r -> r.stateMachineArn(express.stateMachineArn()).input(input)));
		check("... with all letters", ended != null && input.equals(ended.output()), ended);
		var tested = done("TestState", () -> client.testState(r -> r.definition("{\"Type\": \"Pass\", \"End\": true}").roleArn(ROLE)));
		check("... succeeds", tested != null && tested.status() == TestExecutionStatus.SUCCEEDED, tested);

		done("a start whose answer is lost", () -> flaky.startExecution(r -> r.stateMachineArn(made.stateMachineArn())));
		ListExecutionsResponse executions = done("... is listed", () -> client.listExecutions(r -> r.stateMachineArn(made.stateMachineArn())));
		check("... has started one execution", executions != null && executions.executions().size() == 1, executions);

		for (var machine : List.of(made, express))
			done("delete", () -> client.deleteStateMachine(r -> r.stateMachineArn(machine.stateMachineArn())));
		System.out.println("1.." + count);
		System.exit(failed > 0 ? 1 : 0);
	}
}
