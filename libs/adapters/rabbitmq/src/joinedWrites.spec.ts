import { setImmediate as turn } from 'node:timers/promises';
import { Writable, type Duplex } from 'node:stream';
import { joinWrites } from './joinedWrites';

/** A socket that notes what each system call would carry. */
function setUp() {
  const calls: string[][] = [];
  const note = (pieces: readonly Buffer[], done: () => void): void => {
    calls.push(pieces.map(String));
    done();
  };
  const socket = new Writable({
    write: (piece: Buffer, _, done) => note([piece], done),
    writev: (pieces, done) =>
      note(
        pieces.map(({ chunk }) => chunk as Buffer),
        done,
      ),
  });
  joinWrites(socket as unknown as Duplex);
  return { socket, calls };
}

describe('what is written to a socket', () => {
  it('in one turn leaves together, in its order', async () => {
    const { socket, calls } = setUp();
    for (const frame of ['a', 'b', 'c']) socket.write(frame);
    expect(calls).toEqual([]);
    await turn();
    socket.write('d');
    await turn();
    expect(calls).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('leaves before the end that is told in the same turn', async () => {
    const { socket, calls } = setUp();
    const finished = new Promise((resolve) => socket.once('finish', resolve));
    socket.write('a');
    socket.write('b');
    socket.end('c');
    await finished;
    expect(calls.flat()).toEqual(['a', 'b', 'c']);
  });

  it('tells whoever filled it when there is room again', async () => {
    const { socket } = setUp();
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    let isRoom = true;
    while (isRoom) isRoom = socket.write('x'.repeat(4096));
    await drained;
    expect(socket.writableLength).toBe(0);
  });
});
