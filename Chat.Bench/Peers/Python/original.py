"""A chat server in the original's manner: one process, JSON, the last 5 messages of each room and a file for it, and the room list
sent to everybody at each login. Takes the port and the folder of the rooms' files."""
import asyncio
import collections
import datetime
import gc
import json
import pathlib
import signal
import sys

import websockets

PORT, FOLDER = int(sys.argv[1]), pathlib.Path(sys.argv[2])
HISTORY = 5

clients = {}
rooms = {}
histories = {}
files = {}


async def tell(receivers, **event):
    websockets.broadcast(list(receivers), json.dumps(event))


async def tell_rooms(receivers):
    await tell(receivers, type="rooms", rooms=sorted(rooms))


async def leave(client, room):
    if client in rooms.get(room, ()):
        rooms[room].remove(client)
        await tell(rooms[room], type="system", message=f"{clients[client]} left the room", room=room)


async def join(client, room):
    for other in [name for name, members in rooms.items() if client in members]:
        await leave(client, other)
    await tell(rooms.setdefault(room, set()), type="system", message=f"{clients[client]} joined the room", room=room)
    rooms[room].add(client)
    await tell([client], type="history", room=room, messages=list(histories.setdefault(room, collections.deque(maxlen=HISTORY))))


async def publish(client, room, text):
    if client not in rooms.get(room, ()):
        await tell([client], type="error", message="Join the room first.")
        return
    message = {"user": clients[client], "message": text, "timestamp": datetime.datetime.now().isoformat()}
    histories[room].append(message)
    if room not in files:
        files[room] = open(FOLDER / f"{room}.jsonl", "a", encoding="utf-8")
    files[room].write(json.dumps(message) + "\n")
    files[room].flush()
    await tell(rooms[room], type="message", room=room, **message)


async def serve(client, path=None):
    try:
        async for text in client:
            request = json.loads(text)
            kind = request["type"]
            if kind == "login":
                clients[client] = request["username"]
                await tell([client], type="system", message=f"Welcome {request['username']}!")
                await tell_rooms(clients)
            elif kind == "join":
                await join(client, request["room"])
            elif kind == "publish":
                await publish(client, request["room"], request["message"])
    except websockets.ConnectionClosed:
        pass
    finally:
        for room in list(rooms):
            await leave(client, room)
        clients.pop(client, None)


def collect():
    gc.collect()
    print("collected", flush=True)


async def main():
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    loop.add_signal_handler(signal.SIGTERM, ended.set_result, None)
    loop.add_signal_handler(signal.SIGUSR2, collect)
    async with websockets.serve(serve, "127.0.0.1", PORT, compression=None, backlog=4096):
        await ended


asyncio.run(main())
