// A FastAGI server by ding-dong: server.js SESSIONS-FILE
//
// It listens on a free port of the loopback and prints it. Each call is asked and told what ../run says; of each
// session that was whole it appends a line to the file: the call's id and every result.
const fs = require('fs');
const AGIServer = require('ding-dong');

const sessions = process.argv[2];

async function serve(call) {
	const variables = await call.onEvent('variables');
	const verbose = await call.verbose('interop with ding-dong', 1);
	const queue = await call.getVariable('QUEUE');
	const set = await call.setVariable('SERVED', 'by ding-dong');
	const served = await call.getVariable('SERVED');
	const line = [variables.agi_uniqueid, verbose.result, queue.value, set.result, served.value].join('|');
	fs.appendFileSync(sessions, line + '\n');
	await call.end();
}

// ding-dong takes the number 0 for "no port given".
const server = AGIServer((call) => {
	call.on('error', () => {}); // a caller that leaves early is the storm's to count
	serve(call);
}).start('0', '127.0.0.1');
server.on('listening', () => console.log(server.address().port));
