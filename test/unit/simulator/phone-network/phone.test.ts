import { describe, expect, test } from 'vitest'
import { createMouth } from '../../../../src/simulator/phone-network/phone/mouth.ts'
import { callee, setScene, sound, startBridge, clientOf, connectTwiml } from './bridge.ts'
import { startPhoneNetwork } from '../../../../src/simulator/phone-network/network.ts'

const hold = '<Response><Pause length="60"/></Response>'

test('a phone hangs up after it has heard so much, in the middle of a word', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee, { hangUp: { afterHeardMs: 730 } })
  bridge.onStart = (stream) => stream.media(sound(2000))
  await dial()
  await clock.runUntil(phone.ended)
  expect(phone.heardMs).toBe(730)
  expect(network.calls[0]?.status).toBe('completed')
  expect(phone.events.map((event) => event.type)).toEqual(['ringing', 'answered', 'first-audio', 'hung-up'])
})

test('steps press keys and speak at their moments', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee, {
    steps: [
      { afterHeardMs: 500, press: '1' },
      { afterAnswerMs: 2000, speak: sound(100) },
      { afterAnswerMs: 3000, hangUp: true },
    ],
  })
  bridge.onStart = (stream) => stream.media(sound(1000))
  await dial()
  await clock.runUntil(phone.ended)
  await clock.advance(0)
  const line = Buffer.concat(
    (bridge.streams[0]?.of('media') ?? []).map((m) => Buffer.from(m.media?.payload ?? '', 'base64')),
  )
  expect(line.includes(Buffer.from(sound(100)))).toBe(true)
  const order = bridge.streams[0]?.messages.map((message) => message.event) ?? []
  expect(order.indexOf('dtmf')).toBe(2 + 25)
})

test('a mailbox greets, beeps, and records what is played after the beep', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const voicemail = { afterMs: 1000, greetingMs: 3000 }
  const phone = network.phone(callee, { answer: { voicemail }, hangUp: { afterAnswerMs: 6000 } })
  bridge.onStart = (stream) => {
    stream.media(sound(1000, 5))
    clock.after(4000, () => stream.media(sound(1000)))
  }
  await dial()
  await clock.runUntil(phone.ended)
  expect(phone.mailbox).toHaveLength((6000 - 3500) * 8)
  expect(Buffer.from(phone.mailbox.subarray(4000, 12_000))).toEqual(Buffer.from(sound(1000)))
  expect(phone.mailbox.subarray(0, 4000).every((byte) => byte === 0xff)).toBe(true)
  const heard = (bridge.streams[0]?.of('media') ?? []).map((m) => Buffer.from(m.media?.payload ?? '', 'base64'))
  const voiced = heard.filter((frame) => frame.some((byte) => byte !== 0xff)).length
  expect(voiced).toBeGreaterThanOrEqual(174)
  expect(voiced).toBeLessThanOrEqual(176)
})

test('a phone that is hung up while it rings is busy, and an engaged one too', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee, { answer: { afterMs: 10_000 } })
  await dial({ twiml: hold })
  await clock.advance(1000)
  await dial({ twiml: hold })
  await clock.advance(1000)
  expect(network.calls[1]?.status).toBe('busy')
  phone.hangUp()
  await clock.runUntil(phone.ended)
  expect(network.calls[0]?.status).toBe('busy')
})

test('a phone can be called again, and then has the recording of the later call', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee, { hangUp: { afterAnswerMs: 1000 } })
  for (const text of ['first', 'second']) {
    await dial({ twiml: `<Response><Say>${text}</Say></Response>` })
    await clock.advance(1000)
    await clock.runUntil(phone.ended)
    expect(phone.said).toEqual([text])
  }
})

