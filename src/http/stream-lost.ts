import { BridgeError } from '../errors.ts'
import type { Loss } from './liveness.ts'

/** The media websocket closed in no orderly way. */
export function brokenOff(closeCode: number): BridgeError {
  return new BridgeError('stream.lost', `Twilio's media websocket broke off with close code ${closeCode}.`, {
    details: { closeCode },
  })
}

const losses: Readonly<Record<Loss, string>> = {
  silent: 'Nothing came on the media websocket any more, not even silence.',
  'not-reading': 'Twilio stopped answering on the media websocket.',
  stuck: 'The media websocket takes no more data.',
  'too-slow': 'Twilio reads the media websocket too slowly.',
}

/** We closed it. */
export function givenUp(loss: Loss): BridgeError {
  return new BridgeError('stream.lost', losses[loss], { details: { loss } })
}
