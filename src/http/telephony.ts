import { greetingMs } from '../call/detection.ts'
import type { Telephony } from '../call/telephony.ts'
import { streamParameters } from '../call/registry.ts'
import type { TwilioRest } from '../twilio/rest.ts'
import { mediaStreamUrl } from '../twilio/stream-url.ts'
import { connectStream, inlineTwimlLimit } from '../twilio/twiml.ts'
import { paths, webhookUrl } from './paths.ts'

/** How long a create request may have been under way before Twilio carried it out. */
const lostWithinMs = 60_000
/** We end a call that is too long ourselves; Twilio does where we no longer can. */
const timeLimitMarginS = 5

/** The phone network as Twilio's REST API gives it, with our own public URLs filled in. */
export function createTelephony(
  rest: TwilioRest,
  publicUrl: () => string,
  options: { readonly inlineLimit?: number } = {},
): Telephony {
  const inlineLimit = Math.min(options.inlineLimit ?? inlineTwimlLimit, inlineTwimlLimit)
  return {
    async place(order) {
      const base = publicUrl()
      const twiml = streamTwiml(base, order)
      return await rest.createCall(
        {
          to: order.to,
          from: order.from,
          ...(twiml.length <= inlineLimit ? { twiml } : { url: webhookUrl(base, 'voice', order.callId) }),
          statusCallbackUrl: webhookUrl(base, 'status', order.callId),
          timeoutS: Math.ceil(order.ringMs / 1000),
          timeLimitS: Math.ceil(order.maxCallMs / 1000) + timeLimitMarginS,
          ...(order.detectVoicemail ? detection(order.awaitBeep, webhookUrl(base, 'amd', order.callId)) : {}),
        },
        { signal: order.signal, isKnownCall: order.isKnownCall, earlyCallSid: order.earlyCallSid },
      )
    },
    async end(callSid) {
      await rest.endCall(callSid)
    },
    find: ({ to, from, sinceMs, untilMs, isKnown }) =>
      rest.findCalls({ to, from, sentAtMs: sinceMs, withinMs: Math.min(lostWithinMs, untilMs - sinceMs), isKnown }),
    status: async (callSid) => (await rest.fetchCall(callSid)).status,
  }
}

function detection(awaitBeep: boolean, amdCallbackUrl: string) {
  if (!awaitBeep) return { machineDetection: 'Enable' as const, amdCallbackUrl }
  const detectionTimeoutS = Math.ceil(greetingMs / 1000)
  return { machineDetection: 'DetectMessageEnd' as const, detectionTimeoutS, amdCallbackUrl }
}

/** The TwiML that connects a call to our media websocket, with the token that proves whose stream it is. */
export function streamTwiml(publicUrl: string, call: { readonly callId: string; readonly token: string }): string {
  return connectStream({
    streamUrl: mediaStreamUrl(publicUrl, paths.media),
    parameters: { [streamParameters.callId]: call.callId, [streamParameters.token]: call.token },
    actionUrl: webhookUrl(publicUrl, 'streamEnded', call.callId),
    statusCallbackUrl: webhookUrl(publicUrl, 'streamStatus', call.callId),
  })
}
