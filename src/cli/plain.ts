const UNSEEMLY = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * A text from elsewhere as one line that a terminal may be given: without control characters, which it would obey, and without those
 * that turn what follows around.
 */
export const plain = (text: string): string => text.replace(UNSEEMLY, ' ');
