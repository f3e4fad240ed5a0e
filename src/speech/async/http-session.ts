import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechEnd, SpeechInput, SpeechSink } from '../provider.ts'
import type { AsyncAccountSettings } from './http-client.ts'
import { type HttpVoice, synthesise } from './synthesis.ts'

interface Utterance {
  readonly sink: SpeechSink
  /** Texts that were pushed and not yet asked for. */
  texts: string[]
  ended: boolean
  over: boolean
  /** That some of its audio was all of it was not said. */
  unconfirmed: boolean
}

/** A text that was asked for. What comes before its turn is held back. */
interface Job {
  readonly utterance: Utterance
  readonly text: string
  held: Uint8Array[]
  heldBytes: number
  passedBytes: number
  attempts: number
  /** How its request ended, and whether before its turn. */
  outcome: 'done' | BridgeError | undefined
  early: boolean
  stop: () => void
  /** Lets the request go on that waits for its turn. */
  resume: () => void
}

/** The one being spoken and the next. */
const mostJobs = 2
/** Half a minute and more of what is to be spoken next; the rest waits at the service. */
const mostHeldBytes = 512 * 1024

function doneOf({ unconfirmed }: Utterance): SpeechEnd {
  return unconfirmed ? { kind: 'done', unconfirmed } : { kind: 'done' }
}

export interface HttpQueue {
  speak(sink: SpeechSink): SpeechInput
  /** Ends every utterance, and those to come, as cancelled. Idempotent. */
  close(): void
}

/**
 * The utterances of one session. What has been pushed of one when it is its turn is one request; the next text is
 * asked for while it is spoken, and held back. A text of which nothing was passed on is asked for once more when its
 * request failed in a way that may heal.
 */
export function createHttpQueue(
  account: AsyncAccountSettings,
  voice: HttpVoice,
  deps: {
    clock: Clock
    log: Log
    /** Audio came: the service speaks. */
    connected: () => void
  },
): HttpQueue {
  const { clock, log } = deps
  let queue: Utterance[] = []
  let jobs: Job[] = []
  let closed = false
  let waking = false

  /** Never inside a call of the user: what it does may end an utterance. */
  function wake(): void {
    if (waking) return
    waking = true
    queueMicrotask(() => {
      waking = false
      advance()
    })
  }

  function advance(): void {
    for (let first = queue[0]; first && isSpoken(first); first = queue[0]) finish(first, doneOf(first))
    for (let next = jobs.length < mostJobs && nextToAsk(); next; next = jobs.length < mostJobs && nextToAsk()) ask(next)
    const [job] = jobs
    if (job) takeTurn(job)
  }

  function isSpoken(utterance: Utterance): boolean {
    return utterance.ended && utterance.texts.length === 0 && !jobs.some((job) => job.utterance === utterance)
  }

  /** The first that has text, unless one before it may still get some. */
  function nextToAsk(): Utterance | undefined {
    for (const utterance of queue) {
      if (utterance.texts.length > 0) return utterance
      if (!utterance.ended) return undefined
    }
    return undefined
  }

  function ask(utterance: Utterance): void {
    const text = utterance.texts.join(' ')
    utterance.texts = []
    const job: Job = {
      utterance,
      text,
      held: [],
      heldBytes: 0,
      passedBytes: 0,
      attempts: 0,
      outcome: undefined,
      early: false,
      stop: () => {},
      resume: () => {},
    }
    jobs.push(job)
    send(job)
  }

  function send(job: Job): void {
    job.attempts++
    job.outcome = undefined
    job.held = []
    job.heldBytes = 0
    const { utterance, text } = job
    job.stop = synthesise(account, voice, text, clock, {
      audio: (bytes) => take(job, bytes),
      done(confirmed) {
        if (!confirmed) utterance.unconfirmed = true
        settle(job, 'done')
      },
      failed: (error) => settle(job, error),
    })
  }

  function take(job: Job, bytes: Uint8Array): Promise<void> | undefined {
    if (jobs[0] === job && job.held.length === 0) {
      pass(job, bytes)
      return undefined
    }
    job.held.push(bytes)
    job.heldBytes += bytes.length
    if (job.heldBytes < mostHeldBytes) return undefined
    return new Promise((resolve) => {
      job.resume = resolve
    })
  }

  function pass(job: Job, bytes: Uint8Array): void {
    if (job.utterance.over) return
    if (job.passedBytes === 0) deps.connected()
    job.passedBytes += bytes.length
    job.utterance.sink.audio(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), bytes.length)
  }

  function settle(job: Job, outcome: 'done' | BridgeError): void {
    job.outcome = outcome
    job.early = jobs[0] !== job
    wake()
  }

  /** It is this one's turn: what was held back is passed on, and its end is told. */
  function takeTurn(job: Job): void {
    const { outcome, held } = job
    if (outcome !== undefined && outcome !== 'done' && mayHeal(job, outcome)) {
      log.warn({ errorCode: outcome.code }, 'a request for speech failed, asking again')
      return send(job)
    }
    job.held = []
    for (const bytes of held) pass(job, bytes)
    if (job.utterance.over) return
    job.resume()
    if (outcome === undefined) return
    jobs = jobs.filter((other) => other !== job)
    if (outcome === 'done') return wake()
    finish(job.utterance, { kind: 'failed', error: outcome })
  }

  /** Whether another request, the only other, may not meet this: two at once may have been one too many. */
  function mayHeal(job: Job, { code, retryable }: BridgeError): boolean {
    if (!retryable || job.attempts > 1 || job.passedBytes > 0) return false
    return code !== 'speech.stalled' && (code !== 'speech.busy' || job.early)
  }

  /** The one way out of an utterance: shut the gate, stop its requests, tell the sink, go on with the next. */
  function finish(utterance: Utterance, end: SpeechEnd): void {
    if (utterance.over) return
    utterance.over = true
    queue = queue.filter((other) => other !== utterance)
    for (const job of jobs) if (job.utterance === utterance) job.stop()
    jobs = jobs.filter((job) => job.utterance !== utterance)
    utterance.sink.ended(end)
    wake()
  }

  return {
    speak(sink) {
      const utterance: Utterance = { sink, texts: [], ended: false, over: false, unconfirmed: false }
      if (closed) queueMicrotask(() => finish(utterance, { kind: 'cancelled' }))
      else queue.push(utterance)
      return {
        push(text) {
          if (utterance.over || utterance.ended || text.trim() === '') return
          utterance.texts.push(text.trim())
          wake()
        },
        end() {
          utterance.ended = true
          wake()
        },
        cancel: () => finish(utterance, { kind: 'cancelled' }),
      }
    },
    close() {
      closed = true
      for (const utterance of queue) finish(utterance, { kind: 'cancelled' })
    },
  }
}
