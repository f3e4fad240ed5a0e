import { BridgeError } from '../../errors.ts'
import type { SpeechEnd, SpeechProvider, SpeechSession, SpeechSessionOptions } from '../provider.ts'
import type { Clock } from '../../ops/clock.ts'
import { inOneWrite } from '../../wire/one-write.ts'
import { createInner } from './inner.ts'
import { createPreparation } from './preparation.ts'
import { createRendering, type Rendering, type Want } from './rendering.ts'
import type { Renderings } from './renderings.ts'
import { createUtterance, inputOf, type Utterance } from './utterance.ts'

export interface CachedSessionOptions extends SpeechSessionOptions {
  readonly provider: SpeechProvider
  readonly clock: Clock
  readonly renderings: Renderings
  /** Under what the audio of a text is kept. */
  readonly keyOf: (text: string) => string
  /** How long what was begun may be rendered on after the end of the session; 0: it ends with it. */
  readonly outliveMs: number
  /** Whether hits and misses are told. */
  readonly counted: boolean
  /** Told once, when nothing of the session is open any more. */
  readonly gone: () => void
}

export interface CachedSession extends SpeechSession {
  /** Closes it, and breaks off what is still rendered. */
  closeNow(): void
}

/**
 * A session whose utterances are passed on in the order of `speak`, wherever their audio is from. What has to be
 * rendered is begun at once, however many stand before it.
 *
 * An utterance that is pushed in one piece and ended in the same turn of the event loop is looked up; any other is
 * still being written, and goes through the inner session as it is.
 */
