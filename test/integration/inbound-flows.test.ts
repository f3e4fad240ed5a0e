import { expect, test } from 'vitest'
import { rememberSpoken, startWorld } from '../world.ts'

const greeting = 'You have reached nobody in particular.'

test('a caller gets the flow of the number that was called, any other number the flow of *', async () => {
  rememberSpoken(greeting)
  await using world = await startWorld({
    settings: { FLOWS: '+15005550006=alert,+15005550007=notify,*=reminder', GREETING: greeting },
  })
  for (const [to, words] of [
    ['+15005550006', 'Alert.'],
    ['+15005550007', greeting],
    ['+15005550008', 'Hello.'],
  ] as const) {
    const already = world.async.spoken.length
    const voiceUrl = `${world.publicUrl}/twilio/voice`
    const phone = world.network.dialIn({ from: '+15551234567', to, voiceUrl })
    await world.clock.advance(3_000)
    expect(world.async.spoken[already]?.transcript.trim()).toBe(words)
    phone.hangUp()
    await world.until(phone.ended)
    await world.clock.advance(100)
  }
  const flows = world.app.records.list({ limit: 9 }).map(({ to, flow }) => [to, flow])
  expect(flows).toEqual([
    ['+15005550008', 'reminder'],
    ['+15005550007', 'notify'],
    ['+15005550006', 'alert'],
  ])
})

test('without FLOWS every caller gets notify', async () => {
  rememberSpoken(greeting)
  await using world = await startWorld({ settings: { GREETING: greeting } })
  const phone = world.network.dialIn({ from: '+15551234567', voiceUrl: `${world.publicUrl}/twilio/voice` })
  await world.until(phone.ended)
  expect(world.async.spoken.map(({ transcript }) => transcript.trim())).toEqual([greeting])
})

test('callers get what FLOW_PARAMETERS says: the menu connects them with its operator', async () => {
  const operator = '+15551230009'
  const FLOW_PARAMETERS = JSON.stringify({ operator, hours: 'always' })
  await using world = await startWorld({ settings: { FLOWS: '*=menu', FLOW_PARAMETERS } })
  world.network.phone(operator, { answer: { afterMs: 1_000 }, hangUp: { afterAnswerMs: 5_000 } })
  const voiceUrl = `${world.publicUrl}/twilio/voice`
  const caller = world.network.dialIn({ from: '+15551234567', voiceUrl })
  await world.clock.advance(8_000)
  const [call] = world.app.calls()
  caller.press('0')
  await world.until(caller.ended)
  expect(world.network.calls.map(({ to }) => to)).toContain(operator)
  expect(await world.until(call?.outcome ?? Promise.reject(new Error('no call')))).toMatchObject({
    reason: 'transferred',
    keys: '0',
  })
})

test('parameters that a flow cannot do with are told at the start', async () => {
  const settings = { FLOW_PARAMETERS: '{"confirm":"yes"}' }
  await expect(startWorld({ settings })).rejects.toMatchObject({ code: 'config.invalid' })
  for (const wrong of ['{"timeZone":"Berlin"}', '{"operator":"my number"}'])
    await expect(startWorld({ settings: { FLOWS: '*=menu', FLOW_PARAMETERS: wrong } })).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.not.stringMatching(/Berlin"|my number/),
    })
  await using world = await startWorld({ settings: { ...settings, FLOWS: '*=parrot' } })
  expect(world.app.calls()).toEqual([])
})
