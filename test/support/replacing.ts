/** The same store, or whatever else, with some methods replaced: for what happens when one of them fails or comes late. */
export const replacing = <T extends object>(whole: T, methods: Partial<T>): T =>
  new Proxy(whole, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name);
      const member: unknown = Reflect.get(target, name);
      // Its own methods are called on itself, so that they find what it keeps.
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
