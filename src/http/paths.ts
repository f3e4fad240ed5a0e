/**
 * Every path that Twilio is given, and the URLs made of them, in one place: what we register and what we hand out
 * cannot drift apart.
 */
export const paths = {
  voice: '/twilio/voice',
  media: '/twilio/media',
  status: '/twilio/status',
  amd: '/twilio/amd',
  streamStatus: '/twilio/stream-status',
  streamEnded: '/twilio/stream-ended',
  dialEnded: '/twilio/dial-ended',
  health: '/healthz',
  metrics: '/metrics',
  ready: '/readyz',
} as const

export type Webhook = 'voice' | 'status' | 'amd' | 'streamStatus' | 'streamEnded' | 'dialEnded'

/**
 * A webhook's public URL. `callId` goes along in the query, so that a callback that comes before the answer to our
 * own request already names its call.
 */
export function webhookUrl(publicUrl: string, webhook: Webhook, callId?: string): string {
  return `${publicUrl}${paths[webhook]}${callId === undefined ? '' : `?callId=${encodeURIComponent(callId)}`}`
}

/** Where Twilio asks for the n-th part, from 0, of what it is to say itself. */
export function streamEndedUrl(publicUrl: string, callId: string, part: number): string {
  return `${webhookUrl(publicUrl, 'streamEnded', callId)}&part=${part}`
}

/** Where Twilio tells what became of a transfer; with `said`, that all of what was to be said then was said. */
export function dialEndedUrl(publicUrl: string, callId: string, said = false): string {
  return `${webhookUrl(publicUrl, 'dialEnded', callId)}${said ? '&said=1' : ''}`
}
