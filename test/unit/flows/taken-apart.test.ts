import { expect, test } from 'vitest'
import type { Call } from '../../../src/flows/flow.ts'
import { stage } from './dialogue-stage.ts'

test('what a call offers a flow are functions, which need no call in front of them', async () => {
  const told: unknown[] = []
  const scene = stage(async (call) => {
    const parts: Record<string, unknown> = { ...call }
    expect(Object.values(parts).filter((part) => typeof part === 'function')).toHaveLength(12)
    const { say, gather, on, answer, hangup } = parts as Pick<Call, 'say' | 'gather' | 'on' | 'answer' | 'hangup'>
    on('key', (key) => told.push(key))
    await say('Hello.')
    told.push(await gather({ digits: 1 }))
    answer('confirmed')
    await hangup()
  })
  await scene.begin()
  await scene.hears()
  await scene.press('1')
  await scene.over
  expect(told).toEqual(['1', { digits: '1', ended: 'digits' }])
  expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({ reason: 'completed', answer: 'confirmed' })
})
