import type { Call, Instructions } from './call.ts'
import { voiceParameters } from './call-parameters.ts'
import type { Exchange } from './exchange.ts'
import { bodyLimitBytes } from './http-request.ts'
import { parseTwiml } from './twiml/parse.ts'
import type { TwimlProblem, Verb } from './twiml/verbs.ts'
import { sendWebhook } from './webhook.ts'

export type LoadedDocument =
  | { readonly kind: 'verbs'; readonly verbs: readonly Verb[]; readonly url: string | undefined }
  | { readonly kind: 'unusable'; readonly code: number; readonly url: string | undefined }

const xmlTypes = /^(text|application)\/xml\b/i

/** Fetches TwiML, or takes it, and reads it. Whatever is wrong with it becomes a fault. */
export async function loadDocument(
  exchange: Exchange,
  call: Call,
  instructions: Instructions,
  extra: ReadonlyMap<string, string>,
  kind: 'twiml' | 'fallback' = 'twiml',
): Promise<LoadedDocument> {
  if (instructions.kind === 'inline') return read(exchange, call, instructions.twiml, undefined)
  const { method, url } = instructions
  const parameters = new Map([...voiceParameters(call), ...extra])
  const answer = await sendWebhook(exchange, call, { kind, method, url, parameters })
  if (answer.kind === 'failed') return { kind: 'unusable', code: answer.code, url }
  if (answer.status < 200 || answer.status > 299) return { kind: 'unusable', code: 11_200, url }
  if (answer.status === 204) return { kind: 'verbs', verbs: [], url }
  const unusable = (problem: TwimlProblem): LoadedDocument => {
    exchange.faults.add(problem.code, problem.message, { callSid: call.sid })
    return { kind: 'unusable', code: problem.code, url }
  }
  if (Buffer.byteLength(answer.body) > bodyLimitBytes)
    return unusable({ code: 11_750, message: 'the TwiML is longer than 64 kB' })
  if (!xmlTypes.test(answer.contentType))
    return unusable({ code: 12_300, message: `expected the content type text/xml, got "${answer.contentType}"` })
  return read(exchange, call, answer.body, url)
}

function read(exchange: Exchange, call: Call, twiml: string, url: string | undefined): LoadedDocument {
  const document = parseTwiml(twiml)
  const problems = document.kind === 'document' ? document.problems : [document.problem]
  for (const { code, message } of problems) exchange.faults.add(code, message, { callSid: call.sid })
  if (document.kind === 'unreadable') return { kind: 'unusable', code: document.problem.code, url }
  return { kind: 'verbs', verbs: document.verbs, url }
}
