/**
 * How the emulated service listens. What the real one leaves open is a switch here, as for speaking. Fields may be
 * changed at any time and count from the next use.
 */
export interface ListenBehaviour extends EarBehaviour {
  /** `changing`: the last word of each is misheard at first. Without `interim_results=true` there are none anyway. */
  interims: 'growing' | 'changing' | 'none'
  /** How often each final result comes. */
  finals: 'once' | 'twice'
  /** What tells the end of an utterance: `speech_final`, UtteranceEnd, both, or neither. */
  endpoint: 'both' | 'speech-final' | 'utterance-end' | 'never'
  /** With `vad_events=true`. Seen missing. */
  speechStarted: 'sent' | 'missing'
  /** A result without words after so much audio without any. Whether the real one sends them is not documented. */
  emptyResultsMs: number
  finalize: 'answered' | 'unanswered'
  /** Answer to CloseStream: what is still to be told, then Metadata, then 1000; or 1000 at once. */
  closeStream: 'metadata' | 'immediate'
  errorFrame: 'none' | 'Error' | 'error'
  warningForm: 'wire' | 'typed'
}

/** What both ways of listening have. */
export interface EarBehaviour {
  /** Status with which every handshake is refused. */
  refuse: number | undefined
  /** A query parameter that is not documented: 400 INVALID_QUERY_PARAMETER, or nothing. A fault of the client either way. */
  unknownParameters: 'refuse' | 'ignore'
  /** Sockets that listen at once; the next one gets 429. */
  concurrencyLimit: number
  /** Without a sign of the client for so long: 1011 NET-0001. */
  idleTimeoutMs: number
  /** From the handshake to 1011 NET-0003, whatever happens on the socket. */
  lifeMs: number
  /** A larger message is 1009 BIG-0000. The real number is unpublished. */
  messageBytes: number
  /** Connections that open now hear nothing, ever. */
  deaf: boolean
  /** From the audio to what was heard in it. */
  latencyMs: number
  /** Answer to CloseStream; `immediate`: 1000 at once. */
  closeStream: string
  /** A text message that is no known one ends the socket, or is nothing. */
  badMessage: 'close' | 'ignore'
  /** The reason of a fatal close: its code alone, or a sentence with a link, as it was seen. */
  closeReason: 'code' | 'sentence'
  errorFrame: 'none' | 'Error' | 'error'
}

/** The service as its documentation describes it, and where that is silent, the tamest reading. */
export const documentedListening: Readonly<ListenBehaviour> = {
  refuse: undefined,
  unknownParameters: 'refuse',
  concurrencyLimit: Number.POSITIVE_INFINITY,
  idleTimeoutMs: 10_000,
  lifeMs: Number.POSITIVE_INFINITY,
  messageBytes: 65_536,
  interims: 'growing',
  finals: 'once',
  endpoint: 'both',
  speechStarted: 'sent',
  emptyResultsMs: 1000,
  deaf: false,
  latencyMs: 100,
  finalize: 'answered',
  closeStream: 'metadata',
  badMessage: 'close',
  closeReason: 'sentence',
  errorFrame: 'none',
  warningForm: 'wire',
}
