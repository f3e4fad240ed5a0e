import { readFileSync, writeFileSync } from 'node:fs'
import { flameGraph } from './svg.ts'
import { cpuProfile, stacksOf } from './stacks.ts'

/** Of the time: less is too thin to be seen at 1,200 pixels. */
const leastShare = 0.003

/** Draws the flame graph of a CPU profile beside it. */
export function drawFlameGraph(profile: string, title: string): void {
  const stacks = stacksOf(cpuProfile.parse(JSON.parse(readFileSync(profile, 'utf8'))))
  writeFileSync(
    profile.replace(/\.cpuprofile$/, '.svg'),
    flameGraph(stacks, `${title}: ${Math.round(stacks.totalUs / 1000)} ms, idle time left out`, leastShare),
  )
}
