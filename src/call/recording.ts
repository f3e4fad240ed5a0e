import { bytesToMs, msToBytes } from '../audio/duration.ts'
import { silence } from '../audio/mulaw.ts'
import { createVoiceDetector } from '../audio/voice-detector.ts'
import type { Clock } from '../ops/clock.ts'
import type { Ear } from './ear.ts'
import type { Timeline } from './events.ts'
import type { RecordingSink } from './recording-sink.ts'

export type RecordingEnd = 'silence' | 'max' | 'key' | 'call-ended'

/** When a recording ends, by itself. */
export interface RecordingLimits {
  readonly maxMs: number
  readonly silenceMs: number
  /** Keys of which any ends it. */
  readonly finishKey: string
}

export interface Captured {
  readonly ended: RecordingEnd
  readonly audioMs: number
  readonly voicedMs: number
}

const frameMs = 20
const silentFrame = new Uint8Array(msToBytes(frameMs)).fill(silence)
/** A socket on which nothing comes for ten seconds is given up: a clock that jumps further says nothing. */
const mostMissing = 500
/** Frames that no longer come end a recording so much after it should have been full. */
const overdueMs = 5_000
/** How often it is told that the callee speaks. */
const tellEveryMs = 1_000

/**
 * Takes what the callee says from now on into `sink`, bit by bit, until the first of its ends. What the network lost is
 * silence, so that the recording is as long as what it recorded. Rejects when the sink does.
 */
export function capture(
  call: { readonly ear: Ear; readonly timeline: Timeline; readonly clock: Clock; readonly signal: AbortSignal },
  limits: RecordingLimits,
  sink: Pick<RecordingSink, 'write'>,
): Promise<Captured> {
  const { ear, timeline, clock, signal } = call
  const maxBytes = msToBytes(limits.maxMs)
  const voice = createVoiceDetector()
  const { promise, resolve, reject } = Promise.withResolvers<Captured>()
  let audioBytes = 0
  let nextMs: number | undefined
  let toldMs = 0
  let over = false

  function leave(): void {
    over = true
    leaveEar()
    leaveKeys()
    timer.cancel()
    signal.removeEventListener('abort', callEnded)
  }

  function end(ended: RecordingEnd): void {
    if (over) return
    leave()
    resolve({ ended, audioMs: bytesToMs(audioBytes), voicedMs: voice.voicedMs })
  }

  function take(audio: Uint8Array): void {
    if (over) return
    const fitting = audio.subarray(0, maxBytes - audioBytes)
    audioBytes += fitting.length
    voice.push(fitting)
    try {
      sink.write(fitting)
    } catch (thrown) {
      leave()
      return reject(thrown)
    }
    if (audioBytes >= maxBytes) end('max')
    else if (voice.silentMs >= limits.silenceMs) end('silence')
  }

  function missing(frames: number): void {
    for (let frame = 0; frame < Math.min(frames, mostMissing); frame++) take(silentFrame)
  }

  function tell(): void {
    const audioMs = bytesToMs(audioBytes)
    if (over || voice.silentMs > 0 || audioMs - toldMs < tellEveryMs) return
    toldMs = audioMs
    timeline.report({ type: 'recording', audioMs })
  }

  const leaveEar = ear.listen((payload, timestampMs) => {
    const audio = Buffer.from(payload, 'base64')
    // Timestamps wander by a millisecond or two; a frame that was lost is ten times that.
    missing(nextMs === undefined ? 0 : Math.round((timestampMs - nextMs) / frameMs))
    take(audio)
    nextMs = timestampMs + bytesToMs(audio.length)
    tell()
  })
  const leaveKeys = timeline.watch((event) => {
    if (event.type === 'key' && limits.finishKey.includes(event.digit)) end('key')
  })
  const timer = clock.after(limits.maxMs + overdueMs, () => end('max'))
  const callEnded = () => end('call-ended')
  signal.addEventListener('abort', callEnded)
  if (signal.aborted) callEnded()
  return promise
}
