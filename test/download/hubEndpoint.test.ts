import { describe, expect, it } from 'vitest';
import { hubEndpoint, mayCarryToken } from '../../src/download/hubEndpoint.ts';

describe('hubEndpoint', () => {
  it.each<[string | undefined, NodeJS.ProcessEnv, string]>([
    [undefined, {}, 'https://huggingface.co'],
    ['', { HF_ENDPOINT: '' }, 'https://huggingface.co'],
    [undefined, { HF_ENDPOINT: 'https://mirror.corp/' }, 'https://mirror.corp'],
    ['http://127.0.0.1:8080', { HF_ENDPOINT: 'https://mirror.corp' }, 'http://127.0.0.1:8080'],
    [' https://corp/artifactory/api/huggingfaceml/hub// ', {}, 'https://corp/artifactory/api/huggingfaceml/hub'],
    ['HTTPS://Hub.Corp:443', {}, 'https://hub.corp'],
  ])('of %o with %o is %s', (asked, env, expected) => {
    expect(hubEndpoint(asked, env)).toBe(expected);
  });

  it.each([
    ['huggingface.co', 'is not an address'],
    ['ftp://hub', 'neither https nor http'],
    ['file:///hub', 'neither https nor http'],
    ['https://user:pass@hub', 'has a user name'],
    ['https://hub?a=b', 'has a query'],
  ])('refuses %s, without showing it', (asked, finding) => {
    const refuse = () => hubEndpoint(asked, {});
    expect(refuse).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(finding) }),
    );
    expect(refuse).not.toThrow(/pass/);
  });
});

describe('mayCarryToken', () => {
  it.each([
    ['https://hub/a', 'https://hub', true],
    ['https://hub/a', 'https://hub/mirror', true],
    ['https://cdn.hub/a', 'https://hub', false],
    ['https://hub:8443/a', 'https://hub', false],
    ['http://hub/a', 'https://hub', false],
    ['http://hub/a', 'http://hub', false],
    ['http://localhost:1/a', 'http://localhost:1', true],
    ['http://127.0.0.1:1/a', 'http://127.0.0.1:1', true],
    ['http://127.0.0.1:1/a', 'http://127.0.0.1:2', false],
    ['http://[::1]:1/a', 'http://[::1]:1', true],
    ['http://127.0.0.1.evil.com/a', 'http://127.0.0.1.evil.com', false],
  ])('of %s at %s is %s', (url, endpoint, expected) => {
    expect(mayCarryToken(new URL(url), endpoint)).toBe(expected);
  });
});
