// What the page asks of the gateway: the AWS API, and what it does not tell.

let token = null;
let denied = new Set();
let onLost = () => {};
let onMissing = () => {};

export class Refusal extends Error {
	constructor(status, code, message) {
		super(message);
		this.status = status;
		this.code = code;
	}
}

export function whenSessionEnds(handler) {
	onLost = handler;
}

// Behind a front of several shards: those of which a list has nothing.
export function whenShardsAreMissing(handler) {
	onMissing = handler;
}

async function send(path, body, headers, signal) {
	let response;
	try {
		response = await fetch(new URL(`..${path}`, document.baseURI), { // whatever stands before /ui/
			method: body === undefined ? 'GET' : 'POST',
			headers: { ...(token && { 'X-Sfn-Csrf': token }), ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
			body, signal, cache: 'no-store',
		});
	} catch (e) {
		if (e.name === 'AbortError')
			throw e;
		throw new Refusal(0, 'Unreachable', 'The gateway does not answer. It is tried again as soon as you ask.');
	}
	const text = await response.text();
	let answer = null;
	try {
		answer = JSON.parse(text);
	} catch {
		answer = null;
	}
	if (response.ok)
		return answer;
	const code = (answer?.__type ?? '').split('#').pop() || String(response.status);
	if (response.status === 401 && code === 'NoSession')
		onLost();
	throw new Refusal(response.status, code, answer?.message ?? text);
}

// Null: one has to log in.
export async function readSession() {
	const session = await send('/ui/session');
	token = session?.token ?? null;
	denied = new Set(session?.denied);
	return session;
}

// Is the key good for the action, and has its role the privilege on the machine?  Rights that are not known are left to the server.
export const may = (action, privilege, rights) => !denied.has(action) && (!rights || rights.includes('manage') || rights.includes(privilege));

export const logIn = (credentials) => send('/ui/login', JSON.stringify(credentials));
export const logOut = () => send('/ui/logout', '{}');
// Of Step Functions where the action names no other API.
export const api = (action, request) =>
	send('/ui/api', JSON.stringify(request), { 'X-Amz-Target': action.includes('.') ? action : `AWSStepFunctions.${action}` });
export const page = async (name, request = {}) => {
	const answer = await send(`/ui/page/${name}`, JSON.stringify(request));
	if (answer?.missingShards)
		onMissing(answer.missingShards);
	return answer;
};

const MOST_WAITING = 3;	// tabs that hold a connection while nothing happens: a browser has six for a host
const POLL = 1000;	// milliseconds, for the other tabs

// Resolves when the execution has another mark than the one given, or after a while.
export async function watch(execution, mark, signal) {
	const ask = (known) => send('/ui/watch', JSON.stringify({ execution, mark: known }), {}, signal);
	for (let n = 0; navigator.locks && n < MOST_WAITING; n++) {
		const answer = await navigator.locks.request(`sfn-watch-${n}`, { ifAvailable: true }, (lock) => lock && ask(mark));
		if (answer)
			return answer;
	}
	await new Promise((done) => setTimeout(done, POLL));
	return ask('');	// any mark is another
}

// Works on many things, few at a time; what failed comes back with its error.
export async function each(things, work) {
	const failed = [];
	const rest = [...things];
	const runner = async () => {
		for (let thing = rest.shift(); thing !== undefined; thing = rest.shift()) {
			try {
				await work(thing);
			} catch (error) {
				failed.push({ thing, error });
			}
		}
	};
	await Promise.all(Array.from({ length: 4 }, runner));
	return failed;
}
