import { createHmac } from 'node:crypto'

/**
 * Twilio's request signature: base64 of HMAC-SHA1, keyed with the auth token, over the URL followed by every form
 * parameter, sorted by name (case-sensitive), name directly followed by value (Twilio docs, Security).
 */
export function signRequest(authToken: string, url: string, parameters: ReadonlyMap<string, string>): string {
  const names = [...parameters.keys()].sort()
  const text = url + names.map((name) => name + (parameters.get(name) ?? '')).join('')
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64')
}

/**
 * The URL as Twilio signs it: without fragment and user information; over https without the port, over http with it.
 * The rest stays as it was written: nothing is decoded or encoded again.
 */
export function signedUrl(url: string): string {
  const bare = url.replace(/#.*$/s, '').replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1')
  return bare.replace(/^(https:\/\/(?:\[[^\]]*\]|[^/?#:]+)):\d+/i, '$1')
}

export type SignatureMode = 'correct' | 'trailing-slash' | 'wrong' | 'missing'

/** The `x-twilio-signature` header in the mode wished, or undefined when it is to be missing. */
export function signatureHeader(
  mode: SignatureMode,
  authToken: string,
  url: string,
  parameters: ReadonlyMap<string, string> = new Map(),
): string | undefined {
  if (mode === 'missing') return undefined
  if (mode === 'wrong') return signRequest(`${authToken}?`, url, parameters)
  return signRequest(authToken, mode === 'trailing-slash' ? `${url}/` : url, parameters)
}
