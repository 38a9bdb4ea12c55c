import { withoutSecrets } from './secrets';

describe('withoutSecrets', () => {
  it.each([
    ['amqp://wherefore:hunter2@broker:5672/vhost', 'amqp://wherefore:…@broker:5672/vhost'],
    ['tried amqp://a:b@one, then amqps://c:d@two.', 'tried amqp://a:…@one, then amqps://c:…@two.'],
    ['{"urls":["amqp://a:p@ss@one"]}', '{"urls":["amqp://a:…@one"]}'],
    ['http://controller:5000/v3', 'http://controller:5000/v3'],
    ['at 17:26 a@b.example wrote', 'at 17:26 a@b.example wrote'],
    ['http://controller:5000/v3/users/a@b', 'http://controller:5000/v3/users/a@b'],
  ])('makes %s %s', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
  });
});
