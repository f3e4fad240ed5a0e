import { pino } from 'pino'
import { expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { startWorld } from '../world.ts'

test('an address that Twilio would not take is told by the outcome; dialling never throws', async () => {
  await using world = await startWorld()
  // As before a tunnel is open, and as with HOST=0.0.0.0 and an emulator.
  for (const publicUrl of ['', 'http://0.0.0.0:3000']) {
    const { clock } = world
    const app = await buildApp(world.config, { clock, log: pino({ level: 'silent' }), publicUrl: () => publicUrl })
    const parameters = { message: 'Hello.' }
    const request = { to: '+15551230001', from: '+15005550006', parameters, ringMs: 5000 }
    const call = app.dial({ ...request, detectVoicemail: false, keepAudio: false })
    const outcome = await world.until(call.outcome)
    expect(outcome).toMatchObject({ status: 'failed', reason: 'refused', error: { code: 'config.invalid' } })
    expect(app.calls()).toEqual([])
    await world.until(app.close())
  }
})
