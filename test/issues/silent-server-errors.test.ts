import { pino } from 'pino'
import twilio from 'twilio'
import { expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { createLogger } from '../../src/ops/logger.ts'
import type { SpeechProvider } from '../../src/speech/provider.ts'
import { secrets, startWorld } from '../world.ts'

const broken: SpeechProvider = {
  name: 'broken',
  capabilities: { languages: undefined, markup: true },
  open: () => {
    throw new Error('a fault of ours')
  },
}

test('a fault while a webhook is answered stands in the log, and not in the answer', async () => {
  await using world = await startWorld()
  const lines: string[] = []
  const log = createLogger('info', { write: (line: string) => void lines.push(line) })
  const publicUrl = 'https://bridge.example'
  const app = await buildApp(world.config, { clock: world.clock, log, publicUrl: () => publicUrl, speech: broken })
  const fields = {
    CallSid: `CA${'1'.repeat(32)}`,
    AccountSid: secrets.accountSid,
    CallStatus: 'ringing',
    Direction: 'inbound',
    From: '+15551230001',
    To: secrets.from,
  }
  const url = `${publicUrl}/twilio/voice`
  const answer = await app.server.inject({
    method: 'POST',
    url: '/twilio/voice',
    headers: {
      'x-twilio-signature': twilio.getExpectedTwilioSignature(secrets.authToken, url, fields),
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams(fields).toString(),
  })
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('a fault of ours')
  const errors = lines.filter((line) => line.includes(`"level":${pino.levels.values['error']}`))
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain('a fault of ours')
  expect(errors[0]).not.toContain('+1555')
  await world.until(app.close())
})
