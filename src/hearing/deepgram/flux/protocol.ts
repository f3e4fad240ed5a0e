import { socketBase } from '../../../wire/socket-base.ts'
import { type Aside, hints, milliseconds, type Readers, readError, readFrameBy, string, unknown } from '../protocol.ts'

/**
 * Flux, Deepgram's turn-based listening: the websocket /v2/listen. Pure: builds what we send, reads what comes.
 *
 *   url    = ws(s)://host/v2/listen?model=&encoding=mulaw&sample_rate=8000&eot_timeout_ms=[&language_hint=][&keyterm=]*
 *   header = Authorization: Token <key>
 *   client = *audio [ close ]             ; no KeepAlive: pings of the websocket keep a connection (60 s without)
 *   audio  = binary frame: raw mu-law; packets of 80 ms are advised
 *   close  = { type: "CloseStream" }
 *   server = connected / turn / error / anything else, which is ignored
 *   connected = { type: "Connected", request_id, sequence_id }
 *   turn   = { type: "TurnInfo", event, turn_index, transcript, words: [ { word, confidence, ?start, ?end } ],
 *              audio_window_start, audio_window_end, end_of_turn_confidence, ?trigger, … }    ; seconds of audio
 *   event  = "StartOfTurn" / "Update" / "EagerEndOfTurn" / "TurnResumed" / "EndOfTurn" / one of the future
 *   error  = { type: "Error", sequence_id, code, description }                                 ; fatal
 *
 * A transcript is that of the turn up to now, and may change until EndOfTurn. Update comes about every 250 ms of audio,
 * in silence too. EagerEndOfTurn and TurnResumed come where eager_eot_threshold asks for them; we do not ask.
 *
 * Sources: Deepgram's API specification, @deepgram/sdk 5.13.0, the Flux pages of its docs (2026).
 */
export type FluxFrame = ({ readonly kind: 'turn' } & TurnInfo) | Aside

export interface TurnInfo {
  readonly event: 'start' | 'update' | 'end'
  /** Counts the turns of a connection. */
  readonly turn: number
  /** All that was said in the turn. */
  readonly text: string
  /** Where the audio ends that was listened to for this. */
  readonly endMs: number
}

export interface FluxQuery {
  readonly model: string
  readonly language?: string | undefined
  readonly phrases?: readonly string[] | undefined
  /** Silence that ends a turn even where the model expects more; 500 to 60,000. */
  readonly endOfTurnMs: number
}

export function isFlux(model: string): boolean {
  return model.startsWith('flux-')
}

/** `undefined` when `url` is no http or ws URL. */
export function fluxUrl(url: string, asked: FluxQuery): string | undefined {
  const base = socketBase(url)
  if (base === undefined) return undefined
  const query = new URLSearchParams({
    model: asked.model.toWellFormed(),
    encoding: 'mulaw',
    sample_rate: '8000',
    eot_timeout_ms: String(asked.endOfTurnMs),
  })
  const hint = languageHint(asked)
  if (hint !== undefined) query.set('language_hint', hint)
  for (const phrase of hints(asked.phrases ?? [])) query.append('keyterm', phrase)
  return `${base}/v2/listen?${query.toString()}`
}

/** Only this model takes one; without, or for `multi`, it finds out by itself. */
function languageHint({ model, language }: FluxQuery): string | undefined {
  return model === 'flux-general-multi' && language !== 'multi' ? language?.toWellFormed() : undefined
}

const readers: Readers<FluxFrame> = new Map<unknown, (frame: Record<string, unknown>) => FluxFrame>([
  ['TurnInfo', readTurn],
  ['Connected', () => ({ kind: 'metadata' })],
  ['Error', readError],
])

/** Reads one frame. Never throws: what cannot be read is `malformed`, what is not known `unknown`. */
export function readFluxFrame(data: Buffer, isBinary: boolean): FluxFrame {
  return readFrameBy(readers, data, isBinary)
}

function readTurn(frame: Record<string, unknown>): FluxFrame {
  const event = string(frame['event'])
  const turn = frame['turn_index']
  const text = string(frame['transcript'])
  const endMs = milliseconds(frame['audio_window_end'])
  if (event === undefined || text === undefined || endMs === undefined || endMs < 0) return unknown
  if (typeof turn !== 'number' || !Number.isSafeInteger(turn) || turn < 0) return unknown
  return { kind: 'turn', event: meaningOf(event), turn, text: text.trim(), endMs }
}

/** An end that may be taken back is none: EagerEndOfTurn and TurnResumed tell words, as Update does. */
function meaningOf(event: string): TurnInfo['event'] {
  if (event === 'StartOfTurn') return 'start'
  return event === 'EndOfTurn' ? 'end' : 'update'
}
