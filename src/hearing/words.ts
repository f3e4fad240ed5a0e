/** Two parts of what was said, one behind the other; either may be empty. */
export function joined(text: string, more: string): string {
  return text === '' || more === '' ? text + more : `${text} ${more}`
}
