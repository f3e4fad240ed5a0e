import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EndReason } from '../../../src/call/outcome.ts'
import { createCallSession } from '../../../src/call/session.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createLogger } from '../../../src/ops/logger.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'
import { streamForSpeech } from '../../../src/speech/split.ts'
import type { SpeechEnd, SpeechProvider, SpeechSink } from '../../../src/speech/provider.ts'

const callSid = `CA${'1'.repeat(32)}`

/** A call whose surroundings are played by hand, and which counts what it holds open. */
function stage() {
  const stepped = createSteppedClock()
  let timers = 0
  const clock: typeof stepped = {
    ...stepped,
    after(delayMs, fire) {
      timers++
      let over = false
      const settle = () => {
        if (!over) timers--
        over = true
      }
      const timer = stepped.after(delayMs, () => {
        settle()
        fire()
      })
      return {
        cancel() {
          settle()
          timer.cancel()
        },
      }
    },
  }
  const open = { speech: 1, socket: 1 }
  const hungUp: string[] = []
  const spoken: { sink: SpeechSink; over: boolean }[] = []
  const end = (one: (typeof spoken)[number] | undefined, how: SpeechEnd) => {
    if (!one || one.over) return
    one.over = true
    one.sink.ended(how)
  }
  const speech: SpeechProvider = {
    name: 'hand',
    capabilities: { languages: undefined, markup: true },
    open: () => ({
      ready: Promise.resolve(),
      speak(sink) {
        const one = { sink, over: false }
        spoken.push(one)
        return { push: () => {}, end: () => {}, cancel: () => end(one, { kind: 'cancelled' }) }
      },
      close: async () => {
        open.speech = 0
        for (const one of spoken) end(one, { kind: 'cancelled' })
      },
    }),
  }
  const call = createCallSession({
    callId: 'id',
    token: 'token',
    direction: 'outbound',
    to: '+15551230001',
    from: '+15005550006',
    parameters: {},
    keepAudio: false,
    apology: 'Sorry.',
    awaitVerdict: false,
    destination: (to: string) => to,
    sentences: {
      split: (text) => [{ spoken: text, text, estimateMs: 1000 }],
      stream: () => streamForSpeech(),
    },
    clock,
    log: createLogger('silent'),
    speech,
    hangUp: async (sid) => {
      hungUp.push(sid)
    },
  })
  const marks: string[] = []
  const connection = {
    media: (_payload: string, mark?: string) => void (mark === undefined || marks.push(mark)),
    mark: (name: string) => void marks.push(name),
    clear() {},
    close: () => {
      open.socket = 0
    },
  }
  return {
    call,
    clock,
    open,
    hungUp,
    spoken,
    end,
    marks,
    timers: () => timers,
    attach: () => call.attach(connection),
  }
}

type Signal = 'stop' | 'lost' | 'completed' | 'failed' | 'cancel' | 'late-refusal'

