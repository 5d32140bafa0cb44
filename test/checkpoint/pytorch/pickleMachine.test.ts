import { describe, expect, it } from 'vitest';
import { unpickle } from '../../../src/checkpoint/pytorch/pickleMachine.ts';
import { Opcode } from '../../../src/checkpoint/pytorch/pickleOpcodes.ts';
import { MAX_LITERAL_BYTES, PickleCutOff } from '../../../src/checkpoint/pytorch/pickleReader.ts';
import type { PickleValue } from '../../../src/checkpoint/pytorch/pickleValue.ts';
import { TorchVocabulary } from '../../../src/checkpoint/pytorch/pytorchVocabulary.ts';
import {
  bytesOf,
  call,
  global,
  int32Bytes,
  list,
  none,
  type PicklePart,
  pickleOf,
  text,
  tuple,
} from './pickleBytes.ts';

const FILE = 'pytorch_model.bin';
const read = (bytes: Uint8Array) => unpickle(bytes, new TorchVocabulary(), FILE).value;
const saved = (...parts: PicklePart[]) => read(pickleOf(...parts));

/** Values without their wrappers: tuples and lists as arrays, dicts as Map, sets as Set. */
function plain(value: PickleValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value.kind === 'tuple' || value.kind === 'list') return value.items.map(plain);
  if (value.kind === 'dict') return new Map([...value.entries].map(([key, item]) => [plain(key), plain(item)]));
  if (value.kind === 'set') return new Set([...value.members].map(plain));
  return value.kind === 'bytes' ? [...value.bytes] : value;
}

const expectRefusal = (bytes: Uint8Array, message: string) =>
  expect(() => read(bytes)).toThrow(
    expect.objectContaining({ name: 'UserError', code: 'BAD_CHECKPOINT', message: expect.stringContaining(message) }),
  );

