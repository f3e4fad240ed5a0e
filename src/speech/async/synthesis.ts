import { bytesToMs } from '../../audio/duration.ts'
import { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import { connectionLost, stalled } from './errors.ts'
import { accountHeaders, type AsyncAccountSettings, asFailure, readWhole } from './http-client.ts'
import { httpError } from './http-errors.ts'
import { shortestSpeechMs } from '../shortest-speech.ts'
import { createStreamedAudio } from './streamed-audio.ts'

/** How to speak, as it goes into every request. */
export interface HttpVoice {
  readonly modelId: string
  readonly voiceId: string
  readonly language?: string | undefined
  readonly speed?: number | undefined
}

/** Exactly one of `done` and `failed` is called, after the last audio; neither after `stop`. */
export interface SynthesisEvents {
  /** Raw mu-law of any length. No more is read before the promise that comes back, if one does, resolves. */
  audio(bytes: Uint8Array): Promise<void> | undefined
  /** `confirmed`: HTTP says that this is all; without a length or chunks the end of a body looks like its being cut. */
  done(confirmed: boolean): void
  failed(error: BridgeError): void
}

const noAudioMs = 10_000
const stalledMs = 5000
const maxErrorBytes = 64 * 1024

/** One request to `/text_to_speech/streaming` (OpenAPI). Returns the function that stops it. */
export function synthesise(
  account: AsyncAccountSettings,
  voice: HttpVoice,
  text: string,
  clock: Clock,
  events: SynthesisEvents,
): () => void {
  const controller = new AbortController()
  const { signal } = controller
  const words = shortestSpeechMs(text)
  let audioBytes = 0
  let timer: Timer | undefined
  let silentMs: number | undefined
  let framed = false
  let stopped = false

  function expect(withinMs: number): void {
    timer?.cancel()
    timer = clock.after(withinMs, () => {
      silentMs = withinMs
      controller.abort()
    })
  }

  async function pass(audio: Uint8Array): Promise<void> {
    if (audio.length === 0) return
    audioBytes += audio.length
    const turn = events.audio(audio)
    if (!turn) return expect(stalledMs)
    // While we do not read, silence is no fault of the service.
    timer?.cancel()
    await turn
    expect(stalledMs)
  }

  async function run(): Promise<void> {
    expect(noAudioMs)
    const response = await fetch(`${account.url}/text_to_speech/streaming`, {
      method: 'POST',
      headers: { ...accountHeaders(account), 'content-type': 'application/json', 'accept-encoding': 'identity' },
      body: JSON.stringify(speechBody(voice, text)),
      redirect: 'manual',
      signal,
    })
    if (!response.ok) {
      const body = await readWhole(response, maxErrorBytes)
      throw httpError(response.status, new TextDecoder().decode(body))
    }
    const streamed = createStreamedAudio(response.headers.get('content-type') ?? '')
    for await (const piece of piecesOf(response)) {
      if (stopped) return
      const { audio, error } = streamed.push(piece)
      await pass(audio)
      if (error) throw error
    }
    const { audio, error } = streamed.end()
    await pass(audio)
    if (error) throw error
    if (words > 0 && audioBytes === 0)
      throw new BridgeError('speech.stalled', 'Async answered with no audio for the text.')
    framed = response.headers.has('content-length') || response.headers.has('transfer-encoding')
    if (!framed && bytesToMs(audioBytes) < words) throw connectionLost({})
  }

  void run()
    .then(
      () => undefined,
      (thrown: unknown) =>
        silentMs === undefined ? asFailure(thrown, undefined) : stalled({ audioMs: bytesToMs(audioBytes), silentMs }),
    )
    .then((error) => {
      timer?.cancel()
      // A body that is not read to its end would keep its connection.
      controller.abort()
      if (stopped) return
      stopped = true
      if (error) events.failed(error)
      else events.done(framed)
    })

  return () => {
    stopped = true
    timer?.cancel()
    controller.abort()
  }
}

function speechBody({ modelId, voiceId, language, speed }: HttpVoice, text: string): unknown {
  return {
    model_id: modelId,
    transcript: text,
    voice: { mode: 'id', id: voiceId },
    output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
    ...(language === undefined ? {} : { language }),
    ...(speed === undefined ? {} : { speed_control: speed }),
  }
}

function piecesOf(response: {
  readonly body: AsyncIterable<Uint8Array> | null
}): AsyncIterable<Uint8Array> | Uint8Array[] {
  return response.body ?? []
}
