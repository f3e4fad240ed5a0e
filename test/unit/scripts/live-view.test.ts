import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { type CallView, describeOutcome, showCall } from '../../../scripts/live-view.ts'
import { noCall } from '../../../src/call/describe.ts'
import type { CallEvent, CallHappening } from '../../../src/call/events.ts'
import type { LiveCall } from '../../../src/call/live-call.ts'
import type { ToldWords } from '../../../src/call/words-told.ts'
import type { EndReason, Outcome, OutcomeStatus } from '../../../src/call/outcome.ts'
import { BridgeError } from '../../../src/errors.ts'

/** A view of a call that is nothing but a timeline and a text of about six seconds, and what it wrote. */
function watchedCall(isTTY: boolean) {
  let nowMs = 0
  let sequence = 0
  const events: CallEvent[] = []
  let listener: (event: CallEvent) => void = () => {}
  let words: (told: ToldWords) => void = () => {}
  const out = Object.assign(new PassThrough(), { isTTY, columns: 100 }) as unknown as NodeJS.WriteStream
  let written = ''
  out.on('data', (chunk: Buffer) => (written += chunk.toString()))
  const parameters = { message: 'This is a message of some seventy characters, to be spoken by a voice.' }
  const watch = (shows: typeof listener) => {
    listener = shows
    return () => {}
  }
  events.push({ type: 'dialling', atMs: nowMs, sequence: ++sequence })
  const watchWords = (shows: typeof words) => {
    words = shows
    return () => {
      words = () => {}
    }
  }
  const call = { parameters, events, watch, watchWords } as unknown as LiveCall
  const view: CallView = showCall(call, '+15551234567', out)
  return {
    view,
    report(...happenings: CallHappening[]) {
      for (const happening of happenings) {
        nowMs += 500
        listener({ ...happening, atMs: nowMs, sequence: ++sequence })
      }
    },
    words: (by: ToldWords['by'], text: string) => words({ by, text, atMs: nowMs }),
    get written() {
      return written
    },
    /** What a terminal shows in the end: each line as it was last written. */
    get screen() {
      const rows = ['']
      let column = 0
      // Escape made visible, then: cursor to a column (G), save (7), restore (8), clear the line (2K) or its rest (0K).
      const parts = written.replaceAll('\u001B', '␛').matchAll(/␛(?:\[\d*([A-Z])|[78])|\r|\n|[^␛\r\n]+/g)
      for (const [part, command] of parts) {
        const row = rows.length - 1
        if (part === '\n') {
          rows.push('')
          column = 0
        } else if (part === '\r' || command === 'G') column = 0
        else if (part === '␛[2K') rows[row] = ''
        else if (part === '␛[0K') rows[row] = (rows[row] ?? '').slice(0, column)
        else if (!part.startsWith('␛')) {
          rows[row] = (rows[row] ?? '').slice(0, column) + part + (rows[row] ?? '').slice(column + part.length)
          column += part.length
        }
      }
      return rows
    },
  }
}

const progress = (heardMs: number, sentMs: number, complete = false): CallHappening => ({
  type: 'progress',
  heardMs,
  sentMs,
  complete,
})
const spoken: CallHappening[] = [
  { type: 'ringing' },
  { type: 'answered' },
  { type: 'first-audio', afterAnswerMs: 123.4 },
  progress(250, 4600),
  progress(1100, 4600),
  progress(2400, 4600, true),
  { type: 'heard', heardMs: 4600 },
  { type: 'ended', reason: 'completed' },
]
const steps = ['dialling', 'ringing', 'answered', 'speaking', 'heard', 'hung up']

describe('the view of a call', () => {
  test('on a terminal each step is one line, no bar stays behind, and no line ends in blanks', () => {
    const watched = watchedCall(true)
    watched.report(...spoken)
    watched.view.end()
    const lines = watched.screen.filter((line) => line !== '')
    expect(lines.map((line) => line.slice(9).split('  ')[0])).toEqual(steps)
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([])
    // The terminal is left as it was found.
    expect(watched.written).not.toMatch(/\[\?/)
  })

  test('while it speaks the end is an estimate, until it is known', () => {
    const watched = watchedCall(true)
    watched.report(...spoken.slice(0, 5))
    expect(watched.screen.at(-1)).toMatch(/■ +0\.3 s of about 5 s$|■ +1\.1 s of about 5 s$/)
    watched.view.end()
    const piped = watchedCall(false)
    piped.report(...spoken)
    expect(piped.written).toContain(' 1.1 s of about 5 s\n')
    expect(piped.written).toContain(' 2.4 s of 4.6 s\n')
    // More was sent than was expected, and not all of it: then it is at least as much.
    const longer = watchedCall(false)
    longer.report(progress(1000, 12_000))
    expect(longer.written).toContain(' 1.0 s of about 12 s\n')
  })

  test('what was rendered is told, and whether the phone still rang then; what the cache found is not', () => {
    const watched = watchedCall(false)
    const cache: CallHappening = { type: 'cache', hits: 1, shared: 0, misses: 0 }
    watched.report({ type: 'ringing' }, cache, { type: 'prepared', audioMs: 3240 }, { type: 'answered' }, cache)
    expect(watched.written).toMatch(/ringing\n.* rendered {4}3\.2 s while it rings\n.* answered\n$/)
    const late = watchedCall(false)
    late.report({ type: 'answered' }, { type: 'prepared', audioMs: 3240 })
    expect(late.written).toMatch(/ rendered {4}3\.2 s\n$/)
  })

  test('a bar and what was heard tell of what is being said, not of all before it', () => {
    const watched = watchedCall(false)
    watched.report(progress(2000, 4000), progress(4000, 4000, true), { type: 'heard', heardMs: 4000 })
    watched.report(progress(5500, 6000, true), { type: 'interrupted', heardMs: 5600 })
    watched.report(progress(6700, 9000), { type: 'heard', heardMs: 9000 })
    const told = watched.written.split('\n').map((line) => line.replace(/^.*?(?=\d+\.\d s of|heard|interrupted)/, ''))
    expect(told.slice(1, -1)).toEqual([
      '2.0 s of about 5 s',
      '4.0 s of 4.0 s',
      'heard       4.0 s of audio',
      '1.5 s of 2.0 s',
      'interrupted after 1.6 s of audio',
      '1.1 s of about 3 s',
      'heard       3.4 s of audio',
    ])
  })

  test('each sentence is a line of its own, whoever says it; an apology after the end is one too', () => {
    for (const isTTY of [true, false]) {
      const watched = watchedCall(isTTY)
      watched.report({ type: 'answered' }, progress(250, 2000))
      watched.words('us', 'Press 1.')
      watched.report(progress(1100, 2000), { type: 'key', digit: '2' })
      watched.words('callee', 'the second one')
      watched.report({ type: 'ended', reason: 'flow-failed' })
      watched.words('us', 'Sorry, that went wrong.')
      watched.words('twilio', 'Goodbye.')
      watched.view.end()
      watched.words('us', 'Nobody sees this.')
      const lines = watched.screen.map((line) => line.slice(9)).filter((line) => line !== '' && !/^[■ ]/.test(line))
      expect(lines.slice(1)).toEqual([
        'answered',
        'says        "Press 1."',
        'key         2',
        'callee says "the second one"',
        'ended       flow-failed',
        'says        "Sorry, that went wrong."',
        'Twilio says "Goodbye."',
      ])
    }
  })

  test('a terminal is sent none of the commands that may stand in a text', () => {
    const watched = watchedCall(true)
    watched.words('callee', 'one\u001b[2J\u0007\u009b31m\r\ntwo\u202e')
    expect(watched.written).toMatch(/"one \[2J 31m two"\n$/)
  })

  test('something else can be written in the place of the bar', () => {
    const watched = watchedCall(true)
    watched.report(...spoken.slice(0, 5))
    watched.view.clear()
    expect(watched.screen.at(-1)).toBe('')
  })

  test('nothing is shown after the end but that the call could not be hung up', () => {
    for (const isTTY of [true, false]) {
      const watched = watchedCall(isTTY)
      watched.report({ type: 'ended', reason: 'callee-hung-up' })
      const before = watched.written
      watched.report(progress(4000, 5000), { type: 'heard', heardMs: 4000 })
      expect(watched.written).toBe(before)
      watched.report({ type: 'trouble', error: new BridgeError('twilio.unreachable', 'It may still ring.') })
      expect(watched.screen.at(-2)).toContain('It may still ring.')
      watched.view.end()
    }
  })
})

describe('the outcome in words', () => {
  const outcome = (status: OutcomeStatus, reason: EndReason, error = new BridgeError('internal', 'x')): Outcome => ({
    ...noCall(error, new Date(0)),
    callId: '',
    status,
    reason,
  })

  test('a status and a reason that say the same are said once', () => {
    const words = (status: OutcomeStatus, reason: EndReason) =>
      describeOutcome({ ...outcome(status, reason), error: null })
    expect(words('canceled', 'cancelled')).toBe('canceled')
    expect(words('busy', 'busy')).toBe('busy')
    expect(words('no-answer', 'no-answer')).toBe('no-answer')
    expect(words('heard', 'completed')).toBe('heard (completed)')
    expect(words('unheard', 'cancelled')).toBe('unheard (cancelled)')
  })

  test('a flow that threw is told with its file and line', () => {
    const error = new BridgeError('flow.failed', 'The flow threw: no such day', { details: { place: 'my-flow.ts:7' } })
    expect(describeOutcome(outcome('heard', 'flow-failed', error))).toContain(
      '\nThe flow threw: no such day (my-flow.ts:7) [flow.failed]',
    )
  })

  test('the code of an error closes its line, and stands on its own below a list', () => {
    const words = (message: string) =>
      describeOutcome(outcome('failed', 'refused', new BridgeError('internal', message)))
    expect(words('It broke.')).toBe('failed (refused)\nIt broke. [internal]')
    expect(words('Broken:\n  this\n  that')).toBe('failed (refused)\nBroken:\n  this\n  that\n[internal]')
  })
})
