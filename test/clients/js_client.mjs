// js_client.mjs ENDPOINT: the JavaScript SDK against the gateway.  TAP on standard output.
import * as sfn from '@aws-sdk/client-sfn';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const role = 'arn:aws:iam::000000000000:role/app';
const definition = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';
let count = 0;
let failed = 0;

function check(name, isGood, said) {
  count++;
  console.log(`${isGood ? 'ok' : 'not ok'} ${count} - ${name}`);
  if (!isGood) {
    failed++;
    console.log(`# ${said}`);
  }
}

// What it is answered, or the error.
async function attempt(promise) {
  try {
    return await promise;
  } catch (error) {
    return error;
  }
}

const options = {
  endpoint: process.argv[2], region: 'us-east-1', disableHostPrefix: true,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const client = new sfn.SFN(options);
const suffix = process.pid;

// Loses the first answer, when the request has been done.
class LosesFirst extends NodeHttpHandler {
  lost = false;
  async handle(request, more) {
    const answer = await super.handle(request, more);
    if (this.lost)
      return answer;
    this.lost = true;
    throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
  }
}

const made = await attempt(client.createStateMachine({ name: `js-${suffix}`, definition, roleArn: role }));
check('create', made.stateMachineArn !== undefined, made);
check('... has a date', made.creationDate instanceof Date, made.creationDate);
const express = await attempt(client.createStateMachine({ name: `jsx-${suffix}`, definition, roleArn: role, type: 'EXPRESS' }));
check('create an EXPRESS one', express.stateMachineArn !== undefined, express);

const names = new Set();
for await (const page of sfn.paginateListStateMachines({ client, pageSize: 1 }, {}))
  page.stateMachines.forEach((machine) => names.add(machine.name));
check('pages', names.has(`js-${suffix}`) && names.has(`jsx-${suffix}`), [...names]);

const missing = await attempt(client.describeStateMachine({ stateMachineArn: `${made.stateMachineArn}x` }));
check('a typed error', missing instanceof sfn.StateMachineDoesNotExist, missing);
const input = JSON.stringify({ a: 'ß☃𝄞' });
const ended = await attempt(client.startSyncExecution({ stateMachineArn: express.stateMachineArn, input }));
check('a synchronous one, with all letters', ended.output === input, ended);
const tested = await attempt(client.testState({ definition: '{"Type": "Pass", "End": true}', roleArn: role }));
check('TestState', tested.status === 'SUCCEEDED', tested);

const flaky = new sfn.SFN({ ...options, requestHandler: new LosesFirst() });
const started = await attempt(flaky.startExecution({ stateMachineArn: made.stateMachineArn }));
check('a start whose answer is lost', started.executionArn !== undefined, started);
const executions = await attempt(client.listExecutions({ stateMachineArn: made.stateMachineArn }));
check('... has started one execution', executions.executions?.length === 1 && executions.executions[0].executionArn === started.executionArn, JSON.stringify(executions));
for (const machine of [made, express])
  check('delete', (await attempt(client.deleteStateMachine({ stateMachineArn: machine.stateMachineArn }))).$metadata?.httpStatusCode === 200);

console.log(`1..${count}`);
process.exit(failed > 0 ? 1 : 0);
