import { type CallDeps, registerCall } from './call/dialler.ts'
import type { LiveCall } from './call/live-call.ts'
import type { RecordFacts } from './call/recorder.ts'
import type { Config } from './config.ts'
import { BridgeError } from './errors.ts'
import type { Flow } from './flows/flow.ts'
import type { Flows } from './flows/flows.ts'
import type { VoiceWebhook } from './twilio/webhooks.ts'

/** The flow of callers to a number that `FLOWS` does not name. */
const usualFlow = 'notify'

/**
 * Somebody calls us: which flow it is for, by the number that was called, and the call that it conducts.
 *
 * @throws BridgeError `config.invalid` when `FLOWS` names a flow that there is not, or one that cannot do with
 *   `FLOW_PARAMETERS`
 */
export function createAnswering(
  config: Pick<Config, 'FLOWS' | 'FLOW_PARAMETERS' | 'GREETING'>,
  deps: {
    readonly calls: CallDeps
    readonly flows: Flows
    /** What the flow will say, as far as it is known before it begins. */
    readonly known: (flow: Flow, parameters: LiveCall['parameters']) => { readonly texts?: readonly string[] }
    readonly record: (call: LiveCall, facts: RecordFacts) => Promise<void>
    readonly conduct: (call: LiveCall, flow: Flow) => void
  },
): (inbound: VoiceWebhook) => LiveCall {
  const { flows } = deps
  for (const [, name] of config.FLOWS) {
    if (flows.has(name)) continue
    const problem = `FLOWS: expected names of flows (${[...flows.keys()].join(', ')}); "${name}" is none.`
    throw new BridgeError('config.invalid', `Settings:\n  ${problem}`)
  }
  const usual = config.FLOWS.get('*') ?? usualFlow
  const parameters = { message: config.GREETING, ...config.FLOW_PARAMETERS }
  for (const name of new Set([...config.FLOWS.values(), usual])) {
    const problem = flows.get(name)?.whyNot?.(parameters)
    if (problem !== undefined) throw new BridgeError('config.invalid', `Settings:\n  FLOW_PARAMETERS: ${problem}`)
  }

  return ({ callSid, to, from }) => {
    const name = config.FLOWS.get(to) ?? usual
    const flow = flows.get(name)?.flow
    if (!flow) throw new BridgeError('flow.unknown', `Expected the name of a flow (${[...flows.keys()].join(', ')}).`)
    const call = registerCall(deps.calls, {
      ...deps.known(flow, parameters),
      direction: 'inbound',
      to,
      from,
      parameters,
      keepAudio: false,
      awaitVerdict: false,
    })
    call.placed(callSid)
    // Our TwiML is what picks up.
    call.status('in-progress')
    void deps.record(call, { to, from, flow: name, idempotencyKey: null, requestDigest: null })
    deps.conduct(call, flow)
    return call
  }
}
