/** Drives a session with a WebSocket and the clock. Every input goes through `drive`, which carries out what comes of it. */
export class Socket {
  #url;
  #session;
  #changed;
  #socket = null;
  #timer = null;

  constructor(url, session, changed) {
    this.#url = url;
    this.#session = session;
    this.#changed = changed;
  }

  drive(input) {
    const result = input(this.#session, Date.now());
    for (const output of this.#session.take()) {
      if (output.open)
        this.#open();
      else if (output.send)
        this.#socket?.send(JSON.stringify(output.send));
      else
        this.#close(output.close);
    }
    this.#schedule();
    this.#changed();
    return result;
  }

  #open() {
    const socket = new WebSocket(this.#url, 'chat.v1');
    this.#socket = socket;
    // What an earlier connection still says concerns nobody.
    const ifCurrent = input => {
      if (this.#socket === socket)
        this.drive(input);
    };
    socket.addEventListener('open', () => ifCurrent((session, now) => session.opened(now)));
    socket.addEventListener('message', ({ data }) => ifCurrent((session, now) => session.received(JSON.parse(data), now)));
    socket.addEventListener('close', ({ code }) => ifCurrent((session, now) => session.lost(code, now)));
  }

  #close(code) {
    const socket = this.#socket;
    this.#socket = null;
    if (code === null)
      socket?.close(4000);
    else
      socket?.close(code);
  }

  #schedule() {
    clearTimeout(this.#timer);
    const due = this.#session.due;
    if (due !== Infinity)
      this.#timer = setTimeout(() => this.drive((session, now) => session.tick(now)), Math.max(0, due - Date.now()));
  }
}
