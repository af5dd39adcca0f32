// A network that can be taken away: a way to the server that is cut and mended, as a phone between two walls has it. Sockets that
// are open when it is cut break; nobody answers until it is mended.
import { createServer, connect } from 'node:net';

/** `lose(text)`: requests that hold the text reach the server, and its answers to them are lost on the way. `lose('')`: none are.
 * @param {{url: string}} server */
export async function cuttable(server) {
  const target = Number(new URL(server.url).port);
  const open = new Set();
  const keep = (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  let port = 0;
  let listener;
  let losing = '';
  async function mend() {
    listener = createServer((from) => {
      const to = connect(target, '127.0.0.1');
      for (const socket of [from, to]) keep(socket);
      let asked = false;
      from.on('data', (bytes) => {
        asked ||= losing !== '' && bytes.includes(losing);
        to.write(bytes);
      });
      to.on('data', (bytes) => (asked ? from.destroy() : from.write(bytes)));
      from.on('close', () => to.destroy());
      to.on('close', () => from.destroy());
    });
    await new Promise((resolve, reject) => listener.once('error', reject).listen(port, '127.0.0.1', resolve));
    port = listener.address().port;
  }
  async function cut() {
    const closed = new Promise((resolve) => { listener.close(resolve); });
    for (const socket of open) socket.destroy();
    await closed;
  }
  await mend();
  return { ...server, url: `http://127.0.0.1:${port}`, cut, mend, lose: (text) => { losing = text; } };
}
