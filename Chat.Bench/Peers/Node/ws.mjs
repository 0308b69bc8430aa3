// The broadcast of ws's README ("Server broadcast"), to the clients of the same path. Takes the port.
import { WebSocketServer, WebSocket } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: false, backlog: 4096 });
const rooms = new Map();

server.on('connection', (client, request) => {
  const room = request.url;
  if (!rooms.has(room)) rooms.set(room, new Set());
  const members = rooms.get(room);
  members.add(client);
  client.on('error', console.error);
  client.on('close', () => members.delete(client));
  client.on('message', (data, isBinary) => {
    for (const member of members) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary: isBinary });
    }
  });
});

process.on('SIGUSR2', () => {
  globalThis.gc();
  console.log('collected');
});
process.on('SIGTERM', () => process.exit(0));
