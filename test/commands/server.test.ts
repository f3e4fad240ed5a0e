import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Emulators, freePort, start, startEmulators } from '../command.ts'
import { secrets } from '../world.ts'

let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
})

describe('the server', () => {
  const commands = [
    { words: ['node', 'src/main.ts'], greeting: 'Thank you for calling.' },
    { words: ['npm', 'run', '--silent', 'dev'], greeting: 'Nobody is in the office.' },
  ]
  test.concurrent.each(commands)(
    '$words: answers a caller with the greeting, is healthy, and ends when told to',
    async ({ words, greeting }) => {
      const port = await freePort()
      const settings = { ...(await emulators.settings(port)), GREETING: greeting, LOG_LEVEL: 'debug' }
      const running = start(words, settings)
      await running.printed(`http://127.0.0.1:${port}/twilio/voice`)
      await running.printed('The API answers this machine only')
      const health = await fetch(`http://127.0.0.1:${port}/healthz`)
      expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])

      const phone = emulators.network.dialIn({
        from: '+15551239999',
        voiceUrl: `http://127.0.0.1:${port}/twilio/voice`,
      })
      await phone.ended
      const spoken = emulators.async.spoken.filter((one) => one.transcript.includes(greeting))
      const produced = Buffer.concat(spoken.map((one) => one.audio))
      expect(produced.length).toBeGreaterThan(0)
      expect(produced.equals(Buffer.from(phone.heard))).toBe(true)

      running.signal('SIGTERM')
      const { code, stdout, stderr } = await running.finished
      // npm itself dies of the signal; the server does not.
      expect(code).toBe(words[0] === 'npm' ? null : 0)
      for (const secret of [secrets.authToken, secrets.asyncKey, '+15551239999', greeting])
        expect(stdout + stderr).not.toContain(secret)
      await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
    },
  )
})
