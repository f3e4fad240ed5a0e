import cliProgress from 'cli-progress'
import type { CallEvent } from '../src/call/events.ts'
import type { LiveCall } from '../src/call/live-call.ts'
import type { EndReason, Outcome } from '../src/call/outcome.ts'

/** Shows a call as it happens, a line a step and a bar while it speaks. Returns the way to end the view. */
export function showCall(call: LiveCall, to: string, out: NodeJS.WriteStream): () => void {
  const startedMs = call.events[0]?.atMs ?? 0
  let bar: cliProgress.SingleBar | undefined
  let shownMs = 0

  function line(atMs: number, what: string, more = ''): void {
    stopBar()
    out.write(`${seconds(atMs - startedMs).padStart(7)}  ${what.padEnd(12)}${more}\n`)
  }

  function stopBar(): void {
    bar?.stop()
    bar = undefined
  }

  function progress(heardMs: number, sentMs: number): void {
    if (!out.isTTY) {
      // No bar where lines cannot be redrawn: one line for each further second.
      if (heardMs - shownMs < 1000) return
      shownMs = heardMs
      out.write(`         ${bars(heardMs / sentMs)} ${seconds(heardMs)} of ${seconds(sentMs)}\n`)
      return
    }
    if (!bar) {
      const format = '         {bar} {heard} of {sent}'
      bar = new cliProgress.SingleBar({ format, stream: out, hideCursor: true, barsize: 40 }, cliProgress.Presets.rect)
      bar.start(sentMs, 0, { heard: seconds(0), sent: seconds(sentMs) })
    }
    bar.setTotal(sentMs)
    bar.update(heardMs, { heard: seconds(heardMs), sent: seconds(sentMs) })
  }

  function show(event: CallEvent): void {
    switch (event.type) {
      case 'dialling':
        return line(event.atMs, 'dialling', to)
      case 'ringing':
        return line(event.atMs, 'ringing')
      case 'answered':
        return line(event.atMs, 'answered')
      case 'voicemail':
        return line(event.atMs, 'voicemail', 'a machine answered')
      case 'first-audio':
        return line(event.atMs, 'speaking', `first audio ${Math.round(event.afterAnswerMs)} ms after the answer`)
      case 'progress':
        return progress(event.heardMs, event.sentMs)
      case 'heard':
        return line(event.atMs, 'heard', `${seconds(event.heardMs)} of audio`)
      case 'interrupted':
        return line(event.atMs, 'interrupted', `after ${seconds(event.heardMs)} of audio`)
      case 'key':
        return line(event.atMs, 'key', event.digit)
      case 'trouble':
        return line(event.atMs, 'trouble', event.error.message)
      case 'ended':
        return line(event.atMs, ...endWords(event.reason))
      case 'queued':
      case 'streaming':
        return
    }
  }

  for (const event of call.events) show(event)
  const unwatch = call.watch(show)
  return () => {
    unwatch()
    stopBar()
  }
}

function endWords(reason: EndReason): [what: string, more: string] {
  switch (reason) {
    case 'completed':
      return ['hung up', 'after the last word']
    case 'callee-hung-up':
      return ['hung up', 'by the callee']
    case 'cancelled':
      return ['hung up', 'cancelled']
    default:
      return ['ended', reason]
  }
}

/** The outcome in words, for a person. */
export function describeOutcome(outcome: Outcome): string {
  const part = outcome.sentMs > 0 ? `, ${seconds(outcome.heardMs)} of ${seconds(outcome.sentMs)} heard` : ''
  const why = outcome.error ? `\n${outcome.error.message} [${outcome.error.code}]` : ''
  return `${outcome.status} (${outcome.reason})${part}${why}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function bars(share: number): string {
  const full = Math.round(Math.min(1, share) * 40)
  return '■'.repeat(full) + ' '.repeat(40 - full)
}
