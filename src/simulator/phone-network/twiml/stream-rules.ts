import type { StreamNoun, TwimlProblem } from './verbs.ts'

export type CheckedStream =
  | {
      readonly kind: 'usable'
      /** The websocket URL to dial, which is also the one that is signed. */
      readonly url: string
      readonly parameters: Readonly<Record<string, string>>
      readonly problems: readonly TwimlProblem[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly TwimlProblem[] }

/** Name and value of one `<Parameter>` together must stay below this. */
const parameterLimit = 500

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
const tracks = ['inbound_track', 'outbound_track', 'both_tracks']

/**
 * The rules of `<Stream>`: a `wss` URL (`ws` only to this machine, so that everything can be tried without
 * certificates), whose query string is stripped; on `<Connect>` only the inbound track; short parameters.
 */
export function checkStream(stream: StreamNoun, bidirectional: boolean, baseUrl: string | undefined): CheckedStream {
  const problems: TwimlProblem[] = []
  const refuse = (code: number, message: string): CheckedStream => ({
    kind: 'refused',
    problems: [...problems, { code, message }],
  })
  const relative = !/^[a-z][a-z0-9+.-]*:/i.test(stream.url)
  const parsed = relative ? relativeTo(baseUrl, stream.url) : URL.parse(stream.url)
  if (stream.url === '' || !parsed) return refuse(31_923, '<Stream url>: expected an absolute wss URL')
  if (parsed.protocol !== 'wss:' && !(parsed.protocol === 'ws:' && loopback.test(parsed.hostname)))
    return refuse(31_922, `<Stream url>: expected the scheme wss, got ${parsed.protocol.slice(0, -1)}`)
  const known = tracks.includes(stream.track)
  if (!known || (bidirectional && stream.track !== 'inbound_track'))
    return refuse(31_941, `<Stream track>: expected inbound_track, got "${stream.track}"`)
  const written = relative ? parsed.href : stream.url
  const url = written.replace(/[?#].*$/s, '')
  if (url !== written)
    problems.push({
      code: 31_920,
      message: '<Stream url>: a query string is not supported and was stripped; use <Parameter>',
    })
  const parameters = new Map<string, string>()
  for (const { name, value } of stream.parameters) {
    if (name.length + value.length < parameterLimit) parameters.set(name, value)
    else
      problems.push({
        code: 12_200,
        message: `<Parameter>: name and value together must stay below ${parameterLimit} characters, got ${name.length + value.length}; it was left out`,
      })
  }
  return { kind: 'usable', url, parameters: Object.fromEntries(parameters), problems }
}

/** A relative URL is one of the server that gave the TwiML, as a websocket URL. */
function relativeTo(baseUrl: string | undefined, url: string): URL | null {
  const base = baseUrl === undefined ? null : URL.parse(url, baseUrl)
  return base && URL.parse(base.href.replace(/^http/, 'ws'))
}
