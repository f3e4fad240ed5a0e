import { expect, test } from 'vitest'
import { createCallLog } from '../../../src/call/call-log.ts'
import { createLogger } from '../../../src/ops/logger.ts'

test('each line of the log of a call tells what is known of the call by then', () => {
  const lines: string[] = []
  const known: { callId: string; callSid: string | undefined } = { callId: 'call-1', callSid: undefined }
  const log = createCallLog(createLogger('info', { write: (line) => void lines.push(line) }), known)
  log.info({ state: 'dialling' }, 'call state')
  log.debug({}, 'too fine')
  known.callSid = 'CA1'
  log.warn({ errorCode: 'speech.lost' }, 'trouble')
  const told = lines.map((line): unknown => JSON.parse(line))
  expect(told).toMatchObject([
    { level: 30, callId: 'call-1', state: 'dialling', msg: 'call state' },
    { level: 40, callId: 'call-1', callSid: 'CA1', errorCode: 'speech.lost', msg: 'trouble' },
  ])
  expect(told[0]).not.toHaveProperty('callSid')
})
