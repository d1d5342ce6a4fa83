export { openNodeAvFootage } from './open-node-av-footage.ts';
