const WIDTH = 30;

/** Shows progress: a bar on a terminal, otherwise a line now and then. */
export interface ProgressBar {
  show(done: number, total: number): void;
  end(): void;
}

/** A line for every tenth, so that a log of it stays short. */
const lines = (what: string, write: (text: string) => void): ProgressBar => {
  let reported = -1;
  return {
    show(done, total) {
      const tenth = total === 0 ? 10 : Math.floor((done / total) * 10);
      if (tenth === reported) return;
      reported = tenth;
      write(`${done} of ${total} ${what}\n`);
    },
    end: () => undefined,
  };
};

export const progressBar = (what: string, stream: NodeJS.WriteStream): ProgressBar => {
  if (!stream.isTTY) return lines(what, (text) => stream.write(text));
  return {
    show(done, total) {
      const filled = total === 0 ? WIDTH : Math.round((done / total) * WIDTH);
      stream.write(`\r[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done} of ${total} ${what}`);
    },
    end: () => stream.write('\n'),
  };
};
