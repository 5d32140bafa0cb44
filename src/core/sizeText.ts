/** A size as it is shown, such as `433 MB`; a megabyte is a million bytes. */
export function sizeText(bytes: number): string {
  if (bytes < 999_500) return `${Math.round(bytes / 1e3)} kB`;
  const megabytes = bytes / 1e6;
  return `${megabytes < 9.95 ? megabytes.toFixed(1) : megabytes.toFixed(0)} MB`;
}
