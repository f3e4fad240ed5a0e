import { type KnownMessages, type ParsedListenMessage, readMessage } from '../listen/client-messages.ts'
import { thresholdRanges } from './query.ts'

export type TurnMessage =
  | { readonly kind: 'close-stream' }
  | { readonly kind: 'force-end-turn' }
  /** `undefined`: thresholds that cannot be. */
  | { readonly kind: 'configure'; readonly thresholds: Thresholds | undefined }

export type Thresholds = Readonly<Record<string, number>>

const known: KnownMessages<TurnMessage> = new Map<unknown, { message: (raw: object) => TurnMessage; fields: string[] }>(
  [
    ['CloseStream', { message: () => ({ kind: 'close-stream' }), fields: ['type'] }],
    ['ForceEndTurn', { message: () => ({ kind: 'force-end-turn' }), fields: ['type'] }],
    [
      'Configure',
      {
        message: (raw) => ({
          kind: 'configure',
          thresholds: readThresholds('thresholds' in raw ? raw.thresholds : {}),
        }),
        fields: ['type', 'thresholds', 'keyterms', 'language_hints', 'numerals'],
      },
    ],
  ],
)

/** Reads one text frame of a client of `/v2/listen`; KeepAlive and Finalize are none of its messages. Never throws. */
export function readTurnMessage(frame: string): ParsedListenMessage<TurnMessage> {
  return readMessage(frame, known)
}

function readThresholds(raw: unknown): Thresholds | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const read: Record<string, number> = {}
  for (const [name, value] of Object.entries(raw)) {
    const [least, most] = (Object.hasOwn(thresholdRanges, name) ? thresholdRanges[name] : undefined) ?? [1, 0]
    if (typeof value !== 'number' || !(value >= least && value <= most)) return undefined
    read[name] = value
  }
  return read
}
