import { describe, expect, test } from 'vitest'
import { bytesToMs } from '../../src/audio/duration.ts'
import type { Outcome } from '../../src/call/outcome.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import type { Incident } from '../../src/simulator/async/incidents.ts'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import type { SteppedClock } from '../../src/simulator/clock.ts'
import type { Phone } from '../../src/simulator/phone-network/phone/phone.ts'
import { toneVoice } from '../../src/simulator/tone-voice.ts'
import { createAsyncSpeech } from '../../src/speech/async/provider.ts'
import { createFailoverSpeech } from '../../src/speech/failover/provider.ts'
import type { SpeechProvider } from '../../src/speech/provider.ts'
import { startWorld, type World } from '../world.ts'

const to = '+15551230001'
const sentences = [
  'This is the first sentence of four.',
  'Here comes the second one, somewhat longer than the first.',
  'And this is the third.',
  'With the fourth the message is over.',
]
const text = sentences.join(' ')

interface Stage {
  readonly world: World
  readonly first: AsyncService
  readonly second: AsyncService
  readonly phone: Phone
  /** What the log was told loudly. */
  readonly errors: string[]
}

/** A world whose voice is two services, one behind the other, with the same voice of tones. */
async function withTwo(
  behaviour: { first?: Partial<AsyncBehaviour>; second?: Partial<AsyncBehaviour> },
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  const errors: string[] = []
  const services: AsyncService[] = []
  await using world = await startWorld({
    async: { behaviour: behaviour.first ?? {} },
    async speech(clock, first) {
      const second = await startAsyncService({ clock, behaviour: behaviour.second ?? {} })
      services.push(first, second)
      const log = { error: (_facts: object, message: string) => void errors.push(message), info: () => {} }
      return createFailoverSpeech(
        voiceOf(first, 'one', clock),
        [voiceOf(second, 'two', clock)],
        { firstAudioTimeoutMs: 1500 },
        { clock, log },
      )
    },
  })
  const [first, second] = services
  if (!first || !second) throw new Error('no services')
  try {
    await run({ world, first, second, phone: world.network.phone(to), errors })
  } finally {
    await second.close()
  }
}

function voiceOf({ url, apiKey, voiceId }: AsyncService, name: string, clock: SteppedClock): SpeechProvider {
  const speech = createAsyncSpeech({ url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, { clock })
  return { ...speech, name }
}

async function soundOf(sentence: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of toneVoice(sentence, { signal: new AbortController().signal })) parts.push(part)
  return Buffer.concat(parts)
}

/** How often each sentence was heard from its beginning to its end. */
async function timesHeard(phone: Phone): Promise<number[]> {
  const heard = Buffer.from(phone.heard)
  const times: number[] = []
  for (const sentence of sentences) {
    const sound = await soundOf(sentence)
    let count = 0
    for (let at = heard.indexOf(sound); at >= 0; at = heard.indexOf(sound, at + 1)) count++
    times.push(count)
  }
  return times
}

/** The longest silence between the first sound and the last, in milliseconds. */
function longestGapMs(phone: Phone): number {
  const bytes = Buffer.from(phone.recording)
  let longest = 0
  let last: number | undefined
  for (const [at, byte] of bytes.entries()) {
    if (byte === 0xff) continue
    if (last !== undefined) longest = Math.max(longest, at - last - 1)
    last = at
  }
  return bytesToMs(longest)
}

const amidAudio = (what: Incident['what'], nth = 4): Partial<AsyncBehaviour> => ({
  incidents: [{ at: 'audio', nth, connection: 1, what }],
})

