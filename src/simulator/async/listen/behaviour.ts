import type { Guessing } from '../../saying.ts'

/**
 * How the emulated service listens. Hardly anything of the real one is documented, so that nearly everything is a switch.
 * Fields may be changed at any time and count from the next use.
 */
export interface ListenBehaviour {
  /** Status with which every handshake is refused. */
  refuse: number | undefined
  /** A wrong or missing key: refused in HTTP, accepted and closed, or accepted, told INVALID_API_KEY and closed. */
  badKey: 'http-401' | 'close' | 'error-frame'
  /** A query parameter that is not known: 400 INVALID_REQUEST, or nothing. A fault of the client either way. */
  unknownParameters: 'refuse' | 'ignore'
  /** Sockets that listen at once; the next one is told TOO_MANY_CONCURRENT_REQUESTS and closed. */
  concurrencyLimit: number
  /** Without a client message for so long: TIMEOUT frame, then close. */
  idleTimeoutMs: number
  /** From the handshake to a close, whatever happens on the socket. */
  lifeMs: number

  /** How a reply says what it is: `type`, `final`, `is_final`, all of them, or, of interim ones, nothing. */
  marks: 'type' | 'final' | 'is-final' | 'all' | 'only-final'
  /** Where its text stands. */
  textField: 'transcript' | 'text'
  interims: Guessing
  /** Final replies: by themselves, also a second time, only behind `{"final":true}`, or not even then. */
  finals: 'by-themselves' | 'twice' | 'when-asked' | 'never'
  /** A final reply repeats its text, or says only that what was told before is final. */
  finalText: 'whole' | 'missing'
  /** Silence behind the last word until the final reply. */
  endpointMs: number
  /** From the audio to what was heard in it. */
  latencyMs: number
  /** From `{"final":true}` to the last reply. */
  lastReplyMs: number
  /** What becomes of the socket behind that. */
  afterFinish: 'closes' | 'stays-open'
  /** Hears nothing, also on sockets that are open. */
  deaf: boolean
  /** A text message that is not known: error frame INVALID_REQUEST, or nothing. */
  badMessage: 'error' | 'ignore'

  /** `typed` and `bare` are guesses: `{"type":"error"}` with a code, and with a message only. */
  errorForm: 'flat' | 'detail' | 'typed' | 'bare'
  /** The code of every close the service starts. Undocumented. */
  closeCode: number
}

/** The service as one client knows it, and where that is silent, the tamest reading. */
export const documentedListening: Readonly<ListenBehaviour> = {
  refuse: undefined,
  badKey: 'http-401',
  unknownParameters: 'refuse',
  concurrencyLimit: Number.POSITIVE_INFINITY,
  idleTimeoutMs: 60_000,
  lifeMs: Number.POSITIVE_INFINITY,
  marks: 'type',
  textField: 'transcript',
  interims: 'growing',
  finals: 'by-themselves',
  finalText: 'whole',
  endpointMs: 500,
  latencyMs: 100,
  lastReplyMs: 200,
  afterFinish: 'closes',
  deaf: false,
  badMessage: 'error',
  errorForm: 'flat',
  closeCode: 1000,
}