describe('answering machine detection', () => {
  const machine = { answer: { voicemail: { afterMs: 1000, greetingMs: 6000 } } }

  test('stands in the request for the TwiML, and delays it', async () => {
    const { bridge, clock, dial, network } = await setScene()
    network.phone(callee, machine)
    bridge.answers.set('/voice', hold)
    await dial({ url: `${bridge.url}/voice`, machineDetection: 'DetectMessageEnd' })
    await clock.advance(10_000)
    expect(bridge.of('/voice')[0]?.body.get('AnsweredBy')).toBe('machine_end_beep')
    const call = network.calls[0]
    expect((bridge.of('/voice')[0]?.atMs ?? 0) - (call?.answeredAtMs ?? 0)).toBe(6500)
  })

  test('comes in a callback of its own when it is asynchronous', async () => {
    const { bridge, client, clock, dial, network } = await setScene({ behaviour: { amdDelayMs: 2500 } })
    network.phone(callee)
    const sid = await dial({
      twiml: hold,
      machineDetection: 'Enable',
      asyncAmd: 'true',
      asyncAmdStatusCallback: `${bridge.url}/amd`,
    })
    await clock.advance(10_000)
    expect(Object.fromEntries(bridge.of('/amd')[0]?.body ?? [])).toEqual({
      CallSid: sid,
      AccountSid: network.account.sid,
      AnsweredBy: 'human',
      MachineDetectionDuration: '2500',
    })
    expect((await clock.runUntil(client.calls(sid).fetch())).answeredBy).toBe('human')
  })

  test('can give any verdict, and warns with 21262 when nobody is told', async () => {
    const { bridge, clock, dial, network } = await setScene({ behaviour: { amdVerdict: 'fax' } })
    network.phone(callee)
    bridge.answers.set('/voice', hold)
    await dial({ url: `${bridge.url}/voice`, machineDetection: 'Enable' })
    await clock.advance(8000)
    expect(bridge.of('/voice')[0]?.body.get('AnsweredBy')).toBe('fax')
    await dial({ to: '+14155550155', twiml: hold, machineDetection: 'Enable', asyncAmd: 'true' })
    network.phone('+14155550155')
    await clock.advance(8000)
    expect(network.faults).toMatchObject([{ code: 21_262, level: 'warning' }])
  })

  test('is ignored with SendDigits, which the phone hears as tones', async () => {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    bridge.answers.set('/voice', hold)
    await dial({ url: `${bridge.url}/voice`, machineDetection: 'Enable', sendDigits: '1w2' })
    await clock.advance(3000)
    expect(bridge.of('/voice')[0]?.body.has('AnsweredBy')).toBe(false)
    expect(phone.events).toContainEqual(expect.objectContaining({ type: 'tones', digits: '1w2' }))
  })
})

describe('a mouth', () => {
  test('loses no byte of odd pieces, whenever they come', () => {
    const mouth = createMouth()
    const speech = sound(333)
    let at = 0
    let spoken = 0
    const line: number[] = []
    while (at < 1000) {
      at += 20
      if (spoken < speech.length) {
        mouth.speak(speech.subarray(spoken, spoken + 131), at - 13)
        spoken += 131
      }
      line.push(...(mouth.frame(at) ?? []))
    }
    expect(line.filter((byte) => byte !== 0xff)).toEqual([...speech])
  })

  test('forgets what was said while nobody listened', () => {
    const mouth = createMouth()
    const speech = sound(1000)
    mouth.speak(speech, 0)
    expect(mouth.frame(520)).toEqual(speech.subarray(4000, 4160))
  })
})

describe('on the real clock', () => {
  test('frames keep to absolute deadlines, and closing leaves nothing open', async () => {
    const open = () => {
      const names = process.getActiveResourcesInfo()
      return names.filter((name) => name === 'Timeout' || name.startsWith('TCP')).length
    }
    const bridge = await startBridge()
    const before = open()
    const network = await startPhoneNetwork({ behaviour: { postDialDelayMs: 0 } })
    const phone = network.phone(callee, { answer: { afterMs: 0 } })
    bridge.onStart = (stream) => {
      stream.media(sound(400))
      stream.mark('end')
    }
    const ended = new Promise<void>((resolve) => {
      bridge.onMessage = (_stream, message) => {
        if (message.event === 'mark') resolve()
      }
    })
    await clientOf(network).calls.create({
      to: callee,
      from: network.account.numbers[0] ?? '',
      twiml: connectTwiml(bridge),
    })
    await ended
    const stream = network.calls[0]?.streams[0]
    const ranMs = performance.timeOrigin + performance.now() - (stream?.openedAtMs ?? 0)
    expect(ranMs).toBeGreaterThanOrEqual(395)
    const frames = stream?.framesSent ?? 0
    expect(frames).toBeGreaterThanOrEqual(19)
    expect(frames).toBeLessThanOrEqual(Math.ceil(ranMs / 20))
    expect(Buffer.from(phone.heard)).toEqual(Buffer.from(sound(400)))
    await network.close()
    await network.close()
    await phone.ended
    await expect(fetch(network.url)).rejects.toThrow()
    await expect.poll(open).toBeLessThanOrEqual(before)
  })
})