describe('a provider fails amid a call, and the next goes on', () => {
  const failures: Record<string, Partial<AsyncBehaviour>> = {
    'it is cut': amidAudio({ kind: 'drop' }),
    'it is reset': amidAudio({ kind: 'drop', reset: true }),
    'it closes as going away': amidAudio({ kind: 'close', code: 1001 }),
    'it closes in order': amidAudio({ kind: 'close', code: 1000 }),
    'it stalls': amidAudio({ kind: 'stall' }),
    'its network is gone': amidAudio({ kind: 'freeze' }),
    'it stalls in a later sentence': amidAudio({ kind: 'stall' }, 20),
    'it is cut in a later sentence': amidAudio({ kind: 'drop' }, 20),
    'it stalls, no faster than real time': { ...amidAudio({ kind: 'stall' }, 14), deliveryRate: 1 },
    'it is cut, no faster than real time': { ...amidAudio({ kind: 'drop' }, 14), deliveryRate: 1 },
    'it has too much to do': amidAudio({ kind: 'error', code: 'TOO_MANY_CONCURRENT_REQUESTS' }),
    'its quota is used up': amidAudio({ kind: 'error', code: 'USAGE_LIMIT_EXCEEDED' }),
    'it reports a fault': amidAudio({ kind: 'error', code: 'INTERNAL_SERVER_ERROR' }),
  }
  test.each(Object.entries(failures))(
    'the first of two speech providers fails amid a call (%s): every sentence is heard whole and once, no silence is longer than a second',
    async (_name, first) => {
      await withTwo({ first }, async ({ world, phone }) => {
        const outcome: Outcome = await world.until(world.dial(to, text).outcome)
        await world.until(phone.ended)
        expect(outcome).toMatchObject({ status: 'heard', reason: 'completed', heardText: text, error: null })
        expect(await timesHeard(phone)).toEqual([1, 1, 1, 1])
        expect(longestGapMs(phone)).toBeLessThanOrEqual(1000)
        expect(outcome.provider).toBe('two')
        expect(outcome.spokenBy).toMatchObject([
          { provider: 'one', error: { code: expect.stringMatching(/^speech\./) } },
          { provider: 'two', error: null },
        ])
        expect(outcome.spokenBy.reduce((sum, voice) => sum + voice.sentMs, 0)).toBe(outcome.sentMs)
      })
    },
  )
})

describe('a provider falls silent', () => {
  const places = Array.from({ length: 30 }, (_, index) => index + 1)
  test.each(places)(
    'the first of two speech providers falls silent (behind chunk %i): every sentence is heard whole and once',
    async (nth) => {
      await withTwo({}, async ({ world, phone, first }) => {
        // A call before: it shows that the service says when a sentence is complete.
        expect((await world.until(world.dial(to, 'A call before.').outcome)).status).toBe('heard')
        first.behaviour.incidents = [{ at: 'audio', nth, connection: 2, what: { kind: 'stall' } }]
        const outcome = await world.until(world.dial(to, text).outcome)
        await world.until(phone.ended)
        expect(outcome).toMatchObject({ status: 'heard', heardText: text })
        const times = await timesHeard(phone)
        // Where all of a sentence had come, but not the word that it was all, nobody can know: it is said again.
        const untold = times.indexOf(2)
        if (untold >= 0) expect(first.spoken.at(untold + 1)?.audio).toEqual(await soundOf(sentences[untold] ?? ''))
        expect(times.map((count, index) => (index === untold ? 1 : count))).toEqual([1, 1, 1, 1])
        expect(longestGapMs(phone)).toBeLessThanOrEqual(1000)
      })
    },
  )
})

