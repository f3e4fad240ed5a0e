import { describe, expect, test } from 'vitest'
import type { PhoneScript } from '../../../../src/simulator/phone-network/phone/script.ts'
import { callee, type Scene, setScene, sound } from './bridge.ts'

const other = '+14155550777'

/** A call with these verbs; asks `/action` where they say so. */
async function call(verbs: string | ((scene: Scene) => string), script: PhoneScript = {}) {
  const scene = await setScene()
  const phone = scene.network.phone(callee, { answer: { afterMs: 0 }, ...script })
  const text = typeof verbs === 'string' ? verbs : verbs(scene)
  scene.bridge.answers.set('/voice', `<Response>${text}</Response>`)
  scene.bridge.answers.set('/action', '<Response/>')
  await scene.dial({ url: `${scene.bridge.url}/voice` })
  return { ...scene, phone, action: () => scene.bridge.of('/action')[0]?.body }
}

describe('Dial', () => {
  test('the star ends it where hangupOnStar says so, and other keys do not', async () => {
    const { action, clock, network, phone } = await call(`<Dial hangupOnStar="true" action="/action">${other}</Dial>`, {
      steps: [
        { afterAnswerMs: 3000, press: '1' },
        { afterAnswerMs: 5000, press: '*' },
      ],
    })
    network.phone(other, { answer: { afterMs: 0 } })
    await clock.runUntil(phone.ended)
    expect(action()?.get('DialCallDuration')).toBe('5')
    expect(network.calls[1]?.status).toBe('completed')
  })

  test('a star is a key like others otherwise, and timeLimit ends it', async () => {
    const { action, clock, network, phone } = await call(`<Dial timeLimit="8" action="/action">${other}</Dial>`, {
      steps: [{ afterAnswerMs: 2000, press: '*' }],
    })
    network.phone(other, { answer: { afterMs: 0 } })
    await clock.runUntil(phone.ended)
    expect(action()?.get('DialCallDuration')).toBe('8')
    expect(action()?.get('DialBridged')).toBe('true')
  })

  test('shows the callerId it is told to, else that of the call', async () => {
    const { clock, from, network, phone } = await call(
      `<Dial callerId="+15005550001" timeout="1">${other}</Dial><Dial timeout="1">${other}</Dial>`,
    )
    network.phone(other, { answer: 'no-answer' })
    await clock.runUntil(phone.ended)
    expect(network.calls.slice(1).map((leg) => leg.from)).toEqual(['+15005550001', from])
  })
})

describe('Gather', () => {
  test('tells the key that ended it', async () => {
    const { action, clock, phone } = await call('<Gather action="/action" finishOnKey="*#"/>', {
      steps: [{ afterAnswerMs: 1000, press: '12*' }],
    })
    await clock.runUntil(phone.ended)
    expect(action()?.get('Digits')).toBe('12')
    expect(action()?.get('FinishedOnKey')).toBe('*')
  })

  test('for speech alone takes no key', async () => {
    const { action, clock, phone } = await call('<Gather action="/action" input="speech" timeout="4"/>', {
      steps: [{ afterAnswerMs: 1000, press: '1' }],
    })
    await clock.runUntil(phone.ended)
    expect(action()).toBeUndefined()
  })
})

test('Record ends at its longest length while the phone still speaks', async () => {
  const { action, clock, phone } = await call('<Record action="/action" maxLength="6"/>', {
    steps: [{ afterAnswerMs: 100, speak: sound(20_000) }],
    hangUp: { afterAnswerMs: 15_000 },
  })
  await clock.runUntil(phone.ended)
  expect(action()?.get('RecordingDuration')).toBe('6')
})

describe('Start and Stop', () => {
  const started = (scene: Scene, names: string[]) =>
    names.map((name) => `<Start><Stream name="${name}" url="${scene.bridge.wsUrl}"/></Start>`).join('')

  test('a fifth stream on one call is a fault and is not opened', async () => {
    const { bridge, clock, network } = await call(
      (scene) => `${started(scene, ['a', 'b', 'c', 'd', 'e'])}<Pause length="5"/>`,
    )
    await clock.advance(2000)
    expect(bridge.streams).toHaveLength(4)
    expect(network.faults).toMatchObject([{ code: 12_200 }])
  })

  test('Stop ends the stream of its name only', async () => {
    const { clock, network } = await call(
      (scene) => `${started(scene, ['a', 'b'])}<Pause length="2"/><Stop><Stream name="b"/></Stop><Pause length="9"/>`,
    )
    await clock.advance(5000)
    expect(network.calls[0]?.streams.map((stream) => [stream.name, stream.closedAtMs === undefined])).toEqual([
      ['a', true],
      ['b', false],
    ])
  })

  test('a stream tells its name, or its identifier for want of one', async () => {
    const { bridge, clock, network } = await call((scene) =>
      ['name="mine"', '']
        .map(
          (name) =>
            `<Start><Stream ${name} url="${scene.bridge.wsUrl}" statusCallback="${scene.bridge.url}/s"/></Start>`,
        )
        .join('<Pause length="1"/>')
        .concat('<Pause length="5"/>'),
    )
    await clock.advance(5000)
    const names = bridge
      .of('/s')
      .filter((seen) => seen.body.get('StreamEvent') === 'stream-started')
      .map((seen) => seen.body.get('StreamName'))
    expect(names).toEqual(['mine', network.calls[0]?.streams[1]?.sid])
  })
})

describe('keys', () => {
  test('w waits half a second, and what is no key is no key', async () => {
    const { clock, phone } = await call('<Pause length="9"/>', { steps: [{ afterAnswerMs: 1000, press: '1w2xE3' }] })
    await clock.runUntil(phone.ended)
    const answeredMs = phone.events.find((event) => event.type === 'answered')?.atMs ?? 0
    const pressed = phone.events.flatMap((event) =>
      event.type === 'pressed' ? [[event.digits, event.atMs - answeredMs]] : [],
    )
    // 100 ms for every character, and 500 for the w.
    expect(pressed).toEqual([
      ['1', 1000],
      ['2', 1700],
      ['3', 2000],
    ])
  })
})
