using Google.Protobuf;

namespace Chat.Tests.Nodes.Wire;

/// <summary>A message's fields as they are on the wire, read without the code that is tested; and put together otherwise.</summary>
internal static class ProtoBytes
{
    public sealed record Field(int Number, int WireType, long Value, byte[] Bytes);

    public static IReadOnlyList<Field> Fields(byte[] bytes)
    {
        var fields = new List<Field>();
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is var tag and not 0)
        {
            var (number, type) = (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag));
            fields.Add(type switch
            {
                WireFormat.WireType.Varint => new Field(number, 0, input.ReadInt64(), []),
                WireFormat.WireType.Fixed64 => new Field(number, 1, input.ReadSFixed64(), []),
                WireFormat.WireType.LengthDelimited => new Field(number, 2, 0, input.ReadBytes().ToByteArray()),
                _ => throw new InvalidOperationException($"A field of type {type}."),
            });
        }
        return fields;
    }

    public static byte[] Join(IEnumerable<Field> fields)
    {
        using var bytes = new MemoryStream();
        var output = new CodedOutputStream(bytes);
        foreach (var field in fields)
        {
            output.WriteTag(field.Number, (WireFormat.WireType)field.WireType);
            if (field.WireType == 0)
                output.WriteInt64(field.Value);
            else if (field.WireType == 1)
                output.WriteSFixed64(field.Value);
            else
                output.WriteBytes(ByteString.CopyFrom(field.Bytes));
        }
        output.Flush();
        return bytes.ToArray();
    }

    /// <summary>As a newer version could write the message: with fields of every kind that nobody knows, in its parts too.</summary>
    public static byte[] Extended(byte[] bytes, ProtoDocument.Message message)
    {
        var known = Fields(bytes).Select(field => message.Fields.Single(one => one.Number == field.Number) is { IsPart: true } part
            ? field with { Bytes = Extended(field.Bytes, ProtoDocument.Read.Named(part.Type)) }
            : field);
        // As protoc has them: 900 is a group with a number in it, 901 four bytes.
        byte[] group = [0xa3, 0x38, 0x08, 0x01, 0xa4, 0x38], four = [0xad, 0x38, 1, 2, 3, 4];
        return
        [
            .. group,
            .. Join([new Field(902, 0, -1, []), .. known, new Field(903, 1, 7, []), new Field(904, 2, 0, new byte[300])]),
            .. four,
        ];
    }
}
