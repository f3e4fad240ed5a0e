import { expect, test } from 'vitest'
import { createLogger } from '../../../src/ops/logger.ts'

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = ''
  write(createLogger('trace', { write: (line: string) => void (text += line) }))
  return text
}

test('a field with a private name is blacked out, on the first level and the second', () => {
  const names = ['to', 'from', 'text', 'message', 'keys', 'digits', 'token', 'apiKey', 'authToken', 'password']
  for (const name of names) {
    const text = logged((log) => {
      log.info({ [name]: 'canary' }, 'static')
      log.info({ call: { [name]: 'canary' } }, 'static')
      log.child({ [name]: 'canary' }).info('static')
    })
    expect(text, name).not.toContain('canary')
    expect(text).toContain('[private]')
  }
})

test('of an error only name, code and message are logged, not what a network library hangs on it', () => {
  const error = Object.assign(new Error('connect ECONNREFUSED'), {
    code: 'ECONNREFUSED',
    config: { headers: { Authorization: 'Basic canary' }, data: 'To=%2Bcanary' },
    cause: new Error('canary'),
  })
  const text = logged((log) => {
    log.error({ err: error }, 'static')
    log.error(error)
  })
  expect(text).toContain('ECONNREFUSED')
  expect(text).not.toContain('canary')
})

test('of a request only method and path are logged, never its query', () => {
  const text = logged((log) => log.info({ req: { method: 'GET', url: '/x?api_key=canary' } }, 'static'))
  expect(text).toContain('/x')
  expect(text).not.toContain('canary')
})
