import { describe, expect, test } from 'vitest'
import type { NetworkBehaviour } from '../../../../src/simulator/phone-network/behaviour.ts'
import type { PhoneScript } from '../../../../src/simulator/phone-network/phone/script.ts'
import { callee, setScene, sound } from './bridge.ts'

/** Calls with these verbs, fetched from the bridge, until the phone's call is over. */
async function call(verbs: string, script: PhoneScript = {}, behaviour: Partial<NetworkBehaviour> = {}) {
  const scene = await setScene({ behaviour })
  const phone = scene.network.phone(callee, script)
  scene.bridge.answers.set('/voice', `<Response>${verbs}</Response>`)
  scene.bridge.answers.set('/action', '<Response><Say>done</Say></Response>')
  await scene.dial({ url: `${scene.bridge.url}/voice` })
  const run = async () => {
    await scene.clock.runUntil(phone.ended)
    const [call] = scene.network.calls
    return { durationMs: (call?.endedAtMs ?? 0) - (call?.answeredAtMs ?? 0), action: scene.bridge.of('/action')[0] }
  }
  return { ...scene, phone, run }
}

test('Say takes 60 ms a character, Pause and Play their time', async () => {
  const { phone, run } = await call(
    '<Say>0123456789</Say><Pause length="2"/><Play>/x.wav</Play><Play digits="12W"/><Say loop="2">ab</Say>',
  )
  const { durationMs } = await run()
  expect(durationMs).toBe(600 + 2000 + 3000 + 1200 + 240)
  expect(phone.said).toEqual(['0123456789', 'ab', 'ab'])
  expect(phone.events).toContainEqual(expect.objectContaining({ type: 'tones', digits: '12W' }))
})

test('Redirect goes on at a relative URL, Hangup ends', async () => {
  const { phone, run } = await call('<Redirect>action</Redirect><Say>never</Say>')
  await run()
  expect(phone.said).toEqual(['done'])
  const other = await call('<Hangup/><Say>never</Say>')
  await other.run()
  expect(other.phone.said).toEqual([])
})

test('a document that redirects to itself does not run for ever', async () => {
  const { bridge, run } = await call('<Redirect>/voice</Redirect>')
  await run()
  expect(bridge.of('/voice').length).toBeLessThan(100)
})

test('a relative URL in inline TwiML is 11100', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  await dial({ twiml: '<Response><Redirect>/x</Redirect></Response>' })
  await clock.runUntil(phone.ended)
  expect(network.faults).toMatchObject([{ code: 11_100 }])
})

describe('Gather', () => {
  const keys = (digits: string, afterAnswerMs = 1000): PhoneScript => ({ steps: [{ afterAnswerMs, press: digits }] })

  test('asks the action with the digits when there are enough', async () => {
    const gather = `<Gather numDigits="2" action="/action"><Say>${'x'.repeat(100)}</Say></Gather>`
    const { phone, run } = await call(gather, keys('12'))
    const { action, durationMs } = await run()
    expect(action?.body.get('Digits')).toBe('12')
    expect(durationMs).toBe(1100 + 240)
    expect(phone.said.at(-1)).toBe('done')
  })

  test('a key stops the prompts, also those that were still to come', async () => {
    const prompts = `<Say>${'x'.repeat(20)}</Say><Say>never said</Say>`
    const { phone, run } = await call(`<Gather timeout="3" action="/action">${prompts}</Gather>`, keys('7'))
    expect((await run()).durationMs).toBe(4000 + 240)
    expect(phone.said).toEqual(['x'.repeat(20), 'done'])
  })

  test('ends with the finish key, which is not among the digits', async () => {
    const { run } = await call('<Gather action="/action"/>', keys('123#'))
    expect((await run()).action?.body.get('Digits')).toBe('123')
  })

  test('ends when no key comes for its timeout, counted from the last key', async () => {
    const { run } = await call('<Gather action="/action" timeout="3"/>', keys('5', 2000))
    const { action, durationMs } = await run()
    expect(action?.body.get('Digits')).toBe('5')
    expect(durationMs).toBe(5000 + 240)
  })

  test('without any key the next verb runs, or the action if it wants to know', async () => {
    const quiet = await call('<Gather action="/action" timeout="3"/><Say>next</Say>')
    expect((await quiet.run()).action).toBeUndefined()
    expect(quiet.phone.said).toEqual(['next'])
    const told = await call('<Gather action="/action" timeout="3" actionOnEmptyResult="true"/>')
    expect((await told.run()).action?.body.get('Digits')).toBe('')
  })

  test('ends at once when the phone hangs up', async () => {
    const { run } = await call('<Gather timeout="30"/>', { hangUp: { afterAnswerMs: 700 } })
    expect((await run()).durationMs).toBe(700)
  })
})

