import { expect, test } from 'vitest'
import { startWorld } from '../world.ts'

const to = '+15551230001'
const unprintable = {
  toString() {
    throw new Error('no')
  },
}

test.each([
  ['nothing', undefined],
  ['an object without a prototype', Object.create(null)],
  ['an object that cannot be printed', unprintable],
  ['a symbol', Symbol('odd')],
])('a flow that throws %s ends its own call and nothing else', async (_what, thrown) => {
  await using world = await startWorld()
  world.network.phone(to)
  const call = world.dial(to, '', {}, async () => {
    throw thrown
  })
  expect(await world.until(call.outcome)).toMatchObject({ reason: 'flow-failed', error: { code: 'flow.failed' } })
})
