import { chunkSizes, cutIntoChunks } from '../chunks.ts'
import type { Clock } from '../clock.ts'
import { createEncoder, type SampleFormat } from '../encoder.ts'
import { createPace } from '../pace.ts'
import type { SpokenRecorder } from '../spoken.ts'
import type { Voice } from '../voice.ts'
import { later, wait } from '../waiting.ts'
import type { DeepgramBehaviour } from './behaviour.ts'
import { doneFrame } from './server-frames.ts'
import { createTextBuffer } from './text-buffer.ts'

/** Speaks for one socket: one queue, in which every Flush, Clear and Close has its place behind the text before it. */
export interface Speaker {
  say(text: string): void
  flush(): void
  clear(): void
  /** Calls `done` when everything that came before is spoken. */
  finish(done: () => void): void
  /** Nothing more comes until the next `clear`. */
  stick(): void
  /** Forgets everything, without a word. */
  lose(): void
  stop(): void
}

export interface SpeakerDependencies {
  readonly clock: Clock
  readonly behaviour: DeepgramBehaviour
  readonly voice: Voice
  readonly language: string
  readonly format: SampleFormat
  /** `false` when nothing can be sent any more. */
  readonly send: (frame: string | Uint8Array) => boolean
  readonly record: (text: string) => SpokenRecorder
  /** After every binary frame. */
  readonly audioSent: () => void
  readonly voiceFailed: () => void
}

type Job =
  | { readonly kind: 'speech'; readonly text: string; readonly arrivedAtMs: number }
  | { readonly kind: 'flush'; answered: boolean }
  | { readonly kind: 'cleared'; readonly dueMs: number }
  | { readonly kind: 'end'; readonly done: () => void }

export function createSpeaker(deps: SpeakerDependencies): Speaker {
  const { clock, behaviour } = deps
  const pace = createPace(clock, behaviour)
  const buffer = createTextBuffer()
  let queue: Job[] = []
  let current: { readonly job: Job; readonly abort: AbortController } | undefined
  let textSinceFlush = false
  let stuck = false
  let stopped = false
  let serial = 0
  let sequence = 0

  function tell(type: 'Flushed' | 'Cleared'): void {
    deps.send(doneFrame(type, behaviour.sequenceIds === 'zero' ? 0 : sequence++))
  }

  function answerFlush(job: Job & { kind: 'flush' }): void {
    if (job.answered || behaviour.flushed === 'missing') return
    job.answered = true
    tell('Flushed')
    if (behaviour.flushed === 'twice') tell('Flushed')
  }

  function answerClear(): void {
    tell('Cleared')
    if (behaviour.cleared === 'twice') tell('Cleared')
  }

  async function speak({ text, arrivedAtMs }: Job & { kind: 'speech' }, signal: AbortSignal): Promise<void> {
    const recorder = deps.record(text)
    const encode = createEncoder(deps.format)
    const pieces = deps.voice(text, { language: deps.language, signal })
    const chunks = cutIntoChunks(pieces, chunkSizes(behaviour.chunks, serial++))
    for await (const chunk of pace.deliver(chunks, arrivedAtMs, signal)) {
      if (stuck) await aborted(signal)
      if (signal.aborted || !deps.send(encode(chunk.bytes))) return
      recorder.add(chunk.bytes)
      const next = queue.find((job) => job.kind === 'flush')
      if (behaviour.flushed === 'early' && next?.kind === 'flush') answerFlush(next)
      deps.audioSent()
    }
  }

  async function perform(job: Job, signal: AbortSignal): Promise<void> {
    if (stuck && job.kind !== 'cleared') await aborted(signal)
    if (signal.aborted) return
    if (job.kind === 'speech') return speak(job, signal)
    if (job.kind === 'flush') {
      if (behaviour.flushedDelayMs > 0) await wait(clock, behaviour.flushedDelayMs, signal)
      if (!signal.aborted) answerFlush(job)
    } else if (job.kind === 'end') job.done()
    else {
      if (job.dueMs > clock.now()) await wait(clock, job.dueMs - clock.now(), signal)
      if (!signal.aborted && (behaviour.cleared === 'after-window' || behaviour.cleared === 'twice')) answerClear()
    }
  }

  async function run(): Promise<void> {
    if (current) return
    for (let job = queue.shift(); job; job = queue.shift()) {
      current = { job, abort: new AbortController() }
      const { signal } = current.abort
      try {
        await perform(job, signal)
      } catch {
        if (!signal.aborted) deps.voiceFailed()
      }
      current = undefined
    }
  }

  function enqueue(...jobs: readonly Job[]): void {
    if (stopped) return
    queue.push(...jobs)
    void run()
  }

  function speech(text: string): Job {
    return { kind: 'speech', text, arrivedAtMs: clock.now() }
  }

  function takeRest(): void {
    const rest = buffer.takeRest()
    if (rest !== '') enqueue(speech(rest))
  }

  /** Empties the queue of what a Clear drops. Returns the Flushes among it that have no answer yet. */
  function drop(): (Job & { kind: 'flush' })[] {
    buffer.takeRest()
    textSinceFlush = false
    const dropped = current ? [current.job, ...queue] : queue
    queue = queue.filter((job) => job.kind === 'cleared' || job.kind === 'end')
    return dropped.filter((job) => job.kind === 'flush').filter((job) => !job.answered)
  }

  return {
    say(text) {
      if (text.trim() !== '') textSinceFlush = true
      buffer.add(text)
      if (behaviour.buffering === 'sentence') enqueue(...buffer.takeSentences().map(speech))
    },
    flush() {
      takeRest()
      if (!textSinceFlush && behaviour.emptyFlush === 'nothing') return
      textSinceFlush = false
      enqueue({ kind: 'flush', answered: false })
    },
    clear() {
      const { clearWindowMs, flushedAfterClear } = behaviour
      const voided = drop()
      const { job, abort } = current ?? {}
      // Only audio is on its way; a Flushed that was not sent yet is not.
      if (abort && job?.kind === 'speech') later(clock, clearWindowMs, abort.signal, () => abort.abort())
      else if (job?.kind === 'flush') abort?.abort()
      stuck = false
      if (behaviour.cleared === 'early') answerClear()
      if (flushedAfterClear === 'before-cleared') enqueue(...voided)
      enqueue({ kind: 'cleared', dueMs: clock.now() + clearWindowMs })
      if (flushedAfterClear === 'after-cleared') enqueue(...voided)
    },
    finish(done) {
      takeRest()
      enqueue({ kind: 'end', done })
    },
    stick: () => void (stuck = true),
    lose() {
      drop()
      if (current?.job.kind === 'speech' || current?.job.kind === 'flush') current.abort.abort()
    },
    stop() {
      stopped = true
      queue = []
      current?.abort.abort()
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
