/** Wins against a request that takes longer; carries nothing of the request. */
export class Overdue extends Error {
  constructor() {
    super('The server did not answer in time');
    this.name = 'Overdue';
  }
}

/**
 * Gives up on a request after so many milliseconds, from name to last byte: the limits of the HTTP client below count headers
 * and body apart, and close the socket that is left.
 */
export const deadline =
  (timeLimit: number) =>
  async <T>(request: Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Overdue()), timeLimit);
    });
    try {
      return await Promise.race([request, overdue]);
    } finally {
      clearTimeout(timer);
    }
  };
