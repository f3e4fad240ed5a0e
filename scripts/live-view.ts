import cliProgress from 'cli-progress'
import type { CallEvent } from '../src/call/events.ts'
import type { LiveCall } from '../src/call/live-call.ts'
import type { EndReason, Outcome } from '../src/call/outcome.ts'
import type { BridgeError } from '../src/errors.ts'
import type { ToldWords } from '../src/call/words-told.ts'
import { tell } from '../src/failure.ts'
import { estimateMs } from '../src/speech/estimate.ts'

export interface CallView {
  /** Takes the bar away, so that something else can be written where it was. */
  clear(): void
  /** The view is over; nothing of the call is shown any more. */
  end(): void
}

/** Shows a call as it happens: a line a step and a sentence, and a bar while it speaks. */
export function showCall(call: LiveCall, to: string, out: NodeJS.WriteStream): CallView {
  const startedMs = call.events[0]?.atMs ?? 0
  // How long the whole text sounds is known only when all of it was spoken.
  let expectedMs = estimateMs(call.parameters['message'] ?? '')
  /** What was heard before, which the bar and the words leave out: they tell of what is being said now. */
  let beforeMs = 0
  let bar: cliProgress.SingleBar | undefined
  let shownMs = 0
  let latestMs = 0
  let over = false
  let answered = false

  function line(atMs: number, what: string, more = ''): void {
    clear()
    out.write(`${seconds(atMs - startedMs).padStart(7)}  ${what.padEnd(12)}${more}`.trimEnd() + '\n')
  }

  function clear(): void {
    bar?.stop()
    bar = undefined
  }

  /** Something was said to its end, or silenced. Returns how much of it was heard. */
  function said(heardMs: number): string {
    const partMs = heardMs - beforeMs
    beforeMs = heardMs
    shownMs = 0
    expectedMs = 0
    return seconds(partMs)
  }

  function progress(heardInAllMs: number, sentInAllMs: number, complete: boolean): void {
    if (heardInAllMs <= latestMs) return
    latestMs = heardInAllMs
    const heardMs = heardInAllMs - beforeMs
    const sentMs = sentInAllMs - beforeMs
    const totalMs = complete ? sentMs : Math.max(sentMs, expectedMs)
    const end = complete ? seconds(sentMs) : `about ${Math.round(totalMs / 1000)} s`
    if (!out.isTTY) {
      // No bar where lines cannot be redrawn: one line for each further second.
      if (heardMs - shownMs < 1000) return
      shownMs = heardMs
      out.write(`         ${bars(heardMs / totalMs)} ${seconds(heardMs)} of ${end}\n`)
      return
    }
    const words = { heard: seconds(heardMs), end }
    if (bar) {
      bar.setTotal(totalMs)
      bar.update(heardMs, words)
    } else {
      // Its line is cleared when anything else is shown; linewrap: the terminal stays as it is set.
      const options = {
        format: '         {bar} {heard} of {end}',
        clearOnComplete: true,
        linewrap: true,
        barsize: 40,
      }
      bar = new cliProgress.SingleBar({ ...options, stream: out }, cliProgress.Presets.rect)
      bar.start(totalMs, heardMs, words)
    }
  }

  function show(event: CallEvent): void {
    // What comes in late is no part of the call any more; but that it could not be hung up, one must know.
    if (over && event.type !== 'trouble') return
    over ||= event.type === 'ended'
    switch (event.type) {
      case 'dialling':
        return line(event.atMs, 'dialling', to)
      case 'ringing':
        return line(event.atMs, 'ringing')
      case 'answered':
        answered = true
        return line(event.atMs, 'answered')
      case 'voicemail':
        return line(event.atMs, 'voicemail', 'a machine answered')
      case 'prepared':
        return line(event.atMs, 'rendered', `${seconds(event.audioMs)}${answered ? '' : ' while it rings'}`)
      case 'first-audio':
        return line(event.atMs, 'speaking', `first audio ${Math.round(event.afterAnswerMs)} ms after the answer`)
      case 'failover':
        return line(event.atMs, 'voice', changedVoice(event))
      case 'progress':
        return progress(event.heardMs, event.sentMs, event.complete)
      case 'heard':
        return line(event.atMs, 'heard', `${said(event.heardMs)} of audio`)
      case 'interrupted':
        return line(event.atMs, 'interrupted', `after ${said(event.heardMs)} of audio`)
      case 'key':
        return line(event.atMs, 'key', event.digit)
      case 'transferring':
        return line(event.atMs, 'transfer', 'to another number')
      case 'trouble':
        return line(event.atMs, 'trouble', event.error.message)
      case 'ended':
        return line(event.atMs, ...endWords(event.reason))
      case 'queued':
      case 'streaming':
      case 'cache':
      case 'recording':
      case 'speech':
        return
    }
  }

  for (const event of call.events) show(event)
  const unwatch = call.watch(show)
  // Also after the end: an apology, or a last sentence, is heard then.
  const unwatchWords = call.watchWords(({ by, text, atMs }) => line(atMs, speakers[by], `"${printable(text)}"`))
  return {
    clear,
    end() {
      unwatch()
      unwatchWords()
      clear()
    },
  }
}

