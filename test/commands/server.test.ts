import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { type PhoneNetwork, startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'
import { emulatorSettings, freePort, start } from '../command.ts'
import { secrets } from '../world.ts'

let network: PhoneNetwork
let async: AsyncService

beforeAll(async () => {
  const account = { sid: secrets.accountSid, authToken: secrets.authToken, numbers: [secrets.from] }
  network = await startPhoneNetwork({ account })
  async = await startAsyncService({ apiKey: secrets.asyncKey })
})
afterAll(async () => {
  await async.close()
  await network.close()
})

describe('the server', () => {
  const commands = [{ words: ['node', 'src/main.ts'] }, { words: ['npm', 'run', '--silent', 'dev'] }]
  test.each(commands)(
    '$words: answers a caller with the greeting, is healthy, and ends when told to',
    async ({ words }) => {
      const port = await freePort()
      const greeting = 'Thank you for calling.'
      const settings = { ...emulatorSettings({ network, async }, port), GREETING: greeting, LOG_LEVEL: 'debug' }
      const running = start(words, settings)
      await running.printed(`http://127.0.0.1:${port}/twilio/voice`)
      await running.printed('The API answers this machine only')
      const health = await fetch(`http://127.0.0.1:${port}/healthz`)
      expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])

      const phone = network.dialIn({ from: '+15551239999', voiceUrl: `http://127.0.0.1:${port}/twilio/voice` })
      await phone.ended
      const produced = Buffer.concat(
        async.spoken.filter((one) => one.transcript.includes(greeting)).map((one) => one.audio),
      )
      expect(produced.length).toBeGreaterThan(0)
      expect(produced.subarray(-phone.heard.length).equals(Buffer.from(phone.heard))).toBe(true)

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
