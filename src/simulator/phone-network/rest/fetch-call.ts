import type { Call } from '../call.ts'
import { callResource } from './call-resource.ts'
import type { RestReply } from './error.ts'

/** `GET /Calls/{sid}.json`. */
export function fetchCall(call: Call): RestReply {
  return { status: 200, body: callResource(call) }
}