describe('the end of a call', () => {
  const reasons: Record<Signal, EndReason> = {
    stop: 'callee-hung-up',
    lost: 'stream-lost',
    completed: 'callee-hung-up',
    failed: 'callee-hung-up',
    cancel: 'cancelled',
    'late-refusal': 'refused',
  }
  const signal = fc.constantFrom<Signal>('stop', 'lost', 'completed', 'failed', 'cancel', 'late-refusal')

  test('its signals may come in any order, again and again: the first one decides, and releases everything at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(signal, fc.nat(3000)), { minLength: 1, maxLength: 8 }), async (signals) => {
        const { call, clock, open, timers, attach } = stage()
        call.placed(callSid)
        call.status('in-progress')
        attach()
        void call.say('Hello.')
        const told: string[] = []
        void call.outcome.then((outcome) => told.push(outcome.reason))
        for (const [index, [what, waitMs]] of signals.entries()) {
          if (what === 'stop') call.end('callee-hung-up')
          else if (what === 'lost') call.end('stream-lost', new BridgeError('stream.lost', 'lost'))
          else if (what === 'completed' || what === 'failed') call.status(what)
          else if (what === 'cancel') call.end('cancelled')
          else call.notPlaced(new BridgeError('twilio.rejected', 'no'))
          expect(open).toEqual({ speech: 0, socket: 0 })
          expect(call.signal.aborted).toBe(true)
          if (index === 0) await clock.advance(waitMs)
        }
        await clock.advance(5000)
        expect(told).toEqual([reasons[signals[0]?.[0] ?? 'stop']])
        expect(timers()).toBe(0)
        expect(call.events.filter((event) => event.type === 'ended')).toHaveLength(1)
        expect(attach()).toBe(false)
        await expect(call.streaming).resolves.toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })

  test('a call that Twilio does not end by itself is hung up after two seconds; any other end hangs up at once', async () => {
    for (const [reason, afterMs] of [
      ['completed', 2000],
      ['callee-hung-up', 2000],
      ['cancelled', 0],
      ['speech-failed', 0],
    ] as const) {
      const { call, clock, hungUp, attach } = stage()
      call.placed(callSid)
      attach()
      call.end(reason)
      if (afterMs > 0) {
        await clock.advance(afterMs - 1)
        expect(hungUp).toEqual([])
        await clock.advance(1)
      }
      expect(hungUp).toEqual([callSid])
    }
  })

  test('what is said after the end rejects, and so does what was never heard', async () => {
    const { call, attach } = stage()
    call.placed(callSid)
    attach()
    const before = call.say('Before.')
    call.end('callee-hung-up')
    await expect(before).rejects.toMatchObject({ code: 'call.ended' })
    await expect(call.say('After.')).rejects.toMatchObject({ code: 'call.ended' })
  })

  test('the first verdict of detection counts, and keys are kept in order', async () => {
    const { call, attach } = stage()
    call.placed(callSid)
    attach()
    call.answeredBy('human')
    call.answeredBy('machine_start')
    for (const digit of '4711#') call.key(digit)
    call.end('cancelled')
    call.status('completed')
    expect(await call.outcome).toMatchObject({ answeredBy: 'human', keys: '4711#' })
  })

  test('of a call that we hang up the outcome waits for Twilio to say that it is over, for a second at most', async () => {
    for (const [told, afterMs] of [
      [true, 300],
      [false, 1_000],
    ] as const) {
      const { call, clock } = stage()
      call.placed(callSid)
      const beganMs = clock.now()
      let overMs: number | undefined
      void call.outcome.then(() => (overMs = clock.now() - beganMs))
      call.end('cancelled')
      await clock.advance(300)
      expect(overMs).toBe(undefined)
      if (told) call.status('canceled')
      await clock.advance(699)
      expect(overMs !== undefined).toBe(told)
      await clock.advance(1)
      expect(overMs).toBe(afterMs)
    }
  })

  test('that Twilio may have dialled is told even when we had given up before', async () => {
    const { call } = stage()
    call.end('cancelled')
    call.notPlaced(new BridgeError('twilio.create-unknown', 'perhaps'))
    expect(await call.outcome).toMatchObject({ reason: 'cancelled', error: { code: 'twilio.create-unknown' } })
  })

  const happening = fc.tuple(
    fc.constantFrom(
      'placed',
      'attach',
      'say',
      'say',
      'audio',
      'audio',
      'audio',
      'done',
      'fail',
      'echo',
      'echo',
      'echo',
      'interrupt',
      'status',
      'key',
      'verdict',
      'time',
      'time',
      'end',
      'lost',
      'refused',
    ),
    fc.nat(5000),
  )
  const answered = ['placed', 'attach', 'say', 'audio', 'audio'].map((what) => [what, 3001] as const)
  test('whatever happens in whatever order, there is one outcome, and no timer, utterance or event after it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(happening, { maxLength: 50 }), async (fromScratch, random) => {
        const happenings = fromScratch ? random : [...answered, ...random]
        const { call, clock, spoken, end, marks, timers, attach } = stage()
        const settled: number[] = []
        const said: Promise<unknown>[] = []
        let outcomes = 0
        void call.outcome.then(() => outcomes++)
        for (const [what, n] of happenings) {
          const one = spoken[n % Math.max(1, spoken.length)]
          if (what === 'placed') call.placed(callSid)
          else if (what === 'attach') attach()
          else if (what === 'say' && call.streamed) {
            const index = said.length
            const saying = call.say('Hello there. How are you?')
            const count = () => {
              settled[index] = (settled[index] ?? 0) + 1
            }
            said.push(saying.then(count, count))
            if (n % 7 === 0) saying.interrupt()
          } else if (what === 'audio') one?.sink.audio(Buffer.alloc(n).toString('base64'), n)
          else if (what === 'done') end(one, { kind: 'done' })
          else if (what === 'fail') end(one, { kind: 'failed', error: new BridgeError('speech.lost', 'cut') })
          else if (what === 'echo') call.echoed(marks[n % Math.max(1, marks.length)] ?? 'unknown')
          else if (what === 'status') {
            const statuses = ['ringing', 'in-progress', 'completed', 'busy', 'no-answer', 'failed', 'canceled'] as const
            call.status(statuses[n % statuses.length] ?? 'ringing')
          } else if (what === 'key') call.key('1')
          else if (what === 'verdict') call.answeredBy('machine_start')
          else if (what === 'time') await clock.advance(n)
          else if (what === 'end') call.end('cancelled')
          else if (what === 'lost') call.end('stream-lost')
          else if (what === 'refused') call.notPlaced(new BridgeError('twilio.rejected', 'no'))
        }
        call.placed(callSid)
        call.end('cancelled')
        // Some marks are still on their way back, and the last ones never come.
        for (const name of marks.slice(0, Math.ceil(marks.length / 2))) call.echoed(name)
        await clock.advance(5000)
        const outcome = await call.outcome
        await Promise.all(said)
        expect(outcomes).toBe(1)
        expect(outcome.heardMs).toBeLessThanOrEqual(outcome.sentMs)
        expect(timers()).toBe(0)
        expect(settled).toEqual(said.map(() => 1))
        const types = call.events.map((event) => event.type)
        expect(types.slice(types.indexOf('ended') + 1).filter((type) => type !== 'trouble')).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})
