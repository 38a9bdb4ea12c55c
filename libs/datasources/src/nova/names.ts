/** In a file of its own, because servers and their ports and volumes each refer to the other. */
export const NOVA_INSTANCE = 'nova.instance';
