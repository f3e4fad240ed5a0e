import type { Heard } from '../recognizer.ts'
import { type Aside, finalizeMessage, keepAliveMessage, type ServerFrame } from './protocol.ts'
import type { Dialect, Transcriber } from './session.ts'
import { createTranscript, type Transcript } from './transcript.ts'

/** The least that Deepgram takes. */
export const utteranceEndMs = 1000
/** For UtteranceEnd to come. */
const patienceMs = 1500

/** `/v1/listen`: utterances end at endpoints, silences of a given length. */
export const endpoints: Dialect<ServerFrame> = {
  manners: {
    accepts: ({ kind }) => kind === 'results' || kind === 'started' || kind === 'utterance-end',
    isAudio: ({ kind }) => kind === 'results',
  },
  concludeMs: utteranceEndMs + patienceMs,
  keepalive: keepAliveMessage,
  finalize: finalizeMessage,
  transcribe: (tell) => new EndpointTranscriber(tell),
}

class EndpointTranscriber implements Transcriber<ServerFrame> {
  readonly #transcript: Transcript

  constructor(tell: (event: Heard) => void) {
    this.#transcript = createTranscript(tell)
  }

  get pending(): string {
    return this.#transcript.pending
  }

  get toldMs(): number {
    return this.#transcript.toldMs
  }

  conclude(): void {
    this.#transcript.conclude()
  }

  // A result is known by its place in the audio, on whatever connection it comes.
  resume(): void {}

  take(came: ServerFrame, connectionMs: number): Aside | undefined {
    if (came.kind === 'results') this.#transcript.results(shifted(came, connectionMs))
    else if (came.kind === 'started') this.#transcript.started()
    else if (came.kind === 'utterance-end')
      this.#transcript.utteranceEnd(came.lastWordEndMs === undefined ? undefined : came.lastWordEndMs + connectionMs)
    else return came
    return undefined
  }
}

function shifted(results: Extract<ServerFrame, { kind: 'results' }>, byMs: number) {
  const { startMs, endMs, words } = results
  return {
    ...results,
    startMs: startMs + byMs,
    endMs: endMs + byMs,
    words: words.map((word) => ({ ...word, startMs: word.startMs + byMs, endMs: word.endMs + byMs })),
  }
}
