import { expect, test } from 'vitest'
import { callee, setScene } from './bridge.ts'

const other = '+14155550777'

test.each([
  [13_223, '4155550777', {}],
  [13_224, other, { unreachableNumbers: [other] }],
  [13_225, other, { blockedNumbers: ['+1415555077'] }],
  [13_227, '+49301234567', { geoPermissions: ['+1'] }],
] as const)('<Dial> warns with %i instead of calling %s under %j', async (code, number, behaviour) => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  const called = network.phone(number)
  await dial({ url: `${bridge.url}/voice` })
  Object.assign(network.behaviour, behaviour)
  bridge.answers.set('/voice', `<Response><Dial action="/action">${number}</Dial></Response>`)
  bridge.answers.set('/action', '<Response/>')
  await clock.runUntil(phone.ended)
  expect(network.faults).toMatchObject([{ code, level: 'warning' }])
  expect(network.faults[0]?.message).not.toContain(number)
  expect(bridge.of('/action')[0]?.body.get('DialCallStatus')).toBe('failed')
  expect(called.events).toEqual([])
})
