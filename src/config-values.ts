import { isSupportedCountry } from 'libphonenumber-js/max'
import { z } from 'zod'
import { isLoopback } from './twilio/stream-url.ts'

/** The kinds of values that settings have, each with what is expected of it. */

export const sid = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `expected ${prefix} followed by 32 hexadecimal digits`)
export const secret = z.string().min(1)
export const integer = (low: number, high: number) => {
  const expected = `expected a whole number from ${low} to ${high}`
  return z.coerce.number(expected).int(expected).min(low, expected).max(high, expected)
}
export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/**
 * https anywhere; http only on this machine, where an emulator may listen. Kept in the one form that URL makes of it,
 * without a trailing slash: our URLs begin with it, and signatures are checked against it.
 */
export const baseUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  const problem = url ? baseUrlProblem(url) : 'expected a URL such as https://example.com'
  if (!url || problem !== undefined) {
    context.addIssue({ code: 'custom', message: problem ?? 'expected a URL' })
    return z.NEVER
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
})

const words = z.string().transform((text) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
)
export const apiKeys = words.refine(
  (keys) => keys.every((key) => key.length >= 16 && /^[\x21-\x7e]+$/.test(key)),
  'expected keys of at least 16 characters each, without spaces, separated by commas',
)
export const countries = words.refine(
  (codes) => codes.every((code) => isSupportedCountry(code)),
  'expected ISO country codes such as US,CA',
)

export const speechEntries = [
  'async',
  'async-http',
  'deepgram',
  'deepgram@eu',
  'deepgram@au',
  'deepgram@in',
  'local',
] as const
/** A speech provider, or one region of it. */
export type SpeechEntry = (typeof speechEntries)[number]
export const providers = words.transform((entries, context) => {
  const known = speechEntries.filter((entry) => entries.includes(entry))
  if (known.length !== entries.length || entries.length === 0) {
    // It is not repeated: it may be a key in the wrong line.
    const strange = entries.findIndex((entry) => !speechEntries.some((known) => known === entry))
    const came = strange < 0 ? '' : `; number ${strange + 1} of yours is none of them`
    const message = `expected a list of ${speechEntries.join(', ')}, each at most once${came}`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  return known.toSorted((one, other) => entries.indexOf(one) - entries.indexOf(other))
})

/** Numbers of ours, and `*` for the others, with the flow that answers there. */
export const inboundFlows = words.transform((entries, context): ReadonlyMap<string, string> => {
  const pairs = entries.map((entry) => /^(\*|\+[1-9]\d{6,14})=([A-Za-z][\w-]{0,99})$/.exec(entry))
  const flows = new Map(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']))
  if (pairs.every((pair) => pair) && flows.size === pairs.length) return flows
  const message = 'expected numbers with the name of a flow, such as +15551234567=menu,*=notify, each number once'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

/** Names and texts, as one JSON object. The problem quotes none of them: a number may be among them. */
export const flowParameters = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const read = z.record(z.string(), z.string()).safeParse(jsonOf(text))
  if (read.success) return read.data
  const message = 'expected a JSON object of texts, such as {"operator":"+15551234567","timeZone":"Europe/Berlin"}'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function baseUrlProblem(url: URL): string | undefined {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return 'expected https:// (http:// only for this machine, as in http://127.0.0.1:4010)'
  }
  if (url.search || url.hash || url.username || url.password) return 'expected no query, fragment, user or password'
  return undefined
}
