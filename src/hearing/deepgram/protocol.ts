import { socketBase } from '../../wire/socket-base.ts'

/**
 * The Deepgram live transcription websocket, /v1/listen. Pure: builds what we send, reads what comes.
 *
 *   url       = ws(s)://host/v1/listen?model=&encoding=mulaw&sample_rate=8000&channels=1&interim_results=true
 *               &endpointing=&utterance_end_ms=&vad_events=true[&language=]*[&keyterm=]
 *   header    = Authorization: Token <key>
 *   client    = *( audio / keepalive / finalize ) [ close ]
 *   audio     = binary frame: raw mu-law of any size
 *   keepalive = { type: "KeepAlive" }       ; every 3 to 5 s where no audio is sent; of no use before the first audio
 *   finalize  = { type: "Finalize" }        ; transcribe what is there; need not be answered
 *   close     = { type: "CloseStream" }
 *   server    = results / started / end / metadata / error / anything else, which is ignored
 *   results   = { type: "Results", start, duration, is_final, speech_final, channel: { alternatives: [ {
 *                 transcript, words: [ { word, punctuated_word?, start, end } ] } ] }, … }       ; seconds of audio
 *   started   = { type: "SpeechStarted", timestamp, … }                                          ; seen missing
 *   end       = { type: "UtteranceEnd", last_word_end, … }
 *   metadata  = { type: "Metadata", … }                                                          ; behind CloseStream
 *   error     = { type: "Error" / "error", ?err_code, ?code, … }  ; not documented for v1, read all the same
 *
 * Sources: Deepgram's API specification and docs (2026). keyterm is for the models of nova-3 only.
 */
export type ServerFrame =
  | ({ readonly kind: 'results' } & Results)
  | { readonly kind: 'started' }
  | { readonly kind: 'utterance-end'; readonly lastWordEndMs: number | undefined }
  | Aside

interface Unread {
  readonly kind: 'unknown' | 'malformed'
}

/** What comes beside what was heard; `metadata` says nothing that is needed. */
export type Aside =
  | Unread
  | { readonly kind: 'metadata' }
  | { readonly kind: 'error'; readonly code: string | undefined }

/** A stretch of the audio of a connection, and what was said in it. */
export interface Results {
  readonly startMs: number
  readonly endMs: number
  readonly text: string
  readonly words: readonly Word[]
  readonly isFinal: boolean
  readonly speechFinal: boolean
}

export interface Word {
  readonly text: string
  readonly startMs: number
  readonly endMs: number
}

export interface ListenQuery {
  readonly model: string
  readonly language?: string | undefined
  readonly phrases?: readonly string[] | undefined
  /** Silence behind a word that ends an utterance. */
  readonly endpointingMs: number
  /** The same, counted in words instead of sound, so that noise does not hide it; 1,000 at least. */
  readonly utteranceEndMs: number
}

const mostPhrases = 100
const mostPhraseCharacters = 2000

/** `undefined` when `url` is no http or ws URL. Unknown parameters have been answered with 400: none is added. */
export function socketUrl(url: string, asked: ListenQuery): string | undefined {
  const base = socketBase(url)
  if (base === undefined) return undefined
  const query = new URLSearchParams({
    model: asked.model.toWellFormed(),
    encoding: 'mulaw',
    sample_rate: '8000',
    channels: '1',
    interim_results: 'true',
    endpointing: String(asked.endpointingMs),
    utterance_end_ms: String(asked.utteranceEndMs),
    vad_events: 'true',
  })
  if (asked.language !== undefined) query.set('language', asked.language.toWellFormed())
  if (takesPhrases(asked.model)) for (const phrase of hints(asked.phrases ?? [])) query.append('keyterm', phrase)
  return `${base}/v1/listen?${query.toString()}`
}

export function takesPhrases(model: string): boolean {
  return model.startsWith('nova-3')
}

/** The first phrases that fit: hints are not worth a handshake that is refused. */
export function hints(phrases: readonly string[]): string[] {
  let characters = 0
  return [...new Set(phrases.map((phrase) => phrase.toWellFormed().trim()))]
    .filter((phrase) => phrase !== '')
    .filter((phrase) => {
      characters += phrase.length
      return characters <= mostPhraseCharacters
    })
    .slice(0, mostPhrases)
}

export const keepAliveMessage = JSON.stringify({ type: 'KeepAlive' })
export const finalizeMessage = JSON.stringify({ type: 'Finalize' })
export const closeStreamMessage = JSON.stringify({ type: 'CloseStream' })

export const unknown: Unread = { kind: 'unknown' }

/** What is made of a frame, by its `type`. */
export type Readers<Frame> = ReadonlyMap<unknown, (frame: Record<string, unknown>) => Frame>

const readers: Readers<ServerFrame> = new Map<unknown, (frame: Record<string, unknown>) => ServerFrame>([
  ['Results', readResults],
  ['SpeechStarted', () => ({ kind: 'started' })],
  ['UtteranceEnd', (frame) => ({ kind: 'utterance-end', lastWordEndMs: milliseconds(frame['last_word_end']) })],
  ['Metadata', () => ({ kind: 'metadata' })],
  ['Error', readError],
  ['error', readError],
])

/** Reads one frame of `/v1/listen`. */
export function readFrame(data: Buffer, isBinary: boolean): ServerFrame {
  return readFrameBy(readers, data, isBinary)
}

/** Never throws: what cannot be read is `malformed`, what is not known `unknown`. */
export function readFrameBy<Frame>(readers: Readers<Frame>, data: Buffer, isBinary: boolean): Frame | Unread {
  if (isBinary) return unknown
  let frame: unknown
  try {
    frame = JSON.parse(data.toString())
  } catch {
    return { kind: 'malformed' }
  }
  if (!isRecord(frame)) return unknown
  return readers.get(frame['type'])?.(frame) ?? unknown
}

export function readError(frame: Record<string, unknown>): Aside {
  return { kind: 'error', code: string(frame['err_code']) ?? string(frame['code']) }
}

function readResults(frame: Record<string, unknown>): ServerFrame {
  const startMs = milliseconds(frame['start'])
  const durationMs = milliseconds(frame['duration'])
  const { channel } = frame
  const alternatives = isRecord(channel) ? channel['alternatives'] : undefined
  const best: unknown = Array.isArray(alternatives) ? alternatives[0] : undefined
  const text = isRecord(best) ? string(best['transcript']) : undefined
  if (startMs === undefined || durationMs === undefined || durationMs < 0) return unknown
  if (!isRecord(best) || text === undefined) return unknown
  return {
    kind: 'results',
    startMs,
    endMs: startMs + durationMs,
    text: text.trim(),
    words: Array.isArray(best['words']) ? best['words'].flatMap(readWord) : [],
    isFinal: frame['is_final'] === true,
    speechFinal: frame['speech_final'] === true,
  }
}

function readWord(word: unknown): Word[] {
  if (!isRecord(word)) return []
  const text = string(word['punctuated_word']) ?? string(word['word'])
  const startMs = milliseconds(word['start'])
  const endMs = milliseconds(word['end'])
  return text === undefined || startMs === undefined || endMs === undefined ? [] : [{ text, startMs, endMs }]
}

/** The code in the body of a refused handshake: `{ err_code, err_msg, request_id }`. */
export function errorCodeIn(body: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(body)
    return isRecord(answer) ? string(answer['err_code']) : undefined
  } catch {
    return undefined
  }
}

export function milliseconds(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && Number.isFinite(seconds) ? Math.round(seconds * 1000) : undefined
}

export function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
