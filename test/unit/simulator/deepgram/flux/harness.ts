import { onTestFinished } from 'vitest'
import { createSteppedClock } from '../../../../../src/simulator/clock.ts'
import type { TurnBehaviour } from '../../../../../src/simulator/deepgram/flux/behaviour.ts'
import { startDeepgramService } from '../../../../../src/simulator/deepgram/service.ts'
import { connect } from '../listen/harness.ts'

export const telephony = 'model=flux-general-en&encoding=mulaw&sample_rate=8000'

interface Frame {
  readonly type: string
  readonly sequence_id?: number
  readonly event?: string
  readonly turn_index?: number
  readonly transcript?: string
  readonly trigger?: string
  readonly code?: string
}

const signs: Readonly<Record<string, string>> = {
  StartOfTurn: '+',
  Update: '~',
  EagerEndOfTurn: '?',
  TurnResumed: '&',
  EndOfTurn: '=',
}

export async function start(turns: Partial<TurnBehaviour> = {}) {
  const clock = createSteppedClock(0)
  const service = await startDeepgramService({ clock, turns })
  onTestFinished(() => service.close())
  return { clock, service, turns: service.turns }
}

export async function ready(behaviour: Partial<TurnBehaviour> = {}, query = telephony) {
  const { clock, service, turns } = await start(behaviour)
  const wire = await connect(clock, service, `/v2/listen?${query}`)
  const frames = () => wire.came.map(({ text }) => JSON.parse(text) as Frame)
  return {
    ...wire,
    get ended() {
      return wire.ended
    },
    clock,
    turns,
    frames,
    /** What was told, in short: + starts a turn, ~ updates, ? ends it for now, & takes that back, = ends it; with its number. */
    told: () =>
      frames().flatMap(({ type, event, turn_index: turn, transcript }) => {
        if (type !== 'TurnInfo') return [type]
        // Updates that only say that the service listens.
        if (event === 'Update' && transcript === '') return []
        return [`${turn}${signs[event ?? '']}${transcript}`]
      }),
  }
}
