import type { Call, Instructions } from './call.ts'
import { isTerminal } from './call.ts'
import { type LoadedDocument, loadDocument } from './document.ts'
import { endCall } from './ending.ts'
import type { Exchange } from './exchange.ts'
import { runVerbs } from './interpreter.ts'
import type { Leg } from './phone/leg.ts'
import type { Verb } from './twiml/verbs.ts'
import { runPrompt } from './verbs/prompts.ts'
import { hangUp, type Next } from './verbs/running.ts'

const none: ReadonlyMap<string, string> = new Map()
/** Documents without any time passing between them; a redirect to itself must not run for ever. */
const hopLimit = 50

/** Runs TwiML on an answered call until there is none left, then hangs up. `update` replaces it by aborting. */
export async function execute(
  exchange: Exchange,
  call: Call,
  leg: Leg,
  instructions: Instructions,
  /** Asked with the verbs of the first document; false ends the execution. */
  begin: (verbs: readonly Verb[]) => boolean = () => true,
): Promise<void> {
  const { clock } = exchange
  const { signal } = call.execution
  let next: Next = { kind: 'goto', instructions, parameters: firstParameters(call) }
  let first = true
  let hops = 0
  let hopsSinceMs = clock.now()
  while (next.kind === 'goto' && !signal.aborted) {
    hops = clock.now() > hopsSinceMs ? 0 : hops + 1
    hopsSinceMs = clock.now()
    const document: LoadedDocument =
      hops > hopLimit
        ? tooManyHops(exchange, call)
        : await loadWithFallback(exchange, call, next.instructions, next.parameters)
    if (signal.aborted) return
    const verbs = document.kind === 'verbs' ? document.verbs : []
    if (first && !begin(verbs)) return
    first = false
    const running = { exchange, call, leg, signal, documentUrl: document.url }
    if (document.kind === 'unusable') {
      const text = 'We are sorry, an application error has occurred. Goodbye.'
      await runPrompt(running, { verb: 'Say', text, loop: 1 }, signal)
      next = hangUp
    } else next = await runVerbs(running, verbs)
  }
  if (!signal.aborted && !isTerminal(call.status)) endCall(exchange, call, 'completed')
}

function tooManyHops(exchange: Exchange, call: Call): LoadedDocument {
  const code = 11_215
  exchange.faults.add(code, `more than ${hopLimit} documents, and no time passed`, { callSid: call.sid })
  return { kind: 'unusable', code, url: undefined }
}

/** A verdict that was awaited stands in the request for the TwiML. */
function firstParameters(call: Call): ReadonlyMap<string, string> {
  return call.answeredBy && !call.options.asyncDetection ? new Map([['AnsweredBy', call.answeredBy]]) : none
}

async function loadWithFallback(
  exchange: Exchange,
  call: Call,
  instructions: Instructions,
  parameters: ReadonlyMap<string, string>,
): Promise<LoadedDocument> {
  const document = await loadDocument(exchange, call, instructions, parameters)
  const { fallback } = call.options
  if (document.kind === 'verbs' || !fallback || call.execution.signal.aborted) return document
  const reason = new Map([['ErrorCode', String(document.code)]])
  if (document.url !== undefined) reason.set('ErrorUrl', document.url)
  return loadDocument(exchange, call, { kind: 'url', ...fallback }, reason, 'fallback')
}
