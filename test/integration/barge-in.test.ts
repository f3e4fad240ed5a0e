import { describe, expect, test } from 'vitest'
import { bytesToMs } from '../../src/audio/duration.ts'
import { encodeMulaw } from '../../src/audio/mulaw.ts'
import type { BargeIn } from '../../src/flows/answer.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import type { PhoneStep } from '../../src/simulator/phone-network/phone/script.ts'
import { handRecognizer } from '../hand-recognizer.ts'
import { rememberSpoken, startWorld } from '../world.ts'

const to = '+15551230001'
const old = 'This is what was being said when somebody had something to say himself.'
const queued = 'And this was to be said next.'
const fresh = 'This is new.'

interface Scene {
  readonly steps: readonly PhoneStep[]
  readonly behaviour?: Partial<AsyncBehaviour>
  readonly texts?: readonly string[]
  readonly bargeIn?: BargeIn
  /** What is heard as soon as a key is pressed. */
  readonly says?: string
}

/** A call in which what is said is interrupted, and something new is said then. */
async function interrupted({ steps, behaviour, texts = [old], bargeIn = 'keys', says }: Scene) {
  for (const text of [old, queued, fresh]) rememberSpoken(text)
  const hand = handRecognizer()
  const told: string[] = []
  await using world = await startWorld({
    async: { behaviour: { firstAudioDelayMs: 100, deliveryRate: Number.POSITIVE_INFINITY, ...behaviour } },
    recognizer: hand.recognizer,
  })
  const phone = world.network.phone(to, { answer: { afterMs: 500 }, steps })
  phone.on(({ type }) => {
    if (type === 'pressed' && says !== undefined) hand.interim(says)
  })
  const call = world.dial(to, '', {}, async (line) => {
    line.on('interrupted', ({ by }) => told.push(by))
    const sayings = texts.map((text) => line.say(text, { bargeIn }))
    const ends = await Promise.all(sayings)
    told.push(...ends.map(({ end }) => end))
    await line.say(fresh)
  })
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  const audioOf = (wanted: string) =>
    world.async.spoken.findLast(({ transcript }) => transcript.trim() === wanted)?.audio ?? new Uint8Array()
  const whole = audioOf(fresh)
  const heard = Buffer.from(phone.heard)
  const ofOld = heard.subarray(0, heard.length - whole.length)
  return {
    told,
    clears: phone.events.filter(({ type }) => type === 'clear').length,
    /** What was heard of the old one, and whether it is its beginning. */
    oldMs: bytesToMs(ofOld.length),
    knownMs: outcome.heardMs - bytesToMs(whole.length),
    isBeginning: ofOld.equals(Buffer.from(audioOf(old)).subarray(0, ofOld.length)),
    newWhole: whole.length > 0 && heard.subarray(ofOld.length).equals(Buffer.from(whole)),
    faults: world.network.faults.filter(({ level }) => level !== 'warning'),
    open: hand.open,
  }
}

/** Half a second of something loud. */
const voice = encodeMulaw(Int16Array.from({ length: 4_000 }, (_, at) => 8_000 * Math.sin(at / 3)))

const press = (digits: string): PhoneStep => ({ afterHeardMs: 700, press: digits })

