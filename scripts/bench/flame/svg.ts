import type { Origin, Stack } from './stacks.ts'

/** How a flame graph looks: pixels. */
export const shape = { width: 1200, margin: 8, top: 64, rowHeight: 17, charWidth: 6.7, textInset: 3 } as const

const colours: Readonly<Record<Origin, { readonly fill: string; readonly words: string }>> = {
  ours: { fill: '#f3a27a', words: 'this project' },
  package: { fill: '#f5d68a', words: 'packages' },
  node: { fill: '#b9d3ee', words: 'Node' },
  native: { fill: '#d3d3d3', words: 'native code, the kernel, garbage' },
}
const origins = ['ours', 'package', 'node', 'native'] as const
/** Room for a character or two at least. */
const leastTextChars = 3
const ellipsis = '…'

/**
 * A flame graph as a picture of its own: callers above what they call, as wide as the time that they took with all they called.
 * Pure.
 *
 * @param leastShare what took less of the time is left out
 */
export function flameGraph(root: Stack, title: string, leastShare: number): string {
  const { width, margin, top, rowHeight } = shape
  const scale = root.totalUs === 0 ? 0 : (width - 2 * margin) / root.totalUs
  const boxes: string[] = []
  let depth = 0

  function draw(stack: Stack, x: number, row: number): void {
    if (stack.totalUs < leastShare * root.totalUs) return
    depth = Math.max(depth, row + 1)
    boxes.push(boxOf(stack, root, { x, y: top + row * rowHeight, width: stack.totalUs * scale }))
    let at = x
    for (const callee of stack.callees) {
      draw(callee, at, row + 1)
      at += callee.totalUs * scale
    }
  }
  let at = margin
  for (const callee of root.callees) {
    draw(callee, at, 0)
    at += callee.totalUs * scale
  }

  const height = top + depth * rowHeight + margin
  const style = [
    'text{font:11px "DejaVu Sans Mono",Consolas,Menlo,monospace;fill:#222}',
    '.t{font-size:15px}',
    '.f{fill:#6d6d6d}',
    'rect{stroke:#fff;stroke-width:.6}',
    ...origins.map((origin) => `.${origin}{fill:${colours[origin].fill}}`),
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${style.join('')}</style>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text class="t" x="${margin}" y="22">${escaped(title)}</text>`,
    ...legend(root),
    ...boxes,
    '</svg>\n',
  ].join('\n')
}

function boxOf(
  stack: Stack,
  root: Stack,
  at: { readonly x: number; readonly y: number; readonly width: number },
): string {
  const { rowHeight, textInset, charWidth } = shape
  const { name, file, origin, totalUs, selfUs } = stack
  const told = (us: number) => `${(us / 1000).toFixed(1)} ms, ${((100 * us) / root.totalUs).toFixed(1)} %`
  const title = `${name}${file === '' ? '' : ` (${file})`}: ${told(totalUs)}${selfUs === totalUs ? '' : `; itself ${told(selfUs)}`}`
  const room = Math.floor((at.width - 2 * textInset) / charWidth)
  const text = name.length <= room ? name : room < leastTextChars ? '' : name.slice(0, room - 1) + ellipsis
  const x = pixels(at.x)
  const rect = `<rect class="${origin}" x="${x}" y="${at.y}" width="${pixels(at.width)}" height="${rowHeight - 1}"/>`
  // The file, where it has room too.
  const where = file !== '' && name.length + 1 + file.length <= room ? ` <tspan class="f">${escaped(file)}</tspan>` : ''
  const words =
    text === '' ? '' : `<text x="${pixels(at.x + textInset)}" y="${at.y + 12}">${escaped(text)}${where}</text>`
  return `<g><title>${escaped(title)}</title>${rect}${words}</g>`
}

/** Which colour is which, and how much of the time was spent in code of that kind itself. */
function legend(root: Stack): string[] {
  const { margin, charWidth } = shape
  const shares = selfShares(root)
  let x: number = margin
  return origins.map((origin) => {
    const words = `${colours[origin].words} ${((100 * shares[origin]) / (root.totalUs || 1)).toFixed(0)} %`
    const entry = `<rect class="${origin}" x="${pixels(x)}" y="36" width="14" height="14"/><text x="${pixels(x + 20)}" y="47">${words}</text>`
    x += 20 + words.length * charWidth + 24
    return entry
  })
}

function selfShares(root: Stack): Record<Origin, number> {
  const sums = { ours: 0, package: 0, node: 0, native: 0 }
  const add = (stack: Stack): void => {
    sums[stack.origin] += stack.selfUs
    stack.callees.forEach(add)
  }
  add(root)
  return sums
}

function pixels(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
