// Rooms as Socket.IO's documentation shows them. Takes the port.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });

io.on('connection', (socket) => {
  socket.on('join', (room, joined) => {
    socket.join(room);
    joined();
  });
  socket.on('message', (room, user, text) => io.to(room).emit('message', room, user, text));
});

http.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
process.on('SIGUSR2', () => {
  globalThis.gc();
  console.log('collected');
});
process.on('SIGTERM', () => process.exit(0));
