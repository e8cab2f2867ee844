/** A host name that leads to an address we do not call. Says nothing of the address itself: it may be shown to people. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';

  constructor(hostname: string) {
    super(`${hostname} leads to an address that may not be called`);
    this.name = 'AddressRefused';
  }
}