describe('unpickle', () => {
  it.each<[string, PicklePart[], unknown]>([
    ['None', ['N'], null],
    ['True', [0x88], true],
    ['False', [0x89], false],
    ['the old False', ['I00\n'], false],
    ['the old True', ['I01\n'], true],
    ['a line with an integer', ['I-12\n'], -12],
    ['a line with a long', ['L123456789012345678901L\n'], 123456789012345678901n],
    ['an integer of 4 bytes', ['J', int32Bytes(-2)], -2],
    ['an integer of 2 bytes', ['M', 0xff, 0xff], 65535],
    ['an integer of 1 byte', ['K', 200], 200],
    ['a long of no bytes', [0x8a, 0], 0],
    ['a negative long', [0x8a, 2, 0x00, 0x80], -32768],
    ['a positive long with a zero on top', [0x8a, 2, 0xff, 0x00], 255],
    ['a long with a length of 4 bytes', [0x8b, int32Bytes(1), 0xff], -1],
    ['a double', ['G', Buffer.from('3ff8000000000000', 'hex')], 1.5],
    ['a line with a number', ['F1e-5\n'], 1e-5],
    ['a line with an infinity', ['F-inf\n'], Number.NEGATIVE_INFINITY],
    ['a line with no number', ['Fnan\n'], Number.NaN],
    ['a quoted string', ["S'weight'\n"], 'weight'],
    ['a line with a string', ['V\\u00e9t\xe9\n'], 'été'],
    ['a string of Python 2', ['U', 2, 'ab'], 'ab'],
    ['a long string of Python 2', ['T', int32Bytes(2), 'ab'], 'ab'],
    ['a short string', [0x8c, 2, 'ab'], 'ab'],
    ['a string in UTF-8, with a mark of byte order kept', [text('\ufeffµ')], '\ufeffµ'],
    ['a string with a length of 8 bytes', [0x8d, int32Bytes(2), int32Bytes(0), 'ab'], 'ab'],
    ['short bytes', ['C', 2, 'ab'], [97, 98]],
    ['bytes', ['B', int32Bytes(1), 'a'], [97]],
    ['bytes with a length of 8 bytes', [0x8e, int32Bytes(1), int32Bytes(0), 'a'], [97]],
    ['a bytearray', [0x96, int32Bytes(1), int32Bytes(0), 'a'], [97]],
    ['an empty tuple', [')'], []],
    ['tuples of one, two and three', [tuple(1), 0x85, tuple(2), 0x86, 'N', 'N', 0x87], [[[[1]], [2]], null, null]],
    ['a list', [list(1, 2)], [1, 2]],
    ['a list from a mark', ['(K', 1, 'K', 2, 'l'], [1, 2]],
    ['a list that grows by one', [']K', 1, 'a'], [1]],
    ['a dict from a mark', ['(K', 1, 'K', 2, 'd'], new Map([[1, 2]])],
    ['a dict that grows by one', ['}K', 1, 'K', 2, 's'], new Map([[1, 2]])],
    ['a set', [0x8f, '(K', 1, 'K', 1, 0x90], new Set([1])],
    ['a frozenset', ['(K', 1, 0x91], new Set([1])],
    ['a set of protocol 2', [call(global('__builtin__', 'set'), list(3))], new Set([3])],
    ['bytes of protocol 2', [call(global('_codecs', 'encode'), text('a\xff'), text('latin1'))], [97, 255]],
    ['empty bytes of protocol 2', [call(global('__builtin__', 'bytes'))], []],
    ['an ordered dict', [call(global('collections', 'OrderedDict'))], new Map()],
    ['an ordered dict of Python 2', [call(global('collections', 'OrderedDict'), list(list(1, 2)))], new Map([[1, 2]])],
    ['an ordered dict with attributes', [call(global('collections', 'OrderedDict')), '}', 'b'], new Map()],
    ['a class named on the stack', [text('collections'), text('OrderedDict'), 0x93, ')', 'R'], new Map()],
    ['a frame', [0x95, int32Bytes(1), int32Bytes(0), 'N'], null],
    [
      'a value recalled by each kind of number',
      ['K', 5, 'q', 1, 'r', int32Bytes(300), 'p7\n', '0', 'h', 1, 'j', int32Bytes(300), 'g7\n', 0x87],
      [5, 5, 5],
    ],
    ['a value kept under the next number', ['K', 5, 0x94, 'K', 6, 0x94, '00', 'h', 0, 'h', 1, 0x86], [5, 6]],
    ['a value twice', ['K', 5, '2', 0x86], [5, 5]],
    ['what is left after values are dropped', ['K', 5, '(K', 6, '1', '(0'], 5],
  ])('reads %s', (_, parts, expected) => {
    expect(plain(saved(...parts))).toEqual(expected);
  });

  it('keeps a key like __proto__ a key', () => {
    const value = saved('}', text('__proto__'), '}', text('polluted'), 0x88, 's', 's');
    expect(plain(value)).toEqual(new Map([['__proto__', new Map([['polluted', true]])]]));
    expect({}).not.toHaveProperty('polluted');
  });

  it('tells where the pickle ends, and leaves what follows', () => {
    const first = pickleOf('K', 1);
    expect(unpickle(bytesOf(first, pickleOf('K', 2)), new TorchVocabulary(), FILE)).toEqual({
      value: 1,
      length: first.length,
    });
  });

  it('reads a list that contains itself', () => {
    const value = saved(']', 'q', 0, 'h', 0, 'a');
    expect(value).toMatchObject({ kind: 'list' });
    expect((value as { items: unknown[] }).items[0]).toBe(value);
  });

  it('reads lists within each other as deep as it reads anything', () => {
    const depth = 50_000;
    let value: PickleValue | undefined = saved(']'.repeat(depth), 'a'.repeat(depth - 1));
    let seen = 0;
    while (typeof value === 'object' && value !== null && value.kind === 'list') {
      seen++;
      value = value.items[0];
    }
    expect(seen).toBe(depth);
  });

  it('asks for more bytes wherever a pickle is cut off', () => {
    const whole = pickleOf(
      list(1, text('two')),
      'G',
      Buffer.alloc(8),
      'I12\n',
      call(global('builtins', 'set'), list()),
      0x87,
    );
    expect(() => read(whole)).not.toThrow();
    for (let length = 0; length < whole.length; length++) {
      expect(() => read(whole.subarray(0, length))).toThrow(PickleCutOff);
    }
  });
});