const speakers: Readonly<Record<ToldWords['by'], string>> = {
  us: 'says',
  twilio: 'Twilio says',
  callee: 'callee says',
}

/** A text may come from anywhere; a terminal obeys what it is sent. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
}

function changedVoice({ from, to, error }: Extract<CallEvent, { type: 'failover' }>): string {
  const next = to === 'twilio' ? "Twilio's own voice goes on" : to === null ? 'nobody is left' : `${to} goes on`
  // What heals by itself need not be explained; for the rest the message says what to do.
  return `${next}; ${from} failed (${error.retryable ? error.code : error.message})`
}

function endWords(reason: EndReason): [what: string, more: string] {
  switch (reason) {
    case 'completed':
      return ['hung up', 'after the last word']
    case 'callee-hung-up':
      return ['hung up', 'by the callee']
    case 'cancelled':
      return ['hung up', 'cancelled']
    case 'transferred':
      return ['hung up', 'after the transfer']
    case 'transfer-failed':
      return ['hung up', 'nobody answered the transfer']
    case 'said-by-twilio':
      return ['hung up', 'after Twilio said the rest with its own voice']
    default:
      return ['ended', reason]
  }
}

/** What was given on the command line and came to nothing, in lines of their own. */
export function withoutEffect(unread: readonly string[], undone: readonly string[] = []): string {
  const parameters = unread.length === 0 ? '' : `The flow never looked at what it was given as ${unread.join(', ')}.\n`
  const acts = undone.length === 0 ? '' : `The call was over before ${undone.join(', ')} was pressed or said.\n`
  return parameters + acts
}

/** The outcome in words, for a person. */
export function describeOutcome(outcome: Outcome): string {
  const part = outcome.sentMs > 0 ? `, ${seconds(outcome.heardMs)} of ${seconds(outcome.sentMs)} heard` : ''
  const why = outcome.error ? `\n${tell(withPlace(outcome.error))}` : ''
  // A status and a reason that say the same are said once.
  const same = outcome.reason === outcome.status || (outcome.status === 'canceled' && outcome.reason === 'cancelled')
  return `${outcome.status}${same ? '' : ` (${outcome.reason})`}${part}${why}`
}

/** The author of a flow looks for the line that threw. */
function withPlace({ code, message, details }: NonNullable<Outcome['error']>): Pick<BridgeError, 'code' | 'message'> {
  const { place } = details
  return { code, message: typeof place === 'string' ? `${message} (${place})` : message }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function bars(share: number): string {
  const full = Math.round(Math.min(1, share) * 40)
  return '■'.repeat(full) + ' '.repeat(40 - full)
}
