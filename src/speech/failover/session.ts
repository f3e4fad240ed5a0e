import { bytesToMs } from '../../audio/duration.ts'
import { asBridgeError, BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSessionOptions, SpeechSink } from '../provider.ts'
import type { Candidate, Candidates } from './candidates.ts'
import { type Line, openLine, wantsWhole } from './line.ts'
import { createSpare } from './spare.ts'
import { patience } from './patience.ts'
import { closedMidway, noAudio, nobodyLeft, silent, wrongLanguage } from './errors.ts'
import { addText, createSentence, owesAudio, type Sentence, textsToGive } from './sentence.ts'

/**
 * One call's voice, spoken by one provider after the other. A sentence that a provider did not deliver whole is said
 * again from its beginning by the next one, and so is everything behind it; what was delivered is never said again.
 */
export function createFailoverSession(
  candidates: Candidates,
  options: SpeechSessionOptions,
  deps: {
    readonly clock: Clock
    readonly firstAudioTimeoutMs: number
    readonly language: string | undefined
    readonly partialText: boolean | undefined
  },
): SpeechSession {
  const { clock, firstAudioTimeoutMs } = deps
  const { log, events, signal, bufferedMs = () => 0 } = options
  const language = options.voice?.language ?? deps.language
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  /** Providers that failed since one last spoke, or since all had failed. */
  const tried = new Set<Candidate>()
  let queue: Sentence[] = []
  let active: Line | undefined
  /** The first failure of this round: what ails the provider that was wanted. */
  let firstError: BridgeError | undefined
  let timer: Timer | undefined
  let sinceMs = clock.now()
  let fromSilence = true
  let closing: Promise<void> | undefined
  const spare = createSpare(() => {
    const next = active && candidates.next(new Set([...tried, active.candidate]), language)
    return next && openLine(next, options, { first: false, changed: lookAtConnections })
  }, failed)

  function begin(line: Line): void {
    active = line
    line.session.ready.then(
      () => ready.resolve(),
      (thrown: unknown) => {
        if (active === line) leave(asBridgeError(thrown))
      },
    )
    for (const sentence of queue) give(sentence, line)
    expectAudio(true)
  }

  function give(sentence: Sentence, line: Line): void {
    sentence.passedMs = 0
    sentence.input = line.session.speak({
      audio(payload, audioBytes) {
        if (sentence.over || active !== line) return
        sentence.passedMs += bytesToMs(audioBytes)
        sinceMs = clock.now()
        fromSilence = false
        sentence.sink.audio(payload, audioBytes)
      },
      ended(end) {
        if (!sentence.over && active === line) ended(sentence, line, end)
      },
    })
    for (const text of textsToGive(sentence, wantsWhole(line.candidate.provider, deps.partialText)))
      sentence.input.push(text)
    if (sentence.inputEnded) sentence.input.end()
  }

  function ended(sentence: Sentence, line: Line, end: SpeechEnd): void {
    if (end.kind === 'failed') return leave(end.error)
    if (end.kind === 'cancelled') return leave(closedMidway())
    if (end.joined !== true && sentence.leastMs > 0 && sentence.passedMs === 0) return leave(noAudio())
    if (sentence.passedMs > 0) {
      const { candidate } = line
      const toldBefore = candidate.tellsEnd
      candidate.tellsEnd = end.unconfirmed !== true
      // Who told the end until now has not come to it.
      if (!candidate.tellsEnd && (toldBefore || sentence.passedMs < sentence.leastMs))
        return leave(fellSilent(sentence))
      candidate.breaker.spoke()
      tried.clear()
      firstError = undefined
    }
    finish(sentence, end)
  }

  function fellSilent({ passedMs }: Sentence): BridgeError {
    return silent({ audioMs: passedMs, silentMs: clock.now() - sinceMs })
  }

  function finish(sentence: Sentence, end: SpeechEnd): void {
    if (sentence.over) return
    sentence.over = true
    const wasHead = queue[0] === sentence
    queue = queue.filter((other) => other !== sentence)
    sentence.input?.cancel()
    sentence.sink.ended(end)
    if (wasHead) expectAudio(false)
  }

  /** Looks anew at what the head of the queue is owed, and by when. */
  function expectAudio(fresh: boolean): void {
    sinceMs = clock.now()
    fromSilence = fresh || bufferedMs() <= 0
    watch()
  }

  function watch(): void {
    timer?.cancel()
    timer = undefined
    const [head] = queue
    if (!active || !head || !owesAudio(head, active.candidate.tellsEnd)) return
    const now = clock.now()
    const { warmAtMs, leaveAtMs } = patience(
      { sinceMs, fromSilence, bufferedMs: bufferedMs() },
      now,
      firstAudioTimeoutMs,
    )
    if (now >= leaveAtMs) return leave(fellSilent(head))
    if (now >= warmAtMs) spare.warm()
    timer = clock.after(Math.max(1, (now >= warmAtMs ? leaveAtMs : warmAtMs) - now), watch)
  }

  /** While the present provider still tries to connect, the next one does too, and speaks first if it is ready first. */
  function lookAtConnections(): void {
    if (!active?.trouble) return
    spare.warm()
    if (queue.length > 0 && spare.isReady) leave(active.trouble)
  }

  function failed({ candidate }: Line, error: BridgeError): void {
    if (signal.aborted) return
    tried.add(candidate)
    firstError ??= error
    candidates.failed(candidate, error, options.voice !== undefined)
  }

  /** The present provider is given up, and the next one goes on. */
  function leave(error: BridgeError): void {
    const left = active
    if (!left || closing) return
    active = undefined
    timer?.cancel()
    failed(left, error)
    void left.session.close()
    const line = spare.take() ?? openNext(false)
    const to = line?.candidate.provider.name
    log?.warn(
      { provider: left.candidate.provider.name, next: to ?? 'none', errorCode: error.code },
      'another speech provider takes over',
    )
    events?.({ type: 'failover', from: left.candidate.provider.name, to, error })
    if (line) begin(line)
    else giveUp()
  }

  function openNext(first: boolean): Line | undefined {
    const next = candidates.next(tried, language)
    return next && openLine(next, options, { first, changed: lookAtConnections })
  }

  function giveUp(): void {
    const error = firstError ?? nobodyLeft()
    // Whatever is said next is tried with all of them again.
    tried.clear()
    firstError = undefined
    ready.reject(error)
    const all = queue
    queue = []
    for (const sentence of all) finish(sentence, { kind: 'failed', error })
  }

  function start(): void {
    const [wanted] = candidates.all
    const line = openNext(true)
    if (!line) return
    if (wanted && line.candidate !== wanted)
      events?.({
        type: 'failover',
        from: wanted.provider.name,
        to: line.candidate.provider.name,
        error: wanted.breaker.error ?? wrongLanguage(),
      })
    begin(line)
  }

  function close(): Promise<void> {
    closing ??= (async () => {
      timer?.cancel()
      signal.removeEventListener('abort', abort)
      ready.reject(new BridgeError('call.ended', 'The speech session was closed before it was connected.'))
      const last = active
      active = undefined
      const all = queue
      queue = []
      for (const sentence of all) finish(sentence, { kind: 'cancelled' })
      await Promise.all([last?.session.close(), spare.close()])
    })()
    return closing
  }
  const abort = () => void close()

  start()
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })

  return {
    ready: ready.promise,
    speak(sink: SpeechSink): SpeechInput {
      const sentence = createSentence(sink)
      if (closing) queueMicrotask(() => finish(sentence, { kind: 'cancelled' }))
      else {
        queue.push(sentence)
        if (active) give(sentence, active)
        else start()
      }
      return {
        push(text) {
          if (sentence.over || sentence.inputEnded || text === '') return
          const owed = owesAudio(sentence, active?.candidate.tellsEnd)
          addText(sentence, text)
          if (active && !wantsWhole(active.candidate.provider, deps.partialText)) sentence.input?.push(text)
          if (queue[0] === sentence && !owed) {
            expectAudio(false)
            queueMicrotask(lookAtConnections)
          }
        },
        end() {
          if (sentence.over || sentence.inputEnded) return
          const owed = owesAudio(sentence, active?.candidate.tellsEnd)
          sentence.inputEnded = true
          if (active && wantsWhole(active.candidate.provider, deps.partialText))
            for (const text of textsToGive(sentence, true)) sentence.input?.push(text)
          sentence.input?.end()
          if (queue[0] === sentence && !owed) expectAudio(false)
        },
        cancel: () => finish(sentence, { kind: 'cancelled' }),
      }
    },
    close,
  }
}
