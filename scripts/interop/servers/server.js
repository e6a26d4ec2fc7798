// A Node.js server that computes for 2 ms for each connection, and listens with the backlog that it is given.
const net = require('node:net');

net.createServer((socket) => {
	for (const end = performance.now() + 2; performance.now() < end;);
	socket.on('error', () => {});
	socket.on('end', () => socket.end());
	socket.resume();
}).listen({port: 8080, host: '0.0.0.0', backlog: Number(process.argv[2])});
