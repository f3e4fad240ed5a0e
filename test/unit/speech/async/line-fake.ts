import { setImmediate as turn } from 'node:timers/promises'
import { readFrame } from '../../../../src/speech/async/protocol.ts'
import type { Connection, ConnectionEvents } from '../../../../src/speech/async/connection.ts'
import { createSession } from '../../../../src/speech/async/session.ts'
import type { BridgeError } from '../../../../src/errors.ts'
import type { SpeechEnd, SpeechEvent, SpeechInput, SpeechSession } from '../../../../src/speech/provider.ts'
import { createSteppedClock, type SteppedClock } from '../../../../src/simulator/clock.ts'

/** One connection as the service sees it, without a socket, so that a test can say anything at any moment. */
export interface FakeLine {
  readonly events: ConnectionEvents
  readonly sent: Record<string, unknown>[]
  closed: 'dropped' | 'closed' | undefined
  /** A frame from the service, as JSON. */
  say(frame: unknown): void
  /** Contexts of forced texts, in order, each once. */
  contexts(): string[]
  /** Texts sent so far, keepalives and ends left out. */
  texts(): string[]
}

export interface Heard {
  readonly chunks: string[]
  bytes: number
  readonly ends: SpeechEnd[]
  readonly input: SpeechInput
}

export interface Stage {
  readonly clock: SteppedClock
  readonly session: SpeechSession
  readonly lines: FakeLine[]
  readonly warnings: unknown[]
  /** The present connection. */
  readonly line: () => FakeLine
  readonly speak: (...texts: string[]) => Heard
}

/** `ms` of audio as base64. */
export function audioMs(ms: number): string {
  return Buffer.alloc(ms * 8, 0xff).toString('base64')
}

/** A session on fake connections; the first is open unless `open` is false. */
export async function stage(options: { open?: boolean; events?: (event: SpeechEvent) => void } = {}): Promise<Stage> {
  const clock = createSteppedClock()
  const lines: FakeLine[] = []
  const warnings: unknown[] = []
  const session = createSession(
    (events) => {
      const line = fakeLine(events)
      lines.push(line)
      return line.connection
    },
    {
      name: 'async',
      clock,
      events: options.events,
      signal: new AbortController().signal,
      log: { warn: (facts, message) => void warnings.push({ ...facts, message }), debug: () => {} },
    },
  )
  const line = () => lines.at(-1) as FakeLine
  if (options.open !== false) line().events.opened()
  await turn()
  return { clock, session, lines, warnings, line, speak: (...texts) => speakTo(session, texts) }
}

export function speakTo(session: SpeechSession, texts: string[]): Heard {
  const chunks: string[] = []
  const ends: SpeechEnd[] = []
  const heard: Heard = {
    chunks,
    bytes: 0,
    ends,
    input: session.speak({
      audio(payload, audioBytes) {
        chunks.push(payload)
        heard.bytes += audioBytes
      },
      ended: (end) => void ends.push(end),
    }),
  }
  for (const text of texts) heard.input.push(text)
  return heard
}

export function lose(line: FakeLine, error: BridgeError, closeCode?: number, mute = false): void {
  line.closed = 'dropped'
  line.events.lost({ error, closeCode, mute })
}

export interface Dialogue extends Stage {
  readonly first: Heard
  readonly second: Heard
  readonly third: Heard
  readonly fourth: Heard
  /** Audio, or `final`, of the n-th context of the present connection. */
  readonly audio: (nth: number, ms: number) => void
  readonly final: (nth: number) => void
}

/** Four utterances, the first of which is being heard: the second and the third are made ahead. */
export async function dialogue(): Promise<Dialogue> {
  const on = await stage()
  const [first, second, third, fourth] = sayAll(on, 'One.', 'Two.', 'Three.', 'Four.')
  if (!first || !second || !third || !fourth) throw new Error('four were said')
  const say = (nth: number, frame: object) => on.line().say({ context_id: on.line().contexts()[nth - 1], ...frame })
  const audio = (nth: number, ms: number) => say(nth, { audio: audioMs(ms), final: false })
  audio(1, 20)
  return { ...on, first, second, third, fourth, audio, final: (nth) => say(nth, { audio: '', final: true }) }
}

/** Utterances of one text each, all of it given. */
export function sayAll({ speak }: Stage, ...texts: string[]): Heard[] {
  return texts.map((text) => {
    const heard = speak(text)
    heard.input.end()
    return heard
  })
}

function fakeLine(events: ConnectionEvents): FakeLine & { connection: Connection } {
  const sent: Record<string, unknown>[] = []
  let told: Pick<ConnectionEvents, 'frame'> = events
  const line: FakeLine & { connection: Connection } = {
    events,
    sent,
    closed: undefined,
    say(frame) {
      if (!line.closed) told.frame(readFrame(JSON.stringify(frame)))
    },
    contexts: () => [...new Set(sent.filter((m) => m['force'] === true).map((m) => String(m['context_id'])))],
    texts: () => sent.filter((m) => m['force'] === true).map((m) => String(m['transcript'])),
    connection: {
      send: (message) => void sent.push(JSON.parse(String(message)) as Record<string, unknown>),
      passTo(other) {
        told = other
      },
      drop() {
        line.closed = 'dropped'
      },
      close() {
        line.closed = 'closed'
        return Promise.resolve()
      },
    },
  }
  return line
}