describe('interrupted in a whole call', () => {
  test.each<[string, Scene, { readonly clears: number; readonly by: string; readonly leastMs: number }]>([
    [
      'before the first chunk: no clear, and nothing of the old one is heard',
      { steps: [{ afterAnswerMs: 1_000, press: '1' }], behaviour: { firstAudioDelayMs: 3_000 } },
      { clears: 0, by: 'key', leastMs: 0 },
    ],
    [
      'between chunk and mark',
      { steps: [press('1')], behaviour: { deliveryRate: 1, chunks: { kind: 'fixed', ms: 100 } } },
      { clears: 1, by: 'key', leastMs: 400 },
    ],
    [
      'after the last chunk, while the buffer still plays',
      { steps: [press('1')] },
      { clears: 1, by: 'key', leastMs: 400 },
    ],
    ['twice', { steps: [press('12')] }, { clears: 1, by: 'key', leastMs: 400 }],
    [
      'by a key and by speech at once',
      { steps: [press('1')], bargeIn: 'speech', says: 'Wait' },
      { clears: 1, by: 'speech', leastMs: 400 },
    ],
    [
      'by the energy of a voice',
      { steps: [{ afterHeardMs: 700, speak: voice }], bargeIn: 'energy' },
      { clears: 1, by: 'energy', leastMs: 400 },
    ],
    [
      'with something queued behind',
      { steps: [press('1')], texts: [old, queued] },
      { clears: 1, by: 'key', leastMs: 400 },
    ],
    [
      'with late audio of the old one after the new one has begun',
      {
        steps: [press('1')],
        behaviour: { deliveryRate: 1, closeContext: 'truncating', lateChunks: 8, firstAudioDelayMs: 20 },
      },
      { clears: 1, by: 'key', leastMs: 400 },
    ],
  ])('%s', async (_rule, scene, expected) => {
    const { told, clears, oldMs, knownMs, isBeginning, newWhole, faults, open } = await interrupted(scene)
    expect(told).toEqual([expected.by, ...(scene.texts ?? [old]).map(() => 'interrupted')])
    expect(clears).toBe(expected.clears)
    expect({ isBeginning, newWhole }).toEqual({ isBeginning: true, newWhole: true })
    expect(oldMs).toBeGreaterThanOrEqual(expected.leastMs)
    expect(oldMs).toBeLessThan(1_000)
    // What is known of it is never more than was heard, and less by what stands between two marks.
    expect(knownMs).toBeLessThanOrEqual(oldMs)
    expect(knownMs).toBeGreaterThanOrEqual(oldMs - 400)
    expect(faults).toEqual([])
    expect(open).toBe(0)
  })

  test('with the socket already closed: nothing goes wrong, and the outcome is that of the hang-up', async () => {
    await using world = await startWorld()
    const steps: PhoneStep[] = [press('1'), { afterHeardMs: 700, hangUp: true }]
    const phone = world.network.phone(to, { answer: { afterMs: 500 }, steps })
    const call = world.dial(to, old, {}, async (line) => {
      await line.say(old, { bargeIn: 'keys' })
      await line.say(fresh)
    })
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ reason: 'callee-hung-up', status: 'partly-heard', heardText: '' })
    expect(world.network.faults.filter(({ level }) => level !== 'warning')).toEqual([])
  })
})

describe('a flow that throws in a whole call', () => {
  const sorry = 'Something went wrong here.'
  const fails = { settings: { APOLOGY_SENTENCE: sorry } }

  test('the callee hears the sentence to its end, and the outcome has the error', async () => {
    rememberSpoken(sorry)
    await using world = await startWorld(fails)
    const phone = world.network.phone(to)
    const call = world.dial(to, old, {}, async (line) => {
      void line.say(old)
      await line.pause(1_500)
      throw new Error('no such customer')
    })
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    const apology = world.async.spoken.find(({ transcript }) => transcript.trim() === sorry)?.audio ?? new Uint8Array()
    expect(apology.length).toBeGreaterThan(0)
    expect(Buffer.from(phone.heard).subarray(-apology.length).equals(Buffer.from(apology))).toBe(true)
    expect(outcome).toMatchObject({
      reason: 'flow-failed',
      status: 'partly-heard',
      heardText: '',
      error: { code: 'flow.failed', message: 'The flow threw: no such customer' },
    })
    expect(outcome.heardMs).toBeLessThanOrEqual(1_500)
    expect(world.async.connections).toBe(0)
    expect(world.app.calls()).toEqual([])
  })

  test('without a voice Twilio says it', async () => {
    await using world = await startWorld({
      ...fails,
      async: { behaviour: { incidents: [{ at: 'transcript', what: { kind: 'drop' } }] } },
    })
    const phone = world.network.phone(to)
    const call = world.dial(to, old, {}, async () => {
      world.async.behaviour.handshake = 'refuse'
      throw new Error('no such customer')
    })
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    expect(phone.said).toEqual([sorry])
    expect(outcome).toMatchObject({ reason: 'flow-failed', error: { code: 'flow.failed' } })
    expect(world.app.calls()).toEqual([])
  })
})
