import { expect, test } from 'vitest'
import { classifyFailure } from '../../../src/twilio/rest-failure.ts'

function network(code: string | undefined, cause?: object): object {
  return Object.assign(new Error('connect to +15550123'), { isAxiosError: true, code, cause })
}

test.each([
  ['ECONNREFUSED', network('ECONNREFUSED')],
  ['ENOTFOUND', network('ENOTFOUND')],
  ['EAI_AGAIN', network('EAI_AGAIN')],
  ['EHOSTUNREACH', network('EHOSTUNREACH', { code: 'EHOSTUNREACH', syscall: 'connect' })],
  ['ETIMEDOUT', network('ETIMEDOUT', { errors: [{ syscall: 'connect' }, { syscall: 'connect' }] })],
])('%s before a connection came about: nothing was sent', (reason, thrown) => {
  expect(classifyFailure(thrown)).toEqual({ kind: 'not-sent', reason })
})

test.each([
  ['ECONNRESET', network('ECONNRESET', { code: 'ECONNRESET', syscall: 'read' })],
  ['EPIPE', network('EPIPE', { syscall: 'write' })],
  ['EHOSTUNREACH', network('EHOSTUNREACH', { syscall: 'read' })],
  ['ETIMEDOUT', network('ETIMEDOUT', { errors: [{ syscall: 'connect' }, { syscall: 'read' }] })],
  ['ETIMEDOUT', network('ETIMEDOUT', { errors: [] })],
  ['no answer in time', network('ECONNABORTED')],
  ['a broken connection', network('code with +15550123')],
  ['a broken connection', network(undefined)],
])('%s on a connection: what became of the request is not known', (reason, thrown) => {
  expect(classifyFailure(thrown)).toEqual({ kind: 'unknown', reason })
})

test.each([
  [
    { status: 400, code: 21211 },
    { kind: 'refused', httpStatus: 400, twilioCode: 21211 },
  ],
  [
    { status: 404, code: 20404 },
    { kind: 'refused', httpStatus: 404, twilioCode: 20404 },
  ],
  [{ status: 403 }, { kind: 'refused', httpStatus: 403, twilioCode: undefined }],
  [
    { status: 400, code: 0 },
    { kind: 'refused', httpStatus: 400, twilioCode: undefined },
  ],
  [
    { status: 400, code: '21211 +15550123' },
    { kind: 'refused', httpStatus: 400, twilioCode: undefined },
  ],
  [{ status: 301 }, { kind: 'refused', httpStatus: 301, twilioCode: undefined }],
  [
    { status: 500, code: 20500 },
    { kind: 'unknown', reason: 'HTTP 500' },
  ],
  [{ status: 503 }, { kind: 'unknown', reason: 'HTTP 503' }],
  [{ status: 408 }, { kind: 'unknown', reason: 'HTTP 408' }],
  [{ status: 201 }, { kind: 'unknown', reason: 'HTTP 201' }],
])('an answer %o means %o', (answer, expected) => {
  expect(classifyFailure(Object.assign(new Error('+15550123'), answer))).toEqual(expected)
})

test('whatever else is thrown means that nothing is known, and none of it is repeated', () => {
  for (const thrown of [
    new SyntaxError('"+15550123" is not JSON'),
    new TypeError('sid'),
    '+15550123',
    null,
    undefined,
    7,
  ])
    expect(classifyFailure(thrown)).toEqual({ kind: 'unknown', reason: 'an answer that is not in its form' })
})
