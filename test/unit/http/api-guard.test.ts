import { describe, expect, test } from 'vitest'
import { createApiGuard, whyNotLocal } from '../../../src/http/api/guard.ts'

const local = { headers: { host: '127.0.0.1:3000' }, remoteAddress: '127.0.0.1' }

describe('without keys', () => {
  const guard = createApiGuard([])

  test('this machine is answered, by each of its names', () => {
    for (const host of ['localhost', 'localhost:3000', 'LOCALHOST:1', '127.0.0.1:3000', '127.1.2.3', '[::1]:3000'])
      for (const remoteAddress of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
        expect(guard({ headers: { host }, remoteAddress }), host).toBeUndefined()
    expect(guard({ ...local, headers: { ...local.headers, origin: 'http://localhost:3000' } })).toBeUndefined()
  })

  test('nobody else is', () => {
    for (const remoteAddress of ['10.0.0.1', '::ffff:10.0.0.1', '1.127.0.0.1', '2001:db8::1', '', undefined])
      expect(guard({ ...local, remoteAddress })).toMatchObject({ code: 'request.forbidden' })
  })

  test('what comes through a tunnel or a proxy comes from this machine, and is refused', () => {
    const names = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-anything', 'forwarded']
    for (const name of [
      ...names,
      'x-real-ip',
      'via',
      'cf-connecting-ip',
      'true-client-ip',
      'fly-client-ip',
      'ngrok-trace-id',
    ])
      expect(guard({ ...local, headers: { ...local.headers, [name]: '' } }), name).toBeDefined()
    for (const host of [
      'abc.ngrok.app',
      'localhost.evil.example',
      'evil.example:3000',
      '127.0.0.1.evil.example',
      '',
      '::1',
      'localhost:3000@evil.example',
    ])
      expect(guard({ ...local, headers: { host } }), host).toBeDefined()
    expect(guard({ ...local, headers: {} })).toBeDefined()
  })

  test('a web page of another origin, in a browser on this machine, is refused', () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', ''])
      expect(whyNotLocal({ ...local, headers: { ...local.headers, origin } }), origin).toBeDefined()
  })

  test('behind a proxy of somebody else’s nobody is, however local it looks', () => {
    expect(createApiGuard([], { proxied: true })(local)).toMatchObject({ code: 'request.forbidden' })
    expect(createApiGuard([], { proxied: true })(local)?.message).toContain('API_KEYS')
    expect(createApiGuard([], { proxied: false })(local)).toBeUndefined()
  })

  test('the refusal says what to do', () => {
    expect(guard({ ...local, remoteAddress: '10.0.0.1' })?.message).toContain('API_KEYS')
  })
})

describe('with keys', () => {
  const keys = ['the-first-key-0123456789', 'the-other-key-9876543210']
  const guard = createApiGuard(keys)
  const asked = (authorization?: string) =>
    guard({ remoteAddress: '203.0.113.1', headers: authorization === undefined ? {} : { authorization } })

  test('each of them opens, from anywhere', () => {
    for (const key of keys) {
      expect(asked(`Bearer ${key}`)).toBeUndefined()
      expect(asked(`bearer  ${key}`)).toBeUndefined()
    }
  })

  test('nothing else does, not even on this machine', () => {
    const [key = ''] = keys
    const wrong = [undefined, '', key, `Bearer`, `Bearer `, `Basic ${key}`, `Bearer ${key}x`, `Bearer ${key.slice(1)}`]
    for (const authorization of [
      ...wrong,
      `Bearer ${key} ${key}`,
      `Bearer ${keys.join(',')}`,
      `Bearer ${key.toUpperCase()}`,
    ])
      expect(asked(authorization), authorization).toMatchObject({ code: 'request.unauthorized' })
    expect(guard(local)).toBeDefined()
  })

  test('the refusal repeats no key', () => {
    expect(JSON.stringify(asked('Bearer hunter2-hunter2-hunter2'))).not.toContain('hunter2')
  })
})
