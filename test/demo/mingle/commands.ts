import type { Command } from '../provider/control.js';
import { cardByNumber } from './model.js';
import type { CardEdit, Projects } from './projects.js';

/** What a test may do to Mingle's data: edit a card, put people on a team or take them off. */
export const mingleCommands = (projects: Projects): Readonly<Record<string, Command>> => {
  const named = (identifier: string) => {
    const project = projects.byIdentifier(identifier);
    if (!project) throw new Error(`There is no project ${identifier}.`);
    return project;
  };
  return {
    card: (argument) => {
      const { project, number, by, ...edit } = argument as {
        readonly project: string;
        readonly number: number;
        readonly by?: string;
      } & CardEdit;
      const owning = named(project);
      const card = cardByNumber(owning, number);
      if (card) projects.change(owning, card, by ?? 'admin', edit);
    },
    member: (argument) => {
      const { project, login, member } = argument as {
        readonly project: string;
        readonly login: string;
        readonly member: boolean;
      };
      if (member) named(project).members.add(login);
      else named(project).members.delete(login);
    },
  };
};