describe('Dial', () => {
  const dial = '<Dial action="/action"><Number>+14155550777</Number></Dial>'
  test.each([
    ['completed', { hangUp: { afterAnswerMs: 4000 } }],
    ['busy', { answer: 'busy' }],
    ['no-answer', { answer: 'no-answer' }],
    ['failed', { answer: 'failed' }],
  ] as const)('tells %s to its action', async (status, script) => {
    const { network, run } = await call(dial)
    network.phone('+14155550777', script)
    const { action } = await run()
    expect(action?.body.get('DialCallStatus')).toBe(status)
    expect(action?.body.get('DialCallDuration')).toBe(status === 'completed' ? '4' : null)
    expect(network.calls[1]).toMatchObject({ direction: 'outbound-dial', parentCallSid: network.calls[0]?.sid, status })
  })

  test('of two numbers the first to answer is connected, and the other stops ringing', async () => {
    const { network, run } = await call(
      '<Dial action="/action"><Number>+14155550777</Number><Number>+14155550778</Number></Dial>',
    )
    network.phone('+14155550777', { answer: { afterMs: 9000 } })
    network.phone('+14155550778', { answer: { afterMs: 2000 }, hangUp: { afterAnswerMs: 1000 } })
    expect((await run()).action?.body.get('DialCallSid')).toBe(network.calls[2]?.sid)
    expect(network.calls[1]?.status).toBe('canceled')
  })

  test('ends with the caller', async () => {
    const { network, run } = await call(dial, { hangUp: { afterAnswerMs: 6000 } })
    const other = network.phone('+14155550777')
    const { durationMs } = await run()
    expect(durationMs).toBe(6000)
    await other.ended
    expect(network.calls[1]?.status).toBe('completed')
  })
})

test('Record ends with a key or with silence, and tells the length', async () => {
  const { run } = await call('<Record action="/action" timeout="4"/>')
  const { action } = await run()
  expect(action?.body.get('RecordingDuration')).toBe('4')
  expect(action?.body.get('RecordingSid')).toMatch(/^RE/)
  const spoken = await call('<Record action="/action" timeout="4"/>', {
    steps: [{ afterAnswerMs: 1000, speak: sound(3000) }],
  })
  expect((await spoken.run()).action?.body.get('RecordingDuration')).toBe('8')
  const keyed = await call('<Record action="/action"/>', { steps: [{ afterAnswerMs: 2000, press: '#' }] })
  expect((await keyed.run()).action?.body.get('Digits')).toBe('#')
})

test.each([
  ['busy', 'busy'],
  ['rejected', 'no-answer'],
])(
  'Reject as the first verb of an inbound call, reason %s, ends it as %s without an answer',
  async (reason, status) => {
    const { bridge, clock, network } = await setScene()
    bridge.answers.set('/voice', `<Response><Reject reason="${reason}"/></Response>`)
    const caller = network.dialIn({ from: '+14155550123', voiceUrl: `${bridge.url}/voice` })
    await clock.runUntil(caller.ended)
    expect(network.calls[0]).toMatchObject({ status, answeredAtMs: undefined })
  },
)

test('a trial account hears notices instead of Dial and Record', async () => {
  const { phone, run } = await call(
    '<Dial>+14155550777</Dial><Record/>',
    {},
    { trial: true, verifiedNumbers: [callee] },
  )
  await run()
  expect(phone.said).toHaveLength(2)
})
