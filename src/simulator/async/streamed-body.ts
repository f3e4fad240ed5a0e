import type { ServerResponse } from 'node:http'
import { bytesToMs } from '../../audio/duration.ts'
import { type Clock, holdIfStepped } from '../clock.ts'
import { waitOrTurn } from '../waiting.ts'
import type { AsyncBehaviour } from './behaviour.ts'
import type { Chunk } from '../chunks.ts'

/** Appended to the audio when the quota runs out amid it (OpenAPI, `/text_to_speech/streaming`). */
const quotaMarker = Buffer.from('--ERROR:QUOTA_EXCEEDED--')
/** Long enough for the two halves of a marker not to arrive as one. */
const markerGapMs = 20

export interface StreamedBody {
  readonly clock: Clock
  readonly behaviour: Readonly<AsyncBehaviour>
  readonly response: ServerResponse
  readonly chunks: AsyncIterator<Chunk>
  readonly encode: (mulaw: Uint8Array) => Uint8Array
  readonly arrivedAtMs: number
  readonly signal: AbortSignal
  /** Called before the first byte. */
  readonly begin: () => void
  /** After every chunk, with the mu-law it was made of; `false` ends the sending here, and the body stays open. */
  readonly sent: (mulaw: Uint8Array) => boolean
}

/** Sends the chunks of a body at their pace, from absolute moments, and ends it; or the quota does. */
export async function sendBody(body: StreamedBody): Promise<void> {
  await sendChunks(body).finally(() => void body.chunks.return?.())
}

async function sendChunks(body: StreamedBody): Promise<void> {
  const { behaviour, chunks, clock, encode, response, signal } = body
  let dueMs = body.arrivedAtMs + behaviour.firstAudioDelayMs
  let audioBytes = 0
  for (let index = 0; ; index++) {
    // What the voice needs in reality costs nothing in simulated time.
    const release = holdIfStepped(clock)
    const step = await chunks.next().finally(release)
    if (signal.aborted) return
    if (step.done) break
    const { bytes } = step.value
    const { gap } = behaviour
    if (gap && index > 0 && index % gap.everyChunks === 0) dueMs += gap.ms
    await waitOrTurn(clock, dueMs - clock.now(), signal)
    if (signal.aborted) return
    dueMs = Math.max(dueMs, clock.now()) + bytesToMs(bytes.length) / behaviour.deliveryRate
    if (index === 0) body.begin()
    const encoded = encode(bytes)
    const room = Math.max(0, behaviour.quotaBytes - audioBytes)
    if (encoded.length > room) {
      body.sent(bytes.subarray(0, Math.floor((bytes.length * room) / encoded.length)))
      return endWithMarker(body, encoded.subarray(0, room))
    }
    audioBytes += encoded.length
    response.write(encoded)
    if (!body.sent(bytes)) return
  }
  if (audioBytes === 0) body.begin()
  response.end()
}

async function endWithMarker({ behaviour, clock, response, signal }: StreamedBody, audio: Uint8Array): Promise<void> {
  const split = behaviour.quotaMarkerSplit
  response.write(Buffer.concat([audio, quotaMarker.subarray(0, split)]))
  if (split < quotaMarker.length) {
    await waitOrTurn(clock, markerGapMs, signal)
    response.write(quotaMarker.subarray(split))
  }
  response.end()
}
