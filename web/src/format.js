// Numbers with units, times of day, names out of ARNs.

const parts = (arn) => (arn ?? '').split(':');
export const nameOf = (arn) => parts(arn).slice(6).join(':') || arn;

// arn:aws:states:region:account:execution:machine:name
export const machineOf = (arn) => parts(arn)[6] ?? '';
export const executionName = (arn) => parts(arn).slice(7).join(':') || arn;

export function milliseconds(ms) {
	if (ms == null || Number.isNaN(ms))
		return '–';
	if (ms < 1000)
		return `${Math.round(ms)} ms`;
	if (ms < 60000)
		return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
	const minutes = Math.floor(ms / 60000);
	if (minutes < 60)
		return `${minutes} min ${Math.floor((ms % 60000) / 1000)} s`;
	const hours = Math.floor(minutes / 60);
	if (hours < 48)
		return `${hours} h ${minutes % 60} min`;
	return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export const between = (from, to) => new Date(to) - new Date(from);

const two = (n) => String(n).padStart(2, '0');

export function localTime(value, withFraction = false) {
	const d = new Date(value);
	const day = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
	const time = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
	return `${day} ${time}${withFraction ? '.' + String(d.getMilliseconds()).padStart(3, '0') : ''}`;
}

export const utcTime = (value) => new Date(value).toISOString().replace('T', ' ').replace('Z', ' UTC');
export const count = (n) => (n == null ? '–' : Number(n).toLocaleString('en'));
export const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`;

// What an event of a history tells beside its type.
export const details = (event) => Object.entries(event).find(([key]) => key.endsWith('EventDetails'))?.[1];
