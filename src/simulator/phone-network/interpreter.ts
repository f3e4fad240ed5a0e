import { note } from './call.ts'
import type { Verb } from './twiml/verbs.ts'
import { runConnect, runStart, runStop } from './verbs/connect.ts'
import { runDial } from './verbs/dial.ts'
import { runGather } from './verbs/gather.ts'
import { runPrompt } from './verbs/prompts.ts'
import { runRecord } from './verbs/record.ts'
import { goTo, hangUp, type Next, nextVerb, type Running } from './verbs/running.ts'

/** Runs the verbs of one document, in order, until one leads elsewhere. Without any left the call hangs up. */
export async function runVerbs(running: Running, verbs: readonly Verb[]): Promise<Next> {
  for (const verb of verbs) {
    if (running.signal.aborted) return hangUp
    const next = await runVerb(running, verb)
    if (next.kind !== 'next-verb') return next
  }
  return hangUp
}

/** Verbs that a trial account does not get (Twilio docs, Try out Voice). */
function strippedOnTrial(verb: Verb): string | undefined {
  if (verb.verb === 'Connect' || verb.verb === 'Start') return 'Stream'
  if (verb.verb === 'Record') return 'Record'
  if (verb.verb === 'Dial') return 'Dial'
  if (verb.verb === 'unsupported' && ['Pay', 'Refer'].includes(verb.name)) return verb.name
  return undefined
}

async function runVerb(running: Running, verb: Verb): Promise<Next> {
  const { call, exchange, signal } = running
  const stripped = exchange.behaviour.trial ? strippedOnTrial(verb) : undefined
  if (stripped !== undefined) {
    note(call, exchange.clock.now(), `<${stripped}> is not available on a trial account`)
    const text = `The ${stripped} verb is not available on trial accounts.`
    await runPrompt(running, { verb: 'Say', text, loop: 1 }, signal)
    return nextVerb
  }
  switch (verb.verb) {
    case 'Say':
    case 'Play':
    case 'Pause':
      await runPrompt(running, verb, signal)
      return nextVerb
    case 'Gather':
      return runGather(running, verb)
    case 'Dial':
      return runDial(running, verb)
    case 'Record':
      return runRecord(running, verb)
    case 'Connect':
      return runConnect(running, verb)
    case 'Start':
      return runStart(running, verb.stream)
    case 'Stop':
      return runStop(running, verb.streamName)
    case 'Redirect':
      return goTo(running, verb.url, verb.method)
    case 'Hangup':
    // Reject as the first verb of an inbound call is dealt with before the call is answered.
    case 'Reject':
      return hangUp
    case 'unsupported':
      break
  }
  exchange.faults.add(12_200, `<${verb.name}> is not played by this network`, { callSid: call.sid })
  return nextVerb
}
