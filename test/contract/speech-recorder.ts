import type { SpeechEnd, SpeechInput, SpeechSession } from '../../src/speech/provider.ts'

/** What came of one utterance, and every breach of the contract that could be seen while it came. */
export interface Recording {
  readonly input: SpeechInput
  readonly ends: SpeechEnd[]
  readonly ended: Promise<SpeechEnd>
  /** Settles with the first audio or the end, whichever comes first. */
  readonly begun: Promise<void>
  readonly breaches: string[]
  chunks: number
  audio(): Buffer
}

export interface RecordOptions {
  /** Called inside `audio`, as a sink would react to it. */
  readonly onAudio?: (recording: Recording) => void
  /** What happened, in order, over several utterances: `name audio`, `name done`. */
  readonly log?: string[]
  readonly name?: string
}

/** Begins an utterance and records it; texts are pushed at once, the end of the text is left to the test. */
export function record(session: SpeechSession, texts: readonly string[], options: RecordOptions = {}): Recording {
  const parts: Buffer[] = []
  const ends: SpeechEnd[] = []
  const breaches: string[] = []
  const ended = Promise.withResolvers<SpeechEnd>()
  const begun = Promise.withResolvers<void>()
  let cancelled = false
  let inside: string | undefined = 'speak'

  function check(what: string): void {
    if (inside !== undefined) breaches.push(`${what} was called inside ${inside}`)
    if (ends.length > 0) breaches.push(`${what} was called after the end`)
    if (cancelled && what === 'audio') breaches.push('audio was passed on after cancel')
  }

  const input = session.speak({
    audio(payload, audioBytes) {
      check('audio')
      const bytes = Buffer.from(payload, 'base64')
      if (bytes.toString('base64').length !== payload.length) breaches.push('a payload is no padded base64')
      if (bytes.length !== audioBytes) breaches.push(`audioBytes was ${audioBytes}, the payload held ${bytes.length}`)
      if (bytes.length === 0) breaches.push('a payload was empty')
      parts.push(bytes)
      recording.chunks++
      options.log?.push(`${options.name} audio`)
      begun.resolve()
      options.onAudio?.(recording)
    },
    ended(end) {
      check('ended')
      ends.push(end)
      options.log?.push(`${options.name} ${end.kind}`)
      begun.resolve()
      ended.resolve(end)
    },
  })
  inside = undefined

  function guarded(name: string, action: () => void): void {
    const outer = inside
    inside = name
    action()
    inside = outer
  }

  const recording: Recording = {
    input: {
      push: (text) => guarded('push', () => input.push(text)),
      end: () => guarded('end', () => input.end()),
      cancel() {
        input.cancel()
        cancelled = true
      },
    },
    ends,
    ended: ended.promise,
    begun: begun.promise,
    breaches,
    chunks: 0,
    audio: () => Buffer.concat(parts),
  }
  for (const text of texts) recording.input.push(text)
  return recording
}
