/** Libraries whose package is not named after them. */
const EXCEPTIONS: readonly (readonly [RegExp, string])[] = [
  [/^(libc|libm|libdl|librt|libpthread|libresolv)\.so\.\d+$/, 'libc6'],
  [/^libz\.so\./, 'zlib1g'],
  [/^lib(mlx[45]|efa|mana|hns|erdma|irdma)\.so\./, 'ibverbs-providers'],
];

/**
 * Names that Debian's packages of a library may have, the likeliest first: `librte_net_avp.so.23` is in
 * `librte-net-avp23`, `libnl-3.so.200` in `libnl-3-200`. Debian 13 added `t64` to those with 64-bit times.
 * @param soname `libNAME.so.VERSION`.
 */
export function packagesOf(soname: string): string[] {
  const exception = EXCEPTIONS.find(([library]) => library.test(soname));
  if (exception !== undefined) return [exception[1]];
  const [, name = soname, version = ''] = /^(.+)\.so\.(.+)$/.exec(soname) ?? [];
  const base = name.toLowerCase().replace(/_/g, '-');
  const whole = /\d$/.test(base) ? `${base}-${version}` : `${base}${version}`;
  return [whole, `${whole}t64`];
}
