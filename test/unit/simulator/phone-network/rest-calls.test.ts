import { describe, expect, test } from 'vitest'
import { callee, setScene } from './bridge.ts'
import { refusal } from './refusal.ts'

const pause = '<Response><Pause length="60"/></Response>'

describe('lists', () => {
  test('calls are found by To, From, Status and StartTime', async () => {
    const { client, clock, dial, network } = await setScene()
    network.phone(callee)
    const first = await dial({ twiml: pause })
    await clock.advance(3_600_000)
    const second = await dial({ twiml: pause, to: '+14155550101' })
    await clock.advance(5000)
    const find = async (filter: object) => (await clock.runUntil(client.calls.list(filter))).map((call) => call.sid)
    expect(await find({})).toEqual([second, first])
    expect(await find({ to: callee })).toEqual([first])
    expect(await find({ from: '+10000000000' })).toEqual([])
    expect(await find({ status: 'ringing' })).toEqual([second])
    expect(await find({ startTimeAfter: new Date(Date.UTC(2026, 0, 5, 12, 30)) })).toEqual([second])
    expect(await find({ startTimeBefore: new Date(Date.UTC(2026, 0, 5, 12, 30)) })).toEqual([first])
    expect(await find({ startTime: new Date(Date.UTC(2026, 0, 5, 12)) })).toEqual([first])
  })

  test('pages are followed by the official client', async () => {
    const { client, clock, dial } = await setScene()
    for (let i = 0; i < 5; i++) await dial({ to: `+1415555010${i}`, twiml: pause })
    const all = await clock.runUntil(client.calls.list({ pageSize: 2 }))
    expect(all.map((call) => call.to.at(-1))).toEqual(['4', '3', '2', '1', '0'])
  })

  test('a call appears only after the lag of reads', async () => {
    const { client, clock, dial } = await setScene({ behaviour: { listLagMs: 2000 } })
    await dial({ twiml: pause })
    expect(await clock.runUntil(client.calls.list())).toHaveLength(0)
    await clock.advance(2000)
    expect(await clock.runUntil(client.calls.list())).toHaveLength(1)
  })
})

describe('updates', () => {
  test('completed ends a live call, and a second update is refused with 21220', async () => {
    const { client, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    const sid = await dial({ twiml: pause })
    await clock.advance(3000)
    const ended = await clock.runUntil(client.calls(sid).update({ status: 'completed' }))
    expect(ended).toMatchObject({ status: 'completed', duration: '2' })
    await clock.runUntil(phone.ended)
    const again = refusal(client.calls(sid).update({ status: 'completed' }))
    expect(await clock.runUntil(again)).toMatchObject({ code: 21220 })
  })

  test('a call that ended long ago is forgotten: 20404', async () => {
    const { client, clock, dial, network } = await setScene({ behaviour: { forgetCallsAfterMs: 1000 } })
    network.phone(callee, { answer: 'busy' })
    const sid = await dial({ twiml: pause })
    await clock.advance(5000)
    expect(await clock.runUntil(refusal(client.calls(sid).update({ status: 'completed' })))).toMatchObject({
      code: 20404,
    })
  })

  test('canceled ends a ringing call, and leaves a live one alone', async () => {
    const { client, clock, dial, network } = await setScene()
    network.phone(callee)
    const ringing = await dial({ twiml: pause })
    await clock.advance(500)
    expect((await clock.runUntil(client.calls(ringing).update({ status: 'canceled' }))).status).toBe('canceled')
    const live = await dial({ twiml: pause })
    await clock.advance(3000)
    expect((await clock.runUntil(client.calls(live).update({ status: 'canceled' }))).status).toBe('in-progress')
  })

  test('new TwiML before the answer is refused with 21220', async () => {
    const { client, clock, dial, network } = await setScene()
    network.phone(callee)
    const sid = await dial({ twiml: pause })
    expect(await clock.runUntil(refusal(client.calls(sid).update({ twiml: pause })))).toMatchObject({ code: 21220 })
  })

  test('new TwiML replaces a running stream, whose socket is closed', async () => {
    const { bridge, client, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    const sid = await dial()
    await clock.advance(3000)
    expect(bridge.streams).toHaveLength(1)
    await clock.runUntil(client.calls(sid).update({ twiml: '<Response><Say>Goodbye</Say></Response>' }))
    await clock.runUntil(phone.ended)
    expect(bridge.streams[0]?.of('stop')).toHaveLength(1)
    expect(bridge.streams[0]?.closeCode).toBe(1000)
    expect(phone.said).toEqual(['Goodbye'])
  })
})
