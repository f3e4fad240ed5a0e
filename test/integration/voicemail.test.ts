import { describe, expect, test } from 'vitest'
import type { PlaceRequest } from '../../src/call/placing.ts'
import type { NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { rememberSpoken, startWorld, type World } from '../world.ts'

const to = '+15551230001'
const message =
  'Hello. This is the clinic. Your appointment is tomorrow at ten. Please bring your card with you. ' +
  'Please do not eat anything in the six hours before. If you cannot come, call us until eight in the evening.'
const voicemail = 'The clinic called. Please call us back.'

function place(world: World, more: Partial<PlaceRequest> = {}) {
  rememberSpoken(message)
  rememberSpoken(voicemail)
  const { call } = world.app.place({ to, message, voicemail, keepAudio: true, ...more })
  if (!call) throw new Error('no call')
  return call
}

/** What is not silence. */
const sound = (mulaw: Uint8Array) => Buffer.from(mulaw.filter((byte) => byte !== 0xff))

const spoken = new Map<string, Promise<Buffer>>()

/** A text, as the voice says it. */
function asSpoken(text: string): Promise<Buffer> {
  const known = spoken.get(text) ?? speak(text)
  spoken.set(text, known)
  return known
}

async function speak(text: string): Promise<Buffer> {
  await using world = await startWorld()
  world.network.phone(to)
  const call = place(world, { message: text, voicemail: undefined })
  await world.until(call.outcome)
  return sound(call.heardAudio())
}

async function answeredBy(script: PhoneScript, behaviour: Partial<NetworkBehaviour> = {}, more = {}, settings = {}) {
  await using world = await startWorld({ network: { behaviour }, settings })
  const phone = world.network.phone(to, script)
  const outcome = await world.until(place(world, more).outcome)
  await world.until(phone.ended)
  expect(world.network.faults).toEqual([])
  expect(world.app.calls()).toEqual([])
  const given = world.async.spoken.map(({ transcript }) => transcript).join(' ')
  return { outcome, given, mailbox: sound(phone.mailbox), heard: sound(phone.heard) }
}

const machine = (greetingMs: number, beep = true): PhoneScript => ({
  answer: { voicemail: { afterMs: 500, greetingMs, beep } },
})

describe('a greeting of any length, with a beep or none: the mailbox has the whole voicemail text and nothing else', () => {
  test.each([
    { what: 'a short greeting', greetingMs: 1_000, amdDelayMs: 1_500 },
    { what: 'a usual greeting', greetingMs: 6_000, amdDelayMs: 4_000 },
    {
      what: 'a greeting longer than a verdict is waited for, with which the silence goes on',
      greetingMs: 25_000,
      amdDelayMs: 4_000,
    },
    { what: 'a greeting almost as long as detection listens', greetingMs: 49_000, amdDelayMs: 4_000 },
  ])('$what', async ({ greetingMs, amdDelayMs }) => {
    const { outcome, given, mailbox } = await answeredBy(machine(greetingMs), { amdDelayMs })
    // What is not to be heard is not paid for either.
    expect(given).not.toContain('Your appointment')
    expect(outcome).toMatchObject({ status: 'voicemail', reason: 'completed', answeredBy: 'machine_end_beep' })
    expect(outcome.heardText).toBe(voicemail)
    expect(mailbox.equals(await asSpoken(voicemail))).toBe(true)
  })

  test.each([1_000, 8_000, 30_000])('no beep, after a greeting of %i ms', async (greetingMs) => {
    const { outcome, mailbox } = await answeredBy(machine(greetingMs, false))
    expect(outcome).toMatchObject({ status: 'voicemail', answeredBy: 'machine_end_silence' })
    expect(mailbox.equals(await asSpoken(voicemail))).toBe(true)
  })

  test('a verdict that comes twice is acted on once', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to, machine(6_000))
    const call = place(world)
    call.watch(({ type }) => {
      if (type === 'voicemail') void Promise.resolve().then(() => call.answeredBy('machine_end_beep'))
    })
    await world.until(call.outcome)
    expect(sound(phone.mailbox).equals(await asSpoken(voicemail))).toBe(true)
  })
})

describe('detection later than the greeting', () => {
  test.each([4_500, 9_900])(
    'the verdict comes %i ms after the answer: nothing is said before, and the mailbox has the voicemail text alone',
    async (amdDelayMs) => {
      const { outcome, mailbox } = await answeredBy(machine(1_000), { amdDelayMs })
      expect(outcome).toMatchObject({ status: 'voicemail', heardText: voicemail })
      expect(mailbox.equals(await asSpoken(voicemail))).toBe(true)
    },
  )

  test.each([
    { what: 'the verdict comes later than it is waited for', amdDelayMs: 14_000, settings: {} },
    { what: 'it is not waited for', amdDelayMs: 5_000, settings: { DETECTION_WAIT_MS: '0' } },
  ])('$what: the mailbox has a piece of the message, and then the whole voicemail text', async (given) => {
    const { outcome, mailbox, heard } = await answeredBy(machine(1_000), given, {}, given.settings)
    const expected = await asSpoken(voicemail)
    expect(outcome.status).toBe('voicemail')
    expect(mailbox.subarray(-expected.length).equals(expected)).toBe(true)
    const before = mailbox.subarray(0, -expected.length)
    expect(before.length).toBeGreaterThan(0)
    // It is the message, up to the verdict.
    expect((await asSpoken(message)).subarray(heard.length - mailbox.length).subarray(0, before.length)).toEqual(before)
  })
})

