import { WebhookTarget } from './webhookTarget';

const CONTENT = Buffer.from('{"a":"ä"}');
const requestTo = (url: string, headers = {}, own = {}): string =>
  new WebhookTarget(url, headers).request(own, CONTENT).toString('latin1');

describe('WebhookTarget', () => {
  it('writes a request with the headers of all and of this one', () => {
    expect(requestTo('http://hooks.example:8080/a/b?c=d#e', { 'user-agent': 'x' }, { 'x-id': '1' })).toBe(
      [
        'POST /a/b?c=d HTTP/1.1',
        'host: hooks.example:8080',
        'connection: keep-alive',
        'user-agent: x',
        'x-id: 1',
        'content-length: 10',
        '',
        CONTENT.toString('latin1'),
      ].join('\r\n'),
    );
  });

  it('knows where to connect to', () => {
    const { host, port, origin, isSecure } = new WebhookTarget('https://[::1]/', {});
    expect([host, port, origin, isSecure]).toEqual(['::1', 443, 'https://[::1]', true]);
    expect(new WebhookTarget('http://hooks.example', {}).port).toBe(80);
  });

  it('sends the credentials of the URL, unless others are registered', () => {
    const url = 'http://us%40er:pass@hooks.example/';
    const basic = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
    expect(requestTo(url)).toContain(`\r\nauthorization: ${basic}\r\n`);
    expect(requestTo(url)).toContain('\r\nhost: hooks.example\r\n');
    expect(requestTo(url, { authorization: 'Bearer x' })).toContain('\r\nauthorization: Bearer x\r\n');
    expect(requestTo(url, { authorization: 'Bearer x' })).not.toContain(basic);
  });

  it('lets no header begin another', () => {
    expect(() => new WebhookTarget('http://hooks.example/', { a: 'b\r\nhost: other' })).toThrow(/Invalid character/);
    expect(() => new WebhookTarget('http://hooks.example/', { 'a: b\r\nc': 'd' })).toThrow(/Header name/);
    expect(() => requestTo('http://hooks.example/', {}, { a: 'b\n' })).toThrow(/Invalid character/);
  });
});
