using System.Runtime.Serialization;
using Akka.Actor;
using Chat.Protocol;
using Google.Protobuf;

namespace Chat.Actors.Nodes.Wire;

/// <summary>
/// Writes a message's fields. Each message is gone through twice: first to know how long it and its parts get, then to write them, so that all
/// its bytes go straight to where they stay. What is null isn't written, nor is a number or a flag that is 0.
/// </summary>
internal sealed class WireWriter
{
    private readonly RefPaths _refs;
    // Of the parts, in the order in which they begin.
    private readonly List<int> _lengths = [];
    private CodedOutputStream? _output;
    private int _size;
    private int _part;

    private WireWriter(RefPaths refs) => _refs = refs;

    public static byte[] Write(RefPaths refs, object message, Action<WireWriter, object> write)
    {
        var writer = Measure(refs, message, write);
        var bytes = new byte[writer._size];
        writer._output = new CodedOutputStream(bytes);
        write(writer, message);
        writer._output.CheckNoSpaceLeft();
        return bytes;
    }

    public static int SizeOf(RefPaths refs, object message, Action<WireWriter, object> write) => Measure(refs, message, write)._size;

    private static WireWriter Measure(RefPaths refs, object message, Action<WireWriter, object> write)
    {
        var writer = new WireWriter(refs);
        try
        {
            write(writer, message);
        }
        catch (Exception e) when (e is NullReferenceException or ArgumentException or OverflowException)
        {
            throw new SerializationException($"A {message.GetType().Name} can't be written: {e.Message}", e);
        }
        return writer;
    }

    public WireWriter Long(int field, long value) => value == 0 ? this : Long(field, (long?)value);

    public WireWriter Long(int field, long? value)
    {
        if (value is not { } number)
            return this;
        if (_output is { } output)
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteInt64(number);
        }
        else
        {
            Add(field, CodedOutputStream.ComputeInt64Size(number));
        }
        return this;
    }

    public WireWriter Flag(int field, bool value) => Long(field, value ? 1 : 0);

    // Times are no small numbers.
    public WireWriter Time(int field, DateTime value)
    {
        if (_output is { } output)
        {
            output.WriteTag(field, WireFormat.WireType.Fixed64);
            output.WriteSFixed64(value.Ticks);
        }
        else
        {
            Add(field, sizeof(long));
        }
        return this;
    }

    public WireWriter Text(int field, string? value)
    {
        if (value is null)
            return this;
        if (_output is { } output)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteString(value);
        }
        else
        {
            Add(field, CodedOutputStream.ComputeStringSize(value));
        }
        return this;
    }

    public WireWriter Texts(int field, IReadOnlyList<string> values)
    {
        foreach (var value in values)
            Text(field, value);
        return this;
    }

    public WireWriter Bytes(int field, ReadOnlyMemory<byte> value)
    {
        if (_output is { } output)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value));
        }
        else
        {
            Add(field, checked(CodedOutputStream.ComputeLengthSize(value.Length) + value.Length));
        }
        return this;
    }

    public WireWriter Room(int field, RoomName room) => Text(field, room.Value);

    public WireWriter Ref(int field, IActorRef actor) => actor.IsNobody() ? this : Bytes(field, _refs.PathOf(actor));

    public WireWriter Part<T>(int field, T value, Action<WireWriter, T> write)
    {
        if (_output is { } output)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteLength(_lengths[_part++]);
            write(this, value);
            return this;
        }
        var (part, before) = (_lengths.Count, _size);
        _lengths.Add(0);
        write(this, value);
        var length = _lengths[part] = _size - before;
        Add(field, CodedOutputStream.ComputeLengthSize(length));
        return this;
    }

    public WireWriter Parts<T>(int field, IReadOnlyList<T> values, Action<WireWriter, T> write)
    {
        foreach (var value in values)
            Part(field, value, write);
        return this;
    }

    private void Add(int field, int bytes) => _size = checked(_size + CodedOutputStream.ComputeTagSize(field) + bytes);
}
