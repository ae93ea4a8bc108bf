// AppAuth is published for bundlers: its own imports leave out `.js`. This lets node find what a bundler would.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isIts = specifier.startsWith('.') && context.parentURL?.includes('/@openid/appauth/');
    return nextResolve(isIts && !specifier.endsWith('.js') ? `${specifier}.js` : specifier, context);
  },
});
