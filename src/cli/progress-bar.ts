const BAR_WIDTH = 30;

/** Shows progress: a bar on a terminal, otherwise a line now and then. */
export interface ProgressBar {
  show(done: number, total: number): void;
  end(): void;
}

/** A line for every tenth, so that a log of it stays short. */
const progressLines = (what: string, write: (text: string) => void): ProgressBar => {
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

/** Shows on `stream` how much of `what` is done. */
export const progressBar = (what: string, stream: NodeJS.WriteStream): ProgressBar => {
  if (!stream.isTTY) return progressLines(what, (text) => stream.write(text));
  return {
    show(done, total) {
      const filled = total === 0 ? BAR_WIDTH : Math.round((done / total) * BAR_WIDTH);
      stream.write(`\r[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done} of ${total} ${what}`);
    },
    end: () => stream.write('\n'),
  };
};