export function openCachedSession(options: CachedSessionOptions): CachedSession {
  const { provider, renderings, keyOf, forwarded, signal, events } = options
  const me = {}
  const joins = provider.capabilities.joins === true
  let queue: Utterance[] = []
  let closing: Promise<void> | undefined
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})

  const inner = createInner(
    (ended) => {
      const { log, voice, bufferedMs } = options
      return provider.open({
        signal: ended,
        forwarded,
        ...(log === undefined ? {} : { log }),
        ...(voice === undefined ? {} : { voice }),
        ...(bufferedMs === undefined ? {} : { bufferedMs }),
        events: tell,
      })
    },
    { clock: options.clock, opened: (session) => void session.ready.then(ready.resolve, ready.reject) },
  )

  function tell(event: Parameters<NonNullable<typeof events>>[0]): void {
    if (event.type !== 'cache' || options.counted) events?.(event)
  }

  /** Somebody of this session who wants the rendering of a text. `counted`: whether it is a hit or a miss is told. */
  function wantOf(text: string, rendering: Rendering, changed: () => void, counted: boolean): Want {
    let told = !counted
    return {
      owner: me,
      changed() {
        const { origin, maker } = rendering
        if (!told && origin !== undefined && !closing) {
          told = true
          const result = origin === 'found' ? 'hit' : maker === me ? 'miss' : 'shared'
          tell({ type: 'cache', provider: provider.name, result })
        }
        changed()
      },
      make(sink) {
        const making = inner.make(() => rendering, sink)
        making?.input.push(text)
        making?.input.end()
        return making
      },
    }
  }

  function want(text: string, changed: () => void, prepared?: Rendering) {
    const rendering = prepared ?? renderings.of(keyOf(text))
    const want = wantOf(text, rendering, changed, prepared === undefined)
    const leave = rendering.want(want)
    if (rendering.origin !== undefined) want.changed()
    return { rendering, want, leave }
  }

  const preparation = createPreparation(options.prepare ?? [], {
    keyOf,
    want,
    has: (key) => renderings.has(key),
    language: options.voice?.language,
    /** All that is known to be needed is there, or is being made by somebody. */
    lookedUp(complete) {
      if (closing) return
      if (!complete) inner.open()
      else if (!inner.opened) ready.resolve()
    },
    prepared: (audioMs) => !closing && tell({ type: 'prepared', provider: provider.name, audioMs }),
  })

  function decide(utterance: Utterance): void {
    const { texts, textEnded } = utterance
    const [text] = texts
    if (utterance.over || utterance.rendering) return
    if (text === undefined) {
      if (textEnded) turn()
      return
    }
    if (textEnded && texts.length === 1) lookUp(utterance, text)
    else passThrough(utterance)
    turn()
  }

  function lookUp(utterance: Utterance, text: string): void {
    const changed = () => arrived(utterance)
    const prepared = preparation.take(keyOf(text))
    Object.assign(utterance, want(text, changed, prepared?.rendering))
    prepared?.leave()
  }

  function passThrough(utterance: Utterance): void {
    const rendering = createRendering(undefined, () => {})
    utterance.rendering = rendering
    utterance.leave = rendering.want({
      owner: me,
      changed: () => arrived(utterance),
      make(sink) {
        const making = inner.make(() => rendering, sink)
        utterance.passedTo = making?.input
        for (const text of utterance.texts) making?.input.push(text)
        if (utterance.textEnded) making?.input.end()
        return making
      },
    })
  }

  function arrived(utterance: Utterance): void {
    if (queue[0] === utterance) give(utterance)
  }

  /** The first of the queue is passed on, as far as it is there. */
  function turn(): void {
    const [first] = queue
    if (!first) return
    if (!first.rendering && first.textEnded && first.texts.length === 0) finish(first, { kind: 'done' })
    else give(first)
  }

  function give(utterance: Utterance): void {
    const { rendering, want } = utterance
    if (!rendering || utterance.over) return
    const { chunks, end } = rendering
    const isForeign = rendering.origin === 'made' && rendering.maker !== me
    // Whether there is somebody else's sentence in it is known at its end only.
    if (isForeign && joins && end?.kind !== 'failed') {
      if (!end) return want && rendering.hasten(want)
      if (end.joined || chunks.length === 0) return passThrough(utterance)
    }
    if (chunks.length === 0 && !end && want) rendering.hasten(want)
    inOneWrite(() => {
      while (utterance.given < chunks.length && !utterance.over) {
        const chunk = chunks[utterance.given++]
        if (chunk) utterance.sink.audio(chunk.payload, chunk.audioBytes)
      }
    })
    if (utterance.over) return
    if (rendering.end) finish(utterance, rendering.end)
  }

  function finish(utterance: Utterance, end: SpeechEnd): void {
    if (utterance.over) return
    utterance.over = true
    queue = queue.filter((waiting) => waiting !== utterance)
    utterance.leave()
    utterance.sink.ended(end)
    queueMicrotask(turn)
  }

  function close(): Promise<void> {
    if (closing) return closing
    const wanted = preparation.keys()
    // What was paid for, or will be wanted by the next attempt, is rendered to its end.
    for (const rendering of options.outliveMs > 0 ? inner.underWay : [])
      if (rendering.shared && (rendering.chunks.length > 0 || wanted.has(rendering)))
        rendering.want({ owner: me, changed() {}, make: () => undefined })
    const left = Promise.withResolvers<void>()
    closing = left.promise
    signal.removeEventListener('abort', abort)
    ready.reject(new BridgeError('call.ended', 'The speech session was closed before it was ready.'))
    preparation.close()
    for (const utterance of queue) finish(utterance, { kind: 'cancelled' })
    const lingers = inner.underWay.length > 0
    const closed = inner.leave(options.outliveMs)
    if (lingers) left.resolve()
    void closed.then(left.resolve).then(options.gone)
    return closing
  }

  function abort(): void {
    void close()
  }
  if (signal.aborted) abort()
  else {
    signal.addEventListener('abort', abort, { once: true })
    preparation.begin()
  }

  return {
    ready: ready.promise,
    speak(sink) {
      const utterance = createUtterance(sink)
      if (closing) queueMicrotask(() => finish(utterance, { kind: 'cancelled' }))
      else queue.push(utterance)
      return inputOf(utterance, { decide, cancel: () => finish(utterance, { kind: 'cancelled' }) })
    },
    close,
    closeNow() {
      void close()
      inner.closeNow()
    },
  }
}
