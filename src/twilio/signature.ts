import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { mediaStreamUrl } from './stream-url.ts'

/**
 * Whether a webhook was signed by Twilio (Twilio docs, Security). Never throws.
 *
 * The signed URL is rebuilt from the configured public address and the request line as received; `Host` and
 * `X-Forwarded-*` say what the last hop pleased, and are not looked at.
 *
 * @param options.authTokens Twilio signs with the primary token; a second one helps over a rotation
 * @param options.rawUrl path and query exactly as received, neither decoded nor encoded again
 * @param options.body all form fields exactly as received, empty ones and unknown ones too; `{}` for GET
 */
export function isSignedWebhook(options: {
  authTokens: readonly string[]
  publicUrl: string
  rawUrl: string
  signature: string | undefined
  body: Readonly<Record<string, string | readonly string[]>>
}): boolean {
  const { authTokens, publicUrl, rawUrl, signature, body } = options
  if (!rawUrl.startsWith('/')) return false
  const base = withoutUserInfo(publicUrl)
  if (base === undefined) return false
  // A fragment configures Twilio's retries and is not signed (Twilio docs, Webhook connection overrides).
  const url = base + rawUrl.replace(/#.*$/s, '')
  return isSigned(authTokens, signature, [url], body)
}

/**
 * Whether the upgrade request of a media stream was signed by Twilio: over the `wss://` URL of the TwiML, sometimes
 * with a trailing slash (Twilio docs, Security). Never throws.
 *
 * @param options.path the request's path; a query is left aside, as Twilio signs none
 */
export function isSignedHandshake(options: {
  authTokens: readonly string[]
  publicUrl: string
  path: string
  signature: string | undefined
}): boolean {
  const { authTokens, publicUrl, signature } = options
  const path = options.path.replace(/[?#].*$/s, '')
  if (!path.startsWith('/')) return false
  let url: string
  try {
    url = mediaStreamUrl(publicUrl, path)
  } catch {
    return false
  }
  const bare = withPort(url).replace(/\/$/, '')
  return isSigned(authTokens, signature, [bare, `${bare}/`], {})
}

/** The handshake as Twilio would sign it: the URL to open and its `X-Twilio-Signature`. For proving our own door. */
export function signHandshake(options: { authToken: string; publicUrl: string; path: string }): {
  readonly url: string
  readonly signature: string
} {
  const url = mediaStreamUrl(options.publicUrl, options.path)
  return { url, signature: getExpectedTwilioSignature(options.authToken, url, {}) }
}

function isSigned(
  authTokens: readonly string[],
  signature: string | undefined,
  urls: readonly string[],
  body: Readonly<Record<string, string | readonly string[]>>,
): boolean {
  if (signature === undefined || signature === '') return false
  try {
    // Anyone could sign with an empty token.
    return authTokens.some((token) => token !== '' && urls.some((url) => validateRequest(token, signature, url, body)))
  } catch {
    return false
  }
}

/** The validator tries a URL with and without its port, but takes 80 for the default port of `wss`. */
function withPort(url: string): string {
  const { protocol, host, port } = new URL(url)
  if (port !== '') return url
  const authority = `${protocol}//${host}`
  return `${authority}:${protocol === 'wss:' ? 443 : 80}${url.slice(authority.length)}`
}

/** Twilio drops user and password before signing. */
function withoutUserInfo(publicUrl: string): string | undefined {
  if (!URL.canParse(publicUrl)) return undefined
  const { protocol, host, pathname } = new URL(publicUrl)
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`
}
