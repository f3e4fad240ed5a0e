import { createPace } from '../pace.ts'
import type { Clock } from '../clock.ts'
import type { Voice } from '../voice.ts'
import { waitOrTurn } from '../waiting.ts'
import type { AsyncBehaviour } from './behaviour.ts'
import { createEncoder } from '../encoder.ts'
import type { SpokenRecorder } from '../spoken.ts'
import { chunkSizes, cutIntoChunks, type Chunk } from '../chunks.ts'
import type { OutputFormat } from './output.ts'
import { audioFrame, finalFrame } from './server-frames.ts'
import { synthesise } from './synthesis.ts'

export interface Context {
  readonly id: string
  /** The one that is meant when a message names none. */
  readonly isDefault: boolean
  /** Text without `force` that has not been given to the voice yet. */
  held: string
  finalSent: boolean
  ended: boolean
}

/** Speaks for one socket: transcripts of all its contexts, one at a time, in the order in which they came. */
export interface Speaker {
  say(context: Context, transcript: string): void
  /** A forced whitespace: audio without bytes. */
  flush(context: Context): void
  /** Ends the context behind everything of it that is queued. */
  end(context: Context, final: boolean): void
  /** Ends the context now, for `truncating` behind the chunk that is in the making. */
  cut(context: Context, how: 'truncating' | 'emptying'): void
  /** Forgets everything of a context, without a word. */
  abandon(contextId: string): void
  stop(): void
}

export interface SpeakerDependencies {
  readonly clock: Clock
  readonly behaviour: AsyncBehaviour
  readonly voice: Voice
  readonly language: string | undefined
  readonly output: OutputFormat
  /** `false` when nothing can be sent any more. */
  send(frame: string): boolean
  record(contextId: string, transcript: string): SpokenRecorder
  /** After every audio frame with sound. */
  audioSent(context: Context): void
  ended(context: Context): void
  voiceFailed(context: Context, error: unknown): void
}

type Job =
  | { readonly kind: 'speech'; readonly context: Context; readonly transcript: string; readonly arrivedAtMs: number }
  | { readonly kind: 'flush'; readonly context: Context }
  | { readonly kind: 'end'; readonly context: Context; readonly final: boolean }

interface Current {
  readonly job: Job
  readonly abort: AbortController
  cut: 'no' | 'after-chunk' | 'done'
  lateChunks: number
}

export function createSpeaker(deps: SpeakerDependencies): Speaker {
  const { clock, behaviour } = deps
  const pace = createPace(clock, behaviour)
  let queue: Job[] = []
  let current: Current | undefined
  let stopped = false
  let serial = 0

  function named(context: Context): string | undefined {
    return behaviour.contextIdInReplies ? context.id : undefined
  }

  function sendFinal(context: Context): void {
    if (context.finalSent || behaviour.final === 'missing') return
    context.finalSent = true
    deps.send(finalFrame(named(context)))
    if (behaviour.final === 'twice') deps.send(finalFrame(named(context)))
  }

  function finish(context: Context, final: boolean): void {
    if (context.ended) return
    if (final) sendFinal(context)
    context.ended = true
    deps.ended(context)
  }

  /** Whether the end of this context is known and nothing but it follows. */
  function endFollows(context: Context): boolean {
    const next = queue.find((job) => job.context === context)
    return next?.kind === 'end' && next.final
  }

  function sendChunk(context: Context, chunk: Chunk, encoded: Uint8Array, recorder: SpokenRecorder): void {
    const ending = !context.finalSent && queue.some((job) => job.kind === 'end' && job.final && job.context === context)
    const final = behaviour.final === 'with-last-audio' && !context.finalSent && chunk.last && endFollows(context)
    if (!deps.send(audioFrame(named(context), encoded, final))) return
    if (final) context.finalSent = true
    recorder.add(chunk.bytes)
    if (behaviour.final === 'early' && ending) sendFinal(context)
    deps.audioSent(context)
  }

  async function speak(job: Job & { kind: 'speech' }, now: Current): Promise<void> {
    const { context, transcript } = job
    const { signal } = now.abort
    const recorder = deps.record(context.id, transcript)
    const encode = createEncoder(deps.output)
    const language = deps.language === undefined ? {} : { language: deps.language }
    const pieces = synthesise(deps.voice, transcript, { ...language, signal })
    const chunks = cutIntoChunks(pieces, chunkSizes(behaviour.chunks, serial++))
    for await (const chunk of pace.deliver(chunks, job.arrivedAtMs, signal)) {
      sendChunk(context, chunk, encode(chunk.bytes), recorder)
      if (now.cut === 'after-chunk') cutDone(now)
      else if (now.cut === 'done' && --now.lateChunks <= 0) break
    }
    if (now.cut === 'after-chunk') cutDone(now)
  }

  function cutDone(now: Current): void {
    now.cut = 'done'
    now.lateChunks = behaviour.lateChunks
    finish(now.job.context, true)
    if (now.lateChunks <= 0) now.abort.abort()
  }

  async function perform(now: Current): Promise<void> {
    const { job } = now
    if (job.kind === 'speech') return speak(job, now)
    if (job.kind === 'flush') {
      if (behaviour.forcedWhitespace === 'empty-audio') deps.send(audioFrame(named(job.context), new Uint8Array()))
      return
    }
    if (behaviour.finalDelayMs > 0) await waitOrTurn(clock, behaviour.finalDelayMs, now.abort.signal)
    if (!now.abort.signal.aborted) finish(job.context, job.final)
  }

  async function run(): Promise<void> {
    if (current) return
    for (let job = queue.shift(); job; job = queue.shift()) {
      current = { job, abort: new AbortController(), cut: 'no', lateChunks: 0 }
      try {
        await perform(current)
      } catch (error) {
        if (!stopped && !current.abort.signal.aborted) deps.voiceFailed(job.context, error)
      }
      current = undefined
    }
  }

  function enqueue(job: Job): void {
    if (stopped) return
    queue.push(job)
    void run()
  }

  function forget(contextId: string): void {
    queue = queue.filter((job) => job.context.id !== contextId)
  }

  return {
    say: (context, transcript) => enqueue({ kind: 'speech', context, transcript, arrivedAtMs: clock.now() }),
    flush: (context) => enqueue({ kind: 'flush', context }),
    end: (context, final) => enqueue({ kind: 'end', context, final }),
    cut(context, how) {
      forget(context.id)
      const busy = current?.job.context.id === context.id ? current : undefined
      if (!busy) return finish(context, true)
      // The context that is being cut has its `final`; this one has the same id and came after it.
      if (busy.cut === 'done') return finish(context, true)
      if (how === 'truncating' && busy.job.kind === 'speech') busy.cut = 'after-chunk'
      else cutDone(busy)
    },
    abandon(contextId) {
      forget(contextId)
      if (current?.job.context.id === contextId) current.abort.abort()
    },
    stop() {
      stopped = true
      queue = []
      current?.abort.abort()
    },
  }
}
