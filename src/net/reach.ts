/** Which addresses may be reached beyond public ones, and whose certificates are believed beside the system's. */
export interface Reach {
  /** CIDR ranges. */
  readonly allowAddresses: readonly string[];
  /** PEM, one certificate each. */
  readonly certificates: readonly string[];
}
