import type { ChunkSizing } from '../chunks.ts'
import type { Incident } from './incidents.ts'

/**
 * How the emulated service behaves. Much of the real one is unpublished or described in two ways, so nearly everything
 * is a switch; a client has to work in every position. Fields may be changed at any time and count from the next use.
 */
export interface DeepgramBehaviour {
  /** `refuse` resets every new TCP connection, `never` leaves the handshake unanswered. */
  handshake: 'answer' | 'refuse' | 'never' | { readonly httpStatus: number }
  handshakeDelayMs: number
  /** A query parameter that is not documented: 400 INVALID_QUERY_PARAMETER, or nothing. A fault of the client either way. */
  unknownParameters: 'refuse' | 'ignore'
  /** Sockets open at once; the next one gets 429. */
  concurrencyLimit: number
  /** How long a socket that ended without a close frame still counts against `concurrencyLimit`. */
  lingerMs: number

  /** The first frame of a socket. */
  metadata: 'first' | 'missing'
  /** Text is given to the voice as soon as a sentence is whole, or not before Flush. */
  buffering: 'sentence' | 'flush'

  /** `early`: behind the first audio sent after the Flush came, while the rest follows. */
  flushed: 'at-end' | 'early' | 'twice' | 'missing'
  flushedDelayMs: number
  /** A Flush without any text since the one before. */
  emptyFlush: 'flushed' | 'nothing'
  /** What `sequence_id` counts is undocumented; the examples have 0. */
  sequenceIds: 'counting' | 'zero'
  /** From Clear to Cleared; audio that was being sent goes on so long. */
  clearWindowMs: number
  /** `early`: Cleared at once, and the audio of the window behind it. */
  cleared: 'after-window' | 'early' | 'twice' | 'missing'
  /** Whether a Flush that a Clear overtook still yields its Flushed. Undocumented. */
  flushedAfterClear: 'none' | 'before-cleared' | 'after-cleared'
  /** Answer to Close: an end at once, or when all text before it has been spoken. */
  closeMessage: 'immediate' | 'finishing'
  /** A message of an unknown type, or none at all: 1008 DATA-0000, or nothing. */
  badMessage: 'close' | 'ignore'

  /** How many times Flush is obeyed in any 60 s. */
  flushesPerMinute: number
  /** `wire`: `warn_code` and `warn_msg`; `typed`: `code` and `description`, as the API files have it. */
  warningForm: 'wire' | 'typed'
  /** Characters received in any 60 s, beyond which the socket is closed. */
  charactersPerMinute: number
  charactersPerMessage: number
  /** A larger message is 1009 BIG-0000. The real number is unpublished. */
  messageBytes: number
  /** Without a client message for so long: 1011 NET-0001. The real time is unpublished. */
  idleTimeoutMs: number
  pingResetsIdle: boolean
  /** From the handshake to 1011 NET-0003, whatever happens on the socket. */
  lifeMs: number
  /** The reason of a fatal close: its code alone, or a sentence with a link, as seen elsewhere at Deepgram. */
  closeReason: 'code' | 'sentence'
  /** An undocumented frame before a fatal close, with `type` spelled so. */
  errorFrame: 'none' | 'Error' | 'error'

  chunks: ChunkSizing
  /** From the arrival of a whole sentence, or of Flush, to its first audio, if nothing else is being spoken. */
  firstAudioDelayMs: number
  /** A hole of `ms` before every n-th further chunk of a text. */
  gap: { readonly everyChunks: number; readonly ms: number } | undefined
  /** Audio is delivered at this multiple of real time; `Infinity` sends it all at once. */
  deliveryRate: number

  /** Characters of one request over HTTP; the documentation has 2,000 and 2,400. */
  httpCharacters: number
  /** Requests over HTTP under way at once; the next one gets 429. */
  httpConcurrencyLimit: number
  /** With status 200 where audio was expected: JSON, JSON or HTML under the content type of audio. */
  httpBody: 'audio' | 'json' | 'unlabelled-json' | 'unlabelled-html'
  /** What goes wrong, and when. */
  incidents: readonly Incident[]
}

/** The service as its documentation describes it, and where that is silent, the tamest reading. */
export const documentedBehaviour: Readonly<DeepgramBehaviour> = {
  handshake: 'answer',
  handshakeDelayMs: 0,
  unknownParameters: 'refuse',
  concurrencyLimit: Number.POSITIVE_INFINITY,
  lingerMs: 0,
  metadata: 'first',
  buffering: 'sentence',
  flushed: 'at-end',
  flushedDelayMs: 0,
  emptyFlush: 'flushed',
  sequenceIds: 'counting',
  clearWindowMs: 50,
  cleared: 'after-window',
  flushedAfterClear: 'none',
  closeMessage: 'immediate',
  badMessage: 'close',
  flushesPerMinute: 20,
  warningForm: 'wire',
  charactersPerMinute: 2400,
  charactersPerMessage: 2000,
  messageBytes: 65_536,
  idleTimeoutMs: 60_000,
  pingResetsIdle: false,
  lifeMs: 3_600_000,
  closeReason: 'code',
  errorFrame: 'none',
  chunks: { kind: 'random', seed: 1, minBytes: 200, maxBytes: 4000 },
  firstAudioDelayMs: 150,
  gap: undefined,
  deliveryRate: 5,
  httpCharacters: 2000,
  httpConcurrencyLimit: Number.POSITIVE_INFINITY,
  httpBody: 'audio',
  incidents: [],
}
