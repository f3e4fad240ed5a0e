import type { KeyRule } from '../call/keys.ts'
import { BridgeError } from '../errors.ts'
import type { BargeIn, GatherOptions } from './answer.ts'

/** A question as it is asked: the options of a gather, checked, with their defaults. */
export interface Question {
  readonly keys: KeyRule | undefined
  readonly speech: true | readonly string[] | undefined
  readonly bargeIn: BargeIn
  readonly firstMs: number
  readonly betweenKeysMs: number
  /** What is said first, and again. */
  readonly prompt: string | undefined
  readonly again: { readonly nothing: string | undefined; readonly nonsense: string | undefined }
  readonly attempts: number
  readonly keepEarlierKeys: boolean
}

const mostKeys = 100
/** Nobody is asked the same more often, whatever was meant. */
const mostAttempts = 10
const longestMs = 86_400_000

/**
 * @param sensitivity what silences a prompt of a question that may be answered by speech
 * @throws BridgeError `flow.failed` for options that make no sense
 */
export function readQuestion(options: GatherOptions, sensitivity: BargeIn): Question {
  const { say, speech, again } = options
  const keys = readKeys(options)
  if (Array.isArray(speech) && speech.length === 0) throw nonsense('speech', 'true, or at least one phrase')
  const { bargeIn = true } = options
  return {
    keys,
    speech,
    bargeIn: bargeIn === true ? (speech === undefined ? 'keys' : sensitivity) : bargeIn,
    firstMs: duration('timeoutMs', options.timeoutMs ?? 5_000),
    betweenKeysMs: duration('betweenKeysMs', options.betweenKeysMs ?? 3_000),
    prompt: say,
    again: { nothing: again?.nothing ?? say, nonsense: again?.nonsense ?? say },
    attempts: whole('attempts', options.attempts ?? (again === undefined ? 1 : 2), 1, mostAttempts),
    keepEarlierKeys: options.keepEarlierKeys ?? false,
  }
}

function readKeys({ digits, speech, finishKey, choices }: GatherOptions): KeyRule | undefined {
  if (finishKey !== undefined && !/^[0-9A-D*#]$/.test(finishKey)) throw nonsense('finishKey', 'one key')
  if (digits === undefined && choices === undefined && speech !== undefined) {
    if (finishKey !== undefined)
      throw nonsense('finishKey', 'digits or choices beside it, since without them no key counts')
    return undefined
  }
  if (choices?.length === 0 || choices?.some((choice) => !/^[0-9A-D*#]+$/.test(choice)))
    throw nonsense('choices', 'keys such as 1 or 12, at least one')
  const longest = Math.max(1, ...(choices ?? []).map((choice) => choice.length))
  const { min = 1, max } = typeof digits === 'object' ? digits : { min: digits ?? 1, max: digits ?? longest }
  whole('digits', max, 1, mostKeys)
  return { min: whole('digits.min', min, 1, max), max, finishKey, choices }
}

function whole(option: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value
  throw nonsense(option, `a whole number from ${low} to ${high}`)
}

/** @throws BridgeError `flow.failed` for what is no length of time */
export function duration(option: string, ms: number): number {
  if (ms >= 0 && ms <= longestMs) return ms
  throw nonsense(option, `milliseconds from 0 to ${longestMs}`)
}

function nonsense(option: string, expected: string): BridgeError {
  return new BridgeError('flow.failed', `${option}: expected ${expected}; the flow gave something else.`, {
    details: { option },
  })
}
