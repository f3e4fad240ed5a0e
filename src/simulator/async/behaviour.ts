import type { ChunkSizing } from '../chunks.ts'
import type { Incident } from './incidents.ts'

/**
 * How the emulated service behaves. Sources about the real one contradict each other, so nearly everything is a switch;
 * a client has to work in every position. Fields may be changed at any time and count from the next use.
 */
export interface AsyncBehaviour {
  /** `refuse` resets every new TCP connection, `never` leaves the handshake unanswered. */
  handshake: 'answer' | 'refuse' | 'never' | { readonly httpStatus: number }
  handshakeDelayMs: number
  /** A wrong or missing key: refused in HTTP, accepted and closed, or accepted, told INVALID_API_KEY and closed. */
  badKey: 'http-401' | 'close' | 'error-frame'
  /** A handshake without `version=v1`: HTTP 404 VERSION_NOT_FOUND, or let in. A fault of the client either way. */
  missingVersion: 'refuse' | 'accept'
  /** Sockets open at once; the next one is told TOO_MANY_CONCURRENT_REQUESTS and closed. */
  concurrencyLimit: number

  textBeforeInit: 'error' | 'ignore'
  secondInit: 'error' | 'ignore'
  /** Whether a model, voice, language or format that does not exist ends the socket after the error frame. */
  afterBadInit: 'close' | 'stay-open'
  /** The undocumented first frame with the id of the default context. */
  initAck: boolean
  /** Answer to a message that cannot be understood: error frame INVALID_REQUEST, or none. */
  badMessage: 'error' | 'ignore'

  /**
   * `uuid-only`: any other id is answered by an empty `final` and silence. `honoured`: any id speaks. `server-only`:
   * only the id of `initAck` speaks (and a message without id), every other one gets the empty `final`.
   */
  contextIds: 'uuid-only' | 'honoured' | 'server-only'
  /** `false` is the form of July 2025: no `context_id` in audio and final frames. */
  contextIdInReplies: boolean
  defaultContextEnd: 'stays-open' | 'closes-socket'

  /** Text without `force` waits until a context has this many characters, or ends. The real number is unpublished. */
  holdCharacters: number
  /** Whether a forced message also speaks what its context held back; by default only its own transcript. */
  forceFlushesHeld: boolean
  forcedWhitespace: 'empty-audio' | 'nothing'
  /** Answer to `{"transcript":"","context_id"}` once the remaining audio is out. */
  endOfInput: 'final' | 'no-final'
  /**
   * `graceful`: the rest of the audio, then `final`. `truncating`: the chunk that was in the making, then `final`.
   * `emptying`: `final` at once, so that a context closed before its first audio gives none.
   */
  closeContext: 'graceful' | 'truncating' | 'emptying'
  /** Chunks of a context that still come after the `final` of a truncating or emptying close. */
  lateChunks: number
  /**
   * `early`: behind the first chunk sent after the end of input, while the rest follows. `with-last-audio`: on the
   * last audio frame itself, where the end was known by then. `twice`: the same frame two times.
   */
  final: 'at-end' | 'early' | 'with-last-audio' | 'twice' | 'missing'
  finalDelayMs: number

  chunks: ChunkSizing
  /** From the arrival of a transcript to its first audio, if nothing else is being spoken on the socket. */
  firstAudioDelayMs: number
  /** A hole of `ms` before every n-th further chunk of a transcript. */
  gap: { readonly everyChunks: number; readonly ms: number } | undefined
  /** Audio is delivered at this multiple of real time; `Infinity` sends it all at once. */
  deliveryRate: number

  /** Without a client message for so long: TIMEOUT frame, then close. `Infinity` never. */
  idleTimeoutMs: number
  pingResetsIdle: boolean

  /** Whether error frames about a context name it. Seen live: they do not. */
  errorContextId: boolean
  /** `detail` wraps the error as the HTTP API does. */
  errorForm: 'flat' | 'detail'
  /** The form of every error body over HTTP. */
  httpErrorForm: 'flat' | 'detail'
  /** The code of every close the service starts. Undocumented. */
  closeCode: number

  /** Over HTTP a missing `version` header evidently works, though it is documented as required; another one is 404. */
  httpMissingVersion: 'accept' | 'refuse'
  /** The Models page gives only flash v1.0 to the endpoints that do not stream, the OpenAPI file gives them all. */
  httpModels: 'all' | 'flash-v1.0'
  /** JSON where audio was expected, with status 200: called `application/json`, or by the name of the audio. */
  httpBody: 'audio' | 'json' | 'unlabelled-json'
  /** Streaming over HTTP: after so many bytes of audio the quota has run out, and `--ERROR:QUOTA_EXCEEDED--` follows. */
  quotaBytes: number
  /** How many of the 24 bytes of that come in one chunk with the audio; the rest in the next. */
  quotaMarkerSplit: number
  /** What stands in `next_cursor` of the last page of voices: nothing, or the last voice again and again. */
  lastCursor: 'empty' | 'repeated'
  /** What is uploaded to be cloned: good speech, or BAD_SPEECH_QUALITY. */
  cloneQuality: 'good' | 'bad'
  /** With so many cloned voices the next is VOICE_CLONE_LIMIT_EXCEEDED. */
  cloneLimit: number
  /** Whether voices have a preview, or VOICE_PREVIEW_NOT_FOUND. */
  previews: 'available' | 'missing'
  /** What goes wrong, and when. */
  incidents: readonly Incident[]
}

/** The service as its documentation describes it, and where that is silent, the tamest reading. */
export const documentedBehaviour: Readonly<AsyncBehaviour> = {
  handshake: 'answer',
  handshakeDelayMs: 0,
  badKey: 'http-401',
  missingVersion: 'refuse',
  concurrencyLimit: Number.POSITIVE_INFINITY,
  textBeforeInit: 'error',
  secondInit: 'error',
  afterBadInit: 'close',
  initAck: false,
  badMessage: 'error',
  contextIds: 'uuid-only',
  contextIdInReplies: true,
  defaultContextEnd: 'stays-open',
  holdCharacters: 250,
  forceFlushesHeld: false,
  forcedWhitespace: 'empty-audio',
  endOfInput: 'final',
  closeContext: 'graceful',
  lateChunks: 0,
  final: 'at-end',
  finalDelayMs: 0,
  chunks: { kind: 'fixed', ms: 200 },
  firstAudioDelayMs: 150,
  gap: undefined,
  deliveryRate: 5,
  idleTimeoutMs: 60_000,
  pingResetsIdle: false,
  errorContextId: false,
  errorForm: 'flat',
  httpErrorForm: 'detail',
  closeCode: 1000,
  httpMissingVersion: 'accept',
  httpModels: 'all',
  httpBody: 'audio',
  quotaBytes: Number.POSITIVE_INFINITY,
  quotaMarkerSplit: 24,
  lastCursor: 'empty',
  cloneQuality: 'good',
  cloneLimit: Number.POSITIVE_INFINITY,
  previews: 'available',
  incidents: [],
}
