using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Chat.Protocol;
using Google.Protobuf;

namespace Chat.Actors.Nodes.Wire;

/// <summary>
/// The fields of a message that came: all are looked up by their numbers, so what a newer version added isn't seen, and what an older one left
/// out is a default. Where a field came more than once the last counts. Bytes are slices of what came, and nothing is made before its bytes are
/// there, so that a length that is a lie costs nothing.
/// </summary>
internal sealed class WireFields
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly RefPaths _refs;
    private readonly byte[] _bytes;
    private readonly List<Field> _fields = [];

    // Of a number the value is the number; of bytes, where they begin.
    private readonly record struct Field(int Number, WireFormat.WireType Type, long Value, int Length);

    public WireFields(RefPaths refs, byte[] bytes)
        : this(refs, bytes, 0, bytes.Length)
    {
    }

    private WireFields(RefPaths refs, byte[] bytes, int from, int length)
    {
        (_refs, _bytes) = (refs, bytes);
        Take(from, length);
    }

    public long Long(int field) => OptionalLong(field) ?? 0;

    public int Int(int field) => checked((int)Long(field));

    public long? OptionalLong(int field) => Find(field, WireFormat.WireType.Varint)?.Value;

    public bool Flag(int field) => Long(field) != 0;

    public DateTime Time(int field) => new(Find(field, WireFormat.WireType.Fixed64)?.Value ?? 0, DateTimeKind.Utc);

    public string Text(int field) => OptionalText(field) ?? "";

    public string? OptionalText(int field) => FindBytes(field) is { } found ? Utf8.GetString(found.Span) : null;

    public IReadOnlyList<string> Texts(int field) => [.. All(field).Select(found => Utf8.GetString(found.Span))];

    public ReadOnlyMemory<byte> Bytes(int field) => FindBytes(field) ?? default;

    public RoomName Room(int field) => RoomName.Trusted(Text(field));

    /// <summary>An actor of this node or of another; nobody where there is none.</summary>
    public IActorRef Ref(int field) => FindBytes(field) is { } found ? _refs.ActorAt(found.Span) : ActorRefs.Nobody;

    public T Part<T>(int field, Func<WireFields, T> read)
    {
        var found = Find(field, WireFormat.WireType.LengthDelimited);
        return read(new WireFields(_refs, _bytes, (int?)found?.Value ?? 0, found?.Length ?? 0));
    }

    public IReadOnlyList<T> Parts<T>(int field, Func<WireFields, T> read)
    {
        List<T>? parts = null;
        WireFields? part = null;
        foreach (var found in _fields)
        {
            if (found.Number != field)
                continue;
            part ??= new WireFields(_refs, _bytes, 0, 0);
            part.Take((int)Checked(found, WireFormat.WireType.LengthDelimited).Value, found.Length);
            (parts ??= []).Add(read(part));
        }
        return parts is null ? [] : parts.AsReadOnly();
    }

    // (tag, value)*, the tag being the field's number and the value's type.
    private void Take(int from, int length)
    {
        _fields.Clear();
        if (length == 0)
            return;
        using var input = new CodedInputStream(_bytes, from, length);
        while (input.ReadTag() is var tag and not 0)
        {
            var (number, type) = (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag));
            switch (type)
            {
                case WireFormat.WireType.Varint:
                    _fields.Add(new Field(number, type, input.ReadInt64(), 0));
                    break;
                case WireFormat.WireType.Fixed64:
                    _fields.Add(new Field(number, type, input.ReadSFixed64(), 0));
                    break;
                case WireFormat.WireType.LengthDelimited:
                    // Passed over, which checks its length, where reading it would copy it.
                    var begin = (int)input.Position;
                    input.SkipLastField();
                    while (_bytes[begin++] > 0x7f)
                    {
                    }
                    _fields.Add(new Field(number, type, begin, (int)input.Position - begin));
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> All(int field) => _fields.Where(found => found.Number == field).Select(BytesOf);

    private ReadOnlyMemory<byte>? FindBytes(int field)
    {
        // Not with `?:`, in which null would be no bytes.
        if (Find(field, WireFormat.WireType.LengthDelimited) is { } found)
            return BytesOf(found);
        return null;
    }

    private ReadOnlyMemory<byte> BytesOf(Field found) =>
        _bytes.AsMemory((int)Checked(found, WireFormat.WireType.LengthDelimited).Value, found.Length);

    private Field? Find(int field, WireFormat.WireType type)
    {
        for (var i = _fields.Count - 1; i >= 0; i--)
        {
            if (_fields[i].Number == field)
                return Checked(_fields[i], type);
        }
        return null;
    }

    private static Field Checked(Field found, WireFormat.WireType type) => found.Type == type
        ? found
        : throw new SerializationException($"The field {found.Number} is a {found.Type}, not a {type}.");
}
