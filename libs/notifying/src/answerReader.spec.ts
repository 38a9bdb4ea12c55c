import { AnswerReader, NoAnswer } from './answerReader';

const read = (...pieces: string[]): AnswerReader => {
  const reader = new AnswerReader();
  for (const piece of pieces) reader.accept(Buffer.from(piece, 'latin1'));
  return reader;
};

const WITH_LENGTH = 'HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 6\r\nKeep-Alive: timeout=5\r\n\r\nthanks';
const IN_CHUNKS =
  'HTTP/1.1 503 Not now\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nthanks\r\nA;x=y\r\n0123456789\r\n0\r\nEtag: x\r\n\r\n';
const EMPTY = 'HTTP/1.1 204 No Content\r\n\r\n';
const AFTER_A_HINT = `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${WITH_LENGTH}`;

describe('AnswerReader', () => {
  it.each([
    ['with a length', WITH_LENGTH, 200, 4000],
    ['in chunks', IN_CHUNKS, 503, Infinity],
    ['without a body', EMPTY, 204, Infinity],
    ['after one that only hints', AFTER_A_HINT, 200, 4000],
    ['of HTTP/1.0 that keeps', 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n', 200, Infinity],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', 200, 0],
    ['that is the last', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok', 200, 0],
    ['in another protocol', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', 101, 0],
  ])('finds the end of an answer %s, however it comes in pieces', (_name, text, status, reusableMs) => {
    for (let cut = 0; cut <= text.length; cut++) {
      const reader = read(text.slice(0, cut), text.slice(cut));
      expect([reader.status, reader.isDone, reader.reusableMs]).toEqual([status, true, reusableMs]);
    }
    const whole = new AnswerReader();
    const early = [...text].slice(0, -1).every((letter) => {
      whole.accept(Buffer.from(letter));
      return !whole.isDone;
    });
    expect(early).toBe(true);
  });

  it('takes the end of the connection for the end of an answer that says no other', () => {
    const reader = read('HTTP/1.1 200 OK\r\n\r\nsome');
    expect([reader.status, reader.isDone]).toEqual([200, false]);
    expect(reader.end()).toBe(true);
    expect(reader.reusableMs).toBe(0);
    expect(read(WITH_LENGTH.slice(0, -1)).end()).toBe(false);
    expect(read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n').end()).toBe(false);
  });

  it('says when an answer is too long to wait for its end', () => {
    const reader = read('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n', 'x'.repeat(64 * 1024));
    expect(reader.isTooLong).toBe(false);
    reader.accept(Buffer.from('x'));
    expect(reader.isTooLong).toBe(true);
  });

  it.each([
    ['what is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a newer HTTP', 'HTTP/2 200\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(17_000)}`],
    ['more than an answer', `${WITH_LENGTH}!`],
    ['a second answer', EMPTY + EMPTY],
  ])('refuses %s', (_name, text) => {
    expect(() => read(text)).toThrow(NoAnswer);
  });
});