describe('a provider cannot begin, and the next does', () => {
  const failures: Record<string, Partial<AsyncBehaviour>> = {
    'it refuses connections': { handshake: 'refuse' },
    'it never answers': { handshake: 'never' },
    'it answers with HTTP 503': { handshake: { httpStatus: 503 } },
    'its first audio comes too late': { firstAudioDelayMs: 8000 },
    'it swallows the text': { incidents: [{ at: 'transcript', what: { kind: 'stall' } }] },
    'it gives audio of nothing': {
      incidents: [{ at: 'transcript', what: { kind: 'frame', frame: 'unknown-context' } }],
      closeContext: 'emptying',
      contextIds: 'server-only',
    },
  }
  test.each(Object.entries(failures))(
    'the first of two speech providers cannot begin (%s): all is heard, in the second voice',
    async (_name, first) => {
      await withTwo({ first }, async ({ world, phone }) => {
        const call = world.dial(to, text)
        const outcome = await world.until(call.outcome)
        await world.until(phone.ended)
        expect(outcome).toMatchObject({ status: 'heard', provider: 'two', heardText: text })
        expect(await timesHeard(phone)).toEqual([1, 1, 1, 1])
        expect(outcome.answeredToFirstAudioMs).toBeLessThanOrEqual(1500 + 500)
        expect(call.events.filter((event) => event.type === 'failover')).toMatchObject([{ from: 'one', to: 'two' }])
      })
    },
  )

  test('who tries to connect while the phone rings, in vain, is not waited for at the first word', async () => {
    await withTwo({ first: { handshake: { httpStatus: 503 } } }, async ({ world, second }) => {
      const outcome = await world.until(world.dial(to, text).outcome)
      expect(outcome).toMatchObject({ status: 'heard', provider: 'two' })
      expect(outcome.answeredToFirstAudioMs).toBeLessThanOrEqual(500)
      expect(second.opened).toBe(1)
    })
  })

  test('a provider that connects late, but before the other, speaks', async () => {
    const late = { incidents: [{ at: 'connect', connection: 1, what: { kind: 'drop' } }] } as const
    await withTwo({ first: late, second: { handshake: 'never' } }, async ({ world }) => {
      const outcome = await world.until(world.dial(to, text).outcome)
      expect(outcome).toMatchObject({ status: 'heard', provider: 'one' })
    })
  })

  test('a wrong key is told once and loudly, and the next calls do not try it again', async () => {
    await withTwo({}, async ({ world, first, second, errors }) => {
      first.behaviour.incidents = [{ at: 'init', what: { kind: 'error', code: 'INVALID_API_KEY' } }]
      for (let index = 0; index < 3; index++)
        expect((await world.until(world.dial(to, text).outcome)).status).toBe('heard')
      expect(errors).toHaveLength(1)
      expect(errors[0]).toContain('refuses')
      expect(first.opened).toBe(1)
      expect(second.opened).toBe(3)
    })
  })
})

describe('a provider that failed several calls', () => {
  test('is left out for a while, probed in the background, and asked again once it answers', async () => {
    await withTwo({}, async ({ world, first, errors }) => {
      const dialOne = async () => (await world.until(world.dial(to, 'One sentence.').outcome)).provider
      expect(await dialOne()).toBe('one')
      first.behaviour.handshake = { httpStatus: 503 }
      for (let index = 0; index < 3; index++) expect(await dialOne()).toBe('two')
      expect(errors).toHaveLength(1)
      first.behaviour.handshake = 'answer'
      const { opened } = first
      expect(await dialOne()).toBe('two')
      expect(first.opened).toBe(opened)
      await world.clock.advance(15_000)
      // This one sets off the probe, and does not wait for it.
      expect(await dialOne()).toBe('two')
      expect(first.opened).toBe(opened + 1)
      expect(await dialOne()).toBe('one')
    })
  })
})

describe('a spare that is warm', () => {
  test('is given no text while the first one speaks after all', async () => {
    await withTwo({ first: { firstAudioDelayMs: 1200 } }, async ({ world, first, second }) => {
      const outcome = await world.until(world.dial(to, 'Only one sentence.').outcome)
      expect(outcome).toMatchObject({ status: 'heard', provider: 'one' })
      expect(second.opened).toBe(1)
      expect(second.spoken).toEqual([])
      expect(second.received.filter((message) => message.kind === 'text')).toEqual([])
      expect(first.spoken.map((one) => one.transcript.trim())).toEqual(['Only one sentence.'])
    })
  })

  test('is not opened at all while nothing is late', async () => {
    await withTwo({}, async ({ world, second }) => {
      await world.until(world.dial(to, text).outcome)
      expect(second.opened).toBe(0)
    })
  })

  test('every provider fails: Twilio says what is left', async () => {
    const dies = amidAudio({ kind: 'drop' })
    await withTwo({ first: dies, second: dies }, async ({ world, phone, first, second }) => {
      const call = world.dial(to, text)
      call.watch((event) => {
        if (event.type !== 'first-audio') return
        for (const service of [first, second])
          service.behaviour.incidents = [{ at: 'transcript', what: { kind: 'drop' } }, ...service.behaviour.incidents]
      })
      const outcome = await world.until(call.outcome)
      expect(outcome).toMatchObject({ status: 'heard', reason: 'said-by-twilio' })
      expect(outcome.spokenBy.map((voice) => voice.provider)).toEqual(['one', 'two', 'twilio'])
      expect(phone.said.join(' ')).toBe(text)
    })
  })
})