describe('unpickle refuses', () => {
  it.each<[string, PicklePart[], string]>([
    [
      'a function of the system',
      [global('os', 'system')],
      `${FILE} asks to run os.system, which no model needs: do not`,
    ],
    ['eval', [global('builtins', 'eval')], 'asks to run builtins.eval, which no model needs'],
    ['eval of Python 2', [global('__builtin__', 'eval')], 'asks to run __builtin__.eval'],
    ['getattr, through which all else can be had', [global('builtins', 'getattr')], 'asks to run builtins.getattr'],
    ['torch.load', [global('torch', 'load')], 'asks to run torch.load'],
    ['torch.hub.load', [global('torch.hub', 'load')], 'asks to run torch.hub.load'],
    ['a function named on the stack', [text('os'), text('system'), 0x93], 'asks to run os.system'],
    [
      'a name that JavaScript objects inherit',
      [global('constructor', 'constructor')],
      'asks to run constructor.constructor',
    ],
    ['a name of an object in Map', [global('__proto__', 'get')], 'asks to run __proto__.get'],
    ['an instance by INST', ['(', text('id'), 'ios\nsystem\n'], 'asks to run os.system'],
    ['even an ordered dict by INST', ['(icollections\nOrderedDict\n'], 'asks to run collections.OrderedDict'],
    ['an instance by OBJ', ['(', global('collections', 'OrderedDict'), 'o'], 'uses the pickle instruction OBJ'],
    ['an instance by NEWOBJ', [global('collections', 'OrderedDict'), ')', 0x81], 'the pickle instruction NEWOBJ'],
    [
      'an instance by NEWOBJ_EX',
      [global('collections', 'OrderedDict'), ')}', 0x92],
      'the pickle instruction NEWOBJ_EX',
    ],
    ['a registered extension', [0x82, 1], 'the pickle instruction EXT1'],
    ['a registered extension of 2 bytes', [0x83, 1, 0], 'the pickle instruction EXT2'],
    ['a registered extension of 4 bytes', [0x84, int32Bytes(1)], 'the pickle instruction EXT4'],
    ['a buffer from outside', [0x97], 'the pickle instruction NEXT_BUFFER'],
    ['a read-only buffer', ['N', 0x98], 'the pickle instruction READONLY_BUFFER'],
    [
      'a persistent module',
      [tuple(text('module'), none, text('m.py'), text('code')), 'Q'],
      'refers to something outside',
    ],
    ['a persistent number', ['K', 1, 'Q'], 'refers to something outside'],
    ['a persistent line', ['Pstorage\n'], 'refers to something outside'],
    [
      'a storage by a function',
      [tuple(text('storage'), global('builtins', 'set'), text('0'), text('cpu'), 1), 'Q'],
      'refers to something outside',
    ],
    [
      'a storage of a negative size',
      [tuple(text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), -1), 'Q'],
      'refers to something outside',
    ],
    ['a call of a value', ['K', 1, ')', 'R'], 'calls something that is not a function'],
    [
      'a call with a list of arguments',
      [global('builtins', 'set'), ']', 'R'],
      'calls something that is not a function',
    ],
    [
      'a call of a type of storages',
      [call(global('torch', 'FloatStorage'), 5)],
      'calls torch.FloatStorage with arguments of its own',
    ],
    [
      'a call with other arguments',
      [call(global('_codecs', 'encode'), text('a'), text('rot13'))],
      'calls _codecs.encode',
    ],
    [
      'an ordered dict of what are no pairs',
      [call(global('collections', 'OrderedDict'), list(list(1)))],
      'calls collections.OrderedDict',
    ],
    [
      'a tensor without a storage',
      [call(global('torch._utils', '_rebuild_tensor_v2'), 1, 0, tuple(1), tuple(1))],
      'calls torch._utils._rebuild_tensor_v2',
    ],
    [
      'a parameter that is no tensor',
      [call(global('torch._utils', '_rebuild_parameter'), list())],
      'calls torch._utils._rebuild_parameter',
    ],
    ['the state of a list', [']}', 'b'], 'sets the state of something that is not a dict'],
    ['a state that is no dict', ['}', ']', 'b'], 'sets the state of something that is not a dict'],
    [
      'a whole model',
      [global('transformers.models.bert.modeling_bert', 'BertModel')],
      'the class transformers.models.bert.modeling_bert.BertModel and not the weights alone',
    ],
    [
      'a sparse tensor',
      [global('torch._utils', '_rebuild_sparse_tensor')],
      'a tensor of a kind that Caselight does not read',
    ],
    ['a protocol to come', [Opcode.PROTO, 6], 'its pickle is of protocol 6'],
    ['an instruction to come', [0x99], 'unknown instruction 0x99'],
    ['a value that was never kept', ['h', 9], 'recalls a value that it never kept'],
    ['to keep what is not there', ['q', 0], 'takes more values than it made'],
    ['to end with nothing', [], 'takes more values than it made'],
    ['to take what lies below a mark', ['K', 1, '(', 0x85], 'takes more values than it made'],
    ['a tuple without a mark', ['t'], 'closes more groups than it opened'],
    ['to append to a tuple', [')K', 1, 'a'], 'appends to something that is not a list'],
    ['to set items of a list', [']K', 1, 'K', 1, 's'], 'sets items of something that is not a dict'],
    ['to add members to a dict', ['}(K', 1, 0x90], 'adds members to something that is not a set'],
    ['a key without a value', ['(K', 1, 'd'], 'a dict of its pickle has a key too many'],
    ['a class named by a number', ['K', 1, text('eval'), 0x93], 'names a class by something that is not a string'],
    ['a string that is not UTF-8', ['X', int32Bytes(1), 0xff], 'a string of its pickle is not UTF-8'],
    ['an integer that is none', ['I1x\n'], 'an integer of its pickle is none'],
    ['an integer of too many digits', [`L${'9'.repeat(2000)}L\n`], 'an integer of its pickle is none'],
    ['an integer of too many bytes', [0x8b, int32Bytes(5000)], 'an integer of its pickle has 5000 bytes'],
    ['a number that is none', ['Fx\n'], 'a number of its pickle is none'],
    ['a string without quotes', ['Sx\n'], 'has no quotes or has escapes'],
    ['a string of 4 GB', ['X', int32Bytes(-1)], 'a value of its pickle has 4294967295 bytes'],
    [
      'a string of more bytes than there are numbers',
      [0x8d, Buffer.alloc(8, 0xff)],
      'a value of its pickle has 18446744073709552000 bytes',
    ],
    ['bytes of 4 GB', ['B', int32Bytes(-1)], 'a value of its pickle has 4294967295 bytes'],
    ['a line without an end', [`c${'x'.repeat(MAX_LITERAL_BYTES + 1)}`], 'a value of its pickle has 1048'],
    ['more values than belong on a stack', ['('.repeat(200_000)], 'nests more than 100000 values'],
    ['more instructions than a model needs', ['N0'.repeat(600_000)], 'a pickle of more than 1000000 instructions'],
  ])('%s', (_, parts, message) => {
    expectRefusal(pickleOf(...parts), message);
  });

  it('a long name of control characters without repeating it', () => {
    const name = `\x1b[31m${'x'.repeat(500)}`;
    expect(() => saved(global('os', name))).toThrow(/asks to run os\.\?\[31mx{92}\.\.\., which/);
  });
});
