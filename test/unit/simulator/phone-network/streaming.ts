import type { NetworkBehaviour } from '../../../../src/simulator/phone-network/behaviour.ts'
import { callee, setScene } from './bridge.ts'

/** A scene in which the callee has answered and the stream has started. */
export async function streaming(behaviour: Partial<NetworkBehaviour> = {}, twiml?: string) {
  const scene = await setScene({ behaviour })
  const phone = scene.network.phone(callee, { answer: { afterMs: 0 } })
  await scene.dial(twiml === undefined ? {} : { twiml })
  await scene.clock.advance(300)
  const stream = scene.bridge.streams[0]
  if (!stream) throw new Error('no stream was opened')
  return { ...scene, phone, stream }
}

/** Calls with a stream at `url` and gives back what was found wrong. */
export async function callTo(url: string, behaviour: Partial<NetworkBehaviour> = {}, attributes = '') {
  const scene = await setScene({ behaviour })
  const phone = scene.network.phone(callee, { answer: { afterMs: 0 } })
  const stream = `<Stream url="${url.replaceAll('$WS', scene.bridge.wsUrl)}" ${attributes} statusCallback="${scene.bridge.url}/stream"/>`
  await scene.dial({ twiml: `<Response><Connect>${stream}</Connect><Say>next</Say></Response>` })
  await scene.clock.runUntil(phone.ended)
  return { ...scene, phone }
}
