/** A whole number as it is shown, such as `72,640`. */
export function countText(count: number): string {
  return count.toLocaleString('en');
}