describe('who answered is waited for in silence, where there is a text for a mailbox', () => {
  const firstAudioMs = async (script: PhoneScript, behaviour: Partial<NetworkBehaviour>, settings = {}) =>
    (await answeredBy(script, behaviour, {}, settings)).outcome.answeredToFirstAudioMs ?? Number.NaN

  test('a person hears the message with the verdict', async () => {
    const ms = await firstAudioMs({}, { amdDelayMs: 3_000 })
    expect(ms).toBeGreaterThan(2_999)
    expect(ms).toBeLessThan(3_500)
  })

  test('without a verdict, after ten seconds; at once where none is waited for', async () => {
    const ms = await firstAudioMs({}, { amdDelayMs: 3_000_000 })
    expect(ms).toBeGreaterThan(9_999)
    expect(ms).toBeLessThan(10_500)
    expect(await firstAudioMs({}, {}, { DETECTION_WAIT_MS: '0' })).toBeLessThan(500)
  })

  test('a greeting that still plays then is not talked into', async () => {
    const ms = await firstAudioMs(machine(15_000), { amdDelayMs: 20_000 })
    // The greeting and its beep end after 15.5 s, and a pause of 1.5 s shows that they have.
    expect(ms).toBeGreaterThan(16_900)
    expect(ms).toBeLessThan(18_500)
  })

  test('whoever presses a key is a person, and hears the message at once', async () => {
    const ms = await firstAudioMs({ steps: [{ afterAnswerMs: 2_000, press: '5' }] }, { amdDelayMs: 9_000 })
    expect(ms).toBeGreaterThan(1_999)
    expect(ms).toBeLessThan(2_500)
  })

  test('who hangs up meanwhile has heard nothing', async () => {
    const { outcome } = await answeredBy({ hangUp: { afterAnswerMs: 1_000 } }, { amdDelayMs: 9_000 })
    expect(outcome).toMatchObject({ status: 'unheard', reason: 'callee-hung-up' })
  })
})

describe('detection wrong, or telling nothing', () => {
  test('a person who is taken for a machine hears the voicemail text whole', async () => {
    const { outcome, heard } = await answeredBy({}, { amdVerdict: 'machine_end_other', amdDelayMs: 3_000 })
    const expected = await asSpoken(voicemail)
    expect(outcome).toMatchObject({ status: 'voicemail', answeredBy: 'machine_end_other' })
    expect(heard.subarray(-expected.length).equals(expected)).toBe(true)
  })

  test.each(['human', 'unknown'] as const)(
    'a machine that is taken for %s gets the message, as anybody',
    async (amdVerdict) => {
      const { outcome, heard } = await answeredBy(machine(4_000), { amdVerdict })
      expect(outcome).toMatchObject({ status: 'heard', answeredBy: amdVerdict, heardText: message })
      expect(heard.equals(await asSpoken(message))).toBe(true)
    },
  )

  test('nobody can tell: the message is heard', async () => {
    const { outcome } = await answeredBy({}, { amdDelayMs: 3_000_000 })
    expect(outcome).toMatchObject({ status: 'heard', answeredBy: 'unknown', heardText: message })
  })

  test('the verdict is lost: the message is heard, and waited for it is until no greeting is so long', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to, machine(20_000))
    const call = place(world)
    call.watch(({ type }) => {
      if (type === 'streaming') world.network.behaviour.webhookSignature = 'wrong'
    })
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ status: 'heard', answeredBy: null, heardText: message })
    expect(Date.parse(outcome.endedAt) - Date.parse(outcome.answeredAt ?? '')).toBe(55_000)
  })

  test('a person hears the message and no more', async () => {
    const { outcome } = await answeredBy({}, { amdDelayMs: 2_000 })
    expect(outcome).toMatchObject({ status: 'heard', answeredBy: 'human', heardText: message })
  })
})

test('without a text for it a mailbox is hung up on, as soon as it is known to be one', async () => {
  await using world = await startWorld({
    settings: { MACHINE_DETECTION: 'on' },
    network: { behaviour: { amdDelayMs: 2_000 } },
  })
  const phone = world.network.phone(to, machine(8_000))
  const outcome = await world.until(place(world, { voicemail: undefined }).outcome)
  expect(outcome).toMatchObject({ status: 'voicemail', reason: 'completed', answeredBy: 'machine_start' })
  await world.until(phone.ended)
  expect(phone.mailbox).toHaveLength(0)
})

test('a fax is hung up on', async () => {
  const { outcome } = await answeredBy({}, { amdVerdict: 'fax', amdDelayMs: 2_000 })
  expect(outcome).toMatchObject({ reason: 'completed', answeredBy: 'fax', status: 'unheard' })
})

test('the machine is asked after only where there is a text for it, and that must be one that can be said', async () => {
  await using world = await startWorld()
  world.network.phone(to)
  expect(() => place(world, { voicemail: ' ' })).toThrow(expect.objectContaining({ code: 'text.empty' }))
  const outcome = await world.until(place(world, { voicemail: undefined }).outcome)
  expect(outcome.answeredBy).toBeNull()
})
